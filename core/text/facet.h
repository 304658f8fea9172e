/* Facets: what in a plain text is more than text, by bytes of its UTF-8. On Bluesky a mention, link or hashtag is one
 * only when the post says so beside the text; nobody looks for them in it. Pure.
 * Sources: the lexicons app.bsky.richtext.facet and app.bsky.feed.post; at://-handles (atproto.com/specs/handle). */
#ifndef CORE_TEXT_FACET_H
#define CORE_TEXT_FACET_H

#include "core/base/arena.h"

#include <stddef.h>

enum facet_kind { FACET_MENTION, FACET_LINK, FACET_TAG };

struct facet {
	enum facet_kind kind;
	size_t begin, end;  /* bytes of the text, the end excluded */
	const char *target; /* the handle without '@'; the whole address, with a scheme; the tag without '#' */
};

/* A text as it is published, and its facets: in their order, none over another. */
struct facet_text {
	const char *text;
	const struct facet *facets;
	int count;
};

/* Finds the mentions ("@" and a handle with a dot in it), links (http:// or https:// up to white space, or a domain of
 * a known top level) and hashtags (not of digits and punctuation alone, 64 graphemes at most) of a text as it was
 * written, each after white space, an opening bracket or quote, or at the start. Punctuation at the end of one is the
 * sentence's, as is a bracket that was opened before it.
 *
 * A link whose part behind the host is longer than 15 graphemes is shown as the host and the first 13 of it, with three
 * dots: that text is what counts and what is published, the facet has the whole address. The time is linear, whatever
 * stands in the text. What is handed out lives in the arena. */
void facet_text_of(const char *typed, struct arena *arena, struct facet_text *out);

#endif
