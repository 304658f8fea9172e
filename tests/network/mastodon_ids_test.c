/* Ids as servers of the Mastodon family make them, and the other things in which their answers differ. */
#include "tests/network/mastodon_family_world.h"

#include "core/base/timefmt.h"

#define UUID_1 "f0f0f0f0-1111-4222-8333-444444444444"
#define UUID_2 "a1a1a1a1-1111-4222-8333-444444444444"
#define UUID_3 "c2c2c2c2-1111-4222-8333-444444444444"
#define UUID_4 "0198c5a0-7b1e-4c44-9d5e-3f6a2b1c0d9e"

/* Notifications from the newest on, each of a post that is called after it; NULL ends them. */
static void say_page(struct family *f, const char *after, const char *const *ids)
{
	struct str to = STR_INIT, page = STR_INIT;
	char text[1024], post[64];
	str_addf(&to, GET_MENTIONS "types%%5B%%5D=mention&limit=80&min_id=%s ", after);
	char *kept = mem_strdup(to.p);
	vec_push(&f->kept, kept);
	str_addc(&page, '[');
	for (int i = 0; ids[i]; i++) {
		snprintf(post, sizeof post, "post-%s", ids[i]);
		str_addf(&page, "%s%s", i ? "," : "", mention(text, sizeof text, ids[i], post));
	}
	str_addc(&page, ']');
	say_always(f, kept, 200, page.p);
	str_release(&to);
	str_release(&page);
}

static void ids_without_an_order_are_taken_in_the_servers(void **state)
{
	(void)state;
	struct family *f = family_new();
	set_place(f->w, "notifications", UUID_1);
	say_without_streams(f);
	say_page(f, UUID_1, (const char *const[]){UUID_3, UUID_2, NULL});
	say_page(f, UUID_3, (const char *const[]){NULL});
	become_live(f);
	assert_int_equal(f->w->seen.len, 2);
	assert_string_equal(f->w->seen.at[0].id, "post-" UUID_2);
	assert_string_equal(f->w->seen.at[1].id, "post-" UUID_3);
	assert_string_equal(f->w->places.at[0].position, UUID_3);
	forget(f, GET_MENTIONS);
	say_page(f, UUID_3, (const char *const[]){UUID_4, NULL});
	say_page(f, UUID_4, (const char *const[]){NULL});
	advance(f->w, 15000);
	wait_until(f->w, find_seen(f->w, "post-" UUID_4, ITEM_POST));
	assert_string_equal(f->w->places.at[0].position, UUID_4);
	assert_int_equal(f->w->gaps, 0);
	family_free(f);
}

static void a_server_that_pages_in_a_circle_is_not_followed_around(void **state)
{
	(void)state;
	struct family *f = family_new();
	set_place(f->w, "notifications", UUID_1);
	say_without_streams(f);
	say_page(f, UUID_1, (const char *const[]){UUID_3, UUID_2, NULL});
	say_page(f, UUID_3, (const char *const[]){UUID_3, UUID_2, NULL});
	become_live(f);
	assert_int_equal(times_asked(f, GET_MENTIONS), 2);
	assert_string_equal(f->w->places.at[0].position, UUID_3);
	family_free(f);
}

static void an_id_that_needs_it_is_encoded(void **state)
{
	(void)state;
	struct family *f = family_new();
	set_place(f->w, "notifications", "a/b=c&d");
	say_without_streams(f);
	say_page(f, "a%2Fb%3Dc%26d", (const char *const[]){"x?y", NULL});
	say_page(f, "x%3Fy", (const char *const[]){NULL});
	become_live(f);
	assert_non_null(find_seen(f->w, "post-x?y", ITEM_POST));
	family_free(f);
}

static void ids_of_any_length_are_deleted_by(void **state)
{
	(void)state;
	static const char *const ids[] = {"117132754944000001", "01M80G2S87JRH8RSSH5TRVNFXR", UUID_2,
	        "1760000000.1234567890abcdef0123456789abcde"};
	struct family *f = family_new();
	say_gotosocial(f);
	say_socket(f, GET_SOCKET);
	say_always(f, GET_MENTIONS, 200, "[]");
	become_live(f);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		char text[160];
		snprintf(text, sizeof text, "{\"stream\":[\"user\"],\"event\":\"delete\",\"payload\":\"%s\"}", ids[i]);
		say_text(f, text);
		wait_until(f->w, find_seen(f->w, ids[i], ITEM_DELETE));
	}
	say_text(f, "{\"event\":\"delete\",\"payload\":\"{\\\"id\\\":\\\"5\\\"}\"}");
	say_text(f, "{\"event\":\"delete\"}");
	say_text(f, "{\"event\":\"delete\",\"payload\":\"6\"}");
	wait_until(f->w, find_seen(f->w, "6", ITEM_DELETE));
	assert_int_equal(f->w->seen.len, 5);
	family_free(f);
}

/* Its own order: what came first of the newest trails behind. */
static void the_position_of_a_stream_trails_also_where_ids_have_no_order(void **state)
{
	(void)state;
	struct family *f = family_new();
	set_place(f->w, "notifications", UUID_1);
	say_gotosocial(f);
	say_socket(f, GET_SOCKET);
	say_always(f, GET_MENTIONS, 200, "[]");
	become_live(f);
	for (int i = 0; i < 9; i++) {
		char id[64], post[64], one[1024];
		snprintf(id, sizeof id, "%d0000000-1111-4222-8333-444444444444", 9 - i);
		snprintf(post, sizeof post, "p%d", i);
		json *message = json_object();
		struct str text = STR_INIT;
		json_set_str(message, "event", "notification");
		json_set_str(message, "payload", mention(one, sizeof one, id, post));
		json_print(message, &text);
		say_text(f, text.p);
		json_free(message);
		str_release(&text);
		wait_until(f->w, find_seen(f->w, post, ITEM_POST));
	}
	assert_string_equal(f->w->places.at[0].position, "80000000-1111-4222-8333-444444444444");
	family_free(f);
}

static void a_time_without_milliseconds_is_a_time(void **state)
{
	(void)state;
	struct family *f = family_new();
	set_place(f->w, "notifications", "100");
	say_without_streams(f);
	say_page(f, "100", (const char *const[]){"101", NULL});
	say_page(f, "101", (const char *const[]){NULL});
	become_live(f);
	int64_t at;
	assert_true(time_parse_rfc3339("2026-11-22T02:06:38.000Z", &at));
	assert_int_equal(find_seen(f->w, "post-101", ITEM_POST)->created_at, at);
	family_free(f);
}

/* --- replies */

static void answered_with(
        struct family *f, int status, const char *head, const char *body, enum call_outcome outcome, const char *words)
{
	struct reply reply = a_reply("01M80HBMFC43BVFRA21JJ7PPYW", "@customer so sorry!", "key");
	say_with(f, "POST /api/v1/statuses", status, head, body, false);
	perform(f->w, &reply);
	if (f->w->outcome != outcome || !strstr(f->w->why, words))
		fail_msg("%d %s: %d (%s)", status, body, (int)f->w->outcome, f->w->why);
}

/* Under the same key Akkoma says again what it said before, also when that was an error: nothing was published. */
static void an_error_that_is_said_again_is_a_refusal(void **state)
{
	(void)state;
	static const char again[] = "idempotent-replayed: true\r\n";
	struct family *f = family_new();
	say_akkoma(f);
	say_socket(f, GET_SOCKET);
	say_always(f, GET_MENTIONS, 200, "[]");
	become_live(f);
	answered_with(f, 500, "", "{\"error\":\"Something went wrong\"}", CALL_UNKNOWN, "Something went wrong");
	answered_with(f, 500, again, "{\"error\":\"Something went wrong\"}", CALL_REFUSED, "Something went wrong");
	answered_with(f, 422, again, "{\"error\":\"Cannot post an empty status without attachments\"}", CALL_REFUSED,
	        "Cannot post an empty status");
	answered_with(f, 403, "", "{\"error\":\"Invalid credentials.\"}", CALL_NO_ACCESS, "");
	family_free(f);
}

static void what_gotosocial_refuses_is_told_in_its_words(void **state)
{
	(void)state;
	struct family *f = family_new();
	say_gotosocial(f);
	say_socket(f, GET_SOCKET);
	say_always(f, GET_MENTIONS, 200, "[]");
	become_live(f);
	assert_int_equal(f->w->limits.max, 500);
	answered_with(f, 400, "", "{\"error\":\"Bad Request: text with spoiler exceed max chars (500)\"}", CALL_REFUSED,
	        "text with spoiler exceed max chars (500)");
	answered_with(f, 404, "", "{\"error\":\"Not Found: target status not found\"}", CALL_GONE, "");
	answered_with(f, 503, "Retry-After: 30\r\n", "{\"error\":\"server capacity exceeded\"}", CALL_UNKNOWN, "");
	family_free(f);
}

static void a_reply_in_doubt_is_found_by_what_gotosocial_keeps_of_its_text(void **state)
{
	(void)state;
	struct family *f = family_new();
	struct str ours = family_data("mastodon/gts_reply.json"), list = STR_INIT;
	struct reply reply = a_reply("01M80HBMFC43BVFRA21JJ7PPYW", "@customer so sorry!", "key");
	assert_true(time_parse_rfc3339("2026-11-22T02:28:57.000Z", &reply.created_at));
	say_gotosocial(f);
	say_socket(f, GET_SOCKET);
	say_always(f, GET_MENTIONS, 200, "[]");
	str_addf(&list, "[%s]", ours.p);
	say_always(f, "GET /api/v1/accounts/01F58KPHKNVJGR67V1EP8TG29H/statuses?", 200, list.p);
	become_live(f);
	find(f->w, &reply);
	assert_int_equal(f->w->outcome, CALL_OK);
	assert_int_equal(f->w->count, 1);
	assert_string_equal(f->w->published, "01M80HBNEYCVJ7FHS1R8FXJ2PV");
	reply.text = "@customer so very sorry!";
	say_always(
	        f, "GET /api/v1/statuses/01M80HBNEYCVJ7FHS1R8FXJ2PV/source", 200, "{\"text\":\"@customer so sorry!\"}");
	say_always(f, "GET /api/v1/statuses/01M80HBMFC43BVFRA21JJ7PPYW/context", 200,
	        "{\"ancestors\":[],\"descendants\":[]}");
	find(f->w, &reply);
	assert_int_equal(f->w->outcome, CALL_OK);
	assert_int_equal(f->w->count, 0);
	str_release(&ours);
	str_release(&list);
	family_free(f);
}

#define test(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(ids_without_an_order_are_taken_in_the_servers),
	        test(a_server_that_pages_in_a_circle_is_not_followed_around),
	        test(an_id_that_needs_it_is_encoded),
	        test(ids_of_any_length_are_deleted_by),
	        test(the_position_of_a_stream_trails_also_where_ids_have_no_order),
	        test(a_time_without_milliseconds_is_a_time),
	        test(an_error_that_is_said_again_is_a_refusal),
	        test(what_gotosocial_refuses_is_told_in_its_words),
	        test(a_reply_in_doubt_is_found_by_what_gotosocial_keeps_of_its_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
