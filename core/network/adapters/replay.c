/* curlew-replay: an adapter whose network is a file. What stands in JSON Lines (as `curlew export` prints them) comes
 * in as if it were said now, at a pace of its own; what agents do is written to another file. For trainings, for trying
 * things out, and for tests. See curlew-replay(1). */
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/timefmt.h"
#include "core/net/loop.h"
#include "core/network/adapters/speak.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)900 * 1024) /* what is added to it has to fit a line of the protocol */
#define SPEED_MAX 1000000
#define PRICE_MAX 1000

struct replay {
	uv_loop_t loop;
	struct timers timers;
	char **files;
	int file_count, file;
	FILE *in;
	int64_t line, consumed; /* of this file, of all; a position is the latter */
	double speed;           /* 0: all at once, at the times that stand there */
	int64_t first_at, began_at;
	json *next; /* read, and not said yet */
	int64_t next_at;
	timer_id timer;
	FILE *replies; /* NULL: agents can do nothing */
	const char *replies_name;
	double price; /* of a reply, in US dollars; 0: none */
	char *handle;
};

static const char usage[] = "usage: curlew-replay [--speed N|all] [--replies FILE] [--price N] FILE...\n"
                            "       curlew-replay --version | --help\n";

/* --- lines of the files */

static int64_t time_of(const json *record, const char *key)
{
	int64_t at = 0;
	const char *text = json_str(record, key);
	return text && time_parse_rfc3339(text, &at) ? at : 0;
}

static bool next_file(struct replay *r)
{
	if (r->in)
		fclose(r->in);
	r->in = NULL;
	r->line = 0;
	for (; r->file < r->file_count && !r->in; r->file++) {
		r->in = fopen(r->files[r->file], "re");
		if (!r->in)
			fprintf(stderr, "cannot read %s: %s\n", r->files[r->file], strerror(errno));
	}
	return r->in != NULL;
}

/* What stands in them is not ours: a line that is wrong is told and left out. */
static json *read_record(struct replay *r)
{
	struct err err = ERR_INIT;
	char *bytes = NULL;
	size_t room = 0;
	json *record = NULL;
	while (!record && (r->in || next_file(r))) {
		ssize_t len = getline(&bytes, &room, r->in);
		if (len < 0) {
			if (!next_file(r))
				break;
			continue;
		}
		r->line++;
		r->consumed++;
		if (len == 1 && *bytes == '\n')
			continue;
		if ((size_t)len > LINE_MAX_BYTES)
			err_set(&err, ERR_LIMIT, "the line is longer than %zu bytes", LINE_MAX_BYTES);
		else
			record = json_parse(bytes, (size_t)len, &err);
		if (!record)
			fprintf(stderr, "%s:%lld: %s\n", r->files[r->file - 1], (long long)r->line, err.text);
	}
	free(bytes);
	return record;
}

/* --- saying them */

/* As said now: clocks run from here. */
static void move_to_now(json *record)
{
	int64_t now = clock_wall_ms();
	bool edit = strcmp(json_str_or(record, "type", "post"), "edit") == 0;
	if (time_of(record, "created_at") && !edit)
		speak_set_time(record, "created_at", now);
	if (time_of(record, "edited_at"))
		speak_set_time(record, "edited_at", now);
	if (json_get(record, "at"))
		speak_set_time(record, "at", now);
}

static void say_record(struct replay *r, json *record)
{
	char position[24];
	snprintf(position, sizeof position, "%lld", (long long)r->consumed);
	if (!json_str(record, "type"))
		json_set_str(record, "type", "post");
	bool deleted = strcmp(json_str(record, "type"), "post") == 0 && time_of(record, "deleted_at");
	json *gone = deleted ? speak_line("delete") : NULL;
	if (gone) {
		json_set_str(gone, "remote_id", json_str_or(record, "remote_id", ""));
		json_set_str(gone, "at", json_str(record, "deleted_at"));
		json_set_str(record, "deleted_at", NULL);
	}
	if (r->speed > 0)
		move_to_now(record);
	if (r->speed > 0 && gone)
		move_to_now(gone);
	json_set_str(gone ? gone : record, "position", position);
	speak(record);
	if (gone)
		speak(gone);
}

static void go_on(void *arg);

/* A record without a time of its own comes with the one before it. */
static int64_t due(struct replay *r, const json *record)
{
	int64_t at = time_of(record, "edited_at");
	if (!at)
		at = time_of(record, "created_at");
	if (!at)
		at = time_of(record, "at");
	if (!at)
		return r->next_at;
	if (!r->first_at)
		r->first_at = at;
	return r->began_at + (int64_t)((double)(at - r->first_at) / r->speed);
}

static void read_next(struct replay *r)
{
	r->next = read_record(r);
	if (!r->next)
		return;
	r->next_at = due(r, r->next);
	r->timer = timers_add(&r->timers, r->next_at, go_on, r);
}

static void go_on(void *arg)
{
	struct replay *r = arg;
	json *record = r->next;
	r->timer = 0;
	r->next = NULL;
	say_record(r, record);
	read_next(r);
}

static void skip_to(struct replay *r, int64_t until)
{
	json *record;
	while (r->consumed < until && (record = read_record(r)))
		json_free(record);
}

/* Of what is all there already the newest alone: so many lines from the end. */
static int64_t begin_of(struct replay *r, int64_t at_most)
{
	skip_to(r, INT64_MAX);
	int64_t lines = r->consumed;
	r->file = 0;
	r->consumed = 0;
	return lines > at_most ? lines - at_most : 0;
}

static void back_fill(struct replay *r, const json *call)
{
	int64_t until = 0;
	json *record;
	if (!parse_i64(json_str_or(call, "position", ""), &until) && !(r->speed > 0))
		until = begin_of(r, json_int(call, "at_most", 0));
	skip_to(r, until);
	while (!(r->speed > 0) && (record = read_record(r)))
		say_record(r, record);
	speak_answer(call, "ok", "", NULL);
	r->began_at = r->next_at = clock_mono_ms();
	if (r->speed > 0 && !r->next)
		read_next(r);
}

/* --- what agents do */

static json *published(struct replay *r, const json *call, const char *type)
{
	json *post = speak_line(type), *author = json_object();
	const char *key = json_str_or(call, "key", "");
	char id[48];
	snprintf(id, sizeof id, "replay-%.32s", key);
	bool edit = strcmp(type, "edit") == 0;
	json_set_str(post, "remote_id", edit ? json_str_or(call, "remote_id", "") : id);
	json_set_str(post, "parent", edit ? NULL : json_str(call, "remote_id"));
	json_set_str(post, "direction", "out");
	json_set_str(author, "handle", str_or(r->handle, "@replay"));
	json_set(post, "author", author);
	json_set_str(post, "text", json_str_or(call, "text", ""));
	json_set_str(post, "visibility", json_str_or(call, "visibility", "public"));
	speak_set_time(post, "created_at", clock_wall_ms());
	if (edit)
		speak_set_time(post, "edited_at", clock_wall_ms());
	json_set_str(post, "key", key);
	return post;
}

/* Durable, or not at all. */
static bool keep(struct replay *r, const json *row)
{
	struct str line = STR_INIT;
	json_print(row, &line);
	str_addc(&line, '\n');
	bool kept = fwrite(line.p, 1, line.len, r->replies) == line.len && fflush(r->replies) == 0 &&
	            fsync(fileno(r->replies)) == 0;
	str_release(&line);
	return kept;
}

/* What the file has of that key; NULL when there is none. */
static json *find(const struct replay *r, const char *key)
{
	struct err err = ERR_INIT;
	char *bytes = NULL;
	size_t room = 0;
	ssize_t len;
	json *found = NULL;
	FILE *file = fopen(r->replies_name, "re");
	while (file && !found && (len = getline(&bytes, &room, file)) > 0) {
		json *row = json_parse(bytes, (size_t)len, &err);
		if (*key && strcmp(json_str_or(row, "key", ""), key) == 0)
			found = row;
		else
			json_free(row);
	}
	if (file)
		fclose(file);
	free(bytes);
	return found;
}

static json *list_of(json *post)
{
	json *posts = json_array();
	if (post)
		json_push(posts, post);
	return posts;
}

static void act(struct replay *r, const char *type, const json *call)
{
	bool reply = strcmp(type, "reply") == 0, edit = strcmp(type, "edit") == 0;
	json *before = reply ? find(r, json_str_or(call, "key", "")) : NULL;
	json *row = before ? before : reply || edit ? published(r, call, reply ? "post" : "edit") : speak_line(type);
	if (!reply && !edit) {
		json_set_str(row, "remote_id", json_str_or(call, "remote_id", ""));
		speak_set_time(row, "at", clock_wall_ms());
	}
	if (!before && !keep(r, row)) {
		fprintf(stderr, "cannot write %s: %s\n", r->replies_name, strerror(errno));
		json_free(row);
		speak_answer(call, "unknown", "the file of replies cannot be written", NULL);
		return;
	}
	bool post = reply || edit;
	if (reply && !before && r->price > 0)
		speak_cost(r->price);
	speak_answer(call, "ok", "", post ? list_of(row) : NULL);
	if (!post)
		json_free(row);
}

static void told(void *arg, const char *type, const json *line)
{
	static const char *const acts[] = {"reply", "edit", "delete", "like", "unlike", "boost", "unboost", "hide"};
	struct replay *r = arg;
	if (strcmp(type, "start") == 0) {
		free(r->handle);
		r->handle = mem_strdup(json_str(line, "handle"));
	} else if (strcmp(type, "back-fill") == 0) {
		back_fill(r, line);
	} else if (strcmp(type, "fetch") == 0 || strcmp(type, "fetch-thread") == 0) {
		speak_answer(line, "ok", "", NULL); /* all there is has been said, or will be */
	} else if (strcmp(type, "find") == 0) {
		speak_answer(line, "ok", "", r->replies ? list_of(find(r, json_str_or(line, "key", ""))) : NULL);
	}
	for (size_t i = 0; r->replies && i < sizeof acts / sizeof *acts; i++)
		if (strcmp(type, acts[i]) == 0)
			act(r, type, line);
}

/* --- the start */

/* A line that broke off when the machine did is ended, so that the next one is whole. */
static FILE *open_replies(const char *name)
{
	FILE *file = fopen(name, "a+e");
	if (!file)
		return NULL;
	if (fseek(file, -1, SEEK_END) == 0 && getc(file) != '\n')
		putc('\n', file);
	fseek(file, 0, SEEK_END);
	return file;
}

static bool read_speed(struct replay *r, const char *word)
{
	char *end = NULL;
	bool all = strcmp(word, "all") == 0;
	r->speed = all ? 0 : strtod(word, &end);
	if (all || (end && !*end && r->speed > 0 && r->speed <= SPEED_MAX))
		return true;
	fprintf(stderr, "curlew-replay: --speed: found \"%s\", expected a number or all\n", word);
	return false;
}

static bool read_price(struct replay *r, const char *word)
{
	char *end;
	r->price = strtod(word, &end);
	if (!*end && r->price > 0 && r->price <= PRICE_MAX)
		return true;
	fprintf(stderr, "curlew-replay: --price: found \"%s\", expected US dollars like 0.015\n", word);
	return false;
}

static int parse_options(struct replay *r, int argc, char **argv)
{
	static const struct option longs[] = {{"speed", required_argument, NULL, 's'},
	        {"replies", required_argument, NULL, 'r'}, {"price", required_argument, NULL, 'p'},
	        {"version", no_argument, NULL, 'V'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c;
	r->speed = 1;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 's':
			if (!read_speed(r, optarg))
				return -1;
			break;
		case 'r': r->replies_name = optarg; break;
		case 'p':
			if (!read_price(r, optarg))
				return -1;
			break;
		case 'V': printf("curlew-replay %s\n", CURLEW_VERSION); exit(0);
		case 'h': fputs(usage, stdout); exit(0);
		default: fputs(usage, stderr); return -1;
		}
	}
	r->files = argv + optind;
	r->file_count = argc - optind;
	if (!r->file_count)
		fputs(usage, stderr);
	return r->file_count ? 0 : -1;
}

static json *hello(const struct replay *r)
{
	static const char *const can[] = {"stream", "idempotent", "reply", "edit", "delete", "like", "boost", "hide"};
	json *line = json_object(), *words = json_array();
	json_set_str(line, "name", "curlew-replay/" CURLEW_VERSION);
	json_set_str(line, "network", "replay");
	for (size_t i = 0; i < (r->replies ? sizeof can / sizeof *can : 1); i++)
		json_push_str(words, can[i]);
	json_set(line, "can", words);
	if (r->price > 0) {
		json *prices = json_object();
		json_set_str(prices, "currency", "USD");
		json_set_num(prices, "reply", r->price);
		json_set_num(prices, "reply_link", r->price);
		json_set(line, "prices", prices);
	}
	return line;
}

int main(int argc, char **argv)
{
	struct replay r = {.in = NULL};
	struct err err = ERR_INIT;
	if (parse_options(&r, argc, argv))
		return 64;
	if (r.replies_name && !(r.replies = open_replies(r.replies_name))) {
		fprintf(stderr, "curlew-replay: cannot write %s: %s\n", r.replies_name, strerror(errno));
		return 74;
	}
	uv_loop_init(&r.loop);
	timers_init(&r.timers);
	struct loop_timers *glue = loop_timers_attach(&r.loop, &r.timers);
	int rc = speak_begin(&(struct speak_setup){&r.loop, &r.timers, hello(&r), told, &r}, &err);
	if (rc == 0)
		uv_run(&r.loop, UV_RUN_DEFAULT);
	else
		fprintf(stderr, "curlew-replay: %s\n", err.text);
	speak_end();
	timers_cancel(&r.timers, &r.timer);
	loop_timers_detach(glue);
	uv_run(&r.loop, UV_RUN_DEFAULT);
	uv_loop_close(&r.loop);
	timers_release(&r.timers);
	json_free(r.next);
	free(r.handle);
	if (r.in)
		fclose(r.in);
	if (r.replies)
		fclose(r.replies);
	return rc ? err_exit_status(err.code) : 0;
}
