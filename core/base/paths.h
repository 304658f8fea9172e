/* Where files are, by the XDG base directory specification, and how they are made and read. Results are on the heap;
 * the caller frees. */
#ifndef CORE_BASE_PATHS_H
#define CORE_BASE_PATHS_H

#include "core/base/err.h"
#include "core/base/str.h"

#include <sys/types.h>

char *path_config_dir(void);                        /* $XDG_CONFIG_HOME/curlew, else ~/.config/curlew */
char *path_data_dir(void);                          /* $XDG_DATA_HOME/curlew, else ~/.local/share/curlew */
char *path_state_dir(void);                         /* $XDG_STATE_HOME/curlew, else ~/.local/state/curlew */
char *path_join(const char *dir, const char *name); /* name alone when it is absolute; ~/ is expanded */
char *path_dirname(const char *path);
char *path_program_dir(void); /* the directory of the running program; NULL when unknown */
bool path_exists(const char *path);
int path_make_dirs(const char *path, mode_t mode, struct err *err); /* like mkdir -p */

/* Whole file into out (appended), refused beyond out->max. */
int file_read(const char *path, struct str *out, struct err *err);
/* Writes a temporary neighbour, fsyncs, renames over path: readers see the old or the new file, never a half. */
int file_write_atomic(const char *path, const char *bytes, size_t len, mode_t mode, struct err *err);

/* 16 random bytes from the kernel as 32 hex digits (33 bytes with the NUL). */
void random_id(char out[33]);
uint64_t random_u64(void);

/* 0600 and ours? err names the file, the mode found and the command that mends it. */
int file_check_private(const char *path, struct err *err);

#endif
