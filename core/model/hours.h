/* Working hours: the weekly times in which the clocks of a case run. Instants are UTC milliseconds; weekdays and times
 * of day are local to the process's TZ (the `timezone` setting is put there at the start). A local time that a change
 * to summer time skips is the instant of the change; of one that comes twice, always the same is meant.
 * Nothing blocks or allocates. */
#ifndef CORE_MODEL_HOURS_H
#define CORE_MODEL_HOURS_H

#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOURS_SPANS_MAX 6     /* a day */
#define HOURS_HOLIDAYS_MAX 64 /* all in all */

/* Minutes since local midnight: from <= minute < to; to may be 1440. */
struct hours_span {
	int16_t from, to;
};

struct hours_day {
	struct hours_span span[HOURS_SPANS_MAX]; /* in order, not touching */
	int count;
};

/* Zero is the default: always open. A plain value: copy it freely. */
struct hours {
	bool limited;                        /* false: every day is open all day */
	struct hours_day day[7];             /* 0 is Sunday, as in struct tm; counts when limited */
	int32_t holiday[HOURS_HOLIDAYS_MAX]; /* 20261225 = that day, 1225 = that day each year */
	int holidays;
};

/* "mon-fri 09:00-18:00, sat 10:00-12:00 13:00-16:00", "daily 08:00-20:00", "always" (also ""), or "never". Days wrap
 * ("fri-mon"), and so do times ("22:00-06:00" ends on the next day); 24:00 is the end of a day. The error says what
 * was found and what was expected; *hours is untouched then.
 * Holidays stay as they are. */
int hours_parse(const char *text, struct hours *hours, struct err *err);

/* Adds days on which nothing is open, also to hours that are always open: "2026-12-25, 01-01" (with a year, or each
 * year). What began on the evening before ends at midnight. */
int hours_parse_holidays(const char *text, struct hours *hours, struct err *err);

bool hours_open_at(const struct hours *hours, int64_t at_ms);

/* When working_ms of working time have passed since from_ms: the deadline of a clock that started then. It lies
 * within working time (or at its very end), except that 0 or less gives from_ms itself. INT64_MAX when it lies more
 * than ten years ahead. */
int64_t hours_add(const struct hours *hours, int64_t from_ms, int64_t working_ms);

/* Working milliseconds from a to b; negative when b is before a. Of more than ten years (3660 days), those of the ten
 * that end with the later one, unless the hours are always open. */
int64_t hours_between(const struct hours *hours, int64_t a_ms, int64_t b_ms);

#endif
