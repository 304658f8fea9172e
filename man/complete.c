/* What shells complete, from the tables of the programs:
 *
 *     complete sh|fish
 *
 * sh: a function _curlew_table for bash and zsh, which prints what belongs to a key, a line each:
 *     "options PROGRAM SUBCOMMAND"     options with their help, "--json:…"
 *     "value PROGRAM SUBCOMMAND WORD"  the kind of value behind the option, or behind a command of do
 *     "word PROGRAM SUBCOMMAND N"      the kind of its Nth word, from 1; of N 0 without SUBCOMMAND, the subcommands
 * PROGRAM is curlew or curlewd; SUBCOMMAND "-" stands for none. A kind is FILE, PROGRAM, accounts, views, teams (what
 * `curlew list` knows), or words with | between. man/complete/ has what the shells do with it.
 * fish: the same as lines of its `complete`. */
#include "core/base/str.h"
#include "core/config/config.h"
#include "keymaps/keymap.h"
#include "tui/desk/command.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const struct subcommand {
	const char *name, *usage, *help;
} subcommands[] = {
#define X(name, run, usage, help) {name, usage, help},
#include "tui/subcommands.def"
#undef X
};

static const struct option_row {
	const char *name, *value, *help;
} options[] =
        {
#define X(id, name, value, help) {name, value, help},
#include "tui/options.def"
#undef X
},
  courier_options[] = {
          {"-c", "FILE", ""},
#define X(letter, name, value) {"--" name, value, ""},
#include "core/courier/options.def"
#undef X
};

#define LEN(array) (sizeof(array) / sizeof *(array))

/* --- kinds of values */

static void add_word(struct str *out, const char *word)
{
	str_addf(out, "%s%s", out->len ? "|" : "", word);
}

static void add_keymaps(struct str *out)
{
	for (size_t i = 0; keymap_builtin_name(i); i++)
		add_word(out, keymap_builtin_name(i));
}

/* What `curlew do` takes. */
static void add_commands(struct str *out)
{
	for (int i = 0; i < CMD_COUNT; i++)
		if (command_get((enum command_id)i)->flags & CMDF_DO)
			add_word(out, command_get((enum command_id)i)->name);
}

/* What `curlew help` finds in tables: commands and settings. */
static void add_topics(struct str *out)
{
	for (int i = 0; i < CMD_COUNT; i++)
		add_word(out, command_get((enum command_id)i)->name);
#define ROW(key, ...) add_word(out, #key);
#define DESK ROW
#define ACCOUNT ROW
#define TEAM ROW
#define VIEW ROW
#define CANNED ROW
#define MACRO ROW
#include "core/config/settings.def"
#undef ROW
}

/* The kind of a value that usage calls `value`; empty where a shell knows none. */
static void add_kind(struct str *out, const char *value, bool of_option)
{
	if (strchr(value, '|') || str_eq(value, "FILE"))
		str_adds(out, value);
	else if (str_eq(value, "ACCOUNT"))
		str_adds(out, "accounts");
	else if (str_eq(value, "QUERY") || str_eq(value, "VIEW"))
		str_adds(out, "views");
	else if (str_eq(value, "KEYMAP"))
		add_keymaps(out);
	else if (str_eq(value, "TOPIC"))
		add_topics(out);
	else if (str_eq(value, "COMMAND") && of_option)
		str_adds(out, "PROGRAM");
	else if (str_eq(value, "COMMAND"))
		add_commands(out);
}

/* --- what is put out, by the shell */

struct output {
	/* An option with its value ("": none) of a program and a subcommand ("-" for none). */
	void (*option)(const char *program, const char *sub, const struct option_row *option);
	void (*word)(const char *sub, int n, const char *value);
};

/* Cuts the next word of usage off *rest, without brackets and dots. False behind the last. *closed: a bracket ended it.
 */
static bool next_word(const char **rest, char word[128], bool *closed)
{
	*rest += strspn(*rest, " [");
	size_t len = strcspn(*rest, " ");
	snprintf(word, 128, "%.*s", (int)len, *rest);
	*closed = strchr(word, ']') != NULL;
	word[strcspn(word, "].")] = '\0';
	*rest += len;
	return *word;
}

static void walk_usage(const struct subcommand *sub, const struct output *output)
{
	const char *rest = sub->usage;
	char word[128], value[128] = "";
	bool closed;
	int n = 0;
	while (next_word(&rest, word, &closed)) {
		if (!str_starts(word, "--")) {
			output->word(sub->name, ++n, word);
			continue;
		}
		*value = '\0';
		if (!closed)
			next_word(&rest, value, &closed);
		output->option("curlew", sub->name, &(struct option_row){word, value, ""});
	}
	output->option("curlew", sub->name, &(struct option_row){"--help", "", "how to call it"});
}

static void walk(const struct output *output)
{
	for (size_t i = 0; i < LEN(options); i++)
		output->option("curlew", "-", &options[i]);
	for (size_t i = 0; i < LEN(courier_options); i++)
		output->option("curlewd", "-", &courier_options[i]);
	for (size_t i = 0; i < LEN(subcommands); i++)
		walk_usage(&subcommands[i], output);
}

/* --- bash and zsh */

/* In quotes of sh and of fish alike: no backslash is in these tables. */
static void print_quoted(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

/* Lines with the same key are printed one after the other: a key is asked for by a pattern each. */
static void sh_row(const char *key, const char *text, const char *help)
{
	printf("\t[ \"$1\" != '%s' ] || printf '%%s\\n' '", key);
	print_quoted(text);
	if (*help)
		putchar(':');
	print_quoted(help);
	puts("'");
}

static void sh_option(const char *program, const char *sub, const struct option_row *option)
{
	char key[256];
	struct str kind = STR_INIT;
	snprintf(key, sizeof key, "options %s %s", program, sub);
	sh_row(key, option->name, option->help);
	add_kind(&kind, option->value, true);
	snprintf(key, sizeof key, "value %s %s %s", program, sub, option->name);
	if (*option->value)
		sh_row(key, kind.len ? kind.p : "-", "");
	str_release(&kind);
}

static void sh_word(const char *sub, int n, const char *value)
{
	char key[256];
	struct str kind = STR_INIT;
	snprintf(key, sizeof key, "word curlew %s %d", sub, n);
	add_kind(&kind, value, false);
	if (kind.len)
		sh_row(key, kind.p, "");
	str_release(&kind);
}

static void print_sh(void)
{
	puts("_curlew_table() {");
	walk(&(struct output){sh_option, sh_word});
	for (size_t i = 0; i < LEN(subcommands); i++)
		sh_row("word curlew - 0", subcommands[i].name, subcommands[i].help);
	for (int i = 0; i < CMD_COUNT; i++) {
		const struct command *command = command_get((enum command_id)i);
		char key[128];
		snprintf(key, sizeof key, "value curlew do %s", command->name);
		if (command->arg == ARG_TEAM && (command->flags & CMDF_DO))
			sh_row(key, "teams", "");
	}
	puts("\treturn 0\n}");
}

/* --- fish */

/* What stands behind -a and its kin for a kind of value. */
static void fish_value(const char *kind)
{
	if (str_eq(kind, "FILE"))
		printf(" -r -F");
	else if (str_eq(kind, "PROGRAM"))
		printf(" -x -a '(__fish_complete_command)'");
	else if (str_eq(kind, "accounts") || str_eq(kind, "views") || str_eq(kind, "teams"))
		printf(" -x -a '(__curlew_names %s)'", kind);
	else {
		printf(" -x -a '");
		for (; *kind; kind++)
			putchar(*kind == '|' ? ' ' : *kind);
		putchar('\'');
	}
}

static void fish_help(const char *help)
{
	printf(" -d '");
	print_quoted(help);
	puts("'");
}

static void fish_option(const char *program, const char *sub, const struct option_row *option)
{
	struct str kind = STR_INIT;
	bool is_long = option->name[1] == '-';
	printf("complete -c %s", program);
	if (str_eq(program, "curlew"))
		printf(" -n '__curlew_at %s'", sub);
	printf(" %s %s", is_long ? "-l" : "-s", option->name + (is_long ? 2 : 1));
	add_kind(&kind, option->value, true);
	if (*option->value)
		fish_value(kind.p);
	fish_help(option->help);
	str_release(&kind);
}

static void fish_word(const char *sub, int n, const char *value)
{
	struct str kind = STR_INIT;
	add_kind(&kind, value, false);
	if (kind.len) {
		printf("complete -c curlew -n '__curlew_at %s %d'", sub, n);
		fish_value(kind.p);
		puts("");
	}
	str_release(&kind);
}

static void print_fish(void)
{
	printf("set -g __curlew_valued");
	for (size_t i = 0; i < LEN(options); i++)
		if (*options[i].value)
			printf(" '- %s'", options[i].name);
	for (size_t i = 0; i < LEN(subcommands); i++)
		for (const char *at = subcommands[i].usage; (at = strstr(at, "--")); at += 2) {
			size_t len = strcspn(at, " ]");
			if (at[len] == ' ' && at[len + 1] != '[')
				printf(" '%s %.*s'", subcommands[i].name, (int)len, at);
		}
	puts("\ncomplete -c curlew -f\ncomplete -c curlewd -f");
	walk(&(struct output){fish_option, fish_word});
	for (size_t i = 0; i < LEN(subcommands); i++) {
		printf("complete -c curlew -n '__curlew_at - 0' -a %s", subcommands[i].name);
		fish_help(subcommands[i].help);
	}
	puts("complete -c curlew -n '__curlew_at - 0' -a '(__curlew_names views)'");
	for (int i = 0; i < CMD_COUNT; i++)
		if (command_get((enum command_id)i)->arg == ARG_TEAM &&
		        (command_get((enum command_id)i)->flags & CMDF_DO))
			printf("complete -c curlew -n '__curlew_at do 3 %s' -x -a '(__curlew_names teams)'\n",
			        command_get((enum command_id)i)->name);
}

int main(int argc, char **argv)
{
	if (argc == 2 && str_eq(argv[1], "sh"))
		print_sh();
	else if (argc == 2 && str_eq(argv[1], "fish"))
		print_fish();
	else {
		fputs("usage: complete sh|fish\n", stderr);
		return 64;
	}
	return fflush(stdout) ? 1 : 0;
}
