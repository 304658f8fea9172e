#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"
#include "core/text/cells.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *utf8, *ascii;
} marks[] = {
#define X(name, utf8, ascii, help) {utf8, ascii},
#include "tui/view/marks.def"
#undef X
};

const char *mark_text(const struct frame *frame, enum mark mark)
{
	return frame->ascii ? marks[mark].ascii : marks[mark].utf8;
}

uint32_t mark_code(const struct frame *frame, enum mark mark)
{
	const char *text = mark_text(frame, mark);
	uint32_t cp;
	utf8_decode(text, strlen(text), &cp);
	return cp;
}

const char *like_mark(const struct state *state, const struct frame *frame, const char *handle, const char *name)
{
	const char *ours = name ? state_looks_like(state, handle, name) : state_handle_looks_like(state, handle);
	return ours ? mark_text(frame, MARK_LOOKALIKE) : "";
}

enum { DAY_MS = 24 * 3600 * 1000 };

void when_words(int64_t at, int64_t now, char *out, size_t size)
{
	char day[16], today[16];
	time_format_local(at, "%Y-%m-%d", day, sizeof day);
	time_format_local(now, "%Y-%m-%d", today, sizeof today);
	int64_t apart = at < now ? now - at : at - now;
	if (str_eq(day, today))
		time_format_local(at, "%H:%M", out, size);
	else if (apart < 6 * (int64_t)DAY_MS)
		time_format_local(at, "%a %H:%M", out, size);
	else
		time_format_local(at, "%d %b %Y", out, size);
}

const struct setup_view *view_named(const struct state *state, const char *word)
{
	int64_t number;
	const struct setup_view *views = state->setup.views;
	for (size_t i = 0; i < state->setup.views_len; i++)
		if (str_ieq(views[i].name, word) || (word[0] == views[i].key && !word[1]))
			return &views[i];
	bool fits = parse_i64(word, &number) && number >= 1 && number <= (int64_t)state->setup.views_len;
	return fits ? &views[number - 1] : NULL;
}

size_t handle_short(const char *handle)
{
	static const char common[] = ".bsky.social";
	const char *server = *handle ? strchr(handle + 1, '@') : NULL;
	if (server)
		return (size_t)(server - handle);
	return strlen(handle) - (str_ends(handle, common) ? sizeof common - 1 : 0);
}

/* How easily a person finds a key: Esc and Enter, which everybody knows, a character, another named key, Control; the
 * fewest first. */
static int effort(const struct chord *keys)
{
	int sum = 0;
	for (size_t i = 0; i < keys->len; i++) {
		const struct key *key = &keys->at[i];
		bool known = key->name == KEYNAME_ESC || key->name == KEYNAME_ENTER;
		sum += known ? 3 : key->name ? 5 : 4;
		sum += key->mods & (KEY_MOD_CTRL | KEY_MOD_ALT) ? 2 : 0;
	}
	return sum;
}

void key_words(const struct key *keys, size_t len, char *out, size_t size)
{
	size_t at = 0;
	*out = '\0';
	for (size_t i = 0; i < len && at + 1 < size; i++) {
		char one[CHORD_TEXT_MAX];
		key_format(keys[i], one, sizeof one);
		size_t n = strlen(one);
		/* <Space> is for key files: people read Space. */
		if (one[0] == '<' && n > 2 && len == 1)
			at += (size_t)snprintf(out + at, size - at, "%.*s", (int)n - 2, one + 1);
		else
			at += (size_t)snprintf(out + at, size - at, "%s", one);
	}
}

void keys_of(const struct state *state, enum mode mode, enum command_id command, char *out, size_t size)
{
	const struct binding *binding, *best = NULL;
	size_t i = 0;
	while ((binding = keymap_next(state->setup.keymap, (int)mode, &i)))
		if (binding->command == (int)command && (!best || effort(&binding->keys) < effort(&best->keys)))
			best = binding;
	*out = '\0';
	if (best)
		key_words(best->keys.at, best->keys.len, out, size);
}

struct pen pen_at(struct frame *frame, struct rect rect, int row)
{
	return (struct pen){frame, rect.row + row, rect.col, rect.col + rect.cols};
}

void pen_put(struct pen *pen, enum style style, const char *text)
{
	size_t len = strlen(text);
	int room = pen->end - pen->col;
	/* Blanks that separate from what comes next are no loss. */
	while (len && text[len - 1] == ' ' && cells_width(text, len) > room)
		len--;
	if (len)
		pen->col += frame_put_cut(pen->frame, pen->row, pen->col, room, text, len, style);
}

void pen_putf(struct pen *pen, enum style style, const char *fmt, ...)
{
	enum { SHORT = 256 };
	char words[SHORT]; /* nearly all are so short: then a frame asks for no memory */
	va_list ap;
	va_start(ap, fmt);
	int len = vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	if (len >= 0 && len < SHORT) {
		pen_put(pen, style, words);
		return;
	}
	struct str text;
	str_init(&text, 4096);
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	pen_put(pen, style, text.p);
	str_release(&text);
}

void draw_found(const struct state *state, struct frame *frame, int row, int col, int room)
{
	char words[sizeof state->search], *rest = NULL;
	str_copy(words, sizeof words, state->search);
	for (char *word = strtok_r(words, " \"", &rest); word; word = strtok_r(NULL, " \"", &rest))
		if (!strchr(word, ':') && *word != '-')
			frame_mark_word(frame, row, col, room, word, STYLE_MATCH);
}
