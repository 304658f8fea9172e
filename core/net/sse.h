/* Server-sent events: an incremental parser by the WHATWG rules (HTML Living Standard, 9.2.6), for any chunking of the
 * bytes. Pure. Bytes are passed on as they came: whoever decodes an event's data repairs invalid UTF-8 in it.
 * The owner calls sse_release. */
#ifndef CORE_NET_SSE_H
#define CORE_NET_SSE_H

#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SSE_MAX ((size_t)4 * 1024 * 1024) /* bytes of a line, and of an event's data */

struct sse_event {
	const char *type; /* "message" when the stream names none */
	const char *data; /* followed by a NUL that data_len does not count */
	size_t data_len;
	const char *id; /* its own, or the last one before it; "" before any */
};

struct sse_handlers {
	void (*on_event)(void *arg, const struct sse_event *event);  /* the event is gone when it returns */
	void (*on_comment)(void *arg, const char *text, size_t len); /* a line after ':', a heartbeat; may be NULL */
};

struct sse {
	const struct sse_handlers *handlers;
	void *arg;
	struct str line, type, data;
	struct str id;      /* the last that a blank line confirmed: what to resume after */
	struct str next_id; /* read, in an event that may yet be cut */
	int64_t retry_ms;   /* the reconnection time that the stream asked for, -1 before any */
	bool after_cr;      /* the last byte was a CR: an LF that follows belongs to it */
	bool begun;         /* the first line, where a byte order mark may stand, is behind us */
};

void sse_init(struct sse *sse, const struct sse_handlers *handlers, void *arg);
void sse_release(struct sse *sse);

/* Forgets what is unfinished, as at the end of a stream; the last id and the reconnection time stay. */
void sse_restart(struct sse *sse);

/* 0, or -ERR_LIMIT when a line or an event passes SSE_MAX: then the rest cannot be trusted, and the stream has to be
 * opened anew after sse_restart. */
int sse_feed(struct sse *sse, const char *bytes, size_t len, struct err *err);

#endif
