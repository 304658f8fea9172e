/* The filtered stream: one JSON object a line, ended by CR LF; blank lines, at least every 20 s, as a sign of life
 * (docs.x.com, "Consuming streaming data", "Handling disconnections"). It needs the application's own token, there is
 * one at a time for an application, and each post that it brings is paid for. */
#include "core/network/x_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"

#include <string.h>

#define DEAD_MS 25000         /* without any byte; the sign of life comes every 20 s */
#define LOST_STEP_MS 250      /* a connection that broke: at once, then so much later each time … */
#define LOST_MOST_MS 16000    /* … up to this */
#define REFUSED_FIRST_MS 5000 /* doubling */
#define REFUSED_MOST_MS 320000
#define LIMITED_FIRST_MS 60000 /* doubling */
#define LIMITED_MOST_MS ((int64_t)16 * 60000)
#define HEALTHY_MS 60000             /* a connection that lived so long begins anew with its waits */
#define MARGIN_MS 60000              /* by so much what the stream brings may be out of order */
#define MOVE_MS ((int64_t)5 * 60000) /* positions of feeds to which nothing happens */
#define NEW_RULES_MS 30000           /* before this a new rule may not be heard: about 20 s */
#define KEPT_BACK_LINES 5000
#define KEPT_BACK_BYTES ((size_t)8 * 1024 * 1024)
#define LINE_MAX_BYTES ((size_t)1024 * 1024)
#define REFUSAL_MAX ((size_t)16 * 1024)

static void begin(void *arg);

bool x_stream_brings(const struct x *x, const struct x_feed *feed)
{
	return x->stream.phase >= X_STREAM_FILLING && feed->rule;
}

/* --- its end, and the next attempt */

static void forget_lines(struct x_stream *s)
{
	for (size_t i = 0; i < s->kept_back.len; i++)
		str_release(&s->kept_back.at[i]);
	vec_clear(&s->kept_back);
	s->kept_back_bytes = 0;
	s->overflowed = false;
}

/* Leaves the connection; the feeds go on by themselves. */
static void leave(struct x *x, enum x_stream_phase phase)
{
	struct x_stream *s = &x->stream;
	s->phase = phase;
	x_ask_drop(s->ask);
	s->ask = NULL;
	http_cancel(s->call);
	s->call = NULL;
	timer_id *timers[] = {&s->retry, &s->watchdog, &s->move, &s->settle};
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++)
		timers_cancel(x->timers, timers[i]);
	line_reader_restart(&s->reader);
	str_clear(&s->refusal);
	forget_lines(s);
	for (int i = 0; i < x->feed_count; i++)
		x_feed_poll(&x->feeds[i]);
}

void x_stream_stop(struct x *x)
{
	bool verified = x->verified;
	x->verified = false; /* no feed takes its place */
	leave(x, X_STREAM_NONE);
	x->verified = verified;
}

void x_stream_release(struct x *x)
{
	x_stream_stop(x);
	line_reader_release(&x->stream.reader);
	str_release(&x->stream.refusal);
	vec_release(&x->stream.kept_back);
	free(x->stream.why);
}

static void again_in(struct x *x, int64_t wait_ms)
{
	leave(x, X_STREAM_WAITING);
	x->stream.retry = timers_add(x->timers, clock_mono_ms() + wait_ms, begin, x);
	x_settle(x);
}

/* The connection broke, or said goodbye. */
static void lost(struct x *x, const char *words)
{
	struct x_stream *s = &x->stream;
	bool was_open = s->phase >= X_STREAM_FILLING;
	if (was_open && clock_mono_ms() - s->opened_ms >= HEALTHY_MS)
		s->lost_wait_ms = s->refused_wait_ms = s->limited_wait_ms = 0;
	int64_t wait = s->lost_wait_ms;
	s->lost_wait_ms = wait + LOST_STEP_MS < LOST_MOST_MS ? wait + LOST_STEP_MS : LOST_MOST_MS;
	log_line(LOG_INFO, "x: the stream ended: %s", words);
	again_in(x, wait);
}

static int64_t doubled(int64_t *wait, int64_t first, int64_t most)
{
	*wait = !*wait ? first : *wait > most / 2 ? most : *wait * 2;
	return *wait;
}

/* Not to be had by this application: the feeds poll, and nobody tries again before the next start. */
static void give_up(struct x *x, const char *why, const char *words)
{
	log_line(LOG_WARN, "x: %s: %s", why, words);
	leave(x, X_STREAM_NONE);
	free(x->stream.why);
	x->stream.why = mem_strdup(why);
	x_tell_facts(x);
	x_settle(x);
}

static void refused(struct x *x, const struct x_answer *answer)
{
	struct x_stream *s = &x->stream;
	int64_t now = clock_wall_ms();
	if (answer->fault == X_FAULT_CREDITS || answer->fault == X_FAULT_CAPPED || x->stopped)
		return; /* all of the account has stopped */
	if (answer->status == 401) {
		give_up(x, "polling: X does not take the application's own token", answer->reason);
	} else if (answer->status == 403) {
		give_up(x, "polling: X has no stream for this application", answer->reason);
	} else if (answer->status == 429) {
		int64_t wait = doubled(&s->limited_wait_ms, LIMITED_FIRST_MS, LIMITED_MOST_MS);
		/* With too many connections the headers tell of something else. */
		if (answer->fault != X_FAULT_CONNECTIONS && answer->retry_at - now > wait)
			wait = answer->retry_at - now;
		log_line(LOG_INFO, "x: no stream for the next %d s: %s", (int)(wait / 1000), answer->reason);
		again_in(x, wait);
	} else if (answer->outcome != HTTP_DONE) {
		lost(x, answer->reason);
	} else {
		log_line(LOG_INFO, "x: no stream now: %s", answer->reason);
		again_in(x, doubled(&s->refused_wait_ms, REFUSED_FIRST_MS, REFUSED_MOST_MS));
	}
}

/* --- money: what the stream brings cannot be refused, so it is left while there is room for a page */

static bool affordable(struct x *x)
{
	return x_purse_posts_left(&x->purse, clock_wall_ms(), false) >= X_PAGE;
}

static void leave_until_next_month(struct x *x)
{
	int64_t now = clock_wall_ms();
	log_line(LOG_INFO, "x: the stream is left, for the month's budget is nearly used up");
	again_in(x, x_purse_next_month(now) - now);
}

/* --- what it says */

static struct x_feed *feed_of_event(struct x *x, const json *event)
{
	for (const json *rule = json_first(json_get(event, "matching_rules")); rule; rule = json_next(rule))
		for (int i = 0; i < x->feed_count; i++)
			if (x->feeds[i].rule && str_eq(x->feeds[i].rule, json_str(rule, "id")))
				return &x->feeds[i];
	return NULL;
}

static void move_to(struct x_feed *feed, int64_t server_ms, const struct item *items, int count)
{
	char id[24];
	x_id_of_time(server_ms - MARGIN_MS, id);
	bool moves = x_feed_move(feed, id);
	if (moves || count)
		x_hand_over(feed->x, items, count, moves ? feed->source : NULL, moves ? feed->position : NULL);
}

static void hand_over_event(struct x *x, const json *event)
{
	struct arena arena = ARENA_INIT;
	struct item *items;
	struct x_feed *feed = feed_of_event(x, event);
	int count = feed ? x_decode_posts(&x->decoder, event, &arena, &items) : 0;
	for (int i = 0; i < count; i++)
		items[i].mention = items[i].post.direction == DIR_IN;
	if (count)
		move_to(feed, x_time_of_id(json_str_or(json_get(event, "data"), "id", "")), items, count);
	arena_release(&arena);
}

static void keep_back(struct x_stream *s, const char *line, size_t len)
{
	if (s->overflowed)
		return;
	if (s->kept_back.len >= KEPT_BACK_LINES || s->kept_back_bytes + len > KEPT_BACK_BYTES) {
		log_line(LOG_INFO, "x: too much came in while the gap was filled; filling once more");
		forget_lines(s);
		s->overflowed = true;
		return;
	}
	struct str copy = STR_INIT;
	str_add(&copy, line, len);
	vec_push(&s->kept_back, copy);
	s->kept_back_bytes += len;
}

/* Money is counted when a post comes in, for then it is paid. */
static void count_event(struct x *x, const json *event)
{
	struct x_count count = x_decode_count(event);
	x_paid(x, x_purse_cost(&x->purse, &count, false));
}

/* "errors" alone is the last thing that is said. */
static void goodbye(struct x *x, const json *event)
{
	struct arena arena = ARENA_INIT;
	const json *first = json_first(json_get(event, "errors"));
	const char *words = x_decode_error(event, &arena);
	log_line(LOG_INFO, "x: the stream says %s", json_str_or(first, "disconnect_type", "goodbye"));
	lost(x, str_or(words, "X has ended it"));
	arena_release(&arena);
}

/* False: nothing of the stream is read any more. */
static bool take_line(struct x *x, const char *line, size_t len)
{
	struct x_stream *s = &x->stream;
	struct err err = ERR_INIT;
	json *event = json_read(line, len, &err);
	if (!event) {
		log_line(LOG_WARN, "x: dropped one line of the stream: %s", err.text);
		return true;
	}
	bool post = json_is_object(json_get(event, "data")), last = !post && json_get(event, "errors");
	if (last) {
		goodbye(x, event);
	} else if (post && !x_decode_has_authors(event)) {
		give_up(x, "polling: the stream does not say who wrote a post", "its fields have other names");
		last = true;
	} else if (post) {
		count_event(x, event);
		if (s->phase == X_STREAM_LIVE)
			hand_over_event(x, event);
		else
			keep_back(s, line, len);
		last = s->phase == X_STREAM_LIVE && !affordable(x);
		if (last)
			leave_until_next_month(x);
	} /* else a message of a kind that is not known yet */
	json_free(event);
	return !last && !x->stopped;
}

/* --- open: the feeds fill, then what was kept back is handed over */

static void move_all(void *arg)
{
	struct x *x = arg;
	struct x_stream *s = &x->stream;
	x_day_passes(x);
	int64_t heard = clock_wall_ms() - (clock_mono_ms() - s->last_byte_ms);
	for (int i = 0; i < x->feed_count && s->phase == X_STREAM_LIVE; i++)
		if (x_stream_brings(x, &x->feeds[i]))
			move_to(&x->feeds[i], x_server_time(x, heard), NULL, 0);
	s->move = timers_add(x->timers, clock_mono_ms() + MOVE_MS, move_all, x);
}

static void fill_all(void *arg)
{
	struct x *x = arg;
	x->stream.settle = 0;
	x->stream.phase = X_STREAM_FILLING;
	for (int i = 0; i < x->feed_count && !x->stopped; i++)
		x_feed_refill(&x->feeds[i]);
}

void x_stream_filled(struct x *x)
{
	struct x_stream *s = &x->stream;
	for (int i = 0; i < x->feed_count; i++)
		if (!x->feeds[i].filled)
			return;
	if (s->phase != X_STREAM_FILLING)
		return;
	if (s->overflowed) {
		s->overflowed = false;
		fill_all(x);
		return;
	}
	s->phase = X_STREAM_LIVE;
	for (size_t i = 0; i < s->kept_back.len; i++) {
		json *event = json_read(s->kept_back.at[i].p, s->kept_back.at[i].len, NULL);
		hand_over_event(x, event);
		json_free(event);
	}
	forget_lines(s);
	if (!s->move)
		s->move = timers_add(x->timers, clock_mono_ms() + MOVE_MS, move_all, x);
	if (s->new_rules && !s->settle) {
		s->new_rules = false;
		s->settle = timers_add(x->timers, s->opened_ms + NEW_RULES_MS, fill_all, x);
	}
	x_settle(x);
}

static void watch(void *arg)
{
	struct x *x = arg;
	struct x_stream *s = &x->stream;
	int64_t dead_at = s->last_byte_ms + DEAD_MS;
	if (clock_mono_ms() < dead_at)
		s->watchdog = timers_add(x->timers, dead_at, watch, x);
	else
		lost(x, "no sign of life for 25 s");
}

static void on_headers(void *arg, int status, const struct headers *headers)
{
	struct x *x = arg;
	struct x_stream *s = &x->stream;
	const char *type = str_or(headers_get(headers, "content-type"), "");
	s->status = status;
	s->is_json = str_icmp_n(type, "application/json", strlen("application/json")) == 0;
	s->retry_at = ratelimit_retry_at(status, headers, clock_wall_ms());
	s->last_byte_ms = s->opened_ms = clock_mono_ms();
	s->watchdog = timers_add(x->timers, s->last_byte_ms + DEAD_MS, watch, x);
	if (status != 200 || !s->is_json)
		return;
	log_line(LOG_INFO, "x: the stream is open");
	fill_all(x);
	x_settle(x);
}

static void on_bytes(void *arg, const char *bytes, size_t len)
{
	struct x *x = arg;
	struct x_stream *s = &x->stream;
	struct line line;
	s->last_byte_ms = clock_mono_ms();
	if (s->phase < X_STREAM_FILLING) {
		str_add(&s->refusal, bytes, len); /* one that is too long is left unquoted */
		return;
	}
	line_reader_add(&s->reader, bytes, len);
	bool goes_on = true;
	while (goes_on && line_reader_next(&s->reader, &line)) {
		if (!line.whole) {
			lost(x, "a line of the stream is longer than 1 MiB");
			return;
		}
		goes_on = !line.len || take_line(x, line.text, line.len);
	}
}

static void on_done(void *arg, struct http_response *response)
{
	struct x *x = arg;
	struct x_stream *s = &x->stream;
	struct arena arena = ARENA_INIT;
	s->call = NULL;
	if (s->phase >= X_STREAM_FILLING || response->outcome != HTTP_DONE) {
		lost(x, response->err.code ? response->err.text : "X has ended it");
		return;
	}
	json *body = json_parse(s->refusal.p, s->refusal.len, NULL);
	struct x_answer answer = {
	        .outcome = HTTP_DONE,
	        .status = s->status,
	        .body = body,
	        .fault = x_decode_fault(s->status, body),
	        .retry_at = s->retry_at,
	        .reason = x_ask_reason(s->status, body, &arena),
	};
	refused(x, &answer);
	x_stop_if_final(x, &answer, true);
	json_free(body);
	arena_release(&arena);
}

static void connect(struct x *x)
{
	static const struct http_handlers handlers = {on_headers, on_bytes, on_done};
	struct x_stream *s = &x->stream;
	struct err err = ERR_INIT;
	struct str url = STR_INIT;
	str_addf(&url, "%s/2/tweets/search/stream?%s", x->server, x_fields_in(false)); /* it knows no others */
	struct http_request request = {
	        .url = url.p, .bearer = x->secrets.value[CREDENTIAL_APP_TOKEN], .streaming = true};
	s->phase = X_STREAM_CONNECTING;
	s->call = http_send(x->http, &request, &handlers, x, &err);
	str_release(&url);
	if (!s->call)
		give_up(x, "polling: the stream cannot be asked for", err.text);
}

static void rules_known(struct x *x, const struct x_answer *bad)
{
	if (bad)
		refused(x, bad);
	else
		connect(x);
}

static void begin(void *arg)
{
	struct x *x = arg;
	struct x_stream *s = &x->stream;
	s->retry = 0;
	if (!affordable(x)) {
		leave_until_next_month(x);
		return;
	}
	s->phase = X_STREAM_RULES;
	x_rules_sync(x, rules_known);
}

void x_stream_init(struct x *x)
{
	line_reader_init(&x->stream.reader, LINE_MAX_BYTES);
	str_init(&x->stream.refusal, REFUSAL_MAX);
}

void x_stream_begin(struct x *x)
{
	if (x->secrets.value[CREDENTIAL_APP_TOKEN])
		begin(x);
}
