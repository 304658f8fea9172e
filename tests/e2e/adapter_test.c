/* A network that a program connects, at the desk: curlew-replay, with what customers say in one file and what agents
 * say in another. */
#include "core/base/paths.h"
#include "core/base/timefmt.h"
#include "core/courier/deliver.h"
#include "tests/e2e/e2e.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct place {
	char dir[32], said[64], replies[64], pid[64], script[64], done[64], account[300];
};

/* Stands between the courier and the adapter, and kills the courier the first time that a reply goes by. */
#define DEADLY                                                                                                         \
	"while IFS= read -r line; do\n"                                                                                \
	"case $line in *'\"type\":\"reply\"'*) [ -s \"$0.done\" ] || { echo done > \"$0.done\"; kill -9 $PPID; };; "   \
	"esac\n"                                                                                                       \
	"printf '%s\\n' \"$line\"\n"                                                                                   \
	"done | "

/* Where curlew-replay reads and writes. before: what the shell that starts it does first. */
static void prepare(struct place *place, const char *before)
{
	char *program = world_program("curlew"), *slash = strrchr(program, '/');
	snprintf(place->dir, sizeof place->dir, "/tmp/curlew-replay-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	snprintf(place->said, sizeof place->said, "%s/said", place->dir);
	snprintf(place->replies, sizeof place->replies, "%s/replies", place->dir);
	snprintf(place->pid, sizeof place->pid, "%s/pid", place->dir);
	snprintf(place->script, sizeof place->script, "%s/script", place->dir);
	snprintf(place->done, sizeof place->done, "%s/script.done", place->dir);
	snprintf(place->account, sizeof place->account, "command = exec sh %s\n", place->script);
	*slash = '\0';
	FILE *file = fopen(place->script, "w");
	assert_non_null(file);
	fprintf(file, "echo $$ > %s\n%sexec %s/../curlew-replay --speed all --replies %s %s\n", place->pid, before,
	        program, place->replies, place->said);
	fclose(file);
	free(program);
}

static void clear(struct place *place)
{
	unlink(place->said);
	unlink(place->replies);
	unlink(place->pid);
	unlink(place->script);
	unlink(place->done);
	rmdir(place->dir);
}

static void says(const struct place *place, const char *id, const char *from, const char *text)
{
	char at[32];
	FILE *file = fopen(place->said, "a");
	assert_non_null(file);
	time_format_rfc3339((int64_t)time(NULL) * 1000, at, sizeof at);
	fprintf(file, "{\"remote_id\":\"%s\",\"author\":{\"handle\":\"%s\"},\"text\":\"%s\",\"created_at\":\"%s\"}\n",
	        id, from, text, at);
	fclose(file);
}

static struct str content(const char *path)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	file_read(path, &bytes, &err);
	return bytes;
}

static int lines_with(const char *path, const char *text)
{
	struct str bytes = content(path);
	int count = 0;
	for (const char *at = bytes.p; (at = strstr(at, text)); at++)
		count++;
	str_release(&bytes);
	return count;
}

static pid_t adapter_pid(const struct place *place)
{
	struct str bytes = content(place->pid);
	pid_t pid = (pid_t)strtol(bytes.p, NULL, 10);
	str_release(&bytes);
	assert_true(pid > 1);
	return pid;
}

static bool replied(void *arg)
{
	return lines_with(((struct place *)arg)->replies, "Ours is on its way") > 0;
}

static struct world *open_world(void **state, struct place *place)
{
	return world_new(state, &(struct world_options){.network = "adapter", .account = place->account});
}

static void what_an_adapter_brings_is_answered_through_it(void **state)
{
	struct place place;
	char kase[32];
	prepare(&place, "");
	says(&place, "1", "@sam", "my kettle came without its lid");
	struct world *world = open_world(state, &place);
	struct screen *desk = world_desk(world, "alice");
	screen_expect(desk, "without its lid");
	world_case_of(world, "@sam", kase);
	send_reply(world, desk, "Ours is on its way.");
	world_advance(world, UNDO_WINDOW_MS);
	world_expect(world, replied, &place);
	world_expect_case(world, kase, "status", "waiting");
	assert_int_equal(lines_with(place.replies, "\"parent\":\"1\""), 1);
	assert_int_equal(world_shown(world, kase, "post", "Ours is on its way."), 1);
	clear(&place);
}

/* The courier dies when the reply has reached the adapter, and before it was told so: the next one asks for it. */
static void a_courier_killed_before_an_adapter_answers_asks_for_the_reply_and_does_not_say_it_twice(void **state)
{
	struct place place;
	char kase[32];
	prepare(&place, DEADLY);
	says(&place, "1", "@sam", "my kettle came without its lid");
	struct world *world = open_world(state, &place);
	struct screen *desk = world_desk(world, "alice");
	screen_expect(desk, "without its lid");
	world_case_of(world, "@sam", kase);
	send_reply(world, desk, "Ours is on its way.");
	world_advance(world, UNDO_WINDOW_MS);
	screen_expect(desk, "the courier has ended; it is being started again");
	world_expect(world, replied, &place);
	world_expect_text_soon(world, desk, "it is looked for");
	world_advance(world, DELIVER_DOUBT_MS);
	world_expect_text_soon(world, desk, "sent, public");
	assert_int_equal(lines_with(place.replies, "Ours is on its way"), 1);
	assert_int_equal(world_shown(world, kase, "post", "Ours is on its way."), 1);
	clear(&place);
}

static void an_adapter_that_dies_is_told_on_the_top_line_and_comes_back_without_doubles(void **state)
{
	struct place place;
	char kase[32];
	prepare(&place, "");
	says(&place, "1", "@sam", "my kettle came without its lid");
	struct world *world = open_world(state, &place);
	struct screen *desk = world_desk(world, "alice");
	screen_expect(desk, "without its lid");
	says(&place, "2", "@kim", "and mine has two of them");
	kill(adapter_pid(&place), SIGKILL);
	world_expect_text_soon(world, desk, "two of them");
	world_case_of(world, "@sam", kase);
	assert_int_equal(world_shown(world, kase, "post", "without its lid"), 1);
	screen_expect(desk, SAYS_LIVE);
	clear(&place);
}

static void an_account_whose_adapter_is_none_says_so(void **state)
{
	struct world *world = world_new(
	        state, &(struct world_options){.network = "adapter", .account = "command = echo Hello; sleep 1000\n"});
	struct run_result result;
	world_run(world, &result, "check", NULL);
	assert_int_equal(result.status, 1);
	assert_non_null(strstr(result.out.p, "account acme: failed: what the adapter says first is not hello"));
	run_result_release(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(what_an_adapter_brings_is_answered_through_it),
	        E2E(a_courier_killed_before_an_adapter_answers_asks_for_the_reply_and_does_not_say_it_twice),
	        E2E(an_adapter_that_dies_is_told_on_the_top_line_and_comes_back_without_doubles),
	        E2E(an_account_whose_adapter_is_none_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
