/* The network of our own (tests/fakenet), by each of its faces: a server that is a program of its own, as the demo and
 * the end-to-end tests have it. What the room asks goes through a server in the test, which passes it on, so that the
 * faults of the sentences can befall it; streams of Mastodon's family go to fakenet itself. Time is the machine's but
 * for our waits. */
#include "tests/network/conformance/instead.h"
#include "tests/network/conformance/room_bluesky.h"
#include "tests/network/conformance/sentence.h"
#include "tests/network/conformance/web.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "tests/lib/fakenet.h"

#include <stdio.h>
#include <strings.h>

#define CUSTOMER "sam"
#define PASSWORD "demo-demo-demo-demo"

/* What differs between the faces. */
struct face {
	const char *kind;   /* of fakenet */
	const char *id;     /* where its control answers have the id that this network knows a post by */
	const char *handle; /* how its texts spell ours; NULL: as everybody does */
	const struct web_rules *rules;
};

struct played {
	const struct face *face;
	struct web *web;
	struct fakenet net;
	const json *noted; /* what the room has published is being told to the stage: it is there */
	int64_t newest;    /* UTC ms */
};

/* --- what authors do */

static json *control(struct played *played, const char *name, json *body)
{
	struct str text = STR_INIT;
	json_print(body, &text);
	json *out = fakenet_control(&played->net, name, text.p);
	if (!out)
		fail_msg("fakenet takes no %s: %s", name, text.p);
	json_free(body);
	str_release(&text);
	return out;
}

/* As the network spells it, which is what its readers see. */
static void spell(const struct face *face, struct said *said)
{
	const char *at = said->ours || !face->handle ? NULL : strstr(said->text, OUR_HANDLE);
	struct str text = STR_INIT;
	if (!at || str_starts(at, face->handle))
		return;
	str_add(&text, said->text, (size_t)(at - said->text));
	str_addf(&text, "%s%s", face->handle, at + strlen(OUR_HANDLE));
	free(said->text);
	said->text = str_detach(&text);
	if (said->edited_at)
		return;
	free(said->first_text);
	said->first_text = mem_strdup(said->text);
}

static void take_names(struct played *played, struct said *said, const json *status)
{
	snprintf(said->id, sizeof said->id, "%s", json_str_or(status, played->face->id, ""));
	snprintf(said->version, sizeof said->version, "%s", json_str_or(status, "id", "")); /* fakenet's own */
	time_parse_rfc3339(json_str_or(status, "created_at", ""), &said->at);
	played->newest = said->at;
}

static void edit(struct played *played, const struct said *said)
{
	json *body = json_object();
	json_set_str(body, "id", said->version);
	json_set_str(body, "text", said->text);
	if (said->closed)
		json_set_str(body, "reply_settings", "following");
	json_free(control(played, "edit", body));
}

static void name_post(struct stage *stage, struct said *said)
{
	struct played *played = stage->played;
	if (played->noted) {
		take_names(played, said, played->noted);
		return;
	}
	if (said->edited_at) {
		edit(played, said);
		spell(played->face, said);
		return;
	}
	json *body = json_object();
	json_set_str(body, "from", said->ours ? OUR_NAME : CUSTOMER);
	json_set_str(body, "text", said->text);
	json_set_int(body, "at", said->at > played->newest ? said->at : played->newest + 1);
	if (!said->ours)
		json_set_str(body, "name", said->name);
	if (said->parent)
		json_set_str(body, "reply_to", said->parent->version);
	json *status = control(played, "post", body);
	take_names(played, said, status);
	spell(played->face, said);
	json_free(status);
}

static void happened(struct stage *stage, enum happening what, const struct said *said)
{
	if (what != HAPPENED_DELETE)
		return;
	json *body = json_object();
	json_set_str(body, "id", said->version);
	json_free(control(stage->played, "delete", body));
}

static void closed(struct stage *stage, const struct said *said)
{
	edit(stage->played, said);
}

static void cut(struct stage *stage)
{
	json *body = json_object();
	json_set_str(body, "kind", "close");
	json_free(control(stage->played, "stream", body));
}

/* --- passing on */

static bool is_among(const json *list, const char *id)
{
	for (const json *one = json_first(list); one; one = json_next(one))
		if (str_eq(json_text(one), id))
			return true;
	return false;
}

/* What the room did has to be known on the stage: posts of ours, their words and ends, likes and boosts. */
static void note(struct stage *stage)
{
	struct played *played = stage->played;
	json *state = fakenet_control(&played->net, "state", NULL);
	for (const json *status = json_first(json_get(state, "brand")); status; status = json_next(status)) {
		struct said *said = stage_find(stage, json_str(status, "id"));
		if (!said) {
			played->noted = status;
			said = stage_publish(stage, json_str_or(status, "text", ""),
			        stage_find(stage, json_str(status, "in_reply_to_id")), "");
			played->noted = NULL;
		}
		if (!str_eq(said->text, json_str_or(status, "text", ""))) {
			free(said->text);
			said->text = mem_strdup(json_str_or(status, "text", ""));
		}
		said->deleted = json_bool(status, "deleted", false);
	}
	for (size_t i = 0; i < stage->said.len; i++) {
		struct said *said = stage->said.at[i];
		said->liked = is_among(json_path(state, "deeds.liked"), said->version);
		said->boosted = is_among(json_path(state, "deeds.boosted"), said->version);
	}
	json_free(state);
}

/* The lines of a head but its first and those that the way itself makes. */
static void copy_headers(struct str *out, const char *head)
{
	static const char *const own[] = {"Host:", "Content-Length:", "Connection:", "Date:", "Accept-Encoding:",
	        "Content-Type:", "Transfer-Encoding:"};
	for (const char *line = strstr(head, "\r\n"); line && line[2]; line = strstr(line + 2, "\r\n")) {
		bool skip = line[2] == '\r';
		for (size_t i = 0; i < sizeof own / sizeof *own; i++)
			skip |= strncasecmp(line + 2, own[i], strlen(own[i])) == 0;
		if (!skip)
			str_addf(out, "%.*s\r\n", (int)strcspn(line + 2, "\r\n"), line + 2);
	}
}

/* The password of the stage is not fakenet's. */
static void log_in_as_us(struct str *body)
{
	json *login = json_object();
	json_set_str(login, "identifier", OUR_NAME ".birds.example");
	json_set_str(login, "password", PASSWORD);
	str_clear(body);
	json_print(login, body);
	json_free(login);
}

/* The document leads to fakenet itself, past the faults. */
static void hide_document(struct str *body)
{
	json *session = json_parse(body->p, body->len, NULL);
	if (json_str(session, "did") && json_get(session, "didDoc")) {
		json *document = json_object();
		json_set_str(document, "id", json_str(session, "did"));
		json_set(session, "didDoc", document);
		str_clear(body);
		json_print(session, body);
	}
	json_free(session);
}

static void pass_on(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	struct played *played = stage->played;
	struct fakenet_answer got;
	struct str target = STR_INIT, headers = STR_INIT, body = STR_INIT;
	const char *type = web_header(request, "Content-Type");
	bool reads = str_eq(request->method, "GET");
	str_addf(&target, "%s%s%s", request->path, *request->query ? "?" : "", request->query);
	copy_headers(&headers, request->head);
	if (type)
		str_addf(&headers, "Content-Type: %s\r\n", type);
	str_adds(&body, request->body);
	if (str_ends(request->path, "createSession"))
		log_in_as_us(&body);
	fakenet_ask(&played->net, request->method, target.p, headers.p, reads ? NULL : body.p, &got);
	if (!reads)
		note(stage);
	hide_document(&got.body);
	answer->status = got.status;
	answer->type = "application/json";
	copy_headers(&answer->headers, got.head.p);
	str_add(&answer->body, got.body.p, got.body.len);
	fakenet_answer_release(&got);
	str_release(&target);
	str_release(&headers);
	str_release(&body);
}

static void refuse_with(struct web_answer *answer, int status, const char *key, const char *words)
{
	json *body = json_object();
	struct str text = STR_INIT;
	str_addf(&text, "%s (%s)", words, STAGE_TOKEN); /* some say the token back */
	json_set_str(body, key, text.p);
	web_json(answer, status, body);
	str_release(&text);
}

static void down(struct web_answer *answer)
{
	answer->status = 503;
	answer->type = "text/html";
	str_adds(&answer->body, "<html><body>down</body></html>");
}

/* --- Mastodon's family */

static enum request_kind mastodon_kind(struct web_request *request)
{
	if (web_is(request, "POST", "/api/v1/statuses"))
		return REQUEST_PUBLISH;
	return str_eq(request->method, "GET") ? REQUEST_READ : REQUEST_CHANGE;
}

static void mastodon_refuse(struct stage *stage, enum fault_kind fault, struct web_answer *answer)
{
	(void)stage;
	if (fault == FAULT_TOKEN)
		refuse_with(answer, 401, "error", "The access token was revoked");
	else if (fault == FAULT_REFUSED)
		refuse_with(answer, 422, "error", stage_refusal);
	else
		down(answer);
}

/* --- X */

static enum request_kind x_kind(struct web_request *request)
{
	if (web_is(request, "POST", "/2/tweets"))
		return REQUEST_PUBLISH;
	return str_eq(request->method, "GET") ? REQUEST_READ : REQUEST_CHANGE;
}

static void x_refuse(struct stage *stage, enum fault_kind fault, struct web_answer *answer)
{
	(void)stage;
	if (fault == FAULT_TOKEN)
		refuse_with(answer, 401, "detail", "Unauthorized");
	else if (fault == FAULT_REFUSED)
		refuse_with(answer, 403, "detail", stage_refusal);
	else
		down(answer);
}

/* --- the life of all of them */

static const struct web_rules mastodon_rules = {mastodon_kind, pass_on, mastodon_refuse};
static const struct web_rules x_rules = {x_kind, pass_on, x_refuse};
static const struct web_rules bluesky_rules = {bluesky_request_kind, pass_on, bluesky_refuse};

static void begin(struct stage *stage, const struct face *face)
{
	const char *const args[] = {
	        "--handle", OUR_NAME, "--token", STAGE_TOKEN, "--limit", "0", "--kind", face->kind, NULL};
	struct played *played = mem_alloc(sizeof *played);
	stage->played = played;
	played->face = face;
	played->web = web_new(stage, face->rules);
	if (fakenet_start(&played->net, args))
		fail_msg("fakenet does not start");
}

static void end(struct stage *stage)
{
	struct played *played = stage->played;
	web_free(played->web);
	fakenet_stop(&played->net);
	free(played);
}

/* Its streams are connections of our loop to fakenet. */
static bool count_streams(struct stage *stage)
{
	struct played *played = stage->played;
	json *state = fakenet_control(&played->net, "state", NULL);
	int before = stage->streams;
	stage->streams = (int)json_int(state, "streams", 0);
	json_free(state);
	return stage->streams != before;
}

/* What a server of whole posts cannot show, and one whose limits end by the machine's clock. */
static void the_account_is_live(void **state)
{
	connect_live(*state);
}

/* X shows our own posts late: for half a minute of the machine's time one that is not there may still come. */
static void what_was_not_said_is_in_doubt_at_first(void **state)
{
	struct stage *stage = *state;
	struct said *to = customer_says(stage, OUR_HANDLE " where is it?", NULL);
	connect_live(stage);
	struct reply reply = reply_to(to, "On its way.");
	fault_befalls(stage, REQUEST_PUBLISH, FAULT_LOST_BEFORE, 1);
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_UNKNOWN);
	look(stage, &reply);
	assert_int_equal(stage->outcome, CALL_UNKNOWN);
	assert_true(*stage->why);
	assert_int_equal(published(stage, reply.text), 0);
}

#define OF_FAKENET                                                                                                     \
	{"one_post_that_cannot_be_read_takes_no_other_along", "fakenet tells whole posts alone", the_account_is_live}, \
	        {"a_limit_of_requests_is_kept_until_it_ends", "its limits end by a clock that no test moves",          \
	                the_account_is_live},                                                                          \
	{                                                                                                              \
		"a_limit_of_posts_is_told_with_its_end_and_nothing_is_sent_before",                                    \
		        "its limits end by a clock that no test moves", the_account_is_live                            \
	}
#define OF_MASTODON                                                                                                    \
	{                                                                                                              \
		"who_may_not_be_answered_is_known_before_anybody_types",                                               \
		        "its interface knows no rule of who may answer", no_post_says_that_it_cannot_be_answered       \
	}
#define END                                                                                                            \
	{                                                                                                              \
		NULL, NULL, NULL                                                                                       \
	}

static const struct exception mastodon_exceptions[] = {OF_FAKENET, OF_MASTODON, END};

static const struct exception gotosocial_exceptions[] = {OF_FAKENET, OF_MASTODON,
        {"a_reply_that_is_sent_again_is_said_once", "GoToSocial heeds no Idempotency-Key",
                what_is_not_said_to_be_idempotent_is_looked_for},
        END};

static const struct exception polled_exceptions[] = {OF_FAKENET, OF_MASTODON,
        {"an_edit_comes_unasked_under_the_same_id", "a list of notifications is all that is asked for again",
                an_edit_is_seen_when_the_post_is_read},
        {"a_deletion_comes_unasked", "a list of notifications is all that is asked for again",
                a_deletion_is_seen_when_the_post_is_read},
        END};

static const struct exception x_exceptions[] = {OF_FAKENET,
        {"a_deletion_comes_unasked", "X tells whose post it was alone of a deletion",
                a_deletion_is_seen_when_the_post_is_read},
        {"a_first_fetch_of_none_begins_with_what_comes_next",
                "it begins a moment before, by a clock that no test moves", the_account_is_live},
        {"what_was_not_said_is_certainly_not_found_and_said_once_then",
                "certain after half a minute of the machine's time", what_was_not_said_is_in_doubt_at_first},
        {"another_post_of_ours_is_not_taken_for_the_reply", "certain after half a minute of the machine's time",
                what_was_not_said_is_in_doubt_at_first},
        {"a_like_is_given_and_taken_back", "X has taken likes from all who serve themselves", no_like_is_offered},
        {"a_post_of_ours_is_corrected_under_the_same_id", "answers to others cannot be edited on X",
                no_correction_is_offered},
        END};

static const struct exception bluesky_exceptions[] = {OF_FAKENET,
        {"an_edit_comes_unasked_under_the_same_id", "readers of Bluesky go on seeing the first version of a post",
                the_first_version_of_a_post_stays},
        {"a_deletion_comes_unasked", "a notification goes with its post, and nobody is told",
                a_deletion_is_seen_when_the_post_is_read},
        {"a_post_of_ours_is_corrected_under_the_same_id", "readers would go on seeing the first version",
                no_correction_is_offered},
        END};

#define FACE(word, title, network_, ...)                                                                               \
	static const struct face word##_face = __VA_ARGS__;                                                            \
	static void begin_##word(struct stage *stage)                                                                  \
	{                                                                                                              \
		begin(stage, &word##_face);                                                                            \
	}                                                                                                              \
	const struct room room_fakenet_##word = {.name = title,                                                        \
	        .network = network_,                                                                                   \
	        .exceptions = word##_exceptions,                                                                       \
	        .live = true,                                                                                          \
	        .begin = begin_##word,                                                                                 \
	        .end = end,                                                                                            \
	        .name_post = name_post,                                                                                \
	        .happened = happened,                                                                                  \
	        .closed = closed,                                                                                      \
	        .cut = cut,                                                                                            \
	        .is_under_way = count_streams};

FACE(mastodon, "fakenet as Mastodon", "mastodon", {"mastodon", "id", NULL, &mastodon_rules})
FACE(gotosocial, "fakenet as GoToSocial", "mastodon", {"gotosocial", "id", NULL, &mastodon_rules})
FACE(polled, "fakenet as a server without streams", "mastodon", {"polled", "id", NULL, &mastodon_rules})
FACE(x, "fakenet as X", "x", {"mastodon", "x_id", NULL, &x_rules})
FACE(bluesky, "fakenet as Bluesky", "bluesky", {"mastodon", "bluesky_uri", OUR_HANDLE ".birds.example", &bluesky_rules})
