/* What an account has spent on a network that charges: by the day and by the month, UTC, in millionths of its currency.
 * Pure. It is kept as a position of the store, so that a restart forgets nothing. */
#ifndef CORE_NETWORK_SPENT_H
#define CORE_NETWORK_SPENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPENT_SOURCE "spent" /* the name of the position */
#define SPENT_SIZE 64        /* bytes of one as text */

struct spent {
	int64_t day, month;
	char today[11]; /* "2026-11-27", UTC; "" before the first turn */
};

void spent_turn(struct spent *spent, int64_t now_ms); /* a new day or month begins at zero */
void spent_add(struct spent *spent, int64_t now_ms, int64_t micros);
/* As a position: "2026-11-27 MONTH DAY". */
void spent_write(const struct spent *spent, char out[SPENT_SIZE]);
bool spent_read(struct spent *spent, const char *text); /* false: it is none, and nothing is changed */
void spent_date(int64_t utc_ms, char out[11]);

#endif
