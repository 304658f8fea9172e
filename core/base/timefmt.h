/* Times as text. All functions are pure but for the time zone, which is the process's TZ. */
#ifndef CORE_BASE_TIMEFMT_H
#define CORE_BASE_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 3339 with 0 to 9 fractional digits and Z or an offset, or a bare date. False when it is none of these. */
bool time_parse_rfc3339(const char *text, int64_t *utc_ms);
void time_format_rfc3339(int64_t utc_ms, char *out, size_t size); /* 2026-08-21T09:14:05.000Z: 25 bytes */

/* strftime in local time; an empty string when it does not fit. */
void time_format_local(int64_t utc_ms, const char *format, char *out, size_t size)
        __attribute__((format(strftime, 2, 0)));

/* "90s" "20m" "4h" "2d" "1h30m" "1w" to milliseconds; a bare number is refused but for 0. False when it is none. */
bool duration_parse(const char *text, int64_t *ms);

/* The two-or-three-cell form of the inbox: 45s 6m 3h 2d 5w, from 100 weeks on 2y; a minus sign before what is past. */
void duration_format(int64_t ms, char *out, size_t size);

/* IMF-fixdate of HTTP ("Sun, 22 Nov 2026 02:15:10 GMT"). */
bool time_parse_http(const char *text, int64_t *utc_ms);

#endif
