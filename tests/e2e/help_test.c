/* `curlew help`: the manual without man, and that what the programs say of themselves is what it says of them. */
#include "tests/e2e/e2e.h"

#include "core/text/mdoc.h"
#include "core/base/paths.h"
#include "tests/lib/run_program.h"

#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void run(const char *program, const char *const *words, struct run_result *result)
{
	char *path = world_program(program), home[] = "HOME=/nowhere", lang[] = "LC_ALL=C.UTF-8",
	     search[] = "PATH=/usr/bin:/bin";
	const char *argv[8] = {path};
	for (size_t n = 1; *words && n < 7; n++)
		argv[n] = *words++;
	run_program(argv, (const char *const[]){home, lang, search, NULL}, NULL, PATIENCE_MS, result);
	free(path);
}

/* It says this, and not that. */
static void expect(const char *topic, int status, const char *text, const char *other)
{
	struct run_result r;
	run("curlew", WORDS("help", topic), &r);
	const char *said = status ? r.err.p : r.out.p;
	if (r.status != status || !strstr(said, text) || (other && strstr(said, other))) {
		fprintf(stderr, "curlew help %s: status %d\n%s%s\n", topic, r.status, r.out.p, r.err.p);
		fail();
	}
	assert_null(strpbrk(r.out.p, "\b\001\002\033"));
	run_result_release(&r);
}

static void help_knows_commands_settings_keys_options_and_sections(void **state)
{
	(void)state;
	expect("curlew-rss", 0, "reads the feeds of blogs", "curlew-replay \u2013");
	expect("curlew.conf(5)", 0, "[desk]", NULL);
	expect("curlewd.8", 0, "SECURITY", NULL);
	expect("escalate", 0, "curlew(1): COMMANDS, The case\n     escalate [TEAM [WHY]]\n", "deescalate");
	expect(":tag-last", 0, "the last tag again", NULL);
	expect("budget", 0, "curlew.conf(5): ACCOUNTS\n     budget = INT\n", NULL);
	expect("^X", 0, "     ^X (composer)", "<Esc>");
	expect("enter", 0, "<Enter> (desk)", NULL);
	expect("r", 0, "r (desk)", "R (desk)");
	expect("--repair", 0, "check", NULL);
	expect("record-plain", 0, "--record-plain", NULL);
	expect("late", 0, "the clock has run out", NULL);
	expect("is:late", 0, "needs-reply", NULL);
	expect("queries", 0, "binds closer than", NULL);
	expect("accounts", 0, "curlew(1): THE DESK\n   Accounts\n", NULL);
	expect("accounts", 0, "     accounts = LIST\n", NULL);
	expect("EDITOR", 0, "VISUAL, EDITOR", NULL);
	expect("back-fill", 0, "curlew-adapter(7): DESCRIPTION, Calls", NULL);
	expect("", 0, "curlew-adapter(7)  programs that connect other networks", NULL);
}

static void help_finds_an_error_by_the_words_that_were_met(void **state)
{
	(void)state;
	expect("curlew: the store /home/alice/.local/share/curlew/desk.db is read-only", 0, "DIAGNOSTICS", NULL);
	expect("curlewd: error: another curlewd serves /srv/desk.db", 0, "another curlewd serves \u2026", NULL);
}

static void help_names_what_was_meant(void **state)
{
	(void)state;
	expect("snooz", 66, "nothing of that name: \"snooz\"; did you mean snooze, snooze-last?\n", NULL);
	expect("esclate", 66, "did you mean escalate?\n", NULL);
	expect("\033[31mxyzzyplugh", 66, "; curlew help says what there is\n", "\033");
}

static void help_on_a_terminal_is_in_the_pager_with_bold_names(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	char *curlew = world_program("curlew"), pager[] = "PAGER=sed -n 's/\b/+/gp'", term[] = "TERM=xterm",
	     lang[] = "LC_ALL=C.UTF-8", search[] = "PATH=/usr/bin:/bin", none[] = "PAGER=/nowhere/less";
	(void)world;
	for (int there = 0; there < 2; there++) {
		const char *const env[] = {there ? pager : none, term, lang, search, NULL};
		struct screen *screen =
		        screen_start(&(struct screen_options){.argv = WORDS(curlew, "help", "budget"), .env = env});
		assert_non_null(screen);
		assert_true(
		        screen_wait(screen, there ? "b+bu+ud+dg+ge+et+t = INT" : "budget = INT", SCREEN_PATIENCE_MS));
		assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
		screen_free(screen);
	}
	free(curlew);
}

/* --- what the programs say of themselves */

static void read_page(const char *name, struct mdoc_page *page)
{
	struct str path = STR_INIT, source = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "man/%s", name);
	assert_int_equal(file_read(path.p, &source, &err), 0);
	if (mdoc_read(source.p, 78, page, &err))
		fail_msg("%s: %s", name, err.text);
	str_release(&path);
	str_release(&source);
}

/* An option where one can begin: "-c", "--json". Returns its length; 0: none. */
static size_t option_at(const char *text, const char *at)
{
	if (*at != '-' || (at > text && !strchr(" [|\n\001", at[-1])) ||
	        !(isalpha((unsigned char)at[1]) || at[1] == '-'))
		return 0;
	return 1 + strspn(at + 1, "-abcdefghijklmnopqrstuvwxyz");
}

/* The first option of `text` that `other` has not; "" for none. */
static void missing_option(const char *text, const char *other, char out[64])
{
	*out = '\0';
	for (const char *at = text; *at && !*out; at++) {
		size_t len = option_at(text, at);
		bool there = !len;
		for (const char *in = other; !there && *in; in++)
			there = option_at(other, in) == len && memcmp(in, at, len) == 0;
		if (!there)
			snprintf(out, 64, "%.*s", (int)len, at);
	}
}

static void expect_same_options(const char *what, const char *said, const char *written)
{
	char missing[64];
	missing_option(said, written, missing);
	if (*missing)
		fail_msg("%s: its page has no %s", what, missing);
	missing_option(written, said, missing);
	if (*missing)
		fail_msg("%s: --help has no %s", what, missing);
}

/* The text of the part of that name; the first line alone of an item. Appends. */
static void add_part(const struct mdoc_page *page, enum mdoc_kind kind, const char *name, struct str *out)
{
	for (size_t i = 0; i < page->parts.len; i++) {
		const struct mdoc_part *part = &page->parts.at[i];
		const char *text = page->text.p + part->from;
		size_t len = strlen(name);
		if (part->kind == kind && strncmp(part->names, name, len) == 0 && part->names[len] == '\n')
			str_add(out, text, kind == MDOC_ITEM ? strcspn(text, "\n") : part->to - part->from);
	}
}

/* Of a program, all that is in SYNOPSIS; and each option has its item. */
static void expect_program(const char *program, const char *page_name, const char *said)
{
	struct mdoc_page page;
	struct str synopsis = STR_INIT;
	read_page(page_name, &page);
	add_part(&page, MDOC_SECTION, "SYNOPSIS", &synopsis);
	expect_same_options(program, said, synopsis.p);
	for (const char *at = said; *at; at++) {
		size_t len = option_at(said, at);
		char name[64];
		struct str item = STR_INIT;
		snprintf(name, sizeof name, "%.*s", (int)len, at);
		for (size_t i = 0; len && i < page.parts.len; i++) {
			char line[80], *names = page.parts.at[i].names;
			snprintf(line, sizeof line, "%s\n", name);
			if (page.parts.at[i].kind == MDOC_ITEM && strstr(names, line))
				str_adds(&item, "x");
		}
		if (len && !item.len)
			fail_msg("%s: the page explains no %s", program, name);
		str_release(&item);
	}
	str_release(&synopsis);
	mdoc_release(&page);
}

static void each_program_has_the_options_of_its_page(void **state)
{
	(void)state;
	static const struct {
		const char *program, *page;
	} programs[] = {
	        {"curlewd", "curlewd.8"}, {"../curlew-rss", "curlew-rss.1"}, {"../curlew-replay", "curlew-replay.1"}};
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		struct run_result r;
		run(programs[i].program, WORDS("--help"), &r);
		assert_int_equal(r.status, 0);
		expect_program(programs[i].program, programs[i].page, r.out.p);
		run_result_release(&r);
	}
}

/* "  curlew check  [--repair]": each subcommand, with what it says of itself. */
static void each_subcommand_has_the_options_of_its_page(void **state)
{
	(void)state;
	static const char begin[] = "  curlew ";
	struct mdoc_page page;
	struct run_result all;
	struct str said = STR_INIT, synopsis = STR_INIT;
	int count = 0;
	read_page("curlew.1", &page);
	add_part(&page, MDOC_SECTION, "SYNOPSIS", &synopsis);
	run("curlew", WORDS("--help"), &all);
	str_adds(&said, all.out.p);
	for (const char *at = all.out.p; (at = strstr(at, begin)); count++) {
		struct run_result one;
		struct str item = STR_INIT;
		char name[32], call[48];
		at += strlen(begin);
		if (*at == '[')
			continue;
		snprintf(name, sizeof name, "%.*s", (int)strcspn(at, " \n"), at);
		snprintf(call, sizeof call, "%c%s%c", MDOC_BOLD, name, MDOC_PLAIN);
		if (!strstr(synopsis.p, call))
			fail_msg("curlew %s is not in SYNOPSIS", name);
		run("curlew", WORDS(name, "--help"), &one);
		assert_int_equal(one.status, 0);
		assert_true(str_starts(one.out.p, "usage: curlew "));
		add_part(&page, MDOC_ITEM, name, &item);
		if (!item.len)
			fail_msg("the page explains no %s", name);
		expect_same_options(name, one.out.p, item.p);
		run_result_release(&one);
		str_release(&item);
	}
	assert_true(count >= 12);
	expect_same_options("curlew", said.p, synopsis.p);
	expect_program("curlew", "curlew.1", said.p);
	run_result_release(&all);
	str_release(&said);
	str_release(&synopsis);
	mdoc_release(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(help_knows_commands_settings_keys_options_and_sections),
	        cmocka_unit_test(help_finds_an_error_by_the_words_that_were_met),
	        cmocka_unit_test(help_names_what_was_meant),
	        E2E(help_on_a_terminal_is_in_the_pager_with_bold_names),
	        cmocka_unit_test(each_program_has_the_options_of_its_page),
	        cmocka_unit_test(each_subcommand_has_the_options_of_its_page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
