/* The power goes at each sync of a day's work, and the store is opened from what the disk holds: what was acknowledged
 * before is there, what was under way is there whole or not at all, and nothing else is. */
#include "core/base/str.h"
#include "core/store/health.h"
#include "core/store/internal.h"
#include "tests/fault/cut_vfs.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define STEPS_MAX 128
#define LUCKS 16 /* how often each moment is tried */
#define BATCH 5

/* Each step is one transaction, or touches no row that the digest sees. */
struct record {
	int count;
	int64_t done_at[STEPS_MAX]; /* operations until the step was acknowledged */
	uint64_t digest[STEPS_MAX]; /* of all rows after it */
	int posts[STEPS_MAX];
};

/* --- what the store says */

static const char *const everything[] = {
        "SELECT id||' '||remote_id||' '||thread_id||' '||case_id||' '||text||' '||deleted_at FROM post ORDER BY id",
        "SELECT account_id||' '||source||' '||value FROM position ORDER BY account_id,source",
        "SELECT case_id||' '||agent||' '||kind||' '||text||' '||revision FROM draft ORDER BY case_id,agent,kind",
        "SELECT id||' '||case_id||' '||state||' '||text||' '||attempts||' '||remote_id||' '||idempotency_key FROM reply"
        " ORDER BY id",
        "SELECT id||' '||status||' '||assignee||' '||revision||' '||due||' '||summary FROM kase ORDER BY id",
        "SELECT j.id||' '||case_id||' '||action||' '||changes||' '||ifnull(text,'') FROM journal j"
        " LEFT JOIN journal_text t ON t.journal_id=j.id ORDER BY j.id",
        "SELECT case_id||' '||tag FROM case_tag ORDER BY case_id,tag",
        "SELECT count(*)||' '||ifnull(sum(rowid),0) FROM post_words WHERE post_words MATCH 'parcel'",
};

static uint64_t digest_of(struct fixture *f)
{
	struct str all = STR_INIT;
	struct rows r;
	db_begin_read(f->store->db);
	for (size_t i = 0; i < sizeof everything / sizeof *everything; i++) {
		rows_begin(&r, f->store->db, everything[i], "");
		while (rows_next(&r))
			str_addf(&all, "%s\n", rows_text(&r, 0, &f->arena));
		rows_end(&r);
	}
	if (db_end_read(f->store->db, &f->err))
		fail_msg("%s", f->err.text);
	uint64_t digest = hash_bytes(all.p, all.len);
	str_release(&all);
	return digest;
}

static int posts_in(struct fixture *f)
{
	db_begin_read(f->store->db);
	int64_t count = db_number(f->store->db, -1, "SELECT count(*) FROM post", "");
	assert_int_equal(db_end_read(f->store->db, &f->err), 0);
	return (int)count;
}

/* --- the day */

static void acknowledged(struct fixture *f, struct record *record)
{
	assert_true(record->count < STEPS_MAX);
	record->done_at[record->count] = cut_now();
	record->digest[record->count] = digest_of(f);
	record->posts[record->count++] = posts_in(f);
}

/* The position is the number of the batch's last post. */
static void ingest(struct fixture *f, struct record *record, int batch)
{
	struct incoming items[BATCH];
	int fresh, first = batch * BATCH;
	for (int i = 0; i < BATCH; i++)
		items[i] = post_in(arena_printf(&f->arena, "@c%d", (first + i) % 17),
		        arena_printf(&f->arena, "%d", first + i + 1), "", NOON + first + i,
		        arena_printf(&f->arena, "parcel %d is late, %0*d", first + i, 200, first));
	const char *position = arena_printf(&f->arena, "%d", first + BATCH);
	assert_int_equal(store_ingest(f->store, f->account, items, BATCH, "mentions", position, &fresh, &f->err), 0);
	acknowledged(f, record);
}

static void save_draft(struct fixture *f, struct record *record, int64_t case_id, const char *text, int64_t *revision)
{
	struct draft draft = {.case_id = case_id, .text = text, .revision = *revision};
	const char *conflict;
	assert_int_equal(store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err), 0);
	*revision = draft.revision;
	acknowledged(f, record);
}

static void fold(struct fixture *f, struct record *record, bool idle)
{
	assert_int_equal(store_checkpoint(f->store, idle, &f->err), 0);
	acknowledged(f, record);
}

/* Typed, confirmed, queued, taken, sent. */
static void answer(struct fixture *f, struct record *record, int64_t case_id)
{
	int64_t revision = 0, reply_id;
	int queued;
	bool moved;
	const char *to = arena_printf(&f->arena, "%lld", (long long)case_id);
	save_draft(f, record, case_id, "We are", &revision);
	save_draft(f, record, case_id, "We are sorry", &revision);
	struct reply reply = {.case_id = case_id,
	        .agent = "alice",
	        .text = "We are sorry",
	        .to_remote_id = to,
	        .follow = "stay",
	        .hold_until = NOON};
	assert_int_equal(store_reply_hold(f->store, &reply, DRAFT_REPLY, &reply_id, &f->err), 0);
	acknowledged(f, record);
	assert_int_equal(store_reply_queue_due(f->store, NOON, 600000, &queued, &f->err), 0);
	assert_int_equal(queued, 1);
	acknowledged(f, record);
	assert_int_equal(store_reply_take(f->store, reply_id, &moved, &f->err), 0);
	assert_true(moved);
	acknowledged(f, record);
	struct incoming sent = post_out(arena_printf(&f->arena, "ours-%s", to), to, NOON + 1000, "We are sorry");
	assert_int_equal(store_reply_sent(f->store, reply_id, &sent, NOON, &f->err), 0);
	acknowledged(f, record);
}

static void recall(struct fixture *f, struct record *record, int64_t case_id)
{
	int64_t reply_id;
	bool recalled;
	struct reply reply = {.case_id = case_id,
	        .agent = "bob",
	        .text = "Too soon",
	        .to_remote_id = "2",
	        .follow = "stay",
	        .hold_until = NOON + 60000};
	assert_int_equal(store_reply_hold(f->store, &reply, -1, &reply_id, &f->err), 0);
	acknowledged(f, record);
	assert_int_equal(store_reply_recall(f->store, reply_id, "bob", NOON, &recalled, &f->err), 0);
	assert_true(recalled);
	acknowledged(f, record);
}

static void a_day(struct fixture *f, struct record *record)
{
	acknowledged(f, record);
	for (int batch = 0; batch < 4; batch++)
		ingest(f, record, batch);
	act(f, ACTION_TAG, 3, "alice", "late");
	acknowledged(f, record);
	answer(f, record, 1);
	fold(f, record, false);
	recall(f, record, 2);
	ingest(f, record, 4);
	fold(f, record, true);
	answer(f, record, 4);
	act(f, ACTION_DONE, 4, "bob", "");
	acknowledged(f, record);
	ingest(f, record, 5);
	fold(f, record, false);
	for (int batch = 6; batch < 9; batch++)
		ingest(f, record, batch);
	fold(f, record, true);
}

/* --- after the cut */

static void the_position_is_not_ahead(struct fixture *f)
{
	const char *position;
	int64_t last = 0;
	assert_int_equal(store_position(f->store, f->account, "mentions", &f->arena, &position, &f->err), 0);
	if (position)
		assert_true(parse_i64(position, &last));
	for (int64_t i = 1; i <= last; i++)
		if (!store_knows_post(f->store, f->account, arena_printf(&f->arena, "%lld", (long long)i)))
			fail_msg("position %lld, and post %lld is not there", (long long)last, (long long)i);
}

/* Nothing can be said that was not confirmed, and nothing sent is without its post. */
static void replies_make_sense(struct fixture *f)
{
	const struct reply *replies;
	const struct post *post;
	int count;
	assert_int_equal(store_replies(f->store, ~0u, NULL, &f->arena, &replies, &count, &f->err), 0);
	for (int i = 0; i < count; i++) {
		const struct reply *reply = &replies[i];
		assert_true(reply->state <= REPLY_SENT || reply->state == REPLY_RECALLED);
		assert_int_equal(reply->attempts, reply->state == REPLY_SENDING || reply->state == REPLY_SENT);
		if (reply->state != REPLY_SENT)
			continue;
		assert_int_equal(store_post(f->store, f->account, reply->remote_id, &f->arena, &post, &f->err), 0);
		assert_non_null(post);
		assert_true(post->reply_id == reply->id);
	}
}

static void reopened_as_it_was(struct fixture *f, const struct record *record, int64_t at, uint64_t luck)
{
	int last = 0;
	while (last + 1 < record->count && record->done_at[last + 1] <= at)
		last++;
	if (store_open(f->uri, STORE_COURIER, &f->store, &f->err))
		fail_msg("cut at %lld, luck %llu: %s", (long long)at, (unsigned long long)luck, f->err.text);
	if (store_health(f->store, &f->err))
		fail_msg("cut at %lld, luck %llu: %s", (long long)at, (unsigned long long)luck, f->err.text);
	uint64_t digest = digest_of(f);
	bool next = last + 1 < record->count && digest == record->digest[last + 1];
	if (digest != record->digest[last] && !next)
		fail_msg("cut at %lld, luck %llu: %d posts, acknowledged were %d", (long long)at,
		        (unsigned long long)luck, posts_in(f), record->posts[last]);
	the_position_is_not_ahead(f);
	replies_make_sense(f);
	store_close(f->store);
	f->store = NULL;
	arena_reset(&f->arena);
}

static int setup(void **state)
{
	cut_begin();
	return fixture_setup(state);
}

static int teardown(void **state)
{
	int failed = fixture_teardown(state);
	cut_end();
	return failed;
}

static void whatever_was_acknowledged_outlives_a_power_cut(void **state)
{
	struct fixture *f = *state;
	struct record record = {0};
	int cuts = 0;
	a_day(f, &record);
	store_close(f->store);
	f->store = NULL;
	for (int64_t at = record.done_at[0]; (at = cut_next_sync(at)) >= 0; cuts++)
		for (uint64_t luck = 0; luck < LUCKS; luck++) {
			cut_power(at, luck);
			reopened_as_it_was(f, &record, at, luck);
		}
	assert_true(cuts > record.count);
	print_message("%d cuts, each with %d kinds of luck, in a day of %d steps\n", cuts, LUCKS, record.count);
}

/* The disk of this test is not kinder than one: without syncs it loses what was acknowledged. */
static void the_disk_of_this_test_forgets_what_is_not_synced(void **state)
{
	struct fixture *f = *state;
	struct record record = {0};
	int lost = 0;
	db_begin_read(f->store->db);
	db_end_read(f->store->db, &f->err);
	assert_int_equal(db_careless(f->store->db, true, &f->err), 0);
	acknowledged(f, &record);
	ingest(f, &record, 0);
	ingest(f, &record, 1);
	fold(f, &record, false);
	int64_t end = cut_now();
	store_close(f->store);
	for (uint64_t luck = 0; luck < 20; luck++) {
		cut_power(end, luck);
		f->store = NULL;
		if (store_open(f->uri, STORE_COURIER, &f->store, &f->err) || store_health(f->store, &f->err) ||
		        posts_in(f) < record.posts[1])
			lost++;
		store_close(f->store);
	}
	f->store = NULL;
	assert_true(lost > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(whatever_was_acknowledged_outlives_a_power_cut, setup, teardown),
	        cmocka_unit_test_setup_teardown(the_disk_of_this_test_forgets_what_is_not_synced, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
