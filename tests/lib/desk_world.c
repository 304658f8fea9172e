#include "tests/lib/desk_world.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/store/lock.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PUMP_MS = 2, WORDS_MAX = 24, RUN_MS = 20000, AHEAD_MS = 30000, SOON_S = 60, STEP_MS = 60 };

int64_t world_real_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

char *world_program(const char *name)
{
	struct str path = STR_INIT;
	char *dir = path_program_dir();
	str_addf(&path, "%s/../../test/%s", str_or(dir, "."), name);
	free(dir);
	char *real = realpath(path.p, NULL);
	if (!real)
		fprintf(stderr, "%s is not built\n", path.p);
	str_release(&path);
	assert_non_null(real);
	return real;
}

/* --- making it */

static void write_file(const char *path, const char *text)
{
	struct err err = ERR_INIT;
	if (file_write_atomic(path, text, strlen(text), 0600, &err))
		fail_msg("%s", err.text);
}

static void write_config(const struct world *world, const struct world_options *options)
{
	struct str text = STR_INIT;
	str_addf(&text, "[desk]\nagent = alice\nstore = sqlite:desk.db\nundo_window = 20s\n%s\n",
	        str_or(options->desk, ""));
	if (!options->no_account)
		str_addf(&text, "[account acme]\nnetwork = %s\nserver = %s\nhandle = @acme\n%s\n",
		        str_or(options->network, "mastodon"), str_or(options->server, world->net.url),
		        str_or(options->account, ""));
	if (options->three_networks)
		str_addf(&text,
		        "[account acme-sky]\nnetwork = bluesky\nserver = %s\nhandle = @acme.birds.example\n\n"
		        "[account acme-x]\nnetwork = x\nserver = %s\nhandle = @acme\nlisten = \"acme kettle\"\n\n",
		        world->net.url, world->net.url);
	str_addf(&text, "[team billing]\nescalate = webhook %s\n\n[team delivery]\nescalate = command cat >> '%s'\n\n",
	        world->hook.url, world->team_file);
	str_adds(&text, options->more);
	write_file(world->config, text.p);
	str_release(&text);
}

static void write_credentials(const struct world *world, const struct world_options *options)
{
	struct str text = STR_INIT;
	char *path = path_join(world->dir, "credentials.conf");
	if (!options->no_account)
		str_addf(&text, "[account acme]\ntoken = %s\n%s\n", str_or(options->token, FAKENET_TOKEN),
		        str_or(options->secrets, ""));
	if (options->three_networks)
		str_adds(&text, "[account acme-sky]\napp_password = demo-demo-demo-demo\n[account acme-x]\ntoken "
		                "= " FAKENET_TOKEN "\n");
	str_addf(&text, "[team billing]\nsecret = %s\n", WORLD_SECRET);
	write_file(path, text.p);
	str_release(&text);
	free(path);
}

static void add_env(struct world *world, const char *name, const char *value)
{
	struct str line = STR_INIT;
	size_t n = 0;
	while (world->env[n])
		n++;
	assert_true(n + 1 < sizeof world->env / sizeof *world->env);
	str_addf(&line, "%s=%s", name, value);
	world->env[n] = str_detach(&line);
}

static void add_env_dir(struct world *world, const char *name, const char *dir)
{
	char *path = path_join(world->dir, dir);
	mkdir(path, 0700);
	add_env(world, name, path);
	free(path);
}

/* What sanitizers are told, and nothing else of the test's own environment. */
static void pass_env(struct world *world, const char *name)
{
	const char *value = getenv(name);
	if (value)
		add_env(world, name, value);
}

static void make_env(struct world *world, const struct world_options *options)
{
	add_env(world, "PATH", "/usr/bin:/bin");
	add_env(world, "HOME", world->dir);
	add_env(world, "TERM", str_or(options->term, "xterm-256color"));
	add_env(world, "LC_ALL", "C.UTF-8");
	add_env(world, "TZ", "UTC");
	add_env_dir(world, "XDG_CONFIG_HOME", "config");
	add_env_dir(world, "XDG_DATA_HOME", "data");
	add_env_dir(world, "XDG_STATE_HOME", "state");
	add_env_dir(world, "XDG_RUNTIME_DIR", "run");
	pass_env(world, "ASAN_OPTIONS");
	pass_env(world, "UBSAN_OPTIONS");
}

static void write_clock(struct world *world)
{
	int64_t now[2] = {world->wall, world->mono};
	assert_int_equal(pwrite(world->clock_fd, now, sizeof now, 0), sizeof now);
}

/* A little ahead of the network, whose clock is the machine's: nothing that it says comes from the future. */
static void make_clock(struct world *world)
{
	struct timespec t;
	char *path = path_join(world->dir, "clock");
	clock_gettime(CLOCK_REALTIME, &t);
	world->wall = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + AHEAD_MS;
	world->mono = 1000000;
	world->clock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	write_clock(world);
	add_env(world, "CURLEW_TEST_CLOCK", path);
	free(path);
}

struct world *world_new(void **state, const struct world_options *options)
{
	char dir[] = "/tmp/curlew-e2e-XXXXXX";
	const char *const args[] = {"--limit", "0", "--kind", str_or(options->kind, "mastodon"),
	        options->three_networks ? "--divided" : NULL, NULL};
	struct world *world = mem_alloc(sizeof *world);
	*state = world;
	*world = (struct world){.clock_fd = -1, .hook.fd = -1, .net.pid = -1};
	assert_non_null(mkdtemp(dir));
	world->dir = mem_strdup(dir);
	world->config = path_join(dir, "curlew.conf");
	world->store = path_join(dir, "data/curlew/desk.db");
	snprintf(world->team_file, sizeof world->team_file, "%s/delivery.jsonl", dir);
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* couriers that detach become our children */
	make_env(world, options);
	if (!options->real_time)
		make_clock(world);
	assert_int_equal(hook_listener_open(&world->hook), 0);
	assert_int_equal(fakenet_start(&world->net, args), 0);
	world_control(world, "rate", "{\"per_minute\":0,\"answers\":false}");
	write_config(world, options);
	write_credentials(world, options);
	return world;
}

/* --- unmaking it */

static bool reaped(pid_t pid, int timeout_ms)
{
	int64_t end = world_real_ms() + timeout_ms;
	do {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return true;
		poll(NULL, 0, PUMP_MS);
	} while (world_real_ms() < end);
	return false;
}

/* Our own children that are left, couriers that detached among them. They get their chance to end in order. */
static void end_children(void)
{
	char path[64];
	struct err err = ERR_INIT;
	struct str pids = STR_INIT;
	snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
	file_read(path, &pids, &err);
	char *rest = NULL;
	for (char *word = strtok_r(pids.p, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
		int64_t pid;
		if (!parse_i64(word, &pid) || pid <= 1)
			continue;
		kill((pid_t)pid, SIGTERM);
		if (!reaped((pid_t)pid, SCREEN_PATIENCE_MS)) {
			fprintf(stderr, "process %s did not end when it was asked to\n", word);
			kill((pid_t)pid, SIGKILL);
			waitpid((pid_t)pid, NULL, 0);
		}
	}
	if (pids.len)
		str_release(&pids);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info;
	(void)kind;
	(void)place;
	return remove(path);
}

/* The courier's log says why a test that failed did. */
static void show_log(const struct world *world)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	char *path = path_join(world->dir, "state/curlew/curlewd.log");
	if (file_read(path, &text, &err) == 0)
		fprintf(stderr, "%s:\n%s", path, text.p);
	str_release(&text);
	free(path);
}

int world_teardown(void **state)
{
	struct world *world = *state;
	if (!world)
		return 0;
	for (size_t i = 0; i < WORLD_DESKS; i++)
		screen_free(world->desks[i]);
	if (getenv("CURLEW_TEST_LOG"))
		show_log(world);
	fakenet_stop(&world->net);
	end_children();
	hook_listener_close(&world->hook);
	if (world->clock_fd >= 0)
		close(world->clock_fd);
	if (!getenv("CURLEW_TEST_KEEP"))
		nftw(world->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; world->env[i]; i++)
		free(world->env[i]);
	free(world->dir);
	free(world->config);
	free(world->store);
	free(world);
	*state = NULL;
	return 0;
}

/* --- programs */

struct screen *world_desk_start(struct world *world, const char *agent, int rows, int cols, const char *const *args)
{
	size_t slot = 0, n = 0;
	while (slot < WORLD_DESKS && world->desks[slot])
		slot++;
	assert_true(slot < WORLD_DESKS);
	char *program = world_program("curlew");
	const char *argv[WORDS_MAX] = {program, "-c", world->config, "-a", agent};
	for (n = 5; args && *args && n + 1 < WORDS_MAX; n++)
		argv[n] = *args++;
	struct screen_options options = {
	        .argv = argv, .env = (const char *const *)world->env, .dir = world->dir, .rows = rows, .cols = cols};
	world->desks[slot] = screen_start(&options);
	free(program);
	assert_non_null(world->desks[slot]);
	return world->desks[slot];
}

struct screen *world_desk(struct world *world, const char *agent)
{
	struct screen *desk = world_desk_start(world, agent, 0, 0, NULL);
	screen_expect(desk, agent);
	screen_expect(desk, "● acme");
	return desk;
}

void world_desk_close(struct world *world, struct screen *desk)
{
	for (size_t i = 0; i < WORLD_DESKS; i++)
		if (world->desks[i] == desk)
			world->desks[i] = NULL;
	screen_free(desk);
}

void world_run(struct world *world, struct run_result *result, ...)
{
	char *program = world_program("curlew");
	const char *argv[WORDS_MAX] = {program, "-c", world->config};
	size_t n = 3;
	va_list words;
	va_start(words, result);
	for (const char *word; (word = va_arg(words, const char *)) && n + 1 < WORDS_MAX;)
		argv[n++] = word;
	va_end(words);
	run_program(argv, (const char *const *)world->env, NULL, RUN_MS, result);
	free(program);
}

pid_t world_courier(struct world *world)
{
	struct courier_holder holder = {0};
	return courier_lock_holder(world->store, &holder) ? (pid_t)holder.pid : 0;
}

static bool courier_runs(void *arg)
{
	return world_courier(arg) > 0;
}

static bool no_courier_runs(void *arg)
{
	return !courier_runs(arg);
}

bool world_wait_courier(struct world *world, bool running)
{
	return world_until(world, running ? courier_runs : no_courier_runs, world);
}

/* --- time */

void world_advance(struct world *world, int64_t ms)
{
	assert_true(world->clock_fd >= 0);
	world->wall += ms;
	world->mono += ms;
	write_clock(world);
}

static bool until(struct world *world, screen_condition *condition, void *arg, int timeout_ms)
{
	int64_t end = world_real_ms() + timeout_ms;
	while (!condition(arg)) {
		bool any = false;
		if (world_real_ms() >= end)
			return false;
		for (size_t i = 0; i < WORLD_DESKS; i++) {
			if (world->desks[i])
				screen_pump(world->desks[i], PUMP_MS);
			any |= world->desks[i] != NULL;
		}
		if (!any)
			poll(NULL, 0, PUMP_MS);
	}
	return true;
}

bool world_until(struct world *world, screen_condition *condition, void *arg)
{
	return until(world, condition, arg, SCREEN_PATIENCE_MS);
}

static void expect(struct world *world, bool held, const char *what, const char *file, int line)
{
	if (held)
		return;
	for (size_t i = 0; i < WORLD_DESKS; i++)
		if (world->desks[i])
			screen_dump(world->desks[i]);
	show_log(world);
	fprintf(stderr, "expected: %s\n", what);
	_fail(file, line);
}

void world_expect_at(
        struct world *world, screen_condition *condition, void *arg, const char *what, const char *file, int line)
{
	expect(world, world_until(world, condition, arg), what, file, line);
}

void world_expect_soon_at(
        struct world *world, screen_condition *condition, void *arg, const char *what, const char *file, int line)
{
	for (int second = 0; second < SOON_S && !until(world, condition, arg, STEP_MS); second++)
		world_advance(world, 1000);
	expect(world, world_until(world, condition, arg), what, file, line);
}

struct wanted_text {
	struct screen *desk;
	const char *text;
};

static bool text_stands(void *arg)
{
	const struct wanted_text *wanted = arg;
	return screen_contains(wanted->desk, wanted->text);
}

void world_expect_text_soon_at(struct world *world, struct screen *desk, const char *text, const char *file, int line)
{
	world_expect_soon_at(world, text_stands, &(struct wanted_text){desk, text}, text, file, line);
}

/* --- the network */

void world_control(struct world *world, const char *name, const char *json_text)
{
	json *answer = fakenet_control(&world->net, name, json_text);
	assert_non_null(answer);
	json_free(answer);
}

void world_post(struct world *world, const char *from, const char *text, const char *reply_to, char id[32])
{
	struct str body = STR_INIT;
	json *post = json_object();
	json_set_str(post, "from", from);
	json_set_str(post, "text", text);
	if (reply_to)
		json_set_str(post, "reply_to", reply_to);
	json_print(post, &body);
	json *status = fakenet_control(&world->net, "post", body.p);
	assert_non_null(status);
	if (id)
		str_copy(id, 32, json_str_or(status, "id", ""));
	json_free(status);
	json_free(post);
	str_release(&body);
}

static bool holds(const json *status, const char *text)
{
	return !json_bool(status, "deleted", false) && strstr(json_str_or(status, "text", ""), text);
}

int world_sent(struct world *world, const char *text)
{
	int count = 0;
	json *state = fakenet_control(&world->net, "state", NULL);
	for (const json *i = json_first(json_get(state, "brand")); i; i = json_next(i))
		count += holds(i, text);
	json_free(state);
	return count;
}

json *world_sent_status(struct world *world, const char *text)
{
	json *state = fakenet_control(&world->net, "state", NULL), *found = NULL;
	for (const json *i = json_first(json_get(state, "brand")); i; i = json_next(i)) {
		if (!holds(i, text))
			continue;
		struct str copy = STR_INIT;
		json_print(i, &copy);
		json_free(found);
		found = json_parse(copy.p, copy.len, NULL);
		str_release(&copy);
	}
	json_free(state);
	return found;
}

struct sent {
	struct world *world;
	const char *text;
	int count;
};

static bool is_sent(void *arg)
{
	struct sent *sent = arg;
	return world_sent(sent->world, sent->text) >= sent->count;
}

void world_expect_sent(struct world *world, const char *text, int count)
{
	struct sent sent = {world, text, count};
	if (world->clock_fd >= 0)
		world_expect_soon(world, is_sent, &sent);
	else
		world_expect(world, is_sent, &sent);
	assert_int_equal(world_sent(world, text), count);
}

/* --- the store, through the command line */

int world_shown(struct world *world, const char *kase, const char *kind, const char *text)
{
	int count = 0;
	struct run_result result;
	world_run(world, &result, "show", kase, "--json", NULL);
	char *rest = NULL;
	for (char *line = strtok_r(result.out.p, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		json *row = json_parse(line, strlen(line), NULL);
		count += str_eq(json_str(row, "kind"), kind) && strstr(line, text);
		json_free(row);
	}
	run_result_release(&result);
	return count;
}

/* The row of `query` whose `field` is this; NULL when there is none. The caller frees. */
static json *find_row(struct world *world, const char *field, const char *value)
{
	struct run_result result;
	json *found = NULL;
	world_run(world, &result, "query", "", "--json", NULL);
	char *rest = NULL;
	for (char *line = strtok_r(result.out.p, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		json *row = json_parse(line, strlen(line), NULL);
		char number[32];
		snprintf(number, sizeof number, "%lld", (long long)json_int(row, field, 0));
		const char *text = json_str_or(row, field, number);
		if (!found && str_eq(text, value))
			found = row;
		else
			json_free(row);
	}
	run_result_release(&result);
	return found;
}

struct wanted {
	struct world *world;
	const char *key, *id, *field, *value;
	char *found;
};

static bool case_found(void *arg)
{
	struct wanted *wanted = arg;
	json *row = find_row(wanted->world, "handle", wanted->value);
	if (!row)
		return false;
	struct str id = STR_INIT;
	str_addf(&id, "%lld", (long long)json_int(row, "id", 0));
	wanted->found = str_detach(&id);
	json_free(row);
	return true;
}

void world_case_of(struct world *world, const char *handle, char id[32])
{
	struct wanted wanted = {.world = world, .value = handle};
	world_expect(world, case_found, &wanted);
	str_copy(id, 32, wanted.found);
	free(wanted.found);
}

char *world_case_field(struct world *world, const char *id, const char *field)
{
	json *row = find_row(world, "id", id);
	struct str value = STR_INIT;
	const json *member = json_get(row, field);
	if (member && json_text(member))
		str_adds(&value, json_text(member));
	else if (member)
		json_print(member, &value);
	json_free(row);
	return str_detach(&value);
}

static bool field_is(void *arg)
{
	struct wanted *wanted = arg;
	free(wanted->found);
	wanted->found = world_case_field(wanted->world, wanted->id, wanted->field);
	return str_eq(wanted->found, wanted->value);
}

void world_expect_case_at(
        struct world *world, const char *id, const char *field, const char *value, const char *file, int line)
{
	struct wanted wanted = {.world = world, .id = id, .field = field, .value = value};
	bool held = world_until(world, field_is, &wanted);
	if (!held)
		fprintf(stderr, "case %s: %s is %s, expected %s\n", id, field, wanted.found, value);
	free(wanted.found);
	if (!held)
		_fail(file, line);
}
