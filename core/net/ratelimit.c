#include "core/net/ratelimit.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"

static const char *const prefixes[] = {"x-ratelimit-", "ratelimit-", "x-rate-limit-"};

static const char *field(const struct headers *headers, const char *prefix, const char *name)
{
	char full[32];
	snprintf(full, sizeof full, "%s%s", prefix, name);
	return headers_get(headers, full);
}

static int64_t count_or_unknown(const char *text)
{
	int64_t n;
	return text && parse_i64(text, &n) && n >= 0 ? n : -1;
}

static int64_t reset_or_unknown(const char *text)
{
	int64_t n;
	if (!text)
		return -1;
	if (parse_i64(text, &n))
		return n > 0 && n < INT64_MAX / 1000 ? n * 1000 : -1;
	return time_parse_rfc3339(text, &n) && n > 0 ? n : -1;
}

bool ratelimit_parse(const struct headers *headers, struct ratelimit *out)
{
	*out = (struct ratelimit){-1, -1, -1};
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		out->limit = count_or_unknown(field(headers, prefixes[i], "limit"));
		out->remaining = count_or_unknown(field(headers, prefixes[i], "remaining"));
		out->reset_wall_ms = reset_or_unknown(field(headers, prefixes[i], "reset"));
		if (out->limit >= 0 || out->remaining >= 0 || out->reset_wall_ms >= 0)
			return true;
	}
	return false;
}

static int64_t believable(int64_t at_ms, int64_t now_ms)
{
	if (at_ms <= now_ms)
		return 0;
	return at_ms > now_ms + RATELIMIT_MAX_WAIT_MS ? now_ms + RATELIMIT_MAX_WAIT_MS : at_ms;
}

/* RFC 9110, 10.2.3: seconds from now, or a date. */
static int64_t retry_after(const char *text, int64_t now_ms)
{
	int64_t n;
	if (parse_i64(text, &n)) {
		int64_t most = RATELIMIT_MAX_WAIT_MS / 1000;
		return n < 0 ? 0 : believable(now_ms + (n > most ? most : n) * 1000, now_ms);
	}
	return time_parse_http(text, &n) ? believable(n, now_ms) : 0;
}

static int64_t latest_retry_after(const struct headers *headers, int64_t now_ms)
{
	int64_t latest = 0;
	const char *text;
	for (size_t i = 0; (text = headers_nth(headers, "retry-after", i)); i++) {
		int64_t at = retry_after(text, now_ms);
		if (at > latest)
			latest = at;
	}
	return latest;
}

int64_t ratelimit_retry_at(int status, const struct headers *headers, int64_t now_wall_ms)
{
	if (status != 429 && status != 503)
		return 0;
	int64_t at = latest_retry_after(headers, now_wall_ms);
	if (at || status == 503)
		return at;
	struct ratelimit told;
	if (ratelimit_parse(headers, &told))
		at = believable(told.reset_wall_ms, now_wall_ms);
	return at ? at : now_wall_ms + RATELIMIT_DEFAULT_WAIT_MS;
}

int64_t ratelimit_jitter_ms(uint64_t random)
{
	return 1000 + (int64_t)(random % 4001);
}

void rate_gate_init(struct rate_gate *gate)
{
	*gate = (struct rate_gate){.remaining = -1};
}

int64_t rate_gate_when(const struct rate_gate *gate, int64_t keep, int64_t now_mono_ms)
{
	if (gate->shut_mono_ms > now_mono_ms)
		return gate->shut_mono_ms;
	bool spent = gate->remaining >= 0 && gate->remaining <= keep;
	return spent && gate->reset_mono_ms > now_mono_ms ? gate->reset_mono_ms : now_mono_ms;
}

void rate_gate_spend(struct rate_gate *gate)
{
	if (gate->remaining > 0)
		gate->remaining--;
}

void rate_gate_note(
        struct rate_gate *gate, int status, const struct headers *headers, int64_t now_wall_ms, int64_t now_mono_ms)
{
	struct ratelimit told;
	if (ratelimit_parse(headers, &told) && told.remaining >= 0) {
		int64_t reset = believable(told.reset_wall_ms, now_wall_ms);
		gate->remaining = reset ? told.remaining : -1;
		gate->reset_mono_ms = reset ? now_mono_ms + (reset - now_wall_ms) : 0;
	}
	int64_t retry = ratelimit_retry_at(status, headers, now_wall_ms);
	if (retry && now_mono_ms + (retry - now_wall_ms) > gate->shut_mono_ms)
		gate->shut_mono_ms = now_mono_ms + (retry - now_wall_ms);
}
