/* Desks that run, and what each agent's looked like. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold anything, so that the fields are counted from the
 * last bracket. 0: there is no such process, or it cannot be seen. */
static int64_t started_at(int64_t pid)
{
	char path[48], text[1024];
	snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	char *p = strrchr(text, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoll(p + 1, NULL, 10) : 0;
}

int store_desk_open(struct store *store, const char *agent, int64_t *desk_id, struct err *err)
{
	store_begin(store);
	db_run(store->db, "INSERT INTO desk(agent,pid,since,started) VALUES(?,?,?,?)", "tiii", agent, (int64_t)getpid(),
	        clock_wall_ms(), started_at(getpid()));
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
	int64_t now = started_at(pid);
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
