#include "keymaps/keymap.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define INCLUDE_DEPTH_MAX 8
#define ARGS_MAX 4096 /* bytes */

struct reader {
	struct keymap *keymap;
	struct problems *problems;
	const char *dir; /* NULL: no files */
	const char *file;
	int line;
	int depth;
	const struct reader *from; /* the file that includes this one */
	bool builtin;
};

static void read_text(struct reader *r, const char *text, size_t len);
static int read_named(struct reader *from, const char *name, struct err *err);

void keymap_init(struct keymap *keymap, const struct keymap_names *names)
{
	*keymap = (struct keymap){.names = names, .arena = ARENA_INIT};
}

void keymap_release(struct keymap *keymap)
{
	arena_release(&keymap->arena);
	free(keymap->at);
	keymap_init(keymap, keymap->names);
}

/* --- the sorted array */

static int key_compare(struct key a, struct key b)
{
	if (a.name != b.name)
		return a.name < b.name ? -1 : 1;
	if (a.code != b.code)
		return a.code < b.code ? -1 : 1;
	return (a.mods > b.mods) - (a.mods < b.mods);
}

/* By mode, then keys; a sequence comes right before those it begins. */
static int compare(int a_mode, const struct key *a, size_t a_len, const struct binding *b)
{
	if (a_mode != b->mode)
		return a_mode < b->mode ? -1 : 1;
	for (size_t i = 0; i < a_len && i < b->keys.len; i++) {
		int order = key_compare(a[i], b->keys.at[i]);
		if (order)
			return order;
	}
	return (a_len > b->keys.len) - (a_len < b->keys.len);
}

/* Where these keys stand, or would. */
static size_t position(const struct keymap *keymap, int mode, const struct key *keys, size_t len)
{
	size_t low = 0, high = keymap->len;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (compare(mode, keys, len, &keymap->at[mid]) > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct binding *find(const struct keymap *keymap, int mode, const struct chord *keys)
{
	size_t at = position(keymap, mode, keys->at, keys->len);
	bool found = at < keymap->len && compare(mode, keys->at, keys->len, &keymap->at[at]) == 0;
	return found ? &keymap->at[at] : NULL;
}

static void put(struct keymap *keymap, const struct binding *binding)
{
	struct binding *old = find(keymap, binding->mode, &binding->keys);
	if (old) {
		*old = *binding;
		return;
	}
	if (keymap->len == keymap->cap) {
		keymap->cap = keymap->cap ? keymap->cap * 2 : 64;
		keymap->at = mem_realloc(keymap->at, keymap->cap, sizeof *keymap->at);
	}
	assert(keymap->at);
	size_t at = position(keymap, binding->mode, binding->keys.at, binding->keys.len);
	memmove(keymap->at + at + 1, keymap->at + at, (keymap->len - at) * sizeof *keymap->at);
	keymap->at[at] = *binding;
	keymap->len++;
}

static bool begins(const struct binding *binding, int mode, const struct chord *keys)
{
	if (binding->mode != mode || binding->keys.len < keys->len)
		return false;
	for (size_t i = 0; i < keys->len; i++)
		if (!key_eq(binding->keys.at[i], keys->at[i]))
			return false;
	return true;
}

/* Takes out what begins with these keys; true when there was something. */
static bool drop(struct keymap *keymap, int mode, const struct chord *keys)
{
	size_t at = position(keymap, mode, keys->at, keys->len), end = at;
	while (end < keymap->len && begins(&keymap->at[end], mode, keys))
		end++;
	if (end > at)
		memmove(keymap->at + at, keymap->at + end, (keymap->len - end) * sizeof *keymap->at);
	keymap->len -= end - at;
	return end > at;
}

/* --- lines */

/* The next word of *text, copied; "" at the end. */
static const char *next_word(struct arena *arena, const char **text)
{
	const char *start = *text + strspn(*text, " \t");
	size_t len = strcspn(start, " \t");
	*text = start + len + strspn(start + len, " \t");
	return arena_strndup(arena, start, len);
}

static const char *suggest_name(const char *typed, const void *rows, size_t count, size_t row_size)
{
	const char **list = mem_alloc((count + 1) * sizeof *list);
	for (size_t i = 0; i < count; i++)
		memcpy(&list[i], (const char *)rows + i * row_size, sizeof *list); /* a row begins with its name */
	const char *meant = suggest_word(typed, list, count);
	free(list);
	return meant;
}

static const struct keymap_mode *find_mode(struct reader *r, const char *name)
{
	const struct keymap_names *names = r->keymap->names;
	for (size_t i = 0; i < names->modes_len; i++) {
		if (str_eq(names->modes[i].name, name))
			return &names->modes[i];
	}
	struct str list = STR_INIT;
	for (size_t i = 0; i < names->modes_len; i++)
		str_addf(&list, "%s%s", i ? i + 1 == names->modes_len ? " or " : ", " : "", names->modes[i].name);
	const char *meant = suggest_name(name, names->modes, names->modes_len, sizeof *names->modes);
	problems_error(r->problems, r->file, r->line, "found the mode \"%.40s\", expected %s%s%s%s", name, list.p,
	        meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	str_release(&list);
	return NULL;
}

static int find_command(struct reader *r, const char *name)
{
	const struct keymap_names *names = r->keymap->names;
	for (size_t i = 0; i < names->commands_len; i++) {
		if (str_eq(names->commands[i].name, name))
			return (int)i;
	}
	const char *meant = suggest_name(name, names->commands, names->commands_len, sizeof *names->commands);
	problems_error(r->problems, r->file, r->line, "found \"%.40s\", expected a command%s%s%s", name,
	        meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	return -1;
}

/* "inbox" for a mode's number; the table has a row of that bit alone. */
static const char *mode_word(const struct keymap_names *names, int mode)
{
	for (size_t i = 0; i < names->modes_len; i++) {
		if (names->modes[i].modes == UINT32_C(1) << mode)
			return names->modes[i].name;
	}
	return "another mode";
}

static bool may_be_bound(struct reader *r, const struct keymap_mode *mode, int command)
{
	const struct keymap_command *row = &r->keymap->names->commands[command];
	uint32_t outside = mode->modes & ~row->modes;
	if (!outside)
		return true;
	int first = 0;
	while (!(outside >> first & 1))
		first++;
	problems_error(r->problems, r->file, r->line, "found %s in mode %s, expected a command that works in %s",
	        row->name, mode->name, mode_word(r->keymap->names, first));
	return false;
}

static bool read_keys(struct reader *r, const char *text, struct chord *keys)
{
	struct err err = ERR_INIT;
	if (chord_parse(text, keys, &err) == 0)
		return true;
	problems_error(r->problems, r->file, r->line, "%s", err.text);
	return false;
}

/* One warning a line, however many modes it stands for. */
static void warn_of_override(struct reader *r, const struct keymap_mode *mode, const struct chord *keys)
{
	for (int i = 0; i < KEYMAP_MODES_MAX; i++) {
		const struct binding *old = mode->modes >> i & 1 ? find(r->keymap, i, keys) : NULL;
		char text[CHORD_TEXT_MAX];
		if (!old || old->file != r->file)
			continue;
		chord_format(keys->at, keys->len, text, sizeof text);
		problems_warn(r->problems, r->file, r->line,
		        "found %s in mode %s again (first in line %d, for %s); this one counts", text,
		        mode_word(r->keymap->names, i), old->line, r->keymap->names->commands[old->command].name);
		return;
	}
}

static void read_bind(struct reader *r, const char *rest)
{
	struct arena *arena = &r->keymap->arena;
	const char *mode_name = next_word(arena, &rest);
	const char *keys_text = next_word(arena, &rest);
	const char *command_name = next_word(arena, &rest);
	struct binding binding = {.file = r->file, .line = r->line};
	if (!*command_name) {
		problems_error(
		        r->problems, r->file, r->line, "found a bind that ends early, expected bind MODE KEYS COMMAND");
		return;
	}
	if (strlen(rest) > ARGS_MAX) {
		problems_error(r->problems, r->file, r->line, "found %zu bytes of arguments, expected at most %d",
		        strlen(rest), ARGS_MAX);
		return;
	}
	const struct keymap_mode *mode = find_mode(r, mode_name);
	if (!read_keys(r, keys_text, &binding.keys) || !mode)
		return;
	binding.command = find_command(r, command_name);
	binding.args = arena_strdup(arena, rest);
	if (binding.command < 0 || !may_be_bound(r, mode, binding.command))
		return;
	warn_of_override(r, mode, &binding.keys);
	for (binding.mode = 0; binding.mode < KEYMAP_MODES_MAX; binding.mode++) {
		if (mode->modes >> binding.mode & 1)
			put(r->keymap, &binding);
	}
}

static void read_unbind(struct reader *r, const char *rest)
{
	struct arena *arena = &r->keymap->arena;
	const char *mode_name = next_word(arena, &rest);
	const char *keys_text = next_word(arena, &rest);
	struct chord keys;
	bool any = false;
	if (!*keys_text || *rest) {
		problems_error(
		        r->problems, r->file, r->line, "found an unbind of another form, expected unbind MODE KEYS");
		return;
	}
	const struct keymap_mode *mode = find_mode(r, mode_name);
	if (!read_keys(r, keys_text, &keys) || !mode)
		return;
	for (int i = 0; i < KEYMAP_MODES_MAX; i++) {
		bool dropped = mode->modes >> i & 1 && drop(r->keymap, i, &keys);
		any = any || dropped;
	}
	if (!any)
		problems_warn(r->problems, r->file, r->line,
		        "found %s unbound in mode %s, where nothing is bound to it", keys_text, mode_name);
}

static void read_include(struct reader *r, const char *rest)
{
	const char *name = next_word(&r->keymap->arena, &rest);
	struct err err = ERR_INIT;
	if (!*name || *rest)
		problems_error(
		        r->problems, r->file, r->line, "found an include of another form, expected include NAME");
	else if (r->depth == INCLUDE_DEPTH_MAX)
		problems_error(r->problems, r->file, r->line, "found an include within %d others, expected fewer",
		        INCLUDE_DEPTH_MAX);
	else if (read_named(r, name, &err) < 0)
		problems_error(r->problems, r->file, r->line, "%s", err.text);
}

static void read_line(struct reader *r, const char *line)
{
	const char *rest = line;
	const char *word = next_word(&r->keymap->arena, &rest);
	if (!*word || *word == '#')
		return;
	if (str_eq(word, "bind"))
		read_bind(r, rest);
	else if (str_eq(word, "unbind"))
		read_unbind(r, rest);
	else if (str_eq(word, "include"))
		read_include(r, rest);
	else
		problems_error(r->problems, r->file, r->line,
		        "found \"%.40s\", expected bind, unbind, include or a comment", word);
}

static bool is_text(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return false;
	}
	return utf8_valid(line, len);
}

static void read_text(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);
		struct str line = STR_INIT;
		str_add(&line, text, n);
		str_trim(&line);
		r->line++;
		if (is_text(line.p, line.len))
			read_line(r, line.p);
		else
			problems_error(r->problems, r->file, r->line,
			        "found control characters or bytes that are no UTF-8, expected text");
		str_release(&line);
		text = newline ? newline + 1 : end;
	}
}

/* --- files */

static bool is_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) <= 64;
}

static bool is_open(const struct reader *r, const char *file)
{
	for (; r; r = r->from) {
		if (str_eq(r->file, file))
			return true;
	}
	return false;
}

static int read_file(struct reader *r, struct err *err)
{
	struct str text;
	str_init(&text, KEYMAP_FILE_MAX);
	int rc = file_read(r->file, &text, err);
	if (rc == 0)
		read_text(r, text.p, text.len);
	str_release(&text);
	return rc;
}

/* Reads what `name` means where `from` stands. */
static int read_named(struct reader *from, const char *name, struct err *err)
{
	struct reader r = *from;
	char *below = NULL, *label = NULL, *file = NULL;
	int rc = 0;
	r.from = from;
	r.line = 0;
	r.depth = from->depth + 1;
	if (!is_name(name)) {
		rc = err_set(err, ERR_CONFIG, "found \"%.60s\", expected a keymap's name, without directories", name);
		goto out;
	}
	below = arena_printf(&r.keymap->arena, "keymaps/%s.keys", name);
	label = arena_printf(&r.keymap->arena, "%s (built in)", name);
	file = from->dir && !from->builtin ? path_join(from->dir, below) : NULL;
	const char *builtin = keymap_builtin(name);
	bool there = file && path_exists(file);
	if (there && !is_open(from, file)) {
		r.file = arena_strdup(&r.keymap->arena, file);
		rc = read_file(&r, err);
	} else if (builtin && !is_open(from, label)) {
		r.file = label;
		r.builtin = true;
		read_text(&r, builtin, strlen(builtin));
	} else if (there || builtin) {
		rc = err_set(err, ERR_CONFIG, "found an include of %s inside itself, expected another keymap", name);
	} else {
		rc = err_set(err, ERR_NOT_FOUND, "found no keymap %s, expected the file %s", name, file ? file : below);
	}
out:
	free(file);
	return rc;
}

/* Why the key number n of a binding never comes to it; NULL when it does. */
static const char *never_comes(const struct keymap *keymap, const struct binding *binding, size_t n)
{
	static const struct {
		char letter;
		const char *why;
	} controls[] = {
	        {'h', "terminals send ^H for <Backspace>"},
	        {'j', "terminals send ^J for <Enter>"},
	        {'s', "terminals keep ^S to stop their output"},
	        {'q', "terminals keep ^Q to go on with it"},
	};
	const struct chord alone = {.at = {binding->keys.at[n]}, .len = 1};
	for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
		if (key_eq(alone.at[0], key_ctrl(controls[i].letter)))
			return controls[i].why;
	if (!n)
		return keymap->names->text_modes >> binding->mode & 1 && key_text(alone.at[0])
		               ? "characters are text there"
		               : NULL;
	const struct binding *cancels = find(keymap, binding->mode, &alone);
	return cancels && cancels->command == keymap->names->cancel ? "its last keys end a sequence" : NULL;
}

static const char *silent_why(const struct keymap *keymap, const struct binding *binding)
{
	const char *why = NULL;
	for (size_t n = 0; n < binding->keys.len && !why; n++)
		why = never_comes(keymap, binding, n);
	return why;
}

/* A line that stands for several modes is worth one warning. */
static bool silent_in_earlier_mode(const struct keymap *keymap, const struct binding *binding)
{
	for (int mode = 0; mode < binding->mode; mode++) {
		const struct binding *twin = find(keymap, mode, &binding->keys);
		if (twin && twin->line == binding->line && twin->file == binding->file && silent_why(keymap, twin))
			return true;
	}
	return false;
}

static void warn_of_silent(struct keymap *keymap, struct problems *problems)
{
	for (size_t i = 0; i < keymap->len; i++) {
		const struct binding *binding = &keymap->at[i];
		const char *why = silent_why(keymap, binding);
		char text[CHORD_TEXT_MAX];
		if (!why || silent_in_earlier_mode(keymap, binding))
			continue;
		chord_format(binding->keys.at, binding->keys.len, text, sizeof text);
		problems_warn(problems, binding->file, binding->line,
		        "found %s in mode %s, which cannot be reached: %s", text,
		        mode_word(keymap->names, binding->mode), why);
	}
}

/* Keys whose beginning is bound can never be typed to their end. */
static void warn_of_unreachable(struct keymap *keymap, struct problems *problems)
{
	const struct binding *told = NULL;
	for (size_t i = 0; i < keymap->len; i++) {
		const struct binding *binding = &keymap->at[i];
		for (size_t n = 1; n < binding->keys.len; n++) {
			struct chord head = binding->keys;
			char text[CHORD_TEXT_MAX], before[CHORD_TEXT_MAX];
			head.len = n;
			const struct binding *shorter = find(keymap, binding->mode, &head);
			bool known = told && told->line == binding->line && told->file == binding->file;
			if (!shorter || known)
				continue;
			chord_format(binding->keys.at, binding->keys.len, text, sizeof text);
			chord_format(head.at, head.len, before, sizeof before);
			problems_warn(problems, binding->file, binding->line,
			        "found %s in mode %s, which cannot be reached: %s is bound to %s (%s:%d)", text,
			        mode_word(keymap->names, binding->mode), before,
			        keymap->names->commands[shorter->command].name, shorter->file, shorter->line);
			told = binding;
			break;
		}
	}
}

int keymap_load(struct keymap *keymap, const char *dir, const char *name, struct problems *problems, struct err *err)
{
	struct reader root = {.keymap = keymap, .problems = problems, .dir = dir, .file = ""};
	int rc = read_named(&root, name, err);
	if (rc < 0)
		return rc;
	warn_of_unreachable(keymap, problems);
	warn_of_silent(keymap, problems);
	return problems_result(problems, err);
}

int keymap_parse(struct keymap *keymap, const char *text, size_t len, const char *file, struct problems *problems,
        struct err *err)
{
	struct reader r = {.keymap = keymap, .problems = problems, .file = arena_strdup(&keymap->arena, file)};
	read_text(&r, text, len);
	warn_of_unreachable(keymap, problems);
	warn_of_silent(keymap, problems);
	return problems_result(problems, err);
}

/* --- looking up */

enum keymap_match keymap_lookup(
        const struct keymap *keymap, int mode, const struct key *keys, size_t n, const struct binding **binding)
{
	size_t at = position(keymap, mode, keys, n);
	if (at == keymap->len || n == 0)
		return KEYMAP_NONE;
	const struct binding *next = &keymap->at[at];
	if (next->mode != mode || next->keys.len < n)
		return KEYMAP_NONE;
	for (size_t i = 0; i < n; i++) {
		if (!key_eq(next->keys.at[i], keys[i]))
			return KEYMAP_NONE;
	}
	if (next->keys.len > n)
		return KEYMAP_PREFIX;
	*binding = next;
	return KEYMAP_EXACT;
}

const struct binding *keymap_next(const struct keymap *keymap, int mode, size_t *i)
{
	if (!*i)
		*i = position(keymap, mode, NULL, 0);
	if (*i == keymap->len || keymap->at[*i].mode != mode)
		return NULL;
	return &keymap->at[(*i)++];
}

const struct binding *keymap_keys_of(const struct keymap *keymap, int mode, const char *command, const char *args)
{
	const struct binding *best = NULL, *binding;
	size_t i = 0;
	while ((binding = keymap_next(keymap, mode, &i))) {
		bool same = str_eq(keymap->names->commands[binding->command].name, command) &&
		            (!args || str_eq(binding->args, args));
		if (same && (!best || binding->keys.len < best->keys.len))
			best = binding;
	}
	return best;
}
