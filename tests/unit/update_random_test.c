/* A cat on the keyboard, while the store changes underneath, refuses, and is late. */
#include "tests/lib/desk_driver.h"

#include "core/text/grapheme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void press_something(struct driver *d)
{
	static const char *const keys[] = {"j", "k", "<Enter>", "<Esc>", "<Tab>", "<Space>", "r", "R", "i", "t", "e",
	        "d", "D", "z", "1", "4", "c", "C", "a", "u", "^R", ".", "^G", "L", "M", "!", "X", "p", "/", "n", "N",
	        "\\", ":", "?", "q", "gi", "gd", "gg", "G", "^D", "^U", "]", "[", "^X", "^Y", "^O", "^W", "^K", "^U",
	        "^Y", "^V", "^_", "^A", "^E", "<Up>", "<Down>", "<Left>", "<Right>", "<Backspace>", "<Delete>", ";",
	        "yy", "w", "P", "T", "Z", "x", "o", "-", "{", "}", "?", "\u00e9", "\u65e5"};
	if (pick(20) == 0)
		driver_paste(d, "pasted {name?} ::thanks\n\U0001F469\u200D\U0001F4BB");
	else if (pick(10) == 0)
		driver_burst(d, pick(2) ? "^X<Enter>" : "some longer text<Enter>");
	else
		driver_keys(d, keys[pick(sizeof keys / sizeof keys[0])]);
}

static void change_something(struct driver *d)
{
	int64_t id = 1 + pick(12);
	struct kase *kase = &driver_case(d, id)->kase;
	switch (pick(5)) {
	case 0: kase->status = (enum case_status)pick(STATUS_COUNT); break;
	case 1: kase->rank = pick(20000); break;
	case 2: kase->assignee = pick(2) ? "bob" : ""; break;
	case 3: kase->first_reply_at = pick(2); break;
	default:
		if (driver_case(d, id)->post_count < DRIVER_POSTS)
			driver_add_post(d, id, 2000 + (int64_t)pick(100000), pick(2) ? DIR_IN : DIR_OUT, "more");
		break;
	}
	driver_changed(d, id);
}

static void be_late_or_refuse(struct driver *d)
{
	static const enum effect_kind kinds[] = {FX_ROWS, FX_CASE, FX_ACT, FX_DRAFT_SAVE, FX_HOLD, FX_NEXT, FX_UNDO};
	enum effect_kind kind = kinds[pick(7)];
	d->refuse[kind].code = ERR_NONE;
	if (pick(4) == 0)
		err_set(&d->refuse[kind], ERR_IO, "disk full");
}

static void check(const struct driver *d)
{
	const struct state *s = d->state;
	const struct compose *c = &s->composer.compose;
	assert_true(c->cursor <= c->text.len);
	assert_int_equal(grapheme_floor(c->text.p, c->text.len, c->cursor), c->cursor);
	assert_true(s->composer.open == (s->focus == MODE_COMPOSER));
	assert_true(s->inbox.top >= 0 && (s->inbox.top < s->inbox.count || !s->inbox.top));
	assert_true(!s->inbox.ghost || s->inbox.ghost == s->inbox.selected);
	assert_true(s->overlay != MODE_SENDBAR || s->composer.open);
	assert_true(s->picker.at < (int)s->picker.shown.len);
	assert_true(s->drafts.len <= 36);
	if (s->composer.open && s->inbox.selected)
		assert_int_equal(s->composer.case_id, s->inbox.selected);
}

static void play(uint64_t from)
{
	seed = from;
	struct driver *d = driver_new();
	int holds = 0, confirmed = 0;
	for (int i = 0; i < 3000 && !d->state->leaving; i++) {
		bool seen = d->state->sendbar.painted_mono > 0 && state_mode(d->state) == MODE_SENDBAR;
		bool second = state_mode(d->state) == MODE_CONFIRM;
		press_something(d);
		holds += driver_count(d, FX_HOLD);
		confirmed += seen || second;
		assert_true(driver_count(d, FX_HOLD) == 0 || seen || second);
		driver_forget(d);
		d->reply_count = d->reply_count > 24 ? 0 : d->reply_count;
		if (pick(5) == 0)
			change_something(d);
		if (pick(40) == 0)
			be_late_or_refuse(d);
		if (pick(2))
			driver_painted(d);
		driver_pass(d, pick(900));
		check(d);
	}
	assert_true(holds <= confirmed);
	driver_free(d);
}

static void nothing_breaks_and_nothing_is_sent_by_one_stroke(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 12; i++)
		play(i * 7919);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_breaks_and_nothing_is_sent_by_one_stroke)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
