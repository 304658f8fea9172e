/* Access to JSON, on cJSON. Reading is lenient where networks are: a missing or mistyped field is a default, never a
 * crash; depth and size are capped by the caller and by cJSON's nesting limit. Strings handed out belong to the value.
 */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cJSON json;

json *json_parse(const char *bytes, size_t len,
        struct err *err); /* NULL on error; free with json_free. Trailing bytes but white space are an error */
void json_free(json *value);

/* The same for what is only looked at, in half the time: all of it is one piece of memory. It may not be changed, and
 * becomes no part of what is built; a copy does. */
json *json_read(const char *bytes, size_t len, struct err *err);

const json *json_get(const json *object, const char *key);     /* NULL when object is none or has no such key */
const json *json_path(const json *object, const char *dotted); /* "configuration.statuses.max_characters" */
const char *json_str(const json *object, const char *key);     /* NULL when missing, null, or no string */
const char *json_str_or(const json *object, const char *key, const char *otherwise);
int64_t json_int(const json *object, const char *key, int64_t otherwise); /* numbers and numeric strings; clamped */
double json_num(const json *object, const char *key, double otherwise);
bool json_bool(const json *object, const char *key, bool otherwise);
bool json_is_object(const json *value);
bool json_is_array(const json *value);
bool json_is_null(const json *value);
const char *json_text(const json *value); /* the value itself, when a string */
size_t json_count(const json *array);
const json *json_first(
        const json *array_or_object); /* iterate: for (const json *i = json_first(a); i; i = json_next(i)) */
const json *json_next(const json *item);
const char *json_key(const json *item); /* the key under which a member stands in its object */

json *json_copy(const json *value); /* the whole of it, as if it had been built; NULL stays NULL */
json *json_object(void);
json *json_array(void);
void json_set_str(json *object, const char *key, const char *text); /* NULL text sets null; invalid UTF-8 is repaired */
void json_set_int(json *object, const char *key, int64_t n);        /* written exactly */
void json_set_num(json *object, const char *key, double n);
void json_set_bool(json *object, const char *key, bool b);
void json_set(json *object, const char *key, json *value); /* takes value over */
void json_push(json *array, json *value);                  /* takes value over */
void json_push_str(json *array, const char *text);

/* One line. Everything that a terminal might act on or hide (controls, C1, DEL, bidirectional controls, zero width) is
 * written as \uXXXX, so that the output is safe to look at as well as to parse. */
int json_print(const json *value, struct str *out); /* appends; -1 when the cap would be passed: then nothing */
/* The same with all that is not ASCII as \uXXXX: an 8-bit terminal takes bytes within UTF-8 for controls. */
int json_print_ascii(const json *value, struct str *out);

#endif
