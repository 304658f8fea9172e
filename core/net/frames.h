/* WebSocket frames, the client's side (RFC 6455, 5), on wslay, for any chunking of the bytes: messages come out whole,
 * a ping is answered by a pong with the same bytes, a close by a close. Never blocks. The owner calls frames_free, not
 * from inside a callback. */
#ifndef CORE_NET_FRAMES_H
#define CORE_NET_FRAMES_H

#include "core/base/err.h"
#include "core/base/str.h"

struct frames_handlers {
	/* Valid UTF-8, followed by a NUL that len does not count; gone when it returns. Binary messages are passed
	 * over. */
	void (*on_text)(void *arg, const char *text, size_t len);
	void (*on_control)(void *arg); /* a ping or pong */
};

#define FRAMES_CLOSE_NORMAL 1000

struct frames;

/* The handlers outlive it. A message of more than max_message bytes is refused before its bytes are kept. random: for
 * masks, which have to be unforeseeable. */
struct frames *frames_new(
        const struct frames_handlers *handlers, void *arg, size_t max_message, uint64_t (*random)(void));
void frames_free(struct frames *frames);

/* 0, or negative: the connection has to end, since the server ended it (-ERR_UNAVAILABLE, with the code and the words
 * it gave), or since it sent what cannot be read. After each call frames_out has what there is to be sent, before the
 * end, too. */
int frames_feed(struct frames *frames, const char *bytes, size_t len, struct err *err);
void frames_close(struct frames *frames, int code); /* nothing comes after it */
struct str *frames_out(struct frames *frames);      /* emptied by whoever sends it */

#endif
