#include "keymaps/keymap.h"

/* ISO C promises 4,095 bytes of literal; both our compilers take any length, and the file is longer. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

const char keymap_builtin_default[] =
#include "default_keys.inc"
        ;
