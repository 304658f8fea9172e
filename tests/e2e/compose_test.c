/* What goes out beside the text, through the real programs: files with their descriptions, several posts, macros. */
#include "tests/e2e/e2e.h"

#include "core/base/paths.h"

#define CTRL_T "\024"

static void begin(struct screen *desk)
{
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
}

/* On the command line over the text. */
static void command(struct screen *desk, const char *line)
{
	screen_send(desk, CTRL_T);
	screen_expect_gone(desk, "^X send");
	screen_send(desk, line);
	screen_expect(desk, line);
	screen_send(desk, ENTER);
}

static void confirm(struct world *world, struct screen *desk)
{
	screen_send(desk, CTRL_X);
	screen_expect(desk, SAYS_SEND_BAR);
	screen_send(desk, CTRL_G); /* heard even while the bar is deaf: all before it has been dealt with */
	screen_expect(desk, "nothing is held");
	world_advance(world, DEAF_MS);
	screen_send(desk, ENTER);
	screen_expect(desk, "held 20s");
	screen_expect(desk, "nobody else waits");
}

static char *write_file(const struct world *world, const char *name)
{
	static const char bytes[] = "\211PNG\r\n\032\n and what else a picture is";
	struct err err = ERR_INIT;
	char *path = path_join(world->dir, name);
	assert_int_equal(file_write_atomic(path, bytes, sizeof bytes - 1, 0600, &err), 0);
	return path;
}

static void a_file_reaches_the_network_with_its_description(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme how do I send it back", (char[32]){0}, NULL);
	char *path = write_file(world, "label.png");
	struct str line = STR_INIT;
	str_addf(&line, "attach %s", path);
	begin(desk);
	screen_send(desk, "Put this on it.");
	command(desk, line.p);
	screen_expect(desk, "what label.png shows");
	screen_send(desk, "the label with your name");
	screen_send(desk, ENTER);
	screen_expect(desk, "label.png \"the label with your name\"");
	confirm(world, desk);
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_sent(world, "Put this on it.", 1);
	json *sent = world_sent_status(world, "Put this on it.");
	const json *media = json_first(json_get(sent, "media_attachments"));
	assert_non_null(media);
	assert_string_equal(json_str_or(media, "description", ""), "the label with your name");
	json_free(sent);
	str_release(&line);
	free(path);
}

static void a_file_that_is_gone_fails_the_reply_which_keeps_its_text(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme how do I send it back", (char[32]){0}, NULL);
	char *path = write_file(world, "label.png");
	struct str line = STR_INIT;
	str_addf(&line, "attach %s", path);
	begin(desk);
	screen_send(desk, "Put this on it.");
	command(desk, line.p);
	screen_expect(desk, "what label.png shows");
	screen_send(desk, "the label");
	screen_send(desk, ENTER);
	screen_expect(desk, "label.png \"the label\"");
	confirm(world, desk);
	remove(path);
	world_advance(world, UNDO_WINDOW_MS);
	screen_expect(desk, "label.png: No such file");
	screen_send(desk, "go");
	screen_expect(desk, "failed: label.png: No such file");
	assert_int_equal(world_sent(world, "Put this on it."), 0);
	screen_send(desk, ENTER);
	screen_expect(desk, "makes it a draft again");
	screen_send(desk, ENTER);
	screen_expect(desk, SAYS_COMPOSER);
	screen_expect(desk, "label.png \"the label\"");
	str_release(&line);
	free(path);
}

static void a_long_reply_arrives_as_a_thread_in_order(void **state)
{
	char status[32], kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme tell me everything", status, kase);
	begin(desk);
	for (int i = 0; i < 25; i++) {
		struct str sentence = STR_INIT;
		str_addf(&sentence, "This is the sentence with the number %d of all. ", i);
		screen_send(desk, sentence.p);
		str_release(&sentence);
	}
	screen_expect(desk, "number 24 of all.");
	command(desk, "split");
	screen_expect(desk, "goes out as 3 posts");
	confirm(world, desk);
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_sent(world, "3/3", 1);
	const char *parent = status;
	char last[32] = "";
	for (int part = 1; part <= 3; part++) {
		char number[16];
		snprintf(number, sizeof number, "%d/3 ", part);
		assert_int_equal(world_sent(world, number), 1);
		json *sent = world_sent_status(world, number);
		assert_string_equal(json_str_or(sent, "in_reply_to_id", ""), parent);
		str_copy(last, sizeof last, json_str_or(sent, "id", ""));
		parent = last;
		json_free(sent);
	}
	world_expect_case(world, kase, "status", "waiting");
}

/* The server sends it to whoever the text names. */
static void whom_a_private_reply_names_reads_it_once_that_is_confirmed(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme where is my parcel", (char[32]){0}, NULL);
	screen_send(desk, "R");
	screen_expect(desk, "o other");
	screen_send(desk, "o");
	screen_expect(desk, "private to @swift@ferry.example");
	screen_send(desk, "We asked @tern@ferry.example for it.");
	screen_send(desk, CTRL_X);
	screen_expect(desk, "@tern@ferry.example would read it, too");
	screen_send(desk, CTRL_G); /* heard even while the bar is deaf */
	screen_expect(desk, "nothing is held");
	world_advance(world, DEAF_MS);
	screen_send(desk, ENTER);
	screen_expect(desk, "^Y sends although");
	screen_send(desk, CTRL_Y);
	screen_expect(desk, "held 20s");
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_sent(world, "@tern@ferry.example", 1);
	json *sent = world_sent_status(world, "@tern@ferry.example");
	assert_string_equal(json_str_or(sent, "visibility", ""), "direct");
	json_free(sent);
}

/* One cluster since Unicode 15.1, two before: servers tell neither. */
static void a_number_that_the_server_may_count_otherwise_is_about(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme where is my parcel", (char[32]){0}, NULL);
	begin(desk);
	screen_send(desk, "x");
	screen_expect(desk, "══ 494 ══");
	screen_send(desk, "\340\244\225\340\245\215\340\244\267");
	screen_send(desk, CTRL_X);
	screen_expect(desk, SAYS_SEND_BAR);
	screen_expect(desk, "~491 left");
}

static void a_macro_that_publishes_stops_the_desk_before_it_starts(void **state)
{
	struct world *world = world_new(state,
	        &(struct world_options){.more = "[macro shout]\ncommands = tag a; like\n[macro good]\ncommands = "
	                                        "tag refund; reply Sorry about that.\nkey = g\n"});
	struct run_result result;
	world_run(world, &result, "check", NULL);
	assert_int_equal(result.status, 1);
	assert_non_null(strstr(result.out.p, "[macro shout] commands: found like, which publishes"));
	run_result_release(&result);
	struct screen *desk = world_desk_start(world, "alice", 30, 120, NULL);
	screen_expect(desk, "found like, which publishes");
}

static void a_macro_on_its_key_prepares_a_reply(void **state)
{
	struct world *world = world_new(
	        state, &(struct world_options){
	                       .more = "[macro good]\ncommands = tag refund; reply Sorry about that.\nkey = g\n"});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, "@g");
	screen_expect(desk, SAYS_COMPOSER);
	screen_expect(desk, "Sorry about that.");
	screen_expect(desk, "refund");
	world_advance(world, 2 * UNDO_WINDOW_MS);
	assert_int_equal(world_sent(world, "Sorry"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_file_reaches_the_network_with_its_description),
	        E2E(a_file_that_is_gone_fails_the_reply_which_keeps_its_text),
	        E2E(a_long_reply_arrives_as_a_thread_in_order),
	        E2E(whom_a_private_reply_names_reads_it_once_that_is_confirmed),
	        E2E(a_number_that_the_server_may_count_otherwise_is_about),
	        E2E(a_macro_that_publishes_stops_the_desk_before_it_starts),
	        E2E(a_macro_on_its_key_prepares_a_reply),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
