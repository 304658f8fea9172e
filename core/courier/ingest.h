/* From a network's items to rows of the store: what concerns nobody is left out, the rest gets its triage marks and is
 * stored in batches of at most 100 and 50 ms, one batch a turn of the loop, each in one transaction, with the position
 * that the network gave it. Less than a batch waits as long as every turn brings more. An ingest belongs to one
 * account; storing blocks for the time of one batch, in which nothing is read: a network that sends faster is held up
 * by its socket. */
#ifndef CORE_COURIER_INGEST_H
#define CORE_COURIER_INGEST_H

#include "core/base/clock.h"
#include "core/network/network.h"
#include "core/store/store.h"

#define INGEST_BATCH 100
#define INGEST_BUSY_MS 50 /* so long one transaction keeps others, which answer customers, from writing */
#define INGEST_HELD 300   /* items that may wait from one turn to the next */
#define INGEST_BEHIND_MS 5000
#define INGEST_QUEUE_MAX 20000 /* items waiting: more means that the store cannot be written */

struct ingest_setup {
	struct store *store;
	struct timers *timers;
	int64_t account_id;
	/* A batch of the network is durable: once for each ingest_add, in their order. */
	void (*stored)(void *arg);
	void (*idle)(void *arg); /* nothing waits any more */
	/* Storing failed. What waited is dropped, and nothing more comes until ingest_reset: the network has to be
	 * closed and opened again, which fills the gap from the stored position. */
	void (*failed)(void *arg, const struct err *err);
	/* For INGEST_BEHIND_MS more has come than could be stored at once: the network is held up at its socket. false:
	 * that is over, nothing waits. */
	void (*behind)(void *arg, bool behind);
	/* This post, which wants a case, answers one that the store does not know. */
	void (*parent_missing)(void *arg, const char *remote_id);
	void *arg;
};

struct ingest;
struct ingest *ingest_new(const struct ingest_setup *setup);
void ingest_free(struct ingest *ingest);
void ingest_reset(struct ingest *ingest); /* forgets what waits */

/* As if storing had failed: what waits is dropped, and failed() is called. For what goes beside the items and must be
 * stored before their position. */
void ingest_fail(struct ingest *ingest, const struct err *err);

/* Takes copies. whole_thread: the items are one conversation of a post that we hold, all of it is kept; otherwise what
 * is no mention is kept only where its thread is known. */
void ingest_add(struct ingest *ingest, const struct item *items, int count, const char *source, const char *position,
        bool whole_thread);
bool ingest_idle(const struct ingest *ingest);

/* One item as the store takes it: strings shared with the item, triage marks in the arena. */
struct incoming ingest_incoming(const struct item *item, int64_t now, struct arena *arena);

#endif
