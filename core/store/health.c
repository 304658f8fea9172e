#include "core/store/health.h"
#include "core/base/str.h"
#include "core/store/internal.h"

int store_health(struct store *store, struct err *err)
{
	struct arena arena = ARENA_INIT;
	db_begin_read(store->db);
	const char *found = db_word(store->db, &arena, "PRAGMA main.quick_check(1)", "");
	int result = db_end_read(store->db, err);
	if (!result && !str_eq(found, "ok"))
		result = err_set(err, ERR_DATA,
		        "the store %s is damaged: curlew check --repair saves what can be read (%s)", store->path,
		        str_or(found, "unreadable"));
	arena_release(&arena);
	return result;
}
