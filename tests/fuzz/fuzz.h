/* What the fuzzers share. Each file beside this one is a program for libFuzzer (llvm.org/docs/LibFuzzer.html): it is
 * given bytes as outside could send them, and checks what must hold whatever they are. Seeds are in corpus/NAME.
 *
 *     make fuzz MINUTES=10       each of them for so long, adding to build/fuzz/found/NAME
 *     make fuzz-check            the seeds and a few thousand more, as CI does */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(held)                                                                                                     \
	do {                                                                                                           \
		if (!(held)) {                                                                                         \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #held);                      \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* A C string as long as the bytes go without a NUL, on the heap at its exact size. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	struct str text = STR_INIT;
	str_add(&text, (const char *)data, size);
	char *exact = mem_strdup(text.p);
	str_release(&text);
	return exact;
}

#endif
