#include "core/store/stop.h"
#include "core/base/clock.h"
#include "core/store/bell.h"

#include <signal.h>
#include <time.h>

#define STOP_WAIT_MS 15000 /* how long a courier may take to end after it was asked to */
#define STOP_LOOK_MS 50

static int ask(struct db *db, const char *why, struct err *err)
{
	db_begin(db);
	db_run(db, "INSERT OR REPLACE INTO control(name,value,at) VALUES('stop',?,?)", "ti", why, clock_wall_ms());
	return db_commit(db, err);
}

int stop_clear(struct db *db, struct err *err)
{
	db_begin(db);
	db_run(db, "DELETE FROM control WHERE name='stop'", "");
	return db_commit(db, err);
}

/* The lock is held while its holder is looked up: the number is that of a living courier. */
static int ask_by_signal(const char *store_path, struct err *err)
{
	struct courier_holder holder;
	if (!courier_lock_holder(store_path, &holder))
		return 0;
	if (holder.pid > 0 && kill((pid_t)holder.pid, SIGTERM) == 0)
		return 0;
	return err_set(err, ERR_BUSY, "a courier serves %s and cannot be asked to stop: stop curlewd (process %ld)",
	        store_path, holder.pid);
}

int stop_courier(struct db *db, const char *store_path, const char *why, struct courier_lock *lock, struct err *err)
{
	int64_t give_up = clock_mono_ms() + STOP_WAIT_MS;
	struct err ignored = ERR_INIT;
	int result = courier_lock_take(store_path, lock, err);
	if (result != -ERR_BUSY)
		return result;
	if (!db || ask(db, why, &ignored))
		result = ask_by_signal(store_path, err);
	else
		result = 0;
	if (result)
		return result;
	bell_ring(store_path);
	for (;;) {
		result = courier_lock_take(store_path, lock, err);
		if (result != -ERR_BUSY || clock_mono_ms() >= give_up)
			return result;
		nanosleep(&(struct timespec){.tv_nsec = STOP_LOOK_MS * 1000000L}, NULL);
	}
}
