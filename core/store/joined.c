/* Customers who are one person. A join is kept as it was said, between two customers, so that it can be taken back; who
 * else is the same person follows from all of them. */
#include "core/base/str.h"
#include "core/store/internal.h"
#include "core/text/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ALIKE_MAX 50   /* offered to join with */
#define ALIKE_LOOK 500 /* handles that begin alike, looked through for them */

/* --- what an action says */

/* In a change a pair is "12-45". */
static bool pair_of(const char *words, int64_t pair[2])
{
	char first[24];
	size_t len = strcspn(words, "-");
	if (len >= sizeof first || words[len] != '-')
		return false;
	memcpy(first, words, len);
	first[len] = '\0';
	return parse_i64(first, &pair[0]) && parse_i64(words + len + 1, &pair[1]);
}

void joined_apply(struct store *store, const struct change *change, const char *by, int64_t now)
{
	static const char *const join = "INSERT OR IGNORE INTO joined(customer_id,other_id,by,at) VALUES(?,?,?,?)";
	bool joins = *change->to;
	int64_t pair[2];
	if (!pair_of(joins ? change->to : change->from, pair))
		return;
	for (int way = 0; way < 2; way++) {
		if (joins)
			db_run(store->db, join, "iiti", pair[way], pair[!way], by, now);
		else
			db_run(store->db, "DELETE FROM joined WHERE customer_id=? AND other_id=?", "ii", pair[way],
			        pair[!way]);
	}
	customer_changed(store, pair[0]);
	if (!joins)
		customer_changed(store, pair[1]);
}

/* --- who is meant */

static bool is_joined(struct store *store, int64_t customer_id, int64_t other_id)
{
	return db_number(store->db, 0, "SELECT 1 FROM joined WHERE customer_id=? AND other_id=?", "ii", customer_id,
	               other_id) == 1;
}

static bool is_person(struct store *store, int64_t customer_id, int64_t other_id)
{
	return db_number(store->db, 0, "SELECT 1 WHERE ?2 IN " PERSON_OF("?1"), "ii", customer_id, other_id) == 1;
}

bool joined_resolve(struct store *store, const struct kase *kase, struct action *action, struct arena *arena)
{
	struct customer other;
	if (!customer_find(store, str_or(action->arg, ""), arena, &other))
		return false;
	bool person = is_person(store, kase->customer_id, other.id);
	if (other.id != kase->customer_id && action->kind == ACTION_JOIN && person)
		db_fail(store->db, ERR_STATE, "%s and %s are joined already", kase->handle, other.handle);
	else if (action->kind == ACTION_PART && !person)
		db_fail(store->db, ERR_STATE, "%s and %s are not joined", kase->handle, other.handle);
	else if (action->kind == ACTION_PART && other.id != kase->customer_id &&
	         !is_joined(store, kase->customer_id, other.id))
		db_fail(store->db, ERR_STATE, "%s is joined with %s by way of another: part it from that one",
		        kase->handle, other.handle);
	action->arg = arena_printf(arena, "%" PRId64, other.id);
	action->text = arena_printf(arena, "%s (%s)", other.handle, other.network);
	return !db_failed(store->db);
}

/* --- who is one person */

const struct customer *joined_read(struct store *store, int64_t customer_id, struct arena *arena, int *count)
{
	VEC(struct customer) joined = {0};
	struct rows r;
	rows_begin(&r, store->db, CUSTOMER_SELECT "WHERE id IN " PERSON_OF("?1") " AND id<>?1 ORDER BY id LIMIT ?2",
	        "id", customer_id, JOINED_MAX);
	while (rows_next(&r)) {
		struct customer customer;
		customer_read(&r, arena, &customer);
		vec_push(&joined, customer);
	}
	rows_end(&r);
	const struct customer *out = ARRAY_TO_ARENA(arena, struct customer, &joined);
	*count = (int)joined.len;
	vec_release(&joined);
	return out;
}

int store_joined(struct store *store, int64_t customer_id, struct arena *arena, const struct customer **out, int *count,
        struct err *err)
{
	db_begin_read(store->db);
	*out = joined_read(store, customer_id, arena, count);
	return db_end_read(store->db, err);
}

/* Whom the forgotten one had joined stay one person. */
void joined_forget(struct store *store, int64_t customer_id)
{
	db_run(store->db,
	        "INSERT OR IGNORE INTO joined SELECT a.other_id,b.other_id,a.by,a.at FROM joined a JOIN joined b"
	        " ON b.customer_id=a.customer_id AND b.other_id<>a.other_id WHERE a.customer_id=?",
	        "i", customer_id);
	db_run(store->db, "DELETE FROM joined WHERE customer_id=?1 OR other_id=?1", "i", customer_id);
}

/* --- who may be */

/* A handle without what a network hangs on it: "maria" of maria@mas.example and maria.bsky.example. */
static size_t stem_of(const char *handle_key)
{
	return strcspn(handle_key, "@.");
}

int store_customers_alike(
        struct store *store, int64_t case_id, struct arena *arena, const char *const **out, int *count, struct err *err)
{
	VEC(const char *) found = {0};
	struct rows r;
	db_begin_read(store->db);
	int64_t id = db_number(store->db, 0, "SELECT customer_id FROM kase WHERE id=?", "i", case_id);
	const char *key = str_or(db_word(store->db, arena, "SELECT handle_key FROM customer WHERE id=?", "i", id), "");
	size_t stem = stem_of(key);
	const char *from = arena_strndup(arena, key, stem);
	rows_begin(&r, store->db,
	        "SELECT id,handle_key,handle,network,name FROM customer WHERE handle_key>=?2 AND handle_key<?2||'{'"
	        " AND id NOT IN " PERSON_OF("?1") " ORDER BY handle_key,id LIMIT ?3",
	        "itd", id, from, ALIKE_LOOK);
	while (stem && rows_next(&r) && found.len < ALIKE_MAX) {
		if (stem_of(rows_text(&r, 1, arena)) != stem)
			continue;
		vec_push(&found, arena_printf(arena, "#%" PRId64 " %s  %s  %s", rows_int(&r, 0),
		                         rows_text(&r, 2, arena), rows_text(&r, 3, arena), rows_text(&r, 4, arena)));
	}
	rows_end(&r);
	*out = ARRAY_TO_ARENA(arena, const char *, &found);
	*count = (int)found.len;
	vec_release(&found);
	return db_end_read(store->db, err);
}
