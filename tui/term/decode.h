/* From the bytes of a terminal to keys: UTF-8, the escape sequences of xterm and its kin and of the VT100 family,
 * bracketed paste, the mouse in SGR form. Pure: bytes and times come in, inputs go out. Bytes may be split anywhere.
 *
 * A lone Esc becomes a key when nothing has followed for ESC_MS. If `[` or `O` and a final letter then come within
 * LATE_ESC_MS, they were the rest of an arrow key on a slow line: the arrow is delivered, never the letters. */
#ifndef TUI_TERM_DECODE_H
#define TUI_TERM_DECODE_H

#include "core/base/str.h"
#include "tui/term/term.h"

enum { ESC_MS = 50, LATE_ESC_MS = 1000, PASTE_MAX = 256 * 1024 };

struct decoder {
	char pending[64]; /* an unfinished sequence */
	size_t pending_len;
	int64_t pending_since; /* mono ms of its first byte */
	int64_t esc_at;        /* when a lone Esc was delivered; 0: not lately */
	bool late;             /* pending is `[` or `O` after such an Esc */
	bool pasting;
	struct str paste;
};

void decoder_init(struct decoder *decoder);
void decoder_release(struct decoder *decoder);
void decoder_feed(struct decoder *decoder, const char *bytes, size_t len, int64_t now, term_input_fn *each, void *arg);
int64_t decoder_deadline(const struct decoder *decoder); /* INT64_MAX: none */
void decoder_timeout(struct decoder *decoder, int64_t now, term_input_fn *each, void *arg);

#endif
