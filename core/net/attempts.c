#include "core/net/attempts.h"

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/net/ratelimit.h"

#include <stdlib.h>

void attempts_init(struct attempts *attempts)
{
	backoff_init(&attempts->backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	str_init(&attempts->refusal, REFUSAL_MAX);
}

static void forget_answer(struct attempts *attempts)
{
	free(attempts->location);
	free(attempts->said);
	attempts->location = attempts->said = NULL;
	attempts->status = 0;
	attempts->told_wait_ms = 0;
	str_clear(&attempts->refusal);
}

void attempts_stop(struct attempts *attempts)
{
	attempts->state = STREAM_STOPPED;
	timers_cancel(attempts->timers, &attempts->watchdog);
	timers_cancel(attempts->timers, &attempts->retry);
}

void attempts_release(struct attempts *attempts)
{
	forget_answer(attempts);
	str_release(&attempts->refusal);
}

void attempts_begin(struct attempts *attempts)
{
	forget_answer(attempts);
	attempts->state = STREAM_CONNECTING;
}

static void watch(void *arg)
{
	struct attempts *attempts = arg;
	int64_t dead_at = attempts->heard_ms + attempts->dead_ms;
	attempts->watchdog = 0;
	if (clock_mono_ms() < dead_at) {
		attempts->watchdog = timers_add(attempts->timers, dead_at, watch, attempts);
		return;
	}
	struct err reason = ERR_INIT;
	err_set(&reason, ERR_UNAVAILABLE, "the %s was silent for %d s", attempts->noun,
	        (int)(attempts->dead_ms / 1000));
	attempts->silent(attempts->arg, &reason);
}

void attempts_answered(struct attempts *attempts, int status, const struct headers *headers)
{
	int64_t wall = clock_wall_ms(), retry_at = ratelimit_retry_at(status, headers, wall);
	attempts->status = status;
	attempts->told_wait_ms = retry_at ? retry_at - wall : 0;
	attempts->location = mem_strdup(headers_get(headers, "location"));
	/* Mastodon's streaming server, where the answer to a WebSocket's handshake has no body. */
	attempts->said = mem_strdup(headers_get(headers, "x-error-message"));
	attempts->heard_ms = clock_mono_ms();
	attempts->watchdog = timers_add(attempts->timers, attempts->heard_ms + attempts->dead_ms, watch, attempts);
}

void attempts_refused(struct attempts *attempts, const char *bytes, size_t len)
{
	str_add(&attempts->refusal, bytes, len); /* one that is too long is left unquoted */
}

void attempts_opened(struct attempts *attempts)
{
	attempts->state = STREAM_OPEN;
	attempts->opened_ms = clock_mono_ms();
}

void attempts_heard(struct attempts *attempts)
{
	attempts->heard_ms = clock_mono_ms();
}

static bool is_redirect(int status)
{
	return status >= 300 && status < 400;
}

/* 408 and 425 speak of this one request, 429 of how many there were; what else is the client's fault stays so. */
static bool is_lasting(int status)
{
	return status == 501 || (status >= 400 && status < 500 && status != 408 && status != 425 && status != 429);
}

/* The sentence comes from the server: Mastodon tells a revoked token from a missing scope only there. */
static void explain(const struct attempts *attempts, struct err *reason)
{
	int status = attempts->status;
	const char *noun = attempts->noun;
	json *body = json_parse(attempts->refusal.p, attempts->refusal.len, NULL);
	const char *said = str_or(attempts->said, body ? json_str(body, "error") : NULL);
	said = str_or(said, "no reason given");
	if (status == 401 || status == 403)
		err_set(reason, ERR_PERMISSION, "the %s was refused (%d: %s); log in again", noun, status, said);
	else if (is_lasting(status))
		err_set(reason, ERR_NOT_FOUND, "there is no %s at this address (%d)", noun, status);
	else if (is_redirect(status))
		err_set(reason, ERR_PROTOCOL, "the %s has moved (%d) to %s", noun, status,
		        str_or(attempts->location, "an address that the server does not name"));
	else if (status == 429)
		err_set(reason, ERR_BUSY, "the server asks to connect less often (429: %s)", said);
	else
		err_set(reason, ERR_UNAVAILABLE, "the server has no %s now (%d: %s)", noun, status, said);
	json_free(body);
}

static void due(void *arg)
{
	struct attempts *attempts = arg;
	attempts->retry = 0;
	attempts->again(attempts->arg);
}

static int64_t wait_before_retry(struct attempts *attempts, int64_t at_least, int64_t now)
{
	if (attempts->state == STREAM_OPEN)
		backoff_lived(&attempts->backoff, now - attempts->opened_ms);
	uint64_t random = attempts->random();
	if (attempts->told_wait_ms)
		return attempts->told_wait_ms + ratelimit_jitter_ms(random);
	int64_t wait = backoff_next(&attempts->backoff, random);
	return wait > at_least ? wait : at_least;
}

bool attempts_failed(
        struct attempts *attempts, int64_t at_least, struct err *reason, int64_t *retry_at, struct stream_stop *stop)
{
	int status = attempts->status;
	timers_cancel(attempts->timers, &attempts->watchdog);
	if (status && status != attempts->good_status)
		explain(attempts, reason);
	if (is_redirect(status) || is_lasting(status)) {
		attempts->state = STREAM_STOPPED;
		*stop = (struct stream_stop){status, attempts->location, reason};
		return false;
	}
	int64_t now = clock_mono_ms();
	*retry_at = now + wait_before_retry(attempts, at_least, now);
	attempts->state = STREAM_WAITING;
	attempts->retry = timers_add(attempts->timers, *retry_at, due, attempts);
	return true;
}

bool attempts_hurry(struct attempts *attempts)
{
	if (attempts->state != STREAM_WAITING)
		return false;
	timers_cancel(attempts->timers, &attempts->retry);
	return true;
}
