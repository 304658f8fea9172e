/* The account on X: who we are there, what it costs, and the account's state. */
#include "core/network/x_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/text/length.h"

#include <stdio.h>
#include <string.h>

#define UNPAID_AGAIN_MS ((int64_t)3600 * 1000)

/* --- the account's state */

static void tell(struct x *x, enum account_state state, int64_t until, const char *reason)
{
	if (state == x->told && until == x->told_until && str_eq(reason, x->told_reason))
		return;
	x->told = state;
	x->told_until = until;
	free(x->told_reason);
	x->told_reason = mem_strdup(reason);
	x->events.state(x->events.arg, state, until, x->told_reason);
}

/* Why posts come later than they could; "" when the stream brings all of them. */
static const char *live_words(const struct x *x)
{
	bool brought = true;
	for (int i = 0; i < x->feed_count; i++)
		brought &= x_stream_brings(x, &x->feeds[i]);
	return brought ? "" : str_or(x->stream.why, "polling");
}

void x_settle(struct x *x)
{
	bool filled = true;
	for (int i = 0; i < x->feed_count; i++)
		filled &= x->feeds[i].filled;
	if (x->stopped)
		return;
	if (x->troubled)
		tell(x, x->trouble, x->trouble_until, x->trouble_reason);
	else if (!x->verified)
		tell(x, ACCOUNT_CONNECTING, 0, "");
	else if (!filled)
		tell(x, ACCOUNT_CATCHING_UP, 0, "");
	else
		tell(x, ACCOUNT_LIVE, 0, live_words(x));
}

void x_trouble(struct x *x, const void *who, enum account_state state, int64_t until_wall, const char *reason)
{
	x->troubled = who;
	x->trouble = state;
	x->trouble_until = until_wall;
	free(x->trouble_reason);
	x->trouble_reason = mem_strdup(reason);
	x_settle(x);
}

void x_trouble_over(struct x *x, const void *who)
{
	if (x->troubled == who)
		x->troubled = NULL;
}

void x_stop(struct x *x, enum account_state state, const char *reason)
{
	x_stream_stop(x);
	for (int i = 0; i < x->feed_count; i++)
		x_feed_stop(&x->feeds[i]);
	timers_cancel(x->timers, &x->resume);
	x->resume_at = 0;
	x->stopped = true;
	tell(x, state, 0, reason);
}

static void connect(struct x *x);

static void resume(void *arg)
{
	struct x *x = arg;
	x->resume = 0;
	x->resume_at = 0;
	x->stopped = false;
	connect(x);
}

void x_stop_unpaid(struct x *x, const char *reason)
{
	x_stop(x, ACCOUNT_FAILED, reason);
	x->resume_at = clock_wall_ms() + UNPAID_AGAIN_MS;
	x->resume = timers_add(x->timers, clock_mono_ms() + UNPAID_AGAIN_MS, resume, x);
}

int64_t x_server_time(const struct x *x, int64_t ours_ms)
{
	return ours_ms - x->ahead_ms;
}

void x_hand_over(struct x *x, const struct item *items, int count, const char *source, const char *position)
{
	x->handed++;
	x->events.items(x->events.arg, items, count, source, position);
}

/* --- money */

static void tell_spent(struct x *x)
{
	struct spending spending = {x->purse.spent.day, x->purse.spent.month, x->purse.budget};
	memcpy(x->spent_told, x->purse.spent.today, sizeof x->spent_told);
	if (x->events.spent)
		x->events.spent(x->events.arg, &spending);
}

void x_day_passes(struct x *x)
{
	spent_turn(&x->purse.spent, clock_wall_ms());
	if (!str_eq(x->spent_told, x->purse.spent.today))
		tell_spent(x);
}

void x_paid(struct x *x, int64_t micros)
{
	char text[SPENT_SIZE];
	if (!micros)
		return;
	spent_add(&x->purse.spent, clock_wall_ms(), micros);
	spent_write(&x->purse.spent, text);
	x_hand_over(x, NULL, 0, SPENT_SOURCE, text);
	tell_spent(x);
}

static void load_spent(struct x *x)
{
	struct arena arena = ARENA_INIT;
	const char *saved = x->saved_position(x->events.arg, SPENT_SOURCE, &arena);
	if (saved && !spent_read(&x->purse.spent, saved))
		log_line(LOG_WARN, "x: what was spent this month is not known: \"%s\" is no account of it", saved);
	spent_turn(&x->purse.spent, clock_wall_ms());
	arena_release(&arena);
	tell_spent(x);
}

/* --- the start: who we are, then the feeds */

void x_tell_facts(struct x *x)
{
	struct account_facts facts = {
	        .caps = CAP_REPLY | CAP_DELETE | CAP_BOOST | CAP_HIDE | CAP_MUTE | CAP_LISTEN | CAP_MEDIA |
	                (x->stream.phase == X_STREAM_NONE ? 0 : CAP_STREAM),
	        .limits = {.max = length_x.max,
	                .rule = LENGTH_RULE_X,
	                .url = length_x.url,
	                .files = X_FILES,
	                .alt = X_ALT,
	                .image_bytes = X_IMAGE_BYTES,
	                .video_bytes = X_VIDEO_BYTES,
	                .kinds = 1u << MEDIA_PHOTO | 1u << MEDIA_GIF | 1u << MEDIA_VIDEO},
	        .prices = {X_CURRENCY, x->purse.price[X_PRICE_REPLY], x->purse.price[X_PRICE_LINK]},
	        .handle = x->handle,
	};
	x->events.facts(x->events.arg, &facts);
}

/* Who we are is known. */
static void run(struct x *x)
{
	x_stream_begin(x);
	x_tell_facts(x);
	for (int i = 0; i < x->feed_count; i++)
		x->feeds[i].filled = false;
	x_settle(x);
	for (int i = 0; i < x->feed_count && !x->stopped; i++)
		x_feed_begin(&x->feeds[i]);
}

static void verified(void *arg, const struct x_answer *answer)
{
	struct x *x = arg;
	struct arena arena = ARENA_INIT;
	struct customer self;
	struct err err = ERR_INIT;
	if (answer->status == 401) {
		x_stop(x, ACCOUNT_NEEDS_LOGIN, answer->reason);
	} else if (!x_answer_good(answer)) {
		x_stop(x, ACCOUNT_FAILED, answer->reason);
	} else if (x_decode_user(json_get(answer->body, "data"), &arena, &self, &err)) {
		x_stop(x, ACCOUNT_FAILED, err.text);
	} else {
		x->self_id = mem_strdup(self.remote_id);
		x->decoder.self_id = x->self_id;
		free(x->handle);
		x->handle = mem_strdup(self.handle);
		x->verified = true;
		run(x);
	}
	arena_release(&arena);
}

static void connect(struct x *x)
{
	if (x->verified)
		run(x);
	else
		x_ask(x, &(struct x_ask_setup){.path = "/2/users/me", .bucket = X_BUCKET_OTHER, .keep_trying = true},
		        verified, x);
}

static void x_start(struct network *network)
{
	struct x *x = (struct x *)network;
	x_settle(x);
	load_spent(x);
	connect(x);
}

/* --- open, close */

static int x_open(const struct network_setup *setup, struct network **out, struct err *err)
{
	struct x_purse purse;
	int rc = x_purse_init(&purse, setup->prices, setup->price_count, setup->month_budget, err);
	if (rc)
		return rc;
	struct x *x = mem_alloc(sizeof *x);
	x->base.ops = &x_ops;
	x->http = setup->http;
	x->timers = setup->timers;
	x->random = setup->random;
	x->server = mem_strdup(str_or(setup->server, X_SERVER));
	size_t len = strlen(x->server);
	while (len && x->server[len - 1] == '/')
		x->server[--len] = '\0';
	x->handle = mem_strdup(str_or(setup->handle, ""));
	credentials_copy(&x->secrets, setup->secrets);
	x->first_fetch = setup->first_fetch;
	x->saved_position = setup->position;
	x->events = setup->events;
	x->decoder = (struct x_decoder){.self_id = ""};
	x->purse = purse;
	x->told = ACCOUNT_STATE_COUNT;
	backoff_init(&x->renew_backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	for (int i = 0; i < X_BUCKET_COUNT; i++)
		rate_gate_init(&x->gates[i]);
	x_stream_init(x);
	x_feeds_open(x, setup->listen, setup->listen_count);
	*out = &x->base;
	return 0;
}

static void x_close(struct network *network)
{
	struct x *x = (struct x *)network;
	x_stream_release(x);
	for (int i = 0; i < x->feed_count; i++)
		x_feed_release(&x->feeds[i]);
	x_calls_drop(x);
	while (x->asks)
		x_ask_drop(x->asks);
	http_cancel(x->renewing);
	timers_cancel(x->timers, &x->renew_timer);
	timers_cancel(x->timers, &x->resume);
	credentials_release(&x->secrets);
	credentials_release(&x->renewed);
	free(x->feeds);
	free(x->server);
	free(x->handle);
	free(x->self_id);
	free(x->trouble_reason);
	free(x->told_reason);
	free(x);
}

static void x_stored(struct network *network)
{
	struct x *x = (struct x *)network;
	x->stored++;
	for (int i = 0; i < x->feed_count; i++)
		x_feed_stored(&x->feeds[i]);
}

const struct network_ops x_ops = {
        .name = "x",
        .credential = CREDENTIAL_TOKEN,
        .login = x_login,
        .open = x_open,
        .start = x_start,
        .close = x_close,
        .stored = x_stored,
        .perform = x_perform,
        .find = x_find,
        .thread = x_thread,
        .fetch = x_fetch,
};
