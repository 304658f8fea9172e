#include "core/courier/session.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/base/str.h"
#include "core/config/credentials.h"
#include "core/courier/connection.h"
#include "core/courier/deliver.h"
#include "core/courier/escalate.h"
#include "core/courier/upkeep.h"
#include "core/net/loop.h"
#include "core/store/bell.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINGER_MS 30000
#define TICK_MS 60000       /* dead desks, writers that died before they rang */
#define FOLD_MS 2000        /* after a change the write-ahead log is folded in as far as readers let it be */
#define QUIET_MS 10000      /* without a change: then wholly, and it is cut */
#define SECRET_ROOM 8192    /* bytes; growing into more would leave a copy behind */
#define CHANGES_AT_ONCE 256 /* rows of the feed read in one go */

struct session {
	struct session_setup setup;
	const struct config *config; /* the setup's, or what was read since */
	const struct session_secrets *secrets;
	struct reading *reading; /* of what was read since; NULL: nothing */
	uv_loop_t loop;
	struct timers timers;
	struct loop_timers *glue;
	struct http *http;
	struct bell *bell;
	struct deliver *deliver;
	struct escalate *escalate;
	struct connection **connections; /* of config->accounts, in their order */
	int64_t *account_ids;
	bool on_terminal; /* its standard error was one at the start */
	struct upkeep upkeep;
	int64_t seen; /* of the change feed */
	int schema;
	timer_id tick, wake, fold, quiet, settle, linger;
	uv_signal_t term, interrupt, hangup;
	uv_fs_event_t credentials;
	bool ending;
};

/* --- ending */

static void end(struct session *s, const char *why)
{
	if (s->ending)
		return;
	log_line(LOG_INFO, "ending: %s", why);
	s->ending = true;
	uv_stop(&s->loop);
}

static void linger_over(void *arg)
{
	struct session *s = arg;
	struct err err = ERR_INIT;
	int desks = 0;
	s->linger = 0;
	bool alone = store_desks(s->setup.store, &desks, &err) == 0 && desks == 0;
	if (alone && deliver_nothing_left(s->deliver) && !escalate_busy(s->escalate))
		end(s, "no desk is left, and nothing to deliver");
}

/* The last desk gone starts the wait; one that comes back ends it. */
static void look_for_desks(struct session *s)
{
	struct err err = ERR_INIT;
	int desks = 0;
	if (!s->setup.linger || store_desks(s->setup.store, &desks, &err))
		return;
	if (desks)
		timers_cancel(&s->timers, &s->linger);
	else if (!s->linger)
		s->linger = timers_add(&s->timers, clock_mono_ms() + LINGER_MS, linger_over, s);
}

static bool has_settled(enum account_state state)
{
	return state != ACCOUNT_NEVER && state != ACCOUNT_CONNECTING && state != ACCOUNT_CATCHING_UP;
}

/* --once: everything that can be done now is done. */
static void end_when_done(struct session *s)
{
	if (deliver_busy(s->deliver) || escalate_busy(s->escalate))
		return;
	for (size_t i = 0; i < s->config->accounts_len; i++)
		if (!has_settled(connection_state(s->connections[i])) || !connection_idle(s->connections[i]))
			return;
	end(s, "done");
}

/* --- after something changed */

static void settled(void *arg)
{
	struct session *s = arg;
	s->settle = 0;
	deliver_run(s->deliver);
	if (s->setup.once)
		end_when_done(s);
}

/* On the next turn: whoever tells of a change is in the middle of it. */
static void something_settled(void *arg)
{
	struct session *s = arg;
	if (!s->settle)
		s->settle = timers_add(&s->timers, clock_mono_ms(), settled, s);
}

static void network_closes(void *arg, const struct network *network)
{
	struct session *s = arg;
	if (s->deliver)
		deliver_network_closes(s->deliver, network);
}

static struct network *network_of(void *arg, int64_t account_id, const char **words)
{
	struct session *s = arg;
	for (size_t i = 0; i < s->config->accounts_len; i++)
		if (s->account_ids[i] == account_id)
			return connection_network(s->connections[i], words);
	*words = "the account is not in the courier's configuration";
	return NULL;
}

/* --- the store */

static void wake_due(void *arg)
{
	struct session *s = arg;
	struct err err = ERR_INIT;
	int64_t now = clock_wall_ms(), next = INT64_MAX;
	timers_cancel(&s->timers, &s->wake);
	if (store_wake_due(s->setup.store, now, &next, &err)) {
		log_line(LOG_ERROR, "snoozed cases: %s", err.text);
		next = now + TICK_MS;
	}
	if (next != INT64_MAX)
		s->wake = timers_add(&s->timers, clock_mono_ms() + (next > now ? next - now : 0), wake_due, s);
}

static void checkpoint(struct session *s, bool idle)
{
	struct err err = ERR_INIT;
	if (store_checkpoint(s->setup.store, idle, &err))
		log_line(LOG_WARN, "checkpoint: %s", err.text);
}

static void fold(void *arg)
{
	struct session *s = arg;
	s->fold = 0;
	checkpoint(s, false);
}

static void quiet(void *arg)
{
	struct session *s = arg;
	s->quiet = 0;
	checkpoint(s, true);
}

static void take_requests(struct session *s)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct thread_request *requests = NULL;
	int count = 0;
	if (store_stop_requested(s->setup.store))
		end(s, "a desk asked for it");
	if (store_thread_requests(s->setup.store, &arena, &requests, &count, &err))
		log_line(LOG_ERROR, "requests: %s", err.text);
	for (int r = 0; r < count; r++)
		for (size_t i = 0; i < s->config->accounts_len; i++)
			if (s->account_ids[i] == requests[r].account_id && *requests[r].remote_id)
				connection_want_thread(s->connections[i], requests[r].remote_id, requests[r].thread_id);
	arena_release(&arena);
	look_for_desks(s);
}

static void heard(void *arg)
{
	struct session *s = arg;
	if (store_schema_version(s->setup.store) != s->schema) {
		end(s, "the store was upgraded beneath it");
		return;
	}
	struct change_row rows[CHANGES_AT_ONCE];
	struct err err = ERR_INIT;
	unsigned kinds = 0;
	int count;
	while ((count = store_changes(s->setup.store, &s->seen, rows, CHANGES_AT_ONCE, &err)) > 0)
		for (int i = 0; i < count; i++)
			kinds |= 1u << rows[i].kind;
	if (count < 0)
		log_line(LOG_ERROR, "change feed: %s", err.text);
	if (kinds & 1u << CHANGE_REQUEST)
		take_requests(s);
	if (kinds & 1u << CHANGE_REPLY)
		deliver_run(s->deliver);
	if (kinds & 1u << CHANGE_ESCALATION)
		escalate_run(s->escalate);
	if (kinds & 1u << CHANGE_CASE)
		wake_due(s);
	if (!kinds)
		return;
	if (!s->fold)
		s->fold = timers_add(&s->timers, clock_mono_ms() + FOLD_MS, fold, s);
	timers_cancel(&s->timers, &s->quiet);
	s->quiet = timers_add(&s->timers, clock_mono_ms() + QUIET_MS, quiet, s);
}

static void tick(void *arg)
{
	struct session *s = arg;
	s->tick = timers_add(&s->timers, clock_mono_ms() + TICK_MS, tick, s);
	heard(s);             /* a writer that died between COMMIT and bell was heard by nobody */
	checkpoint(s, false); /* drafts grow the log and ring no bell */
	upkeep_run(&s->upkeep, clock_wall_ms());
	wake_due(s);
	deliver_run(s->deliver);
	look_for_desks(s);
}

/* Holds, snoozes and retries end at times of the wall clock. */
static void clock_jumped(void *arg)
{
	struct session *s = arg;
	wake_due(s);
	deliver_run(s->deliver);
	escalate_run(s->escalate);
}

/* --- a login while the courier runs */

static void log_in(struct session *s, size_t i)
{
	const struct config_account *account = &s->config->accounts[i];
	const struct network_ops *ops = network_by_name(config_network_word(account->network));
	struct credentials secrets;
	struct err err = ERR_INIT;
	/* A command may ask on a terminal, and there is none any more. */
	if (!ops || *account->token_command || connection_state(s->connections[i]) != ACCOUNT_NEEDS_LOGIN)
		return;
	if (credentials_load(s->config, account, ops->credential, &secrets, &err) == 0)
		connection_login(s->connections[i], &secrets);
	credentials_release(&secrets);
}

static void credentials_changed(uv_fs_event_t *event, const char *name, int events, int status)
{
	(void)events;
	struct session *s = event->data;
	if (status < 0 || !name || !str_eq(name, "credentials.conf"))
		return;
	for (size_t i = 0; i < s->config->accounts_len; i++)
		log_in(s, i);
}

static void watch_credentials(struct session *s)
{
	const char *dir = s->config->secrets_dir;
	struct err ignored = ERR_INIT; /* then it cannot be watched either */
	path_make_dirs(dir, 0700, &ignored);
	if (uv_fs_event_start(&s->credentials, credentials_changed, dir, 0))
		log_line(LOG_INFO, "%s cannot be watched: a new login is seen at the next start", dir);
}

/* --- beginning */

static void on_signal(uv_signal_t *signal, int number)
{
	end(signal->data, number == SIGTERM ? "SIGTERM" : "SIGINT");
}

static void open_connection(struct session *s, size_t i)
{
	const struct config_account *account = &s->config->accounts[i];
	s->connections[i] = connection_new(&(struct connection_setup){
	        .whole = s->config,
	        .config = account,
	        .ops = network_by_name(config_network_word(account->network)),
	        .account_id = s->account_ids[i],
	        .secrets = &s->secrets->accounts[i],
	        .problem = s->secrets->problems[i],
	        .store = s->setup.store,
	        .loop = &s->loop,
	        .timers = &s->timers,
	        .http = s->http,
	        .random = random_u64,
	        .changed = something_settled,
	        .closing = network_closes,
	        .arg = s,
	});
}

/* The rows of the accounts, made from the configuration. */
static int sync_accounts(struct session *s, const struct config *config, int64_t *ids, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct account_setup *setups = arena_array(&arena, struct account_setup, config->accounts_len + 1);
	const struct account *rows = NULL;
	int count = 0;
	for (size_t i = 0; i < config->accounts_len; i++)
		setups[i] = (struct account_setup){config->accounts[i].name,
		        config_network_word(config->accounts[i].network), config->accounts[i].server,
		        config->accounts[i].handle};
	int rc = store_accounts_sync(s->setup.store, setups, (int)config->accounts_len, err);
	if (rc == 0)
		rc = store_accounts(s->setup.store, &arena, &rows, &count, err);
	for (int r = 0; r < count; r++)
		for (size_t i = 0; i < config->accounts_len; i++)
			if (str_eq(rows[r].name, config->accounts[i].name))
				ids[i] = rows[r].id;
	arena_release(&arena);
	return rc;
}

static void set_rules(struct session *s)
{
	const struct config_desk *desk = &s->config->desk;
	store_set_rules(s->setup.store,
	        &(struct clock_rules){
	                .first_reply_ms = desk->first_reply, .next_reply_ms = desk->next_reply, .hours = desk->hours});
}

/* --- another configuration, while it runs */

/* What was read, with what its accounts and teams need. */
struct reading {
	struct config config;
	struct session_secrets secrets;
};

static void reading_free(struct reading *reading)
{
	if (!reading)
		return;
	session_secrets_release(&reading->secrets, &reading->config);
	config_release(&reading->config);
	free(reading);
}

static bool mails(const struct config *config)
{
	for (size_t i = 0; i < config->teams_len; i++)
		if (config->teams[i].escalate.how == CONFIG_ESCALATE_MAIL)
			return true;
	return false;
}

/* What was fixed when the process began; NULL when it can be taken. */
static const char *needs_restart(const struct config *old, const struct config *new)
{
	if (!str_eq(old->desk.store.path, new->desk.store.path))
		return "store is another one";
	if (!str_eq(old->desk.timezone, new->desk.timezone))
		return "timezone is another one";
	if (mails(new) && !mails(old))
		return "a team is told by mail, and this process gave up what mailers need";
	return NULL;
}

static struct connection *connection_of(const struct session *s, const struct config_account *account)
{
	for (size_t i = 0; i < s->config->accounts_len; i++)
		if (str_eq(s->config->accounts[i].name, account->name))
			return s->connections[i];
	return NULL;
}

/* What a running account has is newer than what any command or file gives, and no command asks a second time. */
static void take_secrets(const struct session *s, struct reading *reading, size_t i)
{
	struct credentials *out = &reading->secrets.accounts[i];
	const struct config_account *account = &reading->config.accounts[i];
	const struct network_ops *ops = network_by_name(config_network_word(account->network));
	const struct connection *running = connection_of(s, account);
	struct err err = ERR_INIT;
	if (running && connection_lends(running, account, out))
		return;
	if (ops && credentials_load(&reading->config, account, ops->credential, out, &err))
		reading->secrets.problems[i] = mem_strdup(err.text);
}

static int read_again(const struct session *s, struct reading *reading, struct err *err)
{
	const char *file = *s->config->file ? s->config->file : NULL;
	int rc = config_load(file, &reading->config, NULL, err);
	const char *why = rc ? NULL : needs_restart(s->config, &reading->config);
	if (why)
		rc = err_set(err, ERR_CONFIG, "%s: that takes a new start of curlewd", why);
	if (rc == 0)
		rc = session_secrets_teams(&reading->secrets, &reading->config, err);
	for (size_t i = 0; rc == 0 && i < reading->config.accounts_len; i++)
		take_secrets(s, reading, i);
	return rc;
}

/* Those that stay as they were go on, with the new configuration beneath them. */
static void move_connections(struct session *s, struct reading *reading, int64_t *ids)
{
	size_t count = reading->config.accounts_len;
	struct connection **kept = mem_alloc((count + 1) * sizeof *kept);
	for (size_t i = 0; i < s->config->accounts_len; i++) {
		const struct config_account *now = config_account(&reading->config, s->config->accounts[i].name);
		if (now && connection_stays(s->connections[i], &reading->config, now)) {
			kept[now - reading->config.accounts] = s->connections[i];
			continue;
		}
		log_line(LOG_INFO, "account %s: %s", s->config->accounts[i].name,
		        now ? "it is opened anew" : "it is not in the configuration any more");
		connection_close(s->connections[i]);
	}
	free(s->connections);
	free(s->account_ids);
	s->connections = kept;
	s->account_ids = ids;
	s->config = &reading->config;
	s->secrets = &reading->secrets;
	for (size_t i = 0; i < count; i++)
		if (!kept[i])
			open_connection(s, i);
}

static void use(struct session *s, struct reading *reading, int64_t *ids)
{
	move_connections(s, reading, ids);
	set_rules(s);
	escalate_use(s->escalate, s->config, (const char *const *)s->secrets->signing);
	s->upkeep.config = s->config;
	s->upkeep.account_ids = s->account_ids;
	uv_fs_event_stop(&s->credentials);
	watch_credentials(s);
	reading_free(s->reading);
	s->reading = reading;
	escalate_run(s->escalate);
	take_requests(s); /* those of a conversation that was closed are asked again */
	something_settled(s);
}

/* All of it, or nothing: with one that is wrong the old one goes on. */
static void reload(struct session *s)
{
	struct reading *reading = mem_alloc(sizeof *reading);
	struct err err = ERR_INIT;
	int64_t *ids = NULL;
	int rc = read_again(s, reading, &err);
	if (rc == 0) {
		ids = mem_alloc((reading->config.accounts_len + 1) * sizeof *ids);
		rc = sync_accounts(s, &reading->config, ids, &err);
	}
	if (rc) {
		log_line(LOG_ERROR, "the configuration is not taken, the one from before goes on: %s", err.text);
		free(ids);
		reading_free(reading);
		return;
	}
	use(s, reading, ids);
	log_line(LOG_INFO, "the configuration was read again");
}

/* A terminal that is gone is the end of what was started there by hand; else somebody asks for the configuration. */
static void on_hangup(uv_signal_t *signal, int number)
{
	struct session *s = signal->data;
	(void)number;
	if (s->on_terminal && !isatty(STDERR_FILENO))
		end(s, "the terminal is gone");
	else if (!s->setup.once)
		reload(s);
}

static void watch(struct session *s)
{
	uv_signal_init(&s->loop, &s->term);
	uv_signal_init(&s->loop, &s->interrupt);
	uv_signal_init(&s->loop, &s->hangup);
	uv_fs_event_init(&s->loop, &s->credentials);
	s->term.data = s->interrupt.data = s->hangup.data = s->credentials.data = s;
	uv_signal_start(&s->term, on_signal, SIGTERM);
	uv_signal_start(&s->interrupt, on_signal, SIGINT);
	uv_signal_start(&s->hangup, on_hangup, SIGHUP);
	watch_credentials(s);
}

static void start_work(struct session *s)
{
	const struct config *config = s->config;
	s->deliver = deliver_new(&(struct deliver_setup){.store = s->setup.store,
	        .timers = &s->timers,
	        .random = random_u64,
	        .network = network_of,
	        .settled = something_settled,
	        .arg = s});
	s->escalate = escalate_new(&(struct escalate_setup){.loop = &s->loop,
	        .store = s->setup.store,
	        .timers = &s->timers,
	        .http = s->http,
	        .random = random_u64,
	        .config = config,
	        .secrets = (const char *const *)s->secrets->signing,
	        .sendmail = ESCALATE_SENDMAIL,
	        .settled = something_settled,
	        .arg = s});
	s->upkeep = (struct upkeep){.store = s->setup.store, .config = config, .account_ids = s->account_ids};
	for (size_t i = 0; i < config->accounts_len; i++)
		open_connection(s, i);
	escalate_run(s->escalate);
	take_requests(s);
	tick(s);
	something_settled(s);
	loop_timers_on_jump(s->glue, clock_jumped, s);
}

static int begin(struct session *s, struct err *err)
{
	size_t accounts = s->config->accounts_len + 1;
	s->connections = mem_alloc(accounts * sizeof *s->connections);
	s->account_ids = mem_alloc(accounts * sizeof *s->account_ids);
	set_rules(s);
	int rc = sync_accounts(s, s->config, s->account_ids, err);
	if (rc)
		return rc;
	if (store_stop_clear(s->setup.store, err))
		return -(int)err->code;
	s->schema = store_schema_version(s->setup.store);
	s->seen = store_change_last(s->setup.store, err);
	if (s->seen < 0)
		return (int)s->seen;
	s->http = http_new(&s->loop, &s->timers, err);
	if (!s->http)
		return -(int)err->code;
	rc = bell_watch(&s->loop, store_path(s->setup.store), heard, s, &s->bell, err);
	if (rc == 0)
		start_work(s);
	return rc;
}

static void close_all(struct session *s)
{
	loop_timers_on_jump(s->glue, NULL, NULL);
	deliver_free(s->deliver);
	escalate_free(s->escalate);
	for (size_t i = 0; s->connections && i < s->config->accounts_len; i++)
		connection_free(s->connections[i]);
	http_free(s->http);
	if (s->bell)
		bell_unwatch(s->bell);
	loop_timers_detach(s->glue);
	uv_close((uv_handle_t *)&s->term, NULL);
	uv_close((uv_handle_t *)&s->interrupt, NULL);
	uv_close((uv_handle_t *)&s->hangup, NULL);
	uv_close((uv_handle_t *)&s->credentials, NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
	timers_release(&s->timers);
}

/* With `once` the exit status tells whether every account could be read. */
static int verdict(const struct session *s, struct err *err)
{
	for (size_t i = 0; s->setup.once && i < s->config->accounts_len; i++)
		if (connection_state(s->connections[i]) != ACCOUNT_LIVE)
			return err_set(err, ERR_UNAVAILABLE, "account %s is not live: see the log",
			        s->config->accounts[i].name);
	return 0;
}

int session_run(const struct session_setup *setup, struct err *err)
{
	struct session *s = mem_alloc(sizeof *s);
	s->setup = *setup;
	s->config = setup->config;
	s->secrets = setup->secrets;
	s->on_terminal = isatty(STDERR_FILENO);
	uv_loop_init(&s->loop);
	timers_init(&s->timers);
	s->glue = loop_timers_attach(&s->loop, &s->timers);
	watch(s);
	int rc = begin(s, err);
	if (rc == 0) {
		uv_run(&s->loop, UV_RUN_DEFAULT);
		rc = verdict(s, err);
	}
	close_all(s);
	reading_free(s->reading);
	free(s->connections);
	free(s->account_ids);
	free(s);
	return rc;
}

/* --- secrets */

int session_secrets_teams(struct session_secrets *secrets, const struct config *config, struct err *err)
{
	struct str value = STR_INIT;
	int rc = 0;
	str_reserve(&value, SECRET_ROOM);
	secrets->accounts = mem_alloc((config->accounts_len + 1) * sizeof(struct credentials));
	secrets->problems = mem_alloc((config->accounts_len + 1) * sizeof(char *));
	secrets->signing = mem_alloc((config->teams_len + 1) * sizeof(char *));
	for (size_t i = 0; i < config->teams_len && rc == 0; i++) {
		rc = credentials_team_secret(config, &config->teams[i], &value, err);
		secrets->signing[i] = mem_strdup(rc ? "" : value.p);
	}
	secret_release(&value);
	return rc;
}

int session_secrets_read(struct session_secrets *secrets, const struct config *config, struct err *err)
{
	int rc = session_secrets_teams(secrets, config, err);
	for (size_t i = 0; i < config->accounts_len && rc == 0; i++) {
		const struct config_account *account = &config->accounts[i];
		const struct network_ops *ops = network_by_name(config_network_word(account->network));
		struct err why = ERR_INIT;
		if (ops && credentials_load(config, account, ops->credential, &secrets->accounts[i], &why))
			secrets->problems[i] = mem_strdup(why.text);
	}
	return rc;
}

static void forget(char **secrets, size_t count)
{
	for (size_t i = 0; secrets && i < count; i++)
		secret_free(secrets[i]);
	free(secrets);
}

void session_secrets_release(struct session_secrets *secrets, const struct config *config)
{
	for (size_t i = 0; secrets->accounts && i < config->accounts_len; i++)
		credentials_release(&secrets->accounts[i]);
	free(secrets->accounts);
	forget(secrets->problems, config->accounts_len);
	forget(secrets->signing, config->teams_len);
}
