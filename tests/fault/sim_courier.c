#include "tests/fault/sim_courier.h"

#include "core/base/mem.h"
#include "core/courier/connection.h"
#include "core/courier/deliver.h"
#include "core/courier/escalate.h"
#include "core/store/lock.h"
#include "tests/fault/sim_server.h"

#define TICK_MS 60000
#define FOLD_MS 2000
#define QUIET_MS 10000
#define CHANGES_AT_ONCE 256
#define SPAN_MS 10000
#define SPAN_TURNS_MAX 200 /* the busiest ten seconds of thousands of seeds had fewer than 120 */
#define TURNS_MAX 400      /* callbacks at one moment: more is a loop that never comes to rest */

struct courier {
	enum sim_actor actor;
	bool runs, stopped;
	struct courier_lock lock;
	struct store *store;
	struct timers timers;
	struct deliver *deliver;
	struct escalate *escalate;
	struct config_account configs[SIM_SERVERS];
	struct connection *connections[SIM_SERVERS];
	int64_t account_ids[SIM_SERVERS];
	int64_t seen;
	unsigned long rings;
	timer_id tick, wake, fold, quiet, settle;
	int64_t moment; /* callbacks at it: */
	int turns;
	int64_t span; /* callbacks within it: */
	int span_turns;
	long wakes;
};

/* --- as in session.c */

static void settled(void *arg)
{
	struct courier *c = arg;
	c->settle = 0;
	deliver_run(c->deliver);
}

static void something_settled(void *arg)
{
	struct courier *c = arg;
	if (!c->settle)
		c->settle = timers_add(&c->timers, clock_mono_ms(), settled, c);
}

static void network_closes(void *arg, const struct network *network)
{
	struct courier *c = arg;
	if (c->deliver)
		deliver_network_closes(c->deliver, network);
}

static struct network *network_of(void *arg, int64_t account_id, const char **words)
{
	struct courier *c = arg;
	for (int i = 0; i < sim.servers; i++)
		if (c->account_ids[i] == account_id && c->connections[i])
			return connection_network(c->connections[i], words);
	*words = "the account is not in the courier's configuration";
	return NULL;
}

static void wake_due(void *arg)
{
	struct courier *c = arg;
	struct err err = ERR_INIT;
	int64_t now = clock_wall_ms(), next = INT64_MAX;
	timers_cancel(&c->timers, &c->wake);
	if (store_wake_due(c->store, now, &next, &err))
		next = now + TICK_MS;
	if (next != INT64_MAX)
		c->wake = timers_add(&c->timers, clock_mono_ms() + (next > now ? next - now : 0), wake_due, c);
}

static void checkpoint(struct courier *c, bool idle)
{
	struct err err = ERR_INIT;
	if (store_checkpoint(c->store, idle, &err))
		sim_note("courier: checkpoint: %s", err.text);
}

static void fold(void *arg)
{
	struct courier *c = arg;
	c->fold = 0;
	checkpoint(c, false);
}

static void quiet(void *arg)
{
	struct courier *c = arg;
	c->quiet = 0;
	checkpoint(c, true);
}

static void take_requests(struct courier *c)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct thread_request *requests = NULL;
	int count = 0;
	if (store_thread_requests(c->store, &arena, &requests, &count, &err))
		sim_note("courier: requests: %s", err.text);
	for (int r = 0; r < count; r++)
		for (int i = 0; i < sim.servers; i++)
			if (c->account_ids[i] == requests[r].account_id && *requests[r].remote_id)
				connection_want_thread(c->connections[i], requests[r].remote_id, requests[r].thread_id);
	arena_release(&arena);
}

static void heard(struct courier *c)
{
	struct change_row rows[CHANGES_AT_ONCE];
	struct err err = ERR_INIT;
	unsigned kinds = 0;
	int count;
	c->rings = sim.rings;
	while ((count = store_changes(c->store, &c->seen, rows, CHANGES_AT_ONCE, &err)) > 0)
		for (int i = 0; i < count; i++)
			kinds |= 1u << rows[i].kind;
	if (count < 0)
		sim_note("courier: change feed: %s", err.text);
	if (kinds & 1u << CHANGE_REQUEST)
		take_requests(c);
	if (kinds & 1u << CHANGE_REPLY)
		deliver_run(c->deliver);
	if (kinds & 1u << CHANGE_ESCALATION)
		escalate_run(c->escalate);
	if (kinds & 1u << CHANGE_CASE)
		wake_due(c);
	if (!c->fold)
		c->fold = timers_add(&c->timers, clock_mono_ms() + FOLD_MS, fold, c);
	timers_cancel(&c->timers, &c->quiet);
	c->quiet = timers_add(&c->timers, clock_mono_ms() + QUIET_MS, quiet, c);
}

static void tick(void *arg)
{
	struct courier *c = arg;
	c->tick = timers_add(&c->timers, clock_mono_ms() + TICK_MS, tick, c);
	heard(c);
	wake_due(c);
	deliver_run(c->deliver);
}

/* --- from start to end */

static int sync_accounts(struct courier *c, struct err *err)
{
	struct account_setup setups[SIM_SERVERS];
	struct arena arena = ARENA_INIT;
	const struct account *rows = NULL;
	int count = 0;
	for (int i = 0; i < sim.servers; i++)
		setups[i] = (struct account_setup){servers[i].name, "mastodon", servers[i].name, servers[i].name};
	int rc = store_accounts_sync(c->store, setups, sim.servers, err);
	if (rc == 0)
		rc = store_accounts(c->store, &arena, &rows, &count, err);
	for (int r = 0; r < count; r++)
		for (int i = 0; i < sim.servers; i++)
			if (str_eq(rows[r].name, servers[i].name))
				c->account_ids[i] = rows[r].id;
	arena_release(&arena);
	return rc;
}

static struct config_team teams[] = {
        {.name = "billing", .escalate = {CONFIG_ESCALATE_WEBHOOK, "http://127.0.0.1/hook"}, .timeout = 10000},
        {.name = "legal", .escalate = {CONFIG_ESCALATE_COMMAND, "tell-legal"}, .timeout = 10000}};
static const struct config team_config = {.teams = teams, .teams_len = 2};

static void start_work(struct courier *c)
{
	c->deliver = deliver_new(&(struct deliver_setup){.store = c->store,
	        .timers = &c->timers,
	        .random = sim_random,
	        .network = network_of,
	        .settled = something_settled,
	        .arg = c});
	for (int i = 0; i < sim.servers; i++) {
		c->configs[i] = (struct config_account){.name = servers[i].name,
		        .server = servers[i].name,
		        .handle = servers[i].name,
		        .first_fetch = 500};
		c->connections[i] = connection_new(&(struct connection_setup){.config = &c->configs[i],
		        .ops = &sim_network_ops,
		        .account_id = c->account_ids[i],
		        .secrets = &(struct credentials){{NULL}, ""},
		        .store = c->store,
		        .timers = &c->timers,
		        .random = sim_random,
		        .changed = something_settled,
		        .closing = network_closes,
		        .arg = c});
	}
	c->escalate = escalate_new(&(struct escalate_setup){.store = c->store,
	        .timers = &c->timers,
	        .random = sim_random,
	        .config = &team_config,
	        .sendmail = "",
	        .settled = something_settled,
	        .arg = c});
	escalate_run(c->escalate);
	take_requests(c);
	tick(c);
	something_settled(c);
}

struct courier *courier_new(enum sim_actor actor)
{
	struct courier *c = mem_alloc(sizeof *c);
	c->actor = actor;
	c->lock = (struct courier_lock)COURIER_LOCK_INIT;
	timers_init(&c->timers);
	return c;
}

void courier_free(struct courier *c)
{
	timers_release(&c->timers);
	free(c);
}

bool courier_start(struct courier *c)
{
	struct err err = ERR_INIT;
	sim.acting = c->actor;
	c->store = NULL;
	c->deliver = NULL;
	c->escalate = NULL;
	c->stopped = false;
	c->tick = c->wake = c->fold = c->quiet = c->settle = 0;
	int rc = courier_lock_take(sim.path, &c->lock, &err);
	if (rc == 0)
		rc = store_open(sim.uri, STORE_COURIER, &c->store, &err);
	if (rc == 0)
		rc = sync_accounts(c, &err);
	if (rc == 0)
		rc = store_stop_clear(c->store, &err);
	if (rc == 0) {
		c->seen = store_change_last(c->store, &err);
		rc = c->seen < 0 ? (int)c->seen : 0;
	}
	if (rc) {
		sim_note("courier %d: not started: %s", (int)c->actor, err.text);
		store_close(c->store);
		courier_lock_release(&c->lock);
		return false;
	}
	sim_note("courier %d: started", (int)c->actor);
	c->runs = true;
	sim.lives++;
	start_work(c);
	return true;
}

bool courier_runs(const struct courier *c)
{
	return c->runs;
}

void courier_end(struct courier *c, bool killed)
{
	sim.acting = c->actor;
	sim_note("courier %d: %s", (int)c->actor, killed ? "killed" : "ends");
	if (killed)
		disk_kill(c->actor);
	deliver_free(c->deliver);
	escalate_free(c->escalate);
	c->deliver = NULL;
	c->escalate = NULL;
	for (int i = 0; i < sim.servers; i++) {
		connection_free(c->connections[i]);
		c->connections[i] = NULL;
	}
	store_close(c->store);
	timers_release(&c->timers);
	courier_lock_release(&c->lock);
	c->runs = c->stopped = false;
	disk_heal(c->actor);
}

void courier_set_stopped(struct courier *c, bool stopped)
{
	sim_note("courier %d: %s", (int)c->actor, stopped ? "stopped" : "continued");
	c->stopped = stopped;
}

bool courier_is_stopped(const struct courier *c)
{
	return c->stopped;
}

int64_t courier_next(const struct courier *c)
{
	if (!c->runs || c->stopped)
		return INT64_MAX;
	return timers_next(&c->timers);
}

static void count_turn(struct courier *c, int callbacks)
{
	c->wakes += callbacks;
	if (c->moment != sim.mono) {
		c->moment = sim.mono;
		c->turns = 0;
	}
	c->turns += callbacks;
	if (c->turns > TURNS_MAX)
		sim_fail("the courier loops: %d callbacks within one millisecond", c->turns);
	if (sim.mono / SPAN_MS != c->span) {
		c->span = sim.mono / SPAN_MS;
		c->span_turns = 0;
	}
	c->span_turns += callbacks;
	if (c->span_turns > SPAN_TURNS_MAX)
		sim_fail("the courier hurries: %d callbacks within ten seconds", c->span_turns);
}

void courier_turn(struct courier *c)
{
	if (!c->runs || c->stopped)
		return;
	sim.acting = c->actor;
	if (c->rings != sim.rings)
		heard(c);
	count_turn(c, timers_run(&c->timers, sim.mono));
}

void courier_log_in(struct courier *c, int server)
{
	if (!c->runs || c->stopped)
		return;
	sim.acting = c->actor;
	sim_note("courier %d: a new token for %s", (int)c->actor, servers[server].name);
	connection_login(c->connections[server], &(struct credentials){{NULL}, ""});
}

void courier_clock_jumped(struct courier *c)
{
	if (!c->runs || c->stopped)
		return;
	sim.acting = c->actor;
	wake_due(c);
	deliver_run(c->deliver);
	escalate_run(c->escalate);
}

bool courier_idle(const struct courier *c)
{
	for (int i = 0; c->runs && i < sim.servers; i++)
		if (!connection_idle(c->connections[i]))
			return false;
	return c->runs && !deliver_busy(c->deliver) && !escalate_busy(c->escalate);
}

long courier_wakes(const struct courier *c)
{
	return c->wakes;
}
