/* How a post is meant, by a list of words (words.def) and emoji. Pure. */
#ifndef CORE_TRIAGE_FEELING_H
#define CORE_TRIAGE_FEELING_H

#include <stdbool.h>

struct feeling {
	int praise;    /* the weights of its words of praise */
	int complaint; /* of its complaints; praise that is negated is one */
	int requests;  /* how many words ask or tell of trouble */
};

/* said: as said_fold leaves it. */
struct feeling feeling_of(const char *said);

/* Rather silent than wrong. Measured on GoEmotions (test and dev): of what it calls praise 87 % is admiration,
 * gratitude, love, joy, excitement or approval, and 2 % is among other things a complaint; it sees 39 % of those. Of
 * 1,025 first posts to support accounts it took 4 for praise, wrongly. */
bool feeling_is_praise(const struct feeling *feeling);

#endif
