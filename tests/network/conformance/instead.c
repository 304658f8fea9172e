#include "tests/network/conformance/instead.h"

#include "core/base/clock.h"

/* Everybody's posts can be answered there. */
void no_post_says_that_it_cannot_be_answered(void **state)
{
	struct stage *stage = *state;
	struct said *said = customer_says(stage, OUR_HANDLE " read that", NULL);
	author_closes(stage, said);
	connect_live(stage);
	assert_string_equal(seen_of(stage, said)->refusal, "");
	struct reply reply = reply_to(said, "We have.");
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_OK);
}

/* So the account does not say that it honours keys, and who has to send again looks first. */
void what_is_not_said_to_be_idempotent_is_looked_for(void **state)
{
	struct stage *stage = *state;
	struct said *to = customer_says(stage, OUR_HANDLE " where is it?", NULL);
	connect_live(stage);
	assert_false(can(stage, CAP_IDEMPOTENT));
	struct reply reply = reply_to(to, "On its way.");
	perform(stage, &reply);
	find(stage, &reply);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_int_equal(stage->items.len, 1);
	assert_int_equal(published(stage, reply.text), 1);
}

void an_edit_is_seen_when_the_post_is_read(void **state)
{
	struct stage *stage = *state;
	struct said *said = customer_says(stage, OUR_HANDLE " teh kettle", NULL);
	connect_live(stage);
	author_edits(stage, said, OUR_HANDLE " the kettle");
	fetch(stage, said);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_string_equal(stage->items.at[0].text, said->text);
	assert_true(stage->items.at[0].edited_at);
}

void the_first_version_of_a_post_stays(void **state)
{
	struct stage *stage = *state;
	struct said *said = customer_says(stage, OUR_HANDLE " teh kettle", NULL);
	connect_live(stage);
	author_edits(stage, said, OUR_HANDLE " the kettle");
	fetch(stage, said);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_string_equal(stage->items.at[0].text, said->first_text);
	assert_int_equal(stage->items.at[0].edited_at, 0);
}

void a_deletion_is_seen_when_the_post_is_read(void **state)
{
	struct stage *stage = *state;
	struct said *said = customer_says(stage, OUR_HANDLE " the kettle", NULL);
	connect_live(stage);
	author_deletes(stage, said);
	fetch(stage, said);
	assert_int_equal(stage->outcome, CALL_GONE);
}

static void be_busy(struct stage *stage, enum request_kind of)
{
	stage->busy_until = clock_wall_ms() + 300000;
	fault_befalls(stage, of, FAULT_BUSY, -1);
}

void a_limit_without_an_end_is_waited_out(void **state)
{
	struct stage *stage = *state;
	struct said *said = customer_says(stage, OUR_HANDLE " are you there?", NULL);
	be_busy(stage, REQUEST_READ);
	connect_desk(stage);
	wait_until(stage, stage->state == ACCOUNT_RATE_LIMITED);
	wait_until(stage, stage->state == ACCOUNT_LIVE);
	assert_true(clock_wall_ms() >= stage->busy_until);
	assert_non_null(seen_of(stage, said));
}

void a_limit_of_posts_without_an_end_is_waited_out(void **state)
{
	struct stage *stage = *state;
	struct said *to = customer_says(stage, OUR_HANDLE " where is it?", NULL);
	connect_live(stage);
	struct reply reply = reply_to(to, "On its way.");
	be_busy(stage, REQUEST_PUBLISH);
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_NOT_SENT);
	assert_true(*stage->why);
	assert_int_equal(published(stage, reply.text), 0);
	pass(stage, stage->busy_until - clock_wall_ms());
	perform_when_possible(stage, &reply);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_int_equal(published(stage, reply.text), 1);
}

void no_like_is_offered(void **state)
{
	struct stage *stage = *state;
	struct said *said = customer_says(stage, OUR_HANDLE " thanks", NULL);
	connect_live(stage);
	assert_false(can(stage, CAP_LIKE));
	struct reply like = act_on(said, REPLY_KIND_LIKE);
	perform(stage, &like);
	assert_int_equal(stage->outcome, CALL_REFUSED);
	assert_true(*stage->why);
}

void no_correction_is_offered(void **state)
{
	struct stage *stage = *state;
	connect_live(stage);
	assert_false(can(stage, CAP_EDIT));
}
