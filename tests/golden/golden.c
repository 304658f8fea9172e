#include "tests/golden/golden.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"
#include "core/text/cells.h"
#include "tests/golden/stage.h"

#include <dirent.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { FILES_MAX = 512, FILE_BYTES_MAX = 1 << 20 };

struct script {
	const char *path;
	const char *rest; /* what has not been read of the file */
	int line;
	struct world *world;
	struct stage stage;
	bool on;          /* a desk is on the stage */
	struct str shown; /* the file as it should stand */
	struct err err;
};

/* --- words of a line */

static size_t unescape_one(const char *p, struct str *out)
{
	char bytes[4];
	int digits_wanted = *p == 'U' ? 8 : 4;
	switch (*p) {
	case 'n': str_addc(out, '\n'); return 1;
	case 't': str_addc(out, '\t'); return 1;
	case 'e': str_addc(out, '\x1b'); return 1;
	case 'u':
	case 'U': {
		char digits[9];
		snprintf(digits, sizeof digits, "%.*s", digits_wanted, p + 1);
		str_add(out, bytes, utf8_encode((uint32_t)strtoul(digits, NULL, 16), bytes));
		return 1 + strlen(digits);
	}
	default: str_addc(out, *p); return *p != '\0';
	}
}

/* \n, \t, \e, \uXXXX and \UXXXXXXXX; in the world's arena. */
static const char *unescaped(struct script *script, const char *text)
{
	struct str out = STR_INIT;
	while (*text) {
		if (*text == '\\')
			text += 1 + unescape_one(text + 1, &out);
		else
			str_addc(&out, *text++);
	}
	const char *kept = arena_strdup(&script->world->arena, out.p);
	str_release(&out);
	return kept;
}

/* --- what a screen shows */

static const struct cell *cell_at(const struct frame *frame, int row, int col)
{
	return &frame->cells[(size_t)row * (size_t)frame->cols + (size_t)col];
}

static void show_cell(const struct cell *cell, struct str *out)
{
	char bytes[4];
	if (!cell->cp[0])
		str_addc(out, ' ');
	for (int i = 0; i < CELL_CODE_POINTS && cell->cp[i]; i++)
		str_add(out, bytes, utf8_encode(cell->cp[i], bytes));
}

static void show_screen(struct script *script)
{
	const struct frame *frame = &script->stage.frame;
	for (int row = 0; row < frame->rows; row++) {
		str_addc(&script->shown, '|');
		for (int col = 0; col < frame->cols; col++)
			if (cell_at(frame, row, col)->width)
				show_cell(cell_at(frame, row, col), &script->shown);
		str_adds(&script->shown, "|\n");
	}
	if (frame->cursor_visible)
		str_addf(&script->shown, "cursor %d,%d\n", frame->cursor_row, frame->cursor_col);
	else
		str_adds(&script->shown, "cursor hidden\n");
}

static const char *style_word(int style)
{
	static const char *const words[] = {
#define X(name, word, help) word,
#include "tui/view/style.def"
#undef X
	};
	return words[style];
}

/* Each run of cells in the style: "  row,col text". */
static void show_style(struct script *script, const char *style)
{
	const struct frame *frame = &script->stage.frame;
	for (int row = 0; row < frame->rows; row++) {
		bool in = false;
		for (int col = 0; col < frame->cols; col++) {
			const struct cell *cell = cell_at(frame, row, col);
			bool is = str_eq(style_word(cell->style), style);
			if (is && !in)
				str_addf(&script->shown, "  %d,%d ", row, col);
			if (is && cell->width)
				show_cell(cell, &script->shown);
			if (!is && in)
				str_addc(&script->shown, '\n');
			in = is;
		}
		if (in)
			str_addc(&script->shown, '\n');
	}
}

static void skip_shown(struct script *script, const char *starts)
{
	while (*script->rest &&
	        (strchr(starts, *script->rest) || (*starts == '|' && str_starts(script->rest, "cursor ")))) {
		script->rest += strcspn(script->rest, "\n");
		script->rest += *script->rest == '\n';
		script->line++;
	}
}

/* --- verbs */

static void verb_size(struct script *script, const char *rest)
{
	int cols = 0, rows = 0;
	if (sscanf(rest, "%dx%d", &cols, &rows) != 2)
		err_set(&script->err, ERR_USAGE, "found \"%s\", expected COLSxROWS", rest);
	stage_size(&script->stage, cols, rows, !cells_utf8());
}

static void verb_keys(struct script *script, const char *rest)
{
	stage_keys(&script->stage, rest, false, &script->err);
}

static void verb_burst(struct script *script, const char *rest)
{
	stage_keys(&script->stage, rest, true, &script->err);
}

static void verb_type(struct script *script, const char *rest)
{
	stage_type(&script->stage, rest);
}

/* click ROW,COL; wheel ROW,COL up (or down) */
static void point(struct script *script, const char *rest, bool wheel)
{
	int row = 0, col = 0, n = 0;
	struct event event = {.kind = EV_MOUSE};
	if (sscanf(rest, "%d,%d%n", &row, &col, &n) != 2)
		err_set(&script->err, ERR_USAGE, "found \"%s\", expected ROW,COL", rest);
	event.mouse.hit = view_hit(script->stage.state, &script->stage.frame, row, col);
	event.mouse.wheel = !wheel ? 0 : str_eq(rest + n, " up") ? -1 : 1;
	stage_event(&script->stage, &event);
}

static void verb_click(struct script *script, const char *rest)
{
	point(script, rest, false);
}

static void verb_wheel(struct script *script, const char *rest)
{
	point(script, rest, true);
}

static void verb_paste(struct script *script, const char *rest)
{
	stage_paste(&script->stage, unescaped(script, rest));
}

/* fill COUNT TEXT: pastes it so many times */
static void verb_fill(struct script *script, const char *rest)
{
	char *text;
	long count = strtol(rest, &text, 10);
	struct str all = STR_INIT;
	for (long i = 0; i < count; i++)
		str_adds(&all, unescaped(script, text + (*text == ' ')));
	stage_paste(&script->stage, all.p);
	str_release(&all);
}

static void verb_wait(struct script *script, const char *rest)
{
	char *unit;
	int64_t ms = strtoll(rest, &unit, 10);
	if (!str_eq(unit, "ms") && !duration_parse(rest, &ms))
		err_set(&script->err, ERR_USAGE, "found \"%s\", expected 450ms, 5s, 2m …", rest);
	stage_wait(&script->stage, ms);
}

static void verb_answers(struct script *script, const char *rest)
{
	stage_hold(&script->stage, str_eq(rest, "hold"));
}

static void verb_editor(struct script *script, const char *rest)
{
	script->stage.editor = unescaped(script, rest);
}

static void verb_restart(struct script *script, const char *rest)
{
	(void)rest;
	stage_restart(&script->stage);
}

/* courier down WHY; courier up */
static void verb_courier(struct script *script, const char *rest)
{
	struct event event = {.kind = EV_STORE};
	event.store.courier_down = str_starts(rest, "down");
	event.store.why = event.store.courier_down ? rest + strlen("down") + (rest[4] == ' ') : "";
	stage_event(&script->stage, &event);
}

/* disk full WHY; disk well */
static void verb_disk(struct script *script, const char *rest)
{
	struct event event = {.kind = EV_STORE};
	event.store.read_only = str_starts(rest, "full");
	event.store.why = event.store.read_only ? rest + strlen("full") + (rest[4] == ' ') : "";
	script->world->full = event.store.read_only ? arena_strdup(&script->world->arena, event.store.why) : NULL;
	stage_event(&script->stage, &event);
}

/* upgraded WHY: the schema has moved on */
static void verb_upgraded(struct script *script, const char *rest)
{
	struct event event = {.kind = EV_STORE};
	event.store.read_only = event.store.drafts_only = true;
	event.store.why = rest;
	stage_event(&script->stage, &event);
}

static void verb_layout(struct script *script, const char *rest)
{
	script->world->setup.layout = str_eq(rest, "rows") ? LAYOUT_ROWS : LAYOUT_COLUMNS;
}

static void verb_signature(struct script *script, const char *rest)
{
	struct setup_account *accounts = arena_array(&script->world->arena, struct setup_account, 1);
	accounts[0] = (struct setup_account){"acme", unescaped(script, rest), ""};
	script->world->setup.accounts = accounts;
	script->world->setup.accounts_len = 1;
}

static void verb_screen(struct script *script, const char *rest)
{
	(void)rest;
	skip_shown(script, "|");
	show_screen(script);
}

static void verb_styles(struct script *script, const char *rest)
{
	skip_shown(script, " ");
	show_style(script, rest);
}

static void verb_bells(struct script *script, const char *rest)
{
	int64_t bells;
	if (!parse_i64(rest, &bells) || script->stage.bells != bells)
		err_set(&script->err, ERR_DATA, "%d bells rang, not %s", script->stage.bells, rest);
}

static void verb_nobody(struct script *script, const char *rest)
{
	(void)rest;
	world_free(script->world);
	script->world = world_new();
}

static const struct verb {
	const char *name;
	bool before; /* stands before the first line that needs a desk */
	void (*run)(struct script *script, const char *rest);
} verbs[] = {
        {"nobody", true, verb_nobody},
        {"layout", true, verb_layout},
        {"signature", true, verb_signature},
        {"size", false, verb_size},
        {"keys", false, verb_keys},
        {"burst", false, verb_burst},
        {"type", false, verb_type},
        {"click", false, verb_click},
        {"wheel", false, verb_wheel},
        {"paste", false, verb_paste},
        {"fill", false, verb_fill},
        {"wait", false, verb_wait},
        {"answers", false, verb_answers},
        {"editor", false, verb_editor},
        {"restart", false, verb_restart},
        {"courier", false, verb_courier},
        {"disk", false, verb_disk},
        {"upgraded", false, verb_upgraded},
        {"screen", false, verb_screen},
        {"styles", false, verb_styles},
        {"bells", false, verb_bells},
};

/* The first line that needs a desk starts it. */
static void need_desk(struct script *script)
{
	if (script->on)
		return;
	stage_init(&script->stage, script->world);
	vec_clear(&script->world->changed);
	script->on = true;
}

static void run_verb(struct script *script, const struct verb *verb, const char *rest)
{
	if (verb->before && script->on) {
		err_set(&script->err, ERR_USAGE, "%s stands before the first desk", verb->name);
		return;
	}
	if (!verb->before)
		need_desk(script);
	verb->run(script, rest);
}

static void run_line(struct script *script, const char *line)
{
	size_t len = strcspn(line, " ");
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (strlen(verbs[i].name) == len && memcmp(verbs[i].name, line, len) == 0) {
			run_verb(script, &verbs[i], line + len + (line[len] == ' '));
			return;
		}
	}
	/* Everything else happens in the world. */
	world_tell(script->world, unescaped(script, line), &script->err);
	if (script->on)
		stage_news(&script->stage);
}

static void run_script(struct script *script)
{
	while (*script->rest && !script->err.code) {
		size_t len = strcspn(script->rest, "\n");
		char *line = mem_strndup(script->rest, len);
		script->rest += len + (script->rest[len] == '\n');
		script->line++;
		str_addf(&script->shown, "%s\n", line);
		if (*line && *line != '#')
			run_line(script, line);
		free(line);
	}
}

/* --- files and tests */

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	char *text = mem_alloc(FILE_BYTES_MAX);
	size_t len = fread(text, 1, FILE_BYTES_MAX - 1, file);
	assert_true(len < FILE_BYTES_MAX - 1);
	text[len] = '\0';
	fclose(file);
	return text;
}

static void write_file(const char *path, const struct str *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text->p, 1, text->len, file), text->len);
	assert_int_equal(fclose(file), 0);
}

/* Line by line: what stands in the file, and what came. */
static void print_difference(const char *path, const char *expected, const char *shown)
{
	for (int line = 1; *expected || *shown; line++) {
		size_t a = strcspn(expected, "\n"), b = strcspn(shown, "\n");
		if (a != b || memcmp(expected, shown, a) != 0)
			print_error("%s:%d\n  file  %.*s\n  came  %.*s\n", path, line, (int)a, expected, (int)b, shown);
		expected += a + (expected[a] == '\n');
		shown += b + (shown[b] == '\n');
	}
}

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

/* False, with words on stderr, when the file could not be run or its screens are others now. */
static bool compare(const struct script *script, const char *file)
{
	if (script->err.code) {
		print_error("%s:%d: %s\n", script->path, script->line, script->err.text);
		return false;
	}
	if (!cells_utf8() && !is_ascii(script->shown.p)) {
		print_error("%s: a byte beyond ASCII\n", script->path);
		return false;
	}
	if (str_eq(file, script->shown.p))
		return true;
	if (getenv("UPDATE")) {
		write_file(script->path, &script->shown);
		return true;
	}
	print_difference(script->path, file, script->shown.p);
	return false;
}

static void the_screens_are_as_they_were(void **state)
{
	struct script script = {.path = *state, .shown = STR_INIT};
	char *file = read_file(script.path);
	script.rest = file;
	script.world = world_new();
	world_cast(script.world);
	run_script(&script);
	bool same = compare(&script, file);
	if (script.on)
		stage_release(&script.stage);
	world_free(script.world);
	str_release(&script.shown);
	free(file);
	assert_true(same);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

static size_t find_files(const char *folder, struct CMUnitTest *tests, struct arena *arena)
{
	size_t len = 0;
	DIR *dir = opendir(folder);
	if (!dir)
		return 0;
	for (const struct dirent *entry; (entry = readdir(dir)) && len < FILES_MAX;) {
		if (!str_ends(entry->d_name, ".golden"))
			continue;
		char *name = arena_strndup(arena, entry->d_name, strlen(entry->d_name) - strlen(".golden"));
		for (char *p = name; *p; p++)
			*p = *p == '-' ? ' ' : *p;
		tests[len++] = (struct CMUnitTest){.name = name,
		        .test_func = the_screens_are_as_they_were,
		        .initial_state = arena_printf(arena, "%s/%s", folder, entry->d_name)};
	}
	closedir(dir);
	qsort(tests, len, sizeof *tests, by_name);
	return len;
}

int golden_run(const char *folder, const char *locale)
{
	static struct CMUnitTest tests[FILES_MAX];
	struct arena arena = ARENA_INIT;
	setenv("TZ", "UTC", 1);
	tzset();
	if (!setlocale(LC_ALL, locale)) {
		fprintf(stderr, "there is no locale %s here\n", locale);
		return 1;
	}
	const char *path = arena_printf(&arena, "%s/%s", str_or(getenv("CURLEW_GOLDEN"), "tests/golden"), folder);
	size_t len = find_files(path, tests, &arena);
	if (!len)
		fprintf(stderr, "no golden screens in %s\n", path);
	int failed = len ? _cmocka_run_group_tests(folder, tests, len, NULL, NULL) : 1;
	arena_release(&arena);
	return failed;
}
