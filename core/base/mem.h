/* The heap. These never return NULL: when memory is gone the process says so and aborts, after the hook (which
 * restores the terminal) has run. The caller frees with free(). */
#ifndef CORE_BASE_MEM_H
#define CORE_BASE_MEM_H

#include <stddef.h>

__attribute__((returns_nonnull)) void *mem_alloc(size_t size); /* zeroed */
/* Aborts on count*size overflow too. */
__attribute__((returns_nonnull)) void *mem_realloc(void *p, size_t count, size_t size);
char *mem_strdup(const char *s); /* NULL stays NULL */
char *mem_strndup(const char *s, size_t len);

/* After much was freed: the system gets back what of it lies between things that are still held. */
void mem_give_back(void);

/* p, which a library allocated; NULL ends the process as above. */
__attribute__((returns_nonnull)) void *mem_checked(void *p);

/* In the place of malloc, calloc and realloc, for libraries that would crash or abort by themselves: what they ask for
 * is ours as well. */
void *mem_for_library(size_t size);
void *mem_array_for_library(size_t count, size_t size);
void *mem_again_for_library(void *p, size_t size);

/* Called once before the abort. It may write to file descriptors, and must not allocate. */
void mem_set_out_of_memory_hook(void (*hook)(void));

#endif
