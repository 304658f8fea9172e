/* peers BUILD [PEER...]: what the programs cost that people would use instead, on the same work, as far as they do it:
 * beside curlew's figures, which BUILD/bench.json has of the last run, with the ratio. The table goes to
 * BUILD/peers.md, one line of JSON a number to BUILD/peers.json. A program that is not installed is left out and named.
 */
#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "tests/bench/desk.h"
#include "tests/bench/limits.h"
#include "tests/bench/peers/peer.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STARTS = 7,
	PATIENCE_MS = 30000,
	SOME = 10000,
	MANY = 100000,
	MANY_STARTS = 3,
	IDLE_S = 20,
	RATE_S = 10,
	MOVES = 9,
	LETTERS = 100,
	LINE_LETTERS = 40,
	GAP_MS = 40,
	FIGURES = 64,
	PEERS = 8
};

struct bench {
	const char *build;
	char *root;
	struct load load;
	const struct peer *with[PEERS]; /* those that are there and asked for */
	int count;
	double found[PEERS][FIGURES]; /* by the place of the row in limits.def; NaN: not measured */
};

static void keep(struct bench *bench, int peer, const char *name, double value)
{
	for (size_t i = 0; i < limits_len(); i++)
		if (str_eq(limit_at(i)->name, name))
			bench->found[peer][i] = value;
	printf("%-10s %-32s %12.2f\n", bench->with[peer]->name, name, value);
	fflush(stdout);
}

/* --- starting */

/* NULL, and why on stderr, when it does not get ready: the figure stays empty. */
static struct screen *start_ready(const struct peer *peer, struct spot *spot, int rows, int cols)
{
	struct screen *screen = peer_start(peer, spot, rows, cols);
	if (screen_wait(screen, peer_ready(peer, spot), PATIENCE_MS))
		return screen;
	fprintf(stderr, "peers: %s is not ready after %d s\n", peer->name, PATIENCE_MS / 1000);
	screen_dump(screen);
	screen_free(screen);
	return NULL;
}

static struct screen *start_quiet(const struct peer *peer, struct spot *spot, int rows, int cols)
{
	struct screen *screen = start_ready(peer, spot, rows, cols);
	if (screen)
		settle(screen);
	return screen;
}

static double time_starts(const struct peer *peer, struct spot *spot, int starts)
{
	series times = {0};
	for (int i = 0; i < starts; i++) {
		int64_t begin = now_us();
		struct screen *screen = start_ready(peer, spot, ROWS, COLS);
		if (!screen)
			return NAN;
		vec_push(&times, (double)(now_us() - begin) / 1000);
		screen_free(screen);
	}
	double median = series_share(&times, 0.5);
	vec_release(&times);
	return median;
}

static void measure_rss(struct bench *bench, int at, struct spot *spot, const char *name)
{
	struct screen *screen = start_quiet(bench->with[at], spot, ROWS, COLS);
	if (screen)
		keep(bench, at, name, memory_of(screen_pid(screen)).rss / 1024);
	screen_free(screen);
}

static bool needs_server(const struct peer *peer)
{
	return !peer->chats && !peer->lists;
}

static int port_of(const struct bench *bench)
{
	return (int)strtol(strrchr(bench->load.url, ':') + 1, NULL, 10);
}

/* With so many stored. The first run makes files, and is not timed; NaN when it does not even start. */
static void measure_stored(struct bench *bench, int at, int stored, const char *start, const char *rss)
{
	const struct peer *peer = bench->with[at];
	struct spot spot;
	spot_init(&spot, bench->root, peer, stored, needs_server(peer) ? port_of(bench) : 0);
	if (!isnan(time_starts(peer, &spot, 1))) {
		keep(bench, at, start, time_starts(peer, &spot, stored ? MANY_STARTS : STARTS));
		if (rss)
			measure_rss(bench, at, &spot, rss);
	}
	spot_release(&spot);
}

static void measure_start(struct bench *bench, int at)
{
	measure_stored(bench, at, 0, "start-0", "desk-rss-0");
	if (!bench->with[at]->lists)
		return;
	measure_stored(bench, at, SOME, "start-10000", NULL);
	measure_stored(bench, at, MANY, "start-1000000", "desk-rss-1000000");
}

/* --- bytes */

static double key_bytes(struct screen *screen, const char *keys)
{
	series bytes = {0};
	for (; *keys; keys++) {
		screen_send_bytes(screen, keys, 1);
		vec_push(&bytes, (double)settle(screen));
	}
	double median = series_share(&bytes, 0.5);
	vec_release(&bytes);
	return median;
}

static void measure_bytes(struct bench *bench, int at, int rows, int cols)
{
	const struct peer *peer = bench->with[at];
	struct spot spot;
	char name[48];
	if (!peer->lists && !peer->chats)
		return;
	spot_init(&spot, bench->root, peer, peer->lists ? 100 : 0, 0);
	struct screen *screen = start_quiet(peer, &spot, rows, cols);
	if (screen && peer->lists) {
		screen_send(screen, str_or(peer->into_list, ""));
		settle(screen);
		screen_send(screen, "kkk");
		settle(screen);
		snprintf(name, sizeof name, "move-bytes-%dx%d", cols, rows);
		keep(bench, at, name, key_bytes(screen, "jjjjkkjjk"));
	} else if (screen && peer->chats) {
		snprintf(name, sizeof name, "typed-bytes-%dx%d", cols, rows);
		keep(bench, at, name, key_bytes(screen, "Welookintoit."));
	}
	screen_free(screen);
	spot_release(&spot);
}

/* --- leaving */

static void measure_signal(struct bench *bench, int at, int number, const char *name)
{
	const struct peer *peer = bench->with[at];
	struct spot spot;
	struct str bytes = STR_INIT;
	char row[32];
	spot_init(&spot, bench->root, peer, peer->lists ? 100 : 0, needs_server(peer) ? port_of(bench) : 0);
	struct termios before = fresh_modes();
	struct screen *screen = peer_start(peer, &spot, ROWS, COLS);
	screen_record(screen, &bytes);
	if (screen_wait(screen, peer_ready(peer, &spot), PATIENCE_MS)) {
		settle(screen);
		int64_t begin = now_us();
		kill(screen_pid(screen), number);
		bool ended = screen_wait_end(screen, SCREEN_PATIENCE_MS);
		snprintf(row, sizeof row, "%s-ms", name);
		keep(bench, at, row, ended ? (double)(now_us() - begin) / 1000 : NAN);
		snprintf(row, sizeof row, "%s-broken", name);
		keep(bench, at, row, broken_modes(screen, &before, &bytes));
	}
	screen_free(screen);
	str_release(&bytes);
	spot_release(&spot);
}

/* --- the flood */

/* In the channel; false: it does not get there. */
static bool join(struct bench *bench, struct screen *screen)
{
	for (int64_t end = now_us() + (int64_t)SCREEN_PATIENCE_MS * 1000; now_us() < end;) {
		screen_send(screen, "/join #load\r");
		watch_for(screen, 1000);
		if (load_state(&bench->load).streams > 0)
			return true;
	}
	screen_dump(screen);
	return false;
}

static struct screen *online(struct bench *bench, int at, struct spot *spot, const char *const *line)
{
	const struct peer *peer = bench->with[at];
	spot_init(spot, bench->root, peer, 0, port_of(bench));
	spot->line = line;
	struct screen *screen = peer_start(peer, spot, ROWS, COLS);
	watch_for(screen, 1000);
	if (join(bench, screen)) {
		settle(screen);
		return screen;
	}
	fprintf(stderr, "peers: %s does not join\n", peer->name);
	screen_free(screen);
	return NULL;
}

static void measure_keys(
        struct bench *bench, int at, struct screen *screen, int per_second, int letters, const char *stem)
{
	series times = {0};
	char name[48];
	int row, col;
	load_rate(&bench->load, 0);
	watch_for(screen, 1000);
	empty_line(screen, &row, &col);
	load_rate(&bench->load, per_second);
	watch_for(screen, 2000);
	if (!type_letters(screen, row, col, letters, GAP_MS, &times))
		fprintf(stderr, "peers: %s shows keys after 10 s or never\n", bench->with[at]->name);
	snprintf(name, sizeof name, "%s-p50", stem);
	keep(bench, at, name, series_share(&times, 0.5));
	snprintf(name, sizeof name, "%s-p99", stem);
	keep(bench, at, name, series_share(&times, 0.99));
	load_rate(&bench->load, 0);
	vec_release(&times);
}

static void measure_flood(struct bench *bench, int at)
{
	struct spot spot;
	struct screen *screen = online(bench, at, &spot, NULL);
	if (screen) {
		load_rate(&bench->load, 100);
		watch_for(screen, 1000);
		double work = work_of(screen_pid(screen));
		watch_for(screen, RATE_S * 1000);
		keep(bench, at, "desk-cpu-100", (work_of(screen_pid(screen)) - work) / RATE_S / 10);
		load_rate(&bench->load, 1000);
		watch_for(screen, 1000);
		uint64_t bytes = screen_bytes(screen);
		watch_for(screen, RATE_S * 1000);
		keep(bench, at, "line-bytes", (double)(screen_bytes(screen) - bytes) / RATE_S);
		measure_keys(bench, at, screen, 1000, LETTERS, "key-1000");
		measure_keys(bench, at, screen, 5000, LETTERS, "key-5000");
	}
	screen_free(screen);
	spot_release(&spot);
}

static void measure_slow_line(struct bench *bench, int at)
{
	struct spot spot;
	char program[512];
	snprintf(program, sizeof program, "%s/slowline", bench->build);
	const char *const line[] = {program, slow_line[0], slow_line[1], NULL};
	struct screen *screen = online(bench, at, &spot, line);
	if (screen)
		measure_keys(bench, at, screen, 1000, LINE_LETTERS, "key-line");
	screen_free(screen);
	spot_release(&spot);
}

/* --- idleness, all at the same time */

static void measure_idle(struct bench *bench)
{
	struct spot spots[PEERS];
	struct screen *screens[PEERS];
	int64_t wakeups[PEERS];
	uint64_t bytes[PEERS];
	for (int at = 0; at < bench->count; at++) {
		const struct peer *peer = bench->with[at];
		if (peer->chats) {
			screens[at] = online(bench, at, &spots[at], NULL);
			continue;
		}
		spot_init(
		        &spots[at], bench->root, peer, peer->lists ? 100 : 0, needs_server(peer) ? port_of(bench) : 0);
		screens[at] = start_quiet(peer, &spots[at], ROWS, COLS);
	}
	await_minute();
	for (int at = 0; at < bench->count; at++) {
		if (screens[at])
			settle(screens[at]);
		wakeups[at] = screens[at] ? switches_of(screen_pid(screens[at])) : 0;
		bytes[at] = screens[at] ? screen_bytes(screens[at]) : 0;
	}
	for (int64_t end = now_us() + (int64_t)IDLE_S * 1000000; now_us() < end;)
		for (int at = 0; at < bench->count; at++)
			if (screens[at])
				screen_pump(screens[at], 10);
	for (int at = 0; at < bench->count; at++) {
		if (screens[at]) {
			keep(bench, at, "idle-wakeups", (double)(switches_of(screen_pid(screens[at])) - wakeups[at]));
			keep(bench, at, "idle-bytes", (double)(screen_bytes(screens[at]) - bytes[at]));
		}
		screen_free(screens[at]);
		spot_release(&spots[at]);
	}
}

/* --- installed */

static void measure_installed(struct bench *bench, int at)
{
	double value;
	char *text =
	        place_output((const char *[]){"/bin/sh", "tests/bench/installed.sh", bench->with[at]->package, NULL});
	if (sscanf(text, "installed %lf", &value) == 1)
		keep(bench, at, "installed", value);
	free(text);
}

/* --- the table */

/* curlew's, of the last line with this name. */
static double ours(const struct str *lines, const char *name)
{
	double value = NAN;
	for (const char *line = lines->p; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		json *row = json_parse(line, strcspn(line, "\n"), NULL);
		if (str_eq(json_str(row, "name"), name))
			value = strtod(json_str_or(row, "value", "nan"), NULL);
		json_free(row);
	}
	return value;
}

static void add_cell(struct str *table, double value, double own)
{
	if (isnan(value))
		str_adds(table, " – |");
	else if (isnan(own) || own <= 0 || value <= 0)
		str_addf(table, " %.4g |", value);
	else
		str_addf(table, " %.4g (%.3g x) |", value, value / own);
}

static void add_figure(struct bench *bench, size_t i, double own, struct str *table, struct str *lines)
{
	const struct limit *limit = limit_at(i);
	bool any = false;
	for (int at = 0; at < bench->count; at++)
		any |= !isnan(bench->found[at][i]);
	if (!any)
		return;
	str_addf(table, "| %s%s%s |", limit->what, *limit->unit ? ", " : "", limit->unit);
	add_cell(table, own, NAN);
	for (int at = 0; at < bench->count; at++) {
		double value = bench->found[at][i];
		add_cell(table, value, own);
		if (isnan(value))
			continue;
		json *row = json_object();
		struct str number = STR_INIT;
		str_addf(&number, "%.2f", value);
		json_set_str(row, "peer", bench->with[at]->name);
		json_set_str(row, "name", limit->name);
		json_set_str(row, "value", number.p);
		json_set_str(row, "unit", limit->unit);
		json_print(row, lines);
		str_addc(lines, '\n');
		str_release(&number);
		json_free(row);
	}
	str_addc(table, '\n');
}

/* What a start costs on any machine, nearly: as a share of the quickest other's. */
static void add_shares(const struct bench *bench, const struct str *curlew, struct str *table)
{
	static const char *const starts[] = {"start-0", "start-10000", "start-1000000"};
	double quickest = NAN;
	for (size_t i = 0; i < limits_len(); i++)
		for (int at = 0; at < bench->count && str_eq(limit_at(i)->name, starts[0]); at++)
			quickest = fmin(quickest, bench->found[at][i]); /* of a number and NaN it takes the number */
	str_adds(table, "\n| figure | measured | must | aim | |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		char name[48];
		snprintf(name, sizeof name, "%s-share", starts[i]);
		double share = ours(curlew, starts[i]) / quickest;
		if (!isnan(share))
			results_row(table, limit_find(name), share);
	}
}

static void write_file(const struct bench *bench, const char *name, const struct str *text)
{
	struct err err = ERR_INIT;
	char *path = path_join(bench->build, name);
	if (file_write_atomic(path, text->p, text->len, 0644, &err))
		place_fail("%s", err.text);
	free(path);
}

static void write_results(struct bench *bench)
{
	struct str table = STR_INIT, lines = STR_INIT, curlew = STR_INIT;
	struct err err = ERR_INIT;
	char *path = path_join(bench->build, "bench.json");
	if (file_read(path, &curlew, &err))
		fprintf(stderr, "peers: %s; the table is without curlew's figures\n", err.text);
	results_header(&table, "make bench-peers");
	str_adds(&table, "What each did:\n\n");
	for (int at = 0; at < bench->count; at++)
		str_addf(&table, "* %s: %s.\n", bench->with[at]->name, bench->with[at]->does);
	str_adds(&table,
	        "\nWhere curlew has 1,000,000 stored, the others have 100,000. In brackets: how many times curlew's.\n"
	        "\n| figure | curlew |");
	for (int at = 0; at < bench->count; at++)
		str_addf(&table, " %s |", bench->with[at]->name);
	str_adds(&table, "\n|---|---|");
	for (int at = 0; at < bench->count; at++)
		str_adds(&table, "---|");
	str_addc(&table, '\n');
	for (size_t i = 0; i < limits_len(); i++)
		add_figure(bench, i, ours(&curlew, limit_at(i)->name), &table, &lines);
	add_shares(bench, &curlew, &table);
	printf("\n%s", table.p);
	write_file(bench, "peers.md", &table);
	write_file(bench, "peers.json", &lines);
	free(path);
	str_release(&table);
	str_release(&lines);
	str_release(&curlew);
}

/* --- all of it */

static void choose(struct bench *bench, char **names)
{
	for (int i = 0; i < peers_len && bench->count < PEERS; i++) {
		bool asked = !*names;
		for (char **name = names; *name; name++)
			asked |= str_eq(*name, peers[i].name);
		if (asked && peer_is_there(&peers[i]))
			bench->with[bench->count++] = &peers[i];
		else if (asked)
			fprintf(stderr, "peers: %s is not installed and left out\n", peers[i].name);
	}
	for (int at = 0; at < PEERS; at++)
		for (int i = 0; i < FIGURES; i++)
			bench->found[at][i] = NAN;
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	if (argc < 2 || limits_len() > FIGURES) {
		fprintf(stderr, "usage: peers BUILD [PEER...]\n");
		return 64;
	}
	char *build = realpath(argv[1], NULL);
	if (!build)
		place_fail("there is no %s", argv[1]);
	bench.build = build;
	bench.root = path_join(build, "bench/peers");
	load_start(&bench.load);
	choose(&bench, argv + 2);
	for (int at = 0; at < bench.count; at++) {
		measure_installed(&bench, at);
		measure_start(&bench, at);
		measure_bytes(&bench, at, ROWS, COLS);
		measure_bytes(&bench, at, WIDE_ROWS, WIDE_COLS);
		measure_signal(&bench, at, SIGTERM, "sigterm");
		measure_signal(&bench, at, SIGHUP, "sighup");
		if (bench.with[at]->chats) {
			measure_flood(&bench, at);
			measure_slow_line(&bench, at);
		}
	}
	measure_idle(&bench);
	write_results(&bench);
	load_stop(&bench.load);
	free(bench.root);
	free(build);
	return 0;
}
