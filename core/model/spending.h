/* What an account has cost on a network that charges, in words and by the day. Pure. */
#ifndef CORE_MODEL_SPENDING_H
#define CORE_MODEL_SPENDING_H

#include "core/model/model.h"

/* "12.40 USD". Rounded up, so that something never looks like nothing. */
void money_format(int64_t micros, const char *currency, char *out, size_t size);

/* What of it counts at now_ms (UTC): it was told when the account was last heard of, and a new day or month begins at
 * zero. */
struct spending spending_now(const struct account *account, int64_t now_ms);

#endif
