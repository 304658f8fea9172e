#include "core/base/str.h"
#include "core/model/reply_split.h"
#include "core/model/reply_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct account account_of(int max)
{
	return (struct account){.name = "acme",
	        .server = "https://mas.example",
	        .handle = "@acme",
	        .caps = CAP_NAMING,
	        .limits = {.max = max, .url = 23}};
}

static int split(const struct account *account, const char *text, const struct split_part **parts)
{
	const struct split_text what = {.account = account,
	        .to_handle = "@sam@mas.example",
	        .text = text,
	        .signature = "^{agent}",
	        .agent = "alice"};
	return reply_split(&what, &arena, parts);
}

/* Each part keeps the limit, and together they say what was written. */
static void holds(const struct account *account, const char *text, const struct split_part *parts, int count)
{
	struct str whole = STR_INIT;
	for (int i = 0; i < count; i++) {
		int left;
		assert_true(reply_left(account, parts[i].published, NULL, &left));
		assert_true(left >= 0);
		str_adds(&whole, parts[i].typed);
	}
	assert_string_equal(whole.p, text);
	str_release(&whole);
}

static void a_text_that_fits_is_one_part_without_a_number(void **state)
{
	(void)state;
	const struct account account = account_of(500);
	const struct split_part *parts;
	assert_int_equal(split(&account, "On its way.", &parts), 1);
	assert_string_equal(parts[0].published, "@sam@mas.example On its way. ^alice");
	assert_string_equal(parts[0].typed, "On its way.");
}

static void an_unknown_limit_cuts_nothing(void **state)
{
	(void)state;
	const struct account account = account_of(0);
	const struct split_part *parts;
	assert_int_equal(split(&account, "A text of any length at all.", &parts), 1);
}

static void it_is_cut_at_sentences_and_signed_at_the_end(void **state)
{
	(void)state;
	const struct account account = account_of(50);
	const struct split_part *parts;
	static const char text[] = "Sorry about that, Sam. Your refund left us today. It arrives on Tuesday.";
	assert_int_equal(split(&account, text, &parts), 3);
	assert_string_equal(parts[0].published, "@sam@mas.example 1/3 Sorry about that, Sam.");
	assert_string_equal(parts[1].published, "@sam@mas.example 2/3 Your refund left us today.");
	assert_string_equal(parts[2].published, "@sam@mas.example 3/3 It arrives on Tuesday. ^alice");
	holds(&account, text, parts, 3);
}

static void a_sentence_that_is_too_long_is_cut_between_words(void **state)
{
	(void)state;
	const struct account account = account_of(40);
	const struct split_part *parts;
	static const char text[] = "a sentence that goes on and on with neither comma nor stop until it is over";
	int count = split(&account, text, &parts);
	assert_int_equal(count, 3);
	assert_string_equal(parts[0].published, "@sam@mas.example 1/3 a sentence that goes on and on");
	holds(&account, text, parts, count);
}

static void a_link_is_never_cut_and_counts_as_the_network_counts(void **state)
{
	(void)state;
	const struct account account = account_of(60);
	const struct split_part *parts;
	static const char text[] = "Please read what we wrote about deliveries in "
	                           "https://acme.example/help/deliveries/in/december/and/in/january?from=here&to=there "
	                           "and tell us whether that answers it.";
	int count = split(&account, text, &parts);
	assert_in_range(count, 2, 4);
	holds(&account, text, parts, count);
	bool whole = false;
	for (int i = 0; i < count; i++)
		whole |= strstr(parts[i].published, "january?from=here&to=there") &&
		         strstr(parts[i].published, "https://acme");
	assert_true(whole);
}

static void a_script_without_spaces_is_cut_at_its_stops_or_between_clusters(void **state)
{
	(void)state;
	const struct account account = account_of(26);
	const struct split_part *parts;
	static const char text[] = "ご不便をおかけしました。返金は火曜日に届きます。またご連絡ください。";
	int count = split(&account, text, &parts);
	assert_int_equal(count, 3);
	assert_string_equal(parts[0].published, "@sam@mas.example 1/3 ご不便をおかけしました。");
	holds(&account, text, parts, count);
	struct str families = STR_INIT;
	for (int i = 0; i < 24; i++)
		str_adds(&families, "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466");
	count = split(&account, families.p, &parts);
	assert_int_equal(count, 2);
	holds(&account, families.p, parts, count);
	str_release(&families);
}

static void what_needs_too_many_parts_is_not_split(void **state)
{
	(void)state;
	const struct account account = account_of(30);
	const struct split_part *parts;
	char text[4001];
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = i % 5 == 4 ? ' ' : 'x';
	text[sizeof text - 1] = '\0';
	assert_int_equal(split(&account, text, &parts), 0);
	const struct account narrow = account_of(8); /* the handle alone takes it */
	assert_int_equal(split(&narrow, "far too long for that", &parts), 0);
}

static void ten_parts_and_more_are_numbered_in_two_digits(void **state)
{
	(void)state;
	const struct account account = account_of(67);
	const struct split_part *parts;
	struct str text = STR_INIT;
	for (int i = 0; i < 15; i++)
		str_addf(&text, "%sThis is the sentence with the number %d, no less.", i ? " " : "", i);
	int count = split(&account, text.p, &parts);
	assert_int_equal(count, 15);
	assert_true(str_starts(parts[0].published, "@sam@mas.example 1/15 This"));
	holds(&account, text.p, parts, count);
	str_release(&text);
}

static void other_handles_stand_before_the_number(void **state)
{
	(void)state;
	const struct account account = account_of(52);
	const struct split_part *parts;
	static const char text[] = "@sam@mas.example @leo Sorry about that. Your refund left us today, you two.";
	assert_int_equal(split(&account, text, &parts), 2);
	assert_string_equal(parts[0].published, "@sam@mas.example @leo 1/2 Sorry about that.");
	holds(&account, text, parts, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_text_that_fits_is_one_part_without_a_number),
	        cmocka_unit_test(an_unknown_limit_cuts_nothing),
	        cmocka_unit_test(it_is_cut_at_sentences_and_signed_at_the_end),
	        cmocka_unit_test(a_sentence_that_is_too_long_is_cut_between_words),
	        cmocka_unit_test(a_link_is_never_cut_and_counts_as_the_network_counts),
	        cmocka_unit_test(a_script_without_spaces_is_cut_at_its_stops_or_between_clusters),
	        cmocka_unit_test(what_needs_too_many_parts_is_not_split),
	        cmocka_unit_test(ten_parts_and_more_are_numbered_in_two_digits),
	        cmocka_unit_test(other_handles_stand_before_the_number),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
