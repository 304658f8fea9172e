/* Local days and times of day, in the process's TZ, as instants in UTC milliseconds. A local time that a change to
 * summer time skips is the instant of the change; of one that comes twice, always the same is meant. Nothing blocks or
 * allocates. */
#ifndef CORE_MODEL_CALENDAR_H
#define CORE_MODEL_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALENDAR_DAY_MINUTES = 1440 };

struct calendar_date {
	int year, month, day; /* as in struct tm: since 1900, from 0, from 1 */
	int weekday;          /* 0 is Sunday */
};

/* "mon", "Monday"; len bytes of word. */
bool calendar_weekday(const char *word, size_t len, int *day);

struct calendar_date calendar_date_at(int64_t ms);
struct calendar_date calendar_next(struct calendar_date date);

/* minute of the day, 0 to 1440: the next day's midnight. */
int64_t calendar_instant(struct calendar_date date, int minute);

#endif
