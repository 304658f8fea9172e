/* What the tests of the account on Bluesky share: a desk that is told everything, and a server that plays what servers
 * of the AT Protocol sent (tests/data/bluesky). Two networks were recorded; here the names of one stand for both.
 * Included by one file a program. */
#ifndef TESTS_NETWORK_BLUESKY_WORLD_H
#define TESTS_NETWORK_BLUESKY_WORLD_H

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/network/bluesky_parts.h"
#include "tests/network/world.h"

#include <stdio.h>

#define BRAND "did:plc:xklowbn3qudvi5neclqpkx5t"
#define CUSTOMER "did:plc:sq3frda2dg74jfdivxl7pivl"
#define POSTS "/app.bsky.feed.post/"
#define MENTION "at://" CUSTOMER POSTS "3n2ujdbuhhs2m"
#define NONE "{\"notifications\":[]}"

struct told {
	char *remote_id, *refusal, *text;
	bool gone, mention;
	int64_t followers;
};

struct desk {
	struct world *world;
	struct network *network;
	VEC(struct told) told;
	VEC(char *) answers;
	char position[40], position_of[40], reason[200], gap[120], kept[400], why[300], published[120];
	enum account_state state;
	int64_t until;
	struct account_facts facts;
	int live, count, answered, gaps, keeps, failures, retries, refuse_keep, found;
	enum call_outcome outcome;
	/* what it begins with */
	const char *token, *refresh, *expires, *password, *saved, *saved_search;
	const char *const *listen;
	int listen_count, first_fetch;
	bool chat_refused;
	bool chat;     /* the app password opens private messages; else the server says that it does not */
	bool firehose; /* this server tells every post, too */
	bool unnamed;  /* the configuration names no server */
};

static void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
{
	struct desk *d = arg;
	d->count += count;
	for (int i = 0; i < count; i++)
		vec_push(
		        &d->told, (struct told){mem_strdup(items[i].post.remote_id),
		                          mem_strdup(items[i].post.reply_refusal), mem_strdup(items[i].post.text),
		                          items[i].kind == ITEM_DELETE, items[i].mention, items[i].customer.followers});
	if (position) {
		snprintf(d->position_of, sizeof d->position_of, "%s", source);
		snprintf(d->position, sizeof d->position, "%s", position);
	}
	d->network->ops->stored(d->network);
}

static void on_gap(void *arg, const char *source, int64_t from, int64_t to, const char *reason)
{
	struct desk *d = arg;
	assert_true(from < to);
	d->gaps++;
	snprintf(d->gap, sizeof d->gap, "%s: %s", source, reason);
}

static void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct desk *d = arg;
	d->state = state;
	d->until = until;
	d->live += state == ACCOUNT_LIVE;
	d->failures += state == ACCOUNT_FAILED || state == ACCOUNT_NEEDS_LOGIN;
	d->retries += state == ACCOUNT_RETRYING || state == ACCOUNT_RATE_LIMITED;
	snprintf(d->reason, sizeof d->reason, "%s", reason);
}

static void on_facts(void *arg, const struct account_facts *facts)
{
	((struct desk *)arg)->facts = *facts;
}

static int on_keep(void *arg, const struct credential_value *values, int count, struct err *err)
{
	struct desk *d = arg;
	d->keeps++;
	if (d->refuse_keep-- > 0)
		return err_set(err, ERR_IO, "no space left");
	for (int i = 0; i < count; i++)
		if (values[i].credential == CREDENTIAL_TOKEN)
			snprintf(d->kept, sizeof d->kept, "%s", values[i].value);
	return 0;
}

static const char *saved_position(void *arg, const char *source, struct arena *arena)
{
	struct desk *d = arg;
	return arena_strdup(arena, strcmp(source, "notifications") == 0 ? d->saved : d->saved_search);
}

static uint64_t no_jitter(void)
{
	return 0;
}

/* --- the server's part */

/* match: of which request; NULL for whichever comes next. */
static inline void next_answer(struct desk *d, const char *match, char *bytes)
{
	static const char no_chat[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 53\r\n\r\n"
	                              "{\"error\":\"InvalidToken\",\"message\":\"Bad token method\"}";
	/* Before all others: whoever asks first takes the first that fits. */
	if (!d->chat && !d->chat_refused)
		script_server_next_for(
		        d->world->server, "GET /xrpc/chat.bsky.convo.getLog ", 0, (struct script){.answer = no_chat});
	d->chat_refused = true;
	vec_push(&d->answers, bytes);
	if (match)
		script_server_next_for(d->world->server, match, 0, (struct script){.answer = bytes});
	else
		script_server_next(d->world->server, (struct script){.answer = bytes});
}

/* An exchange to come. */
static inline void says_to(struct desk *d, const char *match, const char *status, const char *body)
{
	struct str answer = STR_INIT;
	str_addf(&answer, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
	        strlen(body), body);
	next_answer(d, match, str_detach(&answer));
}

static inline void says(struct desk *d, const char *status, const char *body)
{
	says_to(d, NULL, status, body);
}

static inline void swap_all(char *text, const char *from, const char *to)
{
	assert_int_equal(strlen(from), strlen(to)); /* the answer's length stays what it says */
	for (char *at = text; (at = strstr(at, from)); at += strlen(to))
		memcpy(at, to, strlen(to));
}

/* One that was recorded, with this server in the place of the one that it names. */
static inline void plays(struct desk *d, const char *file)
{
	char path[80], here[24];
	snprintf(path, sizeof path, "bluesky/%s.http", file);
	struct str bytes = read_data(path);
	snprintf(here, sizeof here, "127.0.0.1:%05d", script_server_port(d->world->server));
	swap_all(bytes.p, "did:plc:exqqa7fqclhoddarot5idea2", BRAND);
	swap_all(bytes.p, "did:plc:u5fcir57duclgw2khej3m7bz", CUSTOMER);
	swap_all(bytes.p, "localhost:12583", here);
	next_answer(d, NULL, str_detach(&bytes));
}

/* What the server was sent. */
static inline bool was_sent(struct desk *d, const char *what)
{
	return strstr(script_server_read(d->world->server), what) != NULL;
}

static inline int times_sent(struct desk *d, const char *what)
{
	int count = 0;
	for (const char *at = script_server_read(d->world->server); (at = strstr(at, what)); at++)
		count++;
	return count;
}

/* The clock runs ahead of the real one: what is waited for here are our own pauses. */
static inline void on_stride(uv_timer_t *timer)
{
	advance(timer->data, 100);
}

static inline void run_ahead_until(struct world *world, const int *what, int least)
{
	uv_timer_t step;
	uv_timer_init(&world->loop, &step);
	step.data = world;
	uv_timer_start(&step, on_stride, 5, 5);
	run_until(world, what, least);
	uv_close((uv_handle_t *)&step, NULL);
	uv_run(&world->loop, UV_RUN_NOWAIT);
}

/* Time goes on until the server has been asked so often. */
static inline void wait_for_request(struct desk *d, const char *what, int times)
{
	int asked = times_sent(d, what);
	uv_timer_t step;
	uv_timer_init(&d->world->loop, &step);
	step.data = d->world;
	uv_timer_start(&step, on_stride, 5, 5);
	for (int turns = 0; asked < times && turns < 4000; turns++) {
		uv_run(&d->world->loop, UV_RUN_ONCE);
		asked = times_sent(d, what);
	}
	uv_close((uv_handle_t *)&step, NULL);
	uv_run(&d->world->loop, UV_RUN_NOWAIT);
	assert_int_equal(asked, times);
}

/* --- the desk's part */

static inline void open_desk(struct desk *d)
{
	struct err err = ERR_INIT;
	char server[64];
	snprintf(server, sizeof server, "http://127.0.0.1:%d/", script_server_port(d->world->server));
	struct credentials secrets = {{0}, ""};
	credentials_set(&secrets, CREDENTIAL_TOKEN, d->token);
	credentials_set(&secrets, CREDENTIAL_REFRESH_TOKEN, d->refresh);
	credentials_set(&secrets, CREDENTIAL_TOKEN_EXPIRES, d->expires);
	credentials_set(&secrets, CREDENTIAL_APP_PASSWORD, d->password);
	struct network_setup setup = {.http = d->world->http,
	        .timers = &d->world->timers,
	        .random = no_jitter,
	        .server = d->unnamed ? "" : server,
	        .firehose = d->firehose ? server : "",
	        .handle = "@brand.test",
	        .secrets = &secrets,
	        .first_fetch = d->first_fetch ? d->first_fetch : 100,
	        .listen = d->listen,
	        .listen_count = d->listen_count,
	        .position = saved_position,
	        .events = {d, on_items, on_gap, on_state, on_facts, NULL, on_keep}};
	const struct network_ops *ops = network_by_name("bluesky");
	if (ops->open(&setup, &d->network, &err))
		fail_msg("%s", err.text);
	credentials_release(&secrets);
}

static inline void start_desk(struct desk *d)
{
	if (!d->network)
		open_desk(d);
	d->network->ops->start(d->network);
	advance(d->world, 0);
}

static inline void close_desk(struct desk *d)
{
	d->network->ops->close(d->network);
	for (size_t i = 0; i < d->told.len; i++) {
		free(d->told.at[i].remote_id);
		free(d->told.at[i].refusal);
		free(d->told.at[i].text);
	}
	for (size_t i = 0; i < d->answers.len; i++)
		free(d->answers.at[i]);
	vec_release(&d->told);
	vec_release(&d->answers);
}

/* Waits for so many items in all. */
static inline void wait_for(struct desk *d, int count)
{
	run_ahead_until(d->world, &d->count, count);
	assert_int_equal(d->count, count);
}

/* A desk with a session that lives on, and nothing new. */
static inline void go_live(struct desk *d)
{
	d->token = "token-one";
	plays(d, "getSession");
	says(d, "200 OK", NONE);
	start_desk(d);
	run_in_step_until(d->world, &d->live, 1);
}

static inline void on_answer(void *arg, const struct call_result *result)
{
	struct desk *d = arg;
	d->outcome = result->outcome;
	d->found = result->count;
	snprintf(d->why, sizeof d->why, "%s", result->reason);
	snprintf(d->published, sizeof d->published, "%s", result->count ? result->items[0].post.remote_id : "");
	d->answered++;
}

static inline void run_call(struct desk *d, void (*call)(struct network *, const struct reply *, call_fn *, void *),
        const struct reply *reply)
{
	int before = d->answered;
	call(d->network, reply, on_answer, d);
	run_in_step_until(d->world, &d->answered, before + 1);
}

static inline void perform(struct desk *d, const struct reply *reply)
{
	run_call(d, d->network->ops->perform, reply);
}

static inline void find(struct desk *d, const struct reply *reply)
{
	run_call(d, d->network->ops->find, reply);
}

#endif
