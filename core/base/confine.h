/* Giving up what a program does not need, for itself, the threads it will start and what it executes: with a filter of
 * system calls (seccomp) and rules for files (Landlock). What the kernel lacks is left out in silence; confine_facts
 * tells. Nothing here can be undone. A call that was given up fails with EPERM, a file with EACCES. confine_linux.c
 * does it; confine_portable.c, for other systems, nothing. */
#ifndef CORE_BASE_CONFINE_H
#define CORE_BASE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

/* For a desk. From now on: no privileges by executing (no_new_privs), no program is executed, no socket is opened,
 * nobody's memory is looked at, no keys are pushed into the terminal, nothing of the kernel's own is touched; and
 * nothing is written but below `dirs`, on the standard descriptors' own files and /dev/null. A directory that is not
 * there is passed over. Reading stays free, and so do descriptors that are open. Before there are threads. */
void confine_desk(const char *const *dirs, size_t count);

/* For a courier, and what it starts: no privileges by executing, nobody's memory is looked at, and nothing of the
 * kernel's own is touched. */
void confine_courier(void);

struct confine_facts {
	bool no_gain; /* executing gives no privileges (no_new_privs) */
	bool filter;  /* system calls can be filtered */
	int landlock; /* its version (ABI) in this kernel; 0: none, or turned off */
};
void confine_facts(struct confine_facts *out);

#endif
