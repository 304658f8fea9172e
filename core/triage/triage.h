/* What can be told from one post: the marks of its inbox row, the words that matter, how far it reaches. Rules and word
 * lists, no learning: each mark has a reason that can be shown. English praise only; emoji in every language.
 * Pure; holds nothing. */
#ifndef CORE_TRIAGE_TRIAGE_H
#define CORE_TRIAGE_TRIAGE_H

#include "core/model/model.h"

#define TRIAGE_SUMMARY_MAX 200 /* bytes */

struct triage {
	bool question;      /* asks, by the question mark of its script */
	bool praise;        /* words of praise, and neither complaint nor request beside them */
	bool personal_data; /* an e-mail address, telephone number, IBAN or card number stands in public */
	int priority;       /* by reach, as kase.priority: 0, 1, 2; -1 for a bot that few will read */
	uint64_t alike;     /* similar_hash of the text; 0: says nothing */
	char summary[TRIAGE_SUMMARY_MAX + 4];
};

/* customer may be NULL. Only the first 16 KiB of the text are looked at. */
void triage_post(const struct post *post, const struct customer *customer, struct triage *out);

#endif
