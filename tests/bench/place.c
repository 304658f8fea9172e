#include "tests/bench/place.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/store/lock.h"
#include "core/store/store.h"
#include "tests/lib/run_program.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILL_MS = 20 * 60 * 1000, RUN_MS = 60000, WAIT_MS = 30000, LOOK_MS = 5 };

_Noreturn void place_fail(const char *fmt, ...)
{
	va_list ap;
	fputs("bench: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static char *joined(const char *dir, const char *name)
{
	struct str path = STR_INIT;
	str_addf(&path, "%s/%s", dir, name);
	return str_detach(&path);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	struct err err = ERR_INIT;
	char *path = joined(dir, name);
	if (file_write_atomic(path, text, strlen(text), 0600, &err))
		place_fail("%s", err.text);
	free(path);
}

static void run(struct place *place, const char *const *argv, int timeout_ms)
{
	struct run_result result;
	run_program(argv, (const char *const *)place->env, NULL, timeout_ms, &result);
	if (result.status)
		place_fail("%s %s: status %d: %s", argv[0], argv[1], result.status, result.err.p);
	run_result_release(&result);
}

/* --- making it */

static void set_variable(struct place *place, const char *name, const char *value)
{
	struct str line = STR_INIT;
	size_t n = 0;
	while (place->env[n])
		n++;
	str_addf(&line, "%s=%s", name, value);
	place->env[n] = str_detach(&line);
}

static void make_env(struct place *place)
{
	set_variable(place, "PATH", "/usr/bin:/bin");
	set_variable(place, "HOME", place->home);
	set_variable(place, "TERM", "xterm-256color");
	set_variable(place, "LC_ALL", "C.UTF-8");
	set_variable(place, "XDG_CONFIG_HOME", place->home);
	set_variable(place, "XDG_DATA_HOME", place->home);
	set_variable(place, "XDG_STATE_HOME", place->home);
	set_variable(place, "XDG_RUNTIME_DIR", place->home);
}

/* Those that a desk has without configuration, and one in which our own mentions are alone. */
static const char views[] = "[view needs reply]\nquery = is:needs-reply\nkey = i\n"
                            "[view mine]\nquery = assignee:me is:unresolved\nkey = m\n"
                            "[view escalated]\nquery = is:escalated\nkey = e\n"
                            "[view snoozed]\nquery = is:snoozed\nkey = z\n"
                            "[view done]\nquery = is:done\nkey = d\n"
                            "[view outbox]\nquery = is:outbox\nkey = o\n"
                            "[view bench]\nquery = from:bench\nkey = b\n";

static void write_config(struct place *place)
{
	struct str text = STR_INIT;
	str_addf(&text,
	        "[desk]\nagent = alice\nstore = sqlite:desk.db\nfirst_reply = 20m\n\n[account acme]\n"
	        "network = mastodon\nserver = %s\nhandle = @acme\n\n",
	        place->load.pid ? place->load.url : place->net.url);
	str_adds(&text, views);
	write_file(place->home, "curlew.conf", text.p);
	write_file(place->home, "credentials.conf", "[account acme]\ntoken = " FAKENET_TOKEN "\n");
	str_release(&text);
	place->config = joined(place->home, "curlew.conf");
}

/* A store that was filled before its schema was last compiled may have another one. */
static bool is_filled(const struct place *place, const char *done)
{
	char *schema = joined(place->build, "core/store/schema.o");
	struct stat filled, compiled;
	bool is = stat(done, &filled) == 0 && stat(schema, &compiled) == 0 && filled.st_mtime >= compiled.st_mtime;
	free(schema);
	return is;
}

static void remove_tree(struct place *place, const char *path)
{
	const char *argv[] = {"/bin/rm", "-rf", path, NULL};
	run(place, argv, RUN_MS);
}

/* A filled store that is kept in BUILD/bench. */
static char *kept_store(struct place *place, const char *cases)
{
	struct err err = ERR_INIT;
	struct str dir = STR_INIT;
	str_addf(&dir, "%s/bench/%s", place->build, cases);
	char *done = joined(dir.p, "filled"), *store = joined(dir.p, "desk.db"), *fill = joined(place->build, "fill");
	if (!is_filled(place, done)) {
		const char *argv[] = {fill, store, cases, NULL};
		fprintf(stderr, "bench: a store of %s cases is made, once\n", cases);
		remove_tree(place, dir.p);
		if (path_make_dirs(dir.p, 0700, &err))
			place_fail("%s", err.text);
		run(place, argv, FILL_MS);
		write_file(dir.p, "filled", "");
	}
	free(done);
	free(fill);
	str_release(&dir);
	return store;
}

/* Always a copy: what one run adds, the next one's network would repeat, and the courier would know it already. */
static void make_store(struct place *place, int64_t cases)
{
	struct err err = ERR_INIT;
	char number[24], *dir = joined(place->home, "curlew");
	snprintf(number, sizeof number, "%lld", (long long)cases);
	place->store = joined(dir, "desk.db");
	if (path_make_dirs(dir, 0700, &err))
		place_fail("%s", err.text);
	if (cases) {
		char *kept = kept_store(place, number);
		const char *argv[] = {"/bin/cp", "--reflink=auto", "--preserve=mode", kept, place->store, NULL};
		run(place, argv, RUN_MS);
		free(kept);
	}
	free(dir);
}

static void start_network(struct place *place)
{
	static const char *const unlimited[] = {"--limit", "0", NULL};
	if (fakenet_start(&place->net, unlimited))
		place_fail("the network does not start");
	place_control(place, "rate", "{\"per_minute\":0,\"answers\":false}");
}

void place_init(struct place *place, const char *build, int64_t cases, bool load)
{
	struct err err = ERR_INIT;
	struct str home = STR_INIT;
	*place = (struct place){.build = mem_strdup(build)};
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* couriers that detach become our children */
	str_addf(&home, "%s/bench/run", build);
	place->home = str_detach(&home);
	make_env(place);
	remove_tree(place, place->home);
	if (path_make_dirs(place->home, 0700, &err))
		place_fail("%s", err.text);
	make_store(place, cases);
	if (load)
		load_start(&place->load);
	else
		start_network(place);
	write_config(place);
}

void place_release(struct place *place)
{
	place_end_courier(place);
	if (place->load.pid)
		load_stop(&place->load);
	else
		fakenet_stop(&place->net);
	remove_tree(place, place->home);
	for (size_t i = 0; place->env[i]; i++)
		free(place->env[i]);
	free(place->build);
	free(place->home);
	free(place->config);
	free(place->store);
}

/* --- programs */

pid_t place_courier_pid(const struct place *place)
{
	struct courier_holder holder = {0};
	return courier_lock_holder(place->store, &holder) ? (pid_t)holder.pid : 0;
}

void place_end_courier(struct place *place)
{
	pid_t pid = place_courier_pid(place);
	if (pid > 1) {
		kill(pid, SIGTERM);
		for (int waited = 0; place_courier_pid(place) == pid; waited += LOOK_MS) {
			if (waited > WAIT_MS)
				place_fail("the courier does not end");
			poll(NULL, 0, LOOK_MS);
		}
		while (waitpid(pid, NULL, WNOHANG) == 0)
			poll(NULL, 0, LOOK_MS);
	}
	place->courier = 0;
}

static bool is_live(struct place *place)
{
	if (place->load.pid)
		return load_state(&place->load).streams > 0;
	json *state = fakenet_control(&place->net, "state", NULL);
	bool live = json_int(state, "streams", 0) > 0;
	json_free(state);
	return live;
}

void place_courier(struct place *place)
{
	char *program = joined(place->build, "curlewd");
	place->courier = fork();
	if (place->courier == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		const char *argv[] = {program, "-c", place->config, "--foreground", NULL};
		if (freopen("/dev/null", "w", stderr))
			execve(program, (char *const *)argv, place->env);
		_exit(127);
	}
	free(program);
	for (int waited = 0; !is_live(place); waited += LOOK_MS) {
		if (waited > WAIT_MS)
			place_fail("the courier does not connect");
		poll(NULL, 0, LOOK_MS);
	}
}

struct screen *place_desk(struct place *place, int rows, int cols, const char *view)
{
	char *program = joined(place->build, "curlew"), agent[48];
	snprintf(agent, sizeof agent, "agent-%ld-%d", (long)getpid(), place->agents++);
	const char *desk_argv[] = {program, "-c", place->config, "-a", agent, view, NULL}, *argv[16];
	size_t n = 0;
	for (const char *const *word = place->line; word && *word; word++)
		argv[n++] = *word;
	memcpy(argv + n, desk_argv, sizeof desk_argv);
	struct screen_options options = {
	        .argv = argv, .env = (const char *const *)place->env, .dir = place->home, .rows = rows, .cols = cols};
	struct screen *desk = screen_start(&options);
	free(program);
	if (!desk)
		place_fail("there is no pseudo-terminal");
	return desk;
}

void place_run(struct place *place, const char *command, const char *argument)
{
	char *program = joined(place->build, "curlew");
	const char *argv[] = {program, "-c", place->config, command, argument, NULL};
	run(place, argv, RUN_MS);
	free(program);
}

char *place_output(const char *const *argv)
{
	struct run_result result;
	static const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
	run_program(argv, env, NULL, RUN_MS, &result);
	if (result.status)
		place_fail("%s %s: status %d: %s", argv[0], argv[1], result.status, result.err.p);
	char *out = str_detach(&result.out);
	run_result_release(&result);
	return out;
}

/* --- the network and the store */

void place_control(struct place *place, const char *name, const char *json_text)
{
	json *answer = fakenet_control(&place->net, name, json_text);
	if (!answer)
		place_fail("the network refuses %s %s", name, json_text);
	json_free(answer);
}

void place_post(struct place *place, const char *text, char id[32])
{
	struct str body = STR_INIT;
	str_addf(&body, "{\"from\":\"bench\",\"text\":\"@acme %s\"}", text);
	json *status = fakenet_control(&place->net, "post", body.p);
	if (!status)
		place_fail("the network refuses a post");
	str_copy(id, 32, json_str_or(status, "id", ""));
	json_free(status);
	str_release(&body);
}

bool place_knows(struct place *place, const char *status_id)
{
	struct str uri = STR_INIT;
	struct err err = ERR_INIT;
	struct store *store;
	str_addf(&uri, "sqlite:%s", place->store);
	if (store_open(uri.p, STORE_READ, &store, &err))
		place_fail("%s", err.text);
	bool knows = store_knows_post(store, 1, status_id);
	store_close(store);
	str_release(&uri);
	return knows;
}
