/* count WORK                  does the work once and prints what was counted
 * count --check BASELINE DIR  does all of it, under callgrind, and compares with the numbers that are kept
 * count --write BASELINE DIR  ... and keeps them
 *
 * Instructions may grow by 5 % against the baseline, as long as the compiler is the one it was made with; bytes and
 * allocations have limits of their own in limits.def. The output of valgrind goes to DIR. */
#include "tests/bench/count/count.h"

#include "core/base/clock.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "tests/bench/limits.h"
#include "tests/lib/run_program.h"

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALGRIND_MS = 120000, NUMBERS_MAX = 64, PERCENT_MORE = 5 };

static const struct work {
	const char *name;
	count_fn *run;
	bool each; /* instructions and allocations are counted */
} works[] = {
        {"decode", count_decode, true},
        {"ingest", count_ingest, true},
        {"update", count_update, true},
        {"draw", count_draw, true},
        {"long", count_long, true},
        {"bytes", count_bytes, false},
};
enum { WORKS = sizeof works / sizeof *works };

void count_fail(const char *why)
{
	fprintf(stderr, "count: %s\n", why);
	exit(1);
}

/* --- a clock that stands */

int64_t count_wall_ms = INT64_C(1790000000000);

int64_t clock_wall_ms(void)
{
	return count_wall_ms;
}

int64_t clock_mono_ms(void)
{
	return 1000000;
}

int clock_change_fd(void)
{
	return -1;
}

void clock_change_clear(void)
{
}

/* --- the heap: what libraries ask for is counted, too */

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c): the names that glibc gives its own (malloc/malloc.c) */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c) */

static int64_t allocations;
static bool counting;

void *malloc(size_t size)
{
	allocations += counting;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations += counting;
	return __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	allocations += counting;
	return __libc_realloc(p, size);
}

/* --- one work */

/* Callgrind collects while this runs, by its name. */
void counted(void (*run)(void *arg), void *arg)
{
	counting = true;
	run(arg);
	counting = false;
}

void count_tell(const char *name, int64_t value)
{
	printf("%s %" PRId64 "\n", name, value);
}

static int run_work(const char *name)
{
	for (size_t i = 0; i < WORKS; i++) {
		if (!str_eq(works[i].name, name))
			continue;
		int64_t units = works[i].run();
		if (works[i].each)
			printf("units %" PRId64 "\n%s-allocations %" PRId64 "\n", units, name, allocations / units);
		return 0;
	}
	fprintf(stderr, "count: there is no work %s\n", name);
	return 64;
}

/* --- all of it */

struct number {
	char name[48];
	int64_t value;
};

struct numbers {
	struct number at[NUMBERS_MAX];
	int len;
};

static void add_number(struct numbers *numbers, const char *name, int64_t value)
{
	if (numbers->len == NUMBERS_MAX)
		count_fail("too many numbers");
	struct number *number = &numbers->at[numbers->len++];
	str_copy(number->name, sizeof number->name, name);
	number->value = value;
}

static const struct number *find(const struct numbers *numbers, const char *name)
{
	for (int i = 0; i < numbers->len; i++)
		if (str_eq(numbers->at[i].name, name))
			return &numbers->at[i];
	return NULL;
}

/* Lines of "name value"; others are left out. */
static void read_numbers(const char *text, struct numbers *numbers)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char name[48], value[24];
		int64_t n;
		if (*line != '#' && sscanf(line, "%47[a-z0-9-] %23[0-9]", name, value) == 2 && parse_i64(value, &n))
			add_number(numbers, name, n);
	}
}

/* valgrind says "==123== Collected : 456". */
static int64_t collected(const char *text)
{
	const char *at = strstr(text, "Collected : ");
	return at ? strtoll(at + strlen("Collected : "), NULL, 10) : -1;
}

/* Which instructions memcpy and its kin are made of depends on the processor, unless they are told. */
static const char *const env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/nonexistent",
        "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX2,-AVX,-BMI2,-LZCNT,-MOVBE,-ERMS,-FSRM,-RTM",
        NULL};

static void count_work(const char *self, const char *dir, const struct work *work, struct numbers *numbers)
{
	char out[512], name[48];
	snprintf(out, sizeof out, "--callgrind-out-file=%s/callgrind.%s", dir, work->name);
	const char *plain[] = {self, work->name, NULL};
	const char *under[] = {"/usr/bin/valgrind", "--tool=callgrind", "--collect-atstart=no",
	        "--toggle-collect=counted", out, self, work->name, NULL};
	struct run_result result;
	struct numbers said = {0};
	run_program(work->each ? under : plain, env, NULL, VALGRIND_MS, &result);
	if (result.status) {
		fprintf(stderr, "count: %s ends with status %d\n%s", work->name, result.status, result.err.p);
		exit(1);
	}
	read_numbers(result.out.p, &said);
	const struct number *units = find(&said, "units");
	if (work->each) {
		int64_t instructions = collected(result.err.p);
		if (instructions <= 0 || !units)
			count_fail("callgrind collects nothing");
		snprintf(name, sizeof name, "%s-instructions", work->name);
		add_number(numbers, name, instructions / units->value);
	}
	for (int i = 0; i < said.len; i++)
		if (!str_eq(said.at[i].name, "units"))
			add_number(numbers, said.at[i].name, said.at[i].value);
	run_result_release(&result);
}

/* Does the number fit? With words where it does not. A limit that the baseline passes, too, is told, and no failure. */
static bool is_good(const struct number *now, const struct number *kept, bool same_compiler, char why[64])
{
	const struct limit *limit = limit_find(now->name);
	bool instructions = str_ends(now->name, "-instructions");
	*why = '\0';
	if (!kept) {
		snprintf(why, 64, "not in the baseline");
		return false;
	}
	if (limit && !limit_holds(limit, (double)now->value)) {
		snprintf(why, 64, "over its limit, %g", limit->must);
		return now->value <= kept->value;
	}
	if (instructions && now->value * 100 > kept->value * (100 + PERCENT_MORE)) {
		snprintf(why, 64, "over the baseline%s", same_compiler ? "" : ", which another compiler made");
		return !same_compiler;
	}
	return true;
}

static int check(const struct numbers *numbers, const char *baseline)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	struct numbers kept = {0};
	int wrong = 0;
	if (file_read(baseline, &text, &err))
		count_fail(err.text);
	read_numbers(text.p, &kept);
	bool same_compiler = strstr(text.p, "# compiler " __VERSION__ "\n") != NULL;
	printf("%-32s %12s %12s %8s\n", "", "now", "baseline", "");
	for (int i = 0; i < numbers->len; i++) {
		const struct number *now = &numbers->at[i], *then = find(&kept, now->name);
		char why[64];
		wrong += !is_good(now, then, same_compiler, why);
		printf("%-32s %12" PRId64 " %12" PRId64 " %+7.1f%% %s\n", now->name, now->value, then ? then->value : 0,
		        then && then->value ? (double)(now->value - then->value) * 100 / (double)then->value : 0.0,
		        why);
	}
	str_release(&text);
	if (wrong)
		fprintf(stderr,
		        "count: %d of these are too many. What is meant to cost more is kept by `make "
		        "bench-baseline`, in the same commit\n",
		        wrong);
	return wrong ? 1 : 0;
}

static int keep(const struct numbers *numbers, const char *baseline)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	str_adds(&text,
	        "# What is counted, on any machine: instructions and allocations for each mention, event or frame, "
	        "and\n"
	        "# bytes for the terminal. `make bench-baseline` writes this file, `make bench-check` compares.\n"
	        "# compiler " __VERSION__ "\n");
	for (int i = 0; i < numbers->len; i++)
		str_addf(&text, "%s %" PRId64 "\n", numbers->at[i].name, numbers->at[i].value);
	fputs(text.p, stdout);
	if (file_write_atomic(baseline, text.p, text.len, 0644, &err))
		count_fail(err.text);
	str_release(&text);
	return 0;
}

int main(int argc, char **argv)
{
	struct numbers numbers = {0};
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	if (argc == 2)
		return run_work(argv[1]);
	bool checks = argc == 4 && str_eq(argv[1], "--check"), keeps = argc == 4 && str_eq(argv[1], "--write");
	if (!checks && !keeps) {
		fprintf(stderr, "usage: count WORK | --check BASELINE DIR | --write BASELINE DIR\n");
		return 64;
	}
	for (size_t i = 0; i < WORKS; i++)
		count_work(argv[0], argv[3], &works[i], &numbers);
	return checks ? check(&numbers, argv[2]) : keep(&numbers, argv[2]);
}
