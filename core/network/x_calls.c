/* What delivery asks of X. There is no idempotency: an outcome in doubt is looked for among our own posts, and a
 * refusal as duplicate is followed by the same look, for it may be the first try that is in the way. */
#include "core/network/x_parts.h"

#include "core/base/mem.h"
#include "core/model/attachment.h"
#include "core/net/url_escape.h"
#include "core/text/length.h"

#include <stdio.h>
#include <string.h>

#define FIND_SLACK_MS ((int64_t)10 * 60000) /* clocks apart */
#define SETTLES_MS 30000                    /* a post may appear so late among our own */
#define LOOK_AGAIN_MS 5000
#define THREAD_PAGES 3

struct x_call {
	struct x *x;
	call_fn *done;
	void *arg;
	struct x_ask *ask;
	struct upload *upload;
	struct attachment *files; /* in the arena */
	int file_count;
	timer_id timer;
	struct call_result later; /* what the timer answers */
	struct arena arena;
	struct x_call *next;
	enum reply_kind kind;
	const char *remote_id, *text;
	int64_t created_at;
	bool refused_as_duplicate;
	/* thread */
	char *root, *next_token;
	VEC(json *) pages; /* the post itself, then what was found, newest first */
	int pages_asked;
};

/* --- a call's life */

static struct x_call *call_new(struct network *network, call_fn *done, void *arg)
{
	struct x_call *call = mem_alloc(sizeof *call);
	call->x = (struct x *)network;
	call->done = done;
	call->arg = arg;
	arena_init(&call->arena);
	call->next = call->x->calls;
	call->x->calls = call;
	return call;
}

static void call_free(struct x_call *call)
{
	for (struct x_call **p = &call->x->calls; *p; p = &(*p)->next) {
		if (*p == call) {
			*p = call->next;
			break;
		}
	}
	x_ask_drop(call->ask);
	upload_drop(call->upload);
	timers_cancel(call->x->timers, &call->timer);
	for (size_t i = 0; i < call->pages.len; i++)
		json_free(call->pages.at[i]);
	vec_release(&call->pages);
	free(call->root);
	free(call->next_token);
	arena_release(&call->arena);
	free(call);
}

void x_calls_drop(struct x *x)
{
	while (x->calls)
		call_free(x->calls);
}

static void call_end(struct x_call *call, const struct call_result *result)
{
	struct call_result told = *result;
	told.reason = str_or(result->reason, "");
	call->done(call->arg, &told);
	call_free(call);
}

static void answer_now(void *arg)
{
	struct x_call *call = arg;
	call->timer = 0;
	call_end(call, &(struct call_result){.outcome = call->later.outcome,
	                       .retry_at = call->later.retry_at,
	                       .reason = call->later.reason});
}

/* What needs no request is answered on the next turn: whoever calls has to have returned. */
static void call_end_later(struct x_call *call, enum call_outcome outcome, const char *reason)
{
	call->later.outcome = outcome;
	call->later.reason = reason;
	call->timer = timers_add(call->x->timers, clock_mono_ms(), answer_now, call);
}

/* While nothing goes without money, or without a login, nothing is asked for. */
static bool call_stopped(struct x_call *call, enum call_outcome outcome)
{
	const struct x *x = call->x;
	bool login = x->stopped && x->told == ACCOUNT_NEEDS_LOGIN;
	if (!login && !x->resume_at)
		return false;
	call->later.retry_at = x->resume_at;
	call_end_later(call, login ? CALL_NO_ACCESS : outcome, arena_strdup(&call->arena, x->told_reason));
	return true;
}

static enum call_outcome outcome_of(const struct x_answer *answer)
{
	if (answer->outcome == HTTP_NOT_SENT || answer->status == 429)
		return CALL_NOT_SENT;
	if (answer->outcome == HTTP_UNKNOWN || http_status_leaves_doubt(answer->status))
		return CALL_UNKNOWN;
	if (answer->status == 401)
		return CALL_NO_ACCESS;
	if (answer->status == 404) /* a page alone is a proxy's: it knows of no post */
		return answer->body ? CALL_GONE : CALL_UNKNOWN;
	if (answer->fault == X_FAULT_GONE)
		return CALL_GONE;
	if (answer->status >= 200 && answer->status < 300)
		return answer->body ? CALL_OK : CALL_UNKNOWN;
	return answer->fault == X_FAULT_CREDITS ? CALL_NOT_SENT : CALL_REFUSED;
}

static bool call_goes_on(struct x_call *call, const struct x_answer *answer)
{
	call->ask = NULL;
	enum call_outcome outcome = outcome_of(answer);
	if (outcome != CALL_OK)
		call_end(call, &(struct call_result){
		                       .outcome = outcome, .retry_at = answer->retry_at, .reason = answer->reason});
	return outcome == CALL_OK;
}

static void call_ask(struct x_call *call, const char *method, const char *path, const json *body, enum x_price price,
        x_answer_fn *answered)
{
	struct x_ask_setup setup = {.method = method,
	        .path = path,
	        .body = body,
	        .bucket = str_eq(path, "/2/tweets") ? X_BUCKET_POST : X_BUCKET_OTHER,
	        .price = price == X_PRICE_COUNT ? 0 : call->x->purse.price[price]};
	call->ask = x_ask(call->x, &setup, answered, call);
}

static bool is_id(const char *id)
{
	return *id && strspn(id, "0123456789") == strlen(id);
}

/* Reading may cost: what nobody waits for is not worth more than the budget. */
static bool call_affordable(struct x_call *call, int posts)
{
	if (x_purse_posts_left(&call->x->purse, clock_wall_ms(), false) >= posts)
		return true;
	call_end_later(call, CALL_REFUSED, "the month's budget for reading is used up");
	return false;
}

/* --- find: is it there already? */

static void look(struct x_call *call);

/* Text as it survives X: white space has lost its form, a link its scheme and its last slash, and the names that a
 * reply begins with are not part of it. */
static const char *normalise(struct arena *arena, const char *text)
{
	struct str out = STR_INIT;
	bool begun = false;
	while (*(text += strspn(text, " \t\r\n"))) {
		size_t len = strcspn(text, " \t\r\n"), skip = 0;
		begun |= *text != '@';
		if (begun) {
			if (strncmp(text, "https://", 8) == 0)
				skip = 8;
			else if (strncmp(text, "http://", 7) == 0)
				skip = 7;
			size_t slash = len > skip + 1 && text[len - 1] == '/';
			str_addf(&out, "%s%.*s", out.len ? " " : "", (int)(len - skip - slash), text + skip);
		}
		text += len;
	}
	const char *kept = arena_strndup(arena, out.p, out.len);
	str_release(&out);
	return kept;
}

static void not_found(struct x_call *call)
{
	if (call->refused_as_duplicate)
		call_end(
		        call, &(struct call_result){.outcome = CALL_REFUSED,
		                      .reason = "X has seen the same text from you a short time ago, and does not take "
		                                "it again: say it in other words"});
	else if (clock_wall_ms() - call->created_at < SETTLES_MS)
		call_end(call, &(struct call_result){.outcome = CALL_UNKNOWN,
		                       .retry_at = clock_wall_ms() + LOOK_AGAIN_MS,
		                       .reason = "it is not among our own posts yet; that can take half a minute"});
	else
		call_end(call, &(struct call_result){.outcome = CALL_OK});
}

static void looked(void *arg, const struct x_answer *answer)
{
	struct x_call *call = arg;
	if (!call_goes_on(call, answer))
		return;
	struct item *items;
	int count = x_decode_posts(&call->x->decoder, answer->body, &call->arena, &items);
	const char *wanted = normalise(&call->arena, call->text);
	for (int i = 0; i < count; i++) {
		bool same = str_eq(items[i].post.parent_remote_id, call->remote_id) &&
		            str_eq(normalise(&call->arena, items[i].post.text), wanted);
		if (!same)
			continue;
		items[i].post.direction = DIR_OUT;
		items[i].mention = false;
		call_end(call, &(struct call_result){.outcome = CALL_OK, .items = &items[i], .count = 1});
		return;
	}
	not_found(call);
}

static void look(struct x_call *call)
{
	char since[24];
	x_id_of_time(x_server_time(call->x, call->created_at) - FIND_SLACK_MS, since);
	struct str path = STR_INIT;
	str_addf(&path, "/2/users/%s/tweets?since_id=%s&max_results=%d&exclude=retweets&%s", call->x->self_id, since,
	        X_PAGE, x_fields(call->x));
	struct x_ask_setup setup = {.path = path.p, .bucket = X_BUCKET_READ, .owned = true};
	call->ask = x_ask(call->x, &setup, looked, call);
	str_release(&path);
}

void x_find(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct x_call *call = call_new(network, done, arg);
	call->remote_id = arena_strdup(&call->arena, str_or(reply->to_remote_id, ""));
	call->text = arena_strdup(&call->arena, str_or(reply->text, ""));
	call->created_at = reply->created_at;
	if (reply->kind != REPLY_KIND_POST) /* may be repeated */
		call_end_later(call, CALL_OK, "");
	else if (call_stopped(call, CALL_UNKNOWN))
		return;
	else if (!call->x->self_id)
		call_end_later(call, CALL_UNKNOWN, "not connected yet");
	else
		look(call);
}

/* --- publish and the like */

static void published(void *arg, const struct x_answer *answer)
{
	struct x_call *call = arg;
	struct x *x = call->x;
	if (answer->fault == X_FAULT_DUPLICATE && x->self_id) {
		call->ask = NULL;
		call->refused_as_duplicate = true;
		look(call);
		return;
	}
	if (answer->fault == X_FAULT_UNSUMMONED) {
		call->ask = NULL;
		call_end(
		        call, &(struct call_result){.outcome = CALL_REFUSED,
		                      .reason = "X lets applications answer only those who named or quoted you: answer "
		                                "in the browser"});
		return;
	}
	if (!call_goes_on(call, answer))
		return;
	/* The answer has the id alone for certain. */
	const char *id = json_str_or(json_get(answer->body, "data"), "id", "");
	if (!is_id(id)) {
		call_end(call, &(struct call_result){.outcome = CALL_UNKNOWN, .reason = "X's answer names no post"});
		return;
	}
	struct item item = {.kind = ITEM_POST, .root_remote_id = ""};
	struct arena *arena = &call->arena;
	item.post = (struct post){.direction = DIR_OUT,
	        .remote_id = id,
	        .parent_remote_id = call->remote_id,
	        .uri = arena_printf(arena, "https://x.com/i/status/%s", id),
	        .url = arena_printf(arena, "https://x.com/%s/status/%s", x->handle + (*x->handle == '@'), id),
	        .author_handle = x->handle,
	        .author_name = x->handle,
	        .created_at = x_time_of_id(id),
	        .visibility = VIS_PUBLIC,
	        .language = "",
	        .warning = "",
	        .text = call->text,
	        .mentions = "",
	        .links = "",
	        .sent_by = "",
	        .reply_refusal = ""};
	struct media *media = arena_array(arena, struct media, (size_t)call->file_count + 1);
	for (int i = 0; i < call->file_count; i++)
		media[i] = (struct media){attachment_kind(call->files[i].path), call->files[i].alt, ""};
	item.post.media = media;
	item.post.media_count = call->file_count;
	item.customer = (struct customer){.network = "x",
	        .remote_key = x->self_id,
	        .remote_id = x->self_id,
	        .handle = x->handle,
	        .name = x->handle,
	        .url = "",
	        .followers = -1};
	call_end(call, &(struct call_result){.outcome = CALL_OK, .items = &item, .count = 1});
}

static void acknowledged(void *arg, const struct x_answer *answer)
{
	struct x_call *call = arg;
	if (call_goes_on(call, answer))
		call_end(call, &(struct call_result){.outcome = CALL_OK});
}

static void publish_with(struct x_call *call, const char *const *media, int count)
{
	json *body = json_object();
	json_set_str(body, "text", call->text);
	if (count) {
		json *files = json_object(), *ids = json_array();
		for (int i = 0; i < count; i++)
			json_push_str(ids, media[i]);
		json_set(files, "media_ids", ids);
		json_set(body, "media", files);
	}
	if (*call->remote_id) {
		json *reply = json_object();
		json_set_str(reply, "in_reply_to_tweet_id", call->remote_id);
		json_set(body, "reply", reply);
	}
	call_ask(call, "POST", "/2/tweets", body, length_has_link(&length_x, call->text) ? X_PRICE_LINK : X_PRICE_REPLY,
	        published);
	json_free(body);
}

static void uploaded(void *arg, const struct upload_result *result)
{
	struct x_call *call = arg;
	call->upload = NULL;
	if (result->outcome == CALL_OK)
		publish_with(call, result->ids, result->count);
	else
		call_end(call, &(struct call_result){.outcome = result->outcome,
		                       .retry_at = result->retry_at,
		                       .reason = arena_strdup(&call->arena, result->reason)});
}

static void publish(struct x_call *call, const struct reply *reply)
{
	if (!reply->file_count) {
		publish_with(call, NULL, 0);
		return;
	}
	call->files = arena_array(&call->arena, struct attachment, (size_t)reply->file_count);
	for (; call->file_count < reply->file_count; call->file_count++)
		call->files[call->file_count] =
		        (struct attachment){arena_strdup(&call->arena, reply->files[call->file_count].path),
		                arena_strdup(&call->arena, str_or(reply->files[call->file_count].alt, ""))};
	call->upload =
	        upload_begin(&x_uploads, call->x, call->x->timers, call->files, call->file_count, uploaded, call);
}

static void call_on_post(struct x_call *call, const char *method, const char *before, const char *after,
        const char *key, enum x_price price)
{
	json *body = key ? json_object() : NULL;
	struct str path = STR_INIT;
	str_addf(&path, "%s%s%s", before, str_eq(method, "POST") ? "" : call->remote_id, after);
	if (key && str_eq(method, "PUT"))
		json_set_bool(body, key, true);
	else if (key)
		json_set_str(body, key, call->remote_id);
	call_ask(call, method, path.p, body, price, acknowledged);
	json_free(body);
	str_release(&path);
}

/* Muted is a person: first it is read whose post it is. */
static void author_known(void *arg, const struct x_answer *answer)
{
	struct x_call *call = arg;
	if (!call_goes_on(call, answer))
		return;
	const char *author = json_str_or(json_get(answer->body, "data"), "author_id", "");
	if (!is_id(author)) {
		call_end(call, &(struct call_result){.outcome = CALL_GONE, .reason = "the post is not there any more"});
		return;
	}
	json *body = json_object();
	struct str path = STR_INIT;
	json_set_str(body, "target_user_id", author);
	str_addf(&path, "/2/users/%s/muting", call->x->self_id);
	call_ask(call, "POST", path.p, body, X_PRICE_ACTION, acknowledged);
	json_free(body);
	str_release(&path);
}

static void ask_post(struct x_call *call, x_answer_fn *answered)
{
	struct str path = STR_INIT;
	str_addf(&path, "/2/tweets/%s?%s", call->remote_id, x_fields(call->x));
	struct x_ask_setup setup = {.path = path.p, .bucket = X_BUCKET_READ};
	call->ask = x_ask(call->x, &setup, answered, call);
	str_release(&path);
}

void x_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct x_call *call = call_new(network, done, arg);
	struct str own = STR_INIT;
	call->kind = reply->kind;
	call->remote_id = arena_strdup(&call->arena, str_or(reply->to_remote_id, ""));
	call->text = arena_strdup(&call->arena, str_or(reply->text, ""));
	call->created_at = reply->created_at;
	if (call_stopped(call, CALL_NOT_SENT))
		return;
	if (!call->x->self_id) {
		call_end_later(call, CALL_NOT_SENT, "not connected yet");
		return;
	}
	if (*call->remote_id && !is_id(call->remote_id)) {
		call_end_later(call, CALL_REFUSED, "that is no post on X");
		return;
	}
	str_addf(&own, "/2/users/%s/retweets", call->x->self_id);
	switch (reply->kind) {
	case REPLY_KIND_POST: publish(call, reply); break;
	case REPLY_KIND_DELETE: call_on_post(call, "DELETE", "/2/tweets/", "", NULL, X_PRICE_DELETE); break;
	case REPLY_KIND_BOOST: call_on_post(call, "POST", own.p, "", "tweet_id", X_PRICE_ACTION); break;
	case REPLY_KIND_UNBOOST:
		str_addc(&own, '/');
		call_on_post(call, "DELETE", own.p, "", NULL, X_PRICE_ACTION);
		break;
	case REPLY_KIND_HIDE: call_on_post(call, "PUT", "/2/tweets/", "/hidden", "hidden", X_PRICE_ACTION); break;
	case REPLY_KIND_MUTE: ask_post(call, author_known); break;
	default: call_end_later(call, CALL_REFUSED, "X does not let applications do that");
	}
	str_release(&own);
}

/* --- reading */

static void fetched(void *arg, const struct x_answer *answer)
{
	struct x_call *call = arg;
	struct item *items;
	if (!call_goes_on(call, answer))
		return;
	int count = x_decode_posts(&call->x->decoder, answer->body, &call->arena, &items);
	call_end(call, &(struct call_result){.outcome = count ? CALL_OK : CALL_GONE, .items = items, .count = count});
}

void x_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct x_call *call = call_new(network, done, arg);
	call->remote_id = arena_strdup(&call->arena, remote_id);
	if (!is_id(call->remote_id))
		call_end_later(call, CALL_GONE, "");
	else if (!call_stopped(call, CALL_NOT_SENT) && call_affordable(call, 1))
		ask_post(call, fetched);
}

static void keep_page(struct x_call *call, const struct x_answer *answer)
{
	json *page = json_parse(answer->bytes, answer->len, NULL);
	if (page)
		vec_push(&call->pages, page);
}

static void thread_whole(struct x_call *call)
{
	size_t room = 0;
	for (size_t i = 0; i < call->pages.len; i++)
		room += json_count(json_get(call->pages.at[i], "data")) + 1;
	struct item *all = arena_array(&call->arena, struct item, room + 1);
	int count = 0;
	for (size_t i = 0; i < call->pages.len; i++) {
		struct item *items;
		int n = x_decode_posts(&call->x->decoder, call->pages.at[i], &call->arena, &items);
		for (int k = 0; k < n; k++) { /* oldest first, each once */
			int at = count;
			while (at && x_id_compare(all[at - 1].post.remote_id, items[k].post.remote_id) > 0)
				at--;
			if (at && str_eq(all[at - 1].post.remote_id, items[k].post.remote_id))
				continue;
			memmove(all + at + 1, all + at, (size_t)(count - at) * sizeof *all);
			all[at] = items[k];
			count++;
		}
	}
	call_end(call, &(struct call_result){.outcome = CALL_OK, .items = all, .count = count});
}

static void ask_thread_page(struct x_call *call);

static void thread_page(void *arg, const struct x_answer *answer)
{
	struct x_call *call = arg;
	if (!call_goes_on(call, answer))
		return;
	keep_page(call, answer);
	free(call->next_token);
	call->next_token = mem_strdup(json_str(json_get(answer->body, "meta"), "next_token"));
	if (call->next_token && ++call->pages_asked < THREAD_PAGES &&
	        x_purse_posts_left(&call->x->purse, clock_wall_ms(), false) >= X_PAGE)
		ask_thread_page(call);
	else
		thread_whole(call);
}

static void ask_thread_page(struct x_call *call)
{
	struct str path = STR_INIT;
	str_addf(&path, "/2/tweets/search/recent?query=conversation_id:%s&max_results=%d&%s", call->root, X_PAGE,
	        x_fields(call->x));
	if (call->next_token) {
		str_adds(&path, "&next_token=");
		url_escape(&path, call->next_token);
	}
	struct x_ask_setup setup = {.path = path.p, .bucket = X_BUCKET_SEARCH};
	call->ask = x_ask(call->x, &setup, thread_page, call);
	str_release(&path);
}

/* A search finds what answers the root, but not the root. */
static void root_read(void *arg, const struct x_answer *answer)
{
	struct x_call *call = arg;
	call->ask = NULL;
	if (x_answer_good(answer))
		keep_page(call, answer); /* else it was deleted: the rest is there all the same */
	ask_thread_page(call);
}

static void focus_read(void *arg, const struct x_answer *answer)
{
	struct x_call *call = arg;
	if (!call_goes_on(call, answer))
		return;
	const json *data = json_get(answer->body, "data");
	const char *root = json_str_or(data, "conversation_id", "");
	if (!is_id(root)) {
		call_end(call, &(struct call_result){.outcome = CALL_GONE});
		return;
	}
	call->root = mem_strdup(root);
	keep_page(call, answer);
	if (str_eq(root, json_str(data, "id"))) {
		ask_thread_page(call);
		return;
	}
	call->remote_id = arena_strdup(&call->arena, root);
	ask_post(call, root_read);
}

void x_thread(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct x_call *call = call_new(network, done, arg);
	call->remote_id = arena_strdup(&call->arena, remote_id);
	if (!is_id(call->remote_id))
		call_end_later(call, CALL_GONE, "");
	else if (!call_stopped(call, CALL_NOT_SENT) && call_affordable(call, X_PAGE))
		ask_post(call, focus_read);
}
