#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "keymaps/chord.h"
#include "tui/record/shape.h"

#include <limits.h>
#include <string.h>

/* Beyond this a JSON number (a double) is not exact: it is written as text. */
#define EXACT_MAX ((int64_t)1 << 53)

struct writer {
	shape_hide *hide;
	void *arg;
};

static size_t count_of(const struct part *part, const char *base)
{
	if (part->count_size == sizeof(int)) {
		int n;
		memcpy(&n, base + part->count_at, sizeof n);
		return n > 0 ? (size_t)n : 0;
	}
	size_t n;
	memcpy(&n, base + part->count_at, sizeof n);
	return n;
}

static void set_count(const struct part *part, char *base, size_t count)
{
	int n = count < INT_MAX ? (int)count : INT_MAX;
	if (part->count_size == sizeof(int))
		memcpy(base + part->count_at, &n, sizeof n);
	else
		memcpy(base + part->count_at, &count, sizeof count);
}

/* --- numbers */

static int64_t number_of(const struct part *part, const char *at)
{
	bool b;
	int16_t i16;
	int i;
	unsigned u;
	int64_t n = 0;
	switch (part->type) {
	case PART_BOOL: memcpy(&b, at, sizeof b); return b;
	case PART_CHAR: return (unsigned char)*at;
	case PART_I16: memcpy(&i16, at, sizeof i16); return i16;
	case PART_INT: memcpy(&i, at, sizeof i); return i;
	case PART_UNSIGNED: memcpy(&u, at, sizeof u); return u;
	default: memcpy(&n, at, sizeof n); return n;
	}
}

static void set_number(const struct part *part, char *at, int64_t n)
{
	if ((part->low || part->high) && (n < part->low || n > part->high))
		n = n < part->low ? part->low : part->high;
	bool b = n != 0;
	int16_t i16 = (int16_t)(n < INT16_MIN ? INT16_MIN : n > INT16_MAX ? INT16_MAX : n);
	int i = (int)(n < INT_MIN ? INT_MIN : n > INT_MAX ? INT_MAX : n);
	unsigned u = (unsigned)(n < 0 ? 0 : n > UINT_MAX ? UINT_MAX : n);
	switch (part->type) {
	case PART_BOOL: memcpy(at, &b, sizeof b); break;
	case PART_CHAR: *at = (char)(n > 0 && n < 128 ? n : 0); break;
	case PART_I16: memcpy(at, &i16, sizeof i16); break;
	case PART_INT: memcpy(at, &i, sizeof i); break;
	case PART_UNSIGNED: memcpy(at, &u, sizeof u); break;
	default: memcpy(at, &n, sizeof n); break;
	}
}

static void write_number(json *object, const char *name, int64_t n)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%lld", (long long)n);
	if (n > -EXACT_MAX && n < EXACT_MAX)
		json_set_int(object, name, n);
	else
		json_set_str(object, name, digits);
}

static int64_t read_number(const json *object, const char *name)
{
	int64_t n;
	const char *text = json_str(object, name);
	if (text)
		return parse_i64(text, &n) ? n : 0;
	const json *value = json_get(object, name);
	return value ? json_int(object, name, json_bool(object, name, false)) : 0;
}

/* --- texts */

static void hidden(const struct writer *w, const struct part *part, const void *base, const char *text, size_t len,
        struct str *out)
{
	if (w->hide && part->secret != OPEN)
		w->hide(w->arg, part, base, text, len, out);
	else
		str_add(out, text, len);
}

static const char hex_digits[] = "0123456789abcdef";

/* Bytes that are no text would be repaired: they go as hexadecimal digits, in an object of their own. */
static void write_bytes(json *object, const char *name, const struct str *bytes)
{
	if (utf8_valid(bytes->p, bytes->len) && !memchr(bytes->p, '\0', bytes->len)) {
		json_set_str(object, name, bytes->p);
		return;
	}
	struct str digits = STR_INIT;
	for (size_t i = 0; i < bytes->len; i++) {
		str_addc(&digits, hex_digits[(unsigned char)bytes->p[i] >> 4]);
		str_addc(&digits, hex_digits[(unsigned char)bytes->p[i] & 15]);
	}
	json *hex = json_object();
	json_set_str(hex, "hex", digits.p);
	json_set(object, name, hex);
	str_release(&digits);
}

static void write_text(
        const struct writer *w, const struct part *part, const void *base, const char *text, size_t len, json *object)
{
	struct str out = STR_INIT;
	hidden(w, part, base, text, len, &out);
	write_bytes(object, part->name, &out);
	str_release(&out);
}

static int hex_value(char c)
{
	const char *at = c ? strchr(hex_digits, c) : NULL;
	return at ? (int)(at - hex_digits) : 0;
}

static char *read_bytes(const json *object, const char *name, size_t *len, struct arena *arena)
{
	const char *text = json_str(object, name);
	const char *hex = json_str_or(json_get(object, name), "hex", "");
	*len = text ? strlen(text) : strlen(hex) / 2;
	if (text)
		return arena_strdup(arena, text);
	char *bytes = arena_alloc(arena, *len + 1);
	for (size_t i = 0; i < *len; i++)
		bytes[i] = (char)(hex_value(hex[2 * i]) << 4 | hex_value(hex[2 * i + 1]));
	return bytes;
}

/* --- keys: as key files write them, where that says all */

static void write_key(json *object, const char *name, struct key key)
{
	char text[CHORD_TEXT_MAX];
	struct chord chord = {0};
	struct err err = ERR_INIT;
	key_format(key, text, sizeof text);
	if (!chord_parse(text, &chord, &err) && chord.len == 1 && key_eq(chord.at[0], key)) {
		json_set_str(object, name, text);
		return;
	}
	json *parts = json_object();
	json_set_int(parts, "code", key.code);
	json_set_int(parts, "name", key.name);
	json_set_int(parts, "mods", key.mods);
	json_set(object, name, parts);
}

static struct key read_key(const json *object, const char *name)
{
	struct chord chord = {0};
	struct err err = ERR_INIT;
	const char *text = json_str(object, name);
	if (text)
		return !chord_parse(text, &chord, &err) && chord.len == 1 ? chord.at[0] : (struct key){0};
	const json *parts = json_get(object, name);
	int64_t named = json_int(parts, "name", 0);
	return (struct key){.code = (uint32_t)json_int(parts, "code", 0),
	        .name = (uint8_t)(named > 0 && named < KEYNAME_COUNT ? named : 0),
	        .mods = (uint8_t)(json_int(parts, "mods", 0) & (KEY_MOD_CTRL | KEY_MOD_ALT | KEY_MOD_SHIFT))};
}

/* --- writing */

static json *write_shape(const struct writer *w, const struct shape *shape, const char *base);

static json *write_list(const struct writer *w, const struct part *part, const char *base, const char *items, size_t n)
{
	json *list = json_array();
	for (size_t i = 0; i < n; i++) {
		struct str text = STR_INIT;
		if (part->type == PART_IDS) {
			str_addf(&text, "%lld", (long long)((const int64_t *)(const void *)items)[i]);
			json_push_str(list, text.p);
		} else if (part->type == PART_POINTERS) {
			const char *word = ((const char *const *)(const void *)items)[i];
			hidden(w, part, base, word, strlen(word), &text);
			json_push_str(list, text.p);
		} else {
			json_push(list, write_shape(w, part->shape, items + i * part->shape->size));
		}
		str_release(&text);
	}
	return list;
}

static void write_part(const struct writer *w, const struct part *part, const char *base, json *object)
{
	const char *at = base + part->offset, *pointer = NULL;
	size_t count = part->count_size ? count_of(part, base) : 0;
	struct key key;
	if (part->type >= PART_TEXT && part->type != PART_CHARS && part->type != PART_KEY &&
	        part->type != PART_INSIDE && part->type != PART_ROW)
		memcpy(&pointer, at, sizeof pointer);
	switch (part->type) {
	case PART_TEXT:
		if (pointer && *pointer)
			write_text(w, part, base, pointer, strlen(pointer), object);
		break;
	case PART_MAYBE:
		if (pointer)
			write_text(w, part, base, pointer, strlen(pointer), object);
		break;
	case PART_CHARS: write_text(w, part, base, at, strlen(at), object); break;
	case PART_BYTES: write_text(w, part, base, pointer ? pointer : "", pointer ? count : 0, object); break;
	case PART_KEY:
		memcpy(&key, at, sizeof key);
		write_key(object, part->name, key);
		break;
	case PART_INSIDE: json_set(object, part->name, write_shape(w, part->shape, at)); break;
	case PART_ROW: {
		struct part each = *part;
		each.type = PART_ARRAY;
		json_set(object, part->name, write_list(w, &each, base, at, part->size));
		break;
	}
	case PART_POINTER:
		if (pointer)
			json_set(object, part->name, write_shape(w, part->shape, pointer));
		break;
	case PART_ARRAY:
	case PART_POINTERS:
	case PART_IDS:
		if (pointer && count)
			json_set(object, part->name, write_list(w, part, base, pointer, count));
		break;
	default:
		if (number_of(part, at))
			write_number(object, part->name, number_of(part, at));
	}
}

static json *write_shape(const struct writer *w, const struct shape *shape, const char *base)
{
	json *object = json_object();
	for (size_t i = 0; i < shape->count; i++)
		write_part(w, &shape->parts[i], base, object);
	return object;
}

json *shape_write(const struct shape *shape, const void *base, shape_hide *hide, void *arg)
{
	const struct writer w = {hide, arg};
	return write_shape(&w, shape, base);
}

/* --- reading */

static void read_row(const struct part *part, const json *list, char *at, struct arena *arena)
{
	size_t i = 0;
	for (const json *item = json_first(list); item && i < part->size; item = json_next(item))
		shape_read(part->shape, item, at + i++ * part->shape->size, arena);
}

static void *read_list(const struct part *part, const json *list, struct arena *arena, size_t *count)
{
	size_t n = json_is_array(list) ? json_count(list) : 0, i = 0;
	size_t size = part->type == PART_ARRAY ? part->shape->size : sizeof(int64_t);
	char *items = arena_alloc(arena, (n + 1) * size);
	for (const json *item = n ? json_first(list) : NULL; item; item = json_next(item), i++) {
		const char *text = json_text(item);
		if (part->type == PART_ARRAY)
			shape_read(part->shape, item, items + i * size, arena);
		else if (part->type == PART_POINTERS)
			((const char **)(void *)items)[i] = arena_strdup(arena, text ? text : "");
		else if (text)
			parse_i64(text, (int64_t *)(void *)items + i);
	}
	*count = n;
	return items;
}

static const void *read_text(const struct part *part, const json *object, struct arena *arena, size_t *len)
{
	if (part->type == PART_MAYBE && !json_get(object, part->name))
		return NULL;
	return read_bytes(object, part->name, len, arena);
}

static void *read_pointer(const struct part *part, const json *object, struct arena *arena)
{
	const json *value = json_get(object, part->name);
	if (!json_is_object(value))
		return NULL;
	void *made = arena_alloc(arena, part->shape->size);
	shape_read(part->shape, value, made, arena);
	return made;
}

static void read_part(const struct part *part, const json *object, char *base, struct arena *arena)
{
	char *at = base + part->offset;
	const json *value = json_get(object, part->name);
	const void *pointer = NULL;
	size_t count = 0;
	struct key key;
	switch (part->type) {
	case PART_TEXT:
	case PART_MAYBE:
	case PART_BYTES: pointer = read_text(part, object, arena, &count); break;
	case PART_CHARS: str_copy(at, part->size, json_str_or(object, part->name, "")); return;
	case PART_KEY:
		key = read_key(object, part->name);
		memcpy(at, &key, sizeof key);
		return;
	case PART_INSIDE: shape_read(part->shape, value, at, arena); return;
	case PART_ROW: read_row(part, value, at, arena); return;
	case PART_POINTER: pointer = read_pointer(part, object, arena); break;
	case PART_ARRAY:
	case PART_POINTERS:
	case PART_IDS: pointer = read_list(part, value, arena, &count); break;
	default: set_number(part, at, read_number(object, part->name)); return;
	}
	memcpy(at, &pointer, sizeof pointer);
	if (part->count_size)
		set_count(part, base, count);
}

void shape_read(const struct shape *shape, const json *object, void *base, struct arena *arena)
{
	for (size_t i = 0; i < shape->count; i++)
		read_part(&shape->parts[i], object, base, arena);
}
