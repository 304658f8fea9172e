#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#define HEARD_STEP_MS 60000 /* how coarse last_event_at is */

#define ACCOUNT_SELECT                                                                                                 \
	"SELECT id,name,network,server,handle,caps,limit_max,limit_rule,limit_url,limit_kinds,state,"                  \
	"state_since,state_until,state_reason,last_event_at,limit_files,limit_alt,limit_image_bytes,"                  \
	"limit_video_bytes,edit_ms,currency,price_reply,price_reply_link,spent_day,spent_month,budget_month"           \
	" FROM account "

static void account_read(const struct rows *rows, struct arena *arena, struct account *account)
{
	*account = (struct account){
	        .id = rows_int(rows, 0),
	        .name = rows_text(rows, 1, arena),
	        .network = rows_text(rows, 2, arena),
	        .server = rows_text(rows, 3, arena),
	        .handle = rows_text(rows, 4, arena),
	        .caps = (unsigned)rows_int(rows, 5),
	        .limits = {.max = (int)rows_int(rows, 6),
	                .rule = (int)rows_int(rows, 7),
	                .url = (int)rows_int(rows, 8),
	                .kinds = (unsigned)rows_int(rows, 9),
	                .files = (int)rows_int(rows, 15),
	                .alt = (int)rows_int(rows, 16),
	                .image_bytes = rows_int(rows, 17),
	                .video_bytes = rows_int(rows, 18)},
	        .state = (enum account_state)rows_int(rows, 10),
	        .state_since = rows_int(rows, 11),
	        .state_until = rows_int(rows, 12),
	        .state_reason = rows_text(rows, 13, arena),
	        .last_event_at = rows_int(rows, 14),
	        .edit_ms = rows_int(rows, 19),
	        .prices = {.currency = rows_text(rows, 20, arena),
	                .reply = rows_int(rows, 21),
	                .reply_link = rows_int(rows, 22)},
	        .spending = {.day = rows_int(rows, 23),
	                .month = rows_int(rows, 24),
	                .month_budget = rows_int(rows, 25)},
	};
}

bool account_load(struct store *store, int64_t id, struct arena *arena, struct account *account)
{
	struct rows r;
	rows_begin(&r, store->db, ACCOUNT_SELECT "WHERE id=?", "i", id);
	bool found = rows_next(&r);
	if (found)
		account_read(&r, arena, account);
	rows_end(&r);
	return found;
}

static void sync_one(struct store *store, const struct account_setup *setup)
{
	struct db *db = store->db;
	int64_t id = db_number(db, 0, "SELECT id FROM account WHERE name=?", "t", setup->name);
	if (!id) {
		db_run(db, "INSERT INTO account(name,network,server,handle,configured) VALUES(?,?,?,?,1)", "tttt",
		        setup->name, setup->network, setup->server, setup->handle);
		store_changed(store, CHANGE_ACCOUNT, db_last_id(db));
		return;
	}
	/* An empty handle in the configuration leaves the one that the server told. */
	db_run(db,
	        "UPDATE account SET network=?2,server=?3,handle=iif(?4='',handle,?4),configured=1 WHERE id=?1 AND"
	        " (network<>?2 OR server<>?3 OR (?4<>'' AND handle<>?4) OR configured=0)",
	        "ittt", id, setup->network, setup->server, setup->handle);
	if (db_changed(db))
		store_changed(store, CHANGE_ACCOUNT, id);
}

static bool is_among(const char *name, const struct account_setup *accounts, int count)
{
	for (int i = 0; i < count; i++)
		if (str_eq(accounts[i].name, name))
			return true;
	return false;
}

int store_accounts_sync(struct store *store, const struct account_setup *accounts, int count, struct err *err)
{
	struct arena arena = ARENA_INIT;
	VEC(int64_t) gone = {0};
	store_begin(store);
	for (int i = 0; i < count; i++)
		sync_one(store, &accounts[i]);
	struct rows r;
	rows_begin(&r, store->db, "SELECT id,name FROM account WHERE configured=1", "");
	while (rows_next(&r))
		if (!is_among(rows_text(&r, 1, &arena), accounts, count))
			vec_push(&gone, rows_int(&r, 0));
	rows_end(&r);
	for (size_t i = 0; i < gone.len; i++) {
		db_run(store->db, "UPDATE account SET configured=0 WHERE id=?", "i", gone.at[i]);
		store_changed(store, CHANGE_ACCOUNT, gone.at[i]);
	}
	vec_release(&gone);
	arena_release(&arena);
	return store_commit(store, err);
}

int store_accounts(struct store *store, struct arena *arena, const struct account **out, int *count, struct err *err)
{
	VEC(struct account) accounts = {0};
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db, ACCOUNT_SELECT "WHERE configured=1 ORDER BY id", "");
	while (rows_next(&r)) {
		struct account account;
		account_read(&r, arena, &account);
		vec_push(&accounts, account);
	}
	rows_end(&r);
	*out = ARRAY_TO_ARENA(arena, struct account, &accounts);
	*count = (int)accounts.len;
	vec_release(&accounts);
	return db_end_read(store->db, err);
}

int store_account_state(struct store *store, int64_t account_id, enum account_state state, int64_t until,
        const char *reason, struct err *err)
{
	store_begin(store);
	db_run(store->db,
	        "UPDATE account SET state_since=iif(state=?2,state_since,?5),state=?2,state_until=?3,state_reason=?4"
	        " WHERE id=?1 AND (state<>?2 OR state_until<>?3 OR state_reason<>?4)",
	        "iditi", account_id, (int)state, until, str_or(reason, ""), clock_wall_ms());
	if (db_changed(store->db))
		store_changed(store, CHANGE_ACCOUNT, account_id);
	return store_commit(store, err);
}

int store_account_facts(struct store *store, int64_t account_id, const struct account_facts *facts, struct err *err)
{
	const struct post_limits *limits = &facts->limits;
	store_begin(store);
	db_run(store->db,
	        "UPDATE account SET caps=?2,limit_max=?3,limit_rule=?4,limit_url=?5,limit_kinds=?6,"
	        "handle=iif(?7='',handle,?7),limit_files=?8,limit_alt=?9,limit_image_bytes=?10,limit_video_bytes=?11,"
	        "edit_ms=?12,currency=?13,price_reply=?14,price_reply_link=?15"
	        " WHERE id=?1 AND (caps,limit_max,limit_rule,limit_url,limit_kinds,handle,limit_files,limit_alt,"
	        "limit_image_bytes,limit_video_bytes,edit_ms,currency,price_reply,price_reply_link)"
	        "<>(?2,?3,?4,?5,?6,iif(?7='',handle,?7),?8,?9,?10,?11,?12,?13,?14,?15)",
	        "iiddditddiiitii", account_id, (int64_t)facts->caps, limits->max, limits->rule, limits->url,
	        (int64_t)limits->kinds, str_or(facts->handle, ""), limits->files, limits->alt, limits->image_bytes,
	        limits->video_bytes, facts->edit_ms, str_or(facts->prices.currency, ""), facts->prices.reply,
	        facts->prices.reply_link);
	if (db_changed(store->db))
		store_changed(store, CHANGE_ACCOUNT, account_id);
	return store_commit(store, err);
}

int store_account_spent(struct store *store, int64_t account_id, const struct spending *spending, struct err *err)
{
	store_begin(store);
	db_run(store->db,
	        "UPDATE account SET spent_day=?2,spent_month=?3,budget_month=?4"
	        " WHERE id=?1 AND (spent_day,spent_month,budget_month)<>(?2,?3,?4)",
	        "iiii", account_id, spending->day, spending->month, spending->month_budget);
	if (db_changed(store->db))
		store_changed(store, CHANGE_ACCOUNT, account_id);
	return store_commit(store, err);
}

void account_heard(struct store *store, int64_t account_id, int64_t now)
{
	db_run(store->db, "UPDATE account SET last_event_at=?2 WHERE id=?1 AND last_event_at<=?2-?3", "iid", account_id,
	        now, HEARD_STEP_MS);
	if (db_changed(store->db))
		store_changed(store, CHANGE_ACCOUNT, account_id);
}

int store_account_heard(struct store *store, int64_t account_id, int64_t now, struct err *err)
{
	store_begin(store);
	account_heard(store, account_id, now);
	return store_commit(store, err);
}

int store_position(struct store *store, int64_t account_id, const char *source, struct arena *arena,
        const char **position, struct err *err)
{
	db_begin_read(store->db);
	*position = db_word(store->db, arena, "SELECT value FROM position WHERE account_id=? AND source=?", "it",
	        account_id, source);
	return db_end_read(store->db, err);
}
