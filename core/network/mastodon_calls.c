/* What delivery asks of a server: publish and the like, look for a reply whose outcome is unknown, read a thread or a
 * post. How each ends is told exactly: the courier says nothing twice on the strength of it. */
#include "core/network/mastodon_parts.h"

#include "core/base/mem.h"

#include <string.h>

#define FIND_PAGES 5               /* of our own posts, newest first */
#define FIND_SLACK_MS (10 * 60000) /* clocks that were set meanwhile */
#define MEDIA_IDS 16

struct call {
	struct mastodon *m;
	call_fn *done;
	void *arg;
	struct ask *ask;
	timer_id timer;
	struct arena arena;
	struct call *next;

	bool patient;          /* leaves the rate limit's rest to others */
	const char *remote_id; /* of the post that the call speaks of */
	enum reply_kind kind;
	const char *text, *normal, *to_handle, *warning, *language, *key;
	int64_t created_at;
	enum visibility visibility;
	const struct attachment *files;
	int file_count;
	struct upload *upload;
	json *focus, *around; /* thread: the post itself, and its context, while that of the root is asked for */

	/* find */
	int pages;
	VEC(json *) candidates; /* answers to the same post in the time; the next one's source is compared */
	bool looked_in_thread;
};

/* --- a call's life */

static struct call *call_new(struct network *network, call_fn *done, void *arg)
{
	struct call *call = mem_alloc(sizeof *call);
	call->m = (struct mastodon *)network;
	call->done = done;
	call->arg = arg;
	arena_init(&call->arena);
	call->next = call->m->calls;
	call->m->calls = call;
	return call;
}

static void call_free(struct call *call)
{
	for (struct call **p = &call->m->calls; *p; p = &(*p)->next) {
		if (*p == call) {
			*p = call->next;
			break;
		}
	}
	mastodon_ask_drop(call->ask);
	upload_drop(call->upload);
	timers_cancel(call->m->timers, &call->timer);
	json_free(call->focus);
	json_free(call->around);
	for (size_t i = 0; i < call->candidates.len; i++)
		json_free(call->candidates.at[i]);
	vec_release(&call->candidates);
	arena_release(&call->arena);
	free(call);
}

void mastodon_calls_drop(struct mastodon *m)
{
	while (m->calls)
		call_free(m->calls);
}

static void call_end(struct call *call, const struct call_result *result)
{
	struct call_result told = *result;
	told.reason = str_or(result->reason, "");
	call->done(call->arg, &told);
	call_free(call);
}

static enum call_outcome outcome_of(const struct answer *answer)
{
	if (answer->outcome == HTTP_NOT_SENT)
		return CALL_NOT_SENT;
	/* Pleroma and Akkoma keep what they answered to a key for six hours, errors too: nothing was done then, and
	 * nothing will be under this key. */
	if (answer->replayed && answer->status >= 400)
		return CALL_REFUSED;
	if (answer->outcome == HTTP_UNKNOWN || http_status_leaves_doubt(answer->status))
		return CALL_UNKNOWN;
	if (answer->status == 429) /* turned away before anything was looked at */
		return CALL_NOT_SENT;
	if (mastodon_answer_no_access(answer))
		return CALL_NO_ACCESS;
	if (!answer->body) /* a proxy's page, nothing at all, or what should have been a post */
		return answer->status >= 300 && answer->status < 400 ? CALL_REFUSED : CALL_UNKNOWN;
	if (answer->status == 404 || answer->status == 410)
		return CALL_GONE;
	return answer->status >= 200 && answer->status < 300 ? CALL_OK : CALL_REFUSED;
}

static void call_failed(struct call *call, const struct answer *answer, enum call_outcome outcome)
{
	call_end(call,
	        &(struct call_result){.outcome = outcome, .retry_at = answer->retry_at, .reason = answer->reason});
}

/* True when the call went well so far; else it has ended. */
static bool call_goes_on(struct call *call, const struct answer *answer)
{
	call->ask = NULL;
	enum call_outcome outcome = outcome_of(answer);
	if (outcome != CALL_OK)
		call_failed(call, answer, outcome);
	return outcome == CALL_OK;
}

static void call_ask(
        struct call *call, const char *method, const char *action, const json *body, const char *key, answer_fn *done)
{
	struct str path = STR_INIT;
	str_adds(&path, "/api/v1/statuses");
	if (!key) {
		str_addc(&path, '/');
		url_escape(&path, call->remote_id);
	}
	str_adds(&path, action);
	struct ask_setup setup = {
	        .method = method, .path = path.p, .body = body, .idempotency_key = key, .urgent = !call->patient};
	call->ask = mastodon_ask(call->m, &setup, done, call);
	str_release(&path);
}

/* --- publish, edit, delete, like */

static bool names(const char *handles, const char *handle)
{
	size_t len = strlen(handle);
	for (const char *p = handles; (p = strstr(p, handle)); p += len)
		if ((p == handles || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

/* A handle that the server could not resolve stays plain text, and nobody is told of the reply. */
static const char *mention_warning(struct call *call, const struct item *published)
{
	if (call->kind != REPLY_KIND_POST || !*str_or(call->to_handle, "") || !strstr(call->text, call->to_handle))
		return "";
	if (names(published->post.mentions, call->to_handle))
		return "";
	return arena_printf(
	        &call->arena, "the server did not take %s as a mention: they may not see it", call->to_handle);
}

static void published(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	struct item item;
	struct err err = ERR_INIT;
	if (!call_goes_on(call, answer))
		return;
	if (mastodon_decode_status(&call->m->decoder, answer->body, &call->arena, &item, &err)) {
		call_end(call, &(struct call_result){.outcome = CALL_UNKNOWN, .reason = err.text});
		return;
	}
	item.post.direction = DIR_OUT; /* also before the server has told us who we are */
	item.mention = false;
	call_end(call, &(struct call_result){
	                       .outcome = CALL_OK, .reason = mention_warning(call, &item), .items = &item, .count = 1});
}

static void acknowledged(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	if (call_goes_on(call, answer))
		call_end(call, &(struct call_result){.outcome = CALL_OK});
}

static json *status_body(const struct call *call)
{
	json *body = json_object();
	json_set_str(body, "status", call->text);
	if (*call->warning)
		json_set_str(body, "spoiler_text", call->warning);
	if (*call->language)
		json_set_str(body, "language", call->language);
	return body;
}

static void publish_with(struct call *call, const char *const *media_ids, int count)
{
	json *body = status_body(call), *ids = json_array();
	if (*call->remote_id)
		json_set_str(body, "in_reply_to_id", call->remote_id);
	json_set_str(body, "visibility", visibility_name(call->visibility));
	for (int i = 0; i < count; i++)
		json_push_str(ids, media_ids[i]);
	if (count)
		json_set(body, "media_ids", ids);
	else
		json_free(ids);
	call_ask(call, "POST", "", body, call->key, published);
	json_free(body);
}

static void uploaded(void *arg, const struct upload_result *result)
{
	struct call *call = arg;
	call->upload = NULL;
	if (result->outcome == CALL_OK)
		publish_with(call, result->ids, result->count);
	else
		call_end(call, &(struct call_result){.outcome = result->outcome,
		                       .retry_at = result->retry_at,
		                       .reason = arena_strdup(&call->arena, result->reason)});
}

static void publish(struct call *call)
{
	if (call->file_count)
		call->upload = upload_begin(
		        &mastodon_uploads, call->m, call->m->timers, call->files, call->file_count, uploaded, call);
	else
		publish_with(call, NULL, 0);
}

/* What comes before anything is changed leaves no doubt. True when the call goes on. */
static bool read_well(struct call *call, const struct answer *answer)
{
	if (answer->outcome != HTTP_UNKNOWN && !http_status_leaves_doubt(answer->status))
		return call_goes_on(call, answer);
	call->ask = NULL;
	call_failed(call, answer, CALL_NOT_SENT);
	return false;
}

/* An edit without media_ids takes the media away: they are sent back as they are. */
static void edit_after_reading(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	if (!read_well(call, answer))
		return;
	json *body = status_body(call), *ids = json_array();
	int count = 0;
	for (const json *a = json_first(json_get(answer->body, "media_attachments")); a && count < MEDIA_IDS;
	        a = json_next(a), count++)
		json_push_str(ids, json_str_or(a, "id", ""));
	json_set(body, "media_ids", ids);
	call_ask(call, "PUT", "", body, NULL, published);
	json_free(body);
}

/* --- what is done to an author, whose id the post tells */

static void call_ask_at(struct call *call, const char *path, const json *body, answer_fn *done)
{
	struct ask_setup setup = {.method = "POST", .path = path, .body = body, .urgent = true};
	call->ask = mastodon_ask(call->m, &setup, done, call);
}

static void report(struct call *call, const char *author)
{
	json *body = json_object(), *ids = json_array();
	json_set_str(body, "account_id", author);
	json_push_str(ids, call->remote_id);
	json_set(body, "status_ids", ids);
	json_set_str(body, "comment", call->text);
	call_ask_at(call, "/api/v1/reports", body, acknowledged);
	json_free(body);
}

static void author_known(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	if (!read_well(call, answer))
		return;
	const char *author = json_str(json_get(answer->body, "account"), "id");
	if (!author || !*author) {
		call_end(call, &(struct call_result){
		                       .outcome = CALL_REFUSED, .reason = "the server does not say who wrote it"});
		return;
	}
	if (call->kind == REPLY_KIND_REPORT) {
		report(call, author);
		return;
	}
	struct str path = STR_INIT;
	str_adds(&path, "/api/v1/accounts/");
	url_escape(&path, author);
	str_adds(&path, call->kind == REPLY_KIND_BLOCK ? "/block" : "/mute");
	call_ask_at(call, path.p, NULL, acknowledged);
	str_release(&path);
}

static void copy_reply(struct call *call, const struct reply *reply)
{
	struct arena *arena = &call->arena;
	call->kind = reply->kind;
	call->remote_id = arena_strdup(arena, str_or(reply->to_remote_id, ""));
	call->to_handle = arena_strdup(arena, str_or(reply->to_handle, ""));
	call->text = arena_strdup(arena, str_or(reply->text, ""));
	call->warning = arena_strdup(arena, str_or(reply->warning, ""));
	call->language = arena_strdup(arena, str_or(reply->language, ""));
	call->key = arena_strdup(arena, str_or(reply->idempotency_key, ""));
	call->created_at = reply->created_at;
	call->visibility = reply->visibility;
	struct attachment *files = arena_array(arena, struct attachment, (size_t)reply->file_count + 1);
	for (int i = 0; i < reply->file_count; i++)
		files[i] = (struct attachment){arena_strdup(arena, reply->files[i].path),
		        arena_strdup(arena, str_or(reply->files[i].alt, ""))};
	call->files = files;
	call->file_count = reply->file_count;
}

void mastodon_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct call *call = call_new(network, done, arg);
	copy_reply(call, reply);
	switch (reply->kind) {
	case REPLY_KIND_EDIT: call_ask(call, "GET", "", NULL, NULL, edit_after_reading); break;
	case REPLY_KIND_DELETE: call_ask(call, "DELETE", "", NULL, NULL, acknowledged); break;
	case REPLY_KIND_LIKE: call_ask(call, "POST", "/favourite", NULL, NULL, acknowledged); break;
	case REPLY_KIND_UNLIKE: call_ask(call, "POST", "/unfavourite", NULL, NULL, acknowledged); break;
	case REPLY_KIND_BOOST: call_ask(call, "POST", "/reblog", NULL, NULL, acknowledged); break;
	case REPLY_KIND_UNBOOST: call_ask(call, "POST", "/unreblog", NULL, NULL, acknowledged); break;
	case REPLY_KIND_POST: publish(call); break;
	case REPLY_KIND_REPORT:
	case REPLY_KIND_BLOCK:
	case REPLY_KIND_MUTE: call_ask(call, "GET", "", NULL, NULL, author_known); break;
	case REPLY_KIND_HIDE:
	case REPLY_KIND_COUNT:
		call_end(call, &(struct call_result){.outcome = CALL_REFUSED, .reason = "this cannot be done here"});
		break;
	}
}

/* --- find: is it there already? */

static void find_next_page(struct call *call, const char *max_id);
static void find_compare(struct call *call);

/* Text as it survives a server: mentions lose their domain, white space its form. */
static const char *normalise(struct arena *arena, const char *text)
{
	struct str out = STR_INIT;
	bool space = false;
	for (const char *p = text; *p; p++) {
		if (strchr(" \t\r\n", *p)) {
			space = out.len > 0;
			continue;
		}
		if (space)
			str_addc(&out, ' ');
		space = false;
		bool handle = *p == '@' && (p == text || strchr(" \t\r\n", p[-1]));
		str_addc(&out, *p);
		if (!handle)
			continue;
		size_t name = strcspn(p + 1, "@ \t\r\n");
		str_add(&out, p + 1, name);
		p += name;
		if (p[1] == '@')
			p += 1 + strspn(p + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:");
	}
	const char *kept = arena_strndup(arena, out.p, out.len);
	str_release(&out);
	return kept;
}

static bool same_text(struct call *call, const char *text)
{
	return str_eq(normalise(&call->arena, text), call->normal);
}

static void found(struct call *call, const json *status)
{
	struct item item;
	struct err err = ERR_INIT;
	if (mastodon_decode_status(&call->m->decoder, status, &call->arena, &item, &err)) {
		call_end(call, &(struct call_result){.outcome = CALL_UNKNOWN, .reason = err.text});
		return;
	}
	call_end(call, &(struct call_result){.outcome = CALL_OK, .items = &item, .count = 1});
}

/* On the server's clock, no post that could be it is older. */
static int64_t find_from(const struct call *call)
{
	return call->created_at - call->m->ahead_ms - FIND_SLACK_MS;
}

/* Ours, an answer to that post, and from the time in question. */
static bool is_candidate(const struct call *call, const struct item *item)
{
	return str_eq(item->customer.remote_id, call->m->decoder.self_id) &&
	       str_eq(item->post.parent_remote_id, call->remote_id) && item->post.created_at >= find_from(call);
}

/* Takes candidates from a list of statuses; true when one is it, and the call has ended. */
static bool find_among(struct call *call, const json *list, const char **oldest_id, int64_t *oldest_at)
{
	for (const json *status = json_first(list); status; status = json_next(status)) {
		struct item item;
		if (mastodon_decode_status(&call->m->decoder, status, &call->arena, &item, NULL))
			continue;
		*oldest_id = item.post.remote_id;
		*oldest_at = item.post.created_at;
		if (!is_candidate(call, &item))
			continue;
		const char *source = json_str(status, "text"); /* GoToSocial gives it beside our own */
		if (same_text(call, source ? source : item.post.text)) {
			found(call, status);
			return true;
		}
		struct str bytes = STR_INIT;
		json_print(status, &bytes);
		json *copy = json_parse(bytes.p, bytes.len, NULL);
		str_release(&bytes);
		if (copy && call->candidates.len < MEDIA_IDS)
			vec_push(&call->candidates, copy);
		else
			json_free(copy);
	}
	return false;
}

static void source_answered(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	call->ask = NULL;
	json *status = call->candidates.at[call->candidates.len - 1];
	enum call_outcome outcome = outcome_of(answer);
	if (outcome == CALL_OK && same_text(call, json_str_or(answer->body, "text", ""))) {
		found(call, status);
	} else if (outcome == CALL_NOT_SENT || outcome == CALL_UNKNOWN || outcome == CALL_NO_ACCESS) {
		call_failed(call, answer, outcome);
	} else {
		json_free(status);
		call->candidates.len--;
		find_compare(call);
	}
}

static void context_answered(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	call->ask = NULL;
	enum call_outcome outcome = outcome_of(answer);
	const char *id = "";
	int64_t at = 0;
	if (outcome == CALL_OK && find_among(call, json_get(answer->body, "descendants"), &id, &at))
		return;
	if (outcome == CALL_NOT_SENT || outcome == CALL_UNKNOWN || outcome == CALL_NO_ACCESS)
		call_failed(call, answer, outcome);
	else
		find_compare(call);
}

/* Rendered text may differ where markup was taken for formatting: then the source decides. */
static void find_compare(struct call *call)
{
	if (call->candidates.len) {
		const json *status = call->candidates.at[call->candidates.len - 1];
		struct str path = STR_INIT;
		str_adds(&path, "/api/v1/statuses/");
		url_escape(&path, json_str_or(status, "id", ""));
		str_adds(&path, "/source");
		call->ask = mastodon_ask(
		        call->m, &(struct ask_setup){.path = path.p, .urgent = true}, source_answered, call);
		str_release(&path);
	} else if (!call->looked_in_thread && *call->remote_id) {
		call->looked_in_thread = true;
		call_ask(call, "GET", "/context", NULL, NULL, context_answered);
	} else {
		call_end(call, &(struct call_result){.outcome = CALL_OK});
	}
}

static void own_posts_answered(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	const char *oldest_id = NULL;
	int64_t oldest_at = 0;
	if (!call_goes_on(call, answer) || find_among(call, answer->body, &oldest_id, &oldest_at))
		return;
	bool deeper = oldest_id && oldest_at >= find_from(call) && ++call->pages < FIND_PAGES;
	if (deeper)
		find_next_page(call, oldest_id);
	else
		find_compare(call);
}

static void find_next_page(struct call *call, const char *max_id)
{
	struct str path = STR_INIT;
	str_adds(&path, "/api/v1/accounts/");
	url_escape(&path, call->m->decoder.self_id);
	str_addf(&path, "/statuses?exclude_reblogs=true&limit=%d", POSTS_PAGE);
	if (max_id) {
		str_adds(&path, "&max_id=");
		url_escape(&path, max_id);
	}
	call->ask =
	        mastodon_ask(call->m, &(struct ask_setup){.path = path.p, .urgent = true}, own_posts_answered, call);
	str_release(&path);
}

static void answer_now(void *arg)
{
	struct call *call = arg;
	call->timer = 0;
	if (call->kind == REPLY_KIND_POST)
		call_end(call, &(struct call_result){.outcome = CALL_NOT_SENT, .reason = "not connected yet"});
	else
		call_end(call, &(struct call_result){.outcome = CALL_OK});
}

void mastodon_find(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct call *call = call_new(network, done, arg);
	copy_reply(call, reply);
	call->normal = normalise(&call->arena, call->text);
	if (call->m->verified && reply->kind == REPLY_KIND_POST)
		find_next_page(call, NULL);
	else
		call->timer = timers_add(call->m->timers, clock_mono_ms(), answer_now, call);
}

/* --- reading */

/* Posts of the one that are not in the other, behind it. */
static int add_missing(struct item *all, int count, const struct item *more, int more_count)
{
	const int known = count;
	for (int i = 0; i < more_count; i++) {
		bool there = false;
		for (int k = 0; k < known && !there; k++)
			there = str_eq(all[k].post.remote_id, more[i].post.remote_id);
		if (there)
			continue;
		all[count] = more[i];
		all[count++].root_remote_id = all[0].post.remote_id;
	}
	return count;
}

/* What the root's context says and, where that was cut short or could not be had, what the post's own says. */
static void thread_known(struct call *call, const json *root_context)
{
	struct mastodon_decoder *decoder = &call->m->decoder;
	const json *root = json_first(json_get(call->around, "ancestors"));
	const struct item *near, *far = NULL;
	int near_count = mastodon_decode_context(decoder, call->around, call->focus, &call->arena, &near),
	    far_count = 0;
	if (root_context)
		far_count = mastodon_decode_context(decoder, root_context, root, &call->arena, &far);
	if (!far_count) {
		call_end(call, &(struct call_result){.outcome = CALL_OK, .items = near, .count = near_count});
		return;
	}
	struct item *all = arena_array(&call->arena, struct item, (size_t)near_count + (size_t)far_count);
	memcpy(all, far, (size_t)far_count * sizeof *all);
	int count = add_missing(all, far_count, near, near_count);
	call_end(call, &(struct call_result){.outcome = CALL_OK, .items = all, .count = count});
}

static void root_context_read(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	call->ask = NULL;
	thread_known(call, mastodon_answer_good(answer) ? answer->body : NULL);
}

/* A context is what stands above a post and below it: what was said beside it is in that of the root. */
static void context_read(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	if (!call_goes_on(call, answer))
		return;
	const char *root = json_str(json_first(json_get(answer->body, "ancestors")), "id");
	call->around = json_parse(answer->bytes, answer->len, NULL);
	if (root && *root) {
		call->remote_id = arena_strdup(&call->arena, root);
		call_ask(call, "GET", "/context", NULL, NULL, root_context_read);
	} else {
		thread_known(call, NULL);
	}
}

static void focus_read(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	if (!call_goes_on(call, answer))
		return;
	call->focus = json_parse(answer->bytes, answer->len, NULL);
	call_ask(call, "GET", "/context", NULL, NULL, context_read);
}

static void post_read(void *arg, const struct answer *answer)
{
	struct call *call = arg;
	if (call_goes_on(call, answer))
		found(call, answer->body);
}

void mastodon_thread(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct call *call = call_new(network, done, arg);
	call->patient = true;
	call->remote_id = arena_strdup(&call->arena, remote_id);
	call_ask(call, "GET", "", NULL, NULL, focus_read);
}

void mastodon_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct call *call = call_new(network, done, arg);
	call->remote_id = arena_strdup(&call->arena, remote_id);
	call_ask(call, "GET", "", NULL, NULL, post_read);
}
