/* What X costs, ids that hold their time, and the signature of OAuth 1.0a. */
#include "core/base/str.h"
#include "core/network/x_parts.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOVEMBER INT64_C(1795737600000) /* 2026-11-27T00:00:00Z */
#define DAY INT64_C(86400000)

static void prices_that_are_not_named_are_the_known_ones(void **state)
{
	(void)state;
	static const char *const words[] = {"post=0.001", "link=0.25"};
	struct x_purse purse;
	struct err err = ERR_INIT;
	assert_int_equal(x_purse_init(&purse, words, 2, 0, &err), 0);
	assert_int_equal(purse.price[X_PRICE_POST], 1000);
	assert_int_equal(purse.price[X_PRICE_LINK], 250000);
	assert_int_equal(purse.price[X_PRICE_USER], 10000);
	assert_int_equal(purse.price[X_PRICE_REPLY], 15000);
}

static void a_word_that_is_no_price_is_named(void **state)
{
	(void)state;
	static const char *const bad[] = {"posts=1", "post", "post=", "post=1.2345678", "post=-1", "post=1,5"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct x_purse purse;
		struct err err = ERR_INIT;
		assert_int_equal(x_purse_init(&purse, &bad[i], 1, 0, &err), -ERR_CONFIG);
		assert_non_null(strstr(err.text, bad[i]));
	}
}

static void days_and_months_are_counted_apart_and_begin_at_zero(void **state)
{
	(void)state;
	struct x_purse purse, again;
	struct err err = ERR_INIT;
	char text[SPENT_SIZE];
	x_purse_init(&purse, NULL, 0, 0, &err);
	spent_add(&purse.spent, NOVEMBER, 5000);
	spent_add(&purse.spent, NOVEMBER + DAY, 7000);
	assert_int_equal(purse.spent.day, 7000);
	assert_int_equal(purse.spent.month, 12000);
	spent_write(&purse.spent, text);
	assert_string_equal(text, "2026-11-28 12000 7000");
	x_purse_init(&again, NULL, 0, 0, &err);
	assert_true(spent_read(&again.spent, text));
	spent_turn(&again.spent, NOVEMBER + DAY + 1);
	assert_int_equal(again.spent.month, 12000);
	spent_turn(&again.spent, x_purse_next_month(NOVEMBER));
	assert_int_equal(again.spent.month, 0);
	assert_int_equal(again.spent.day, 0);
	assert_false(spent_read(&again.spent, "yesterday"));
}

static void a_budget_leaves_so_many_posts(void **state)
{
	(void)state;
	struct x_purse purse;
	struct err err = ERR_INIT;
	x_purse_init(&purse, NULL, 0, 1000000, &err);
	assert_int_equal(x_purse_posts_left(&purse, NOVEMBER, false), 33);
	spent_add(&purse.spent, NOVEMBER, 999999);
	assert_int_equal(x_purse_posts_left(&purse, NOVEMBER, false), 0);
	assert_int_equal(x_purse_posts_left(&purse, x_purse_next_month(NOVEMBER), false), 33);
	purse.budget = 0;
	assert_int_equal(x_purse_posts_left(&purse, NOVEMBER, false), INT_MAX);
}

static void what_stands_in_the_accounts_own_lists_may_cost_less(void **state)
{
	(void)state;
	static const char *const words[] = {"owned=0.001"};
	const struct x_count page = {.posts = 10, .included = 2, .users = 3};
	struct x_purse purse;
	struct err err = ERR_INIT;
	x_purse_init(&purse, NULL, 0, 1000000, &err);
	assert_int_equal(x_purse_cost(&purse, &page, true), 12 * 5000 + 3 * 10000);
	x_purse_init(&purse, words, 1, 1000000, &err);
	assert_int_equal(x_purse_cost(&purse, &page, true), 10 * 1000 + 2 * 5000 + 3 * 10000);
	assert_int_equal(x_purse_cost(&purse, &page, false), 12 * 5000 + 3 * 10000);
	assert_int_equal(x_purse_posts_left(&purse, NOVEMBER, true), 38);
}

static void an_id_holds_its_time(void **state)
{
	(void)state;
	char id[24];
	int64_t at = x_time_of_id("2090785991685046273");
	assert_in_range(at, INT64_C(1700000000000), INT64_C(1900000000000));
	x_id_of_time(at, id);
	assert_true(x_id_compare(id, "2090785991685046273") <= 0);
	assert_int_equal(x_time_of_id(id), at);
	assert_true(x_id_compare("999", "1000") < 0);
}

/* The example of developer.x.com, "Creating a signature"; there a part of the parameters is in a form. */
static void a_request_is_signed_as_the_documentation_signs_it(void **state)
{
	(void)state;
	struct x_oauth1 keys = {"xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
	        "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
	        "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", 1318622958};
	struct str header = STR_INIT;
	x_oauth1_header(&keys, "POST",
	        "https://api.twitter.com/1.1/statuses/update.json?include_entities=true&status=Hello%20Ladies%20%2B%20"
	        "Gentlemen,%20a%20signed%20OAuth%20request!",
	        "", &header);
	assert_non_null(strstr(header.p, "oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\""));
	assert_true(str_starts(header.p, "OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", "));
	str_release(&header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(prices_that_are_not_named_are_the_known_ones),
	        cmocka_unit_test(a_word_that_is_no_price_is_named),
	        cmocka_unit_test(days_and_months_are_counted_apart_and_begin_at_zero),
	        cmocka_unit_test(a_budget_leaves_so_many_posts),
	        cmocka_unit_test(what_stands_in_the_accounts_own_lists_may_cost_less),
	        cmocka_unit_test(an_id_holds_its_time),
	        cmocka_unit_test(a_request_is_signed_as_the_documentation_signs_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
