/* What the end-to-end tests share: their headers in cmocka's order, and keys by name. */
#ifndef TESTS_E2E_E2E_H
#define TESTS_E2E_E2E_H

#include "core/base/str.h"
#include "tests/lib/desk_world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define E2E(test) cmocka_unit_test_teardown(test, world_teardown)

#define ENTER "\r"
#define ESC "\033"
#define CTRL_C "\003"
#define CTRL_G "\007"
#define CTRL_R "\022"
#define CTRL_X "\030"
#define CTRL_Y "\031"
#define CTRL_Z "\032"

/* What the screen says. */
#define SAYS_LIVE "● acme"
#define SAYS_COMPOSER "PUBLIC as acme"
#define SAYS_DESK_KEYS "Space next" /* no prompt, no picker, no message: single letters are commands */
#define SAYS_SEND_BAR "SEND public as acme"

#define UNDO_WINDOW_MS 20000
#define DEAF_MS 400 /* what the send bar ignores after it is painted */

/* A key that opens a prompt or a picker, and what is typed there. In one burst it would be taken for a paste. */
static inline void ask_and_type(struct screen *desk, const char *key, const char *text)
{
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, key);
	screen_expect_gone(desk, SAYS_DESK_KEYS);
	screen_send(desk, text);
	screen_send(desk, ENTER);
}

/* A mention by @from that is on the desk's screen; its case's number. */
static inline void mention(
        struct world *world, struct screen *desk, const char *from, const char *text, char status[32], char kase[32])
{
	world_post(world, from, text, NULL, status);
	screen_expect(desk, from);
	struct str handle = STR_INIT;
	str_addf(&handle, "@%s@ferry.example", from);
	if (kase)
		world_case_of(world, handle.p, kase);
	str_release(&handle);
}

/* ^G is heard even while the bar is deaf: once it has been answered, all that was typed before it has been dealt with,
 * and the desk knows that its bar was painted. */
static inline void catch_up(struct screen *desk)
{
	screen_send(desk, CTRL_G);
	screen_expect(desk, "nothing is held");
}

/* A stroke at the send bar, which has been seen for long enough. */
static inline void at_the_bar(struct world *world, struct screen *desk, const char *key)
{
	screen_expect(desk, SAYS_SEND_BAR);
	catch_up(desk);
	world_advance(world, DEAF_MS);
	screen_send(desk, key);
}

static inline void type_reply(struct screen *desk, const char *text)
{
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, text);
	screen_expect(desk, text);
}

static inline void send_reply(struct world *world, struct screen *desk, const char *text)
{
	type_reply(desk, text);
	screen_send(desk, CTRL_X);
	at_the_bar(world, desk, ENTER);
	screen_expect(desk, "held 20s");
	screen_expect(desk, "nobody else waits"); /* the store has answered */
}

#endif
