/* The conformance tests against Bluesky's reference servers, which tests/live/check.sh has started: each test has two
 * accounts of its own there. What the room asks goes through a server in the test, which passes it on, so that the
 * faults of the sentences can befall it; what customers do is asked of the servers themselves. Time is the machine's
 * but for our waits. */
#include "tests/network/conformance/instead.h"
#include "tests/network/conformance/room_bluesky.h"
#include "tests/network/conformance/sentence.h"
#include "tests/network/conformance/web.h"

#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "tests/lib/fakenet.h"

#include <signal.h>
#include <stdio.h>

#define POSTS "app.bsky.feed.post"
#define LIKES "app.bsky.feed.like"
#define REPOSTS "app.bsky.feed.repost"
#define JSON "Content-Type: application/json\r\n"

struct person {
	char handle[64], did[64], password[64];
	char *token;
};

/* A like or a repost. */
struct mark {
	char key[32], collection[32];
	struct said *said;
};

struct played {
	struct web *web;
	struct fakenet pds, control; /* ports alone */
	struct person us, them;
	char app_password[64], name[128];
	VEC(struct mark) marks;
	bool unsettled;
};

/* --- asking the servers */

static json *ask(struct played *played, const char *token, const char *name, json *body)
{
	struct fakenet_answer answer;
	struct str text = STR_INIT, headers = STR_INIT, target = STR_INIT;
	json_print(body, &text);
	str_adds(&headers, JSON);
	if (token)
		str_addf(&headers, "Authorization: Bearer %s\r\n", token);
	str_addf(&target, "/xrpc/%s", name);
	fakenet_ask(&played->pds, "POST", target.p, headers.p, text.p, &answer);
	if (answer.status != 200)
		fail_msg("%s: %d %s", name, answer.status, answer.body.p);
	json *out = json_parse(answer.body.p, answer.body.len, NULL);
	fakenet_answer_release(&answer);
	json_free(body);
	str_release(&text);
	str_release(&headers);
	str_release(&target);
	played->unsettled = true;
	return out;
}

/* Until readers are shown all that was said. */
static void settle(struct played *played)
{
	struct fakenet_answer answer;
	if (!played->unsettled)
		return;
	fakenet_ask(&played->control, "GET", "/", NULL, NULL, &answer);
	assert_int_equal(answer.status, 200);
	fakenet_answer_release(&answer);
	played->unsettled = false;
}

static void make_person(struct played *played, struct person *person, const char *who)
{
	static int number;
	struct str mail = STR_INIT;
	json *body = json_object();
	snprintf(person->handle, sizeof person->handle, "%s-%d-%d.test", who, (int)(real_ms() % 1000000), ++number);
	snprintf(person->password, sizeof person->password, "password-of-%s", who);
	str_addf(&mail, "%s@example.com", person->handle);
	json_set_str(body, "handle", person->handle);
	json_set_str(body, "email", mail.p);
	json_set_str(body, "password", person->password);
	json *made = ask(played, NULL, "com.atproto.server.createAccount", body);
	str_copy(person->did, sizeof person->did, json_str_or(made, "did", ""));
	person->token = mem_strdup(json_str_or(made, "accessJwt", ""));
	json_free(made);
	str_release(&mail);
}

/* --- what authors do */

static const char *key_of(const char *uri)
{
	return strrchr(uri, '/') + 1;
}

static json *reference(const struct said *said)
{
	json *out = json_object();
	json_set_str(out, "uri", said->id);
	json_set_str(out, "cid", said->version);
	return out;
}

static json *facets_of(const struct played *played, const struct said *said)
{
	json *list = json_array(), *facet = json_object(), *index = json_object(), *features = json_array();
	json *feature = json_object();
	const char *at = strstr(said->text, OUR_HANDLE);
	json_set_int(index, "byteStart", at ? at - said->text : 0);
	json_set_int(index, "byteEnd", at ? at - said->text + (int)strlen(OUR_HANDLE) : 0);
	json_set_str(feature, "$type", "app.bsky.richtext.facet#mention");
	json_set_str(feature, "did", played->us.did);
	json_push(features, feature);
	json_set(facet, "index", index);
	json_set(facet, "features", features);
	if (at && !said->ours)
		json_push(list, facet);
	else
		json_free(facet);
	return list;
}

static json *record_of(const struct played *played, const struct said *said)
{
	json *record = json_object();
	const struct said *root = said;
	char at[40];
	time_format_rfc3339(said->at, at, sizeof at);
	json_set_str(record, "$type", POSTS);
	json_set_str(record, "createdAt", at);
	if (!said->unreadable)
		json_set_str(record, "text", said->text);
	json_set(record, "facets", facets_of(played, said));
	while (root->parent)
		root = root->parent;
	if (said->parent) {
		json *reply = json_object();
		json_set(reply, "root", reference(root));
		json_set(reply, "parent", reference(said->parent));
		json_set(record, "reply", reply);
	}
	return record;
}

static json *request_of(const struct person *person, const char *collection)
{
	json *body = json_object();
	json_set_str(body, "repo", person->did);
	json_set_str(body, "collection", collection);
	return body;
}

static void set_name(struct played *played, const char *name)
{
	if (str_eq(played->name, name))
		return;
	json *body = request_of(&played->them, "app.bsky.actor.profile"), *record = json_object();
	json_set_str(record, "$type", "app.bsky.actor.profile");
	json_set_str(record, "displayName", name);
	json_set_str(body, "rkey", "self");
	json_set(body, "record", record);
	json_free(ask(played, played->them.token, "com.atproto.repo.putRecord", body));
	str_copy(played->name, sizeof played->name, name);
}

static void name_post(struct stage *stage, struct said *said)
{
	struct played *played = stage->played;
	const struct person *author = said->ours ? &played->us : &played->them;
	if (said->key) { /* it is there: what we published */
		snprintf(said->id, sizeof said->id, "at://%s/" POSTS "/%s", played->us.did, said->key);
		return;
	}
	if (!said->ours)
		set_name(played, said->name);
	json *body = request_of(author, POSTS);
	if (said->edited_at)
		json_set_str(body, "rkey", key_of(said->id));
	if (said->unreadable)
		json_set_bool(body, "validate", false);
	json_set(body, "record", record_of(played, said));
	json *made = ask(played, author->token,
	        said->edited_at ? "com.atproto.repo.putRecord" : "com.atproto.repo.createRecord", body);
	snprintf(said->id, sizeof said->id, "%s", json_str_or(made, "uri", ""));
	snprintf(said->version, sizeof said->version, "%s", json_str_or(made, "cid", ""));
	json_free(made);
}

static void happened(struct stage *stage, enum happening what, const struct said *said)
{
	struct played *played = stage->played;
	const struct person *author = said->ours ? &played->us : &played->them;
	if (what != HAPPENED_DELETE)
		return;
	json *body = request_of(author, POSTS);
	json_set_str(body, "rkey", key_of(said->id));
	json_free(ask(played, author->token, "com.atproto.repo.deleteRecord", body));
}

static void closed(struct stage *stage, const struct said *said)
{
	struct played *played = stage->played;
	json *body = request_of(&played->them, "app.bsky.feed.threadgate"), *record = json_object();
	char at[40];
	time_format_rfc3339(said->at, at, sizeof at);
	json_set_str(record, "$type", "app.bsky.feed.threadgate");
	json_set_str(record, "post", said->id);
	json_set(record, "allow", json_array());
	json_set_str(record, "createdAt", at);
	json_set_str(body, "rkey", key_of(said->id));
	json_set(body, "record", record);
	json_free(ask(played, played->them.token, "com.atproto.repo.createRecord", body));
}

/* --- passing on */

static void set_mark(const struct mark *mark, bool on)
{
	if (str_eq(mark->collection, LIKES))
		mark->said->liked = on;
	else
		mark->said->boosted = on;
}

/* What the room did has to be known on the stage. */
static void put_noted(struct stage *stage, const json *fields, const json *made)
{
	struct played *played = stage->played;
	const char *collection = json_str_or(fields, "collection", ""), *uri = json_str_or(made, "uri", "");
	const json *record = json_get(fields, "record");
	if (str_eq(collection, POSTS) && !stage_find(stage, uri)) {
		struct said *parent = stage_find(stage, json_str(json_path(record, "reply.parent"), "uri"));
		struct said *said =
		        stage_publish(stage, json_str_or(record, "text", ""), parent, json_str_or(fields, "rkey", ""));
		snprintf(said->version, sizeof said->version, "%s", json_str_or(made, "cid", ""));
	} else if (str_eq(collection, LIKES) || str_eq(collection, REPOSTS)) {
		struct mark mark = {.said = stage_find(stage, json_str(json_get(record, "subject"), "uri"))};
		str_copy(mark.key, sizeof mark.key, json_str_or(fields, "rkey", ""));
		str_copy(mark.collection, sizeof mark.collection, collection);
		set_mark(&mark, true);
		vec_push(&played->marks, mark);
	}
}

static void deletion_noted(struct stage *stage, const json *fields)
{
	struct played *played = stage->played;
	const char *key = json_str_or(fields, "rkey", "");
	for (size_t i = 0; i < stage->said.len; i++)
		if (str_eq(json_str(fields, "collection"), POSTS) && str_ends(stage->said.at[i]->id, key))
			stage->said.at[i]->deleted = true;
	for (size_t i = 0; i < played->marks.len; i++)
		if (str_eq(json_str(fields, "collection"), played->marks.at[i].collection) &&
		        str_eq(played->marks.at[i].key, key))
			set_mark(&played->marks.at[i], false);
}

/* The document leads to the servers themselves, past the faults. */
static void hide_document(json *session)
{
	json *document = json_object();
	json_set_str(document, "id", json_str(session, "did"));
	json_set(session, "didDoc", document);
}

static void log_in_as_us(const struct played *played, struct str *body)
{
	json *login = json_object();
	json_set_str(login, "identifier", played->us.handle);
	json_set_str(login, "password", played->app_password);
	str_clear(body);
	json_print(login, body);
	json_free(login);
}

static void pass_on(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	struct played *played = stage->played;
	struct fakenet_answer got;
	struct str target = STR_INIT, headers = STR_INIT, body = STR_INIT;
	const char *bearer = web_header(request, "Authorization");
	bool reads = str_eq(request->method, "GET"), login = str_ends(request->path, "createSession");
	settle(played);
	str_addf(&target, "%s%s%s", request->path, *request->query ? "?" : "", request->query);
	str_addf(&headers, "%s%s%s%s", reads || !*request->body ? "" : JSON, bearer ? "Authorization: " : "",
	        str_or(bearer, ""), bearer ? "\r\n" : "");
	str_adds(&body, request->body);
	if (login)
		log_in_as_us(played, &body);
	fakenet_ask(&played->pds, request->method, target.p, headers.p, reads || !body.len ? NULL : body.p, &got);
	json *parsed = json_parse(got.body.p, got.body.len, NULL);
	if (parsed && json_str(parsed, "did") && json_get(parsed, "didDoc"))
		hide_document(parsed);
	if (!reads && got.status == 200) {
		played->unsettled = true;
		if (str_ends(request->path, "putRecord"))
			put_noted(stage, request->fields, parsed);
		else if (str_ends(request->path, "deleteRecord"))
			deletion_noted(stage, request->fields);
	}
	if (parsed)
		web_json(answer, got.status, parsed);
	else
		answer->status = got.status;
	fakenet_answer_release(&got);
	str_release(&target);
	str_release(&headers);
	str_release(&body);
}

/* --- the world's life */

static const struct web_rules rules = {bluesky_request_kind, pass_on, bluesky_refuse};

static int port_of(const char *variable)
{
	int64_t port = 0;
	if (!getenv(variable) || !parse_i64(getenv(variable), &port))
		fail_msg("%s names no port: tests/live/check.sh sets it", variable);
	return (int)port;
}

static void begin(struct stage *stage)
{
	struct played *played = mem_alloc(sizeof *played);
	stage->played = played;
	played->web = web_new(stage, &rules);
	played->pds.port = port_of("CURLEW_LIVE_PDS");
	played->control.port = port_of("CURLEW_LIVE_CONTROL");
	make_person(played, &played->us, OUR_NAME);
	make_person(played, &played->them, "customer");
	json *body = json_object();
	json_set_str(body, "name", "curlew");
	json *made = ask(played, played->us.token, "com.atproto.server.createAppPassword", body);
	str_copy(played->app_password, sizeof played->app_password, json_str_or(made, "password", ""));
	json_free(made);
}

static void end(struct stage *stage)
{
	struct played *played = stage->played;
	web_free(played->web);
	vec_release(&played->marks);
	free(played->us.token);
	free(played->them.token);
	free(played);
}

static void an_edit_is_shown_to_who_reads_the_post_again(void **state)
{
	struct stage *stage = *state;
	struct said *said = customer_says(stage, OUR_HANDLE " teh kettle", NULL);
	connect_live(stage);
	author_edits(stage, said, OUR_HANDLE " the kettle");
	fetch(stage, said);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_string_equal(stage->items.at[0].text, said->text);
}

static void the_account_is_live(void **state)
{
	connect_live(*state);
}

static const struct exception exceptions[] = {
        {"an_edit_comes_unasked_under_the_same_id", "nobody is told of an edit, which these servers show",
                an_edit_is_shown_to_who_reads_the_post_again},
        {"a_deletion_comes_unasked", "a notification goes with its post, and nobody is told",
                a_deletion_is_seen_when_the_post_is_read},
        {"a_post_of_ours_is_corrected_under_the_same_id", "readers would go on seeing the first version",
                no_correction_is_offered},
        {"a_limit_of_requests_is_kept_until_it_ends", "these servers' limits end by a clock that no test moves",
                the_account_is_live},
        {"a_limit_of_posts_is_told_with_its_end_and_nothing_is_sent_before",
                "these servers' limits end by a clock that no test moves", the_account_is_live},
        {NULL, NULL, NULL},
};

static const struct room room_live = {
        .name = "bluesky's own servers",
        .network = "bluesky",
        .exceptions = exceptions,
        .live = true,
        .begin = begin,
        .end = end,
        .name_post = name_post,
        .happened = happened,
        .closed = closed,
};

int main(int argc, char **argv)
{
	static const struct room *const rooms[] = {&room_live};
	signal(SIGPIPE, SIG_IGN);
	return conformance_run(rooms, 1, argc > 1 ? argv[1] : NULL);
}
