/* Files that go out with a post, as every room sends them: looked at and read when they go, not before, and put into a
 * form (multipart/form-data, RFC 7578). */
#ifndef CORE_NETWORK_MEDIA_FILE_H
#define CORE_NETWORK_MEDIA_FILE_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/attachment.h"

#include <stdint.h>

#define MEDIA_BYTES_PER_MS 25 /* the slowest line that is waited for */

/* 0 and its bytes; else why it cannot go out, for a person. `limit`: the most that the server takes. */
int media_file_size(const struct attachment *file, int64_t limit, int64_t *size, struct err *err);

/* Adds `len` bytes from `at` on. The caller waits for the disk here: such files come from its cache as a rule. */
int media_file_read(const struct attachment *file, int64_t at, size_t len, struct str *bytes, struct err *err);

/* The parts of a form one after the other, and its end. The file's own name stays here: it may say more than its owner
 * means to. */
void form_field(struct str *form, const char *boundary, const char *name, const char *value);
void form_file(struct str *form, const char *boundary, const char *name, const struct attachment *file,
        const struct str *bytes);
void form_end(struct str *form, const char *boundary);

#endif
