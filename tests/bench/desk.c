#include "tests/bench/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUIET_MS = 200, LETTERS_A_LINE = 24, ECHO_MS = 10000, START_MS = 1500 };

void result_for(int64_t cases, const char *what, double value, const char *unit)
{
	char line[160];
	snprintf(line, sizeof line, "%s, %lld cases", what, (long long)cases);
	result(line, value, unit);
}

void figure_for(const char *stem, int64_t cases, double value)
{
	char name[64];
	snprintf(name, sizeof name, "%s-%lld", stem, (long long)cases);
	figure(name, value);
}

/* --- what is waited for */

struct look {
	struct screen *screen;
	int64_t cases;
};

static bool is_full(void *arg)
{
	const struct look *look = arg;
	int rows, cols, found = 0;
	screen_size(look->screen, &rows, &cols);
	if (!look->cases)
		return screen_contains(look->screen, "All answered");
	for (int row = 0; row < rows; row++) {
		char *text = screen_row_text(look->screen, row);
		found += strstr(text, "@customer") != NULL;
		free(text);
	}
	return found >= 8;
}

void wait_full(struct screen *desk, int64_t cases)
{
	struct look look = {desk, cases};
	if (screen_wait_until(desk, is_full, &look, SCREEN_PATIENCE_MS))
		return;
	screen_dump(desk);
	place_fail("the desk shows no inbox");
}

void watch_for(struct screen *screen, int64_t ms)
{
	for (int64_t end = now_us() + ms * 1000, now; (now = now_us()) < end;)
		screen_pump(screen, (int)((end - now) / 1000) + 1);
}

uint64_t settle(struct screen *desk)
{
	uint64_t first = screen_bytes(desk), before;
	do {
		before = screen_bytes(desk);
		watch_for(desk, QUIET_MS);
	} while (screen_bytes(desk) != before);
	return screen_bytes(desk) - first;
}

struct screen *settled_desk(struct place *place, int64_t cases, int rows, int cols)
{
	struct screen *desk = place_desk(place, rows, cols, NULL);
	wait_full(desk, cases);
	settle(desk);
	return desk;
}

/* --- typing */

/* Gaps between half of it and half as much again, so that no rhythm of the program's is met. */
static int uneven(int gap_ms, unsigned *seed)
{
	*seed = *seed * 1103515245U + 12345U;
	return gap_ms / 2 + (int)((*seed >> 16) % (unsigned)(gap_ms + 1));
}

/* The letter stands where it belongs, or before the cursor should the line have moved to another row. */
static bool is_echoed(const struct screen *screen, char letter, int row, int col)
{
	int now_row, now_col;
	screen_cursor(screen, &now_row, &now_col);
	return screen_char(screen, row, col) == (uint32_t)letter ||
	       (now_col == col + 1 && screen_char(screen, now_row, col) == (uint32_t)letter);
}

/* How long until the letter is seen; ECHO_MS when it never is. */
static double time_letter(struct screen *screen, char letter, int row, int col)
{
	screen_pump(screen, 0);
	int64_t begin = now_us(), end = begin + (int64_t)ECHO_MS * 1000, now;
	screen_send_bytes(screen, &letter, 1);
	do {
		screen_pump(screen, 1);
		now = now_us();
	} while (!is_echoed(screen, letter, row, col) && now < end);
	return (double)(now - begin) / 1000;
}

/* Until the line is empty again. */
static bool delete_line(struct screen *screen, int row, int col)
{
	screen_send(screen, "\x15");
	for (int64_t end = now_us() + (int64_t)ECHO_MS * 1000; now_us() < end;) {
		uint32_t first = screen_char(screen, row, col);
		if (!first || first == ' ')
			return true;
		screen_pump(screen, 1);
	}
	return false;
}

void empty_line(struct screen *screen, int *row, int *col)
{
	screen_send(screen, "\x15");
	watch_for(screen, START_MS);
	screen_cursor(screen, row, col);
}

bool type_letters(struct screen *screen, int row, int col, int letters, int gap_ms, series *times)
{
	int missed = 0;
	unsigned seed = 1;
	for (int i = 0; i < letters && missed < 3; i++) {
		int in_line = i % LETTERS_A_LINE;
		watch_for(screen, uneven(gap_ms, &seed));
		if (i && !in_line && !delete_line(screen, row, col))
			return false;
		double took = time_letter(screen, (char)('a' + i % 26), row, col + in_line);
		missed += took >= ECHO_MS;
		vec_push(times, took);
	}
	return missed < 3;
}
