#include "core/courier/ingest.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/triage/triage.h"

#include <stdlib.h>

/* Memory of the batches that came one after the other; a stream's are of one item each, and an arena for each of those
 * would be mostly empty. */
struct sack {
	struct arena arena;
	int batches, items; /* that lie in it; items counts those that are gone, too */
};

/* What ingest_add was given, once; it lies in its sack. A batch of many is stored in parts; its position goes with its
 * last item. */
struct batch {
	struct sack *sack;
	struct item *items;
	int count, done;
	const char *source, *position;
	bool whole_thread;
	struct batch *next;
};

struct ingest {
	struct ingest_setup setup;
	struct batch *first, **last;
	struct sack *sack; /* of the newest batch; NULL when nothing waits */
	struct part *part; /* the rest of it is to be stored; NULL: none is begun */
	int waiting;       /* items that are in no part yet */
	int seen;          /* of them: those that waited a turn ago */
	timer_id turn;
	int64_t full_since; /* monotonic; 0: what came was stored at once */
	bool behind;
	bool failed;
};

static void store_some(void *arg);

/* --- copies */

static const char *copy(struct arena *arena, const char *text)
{
	return text && *text ? arena_strdup(arena, text) : "";
}

static void copy_post(struct arena *arena, struct post *to, const struct post *from)
{
	*to = *from;
	to->remote_id = copy(arena, from->remote_id);
	to->parent_remote_id = copy(arena, from->parent_remote_id);
	to->uri = copy(arena, from->uri);
	to->url = copy(arena, from->url);
	to->author_handle = copy(arena, from->author_handle);
	to->author_name = copy(arena, from->author_name);
	to->language = copy(arena, from->language);
	to->warning = copy(arena, from->warning);
	to->text = copy(arena, from->text);
	to->mentions = copy(arena, from->mentions);
	to->links = copy(arena, from->links);
	to->sent_by = copy(arena, from->sent_by);
	to->reply_refusal = copy(arena, from->reply_refusal);
	struct media *media = arena_array(arena, struct media, (size_t)from->media_count);
	for (int i = 0; i < from->media_count; i++)
		media[i] = (struct media){
		        from->media[i].kind, copy(arena, from->media[i].alt), copy(arena, from->media[i].url)};
	to->media = media;
}

static void copy_item(struct arena *arena, struct item *to, const struct item *from)
{
	*to = *from;
	copy_post(arena, &to->post, &from->post);
	to->customer.network = copy(arena, from->customer.network);
	to->customer.remote_key = copy(arena, from->customer.remote_key);
	to->customer.remote_id = copy(arena, from->customer.remote_id);
	to->customer.handle = copy(arena, from->customer.handle);
	to->customer.name = copy(arena, from->customer.name);
	to->customer.url = copy(arena, from->customer.url);
	to->root_remote_id = copy(arena, from->root_remote_id);
}

/* --- one item */

static struct triage_marks marks_of(const struct item *item, struct arena *arena)
{
	struct triage found;
	triage_post(&item->post, &item->customer, &found);
	return (struct triage_marks){
	        .praise = found.praise,
	        .question = found.question,
	        .personal_data = found.personal_data,
	        .priority = found.priority,
	        .summary = arena_strdup(arena, found.summary),
	        .simhash = found.alike,
	};
}

struct incoming ingest_incoming(const struct item *item, int64_t now, struct arena *arena)
{
	struct incoming incoming = {
	        .kind = item->kind == ITEM_DELETE     ? INCOMING_DELETE
	                : item->kind == ITEM_CUSTOMER ? INCOMING_CUSTOMER
	                                              : INCOMING_POST,
	        .post = item->post,
	        .customer = item->customer,
	        .mention = item->mention,
	        .root_remote_id = item->root_remote_id,
	};
	incoming.post.received_at = now;
	if (item->kind == ITEM_POST && item->post.direction == DIR_IN)
		incoming.marks = marks_of(item, arena);
	return incoming;
}

/* What goes into one transaction, or into several when writing takes long: rows of one batch or of several that follow
 * each other. */
struct part {
	struct incoming rows[INGEST_BATCH];
	int count, stored;
	const char *source, *position;
	int whole;        /* batches that are complete with it */
	int from_network; /* of them: those that a network waits for */
};

static bool knows(struct ingest *ingest, const struct part *part, const char *remote_id)
{
	for (int i = 0; i < part->count; i++)
		if (str_eq(part->rows[i].post.remote_id, remote_id))
			return true;
	return store_knows_post(ingest->setup.store, ingest->setup.account_id, remote_id);
}

/* A post that nobody asked for is kept where it belongs to a thread that we hold. */
static bool concerns_us(
        struct ingest *ingest, const struct part *part, const struct batch *batch, const struct item *item)
{
	if (item->mention || item->kind == ITEM_CUSTOMER || batch->whole_thread ||
	        knows(ingest, part, item->post.remote_id))
		return true;
	const char *parent = str_or(item->post.parent_remote_id, "");
	return item->kind == ITEM_POST && *parent && knows(ingest, part, parent);
}

/* --- the queue */

/* Where a batch goes that comes now. */
static struct sack *open_sack(struct ingest *ingest)
{
	if (!ingest->sack || ingest->sack->items >= INGEST_BATCH)
		ingest->sack = mem_alloc(sizeof *ingest->sack);
	return ingest->sack;
}

/* One batch less lies in it. */
static void empty_sack(struct ingest *ingest, struct sack *sack)
{
	if (--sack->batches)
		return;
	if (ingest->sack == sack)
		ingest->sack = NULL;
	arena_release(&sack->arena);
	free(sack);
}

static void drop_first(struct ingest *ingest)
{
	struct batch *batch = ingest->first;
	ingest->waiting -= batch->count - batch->done;
	ingest->first = batch->next;
	if (!ingest->first)
		ingest->last = &ingest->first;
	empty_sack(ingest, batch->sack);
}

static void drop_all(struct ingest *ingest)
{
	while (ingest->first)
		drop_first(ingest);
	free(ingest->part);
	ingest->part = NULL;
}

static void give_up(struct ingest *ingest, const struct err *err)
{
	drop_all(ingest);
	ingest->failed = true;
	ingest->setup.failed(ingest->setup.arg, err);
}

void ingest_fail(struct ingest *ingest, const struct err *err)
{
	if (!ingest->failed)
		give_up(ingest, err);
}

static void next_turn(struct ingest *ingest)
{
	if (ingest->first && !ingest->turn)
		ingest->turn = timers_add(ingest->setup.timers, clock_mono_ms(), store_some, ingest);
}

static void ask_for_parents(struct ingest *ingest, const struct part *part)
{
	for (int i = 0; i < part->count; i++) {
		const struct post *post = &part->rows[i].post;
		if (part->rows[i].kind == INCOMING_POST && part->rows[i].mention && *post->parent_remote_id &&
		        !store_knows_post(ingest->setup.store, ingest->setup.account_id, post->parent_remote_id))
			ingest->setup.parent_missing(ingest->setup.arg, post->remote_id);
	}
}

/* Adds what fits of a batch; false when the part ends before or within it: a transaction moves one position only. */
static bool add_batch(struct ingest *ingest, struct part *part, struct batch *batch, int64_t now)
{
	if (part->position && batch->position && !str_eq(part->source, batch->source))
		return false;
	while (batch->done < batch->count && part->count < INGEST_BATCH) {
		const struct item *item = &batch->items[batch->done++];
		ingest->waiting--;
		if (!concerns_us(ingest, part, batch, item))
			continue;
		struct incoming *row = &part->rows[part->count++];
		*row = ingest_incoming(item, now, &batch->sack->arena);
		/* What others said to us in an old thread came, or comes, as a mention of its own. */
		row->mention &= !batch->whole_thread;
	}
	if (batch->done < batch->count)
		return false;
	if (batch->position) {
		part->source = batch->source;
		part->position = batch->position;
	}
	part->whole++;
	part->from_network += !batch->whole_thread;
	return part->count < INGEST_BATCH;
}

static struct part *begin_part(struct ingest *ingest)
{
	struct part *part = mem_alloc(sizeof *part);
	int64_t now = clock_wall_ms();
	for (struct batch *batch = ingest->first; batch; batch = batch->next)
		if (!add_batch(ingest, part, batch, now))
			break;
	return part;
}

static int store_part(struct ingest *ingest, struct part *part, struct err *err)
{
	int taken = 0;
	if (!part->count && !part->position)
		return 0;
	int rc = store_ingest_until(ingest->setup.store, ingest->setup.account_id, part->rows + part->stored,
	        part->count - part->stored, part->source, part->position, clock_mono_ms() + INGEST_BUSY_MS, &taken,
	        err);
	part->stored += taken;
	return rc;
}

static void end_part(struct ingest *ingest, struct part *part)
{
	int whole = part->whole, from_network = part->from_network;
	ask_for_parents(ingest, part);
	ingest->part = NULL;
	free(part);
	while (whole--)
		drop_first(ingest);
	while (from_network--)
		ingest->setup.stored(ingest->setup.arg);
}

/* While more comes with each turn, less than a batch waits for it: a commit costs as much for one row as for many. */
static bool more_comes(struct ingest *ingest)
{
	bool more = ingest->waiting > ingest->seen && ingest->waiting < INGEST_BATCH;
	ingest->seen = more ? ingest->waiting : 0;
	return more;
}

/* One transaction; false when it failed. */
static bool store_batch(struct ingest *ingest)
{
	struct err err = ERR_INIT;
	if (!ingest->part)
		ingest->part = begin_part(ingest);
	if (store_part(ingest, ingest->part, &err)) {
		give_up(ingest, &err);
		return false;
	}
	if (ingest->part->stored == ingest->part->count)
		end_part(ingest, ingest->part);
	next_turn(ingest);
	return true;
}

static void note_pace(struct ingest *ingest, bool full)
{
	if (!ingest->first) {
		if (full || ingest->full_since)
			mem_give_back();
		ingest->full_since = 0;
		if (ingest->behind)
			ingest->setup.behind(ingest->setup.arg, false);
		ingest->behind = false;
		return;
	}
	if (full && !ingest->full_since)
		ingest->full_since = clock_mono_ms();
	if (ingest->behind || !ingest->full_since || clock_mono_ms() - ingest->full_since < INGEST_BEHIND_MS)
		return;
	ingest->behind = true;
	ingest->setup.behind(ingest->setup.arg, true);
}

/* What waits beyond INGEST_HELD is stored before anything more is read: meanwhile the network waits at its socket. */
static void store_some(void *arg)
{
	struct ingest *ingest = arg;
	ingest->turn = 0;
	if (!ingest->part && more_comes(ingest)) {
		next_turn(ingest);
		return;
	}
	bool full = ingest->waiting > INGEST_HELD, stored = store_batch(ingest);
	while (stored && ingest->waiting > INGEST_HELD)
		stored = store_batch(ingest);
	if (stored)
		note_pace(ingest, full);
	if (stored && !ingest->first)
		ingest->setup.idle(ingest->setup.arg);
}

void ingest_add(struct ingest *ingest, const struct item *items, int count, const char *source, const char *position,
        bool whole_thread)
{
	if (ingest->failed)
		return;
	if (ingest->waiting > INGEST_QUEUE_MAX) {
		struct err err;
		err_set(&err, ERR_LIMIT, "more came in than could be stored");
		give_up(ingest, &err);
		return;
	}
	struct sack *sack = open_sack(ingest);
	struct batch *batch = arena_new(&sack->arena, struct batch);
	batch->sack = sack;
	sack->batches++;
	sack->items += count;
	batch->items = arena_array(&sack->arena, struct item, (size_t)count);
	for (int i = 0; i < count; i++)
		copy_item(&sack->arena, &batch->items[i], &items[i]);
	batch->count = count;
	batch->source = arena_strdup(&sack->arena, source);
	batch->position = arena_strdup(&sack->arena, position);
	batch->whole_thread = whole_thread;
	*ingest->last = batch;
	ingest->last = &batch->next;
	ingest->waiting += count;
	next_turn(ingest);
}

bool ingest_idle(const struct ingest *ingest)
{
	return !ingest->first;
}

void ingest_reset(struct ingest *ingest)
{
	drop_all(ingest);
	timers_cancel(ingest->setup.timers, &ingest->turn);
	ingest->seen = 0;
	ingest->full_since = 0;
	ingest->behind = ingest->failed = false;
}

struct ingest *ingest_new(const struct ingest_setup *setup)
{
	struct ingest *ingest = mem_alloc(sizeof *ingest);
	ingest->setup = *setup;
	ingest->last = &ingest->first;
	return ingest;
}

void ingest_free(struct ingest *ingest)
{
	if (!ingest)
		return;
	ingest_reset(ingest);
	free(ingest);
}
