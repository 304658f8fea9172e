#include "core/base/json.h"
#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- memory */

/* What was read is born and dies together: cJSON would take and give back two or three pieces for each member. The root
 * stands behind what it is to be freed with, and has a mark beside its type, of which cJSON looks at eight bits. */
struct reading {
	struct arena arena;
	json root[1];
};
enum { WAS_READ = 1 << 16 };

static pthread_once_t heap_once = PTHREAD_ONCE_INIT;
static _Thread_local struct reading *reading; /* what cJSON_Parse takes goes there; NULL: to the heap */

static void *take(size_t size)
{
	if (!reading)
		return mem_for_library(size);
	if (!reading->arena.head) {
		struct arena arena = ARENA_INIT;
		reading = arena_alloc(&arena, sizeof *reading - sizeof reading->root + size);
		reading->arena = arena;
		return reading->root;
	}
	return arena_alloc(&reading->arena, size);
}

static void give_back(void *p)
{
	if (!reading)
		free(p);
}

/* The arena lies in the first of its own blocks. */
static void release(struct reading *read)
{
	struct arena arena = read->arena;
	arena_release(&arena);
}

static void use_our_heap(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = take, .free_fn = give_back});
}

/* --- reading */

static int hex4(const char *p, size_t len)
{
	int value = 0;
	for (size_t i = 0; i < 4; i++) {
		char c = i < len ? p[i] : '\0';
		int digit = c >= '0' && c <= '9'   ? c - '0'
		            : c >= 'a' && c <= 'f' ? c - 'a' + 10
		            : c >= 'A' && c <= 'F' ? c - 'A' + 10
		                                   : -1;
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* The number of an escape \uXXXX at p, -1 for none. */
static int escape_at(const char *p, size_t len)
{
	return len >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2, len - 2) : -1;
}

/* cJSON refuses a text with half a surrogate pair, and ends a string at an escaped NUL. Networks send both; in each
 * place they become U+FFFD, in place, which is as long. */
static void mend_escapes(char *p, size_t len)
{
	static const char replacement[] = {'\\', 'u', 'f', 'f', 'f', 'd'};
	for (size_t i = 0; i + 1 < len; i++) {
		char *escape = memchr(p + i, '\\', len - i);
		if (!escape)
			return;
		i = (size_t)(escape - p);
		int unit = escape_at(p + i, len - i);
		if (unit < 0) {
			i++; /* the escaped character, which may be a backslash */
			continue;
		}
		int next = unit >= 0xD800 && unit <= 0xDBFF ? escape_at(p + i + 6, len - i - 6) : -1;
		if (next >= 0xDC00 && next <= 0xDFFF)
			i += 6;
		else if (unit == 0 || (unit >= 0xD800 && unit <= 0xDFFF))
			memcpy(p + i, replacement, sizeof replacement);
		i += 5;
	}
}

static bool only_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p == end;
}

/* One piece of memory for all of it. */
static json *read_whole(const char *p, size_t len, const char **stopped)
{
	struct reading none = {.arena = ARENA_INIT};
	reading = &none;
	json *value = cJSON_ParseWithLengthOpts(p, len, stopped, 0);
	if (value)
		value->type |= WAS_READ;
	else if (reading != &none)
		release(reading);
	reading = NULL;
	return value;
}

static json *parse(const char *bytes, size_t len, bool whole, struct err *err)
{
	pthread_once(&heap_once, use_our_heap);
	struct str clean = STR_INIT;
	utf8_repair(bytes, len, &clean);
	if (clean.len)
		mend_escapes(clean.p, clean.len);
	const char *stopped = clean.p;
	json *value = whole ? read_whole(clean.p, clean.len, &stopped)
	                    : cJSON_ParseWithLengthOpts(clean.p, clean.len, &stopped, 0);
	if (!value)
		err_set(err, ERR_DATA, "not JSON at byte %zu of %zu", (size_t)(stopped - clean.p), clean.len);
	else if (!only_space(stopped, clean.p + clean.len)) {
		err_set(err, ERR_DATA, "more than one JSON value, at byte %zu of %zu", (size_t)(stopped - clean.p),
		        clean.len);
		json_free(value);
		value = NULL;
	}
	str_release(&clean);
	return value;
}

json *json_parse(const char *bytes, size_t len, struct err *err)
{
	return parse(bytes, len, false, err);
}

json *json_read(const char *bytes, size_t len, struct err *err)
{
	return parse(bytes, len, true, err);
}

void json_free(json *value)
{
	if (value && value->type & WAS_READ)
		release((struct reading *)((char *)value - offsetof(struct reading, root)));
	else
		cJSON_Delete(value);
}

const json *json_get(const json *object, const char *key)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

const json *json_path(const json *object, const char *dotted)
{
	char key[128];
	while (object) {
		size_t n = strcspn(dotted, ".");
		if (n >= sizeof key)
			return NULL;
		memcpy(key, dotted, n);
		key[n] = '\0';
		object = json_get(object, key);
		if (!dotted[n])
			break;
		dotted += n + 1;
	}
	return object;
}

const char *json_text(const json *value)
{
	return cJSON_IsString(value) ? value->valuestring : NULL;
}

const char *json_str(const json *object, const char *key)
{
	return json_text(json_get(object, key));
}

const char *json_str_or(const json *object, const char *key, const char *otherwise)
{
	const char *text = json_str(object, key);
	return text ? text : otherwise;
}

/* False when the value is no number and no string that holds one. A raw value is one that json_set_int made. */
static bool number_of(const json *value, double *out)
{
	if (cJSON_IsNumber(value)) {
		*out = value->valuedouble;
		return !isnan(*out);
	}
	if ((!cJSON_IsString(value) && !cJSON_IsRaw(value)) || !*value->valuestring)
		return false;
	char *end;
	*out = strtod(value->valuestring, &end);
	return !*end && isfinite(*out);
}

int64_t json_int(const json *object, const char *key, int64_t otherwise)
{
	const json *value = json_get(object, key);
	int64_t exact;
	double n;
	if ((cJSON_IsString(value) || cJSON_IsRaw(value)) && parse_i64(value->valuestring, &exact))
		return exact;
	if (!number_of(value, &n))
		return otherwise;
	return n >= 0x1p63 ? INT64_MAX : n < -0x1p63 ? INT64_MIN : (int64_t)n;
}

double json_num(const json *object, const char *key, double otherwise)
{
	double n;
	return number_of(json_get(object, key), &n) ? n : otherwise;
}

bool json_bool(const json *object, const char *key, bool otherwise)
{
	const json *value = json_get(object, key);
	return cJSON_IsBool(value) ? cJSON_IsTrue(value) : otherwise;
}

bool json_is_null(const json *value)
{
	return cJSON_IsNull(value);
}

bool json_is_object(const json *value)
{
	return cJSON_IsObject(value);
}

bool json_is_array(const json *value)
{
	return cJSON_IsArray(value);
}

size_t json_count(const json *array)
{
	return cJSON_IsArray(array) ? (size_t)cJSON_GetArraySize(array) : 0;
}

const json *json_first(const json *array_or_object)
{
	return cJSON_IsArray(array_or_object) || cJSON_IsObject(array_or_object) ? array_or_object->child : NULL;
}

const json *json_next(const json *item)
{
	return item->next;
}

const char *json_key(const json *item)
{
	return item->string;
}

/* --- building */

json *json_copy(const json *value)
{
	json *copy = value ? mem_checked(cJSON_Duplicate(value, true)) : NULL;
	if (copy)
		copy->type &= ~WAS_READ;
	return copy;
}

json *json_object(void)
{
	pthread_once(&heap_once, use_our_heap);
	return cJSON_CreateObject();
}

json *json_array(void)
{
	pthread_once(&heap_once, use_our_heap);
	return cJSON_CreateArray();
}

static json *text_value(const char *text)
{
	if (!text)
		return cJSON_CreateNull();
	struct str clean = STR_INIT;
	utf8_repair(text, strlen(text), &clean);
	json *value = cJSON_CreateString(clean.p);
	str_release(&clean);
	return value;
}

void json_set(json *object, const char *key, json *value)
{
	assert(!(object->type & WAS_READ) && !(value->type & WAS_READ));
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	cJSON_AddItemToObject(object, key, value);
}

void json_set_str(json *object, const char *key, const char *text)
{
	json_set(object, key, text_value(text));
}

/* cJSON prints a larger number with 15 digits when that is "near enough". */
void json_set_int(json *object, const char *key, int64_t n)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%lld", (long long)n);
	json_set(object, key, n >= INT_MIN && n <= INT_MAX ? cJSON_CreateNumber((double)n) : cJSON_CreateRaw(digits));
}

void json_set_num(json *object, const char *key, double n)
{
	json_set(object, key, cJSON_CreateNumber(n));
}

void json_set_bool(json *object, const char *key, bool b)
{
	json_set(object, key, cJSON_CreateBool(b));
}

void json_push(json *array, json *value)
{
	assert(!(array->type & WAS_READ) && !(value->type & WAS_READ));
	cJSON_AddItemToArray(array, value);
}

void json_push_str(json *array, const char *text)
{
	json_push(array, text_value(text));
}

/* --- printing */

/* What is hidden stands inside a string there, since JSON has nothing but ASCII around them. */
static int add_escaped(struct str *out, uint32_t cp)
{
	if (cp <= 0xFFFF)
		return str_addf(out, "\\u%04x", (unsigned)cp);
	return str_addf(out, "\\u%04x\\u%04x", (unsigned)(0xD7C0 + (cp >> 10)), (unsigned)(0xDC00 | (cp & 0x3FF)));
}

static int print(const json *value, bool ascii, struct str *out)
{
	char *plain = cJSON_PrintUnformatted(value);
	if (!plain)
		return -1;
	size_t len = strlen(plain), before = out->len;
	int result = 0;
	for (size_t i = 0; i < len && !result;) {
		uint32_t cp;
		size_t n = utf8_decode(plain + i, len - i, &cp);
		bool escape = utf8_is_hidden(cp) || (ascii && cp >= 0x80);
		result = escape ? add_escaped(out, cp) : str_add(out, plain + i, n);
		i += n;
	}
	if (result)
		str_remove(out, before, out->len - before);
	cJSON_free(plain);
	return result;
}

int json_print(const json *value, struct str *out)
{
	return print(value, false, out);
}

int json_print_ascii(const json *value, struct str *out)
{
	return print(value, true, out);
}
