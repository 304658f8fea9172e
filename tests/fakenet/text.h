/* Plain text as people type it: to the HTML that Mastodon serves, with mentions, hashtags and links found; and its
 * length by Mastodon's rule (grapheme clusters, a link 23, a mention without its domain). */
#ifndef TESTS_FAKENET_TEXT_H
#define TESTS_FAKENET_TEXT_H

#include "tests/fakenet/world.h"

enum text_kind { TEXT_PLAIN, TEXT_MENTION, TEXT_TAG, TEXT_LINK };
struct text_token {
	enum text_kind kind;
	const char *at;
	size_t len;
	size_t name_len; /* of a mention: the user part, without @ */
};
/* The next run of plain text or the next entity, from byte *at on, which moves behind it; false at the end. */
bool text_next(const char *text, size_t *at, struct text_token *out);

/* Sets html, mentions and tags of the status from its text. */
void text_render(struct world *world, struct status *status);

size_t text_clusters(const char *text, size_t len); /* grapheme clusters */
/* Those that count against the limit; whole texts, both may be "". */
size_t text_length(const char *text, const char *cw);

/* The people whom this text would notify; *count of them, in the world's arena. */
struct person **text_mentions(struct world *world, const char *text, size_t *count);

#endif
