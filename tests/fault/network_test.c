/* What servers, networks and clocks do to the real programs: whatever it is, what customers say is in the store once,
 * and a reply is said once or waits in the outbox. */
#include "core/base/vec.h"
#include "core/store/bell.h"
#include "core/store/db.h"
#include "tests/fault/fault.h"

#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

enum { TRIES = 900, TURN_MS = 8, HOUR_MS = 3600000 };

#define PUBLISH "POST /api/v1/statuses"
#define STREAM "GET /api/v1/streaming/*"
#define BACK_FILL "GET /api/v1/notifications"

struct side {
	struct world *world;
	struct store *store;
	int64_t account_id;
	int said; /* by customers, so far */
};

static bool is_live(void *arg)
{
	return fault_is_live(((struct side *)arg)->store);
}

/* A courier that is live, and no desk. */
static struct side begin_with(void **state, const char *kind)
{
	struct side side = {.world = world_new(state, &(struct world_options){.kind = kind})};
	fault_start_courier(side.world);
	side.store = fault_open_store(side.world, &side.account_id);
	world_expect(side.world, is_live, &side);
	return side;
}

static struct side begin(void **state)
{
	return begin_with(state, NULL);
}

static void set_fault(struct side *side, const char *match, const char *kind)
{
	char text[160];
	snprintf(text, sizeof text, "{\"match\":\"%s\",\"times\":1,\"kind\":\"%s\"}", match, kind);
	world_control(side->world, "fault", text);
}

/* Each from somebody else; the status id. */
static void somebody_writes(struct side *side, char id[32])
{
	char name[32], text[64];
	snprintf(name, sizeof name, "swift%d", ++side->said);
	snprintf(text, sizeof text, "@acme parcel number %d fell off the ferry", side->said);
	world_post(side->world, name, text, NULL, id);
}

/* Lets time pass, a second at a time, until the post is in the store. */
static bool arrives(struct side *side, const char *id)
{
	for (int i = 0; i < TRIES; i++) {
		if (store_knows_post(side->store, side->account_id, id))
			return true;
		world_advance(side->world, 1000);
		poll(NULL, 0, TURN_MS);
	}
	return false;
}

static int exported(struct side *side, const char *id)
{
	struct run_result result;
	struct str wanted = STR_INIT;
	int count = 0;
	str_addf(&wanted, "\"remote_id\":\"%s\"", id);
	world_run(side->world, &result, "export", NULL);
	for (const char *p = result.out.p; (p = strstr(p, wanted.p)); p++)
		count++;
	str_release(&wanted);
	run_result_release(&result);
	return count;
}

static void hold_reply(struct side *side, const char *text)
{
	char kase[32], handle[48];
	snprintf(handle, sizeof handle, "@swift%d@ferry.example", side->said);
	world_case_of(side->world, handle, kase);
	struct run_result result;
	world_run(side->world, &result, "do", kase, "reply", "--send", text, NULL);
	if (result.status)
		fail_msg("%s", result.err.p);
	run_result_release(&result);
}

/* Said by the test when a reply took another end than it should. */
static char last_words[200];

static enum reply_state reply_state(struct side *side, const char *text)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct reply *replies;
	int count;
	enum reply_state found = REPLY_STATE_COUNT;
	if (store_replies(side->store, EVERY_STATE, NULL, &arena, &replies, &count, &err))
		fail_msg("%s", err.text);
	for (int i = 0; i < count; i++)
		if (strstr(replies[i].text, text)) {
			found = replies[i].state;
			str_copy(last_words, sizeof last_words, replies[i].error);
		}
	arena_release(&arena);
	return found;
}

static bool settles(struct side *side, const char *text)
{
	for (int i = 0; i < TRIES; i++) {
		enum reply_state now = reply_state(side, text);
		if (now == REPLY_SENT || now == REPLY_FAILED || now == REPLY_STOPPED)
			return true;
		world_advance(side->world, 1000);
		poll(NULL, 0, TURN_MS);
	}
	return false;
}

/* --- replies */

static void reply_through(struct side *side, const char *fault, enum reply_state wanted)
{
	char id[32], text[64];
	print_message("           %s\n", fault);
	somebody_writes(side, id);
	assert_true(arrives(side, id));
	set_fault(side, PUBLISH, fault);
	snprintf(text, sizeof text, "It floats, answer %d.", side->said);
	hold_reply(side, text);
	assert_true(settles(side, text));
	enum reply_state state = reply_state(side, text);
	if (state != wanted)
		fail_msg("%s: %s", reply_state_name(state), last_words);
	assert_int_equal(world_sent(side->world, text), wanted == REPLY_SENT);
}

static void whatever_becomes_of_the_request_a_reply_is_said_once(void **state)
{
	static const char *const faults[] = {"close_before", "close_after", "stall", "stall_after",
	        "status 429 reset 30", "status 500", "status 502 html", "status 503 html", "truncate", "malformed",
	        "empty"};
	struct side side = begin(state);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		reply_through(&side, faults[i], REPLY_SENT);
	store_close(side.store);
}

static void a_redirect_is_not_followed_with_a_reply(void **state)
{
	struct side side = begin(state);
	reply_through(&side, "redirect", REPLY_FAILED);
	store_close(side.store);
}

/* --- mentions */

static void read_through(struct side *side, const char *match, const char *fault)
{
	char id[32];
	print_message("           %s: %s\n", match, fault);
	set_fault(side, match, fault);
	world_control(side->world, "stream", "{\"kind\":\"close\"}");
	somebody_writes(side, id);
	assert_true(arrives(side, id));
	assert_int_equal(exported(side, id), 1);
	world_control(side->world, "fault", "{\"clear\":true}");
}

static void whatever_becomes_of_reading_a_mention_arrives_once(void **state)
{
	static const char *const faults[] = {"close_before", "stall", "status 429 reset 30", "status 500",
	        "status 502 html", "status 503 html", "truncate", "malformed", "empty"};
	struct side side = begin(state);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		read_through(&side, BACK_FILL, faults[i]);
		read_through(&side, STREAM, faults[i]);
	}
	read_through(&side, STREAM, "cut_stream_mid_event");
	store_close(side.store);
}

/* Lost 0, doubled 0: what is cut is read again, and nothing of half a frame is believed. */
static void a_websocket_that_is_cut_in_its_frames_loses_and_doubles_nothing(void **state)
{
	enum { CUTS = 12 };
	struct side side = begin_with(state, "gotosocial");
	char ids[CUTS][32];
	for (int i = 0; i < CUTS; i++) {
		set_fault(&side, "GET /api/v1/streaming", "cut_stream_mid_event");
		somebody_writes(&side, ids[i]);
		assert_true(arrives(&side, ids[i]));
		world_expect(side.world, is_live, &side);
	}
	for (int i = 0; i < CUTS; i++)
		assert_int_equal(exported(&side, ids[i]), 1);
	store_close(side.store);
}

static void a_stream_that_says_nothing_any_more_is_left_and_its_gap_filled(void **state)
{
	char id[32], after[32];
	struct side side = begin(state);
	world_control(side.world, "stream", "{\"kind\":\"stall\"}");
	somebody_writes(&side, id);
	assert_true(arrives(&side, id));
	somebody_writes(&side, after);
	assert_true(arrives(&side, after));
	assert_int_equal(exported(&side, id), 1);
	store_close(side.store);
}

static bool burst_is_made(void *arg)
{
	struct side *side = arg;
	json *answer = fakenet_control(&side->world->net, "state", NULL);
	bool made = json_int(answer, "burst_left", 1) == 0;
	json_free(answer);
	return made;
}

static int64_t mentions_on_the_network(struct side *side)
{
	json *answer = fakenet_control(&side->world->net, "state", NULL);
	int64_t count = json_int(answer, "mentions", 0);
	json_free(answer);
	return count;
}

/* What the export says came in, each once. */
static int64_t posts_in(struct side *side)
{
	struct run_result result;
	int64_t count = 0;
	world_run(side->world, &result, "export", NULL);
	for (const char *p = result.out.p; (p = strstr(p, "\"direction\":\"in\"")); p++)
		count++;
	run_result_release(&result);
	return count;
}

static void a_backlog_of_ten_thousand_is_read_whole(void **state)
{
	char id[32];
	struct side side = begin(state);
	pid_t courier = world_courier(side.world);
	kill(courier, SIGTERM);
	assert_int_equal(waitpid(courier, NULL, 0), courier);
	world_control(side.world, "burst", "{\"count\":10000}");
	world_expect(side.world, burst_is_made, &side);
	somebody_writes(&side, id);
	fault_start_courier(side.world);
	for (int i = 0; i < TRIES && !store_knows_post(side.store, side.account_id, id); i++) {
		world_advance(side.world, 100);
		poll(NULL, 0, 50);
	}
	assert_true(store_knows_post(side.store, side.account_id, id));
	assert_true(mentions_on_the_network(&side) >= 10001);
	assert_int_equal(posts_in(&side), mentions_on_the_network(&side));
	store_close(side.store);
}

/* --- time */

static void a_courier_stopped_for_a_minute_catches_up_and_says_a_reply_once(void **state)
{
	char before[32], meanwhile[32];
	struct side side = begin(state);
	somebody_writes(&side, before);
	assert_true(arrives(&side, before));
	hold_reply(&side, "It floats.");
	pid_t courier = world_courier(side.world);
	kill(courier, SIGSTOP);
	somebody_writes(&side, meanwhile);
	world_advance(side.world, 60000);
	assert_int_equal(world_sent(side.world, "It floats."), 0);
	kill(courier, SIGCONT);
	assert_true(settles(&side, "It floats."));
	assert_true(arrives(&side, meanwhile));
	assert_int_equal(exported(&side, meanwhile), 1);
	assert_int_equal(world_sent(side.world, "It floats."), 1);
	store_close(side.store);
}

static void after_a_suspend_mentions_are_read_and_an_overdue_reply_asks(void **state)
{
	char before[32], meanwhile[32];
	struct side side = begin(state);
	somebody_writes(&side, before);
	assert_true(arrives(&side, before));
	hold_reply(&side, "It floats.");
	world_control(side.world, "stream", "{\"kind\":\"stall\"}"); /* nothing reaches a machine that sleeps */
	somebody_writes(&side, meanwhile);
	world_advance(side.world, 8 * (int64_t)HOUR_MS);
	assert_true(settles(&side, "It floats."));
	assert_int_equal(reply_state(&side, "It floats."), REPLY_STOPPED);
	assert_true(arrives(&side, meanwhile));
	assert_int_equal(world_sent(side.world, "It floats."), 0);
	store_close(side.store);
}

/* Somebody sets the clock: the wall's time alone jumps. */
static void set_wall(struct world *world, int64_t by)
{
	world->wall += by;
	world_advance(world, 0);
}

static void a_wall_clock_that_is_set_forward_wakes_what_was_snoozed_at_once(void **state)
{
	char id[32], kase[32];
	struct run_result result;
	struct side side = begin(state);
	somebody_writes(&side, id);
	assert_true(arrives(&side, id));
	world_case_of(side.world, "@swift1@ferry.example", kase);
	world_run(side.world, &result, "do", kase, "snooze", "4h", NULL);
	assert_int_equal(result.status, 0);
	run_result_release(&result);
	world_expect_case(side.world, kase, "status", "snoozed");
	set_wall(side.world, 5 * (int64_t)HOUR_MS);
	world_expect_case(side.world, kase, "status", "open");
	store_close(side.store);
}

static void a_wall_clock_that_jumps_back_and_forth_says_a_reply_once(void **state)
{
	char id[32];
	struct side side = begin(state);
	somebody_writes(&side, id);
	assert_true(arrives(&side, id));
	hold_reply(&side, "It floats.");
	set_wall(side.world, -2 * (int64_t)HOUR_MS);
	set_wall(side.world, 2 * (int64_t)HOUR_MS);
	set_wall(side.world, -1 * (int64_t)HOUR_MS);
	world_advance(side.world, UNDO_WINDOW_MS);
	set_wall(side.world, 1 * (int64_t)HOUR_MS);
	assert_true(settles(&side, "It floats."));
	somebody_writes(&side, id);
	assert_true(arrives(&side, id));
	assert_int_equal(world_sent(side.world, "It floats."), 1);
	store_close(side.store);
}

/* --- programs */

static pid_t spawn(struct world *world, char *program)
{
	pid_t pid = -1;
	char *argv[] = {program, "-c", world->config, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
	assert_int_equal(posix_spawn(&pid, program, &actions, NULL, argv, world->env), 0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void of_two_couriers_started_at_once_one_serves_and_the_other_ends_well(void **state)
{
	enum { ROUNDS = 10 };
	struct world *world = world_new(state, &(struct world_options){0});
	char *program = world_program("curlewd");
	for (int i = 0; i < ROUNDS; i++) {
		int status[2] = {-1, -1};
		pid_t first = spawn(world, program), second = spawn(world, program);
		assert_int_equal(waitpid(first, &status[0], 0), first);
		assert_int_equal(waitpid(second, &status[1], 0), second);
		assert_int_equal(status[0], 0);
		assert_int_equal(status[1], 0);
		pid_t courier = world_courier(world);
		assert_true(courier > 0);
		kill(courier, SIGTERM);
		assert_int_equal(waitpid(courier, NULL, 0), courier);
		while (waitpid(-1, NULL, WNOHANG) > 0) /* the child that lost */
			;
	}
	free(program);
}

/* Another version raises the number of the schema beneath programs that run. */
static void upgrade(struct world *world)
{
	struct err err = ERR_INIT;
	struct db *db = NULL;
	if (db_open(world->store, DB_WRITE, &db, &err))
		fail_msg("%s", err.text);
	db_begin(db);
	db_script(db, "PRAGMA user_version=9");
	assert_int_equal(db_commit(db, &err), 0);
	db_close(db);
	bell_ring(world->store);
}

static bool draft_is_stored(void *arg)
{
	struct world *world = arg;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct db *db = NULL;
	world_advance(world, 500);
	assert_int_equal(db_open(world->store, 0, &db, &err), 0);
	bool stored = str_eq(db_word(db, &arena, "SELECT text FROM draft", ""), "It floats!");
	arena_release(&arena);
	db_close(db);
	return stored;
}

static void after_an_upgrade_the_courier_ends_and_the_desk_says_restart_and_keeps_the_draft(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, "It fl");
	screen_expect(desk, "It fl");
	upgrade(world);
	screen_send(desk, "oats");
	screen_expect(desk, "It floats");
	world_expect_text_soon(world, desk, "restart this desk");
	world_advance(world, 1000);
	screen_send(desk, "!");
	screen_expect(desk, "It floats!");
	world_expect(world, draft_is_stored, world);
	assert_true(world_wait_courier(world, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(whatever_becomes_of_the_request_a_reply_is_said_once),
	        E2E(a_redirect_is_not_followed_with_a_reply),
	        E2E(whatever_becomes_of_reading_a_mention_arrives_once),
	        E2E(a_websocket_that_is_cut_in_its_frames_loses_and_doubles_nothing),
	        E2E(a_stream_that_says_nothing_any_more_is_left_and_its_gap_filled),
	        E2E(a_backlog_of_ten_thousand_is_read_whole),
	        E2E(a_courier_stopped_for_a_minute_catches_up_and_says_a_reply_once),
	        E2E(after_a_suspend_mentions_are_read_and_an_overdue_reply_asks),
	        E2E(a_wall_clock_that_is_set_forward_wakes_what_was_snoozed_at_once),
	        E2E(a_wall_clock_that_jumps_back_and_forth_says_a_reply_once),
	        E2E(of_two_couriers_started_at_once_one_serves_and_the_other_ends_well),
	        E2E(after_an_upgrade_the_courier_ends_and_the_desk_says_restart_and_keeps_the_draft),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
