#include "core/text/similar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int percent(const char *a, const char *b)
{
	double there = similar_ratio(a, b), back = similar_ratio(b, a);
	assert_true(there == back && there >= 0 && there <= 1);
	return (int)(there * 100 + 0.5);
}

static void the_same_words_are_the_same_whoever_is_addressed(void **state)
{
	(void)state;
	assert_int_equal(
	        percent("@alex Sorry about that, we are looking into it! https://a.example/1 #42",
	                "@kim@social.example sorry about that \u2013 we are LOOKING into it https://b.example/2"),
	        100);
	assert_int_equal(percent("caf\u00E9 is great", "CAFE\u0301 is great"), 100);
}

static void other_words_are_not_alike(void **state)
{
	(void)state;
	assert_int_equal(percent("Your parcel arrives tomorrow morning", "The refund was booked to your card"), 0);
}

static void one_changed_word_leaves_texts_alike(void **state)
{
	(void)state;
	int p = percent("Sorry to hear that your parcel is late, please send us the number",
	        "Sorry to hear that your parcel is lost, please send us the number");
	assert_in_range(p, 60, 90);
}

static void order_counts_in_longer_texts(void **state)
{
	(void)state;
	assert_in_range(percent("we will call you back today", "today you will back call we"), 0, 40);
	assert_int_equal(percent("thank you", "you thank"), 100);
}

static void a_text_that_says_nothing_is_like_no_other(void **state)
{
	(void)state;
	assert_int_equal(percent("", ""), 0);
	assert_int_equal(percent("@alex 123 https://a.example !!", "@alex 123 https://a.example !!"), 0);
	assert_true(similar_hash("@alex 42 ...") == 0);
	assert_true(similar_hash("ok") != 0);
}

static void scripts_without_spaces_are_compared_too(void **state)
{
	(void)state;
	assert_in_range(percent("\u7533\u3057\u8A33\u3042\u308A\u307E\u305B\u3093",
	                        "\u7533\u3057\u8A33\u3054\u3056\u3044\u307E\u305B\u3093"),
	        20, 80);
	assert_int_equal(percent("\u0E02\u0E2D\u0E42\u0E17\u0E29\u0E04\u0E23\u0E31\u0E1A",
	                         "\u0E02\u0E2D\u0E42\u0E17\u0E29\u0E04\u0E23\u0E31\u0E1A!"),
	        100);
	assert_int_equal(percent("\u0645\u0631\u062D\u0628\u0627 \u0628\u0643\u0645",
	                         "\u0645\u0631\u062D\u0628\u0627 \u0628\u0643\u0645 @x"),
	        100);
}

static void hashes_of_like_texts_are_near(void **state)
{
	(void)state;
	uint64_t a = similar_hash("The app crashes every time I open my orders since the update this morning");
	uint64_t b = similar_hash("@brand the app crashes every time I open my orders since the update today 2026");
	uint64_t c = similar_hash("Thank you so much for the quick help with my invoice, wonderful service as ever");
	assert_true(similar_distance(a, b) < similar_distance(a, c));
	assert_in_range(similar_distance(a, b), 0, 18);
	assert_in_range(similar_distance(a, c), 20, 44);
	assert_int_equal(similar_distance(a, a), 0);
	assert_int_equal(similar_distance(0, UINT64_MAX), 64);
	assert_true(a == similar_hash("the APP crashes every time i open my orders since the update this morning!"));
}

static void hostile_and_huge_texts_do_no_harm(void **state)
{
	(void)state;
	assert_int_equal(percent("\xFF\xC3 a\x1b[0m", "x"), 0);
	static char huge[200000];
	memset(huge, 'a', sizeof huge - 1);
	for (size_t i = 5; i < sizeof huge - 1; i += 7)
		huge[i] = ' ';
	assert_int_equal(percent(huge, huge), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_same_words_are_the_same_whoever_is_addressed),
	        cmocka_unit_test(other_words_are_not_alike),
	        cmocka_unit_test(one_changed_word_leaves_texts_alike),
	        cmocka_unit_test(order_counts_in_longer_texts),
	        cmocka_unit_test(a_text_that_says_nothing_is_like_no_other),
	        cmocka_unit_test(scripts_without_spaces_are_compared_too),
	        cmocka_unit_test(hashes_of_like_texts_are_near),
	        cmocka_unit_test(hostile_and_huge_texts_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
