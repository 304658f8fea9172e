/* Delivery and ingest on a real store and injected time, with a network that does as the test says.
 * It is long because delivery, ingest and corrections are played on one stage: a network that does as it is told. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/courier/deliver.h"
#include "core/courier/ingest.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define T(minutes) (NOON + (minutes)*MINUTE)

/* --- a network that does as it is told */

struct answer {
	call_fn *done;
	void *arg;
	struct call_result result;
};

struct fake {
	struct network base;
	struct str said; /* what was asked of it, a line each */
	enum call_outcome perform, find, fetch;
	int64_t retry_at;
	const char *reason;
	bool found;
	const struct item *now; /* what fetch gives */
	VEC(struct answer) waiting;
};

static struct item published;

static void answer_later(struct fake *fake, call_fn *done, void *arg, struct call_result result)
{
	result.reason = str_or(fake->reason, "");
	vec_push(&fake->waiting, (struct answer){done, arg, result});
}

static void fake_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct fake *fake = (struct fake *)network;
	bool ok = fake->perform == CALL_OK;
	if (reply->kind == REPLY_KIND_POST)
		str_addf(&fake->said, "perform %s %s\n", reply->text, reply->idempotency_key);
	else
		str_addf(&fake->said, "%s %s\n", reply_kind_name(reply->kind), reply->to_remote_id);
	answer_later(
	        fake, done, arg, (struct call_result){fake->perform, fake->retry_at, "", ok ? &published : NULL, ok});
}

static void fake_find(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct fake *fake = (struct fake *)network;
	bool there = fake->find == CALL_OK && fake->found;
	str_addf(&fake->said, "find %s\n", reply->text);
	answer_later(fake, done, arg, (struct call_result){fake->find, 0, "", there ? &published : NULL, there});
}

static void fake_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct fake *fake = (struct fake *)network;
	str_addf(&fake->said, "fetch %s\n", remote_id);
	answer_later(fake, done, arg, (struct call_result){fake->fetch, 0, "", fake->now, fake->now != NULL});
}

static const struct network_ops fake_ops = {.perform = fake_perform, .find = fake_find, .fetch = fake_fetch};

/* --- the courier around it */

struct world {
	struct fixture *f;
	struct fake fake;
	bool offline;
	struct timers timers;
	struct deliver *deliver;
	int stored;
	struct str failed, missing;
	bool behind;
};

static struct world w;

static struct network *network_of(void *arg, int64_t account_id, const char **words)
{
	(void)arg, (void)account_id;
	*words = "away";
	return w.offline ? NULL : &w.fake.base;
}

static void on_settled(void *arg)
{
	(void)arg;
}

static uint64_t no_jitter(void)
{
	return 0;
}

static void deliver_begin(void)
{
	w.deliver = deliver_new(&(struct deliver_setup){.store = w.f->store,
	        .timers = &w.timers,
	        .random = no_jitter,
	        .network = network_of,
	        .settled = on_settled});
	deliver_run(w.deliver);
}

/* Answers what was asked, and what is asked in turn. */
static void pump(void)
{
	timers_run(&w.timers, fixture_mono_ms);
	while (w.fake.waiting.len) {
		struct answer answer = w.fake.waiting.at[0];
		vec_remove(&w.fake.waiting, 0);
		answer.done(answer.arg, &answer.result);
	}
}

static void later(int64_t ms)
{
	fixture_wall_ms += ms;
	fixture_mono_ms += ms;
	pump();
}

static int begin(void **state)
{
	if (fixture_setup(state))
		return -1;
	w = (struct world){.f = *state, .fake = {.base.ops = &fake_ops}};
	str_init(&w.fake.said, SIZE_MAX);
	str_init(&w.failed, SIZE_MAX);
	str_init(&w.missing, SIZE_MAX);
	timers_init(&w.timers);
	published = (struct item){.kind = ITEM_POST, .root_remote_id = ""};
	struct incoming out = post_out("500", "1", fixture_wall_ms, "@sam on its way");
	published.post = out.post;
	take_one(w.f, post_in("@sam", "1", "", T(0), "where is it?"));
	return 0;
}

static int end(void **state)
{
	deliver_free(w.deliver);
	timers_release(&w.timers);
	vec_release(&w.fake.waiting);
	str_release(&w.fake.said);
	str_release(&w.failed);
	str_release(&w.missing);
	return fixture_teardown(state);
}

/* --- replies */

static int64_t hold(struct reply reply)
{
	int64_t id = 0;
	reply.case_id = reply.case_id ? reply.case_id : 1;
	reply.agent = "alice";
	reply.to_remote_id = str_or(reply.to_remote_id, "1");
	reply.to_handle = "@sam";
	reply.text = str_or(reply.text, "@sam on its way");
	reply.follow = "stay";
	reply.seen_post_id = 1;
	reply.created_at = fixture_wall_ms;
	reply.hold_until = fixture_wall_ms + 20000;
	assert_int_equal(store_reply_hold(w.f->store, &reply, -1, &id, &w.f->err), 0);
	deliver_run(w.deliver);
	return id;
}

static const struct reply *get(int64_t id)
{
	const struct reply *reply;
	assert_int_equal(store_reply(w.f->store, id, &w.f->arena, &reply, &w.f->err), 0);
	return reply;
}

static int times(const char *word)
{
	int n = 0;
	for (const char *p = w.fake.said.p; (p = strstr(p, word)); p++)
		n++;
	return n;
}

static void a_held_reply_is_sent_when_it_is_due_and_not_before(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	later(19000);
	assert_string_equal(w.fake.said.p, "");
	later(1000);
	assert_int_equal(get(id)->state, REPLY_SENT);
	assert_string_equal(get(id)->remote_id, "500");
	assert_int_equal(times("fetch 1"), 1);
	assert_int_equal(times("perform"), 1);
	assert_int_equal(get_case(w.f, 1)->status, STATUS_WAITING);
	assert_true(deliver_nothing_left(w.deliver));
}

static void a_reply_recalled_in_time_is_never_sent(void **state)
{
	(void)state;
	bool recalled = false;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	later(10000);
	assert_int_equal(store_reply_recall(w.f->store, id, "alice", fixture_wall_ms, &recalled, &w.f->err), 0);
	assert_true(recalled);
	later(60000);
	assert_string_equal(w.fake.said.p, "");
}

static void a_reply_under_way_can_no_longer_be_recalled(void **state)
{
	(void)state;
	bool recalled = true;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	fixture_wall_ms += 20000;
	fixture_mono_ms += 20000;
	timers_run(&w.timers, fixture_mono_ms);
	assert_int_equal(store_reply_recall(w.f->store, id, "alice", fixture_wall_ms, &recalled, &w.f->err), 0);
	assert_false(recalled);
	pump();
	assert_int_equal(get(id)->state, REPLY_SENT);
}

static void what_is_in_doubt_and_found_is_not_said_again(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	w.fake.perform = CALL_UNKNOWN;
	w.fake.reason = "time-out";
	later(20000);
	assert_int_equal(get(id)->state, REPLY_IN_DOUBT);
	w.fake.found = true;
	later(59000);
	assert_int_equal(times("find"), 0);
	later(1000);
	assert_int_equal(get(id)->state, REPLY_SENT);
	assert_int_equal(times("perform"), 1);
}

static void a_clock_that_is_set_cuts_no_wait_before_the_look_short(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	w.fake.perform = CALL_UNKNOWN;
	later(20000);
	assert_int_equal(get(id)->state, REPLY_IN_DOUBT);
	fixture_wall_ms += 5 * MINUTE;
	deliver_run(w.deliver);
	pump();
	assert_int_equal(times("find"), 0);
	later(59000);
	assert_int_equal(times("find"), 0);
	later(1000);
	assert_int_equal(times("find"), 1);
}

static void who_takes_up_a_doubt_waits_for_what_may_still_be_under_way(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	w.fake.perform = CALL_UNKNOWN;
	later(20000);
	assert_int_equal(get(id)->state, REPLY_IN_DOUBT);
	deliver_free(w.deliver);
	fixture_wall_ms += 5 * MINUTE;
	deliver_begin();
	later(59000);
	assert_int_equal(times("find"), 0);
	later(1000);
	assert_int_equal(times("find"), 1);
}

static void what_is_in_doubt_and_not_there_is_sent_again_with_its_key(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	w.fake.perform = CALL_UNKNOWN;
	later(20000);
	const char *key = get(id)->idempotency_key;
	w.fake.find = CALL_NOT_SENT;
	later(60000);
	assert_int_equal(get(id)->state, REPLY_IN_DOUBT);
	w.fake.find = CALL_OK;
	w.fake.perform = CALL_OK;
	later(60000);
	later(1);
	assert_int_equal(get(id)->state, REPLY_SENT);
	assert_int_equal(times("perform"), 2);
	assert_int_equal(times(key), 2);
}

static void replies_of_a_case_go_out_in_their_order(void **state)
{
	(void)state;
	deliver_begin();
	int64_t first = hold((struct reply){.text = "first"});
	int64_t second = hold((struct reply){.text = "second", .anyway = true});
	w.fake.perform = CALL_UNKNOWN;
	later(20000);
	assert_int_equal(get(first)->state, REPLY_IN_DOUBT);
	assert_int_equal(times("second"), 0);
	w.fake.perform = CALL_OK;
	w.fake.found = true;
	later(60000);
	assert_int_equal(get(first)->state, REPLY_SENT);
	published.post.remote_id = "501";
	later(30000);
	assert_int_equal(get(second)->state, REPLY_SENT);
	assert_int_equal(times("perform second"), 1);
}

static void what_fell_due_long_ago_asks_instead(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	deliver_free(w.deliver);
	fixture_wall_ms += 20000 + DELIVER_OVERDUE_MS + 1;
	fixture_mono_ms += 20000 + DELIVER_OVERDUE_MS + 1;
	deliver_begin();
	pump();
	assert_int_equal(get(id)->state, REPLY_STOPPED);
	assert_true(*get(id)->error);
	assert_string_equal(w.fake.said.p, "");
}

static void what_a_sleeping_machine_held_up_after_the_look_asks_instead(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	fixture_wall_ms += 20000;
	fixture_mono_ms += 20000;
	timers_run(&w.timers, fixture_mono_ms);
	assert_int_equal(times("fetch"), 1);
	later(DELIVER_OVERDUE_MS + 1);
	assert_int_equal(get(id)->state, REPLY_STOPPED);
	assert_int_equal(times("perform"), 0);
}

static void what_was_not_sent_is_tried_again_when_the_server_says_and_not_for_ever(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	w.fake.perform = CALL_NOT_SENT;
	w.fake.reason = "too many requests";
	w.fake.retry_at = fixture_wall_ms + 20000 + 90000;
	later(20000);
	assert_int_equal(get(id)->state, REPLY_QUEUED);
	later(89000);
	assert_int_equal(times("perform"), 1);
	w.fake.retry_at = 0;
	later(1000);
	assert_int_equal(times("perform"), 2);
	for (int i = 0; i < 60 && get(id)->state == REPLY_QUEUED; i++)
		later(30000);
	assert_int_equal(get(id)->state, REPLY_STOPPED);
	assert_non_null(strstr(get(id)->error, "10 minutes"));
}

static void a_refusal_keeps_the_text_with_the_servers_words(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	w.fake.perform = CALL_REFUSED;
	w.fake.reason = "the server says: too long (422)";
	later(20000);
	assert_int_equal(get(id)->state, REPLY_FAILED);
	assert_string_equal(get(id)->error, "the server says: too long (422)");
	later(3600000);
	assert_int_equal(times("perform"), 1);
}

static void a_deleted_post_stops_its_reply_unless_a_person_said_anyway(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	w.fake.fetch = CALL_GONE;
	later(20000);
	assert_int_equal(get(id)->state, REPLY_STOPPED);
	assert_int_equal(times("perform"), 0);
	assert_int_equal(store_reply_withdraw(w.f->store, id, "alice", fixture_wall_ms, &w.f->err), 0);
	id = hold((struct reply){.anyway = true});
	later(20000);
	assert_int_equal(get(id)->state, REPLY_SENT);
}

static void a_customer_who_spoke_again_stops_the_reply(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	take_one(w.f, post_in("@sam", "2", "1", T(0) + 5000, "never mind, it came"));
	later(20000);
	assert_int_equal(get(id)->state, REPLY_STOPPED);
	assert_true(*get(id)->error);
	assert_int_equal(times("perform"), 0);
}

static void what_was_being_sent_when_the_courier_died_is_in_doubt(void **state)
{
	(void)state;
	bool moved;
	int count;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	deliver_free(w.deliver);
	fixture_wall_ms += 20000;
	fixture_mono_ms += 20000;
	assert_int_equal(store_reply_queue_due(w.f->store, fixture_wall_ms, DELIVER_OVERDUE_MS, &count, &w.f->err), 0);
	assert_int_equal(store_reply_take(w.f->store, id, &moved, &w.f->err), 0);
	deliver_begin();
	assert_int_equal(get(id)->state, REPLY_IN_DOUBT);
	w.fake.found = true;
	later(60000);
	assert_int_equal(get(id)->state, REPLY_SENT);
	assert_int_equal(times("perform"), 0);
}

static void what_says_sending_and_is_sent_by_nobody_is_in_doubt_also_later(void **state)
{
	(void)state;
	bool moved;
	int count;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	fixture_wall_ms += 20000;
	fixture_mono_ms += 20000;
	assert_int_equal(store_reply_queue_due(w.f->store, fixture_wall_ms, DELIVER_OVERDUE_MS, &count, &w.f->err), 0);
	assert_int_equal(store_reply_take(w.f->store, id, &moved, &w.f->err), 0);
	deliver_run(w.deliver);
	assert_int_equal(get(id)->state, REPLY_IN_DOUBT);
	w.fake.found = true;
	later(60000);
	assert_int_equal(get(id)->state, REPLY_SENT);
	assert_int_equal(times("perform"), 0);
}

static void a_connection_that_closes_leaves_its_reply_in_doubt(void **state)
{
	(void)state;
	deliver_begin();
	int64_t id = hold((struct reply){.anyway = true});
	fixture_wall_ms += 20000;
	fixture_mono_ms += 20000;
	timers_run(&w.timers, fixture_mono_ms);
	assert_int_equal(get(id)->state, REPLY_SENDING);
	vec_clear(&w.fake.waiting);
	deliver_network_closes(w.deliver, &w.fake.base);
	assert_int_equal(get(id)->state, REPLY_IN_DOUBT);
	assert_false(deliver_busy(w.deliver));
}

static void a_reply_waits_for_its_account(void **state)
{
	(void)state;
	w.offline = true;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	later(20000);
	assert_int_equal(get(id)->state, REPLY_QUEUED);
	w.offline = false;
	deliver_run(w.deliver);
	pump();
	assert_int_equal(get(id)->state, REPLY_SENT);
}

static void a_reply_whose_account_stays_away_asks_after_ten_minutes(void **state)
{
	(void)state;
	w.offline = true;
	deliver_begin();
	int64_t id = hold((struct reply){0});
	for (int i = 0; i < 25; i++)
		later(30000);
	assert_int_equal(get(id)->state, REPLY_STOPPED);
	assert_non_null(strstr(get(id)->error, "away"));
}

/* --- coming in */

static struct ingest *ingest;

static void on_stored(void *arg)
{
	(void)arg;
	w.stored++;
}

static void on_idle(void *arg)
{
	(void)arg;
}

static void on_failed(void *arg, const struct err *err)
{
	(void)arg;
	str_adds(&w.failed, err->text);
}

static void on_missing(void *arg, const char *remote_id)
{
	(void)arg;
	str_addf(&w.missing, "%s ", remote_id);
}

static void on_behind(void *arg, bool behind)
{
	(void)arg;
	w.behind = behind;
}

static void ingest_begin(void)
{
	ingest = ingest_new(&(struct ingest_setup){.store = w.f->store,
	        .timers = &w.timers,
	        .account_id = w.f->account,
	        .stored = on_stored,
	        .idle = on_idle,
	        .failed = on_failed,
	        .behind = on_behind,
	        .parent_missing = on_missing});
}

static void run_until_idle(void)
{
	while (!ingest_idle(ingest))
		timers_run(&w.timers, fixture_mono_ms);
}

static struct item item_of(struct incoming incoming)
{
	return (struct item){.kind = incoming.kind == INCOMING_DELETE ? ITEM_DELETE : ITEM_POST,
	        .post = incoming.post,
	        .customer = incoming.customer,
	        .mention = incoming.mention,
	        .root_remote_id = str_or(incoming.root_remote_id, "")};
}

static const char *position_of(const char *source)
{
	const char *position = NULL;
	assert_int_equal(store_position(w.f->store, w.f->account, source, &w.f->arena, &position, &w.f->err), 0);
	return position;
}

static void a_long_batch_is_stored_in_parts_and_moves_the_position_at_its_end(void **state)
{
	(void)state;
	struct item items[250];
	ingest_begin();
	for (int i = 0; i < 250; i++)
		items[i] = item_of(post_in("@many", arena_printf(&w.f->arena, "%d", 1000 + i), "", T(1), "hello"));
	ingest_add(ingest, items, 250, "notifications", "77", false);
	timers_run(&w.timers, fixture_mono_ms);
	assert_null(position_of("notifications"));
	assert_int_equal(w.stored, 0);
	run_until_idle();
	assert_string_equal(position_of("notifications"), "77");
	assert_int_equal(w.stored, 1);
	assert_true(store_knows_post(w.f->store, w.f->account, "1249"));
	ingest_free(ingest);
}

static int count_known(int first, int count)
{
	int known = 0;
	for (int i = 0; i < count; i++)
		known += store_knows_post(w.f->store, w.f->account, arena_printf(&w.f->arena, "%d", first + i));
	return known;
}

static void on_a_slow_disk_a_batch_is_stored_in_transactions_of_50_ms_and_moves_the_position_at_its_end(void **state)
{
	(void)state;
	struct item items[100];
	ingest_begin();
	for (int i = 0; i < 100; i++)
		items[i] = item_of(post_in("@slow", arena_printf(&w.f->arena, "%d", 5000 + i), "", T(1), "hello"));
	ingest_add(ingest, items, 100, "notifications", "99", false);
	fixture_look_ms = 10;
	timers_run(&w.timers, fixture_mono_ms);
	int first = count_known(5000, 100);
	assert_in_range(first, 2, 10);
	assert_int_equal(w.stored, 0);
	assert_null(position_of("notifications"));
	run_until_idle();
	fixture_look_ms = 0;
	assert_int_equal(count_known(5000, 100), 100);
	assert_string_equal(position_of("notifications"), "99");
	assert_int_equal(w.stored, 1);
	ingest_free(ingest);
}

static void no_position_moves_past_what_could_not_be_told_as_missing(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct item item = item_of(post_in("@many", "3000", "", T(1), "hello"));
	err_set(&err, ERR_IO, "the disk is full");
	ingest_begin();
	ingest_fail(ingest, &err);
	assert_string_equal(w.failed.p, "the disk is full");
	ingest_add(ingest, &item, 1, "notifications", "78", false);
	run_until_idle();
	assert_null(position_of("notifications"));
	assert_false(store_knows_post(w.f->store, w.f->account, "3000"));
	ingest_free(ingest);
}

static void single_events_share_a_transaction_and_the_last_position_holds(void **state)
{
	(void)state;
	ingest_begin();
	for (int i = 0; i < 5; i++) {
		struct item item =
		        item_of(post_in("@many", arena_printf(&w.f->arena, "%d", 2000 + i), "", T(1), "hello"));
		ingest_add(ingest, &item, 1, "notifications", arena_printf(&w.f->arena, "%d", i), false);
	}
	timers_run(&w.timers, fixture_mono_ms);
	assert_int_equal(w.stored, 0); /* more may come with the next turn */
	timers_run(&w.timers, fixture_mono_ms);
	assert_true(ingest_idle(ingest));
	assert_int_equal(w.stored, 5);
	assert_string_equal(position_of("notifications"), "4");
	ingest_free(ingest);
}

static void add_turns(int turns, int each, int *number)
{
	for (int t = 0; t < turns; t++) {
		for (int i = 0; i < each; i++, ++*number) {
			struct item item = item_of(
			        post_in("@many", arena_printf(&w.f->arena, "%d", 5000 + *number), "", T(1), "hello"));
			ingest_add(ingest, &item, 1, "notifications", arena_printf(&w.f->arena, "%d", *number), false);
		}
		timers_run(&w.timers, fixture_mono_ms);
	}
}

static int64_t changes_so_far(void)
{
	int64_t last = store_change_last(w.f->store, &w.f->err);
	assert_true(last >= 0);
	return last;
}

/* A transaction tells of a case once, however often its customer spoke: the feed counts transactions here. */
static void a_flood_is_stored_by_the_hundred_and_a_trickle_at_once(void **state)
{
	(void)state;
	int number = 0;
	ingest_begin();
	add_turns(1, 1, &number);
	timers_run(&w.timers, fixture_mono_ms);
	assert_int_equal(w.stored, 1);
	int64_t before = changes_so_far();
	add_turns(40, 5, &number);
	timers_run(&w.timers, fixture_mono_ms);
	assert_true(ingest_idle(ingest));
	assert_int_equal(w.stored, 201);
	assert_int_equal(changes_so_far() - before, 2);
	ingest_free(ingest);
}

/* Events so short that one read holds more of them than a turn stores. */
static void a_network_that_sends_faster_than_is_stored_waits_and_nothing_is_lost(void **state)
{
	enum { EACH = 650, TURNS = 6 };
	(void)state;
	int number = 0;
	ingest_begin();
	for (int turn = 1; turn <= TURNS; turn++) {
		add_turns(1, EACH, &number);
		assert_true(number - w.stored <= INGEST_HELD);
	}
	run_until_idle();
	assert_int_equal(w.stored, EACH * TURNS);
	assert_string_equal(w.failed.len ? w.failed.p : "", "");
	assert_true(store_knows_post(w.f->store, w.f->account, "5000"));
	assert_true(
	        store_knows_post(w.f->store, w.f->account, arena_printf(&w.f->arena, "%d", 5000 + EACH * TURNS - 1)));
	ingest_free(ingest);
}

static void a_network_that_stays_faster_than_the_disk_is_told(void **state)
{
	(void)state;
	enum { EACH = 1200 }; /* a turn, more than is held from one to the next */
	int number = 0;
	ingest_begin();
	for (int64_t begun = fixture_mono_ms; fixture_mono_ms - begun <= INGEST_BEHIND_MS; fixture_mono_ms += 1000) {
		assert_false(w.behind);
		add_turns(1, EACH, &number);
	}
	assert_true(w.behind);
	run_until_idle();
	assert_false(w.behind);
	assert_true(store_knows_post(w.f->store, w.f->account, arena_printf(&w.f->arena, "%d", 5000 + number - 1)));
	ingest_free(ingest);
}

static void what_concerns_nobody_is_left_out(void **state)
{
	(void)state;
	ingest_begin();
	struct item items[] = {item_of(post_context("@pat", "31", "", T(1), "lunch!")),
	        item_of(post_context("@pat", "32", "1", T(1), "me too")), item_of(post_deleted("33", T(1))),
	        item_of(post_context("@pat", "34", "32", T(1), "still"))};
	ingest_add(ingest, items, 4, NULL, NULL, false);
	run_until_idle();
	assert_false(store_knows_post(w.f->store, w.f->account, "31"));
	assert_true(store_knows_post(w.f->store, w.f->account, "32"));
	assert_false(store_knows_post(w.f->store, w.f->account, "33"));
	assert_true(store_knows_post(w.f->store, w.f->account, "34"));
	ingest_free(ingest);
}

static void what_others_said_to_us_in_a_thread_that_is_read_makes_no_case(void **state)
{
	(void)state;
	ingest_begin();
	struct item item = item_of(post_in("@pat", "51", "1", T(1), "@acme where is mine?"));
	ingest_add(ingest, &item, 1, NULL, NULL, true);
	run_until_idle();
	assert_true(store_knows_post(w.f->store, w.f->account, "51"));
	assert_int_equal(count_of(w.f, ""), 1);
	ingest_add(ingest, &item, 1, NULL, NULL, false); /* the mention itself */
	run_until_idle();
	assert_int_equal(count_of(w.f, ""), 2);
	ingest_free(ingest);
}

static void a_mention_in_an_unknown_thread_asks_for_it(void **state)
{
	(void)state;
	ingest_begin();
	struct item known = item_of(post_in("@sam", "41", "1", T(1), "and?"));
	struct item unknown = item_of(post_in("@pat", "42", "40", T(1), "@acme look at this"));
	ingest_add(ingest, &known, 1, NULL, NULL, false);
	ingest_add(ingest, &unknown, 1, NULL, NULL, false);
	run_until_idle();
	assert_string_equal(w.missing.p, "42 ");
	ingest_free(ingest);
}

/* --- corrections */

static void a_correction_is_made_in_place_where_the_network_can(void **state)
{
	(void)state;
	take_one(w.f, post_out("100", "1", T(0), "@sam on its wya"));
	store_account_facts(
	        w.f->store, w.f->account, &(struct account_facts){.caps = CAP_EDIT, .handle = ""}, &w.f->err);
	deliver_begin();
	published.post.remote_id = "100";
	int64_t id = hold((struct reply){.kind = REPLY_KIND_EDIT, .to_remote_id = "100"});
	later(20000);
	assert_int_equal(get(id)->state, REPLY_SENT);
	assert_string_equal(w.fake.said.p, "edit 100\n");
	assert_non_null(strstr(journal_of(w.f, 1), "corrected"));
}

static const struct post *known(const char *remote_id)
{
	const struct post *post;
	assert_int_equal(store_post(w.f->store, w.f->account, remote_id, &w.f->arena, &post, &w.f->err), 0);
	return post;
}

static void a_correction_is_taken_back_and_said_again_where_it_cannot(void **state)
{
	(void)state;
	take_one(w.f, post_out("100", "1", T(0), "@sam on its wya"));
	deliver_begin();
	int64_t id = hold((struct reply){.kind = REPLY_KIND_EDIT, .to_remote_id = "100"});
	later(20000);
	assert_int_equal(get(id)->state, REPLY_SENT);
	assert_true(str_starts(w.fake.said.p, "delete 100\nperform @sam on its way "));
	assert_true(known("100")->deleted_at > 0);
	assert_string_equal(known("500")->parent_remote_id, "1");
	assert_string_equal(known("500")->sent_by, "alice");
	assert_string_equal(known("500")->source, "@sam on its way");
	assert_non_null(strstr(journal_of(w.f, 1), "corrected"));
}

static void a_correction_in_doubt_is_looked_for_before_it_is_said_again(void **state)
{
	(void)state;
	take_one(w.f, post_out("100", "1", T(0), "@sam on its wya"));
	deliver_begin();
	int64_t id = hold((struct reply){.kind = REPLY_KIND_EDIT, .to_remote_id = "100"});
	w.fake.perform = CALL_UNKNOWN;
	later(20000);
	assert_int_equal(get(id)->state, REPLY_IN_DOUBT);
	w.fake.found = true;
	later(60000);
	assert_int_equal(get(id)->state, REPLY_SENT);
	assert_int_equal(times("perform"), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(a_held_reply_is_sent_when_it_is_due_and_not_before),
	        test(a_reply_recalled_in_time_is_never_sent),
	        test(a_reply_under_way_can_no_longer_be_recalled),
	        test(what_is_in_doubt_and_found_is_not_said_again),
	        test(a_clock_that_is_set_cuts_no_wait_before_the_look_short),
	        test(who_takes_up_a_doubt_waits_for_what_may_still_be_under_way),
	        test(what_is_in_doubt_and_not_there_is_sent_again_with_its_key),
	        test(replies_of_a_case_go_out_in_their_order),
	        test(what_fell_due_long_ago_asks_instead),
	        test(what_a_sleeping_machine_held_up_after_the_look_asks_instead),
	        test(what_was_not_sent_is_tried_again_when_the_server_says_and_not_for_ever),
	        test(a_refusal_keeps_the_text_with_the_servers_words),
	        test(a_deleted_post_stops_its_reply_unless_a_person_said_anyway),
	        test(a_customer_who_spoke_again_stops_the_reply),
	        test(what_was_being_sent_when_the_courier_died_is_in_doubt),
	        test(what_says_sending_and_is_sent_by_nobody_is_in_doubt_also_later),
	        test(a_connection_that_closes_leaves_its_reply_in_doubt),
	        test(a_reply_waits_for_its_account),
	        test(a_reply_whose_account_stays_away_asks_after_ten_minutes),
	        test(a_correction_is_made_in_place_where_the_network_can),
	        test(a_correction_is_taken_back_and_said_again_where_it_cannot),
	        test(a_correction_in_doubt_is_looked_for_before_it_is_said_again),
	        test(a_long_batch_is_stored_in_parts_and_moves_the_position_at_its_end),
	        test(on_a_slow_disk_a_batch_is_stored_in_transactions_of_50_ms_and_moves_the_position_at_its_end),
	        test(no_position_moves_past_what_could_not_be_told_as_missing),
	        test(single_events_share_a_transaction_and_the_last_position_holds),
	        test(a_flood_is_stored_by_the_hundred_and_a_trickle_at_once),
	        test(a_network_that_sends_faster_than_is_stored_waits_and_nothing_is_lost),
	        test(a_network_that_stays_faster_than_the_disk_is_told),
	        test(what_concerns_nobody_is_left_out),
	        test(what_others_said_to_us_in_a_thread_that_is_read_makes_no_case),
	        test(a_mention_in_an_unknown_thread_asks_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
