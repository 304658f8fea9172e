/* HTML character references. Pure. */
#ifndef CORE_TEXT_ENTITY_H
#define CORE_TEXT_ENTITY_H

#include <stddef.h>
#include <stdint.h>

/* Reads the reference at p, which begins with '&'. Returns the bytes it takes, 0 when it is none (then the '&' is
 * text). Named ones are those of HTML 4 and a few more; numbers follow the HTML standard. */
size_t entity_decode(const char *p, size_t len, uint32_t *cp);

#endif
