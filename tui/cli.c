#include "tui/cli.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/text/cells.h"
#include "core/text/plain.h"
#include "tui/setup.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- options */

static int take_option(const struct cli_option *options, int count, char **word, const char *next, struct err *err)
{
	for (int i = 0; i < count; i++) {
		const struct cli_option *option = &options[i];
		size_t len = strlen(option->name);
		if (strncmp(*word, option->name, len) != 0 || ((*word)[len] && (*word)[len] != '='))
			continue;
		const char *value = (*word)[len] == '=' ? *word + len + 1 : NULL;
		if (!option->value && value)
			return err_set(err, ERR_USAGE, "%s takes no value", option->name);
		if (option->given)
			*option->given = true;
		if (!option->value)
			return 1;
		if (!value && !next)
			return err_set(err, ERR_USAGE, "%s needs a value", option->name);
		*option->value = value ? value : next;
		return value ? 1 : 2;
	}
	return err_set(err, ERR_USAGE, "unknown option %s%s", *word,
	        (*word)[1] == '-' ? "" : " (-c, -a and -k stand before the command)");
}

int cli_options(const struct cli_option *options, int count, int *argc, char **argv, struct err *err)
{
	int words = 0;
	bool ended = false;
	for (int i = 0; i < *argc;) {
		bool is_option = !ended && argv[i][0] == '-' && argv[i][1] == '-';
		if (!is_option) {
			argv[words++] = argv[i++];
		} else if (!argv[i][2]) {
			ended = true;
			i++;
		} else {
			int taken = take_option(options, count, &argv[i], i + 1 < *argc ? argv[i + 1] : NULL, err);
			if (taken < 0)
				return taken;
			i += taken;
		}
	}
	*argc = words;
	return 0;
}

int cli_case_number(const char *word, int64_t *case_id, struct err *err)
{
	if (parse_i64(word + (*word == '#'), case_id) && *case_id > 0)
		return 0;
	return err_set(err, ERR_USAGE, "found \"%.60s\", expected the number of a case", word);
}

/* --- configuration and store */

static void print_problems(const struct problems *problems)
{
	for (size_t i = 0; i < problems->len; i++) {
		struct str line = STR_INIT;
		problem_format(&problems->at[i], &line);
		cli_complain("%s", line.p);
		str_release(&line);
	}
	size_t all = problems->errors + problems->warnings;
	if (all > problems->len)
		cli_complain("and %zu more", all - problems->len);
}

int cli_agent(struct cli *cli, struct err *err)
{
	const char *name = str_or(cli->agent_arg, cli->config.desk.agent);
	if (!*name) {
		const struct passwd *user = getpwuid(geteuid());
		name = user ? user->pw_name : "";
	}
	if (!config_is_name(name))
		return err_set(err, ERR_USAGE,
		        "\"%.80s\" cannot be an agent's name: expected letters, digits, \".\", \"_\" and \"-\" (-a "
		        "NAME, "
		        "or agent = in [desk])",
		        name);
	cli->agent = arena_strdup(&cli->arena, name);
	return 0;
}

int cli_config(struct cli *cli, struct err *err)
{
	if (cli->config_loaded)
		return 0;
	struct problems problems;
	problems_init(&problems);
	int result = config_load(cli->config_arg, &cli->config, &problems, err);
	cli->config_loaded = true;
	if (result && problems.errors) {
		print_problems(&problems);
		err->text[0] = '\0';
	}
	problems_release(&problems);
	if (result)
		return result;
	config_use_timezone(&cli->config);
	return cli_agent(cli, err);
}

int cli_store(struct cli *cli, enum store_open_how how, bool make, struct err *err)
{
	int result = cli_config(cli, err);
	if (result)
		return result;
	const char *path = cli->config.desk.store.path;
	if (!make && access(path, F_OK) && errno == ENOENT)
		return err_set(
		        err, ERR_NOT_FOUND, "there is no store yet at %s: start the desk or the courier once", path);
	result = store_open(setup_store_uri(&cli->config, &cli->arena), how, &cli->store, err);
	if (result)
		return result;
	struct clock_rules rules = setup_rules(&cli->config);
	store_set_rules(cli->store, &rules);
	return 0;
}

void cli_release(struct cli *cli)
{
	store_close(cli->store);
	if (cli->config_loaded)
		config_release(&cli->config);
	arena_release(&cli->arena);
}

/* --- output */

static int write_error(struct err *err)
{
	if (errno == EPIPE)
		return err_set(err, ERR_IO, "%s", "");
	return err_set(err, ERR_IO, "cannot write: %s", strerror(errno));
}

static int put(const struct str *out, struct err *err)
{
	if (fwrite(out->p, 1, out->len, stdout) == out->len)
		return 0;
	return write_error(err);
}

int cli_print(struct err *err, const char *fmt, ...)
{
	struct str out = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	plain_vaddf(&out, fmt, ap);
	va_end(ap);
	int result = put(&out, err);
	str_release(&out);
	return result;
}

static void complain(const char *begin, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

static void complain(const char *begin, const char *fmt, va_list ap)
{
	struct str out = STR_INIT;
	plain_vaddf(&out, fmt, ap);
	fprintf(stderr, "%s%s\n", begin, out.p);
	str_release(&out);
}

void cli_complain(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	complain("curlew: ", fmt, ap);
	va_end(ap);
}

void cli_complain_more(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	complain("", fmt, ap);
	va_end(ap);
}

int cli_print_json(json *value, struct err *err)
{
	struct str out = STR_INIT;
	bool plain = isatty(STDOUT_FILENO) && !cells_utf8();
	(plain ? json_print_ascii : json_print)(value, &out);
	str_addc(&out, '\n');
	json_free(value);
	int result = put(&out, err);
	str_release(&out);
	return result;
}

int cli_flush(struct err *err)
{
	return fflush(stdout) ? write_error(err) : 0;
}

int cli_columns(void)
{
	struct winsize size = {0};
	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}
