/* The line between desk and terminal: what arrives costs it little, keys come first, and one that is slow, full or cut
 * stops nothing. Limits are in bytes; where time is real, they are measured in it. */
#include "core/base/paths.h"
#include "tests/e2e/e2e.h"

#include <dirent.h>
#include <poll.h>

enum {
	KBIT_256 = 256000 / 8, /* bytes a second */
	ARRIVALS_A_SECOND = 4096,
	PTY_READS = 4096, /* of that, what it has passed on already */
	RESET_MOST = 200,
	PTY_HOLDS = 128 * 1024, /* more than the kernel keeps for a terminal that does not read */
	DAY_MIN = 24 * 60,
	MINUTE_BYTES = 24,  /* the clock of the top line, and of a row */
	MINUTE_WAKEUPS = 25 /* … and the questions what has become late */
};

static void burst(struct world *world, int count)
{
	char body[32];
	snprintf(body, sizeof body, "{\"count\":%d}", count);
	world_control(world, "burst", body);
}

static void a_flood_costs_the_line_little(void **state)
{
	enum { FLOOD_MS = 2000, EACH = 100, EACH_MS = 50 };
	struct world *world = world_new(state, &(struct world_options){.real_time = true});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(desk, SAYS_DESK_KEYS);
	uint64_t before = screen_bytes(desk);
	int64_t start = world_real_ms();
	int said = 0;
	for (; world_real_ms() < start + FLOOD_MS; said += EACH) {
		burst(world, EACH);
		for (int64_t end = world_real_ms() + EACH_MS; world_real_ms() < end;)
			screen_pump(desk, EACH_MS / 10);
	}
	uint64_t bytes = screen_bytes(desk) - before, elapsed = (uint64_t)(world_real_ms() - start);
	print_message("           %d mentions, %d bytes in %d ms\n", said, (int)bytes, (int)elapsed);
	assert_true(bytes > 0);
	assert_true(bytes <= ARRIVALS_A_SECOND * elapsed / 1000);
}

/* Ahead of each echo stands at most what is left of one repaint: that is how long it takes on any line. */
static void keys_are_echoed_over_a_slow_line_while_a_flood_arrives(void **state)
{
	enum { KEYS = 12, AHEAD_MOST = 4096 };
	struct world *world = world_new(state, &(struct world_options){.real_time = true});
	struct screen *desk = world_desk(world, "alice");
	char typed[KEYS + 1] = "";
	uint64_t all = 0;
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_line(desk, KBIT_256);
	for (int i = 0; i < KEYS; i++) {
		burst(world, 100);
		typed[i] = (char)('A' + i);
		uint64_t before = screen_bytes(desk);
		screen_send_bytes(desk, typed + i, 1);
		screen_expect(desk, typed);
		all += screen_bytes(desk) - before;
		screen_expect_that(desk, screen_bytes(desk) - before <= AHEAD_MOST);
	}
	print_message("           %d bytes for %d keys\n", (int)all, KEYS);
	assert_true(all <= 1000 * KEYS);
}

/* Nobody reads until the desk can write no more. */
static void fill_the_terminal(struct screen *desk)
{
	enum { ROUNDS_MOST = 20000 };
	for (int i = 0; !screen_full(desk) && i < ROUNDS_MOST; i++) {
		screen_send(desk, "\014"); /* draws it anew */
		poll(NULL, 0, 1);
	}
	assert_true(screen_full(desk));
}

static void a_terminal_that_reads_again_is_shown_the_newest_screen_not_what_it_missed(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	char text[64];
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(desk, SAYS_DESK_KEYS);
	uint64_t before = screen_bytes(desk);
	fill_the_terminal(desk);
	for (int i = 0; i < 200; i++)
		screen_send(desk, "\014");
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "@acme missed %d.", i);
		world_post(world, "swift", text, NULL, NULL);
	}
	screen_send(desk, "l");
	screen_expect(desk, "missed 19.");
	assert_true(screen_bytes(desk) - before <= PTY_HOLDS);
}

static void a_signal_ends_a_desk_whose_terminal_does_not_read_and_restores_it(void **state)
{
	static const int numbers[] = {SIGTERM, SIGHUP};
	struct world *world = world_new(state, &(struct world_options){0});
	struct termios before, after;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct screen *desk = world_desk(world, "alice");
		screen_modes(desk, &before);
		fill_the_terminal(desk);
		uint64_t read = screen_bytes(desk);
		kill(screen_pid(desk), numbers[i]);
		while (kill(screen_pid(desk), 0) == 0) /* and still nobody reads */
			poll(NULL, 0, 1);
		assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
		assert_int_equal(screen_status(desk), 0);
		screen_modes(desk, &after);
		assert_true(after.c_lflag & ECHO && !(before.c_lflag & ECHO));
		screen_pump(desk, 0);
		screen_expect_that(desk, !screen_alternate(desk));
		screen_expect_that(desk, screen_cursor_visible(desk));
		screen_expect_that(desk, !screen_bracketed_paste(desk));
		assert_true(screen_bytes(desk) - read <= PTY_READS + RESET_MOST);
		world_desk_close(world, desk);
	}
}

static void a_terminal_that_goes_while_it_is_written_to_loses_no_draft(void **state)
{
	char kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, kase);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	fill_the_terminal(desk);
	screen_send(desk, "We are looking for it now");
	/* The first character claims the case: then the desk has read them all. */
	char *owner;
	while (owner = world_case_field(world, kase, "assignee"), !str_eq(owner, "alice"))
		free(owner);
	free(owner);
	screen_hang_up(desk);
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	assert_true(WIFEXITED(screen_status(desk)));
	world_desk_close(world, desk);
	desk = world_desk(world, "alice");
	screen_expect(desk, "We are looking for it now");
}

/* Of all threads: how often they have waited. */
static int64_t wakeups(pid_t pid)
{
	int64_t all = 0, number;
	struct str path = STR_INIT, text = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "/proc/%ld/task", (long)pid);
	DIR *tasks = opendir(path.p);
	assert_non_null(tasks);
	for (struct dirent *task; (task = readdir(tasks));) {
		if (*task->d_name == '.')
			continue;
		str_clear(&path);
		str_clear(&text);
		str_addf(&path, "/proc/%ld/task/%s/status", (long)pid, task->d_name);
		assert_int_equal(file_read(path.p, &text, &err), 0);
		const char *line = strstr(text.p, "\nvoluntary_ctxt_switches:");
		assert_non_null(line);
		line += strcspn(line, "\t") + 1;
		text.p[(size_t)(line - text.p) + strcspn(line, "\n")] = '\0';
		assert_true(parse_i64(line, &number));
		all += number;
	}
	closedir(tasks);
	str_release(&path);
	str_release(&text);
	return all;
}

struct minute {
	struct screen *desk;
	char *top; /* the top line as it was; heap */
};

static bool minute_passed(void *arg)
{
	struct minute *minute = arg;
	char *top = screen_row_text(minute->desk, 0);
	bool passed = !str_eq(top, minute->top);
	free(top);
	return passed;
}

/* The courier stands still: its stream, in real time, would not know of that day. */
static void a_day_of_an_idle_desk_costs_its_clocks(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(desk, SAYS_DESK_KEYS);
	pid_t courier = world_courier(world);
	kill(courier, SIGSTOP);
	uint64_t bytes = screen_bytes(desk);
	int64_t woken = wakeups(screen_pid(desk));
	for (int i = 0; i < DAY_MIN; i++) {
		struct minute minute = {desk, screen_row_text(desk, 0)};
		world_advance(world, 60000);
		assert_true(screen_wait_until(desk, minute_passed, &minute, SCREEN_PATIENCE_MS));
		free(minute.top);
	}
	bytes = screen_bytes(desk) - bytes;
	woken = wakeups(screen_pid(desk)) - woken;
	kill(courier, SIGCONT);
	print_message("           %d bytes, %d wakeups\n", (int)bytes, (int)woken);
	screen_expect_that(desk, bytes <= DAY_MIN * MINUTE_BYTES);
	screen_expect_that(desk, woken <= DAY_MIN * MINUTE_WAKEUPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_flood_costs_the_line_little),
	        E2E(keys_are_echoed_over_a_slow_line_while_a_flood_arrives),
	        E2E(a_terminal_that_reads_again_is_shown_the_newest_screen_not_what_it_missed),
	        E2E(a_signal_ends_a_desk_whose_terminal_does_not_read_and_restores_it),
	        E2E(a_terminal_that_goes_while_it_is_written_to_loses_no_draft),
	        E2E(a_day_of_an_idle_desk_costs_its_clocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
