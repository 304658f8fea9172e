/* The desk's table of keys, as it is promised to agents: each is bound in inbox and thread alike, its command runs
 * there, and what agents do all day takes no more strokes than it should. */
#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What is promised, a key a row. Words: what the command is given. */
static const struct {
	const char *keys;
	enum command_id command;
	const char *words;
} promised[] = {
        /* move; open, back, next pane */
        {"j", CMD_DOWN, ""},
        {"k", CMD_UP, ""},
        {"<Down>", CMD_DOWN, ""},
        {"<Up>", CMD_UP, ""},
        {"gg", CMD_TOP, ""},
        {"G", CMD_BOTTOM, ""},
        {"^D", CMD_PAGE_DOWN, ""},
        {"^U", CMD_PAGE_UP, ""},
        {"<Enter>", CMD_OPEN, ""},
        {"l", CMD_OPEN, ""},
        {"h", CMD_BACK, ""},
        {"<Esc>", CMD_BACK, ""},
        {"<Tab>", CMD_NEXT_PANE, ""},
        {"<Space>", CMD_NEXT_NEEDED, ""},
        {"]", CMD_NEXT_POST, ""},
        {"[", CMD_PREV_POST, ""},
        /* views */
        {"1", CMD_VIEW, "1"},
        {"9", CMD_VIEW, "9"},
        {"gi", CMD_VIEW, "i"},
        {"gm", CMD_VIEW, "m"},
        {"ge", CMD_VIEW, "e"},
        {"gz", CMD_VIEW, "z"},
        {"gd", CMD_VIEW, "d"},
        {"go", CMD_VIEW, "o"},
        /* the case */
        {"c", CMD_CLAIM, ""},
        {"C", CMD_RELEASE, ""},
        {"a", CMD_ASSIGN, ""},
        {"-", CMD_UNASSIGN, ""},
        {"t", CMD_TAG, ""},
        {"T", CMD_TAG_LAST, ""},
        {"r", CMD_REPLY, ""},
        {"R", CMD_REPLY_PRIVATE, ""},
        {";", CMD_CANNED, ""},
        {"i", CMD_NOTE, ""},
        {"e", CMD_ESCALATE, ""},
        {"z1", CMD_SNOOZE, "1h"},
        {"z4", CMD_SNOOZE, "4h"},
        {"Z", CMD_SNOOZE_LAST, ""},
        {"d", CMD_DONE, ""},
        {"D", CMD_DONE_STAY, ""},
        {"u", CMD_UNDO, ""},
        {"^R", CMD_REDO, ""},
        {".", CMD_REPEAT, ""},
        {"^G", CMD_RECALL, ""},
        {"E", CMD_CORRECT, ""},
        {"x", CMD_MARK, ""},
        {"v", CMD_MARK_RANGE, ""},
        {"*", CMD_MARK_ALL, ""},
        {"m", CMD_MACRO, ""},
        {"@1", CMD_MACRO, "1"},
        {"p", CMD_PRIORITY, ""},
        {"!", CMD_SPAM, ""},
        {"M", CMD_MUTE, ""},
        {"X", CMD_NOT_ABOUT_US, ""},
        /* finding and looking */
        {"/", CMD_SEARCH, ""},
        {"n", CMD_SEARCH_NEXT, ""},
        {"N", CMD_SEARCH_PREV, ""},
        {"\\", CMD_FILTER, ""},
        {"yy", CMD_COPY_LINK, ""},
        {"yt", CMD_COPY_TEXT, ""},
        {"f", CMD_LINKS, ""},
        {"o", CMD_ON_POST, ""},
        {"P", CMD_WHY, ""},
        {"w", CMD_WHO, ""},
        {"W", CMD_TAKE_OVER, ""},
        {"s", CMD_CUSTOMER, ""},
        {"L", CMD_LIKE, ""},
        {":", CMD_COMMAND, ""},
        {"?", CMD_HELP, ""},
        {"q", CMD_BACK, ""},
        {"^C", CMD_BACK, ""},
        {"Q", CMD_QUIT, ""},
};
enum { PROMISED = sizeof promised / sizeof promised[0] };

/* A desk where each of them has something to do: an answer of ours, a link, a tag, a snooze. */
static struct driver *busy_desk(bool thread)
{
	struct driver *d = driver_new();
	driver_add_post(d, 1, 150, DIR_OUT, "ours");
	driver_case(d, 1)->posts[0].links = "https://shop.example";
	driver_changed(d, 1);
	if (thread)
		driver_keys(d, "<Tab>");
	driver_forget(d);
	return d;
}

static void each_key_is_bound_in_inbox_and_thread(void **state)
{
	(void)state;
	static const enum mode panes[] = {MODE_INBOX, MODE_THREAD};
	struct driver *d = driver_new();
	for (int i = 0; i < PROMISED; i++)
		for (int pane = 0; pane < 2; pane++) {
			struct chord chord;
			const struct binding *binding = NULL;
			assert_int_equal(chord_parse(promised[i].keys, &chord, NULL), 0);
			enum keymap_match match =
			        keymap_lookup(&d->keymap, (int)panes[pane], chord.at, chord.len, &binding);
			if (match != KEYMAP_EXACT || binding->command != (int)promised[i].command ||
			        strcmp(binding->args, promised[i].words) != 0)
				fail_msg("%s is not %s in the %s", promised[i].keys,
				        command_get(promised[i].command)->name, mode_name(panes[pane]));
		}
	driver_free(d);
}

static void each_command_runs_in_inbox_and_thread(void **state)
{
	(void)state;
	for (int i = 0; i < PROMISED; i++)
		for (int thread = 0; thread < 2; thread++) {
			struct driver *d = busy_desk(thread);
			uint64_t before = d->state->version;
			driver_keys(d, promised[i].keys);
			if (strstr(d->state->message.text, "does nothing here") || d->state->version == before)
				fail_msg("%s: %s", promised[i].keys, d->state->message.text);
			assert_int_equal(d->state->chord_len, 0);
			driver_free(d);
		}
}

static void what_a_slip_could_do_takes_a_second_stroke_in_both(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		enum case_status becomes;
	} slips[] = {{"!", STATUS_IGNORED}, {"M", STATUS_IGNORED}, {"X", STATUS_IGNORED}, {"W", STATUS_OPEN}};
	for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
		for (int thread = 0; thread < 2; thread++) {
			struct driver *d = busy_desk(thread);
			driver_keys(d, slips[i].key);
			assert_int_equal(driver_count(d, FX_ACT), 0);
			assert_int_equal(state_mode(d->state), MODE_CONFIRM);
			driver_keys(d, slips[i].key);
			assert_true(driver_count(d, FX_ACT) > 0);
			assert_int_equal(driver_case(d, 1)->kase.status, slips[i].becomes);
			driver_free(d);
		}
}

static void priority_goes_up_and_round_in_both(void **state)
{
	(void)state;
	for (int thread = 0; thread < 2; thread++) {
		struct driver *d = busy_desk(thread);
		driver_keys(d, "p");
		assert_int_equal(driver_case(d, 1)->kase.priority, 1);
		driver_keys(d, "p");
		assert_int_equal(driver_case(d, 1)->kase.priority, 2);
		driver_keys(d, "p");
		assert_int_equal(driver_case(d, 1)->kase.priority, 0);
		driver_free(d);
	}
}

/* The action that `.` would do again: what was done last is kept out of it when it is one of these. */
static void a_repeat_is_never_public_a_done_or_an_escalation(void **state)
{
	(void)state;
	static const char *const last[] = {"LL", "do", "D", "eb<Enter>because<Enter>", "!!", "MM", "XX"};
	for (size_t i = 0; i < sizeof last / sizeof last[0]; i++)
		for (int thread = 0; thread < 2; thread++) {
			struct driver *d = busy_desk(thread);
			driver_keys(d, last[i]);
			driver_keys(d, "<Esc>");
			driver_forget(d);
			driver_keys(d, ".");
			assert_int_equal(driver_count(d, FX_ACT) + driver_count(d, FX_HOLD), 0);
			assert_string_equal(d->state->message.text, "there is nothing to repeat");
			driver_free(d);
		}
}

/* --- strokes */

static int count_strokes(const char *keys)
{
	int n = 0;
	for (; *keys; n++) {
		if (*keys == '<' && strchr(keys, '>'))
			keys = strchr(keys, '>') + 1;
		else
			keys += *keys == '^' && keys[1] ? 2 : 1;
	}
	return n;
}

static bool is_second(const struct driver *d)
{
	return d->state->inbox.selected == 2;
}
static bool is_claimed(const struct driver *d)
{
	return driver_count(d, FX_ACT) == 1 && driver_last(d, FX_ACT)->action.kind == ACTION_CLAIM;
}
static bool is_claimed_by_typing(const struct driver *d)
{
	return driver_count(d, FX_PRESENCE) == 1;
}
static bool is_tagged(const struct driver *d)
{
	return driver_last(d, FX_ACT) && strcmp(driver_last(d, FX_ACT)->action.arg, "refund") == 0;
}
static bool is_held(const struct driver *d)
{
	return driver_last(d, FX_HOLD) && strstr(driver_last(d, FX_HOLD)->hold.reply.text, "We are sorry.");
}
static bool is_noted(const struct driver *d)
{
	return driver_last(d, FX_ACT) && strcmp(driver_last(d, FX_ACT)->action.text, "call back") == 0;
}
static bool is_escalated(const struct driver *d)
{
	const struct effect *act = driver_last(d, FX_ACT);
	return act && act->action.kind == ACTION_ESCALATE && strcmp(act->action.text, "stuck") == 0;
}
static bool is_snoozed(const struct driver *d)
{
	return driver_last(d, FX_ACT) && driver_last(d, FX_ACT)->action.kind == ACTION_SNOOZE;
}
static bool is_done_and_next(const struct driver *d)
{
	return driver_last(d, FX_ACT) && driver_last(d, FX_ACT)->action.kind == ACTION_DONE && is_second(d);
}
static bool is_searching(const struct driver *d)
{
	return state_mode(d->state) == MODE_PROMPT && d->state->prompt.purpose == PROMPT_SEARCH;
}
static bool is_undone(const struct driver *d)
{
	return driver_count(d, FX_UNDO) == 1;
}

static const struct {
	const char *what, *before; /* strokes that were made earlier */
	const char *keys;
	int own, typed; /* strokes of the task itself, and characters that a person has to type anyway */
	bool (*done)(const struct driver *d);
} tasks[] = {
        {"the next that needs an answer", "", "<Space>", 1, 0, is_second},
        {"claim", "", "c", 1, 0, is_claimed},
        {"claim by answering", "r", "x", 0, 1, is_claimed_by_typing},
        {"tag", "", "tref<Enter>", 2, 3, is_tagged},
        {"tag again", "trefund<Enter><Space>", "T", 1, 0, is_tagged},
        {"canned reply, sent", "", ";so<Enter>^X<Enter>", 4, 2, is_held},
        {"note", "", "icall back^X", 2, 9, is_noted},
        {"escalate", "", ":escalate billing stuck<Enter>", 2, 22, is_escalated},
        {"escalate by picking", "", "eb<Enter>stuck<Enter>", 3, 6, is_escalated},
        {"snooze", "", "z4", 2, 0, is_snoozed},
        {"done and next", "", "d", 1, 0, is_done_and_next},
        {"search", "", "/", 1, 0, is_searching},
        {"undo", "c", "u", 1, 0, is_undone},
};

static void press_slowly(struct driver *d, const char *keys)
{
	for (const char *next; *keys; keys = next) {
		char one[16];
		next = *keys == '<' && strchr(keys, '>') ? strchr(keys, '>') + 1 : keys + (*keys == '^' ? 2 : 1);
		snprintf(one, sizeof one, "%.*s", (int)(next - keys), keys);
		driver_painted(d);
		driver_pass(d, SENDBAR_DEAF_MS + 1);
		driver_keys(d, one);
	}
}

static void what_agents_do_all_day_takes_few_strokes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++)
		for (int thread = 0; thread < 2; thread++) {
			struct driver *d = driver_new();
			driver_case(d, 1)->kase.first_reply_at = d->wall;
			driver_changed(d, 1);
			if (thread)
				driver_keys(d, "<Tab>");
			press_slowly(d, tasks[i].before);
			driver_forget(d);
			press_slowly(d, tasks[i].keys);
			if (!tasks[i].done(d))
				fail_msg("%s: not done: %s", tasks[i].what, d->state->message.text);
			assert_int_equal(count_strokes(tasks[i].keys), tasks[i].own + tasks[i].typed);
			driver_free(d);
		}
}

static void with_one_team_an_escalation_asks_at_once_why(void **state)
{
	(void)state;
	struct desk_setup setup = driver_setup();
	setup.teams_len = 1;
	struct driver *d = driver_new_with(&setup, NULL);
	driver_keys(d, "estuck<Enter>"); /* two strokes and what is typed */
	assert_true(is_escalated(d));
	assert_string_equal(driver_last(d, FX_ACT)->action.arg, "billing");
	driver_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_key_is_bound_in_inbox_and_thread),
	        cmocka_unit_test(each_command_runs_in_inbox_and_thread),
	        cmocka_unit_test(what_a_slip_could_do_takes_a_second_stroke_in_both),
	        cmocka_unit_test(priority_goes_up_and_round_in_both),
	        cmocka_unit_test(a_repeat_is_never_public_a_done_or_an_escalation),
	        cmocka_unit_test(what_agents_do_all_day_takes_few_strokes),
	        cmocka_unit_test(with_one_team_an_escalation_asks_at_once_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
