#include "core/net/line_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX 1000

static void take_all(struct line_reader *reader, struct str *seen)
{
	struct line line;
	while (line_reader_next(reader, &line)) {
		assert_int_equal(line.text[line.len], '\0');
		str_addc(seen, '[');
		str_add(seen, line.text, line.len);
		str_adds(seen, line.whole ? "]" : "…]");
	}
}

static void feed(struct line_reader *reader, const char *bytes, size_t len, size_t piece, struct str *seen)
{
	for (size_t at = 0; at < len; at += piece) {
		line_reader_add(reader, bytes + at, len - at < piece ? len - at : piece);
		take_all(reader, seen);
	}
}

static void however_it_is_cut_the_same_lines_come_out(void **state)
{
	(void)state;
	static const char bytes[] = "\r\n{\"a\":1}\r\n\n\r\n{\"b\":\"\r\"}\n{\"cut";
	for (size_t piece = 1; piece <= sizeof bytes; piece++) {
		struct str seen = STR_INIT;
		struct line_reader reader;
		line_reader_init(&reader, MAX);
		feed(&reader, bytes, sizeof bytes - 1, piece, &seen);
		assert_string_equal(seen.p, "[][{\"a\":1}][][][{\"b\":\"\r\"}]");
		assert_int_equal(line_reader_left(&reader), 5);
		line_reader_restart(&reader);
		assert_int_equal(line_reader_left(&reader), 0);
		feed(&reader, "off\n", 4, piece, &seen);
		assert_non_null(strstr(seen.p, "][off]"));
		line_reader_release(&reader);
		str_release(&seen);
	}
}

/* Of more than fits the beginning comes, and the lines behind it are whole again. */
static void a_line_may_be_as_long_as_the_cap_and_no_longer(void **state)
{
	(void)state;
	static const char *const ends[] = {"\n", "\r\n"};
	char bytes[MAX * 5];
	for (size_t extra = 0; extra <= MAX * 2; extra = extra * 3 + 1) {
		for (size_t piece = 1; piece <= MAX * 4; piece = piece * 7 + 3) {
			for (size_t e = 0; e < 2; e++) {
				struct str seen = STR_INIT;
				struct line_reader reader;
				size_t len = MAX - 1 + extra;
				memset(bytes, 'x', len);
				snprintf(bytes + len, sizeof bytes - len, "%snext\n", ends[e]);
				line_reader_init(&reader, MAX);
				feed(&reader, bytes, strlen(bytes), piece, &seen);
				assert_int_equal(strspn(seen.p + 1, "x"), extra ? MAX : MAX - 1);
				assert_string_equal(
				        seen.p + 1 + strspn(seen.p + 1, "x"), extra > 1 ? "…][next]" : "][next]");
				assert_true(reader.bytes.cap < sizeof bytes + 64);
				line_reader_release(&reader);
				str_release(&seen);
			}
		}
	}
}

static void one_that_never_ends_is_told_as_soon_as_it_is_too_long(void **state)
{
	(void)state;
	struct line_reader reader;
	struct line line;
	char bytes[MAX];
	memset(bytes, 'x', sizeof bytes);
	line_reader_init(&reader, MAX);
	line_reader_add(&reader, bytes, sizeof bytes);
	assert_false(line_reader_next(&reader, &line));
	line_reader_add(&reader, bytes, sizeof bytes);
	assert_true(line_reader_next(&reader, &line));
	assert_false(line.whole);
	for (int i = 0; i < 100; i++) {
		line_reader_add(&reader, bytes, sizeof bytes);
		assert_false(line_reader_next(&reader, &line));
	}
	assert_true(reader.bytes.cap < MAX * 5);
	assert_int_equal(line_reader_left(&reader), 0);
	line_reader_release(&reader);
}

/* What somebody holds who ends a stream in the middle of a line is still there. */
static void a_line_that_was_taken_outlives_a_restart(void **state)
{
	(void)state;
	struct line_reader reader;
	struct line line;
	line_reader_init(&reader, MAX);
	line_reader_add(&reader, "a\nb\n", 4);
	assert_true(line_reader_next(&reader, &line));
	line_reader_restart(&reader);
	assert_string_equal(line.text, "a");
	assert_false(line_reader_next(&reader, &line));
	line_reader_release(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(however_it_is_cut_the_same_lines_come_out),
	        cmocka_unit_test(a_line_may_be_as_long_as_the_cap_and_no_longer),
	        cmocka_unit_test(one_that_never_ends_is_told_as_soon_as_it_is_too_long),
	        cmocka_unit_test(a_line_that_was_taken_outlives_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
