/* X API v2, after its documentation (its fixtures' source): the old names of fields, pages newest first, an edit under
 * an id of its own. */
#include "tests/network/conformance/instead.h"
#include "tests/network/conformance/sentence.h"
#include "tests/network/conformance/web.h"

#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/network/x_parts.h"

#include <stdio.h>

#define PAGE_MOST 100
#define US "1111111111111111111" /* as the documentation's pages mention the brand */
#define CUSTOMER "2222222222222222222"
#define RETWEETS "/2/users/" US "/retweets"
#define APP_TOKEN "token-of-the-application"
#define STREAM "/2/tweets/search/stream"
#define LIFE_MS 20000 /* between two signs of life of the stream */

struct played {
	struct web *web;
	json *post, *user, *errors; /* templates */
	json *rules;                /* of the stream; NULL: there is none for this application */
	timer_id life;
};

/* An id holds its time; so does that of an edit, which is another. */
static void name_post(struct stage *stage, struct said *said)
{
	(void)stage;
	x_id_of_time(said->edited_at ? said->edited_at : said->at, said->version);
	if (!said->edited_at)
		snprintf(said->id, sizeof said->id, "%s", said->version);
}

static const struct said *root_of(const struct said *said)
{
	while (said->parent)
		said = said->parent;
	return said;
}

/* --- what a post looks like */

static void escape(struct str *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '&')
			str_adds(out, "&amp;");
		else if (*p == '<')
			str_adds(out, "&lt;");
		else if (*p == '>')
			str_adds(out, "&gt;");
		else
			str_addc(out, *p);
	}
}

static json *strings(const char *first, const char *second)
{
	json *list = json_array();
	json_push_str(list, first);
	if (second)
		json_push_str(list, second);
	return list;
}

static json *entities_of(const struct said *said)
{
	json *entities = json_object(), *list = json_array();
	const char *at = strstr(said->text, OUR_HANDLE);
	if (at && said->mentions_us) {
		json *mention = json_object();
		json_set_int(mention, "start", at - said->text); /* what stands before it in these texts is ASCII */
		json_set_int(mention, "end", at - said->text + (int)strlen(OUR_HANDLE));
		json_set_str(mention, "username", OUR_NAME);
		json_set_str(mention, "id", US);
		json_push(list, mention);
	}
	json_set(entities, "mentions", list);
	return entities;
}

static json *post_of(const struct stage *stage, const struct said *said)
{
	json *post = json_copy(((const struct played *)stage->played)->post);
	struct str text = STR_INIT;
	char at[40];
	escape(&text, said->text);
	time_format_rfc3339(said->edited_at ? said->edited_at : said->at, at, sizeof at);
	json_set_str(post, "id", said->version);
	json_set_str(post, "text", said->unreadable ? NULL : text.p);
	json_set_str(post, "author_id", said->ours ? US : CUSTOMER);
	json_set_str(post, "created_at", said->unreadable ? NULL : at);
	json_set_str(post, "conversation_id", root_of(said)->id);
	json_set(post, "edit_history_tweet_ids", strings(said->id, said->edited_at ? said->version : NULL));
	json_set(post, "entities", entities_of(said));
	json_set_str(post, "reply_settings", said->closed ? "following" : "everyone");
	json *references = json_array();
	if (said->parent) {
		json *reference = json_object();
		json_set_str(reference, "type", "replied_to");
		json_set_str(reference, "id", said->parent->id);
		json_push(references, reference);
		json_set_str(post, "in_reply_to_user_id", said->parent->ours ? US : CUSTOMER);
	}
	json_set(post, "referenced_tweets", references);
	str_release(&text);
	return post;
}

static json *user_of(const struct stage *stage, bool ours, const char *name)
{
	json *user = json_copy(((const struct played *)stage->played)->user);
	if (ours) {
		json_set_str(user, "id", US);
		json_set_str(user, "username", OUR_NAME);
	}
	json_set_str(user, "name", name);
	return user;
}

static json *includes_for(const struct stage *stage, const char *name)
{
	json *includes = json_object(), *users = json_array();
	json_push(users, user_of(stage, false, name));
	json_push(users, user_of(stage, true, "Brand"));
	json_set(includes, "users", users);
	return includes;
}

/* --- answers */

/* The documented error of that status whose words hold these. */
static void fails(const struct stage *stage, struct web_answer *answer, int status, const char *words)
{
	const json *cases = ((const struct played *)stage->played)->errors;
	for (const json *one = json_first(cases); one; one = json_next(one)) {
		struct str text = STR_INIT;
		json_print(json_get(one, "body"), &text);
		bool is_it = json_int(one, "status", 0) == status && strstr(text.p, words);
		str_release(&text);
		if (is_it) {
			web_json(answer, status, json_copy(json_get(one, "body")));
			return;
		}
	}
	fail_msg("no error %d with \"%s\" is documented", status, words);
}

static json *page_answer(const struct stage *stage, const struct said *const *chosen, int count, const char *next)
{
	json *answer = json_object(), *data = json_array(), *meta = json_object();
	for (int i = 0; i < count; i++)
		json_push(data, post_of(stage, chosen[i]));
	json_set_int(meta, "result_count", count);
	if (next)
		json_set_str(meta, "next_token", next);
	if (count) {
		json_set(answer, "data", data);
		json_set(answer, "includes", includes_for(stage, chosen[0]->name));
	} else {
		json_free(data);
	}
	json_set(answer, "meta", meta);
	return answer;
}

/* Newest version first, of those newer than since_id; a token is how many have been shown. */
static void page(struct stage *stage, struct web_request *request, bool (*is_in)(const struct said *, const char *),
        const char *what, struct web_answer *answer)
{
	const char *since = web_parameter(request, "since_id");
	int size = web_number(request, "max_results", 10), count = 0;
	int skip = web_number(request, "pagination_token", web_number(request, "next_token", 0));
	const struct said *chosen[PAGE_MOST + 1];
	if (size < 5 || size > PAGE_MOST) {
		fails(stage, answer, 400, "max_results");
		return;
	}
	VEC(const struct said *) all = {0};
	for (size_t i = 0; i < stage->said.len; i++) {
		const struct said *said = stage->said.at[i];
		if (said->deleted || !is_in(said, what) || (since && x_id_compare(said->version, since) <= 0))
			continue;
		size_t at = all.len;
		vec_push(&all, said);
		for (; at && x_id_compare(all.at[at - 1]->version, said->version) < 0; at--)
			all.at[at] = all.at[at - 1];
		all.at[at] = said;
	}
	for (size_t i = (size_t)skip; i < all.len && count < size; i++)
		chosen[count++] = all.at[i];
	char next[24];
	snprintf(next, sizeof next, "%d", skip + count);
	web_json(answer, 200, page_answer(stage, chosen, count, (size_t)(skip + count) < all.len ? next : NULL));
	vec_release(&all);
}

static bool mentions_us(const struct said *said, const char *unused)
{
	(void)unused;
	return said->mentions_us;
}

static bool is_ours(const struct said *said, const char *unused)
{
	(void)unused;
	return said->ours;
}

static bool is_of_conversation(const struct said *said, const char *query)
{
	return said->parent && strcmp(root_of(said)->id, query + strlen("conversation_id:")) == 0;
}

static void one_post(struct stage *stage, const struct said *said, struct web_answer *answer)
{
	if (!said || said->deleted) {
		fails(stage, answer, 200, "Could not find tweet with id");
		return;
	}
	json *body = json_object();
	json_set(body, "data", post_of(stage, said));
	json_set(body, "includes", includes_for(stage, said->name));
	web_json(answer, 200, body);
}

/* Whoever named us, or whom we have answered in their thread. */
static bool may_answer(const struct said *parent)
{
	return parent->ours || parent->mentions_us || (parent->parent && parent->parent->ours);
}

static void publish(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const char *text = json_str_or(request->fields, "text", "");
	const char *to = json_str(json_get(request->fields, "reply"), "in_reply_to_tweet_id");
	struct said *parent = stage_find(stage, to);
	if (to && (!parent || parent->deleted)) {
		fails(stage, answer, 403, "not been mentioned"); /* "deleted or not visible": the same status */
	} else if (parent && !may_answer(parent)) {
		fails(stage, answer, 403, "not been mentioned");
	} else if (published(stage, text)) {
		fails(stage, answer, 403, "duplicate content");
	} else {
		json *body = json_object(), *data = json_object();
		const struct said *said = stage_publish(stage, text, parent, NULL);
		json_set_str(data, "id", said->id);
		json_set_str(data, "text", text);
		json_set(data, "edit_history_tweet_ids", strings(said->id, NULL));
		json_set(body, "data", data);
		web_json(answer, 201, body);
	}
}

static void take_back(struct stage *stage, struct said *said, struct web_answer *answer)
{
	if (!said || !said->ours) {
		fails(stage, answer, 403, "not been mentioned");
		return;
	}
	json *body = json_object(), *data = json_object();
	if (!said->deleted)
		author_deletes(stage, said);
	json_set_bool(data, "deleted", true);
	json_set(body, "data", data);
	web_json(answer, 200, body);
}

static void who_we_are(struct stage *stage, struct web_answer *answer)
{
	json *body = json_object();
	json_set(body, "data", user_of(stage, true, "Brand"));
	web_json(answer, 200, body);
}

/* --- the filtered stream */

static void rules_asked(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	struct played *played = stage->played;
	json *body = json_object(), *added = json_array();
	char id[24];
	for (const json *one = json_first(json_get(request->fields, "add")); one; one = json_next(one)) {
		json *rule = json_copy(one);
		snprintf(id, sizeof id, "%zu", 7 + json_count(played->rules));
		json_set_str(rule, "id", id);
		json_push(added, json_copy(rule));
		json_push(played->rules, rule);
	}
	json_set(body, "data", web_is(request, "GET", STREAM "/rules") ? json_copy(played->rules) : json_copy(added));
	json_free(added);
	web_json(answer, 200, body);
}

static void open_stream(struct web_answer *answer)
{
	answer->status = 200;
	answer->type = "application/json; charset=utf-8";
	answer->stream = "filtered";
	str_adds(&answer->body, "\r\n");
}

static void as_application(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	if (!str_eq(web_header(request, "Authorization"), "Bearer " APP_TOKEN))
		fails(stage, answer, 401, "Unauthorized");
	else if (web_is(request, "GET", STREAM))
		open_stream(answer);
	else
		rules_asked(stage, request, answer);
}

static void push_line(struct stage *stage, const char *line)
{
	struct str bytes = STR_INIT;
	str_addf(&bytes, "%s\r\n", line);
	web_push(((struct played *)stage->played)->web, "filtered", bytes.p, bytes.len);
	str_release(&bytes);
}

static void give_sign_of_life(void *arg)
{
	struct stage *stage = arg;
	struct played *played = stage->played;
	push_line(stage, "");
	played->life = timers_add(stage_timers(stage), clock_mono_ms() + LIFE_MS, give_sign_of_life, stage);
}

/* An edit is a post again, under its own id; of deletions the stream says nothing. */
static void happened(struct stage *stage, enum happening what, const struct said *said)
{
	const struct played *played = stage->played;
	if (what == HAPPENED_DELETE || !said->mentions_us || !json_count(played->rules))
		return;
	json *event = json_object(), *matching = json_array(), *rule = json_object();
	struct str line = STR_INIT;
	json_set_str(rule, "id", json_str(json_first(played->rules), "id"));
	json_push(matching, rule);
	json_set(event, "data", post_of(stage, said));
	json_set(event, "includes", includes_for(stage, said->name));
	json_set(event, "matching_rules", matching);
	json_print(event, &line);
	push_line(stage, line.p);
	json_free(event);
	str_release(&line);
}

static void babble(struct stage *stage)
{
	static const char *const lines[] = {"{\"data\":{\"id\":", "null", "[]", "{}", "7",
	        "{\"meta\":{\"sent\":\"now\"}}", "{\"information\":{\"type\":\"unheard-of\"}}", "\xff\xfe"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		push_line(stage, lines[i]);
}

static void cut(struct stage *stage)
{
	web_cut(((struct played *)stage->played)->web);
}

static void pass_on(struct said *said, bool on, struct web_answer *answer)
{
	json *body = json_object(), *data = json_object();
	said->boosted = on;
	json_set_bool(data, "retweeted", on);
	json_set(body, "data", data);
	web_json(answer, 200, body);
}

/* --- who asks what */

static void answer_request(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const char *bearer = web_header(request, "Authorization");
	struct said *said = stage_find(stage, web_between(request, "/2/tweets/", ""));
	struct said *undone = stage_find(stage, web_between(request, RETWEETS "/", ""));
	if (((struct played *)stage->played)->rules && str_starts(request->path, STREAM))
		as_application(stage, request, answer);
	else if (!str_eq(bearer, "Bearer " STAGE_TOKEN))
		fails(stage, answer, 401, "Unauthorized");
	else if (web_is(request, "GET", "/2/users/me"))
		who_we_are(stage, answer);
	else if (web_is(request, "GET", "/2/users/" US "/mentions"))
		page(stage, request, mentions_us, "", answer);
	else if (web_is(request, "GET", "/2/users/" US "/tweets"))
		page(stage, request, is_ours, "", answer);
	else if (web_is(request, "GET", "/2/tweets/search/recent"))
		page(stage, request, is_of_conversation, web_parameter(request, "query"), answer);
	else if (web_is(request, "POST", "/2/tweets"))
		publish(stage, request, answer);
	else if (web_is(request, "POST", RETWEETS) && stage_find(stage, json_str(request->fields, "tweet_id")))
		pass_on(stage_find(stage, json_str(request->fields, "tweet_id")), true, answer);
	else if (undone && str_eq(request->method, "DELETE"))
		pass_on(undone, false, answer);
	else if (str_starts(request->path, "/2/tweets/") && str_eq(request->method, "DELETE"))
		take_back(stage, said, answer);
	else if (str_starts(request->path, "/2/tweets/") && str_eq(request->method, "GET"))
		one_post(stage, said, answer);
}

static enum request_kind kind_of(struct web_request *request)
{
	if (web_is(request, "POST", "/2/tweets"))
		return REQUEST_PUBLISH;
	if (str_starts(request->path, STREAM)) /* its rules, too: without them it does not open */
		return REQUEST_STREAM;
	return str_eq(request->method, "GET") ? REQUEST_READ : REQUEST_CHANGE;
}

static void refuse(struct stage *stage, enum fault_kind fault, struct web_answer *answer)
{
	char words[160];
	json *body;
	switch (fault) {
	case FAULT_BUSY:
		str_addf(&answer->headers,
		        "x-rate-limit-limit: 100\r\nx-rate-limit-remaining: 0\r\nx-rate-limit-reset: %lld\r\n",
		        (long long)(stage->busy_until / 1000));
		fails(stage, answer, 429, "Too Many Requests");
		break;
	case FAULT_TOKEN: fails(stage, answer, 401, "Unauthorized"); break;
	case FAULT_REFUSED:
		body = json_object();
		snprintf(words, sizeof words, "%s (%s)", stage_refusal, STAGE_TOKEN);
		json_set_str(body, "detail", words);
		json_set_str(body, "type", "about:blank");
		json_set_str(body, "title", "Forbidden");
		json_set_int(body, "status", 403);
		web_json(answer, 403, body);
		break;
	default:
		answer->status = 503;
		answer->type = "text/html";
		str_adds(&answer->body, "<html>over capacity</html>");
	}
}

/* --- the world's life */

static const struct web_rules rules = {kind_of, answer_request, refuse};

static void begin(struct stage *stage)
{
	struct played *played = mem_alloc(sizeof *played);
	stage->played = played;
	played->web = web_new(stage, &rules);
	json *posts = web_fixture("x/mentions_page.json", "response.body.data");
	json *users = web_fixture("x/mentions_page.json", "response.body.includes.users");
	played->post = json_copy(json_first(posts));
	played->user = json_copy(json_first(users));
	played->errors = web_fixture("x/errors.json", "cases");
	json_free(posts);
	json_free(users);
}

static void end(struct stage *stage)
{
	struct played *played = stage->played;
	web_free(played->web);
	json_free(played->post);
	json_free(played->user);
	json_free(played->errors);
	json_free(played->rules);
	timers_cancel(stage_timers(stage), &played->life);
	free(played);
}

static const struct exception exceptions[] = {
        {"a_deletion_comes_unasked", "X tells whose post it was alone of a deletion",
                a_deletion_is_seen_when_the_post_is_read},
        {"a_like_is_given_and_taken_back", "X has taken likes from all who serve themselves", no_like_is_offered},
        {"a_post_of_ours_is_corrected_under_the_same_id", "answers to others cannot be edited on X",
                no_correction_is_offered},
        {NULL, NULL, NULL},
};

const struct room room_x = {
        .name = "x",
        .network = "x",
        .exceptions = exceptions,
        .begin = begin,
        .end = end,
        .name_post = name_post,
};

/* --- with the application's own token */

static void begin_stream(struct stage *stage)
{
	begin(stage);
	((struct played *)stage->played)->rules = json_array();
	stage->app_token = APP_TOKEN;
	give_sign_of_life(stage);
}

const struct room room_x_stream = {
        .name = "x by its stream",
        .network = "x",
        .exceptions = exceptions,
        .begin = begin_stream,
        .end = end,
        .name_post = name_post,
        .happened = happened,
        .cut = cut,
        .babble = babble,
};
