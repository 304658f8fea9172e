#include "core/base/str.h"
#include "core/model/reply_text.h"
#include "core/text/length.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* The mentions of text, joined by blanks. */
static const char *mentions_of(const char *text)
{
	struct mention mention;
	const char *all = "";
	for (size_t at = 0; mention_next(text, at, &mention); at = mention.at + mention.len)
		all = arena_printf(&arena, "%s%s%.*s", all, *all ? " " : "", (int)mention.len, text + mention.at);
	return all;
}

static void handles_are_found_where_networks_find_them(void **state)
{
	(void)state;
	static const struct {
		const char *text, *mentions;
	} cases[] = {
	        {"", ""},
	        {"@sam hello", "@sam"},
	        {"Hi @sam@mas.example, and @priya.", "@sam@mas.example @priya"},
	        {"(@care.example.com)", "@care.example.com"},
	        {".@acme look", "@acme"},
	        {"write to care@acme.example", ""},
	        {"https://mas.example/@sam/1", ""},
	        {"https://mas.example/?u=@sam", ""},
	        {"@ @. @- @@", ""},
	        {"@@sam", "@sam"},
	        {"@sam@", "@sam"},
	        {"@sam-", "@sam"},
	        {"@sam.@bob", "@sam @bob"},
	        {"@a@b@c", "@a@b"},
	        {"「@sam」", "@sam"},
	        {"@sam@mäs.example!", "@sam@mäs.example"},
	        {"@_x_ @x-1.y", "@_x_ @x-1.y"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(mentions_of(cases[i].text), cases[i].mentions);
}

static void the_handles_at_the_start_end_where_words_begin(void **state)
{
	(void)state;
	static const struct {
		const char *text, *rest;
	} cases[] = {
	        {"@acme hello", "hello"},
	        {"@acme @sam@mas.example, hello @bob", "hello @bob"},
	        {" .@acme: hello", "hello"},
	        {"hello @acme", "hello @acme"},
	        {"... hello", "... hello"},
	        {"@acme", ""},
	        {"@ acme", "@ acme"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(cases[i].text + mentions_lead(cases[i].text), cases[i].rest);
}

static void handles_are_the_same_with_and_without_the_home_host(void **state)
{
	(void)state;
	assert_true(handle_same("@Sam", "sam@mas.example", "https://mas.example"));
	assert_true(handle_same("@sam@MAS.example", "@sam", "mas.example"));
	assert_true(handle_same("@sam.bsky.social", "sam.bsky.social", "https://bsky.social/"));
	assert_true(handle_same("@sam", "@sam", ""));
	assert_false(handle_same("@sam", "@sam@else.example", "https://mas.example"));
	assert_false(handle_same("@sam", "@samuel", ""));
}

static void a_reply_names_its_recipient_or_not(void **state)
{
	(void)state;
	assert_true(reply_names("hello @sam@mas.example!", "@sam", "https://mas.example"));
	assert_false(reply_names("hello @samuel", "@sam", "https://mas.example"));
	assert_false(reply_names("hello sam@mas.example", "@sam", "https://mas.example"));
}

static void those_addressed_are_listed_once_and_without_us(void **state)
{
	(void)state;
	struct account account = {.handle = "@acme", .server = "https://mas.example"};
	const char *const *handles;
	int count;
	reply_addressed("@sam@else.example @ACME@mas.example @bob, as @Bob@mas.example and @sam@else.example said",
	        &account, &arena, &handles, &count);
	assert_int_equal(count, 2);
	assert_string_equal(handles[0], "@sam@else.example");
	assert_string_equal(handles[1], "@bob");
}

static void a_bomb_of_handles_is_listed_up_to_a_cap(void **state)
{
	(void)state;
	struct account account = {.handle = "@acme", .server = ""};
	struct str text = STR_INIT;
	for (int i = 0; i < 500; i++)
		str_addf(&text, "@u%d ", i);
	const char *const *handles;
	int count;
	reply_addressed(text.p, &account, &arena, &handles, &count);
	assert_int_equal(count, 128);
	assert_int_equal(mentions_lead(text.p), text.len);
	str_release(&text);
}

static void a_reply_begins_with_the_recipient_only_where_nobody_else_would_be_reached(void **state)
{
	(void)state;
	struct account naming = {.caps = CAP_NAMING}, silent = {.caps = 0};
	assert_string_equal(reply_opening(&naming, "@sam@mas.example", &arena), "@sam@mas.example ");
	assert_string_equal(reply_opening(&naming, "sam@mas.example", &arena), "@sam@mas.example ");
	assert_string_equal(reply_opening(&naming, "", &arena), "");
	assert_string_equal(reply_opening(&silent, "@sam.example", &arena), "");
}

static void a_reply_is_never_wider_than_what_it_answers(void **state)
{
	(void)state;
	for (int parent = 0; parent < VIS_COUNT; parent++) {
		for (int wanted = 0; wanted < VIS_COUNT; wanted++) {
			enum visibility v = reply_visibility((enum visibility)parent, (enum visibility)wanted);
			assert_true((int)v >= parent && (int)v >= wanted);
			assert_true((int)v == parent || (int)v == wanted);
		}
	}
}

static void what_is_published_names_its_recipient_once_and_is_signed(void **state)
{
	(void)state;
	const struct account naming = {.caps = CAP_NAMING, .server = "https://mas.example", .handle = "@acme"};
	const struct account silent = {.server = "https://mas.example", .handle = "@acme"};
	struct str out = STR_INIT;
	reply_published(&naming, "@sam@social.example", " Done. \n", "^{agent}", "AL", &out);
	assert_string_equal(out.p, "@sam@social.example Done. ^AL");
	str_clear(&out);
	reply_published(&naming, "@sam@social.example", "Done, @sam@social.example", "", "AL", &out);
	assert_string_equal(out.p, "Done, @sam@social.example");
	str_clear(&out);
	reply_published(&silent, "@sam@social.example", "Done.", "acme care", "AL", &out);
	assert_string_equal(out.p, "Done. acme care");
	str_release(&out);
}

static void what_is_left_is_told_once_the_limit_is_known(void **state)
{
	(void)state;
	struct account account = {.limits = {.max = 10, .url = 4}};
	int left;
	assert_true(reply_left(&account, "12345", NULL, &left));
	assert_int_equal(left, 5);
	assert_true(reply_left(&account, "12345 https://a.example/long", "cw", &left));
	assert_int_equal(left, -2);
	account.limits.max = 0;
	assert_false(reply_left(&account, "12345", "", &left));
	account.limits = (struct post_limits){.max = 300, .rule = LENGTH_RULE_BLUESKY};
	assert_true(reply_left(&account, "https://a.example/only-its-beginning-is-sent", NULL, &left));
	assert_int_equal(left, 300 - (int)strlen("a.example/only-its-beg..."));
}

static void a_count_is_about_where_the_server_may_count_otherwise(void **state)
{
	(void)state;
	struct account account = {.limits = {.max = 500, .rule = LENGTH_RULE_MASTODON}};
	assert_true(reply_left_is_exact(&account, "plain text, \u00e9", NULL));
	assert_false(reply_left_is_exact(&account, "\u0915\u094d\u0937", NULL));
	assert_false(reply_left_is_exact(&account, "plain", "\u0915\u094d\u0937"));
	account.limits.rule = LENGTH_RULE_BLUESKY;
	assert_true(reply_left_is_exact(&account, "\u0915\u094d\u0937", NULL));
}

static void a_link_has_a_price_of_its_own(void **state)
{
	(void)state;
	struct account account = {.limits = {.max = 280, .url = 23, .rule = LENGTH_RULE_X}};
	bool for_link = true;
	assert_int_equal(reply_price(&account, "see https://a.example/", &for_link), 0);
	assert_false(for_link);
	account.prices = (struct prices){"USD", 15000, 200000};
	assert_int_equal(reply_price(&account, "no link. Really", &for_link), 15000);
	assert_false(for_link);
	assert_int_equal(reply_price(&account, "see acme.com, there", &for_link), 200000);
	assert_true(for_link);
}

static void who_is_named_in_private_reads_it_where_the_network_reaches_whom_a_text_names(void **state)
{
	(void)state;
	const char *const *handles;
	int count;
	struct account account = {.caps = CAP_NAMING, .server = "https://mas.example", .handle = "@acme"};
	static const char text[] = "@sam@else.example we asked @bob@else.example and @acme";
	reply_overheard_by(text, &account, "@sam@else.example", VIS_DIRECT, &arena, &handles, &count);
	assert_int_equal(count, 1);
	assert_string_equal(handles[0], "@bob@else.example");
	reply_overheard_by(text, &account, "@sam@else.example", VIS_PUBLIC, &arena, &handles, &count);
	assert_int_equal(count, 0);
	account.caps = 0;
	reply_overheard_by(text, &account, "@sam@else.example", VIS_DIRECT, &arena, &handles, &count);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(handles_are_found_where_networks_find_them),
	        cmocka_unit_test(the_handles_at_the_start_end_where_words_begin),
	        cmocka_unit_test(handles_are_the_same_with_and_without_the_home_host),
	        cmocka_unit_test(a_reply_names_its_recipient_or_not),
	        cmocka_unit_test(those_addressed_are_listed_once_and_without_us),
	        cmocka_unit_test(a_bomb_of_handles_is_listed_up_to_a_cap),
	        cmocka_unit_test(a_reply_begins_with_the_recipient_only_where_nobody_else_would_be_reached),
	        cmocka_unit_test(a_reply_is_never_wider_than_what_it_answers),
	        cmocka_unit_test(what_is_published_names_its_recipient_once_and_is_signed),
	        cmocka_unit_test(what_is_left_is_told_once_the_limit_is_known),
	        cmocka_unit_test(a_count_is_about_where_the_server_may_count_otherwise),
	        cmocka_unit_test(a_link_has_a_price_of_its_own),
	        cmocka_unit_test(who_is_named_in_private_reads_it_where_the_network_reaches_whom_a_text_names),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
