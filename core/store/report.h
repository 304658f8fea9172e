/* Numbers over a stretch of time, for `curlew report`. Blocks; walks the posts and the journal once. */
#ifndef CORE_STORE_REPORT_H
#define CORE_STORE_REPORT_H

#include "core/store/store.h"

struct report_agent {
	const char *agent; /* "" for what was said on the network itself */
	int64_t replies;
};

struct report {
	int64_t cases[STATUS_COUNT];   /* as they are now, all of them */
	int64_t arrived;               /* cases whose first post came since */
	int64_t answered;              /* cases whose first reply went out since */
	int64_t within_target;         /* of these: within the first_reply of the clocks' rules */
	int64_t median_first_reply_ms; /* of these, in working time; -1: none */
	int64_t target_ms;
	const struct report_agent *agents; /* most replies first */
	int agent_count;
	int64_t replies;  /* our posts that answer one */
	int64_t private;  /* of these: that answer a wider post to its author alone */
	int64_t reopened; /* times a customer spoke again and opened a case */
	int64_t escalated;
	int64_t liked;
	const struct gap *gaps; /* found since, earliest first */
	int gap_count;
};

/* From `since` (UTC ms) on. Rows live in the arena. */
int store_report(struct store *store, int64_t since, struct arena *arena, struct report *out, struct err *err);

#endif
