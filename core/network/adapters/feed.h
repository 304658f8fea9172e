/* A feed as entries: RSS 2.0 and 0.9x, RSS 1.0 (RDF), Atom 1.0 and 0.3. Pure. What is declared in the document itself
 * (entities, what lies elsewhere) is neither read nor expanded; names of HTML's characters stand for them, declared or
 * not, since feeds are full of them. What is malformed is read as far as it goes.
 *
 * Sources: rssboard.org/rss-specification, RFC 4287, web.resource.org/rss/1.0, the modules content and Dublin Core. */
#ifndef CORE_NETWORK_ADAPTERS_FEED_H
#define CORE_NETWORK_ADAPTERS_FEED_H

#include "core/base/arena.h"
#include "core/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define FEED_ENTRIES_MAX 500 /* the newest ones, as feeds have them: first */

struct feed_entry {
	const char *id;             /* never "": guid, id, else the address, else a number made of what it says */
	const char *title, *text;   /* plain */
	const char *url;            /* absolute, http or https; "" */
	const char *author;         /* a name; "" */
	const char *image;          /* its address; "" */
	int64_t published, updated; /* UTC ms; 0: not told */
};
struct feed {
	const char *title;
	int64_t ttl_ms; /* how long it asks to be left alone; 0: it does not */
	const struct feed_entry *entries;
	int count;
};

/* base: the feed's address, which those in it are relative to. Strings live in the arena. -ERR_DATA: it is no feed. */
int feed_parse(const char *bytes, size_t len, const char *base, struct arena *arena, struct feed *out, struct err *err);

/* An address as it stands in a document or an answer, made absolute: http and https alone. On the heap; NULL. */
char *feed_address(const char *address, const char *base);

#endif
