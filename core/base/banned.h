/* Calls that this code base does not use, because each has a safer neighbour in core/base. Included before every
 * source file by the Makefile, after the headers that declare them, so that a use does not compile. */
#ifndef CORE_BASE_BANNED_H
#define CORE_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(call, instead) banned_##call##_use_##instead

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef gmtime
#undef localtime
#undef ctime
#undef asctime
#undef atoi
#undef atol
#undef system
#define strcpy(d, s) BANNED(strcpy, str_add)
#define strcat(d, s) BANNED(strcat, str_add)
#define strncpy(d, s, n) BANNED(strncpy, str_copy)
#define strncat(d, s, n) BANNED(strncat, str_add)
#define sprintf(...) BANNED(sprintf, snprintf)
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#define strtok(s, d) BANNED(strtok, strtok_r)
#define gmtime(t) BANNED(gmtime, gmtime_r)
#define localtime(t) BANNED(localtime, localtime_r)
#define ctime(t) BANNED(ctime, time_format)
#define asctime(t) BANNED(asctime, time_format)
#define atoi(s) BANNED(atoi, parse_i64)
#define atol(s) BANNED(atol, parse_i64)
#define system(s) BANNED(system, posix_spawn)

#endif
