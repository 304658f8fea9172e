/* What systems do each in their own way, beyond POSIX: os_linux.c has it all, os_portable.c as much as any POSIX system
 * gives. The Makefile takes one of the two (CONTRIBUTING.md says what is lost with the second), so that no other file
 * asks what it is compiled for. Descriptors are the caller's to close, and are closed by exec. */
#ifndef CORE_BASE_OS_H
#define CORE_BASE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- time */

int64_t os_uptime_ms(void); /* never set back; goes on while the machine is suspended, where that can be had */
/* A descriptor that becomes readable when the wall clock was set or the machine came out of suspend; -1: there is none.
 * After it, os_clock_change_clear(). */
int os_clock_change_fd(void);
void os_clock_change_clear(int fd);

/* --- files */

int os_memory_file(const char *name); /* a file without a place; -1 and errno. The name is for who looks at processes */
/* The lock of an open file, which ends with its last descriptor, whatever becomes of other descriptors of that file: 0,
 * or -1 and errno, EAGAIN when another has it. */
int os_lock(int fd);
/* What stands behind this header is what any system has: some of it may be missing, and tests of it are left out. */
extern const bool os_portable;

bool os_is_locked(int fd); /* by another open file than this one */
/* The name of the network file system that `path` is on, into *name: static, NULL for a local one and where it cannot
 * be told. -1 and errno when the file system cannot be looked at. */
int os_network_file_system(const char *path, const char **name);
void os_close_at_exec(int first); /* every descriptor from `first` on */

/* --- processes */

/* A descriptor that becomes readable when process `pid` ends. -1: errno is ESRCH when it has ended; for anything else,
 * look again from time to time. */
int os_process_fd(long pid);
int64_t os_process_started(int64_t pid); /* tells it from a later one of its number; 0: it cannot be seen */
void os_name_process(const char *name);  /* this one, for who looks at processes; at most 15 bytes */
void os_keep_memory_private(void);       /* no core dump of this process, no debugger of the same user */

/* --- memory */

/* Before there are threads: one heap for all of them. Blocks from `large` bytes on go back to the system as soon as
 * they are freed; 0: as the library has it. */
void os_heap_lean(size_t large);
void os_heap_give_back(void);          /* what is free, to the system */
void os_random(void *out, size_t len); /* from the kernel, at most 256 bytes; ends the program where there are none */

#endif
