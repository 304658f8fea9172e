/* Who speaks on the small network and what they say: tables, and the filling of {blanks}. All people, names, places and
 * texts are invented. */
#ifndef TESTS_FAKENET_CAST_H
#define TESTS_FAKENET_CAST_H

#include "core/base/str.h"
#include "tests/fakenet/world.h"

enum role { ROLE_CUSTOMER, ROLE_FAN, ROLE_TROLL, ROLE_BAND, ROLE_GYM, ROLE_BOT };

struct cast_person {
	const char *acct, *display, *note, *lang, *since;
	int followers, following;
	enum role role;
	bool locked, indexable;
};
extern const struct cast_person cast_people[];
extern const size_t cast_people_count;

enum topic {
	TOPIC_NONE, /* not said by the cast */
	TOPIC_LATE,
	TOPIC_DAMAGED,
	TOPIC_BILLING,
	TOPIC_CHECKOUT, /* the wave: many people, one broken thing */
	TOPIC_QUESTION,
	TOPIC_PRAISE,
	TOPIC_LONG,
	TOPIC_PRIVATE, /* direct messages */
	TOPIC_TAG,     /* unaddressed: #acme */
	TOPIC_PHRASE,  /* unaddressed: "acme corp" */
	TOPIC_BAND,    /* somebody else of that name, about themselves */
	TOPIC_GYM,     /* another one */
	TOPIC_WRONG,   /* to us, about one of them */
	TOPIC_TROLL,
	TOPIC_BOT,
	/* In answer to something. */
	TOPIC_THANKS,
	TOPIC_MORE,
	TOPIC_ANGRY,
	TOPIC_TURNED, /* the complaint that became a compliment */
	TOPIC_GLAD,
	TOPIC_TROLL_AGAIN,
	TOPIC_METOO,
	TOPIC_DEFEND,
	TOPIC_NUDGE,
	TOPIC_EDIT,  /* added to a post by its author */
	TOPIC_BRAND, /* what the brand said in the past */
};

struct cast_line {
	enum topic topic;
	const char *lang;
	const char *text;  /* {at} {brand} {phrase} {tag} {who} {order} … are filled in */
	const char *cw;    /* NULL for none */
	const char *photo; /* NULL for none */
	const char *alt;   /* NULL: a photo that nobody described */
};
extern const struct cast_line cast_lines[]; /* English */
extern const size_t cast_lines_count;
extern const struct cast_line cast_world_lines[]; /* the other languages */
extern const size_t cast_world_lines_count;

/* Line `i` of both tables, as if they were one. */
size_t cast_line_count(void);
const struct cast_line *cast_line(size_t i);

/* What the blanks of one text stand for. */
struct cast_blanks {
	const char *handle; /* the brand's */
	const char *who;    /* the handle that {who} stands for, without @; NULL for the brand's */
	uint64_t facts;  /* the same facts give the same order, thing, town and day: one for each person and thread */
	struct rng *rng; /* for turns of speech, which vary */
};

/* Appends `text` with its blanks filled. */
void cast_fill(struct str *out, const char *text, const struct cast_blanks *blanks);

#endif
