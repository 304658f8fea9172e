/* What goes out: once, and how it ended is told exactly. */
#include "tests/network/conformance/sentence.h"

#include "core/base/clock.h"

#include <stdio.h>

static struct said *question(struct stage *stage)
{
	return customer_says(stage, OUR_HANDLE " where is my parcel?", NULL);
}

static struct said *live_with_a_question(struct stage *stage)
{
	struct said *said = question(stage);
	connect_live(stage);
	return said;
}

/* --- replies */

static void a_reply_comes_back_as_it_was_published(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	struct reply reply = reply_to(to, "On its way, 1 < 2 & so on.");
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_string_equal(stage->why, "");
	assert_int_equal(published(stage, reply.text), 1);
	assert_int_equal(stage->items.len, 1);
	const struct seen *post = &stage->items.at[0];
	const struct said *said = stage_find(stage, post->id);
	assert_non_null(said);
	assert_true(said->ours);
	assert_ptr_equal(said->parent, to);
	assert_string_equal(post->parent, to->id);
	assert_int_equal(post->direction, DIR_OUT);
	assert_false(post->mention);
	assert_string_equal(post->text, reply.text);
}

/* A courier that died, or an answer that never came: the same reply, with the same key and time, is performed again. */
static void a_reply_that_is_sent_again_is_said_once(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	struct reply reply = reply_to(to, "On its way.");
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_OK);
	char id[ID_SIZE];
	snprintf(id, sizeof id, "%s", stage->items.at[0].id);
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_string_equal(stage->items.at[0].id, id);
	assert_int_equal(published(stage, reply.text), 1);
}

static void what_may_have_been_said_is_found(void **state)
{
	static const enum fault_kind kinds[] = {FAULT_LOST_AFTER, FAULT_CUT, FAULT_NONSENSE};
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char text[64];
		snprintf(text, sizeof text, "We  look into <it> & more, %d.", (int)i);
		struct reply reply = reply_to(to, text);
		fault_befalls(stage, REQUEST_PUBLISH, kinds[i], 1);
		perform(stage, &reply);
		if (stage->outcome != CALL_OK) { /* a room may look by itself */
			assert_int_equal(stage->outcome, CALL_UNKNOWN);
			assert_true(*stage->why);
			find(stage, &reply);
			assert_int_equal(stage->outcome, CALL_OK);
		}
		assert_int_equal(stage->items.len, 1);
		assert_true(stage_find(stage, stage->items.at[0].id)->ours);
		assert_int_equal(published(stage, text), 1);
	}
}

static void what_was_not_said_is_certainly_not_found_and_said_once_then(void **state)
{
	static const enum fault_kind kinds[] = {FAULT_LOST_BEFORE, FAULT_DOWN};
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char text[64];
		snprintf(text, sizeof text, "On its way, %d.", (int)i);
		struct reply reply = reply_to(to, text);
		fault_befalls(stage, REQUEST_PUBLISH, kinds[i], 1);
		perform(stage, &reply);
		assert_true(*stage->why);
		if (stage->outcome != CALL_NOT_SENT) {
			assert_int_equal(stage->outcome, CALL_UNKNOWN);
			find(stage, &reply);
			assert_int_equal(stage->outcome, CALL_OK);
			assert_int_equal(stage->items.len, 0);
		}
		perform(stage, &reply);
		assert_int_equal(stage->outcome, CALL_OK);
		assert_int_equal(published(stage, text), 1);
	}
}

static void it_is_found_however_wrong_our_clock_is(void **state)
{
	static const int64_t hours[] = {48, -96};
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
		char text[64];
		our_clock_is_set(stage, hours[i] * 3600000);
		snprintf(text, sizeof text, "On its way, %d.", (int)i);
		struct reply reply = reply_to(to, text);
		fault_befalls(stage, REQUEST_PUBLISH, FAULT_LOST_AFTER, 1);
		perform(stage, &reply);
		find(stage, &reply);
		assert_int_equal(stage->outcome, CALL_OK);
		assert_int_equal(stage->items.len, 1);
		assert_int_equal(published(stage, text), 1);
	}
}

/* Our own words at another place, or before, are not the reply that is in doubt. */
static void another_post_of_ours_is_not_taken_for_the_reply(void **state)
{
	struct stage *stage = *state;
	struct said *other = question(stage);
	struct said *to = live_with_a_question(stage);
	struct reply there = reply_to(other, "Sorry about that."), reply = reply_to(to, "Sorry about this.");
	perform(stage, &there);
	assert_int_equal(stage->outcome, CALL_OK);
	fault_befalls(stage, REQUEST_PUBLISH, FAULT_LOST_BEFORE, 1);
	perform(stage, &reply);
	find(stage, &reply);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_int_equal(stage->items.len, 0);
}

/* --- refusals */

static void a_refusal_comes_with_the_servers_words_and_without_the_token(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	struct reply reply = reply_to(to, "On its way.");
	fault_befalls(stage, REQUEST_PUBLISH, FAULT_REFUSED, 1);
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_REFUSED);
	assert_non_null(strstr(stage->why, stage_refusal));
	assert_int_equal(published(stage, reply.text), 0);
}

static void a_token_refused_at_work_says_nothing_and_needs_a_person(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	struct reply reply = reply_to(to, "On its way.");
	fault_befalls(stage, REQUEST_PUBLISH, FAULT_TOKEN, -1);
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_NO_ACCESS);
	assert_true(*stage->why);
	assert_int_equal(published(stage, reply.text), 0);
}

static void a_limit_of_posts_is_told_with_its_end_and_nothing_is_sent_before(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	struct reply reply = reply_to(to, "On its way.");
	stage->busy_until = clock_wall_ms() + 300000;
	stage->busy_until -= stage->busy_until % 1000;
	fault_befalls(stage, REQUEST_PUBLISH, FAULT_BUSY, -1);
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_NOT_SENT);
	assert_true(stage->retry_at >= stage->busy_until);
	assert_true(*stage->why);
	int sent = stage->requests[REQUEST_PUBLISH];
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_NOT_SENT);
	assert_int_equal(stage->requests[REQUEST_PUBLISH], sent);
	pass(stage, stage->retry_at - clock_wall_ms());
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_int_equal(published(stage, reply.text), 1);
}

static void an_answer_to_what_is_gone_is_not_said(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	author_deletes(stage, to);
	struct reply reply = reply_to(to, "On its way.");
	perform(stage, &reply);
	assert_true(stage->outcome == CALL_GONE || stage->outcome == CALL_REFUSED);
	assert_int_equal(published(stage, reply.text), 0);
}

static void who_may_not_be_answered_is_known_before_anybody_types(void **state)
{
	struct stage *stage = *state;
	struct said *open = question(stage);
	struct said *root = customer_says(stage, "a quiet talk among us", NULL);
	author_closes(stage, root);
	struct said *closed = customer_says(stage, OUR_HANDLE " read that", root);
	connect_live(stage);
	assert_string_equal(seen_of(stage, open)->refusal, "");
	thread(stage, closed);
	const struct seen *above = NULL;
	for (size_t i = 0; i < stage->items.len; i++)
		if (strcmp(stage->items.at[i].id, root->id) == 0)
			above = &stage->items.at[i];
	assert_non_null(above);
	assert_true(*above->refusal);
}

/* --- what else can be done, and what cannot */

static void a_post_of_ours_is_taken_back(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	struct reply reply = reply_to(to, "On its way.");
	perform(stage, &reply);
	struct said *ours = stage_find(stage, stage->items.at[0].id);
	assert_true(can(stage, CAP_DELETE));
	struct reply back = act_on(ours, REPLY_KIND_DELETE);
	fault_befalls(stage, REQUEST_CHANGE, FAULT_LOST_AFTER, 1);
	perform(stage, &back);
	assert_true(ours->deleted);
	perform_when_possible(stage, &back); /* in doubt: it may be said again */
	assert_true(stage->outcome == CALL_OK || stage->outcome == CALL_GONE);
}

static void a_like_is_given_and_taken_back(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	assert_true(can(stage, CAP_LIKE));
	struct reply like = act_on(to, REPLY_KIND_LIKE), unlike = act_on(to, REPLY_KIND_UNLIKE);
	perform(stage, &like);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_true(to->liked);
	perform(stage, &like);
	assert_int_equal(stage->outcome, CALL_OK);
	perform(stage, &unlike);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_false(to->liked);
}

static void a_boost_is_given_and_taken_back(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	assert_true(can(stage, CAP_BOOST));
	struct reply boost = act_on(to, REPLY_KIND_BOOST), unboost = act_on(to, REPLY_KIND_UNBOOST);
	perform(stage, &boost);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_true(to->boosted);
	assert_false(to->deleted);
	perform(stage, &unboost);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_false(to->boosted);
	assert_false(to->deleted);
}

static void a_post_of_ours_is_corrected_under_the_same_id(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	struct reply reply = reply_to(to, "On it's way.");
	perform(stage, &reply);
	struct said *ours = stage_find(stage, stage->items.at[0].id);
	assert_true(can(stage, CAP_EDIT));
	struct reply edit = reply_to(ours, "On its way.");
	edit.kind = REPLY_KIND_EDIT;
	perform(stage, &edit);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_string_equal(stage->items.at[0].id, ours->id);
	assert_string_equal(ours->text, "On its way.");
	assert_int_equal(published(stage, "On its way."), 1);
}

static void what_the_account_cannot_do_is_refused_in_words_and_unsent(void **state)
{
	static const struct {
		enum capability cap;
		enum reply_kind kind;
	} acts[] = {{CAP_EDIT, REPLY_KIND_EDIT}, {CAP_DELETE, REPLY_KIND_DELETE}, {CAP_LIKE, REPLY_KIND_LIKE},
	        {CAP_BOOST, REPLY_KIND_BOOST}, {CAP_HIDE, REPLY_KIND_HIDE}, {CAP_REPORT, REPLY_KIND_REPORT},
	        {CAP_BLOCK, REPLY_KIND_BLOCK}, {CAP_MUTE, REPLY_KIND_MUTE}};
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
		if (can(stage, acts[i].cap))
			continue;
		int sent = stage->requests[REQUEST_PUBLISH] + stage->requests[REQUEST_CHANGE];
		struct reply reply = act_on(to, acts[i].kind);
		perform(stage, &reply);
		assert_int_equal(stage->outcome, CALL_REFUSED);
		assert_true(*stage->why);
		assert_int_equal(stage->requests[REQUEST_PUBLISH] + stage->requests[REQUEST_CHANGE], sent);
	}
}

/* Edits, deletions and likes say the same when they are said again. */
static void what_may_be_repeated_is_never_in_doubt(void **state)
{
	static const enum reply_kind kinds[] = {REPLY_KIND_EDIT, REPLY_KIND_DELETE, REPLY_KIND_LIKE, REPLY_KIND_UNLIKE};
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct reply reply = act_on(to, kinds[i]);
		find(stage, &reply);
		assert_int_equal(stage->outcome, CALL_OK);
		assert_int_equal(stage->items.len, 0);
	}
}

static void before_the_end(void *arg, const struct call_result *result)
{
	const bool *ended = arg;
	if (*ended)
		fail_msg("a call was answered after the end: %s", result->reason);
}

static void after_the_end_nothing_is_told(void **state)
{
	struct stage *stage = *state;
	struct said *to = live_with_a_question(stage);
	struct reply reply = reply_to(to, "On its way.");
	const struct network_ops *ops = stage->network->ops;
	bool ended = false;
	ops->perform(stage->network, &reply, before_the_end, &ended);
	ops->find(stage->network, &reply, before_the_end, &ended);
	ops->thread(stage->network, to->id, before_the_end, &ended);
	ops->fetch(stage->network, to->id, before_the_end, &ended);
	turn(stage);
	disconnect_desk(stage);
	ended = true;
	int told = stage->told;
	for (int i = 0; i < 20; i++)
		turn(stage);
	pass(stage, 3600000);
	assert_int_equal(stage->told, told);
}

#define SENTENCE(function)                                                                                             \
	{                                                                                                              \
#function, function                                                                                    \
	}

const struct sentence sentences_out[] = {
        SENTENCE(a_reply_comes_back_as_it_was_published),
        SENTENCE(a_reply_that_is_sent_again_is_said_once),
        SENTENCE(what_may_have_been_said_is_found),
        SENTENCE(it_is_found_however_wrong_our_clock_is),
        SENTENCE(what_was_not_said_is_certainly_not_found_and_said_once_then),
        SENTENCE(another_post_of_ours_is_not_taken_for_the_reply),
        SENTENCE(a_refusal_comes_with_the_servers_words_and_without_the_token),
        SENTENCE(a_token_refused_at_work_says_nothing_and_needs_a_person),
        SENTENCE(a_limit_of_posts_is_told_with_its_end_and_nothing_is_sent_before),
        SENTENCE(an_answer_to_what_is_gone_is_not_said),
        SENTENCE(who_may_not_be_answered_is_known_before_anybody_types),
        SENTENCE(a_post_of_ours_is_taken_back),
        SENTENCE(a_like_is_given_and_taken_back),
        SENTENCE(a_boost_is_given_and_taken_back),
        SENTENCE(a_post_of_ours_is_corrected_under_the_same_id),
        SENTENCE(what_the_account_cannot_do_is_refused_in_words_and_unsent),
        SENTENCE(what_may_be_repeated_is_never_in_doubt),
        SENTENCE(after_the_end_nothing_is_told),
        {NULL, NULL},
};
