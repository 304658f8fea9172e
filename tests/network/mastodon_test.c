/* The Mastodon network against the small server of our own: what comes in, what goes out. */
#include "tests/lib/script_server.h"
#include "tests/network/mastodon_world.h"

/* --- coming in */

static void the_first_fetch_brings_the_newest_oldest_first(void **state)
{
	(void)state;
	struct world *w = world_new("200");
	w->first_fetch = 100;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	int mentions = 0;
	for (size_t i = 0; i < w->seen.len; i++)
		mentions += w->seen.at[i].mention;
	assert_in_range(mentions, 1, 100);
	for (size_t i = 1; i < w->seen.len; i++)
		assert_true(strcmp(w->seen.at[i].id, w->seen.at[i - 1].id) > 0);
	assert_string_equal(w->handle, "@acme@birds.example");
	assert_int_equal(w->limits.max, 500);
	assert_true(w->caps & CAP_STREAM);
	world_free(w);
}

static void a_first_fetch_of_none_begins_with_what_comes_next(void **state)
{
	(void)state;
	struct world *w = world_new("50");
	w->first_fetch = 0;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_int_equal(w->seen.len, 0);
	assert_int_equal(w->places.len, 1);
	disconnect(w);
	char *id = says(w, "@acme are you there?", NULL);
	connect_network(w);
	wait_until(w, find_seen(w, id, ITEM_POST));
	assert_int_equal(w->seen.len, 1);
	free(id);
	world_free(w);
}

static void what_came_while_away_is_all_there_after_a_restart(void **state)
{
	(void)state;
	struct world *w = live("20");
	char *ids[100];
	disconnect(w);
	for (int i = 0; i < 100; i++)
		ids[i] = says(w, "@acme hello again", NULL);
	size_t before = w->seen.len;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_int_equal(w->seen.len - before, 100);
	for (int i = 0; i < 100; i++) {
		assert_string_equal(w->seen.at[before + (size_t)i].id, ids[i]);
		free(ids[i]);
	}
	world_free(w);
}

static void a_gap_between_two_connections_is_filled_before_the_account_is_live(void **state)
{
	(void)state;
	struct world *w = live("5");
	control(w, "stream", "{\"kind\":\"close\"}");
	wait_until(w, w->state == ACCOUNT_RETRYING);
	char *id = says(w, "@acme said in the gap", NULL);
	advance(w, 61000);
	wait_until(w, w->state == ACCOUNT_LIVE);
	const struct seen *seen = find_seen(w, id, ITEM_POST);
	assert_non_null(seen);
	assert_true(seen->mention);
	free(id);
	world_free(w);
}

static void what_the_stream_brings_while_the_gap_is_filled_comes_after_it(void **state)
{
	(void)state;
	struct world *w = world_new("100");
	w->hold_stored = true;
	connect_network(w);
	wait_until(w, w->held == 1);
	char *id = says(w, "@acme in between", NULL);
	for (int i = 0; i < 50; i++)
		turn(w);
	assert_null(find_seen(w, id, ITEM_POST));
	w->hold_stored = false;
	for (; w->held; w->held--)
		w->network->ops->stored(w->network);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_non_null(find_seen(w, id, ITEM_POST));
	free(id);
	world_free(w);
}

static void no_page_is_asked_for_before_the_last_one_is_stored(void **state)
{
	(void)state;
	struct world *w = world_new("300");
	set_place(w, "notifications", "0");
	w->hold_stored = true;
	connect_network(w);
	wait_until(w, w->held == 1);
	size_t page = w->seen.len;
	for (int i = 0; i < 50; i++)
		turn(w);
	assert_int_equal(w->seen.len, page);
	assert_int_equal(w->state, ACCOUNT_CATCHING_UP);
	w->held = 0;
	w->network->ops->stored(w->network);
	wait_until(w, w->held == 1);
	world_free(w);
}

static void edits_and_deletions_arrive(void **state)
{
	(void)state;
	struct world *w = live("5");
	char *id = says(w, "@acme frist", NULL);
	struct str body = STR_INIT;
	wait_until(w, find_seen(w, id, ITEM_POST));
	str_addf(&body, "{\"id\":\"%s\",\"text\":\"@acme first\"}", id);
	control(w, "edit", body.p);
	wait_until(w, find_seen(w, id, ITEM_POST)->edited_at);
	assert_non_null(strstr(find_seen(w, id, ITEM_POST)->text, "first"));
	str_clear(&body);
	str_addf(&body, "{\"id\":\"%s\"}", id);
	control(w, "delete", body.p);
	wait_until(w, find_seen(w, id, ITEM_DELETE));
	str_release(&body);
	free(id);
	world_free(w);
}

static void hashtags_and_phrases_are_listened_for(void **state)
{
	(void)state;
	static const char *const listen[] = {"#acmefail", "acme kettle"};
	struct world *w = world_new("5");
	w->listen = listen;
	w->listen_count = 2;
	w->first_fetch = 0;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	char *tagged = says(w, "nothing works today #acmefail", NULL);
	wait_until(w, find_seen(w, tagged, ITEM_POST));
	assert_true(find_seen(w, tagged, ITEM_POST)->mention);
	char *named = says(w, "my Acme Kettle leaks", NULL);
	advance(w, 3600001);
	wait_until(w, find_seen(w, named, ITEM_POST));
	assert_true(find_seen(w, named, ITEM_POST)->mention);
	free(tagged);
	free(named);
	world_free(w);
}

static void more_than_a_search_shows_is_told_as_a_gap(void **state)
{
	(void)state;
	enum { SHOWN = 200, SAID = SHOWN + 30 };
	static const char *const listen[] = {"acme kettle"};
	struct world *w = world_new("5");
	w->listen = listen;
	w->listen_count = 1;
	w->first_fetch = 0;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	int64_t begin = clock_wall_ms();
	char *first = says(w, "my Acme Kettle leaks", NULL);
	for (int i = 1; i < SAID; i++)
		free(says(w, "and my Acme Kettle leaks, too", NULL));
	char *last = says(w, "Acme Kettle again", NULL);
	int64_t end = clock_wall_ms();
	advance(w, 3600001);
	wait_until(w, find_seen(w, last, ITEM_POST) && w->gaps);
	assert_null(find_seen(w, first, ITEM_POST));
	assert_int_equal(w->gaps, 1);
	assert_string_equal(w->gap_source, "\"acme kettle\"");
	assert_string_equal(w->gap_reason, "a search goes back no further than 200 posts");
	assert_in_range(w->gap_from, begin - 10000, begin);
	assert_in_range(w->gap_to, begin, end);
	free(first);
	free(last);
	world_free(w);
}

static void what_a_server_that_skips_leaves_out_is_told_as_a_gap(void **state)
{
	(void)state;
	enum { PAGE = 80 };
	struct world *w = live("5");
	disconnect(w);
	int64_t begin = clock_wall_ms();
	char *first = says(w, "@acme the first of many", NULL);
	for (int i = 0; i < PAGE; i++)
		free(says(w, "@acme one more", NULL));
	control(w, "fault", "{\"match\":\"GET /api/v1/notifications*\",\"times\":-1,\"kind\":\"no_min_id\"}");
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_null(find_seen(w, first, ITEM_POST));
	assert_int_equal(w->gaps, 1);
	assert_string_equal(w->gap_source, "mentions");
	assert_string_equal(w->gap_reason, "the server gives its newest page alone");
	assert_in_range(w->gap_to, begin, clock_wall_ms());
	assert_true(w->gap_from <= begin);
	free(first);
	world_free(w);
}

static void a_hashtag_that_is_refused_after_a_cut_is_told_as_a_gap(void **state)
{
	(void)state;
	static const char *const listen[] = {"#acmefail"};
	struct world *w = world_new("5");
	w->listen = listen;
	w->listen_count = 1;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	char *before = says(w, "nothing works today #acmefail", NULL);
	wait_until(w, find_seen(w, before, ITEM_POST));
	assert_int_equal(w->gaps, 0);
	control(w, "fault", "{\"match\":\"GET /api/v1/timelines/tag/*\",\"times\":-1,\"kind\":\"status 403\"}");
	int64_t begin = real_ms(CLOCK_REALTIME); /* the server's clock, in whole seconds */
	control(w, "stream", "{\"kind\":\"close\"}");
	wait_until(w, w->state != ACCOUNT_LIVE);
	advance(w, 60000);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_int_equal(w->gaps, 1);
	assert_string_equal(w->gap_source, "#acmefail");
	assert_in_range(w->gap_from, begin - 1000, real_ms(CLOCK_REALTIME));
	assert_in_range(w->gap_to, w->gap_from, real_ms(CLOCK_REALTIME) + 1000);
	free(before);
	world_free(w);
}

static void a_server_without_event_streams_is_polled(void **state)
{
	(void)state;
	struct world *w = world_new("5");
	control(w, "fault", "{\"match\":\"GET /api/v1/streaming*\",\"times\":-1,\"kind\":\"status 404\"}");
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_string_equal(w->reason, "polling");
	assert_false(w->caps & CAP_STREAM);
	char *id = says(w, "@acme hello", NULL);
	advance(w, 15000);
	wait_until(w, find_seen(w, id, ITEM_POST));
	free(id);
	world_free(w);
}

/* US: the server's address; THEM: the port of somebody who would be pleased with the token. */
static void add_location(struct str *out, const char *template, const char *us, int them)
{
	while (*template) {
		if (str_starts(template, "US"))
			str_adds(out, us);
		else if (str_starts(template, "THEM"))
			str_addf(out, "%d", them);
		else
			str_addc(out, *template);
		template += str_starts(template, "US") ? 2 : str_starts(template, "THEM") ? 4 : 1;
	}
}

static void a_stream_that_is_sent_elsewhere_is_not_followed_with_the_token(void **state)
{
	(void)state;
	static const char *const locations[] = {"http://127.0.0.1:THEM/api/v1/streaming/user",
	        "https://127.0.0.1:THEM/api/v1/streaming/user", "http://localhost:THEM/", "//127.0.0.1:THEM/",
	        "US@127.0.0.1:THEM/api/v1/streaming/user", "US.example:THEM/", "USTHEM/",
	        "/api/v1/streaming/elsewhere"};
	for (size_t i = 0; i < sizeof locations / sizeof *locations; i++) {
		struct world *w = world_new("5");
		struct script_server *them = script_server_new(&w->loop);
		struct str fault = STR_INIT;
		str_adds(&fault,
		        "{\"match\":\"GET /api/v1/streaming*\",\"times\":-1,\"kind\":\"redirect\",\"location\":\"");
		add_location(&fault, locations[i], w->net.url, script_server_port(them));
		str_adds(&fault, "\"}");
		control(w, "fault", fault.p);
		connect_network(w);
		wait_until(w, w->state == ACCOUNT_LIVE);
		assert_string_equal(w->reason, "polling");
		assert_int_equal(script_server_connections(them), 0);
		script_server_free(them);
		str_release(&fault);
		world_free(w);
	}
}

static void a_refused_token_needs_a_person(void **state)
{
	(void)state;
	struct world *w = world_new("0");
	w->token = "wrong";
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_NEEDS_LOGIN);
	assert_true(*w->reason);
	world_free(w);
}

static void a_revoked_token_needs_a_person_and_sends_nothing(void **state)
{
	(void)state;
	struct world *w = live("3");
	control(w, "token", "{\"revoke\":\"" FAKENET_TOKEN "\"}");
	wait_until(w, w->state != ACCOUNT_LIVE);
	advance(w, 61000);
	wait_until(w, w->state == ACCOUNT_NEEDS_LOGIN);
	struct reply reply = a_reply("", "hello", "key-1");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_NO_ACCESS);
	world_free(w);
}

static void a_server_that_cannot_be_reached_is_tried_again_and_said_so(void **state)
{
	(void)state;
	struct world *w = world_new("0");
	control(w, "fault", "{\"match\":\"GET /api/v2/instance\",\"times\":2,\"kind\":\"status 502 html\"}");
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_RETRYING);
	advance(w, 1000);
	turn(w);
	wait_until(w, w->state == ACCOUNT_RETRYING);
	advance(w, 5000);
	wait_until(w, w->state == ACCOUNT_LIVE);
	assert_string_equal(w->reason, "");
	world_free(w);
}

/* --- going out */

static void a_reply_is_published_once_however_often_its_key_is_sent(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme where is my order?", NULL);
	int before = own_posts(w);
	struct reply reply = a_reply(id, "@newcomer@ferry.example on its way", "key-2");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_string_equal(w->why, "");
	char first[64];
	snprintf(first, sizeof first, "%s", w->published);
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_string_equal(w->published, first);
	assert_int_equal(own_posts(w), before + 1);
	free(id);
	world_free(w);
}

static void a_customer_who_was_not_told_is_warned_about(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme hello", NULL);
	struct reply reply = a_reply(id, "@nobody@nowhere.example hi", "key-3");
	reply.to_handle = "@nobody@nowhere.example";
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_non_null(strstr(w->why, "@nobody@nowhere.example"));
	free(id);
	world_free(w);
}

static void an_unknown_outcome_is_found_among_our_own_posts(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme hello", NULL);
	struct reply reply = a_reply(id, "@newcomer@ferry.example we  look into <it> & more", "key-4");
	fault(w, "POST /api/v1/statuses", "close_after");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_UNKNOWN);
	find(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_int_equal(w->count, 1);
	free(id);
	world_free(w);
}

static void told_with_a_clock_ahead_by(int64_t ms, const char *words)
{
	struct world *w = world_new("0");
	wall_ahead = ms;
	connect_network(w);
	wait_until(w, w->state == ACCOUNT_LIVE);
	if (*words)
		assert_non_null(strstr(w->reason, words));
	else
		assert_string_equal(w->reason, "");
	world_free(w);
	wall_ahead = 0;
}

static void a_clock_far_from_the_servers_is_told_while_all_goes_on(void **state)
{
	(void)state;
	told_with_a_clock_ahead_by(7 * 60000, "7m ahead of the server's");
	told_with_a_clock_ahead_by(-7 * 60000, "behind the server's");
	told_with_a_clock_ahead_by(0, "");
}

static void it_is_found_however_wrong_our_clock_is(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme hello", NULL);
	wall_ahead += INT64_C(48) * 3600000;
	struct reply reply = a_reply(id, "@newcomer@ferry.example it floats", "key-7");
	fault(w, "POST /api/v1/statuses", "close_after");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_UNKNOWN);
	find(w, &reply);
	assert_int_equal(w->count, 1);
	free(id);
	world_free(w);
	wall_ahead -= INT64_C(48) * 3600000;
}

static void what_was_not_published_is_certainly_not_found(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme hello", NULL);
	struct reply other = a_reply(id, "@newcomer@ferry.example something else", "key-5");
	perform(w, &other);
	assert_int_equal(w->outcome, CALL_OK);
	struct reply reply = a_reply(id, "@newcomer@ferry.example hello to you", "key-6");
	fault(w, "POST /api/v1/statuses", "close_before");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_UNKNOWN);
	find(w, &reply);
	assert_int_equal(w->outcome, CALL_OK);
	assert_int_equal(w->count, 0);
	free(id);
	world_free(w);
}

static void how_a_call_ended_is_told_exactly(void **state)
{
	(void)state;
	static const struct {
		const char *fault;
		enum call_outcome outcome;
	} cases[] = {
	        {"status 502 html", CALL_UNKNOWN}, {"status 503", CALL_UNKNOWN}, {"status 408", CALL_UNKNOWN},
	        {"malformed", CALL_UNKNOWN}, {"empty", CALL_UNKNOWN}, {"truncate", CALL_UNKNOWN},
	        {"status 403", CALL_REFUSED}, {"status 401", CALL_NO_ACCESS}, {"redirect", CALL_REFUSED},
	        {"status 429 reset 30", CALL_NOT_SENT}, /* last: it shuts the gate */
	};
	struct world *w = live("0");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reply reply = a_reply("", "hello", "key-7");
		fault(w, "POST /api/v1/statuses", cases[i].fault);
		perform(w, &reply);
		if (w->outcome != cases[i].outcome)
			fail_msg("%s: %d (%s)", cases[i].fault, (int)w->outcome, w->why);
		assert_true(*w->why);
	}
	assert_true(w->retry_at > clock_wall_ms());
	world_free(w);
}

static void what_the_server_refuses_comes_with_its_words(void **state)
{
	(void)state;
	struct world *w = live("0");
	char text[700];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	struct reply reply = a_reply("", text, "key-8");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_REFUSED);
	assert_non_null(strstr(w->why, "500"));
	reply = a_reply("999999999999999999", "hello", "key-9");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_GONE);
	world_free(w);
}

static void a_post_of_ours_is_edited_liked_and_taken_back(void **state)
{
	(void)state;
	struct world *w = live("0");
	struct reply reply = a_reply("", "first words", "key-10");
	perform(w, &reply);
	char id[64];
	snprintf(id, sizeof id, "%s", w->published);
	struct reply edit = a_reply(id, "second words", "key-11");
	edit.kind = REPLY_KIND_EDIT;
	perform(w, &edit);
	assert_int_equal(w->outcome, CALL_OK);
	assert_string_equal(w->published, id);
	static const enum reply_kind kinds[] = {REPLY_KIND_LIKE, REPLY_KIND_UNLIKE, REPLY_KIND_DELETE};
	for (size_t i = 0; i < 3; i++) {
		edit.kind = kinds[i];
		perform(w, &edit);
		assert_int_equal(w->outcome, CALL_OK);
	}
	perform(w, &edit);
	assert_int_equal(w->outcome, CALL_GONE);
	world_free(w);
}

static size_t done_to_others(const struct world *w, const char *what)
{
	json *server = fakenet_control(&w->net, "state", NULL);
	size_t n = json_count(json_get(json_get(server, "deeds"), what));
	json_free(server);
	return n;
}

static void others_and_their_posts_are_passed_on_reported_muted_and_blocked(void **state)
{
	(void)state;
	static const struct {
		enum reply_kind kind;
		const char *what;
	} deeds[] = {{REPLY_KIND_BOOST, "boosted"}, {REPLY_KIND_REPORT, "reported"}, {REPLY_KIND_MUTE, "muted"},
	        {REPLY_KIND_BLOCK, "blocked"}};
	struct world *w = live("0");
	char *id = says(w, "@acme buy our fake jackets", NULL);
	struct reply reply = a_reply(id, "sells what is ours", "key-12");
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		reply.kind = deeds[i].kind;
		assert_int_equal(done_to_others(w, deeds[i].what), 0);
		perform(w, &reply);
		assert_int_equal(w->outcome, CALL_OK);
		assert_int_equal(done_to_others(w, deeds[i].what), 1);
		perform(w, &reply); /* said again it is the same */
		assert_int_equal(w->outcome, CALL_OK);
		assert_int_equal(done_to_others(w, deeds[i].what), 1);
	}
	free(id);
	world_free(w);
}

/* The post is read first, for its author: until that is done nothing can have been changed. */
static void an_author_who_cannot_be_read_leaves_no_doubt(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *id = says(w, "@acme hello", NULL);
	struct reply reply = a_reply(id, "", "key-13");
	reply.kind = REPLY_KIND_BLOCK;
	fault(w, "GET /api/v1/statuses/*", "status 503");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_NOT_SENT);
	fault(w, "POST /api/v1/accounts/*", "close_after");
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_UNKNOWN);
	reply.to_remote_id = "1";
	perform(w, &reply);
	assert_int_equal(w->outcome, CALL_GONE);
	free(id);
	world_free(w);
}

static void a_thread_comes_whole_with_its_root(void **state)
{
	(void)state;
	struct world *w = live("0");
	char *root = says(w, "has anybody an acme kettle?", NULL);
	char *middle = says(w, "yes, it leaks", root), *leaf = says(w, "@acme what do you say?", middle);
	w->answered = false;
	w->network->ops->thread(w->network, leaf, on_answer, w);
	wait_until(w, w->answered);
	assert_int_equal(w->outcome, CALL_OK);
	assert_int_equal(w->count, 3);
	assert_string_equal(w->root, root);
	w->answered = false;
	w->network->ops->fetch(w->network, "999999999999999999", on_answer, w);
	wait_until(w, w->answered);
	assert_int_equal(w->outcome, CALL_GONE);
	free(root);
	free(middle);
	free(leaf);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_fetch_brings_the_newest_oldest_first),
	        cmocka_unit_test(a_first_fetch_of_none_begins_with_what_comes_next),
	        cmocka_unit_test(what_came_while_away_is_all_there_after_a_restart),
	        cmocka_unit_test(a_gap_between_two_connections_is_filled_before_the_account_is_live),
	        cmocka_unit_test(what_the_stream_brings_while_the_gap_is_filled_comes_after_it),
	        cmocka_unit_test(no_page_is_asked_for_before_the_last_one_is_stored),
	        cmocka_unit_test(edits_and_deletions_arrive),
	        cmocka_unit_test(hashtags_and_phrases_are_listened_for),
	        cmocka_unit_test(more_than_a_search_shows_is_told_as_a_gap),
	        cmocka_unit_test(what_a_server_that_skips_leaves_out_is_told_as_a_gap),
	        cmocka_unit_test(a_hashtag_that_is_refused_after_a_cut_is_told_as_a_gap),
	        cmocka_unit_test(a_server_without_event_streams_is_polled),
	        cmocka_unit_test(a_stream_that_is_sent_elsewhere_is_not_followed_with_the_token),
	        cmocka_unit_test(a_refused_token_needs_a_person),
	        cmocka_unit_test(a_revoked_token_needs_a_person_and_sends_nothing),
	        cmocka_unit_test(a_server_that_cannot_be_reached_is_tried_again_and_said_so),
	        cmocka_unit_test(a_reply_is_published_once_however_often_its_key_is_sent),
	        cmocka_unit_test(a_customer_who_was_not_told_is_warned_about),
	        cmocka_unit_test(an_unknown_outcome_is_found_among_our_own_posts),
	        cmocka_unit_test(a_clock_far_from_the_servers_is_told_while_all_goes_on),
	        cmocka_unit_test(it_is_found_however_wrong_our_clock_is),
	        cmocka_unit_test(what_was_not_published_is_certainly_not_found),
	        cmocka_unit_test(how_a_call_ended_is_told_exactly),
	        cmocka_unit_test(what_the_server_refuses_comes_with_its_words),
	        cmocka_unit_test(a_post_of_ours_is_edited_liked_and_taken_back),
	        cmocka_unit_test(others_and_their_posts_are_passed_on_reported_muted_and_blocked),
	        cmocka_unit_test(an_author_who_cannot_be_read_leaves_no_doubt),
	        cmocka_unit_test(a_thread_comes_whole_with_its_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
