/* What keeps a long-lived connection going: when it is tried again, how long it may be silent, and what an answer means
 * that is none. What stream.c and websocket.c share; not for others. Callbacks come from timers alone. */
#ifndef CORE_NET_ATTEMPTS_H
#define CORE_NET_ATTEMPTS_H

#include "core/base/clock.h"
#include "core/net/backoff.h"
#include "core/net/stream.h"

#define REFUSAL_MAX ((size_t)16 * 1024) /* bytes of the body that explains a refusal */

struct attempts {
	/* Of the owner, before attempts_init. */
	struct timers *timers;
	uint64_t (*random)(void);
	const char *noun; /* "event stream" */
	int good_status;  /* of an answer that is none of a refusal */
	int64_t dead_ms;  /* silence that is death */
	void (*again)(void *arg);
	void (*silent)(void *arg, struct err *reason);
	void *arg;

	enum stream_state state;
	struct backoff backoff;
	timer_id watchdog, retry;
	int64_t heard_ms, opened_ms; /* monotonic */
	/* Of the answer to the present attempt. */
	int status;
	int64_t told_wait_ms; /* what its headers ask for, 0 for nothing */
	char *location, *said;
	struct str refusal;
};

void attempts_init(struct attempts *attempts);
void attempts_release(struct attempts *attempts);

void attempts_begin(struct attempts *attempts);
/* The head of the answer; from here on silence counts. */
void attempts_answered(struct attempts *attempts, int status, const struct headers *headers);
void attempts_refused(struct attempts *attempts, const char *bytes, size_t len); /* of its body */
void attempts_opened(struct attempts *attempts);
void attempts_heard(struct attempts *attempts); /* a sign of life */

/* The attempt or the connection has failed. True: the next attempt comes at *retry_at (monotonic ms), at_least ms from
 * now. False: none comes, *stop says why. Where an answer said what is wrong, *reason is set to it. */
bool attempts_failed(
        struct attempts *attempts, int64_t at_least, struct err *reason, int64_t *retry_at, struct stream_stop *stop);

bool attempts_hurry(struct attempts *attempts); /* true: the owner begins the next attempt now */
void attempts_stop(struct attempts *attempts);

#endif
