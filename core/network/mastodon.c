/* The connection to one server of the Mastodon family: what the server is, who we are there, and the account's state.
 */
#include "core/network/mastodon_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/base/timefmt.h"

#include <stdio.h>
#include <string.h>

/* --- the account's state */

static bool all_live(const struct mastodon *m)
{
	for (int i = 0; i < m->channel_count; i++)
		if (m->channels[i].phase != CHANNEL_LIVE)
			return false;
	return true;
}

static void tell(struct mastodon *m, enum account_state state, int64_t until, const char *reason)
{
	if (state == m->told && until == m->told_until && str_eq(reason, m->told_reason))
		return;
	m->told = state;
	m->told_until = until;
	free(m->told_reason);
	m->told_reason = mem_strdup(reason);
	m->events.state(m->events.arg, state, until, m->told_reason);
}

/* A clock this far from the server's makes waits and lateness wrong: people should be told. */
#define CLOCK_APART_MS (2 * 60 * 1000)

static void tell_live(struct mastodon *m)
{
	char apart[16], words[96];
	int64_t ms = m->ahead_ms < 0 ? -m->ahead_ms : m->ahead_ms;
	if (ms < CLOCK_APART_MS) {
		tell(m, ACCOUNT_LIVE, 0, m->channels[0].polled ? "polling" : "");
		return;
	}
	duration_format(ms, apart, sizeof apart);
	snprintf(words, sizeof words, "this clock is %s %s the server's", apart,
	        m->ahead_ms < 0 ? "behind" : "ahead of");
	tell(m, ACCOUNT_LIVE, 0, words);
}

void mastodon_settle(struct mastodon *m)
{
	if (m->stopped)
		return;
	if (m->troubled)
		tell(m, m->trouble, m->trouble_until, m->trouble_reason);
	else if (!m->verified || m->channels[0].phase == CHANNEL_CLOSED)
		tell(m, ACCOUNT_CONNECTING, 0, "");
	else if (!all_live(m))
		tell(m, ACCOUNT_CATCHING_UP, 0, "");
	else
		tell_live(m);
}

void mastodon_trouble(
        struct mastodon *m, const void *who, enum account_state state, int64_t until_wall, const char *reason)
{
	m->troubled = who;
	m->trouble = state;
	m->trouble_until = until_wall;
	free(m->trouble_reason);
	m->trouble_reason = mem_strdup(reason);
	mastodon_settle(m);
}

void mastodon_trouble_over(struct mastodon *m, const void *who)
{
	if (m->troubled == who)
		m->troubled = NULL;
}

void mastodon_stop(struct mastodon *m, enum account_state state, const char *reason)
{
	for (int i = 0; i < m->channel_count; i++)
		channel_close(&m->channels[i]);
	m->stopped = true;
	tell(m, state, 0, reason);
}

int64_t mastodon_server_now(const struct mastodon *m)
{
	return clock_wall_ms() - m->ahead_ms;
}

void mastodon_tell_facts(struct mastodon *m)
{
	m->events.facts(m->events.arg,
	        &(struct account_facts){.caps = m->caps, .limits = m->instance.limits, .handle = m->handle});
}

/* --- the start: the server, then the token, then the channels */

static void open_channels(struct mastodon *m)
{
	m->verified = true;
	mastodon_settle(m);
	mastodon_tell_facts(m);
	for (int i = 0; i < m->channel_count && !m->stopped; i++)
		channel_open(&m->channels[i]);
}

static void verify_answered(void *arg, const struct answer *answer)
{
	struct mastodon *m = arg;
	struct customer self;
	struct err err = ERR_INIT;
	if (answer->status == 401 || answer->status == 403) {
		mastodon_stop(m, ACCOUNT_NEEDS_LOGIN, answer->reason);
	} else if (!mastodon_answer_good(answer)) {
		mastodon_stop(m, ACCOUNT_FAILED, answer->reason);
	} else if (mastodon_decode_account(&m->decoder, answer->body, &m->arena, &self, &err)) {
		mastodon_stop(m, ACCOUNT_FAILED, err.text);
	} else {
		m->decoder.self_id = self.remote_id;
		free(m->handle);
		m->handle = mem_strdup(self.handle);
		m->decoder.self_handle = m->handle;
		open_channels(m);
	}
}

static void verify(struct mastodon *m)
{
	mastodon_ask(m,
	        &(struct ask_setup){.path = "/api/v1/accounts/verify_credentials", .keep_trying = true, .urgent = true},
	        verify_answered, m);
}

static const char *host_of(const char *url, size_t *len)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	*len = strcspn(host, "/");
	return host;
}

/* configuration.urls.streaming is the only other host that a token may go to: the configured server names it. It is
 * written wss://; event streams are found under https:// on the same host. A server that names its own host is where it
 * is (GoToSocial writes wss:// also when it is spoken to over plain http). */
static void choose_streaming(struct mastodon *m)
{
	const char *url = m->instance.streaming;
	struct str origin = STR_INIT;
	size_t len, own_len;
	const char *host = host_of(url, &len), *own = host_of(m->server, &own_len);
	bool elsewhere = len != own_len || str_icmp_n(host, own, len) != 0;
	if (elsewhere && (str_starts(url, "wss://") || str_starts(url, "https://")))
		str_addf(&origin, "https://%.*s", (int)len, host);
	else if (elsewhere && (str_starts(url, "ws://") || str_starts(url, "http://")) &&
	         str_starts(m->server, "http://"))
		str_addf(&origin, "http://%.*s", (int)len, host); /* of loopback, or http_send refuses it */
	else
		str_adds(&origin, m->server);
	free(m->streaming);
	m->streaming = str_detach(&origin);
}

static void instance_known(struct mastodon *m)
{
	if (!*m->instance.domain) {
		size_t len;
		const char *host = host_of(m->server, &len);
		m->instance.domain = arena_strndup(&m->arena, host, len);
	}
	m->decoder.domain = m->instance.domain;
	m->caps = CAP_STREAM | CAP_NAMING | CAP_IDEMPOTENT | CAP_EDIT | CAP_DELETE | CAP_LIKE | CAP_VISIBILITY |
	          CAP_DIRECT | CAP_LANGUAGE | CAP_WARNING | CAP_LISTEN | CAP_MEDIA | CAP_REPLY | CAP_BOOST |
	          CAP_REPORT | CAP_BLOCK | CAP_MUTE;
	if (m->instance.family == FAMILY_GOTOSOCIAL) /* reads the header, heeds it nowhere */
		m->caps &= ~(unsigned)CAP_IDEMPOTENT;
	choose_streaming(m);
	verify(m);
}

static void instance_answered(struct mastodon *m, const struct answer *answer)
{
	struct err err = ERR_INIT;
	if (mastodon_answer_no_access(answer)) /* "secure mode": nothing is told without a good token */
		mastodon_stop(m, ACCOUNT_NEEDS_LOGIN, answer->reason);
	else if (!mastodon_answer_good(answer))
		mastodon_stop(m, ACCOUNT_FAILED, answer->reason);
	else if (mastodon_decode_instance(answer->body, &m->arena, &m->instance, &err))
		mastodon_stop(m, ACCOUNT_FAILED, err.text);
	else
		instance_known(m);
}

static void instance_v1_answered(void *arg, const struct answer *answer)
{
	instance_answered(arg, answer);
}

static void instance_v2_answered(void *arg, const struct answer *answer)
{
	struct mastodon *m = arg;
	if (answer->status != 404 && answer->status != 400) {
		instance_answered(m, answer);
		return;
	}
	mastodon_ask(m, &(struct ask_setup){.path = "/api/v1/instance", .keep_trying = true}, instance_v1_answered, m);
}

static void mastodon_start(struct network *network)
{
	struct mastodon *m = (struct mastodon *)network;
	mastodon_settle(m);
	mastodon_ask(m, &(struct ask_setup){.path = "/api/v2/instance", .keep_trying = true}, instance_v2_answered, m);
}

/* --- open, close */

static int check_setup(const struct network_setup *setup, struct err *err)
{
	if (!setup->server || !*setup->server)
		return err_set(err, ERR_CONFIG, "server is missing: the URL of the Mastodon server is needed");
	bool web = str_starts(setup->server, "https://") || str_starts(setup->server, "http://");
	if (!web || strpbrk(setup->server, " \t\r\n?#"))
		return err_set(err, ERR_CONFIG, "server \"%s\" is no URL like https://mastodon.example", setup->server);
	return 0;
}

static void add_channels(struct mastodon *m, const struct network_setup *setup)
{
	m->channels = mem_alloc(sizeof *m->channels * (size_t)(setup->listen_count + 1));
	channel_init(&m->channels[m->channel_count++], m, CHANNEL_MENTIONS, "");
	for (int i = 0; i < setup->listen_count; i++) {
		const char *word = setup->listen[i];
		bool tag = word[0] == '#';
		if (word[tag ? 1 : 0])
			channel_init(&m->channels[m->channel_count++], m, tag ? CHANNEL_TAG : CHANNEL_PHRASE,
			        tag ? word + 1 : word);
	}
}

static int mastodon_open(const struct network_setup *setup, struct network **out, struct err *err)
{
	int rc = check_setup(setup, err);
	if (rc)
		return rc;
	struct mastodon *m = mem_alloc(sizeof *m);
	m->base.ops = &mastodon_ops;
	m->http = setup->http;
	m->timers = setup->timers;
	m->random = setup->random;
	size_t len = strlen(setup->server);
	while (len && setup->server[len - 1] == '/')
		len--;
	m->server = mem_strndup(setup->server, len);
	m->handle = mem_strdup(setup->handle ? setup->handle : "");
	m->token = mem_strdup(setup->secrets->value[CREDENTIAL_TOKEN]);
	m->first_fetch = setup->first_fetch;
	m->saved_position = setup->position;
	m->events = setup->events;
	m->decoder = (struct mastodon_decoder){.self_id = "", .domain = ""};
	m->told = ACCOUNT_STATE_COUNT;
	arena_init(&m->arena);
	rate_gate_init(&m->gate);
	add_channels(m, setup);
	*out = &m->base;
	return 0;
}

static void mastodon_close(struct network *network)
{
	struct mastodon *m = (struct mastodon *)network;
	for (int i = 0; i < m->channel_count; i++)
		channel_release(&m->channels[i]);
	mastodon_calls_drop(m);
	while (m->asks)
		mastodon_ask_drop(m->asks);
	free(m->channels);
	free(m->server);
	free(m->handle);
	secret_free(m->token);
	free(m->streaming);
	free(m->trouble_reason);
	free(m->told_reason);
	arena_release(&m->arena);
	free(m);
}

static void mastodon_stored(struct network *network)
{
	struct mastodon *m = (struct mastodon *)network;
	m->stored++;
	for (int i = 0; i < m->channel_count; i++)
		channel_stored(&m->channels[i]);
}

const struct network_ops mastodon_ops = {
        .name = "mastodon",
        .credential = CREDENTIAL_TOKEN,
        .login = mastodon_login,
        .open = mastodon_open,
        .start = mastodon_start,
        .close = mastodon_close,
        .stored = mastodon_stored,
        .perform = mastodon_perform,
        .find = mastodon_find,
        .thread = mastodon_thread,
        .fetch = mastodon_fetch,
};
