/* What the kernel knows of the running programs, what they start is given, and where their secrets are: nowhere. */
#include "tests/e2e/e2e.h"

#include "core/base/confine.h"
#include "core/base/mem.h"
#include "core/base/paths.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

/* --- /proc */

/* The whole file, which may hold NULs; empty when the process is gone or not ours to look at. */
static struct str proc_file(long pid, const char *name)
{
	struct str path = STR_INIT, bytes = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "/proc/%ld/%s", pid, name);
	file_read(path.p, &bytes, &err);
	str_release(&path);
	return bytes;
}

/* The number after "Key:" in /proc/PID/status, -1 for none. */
static long status_of(long pid, const char *key)
{
	struct str status = proc_file(pid, "status");
	const char *at = strstr(status.p, key);
	long number = at ? strtol(at + strlen(key), NULL, 10) : -1;
	str_release(&status);
	return number;
}

static long child_of(long parent)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	long found = -1;
	while (proc && found < 0 && (entry = readdir(proc))) {
		long pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0 && status_of(pid, "\nPPid:") == parent)
			found = pid;
	}
	if (proc)
		closedir(proc);
	return found;
}

static void desk_and_courier_are_confined_and_what_starts_programs_is_not(void **state)
{
	struct confine_facts facts;
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	screen_expect(desk, SAYS_LIVE);
	long pid = screen_pid(desk), spawner = child_of(pid), courier = world_courier(world);
	confine_facts(&facts);
	long filtered = facts.filter ? 2 : 0;
	assert_true(pid > 0 && spawner > 0 && courier > 0);
	assert_int_equal(status_of(pid, "NoNewPrivs:"), 1);
	assert_int_equal(status_of(pid, "Seccomp:"), filtered);
	assert_int_equal(status_of(spawner, "NoNewPrivs:"), 0);
	assert_int_equal(status_of(spawner, "Seccomp:"), 0);
	assert_int_equal(status_of(courier, "NoNewPrivs:"), 1);
	assert_int_equal(status_of(courier, "Seccomp:"), filtered);
}

static void a_courier_that_sends_mail_may_gain_what_mailers_need(void **state)
{
	struct world *world = world_new(
	        state, &(struct world_options){.more = "[team legal]\nescalate = mail legal@ferry.example\n"});
	struct screen *desk = world_desk(world, "alice");
	screen_expect(desk, SAYS_LIVE);
	assert_int_equal(status_of(world_courier(world), "NoNewPrivs:"), 0);
}

/* --- what is started */

static void add_env(struct world *world, const char *line)
{
	size_t n = 0;
	while (world->env[n])
		n++;
	assert_true(n + 1 < sizeof world->env / sizeof *world->env);
	world->env[n] = mem_strdup(line);
}

/* A script that writes down what it was given, and a text into the file of its first argument, if there is one. */
static void write_script(const struct world *world, const char *name, char path[256])
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	snprintf(path, 256, "%s/%s", world->dir, name);
	str_addf(&text,
	        "#!/bin/sh\nexport -p > %s.env\nls /proc/self/fd | tr '\\n' ' ' > %s.fds\n"
	        "test -z \"$1\" || echo 'by the editor' > \"$1\"\n",
	        path, path);
	assert_int_equal(file_write_atomic(path, text.p, text.len, 0700, &err), 0);
	str_release(&text);
}

static char *given(const char *script, const char *what)
{
	struct str path = STR_INIT, text = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "%s.%s", script, what);
	file_read(path.p, &text, &err);
	str_release(&path);
	return str_detach(&text);
}

static bool has_given(void *arg)
{
	char *fds = given(arg, "fds");
	bool has = *fds != '\0';
	free(fds);
	return has;
}

/* ls itself has one more, of the directory. */
static void assert_clean(const char *script)
{
	char *env = given(script, "env"), *fds = given(script, "fds");
	assert_non_null(strstr(env, "HOME="));
	assert_null(strstr(env, "KEPT_FROM_THEM"));
	assert_string_equal(fds, "0 1 2 3 ");
	free(env);
	free(fds);
}

static void escalate_by_script(struct world *world, const char *kase, const char *script)
{
	struct run_result result;
	world_run(world, &result, "do", kase, "escalate", "audit", "look", NULL);
	assert_int_equal(result.status, 0);
	run_result_release(&result);
	world_expect(world, has_given, (void *)script);
}

/* A world with a team "audit" whose command is the script. */
static struct world *audited(void **state, char script[256], const char *token)
{
	struct str more = STR_INIT;
	struct err err = ERR_INIT;
	struct world *world = world_new(state, &(struct world_options){.token = token});
	write_script(world, "hook", script);
	file_read(world->config, &more, &err);
	str_addf(&more, "\n[team audit]\nescalate = command %s\n", script);
	assert_int_equal(file_write_atomic(world->config, more.p, more.len, 0600, &err), 0);
	str_release(&more);
	add_env(world, "KEPT_FROM_THEM=canary");
	return world;
}

static void editor_and_hooks_have_no_descriptor_and_no_variable_of_ours(void **state)
{
	char hook[256], editor[256], visual[300], kase[32];
	struct world *world = audited(state, hook, NULL);
	write_script(world, "editor", editor);
	snprintf(visual, sizeof visual, "VISUAL=%s", editor);
	add_env(world, visual);
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme where is it", (char[32]){0}, kase);
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, "\017"); /* ^O */
	screen_expect(desk, "by the editor");
	assert_clean(editor);
	escalate_by_script(world, kase, hook);
	assert_clean(hook);
}

/* --- where a token is not */

static const char *const canaries[] = {FAKENET_TOKEN, WORLD_SECRET};

static void assert_holds_none(const char *where, const char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof canaries / sizeof *canaries; i++)
		for (size_t at = 0; at + strlen(canaries[i]) <= len; at++)
			if (memcmp(bytes + at, canaries[i], strlen(canaries[i])) == 0)
				fail_msg("%s holds %s", where, canaries[i]);
}

static int look_into(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	(void)place;
	if (kind != FTW_F || !S_ISREG(facts->st_mode) || str_ends(path, "/credentials.conf"))
		return 0;
	assert_int_equal(file_read(path, &bytes, &err), 0);
	assert_holds_none(path, bytes.p, bytes.len);
	str_release(&bytes);
	return 0;
}

/* Of every process in this world, by its HOME; into the environment of desk and courier root alone can look. */
static void look_at_processes(struct world *world, const struct screen *desk)
{
	const long closed[] = {world_courier(world), screen_pid(desk)};
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int seen = 0;
	while (proc && (entry = readdir(proc))) {
		long pid = strtol(entry->d_name, NULL, 10);
		struct str env = proc_file(pid, "environ"), args = proc_file(pid, "cmdline");
		bool hidden = !env.len && (pid == closed[0] || pid == closed[1]);
		if (pid > 0 && (hidden || (env.len && memmem(env.p, env.len, world->dir, strlen(world->dir))))) {
			seen++;
			assert_holds_none("an environment", env.p, env.len);
			assert_holds_none("a command line", args.p, args.len);
		}
		str_release(&env);
		str_release(&args);
	}
	if (proc)
		closedir(proc);
	assert_true(seen >= (geteuid() ? 2 : 3));
}

static void assert_no_core(long pid)
{
	struct str limits = proc_file(pid, "limits");
	const char *core = strstr(limits.p, "Max core file size");
	assert_non_null(core);
	assert_int_equal(strtol(core + strlen("Max core file size"), NULL, 10), 0);
	str_release(&limits);
}

static void run_and_look(struct world *world, int status, const char *says, const char *word, const char *arg)
{
	struct run_result result;
	world_run(world, &result, word, arg, NULL);
	assert_int_equal(result.status, status);
	assert_holds_none(word, result.out.p, result.out.len);
	assert_holds_none(word, result.err.p, result.err.len);
	if (!strstr(result.out.p, says) && !strstr(result.err.p, says))
		fail_msg("%s says %s%s", word, result.out.p, result.err.p);
	run_result_release(&result);
}

/* The server answers every request with the token, in the words of its refusal. */
static void a_token_that_the_server_says_back_is_nowhere(void **state)
{
	char hook[256], kase[32], recording[256];
	struct hook_request request;
	struct world *world = audited(state, hook, NULL);
	snprintf(recording, sizeof recording, "%s/recording", world->dir);
	struct screen *desk = world_desk_start(
	        world, "alice", 0, 0, (const char *const[]){"--record", recording, "--record-plain", NULL});
	screen_expect(desk, SAYS_LIVE);
	mention(world, desk, "swift", "@acme where is it", (char[32]){0}, kase);
	look_at_processes(world, desk);
	assert_no_core(world_courier(world));
	escalate_by_script(world, kase, hook);
	world_control(world, "fault", "{\"match\":\"*\",\"times\":-1,\"kind\":\"echo\"}");
	run_and_look(world, 1, "not accepted: Bearer [secret]", "check", NULL);
	run_and_look(world, 77, "the application could not be registered", "login", "acme");
	run_and_look(world, 0, "", "query", "");
	struct run_result result;
	world_run(world, &result, "do", kase, "reply", "--send", "on its way", NULL);
	assert_int_equal(result.status, 0);
	run_result_release(&result);
	world_run(world, &result, "do", kase, "escalate", "billing", "broken", NULL);
	assert_int_equal(result.status, 0);
	run_result_release(&result);
	assert_true(hook_listener_take(&world->hook, 500, SCREEN_PATIENCE_MS, &request));
	assert_holds_none("a webhook", request.body.p, request.body.len);
	hook_request_release(&request);
	world_expect_text_soon(world, desk, "acme needs login");
	kill(screen_pid(desk), SIGTERM);
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	assert_int_equal(nftw(world->dir, look_into, 8, FTW_PHYS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(desk_and_courier_are_confined_and_what_starts_programs_is_not),
	        E2E(a_courier_that_sends_mail_may_gain_what_mailers_need),
	        E2E(editor_and_hooks_have_no_descriptor_and_no_variable_of_ours),
	        E2E(a_token_that_the_server_says_back_is_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
