/* The Mastodon network against the small server of our own (tests/fakenet), which runs as a child. The courier is
 * played by this file: it keeps what is handed over, and positions. Monotonic time stands still but for advance(). */
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/net/loop.h"
#include "core/network/network.h"
#include "tests/lib/fakenet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include <cmocka.h>

#define PATIENCE_MS 10000

static int64_t mono_now = 1000000, wall_ahead;

static int64_t real_ms(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The server's times are real ones: wall time starts there. */
int64_t clock_wall_ms(void)
{
	return real_ms(CLOCK_REALTIME) + wall_ahead;
}

int64_t clock_mono_ms(void)
{
	return mono_now;
}

int clock_change_fd(void)
{
	return -1;
}

void clock_change_clear(void)
{
}

static uint64_t no_jitter(void)
{
	return 0;
}

/* --- what was handed over */

struct seen {
	enum item_kind kind;
	char *id, *text;
	bool mention;
	enum direction direction;
	int64_t created_at, edited_at;
};

struct place {
	char source[80], position[80];
};

struct world {
	struct fakenet net;
	uv_loop_t loop;
	uv_timer_t beat; /* so that a wait for the loop ends */
	struct timers timers;
	struct http *http;
	struct network *network;
	VEC(struct seen) seen;
	VEC(struct place) places;
	bool hold_stored; /* the store is slow: nothing is durable until release */
	int held;
	enum account_state state;
	char reason[256];
	struct post_limits limits;
	char handle[80];
	unsigned caps;
	const char *token;
	const char *const *listen;
	int listen_count, first_fetch;

	bool answered;
	enum call_outcome outcome;
	int64_t retry_at;
	char why[256], published[64], root[64];
	int count;
};

static void set_place(struct world *w, const char *source, const char *position)
{
	struct place *place = NULL;
	for (size_t i = 0; i < w->places.len; i++)
		if (strcmp(w->places.at[i].source, source) == 0)
			place = &w->places.at[i];
	if (!place) {
		vec_push(&w->places, (struct place){"", ""});
		place = &w->places.at[w->places.len - 1];
	}
	snprintf(place->source, sizeof place->source, "%s", source);
	snprintf(place->position, sizeof place->position, "%s", position);
}

static const char *position_of(void *arg, const char *source, struct arena *arena)
{
	struct world *w = arg;
	for (size_t i = 0; i < w->places.len; i++)
		if (strcmp(w->places.at[i].source, source) == 0)
			return arena_strdup(arena, w->places.at[i].position);
	return NULL;
}

static void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
{
	struct world *w = arg;
	for (int i = 0; i < count; i++) {
		const struct post *post = &items[i].post;
		struct seen seen = {items[i].kind, mem_strdup(post->remote_id), mem_strdup(post->text),
		        items[i].mention, post->direction, post->created_at, post->edited_at};
		vec_push(&w->seen, seen);
	}
	if (position)
		set_place(w, source, position);
	if (w->hold_stored)
		w->held++;
	else
		w->network->ops->stored(w->network);
}

static void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct world *w = arg;
	(void)until;
	w->state = state;
	snprintf(w->reason, sizeof w->reason, "%s", reason);
}

static void on_facts(void *arg, unsigned caps, const struct post_limits *limits, const char *handle)
{
	struct world *w = arg;
	w->caps = caps;
	w->limits = *limits;
	snprintf(w->handle, sizeof w->handle, "%s", handle);
}

/* --- running */

static void nothing(uv_timer_t *timer)
{
	(void)timer;
}

static void turn(struct world *w)
{
	uv_run(&w->loop, UV_RUN_ONCE);
	timers_run(&w->timers, mono_now);
}

static void advance(struct world *w, int64_t ms)
{
	mono_now += ms;
	wall_ahead += ms;
	timers_run(&w->timers, mono_now);
}

#define wait_until(w, condition)                                                                                       \
	do {                                                                                                           \
		int64_t give_up_ = real_ms(CLOCK_MONOTONIC) + PATIENCE_MS;                                             \
		while (!(condition)) {                                                                                 \
			if (real_ms(CLOCK_MONOTONIC) > give_up_)                                                       \
				fail_msg("waited in vain for " #condition " (%s: %s)", account_state_name((w)->state), \
				        (w)->reason);                                                                  \
			turn(w);                                                                                       \
		}                                                                                                      \
	} while (0)

static void connect_network(struct world *w)
{
	struct err err = ERR_INIT;
	struct network_setup setup = {
	        .http = w->http,
	        .timers = &w->timers,
	        .random = no_jitter,
	        .server = w->net.url,
	        .handle = "@acme",
	        .token = w->token,
	        .first_fetch = w->first_fetch,
	        .listen = w->listen,
	        .listen_count = w->listen_count,
	        .position = position_of,
	        .events = {w, on_items, on_state, on_facts},
	};
	const struct network_ops *ops = network_by_name("mastodon");
	if (ops->open(&setup, &w->network, &err))
		fail_msg("%s", err.text);
	ops->start(w->network);
}

static void disconnect(struct world *w)
{
	if (w->network)
		w->network->ops->close(w->network);
	w->network = NULL;
}

static struct world *world_new(const char *backlog)
{
	const char *const args[] = {"--backlog", backlog, "--seed", "7", NULL};
	struct world *w = mem_alloc(sizeof *w);
	struct err err = ERR_INIT;
	wall_ahead = 0;
	w->token = FAKENET_TOKEN;
	w->first_fetch = 500;
	assert_int_equal(fakenet_start(&w->net, args), 0);
	uv_loop_init(&w->loop);
	uv_timer_init(&w->loop, &w->beat);
	uv_timer_start(&w->beat, nothing, 1, 1);
	timers_init(&w->timers);
	w->http = http_new(&w->loop, &w->timers, &err);
	assert_non_null(w->http);
	return w;
}

static void world_free(struct world *w)
{
	disconnect(w);
	http_free(w->http);
	uv_close((uv_handle_t *)&w->beat, NULL);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	uv_loop_close(&w->loop);
	timers_release(&w->timers);
	for (size_t i = 0; i < w->seen.len; i++) {
		free(w->seen.at[i].id);
		free(w->seen.at[i].text);
	}
	vec_release(&w->seen);
	vec_release(&w->places);
	fakenet_stop(&w->net);
	free(w);
}

static struct world *live(const char *backlog)
{
	struct world *w = world_new(backlog);
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	return w;
}

/* --- asking the server to do things */

static void control(struct world *w, const char *name, const char *body)
{
	json *answer = fakenet_control(&w->net, name, body);
	assert_non_null(answer);
	json_free(answer);
}

/* The id of a new post, on the heap. */
static char *says(struct world *w, const char *text, const char *reply_to)
{
	json *body = json_object();
	struct str line = STR_INIT;
	json_set_str(body, "from", "newcomer");
	json_set_str(body, "text", text);
	if (reply_to)
		json_set_str(body, "reply_to", reply_to);
	json_print(body, &line);
	json *answer = fakenet_control(&w->net, "post", line.p);
	assert_non_null(answer);
	char *id = mem_strdup(json_str(answer, "id"));
	json_free(answer);
	json_free(body);
	str_release(&line);
	return id;
}

static const struct seen *find_seen(const struct world *w, const char *id, enum item_kind kind)
{
	for (size_t i = w->seen.len; i-- > 0;)
		if (w->seen.at[i].kind == kind && strcmp(w->seen.at[i].id, id) == 0)
			return &w->seen.at[i];
	return NULL;
}

static int own_posts(struct world *w)
{
	json *state = fakenet_control(&w->net, "state", NULL);
	assert_non_null(state);
	int count = (int)json_int(state, "brand_count", -1);
	json_free(state);
	return count;
}

static void on_answer(void *arg, const struct call_result *result)
{
	struct world *w = arg;
	w->answered = true;
	w->outcome = result->outcome;
	w->retry_at = result->retry_at;
	w->count = result->count;
	snprintf(w->why, sizeof w->why, "%s", result->reason);
	snprintf(w->published, sizeof w->published, "%s", result->count ? result->items[0].post.remote_id : "");
	snprintf(w->root, sizeof w->root, "%s", result->count ? result->items[0].root_remote_id : "");
}

static struct reply a_reply(const char *to, const char *text, const char *key)
{
	return (struct reply){.kind = REPLY_KIND_POST,
	        .to_remote_id = to,
	        .to_handle = "@newcomer@ferry.example",
	        .text = text,
	        .visibility = VIS_PUBLIC,
	        .language = "en",
	        .warning = "",
	        .idempotency_key = key,
	        .created_at = clock_wall_ms()};
}

static void perform(struct world *w, const struct reply *reply)
{
	w->answered = false;
	w->network->ops->perform(w->network, reply, on_answer, w);
	wait_until(w, w->answered);
}

static void find(struct world *w, const struct reply *reply)
{
	w->answered = false;
	w->network->ops->find(w->network, reply, on_answer, w);
	wait_until(w, w->answered);
}

static void fault(struct world *w, const char *match, const char *kind)
{
	struct str body = STR_INIT;
	str_addf(&body, "{\"match\":\"%s\",\"times\":1,\"kind\":\"%s\"}", match, kind);
	control(w, "fault", body.p);
	str_release(&body);
}

/* --- coming in */

static void the_first_fetch_brings_the_newest_oldest_first(void **state)
{
	(void)state;
	struct world *w = world_new("200");
	w->first_fetch = 100;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	int mentions = 0;
	for (size_t i = 0; i < w->seen.len; i++)
		mentions += w->seen.at[i].mention;
	assert_in_range(mentions, 1, 100);
	for (size_t i = 1; i < w->seen.len; i++)
		assert_true(strcmp(w->seen.at[i].id, w->seen.at[i - 1].id) > 0);
	assert_string_equal(w->handle, "@acme@birds.example");
	assert_int_equal(w->limits.max, 500);
	assert_true(w->caps & CAP_STREAM);
	world_free(w);
}

static void a_first_fetch_of_none_begins_with_what_comes_next(void **state)
{
	(void)state;
	struct world *w = world_new("50");
	w->first_fetch = 0;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_int_equal(w->seen.len, 0);
	assert_int_equal(w->places.len, 1);
	disconnect(w);
	char *id = says(w, "@acme are you there?", NULL);
	connect_network(w);
	wait_until(w, find_seen(w, id, ITEM_POST));
	assert_int_equal(w->seen.len, 1);
	free(id);
	world_free(w);
}

static void what_came_while_away_is_all_there_after_a_restart(void **state)
{
	(void)state;
	struct world *w = live("20");
	char *ids[100];
	disconnect(w);
	for (int i = 0; i < 100; i++)
		ids[i] = says(w, "@acme hello again", NULL);
	size_t before = w->seen.len;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_int_equal(w->seen.len - before, 100);
	for (int i = 0; i < 100; i++) {
		assert_string_equal(w->seen.at[before + (size_t)i].id, ids[i]);
		free(ids[i]);
	}
	world_free(w);
}

static void a_gap_between_two_connections_is_filled_before_the_account_is_live(void **state)
{
	(void)state;
	struct world *w = live("5");
	control(w, "stream", "{\"kind\":\"close\"}");
	wait_until(w, w->state == ACCOUNT_RETRYING);
	char *id = says(w, "@acme said in the gap", NULL);
	advance(w, 61000);
	wait_until(w, w->state == ACCOUNT_LIVE);
	const struct seen *seen = find_seen(w, id, ITEM_POST);
	assert_non_null(seen);
	assert_true(seen->mention);
	free(id);
	world_free(w);
}

static void what_the_stream_brings_while_the_gap_is_filled_comes_after_it(void **state)
{
	(void)state;
	struct world *w = world_new("100");
	w->hold_stored = true;
	connect_network(w);
	wait_until(w, w->held == 1);
	char *id = says(w, "@acme in between", NULL);
	for (int i = 0; i < 50; i++)
		turn(w);
	assert_null(find_seen(w, id, ITEM_POST));
	w->hold_stored = false;
	for (; w->held; w->held--)
		w->network->ops->stored(w->network);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_non_null(find_seen(w, id, ITEM_POST));
	free(id);
	world_free(w);
}

static void no_page_is_asked_for_before_the_last_one_is_stored(void **state)
{
	(void)state;
	struct world *w = world_new("300");
	set_place(w, "notifications", "0");
	w->hold_stored = true;
	connect_network(w);
	wait_until(w, w->held == 1);
	size_t page = w->seen.len;
	for (int i = 0; i < 50; i++)
		turn(w);
	assert_int_equal(w->seen.len, page);
	assert_int_equal(w->state, ACCOUNT_CATCHING_UP);
	w->held = 0;
	w->network->ops->stored(w->network);
	wait_until(w, w->held == 1);
	world_free(w);
}

static void edits_and_deletions_arrive(void **state)
{
	(void)state;
	struct world *w = live("5");
	char *id = says(w, "@acme frist", NULL);
	struct str body = STR_INIT;
	wait_until(w, find_seen(w, id, ITEM_POST));
	str_addf(&body, "{\"id\":\"%s\",\"text\":\"@acme first\"}", id);
	control(w, "edit", body.p);
	wait_until(w, find_seen(w, id, ITEM_POST)->edited_at);
	assert_non_null(strstr(find_seen(w, id, ITEM_POST)->text, "first"));
	str_clear(&body);
	str_addf(&body, "{\"id\":\"%s\"}", id);
	control(w, "delete", body.p);
	wait_until(w, find_seen(w, id, ITEM_DELETE));
	str_release(&body);
	free(id);
	world_free(w);
}

static void hashtags_and_phrases_are_listened_for(void **state)
{
	(void)state;
	static const char *const listen[] = {"#acmefail", "acme kettle"};
	struct world *w = world_new("5");
	w->listen = listen;
	w->listen_count = 2;
	w->first_fetch = 0;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	char *tagged = says(w, "nothing works today #acmefail", NULL);
	wait_until(w, find_seen(w, tagged, ITEM_POST));
	assert_true(find_seen(w, tagged, ITEM_POST)->mention);
	char *named = says(w, "my Acme Kettle leaks", NULL);
	advance(w, 3600001);
	wait_until(w, find_seen(w, named, ITEM_POST));
	assert_true(find_seen(w, named, ITEM_POST)->mention);
	free(tagged);
	free(named);
	world_free(w);
}

static void a_server_without_event_streams_is_polled(void **state)
{
	(void)state;
	struct world *w = world_new("5");
	control(w, "fault", "{\"match\":\"GET /api/v1/streaming/*\",\"times\":-1,\"kind\":\"status 404\"}");
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_string_equal(w->reason, "polling");
	assert_false(w->caps & CAP_STREAM);
	char *id = says(w, "@acme hello", NULL);
	advance(w, 15000);
	wait_until(w, find_seen(w, id, ITEM_POST));
	free(id);
	world_free(w);
}

static void a_stream_that_is_sent_elsewhere_is_not_followed_with_the_token(void **state)
{
	(void)state;
	struct world *w = world_new("5");
	control(w, "fault", "{\"match\":\"GET /api/v1/streaming/*\",\"times\":-1,\"kind\":\"redirect\"}");
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_string_equal(w->reason, "polling");
	world_free(w);
}

static void a_refused_token_needs_a_person(void **state)
{
	(void)state;
	struct world *w = world_new("0");
	w->token = "wrong";
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_NEEDS_LOGIN);
	assert_true(*w->reason);
	world_free(w);
}

static void a_revoked_token_needs_a_person_and_sends_nothing(void **state)
{
	(void)state;
	struct world *w = live("3");
	control(w, "token", "{\"revoke\":\"" FAKENET_TOKEN "\"}");
	wait_until(w, w->state != ACCOUNT_LIVE);
	advance(w, 61000);
	wait_until(w, w->state == ACCOUNT_NEEDS_LOGIN);
	struct reply reply = a_reply("", "hello", "key-1");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_NO_ACCESS);
	world_free(w);
}

static void a_server_that_cannot_be_reached_is_tried_again_and_said_so(void **state)
{
	(void)state;
	struct world *w = world_new("0");
	control(w, "fault", "{\"match\":\"GET /api/v2/instance\",\"times\":2,\"kind\":\"status 502 html\"}");
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_RETRYING);
	advance(w, 1000);
	turn(w);
	wait_until(w, w->state == ACCOUNT_RETRYING);
	advance(w, 5000);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_string_equal(w->reason, "");
	world_free(w);
}

/* --- going out */

static void a_reply_is_published_once_however_often_its_key_is_sent(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme where is my order?", NULL);
	int before = own_posts(w);
	struct reply reply = a_reply(id, "@newcomer@ferry.example on its way", "key-2");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_string_equal(w->why, "");
	char first[64];
	snprintf(first, sizeof first, "%s", w->published);
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_string_equal(w->published, first);
	assert_int_equal(own_posts(w), before + 1);
	free(id);
	world_free(w);
}

static void a_customer_who_was_not_told_is_warned_about(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme hello", NULL);
	struct reply reply = a_reply(id, "@nobody@nowhere.example hi", "key-3");
	reply.to_handle = "@nobody@nowhere.example";
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_non_null(strstr(w->why, "@nobody@nowhere.example"));
	free(id);
	world_free(w);
}

static void an_unknown_outcome_is_found_among_our_own_posts(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme hello", NULL);
	struct reply reply = a_reply(id, "@newcomer@ferry.example we  look into <it> & more", "key-4");
	fault(w, "POST /api/v1/statuses", "close_after");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_UNKNOWN);
	find(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_int_equal(w->count, 1);
	free(id);
	world_free(w);
}

static void what_was_not_published_is_certainly_not_found(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme hello", NULL);
	struct reply other = a_reply(id, "@newcomer@ferry.example something else", "key-5");
	perform(w, &other);
	assert_int_equal(w->outcome, CALL_OK);
	struct reply reply = a_reply(id, "@newcomer@ferry.example hello to you", "key-6");
	fault(w, "POST /api/v1/statuses", "close_before");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_UNKNOWN);
	find(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_int_equal(w->count, 0);
	free(id);
	world_free(w);
}

static void how_a_call_ended_is_told_exactly(void **state)
{
	(void)state;
	static const struct {
		const char *fault;
		enum call_outcome outcome;
	} cases[] = {
	        {"status 502 html", CALL_UNKNOWN}, {"status 503", CALL_UNKNOWN}, {"status 408", CALL_UNKNOWN},
	        {"malformed", CALL_UNKNOWN}, {"empty", CALL_UNKNOWN}, {"truncate", CALL_UNKNOWN},
	        {"status 403", CALL_REFUSED}, {"status 401", CALL_NO_ACCESS}, {"redirect", CALL_REFUSED},
	        {"status 429 reset 30", CALL_NOT_SENT}, /* last: it shuts the gate */
	};
	struct world *w = live("0");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reply reply = a_reply("", "hello", "key-7");
		fault(w, "POST /api/v1/statuses", cases[i].fault);
		perform(w, &reply);
		if (w->outcome != cases[i].outcome)
			fail_msg("%s: %d (%s)", cases[i].fault, (int)w->outcome, w->why);
		assert_true(*w->why);
	}
	assert_true(w->retry_at > clock_wall_ms());
	world_free(w);
}

static void what_the_server_refuses_comes_with_its_words(void **state)
{
	(void)state;
	struct world *w = live("0");
	char text[700];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	struct reply reply = a_reply("", text, "key-8");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_REFUSED);
	assert_non_null(strstr(w->why, "500"));
	reply = a_reply("999999999999999999", "hello", "key-9");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_GONE);
	world_free(w);
}

static void a_post_of_ours_is_edited_liked_and_taken_back(void **state)
{
	(void)state;
	struct world *w = live("0");
	struct reply reply = a_reply("", "first words", "key-10");
	perform(w, &reply);
	char id[64];
	snprintf(id, sizeof id, "%s", w->published);
	struct reply edit = a_reply(id, "second words", "key-11");
	edit.kind = REPLY_KIND_EDIT;
	perform(w, &edit);
	assert_int_equal(w->outcome, CALL_OK);
	assert_string_equal(w->published, id);
	static const enum reply_kind kinds[] = {REPLY_KIND_LIKE, REPLY_KIND_UNLIKE, REPLY_KIND_DELETE};
	for (size_t i = 0; i < 3; i++) {
		edit.kind = kinds[i];
		perform(w, &edit);
		assert_int_equal(w->outcome, CALL_OK);
	}
	perform(w, &edit);
	assert_int_equal(w->outcome, CALL_GONE);
	world_free(w);
}

static void a_thread_comes_whole_with_its_root(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *root = says(w, "has anybody an acme kettle?", NULL);
	char *middle = says(w, "yes, it leaks", root), *leaf = says(w, "@acme what do you say?", middle);
	w->answered = false;
	w->network->ops->thread(w->network, leaf, on_answer, w);
	wait_until(w, w->answered);
	assert_int_equal(w->outcome, CALL_OK);
	assert_int_equal(w->count, 3);
	assert_string_equal(w->root, root);
	w->answered = false;
	w->network->ops->fetch(w->network, "999999999999999999", on_answer, w);
	wait_until(w, w->answered);
	assert_int_equal(w->outcome, CALL_GONE);
	free(root);
	free(middle);
	free(leaf);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_fetch_brings_the_newest_oldest_first),
	        cmocka_unit_test(a_first_fetch_of_none_begins_with_what_comes_next),
	        cmocka_unit_test(what_came_while_away_is_all_there_after_a_restart),
	        cmocka_unit_test(a_gap_between_two_connections_is_filled_before_the_account_is_live),
	        cmocka_unit_test(what_the_stream_brings_while_the_gap_is_filled_comes_after_it),
	        cmocka_unit_test(no_page_is_asked_for_before_the_last_one_is_stored),
	        cmocka_unit_test(edits_and_deletions_arrive),
	        cmocka_unit_test(hashtags_and_phrases_are_listened_for),
	        cmocka_unit_test(a_server_without_event_streams_is_polled),
	        cmocka_unit_test(a_stream_that_is_sent_elsewhere_is_not_followed_with_the_token),
	        cmocka_unit_test(a_refused_token_needs_a_person),
	        cmocka_unit_test(a_revoked_token_needs_a_person_and_sends_nothing),
	        cmocka_unit_test(a_server_that_cannot_be_reached_is_tried_again_and_said_so),
	        cmocka_unit_test(a_reply_is_published_once_however_often_its_key_is_sent),
	        cmocka_unit_test(a_customer_who_was_not_told_is_warned_about),
	        cmocka_unit_test(an_unknown_outcome_is_found_among_our_own_posts),
	        cmocka_unit_test(what_was_not_published_is_certainly_not_found),
	        cmocka_unit_test(how_a_call_ended_is_told_exactly),
	        cmocka_unit_test(what_the_server_refuses_comes_with_its_words),
	        cmocka_unit_test(a_post_of_ours_is_edited_liked_and_taken_back),
	        cmocka_unit_test(a_thread_comes_whole_with_its_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
