/* The Mastodon network against the small server of our own (tests/fakenet), which runs as a child. The courier is
 * played by this file: it keeps what is handed over, and positions. Monotonic time stands still but for advance().
 * The clock's functions stand here, so the archive's are not linked. Included by one file a program. */
#ifndef TESTS_NETWORK_MASTODON_WORLD_H
#define TESTS_NETWORK_MASTODON_WORLD_H

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

static inline int64_t real_ms(clockid_t clock)
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

static inline uint64_t no_jitter(void)
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
	int gaps;
	char gap_source[80], gap_reason[128];
	int64_t gap_from, gap_to;
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

static inline void set_place(struct world *w, const char *source, const char *position)
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

static inline const char *position_of(void *arg, const char *source, struct arena *arena)
{
	struct world *w = arg;
	for (size_t i = 0; i < w->places.len; i++)
		if (strcmp(w->places.at[i].source, source) == 0)
			return arena_strdup(arena, w->places.at[i].position);
	return NULL;
}

static inline void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
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

static inline void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct world *w = arg;
	(void)until;
	w->state = state;
	snprintf(w->reason, sizeof w->reason, "%s", reason);
}

static inline void on_facts(void *arg, const struct account_facts *facts)
{
	struct world *w = arg;
	w->caps = facts->caps;
	w->limits = facts->limits;
	snprintf(w->handle, sizeof w->handle, "%s", facts->handle);
}

static inline void on_gap(void *arg, const char *source, int64_t from, int64_t to, const char *reason)
{
	struct world *w = arg;
	w->gaps++;
	w->gap_from = from;
	w->gap_to = to;
	snprintf(w->gap_source, sizeof w->gap_source, "%s", source);
	snprintf(w->gap_reason, sizeof w->gap_reason, "%s", reason);
}

/* --- running */

static inline void nothing(uv_timer_t *timer)
{
	(void)timer;
}

static inline void turn(struct world *w)
{
	uv_run(&w->loop, UV_RUN_ONCE);
	timers_run(&w->timers, mono_now);
}

static inline void advance(struct world *w, int64_t ms)
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

static inline void connect_network(struct world *w)
{
	struct err err = ERR_INIT;
	char *token = mem_strdup(w->token);
	struct credentials secrets = {{token}, ""};
	struct network_setup setup = {
	        .http = w->http,
	        .timers = &w->timers,
	        .random = no_jitter,
	        .server = w->net.url,
	        .handle = "@acme",
	        .secrets = &secrets,
	        .first_fetch = w->first_fetch,
	        .listen = w->listen,
	        .listen_count = w->listen_count,
	        .position = position_of,
	        .events = {.arg = w, .items = on_items, .gap = on_gap, .state = on_state, .facts = on_facts},
	};
	const struct network_ops *ops = network_by_name("mastodon");
	if (ops->open(&setup, &w->network, &err))
		fail_msg("%s", err.text);
	free(token);
	ops->start(w->network);
}

static inline void disconnect(struct world *w)
{
	if (w->network)
		w->network->ops->close(w->network);
	w->network = NULL;
}

/* With no server. */
static inline struct world *world_alone(void)
{
	struct world *w = mem_alloc(sizeof *w);
	struct err err = ERR_INIT;
	wall_ahead = 0;
	w->token = FAKENET_TOKEN;
	w->first_fetch = 500;
	w->net.pid = -1;
	uv_loop_init(&w->loop);
	uv_timer_init(&w->loop, &w->beat);
	uv_timer_start(&w->beat, nothing, 1, 1);
	timers_init(&w->timers);
	w->http = http_new(&w->loop, &w->timers, &err);
	assert_non_null(w->http);
	return w;
}

static inline struct world *world_new(const char *backlog)
{
	const char *const args[] = {"--backlog", backlog, "--seed", "7", NULL};
	struct world *w = world_alone();
	assert_int_equal(fakenet_start(&w->net, args), 0);
	return w;
}

static inline void world_free(struct world *w)
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
	if (w->net.pid > 0)
		fakenet_stop(&w->net);
	free(w);
}

static inline struct world *live(const char *backlog)
{
	struct world *w = world_new(backlog);
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	return w;
}

/* --- asking the server to do things */

static inline void control(struct world *w, const char *name, const char *body)
{
	json *answer = fakenet_control(&w->net, name, body);
	assert_non_null(answer);
	json_free(answer);
}

/* The id of a new post, on the heap. */
static inline char *says(struct world *w, const char *text, const char *reply_to)
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

static inline const struct seen *find_seen(const struct world *w, const char *id, enum item_kind kind)
{
	for (size_t i = w->seen.len; i-- > 0;)
		if (w->seen.at[i].kind == kind && strcmp(w->seen.at[i].id, id) == 0)
			return &w->seen.at[i];
	return NULL;
}

static inline int own_posts(struct world *w)
{
	json *state = fakenet_control(&w->net, "state", NULL);
	assert_non_null(state);
	int count = (int)json_int(state, "brand_count", -1);
	json_free(state);
	return count;
}

static inline void on_answer(void *arg, const struct call_result *result)
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

static inline struct reply a_reply(const char *to, const char *text, const char *key)
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

static inline void perform(struct world *w, const struct reply *reply)
{
	w->answered = false;
	w->network->ops->perform(w->network, reply, on_answer, w);
	wait_until(w, w->answered);
}

static inline void find(struct world *w, const struct reply *reply)
{
	w->answered = false;
	w->network->ops->find(w->network, reply, on_answer, w);
	wait_until(w, w->answered);
}

static inline void fault(struct world *w, const char *match, const char *kind)
{
	struct str body = STR_INIT;
	str_addf(&body, "{\"match\":\"%s\",\"times\":1,\"kind\":\"%s\"}", match, kind);
	control(w, "fault", body.p);
	str_release(&body);
}

#endif
