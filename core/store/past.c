/* Cases looked at from elsewhere than a list: all of a customer's, all that an agent holds, those that say the same. */
#include "core/base/str.h"
#include "core/store/internal.h"
#include "core/text/similar.h"

#define SPIKE_WINDOW 300 /* the newest cases that are compared with each other */
#define SPIKE_DISTANCE 8 /* differing bits of a simhash up to which two posts say nearly the same */

typedef VEC(struct kase_row) row_vec;

static void read_rows(struct rows *r, struct arena *arena, row_vec *rows)
{
	while (rows_next(r)) {
		struct kase_row row;
		kase_read(r, arena, &row);
		vec_push(rows, row);
	}
	rows_end(r);
}

/* --- a customer's */

static void newest_note(struct store *store, struct arena *arena, struct past_case *past)
{
	struct rows r;
	past->note = past->note_by = "";
	rows_begin(&r, store->db, JOURNAL_SELECT "WHERE j.case_id=? AND j.action='note' ORDER BY j.id DESC LIMIT 1",
	        "i", past->kase.id);
	if (rows_next(&r)) {
		past->note_at = rows_int(&r, 2);
		past->note_by = rows_text(&r, 3, arena);
		past->note = rows_text(&r, 7, arena);
	}
	rows_end(&r);
}

int store_customer_cases(struct store *store, int64_t customer_id, int max, struct arena *arena,
        const struct past_case **out, int *count, struct err *err)
{
	row_vec rows = {0};
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db, KASE_SELECT "WHERE k.customer_id IN " PERSON_OF("?2") " ORDER BY k.id DESC LIMIT ?3",
	        "tid", "", customer_id, max);
	read_rows(&r, arena, &rows);
	struct past_case *cases = arena_array(arena, struct past_case, rows.len + 1);
	for (size_t i = 0; i < rows.len; i++) {
		cases[i].kase = rows.at[i].kase;
		newest_note(store, arena, &cases[i]);
	}
	*out = cases;
	*count = (int)rows.len;
	vec_release(&rows);
	return db_end_read(store->db, err);
}

/* --- an agent's */

int store_holdings(struct store *store, const char *agent, int max, struct arena *arena, const struct kase **out,
        int *count, struct err *err)
{
	row_vec rows = {0};
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db,
	        KASE_SELECT "WHERE k.id IN (SELECT id FROM kase WHERE assignee=?2 AND assignee<>'' AND status<4"
	                    " UNION SELECT case_id FROM draft WHERE agent=?2"
	                    " UNION SELECT case_id FROM reply WHERE agent=?2 AND state IN (0,1,2,4,5,6)"
	                    " UNION SELECT s.id FROM kase s WHERE s.status=3 AND (SELECT j.by FROM journal j"
	                    " WHERE j.case_id=s.id AND j.action='snooze' ORDER BY j.id DESC LIMIT 1)=?2)"
	                    " ORDER BY k.rank,k.id LIMIT ?3",
	        "ttd", agent, agent, max);
	read_rows(&r, arena, &rows);
	kase_finish(store, rows.at, (int)rows.len);
	struct kase *cases = arena_array(arena, struct kase, rows.len + 1);
	for (size_t i = 0; i < rows.len; i++)
		cases[i] = rows.at[i].kase;
	*out = cases;
	*count = (int)rows.len;
	vec_release(&rows);
	return db_end_read(store->db, err);
}

/* --- those that say the same */

struct said {
	int64_t case_id;
	uint64_t hash;
};

/* How many of what came after it, itself included, say nearly what `said[at]` says. */
static int count_like(const struct said *said, size_t len, size_t at)
{
	int like = 0;
	for (size_t i = 0; i < len; i++)
		like += similar_distance(said[i].hash, said[at].hash) <= SPIKE_DISTANCE;
	return like;
}

/* The largest group; of two as large, the one that began first. said is oldest first. */
static int largest(const struct said *said, size_t len, size_t *first)
{
	int most = 0;
	for (size_t i = 0; i < len; i++) {
		int like = count_like(said, len, i);
		if (like > most) {
			most = like;
			*first = i;
		}
	}
	return most;
}

int store_spike(struct store *store, int64_t since, struct arena *arena, struct spike *out, struct err *err)
{
	VEC(struct said) said = {0};
	size_t first = 0;
	struct rows r;
	*out = (struct spike){.words = ""};
	db_begin_read(store->db);
	rows_begin(&r, store->db,
	        "SELECT id,simhash FROM (SELECT id,simhash,first_post_at FROM kase WHERE status<4 AND simhash<>0 AND"
	        " last_in_at>=?1 AND first_post_at>=?1 ORDER BY last_in_at DESC LIMIT ?2) ORDER BY first_post_at,id",
	        "id", since, SPIKE_WINDOW);
	while (rows_next(&r))
		vec_push(&said, ((struct said){rows_int(&r, 0), (uint64_t)rows_int(&r, 1)}));
	rows_end(&r);
	out->count = largest(said.at, said.len, &first);
	if (out->count) {
		out->case_id = said.at[first].case_id;
		out->words =
		        str_or(db_word(store->db, arena, "SELECT summary FROM kase WHERE id=?", "i", out->case_id), "");
	}
	vec_release(&said);
	return db_end_read(store->db, err);
}
