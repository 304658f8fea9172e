/* What came in becomes rows: customers, posts, positions. Which thread and which case a post belongs to is decided in
 * gather.c, what becomes of the case in settle.c. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/internal.h"
#include "core/text/utf8.h"

/* --- customers */

/* The handle as from: looks for it. */
static void handle_key(const char *handle, struct str *out)
{
	utf8_fold(handle + (*handle == '@'), out);
}

static const char *key_of(const struct customer *customer)
{
	return str_or(customer->remote_key, str_or(customer->remote_id, str_or(customer->handle, "?")));
}

static void customer_update(struct db *db, int64_t id, const struct customer *c, const char *handle)
{
	db_run(db,
	        "UPDATE customer SET remote_id=?2,handle=?3,handle_key=?4,name=?5,url=?6,"
	        "followers=iif(?7<0,followers,?7),created_at=iif(?8=0,created_at,?8),bot=?9 WHERE id=?1 AND"
	        " (remote_id<>?2 OR handle<>?3 OR name<>?5 OR url<>?6 OR (?7>=0 AND followers<>?7) OR bot<>?9)",
	        "itttttiib", id, str_or(c->remote_id, ""), str_or(c->handle, ""), handle, str_or(c->name, ""),
	        str_or(c->url, ""), c->followers, c->created_at, (int)c->bot);
}

static int64_t customer_upsert(struct ingest *ingest, const struct customer *c, bool *is_new)
{
	struct db *db = ingest->store->db;
	struct str handle = STR_INIT;
	handle_key(str_or(c->handle, ""), &handle);
	int64_t id = db_number(db, 0, "SELECT id FROM customer WHERE network=? AND remote_key=?", "tt",
	        ingest->account.network, key_of(c));
	*is_new = !id;
	if (id) {
		customer_update(db, id, c, handle.p);
	} else {
		db_run(db,
		        "INSERT INTO customer(network,remote_key,remote_id,handle,handle_key,name,url,followers,"
		        "created_at,bot) VALUES(?,?,?,?,?,?,?,?,?,?)",
		        "tttttttiib", ingest->account.network, key_of(c), str_or(c->remote_id, ""),
		        str_or(c->handle, ""), handle.p, str_or(c->name, ""), str_or(c->url, ""), c->followers,
		        c->created_at, (int)c->bot);
		id = db_last_id(db);
	}
	str_release(&handle);
	return id;
}

/* Somebody who was seen before; whoever never spoke to us is none of our business. */
static void ingest_customer(struct ingest *ingest, const struct customer *c)
{
	struct str handle = STR_INIT;
	int64_t id = db_number(ingest->store->db, 0, "SELECT id FROM customer WHERE network=? AND remote_key=?", "tt",
	        ingest->account.network, key_of(c));
	handle_key(str_or(c->handle, ""), &handle);
	if (id)
		customer_update(ingest->store->db, id, c, handle.p);
	if (id && db_changed(ingest->store->db))
		customer_changed(ingest->store, id);
	str_release(&handle);
}

/* --- posts */

struct known {
	int64_t id, thread_id, customer_id, case_id, edited_at;
	enum direction direction;
	const char *text, *warning;
	bool erased; /* a marker of what was deleted, or of somebody who is forgotten */
};

static bool find_known(struct ingest *ingest, const char *remote_id, struct known *known)
{
	struct rows r;
	rows_begin(&r, ingest->store->db,
	        "SELECT id,thread_id,customer_id,case_id,edited_at,direction,text,warning,"
	        "deleted_at>0 AND text='' AND media='[]' FROM post"
	        " WHERE account_id=? AND remote_id=?",
	        "it", ingest->account.id, remote_id);
	bool found = rows_next(&r);
	if (found)
		*known = (struct known){rows_int(&r, 0), rows_int(&r, 1), rows_int(&r, 2), rows_int(&r, 3),
		        rows_int(&r, 4), (enum direction)rows_int(&r, 5), rows_text(&r, 6, ingest->arena),
		        rows_text(&r, 7, ingest->arena), rows_bool(&r, 8)};
	rows_end(&r);
	return found;
}

/* A post is found by its warning and its text. */
static char *post_words(const char *warning, const char *text)
{
	struct str both = STR_INIT;
	str_addf(&both, "%s%s%s", warning, *warning ? "\n" : "", text);
	char *words = words_of(both.p);
	str_release(&both);
	return words;
}

void index_post(struct db *db, int64_t id, const char *warning, const char *text)
{
	char *words = post_words(warning, text);
	db_run(db, "INSERT INTO post_words(rowid,body) VALUES(?,?)", "it", id, words);
	free(words);
}

void unindex_post(struct db *db, int64_t id, const char *warning, const char *text)
{
	char *words = post_words(warning, text);
	db_run(db, "INSERT INTO post_words(post_words,rowid,body) VALUES('delete',?,?)", "it", id, words);
	free(words);
}

static void insert_post(struct ingest *ingest, const struct incoming *item, const struct place_of_post *place,
        const struct reply *reply)
{
	const struct post *p = &item->post;
	const struct triage_marks *m = &item->marks;
	struct db *db = ingest->store->db;
	db_run(db,
	        "INSERT INTO "
	        "post(account_id,remote_id,thread_id,customer_id,case_id,answers,direction,parent_remote_id,uri,url,"
	        "author_handle,author_name,created_at,received_at,edited_at,visibility,language,warning,sensitive,"
	        "liked_by_us,addressed,text,media,mentions,links,boosts,likes,replies,reply_id,sent_by,summary,simhash,"
	        "praise,question,personal_data,reply_refusal,boosted_by_us)"
	        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	        "itiiiidtttttiiidttbbbttttdddittibbbtb", ingest->account.id, p->remote_id, place->thread_id,
	        place->customer_id, place->case_id, place->answers, (int)p->direction, str_or(p->parent_remote_id, ""),
	        str_or(p->uri, ""), str_or(p->url, ""), str_or(p->author_handle, ""), str_or(p->author_name, ""),
	        p->created_at, p->received_at ? p->received_at : ingest->now, p->edited_at, (int)p->visibility,
	        str_or(p->language, ""), str_or(p->warning, ""), (int)p->sensitive, (int)(p->liked_by_us > 0),
	        (int)p->addressed, str_or(p->text, ""), post_media_json(p, ingest->arena), str_or(p->mentions, ""),
	        str_or(p->links, ""), p->boosts, p->likes, p->replies, reply ? reply->id : (int64_t)0,
	        reply ? reply->agent : str_or(p->sent_by, ""), str_or(m->summary, ""), (int64_t)m->simhash,
	        (int)m->praise, (int)m->question, (int)m->personal_data, str_or(p->reply_refusal, ""),
	        (int)(p->boosted_by_us > 0));
	index_post(db, db_last_id(db), str_or(p->warning, ""), str_or(p->text, ""));
}

static bool update_text(struct ingest *ingest, const struct incoming *item, const struct known *known)
{
	const struct post *p = &item->post;
	const struct triage_marks *m = &item->marks;
	struct db *db = ingest->store->db;
	const char *text = str_or(p->text, ""), *warning = str_or(p->warning, "");
	bool other_words = !str_eq(text, known->text) || !str_eq(warning, known->warning);
	if (p->edited_at == known->edited_at && !other_words)
		return false;
	if (other_words) {
		unindex_post(db, known->id, known->warning, known->text);
		index_post(db, known->id, warning, text);
	}
	db_run(db,
	        "UPDATE post SET "
	        "text=?2,warning=?3,edited_at=?4,sensitive=?5,language=?6,media=?7,mentions=?8,links=?9,"
	        "summary=?10,simhash=?11,praise=?12,question=?13,personal_data=?14 WHERE id=?1",
	        "ittibtttttibbb", known->id, text, warning, p->edited_at, (int)p->sensitive, str_or(p->language, ""),
	        post_media_json(p, ingest->arena), str_or(p->mentions, ""), str_or(p->links, ""),
	        str_or(m->summary, ""), (int64_t)m->simhash, (int)m->praise, (int)m->question, (int)m->personal_data);
	return true;
}

/* Counts, our like and boost, who may answer, and the reply it came from: whichever of stream and delivery comes second
 * fills them in. */
static bool update_counts(struct ingest *ingest, const struct post *p, int64_t id, const struct reply *reply)
{
	db_run(ingest->store->db,
	        "UPDATE post SET boosts=?2,likes=?3,replies=?4,liked_by_us=iif(?5<0,liked_by_us,?5),"
	        "reply_id=iif(?6=0,reply_id,?6),sent_by=iif(?7='',sent_by,?7),reply_refusal=?8,"
	        "boosted_by_us=iif(?9<0,boosted_by_us,?9) WHERE id=?1 AND"
	        " (boosts<>?2 OR likes<>?3 OR replies<>?4 OR (?5>=0 AND liked_by_us<>?5) OR"
	        " (?6<>0 AND reply_id<>?6) OR reply_refusal<>?8 OR (?9>=0 AND boosted_by_us<>?9))",
	        "iddddittd", id, p->boosts, p->likes, p->replies, p->liked_by_us, reply ? reply->id : (int64_t)0,
	        reply ? reply->agent : "", str_or(p->reply_refusal, ""), p->boosted_by_us);
	return db_changed(ingest->store->db) > 0;
}

static void update_known(
        struct ingest *ingest, const struct incoming *item, const struct known *known, const struct reply *reply)
{
	if (item->post.edited_at < known->edited_at)
		return; /* an older version that was late */
	bool changed = update_text(ingest, item, known);
	changed |= update_counts(ingest, &item->post, known->id, reply);
	if (!changed)
		return;
	thread_changed(ingest->store, known->thread_id);
	if (known->case_id)
		ingest_touch(ingest, known->case_id);
}

/* What is known already may be somebody's mention only now, or turn out to be our own reply. What was said by us stays
 * so, even if the account is another's by now. */
static void place_known(
        struct ingest *ingest, const struct incoming *item, const struct known *known, const struct reply *reply)
{
	struct db *db = ingest->store->db;
	if (item->post.direction == DIR_IN && item->mention && known->customer_id && !known->case_id) {
		const struct place_of_post place = {.thread_id = known->thread_id, .customer_id = known->customer_id};
		int64_t case_id = gather_case(ingest, item, &place);
		if (case_id)
			db_run(db, "UPDATE post SET case_id=? WHERE id=?", "ii", case_id, known->id);
	} else if (item->post.direction == DIR_OUT && reply) {
		int64_t answers = gather_answered(ingest, str_or(item->post.parent_remote_id, ""));
		if (answers)
			db_run(db, "UPDATE post SET answers=? WHERE id=?", "ii", answers, known->id);
		gather_our_post(ingest, known->thread_id, answers, reply);
	}
}

static void ingest_new(
        struct ingest *ingest, const struct incoming *item, struct place_of_post place, const struct reply *reply)
{
	bool theirs = item->post.direction == DIR_IN;
	gather_thread(ingest, item, &place);
	if (theirs)
		place.case_id = gather_case(ingest, item, &place);
	else
		place.answers = gather_answered(ingest, str_or(item->post.parent_remote_id, ""));
	insert_post(ingest, item, &place, reply);
	ingest->fresh++;
	if (!place.thread_is_new) /* else a case that shows it is told of as the one that it counts for */
		thread_changed(ingest->store, place.thread_id);
	if (!theirs)
		gather_our_post(ingest, place.thread_id, place.answers, reply);
}

void ingest_post(struct ingest *ingest, const struct incoming *item, const struct reply *reply)
{
	struct known known;
	bool found = find_known(ingest, item->post.remote_id, &known);
	if (found && known.erased)
		return; /* the network may show it still; here it is gone, with its author's name */
	struct place_of_post place = {0};
	if (item->post.direction == DIR_IN)
		place.customer_id = customer_upsert(ingest, &item->customer, &place.customer_is_new);
	if (found) {
		update_known(ingest, item, &known, reply);
		place_known(ingest, item, &known, reply);
	} else {
		ingest_new(ingest, item, place, reply);
	}
}

void ingest_delete(struct ingest *ingest, const char *remote_id, int64_t at)
{
	struct known known;
	if (!find_known(ingest, remote_id, &known))
		return;
	db_run(ingest->store->db, "UPDATE post SET deleted_at=? WHERE id=? AND deleted_at=0", "ii",
	        at ? at : ingest->now, known.id);
	if (!db_changed(ingest->store->db))
		return;
	thread_changed(ingest->store, known.thread_id);
	if (known.case_id)
		ingest_touch(ingest, known.case_id);
}

/* --- the batch */

bool ingest_init(struct ingest *ingest, struct store *store, int64_t account_id, struct arena *arena, int64_t now)
{
	*ingest = (struct ingest){.store = store, .arena = arena, .now = now};
	if (account_load(store, account_id, arena, &ingest->account))
		return true;
	db_fail(store->db, ERR_NOT_FOUND, "there is no account %lld", (long long)account_id);
	return false;
}

void ingest_release(struct ingest *ingest)
{
	vec_release(&ingest->touched);
}

struct touched *ingest_touch(struct ingest *ingest, int64_t case_id)
{
	for (size_t i = ingest->touched.len; i > 0; i--) {
		struct touched *touched = &ingest->touched.at[i - 1];
		if (touched->case_id != case_id)
			continue;
		touched->whole = false;
		return touched;
	}
	vec_push(&ingest->touched, (struct touched){.case_id = case_id, .priority = -1});
	return &ingest->touched.at[ingest->touched.len - 1];
}

static void set_position(struct ingest *ingest, const char *source, const char *position)
{
	if (position)
		db_run(ingest->store->db, "INSERT OR REPLACE INTO position(account_id,source,value) VALUES(?,?,?)",
		        "itt", ingest->account.id, str_or(source, ""), position);
}

static void ingest_item(struct ingest *ingest, const struct incoming *item)
{
	if (item->kind == INCOMING_CUSTOMER)
		ingest_customer(ingest, &item->customer);
	else if (item->kind == INCOMING_DELETE)
		ingest_delete(ingest, item->post.remote_id, item->post.deleted_at);
	else
		ingest_post(ingest, item, NULL);
}

struct batch {
	const struct incoming *items;
	int count;
	const char *source, *position;
};

static int ingest_batch(struct store *store, int64_t account_id, const struct batch *batch, int64_t until, int *taken,
        int *fresh, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct ingest ingest;
	int done = 0;
	store_begin(store);
	if (ingest_init(&ingest, store, account_id, &arena, clock_wall_ms())) {
		while (done < batch->count && !db_failed(store->db) && (!done || clock_mono_ms() < until))
			ingest_item(&ingest, &batch->items[done++]);
		ingest_settle(&ingest);
		if (done == batch->count)
			set_position(&ingest, batch->source, batch->position);
		account_heard(store, account_id, ingest.now);
	}
	int result = store_commit(store, err);
	if (fresh)
		*fresh = result ? 0 : ingest.fresh;
	if (taken)
		*taken = result ? 0 : done;
	ingest_release(&ingest);
	arena_release(&arena);
	return result;
}

int store_ingest(struct store *store, int64_t account_id, const struct incoming *items, int count, const char *source,
        const char *position, int *fresh, struct err *err)
{
	const struct batch batch = {items, count, source, position};
	return ingest_batch(store, account_id, &batch, INT64_MAX, NULL, fresh, err);
}

int store_ingest_until(struct store *store, int64_t account_id, const struct incoming *items, int count,
        const char *source, const char *position, int64_t until, int *taken, struct err *err)
{
	const struct batch batch = {items, count, source, position};
	return ingest_batch(store, account_id, &batch, until, taken, NULL, err);
}

bool store_knows_post(struct store *store, int64_t account_id, const char *remote_id)
{
	struct err ignored = ERR_INIT;
	db_begin_read(store->db);
	int64_t id = db_number(
	        store->db, 0, "SELECT id FROM post WHERE account_id=? AND remote_id=?", "it", account_id, remote_id);
	db_end_read(store->db, &ignored);
	return id != 0;
}
