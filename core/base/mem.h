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

/* Called once before the abort. It may write to file descriptors, and must not allocate. */
void mem_set_out_of_memory_hook(void (*hook)(void));

#endif
