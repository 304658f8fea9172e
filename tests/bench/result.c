#include "tests/bench/result.h"

#include "core/base/paths.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

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

int64_t switches_of(pid_t pid)
{
	return (int64_t)sum_of_threads(pid, "status", read_switches);
}

/* --- the table */

void result(const char *what, double value, const char *unit)
{
	if (!rows)
		rows = json_array();
	json *row = json_object();
	struct str number = STR_INIT;
	str_addf(&number, "%.2f", value);
	json_set_str(row, "what", what);
	json_set_str(row, "value", number.p);
	json_set_str(row, "unit", unit);
	json_push(rows, row);
	printf("%-72s %10s %s\n", what, number.p, unit);
	fflush(stdout);
	str_release(&number);
}

void results_write(const char *path)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	for (const json *row = json_first(rows); row; row = json_next(row)) {
		json_print(row, &text);
		str_addc(&text, '\n');
	}
	if (file_write_atomic(path, text.p, text.len, 0644, &err))
		fprintf(stderr, "bench: %s\n", err.text);
	str_release(&text);
	json_free(rows);
	rows = NULL;
}
