/* Posts as JSON, one object each: what export prints, import reads, and adapters speak (RECORDS in curlew-adapter(7)).
 * Pure. Strings live in the arena; text is valid UTF-8 without NUL, mended where it was not. Unknown members are passed
 * over. */
#ifndef CORE_MODEL_RECORD_H
#define CORE_MODEL_RECORD_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/model/model.h"

#define RECORD_ID_MAX 1024 /* bytes of an id, a handle, an address */

struct record {
	struct post post;
	struct customer customer; /* the author; its network is left to the caller */
	bool mention;             /* false for posts of ours */
	const char *root_remote_id;
};

/* mention: what holds where the record does not say. -ERR_DATA names what is wrong or missing. */
int record_read(const json *object, bool mention, struct arena *arena, struct record *out, struct err *err);

/* An author alone. */
int record_read_author(const json *author, struct arena *arena, struct customer *out, struct err *err);

/* A member's text, mended; "" when there is none. A member that names something is refused when it is longer than
 * RECORD_ID_MAX: cut, it would name something else. */
const char *record_text(const json *object, const char *key, struct arena *arena);
int record_id(const json *object, const char *key, struct arena *arena, const char **out, struct err *err);

/* 0 in *at when it is missing or null; false when it is there and no time. */
bool record_time(const json *object, const char *key, int64_t *at);

#endif
