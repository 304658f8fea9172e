/* curlew: the desk, and the commands that work without one. */
#include "core/base/os.h"
#include "tui/app.h"
#include "tui/cli.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct command_row {
	const char *name;
	cli_command *run;
	const char *usage;
	const char *help;
} commands[] = {
        {"check", cli_check, "[--repair] [--adapter COMMAND]",
                "configuration, credentials, store, terminal: one line each"},
        {"login", cli_login, "ACCOUNT", "get credentials for an account"},
        {"query", cli_query, "QUERY [--json]", "the cases of a view or query; \"\" means every case"},
        {"show", cli_show, "CASE [--json]", "one case: posts, notes, journal"},
        {"do", cli_do, "CASE COMMAND...", "a command on a case; - reads cases from stdin"},
        {"report", cli_report, "[--since T] [--format text|json|csv]", "what was answered, how soon, by whom"},
        {"export", cli_export, "[--customer WHO]", "every post, or all that is held on a person, as JSON Lines"},
        {"tutor", cli_tutor, "[--again]", "lessons at a desk of its own, without a network"},
        {"import", cli_import, "[FILE]", "posts from JSON Lines"},
        {"backup", cli_backup, "FILE", "a copy of the store in one file, while it is in use"},
        {"forget", cli_forget, "CUSTOMER [--yes]", "erases a person's words and names everywhere"},
        {"help", cli_help, "[TOPIC]", "the manual on a command, a setting, a key, an error; alone: its pages"},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static const char usage_line[] =
        "usage: curlew [-c FILE] [-a AGENT] [-k KEYMAP] [VIEW | COMMAND ...]; curlew --help says more";

static int print_help(struct err *err)
{
	int result =
	        cli_print(err, "usage: curlew [-c FILE] [-a AGENT] [-k KEYMAP] [VIEW]      the desk\n"
	                       "       curlew [-c FILE] [-a AGENT] COMMAND ...\n\n"
	                       "  -c FILE    the configuration\n"
	                       "  -a AGENT   who you are at the desk\n"
	                       "  -k KEYMAP  which keys\n"
	                       "  --record FILE [--record-plain]             what the desk is told, for a bug report\n"
	                       "  --replay FILE [--frames last|all|changes|N]  the screens of a recording\n"
	                       "  --version, --help\n\n");
	for (int i = 0; !result && i < COMMANDS; i++)
		result = cli_print(
		        err, "  curlew %-6s %s\n      %s\n", commands[i].name, commands[i].usage, commands[i].help);
	return result ? result
	              : cli_print(err, "\ncurlew help shows the manual: curlew(1), curlew.conf(5) and the others.\n");
}

static int print_command_help(const struct command_row *command, struct err *err)
{
	return cli_print(err, "usage: curlew %s %s\n\n%s\n\ncurlew help %s says more.\n", command->name, command->usage,
	        command->help, command->name);
}

static const struct command_row *find_command(const char *name)
{
	for (int i = 0; i < COMMANDS; i++)
		if (str_eq(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* --- options before the command */

/* Where they are wrong, the usage is shown too. */
static int misused(struct cli *cli, int result)
{
	cli->show_usage = true;
	return result;
}

struct given {
	const char *keymap, *record, *replay, *frames;
	bool record_plain, help, version;
};

/* Where the value of an option goes; NULL: it has none, or there is no such option. */
static const char **value_of(struct cli *cli, struct given *given, const char *word)
{
	if (str_starts(word, "--"))
		return str_eq(word, "--record")   ? &given->record
		       : str_eq(word, "--replay") ? &given->replay
		       : str_eq(word, "--frames") ? &given->frames
		                                  : NULL;
	return str_starts(word, "-c")   ? &cli->config_arg
	       : str_starts(word, "-a") ? &cli->agent_arg
	       : str_starts(word, "-k") ? &given->keymap
	                                : NULL;
}

/* Long options take the next word, short ones also what stands behind their letter. */
static bool has_value_inside(const char *word)
{
	return word[1] != '-' && word[2];
}

/* --- the desk */

static int check_view(struct cli *cli, const char *view, struct err *err)
{
	const char *words[COMMANDS + 64];
	size_t count = 0;
	for (size_t i = 0; i < cli->config.views_len; i++) {
		if (str_ieq(cli->config.views[i].name, view))
			return 0;
		if (count < 64)
			words[count++] = cli->config.views[i].name;
	}
	for (int i = 0; i < COMMANDS; i++)
		words[count++] = commands[i].name;
	const char *meant = suggest_word(view, words, count);
	return err_set(err, ERR_USAGE, "no view or command \"%.60s\"%s%s%s", view, meant ? "; did you mean " : "",
	        meant ? meant : "", meant ? "?" : "");
}

static int run_desk(struct cli *cli, const struct given *given, int argc, char **argv, struct err *err)
{
	if (argc > 1)
		return misused(cli, err_set(err, ERR_USAGE, "a desk opens one VIEW, found \"%.60s\" too", argv[1]));
	int result = cli_config(cli, err);
	if (!result && argc)
		result = check_view(cli, argv[0], err);
	if (result)
		return result;
	const struct app_options options = {.config = &cli->config,
	        .config_file = cli->config.file,
	        .agent = cli->agent,
	        .keymap = given->keymap,
	        .view = argc ? argv[0] : NULL,
	        .record = given->record,
	        .record_plain = given->record_plain};
	return app_run(&options, err);
}

/* How many words the options took, or negative. */
static int take_options(struct cli *cli, struct given *given, int argc, char **argv, struct err *err)
{
	int i = 0;
	for (; i < argc && argv[i][0] == '-'; i++) {
		const char *word = argv[i];
		const char **value = value_of(cli, given, word);
		given->help |= str_eq(word, "--help");
		given->version |= str_eq(word, "--version");
		if (given->help || given->version)
			return 0;
		if (str_eq(word, "--"))
			return i + 1;
		if (str_eq(word, "--record-plain")) {
			given->record_plain = true;
			continue;
		}
		if (!value)
			return misused(cli, err_set(err, ERR_USAGE, "unknown option %.60s", word));
		if (!has_value_inside(word) && i + 1 == argc)
			return misused(cli, err_set(err, ERR_USAGE, "%s needs a value", word));
		*value = has_value_inside(word) ? word + 2 : argv[++i];
	}
	if (cli->agent_arg && !config_is_name(cli->agent_arg))
		return err_set(err, ERR_USAGE,
		        "-a is \"%.80s\", expected a name of letters, digits, \".\", \"_\" and \"-\"", cli->agent_arg);
	return i;
}

static int run(struct cli *cli, int argc, char **argv, struct err *err)
{
	struct given given = {0};
	int taken = take_options(cli, &given, argc, argv, err);
	if (taken < 0)
		return taken;
	if (given.help)
		return print_help(err);
	if (given.version)
		return cli_print(err, "curlew %s\n", CURLEW_VERSION);
	if (given.record_plain && !given.record)
		return misused(cli, err_set(err, ERR_USAGE, "--record-plain goes with --record FILE"));
	if (given.frames && !given.replay)
		return misused(cli, err_set(err, ERR_USAGE, "--frames goes with --replay FILE"));
	if (given.replay && (taken < argc || given.record || given.keymap))
		return misused(cli, err_set(err, ERR_USAGE, "--replay FILE stands alone, or with --frames"));
	if (given.replay)
		return cli_replay(given.replay, given.frames, err);
	const struct command_row *command = taken < argc ? find_command(argv[taken]) : NULL;
	if (!command)
		return run_desk(cli, &given, argc - taken, argv + taken, err);
	if (given.keymap || given.record)
		return misused(
		        cli, err_set(err, ERR_USAGE, "%s is for the desk alone", given.keymap ? "-k" : "--record"));
	if (taken + 1 < argc && str_eq(argv[taken + 1], "--help"))
		return print_command_help(command, err);
	/* A reader that goes away is seen by cli_print: what a command changes is never cut short by it. */
	signal(SIGPIPE, SIG_IGN);
	return command->run(cli, argc - taken - 1, argv + taken + 1, err);
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct err err = ERR_INIT;
	os_heap_lean(0);
	setlocale(LC_CTYPE, ""); /* the rest of a locale would only cost time: numbers and dates are our own */
	umask(077);
	signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is told like a full disk */
	arena_init(&cli.arena);
	int result = run(&cli, argc > 0 ? argc - 1 : 0, argv + 1, &err);
	if (!result)
		result = cli_flush(&err);
	else if (err.text[0]) {
		struct err lost = ERR_INIT;
		cli_flush(&lost); /* what was printed before comes first */
		cli_complain("%s", err.text);
		if (cli.show_usage)
			cli_complain_more("%s", usage_line);
	}
	cli_release(&cli);
	bool reader_left = result && err.code == ERR_IO && !err.text[0];
	return result && !reader_left ? err_exit_status(err.code) : 0;
}
