/* What can be saved of a damaged store. `curlew check --repair` is its user. Blocks, for as long as the store is large.
 */
#ifndef CORE_STORE_REPAIR_H
#define CORE_STORE_REPAIR_H

#include "core/store/store.h"

struct repair_count {
	const char *what; /* "drafts", "replies", …: words for a person */
	int64_t saved;
	int64_t lost; /* -1: nobody can tell */
};

enum { REPAIR_COUNTS_MAX = 24 };

struct repair_report {
	bool sound;        /* nothing was wrong: nothing was done */
	const char *aside; /* where the damaged file is now */
	struct repair_count counts[REPAIR_COUNTS_MAX];
	int count;
	int cases_made_up; /* their row was lost: made again from their posts, drafts and replies */
	int stopped;       /* replies on their way that now wait in the outbox for a person */
};

/* Takes the courier's lock (one that runs is told to end), refuses while a desk has the store open (ERR_BUSY), reads
 * row by row what can be read into a new store, drafts and replies first, and puts it in the place of the damaged one,
 * which is kept under another name. Nothing that was to be sent goes out by itself afterwards. When posts were lost,
 * the stream positions are forgotten, so that the courier reads again what the networks still have. Until the new
 * store is whole and on the disk, the old one is not touched.
 *
 * accounts: those of the configuration; they give a lost account its name back where only one can be meant. Strings of
 * the report are in the arena. ERR_TOO_NEW, ERR_STATE: of another schema version. */
int store_repair(const char *uri, const struct account_setup *accounts, int count, struct arena *arena,
        struct repair_report *report, struct err *err);

#endif
