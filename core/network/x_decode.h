/* What X says (API v2), as model records. Pure.
 *
 * Two sets of names are alive at once, tweet.* and post.*: which one an answer has follows from the request's, and
 * both are read everywhere. Unknown fields are ignored; a missing one that matters drops that one item, which is
 * counted and logged. Everything that is handed out lives in the arena given; text is valid UTF-8 without NUL. Sources:
 * docs.x.com, api.x.com/2/openapi.json. */
#ifndef CORE_NETWORK_X_DECODE_H
#define CORE_NETWORK_X_DECODE_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/network/network.h"

/* Who we are there. Strings belong to the owner. */
struct x_decoder {
	const char *self_id;   /* "" before it is known: then no post counts as ours */
	unsigned long dropped; /* items that lacked something that matters */
};

/* Ids are decimal numbers of up to 64 bits, as strings. */
int x_id_compare(const char *a, const char *b);

/* The posts of an answer's `data`, which is one or an array of them, in its order; returns how many. Reposts are left
 * out. What `errors` says beside them (a parent that was deleted) takes nothing away. */
int x_decode_posts(struct x_decoder *decoder, const json *answer, struct arena *arena, struct item **items);

/* A user with id and username, else -ERR_DATA. */
int x_decode_user(const json *user, struct arena *arena, struct customer *customer, struct err *err);

/* False when there are posts, and none says who wrote it: the names that were asked for are no longer known. */
bool x_decode_has_authors(const json *answer);

/* How many resources an answer brought that are paid for: posts of `data`, those of `includes`, and users. */
struct x_count {
	int posts, included, users;
};
struct x_count x_decode_count(const json *answer);

enum x_fault {
	X_FAULT_OTHER,
	X_FAULT_DUPLICATE,   /* the same text was posted a short time ago */
	X_FAULT_UNSUMMONED,  /* the post's author has not called us: it may not be answered */
	X_FAULT_GONE,        /* what it would answer is deleted, or hidden from us */
	X_FAULT_SETUP,       /* the application may not do this: a matter of the developer console */
	X_FAULT_CREDITS,     /* nothing goes on before somebody pays */
	X_FAULT_CAPPED,      /* the month's cap of posts is reached */
	X_FAULT_CONNECTIONS, /* too many streams are open */
	X_FAULT_NO_RULES,    /* the stream has nothing to select by */
};
/* What an answer that is no success means, by its status and words; the words are matched loosely. body may be NULL. */
enum x_fault x_decode_fault(int status, const json *body);
/* The words of an error of any shape; NULL when there are none. */
const char *x_decode_error(const json *body, struct arena *arena);

#endif
