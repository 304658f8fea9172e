/* X's lists, newest first and page by page, and single posts. */
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MENTIONS_KEPT 800

typedef bool filter_fn(const struct call *call, const struct status *status, const void *arg);

struct found {
	int64_t id;
	const struct status *status;
};

static int newest_first(const void *a, const void *b)
{
	int64_t x = ((const struct found *)a)->id, y = ((const struct found *)b)->id;
	return (x < y) - (x > y);
}

struct list {
	filter_fn *filter;
	const void *arg;
	int least, most;   /* max_results */
	size_t kept;       /* older ones are not shown; 0: all are */
	const char *token; /* the name of its parameter */
	int64_t each;      /* price of a post; 0: the usual */
};

static int64_t time_param(const struct call *call, const char *name)
{
	int64_t at = 0;
	const char *text = param_get(&call->params, name);
	return text && time_parse_rfc3339(text, &at) ? at : 0;
}

static bool read_limit(struct call *call, const struct list *list, int64_t *limit)
{
	*limit = param_int(&call->params, "max_results", list->least > 5 ? 10 : 100);
	if (*limit >= list->least && *limit <= list->most)
		return true;
	x_invalid(call, "max_results", str_or(param_get(&call->params, "max_results"), ""),
	        arena_printf(call->arena,
	                "The `max_results` query parameter value [%" PRId64 "] is not between %d and %d", *limit,
	                list->least, list->most));
	return false;
}

/* A token names the post before which its page begins. */
static int64_t token_id(const struct call *call, const char *name)
{
	const char *text = param_get(&call->params, name);
	return text && *text == 'p' ? (int64_t)strtoll(text + 1, NULL, 36) : INT64_MAX;
}

static const char *token_text(struct call *call, int64_t id)
{
	char digits[16];
	size_t n = sizeof digits;
	digits[--n] = '\0';
	for (; id > 0 && n > 1; id /= 36)
		digits[--n] = "0123456789abcdefghijklmnopqrstuvwxyz"[id % 36];
	digits[--n] = 'p';
	return arena_strdup(call->arena, digits + n);
}

static size_t pick(struct call *call, const struct list *list, struct found *out)
{
	const struct world *world = &call->site->world;
	int64_t since = param_int(&call->params, "since_id", 0),
	        until = param_int(&call->params, "until_id", INT64_MAX);
	int64_t from = time_param(call, "start_time"), to = time_param(call, "end_time");
	size_t n = 0;
	for (size_t i = 0; i < world->statuses.len; i++) {
		const struct status *status = world->statuses.at[i];
		int64_t id = x_version_id(world, status);
		if (!x_shows(status) || id <= since || id >= until || status->created_ms < from ||
		        (to && status->created_ms >= to) || !list->filter(call, status, list->arg))
			continue;
		out[n++] = (struct found){id, status};
	}
	qsort(out, n, sizeof *out, newest_first);
	return list->kept && n > list->kept ? list->kept : n;
}

static void set_meta(struct call *call, json *body, const struct found *first, size_t count, bool more)
{
	json *meta = json_object();
	json_set_int(meta, "result_count", (int64_t)count);
	if (count) {
		json_set_id(meta, "newest_id", first[0].id);
		json_set_id(meta, "oldest_id", first[count - 1].id);
	}
	if (more)
		json_set_str(meta, "next_token", token_text(call, first[count - 1].id));
	json_set(body, "meta", meta);
}

static void answer_list(struct call *call, const struct list *list)
{
	const struct world *world = &call->site->world;
	int64_t limit, cost, before = token_id(call, list->token);
	if (!read_limit(call, list, &limit))
		return;
	struct found *found = arena_array(call->arena, struct found, world->statuses.len + 1);
	size_t n = pick(call, list, found), at = 0, count = 0;
	while (at < n && found[at].id >= before)
		at++;
	struct x_wish wish = x_wish_read(&call->site->x, &call->params);
	struct x_answer answer;
	x_answer_begin(&answer, world, &wish);
	for (; at + count < n && count < (size_t)limit; count++)
		x_answer_add(&answer, found[at + count].status);
	json *body = x_answer_whole(&answer, false, &cost);
	if (list->each)
		cost -= (int64_t)count * (X_COST_POST - list->each);
	set_meta(call, body, found + at, count, at + count < n);
	if (x_pay(call, cost))
		call_json(call, 200, body);
	else
		json_free(body);
}

/* --- which posts */

static bool is_mention(const struct call *call, const struct status *status, const void *arg)
{
	(void)arg;
	const struct person *brand = call->site->world.brand;
	return status->by != brand && x_mentions(status, brand);
}

static bool is_by(const struct call *call, const struct status *status, const void *arg)
{
	(void)call;
	return status->by == arg;
}

static bool is_found(const struct call *call, const struct status *status, const void *arg)
{
	return x_query_matches(arg, &call->site->world, status);
}

static void search(struct call *call)
{
	const char *query = param_get(&call->params, "query");
	if (!query || !*query || strlen(query) > 512 || !x_query_good(query)) {
		x_invalid(
		        call, "query", str_or(query, ""), "There were errors processing your request: no viable query");
		return;
	}
	answer_list(call,
	        &(struct list){.filter = is_found, .arg = query, .least = 10, .most = 100, .token = "next_token"});
}

static void timeline(struct call *call, int64_t user, bool mentions)
{
	const struct world *world = &call->site->world;
	const struct person *person = world_person(world, user);
	struct list list = {.filter = mentions ? is_mention : is_by,
	        .arg = person,
	        .least = 5,
	        .most = 100,
	        .kept = mentions ? MENTIONS_KEPT : 0,
	        .token = "pagination_token",
	        .each = person == world->brand ? X_COST_OWNED : 0};
	if (!person || (mentions && person != world->brand))
		x_problem(call, 404, "Not Found Error", "Could not find user with id.", "resource-not-found");
	else
		answer_list(call, &list);
}

/* --- single ones; what is not there is no error of the request */

static void lookup(struct call *call, const char *ids, bool single)
{
	struct x_answer answer;
	struct x_wish wish = x_wish_read(&call->site->x, &call->params);
	int64_t cost;
	x_answer_begin(&answer, &call->site->world, &wish);
	for (const char *p = ids; *p;) {
		size_t n = strcspn(p, ",");
		const char *text = arena_strndup(call->arena, p, n);
		int64_t id = 0;
		const struct status *status = parse_i64(text, &id) ? x_post(&call->site->world, id) : NULL;
		if (status && x_shows(status))
			x_answer_add(&answer, status);
		else
			x_answer_missing(&answer, single ? "id" : "ids", text);
		p += n + (p[n] == ',');
	}
	json *body = x_answer_whole(&answer, single, &cost);
	if (x_pay(call, cost))
		call_json(call, 200, body);
	else
		json_free(body);
}

bool x_read(struct call *call)
{
	static const char at[] = "/2/tweets/";
	int64_t mentions = call_id(call, "GET", "/2/users/", "/mentions");
	int64_t posts = call_id(call, "GET", "/2/users/", "/tweets");
	const char *path = call->request->path;
	if (mentions >= 0 || posts >= 0)
		timeline(call, mentions >= 0 ? mentions : posts, mentions >= 0);
	else if (call_is(call, "GET", "/2/tweets/search/recent"))
		search(call);
	else if (call_is(call, "GET", "/2/tweets"))
		lookup(call, str_or(param_get(&call->params, "ids"), ""), false);
	else if (call_id(call, "GET", at, "") > 0)
		lookup(call, path + sizeof at - 1, true);
	else
		return false;
	return true;
}
