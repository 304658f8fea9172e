/* Recordings: what goes in comes out, and what was hidden is nowhere in the file. */
#include "tests/lib/desk_driver.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/utf8.h"
#include "core/text/cells.h"
#include "tui/record/record.h"
#include "tui/record/redact.h"
#include "tui/record/replay.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static uint64_t seed = 4711;

static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* --- events made from their shapes, their texts from letters that no word of ours has together */

static const char *random_text(struct arena *arena)
{
	static const char *const pieces[] = {"qvzj", "Zqvj", "@jqvz", "vqqj", " ", " ", ", ", "7", "\n", "\u00f1qv",
	        "\u65e5\u672c", "\U0001F600", "\u0431\u044b", "https://qzvj.example/q?z=1", "jvz", "\u0e01\u0e33"};
	struct str text = STR_INIT;
	for (unsigned i = pick(7); i > 0; i--)
		str_adds(&text, pieces[pick(sizeof pieces / sizeof *pieces)]);
	const char *kept = arena_strdup(arena, text.p);
	str_release(&text);
	return kept;
}

/* What is open holds words of ours. */
static const char *text_for(const struct part *part, const void *base, struct arena *arena)
{
	static const unsigned hidden = 1u << FIELD_TAG | 1u << FIELD_ASSIGNEE | 1u << FIELD_ESCALATED_TO |
	                               1u << FIELD_ESCALATION_WHY | 1u << FIELD_DONE_REASON;
	bool open = part->secret == OPEN;
	if (part->secret == SECRET_CHANGE)
		open = !(hidden & 1u << ((const struct change *)base)->field);
	return open ? "done" : random_text(arena);
}

static int64_t random_number(const struct part *part)
{
	static const int64_t numbers[] = {0, 1, -1, 42, 1790000000000, INT64_MAX, INT64_MIN, ((int64_t)1 << 53) + 1};
	if (part->low || part->high)
		return part->low + pick((unsigned)(part->high - part->low) + 1);
	switch (part->type) {
	case PART_BOOL: return pick(2);
	case PART_CHAR: return pick(2) ? 'x' : 0;
	case PART_I16: return (int16_t)pick(65536);
	case PART_INT: return (int)pick(1000000) - 500000;
	case PART_UNSIGNED: return pick(1u << 12);
	case PART_U64: return pick(2) ? numbers[pick(8)] : pick(100);
	default: return numbers[pick(8)];
	}
}

static void put_number(const struct part *part, char *at, int64_t n)
{
	if (part->type == PART_BOOL || part->type == PART_CHAR)
		*at = (char)n;
	else if (part->type == PART_I16)
		memcpy(at, &(int16_t){(int16_t)n}, sizeof(int16_t));
	else if (part->type == PART_INT || part->type == PART_UNSIGNED)
		memcpy(at, &(int){(int)n}, sizeof(int));
	else
		memcpy(at, &n, sizeof n);
}

static struct key random_key(void)
{
	static const uint32_t codes[] = {'a', '<', '^', ' ', 0xe9, 0x65e5, 'Q', '#'};
	if (pick(3) == 0)
		return key_named((enum key_name)(1 + pick(KEYNAME_COUNT - 1)), pick(8));
	if (pick(4) == 0)
		return key_ctrl((char)('a' + pick(26)));
	return (struct key){.code = codes[pick(8)], .mods = pick(5) ? 0 : KEY_MOD_ALT};
}

static void fill(const struct shape *shape, char *base, struct arena *arena);

static const void *random_list(const struct part *part, size_t count, struct arena *arena)
{
	char *items = arena_alloc(arena, (count + 1) * (part->type == PART_ARRAY ? part->shape->size : 8));
	for (size_t i = 0; i < count; i++) {
		if (part->type == PART_ARRAY)
			fill(part->shape, items + i * part->shape->size, arena);
		else if (part->type == PART_IDS)
			((int64_t *)(void *)items)[i] = INT64_MAX - pick(9);
		else
			((const char **)(void *)items)[i] = text_for(part, NULL, arena);
	}
	return items;
}

static void fill_part(const struct part *part, char *base, struct arena *arena)
{
	char *at = base + part->offset;
	const void *pointer = NULL;
	size_t count = pick(4);
	struct key key = random_key();
	switch (part->type) {
	case PART_KEY: memcpy(at, &key, sizeof key); return;
	case PART_CHARS: str_copy(at, part->size, random_text(arena)); return;
	case PART_INSIDE: fill(part->shape, at, arena); return;
	case PART_ROW:
		for (size_t i = 0; i < part->size; i++)
			fill(part->shape, at + i * part->shape->size, arena);
		return;
	case PART_TEXT: pointer = text_for(part, base, arena); break;
	case PART_MAYBE: pointer = pick(2) ? random_text(arena) : NULL; break;
	case PART_BYTES:
		pointer = pick(2) ? "\xff\0qvzj\xc3" : random_text(arena);
		count = *(const char *)pointer == '\xff' ? 7 : strlen(pointer);
		break;
	case PART_POINTER:
		if (pick(3)) {
			void *made = arena_alloc(arena, part->shape->size);
			fill(part->shape, made, arena);
			pointer = made;
		}
		break;
	case PART_ARRAY:
	case PART_POINTERS:
	case PART_IDS: pointer = random_list(part, count, arena); break;
	default: put_number(part, at, random_number(part)); return;
	}
	memcpy(at, &pointer, sizeof pointer);
	if (part->count_size == sizeof(int))
		memcpy(base + part->count_at, &(int){(int)count}, sizeof(int));
	else if (part->count_size)
		memcpy(base + part->count_at, &count, sizeof count);
}

static void fill(const struct shape *shape, char *base, struct arena *arena)
{
	for (size_t i = 0; i < shape->count; i++)
		fill_part(&shape->parts[i], base, arena);
}

static char *as_text(const struct shape *shape, const void *base)
{
	struct str text = STR_INIT;
	json *object = shape_write(shape, base, NULL, NULL);
	json_print(object, &text);
	json_free(object);
	return str_detach(&text);
}

/* Written, read and written again; the second struct shares nothing with the first but what was written. */
static void check_round_trip(const struct shape *shape, struct arena *arena)
{
	char *base = arena_alloc(arena, shape->size), *again = arena_alloc(arena, shape->size);
	struct err err = ERR_INIT;
	fill(shape, base, arena);
	char *text = as_text(shape, base);
	json *object = json_parse(text, strlen(text), &err);
	assert_non_null(object);
	shape_read(shape, object, again, arena);
	char *second = as_text(shape, again);
	assert_string_equal(second, text);
	json_free(object);
	free(text);
	free(second);
}

static void every_kind_of_event_comes_back_as_it_was(void **state)
{
	(void)state;
	const char *name;
	for (int round = 0; round < 60; round++) {
		const struct shape *shape;
		struct arena arena = ARENA_INIT;
		for (int kind = 0; (shape = shape_of_event(kind, &name)); kind++)
			check_round_trip(shape, &arena);
		check_round_trip(&shape_event_common, &arena);
		check_round_trip(&shape_setup, &arena);
		arena_release(&arena);
	}
}

static void numbers_and_bytes_come_back_exactly(void **state)
{
	(void)state;
	const char *name;
	struct arena arena = ARENA_INIT;
	const struct shape *shape = shape_of_event(EV_PASTE, &name);
	struct event event = {.paste = {.bytes = "a\0\xff\n", .len = 4, .read = UINT64_MAX}}, again = {0};
	json *object = shape_write(shape, &event, NULL, NULL);
	shape_read(shape, object, &again, &arena);
	assert_int_equal(again.paste.len, 4);
	assert_memory_equal(again.paste.bytes, event.paste.bytes, 4);
	assert_true(again.paste.read == UINT64_MAX);
	json_free(object);
	arena_release(&arena);
}

/* --- fields without a row */

static void cover(const struct shape *shape, bool *covered)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct part *part = &shape->parts[i];
		static const size_t sizes[] = {[PART_BOOL] = sizeof(bool),
		        [PART_CHAR] = 1,
		        [PART_I16] = 2,
		        [PART_INT] = 4,
		        [PART_UNSIGNED] = 4,
		        [PART_KEY] = sizeof(struct key)};
		size_t size = part->type < sizeof sizes / sizeof *sizes && sizes[part->type] ? sizes[part->type] : 8;
		if (part->type == PART_INSIDE || part->type == PART_ROW)
			size = part->shape->size * (part->type == PART_ROW ? part->size : 1);
		if (part->type == PART_CHARS)
			size = part->size;
		for (size_t b = 0; b < size; b++)
			covered[part->offset + b] = true;
		for (size_t b = 0; b < part->count_size; b++)
			covered[part->count_at + b] = true;
	}
}

/* A hole of eight bytes is a field; padding is shorter. */
static void check_holes(const struct shape *shape, size_t allowed, const char *what)
{
	bool *covered = mem_alloc(shape->size);
	size_t hole = 0, holes = 0;
	cover(shape, covered);
	for (size_t i = 0; i < shape->size; i++) {
		hole = covered[i] ? 0 : hole + 1;
		holes += hole == 8;
		hole = hole == 8 ? 0 : hole;
	}
	free(covered);
	if (holes != allowed)
		fail_msg("%s: a field has no row in tui/record/shape.c", what);
	for (size_t i = 0; i < shape->count; i++)
		if (shape->parts[i].shape && shape->parts[i].shape != shape)
			check_holes(shape->parts[i].shape, 0, shape->parts[i].name);
}

static void no_field_is_left_out(void **state)
{
	(void)state;
	const char *name;
	check_holes(&shape_setup, 1, "setup"); /* its keymap, which goes as text */
	for (int kind = 0; shape_of_event(kind, &name); kind++)
		for (size_t i = 0; i < shape_of_event(kind, &name)->count; i++)
			if (shape_of_event(kind, &name)->parts[i].shape)
				check_holes(shape_of_event(kind, &name)->parts[i].shape, 0, name);
}

/* --- hiding */

static bool is_odd(char c)
{
	return c && strchr("qvzjQVZJ", c);
}

static void assert_no_odd_word(const char *text)
{
	int run = 0;
	for (const char *p = text; *p; p++) {
		run = is_odd(*p) ? run + 1 : 0;
		if (run == 4)
			fail_msg("a word was not hidden: %.60s", p - 20 > text ? p - 20 : text);
	}
}

static void nothing_that_was_written_is_in_a_hidden_event(void **state)
{
	(void)state;
	struct redactor redactor = {0};
	const char *name;
	for (int round = 0; round < 60; round++) {
		const struct shape *shape;
		for (int kind = -1; (shape = kind < 0 ? &shape_setup : shape_of_event(kind, &name)); kind++) {
			struct arena arena = ARENA_INIT;
			struct str text = STR_INIT;
			char *base = arena_alloc(&arena, shape->size);
			fill(shape, base, &arena);
			json *object = shape_write(shape, base, redact, &redactor);
			json_print(object, &text);
			assert_no_odd_word(text.p);
			json_free(object);
			str_release(&text);
			arena_release(&arena);
		}
	}
	redactor_release(&redactor);
}

static char *redacted(struct redactor *redactor, enum secret secret, const char *text)
{
	struct str out = STR_INIT;
	redact_text(redactor, secret, text, strlen(text), &out);
	return str_detach(&out);
}

static void check_hidden(enum secret secret, const char *text, const char *expected)
{
	struct redactor redactor = {0};
	char *out = redacted(&redactor, secret, text);
	assert_string_equal(out, expected);
	assert_int_equal(cells_width(out, strlen(out)), cells_width(text, strlen(text)));
	assert_int_equal(strlen(out), strlen(text));
	free(out);
	redactor_release(&redactor);
}

static void texts_keep_their_shape(void **state)
{
	(void)state;
	check_hidden(SECRET_TEXT, "Where is my parcel, 4711?", "Xxxxx xx xx xxxxxx, 0000?");
	check_hidden(SECRET_TEXT, "\u65e5\u672c\u3002 \U0001F600", "\u3007\u3007\u3002 \U0001F600");
	check_hidden(SECRET_TEXT, "\u00e4rger\n", "\u00f8xxxx\n");
	check_hidden(SECRET_HANDLE, "@samantha@social.example", "@userxxx1@xxxxxx.xxxxxxx");
	check_hidden(SECRET_HANDLE, "@al", "@u1");
	check_hidden(SECRET_HANDLE, "@samuel.bsky.social", "@userx1.bsky.social");
	check_hidden(SECRET_NAME, "billing", "xxxxxx1");
	check_hidden(SECRET_NAME, "curlew", "curlew");
	check_hidden(
	        SECRET_QUERY, "is:needs-reply tag:refund (angry OR late)", "is:needs-reply tag:xxxxx1 (xxxxx OR late)");
	check_hidden(SECRET_CANNED, "Dear {customer}, {what?}", "Xxxx {customer}, {xxxx?}");
}

static void a_handle_has_one_stand_in_everywhere(void **state)
{
	(void)state;
	struct redactor redactor = {0};
	char *bob = redacted(&redactor, SECRET_HANDLE, "@robert@a.example");
	char *sam = redacted(&redactor, SECRET_HANDLE, "@samuel@social.example");
	char *text = redacted(&redactor, SECRET_TEXT, "thanks @samuel, and @robert.");
	assert_string_equal(bob, "@userx1@x.xxxxxxx");
	assert_string_equal(sam, "@userx2@xxxxxx.xxxxxxx");
	assert_string_equal(text, "xxxxxx @userx2, xxx @userx1.");
	free(bob);
	free(sam);
	free(text);
	redactor_release(&redactor);
}

/* --- what is typed */

struct session {
	struct driver *driver;
	struct recorder *recorder;
	char *path;
};

static void begin(struct session *session)
{
	struct err err = ERR_INIT;
	struct str path = STR_INIT;
	str_addf(&path, "/tmp/curlew-record-%ld", (long)getpid());
	session->path = str_detach(&path);
	session->driver = driver_new();
	assert_int_equal(recorder_open(session->path, false, &session->recorder, &err), 0);
	recorder_begin(
	        session->recorder, &(struct record_setup){&session->driver->state->setup, NULL, "default", false});
}

static void press(struct session *session, struct key key, uint64_t read)
{
	struct event event = {.kind = EV_KEY};
	char bytes[4];
	event.key.key = key;
	event.key.read = read;
	event.key.printable = key_text(key) ? (int)utf8_encode(key_text(key), bytes) : 0;
	event.key.foreign = key_text(key) >= 0x80;
	recorder_event(session->recorder, session->driver->state, &event);
	driver_event(session->driver, event);
	driver_pass(session->driver, 500); /* a bar takes no key before it can have been read */
	driver_painted(session->driver);
	driver_pass(session->driver, 500);
}

static void type(struct session *session, const char *text)
{
	static uint64_t read = 1000000;
	for (size_t at = 0; text[at];) {
		uint32_t cp;
		at += utf8_decode(text + at, strlen(text + at), &cp);
		press(session,
		        cp == '\r'     ? key_named(KEYNAME_ENTER, 0)
		        : cp == '\x1b' ? key_named(KEYNAME_ESC, 0)
		        : cp < 0x20    ? key_ctrl((char)(cp + 'a' - 1))
		                       : key_char(cp),
		        ++read);
	}
}

/* The keys of the file one behind the other, as somebody would put a word together again. */
static void typed_letters(const char *file, struct str *out)
{
	static const char mark[] = "\"key\":\"";
	for (const char *p = file; (p = strstr(p, mark)); p++)
		if (p[sizeof mark - 1] && p[sizeof mark] == '"')
			str_addc(out, p[sizeof mark - 1]);
}

static void nothing_that_was_typed_can_be_put_together_again(void **state)
{
	(void)state;
	struct session session;
	struct err err = ERR_INIT;
	struct str file = STR_INIT, letters = STR_INIT;
	begin(&session);
	type(&session, "rqvzj Zvvj 4711\x18qvzj\x18\x1b\x1b"); /* a reply, the send bar, and typed over it */
	type(&session, "iqvzj\x1b");                           /* a note */
	type(&session, "/qvzj\r\x1b\\vzqj\r\x1b\x1b");         /* a search, a filter */
	type(&session, "tqvzj\r");                             /* a tag */
	type(&session, ":tag qvzj\r\x1b:qvzj\r\x1b\x1b");      /* commands */
	type(&session, "e\x1b zqvjzqvj\x1b");
	recorder_close(session.recorder);
	assert_int_equal(file_read(session.path, &file, &err), 0);
	typed_letters(file.p, &letters);
	assert_true(letters.len > 40);
	assert_non_null(strstr(letters.p, "xxxxXxxx0000"));
	assert_non_null(strstr(letters.p, ":tagxxxx"));
	assert_null(strstr(letters.p, "qvzj"));
	assert_null(strstr(letters.p, "vzqj"));
	str_release(&file);
	str_release(&letters);
	driver_free(session.driver);
	unlink(session.path);
	free(session.path);
}

/* --- files that are not whole */

static int count_frame(void *arg, const struct replay_frame *frame, struct err *err)
{
	(void)frame;
	(void)err;
	++*(int *)arg;
	return 0;
}

static int replay_text(const char *text, struct replay_result *result, int *frames, struct err *err)
{
	struct str path = STR_INIT;
	str_addf(&path, "/tmp/curlew-record-%ld", (long)getpid());
	assert_int_equal(file_write_atomic(path.p, text, strlen(text), 0600, err), 0);
	*frames = 0;
	int code = replay(path.p, count_frame, frames, result, err);
	unlink(path.p);
	str_release(&path);
	return code;
}

static const char head[] = "{\"curlew-recording\":1,\"redacted\":false,\"later\":[]}\n"
                           "{\"setup\":{\"agent\":\"alice\"},\"keys\":\"bind desk j down\\n\",\"zone\":\"UTC0\"}\n"
                           "{\"event\":\"resize\",\"data\":{\"cols\":80,\"rows\":24,\"what\":1}}\n";

static void a_file_that_was_cut_gives_what_it_has(void **state)
{
	(void)state;
	struct replay_result result;
	struct err err = ERR_INIT;
	struct str text = STR_INIT;
	int frames;
	str_addf(&text, "%s{\"frame\":1}\n{\"event\":\"key\",\"da", head);
	assert_int_equal(replay_text(text.p, &result, &frames, &err), 0);
	assert_true(result.cut);
	assert_int_equal(result.bad_lines, 0);
	assert_int_equal(frames, 1);
	str_release(&text);
}

static void lines_that_mean_nothing_are_passed_over(void **state)
{
	(void)state;
	struct replay_result result;
	struct err err = ERR_INIT;
	struct str text = STR_INIT;
	int frames;
	str_addf(&text,
	        "%s{\"event\":\"something-later\"}\n}{\n[]\n{\"event\":\"case\",\"request\":3,\"data\":{}}\n"
	        "{\"event\":\"rows\",\"request\":1,\"data\":{\"rows\":[{\"id\":7,\"status\":99},3]}}\n{\"frame\":4}\n",
	        head);
	assert_int_equal(replay_text(text.p, &result, &frames, &err), 0);
	assert_int_equal(result.bad_lines, 1);
	assert_int_equal(frames, 1);
	str_release(&text);
}

static void what_is_no_recording_says_so(void **state)
{
	(void)state;
	static const char *const files[] = {"", "hello\n", "{}\n", "{\"curlew-recording\":99}\n",
	        "{\"curlew-recording\":1}\n{\"event\":\"time\"}\n"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct replay_result result;
		struct err err = ERR_INIT;
		int frames;
		int code = replay_text(files[i], &result, &frames, &err);
		assert_true(code == -ERR_DATA || code == -ERR_TOO_NEW);
		assert_true(err.text[0] != '\0');
	}
}

static void only_a_regular_file_is_recorded_to(void **state)
{
	(void)state;
	struct recorder *recorder = NULL;
	struct err err = ERR_INIT;
	assert_int_equal(recorder_open("/dev/null", false, &recorder, &err), -ERR_USAGE);
	assert_int_equal(recorder_open("/nowhere/at/all", false, &recorder, &err), -ERR_IO);
	assert_null(recorder);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_of_event_comes_back_as_it_was),
	        cmocka_unit_test(numbers_and_bytes_come_back_exactly), cmocka_unit_test(no_field_is_left_out),
	        cmocka_unit_test(nothing_that_was_written_is_in_a_hidden_event),
	        cmocka_unit_test(texts_keep_their_shape), cmocka_unit_test(a_handle_has_one_stand_in_everywhere),
	        cmocka_unit_test(nothing_that_was_typed_can_be_put_together_again),
	        cmocka_unit_test(a_file_that_was_cut_gives_what_it_has),
	        cmocka_unit_test(lines_that_mean_nothing_are_passed_over),
	        cmocka_unit_test(what_is_no_recording_says_so), cmocka_unit_test(only_a_regular_file_is_recorded_to)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
