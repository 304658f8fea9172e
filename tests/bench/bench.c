/* bench [--check] BUILD [GROUP...]: measures the real programs of a build, on this machine, and prints what it finds
 * beside what limits.def asks for; the same goes to BUILD/bench.json and, as a table, to BUILD/bench.md. Groups: those
 * of the table below; without any, all of them. With --check it fails when something that no machine changes is more
 * than it may be. Run it from the top of the tree. */
#include "core/base/str.h"
#include "tests/bench/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t sizes[] = {0, 10000, 1000000};
enum { SIZES = sizeof sizes / sizeof *sizes };

static const struct group {
	const char *name;
	void (*run)(struct place *place, int64_t cases);
	bool sizes[SIZES]; /* at which of the sizes */
	bool load;         /* in a place of its own, on the server that floods */
} groups[] = {
        {"counts", bench_counts, {true, false, false}, false},
        {"installed", bench_installed, {true, false, false}, false},
        {"start", bench_start, {true, true, true}, false},
        {"memory", bench_memory, {true, false, true}, false},
        {"latency", bench_latency, {true, false, true}, false},
        {"leave", bench_leave, {false, true, false}, false},
        {"idle", bench_idle, {false, true, false}, false},
        {"bytes", bench_bytes, {false, false, true}, false},
        {"query", bench_query, {false, true, true}, false},
        {"stream", bench_stream, {false, true, false}, true},
        {"crowd", bench_crowd, {true, false, false}, true},
        {"ingest", bench_ingest, {true, false, false}, true},
        {"courier", bench_courier, {true, false, false}, true},
};
enum { GROUPS = sizeof groups / sizeof *groups };

static bool is_asked(const struct group *group, size_t size, char **names)
{
	for (char **asked = names; *asked; asked++)
		if (str_eq(*asked, group->name))
			return group->sizes[size];
	return !*names && group->sizes[size];
}

static void run_group(struct place *place, const struct group *group, size_t size)
{
	if (group->run != bench_start && !place_courier_pid(place))
		place_courier(place);
	group->run(place, sizes[size]);
}

/* Those on the network of ours share a place. */
static void bench_size(const char *build, size_t size, char **names)
{
	struct place place;
	bool open = false;
	for (const struct group *group = groups; group < groups + GROUPS; group++) {
		if (!is_asked(group, size, names))
			continue;
		if (open && group->load) {
			place_release(&place);
			open = false;
		}
		if (!open)
			place_init(&place, build, sizes[size], group->load);
		open = true;
		run_group(&place, group, size);
		if (group->load) {
			place_release(&place);
			open = false;
		}
	}
	if (open)
		place_release(&place);
}

static void check_names(char **names)
{
	for (; *names; names++) {
		bool known = false;
		for (size_t i = 0; i < GROUPS; i++)
			known |= str_eq(groups[i].name, *names);
		if (!known)
			place_fail("there is no group %s", *names);
	}
}

int main(int argc, char **argv)
{
	bool checks = argc > 1 && str_eq(argv[1], "--check");
	argv += checks;
	if (argc - checks < 2) {
		fprintf(stderr, "usage: bench [--check] BUILD [GROUP...]\n");
		return 64;
	}
	check_names(argv + 2);
	char *build = realpath(argv[1], NULL);
	if (!build)
		place_fail("there is no %s", argv[1]);
	for (size_t size = 0; size < SIZES; size++)
		bench_size(build, size, argv + 2);
	struct str stem = STR_INIT;
	str_addf(&stem, "%s/bench", build);
	int missed = results_write(stem.p);
	str_release(&stem);
	free(build);
	return checks && missed ? 1 : 0;
}
