/* Reading an HTTP/1.1 request (RFC 9112) from bytes that have arrived so far, and the parameters it carries. Pure: no
 * sockets. Everything handed out lives in the caller's arena. Never blocks. */
#ifndef TESTS_FAKENET_PARSE_H
#define TESTS_FAKENET_PARSE_H

#include "core/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX (64U * 1024U)
#define HTTP_BODY_MAX (4U * 1024U * 1024U)
#define HTTP_HEADERS_MAX 64

struct http_header {
	const char *name, *value;
};

struct http_request {
	const char *method; /* "GET" */
	const char *target; /* as sent: path and query */
	const char *path;   /* percent-decoded, no NUL inside */
	const char *query;  /* still encoded, "" for none */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t header_count;
	const char *body; /* NUL after the last byte */
	size_t body_len;
	bool keep_alive;
	bool wants_continue; /* the head is whole, says "Expect: 100-continue", and the body is not here yet */
};

/* The bytes that one whole request took, 0 when more must arrive, or minus the HTTP status that refuses it. */
ptrdiff_t http_parse(const char *bytes, size_t len, struct arena *arena, struct http_request *out);

const char *http_header_get(const struct http_request *request, const char *name); /* NULL when missing */

/* Query, form and JSON bodies become one list of names and values. A JSON array `ids` becomes repeated `ids[]`. */
struct param {
	const char *name, *value;
	struct param *next;
};
struct params {
	struct param *first, *last;
};

/* False when the body calls itself JSON and is none. */
bool params_read(struct params *params, struct arena *arena, const struct http_request *request);

const char *param_get(const struct params *params, const char *name); /* the last of that name, or NULL */
int64_t param_int(const struct params *params, const char *name, int64_t otherwise);
bool param_bool(const struct params *params, const char *name);
/* The next parameter of that name after `from` (NULL for the first). */
const struct param *param_next(const struct params *params, const struct param *from, const char *name);

#endif
