/* What a program that we start may have of us: nothing that it did not need before it met us. It gets an environment of
 * named variables only (CHILDREN in curlewd(8)), no descriptor but those it is given, and signals as they are by
 * default. For editors, token commands, hooks and the courier itself. */
#ifndef CORE_BASE_CHILD_H
#define CORE_BASE_CHILD_H

#include <spawn.h>

/* The variables of ours that a child may see, NULL at the end: for the env of execve and the like. The list is the
 * caller's to free() in one piece; its strings are ours and live as long as our environment stays as it is. */
char **child_environment(void);

/* Marks every descriptor from 3 on to be closed in whatever is started from now on: libraries open some without. Call
 * it right before starting something. */
void child_keep_descriptors(void);

/* Turns this process into `program`, looked for on PATH, with that environment: returns, with errno, only when it
 * cannot be started. */
void child_become(const char *program, char *const args[]);

/* For posix_spawn: no signal blocked, none ignored. The caller destroys the attributes. */
void child_attributes(posix_spawnattr_t *attributes);

#endif
