/* An account on X with what it tells, a scripted server, and answers in the shape of its documentation. Included by one
 * file a program. */
#ifndef TESTS_NETWORK_X_WORLD_H
#define TESTS_NETWORK_X_WORLD_H

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/network/x_parts.h"
#include "tests/network/world.h"

#include <stdio.h>

#define ME "{\"data\":{\"id\":\"11\",\"username\":\"acme\",\"name\":\"Acme\"}}"
#define EMPTY "{\"meta\":{\"result_count\":0}}"
#define SAM "\"includes\":{\"users\":[{\"id\":\"7\",\"username\":\"sam\",\"name\":\"Sam\"}]}"
#define POST(id, text)                                                                                                 \
	"{\"id\":\"" id "\",\"author_id\":\"7\",\"created_at\":\"2026-11-22T02:00:00.000Z\",\"text\":\"" text          \
	"\",\"entities\":{\"mentions\":[{\"username\":\"acme\",\"id\":\"11\"}]}}"

struct desk {
	struct world *world;
	struct network *network;
	VEC(char *) ids;
	char position[32], spent_at[64], reason[200], gap[100], kept[64], why[200], published[32];
	enum account_state state;
	struct account_facts facts;
	struct spending spending;
	int live, answered, gaps, keeps, failures, refuse_keep, came;
	enum call_outcome outcome;
	int64_t budget, retry_at;
	const char *server; /* NULL: the scripted one */
	const char *token;  /* NULL: any */
	const char *saved, *saved_search, *refresh, *expires, *app_token;
	const char *const *listen;
	int listen_count;
	VEC(char *) answers;
};

static inline void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
{
	struct desk *d = arg;
	for (int i = 0; i < count; i++)
		vec_push(&d->ids, mem_strdup(items[i].post.remote_id));
	d->came += count;
	if (position)
		snprintf(strcmp(source, "spent") == 0 ? d->spent_at : d->position, 32, "%s", position);
	d->network->ops->stored(d->network);
}

static inline void on_gap(void *arg, const char *source, int64_t from, int64_t to, const char *reason)
{
	struct desk *d = arg;
	assert_true(from < to);
	d->gaps++;
	snprintf(d->gap, sizeof d->gap, "%s: %s", source, reason);
}

static inline void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct desk *d = arg;
	(void)until;
	d->state = state;
	d->live += state == ACCOUNT_LIVE;
	d->failures += state == ACCOUNT_FAILED || state == ACCOUNT_NEEDS_LOGIN || state == ACCOUNT_RATE_LIMITED;
	snprintf(d->reason, sizeof d->reason, "%s", reason);
}

static inline void on_facts(void *arg, const struct account_facts *facts)
{
	((struct desk *)arg)->facts = *facts;
}

static inline void on_spent(void *arg, const struct spending *spending)
{
	((struct desk *)arg)->spending = *spending;
}

static inline int on_keep(void *arg, const struct credential_value *values, int count, struct err *err)
{
	struct desk *d = arg;
	d->keeps++;
	if (d->refuse_keep-- > 0)
		return err_set(err, ERR_IO, "no space left");
	for (int i = 0; i < count; i++)
		if (values[i].credential == CREDENTIAL_REFRESH_TOKEN)
			snprintf(d->kept, sizeof d->kept, "%s", values[i].value);
	return 0;
}

static inline const char *saved_position(void *arg, const char *source, struct arena *arena)
{
	struct desk *d = arg;
	return arena_strdup(arena, strcmp(source, "mentions") == 0 ? d->saved
	                           : strcmp(source, "spent") == 0  ? NULL
	                                                           : d->saved_search);
}

static inline uint64_t no_jitter(void)
{
	return 0;
}

/* An exchange to come; headers are whole lines. */
static inline void says_with(struct desk *d, const char *status, const char *headers, const char *body)
{
	struct str answer = STR_INIT;
	str_addf(&answer, "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s", status,
	        headers, strlen(body), body);
	vec_push(&d->answers, str_detach(&answer));
	script_server_next(d->world->server, (struct script){.answer = d->answers.at[d->answers.len - 1]});
}

static inline void says(struct desk *d, const char *status, const char *body)
{
	says_with(d, status, "", body);
}

/* The same for the next request that holds `match`. */
static inline void says_to(struct desk *d, const char *match, const char *status, const char *body)
{
	struct str answer = STR_INIT;
	str_addf(&answer, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
	        strlen(body), body);
	vec_push(&d->answers, str_detach(&answer));
	script_server_next_for(
	        d->world->server, match, 0, (struct script){.answer = d->answers.at[d->answers.len - 1]});
}

static inline void open_desk(struct desk *d)
{
	struct err err = ERR_INIT;
	char server[64];
	snprintf(server, sizeof server, "http://127.0.0.1:%d/", script_server_port(d->world->server));
	struct credentials secrets = {{0}, ""};
	credentials_set(&secrets, CREDENTIAL_TOKEN, str_or(d->token, "token-one"));
	credentials_set(&secrets, CREDENTIAL_REFRESH_TOKEN, d->refresh);
	credentials_set(&secrets, CREDENTIAL_TOKEN_EXPIRES, d->expires);
	credentials_set(&secrets, CREDENTIAL_APP_TOKEN, d->app_token);
	struct network_setup setup = {.http = d->world->http,
	        .timers = &d->world->timers,
	        .random = no_jitter,
	        .server = str_or(d->server, server),
	        .handle = "@acme",
	        .secrets = &secrets,
	        .first_fetch = 100,
	        .listen = d->listen,
	        .listen_count = d->listen_count,
	        .month_budget = d->budget,
	        .position = saved_position,
	        .events = {d, on_items, on_gap, on_state, on_facts, on_spent, on_keep}};
	const struct network_ops *ops = network_by_name("x");
	if (ops->open(&setup, &d->network, &err))
		fail_msg("%s", err.text);
	credentials_release(&secrets);
	ops->start(d->network);
	advance(d->world, 0);
}

static inline void close_desk(struct desk *d)
{
	d->network->ops->close(d->network);
	for (size_t i = 0; i < d->ids.len; i++)
		free(d->ids.at[i]);
	for (size_t i = 0; i < d->answers.len; i++)
		free(d->answers.at[i]);
	vec_release(&d->ids);
	vec_release(&d->answers);
}

static inline void live(struct desk *d)
{
	says(d, "200 OK", ME);
	says(d, "200 OK", EMPTY);
	open_desk(d);
	run_in_step_until(d->world, &d->live, 1);
}

static inline void on_answer(void *arg, const struct call_result *result)
{
	struct desk *d = arg;
	d->outcome = result->outcome;
	d->retry_at = result->retry_at;
	snprintf(d->why, sizeof d->why, "%s", result->reason);
	snprintf(d->published, sizeof d->published, "%s", result->count ? result->items[0].post.remote_id : "");
	d->answered++;
}

static inline struct reply a_reply(const char *text)
{
	return (struct reply){.kind = REPLY_KIND_POST,
	        .to_remote_id = "2090785991685046273",
	        .to_handle = "@sam",
	        .text = text,
	        .created_at = clock_wall_ms()};
}

static inline void perform(struct desk *d, const struct reply *reply)
{
	int before = d->answered;
	d->network->ops->perform(d->network, reply, on_answer, d);
	run_in_step_until(d->world, &d->answered, before + 1);
}

#endif
