/* Servers of the Mastodon family. What Mastodon says is after its documentation and what its streaming server 4.6 was
 * recorded to say; GoToSocial's is as it was recorded. Both are filled with what was said on the stage. */
#include "tests/network/conformance/instead.h"
#include "tests/network/conformance/sentence.h"
#include "tests/network/conformance/web.h"

#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"

#include <stdio.h>
#include <strings.h>

#define PAGE_MOST 80
#define CUSTOMER "customer" /* as the recordings call them, and us */

/* What differs between the servers of the family. */
struct flavour {
	const char *instance[2]; /* file and place */
	const char *mention[2];  /* a notification */
	const char *account[2];  /* ours */
	bool ulids;              /* else numbers that hold their time, unless it is Akkoma */
	bool akkoma;             /* Flakes; the first interface of instances; whole texts beside the HTML */
	bool streams;
	bool keys;           /* heeds Idempotency-Key */
	int refusal;         /* status of what it refuses for good */
	const char *unknown; /* its words for a post that is not there */
	int no_access_status;
	const char *no_access;
};

struct played {
	const struct flavour *flavour;
	bool socket; /* a WebSocket opens */
	struct web *web;
	json *instance, *mention, *account; /* templates */
};

/* --- names */

static void ulid(int64_t utc_ms, const char *rest, int number, char out[ID_SIZE])
{
	static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char time[11] = "";
	for (int i = 9; i >= 0; i--, utc_ms /= 32)
		time[i] = crockford[utc_ms % 32];
	snprintf(out, ID_SIZE, "%s%s%013d", time, rest, number);
}

static void status_id(const struct played *played, const struct said *said, char out[ID_SIZE])
{
	if (played->flavour->ulids)
		ulid(said->at, "ST0", said->number, out);
	else if (played->flavour->akkoma)
		snprintf(out, ID_SIZE, "B%013lld%04d", (long long)said->at, said->number);
	else
		snprintf(out, ID_SIZE, "%lld", (long long)(said->at * 65536 + said->number));
}

/* Ids of notifications and of posts have nothing to do with one another. */
static void notification_id(const struct played *played, const struct said *said, char out[ID_SIZE])
{
	if (played->flavour->ulids)
		ulid(said->at, "N00", said->number, out);
	else
		snprintf(out, ID_SIZE, "%d", 48213000 + said->number);
}

static void name_post(struct stage *stage, struct said *said)
{
	if (said->edited_at)
		return;
	status_id(stage->played, said, said->id);
	snprintf(said->version, sizeof said->version, "%s", said->id);
}

/* --- what a post looks like */

static void add_mention(struct str *html, const char *server, const char *name)
{
	str_addf(html,
	        "<span class=\"h-card\" translate=\"no\"><a href=\"%s/@%s\" class=\"u-url mention\" rel=\"nofollow "
	        "noreferrer noopener\" target=\"_blank\">@<span>%s</span></a></span>",
	        server, name, name);
}

static void add_html(struct str *html, const char *server, const char *text)
{
	str_adds(html, "<p>");
	for (const char *p = text; *p; p++) {
		if (str_starts(p, "@" OUR_NAME) || str_starts(p, "@" CUSTOMER)) {
			const char *name = str_starts(p, "@" OUR_NAME) ? OUR_NAME : CUSTOMER;
			add_mention(html, server, name);
			p += strlen(name);
		} else if (*p == '<') {
			str_adds(html, "&lt;");
		} else if (*p == '>') {
			str_adds(html, "&gt;");
		} else if (*p == '&') {
			str_adds(html, "&amp;");
		} else {
			str_addc(html, *p);
		}
	}
	str_adds(html, "</p>");
}

static json *author_of(const struct stage *stage, const struct said *said)
{
	const struct played *played = stage->played;
	json *account = json_copy(said->ours ? played->account : json_get(played->mention, "account"));
	if (!said->ours)
		json_set_str(account, "display_name", said->name);
	return account;
}

static const struct said *root_of(const struct said *said)
{
	while (said->parent)
		said = said->parent;
	return said;
}

static json *mentions_of(const struct stage *stage, const struct said *said)
{
	const struct played *played = stage->played;
	json *list = json_array();
	if (!said->mentions_us)
		return list;
	json *mention = json_copy(json_first(json_path(played->mention, "status.mentions")));
	json_set_str(mention, "id", json_str(played->account, "id"));
	json_set_str(mention, "acct", OUR_NAME);
	json_set_str(mention, "username", OUR_NAME);
	json_push(list, mention);
	return list;
}

static json *pleroma_of(const struct said *said)
{
	json *pleroma = json_object(), *content = json_object();
	json_set_str(content, "text/plain", said->unreadable ? NULL : said->text);
	json_set(pleroma, "content", content);
	json_set_int(pleroma, "conversation_id", root_of(said)->number + 1);
	json_set_bool(pleroma, "local", true);
	return pleroma;
}

static json *status_of(const struct stage *stage, const struct said *said)
{
	const struct played *played = stage->played;
	json *status = json_copy(json_get(played->mention, "status"));
	struct str html = STR_INIT, uri = STR_INIT;
	char at[40];
	add_html(&html, stage->server, said->text);
	str_addf(&uri, "%s/users/%s/statuses/%s", stage->server, said->ours ? OUR_NAME : CUSTOMER, said->id);
	time_format_rfc3339(said->at, at, sizeof at);
	json_set_str(status, "id", said->id);
	json_set_str(status, "created_at", said->unreadable ? NULL : at);
	json_set_str(status, "content", said->unreadable ? NULL : html.p);
	time_format_rfc3339(said->edited_at, at, sizeof at);
	json_set_str(status, "edited_at", said->edited_at ? at : NULL);
	json_set_str(status, "in_reply_to_id", said->parent ? said->parent->id : NULL);
	json_set_str(status, "uri", uri.p);
	json_set_str(status, "url", uri.p);
	json_set_str(status, "visibility", "public");
	json_set_str(status, "spoiler_text", "");
	json_set_bool(status, "favourited", said->liked);
	json_set_bool(status, "reblogged", said->boosted);
	json_set(status, "media_attachments", json_array());
	json_set(status, "account", author_of(stage, said));
	json_set(status, "mentions", mentions_of(stage, said));
	if (played->flavour->ulids)
		json_set_str(status, "text", said->ours ? said->text : NULL);
	if (played->flavour->akkoma)
		json_set(status, "pleroma", pleroma_of(said));
	str_release(&html);
	str_release(&uri);
	return status;
}

static json *notification_of(const struct stage *stage, const struct said *said)
{
	json *notification = json_copy(((const struct played *)stage->played)->mention);
	char id[ID_SIZE], at[40];
	notification_id(stage->played, said, id);
	time_format_rfc3339(said->at, at, sizeof at);
	json_set_str(notification, "id", id);
	json_set_str(notification, "created_at", at);
	json_set(notification, "account", author_of(stage, said));
	json_set(notification, "status", status_of(stage, said));
	return notification;
}

/* --- answers */

static void fails(struct web_answer *answer, int status, const char *words)
{
	json *body = json_object();
	json_set_str(body, "error", words);
	web_json(answer, status, body);
}

static int id_compare(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	return a_len != b_len ? (a_len < b_len ? -1 : 1) : strcmp(a, b);
}

/* Newest first; by min_id the page right after it, else by max_id the page right before it. */
static json *page(struct stage *stage, struct web_request *request, bool (*is_in)(const struct said *),
        void (*id_of)(const struct played *, const struct said *, char *),
        json *(*print)(const struct stage *, const struct said *))
{
	const char *min = web_parameter(request, "min_id"), *max = web_parameter(request, "max_id");
	int limit = web_number(request, "limit", PAGE_MOST), total = (int)stage->said.len, count = 0;
	int wanted = limit < PAGE_MOST ? limit : PAGE_MOST;
	const struct said *chosen[PAGE_MOST];
	for (int i = 0; i < total && count < wanted; i++) {
		const struct said *said = stage->said.at[min ? i : total - 1 - i];
		char id[ID_SIZE];
		id_of(stage->played, said, id);
		bool fits = (!min || id_compare(id, min) > 0) && (!max || id_compare(id, max) < 0);
		if (is_in(said) && !said->deleted && fits)
			chosen[count++] = said;
	}
	json *list = json_array();
	for (int i = 0; i < count; i++)
		json_push(list, print(stage, chosen[min ? count - 1 - i : i]));
	return list;
}

static bool mentions_us(const struct said *said)
{
	return said->mentions_us;
}

static bool is_ours(const struct said *said)
{
	return said->ours;
}

static bool is_below(const struct said *said, const struct said *root)
{
	for (said = said->parent; said; said = said->parent)
		if (said == root)
			return true;
	return false;
}

static void add_descendants(struct stage *stage, const struct said *of, json *list)
{
	for (size_t i = 0; i < stage->said.len; i++) {
		const struct said *said = stage->said.at[i];
		if (said->parent != of)
			continue;
		if (!said->deleted)
			json_push(list, status_of(stage, said));
		add_descendants(stage, said, list);
	}
}

static json *context_of(struct stage *stage, const struct said *focus)
{
	json *context = json_object(), *before = json_array(), *after = json_array();
	for (size_t i = 0; i < stage->said.len; i++)
		if (is_below(focus, stage->said.at[i]) && !stage->said.at[i]->deleted)
			json_push(before, status_of(stage, stage->said.at[i]));
	add_descendants(stage, focus, after);
	json_set(context, "ancestors", before);
	json_set(context, "descendants", after);
	return context;
}

static json *source_of(const struct said *said)
{
	json *source = json_object();
	json_set_str(source, "id", said->id);
	json_set_str(source, "text", said->text);
	json_set_str(source, "spoiler_text", "");
	return source;
}

static void publish(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const struct flavour *flavour = ((struct played *)stage->played)->flavour;
	const char *to = json_str(request->fields, "in_reply_to_id"), *text = json_str(request->fields, "status");
	const char *key = web_header(request, "Idempotency-Key");
	struct said *parent = stage_find(stage, to);
	for (size_t i = 0; flavour->keys && key && i < stage->said.len; i++)
		if (str_eq(stage->said.at[i]->key, key)) {
			if (flavour->akkoma)
				str_adds(&answer->headers, "idempotent-replayed: true\r\n");
			web_json(answer, 200, status_of(stage, stage->said.at[i]));
			return;
		}
	if (to && (!parent || parent->deleted))
		fails(answer, 404, flavour->unknown);
	else if (!text || !*text)
		fails(answer, flavour->refusal, "Validation failed: Text can't be blank");
	else
		web_json(answer, 200, status_of(stage, stage_publish(stage, text, parent, key)));
}

/* DELETE, PUT and what stands behind the id. */
static void change(struct stage *stage, struct web_request *request, struct said *said, const char *action,
        struct web_answer *answer)
{
	bool mine = said->ours;
	if (str_eq(request->method, "DELETE") && mine) {
		json *status = status_of(stage, said);
		author_deletes(stage, said);
		web_json(answer, 200, status);
	} else if (str_eq(request->method, "PUT") && mine) {
		author_edits(stage, said, json_str_or(request->fields, "status", ""));
		web_json(answer, 200, status_of(stage, said));
	} else if (str_eq(action, "favourite") || str_eq(action, "unfavourite")) {
		said->liked = *action == 'f';
		web_json(answer, 200, status_of(stage, said));
	} else if (str_eq(action, "reblog") || str_eq(action, "unreblog")) {
		said->boosted = *action == 'r';
		web_json(answer, 200, status_of(stage, said));
	} else {
		fails(answer, 404, ((struct played *)stage->played)->flavour->unknown);
	}
}

static void about_one(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	static const char *const actions[] = {
	        "", "context", "source", "favourite", "unfavourite", "reblog", "unreblog"};
	const char *id = NULL, *action = "";
	for (size_t i = 0; i < sizeof actions / sizeof *actions && !id; i++) {
		char suffix[32];
		snprintf(suffix, sizeof suffix, "%s%s", *actions[i] ? "/" : "", actions[i]);
		id = web_between(request, "/api/v1/statuses/", suffix);
		action = actions[i];
	}
	struct said *said = stage_find(stage, id);
	if (!said || said->deleted)
		fails(answer, 404, ((struct played *)stage->played)->flavour->unknown);
	else if (!str_eq(request->method, "GET"))
		change(stage, request, said, action, answer);
	else if (str_eq(action, "context"))
		web_json(answer, 200, context_of(stage, said));
	else if (str_eq(action, "source"))
		web_json(answer, 200, source_of(said));
	else
		web_json(answer, 200, status_of(stage, said));
}

static void open_stream(struct web_answer *answer)
{
	answer->status = 200;
	answer->type = "text/event-stream";
	answer->stream = "user";
	str_adds(&answer->body, ":)\n");
}

/* Akkoma reads no Authorization here: the token stands in the address or is the protocol. */
static bool may_listen(const struct flavour *flavour, struct web_request *request)
{
	return !flavour->akkoma || str_eq(web_parameter(request, "access_token"), STAGE_TOKEN) ||
	       str_eq(web_header(request, "Sec-WebSocket-Protocol"), STAGE_TOKEN);
}

static void open_socket(const struct flavour *flavour, struct web_request *request, struct web_answer *answer)
{
	answer->socket = web_header(request, "Sec-WebSocket-Key") && may_listen(flavour, request);
	if (answer->socket)
		answer->stream = "user";
	else if (!may_listen(flavour, request))
		fails(answer, 401, "Unauthorized");
	else
		fails(answer, 400, "Bad Request: websocket: the client is not using the websocket protocol");
}

static void own_posts(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const char *id = web_between(request, "/api/v1/accounts/", "/statuses");
	bool us = str_eq(id, json_str(((struct played *)stage->played)->account, "id"));
	web_json(answer, 200, us ? page(stage, request, is_ours, status_id, status_of) : json_array());
}

static void answer_request(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const struct played *played = stage->played;
	const char *bearer = web_header(request, "Authorization");
	if (played->flavour->ulids && !web_header(request, "User-Agent"))
		fails(answer, 418, "I'm a teapot: no user-agent sent with request");
	else if (web_is(request, "GET", played->flavour->akkoma ? "/api/v1/instance" : "/api/v2/instance"))
		web_json(answer, 200, json_copy(played->instance));
	else if (web_is(request, "GET", "/api/v1/streaming") && played->socket)
		open_socket(played->flavour, request, answer);
	else if (!str_eq(bearer, "Bearer " STAGE_TOKEN))
		fails(answer, played->flavour->no_access_status, played->flavour->no_access);
	else if (web_is(request, "GET", "/api/v1/accounts/verify_credentials"))
		web_json(answer, 200, json_copy(played->account));
	else if (web_is(request, "GET", "/api/v1/notifications"))
		web_json(answer, 200, page(stage, request, mentions_us, notification_id, notification_of));
	else if (web_is(request, "GET", "/api/v1/streaming/user") && played->flavour->streams)
		open_stream(answer);
	else if (web_is(request, "POST", "/api/v1/statuses"))
		publish(stage, request, answer);
	else if (str_starts(request->path, "/api/v1/statuses/"))
		about_one(stage, request, answer);
	else if (web_between(request, "/api/v1/accounts/", "/statuses"))
		own_posts(stage, request, answer);
	else
		fails(answer, 404, "Not Found");
}

static enum request_kind kind_of(struct web_request *request)
{
	if (web_is(request, "POST", "/api/v1/statuses"))
		return REQUEST_PUBLISH;
	if (str_starts(request->path, "/api/v1/streaming"))
		return REQUEST_STREAM;
	return str_eq(request->method, "GET") ? REQUEST_READ : REQUEST_CHANGE;
}

/* Mastodon tells microseconds, GoToSocial milliseconds, and each spells the header its own way. */
static void busy(const struct stage *stage, const struct flavour *flavour, struct web_answer *answer)
{
	char at[40];
	if (flavour->akkoma) {
		fails(answer, 429, "Throttled");
		return;
	}
	time_format_rfc3339(stage->busy_until, at, sizeof at);
	if (flavour->ulids)
		str_addf(&answer->headers,
		        "X-Ratelimit-Limit: 300\r\nX-Ratelimit-Remaining: 0\r\nX-Ratelimit-Reset: %s\r\n", at);
	else
		str_addf(&answer->headers,
		        "X-RateLimit-Limit: 300\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: %.19s.000000Z\r\n",
		        at);
	fails(answer, 429, flavour->ulids ? "rate limit reached" : "Too many requests");
}

static void refuse(struct stage *stage, enum fault_kind fault, struct web_answer *answer)
{
	const struct flavour *flavour = ((struct played *)stage->played)->flavour;
	char words[160];
	switch (fault) {
	case FAULT_BUSY: busy(stage, flavour, answer); break;
	case FAULT_TOKEN:
		snprintf(words, sizeof words, flavour->akkoma ? "%s" : "%s: " STAGE_TOKEN, flavour->no_access);
		fails(answer, flavour->no_access_status, words);
		break;
	case FAULT_REFUSED:
		snprintf(words, sizeof words, "Validation failed: %s (%s)", stage_refusal, STAGE_TOKEN);
		fails(answer, flavour->refusal, words);
		break;
	default:
		answer->status = 502;
		answer->type = "text/html";
		str_adds(&answer->body, "<html><head><title>502 Bad Gateway</title></head><body>...</body></html>");
	}
}

/* --- the stream, as recorded: the event and its data in chunks of their own, or one message that names both */

static void push_message(const struct played *played, const char *event, const char *data)
{
	json *message = json_object(), *stream = json_array();
	struct str text = STR_INIT;
	json_push_str(stream, "user");
	if (played->flavour->akkoma && str_eq(event, "delete"))
		json_free(stream); /* Akkoma does not say whose */
	else
		json_set(message, "stream", stream);
	json_set_str(message, "event", event);
	json_set_str(message, "payload", data);
	json_print(message, &text);
	web_push(played->web, "user", text.p, text.len);
	str_release(&text);
	json_free(message);
}

static void push(struct stage *stage, const char *event, const char *data)
{
	const struct played *played = stage->played;
	struct web *web = played->web;
	struct str line = STR_INIT;
	if (played->socket) {
		push_message(played, event, data);
		return;
	}
	str_addf(&line, "event: %s\n", event);
	web_push(web, "user", line.p, line.len);
	str_clear(&line);
	str_addf(&line, "data: %s\n\n", data);
	web_push(web, "user", line.p, line.len);
	str_release(&line);
}

static void push_json(struct stage *stage, const char *event, json *value)
{
	struct str data = STR_INIT;
	json_print(value, &data);
	push(stage, event, data.p);
	str_release(&data);
	json_free(value);
}

static void happened(struct stage *stage, enum happening what, const struct said *said)
{
	if (what == HAPPENED_DELETE)
		push(stage, "delete", said->id);
	else if (what == HAPPENED_EDIT)
		push_json(stage, "status.update", status_of(stage, said));
	else if (said->mentions_us)
		push_json(stage, "notification", notification_of(stage, said));
	else if (said->ours)
		push_json(stage, "update", status_of(stage, said));
}

static void babble(struct stage *stage)
{
	static const char *const events[][2] = {{"conversation", "{}"}, {"filters_changed", "undefined"},
	        {"encrypted_message", "[1]"}, {"notification", "{\"id\":\"1\""}, {"notification", "null"},
	        {"notification", "{\"id\":\"48999999\",\"type\":\"severed_relationships\"}"}, {"update", "{\"id\":{}}"},
	        {"delete", ""}, {"status.update", "\"\\ud800\""}};
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		push(stage, events[i][0], events[i][1]);
	web_push(((struct played *)stage->played)->web, "user", ":thump\n\n", 8);
}

static void cut(struct stage *stage)
{
	web_cut(((struct played *)stage->played)->web);
}

/* --- the world's life */

static const struct web_rules rules = {kind_of, answer_request, refuse};

static void begin_as(struct stage *stage, const struct flavour *flavour)
{
	struct played *played = mem_alloc(sizeof *played);
	char streaming[160];
	stage->played = played;
	played->flavour = flavour;
	played->web = web_new(stage, &rules);
	played->instance = web_fixture(flavour->instance[0], flavour->instance[1]);
	played->mention = web_fixture(flavour->mention[0], flavour->mention[1]);
	if (json_is_array(played->mention)) {
		json *first = json_copy(json_first(played->mention));
		json_free(played->mention);
		played->mention = first;
	}
	snprintf(streaming, sizeof streaming, "ws%s", stage->server + strlen("http"));
	if (flavour->akkoma) {
		json *urls = json_object();
		json_set_str(urls, "streaming_api", streaming);
		json_set(played->instance, "urls", urls);
	} else {
		json *urls = json_copy(json_path(played->instance, "configuration.urls"));
		json_set_str(urls, "streaming", streaming);
		json *configuration = json_copy(json_get(played->instance, "configuration"));
		json_set(configuration, "urls", urls);
		json_set(played->instance, "configuration", configuration);
	}
	if (flavour->akkoma) {
		json *notification = json_object();
		json_set_str(notification, "type", "mention");
		json_set(notification, "account", json_copy(json_get(played->mention, "account")));
		json_set(notification, "status", played->mention);
		played->mention = notification;
	}
	/* The documentation shows no account of our own: another, with the id by which we are mentioned. */
	played->account = flavour->account[0] ? web_fixture(flavour->account[0], flavour->account[1])
	                                      : json_copy(json_get(played->mention, "account"));
	if (!flavour->account[0]) {
		const json *us = json_first(json_path(played->mention, "status.mentions"));
		json_set_str(played->account, "id", json_str(us, "id"));
		json_set_str(played->account, "uri", "https://mastodon.example/users/" OUR_NAME);
		json_set_str(played->account, "url", "https://mastodon.example/@" OUR_NAME);
	}
	json_set_str(played->account, "username", OUR_NAME);
	json_set_str(played->account, "acct", OUR_NAME);
	json_set_str(played->account, "display_name", "Brand");
}

static void end(struct stage *stage)
{
	struct played *played = stage->played;
	web_free(played->web);
	json_free(played->instance);
	json_free(played->mention);
	json_free(played->account);
	free(played);
}

/* --- Mastodon 4.5 */

static const struct flavour mastodon = {
        .instance = {"mastodon/instances.json", "mastodon_v2"},
        .mention = {"mastodon/mention_page.json", "response.body"},

        .streams = true,
        .keys = true,
        .refusal = 422,
        .unknown = "Record not found",
        .no_access_status = 401,
        .no_access = "The access token was revoked",
};

static void begin_mastodon(struct stage *stage)
{
	begin_as(stage, &mastodon);
}

static const struct exception mastodon_exceptions[] = {
        {"who_may_not_be_answered_is_known_before_anybody_types", "its interface knows no rule of who may answer",
                no_post_says_that_it_cannot_be_answered},
        {NULL, NULL, NULL},
};

const struct room room_mastodon = {
        .name = "mastodon",
        .network = "mastodon",
        .exceptions = mastodon_exceptions,
        .begin = begin_mastodon,
        .end = end,
        .name_post = name_post,
        .happened = happened,
        .cut = cut,
        .babble = babble,
};

/* --- GoToSocial 0.20 */

static const struct flavour gotosocial = {
        .instance = {"mastodon/gts_instance_v2.json", ""},
        .mention = {"mastodon/gts_notifications.json", ""},
        .account = {"mastodon/gts_verify_credentials.json", ""},
        .ulids = true,
        .refusal = 400,
        .unknown = "Not Found: target status not found",
        .no_access_status = 401,
        .no_access = "Unauthorized: token not supplied",
};

static void begin_gotosocial(struct stage *stage)
{
	begin_as(stage, &gotosocial);
}

static const struct exception gotosocial_exceptions[] = {
        {"a_reply_that_is_sent_again_is_said_once", "GoToSocial heeds no Idempotency-Key",
                what_is_not_said_to_be_idempotent_is_looked_for},
        {"an_edit_comes_unasked_under_the_same_id", "a list of notifications is all that is asked for again",
                an_edit_is_seen_when_the_post_is_read},
        {"a_deletion_comes_unasked", "a list of notifications is all that is asked for again",
                a_deletion_is_seen_when_the_post_is_read},
        {"who_may_not_be_answered_is_known_before_anybody_types", "its interface knows no rule of who may answer",
                no_post_says_that_it_cannot_be_answered},
        {NULL, NULL, NULL},
};

const struct room room_gotosocial = {
        .name = "gotosocial",
        .network = "mastodon",
        .exceptions = gotosocial_exceptions,
        .begin = begin_gotosocial,
        .end = end,
        .name_post = name_post,
};

/* --- the same where no proxy is in the way of its WebSocket */

static void begin_gotosocial_socket(struct stage *stage)
{
	begin_as(stage, &gotosocial);
	((struct played *)stage->played)->socket = true;
}

static const struct exception gotosocial_socket_exceptions[] = {
        {"a_reply_that_is_sent_again_is_said_once", "GoToSocial heeds no Idempotency-Key",
                what_is_not_said_to_be_idempotent_is_looked_for},
        {"who_may_not_be_answered_is_known_before_anybody_types", "its interface knows no rule of who may answer",
                no_post_says_that_it_cannot_be_answered},
        {NULL, NULL, NULL},
};

const struct room room_gotosocial_socket = {
        .name = "gotosocial over a WebSocket",
        .network = "mastodon",
        .exceptions = gotosocial_socket_exceptions,
        .begin = begin_gotosocial_socket,
        .end = end,
        .name_post = name_post,
        .happened = happened,
        .cut = cut,
        .babble = babble,
};

/* --- Akkoma 3.16, after its documentation and code (the fixture's source) */

static const struct flavour akkoma = {
        .instance = {"mastodon/instances.json", "akkoma_v1"},
        .mention = {"mastodon/akkoma_status.json", "body"},
        .akkoma = true,
        .keys = true,
        .refusal = 422,
        .unknown = "Record not found",
        .no_access_status = 403,
        .no_access = "Invalid credentials.",
};

static void begin_akkoma(struct stage *stage)
{
	begin_as(stage, &akkoma);
	((struct played *)stage->played)->socket = true;
}

static const struct exception akkoma_exceptions[] = {
        {"a_limit_of_requests_is_kept_until_it_ends", "Akkoma does not say when its limits end",
                a_limit_without_an_end_is_waited_out},
        {"a_limit_of_posts_is_told_with_its_end_and_nothing_is_sent_before", "Akkoma does not say when its limits end",
                a_limit_of_posts_without_an_end_is_waited_out},
        {"who_may_not_be_answered_is_known_before_anybody_types", "its interface knows no rule of who may answer",
                no_post_says_that_it_cannot_be_answered},
        {NULL, NULL, NULL},
};

const struct room room_akkoma = {
        .name = "akkoma over a WebSocket",
        .network = "mastodon",
        .exceptions = akkoma_exceptions,
        .begin = begin_akkoma,
        .end = end,
        .name_post = name_post,
        .happened = happened,
        .cut = cut,
        .babble = babble,
};
