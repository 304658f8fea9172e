#include "core/base/mem.h"

#include "core/base/os.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*out_of_memory_hook)(void);

void mem_set_out_of_memory_hook(void (*hook)(void))
{
	out_of_memory_hook = hook;
}

void *mem_checked(void *p)
{
	if (p)
		return p;
	void (*hook)(void) = out_of_memory_hook;
	out_of_memory_hook = NULL;
	if (hook)
		hook();
	static const char text[] = "curlew: out of memory; stopped. What was sent and stored is safe.\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
	(void)ignored;
	abort();
}

void *mem_alloc(size_t size)
{
	return mem_checked(calloc(1, size ? size : 1));
}

void *mem_realloc(void *p, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		mem_checked(NULL);
	size_t want = count * size;
	return mem_checked(realloc(p, want ? want : 1));
}

void mem_give_back(void)
{
	os_heap_give_back();
}

void *mem_for_library(size_t size)
{
	return mem_checked(malloc(size ? size : 1));
}

void *mem_array_for_library(size_t count, size_t size)
{
	return mem_checked(count && size ? calloc(count, size) : calloc(1, 1));
}

void *mem_again_for_library(void *p, size_t size)
{
	return mem_checked(realloc(p, size ? size : 1));
}

char *mem_strdup(const char *s)
{
	return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_strndup(const char *s, size_t len)
{
	char *copy = mem_alloc(len + 1);
	memcpy(copy, s, len);
	return copy;
}
