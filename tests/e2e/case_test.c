/* What the team does with a case: tags, escalations, undo; and how it is found again. */
#include "tests/e2e/e2e.h"

#include "core/net/signature.h"

#include "core/base/paths.h"

static void escalate(struct screen *desk, const char *team, const char *why)
{
	ask_and_type(desk, "e", team);
	screen_expect(desk, "why");
	screen_send(desk, why);
	screen_send(desk, ENTER);
	screen_expect(desk, "escalated");
}

static void a_tag_is_in_the_journal_and_undo_takes_it_back(void **state)
{
	char kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, kase);
	ask_and_type(desk, "t", "lost-parcel");
	screen_expect(desk, "lost-parcel");
	world_expect_case(world, kase, "tags", "[\"lost-parcel\"]");
	assert_int_equal(world_shown(world, kase, "action", "lost-parcel"), 1);
	assert_int_equal(world_shown(world, kase, "action", "\"by\":\"alice\""), 1);
	screen_send(desk, "u");
	world_expect_case(world, kase, "tags", "[]");
	screen_send(desk, CTRL_R);
	world_expect_case(world, kase, "tags", "[\"lost-parcel\"]");
}

/* The signature as the receiver of a Standard Webhook computes it. */
static void assert_signed(const struct hook_request *request)
{
	int64_t timestamp = 0;
	struct str wanted = STR_INIT;
	char *id = hook_request_header(request, "webhook-id");
	char *at = hook_request_header(request, "webhook-timestamp");
	char *signature = hook_request_header(request, "webhook-signature");
	assert_non_null(id);
	assert_non_null(signature);
	assert_true(at && parse_i64(at, &timestamp));
	assert_true(signature_webhook(WORLD_SECRET, id, timestamp, request->body.p, request->body.len, &wanted));
	assert_string_equal(signature, wanted.p);
	str_release(&wanted);
	free(id);
	free(at);
	free(signature);
}

static void an_escalation_reaches_the_webhook_signed(void **state)
{
	char kase[32];
	struct hook_request request;
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my refund is stuck", (char[32]){0}, kase);
	escalate(desk, "billing", "stuck since the 2nd");
	assert_true(hook_listener_take(&world->hook, 204, SCREEN_PATIENCE_MS, &request));
	assert_signed(&request);
	json *body = json_parse(request.body.p, request.body.len, NULL);
	const json *data = json_get(body, "data");
	assert_string_equal(json_str_or(body, "type", ""), "case.escalated");
	assert_string_equal(json_str_or(data, "team", ""), "billing");
	assert_string_equal(json_str_or(data, "why", ""), "stuck since the 2nd");
	assert_string_equal(json_str_or(data, "by", ""), "alice");
	assert_string_equal(json_str_or(data, "text", ""), "@acme my refund is stuck");
	json_free(body);
	hook_request_release(&request);
	assert_int_equal(world_shown(world, kase, "action", "stuck since the 2nd"), 1);
	world_expect_case(world, kase, "status", "open");
}

static bool team_was_told(void *arg)
{
	const struct world *world = arg;
	struct str told = STR_INIT;
	struct err err = ERR_INIT;
	bool whole = file_read(world->team_file, &told, &err) == 0 && str_ends(told.p, "\n");
	json *body = whole ? json_parse(told.p, told.len, NULL) : NULL;
	bool right = str_eq(json_str(json_get(body, "data"), "why"), "doorstep");
	json_free(body);
	str_release(&told);
	return right;
}

static void an_escalation_is_given_to_a_command(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme where is it", (char[32]){0}, NULL);
	escalate(desk, "delivery", "doorstep");
	world_expect(world, team_was_told, world);
}

static void search_finds_posts_and_steps_through_them(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme the heron is broken", (char[32]){0}, NULL);
	mention(world, desk, "plover", "@acme where is my order", (char[32]){0}, NULL);
	mention(world, desk, "dunlin", "@acme a heron without legs", (char[32]){0}, NULL);
	screen_expect(desk, "swift  @swift@ferry.example");
	ask_and_type(desk, "/", "heron");
	screen_expect(desk, "dunlin  @dunlin@ferry.example");
	screen_send(desk, "n");
	screen_expect(desk, "swift  @swift@ferry.example");
	screen_send(desk, "N");
	screen_expect(desk, "dunlin  @dunlin@ferry.example");
}

static void what_is_searched_for_in_vain_is_said(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme the heron is broken", (char[32]){0}, NULL);
	ask_and_type(desk, "/", "ostrich");
	screen_expect(desk, "not found: ostrich");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_tag_is_in_the_journal_and_undo_takes_it_back),
	        E2E(an_escalation_reaches_the_webhook_signed),
	        E2E(an_escalation_is_given_to_a_command),
	        E2E(search_finds_posts_and_steps_through_them),
	        E2E(what_is_searched_for_in_vain_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
