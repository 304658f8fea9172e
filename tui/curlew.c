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
#define X(name, run, usage, help) {name, run, usage, help},
#include "tui/subcommands.def"
#undef X
};

enum { COMMANDS = sizeof commands / sizeof *commands };

enum option_id {
#define X(id, name, value, help) OPTION_##id,
#include "tui/options.def"
#undef X
	OPTION_COUNT
};

static const struct option_row {
	const char *name, *value, *help;
} option_rows[] = {
#define X(id, name, value, help) {name, value, help},
#include "tui/options.def"
#undef X
};

static const char usage_line[] =
        "usage: curlew [-c FILE] [-a AGENT] [-k KEYMAP] [VIEW | COMMAND ...]; curlew --help says more";

enum { OPTION_CELLS = 15 }; /* what an option and its value take in the list, mostly */

static int print_help(struct err *err)
{
	int result = cli_print(err, "usage: curlew [-c FILE] [-a AGENT] [-k KEYMAP] [VIEW]      the desk\n"
	                            "       curlew [-c FILE] [-a AGENT] COMMAND ...\n\n");
	for (int i = 0; !result && i < OPTION_COUNT; i++) {
		int named = (int)(strlen(option_rows[i].name) + strlen(option_rows[i].value)) + !!*option_rows[i].value;
		result = cli_print(err, "  %s%s%s%*s  %s\n", option_rows[i].name, *option_rows[i].value ? " " : "",
		        option_rows[i].value, named < OPTION_CELLS ? OPTION_CELLS - named : 0, "", option_rows[i].help);
	}
	if (!result)
		result = cli_print(err, "\n");
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

/* What each option was given: its value, "" where it has none, NULL where it is not there. */
struct given {
	const char *of[OPTION_COUNT];
};

/* OPTION_COUNT: there is no such option. A short one may have its value behind its letter. */
static enum option_id find_option(const char *word)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		if (str_eq(option_rows[i].name, word) ||
		        (option_rows[i].name[1] != '-' && str_starts(word, option_rows[i].name)))
			return (enum option_id)i;
	return OPTION_COUNT;
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
	        .keymap = given->of[OPTION_KEYMAP],
	        .view = argc ? argv[0] : NULL,
	        .record = given->of[OPTION_RECORD],
	        .record_plain = given->of[OPTION_RECORD_PLAIN]};
	return app_run(&options, err);
}

/* How many words the options took, or negative. */
static int take_options(struct cli *cli, struct given *given, int argc, char **argv, struct err *err)
{
	int i = 0;
	for (; i < argc && argv[i][0] == '-'; i++) {
		const char *word = argv[i];
		if (str_eq(word, "--"))
			return i + 1;
		enum option_id id = find_option(word);
		if (id == OPTION_COUNT)
			return misused(cli, err_set(err, ERR_USAGE, "unknown option %.60s", word));
		given->of[id] = "";
		if (id == OPTION_HELP || id == OPTION_VERSION)
			return 0;
		if (!*option_rows[id].value)
			continue;
		if (!has_value_inside(word) && i + 1 == argc)
			return misused(cli, err_set(err, ERR_USAGE, "%s needs a value", word));
		given->of[id] = has_value_inside(word) ? word + 2 : argv[++i];
	}
	cli->config_arg = given->of[OPTION_CONFIG];
	cli->agent_arg = given->of[OPTION_AGENT];
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
	if (given.of[OPTION_HELP])
		return print_help(err);
	if (given.of[OPTION_VERSION])
		return cli_print(err, "curlew %s\n", CURLEW_VERSION);
	if (given.of[OPTION_RECORD_PLAIN] && !given.of[OPTION_RECORD])
		return misused(cli, err_set(err, ERR_USAGE, "--record-plain goes with --record FILE"));
	if (given.of[OPTION_FRAMES] && !given.of[OPTION_REPLAY])
		return misused(cli, err_set(err, ERR_USAGE, "--frames goes with --replay FILE"));
	if (given.of[OPTION_REPLAY] && (taken < argc || given.of[OPTION_RECORD] || given.of[OPTION_KEYMAP]))
		return misused(cli, err_set(err, ERR_USAGE, "--replay FILE stands alone, or with --frames"));
	if (given.of[OPTION_REPLAY])
		return cli_replay(given.of[OPTION_REPLAY], given.of[OPTION_FRAMES], err);
	const struct command_row *command = taken < argc ? find_command(argv[taken]) : NULL;
	if (!command)
		return run_desk(cli, &given, argc - taken, argv + taken, err);
	if (given.of[OPTION_KEYMAP] || given.of[OPTION_RECORD])
		return misused(cli, err_set(err, ERR_USAGE, "%s is for the desk alone",
		                            given.of[OPTION_KEYMAP] ? "-k" : "--record"));
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
