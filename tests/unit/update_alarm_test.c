/* What rings at this desk: a note that names the agent, what is late, many cases that say the same; how it is summed,
 * and what keeps it quiet. */
#include "core/model/naming.h"
#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void a_name_counts_as_a_word_of_its_own(void **state)
{
	(void)state;
	static const char *const named[] = {
	        "@bob", "please look, @bob", "@Bob: yours?", "(@bob)", "ask @bob.", "@bobby or @bob"};
	static const char *const others[] = {"", "bob", "bob@mas.example", "@bobby", "@bob@mas.example", "@bob-2",
	        "x@bob", "@bo", "@bob.example", "@bob\xc3\xa9"};
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
		if (!text_names(named[i], "bob"))
			fail_msg("%s names nobody", named[i]);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (text_names(others[i], "bob"))
			fail_msg("%s names bob", others[i]);
	assert_false(text_names("@", ""));
}

static void call(struct driver *d)
{
	struct event event = {.kind = EV_CALLED};
	event.called.case_id = 4;
	event.called.by = "bob";
	event.called.text = "look at this, @alice";
	driver_event(d, event);
}

static struct driver *desk(enum alarms alarms)
{
	struct desk_setup setup = driver_setup();
	setup.alarms = alarms;
	return driver_new_with(&setup, NULL);
}

static void a_note_that_names_you_rings_and_moves_nothing(void **state)
{
	(void)state;
	struct driver *d = desk(ALARMS_MINE);
	driver_keys(d, "jjr");
	driver_type(d, "so");
	call(d);
	assert_int_equal(driver_count(d, FX_BELL), 1);
	assert_string_equal(driver_last(d, FX_NOTIFY)->text, "curlew: bob names you in #4");
	assert_string_equal(d->state->message.text, "bob names you in #4: look at this, @alice");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_int_equal(d->state->inbox.selected, 3);
	driver_free(d);
}

static void no_alarms_means_none(void **state)
{
	(void)state;
	struct driver *d = desk(ALARMS_NONE);
	call(d);
	assert_int_equal(driver_count(d, FX_BELL), 0);
	assert_non_null(strstr(d->state->message.text, "names you"));
	driver_free(d);
}

static void numbers(struct driver *d, int late, int alike)
{
	d->deaf[FX_NUMBERS] = true;
	driver_changed(d, 1);
	struct event event = {.kind = EV_NUMBERS, .request = driver_last(d, FX_NUMBERS)->request};
	event.numbers.late = late;
	event.numbers.spike = (struct spike){alike, 7, "can't take my card"};
	driver_event(d, event);
}

static void many_cases_that_say_the_same_are_one_alarm(void **state)
{
	(void)state;
	struct driver *d = desk(ALARMS_ALL);
	numbers(d, 0, 4);
	assert_int_equal(driver_count(d, FX_BELL), 0);
	numbers(d, 0, 5);
	assert_int_equal(driver_count(d, FX_BELL), 1);
	assert_non_null(strstr(
	        d->state->message.text, "5 cases in half an hour say nearly the same: \"can't take my card\" (#7)"));
	for (int i = 6; i < 60; i++) {
		numbers(d, 0, i);
		driver_pass(d, 20000);
	}
	assert_int_equal(driver_count(d, FX_BELL), 1);
	numbers(d, 0, 2);
	numbers(d, 0, 6);
	assert_int_equal(driver_count(d, FX_BELL), 2);
	driver_free(d);
}

static void whoever_wants_their_own_alarms_alone_hears_no_spike(void **state)
{
	(void)state;
	struct driver *d = desk(ALARMS_MINE);
	numbers(d, 0, 9);
	numbers(d, 3, 9);
	assert_int_equal(driver_count(d, FX_BELL), 0);
	call(d);
	assert_int_equal(driver_count(d, FX_BELL), 1);
	driver_free(d);
}

static void what_comes_within_a_minute_is_summed_at_its_end(void **state)
{
	(void)state;
	struct driver *d = desk(ALARMS_ALL);
	call(d);
	driver_pass(d, 10000);
	call(d);
	call(d);
	assert_int_equal(driver_count(d, FX_BELL), 1);
	driver_pass(d, 49000);
	assert_int_equal(driver_count(d, FX_BELL), 1);
	driver_pass(d, 2000);
	assert_int_equal(driver_count(d, FX_BELL), 2);
	assert_string_equal(driver_last(d, FX_NOTIFY)->text, "curlew: bob names you in #4 (and 1 more)");
	driver_pass(d, 300000);
	assert_int_equal(driver_count(d, FX_BELL), 2);
	driver_free(d);
}

static void quiet_hours_are_quiet(void **state)
{
	(void)state;
	struct desk_setup setup = driver_setup();
	setup.has_quiet = true; /* hours that are not limited are open always */
	struct driver *d = driver_new_with(&setup, NULL);
	call(d);
	numbers(d, 5, 9);
	assert_int_equal(driver_count(d, FX_BELL), 0);
	driver_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_name_counts_as_a_word_of_its_own),
	        cmocka_unit_test(a_note_that_names_you_rings_and_moves_nothing),
	        cmocka_unit_test(no_alarms_means_none),
	        cmocka_unit_test(many_cases_that_say_the_same_are_one_alarm),
	        cmocka_unit_test(whoever_wants_their_own_alarms_alone_hears_no_spike),
	        cmocka_unit_test(what_comes_within_a_minute_is_summed_at_its_end),
	        cmocka_unit_test(quiet_hours_are_quiet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
