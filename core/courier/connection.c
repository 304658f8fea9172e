#include "core/courier/connection.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/config/credentials.h"
#include "core/courier/ingest.h"

#include <stdlib.h>
#include <string.h>

#define REOPEN_MS 30000
#define THREADS_WAITING 500 /* more are not asked for: opening the case asks again */
#define THREADS_REMEMBERED 1000

struct want {
	char *remote_id;
	int64_t thread_id;
};

struct connection {
	struct connection_setup setup;
	struct credentials secrets;
	char *problem;           /* why they do not suffice; NULL when they do */
	struct network *network; /* NULL while there is none */
	struct ingest *ingest;
	enum account_state state;
	char *reason;
	timer_id reopen;        /* while it runs, there is no network, or one that is about to be closed */
	VEC(struct want) wants; /* the first one is being read when `reading` */
	VEC(uint64_t) asked;    /* hashes of parents asked for already */
	bool reading;
	timer_id read_again;
};

static void open_network(struct connection *c);
static void read_thread(struct connection *c);

/* --- what the network tells */

static void show_state(struct connection *c, enum account_state state, int64_t until, const char *reason)
{
	struct err err = ERR_INIT;
	log_line(LOG_INFO, "account %s: %s%s%s", c->setup.config->name, account_state_name(state), *reason ? ": " : "",
	        reason);
	if (store_account_state(c->setup.store, c->setup.account_id, state, until, reason, &err))
		log_line(LOG_ERROR, "account %s: %s", c->setup.config->name, err.text);
}

static void set_state(struct connection *c, enum account_state state, int64_t until, const char *reason)
{
	char *copy = mem_strdup(reason);
	secret_hide(copy, strlen(copy)); /* it may quote the server, and a server may quote us */
	free(c->reason);
	c->reason = copy;
	c->state = state;
	show_state(c, state, until, copy);
}

static void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct connection *c = arg;
	if (c->reopen) /* it is about to be closed: what it has reached is not stored */
		return;
	set_state(c, state, until, reason);
	read_thread(c);
	c->setup.changed(c->setup.arg);
}

static void on_facts(void *arg, const struct account_facts *facts)
{
	struct connection *c = arg;
	struct err err = ERR_INIT;
	if (store_account_facts(c->setup.store, c->setup.account_id, facts, &err))
		log_line(LOG_ERROR, "account %s: %s", c->setup.config->name, err.text);
}

static void on_spent(void *arg, const struct spending *spending)
{
	struct connection *c = arg;
	struct err err = ERR_INIT;
	if (store_account_spent(c->setup.store, c->setup.account_id, spending, &err))
		log_line(LOG_ERROR, "account %s: %s", c->setup.config->name, err.text);
}

/* What a later reopening starts from, too. */
static int on_keep(void *arg, const struct credential_value *values, int count, struct err *err)
{
	struct connection *c = arg;
	int rc = credentials_keep(c->setup.whole, c->setup.config, c->secrets.origin, values, count, err);
	for (int i = 0; i < count; i++)
		credentials_set(&c->secrets, values[i].credential, values[i].value);
	if (rc)
		log_line(LOG_ERROR, "account %s: new credentials cannot be kept: %s", c->setup.config->name, err->text);
	return rc;
}

static void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
{
	struct connection *c = arg;
	ingest_add(c->ingest, items, count, source, position, false);
}

static void on_gap(void *arg, const char *source, int64_t from, int64_t to, const char *reason)
{
	struct connection *c = arg;
	struct err err = ERR_INIT;
	char *words = mem_strdup(reason);
	secret_hide(words, strlen(words));
	log_line(LOG_WARN, "account %s: %s: a gap that cannot be filled: %s", c->setup.config->name, source, words);
	if (store_gap_add(c->setup.store, c->setup.account_id, &(struct gap_found){source, words, from, to}, &err))
		ingest_fail(c->ingest, &err); /* no position moves past what is not known to be missing */
	free(words);
}

static const char *saved_position(void *arg, const char *source, struct arena *arena)
{
	struct connection *c = arg;
	struct err err = ERR_INIT;
	const char *position = NULL;
	if (store_position(c->setup.store, c->setup.account_id, source, arena, &position, &err))
		log_line(LOG_ERROR, "account %s: %s", c->setup.config->name, err.text);
	return position;
}

/* --- what ingest tells */

static void on_stored(void *arg)
{
	struct connection *c = arg;
	if (c->network)
		c->network->ops->stored(c->network);
}

static void on_idle(void *arg)
{
	struct connection *c = arg;
	c->setup.changed(c->setup.arg);
}

/* What the account is said to be; how it stands with its network stays as it is. */
static void on_behind(void *arg, bool behind)
{
	struct connection *c = arg;
	if (behind)
		show_state(c, ACCOUNT_CATCHING_UP, 0, "mentions come faster than the disk takes them");
	else
		show_state(c, c->state, 0, c->reason);
}

static void close_network(struct connection *c)
{
	if (!c->network)
		return;
	struct network *network = c->network;
	c->network = NULL;
	c->setup.closing(c->setup.arg, network);
	network->ops->close(network);
	c->reading = false;
	timers_cancel(c->setup.timers, &c->read_again);
}

static void reopen(void *arg)
{
	struct connection *c = arg;
	c->reopen = 0;
	open_network(c);
}

static void close_and_wait(void *arg)
{
	struct connection *c = arg;
	close_network(c);
	c->reopen = timers_add(c->setup.timers, clock_mono_ms() + REOPEN_MS, reopen, c);
}

/* May come from inside the network's own callback: it is closed on the next turn. */
static void on_failed(void *arg, const struct err *err)
{
	struct connection *c = arg;
	struct str words = STR_INIT;
	str_addf(&words, "what came in cannot be stored: %s", err->text);
	set_state(c, ACCOUNT_RETRYING, clock_wall_ms() + REOPEN_MS, words.p);
	str_release(&words);
	timers_cancel(c->setup.timers, &c->reopen);
	c->reopen = timers_add(c->setup.timers, clock_mono_ms(), close_and_wait, c);
}

static void on_parent_missing(void *arg, const char *remote_id)
{
	struct connection *c = arg;
	uint64_t hash = hash_bytes(remote_id, strlen(remote_id));
	for (size_t i = 0; i < c->asked.len; i++)
		if (c->asked.at[i] == hash)
			return;
	if (c->asked.len == THREADS_REMEMBERED)
		vec_remove(&c->asked, 0);
	vec_push(&c->asked, hash);
	connection_want_thread(c, remote_id, 0);
}

/* --- threads, one at a time, once the account is live */

static void want_done(struct connection *c)
{
	struct err err = ERR_INIT;
	struct want want = c->wants.at[0];
	vec_remove(&c->wants, 0);
	if (want.thread_id && store_thread_request_done(c->setup.store, want.thread_id, &err))
		log_line(LOG_ERROR, "thread %lld: %s", (long long)want.thread_id, err.text);
	free(want.remote_id);
}

static void read_again(void *arg)
{
	struct connection *c = arg;
	c->read_again = 0;
	read_thread(c);
}

static void thread_read(void *arg, const struct call_result *result)
{
	struct connection *c = arg;
	c->reading = false;
	if (result->outcome == CALL_NOT_SENT && result->retry_at) {
		c->read_again = timers_add(
		        c->setup.timers, clock_mono_ms() + result->retry_at - clock_wall_ms(), read_again, c);
		return;
	}
	if (result->outcome == CALL_OK)
		ingest_add(c->ingest, result->items, result->count, NULL, NULL, true);
	else
		log_line(LOG_INFO, "account %s: a thread could not be read: %s", c->setup.config->name, result->reason);
	want_done(c);
	read_thread(c);
	if (connection_idle(c))
		c->setup.changed(c->setup.arg);
}

static void read_thread(struct connection *c)
{
	if (c->reading || c->read_again || !c->wants.len || !c->network || c->state != ACCOUNT_LIVE)
		return;
	c->reading = true;
	c->network->ops->thread(c->network, c->wants.at[0].remote_id, thread_read, c);
}

void connection_want_thread(struct connection *c, const char *remote_id, int64_t thread_id)
{
	for (size_t i = 0; i < c->wants.len; i++)
		if (str_eq(c->wants.at[i].remote_id, remote_id) &&
		        (!thread_id || c->wants.at[i].thread_id == thread_id))
			return;
	if (c->wants.len >= THREADS_WAITING)
		return;
	vec_push(&c->wants, (struct want){mem_strdup(remote_id), thread_id});
	/* Somebody looks at a thread that a desk asked for: it is read next. */
	size_t at = c->wants.len - 1, front = c->reading ? 1 : 0;
	if (thread_id && at > front) {
		struct want want = c->wants.at[at];
		memmove(c->wants.at + front + 1, c->wants.at + front, (at - front) * sizeof want);
		c->wants.at[front] = want;
	}
	read_thread(c);
}

/* --- a connection's life */

static void open_network(struct connection *c)
{
	const struct config_account *config = c->setup.config;
	struct err err = ERR_INIT;
	if (!c->setup.ops) {
		err_set(&err, ERR_CONFIG, "network %s is not supported by this version",
		        config_network_word(config->network));
		set_state(c, ACCOUNT_FAILED, 0, err.text);
		return;
	}
	if (c->problem) {
		set_state(c, ACCOUNT_NEEDS_LOGIN, 0, c->problem);
		return;
	}
	ingest_reset(c->ingest);
	struct network_setup setup = {
	        .http = c->setup.http,
	        .timers = c->setup.timers,
	        .loop = c->setup.loop,
	        .random = c->setup.random,
	        .server = config->server,
	        .handle = config->handle,
	        .command = config->command,
	        .firehose = config->firehose,
	        .secrets = &c->secrets,
	        .first_fetch = (int)config->first_fetch,
	        .listen = config->listen.at,
	        .listen_count = (int)config->listen.len,
	        .prices = config->prices.at,
	        .price_count = (int)config->prices.len,
	        .month_budget = config->budget * 1000000,
	        .position = saved_position,
	        .events = {.arg = c,
	                .items = on_items,
	                .gap = on_gap,
	                .state = on_state,
	                .facts = on_facts,
	                .spent = on_spent,
	                .keep = on_keep},
	};
	if (c->setup.ops->open(&setup, &c->network, &err))
		set_state(c, ACCOUNT_FAILED, 0, err.text);
	else
		c->network->ops->start(c->network);
}

struct connection *connection_new(const struct connection_setup *setup)
{
	struct connection *c = mem_alloc(sizeof *c);
	c->setup = *setup;
	credentials_copy(&c->secrets, setup->secrets);
	c->problem = mem_strdup(setup->problem);
	c->reason = mem_strdup("");
	c->ingest = ingest_new(&(struct ingest_setup){.store = setup->store,
	        .timers = setup->timers,
	        .account_id = setup->account_id,
	        .stored = on_stored,
	        .idle = on_idle,
	        .failed = on_failed,
	        .behind = on_behind,
	        .parent_missing = on_parent_missing,
	        .arg = c});
	c->reopen = timers_add(setup->timers, clock_mono_ms(), reopen, c);
	return c;
}

void connection_login(struct connection *c, const struct credentials *secrets)
{
	credentials_release(&c->secrets);
	credentials_copy(&c->secrets, secrets);
	free(c->problem);
	c->problem = NULL;
	close_network(c);
	timers_cancel(c->setup.timers, &c->reopen);
	open_network(c);
}

void connection_free(struct connection *c)
{
	if (!c)
		return;
	timers_cancel(c->setup.timers, &c->reopen);
	timers_cancel(c->setup.timers, &c->read_again);
	if (c->network)
		c->network->ops->close(c->network);
	ingest_free(c->ingest);
	for (size_t i = 0; i < c->wants.len; i++)
		free(c->wants.at[i].remote_id);
	vec_release(&c->wants);
	vec_release(&c->asked);
	credentials_release(&c->secrets);
	free(c->problem);
	free(c->reason);
	free(c);
}

void connection_close(struct connection *c)
{
	close_network(c);
	connection_free(c);
}

static bool same_list(const struct config_list *a, const struct config_list *b)
{
	for (size_t i = 0; i < a->len && i < b->len; i++)
		if (!str_eq(a->at[i], b->at[i]))
			return false;
	return a->len == b->len;
}

static bool same_login(const struct config_account *a, const struct config_account *b)
{
	return a->network == b->network && str_eq(a->server, b->server) && str_eq(a->handle, b->handle) &&
	       str_eq(a->token_command, b->token_command);
}

/* What open_network() makes a network of, but first_fetch, which is for new ones. */
static bool same_network(const struct config_account *a, const struct config_account *b)
{
	return same_login(a, b) && str_eq(a->command, b->command) && str_eq(a->firehose, b->firehose) &&
	       a->budget == b->budget && same_list(&a->listen, &b->listen) && same_list(&a->prices, &b->prices);
}

bool connection_stays(struct connection *c, const struct config *whole, const struct config_account *config)
{
	bool ill = c->problem || c->state == ACCOUNT_NEEDS_LOGIN || c->state == ACCOUNT_FAILED;
	if (ill || !same_network(c->setup.config, config))
		return false;
	c->setup.whole = whole;
	c->setup.config = config;
	return true;
}

bool connection_lends(const struct connection *c, const struct config_account *config, struct credentials *out)
{
	if (c->problem || c->state == ACCOUNT_NEEDS_LOGIN || !same_login(c->setup.config, config))
		return false;
	credentials_copy(out, &c->secrets);
	return true;
}

struct network *connection_network(struct connection *c, const char **words)
{
	bool usable = c->network && c->state != ACCOUNT_NEVER && c->state != ACCOUNT_CONNECTING;
	if (!usable)
		*words = *c->reason ? c->reason : "not connected yet";
	return usable ? c->network : NULL;
}

enum account_state connection_state(const struct connection *c)
{
	return c->state;
}

bool connection_idle(const struct connection *c)
{
	return ingest_idle(c->ingest) && !c->reading && (!c->wants.len || c->state != ACCOUNT_LIVE);
}
