/* The endpoints that change nothing: lists and their pages, statuses, conversations, people, search. */
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define BULK_MAX 20

/* A page of a list that ascends by id: newest first whichever way it was asked for, as Mastodon does. */
struct page {
	int64_t max_id, min_id; /* exclusive; 0 for none */
	bool oldest;            /* min_id: the page next to it; since_id: the newest page */
	size_t limit;
};

static struct page page_from(const struct call *call, int64_t usual, int64_t most)
{
	int64_t limit = param_int(&call->params, "limit", usual);
	struct page page = {.limit = (size_t)(limit < 1 ? 1 : limit > most ? most : limit)};
	page.max_id = param_int(&call->params, "max_id", 0);
	page.min_id = call->no_min_id ? 0 : param_int(&call->params, "min_id", 0);
	page.oldest = param_get(&call->params, "min_id") && !call->no_min_id;
	if (!page.oldest)
		page.min_id = param_int(&call->params, "since_id", 0);
	return page;
}

/* `next` takes what is older than the page's last, `prev` what is newer than its first. */
static void add_links(struct call *call, int64_t first, int64_t last)
{
	static const char *const kept[] = {
	        "limit", "types[]", "exclude_types[]", "include_filtered", "exclude_replies"};
	struct str query = STR_INIT;
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		for (const struct param *p = NULL; (p = param_next(&call->params, p, kept[i]));) {
			size_t name_len = strcspn(p->name, "[");
			str_addf(&query, "%.*s%s=%s&", (int)name_len, p->name, p->name[name_len] ? "%5B%5D" : "",
			        p->value);
		}
	const char *host = str_or(http_header_get(call->request, "Host"), "127.0.0.1");
	const char *path = call->request->path;
	str_addf(&call->headers, "Link: <http://%s%s?%smax_id=%" PRId64 ">; rel=\"next\", ", host, path, query.p, last);
	str_addf(&call->headers, "<http://%s%s?%smin_id=%" PRId64 ">; rel=\"prev\"\r\n", host, path, query.p, first);
	str_release(&query);
}

typedef bool status_filter(const struct call *call, const struct status *status, const void *arg);

/* Indexes of the page's statuses, newest first. */
static size_t pick_statuses(const struct call *call, const struct page *page, status_filter *filter, const void *arg,
        const struct status **out)
{
	const struct world *world = &call->site->world;
	size_t low = world_status_after(world, page->min_id), n = 0;
	size_t high = page->max_id ? world_status_after(world, page->max_id - 1) : world->statuses.len;
	for (size_t k = low; k < high && n < page->limit; k++) {
		const struct status *status = world->statuses.at[page->oldest ? k : high - 1 - (k - low)];
		if (!status->deleted && world_on(status, FACE_MASTODON) && filter(call, status, arg))
			out[n++] = status;
	}
	for (size_t i = 0; page->oldest && i < n / 2; i++) {
		const struct status *swap = out[i];
		out[i] = out[n - 1 - i];
		out[n - 1 - i] = swap;
	}
	return n;
}

static void answer_statuses(struct call *call, const struct page *page, status_filter *filter, const void *arg)
{
	const struct status **picked = arena_array(call->arena, const struct status *, page->limit);
	size_t n = pick_statuses(call, page, filter, arg, picked);
	json *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_push(list, render_status(picked[i]));
	if (n)
		add_links(call, picked[0]->id, picked[n - 1]->id);
	call_json(call, 200, list);
}

static bool visible(const struct call *call, const struct status *status)
{
	return call->token ? world_brand_sees(&call->site->world, status) : status->visibility <= VIS_UNLISTED;
}

static bool need_token(struct call *call)
{
	if (!call->token)
		call_error(call, 401, "This method requires an authenticated user");
	return call->token != NULL;
}

static bool listed(const struct params *params, const char *name, const char *value)
{
	for (const struct param *p = NULL; (p = param_next(params, p, name));)
		if (str_eq(p->value, value))
			return true;
	return false;
}

static bool notice_wanted(const struct call *call, const struct notice *notice)
{
	if (notice->status && (notice->status->deleted || !world_on(notice->status, FACE_MASTODON)))
		return false;
	if (notice->filtered && !param_bool(&call->params, "include_filtered"))
		return false;
	if (param_get(&call->params, "types[]") && !listed(&call->params, "types[]", notice->type))
		return false;
	int64_t account = param_int(&call->params, "account_id", notice->by->id);
	return account == notice->by->id && !listed(&call->params, "exclude_types[]", notice->type);
}

static void get_notifications(struct call *call)
{
	const struct world *world = &call->site->world;
	struct page page = page_from(call, 40, 80);
	const struct notice **picked = arena_array(call->arena, const struct notice *, page.limit);
	size_t low = world_notice_after(world, page.min_id), n = 0;
	size_t high = page.max_id ? world_notice_after(world, page.max_id - 1) : world->notices.len;
	for (size_t k = low; k < high && n < page.limit; k++) {
		const struct notice *notice = world->notices.at[page.oldest ? k : high - 1 - (k - low)];
		if (notice_wanted(call, notice))
			picked[n++] = notice;
	}
	json *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_push(list, render_notice(picked[page.oldest ? n - 1 - i : i]));
	if (n)
		add_links(call, picked[page.oldest ? n - 1 : 0]->id, picked[page.oldest ? 0 : n - 1]->id);
	call_json(call, 200, list);
}

static bool in_tag(const struct call *call, const struct status *status, const void *arg)
{
	(void)call;
	if (status->visibility != VIS_PUBLIC)
		return false;
	for (size_t i = 0; i < status->tag_count; i++)
		if (str_ieq(status->tags[i], arg))
			return true;
	return false;
}

static bool by_person(const struct call *call, const struct status *status, const void *arg)
{
	bool reply = status->parent && status->parent->by != status->by;
	return status->by == arg && visible(call, status) && !(reply && param_bool(&call->params, "exclude_replies"));
}

static void lower(char *text)
{
	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
}

/* Words and "quoted phrases" must all occur; -word must not. */
static bool text_matches(const char *text, const char *query)
{
	for (const char *q = query; *q;) {
		q += strspn(q, " ");
		bool not = *q == '-';
		q += not ;
		bool quoted = *q == '"';
		q += quoted;
		size_t len = strcspn(q, quoted ? "\"" : " ");
		char word[200];
		snprintf(word, sizeof word, "%.*s", (int)(len < 199 ? len : 199), q);
		if (len && (strstr(text, word) != NULL) == not )
			return false;
		q += len + (quoted && q[len] == '"');
	}
	return true;
}

/* Full-text search finds public posts of people who allow it, and what concerns the brand anyway. */
static bool found_by_search(const struct call *call, const struct status *status, const void *arg)
{
	const struct world *world = &call->site->world;
	bool ours = status->by == world->brand || world_mentions_brand(world, status);
	if (!ours && (status->visibility != VIS_PUBLIC || !status->by->indexable))
		return false;
	struct str text = STR_INIT;
	str_addf(&text, "%s %s", status->cw, status->text);
	lower(text.p);
	bool matches = text_matches(text.p, arg);
	str_release(&text);
	return matches;
}

static void search(struct call *call)
{
	const char *query = param_get(&call->params, "q");
	const char *type = str_or(param_get(&call->params, "type"), "statuses");
	if (!query) {
		call_error(call, 400, "param is missing or the value is empty or invalid: q");
		return;
	}
	json *out = json_object(), *statuses = json_array();
	json_set(out, "accounts", json_array());
	json_set(out, "hashtags", json_array());
	char *words = arena_strdup(call->arena, query);
	lower(words);
	int64_t skip = param_int(&call->params, "offset", 0);
	skip = skip < 0 ? 0 : skip > 10000 ? 10000 : skip;
	struct page page = page_from(call, 20, 40);
	page.limit += (size_t)skip;
	const struct status **picked = arena_array(call->arena, const struct status *, page.limit);
	size_t n = str_eq(type, "statuses") ? pick_statuses(call, &page, found_by_search, words, picked) : 0;
	for (size_t i = (size_t)skip; i < n; i++)
		json_push(statuses, render_status(picked[i]));
	json_set(out, "statuses", statuses);
	call_json(call, 200, out);
}

static struct status *status_or_404(struct call *call, int64_t id)
{
	struct status *status = world_status(&call->site->world, id);
	if (status && visible(call, status))
		return status;
	call_error(call, 404, "Record not found");
	return NULL;
}

static void get_many(struct call *call)
{
	size_t asked = 0;
	json *list = json_array();
	for (const struct param *p = NULL; (p = param_next(&call->params, p, "id[]")); asked++) {
		int64_t id = 0;
		const struct status *status = parse_i64(p->value, &id) ? world_status(&call->site->world, id) : NULL;
		if (status && asked < BULK_MAX && visible(call, status))
			json_push(list, render_status(status));
	}
	if (asked <= BULK_MAX) {
		call_json(call, 200, list);
		return;
	}
	json_free(list);
	call_error(call, 422, "Too many ids");
}

/* Depth first; a deleted post is left out, its answers are not. */
static void push_descendants(const struct call *call, json *list, const struct status *parent, int depth)
{
	const struct world *world = &call->site->world;
	for (size_t i = world_status_after(world, parent->id); depth < 64 && i < world->statuses.len; i++) {
		const struct status *status = world->statuses.at[i];
		if (status->parent != parent)
			continue;
		if (!status->deleted && visible(call, status))
			json_push(list, render_status(status));
		if (status->answered)
			push_descendants(call, list, status, depth + 1);
	}
}

static void push_ancestors(const struct call *call, json *list, const struct status *status)
{
	if (!status)
		return;
	push_ancestors(call, list, status->parent);
	if (!status->deleted && visible(call, status))
		json_push(list, render_status(status));
}

static void get_context(struct call *call, int64_t id)
{
	const struct status *status = status_or_404(call, id);
	if (!status)
		return;
	json *out = json_object(), *ancestors = json_array(), *descendants = json_array();
	push_ancestors(call, ancestors, status->parent);
	if (status->answered)
		push_descendants(call, descendants, status, 0);
	json_set(out, "ancestors", ancestors);
	json_set(out, "descendants", descendants);
	call_json(call, 200, out);
}

static void get_source(struct call *call, int64_t id)
{
	const struct status *status = status_or_404(call, id);
	if (!status)
		return;
	json *out = json_object();
	json_set_id(out, "id", status->id);
	json_set_str(out, "text", status->text);
	json_set_str(out, "spoiler_text", status->cw);
	call_json(call, 200, out);
}

static bool read_statuses(struct call *call)
{
	static const char at[] = "/api/v1/statuses/";
	int64_t id;
	const struct status *status;
	if (call_is(call, "GET", "/api/v1/statuses"))
		get_many(call);
	else if ((id = call_id(call, "GET", at, "")) >= 0) {
		if ((status = status_or_404(call, id)))
			call_json(call, 200, render_status(status));
	} else if ((id = call_id(call, "GET", at, "/context")) >= 0)
		get_context(call, id);
	else if ((id = call_id(call, "GET", at, "/source")) >= 0)
		get_source(call, id);
	else
		return false;
	return true;
}

static void answer_person(struct call *call, const struct person *person)
{
	if (person)
		call_json(call, 200, render_person(person));
	else
		call_error(call, 404, "Record not found");
}

static bool read_accounts(struct call *call)
{
	static const char at[] = "/api/v1/accounts/";
	const struct world *world = &call->site->world;
	int64_t id;
	if (call_is(call, "GET", "/api/v1/accounts/verify_credentials")) {
		if (need_token(call))
			call_json(call, 200, render_self(world->brand));
	} else if (call_is(call, "GET", "/api/v1/accounts/lookup")) {
		const char *acct = str_or(param_get(&call->params, "acct"), "");
		answer_person(call, world_find_person(world, acct, strlen(acct)));
	} else if ((id = call_id(call, "GET", at, "/statuses")) >= 0) {
		const struct person *person = world_person(world, id);
		struct page page = page_from(call, 20, 40);
		if (person)
			answer_statuses(call, &page, by_person, person);
		else
			answer_person(call, NULL);
	} else if ((id = call_id(call, "GET", at, "")) >= 0) {
		answer_person(call, world_person(world, id));
	} else {
		return false;
	}
	return true;
}

bool api_read(struct call *call)
{
	static const char tag[] = "/api/v1/timelines/tag/";
	int port = http_server_port(call->site->http);
	bool gotosocial = call->site->kind == KIND_GOTOSOCIAL;
	if (call_is(call, "GET", "/api/v2/instance"))
		call_json(call, 200, render_instance_v2(port, gotosocial));
	else if (call_is(call, "GET", "/api/v1/instance"))
		call_json(call, 200, render_instance_v1(port, gotosocial));
	else if (call_is(call, "GET", "/api/v1/notifications")) {
		if (need_token(call))
			get_notifications(call);
	} else if (call_is(call, "GET", "/api/v2/search")) {
		if (need_token(call))
			search(call);
	} else if (str_eq(call->request->method, "GET") && str_starts(call->request->path, tag)) {
		struct page page = page_from(call, 20, 40);
		answer_statuses(call, &page, in_tag, call->request->path + sizeof tag - 1);
	} else
		return read_statuses(call) || read_accounts(call);
	return true;
}
