#include "core/net/line_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool note(void *arg, const char *line, size_t len)
{
	struct str *seen = arg;
	assert_int_equal(line[len], '\0');
	str_addc(seen, '[');
	str_add(seen, line, len);
	str_addc(seen, ']');
	return true;
}

static int feed(struct line_reader *reader, const char *bytes, size_t len, size_t piece)
{
	struct err err = ERR_INIT;
	int rc = 0;
	for (size_t at = 0; at < len && rc == 0; at += piece)
		rc = line_reader_feed(reader, bytes + at, len - at < piece ? len - at : piece, &err);
	return rc;
}

static void however_it_is_cut_the_same_lines_come_out_and_empty_ones_do_not(void **state)
{
	(void)state;
	static const char bytes[] = "\r\n{\"a\":1}\r\n\n\r\n{\"b\":\"\r\"}\n{\"cut";
	for (size_t piece = 1; piece <= sizeof bytes; piece++) {
		struct str seen = STR_INIT;
		struct line_reader reader;
		line_reader_init(&reader, note, &seen);
		assert_int_equal(feed(&reader, bytes, sizeof bytes - 1, piece), 0);
		assert_string_equal(seen.p, "[{\"a\":1}][{\"b\":\"\r\"}]");
		line_reader_restart(&reader);
		assert_int_equal(feed(&reader, "off\n", 4, piece), 0);
		assert_non_null(strstr(seen.p, "[off]"));
		line_reader_release(&reader);
		str_release(&seen);
	}
}

static void a_line_may_be_as_long_as_the_cap_and_no_longer(void **state)
{
	(void)state;
	struct str seen = STR_INIT;
	struct line_reader reader;
	char *bytes = malloc(LINE_READER_MAX + 1);
	memset(bytes, 'x', LINE_READER_MAX);
	bytes[LINE_READER_MAX] = '\n';
	line_reader_init(&reader, note, &seen);
	assert_int_equal(feed(&reader, bytes, LINE_READER_MAX + 1, 65536), 0);
	assert_int_equal(seen.len, LINE_READER_MAX + 2);
	bytes[LINE_READER_MAX] = 'x';
	assert_int_equal(feed(&reader, bytes, LINE_READER_MAX + 1, 65536), -ERR_LIMIT);
	free(bytes);
	line_reader_release(&reader);
	str_release(&seen);
}

static bool once(void *arg, const char *line, size_t len)
{
	note(arg, line, len);
	return false;
}

static void who_wants_no_more_is_told_no_more(void **state)
{
	(void)state;
	struct str seen = STR_INIT;
	struct line_reader reader;
	line_reader_init(&reader, once, &seen);
	assert_int_equal(feed(&reader, "a\nb\n", 4, 4), 0);
	assert_string_equal(seen.p, "[a]");
	line_reader_release(&reader);
	str_release(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(however_it_is_cut_the_same_lines_come_out_and_empty_ones_do_not),
	        cmocka_unit_test(a_line_may_be_as_long_as_the_cap_and_no_longer),
	        cmocka_unit_test(who_wants_no_more_is_told_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
