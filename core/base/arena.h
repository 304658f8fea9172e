/* An arena: memory for things that are born and die together (a decoded event, a frame, the rows of a query).
 * What it hands out stays valid until arena_reset or arena_release. Never returns NULL (see mem.h). */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head; /* the block in use; the rest hang behind it */
};

#define ARENA_INIT                                                                                                     \
	{                                                                                                              \
		NULL                                                                                                   \
	}

void arena_init(struct arena *arena);
void arena_release(struct arena *arena); /* frees everything; the arena may be used again */
void arena_wipe(struct arena *arena);    /* the same, after overwriting all of it: secrets were in it */
void arena_reset(struct arena *arena);   /* forgets everything, keeps one block for what comes next */

void *arena_alloc(struct arena *arena, size_t size);    /* zeroed, aligned for any type */
char *arena_strdup(struct arena *arena, const char *s); /* NULL stays NULL */
char *arena_strndup(struct arena *arena, const char *s, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))

#endif
