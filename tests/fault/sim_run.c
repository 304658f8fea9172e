/* One run: processes are started, things happen, faults are made, and in the end everybody is let come to rest. */
#include "core/base/mem.h"
#include "tests/fault/sim_check.h"
#include "tests/fault/sim_courier.h"
#include "tests/fault/sim_desk.h"
#include "tests/fault/sim_disk.h"
#include "tests/fault/sim_hooks.h"
#include "tests/fault/sim_server.h"

#include <sys/stat.h>
#include <unistd.h>

#define STEPS_LEAST 10 /* of a run; most are short, since more seeds find more than longer ones */
#define STEPS_MANY 60
#define REST_MS (4 * 3600000) /* by then all must have come to rest */
#define WAKES_AT_REST 120     /* callbacks of the courier in ten minutes in which nothing happens */

static struct courier *couriers[2];
static struct desk *desks[SIM_DESKS];
static int64_t continue_at; /* a stopped courier, mono */
static bool resting;        /* the run comes to its end */

/* --- the store's files: a fresh one is a copy of one that was made once */

static struct str template = STR_INIT;

static void remove_files(void)
{
	static const char *const suffixes[] = {"-wal", "-journal"};
	char path[128];
	memory_put(sim.path, NULL, 0);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(path, sizeof path, "%s%s", sim.path, suffixes[i]);
		memory_put(path, NULL, 0);
	}
}

static void make_template(void)
{
	struct store *store;
	struct err err = ERR_INIT;
	size_t len;
	sim.acting = ACTOR_NOBODY;
	remove_files();
	if (store_open(sim.uri, STORE_COURIER, &store, &err)) {
		sim_fail("no store can be made: %s", err.text);
		return;
	}
	store_close(store);
	const char *bytes = memory_get(sim.path, &len);
	str_add(&template, bytes, len);
}

static void fresh_store(void)
{
	remove_files();
	memory_put(sim.path, template.p, template.len);
}

/* The store's own checks look at a file, and its courier locks one; both stay empty. */
static void make_dir(void)
{
	if (sim.dir[0])
		return;
	struct stat st;
	bool shm = stat("/dev/shm", &st) == 0 && access("/dev/shm", W_OK) == 0;
	snprintf(sim.dir, sizeof sim.dir, "%s/curlew-sim-XXXXXX", shm ? "/dev/shm" : "/tmp");
	if (!mkdtemp(sim.dir))
		sim_fail("%s cannot be made", sim.dir);
	snprintf(sim.path, sizeof sim.path, "%s/desk.db", sim.dir);
	snprintf(sim.uri, sizeof sim.uri, "sqlite:%s", sim.path);
}

/* --- time */

static struct courier *running_courier(void)
{
	for (int i = 0; i < 2; i++)
		if (courier_runs(couriers[i]))
			return couriers[i];
	return NULL;
}

static bool is_stopped(enum sim_actor actor)
{
	return (actor == ACTOR_COURIER || actor == ACTOR_SECOND) && courier_is_stopped(couriers[actor - ACTOR_COURIER]);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_due(void)
{
	int64_t next = timers_next(&sim.world);
	for (int i = 0; i < 2; i++)
		next = least(next, courier_next(couriers[i]));
	for (int i = 0; i < SIM_DESKS; i++)
		next = least(next, desk_next(desks[i]));
	return next;
}

static void kill_who_must(void)
{
	for (int i = 0; i < 2; i++)
		if (courier_runs(couriers[i]) && disk_dead((enum sim_actor)(ACTOR_COURIER + i))) {
			sim_fault(FAULT_COURIER_CRASH);
			courier_end(couriers[i], true);
		}
	for (int i = 0; i < SIM_DESKS; i++)
		if (desk_runs(desks[i]) && disk_dead((enum sim_actor)(ACTOR_DESK + i))) {
			sim_fault(FAULT_DESK_CRASH);
			desk_kill(desks[i]);
		}
}

static void look(void)
{
	kill_who_must();
	check_store(desks);
	sim.counts->steps++;
}

static void run_due(void)
{
	sim.acting = ACTOR_NOBODY;
	timers_run(&sim.world, sim.mono);
	kill_who_must();
	for (int i = 0; i < 2; i++)
		courier_turn(couriers[i]);
	kill_who_must();
	for (int i = 0; i < SIM_DESKS; i++)
		desk_time(desks[i]);
}

static void work(struct desk *desk)
{
	for (int i = 0; i < 200 && desk_work(desk); i++)
		;
}

/* Lets time pass, from one thing that is due to the next. */
static void pass(int64_t ms)
{
	int64_t end = sim.mono + ms;
	while (sim.mono < end && !sim_failed()) {
		int64_t next = least(next_due(), end);
		next = next > sim.mono ? next : sim.mono;
		sim.wall += next - sim.mono;
		sim.mono = next;
		run_due();
		for (int i = 0; i < SIM_DESKS; i++)
			if (resting || sim_pick(5) == 0) /* a desk has other things to do than to hear each ring */
				work(desks[i]);
		look();
	}
}

/* --- what happens */

static void customers(void)
{
	server_happens(&servers[sim_pick(sim.servers)]);
}

static void agents(void)
{
	struct desk *desk = desks[sim_pick(SIM_DESKS)];
	if (!desk_runs(desk))
		return;
	for (int i = 1 + sim_pick(24); i > 0 && desk_runs(desk) && !sim_failed(); i--) {
		int64_t wait = desk_hands_free(desk) - sim.mono;
		if (wait > 0)
			pass(wait);
		if (!desk_runs(desk))
			return;
		desk_key(desk);
		if (sim_pick(3) == 0)
			work(desk);
		else
			desk_work(desk);
		if (desk_runs(desk) && sim_pick(8))
			desk_paint(desk);
	}
}

static void time_passes(void)
{
	static const int64_t spans[] = {100, 400, 1000, 3000, 10000, 70000};
	pass(sim_between(1, spans[sim_pick(6)]));
}

/* Whoever is down comes up again. */
static void starts(void)
{
	if (!running_courier() && sim_pick(2))
		courier_start(couriers[sim_pick(2)]);
	for (int i = 0; i < SIM_DESKS; i++)
		if (!desk_runs(desks[i]) && sim_pick(3) == 0)
			desk_start(desks[i]);
	if (sim.mono >= continue_at)
		for (int i = 0; i < 2; i++)
			if (courier_is_stopped(couriers[i]))
				courier_set_stopped(couriers[i], false);
}

/* --- faults */

static enum sim_actor somebody(void)
{
	return (enum sim_actor)sim_between(ACTOR_COURIER, ACTOR_COUNT - 1);
}

static void disk_fault(void)
{
	enum sim_actor actor = somebody();
	int after = sim_pick(25);
	switch (sim_pick(5)) {
	case 0:
		sim_fault(FAULT_DISK_FULL);
		disk_full(actor, after, 1 + sim_pick(40));
		break;
	case 1:
		sim_fault(FAULT_DISK_ERROR);
		disk_error(actor, after);
		break;
	case 2:
		sim_fault(FAULT_DISK_BUSY);
		disk_busy(actor, sim_pick(4) ? 1 + sim_pick(20) : 200);
		break;
	default: disk_die(actor, after); break;
	}
}

static void connection_fault(void)
{
	struct courier *courier = running_courier();
	int server = sim_pick(sim.servers);
	if (courier && sim_pick(3) == 0) {
		sim_fault(FAULT_LOGIN);
		courier_log_in(courier, server);
	} else {
		links_cut(&servers[server]);
	}
}

static void two_couriers(void)
{
	struct courier *running = running_courier();
	sim_fault(FAULT_SECOND_COURIER);
	int first = sim_pick(2);
	for (int i = 0; i < 2; i++)
		if (!courier_runs(couriers[first ^ i]))
			courier_start(couriers[first ^ i]);
	if (courier_runs(couriers[0]) && courier_runs(couriers[1]))
		sim_fail("two couriers serve one store%s", running ? "" : ", started together");
}

static void courier_fault(void)
{
	struct courier *courier = running_courier();
	int what = sim_pick(4);
	if (what == 0 || !courier) {
		two_couriers();
	} else if (what == 1) {
		sim_fault(FAULT_COURIER_CRASH);
		courier_end(courier, true);
	} else if (what == 2) {
		sim_fault(FAULT_COURIER_END);
		courier_end(courier, false);
	} else {
		sim_fault(FAULT_COURIER_STOP);
		courier_set_stopped(courier, true);
		continue_at = sim.mono + sim_between(1000, sim_pick(3) ? 60000 : 1200000);
	}
}

static void clocks_moved(void)
{
	for (int i = 0; i < SIM_DESKS; i++)
		desk_resumed(desks[i]);
	for (int i = 0; i < 2; i++)
		courier_clock_jumped(couriers[i]);
}

static void clock_fault(void)
{
	int64_t ms = sim_between(1000, sim_pick(3) ? 120000 : 1500000);
	if (sim_pick(2)) {
		sim_fault(FAULT_SUSPEND);
		sim_note("suspended for %lld ms", (long long)ms);
		sim.mono += ms;
		sim.wall += ms;
	} else {
		sim_fault(FAULT_CLOCK_JUMP);
		ms = sim_pick(2) ? ms : -ms;
		sim_note("the clock is set by %lld ms", (long long)ms);
		sim.wall += ms;
		check_clock_was_set();
	}
	clocks_moved();
}

static void desk_fault(void)
{
	struct desk *desk = desks[sim_pick(SIM_DESKS)];
	if (!desk_runs(desk))
		return;
	if (sim_pick(4)) {
		sim_fault(FAULT_DESK_CRASH);
		desk_kill(desk);
	} else {
		desk_end(desk);
	}
}

static void everything_dies(void)
{
	sim_fault(FAULT_POWER);
	for (int i = 0; i < 2; i++)
		if (courier_runs(couriers[i]))
			courier_end(couriers[i], true);
	for (int i = 0; i < SIM_DESKS; i++)
		if (desk_runs(desks[i]))
			desk_kill(desks[i]);
	check_close();
}

static void something_fails(void)
{
	int what = sim_pick(100);
	if (what < 20)
		connection_fault();
	else if (what < 50)
		disk_fault();
	else if (what < 68)
		courier_fault();
	else if (what < 83)
		desk_fault();
	else if (what < 95)
		clock_fault();
	else
		everything_dies();
}

static void step(void)
{
	int what = sim_pick(100);
	if (what < 22)
		time_passes();
	else if (what < 38)
		customers();
	else if (what < 90)
		agents();
	else if (sim_pick(100) < sim.fault_percent)
		something_fails();
	starts();
	run_due();
	look();
}

/* --- the end */

static void mend(void)
{
	sim.faults = false;
	resting = true;
	for (int i = 0; i < ACTOR_COUNT; i++)
		disk_heal((enum sim_actor)i);
	for (int i = 0; i < 2; i++)
		if (courier_is_stopped(couriers[i]))
			courier_set_stopped(couriers[i], false);
	for (int tries = 0; tries < 10 && !running_courier(); tries++) {
		courier_start(couriers[0]);
		pass(1000);
	}
	for (int i = 0; i < SIM_DESKS; i++) {
		if (!desk_runs(desks[i]))
			desk_start(desks[i]);
		desk_leave_alone(desks[i], true);
	}
}

static bool desks_idle(void)
{
	bool idle = true;
	for (int i = 0; i < SIM_DESKS; i++)
		idle &= desk_idle(desks[i]);
	return idle;
}

static bool all_at_rest(void)
{
	struct courier *courier = running_courier();
	return courier && courier_idle(courier) && links_quiet() && hooks_quiet() && desks_idle() && !check_unsettled();
}

static void come_to_rest(void)
{
	int64_t end = sim.mono + REST_MS;
	mend();
	for (int i = 0; i < 40 && !desks_idle() && !sim_failed(); i++)
		pass(1000);
	if (!desks_idle())
		sim_fail("a desk does not come to rest");
	for (int i = 0; i < SIM_DESKS; i++)
		if (desk_runs(desks[i]))
			desk_end(desks[i]);
	while (!sim_failed() && !all_at_rest()) {
		pass(5000);
		if (sim.mono > end)
			sim_fail("not at rest after hours: %s", links_quiet() ? "the courier" : "the network");
	}
}

static void stay_at_rest(void)
{
	if (sim_failed())
		return;
	long before = courier_wakes(running_courier());
	pass(600000);
	long wakes = sim_failed() ? 0 : courier_wakes(running_courier()) - before;
	if (wakes > WAKES_AT_REST)
		sim_fail("the courier woke %ld times in ten minutes of rest", wakes);
}

/* --- a run */

static void begin(uint64_t seed, enum sim_lie lie, struct sim_counts *counts)
{
	struct str trace = sim.trace.p ? sim.trace : (struct str)STR_INIT;
	struct sim fresh = {
	        .seed = seed, .random = seed, .lie = lie, .faults = true, .wall = SIM_WALL, .mono = SIM_MONO};
	str_copy(fresh.dir, sizeof fresh.dir, sim.dir);
	str_copy(fresh.path, sizeof fresh.path, sim.path);
	str_copy(fresh.uri, sizeof fresh.uri, sim.uri);
	str_clear(&trace);
	sim = fresh;
	sim.trace = trace;
	sim.counts = counts;
	timers_init(&sim.world);
	make_dir();
	disk_install();
	setenv("TZ", "UTC0", 1);
	if (!template.len)
		make_template();
	sim.servers = 1 + sim_pick(SIM_SERVERS);
	sim.fault_percent = sim_pick(4) ? 30 : sim_pick(3) ? 80 : 0;
	sim.faults = sim.fault_percent > 0;
}

static void start_all(void)
{
	static const char *const agent_names[SIM_DESKS] = {"alice", "bob", "alice"};
	fresh_store();
	servers_init();
	links_init();
	links_set_stopped(is_stopped);
	hooks_init(is_stopped);
	check_init();
	desks_init();
	continue_at = 0;
	resting = false;
	for (int i = 0; i < 2; i++)
		couriers[i] = courier_new((enum sim_actor)(ACTOR_COURIER + i));
	for (int i = 0; i < SIM_DESKS; i++)
		desks[i] = desk_new((enum sim_actor)(ACTOR_DESK + i), agent_names[i]);
	courier_start(couriers[0]);
	for (int i = 0; i < SIM_DESKS; i++)
		desk_start(desks[i]);
}

static void stop_all(void)
{
	for (int i = 0; i < SIM_DESKS; i++) {
		if (desk_runs(desks[i]))
			desk_kill(desks[i]);
		desk_free(desks[i]);
	}
	for (int i = 0; i < 2; i++) {
		if (courier_runs(couriers[i]))
			courier_end(couriers[i], false);
		courier_free(couriers[i]);
	}
	check_at_rest();
	links_release();
	check_release();
	timers_release(&sim.world);
	servers_release();
	arena_release(&sim.arena);
}

bool sim_run(uint64_t seed, enum sim_lie lie, struct sim_counts *counts)
{
	begin(seed, lie, counts);
	start_all();
	for (int i = 0; i < 6 && !sim_failed(); i++)
		customers();
	int steps = sim_pick(10) ? STEPS_LEAST + sim_pick(30) : STEPS_MANY + sim_pick(60);
	for (int i = 0; i < steps && !sim_failed(); i++)
		step();
	come_to_rest();
	stay_at_rest();
	stop_all();
	counts->seeds++;
	return !sim_failed();
}

void sim_end(void)
{
	desks_release();
	str_release(&template);
	str_release(&sim.trace);
	memory_release();
	if (!sim.dir[0])
		return;
	static const char *const suffixes[] = {"", "-bell", "-courier"};
	char path[128];
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(path, sizeof path, "%s%s", sim.path, suffixes[i]);
		unlink(path);
	}
	rmdir(sim.dir);
	sim.dir[0] = '\0';
}
