/* The streaming half: server-sent events as Mastodon's streaming server writes them, and the same over a WebSocket. The
 * bytes, headers and chunk borders follow a recording of version 4.6: ":)" first, ":thump" every 15 s, the event line
 * and the data line in chunks of their own; a WebSocket's ping every 30 s. GoToSocial, recorded in late 2025, has the
 * WebSocket alone, ends each of its texts with a newline, and tells nothing of hashtags. */
#ifndef TESTS_FAKENET_STREAM_H
#define TESTS_FAKENET_STREAM_H

#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/fakenet/http.h"
#include "tests/fakenet/world.h"

struct site;
struct token;
struct call;

enum channel { CHANNEL_USER, CHANNEL_NOTIFICATION, CHANNEL_HASHTAG, CHANNEL_PUBLIC, CHANNEL_NONE };

enum origin { FROM_ALL, FROM_LOCAL, FROM_REMOTE };

struct stream {
	struct streams *owner;
	struct http_conn *conn;
	const struct token *token;
	enum channel channel;
	enum origin origin;
	char *tag;              /* lower case; NULL but for CHANNEL_HASHTAG */
	char *path;             /* for faults */
	bool socket;            /* a WebSocket */
	struct str from_client; /* of it, not yet a whole frame */
	bool stalled;
	struct str held; /* what would have been written while stalled */
};

struct streams {
	struct site *site;
	VEC(struct stream *) list;
	uint64_t beat_ms;     /* 15,000 */
	bool beat_blank_line; /* ":thump" LF LF (4.6 and later) or ":thump" LF (4.5) */
	int64_t sent;         /* events, all streams together */
};

void streams_init(struct streams *streams, struct site *site);
void streams_release(struct streams *streams);

/* True when the path is one of streaming and has been answered. */
bool streams_request(struct streams *streams, struct call *call);
void streams_changed(void *arg, const struct change *change); /* a change_fn; arg is the struct streams */

void streams_close(struct streams *streams, const struct token *token); /* of that token, or all for NULL; orderly */
void streams_stall(struct streams *streams);  /* the ones open now say nothing more, until streams_resume */
void streams_resume(struct streams *streams); /* says what was held */
void streams_set_beat(struct streams *streams, uint64_t ms, bool blank_line);

#endif
