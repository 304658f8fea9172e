/* A store in a directory of its own, time that stands where the test puts it, and posts in one line.
 * Linking this replaces core/base/clock.c. Not for threads that run beside the test's own. */
#ifndef TESTS_LIB_STORE_FIXTURE_H
#define TESTS_LIB_STORE_FIXTURE_H

#include "core/store/store.h"

#define MINUTE INT64_C(60000)
#define NOON INT64_C(1790000000000) /* what the clock of every test begins at */

extern int64_t fixture_wall_ms, fixture_mono_ms;
extern int64_t
        fixture_look_ms; /* each look at the monotonic clock takes so long: what a slow disk makes of a program */

struct fixture {
	char dir[128];
	char path[160];
	char uri[192];
	struct store *store; /* how STORE_COURIER */
	struct arena arena;
	struct err err;
	int64_t account;
};

int fixture_setup(void **state);    /* for cmocka_unit_test_setup_teardown */
int fixture_teardown(void **state); /* removes the directory */

struct store *fixture_open(struct fixture *f, enum store_open_how how); /* another handle */

/* The post of @author; parent "" for a root. A mention. */
struct incoming post_in(const char *author, const char *remote_id, const char *parent, int64_t at, const char *text);
/* Not a mention: it is there because of others. */
struct incoming post_context(
        const char *author, const char *remote_id, const char *parent, int64_t at, const char *text);
/* Ours. */
struct incoming post_out(const char *remote_id, const char *parent, int64_t at, const char *text);
struct incoming post_deleted(const char *remote_id, int64_t at);

/* Ingests and asserts that it went well; how many were fresh. */
int take(struct fixture *f, const struct incoming *items, int count);
int take_one(struct fixture *f, struct incoming item);

const struct kase *get_case(struct fixture *f, int64_t id);
const struct case_view *get_view(struct fixture *f, int64_t id);
int64_t count_of(struct fixture *f, const char *query); /* as agent alice */
/* The cases that the query finds, as "1 2 3". */
const char *ids_of(struct fixture *f, const char *query);
/* The actions in the journal of a case, as "opened replied". */
const char *journal_of(struct fixture *f, int64_t id);

/* As the agent; asserts that it went well. */
struct action_result act(struct fixture *f, enum action_kind kind, int64_t case_id, const char *agent, const char *arg);

#endif
