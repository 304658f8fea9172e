/* Everything that the real programs need to run in: a home of their own, a configuration, a network of our own
 * (tests/fakenet), a webhook's receiver, an injected clock; and desks in pseudo-terminals on it. The programs are
 * test/curlew and test/curlewd of the build that the test is in. What was started is gone when the world is.
 *
 *     static void a_sentence(void **state)
 *     {
 *             struct world *world = world_new(state, &(struct world_options){0});
 *             struct screen *desk = world_desk(world, "alice");
 *
 * CURLEW_TEST_LOG=1 prints the courier's log after each test, CURLEW_TEST_KEEP=1 keeps the home.
 *
 * Time stands still unless the test moves it, or the options say that it is real. */
#ifndef TESTS_LIB_DESK_WORLD_H
#define TESTS_LIB_DESK_WORLD_H

#include "core/base/json.h"
#include "tests/lib/fakenet.h"
#include "tests/lib/hook_listener.h"
#include "tests/lib/pty_screen.h"
#include "tests/lib/run_program.h"

#include <stdint.h>

#define WORLD_DESKS 4
#define WORLD_SECRET "whsec_c3BvdHRlZCByZWRzaGFuaw=="

struct world_options {
	bool real_time;
	bool no_account;     /* the configuration has none */
	const char *token;   /* NULL: the one that the network takes */
	const char *server;  /* NULL: the network of our own */
	const char *network; /* whose interface it shows to the account; NULL: mastodon */
	const char *kind;    /* of Mastodon's family, as fakenet's --kind has it; NULL: mastodon */
	const char *account; /* lines added to [account acme] */
	const char *secrets; /* lines added to it in credentials.conf */
	const char *term;    /* NULL: xterm-256color */
	const char *desk;    /* lines added to [desk] */
	const char *more;    /* lines added at the end of the configuration */
	/* Beside acme on Mastodon an account acme-sky on Bluesky and acme-x on X, of a divided world. */
	bool three_networks;
};

struct world {
	char *dir, *config, *store; /* the home; files in it */
	struct fakenet net;
	struct hook_listener hook;
	struct screen *desks[WORLD_DESKS];
	char *env[24];
	int clock_fd;        /* -1: real time */
	int64_t wall, mono;  /* of the injected clock */
	char team_file[256]; /* what team "delivery" was told, a line each */
};

/* Sets *state at once, so that world_teardown finds it whatever fails. */
struct world *world_new(void **state, const struct world_options *options);
int world_teardown(void **state);

/* --- programs */

/* The program of the build, "curlew" or "curlewd", on the heap. */
char *world_program(const char *name);

/* A desk in a terminal of 120x30, its account live and its courier running. */
struct screen *world_desk(struct world *world, const char *agent);
/* One that is given further arguments (NULL for none, else ended by NULL) and is not waited for. */
struct screen *world_desk_start(struct world *world, const char *agent, int rows, int cols, const char *const *args);
/* The desk is gone; another one may be started in its stead. */
void world_desk_close(struct world *world, struct screen *desk);

/* `curlew -c CONFIG ARGUMENTS…`; the last argument is NULL. */
void world_run(struct world *world, struct run_result *result, ...);
pid_t world_courier(struct world *world); /* the pid that holds the lock; 0: none runs */
bool world_wait_courier(struct world *world, bool running);

/* --- time */

/* Moves both clocks forward; a loop in the programs hears it at once. Not in real time. */
void world_advance(struct world *world, int64_t ms);
int64_t world_real_ms(void); /* the machine's monotonic clock */

/* As world_expect, while a minute passes, second by second: for what a program does at a time of its own. A program
 * that was just setting its timer when the test moved time may have taken the step for part of its wait. */
#define world_expect_soon(world, condition, arg)                                                                       \
	world_expect_soon_at(world, condition, arg, #condition, __FILE__, __LINE__)
void world_expect_soon_at(
        struct world *world, screen_condition *condition, void *arg, const char *what, const char *file, int line);
#define world_expect_text_soon(world, desk, text) world_expect_text_soon_at(world, desk, text, __FILE__, __LINE__)
void world_expect_text_soon_at(struct world *world, struct screen *desk, const char *text, const char *file, int line);

/* Pumps all desks until the condition holds. */
bool world_until(struct world *world, screen_condition *condition, void *arg);
#define world_expect(world, condition, arg) world_expect_at(world, condition, arg, #condition, __FILE__, __LINE__)
void world_expect_at(
        struct world *world, screen_condition *condition, void *arg, const char *what, const char *file, int line);

/* --- the network */

/* Somebody writes; the status id is handed back in `id` unless that is NULL. */
void world_post(struct world *world, const char *from, const char *text, const char *reply_to, char id[32]);
void world_control(struct world *world, const char *name, const char *json_text); /* fails the test unless it is 200 */
int world_sent(struct world *world, const char *text); /* how many of the brand's statuses hold the text */
/* The newest status of the brand that holds the text, as the server has it; NULL: none. The caller frees. */
json *world_sent_status(struct world *world, const char *text);
/* Waits until there are so many, while time passes; more are a failure. */
void world_expect_sent(struct world *world, const char *text, int count);

/* --- the store, through the command line */

/* How many lines of `curlew show CASE --json` have this kind and hold the text. */
int world_shown(struct world *world, const char *kase, const char *kind, const char *text);
/* The id of the only case with this handle, as text; fails the test when there is none within the patience. */
void world_case_of(struct world *world, const char *handle, char id[32]);
/* A field of the row of `curlew query "" --json` with this id, on the heap; "" when it has none. */
char *world_case_field(struct world *world, const char *id, const char *field);
/* Waits for that field to be this. */
#define world_expect_case(world, id, field, value) world_expect_case_at(world, id, field, value, __FILE__, __LINE__)
void world_expect_case_at(
        struct world *world, const char *id, const char *field, const char *value, const char *file, int line);

#endif
