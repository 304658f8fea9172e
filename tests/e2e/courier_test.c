/* The courier beside the desk: killed, refused by the server, without a server, without an account. */
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "tests/e2e/e2e.h"

#include <sys/resource.h>

static void a_killed_courier_is_told_of_and_replaced(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.real_time = true});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme before", (char[32]){0}, NULL);
	pid_t first = world_courier(world);
	assert_true(first > 0);
	kill(first, SIGKILL);
	screen_expect(desk, "the courier has ended; it is being started again");
	world_post(world, "plover", "@acme meanwhile", NULL, NULL);
	assert_true(world_wait_courier(world, true));
	assert_int_not_equal(world_courier(world), first);
	screen_expect(desk, "meanwhile");
	screen_expect(desk, SAYS_LIVE);
	char kase[32];
	world_case_of(world, "@plover@ferry.example", kase);
	assert_int_equal(world_shown(world, kase, "post", "meanwhile"), 1);
}

static void the_courier_gives_way_to_desks(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	screen_expect(desk, SAYS_LIVE);
	assert_true(getpriority(PRIO_PROCESS, (id_t)world_courier(world)) >= 5);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)screen_pid(desk)), getpriority(PRIO_PROCESS, 0));
}

static void the_courier_outlives_the_desk_and_two_desks_share_one(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *alice = world_desk(world, "alice");
	pid_t courier = world_courier(world);
	struct screen *bob = world_desk(world, "bob");
	assert_int_equal(world_courier(world), courier);
	kill(screen_pid(alice), SIGKILL);
	kill(screen_pid(bob), SIGKILL);
	assert_true(screen_wait_end(alice, SCREEN_PATIENCE_MS));
	assert_true(screen_wait_end(bob, SCREEN_PATIENCE_MS));
	assert_int_equal(world_courier(world), courier);
}

static void a_wrong_token_is_told_on_the_top_line(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.token = "stale-token"});
	struct screen *desk = world_desk_start(world, "alice", 0, 0, NULL);
	screen_expect(desk, "○ acme");
	screen_expect(desk, "acme needs login: curlew login acme");
	screen_expect_that(desk, screen_row_of(desk, "needs login") == 0);
}

static void a_token_revoked_at_work_is_told_on_the_top_line(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	world_control(world, "token", "{\"revoke\":\"" FAKENET_TOKEN "\"}");
	world_expect_text_soon(world, desk, "acme needs login: curlew login acme");
}

static void a_server_that_is_away_is_told_and_come_back_to(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	world_control(world, "fault", "{\"match\":\"*\",\"times\":-1,\"kind\":\"status 503 html\"}");
	struct screen *desk = world_desk_start(world, "alice", 0, 0, NULL);
	screen_expect(desk, "acme away");
	world_control(world, "fault", "{\"clear\":true}");
	world_expect_text_soon(world, desk, SAYS_LIVE);
}

static void a_host_that_does_not_resolve_is_away(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.server = "https://mastodon.invalid"});
	struct screen *desk = world_desk_start(world, "alice", 0, 0, NULL);
	screen_expect(desk, "acme away");
}

static struct str content(char *path)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	file_read(path, &bytes, &err);
	free(path);
	return bytes;
}

/* The configuration with `text` behind the line `after` ("" at its end), and the courier is asked to read it. */
static void reconfigure(struct world *world, const char *after, const char *text)
{
	struct str bytes = content(mem_strdup(world->config));
	struct err err = ERR_INIT;
	const char *at = *after ? strstr(bytes.p, after) : bytes.p + bytes.len;
	assert_non_null(at);
	str_insert(&bytes, (size_t)(at - bytes.p) + strlen(after), text, strlen(text));
	assert_int_equal(file_write_atomic(world->config, bytes.p, bytes.len, 0600, &err), 0);
	str_release(&bytes);
	kill(world_courier(world), SIGHUP);
}

static bool the_log_says_not_taken(void *arg)
{
	struct str log = content(path_join(((struct world *)arg)->dir, "state/curlew/curlewd.log"));
	bool said = strstr(log.p, "the configuration is not taken, the one from before goes on: ") != NULL;
	str_release(&log);
	return said;
}

static void another_configuration_is_taken_at_a_word_and_a_broken_one_is_not(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	pid_t courier = world_courier(world);
	reconfigure(world, "", "\n[account second]\nnetwork = mastodon\nserver = https://mastodon.invalid\n");
	screen_expect(desk, "second: no token: run curlew login second");
	reconfigure(world, "[account acme]\n", "listen = \"#kettle\"\n");
	screen_expect(desk, SAYS_LIVE);
	world_post(world, "plover", "my #kettle has no lid", NULL, NULL);
	world_expect_text_soon(world, desk, "has no lid");
	reconfigure(world, "[account acme]\n", "lisen = all\n");
	world_expect(world, the_log_says_not_taken, world);
	mention(world, desk, "swift", "@acme still there?", (char[32]){0}, NULL);
	assert_int_equal(world_courier(world), courier);
}

static void a_desk_without_an_account_says_how_to_add_one(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.no_account = true});
	struct screen *desk = world_desk_start(world, "alice", 0, 0, NULL);
	screen_expect(desk, "no account yet: add one to curlew.conf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_killed_courier_is_told_of_and_replaced),
	        E2E(the_courier_gives_way_to_desks),
	        E2E(the_courier_outlives_the_desk_and_two_desks_share_one),
	        E2E(a_wrong_token_is_told_on_the_top_line),
	        E2E(a_token_revoked_at_work_is_told_on_the_top_line),
	        E2E(a_server_that_is_away_is_told_and_come_back_to),
	        E2E(a_host_that_does_not_resolve_is_away),
	        E2E(another_configuration_is_taken_at_a_word_and_a_broken_one_is_not),
	        E2E(a_desk_without_an_account_says_how_to_add_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
