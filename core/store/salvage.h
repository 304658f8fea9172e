/* Rows of a damaged database, as many as can be read. Internal to core/store. */
#ifndef CORE_STORE_SALVAGE_H
#define CORE_STORE_SALVAGE_H

#include "core/store/db.h"
#include "core/store/repair.h"

/* Copies the tables of the damaged store, attached as `old`, into the new one, drafts and replies first, and counts.
 * Outside a transaction. */
void salvage_tables(struct db *db, struct repair_report *report);

/* In a transaction. Bytes of a text that are no UTF-8 any more become U+FFFD: whoever reads the store relies on that.
 */
void salvage_clean_texts(struct db *db);

/* In a transaction. Rows that others point to and that were lost are made again as far as they can be guessed:
 * accounts, customers, threads, cases. How many cases. */
int salvage_mend(struct db *db, const struct account_setup *accounts, int count);

#endif
