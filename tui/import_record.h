/* One record of an adapter's JSON Lines (curlew-adapter(7)) as the store takes it. Pure: strings live in the arena. */
#ifndef TUI_IMPORT_RECORD_H
#define TUI_IMPORT_RECORD_H

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/store/store.h"

/* Whose record it is; NULL with words when that cannot be told, or it is none of a post. */
const struct account *import_account(const json *record, const struct account *accounts, int count, struct err *err);

/* The post, its author and what triage found, received at `now` (UTC ms). -ERR_DATA names what is wrong or missing. */
int import_record(const json *record, const struct account *account, int64_t now, struct arena *arena,
        struct incoming *row, struct err *err);

#endif
