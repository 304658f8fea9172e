#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/text/similar.h"
#include "core/triage/feeling.h"
#include "core/triage/personal.h"
#include "core/triage/said.h"
#include "core/triage/summary.h"
#include "core/triage/triage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct triage of(const char *text)
{
	struct triage out;
	struct post post = {.text = text, .warning = ""};
	triage_post(&post, NULL, &out);
	return out;
}

static void the_words_stand_in_order_so_that_they_are_found(void **state)
{
	(void)state;
	static const char *const words[] = {
#define W(word, weight) word,
#define N(word, weight) word,
#include "core/triage/words.def"
#undef W
#undef N
	};
	for (size_t i = 1; i < COUNT(words); i++)
		assert_true(strcmp(words[i - 1], words[i]) < 0);
}

static void a_question_is_known_by_the_mark_of_its_script(void **state)
{
	(void)state;
	static const char *const questions[] = {"do you ship to Norway?", "送料はいくらですか？",
	        "هل تشحنون إلى النرويج؟", "Στέλνετε στη Νορβηγία;", "Στέλνετε\xCD\xBE", "Ուր է՞",
	        "are you there @acme?", "¿Dónde?"};
	for (size_t i = 0; i < COUNT(questions); i++)
		assert_true(of(questions[i]).question);
	static const char *const others[] = {"I waited; nobody came", "see https://x.example/?a=1", "", "hello"};
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(of(others[i]).question);
}

static void praise_is_told_from_complaints_and_manners(void **state)
{
	(void)state;
	static const char *const praises[] = {"Love the new jacket!!", "@acme THANK YOU!!! You are amazing",
	        "so happy ❤️", "Fantastic service, thanks", "@acme_love 😍", "You guys are the “best”",
	        "No problem, it was wonderful", "Kudos to the driver", "👏👏👏"};
	for (size_t i = 0; i < COUNT(praises); i++) {
		if (!of(praises[i]).praise)
			fail_msg("no praise: %s", praises[i]);
	}
	static const char *const others[] = {"I don’t love it", "not a great experience", "this isn't the best app",
	        "great, still no refund", "can you please help, thanks", "love it but it broke",
	        "best delivery ever 🙄", "do you love us?", "@lovely_great_shop hello", "https://love.example/great",
	        "order 4411", "You are terrible", "", "thanks for ruining my day", "could you add this, thanks"};
	for (size_t i = 0; i < COUNT(others); i++) {
		if (of(others[i]).praise)
			fail_msg("praise: %s", others[i]);
	}
}

static void personal_data_are_seen(void **state)
{
	(void)state;
	static const char *const texts[] = {"write to sam.ortiz+x@mail.example.com.", "Sam@Example.COM",
	        "(sam@mäs.example)", "call +49 170 1234567", "call me: 0171/2345678", "my number is 0171 2345678",
	        "+1 (555) 010-9999", "(555) 123-4567 please", "555-123-4567", "01 23 45 67 89",
	        "電話０９０−１２３４−５６７８です", "電話は09012345678です", "tel. 020 7946 0018",
	        "IBAN DE89 3704 0044 0532 0130 00 please", "de89370400440532013000", "NO93 8601 1117 947",
	        "GB29NWBK60161331926819.", "card 4111 1111 1111 1111 12/27", "5500-0055-5555-5559", "378282246310005"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (!of(texts[i]).personal_data)
			fail_msg("not seen: %s", texts[i]);
	}
}

static void numbers_of_orders_and_dates_are_no_personal_data(void **state)
{
	(void)state;
	static const char *const texts[] = {"order 4411 never came", "order number: 0123456789",
	        "Bestellnummer 0301234567", "#0123456789", "on 01.02.2026 14:30", "2026-01-02 10:11:12",
	        "open 09.00-18.00", "4111 1111 1111 1112", "4006381333931", "1234567890123456",
	        "DE88 3704 0044 0532 0130 00", "@sam@mas.example hi", "thanks (@sam@mas.example)",
	        "https://x.example/0171/2345678 and", "https://x.example/sam@mail.example", "1,000,000,000",
	        "0.123456789", "Ba016 from Sydney", "a@b", "a@b.1", "sam@", "AB12", "tracking 00340434161094012345",
	        "123 456 7890"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		if (of(texts[i]).personal_data)
			fail_msg("seen: %s", texts[i]);
	}
}

static void the_summary_is_the_words_that_matter(void **state)
{
	(void)state;
	static const struct {
		const char *text, *summary;
	} cases[] = {
	        {"", ""},
	        {"@acme Still no refund,\n\nthird   week now", "Still no refund, third week now"},
	        {"@acme @bob@mas.example: my order", "my order"},
	        {"my order @acme @bob.", "my order"},
	        {"is @acme down for @bob too", "is @acme down for @bob too"},
	        {"is it down @acme?", "is it down @acme?"},
	        {"see https://www.acme.example/a/b?c=d#e now", "see acme.example now"},
	        {"(http://acme.example) www.acme.example/x", "(acme.example) acme.example"},
	        {"@acme", ""},
	        {"@acme,hello", "hello"},
	        {"\xE3\x80\x80全角\xE3\x80\x80空白\xC2\xA0", "全角 空白"},
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(of(cases[i].text).summary, cases[i].summary);
}

static void a_long_summary_is_cut_behind_a_grapheme(void **state)
{
	(void)state;
	struct str text = STR_INIT;
	for (int i = 0; i < 50; i++)
		str_adds(&text, "👩‍👩‍👧");
	struct triage out = of(text.p);
	assert_true(strlen(out.summary) <= TRIAGE_SUMMARY_MAX);
	assert_true(str_ends(out.summary, "👧…"));
	assert_int_equal((strlen(out.summary) - 3) % strlen("👩‍👩‍👧"), 0);
	str_release(&text);
	char words[400];
	memset(words, 'x', sizeof words);
	words[200] = '\0';
	assert_string_equal(of(words).summary, words);
	words[200] = 'x';
	words[201] = '\0';
	assert_int_equal(strlen(of(words).summary), 200);
}

static void a_warning_hides_what_stands_behind_it_and_a_picture_speaks_by_its_description(void **state)
{
	(void)state;
	struct triage out;
	struct post warned = {.text = "blood everywhere", .warning = "injury"};
	triage_post(&warned, NULL, &out);
	assert_string_equal(out.summary, "[injury]");
	char words[400];
	memset(words, 'x', sizeof words - 1);
	words[399] = '\0';
	warned.warning = words;
	triage_post(&warned, NULL, &out);
	assert_int_equal(strlen(out.summary), TRIAGE_SUMMARY_MAX);
	struct media media[] = {{.alt = ""}, {.alt = "an empty doorstep"}};
	struct post picture = {.text = "@acme", .warning = "", .media = media, .media_count = 2};
	triage_post(&picture, NULL, &out);
	assert_string_equal(out.summary, "an empty doorstep");
}

static void reach_decides_the_priority(void **state)
{
	(void)state;
	static const struct {
		int64_t followers;
		int boosts;
		bool bot;
		int priority;
	} cases[] = {{-1, 0, false, 0}, {9999, 4, false, 0}, {10000, 0, false, 1}, {0, 5, false, 1},
	        {100000, 0, false, 2}, {0, 50, false, 2}, {3, 0, true, -1}, {20000, 0, true, 1}};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct triage out;
		struct post post = {.text = "hello", .warning = "", .boosts = cases[i].boosts};
		struct customer customer = {.followers = cases[i].followers, .bot = cases[i].bot};
		triage_post(&post, &customer, &out);
		assert_int_equal(out.priority, cases[i].priority);
	}
}

static void texts_that_say_the_same_are_alike(void **state)
{
	(void)state;
	uint64_t a = of("@acme the site has been down since noon, is anybody working on it").alike;
	uint64_t b = of("@other The site has been DOWN since noon! Is anybody working on it? https://x.example").alike;
	uint64_t c = of("where can I buy the green jacket in size forty two").alike;
	assert_int_not_equal(a, 0);
	assert_true(similar_distance(a, b) < similar_distance(a, c));
	assert_int_equal(of("@acme").alike, 0);
}

static void nothing_that_a_network_sends_breaks_it(void **state)
{
	(void)state;
	static const char *const pieces[] = {"@", "@sam", "@mas.example", " ", "0171", "2345678", "+", "(", ")", "-",
	        ".", "de89", "4111 ", "1111", "https://", "www.", "?", "love", "n't", "’", "👩‍👩‍👧", "\xC3",
	        "\xE2\x80", "\xFF", "\n", "ß", "…", ";", "α"};
	uint32_t seed = 20261122;
	for (int round = 0; round < 5000; round++) {
		struct str text = STR_INIT;
		for (int n = (int)(seed >> 26); n >= 0; n--) {
			seed = seed * 1664525u + 1013904223u;
			str_adds(&text, pieces[(seed >> 16) % COUNT(pieces)]);
		}
		struct triage out = of(text.p);
		assert_true(strlen(out.summary) <= TRIAGE_SUMMARY_MAX);
		str_release(&text);
	}
}

static void a_post_of_a_hundred_kilobytes_is_read_by_its_beginning(void **state)
{
	(void)state;
	static const char *const pieces[] = {"@ ", "@u ", "0-", "a", "a@", "👩", "(", "d1"};
	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct str text = STR_INIT;
		while (text.len < 100000)
			str_adds(&text, pieces[i]);
		of(text.p);
		str_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_words_stand_in_order_so_that_they_are_found),
	        cmocka_unit_test(a_question_is_known_by_the_mark_of_its_script),
	        cmocka_unit_test(praise_is_told_from_complaints_and_manners),
	        cmocka_unit_test(personal_data_are_seen),
	        cmocka_unit_test(numbers_of_orders_and_dates_are_no_personal_data),
	        cmocka_unit_test(the_summary_is_the_words_that_matter),
	        cmocka_unit_test(a_long_summary_is_cut_behind_a_grapheme),
	        cmocka_unit_test(a_warning_hides_what_stands_behind_it_and_a_picture_speaks_by_its_description),
	        cmocka_unit_test(reach_decides_the_priority),
	        cmocka_unit_test(texts_that_say_the_same_are_alike),
	        cmocka_unit_test(nothing_that_a_network_sends_breaks_it),
	        cmocka_unit_test(a_post_of_a_hundred_kilobytes_is_read_by_its_beginning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
