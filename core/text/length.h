/* How long a post is for the network that it goes to. Pure.
 * Sources: Mastodon's StatusLengthValidator; GoToSocial counts code points; Pleroma and Akkoma Elixir's String.length;
 * Bluesky's lexicon app.bsky.feed.post (maxGraphemes 300, maxLength 3000 bytes); X: weighted.h. */
#ifndef CORE_TEXT_LENGTH_H
#define CORE_TEXT_LENGTH_H

#include "core/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* The rules by name: what networks count by, what the store keeps, what an adapter says. Grows at the end only. */
#define LENGTH_NAME_TABLE(ROW)                                                                                         \
	ROW(MASTODON, "mastodon")                                                                                      \
	ROW(GOTOSOCIAL, "code-points") /* as it stands */                                                              \
	ROW(PLEROMA, "pleroma")                                                                                        \
	ROW(BLUESKY, "bluesky")                                                                                        \
	ROW(X, "x")
#define LENGTH_NAME_MEMBER(n, w) LENGTH_RULE_##n,
enum length_name { LENGTH_NAME_TABLE(LENGTH_NAME_MEMBER) LENGTH_RULE_COUNT };
bool length_name_parse(const char *word, enum length_name *out);

enum length_unit { LENGTH_GRAPHEMES, LENGTH_CODE_POINTS, LENGTH_WEIGHTED /* X: core/text/weighted.h */ };

struct length_rule {
	enum length_unit unit;
	int url;             /* what a URL counts as, with a scheme unless weighted; 0: as it stands */
	bool mentions_short; /* @user@domain counts as @user */
	bool trimmed;        /* white space at the ends of text and warning is not sent, and not counted */
	int max;             /* in units */
	int max_bytes;       /* 0: none */
	bool short_links;    /* of a long link its beginning is sent: see length_sent() */
	bool by_server;      /* clusters are those of the Unicode version that the server has, which it does not tell */
};

/* The defaults of a family; max and url are overwritten by what an instance says of itself. */
extern const struct length_rule length_mastodon, length_gotosocial, length_pleroma, length_bluesky, length_x;
const struct length_rule *length_rule(enum length_name name); /* one of these; Mastodon's for what is none */

/* A text that somebody wrote, as it is sent and has to be counted: where the rule says so, with the beginning of long
 * links alone (core/text/facet.h). Of the arena, or the text itself. The functions below count what they are given. */
const char *length_sent(const struct length_rule *rule, const char *text, struct arena *arena);

/* The length in the rule's unit, with the content warning (NULL for none), which is never shortened. */
int length_count(const struct length_rule *rule, const char *text, size_t len, const char *cw);

/* False when a server with other tables may count otherwise: code points that Unicode 15 has not assigned, and Indic
 * conjuncts, which are one cluster since 15.1 only. Show the number as about. */
bool length_is_exact(const struct length_rule *rule, const char *text, size_t len);

/* Whether there is a link in it, as the networks of that rule see them. */
bool length_has_link(const struct length_rule *rule, const char *text);

/* How many units are left; negative when it is too long. A post beyond max_bytes alone has less than 0 left, too. */
int length_left(const struct length_rule *rule, const char *text, size_t len, const char *cw);

#endif
