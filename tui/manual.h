/* Where the pages of the manual are, and how a person reads them. Both may block. */
#ifndef TUI_MANUAL_H
#define TUI_MANUAL_H

#include "core/base/err.h"
#include "core/base/str.h"

/* Appends the source of a page ("curlew.1"): of the manual that was installed with this program, else of the tree in
 * which it was built. ERR_NOT_FOUND says where it was looked for. */
int manual_source(const char *page, struct str *out, struct err *err);

/* Shows what mdoc.h made: in $PAGER (less, when it is not set) on a terminal, else as plain text on stdout. */
int manual_show(const char *text, struct err *err);

#endif
