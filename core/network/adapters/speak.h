/* What the adapters that come with curlew share: the adapter's side of curlew-adapter(7), on a libuv loop. Lines go out
 * at once and block while nobody reads, as the protocol wants it; lines that come in are told one by one. The process
 * ends with its input. */
#ifndef CORE_NETWORK_ADAPTERS_SPEAK_H
#define CORE_NETWORK_ADAPTERS_SPEAK_H

#include "core/base/clock.h"
#include "core/base/json.h"

#include <uv.h>

struct speak_setup {
	uv_loop_t *loop;
	struct timers *timers;
	json *hello; /* name, network, can, …; taken over */
	/* A line down, of whatever type; what it holds lives until the callback returns. */
	void (*told)(void *arg, const char *type, const json *line);
	void *arg;
};

/* Says hello, and that it is alive from then on. ERR_USAGE when the input is nobody's pipe. */
int speak_begin(const struct speak_setup *setup, struct err *err);

/* After the loop has stopped; it must run once more. */
void speak_end(void);

void speak(json *line); /* taken over */
json *speak_line(const char *type);
/* posts, NULL for none, is taken over; reason may be "". */
void speak_answer(const json *call, const char *outcome, const char *reason, json *posts);
/* What the network charged, in the currency of hello's prices. */
void speak_cost(double amount);
/* New secrets, all of one answer together; told("kept") comes when they are on disk. */
struct speak_secret {
	const char *key;   /* of credentials.conf: "token", "refresh_token", "token_expires", … */
	const char *value; /* NULL: there is none any more */
};
void speak_secrets(const struct speak_secret *secrets, int count);
void speak_set_time(json *line, const char *key, int64_t utc_ms);

#endif
