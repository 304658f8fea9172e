/* A stream of lines: however it is cut into reads, the same lines come out; and what X would send as one of them is
 * decoded without harm, as valid text. */
#include "tests/fuzz/fuzz.h"

#include "core/net/line_reader.h"
#include "core/network/x_decode.h"

static void must_be_text(const char *text)
{
	must(text && utf8_valid(text, strlen(text)));
}

static void decode(const char *line, size_t len)
{
	struct x_decoder decoder = {.self_id = "1111111111111111111"};
	struct arena arena = ARENA_INIT;
	struct item *items;
	json *body = json_parse(line, len, NULL);
	int count = x_decode_posts(&decoder, body, &arena, &items);
	for (int i = 0; i < count; i++) {
		must_be_text(items[i].post.text);
		must_be_text(items[i].post.links);
		must_be_text(items[i].post.reply_refusal);
		must_be_text(items[i].customer.name);
		must_be_text(items[i].post.remote_id);
	}
	x_decode_count(body);
	x_decode_fault(403, body);
	x_decode_error(body, &arena);
	json_free(body);
	arena_release(&arena);
}

#define MAX 4096 /* bytes of a line: few, so that some are longer */

static void note(const struct line *line, struct str *seen)
{
	must(line->len <= MAX && line->text[line->len] == '\0' && !memchr(line->text, '\n', line->len));
	must(line->whole || line->len == MAX);
	str_add(seen, line->text, line->len);
	str_addc(seen, '\n');
	decode(line->text, line->len);
}

static void feed(const char *bytes, size_t size, size_t piece, struct str *seen)
{
	struct line_reader reader;
	struct line line;
	line_reader_init(&reader, MAX);
	for (size_t at = 0; at < size; at += piece) {
		line_reader_add(&reader, bytes + at, size - at < piece ? size - at : piece);
		while (line_reader_next(&reader, &line))
			note(&line, seen);
	}
	line_reader_release(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = STR_INIT, pieces = STR_INIT;
	if (size < 2)
		return 0;
	feed((const char *)data + 1, size - 1, size, &whole);
	feed((const char *)data + 1, size - 1, 1 + data[0] % 16, &pieces);
	must(whole.len == pieces.len && memcmp(whole.p, pieces.p, whole.len) == 0);
	str_release(&whole);
	str_release(&pieces);
	return 0;
}
