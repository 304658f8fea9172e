/* Things that go wrong on request: a rule names a request and what happens to it, a number of times. */
#ifndef TESTS_FAKENET_FAULTS_H
#define TESTS_FAKENET_FAULTS_H

#include "core/base/vec.h"

#include <stdbool.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_STATUS, /* "status 503", "status 503 html", "status 429 reset 30", "status 403 WORD": not acted on */
	FAULT_CLOSE_BEFORE, /* dropped, not acted on */
	FAULT_CLOSE_AFTER,  /* acted on, dropped without an answer */
	FAULT_STALL,        /* not acted on, never answered */
	FAULT_STALL_AFTER,  /* acted on, never answered */
	FAULT_SLOW,         /* "slow 250": acted on at once, answered so many milliseconds later */
	FAULT_TRUNCATE,     /* acted on, half of the body, then dropped */
	FAULT_MALFORMED,    /* acted on, the body is no JSON */
	FAULT_REDIRECT,     /* not acted on, 302 to another place */
	FAULT_ECHO,         /* not acted on, 401 that says the request's token back */
	FAULT_EMPTY,        /* acted on, 200 with no body */
	FAULT_NO_MIN_ID, /* "no_min_id": the newest page whatever min_id says, as a server does that does not know it */
	FAULT_CUT_STREAM, /* "cut_stream_mid_event": the next event of a stream breaks off */
};

struct fault {
	enum fault_kind kind;
	int status;         /* FAULT_STATUS */
	bool html;          /* FAULT_STATUS: as a proxy says it */
	int reset_s;        /* FAULT_STATUS 429: seconds until the budget is back */
	char word[16];      /* FAULT_STATUS: which refusal of that status, where the network has several; "" */
	int ms;             /* FAULT_SLOW */
	char location[160]; /* FAULT_REDIRECT */
};

struct fault_rule {
	char *match; /* "POST /api/v1/statuses"; a last * stands for any rest */
	int times;   /* left; below 0 without end */
	struct fault fault;
};

struct faults {
	VEC(struct fault_rule) rules;
};

bool fault_parse(const char *text, struct fault *out);
void faults_add(struct faults *faults, const char *match, int times, const struct fault *fault);
void faults_clear(struct faults *faults);
void faults_release(struct faults *faults);

/* The first rule that fits "METHOD path" is used up by one. kind FAULT_NONE when none fits. */
struct fault faults_take(struct faults *faults, const char *method, const char *path);
/* Whether a stream on `path` is to break off now. */
bool faults_take_cut(struct faults *faults, const char *path);

#endif
