/* What comes in: once, in order, whole, and as text. */
#include "tests/network/conformance/sentence.h"

#include "core/base/utf8.h"
#include "core/base/clock.h"

#include <stdio.h>

/* Numbers stand in the texts, so that no two are alike. */
static struct said *complaint(struct stage *stage, int number)
{
	char text[64];
	snprintf(text, sizeof text, OUR_HANDLE " my parcel %d is late", number);
	return customer_says(stage, text, NULL);
}

/* Every post of theirs that is still there, once, in the order in which they were said. */
static void all_came_in_order(struct stage *stage)
{
	int last = -1;
	for (size_t i = 0; i < stage->seen.len; i++) {
		const struct said *said = stage_find(stage, stage->seen.at[i].id);
		assert_non_null(said);
		bool first = true;
		for (size_t k = 0; k < i && first; k++)
			first = strcmp(stage->seen.at[k].id, stage->seen.at[i].id) != 0;
		if (!first)
			continue;
		assert_true(said->number > last);
		last = said->number;
	}
	int theirs = 0;
	for (size_t i = 0; i < stage->said.len; i++)
		theirs += stage->said.at[i]->mentions_us && !stage->said.at[i]->unreadable;
	assert_int_equal(posts_seen(stage), theirs);
}

/* --- mentions */

static void what_was_said_before_comes_first_oldest_first(void **state)
{
	struct stage *stage = *state;
	for (int i = 0; i < 7; i++)
		complaint(stage, i);
	connect_live(stage);
	assert_int_equal(posts_seen(stage), 7);
	all_came_in_order(stage);
	assert_int_equal(stage->gaps, 0);
}

static void a_first_fetch_of_none_begins_with_what_comes_next(void **state)
{
	struct stage *stage = *state;
	struct said *before = complaint(stage, 1);
	pass(stage, 60000);
	stage->first_fetch = 0;
	connect_live(stage);
	assert_null(seen_of(stage, before));
	struct said *after = complaint(stage, 2);
	wait_until(stage, seen_of(stage, after));
	assert_int_equal(posts_seen(stage), 1);
}

static void a_mention_is_all_that_it_says(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	struct said *question =
	        customer_says_as(stage, OUR_HANDLE " where is it? 1 < 2 & 3 > 2 \xF0\x9F\x91\x8B", "Sam");
	wait_until(stage, seen_of(stage, question));
	const struct seen *seen = seen_of(stage, question);
	assert_true(seen->mention);
	assert_int_equal(seen->direction, DIR_IN);
	assert_string_equal(seen->text, question->text);
	assert_string_equal(seen->name, "Sam");
	assert_true(seen->handle[0] == '@' && !strchr(seen->handle, ' '));
	assert_true(*seen->customer_key);
	assert_true(seen->created_at > question->at - 1000 && seen->created_at <= question->at);
	assert_int_equal(seen->edited_at, 0);
	assert_string_equal(seen->parent, "");
}

static void an_answer_names_its_parent(void **state)
{
	struct stage *stage = *state;
	struct said *ours = we_said(stage, "a new kettle", NULL);
	connect_live(stage);
	struct said *answer = customer_says(stage, OUR_HANDLE " it leaks", ours);
	wait_until(stage, seen_of(stage, answer));
	assert_string_equal(seen_of(stage, answer)->parent, ours->id);
}

static void who_is_one_customer_has_one_key(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	struct said *one = customer_says_as(stage, OUR_HANDLE " one", "Sam");
	struct said *two = customer_says_as(stage, OUR_HANDLE " two", "Sam, on holiday");
	wait_until(stage, seen_of(stage, two));
	assert_string_equal(seen_of(stage, one)->customer_key, seen_of(stage, two)->customer_key);
}

static void what_we_say_elsewhere_is_no_mention(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	struct said *ours = we_said(stage, "we are " OUR_HANDLE, NULL);
	struct said *after = complaint(stage, 1);
	wait_until(stage, seen_of(stage, after));
	const struct seen *seen = seen_of(stage, ours);
	assert_true(!seen || (seen->direction == DIR_OUT && !seen->mention));
}

/* --- gaps */

static void what_was_said_while_we_were_away_is_all_there_once(void **state)
{
	struct stage *stage = *state;
	enum { MANY = 230 };
	complaint(stage, 0);
	connect_live(stage);
	disconnect_desk(stage);
	for (int i = 1; i <= MANY; i++)
		complaint(stage, i);
	pass(stage, 3600000);
	connect_live(stage);
	assert_int_equal(posts_seen(stage), MANY + 1);
	all_came_in_order(stage);
	assert_int_equal(stage->gaps, 0);
}

static void what_was_said_while_the_line_was_down_comes_before_the_account_is_live(void **state)
{
	struct stage *stage = *state;
	complaint(stage, 0);
	connect_live(stage);
	fault_befalls(stage, REQUEST_READ, FAULT_DOWN, 2);
	if (stage->room->cut)
		stage->room->cut(stage);
	wait_until(stage, stage->state == ACCOUNT_RETRYING);
	struct said *missed = complaint(stage, 1);
	wait_until(stage, stage->state == ACCOUNT_LIVE);
	assert_non_null(seen_of(stage, missed));
	all_came_in_order(stage);
}

static void no_more_is_asked_for_than_the_store_has_taken(void **state)
{
	struct stage *stage = *state;
	enum { MANY = 230 };
	connect_live(stage);
	disconnect_desk(stage);
	for (int i = 0; i < MANY; i++)
		complaint(stage, i);
	stage->hold = true;
	connect_desk(stage);
	wait_until(stage, holds_posts(stage));
	size_t handed = stage->held.len;
	for (int i = 0; i < 50; i++)
		turn(stage);
	assert_int_equal(stage->held.len, handed);
	assert_int_not_equal(stage->state, ACCOUNT_LIVE);
	stage->hold = false;
	store(stage);
	wait_until(stage, stage->state == ACCOUNT_LIVE);
	all_came_in_order(stage);
}

static void what_was_not_stored_when_we_died_comes_again(void **state)
{
	struct stage *stage = *state;
	enum { MANY = 130 };
	connect_live(stage);
	disconnect_desk(stage);
	for (int i = 0; i < MANY; i++)
		complaint(stage, i);
	stage->hold = true;
	connect_desk(stage);
	wait_until(stage, holds_posts(stage));
	crash(stage);
	assert_int_equal(posts_seen(stage), 0);
	stage->hold = false;
	connect_live(stage);
	assert_int_equal(posts_seen(stage), MANY);
	all_came_in_order(stage);
}

static void what_is_told_while_the_gap_is_filled_is_not_lost(void **state)
{
	struct stage *stage = *state;
	for (int i = 0; i < 5; i++)
		complaint(stage, i);
	stage->hold = true;
	connect_desk(stage);
	wait_until(stage, stage->held.len);
	struct said *between = complaint(stage, 5);
	for (int i = 0; i < 20; i++)
		turn(stage);
	stage->hold = false;
	store(stage);
	wait_until(stage, seen_of(stage, between));
	all_came_in_order(stage);
}

/* --- edits and deletions */

static void an_edit_comes_unasked_under_the_same_id(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	struct said *said = customer_says(stage, OUR_HANDLE " teh kettle", NULL);
	wait_until(stage, seen_of(stage, said));
	char id[ID_SIZE];
	snprintf(id, sizeof id, "%s", said->id);
	author_edits(stage, said, OUR_HANDLE " the kettle");
	wait_until(stage, seen_of(stage, said)->edited_at);
	assert_string_equal(seen_of(stage, said)->text, OUR_HANDLE " the kettle");
	assert_string_equal(said->id, id);
	assert_int_equal(posts_seen(stage), 1);
	assert_true(seen_of(stage, said)->created_at <= seen_of(stage, said)->edited_at);
}

static void a_deletion_comes_unasked(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	struct said *said = complaint(stage, 1);
	wait_until(stage, seen_of(stage, said));
	author_deletes(stage, said);
	wait_until(stage, seen_of(stage, said)->kind == ITEM_DELETE);
}

static void a_post_is_read_as_it_is_now(void **state)
{
	struct stage *stage = *state;
	struct said *said = customer_says(stage, OUR_HANDLE " teh kettle", NULL);
	connect_live(stage);
	fetch(stage, said);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_int_equal(stage->items.len, 1);
	assert_string_equal(stage->items.at[0].text, said->text);
	assert_string_equal(stage->items.at[0].id, said->id);
	author_deletes(stage, said);
	fetch(stage, said);
	assert_int_equal(stage->outcome, CALL_GONE);
}

/* --- what is hostile or broken */

static void one_post_that_cannot_be_read_takes_no_other_along(void **state)
{
	struct stage *stage = *state;
	complaint(stage, 1);
	struct said *broken = customer_says_unreadably(stage, OUR_HANDLE " my parcel 2 is late");
	complaint(stage, 3);
	connect_live(stage);
	assert_null(seen_of(stage, broken));
	all_came_in_order(stage);
}

static void what_nobody_knows_is_passed_over(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	if (stage->room->babble)
		stage->room->babble(stage);
	struct said *after = complaint(stage, 1);
	wait_until(stage, seen_of(stage, after));
	assert_int_equal(stage->state, ACCOUNT_LIVE);
	assert_int_equal(posts_seen(stage), 1);
}

static void assert_text(const char *text)
{
	assert_true(utf8_valid(text, strlen(text)));
}

/* Controls, colours, a title, bidirectional overrides, markup, a NUL that is written as an escape, what looks like a
 * command of ours: it is all text, and stays that. */
static void hostile_text_stays_text(void **state)
{
	static const char *const texts[] = {
	        OUR_HANDLE " \x1B[31mred\x1B]0;title\x07 \x1B[2J",
	        OUR_HANDLE " \xE2\x80\xAE"
	                   "evil\xE2\x80\xAC \xE2\x81\xA6isolated",
	        OUR_HANDLE " <b>bold</b> <script>alert(1)</script> &amp; &lt;",
	        OUR_HANDLE " '; DROP TABLE posts; -- \" $(reboot) `reboot` \\u0000",
	        OUR_HANDLE " \xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7 "
	                   "z\xCC\x80\xCC\x81\xCC\x82\xCC\x83",
	};
	struct stage *stage = *state;
	connect_live(stage);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct said *said = customer_says_as(stage, texts[i], "\x1B[5mName\r\nX: y\xE2\x80\xAE");
		wait_until(stage, seen_of(stage, said));
		const struct seen *seen = seen_of(stage, said);
		assert_text(seen->text);
		assert_text(seen->name);
		assert_string_equal(seen->text, said->text);
		assert_string_equal(seen->customer_key, stage->seen.at[0].customer_key);
		assert_null(strpbrk(seen->handle, " \r\n\x1B"));
	}
}

/* --- the conversation */

static const struct seen *of(const struct stage *stage, const struct said *said, size_t *at)
{
	const struct seen *found = NULL;
	for (size_t i = 0; i < stage->items.len; i++) {
		if (strcmp(stage->items.at[i].id, said->id) != 0 || stage->items.at[i].kind != ITEM_POST)
			continue;
		assert_null(found);
		found = &stage->items.at[i];
		*at = i;
	}
	return found;
}

static void a_conversation_is_whole_and_no_post_stands_before_its_parent(void **state)
{
	struct stage *stage = *state;
	struct said *root = customer_says(stage, "has anybody this kettle?", NULL);
	struct said *first = customer_says(stage, "I have", root);
	struct said *second = customer_says(stage, "so have I", root);
	struct said *deep = customer_says(stage, OUR_HANDLE " does it leak?", first);
	struct said *ours = we_said(stage, "it should not", deep);
	struct said *last = customer_says(stage, OUR_HANDLE " it does", ours);
	const struct said *const all[] = {root, first, second, deep, ours, last};
	connect_live(stage);
	thread(stage, deep);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_int_equal(stage->items.len, sizeof all / sizeof *all);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		size_t at = 0, above = 0;
		const struct seen *seen = of(stage, all[i], &at);
		assert_non_null(seen);
		assert_string_equal(seen->root, root->id);
		assert_string_equal(seen->parent, all[i]->parent ? all[i]->parent->id : "");
		assert_int_equal(seen->direction, all[i]->ours ? DIR_OUT : DIR_IN);
		if (all[i]->parent) {
			of(stage, all[i]->parent, &above);
			assert_true(above < at);
		}
	}
}

static void a_conversation_survives_a_deleted_post_in_it(void **state)
{
	struct stage *stage = *state;
	struct said *root = customer_says(stage, "has anybody this kettle?", NULL);
	struct said *gone = customer_says(stage, "I take that back", root);
	struct said *leaf = customer_says(stage, OUR_HANDLE " does it leak?", gone);
	author_deletes(stage, gone);
	connect_live(stage);
	thread(stage, leaf);
	assert_int_equal(stage->outcome, CALL_OK);
	size_t at;
	assert_non_null(of(stage, leaf, &at));
	assert_null(of(stage, gone, &at));
	thread(stage, gone);
	assert_int_equal(stage->outcome, CALL_GONE);
}

/* --- the account */

static void what_a_stream_brings_is_not_asked_for(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	int asked = stage->requests[REQUEST_READ];
	struct said *said = customer_says(stage, OUR_HANDLE " are you there?", NULL);
	wait_until(stage, seen_of(stage, said));
	if (can(stage, CAP_STREAM))
		assert_int_equal(stage->requests[REQUEST_READ], asked);
}

static void what_the_account_can_do_is_told_before_it_is_live(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	assert_true(stage->facts_told);
	assert_true(can(stage, CAP_REPLY));
	assert_true(stage->facts.limits.max > 0);
	assert_true(can(stage, CAP_STREAM) == (stage->streams > 0));
}

static void a_refused_token_needs_a_person(void **state)
{
	struct stage *stage = *state;
	fault_befalls(stage, REQUEST_READ, FAULT_TOKEN, -1);
	connect_desk(stage);
	wait_until(stage, stage->state == ACCOUNT_NEEDS_LOGIN);
	for (int i = 0; i < 20; i++)
		turn(stage); /* what was under way */
	int asked = stage->requests[REQUEST_READ];
	pass(stage, 3600000);
	for (int i = 0; i < 20; i++)
		turn(stage);
	assert_int_equal(stage->requests[REQUEST_READ], asked);
}

static void a_server_that_is_down_is_tried_again_and_said_so(void **state)
{
	struct stage *stage = *state;
	complaint(stage, 1);
	fault_befalls(stage, REQUEST_READ, FAULT_DOWN, 3);
	connect_desk(stage);
	wait_until(stage, stage->state == ACCOUNT_RETRYING);
	assert_true(stage->until >= clock_wall_ms());
	wait_until(stage, stage->state == ACCOUNT_LIVE);
	all_came_in_order(stage);
}

/* Whatever becomes of an answer while reading, what was said comes once. */
static void whatever_becomes_of_reading_all_comes_once(void **state)
{
	static const enum fault_kind kinds[] = {
	        FAULT_DOWN, FAULT_LOST_BEFORE, FAULT_LOST_AFTER, FAULT_CUT, FAULT_NONSENSE};
	struct stage *stage = *state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		for (int k = 0; k < 3; k++)
			complaint(stage, (int)i * 3 + k);
		fault_befalls(stage, REQUEST_READ, kinds[i], 2);
		connect_live(stage);
		disconnect_desk(stage);
	}
	all_came_in_order(stage);
}

static void a_limit_of_requests_is_kept_until_it_ends(void **state)
{
	struct stage *stage = *state;
	complaint(stage, 1);
	stage->busy_until = clock_wall_ms() + 300000;
	stage->busy_until -= stage->busy_until % 1000; /* networks tell whole seconds */
	fault_befalls(stage, REQUEST_READ, FAULT_BUSY, -1);
	connect_desk(stage);
	wait_until(stage, stage->state == ACCOUNT_RATE_LIMITED);
	assert_true(stage->until >= stage->busy_until);
	int asked = stage->requests[REQUEST_READ];
	pass_by_deadlines(stage, stage->busy_until - clock_wall_ms() - 1000);
	for (int i = 0; i < 20; i++)
		turn(stage);
	assert_int_equal(stage->requests[REQUEST_READ], asked);
	wait_until(stage, stage->state == ACCOUNT_LIVE);
	assert_true(clock_wall_ms() >= stage->busy_until);
	all_came_in_order(stage);
}

#define SENTENCE(function)                                                                                             \
	{                                                                                                              \
#function, function                                                                                    \
	}

const struct sentence sentences_in[] = {
        SENTENCE(what_was_said_before_comes_first_oldest_first),
        SENTENCE(a_first_fetch_of_none_begins_with_what_comes_next),
        SENTENCE(a_mention_is_all_that_it_says),
        SENTENCE(an_answer_names_its_parent),
        SENTENCE(who_is_one_customer_has_one_key),
        SENTENCE(what_we_say_elsewhere_is_no_mention),
        SENTENCE(what_was_said_while_we_were_away_is_all_there_once),
        SENTENCE(what_was_said_while_the_line_was_down_comes_before_the_account_is_live),
        SENTENCE(no_more_is_asked_for_than_the_store_has_taken),
        SENTENCE(what_was_not_stored_when_we_died_comes_again),
        SENTENCE(what_is_told_while_the_gap_is_filled_is_not_lost),
        SENTENCE(an_edit_comes_unasked_under_the_same_id),
        SENTENCE(a_deletion_comes_unasked),
        SENTENCE(a_post_is_read_as_it_is_now),
        SENTENCE(one_post_that_cannot_be_read_takes_no_other_along),
        SENTENCE(what_nobody_knows_is_passed_over),
        SENTENCE(hostile_text_stays_text),
        SENTENCE(a_conversation_is_whole_and_no_post_stands_before_its_parent),
        SENTENCE(a_conversation_survives_a_deleted_post_in_it),
        SENTENCE(what_a_stream_brings_is_not_asked_for),
        SENTENCE(what_the_account_can_do_is_told_before_it_is_live),
        SENTENCE(a_refused_token_needs_a_person),
        SENTENCE(a_server_that_is_down_is_tried_again_and_said_so),
        SENTENCE(whatever_becomes_of_reading_all_comes_once),
        SENTENCE(a_limit_of_requests_is_kept_until_it_ends),
        {NULL, NULL},
};
