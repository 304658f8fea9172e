/* A time to come as people type it, for snoozes and mutes. Local to the process's TZ. Pure but for that. */
#ifndef CORE_MODEL_WHENTIME_H
#define CORE_MODEL_WHENTIME_H

#include "core/base/err.h"

#include <stdint.h>

/* UTC milliseconds later than now, from one of
 *     1h  90m  1h30m  in 20m  20 minutes     so much time passes (a day is 24 hours)
 *     14:30  9am  2:30 pm                    the next time the clock shows it
 *     tomorrow  tomorrow 14:30  today 17:00
 *     mon  monday 9:00  fri at 5pm           the next such day; today when the time is still to come
 *     2026-12-01  2026-12-01 09:00
 * A day without a time means 09:00. Case and blanks are free. ERR_USAGE says what was found and what was expected, also
 * when the time is past or more than a year ahead; *out is untouched then. */
int whentime_parse(const char *text, int64_t now, int64_t *out, struct err *err);

#endif
