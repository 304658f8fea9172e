/* The account on Bluesky: who we are there, what it can do, and the account's state. */
#include "core/network/bluesky_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/text/length.h"

#include <string.h>

/* --- the account's state */

static void tell(struct bluesky *b, enum account_state state, int64_t until, const char *reason)
{
	if (state == b->told && until == b->told_until && str_eq(reason, b->told_reason))
		return;
	b->told = state;
	b->told_until = until;
	free(b->told_reason);
	b->told_reason = mem_strdup(reason);
	b->events.state(b->events.arg, state, until, b->told_reason);
}

void bluesky_settle(struct bluesky *b)
{
	bool filled = true;
	for (int i = 0; i < b->feed_count; i++)
		filled &= b->feeds[i].filled;
	if (b->stopped)
		return;
	if (b->troubled)
		tell(b, b->trouble, b->trouble_until, b->trouble_reason);
	else if (!*str_or(b->self.remote_key, ""))
		tell(b, ACCOUNT_CONNECTING, 0, "");
	else if (!filled)
		tell(b, ACCOUNT_CATCHING_UP, 0, "");
	else
		tell(b, ACCOUNT_LIVE, 0, b->stream ? "polling and streaming" : "polling");
}

void bluesky_trouble(
        struct bluesky *b, const void *who, enum account_state state, int64_t until_wall, const char *reason)
{
	b->troubled = who;
	b->trouble = state;
	b->trouble_until = until_wall;
	free(b->trouble_reason);
	b->trouble_reason = mem_strdup(reason);
	bluesky_settle(b);
}

void bluesky_trouble_over(struct bluesky *b, const void *who)
{
	if (b->troubled == who)
		b->troubled = NULL;
}

void bluesky_stop(struct bluesky *b, enum account_state state, const char *reason)
{
	for (int i = 0; i < b->feed_count; i++)
		bluesky_feed_stop(&b->feeds[i]);
	bluesky_stream_close(b->stream);
	bluesky_chat_close(b->chat);
	b->stream = NULL;
	b->chat = NULL;
	b->stopped = true;
	tell(b, state, 0, reason);
	bluesky_asks_go_on(b); /* to be refused: no session comes any more */
}

void bluesky_hand_over(struct bluesky *b, const struct item *items, int count, const char *source, const char *position)
{
	b->handed++;
	b->events.items(b->events.arg, items, count, source, position);
}

/* --- the start: who we are, then the feeds */

void bluesky_tell_facts(struct bluesky *b)
{
	struct account_facts facts = {
	        .caps = (b->stream ? CAP_STREAM : 0u) | (bluesky_chat_is_open(b->chat) ? CAP_DIRECT : 0u) | CAP_REPLY |
	                CAP_IDEMPOTENT | CAP_DELETE | CAP_LIKE | CAP_BOOST | CAP_LANGUAGE | CAP_LISTEN | CAP_MEDIA |
	                CAP_HIDE | CAP_REPORT | CAP_BLOCK | CAP_MUTE,
	        .limits = bluesky_limits,
	        .prices = {.currency = ""},
	        .handle = b->self.handle,
	};
	b->events.facts(b->events.arg, &facts);
}

static void begin_stream(struct bluesky *b)
{
	struct err err = ERR_INIT;
	b->stream = b->firehose ? bluesky_stream_open(b, &err) : NULL;
	if (b->firehose && !b->stream)
		log_line(LOG_WARN, "bluesky: firehose: %s", err.text);
}

void bluesky_session_known(struct bluesky *b)
{
	if (b->feeds_begun)
		return;
	b->feeds_begun = true;
	begin_stream(b);
	b->chat = bluesky_chat_open(b);
	bluesky_tell_facts(b);
	bluesky_settle(b);
	for (int i = 0; i < b->feed_count && !b->stopped; i++)
		bluesky_feed_begin(&b->feeds[i]);
}

static void bluesky_start(struct network *network)
{
	struct bluesky *b = (struct bluesky *)network;
	bluesky_settle(b);
	bluesky_session_open(b);
}

/* --- open, close */

static char *without_slash(const char *url)
{
	size_t len = strlen(url);
	while (len && url[len - 1] == '/')
		len--;
	return mem_strndup(url, len);
}

static int bluesky_open(const struct network_setup *setup, struct network **out, struct err *err)
{
	const char *handle = str_or(setup->handle, ""), *server = str_or(setup->server, "");
	handle += *handle == '@';
	if (!*handle)
		return err_set(err, ERR_CONFIG, "an account on Bluesky needs its handle: handle = @name.example");
	struct bluesky *b = mem_alloc(sizeof *b);
	b->base.ops = &bluesky_ops;
	b->http = setup->http;
	b->timers = setup->timers;
	b->random = setup->random;
	b->handle = mem_strdup(handle);
	b->service = *server ? without_slash(server) : NULL;
	b->firehose = *str_or(setup->firehose, "") ? without_slash(setup->firehose) : NULL;
	b->resolver = mem_strdup(BLUESKY_SERVER);
	b->directory = mem_strdup(BLUESKY_DIRECTORY);
	credentials_copy(&b->secrets, setup->secrets);
	b->first_fetch = setup->first_fetch;
	b->saved_position = setup->position;
	b->events = setup->events;
	b->decoder = (struct bluesky_decoder){.self_did = ""};
	arena_init(&b->arena);
	b->told = ACCOUNT_STATE_COUNT;
	backoff_init(&b->session_backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	rate_gate_init(&b->reads);
	rate_gate_init(&b->writes);
	bluesky_feeds_open(b, setup->listen, setup->listen_count);
	*out = &b->base;
	return 0;
}

static void bluesky_close(struct network *network)
{
	struct bluesky *b = (struct bluesky *)network;
	bluesky_stream_close(b->stream);
	bluesky_chat_close(b->chat);
	for (int i = 0; i < b->feed_count; i++)
		bluesky_feed_release(&b->feeds[i]);
	bluesky_calls_drop(b);
	while (b->asks)
		bluesky_ask_drop(b->asks);
	bluesky_session_close(b);
	free(b->feeds);
	free(b->handle);
	free(b->service);
	free(b->pds);
	free(b->firehose);
	free(b->resolver);
	free(b->directory);
	free(b->trouble_reason);
	free(b->told_reason);
	arena_release(&b->arena);
	free(b);
}

static void bluesky_stored(struct network *network)
{
	struct bluesky *b = (struct bluesky *)network;
	b->stored++;
	for (int i = 0; i < b->feed_count; i++)
		bluesky_feed_stored(&b->feeds[i]);
	bluesky_stream_stored(b->stream);
	bluesky_chat_stored(b->chat);
}

const struct network_ops bluesky_ops = {
        .name = "bluesky",
        .credential = CREDENTIAL_APP_PASSWORD,
        .login = bluesky_login,
        .open = bluesky_open,
        .start = bluesky_start,
        .close = bluesky_close,
        .stored = bluesky_stored,
        .perform = bluesky_perform,
        .find = bluesky_find,
        .thread = bluesky_thread,
        .fetch = bluesky_fetch,
};
