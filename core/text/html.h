/* The HTML that servers of the Mastodon family send, as plain text. They send
 * p br span a del pre code em strong b i u ul ol li blockquote; anything else is read for its text alone, and script,
 * style and the like are dropped. Malformed markup gives some text, never an error. Pure.
 *
 * The text is valid UTF-8 without NUL and otherwise as sent: controls are kept here and become marks at the screen's
 * door (cells.h). Paragraphs are separated by an empty line, `br` is a newline, lists are "- " or "1. " with two cells
 * of indentation a level, quotes "> ", no-break spaces plain ones, custom emoji their :shortcode:. A link shows its
 * target, since servers cut the visible text; mentions and hashtags show what they say. Where the visible text of a
 * link is not a form of its target, both are shown: text <target>. */
#ifndef CORE_TEXT_HTML_H
#define CORE_TEXT_HTML_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum link_kind { LINK_PLAIN, LINK_MENTION, LINK_HASHTAG };

struct html_link {
	enum link_kind kind;
	char *href;        /* decoded; heap, owned by the struct html_links */
	size_t start, end; /* the bytes of out that stand for it */
};

struct html_links {
	struct html_link *at;
	size_t len, cap; /* at most 256 are kept */
};

struct html_options {
	bool drop_quote_inline; /* leave out the paragraph that repeats a quote shown otherwise (class quote-inline) */
};

/* Appends to out. options and links may be NULL. 0, or -1 when out's cap was reached (it holds the beginning then). */
int html_to_text(
        const char *html, size_t len, const struct html_options *options, struct str *out, struct html_links *links);
void html_links_release(struct html_links *links);

/* Decodes character references alone (titles of cards, fields that are text): appends. */
int html_decode(const char *text, size_t len, struct str *out);

#endif
