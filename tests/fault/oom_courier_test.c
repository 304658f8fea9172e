/* Delivery and escalation when memory is gone: an error is told or the program stops, and the store stays whole. */
#include "core/courier/deliver.h"
#include "core/courier/escalate.h"
#include "tests/fault/store_again.h"

#include <uv.h>

/* --- delivery */

static struct item published;

static void answer_at_once(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	(void)network, (void)reply;
	done(arg, &(struct call_result){.outcome = CALL_OK, .reason = "", .items = &published, .count = 1});
}

static void shown_as_it_was(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	(void)network, (void)remote_id;
	done(arg, &(struct call_result){.outcome = CALL_OK, .reason = ""});
}

static const struct network_ops ops = {.perform = answer_at_once, .find = answer_at_once, .fetch = shown_as_it_was};
static struct network network = {.ops = &ops};

static struct network *network_of(void *arg, int64_t account_id, const char **words)
{
	(void)arg, (void)account_id, (void)words;
	return &network;
}

static void nothing(void *arg)
{
	(void)arg;
}

static uint64_t no_jitter(void)
{
	return 0;
}

static bool is_sent(struct store *store)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct reply *replies;
	int count = 0;
	int rc = store_replies(store, 1u << REPLY_SENT, NULL, &arena, &replies, &count, &err);
	arena_release(&arena);
	return rc == 0 && count == 1;
}

static bool deliver(void)
{
	struct timers timers;
	struct store *store = store_again(STORE_COURIER);
	if (!store)
		return false;
	timers_init(&timers);
	struct deliver *deliver = deliver_new(&(struct deliver_setup){
	        .store = store, .timers = &timers, .random = no_jitter, .network = network_of, .settled = nothing});
	deliver_run(deliver);
	bool sent = is_sent(store);
	deliver_free(deliver);
	timers_release(&timers);
	store_close(store);
	return sent;
}

static void delivery_without_memory_tells_an_error_or_stops_cleanly(void **state)
{
	place = *state;
	struct reply reply = {.case_id = 1,
	        .agent = "alice",
	        .to_remote_id = "1",
	        .to_handle = "@sam",
	        .text = "@sam on its way",
	        .follow = "stay",
	        .seen_post_id = 1,
	        .created_at = NOON,
	        .hold_until = NOON};
	int64_t id;
	take_one(place, post_in("@sam", "1", "", NOON, "where is it?"));
	published = (struct item){.kind = ITEM_POST, .root_remote_id = ""};
	struct incoming out = post_out("500", "1", NOON, "@sam on its way");
	published.post = out.post;
	assert_int_equal(store_reply_hold(place->store, &reply, -1, &id, &place->err), 0);
	keep_store();
	sweep(deliver);
	check_whole();
}

/* --- escalation, by a command */

static struct config_team team = {
        .name = "legal", .escalate = {CONFIG_ESCALATE_COMMAND, "cat >/dev/null"}, .timeout = 10000};
static const struct config config = {.teams = &team, .teams_len = 1};

static void on_settled(void *arg)
{
	*(bool *)arg = true;
}

static void on_closed(uv_handle_t *handle)
{
	(void)handle;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

static bool escalate(void)
{
	struct timers timers;
	uv_loop_t loop;
	bool settled = false;
	struct store *store = store_again(STORE_COURIER);
	if (!store)
		return false;
	if (uv_loop_init(&loop)) {
		store_close(store);
		return false;
	}
	timers_init(&timers);
	struct escalate *escalate = escalate_new(&(struct escalate_setup){.loop = &loop,
	        .store = store,
	        .timers = &timers,
	        .random = no_jitter,
	        .config = &config,
	        .sendmail = "",
	        .settled = on_settled,
	        .arg = &settled});
	escalate_run(escalate);
	while (escalate_busy(escalate) && !settled) {
		timers_run(&timers, fixture_mono_ms);
		uv_run(&loop, UV_RUN_ONCE);
	}
	escalate_free(escalate);
	uv_walk(&loop, close_handle, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	timers_release(&timers);
	store_close(store);
	return settled;
}

static void an_escalation_without_memory_tells_an_error_or_stops_cleanly(void **state)
{
	place = *state;
	signal(SIGPIPE, SIG_IGN); /* as the programs */
	uv_replace_allocator(mem_for_library, mem_again_for_library, mem_array_for_library, free);
	take_one(place, post_in("@sam", "1", "", NOON, "where is it?"));
	struct action action = {.kind = ACTION_ESCALATE,
	        .case_id = 1,
	        .agent = "alice",
	        .arg = "legal",
	        .text = "they ask for a lawyer"};
	struct action_result done;
	assert_int_equal(store_act(place->store, &action, NOON, &place->arena, &done, &place->err), 0);
	keep_store();
	sweep(escalate);
	check_whole();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(delivery_without_memory_tells_an_error_or_stops_cleanly),
	        TEST(an_escalation_without_memory_tells_an_error_or_stops_cleanly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
