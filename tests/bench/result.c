#include "tests/bench/result.h"

#include "core/base/paths.h"
#include "core/base/timefmt.h"
#include "tests/bench/limits.h"

#include <assert.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static json *rows;

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double series_share(series *all, double share)
{
	if (!all->len)
		return NAN;
	qsort(all->at, all->len, sizeof *all->at, by_value);
	size_t at = (size_t)(share * (double)all->len);
	return all->at[at < all->len ? at : all->len - 1];
}

int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- from /proc */

/* The number after the name in a file of "Name:   number kB" lines; 0 when it is not there. */
static int64_t field_of(const char *path, const char *name)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	long long number = 0;
	const char *at = file_read(path, &text, &err) ? NULL : strstr(text.p, name);
	if (at)
		sscanf(at + strlen(name), "%lld", &number);
	str_release(&text);
	return number;
}

struct memory memory_of(pid_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
	return (struct memory){.rss = (double)field_of(path, "\nRss:"),
	        .pss = (double)field_of(path, "\nPss:"),
	        .own = (double)(field_of(path, "\nPrivate_Clean:") + field_of(path, "\nPrivate_Dirty:"))};
}

/* Adds up what `read` finds in a file of each thread. */
static double sum_of_threads(pid_t pid, const char *file, double (*read)(const char *path))
{
	char dir[64], path[384];
	double sum = 0;
	snprintf(dir, sizeof dir, "/proc/%ld/task", (long)pid);
	DIR *tasks = opendir(dir);
	for (struct dirent *task; tasks && (task = readdir(tasks));) {
		snprintf(path, sizeof path, "%s/%s/%s", dir, task->d_name, file);
		sum += task->d_name[0] == '.' ? 0 : read(path);
	}
	if (tasks)
		closedir(tasks);
	return sum;
}

static double read_switches(const char *path)
{
	return (double)(field_of(path, "\nvoluntary_ctxt_switches:") + field_of(path, "\nnonvoluntary_ctxt_switches:"));
}

/* Its first number is the time on a processor in ns (Documentation/scheduler/sched-stats). */
static double read_work(const char *path)
{
	return (double)field_of(path, "") / 1e6;
}

double work_of(pid_t pid)
{
	return sum_of_threads(pid, "schedstat", read_work);
}

/* minflt, the eighth after the name in brackets (proc(5)). */
int64_t faults_of(pid_t pid)
{
	char path[64];
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	long long faults = 0;
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	const char *at = file_read(path, &text, &err) ? NULL : strrchr(text.p, ')');
	if (at)
		sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %lld", &faults);
	str_release(&text);
	return faults;
}

int64_t switches_of(pid_t pid)
{
	return (int64_t)sum_of_threads(pid, "status", read_switches);
}

/* --- the table */

static void keep_number(json *row, const char *key, double value)
{
	struct str number = STR_INIT;
	str_addf(&number, "%.2f", value);
	if (!isnan(value))
		json_set_str(row, key, number.p);
	str_release(&number);
}

static json *keep(const char *what, double value, const char *unit)
{
	if (!rows)
		rows = json_array();
	json *row = json_object();
	json_set_str(row, "what", what);
	keep_number(row, "value", value);
	json_set_str(row, "unit", unit);
	json_push(rows, row);
	return row;
}

void result(const char *what, double value, const char *unit)
{
	keep(what, value, unit);
	printf("%-72s %10.2f %s\n", what, value, unit);
	fflush(stdout);
}

static void add_bound(struct str *out, const struct limit *limit, double bound)
{
	if (!isnan(bound))
		str_addf(out, "%s %g", limit->at_least ? "≥" : "≤", bound);
}

void results_row(struct str *table, const struct limit *limit, double value)
{
	str_addf(table, "| %s | %.2f %s | ", limit->what, value, limit->unit);
	add_bound(table, limit, limit->must);
	str_adds(table, " | ");
	add_bound(table, limit, limit->aim);
	str_addf(table, " | %s |\n", limit_verdict(limit, value));
}

void figure(const char *name, double value)
{
	const struct limit *limit = limit_find(name);
	assert(limit);
	struct str must = STR_INIT, aim = STR_INIT;
	json *row = keep(limit->what, value, limit->unit);
	json_set_str(row, "name", name);
	keep_number(row, "must", limit->must);
	keep_number(row, "aim", limit->aim);
	json_set_bool(row, "holds", limit_holds(limit, value));
	json_set_bool(row, "aimed", limit_aimed(limit, value));
	add_bound(&must, limit, limit->must);
	add_bound(&aim, limit, limit->aim);
	printf("%-72s %10.2f %-6s must %-10s aim %-10s %s\n", limit->what, value, limit->unit, must.p, aim.p,
	        limit_verdict(limit, value));
	fflush(stdout);
	str_release(&must);
	str_release(&aim);
}

static const json *row_of(const char *name)
{
	const json *found = NULL;
	for (const json *row = json_first(rows); row; row = json_next(row))
		if (str_eq(json_str(row, "name"), name))
			found = row;
	return found;
}

static void add_row(struct str *table, const struct limit *limit)
{
	const json *row = row_of(limit->name);
	if (row)
		results_row(table, limit, strtod(json_str_or(row, "value", "0"), NULL));
}

/* Processor and kernel. */
static void add_machine(struct str *out)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	struct utsname system;
	const char *model = file_read("/proc/cpuinfo", &text, &err) ? NULL : strstr(text.p, "model name");
	model = model ? strchr(model, ':') : NULL;
	uname(&system);
	str_addf(out, "%ld x %.*s, %s %s", sysconf(_SC_NPROCESSORS_ONLN),
	        (int)strcspn(model ? model + 2 : "processor", "\n"), model ? model + 2 : "processor", system.sysname,
	        system.release);
	str_release(&text);
}

void results_header(struct str *out, const char *command)
{
	char day[32];
	time_format_rfc3339((int64_t)time(NULL) * 1000, day, sizeof day);
	str_addf(out, "%.10s, `%s`, ", day, command);
	add_machine(out);
	str_adds(out, ".\n\n");
}

static void write_file(const char *stem, const char *end, const struct str *text)
{
	struct str path = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "%s%s", stem, end);
	if (file_write_atomic(path.p, text->p, text->len, 0644, &err))
		fprintf(stderr, "bench: %s\n", err.text);
	str_release(&path);
}

int results_write(const char *stem)
{
	struct str lines = STR_INIT, table = STR_INIT;
	int missed = 0;
	results_header(&table, "make bench");
	str_adds(&table, "| figure | measured | must | aim | |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < limits_len(); i++)
		add_row(&table, limit_at(i));
	for (const json *row = json_first(rows); row; row = json_next(row)) {
		const struct limit *limit = limit_find(json_str_or(row, "name", ""));
		missed += limit && limit->count && !json_bool(row, "holds", true);
		json_print(row, &lines);
		str_addc(&lines, '\n');
	}
	printf("\n%s", table.p);
	write_file(stem, ".json", &lines);
	write_file(stem, ".md", &table);
	str_release(&lines);
	str_release(&table);
	json_free(rows);
	rows = NULL;
	return missed;
}
