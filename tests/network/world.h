/* What the tests of core/net share: a loop, a scripted server, and a clock that only the test moves. The clock's
 * functions stand here, so the archive's are not linked. Included by one file a program. */
#ifndef TESTS_NETWORK_WORLD_H
#define TESTS_NETWORK_WORLD_H

#include "core/base/clock.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/net/http.h"
#include "tests/lib/script_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include <cmocka.h>

#define WALL_START INT64_C(1795313630000) /* 2026-11-22T02:13:50Z */

static int64_t wall_now = WALL_START;
static int64_t mono_now = 1000000;
static int clock_fd = -1;

int64_t clock_wall_ms(void)
{
	return wall_now;
}

int64_t clock_mono_ms(void)
{
	return mono_now;
}

int clock_change_fd(void)
{
	return clock_fd;
}

void clock_change_clear(void)
{
	char drained[64];
	uv_buf_t buf = uv_buf_init(drained, sizeof drained);
	uv_fs_t read;
	if (clock_fd >= 0)
		uv_fs_read(NULL, &read, clock_fd, &buf, 1, -1, NULL);
}

struct world {
	uv_loop_t loop;
	struct timers timers;
	struct http *http;
	struct script_server *server;
	char url[128];
};

static inline void advance(struct world *world, int64_t ms)
{
	wall_now += ms;
	mono_now += ms;
	timers_run(&world->timers, mono_now);
}

static inline void on_stuck(uv_timer_t *timer)
{
	*(int *)timer->data = 1;
}

/* Runs the loop until the count at `what` has come to `least`. Real time only ends a test that is stuck. */
static inline void run_until(struct world *world, const int *what, int least)
{
	uv_timer_t guard;
	int stuck = 0;
	uv_timer_init(&world->loop, &guard);
	guard.data = &stuck;
	uv_timer_start(&guard, on_stuck, 20000, 0);
	while (*what < least && !stuck)
		uv_run(&world->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&guard, NULL);
	uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_false(stuck);
}

static inline void on_step(uv_timer_t *timer)
{
	advance(timer->data, 5);
}

/* The same where libcurl may itself wait for time to pass (it looks after its resolver's thread by timer, too): the
 * clock goes on in step with the real one. */
static inline void run_in_step_until(struct world *world, const int *what, int least)
{
	uv_timer_t step;
	uv_timer_init(&world->loop, &step);
	step.data = world;
	uv_timer_start(&step, on_step, 5, 5);
	run_until(world, what, least);
	uv_close((uv_handle_t *)&step, NULL);
	uv_run(&world->loop, UV_RUN_NOWAIT);
}

/* The same for what only the server knows. */
static inline void run_until_server(struct world *world, int (*count)(const struct script_server *), int wanted)
{
	uv_timer_t guard;
	int stuck = 0;
	uv_timer_init(&world->loop, &guard);
	guard.data = &stuck;
	uv_timer_start(&guard, on_stuck, 20000, 0);
	while (count(world->server) != wanted && !stuck)
		uv_run(&world->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&guard, NULL);
	uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_false(stuck);
}

static inline int world_start(void **state)
{
	static struct world world;
	struct err err = ERR_INIT;
	static const char *const disturbing[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "http_proxy", "https_proxy",
	        "all_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"};
	for (size_t i = 0; i < sizeof disturbing / sizeof *disturbing; i++)
		unsetenv(disturbing[i]);
	memset(&world, 0, sizeof world);
	uv_loop_init(&world.loop);
	timers_init(&world.timers);
	world.http = http_new(&world.loop, &world.timers, &err);
	world.server = script_server_new(&world.loop);
	snprintf(world.url, sizeof world.url, "http://127.0.0.1:%d/api/v1/it?x=1", script_server_port(world.server));
	*state = &world;
	return world.http ? 0 : -1;
}

/* The loop closes only when every handle was given back. */
static inline int world_stop(void **state)
{
	struct world *world = *state;
	http_free(world->http);
	script_server_free(world->server);
	uv_run(&world->loop, UV_RUN_DEFAULT);
	int left = timers_next(&world->timers) != INT64_MAX;
	timers_release(&world->timers);
	return uv_loop_close(&world->loop) || left ? -1 : 0;
}

static inline struct str read_data(const char *file)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	char *path = path_join(str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), file);
	if (file_read(path, &bytes, &err))
		fail_msg("%s", err.text);
	free(path);
	return bytes;
}

#endif
