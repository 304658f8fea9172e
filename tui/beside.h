/* The programs of curlew find each other. */
#ifndef TUI_BESIDE_H
#define TUI_BESIDE_H

/* The path of NAME beside the running program when it can be run there, else NAME, for PATH to find. The caller frees.
 */
char *program_beside(const char *name);

#endif
