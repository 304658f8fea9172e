/* Desks that run, and what each agent's looked like. */
#include "core/base/clock.h"
#include "core/base/os.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

int store_desk_state_save(struct store *store, const char *agent, const char *json_text, struct err *err)
{
	store_begin(store);
	db_run(store->db, "INSERT OR REPLACE INTO desk_state(agent,json,at) VALUES(?,?,?)", "tti", agent, json_text,
	        clock_wall_ms());
	return store_commit(store, err);
}

int store_desk_state(
        struct store *store, const char *agent, struct arena *arena, const char **json_text, struct err *err)
{
	db_begin_read(store->db);
	*json_text = db_word(store->db, arena, "SELECT json FROM desk_state WHERE agent=?", "t", agent);
	return db_end_read(store->db, err);
}

int store_desk_open(struct store *store, const char *agent, int64_t *desk_id, struct err *err)
{
	store_begin(store);
	db_run(store->db, "INSERT INTO desk(agent,pid,since,started) VALUES(?,?,?,?)", "tiii", agent, (int64_t)getpid(),
	        clock_wall_ms(), os_process_started(getpid()));
	*desk_id = db_last_id(store->db);
	store_changed(store, CHANGE_REQUEST, 0);
	return store_commit(store, err);
}

int store_desk_close(struct store *store, int64_t desk_id, struct err *err)
{
	store_begin_quiet(store);
	db_run(store->db, "DELETE FROM desk WHERE id=?", "i", desk_id);
	store_changed(store, CHANGE_REQUEST, 0);
	return store_commit(store, err);
}

/* A number is given again: the process that has it now counts when it began when the desk did. */
static bool is_alive(int64_t pid, int64_t started)
{
	if (pid <= 0 || (kill((pid_t)pid, 0) && errno != EPERM))
		return false;
	int64_t now = os_process_started(pid);
	return !started || !now || started == now;
}

int store_desks(struct store *store, int *count, struct err *err)
{
	VEC(int64_t) dead = {0};
	struct rows r;
	*count = 0;
	db_begin_read(store->db);
	rows_begin(&r, store->db, "SELECT id,pid,started FROM desk", "");
	while (rows_next(&r)) {
		if (is_alive(rows_int(&r, 1), rows_int(&r, 2)))
			(*count)++;
		else
			vec_push(&dead, rows_int(&r, 0));
	}
	rows_end(&r);
	int result = db_end_read(store->db, err);
	if (!result && dead.len && store->how != STORE_READ) {
		store_begin(store);
		for (size_t i = 0; i < dead.len; i++)
			db_run(store->db, "DELETE FROM desk WHERE id=?", "i", dead.at[i]);
		result = store_commit(store, err);
	}
	vec_release(&dead);
	return result;
}
