#include "core/network/adapters/speak.h"

#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/base/timefmt.h"
#include "core/net/line_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIVE_S 60
#define LINE_MAX_BYTES ((size_t)1024 * 1024)

/* One a process: it has one standard input. */
static struct {
	struct speak_setup setup;
	uv_pipe_t in;
	struct line_reader lines;
	char chunk[65536];
	int64_t alive_ms;
	timer_id alive;
} me;

void speak(json *line)
{
	struct str text = STR_INIT;
	json_print(line, &text);
	str_addc(&text, '\n');
	json_free(line);
	bool gone = text.len <= LINE_MAX_BYTES && (fwrite(text.p, 1, text.len, stdout) != text.len || fflush(stdout));
	if (text.len > LINE_MAX_BYTES)
		fprintf(stderr, "left out a line of %zu bytes\n", text.len);
	secret_release(&text);
	if (gone)
		exit(0); /* nobody reads any more */
}

void speak_cost(double amount)
{
	json *line = speak_line("cost");
	json_set_num(line, "amount", amount);
	speak(line);
}

void speak_secrets(const struct speak_secret *secrets, int count)
{
	json *line = speak_line("secrets"), *values = json_object();
	for (int i = 0; i < count; i++)
		json_set_str(values, secrets[i].key, secrets[i].value);
	json_set(line, "secrets", values);
	speak(line);
}

json *speak_line(const char *type)
{
	json *line = json_object();
	json_set_str(line, "type", type);
	return line;
}

void speak_set_time(json *line, const char *key, int64_t utc_ms)
{
	char text[32];
	time_format_rfc3339(utc_ms, text, sizeof text);
	json_set_str(line, key, text);
}

void speak_answer(const json *call, const char *outcome, const char *reason, json *posts)
{
	json *line = speak_line("answer");
	json_set_int(line, "id", json_int(call, "id", 0));
	json_set_str(line, "outcome", outcome);
	if (*reason)
		json_set_str(line, "reason", reason);
	if (posts)
		json_set(line, "posts", posts);
	speak(line);
}

/* Twice as often as has to be. */
static void say_alive(void *arg)
{
	(void)arg;
	speak(speak_line("alive"));
	me.alive = timers_add(me.setup.timers, clock_mono_ms() + me.alive_ms, say_alive, NULL);
}

static void take_line(const char *bytes, size_t len)
{
	struct err err = ERR_INIT;
	json *line = json_parse(bytes, len, &err);
	const char *type = json_str_or(line, "type", "");
	if (strcmp(type, "start") == 0) {
		int64_t seconds = json_int(line, "alive", ALIVE_S);
		me.alive_ms = seconds > 1 ? seconds * 500 : 500;
		timers_cancel(me.setup.timers, &me.alive);
		me.alive = timers_add(me.setup.timers, clock_mono_ms() + me.alive_ms, say_alive, NULL);
	}
	if (line)
		me.setup.told(me.setup.arg, type, line);
	else
		fprintf(stderr, "what curlew says is not understood: %s\n", err.text);
	json_free(line);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)handle, (void)suggested;
	*buf = uv_buf_init(me.chunk, sizeof me.chunk);
}

static void on_input(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct line line;
	if (len < 0) {
		uv_stop(stream->loop);
		return;
	}
	line_reader_add(&me.lines, buf->base, (size_t)len);
	while (line_reader_next(&me.lines, &line))
		take_line(line.text, line.len);
}

int speak_begin(const struct speak_setup *setup, struct err *err)
{
	me.setup = *setup;
	line_reader_init(&me.lines, LINE_MAX_BYTES);
	me.alive_ms = INT64_C(500) * ALIVE_S;
	uv_pipe_init(setup->loop, &me.in, 0);
	if (uv_guess_handle(STDIN_FILENO) != UV_NAMED_PIPE || uv_pipe_open(&me.in, STDIN_FILENO)) {
		json_free(setup->hello);
		return err_set(err, ERR_USAGE,
		        "it speaks with curlewd over pipes: see command in curlew.conf(5), or run curlew check "
		        "--adapter");
	}
	uv_read_start((uv_stream_t *)&me.in, on_alloc, on_input);
	json *hello = setup->hello;
	json_set_str(hello, "type", "hello");
	json_set_int(hello, "protocol", 1);
	speak(hello);
	me.alive = timers_add(setup->timers, clock_mono_ms() + me.alive_ms, say_alive, NULL);
	return 0;
}

void speak_end(void)
{
	timers_cancel(me.setup.timers, &me.alive);
	uv_close((uv_handle_t *)&me.in, NULL);
	line_reader_release(&me.lines);
}
