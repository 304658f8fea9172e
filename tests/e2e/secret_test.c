/* What the kernel knows of the running programs. */
#include "tests/e2e/e2e.h"

#include "core/base/confine.h"
#include "core/base/paths.h"

#include <dirent.h>
#include <stdio.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(desk_and_courier_are_confined_and_what_starts_programs_is_not),
	        E2E(a_courier_that_sends_mail_may_gain_what_mailers_need),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
