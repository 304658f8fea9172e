/* fakenet: a small social network of our own, on loopback, for the demo, the end-to-end tests and the benchmarks. One
 * world of people and posts is shown through the interfaces of several networks: Mastodon's, X's (API v2), and
 * Bluesky's (AT Protocol).
 *
 *     fakenet [--port N] [--seed N] [--rate PER_MINUTE] [--handle NAME] [--token TOKEN]...
 *             [--app-token TOKEN] [--backlog N] [--limit N] [--kind KIND] [--divided] [--ready-fd N] [--quiet]
 *
 * It prints `fakenet http://127.0.0.1:PORT` when it listens (also on --ready-fd, which it then closes) and runs until
 * SIGTERM or SIGINT. Without --port the port is any free one; without --token the token is `demo-token`. The brand is
 * @acme unless --handle says otherwise. Some forty people, in a dozen languages, speak to it: --backlog of them have
 * before the start, and --rate of them do a minute (0, the default: nobody unasked); they answer what the brand says
 * after 3 to 20 seconds. The same --seed gives the same ids, people and texts. --limit is the number of requests per
 * token and 5 minutes, as real servers count (300; 0 for no limit). With --divided each person is on one of the
 * networks alone, and so is what they begin; else everything is on all of them. Requests are logged on stderr unless
 * --quiet.
 * --kind says which server of Mastodon's family it is: `mastodon`, `gotosocial` (a WebSocket and no event stream, no
 * idempotency keys, 418 without a User-Agent), `polled` (no streaming at all).
 *
 * What a client of Mastodon may ask: instance (v1, v2), verify_credentials, accounts (lookup, :id, statuses),
 * notifications and their policy, hashtag timeline, search of statuses, statuses (many, :id, context, source, post,
 * put, delete, favourite), streaming over server-sent events (user, user/notification, hashtag, public, health) and
 * over a WebSocket (the same names in stream=), and the OAuth walk with the code DEMO-CODE. Every post's created_at has
 * its milliseconds: a stream's latency can be read from it.
 *
 * What a client of X may ask, under /2/: oauth2/token (client `fakenet-client`; the refresh token is `demo-refresh`,
 * then whatever came with the last one), users (me, :id, by/username), users/:id/mentions and /tweets, tweets (many,
 * :id, search/recent, post, delete, :id/hidden), retweets, likes and muting of the brand, media/upload (whole, or in
 * pieces) and metadata, dm_conversations and dm_events, tweets/search/stream with its rules, and connections, both with
 * the application's own token (--app-token, else `demo-app-token`), usage/credits. Who is not named, quoted or answered
 * by a post cannot answer it, the same text is taken once an hour, and everything costs what it costs there. It shows
 * what is public, under ids of its own, which control answers have as x_id.
 *
 * What a client of Bluesky may ask, under /xrpc/: sessions by name (acme.birds.example) and app password
 * (`demo-demo-demo-demo`), their renewal and end, resolveHandle, and the DID's document at /did:plc:…; notifications,
 * getPosts, getPostThread, searchPosts, getProfile(s); records of the brand's repository (posts, likes, reposts,
 * blocks, threadgates) with swapRecord, blobs, mutes, reports. Lists are sorted and cut by the time that a post claims;
 * edits are not shown; a rule of who may answer (reply_settings of a conversation's first post) is told, and not
 * enforced when a record is put. Writes have a budget of points. Control answers have a post's address as bluesky_uri.
 *
 * What a test may say, as JSON to the same port, without a token (ids are strings, times in milliseconds):
 *
 *     POST /control/post    {"from":"sam","text":"@acme hello","visibility":"public","reply_to":ID,"quote":ID,"cw":"…",
 *                            "language":"en","followers":9,"name":"Sam","reply_settings":"following","at":MS,
 *                            "network":"x" (where a divided world has them),
 *                            "media":[{"type":"image","file":"a.jpg","alt":"…"}]}
 *                           -> the status; an unknown "from" is made
 *     POST /control/edit    {"id":ID,"text":"…","cw":"…","reply_settings":"…"}
 *     POST /control/delete  {"id":ID}
 *     POST /control/notify  {"type":"favourite"|"reblog"|"follow","from":"sam","id":ID}
 *     POST /control/fault   {"match":"POST /api/v1/statuses","times":1,"kind":KIND} or {"clear":true}
 *                           match may end in *; times -1 has no end. KIND is one of:
 *                           "status 503", "status 503 html", "status 429 reset 30" (not acted on), "close_before",
 *                           "close_after" (acted on, no answer), "stall", "stall_after", "slow 250", "truncate",
 *                           "malformed", "empty", "redirect" (to "location":URL, or to elsewhere.example),
 *                           "cut_stream_mid_event" (match "GET /api/v1/streaming/…", or without the
 *                           rest for a WebSocket, which is cut in the middle of a frame);
 *                           on X also "status 403 duplicate", "status 403 unsummoned", "status 403 setup",
 *                           "status 402 depleted", "status 429 capped"; on Bluesky "status 400 expired", "status 400
 *                           revoked", "status 400 token", "status 400 swap", "status 401 factor", "status 401 takedown"
 *     POST /control/stream  {"kind":"close"} ends all streams, {"kind":"stall"} silences the open ones,
 *                           {"kind":"resume"} says what was held, {"kind":"beat","ms":15000,"blank_line":true},
 *                           {"kind":"disconnect","reason":"…"} ends those of X, which say why
 *     POST /control/rate    {"per_minute":N,"answers":true}
 *     POST /control/token   {"revoke":"T"} (ends its streams) or {"add":"T","expires_in":S}
 *     POST /control/burst   {"count":10000}: mentions as fast as they can be written; state's burst_left counts down
 *     POST /control/x       {"credits":MICROS (-1: no end),"limit":N (requests of a kind in 15 minutes; -1: none),
 *                           "day_limit":N,"streams":N,"refresh":"T","enterprise":B,"no_streaming":B,
 *                           "forgets_old_names":B,"forgets_new_names":B} -> its rules, streams and what it has charged
 *     POST /control/bluesky {"limit":N (requests in 5 minutes; 0: none),"points":N (of writes, an hour),"life_s":N (of
 *                           new tokens),"expire":B,"revoke":B (the sessions there are)} -> counts
 *     GET  /control/state   the brand's statuses with source text, counts, requests by route, idempotency keys
 *     GET  /control/log     the newest requests, oldest first; status 0 is no answer
 */
#include "core/base/log.h"
#include "tests/fakenet/site.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOKENS_MAX 16

struct program {
	struct site site;
	uv_signal_t term, interrupt;
	const char *tokens[TOKENS_MAX];
	int ready_fd; /* -1 for none */
};

static bool read_number(const char *text, int64_t most, int64_t *out)
{
	return text && parse_i64(text, out) && *out >= 0 && *out <= most;
}

static bool read_kind(const char *text, enum site_kind *out)
{
	static const char *const names[] = {"mastodon", "gotosocial", "polled"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(names[i], text)) {
			*out = (enum site_kind)i;
			return true;
		}
	return false;
}

/* One option and its value; false when it is none of ours. */
static bool read_option(struct program *program, struct site_options *options, const char *name, const char *value)
{
	int64_t n = 0;
	if (str_eq(name, "--port") && read_number(value, 65535, &n))
		options->port = (int)n;
	else if (str_eq(name, "--seed") && read_number(value, INT64_MAX, &n))
		options->seed = (uint64_t)n;
	else if (str_eq(name, "--rate") && read_number(value, 60000, &n))
		options->per_minute = (double)n;
	else if (str_eq(name, "--backlog") && read_number(value, 1000000, &n))
		options->backlog = (int)n;
	else if (str_eq(name, "--limit") && read_number(value, 1000000, &n))
		options->limit = (int)n;
	else if (str_eq(name, "--ready-fd") && read_number(value, 1024, &n))
		program->ready_fd = (int)n;
	else if (str_eq(name, "--handle") && value && *value)
		options->handle = value;
	else if (str_eq(name, "--app-token") && value && *value)
		options->app_token = value;
	else if (str_eq(name, "--kind") && read_kind(value, &options->kind))
		return true;
	else if (str_eq(name, "--token") && value && *value && options->token_count < TOKENS_MAX)
		program->tokens[options->token_count++] = value;
	else
		return false;
	return true;
}

static int read_arguments(struct program *program, struct site_options *options, char **argv)
{
	for (char **arg = argv + 1; *arg; arg++) {
		if (str_eq(*arg, "--quiet") || str_eq(*arg, "--divided")) {
			options->quiet |= str_eq(*arg, "--quiet");
			options->divided |= str_eq(*arg, "--divided");
			continue;
		}
		if (!read_option(program, options, arg[0], arg[1])) {
			fprintf(stderr, "fakenet: cannot use %s %s\n", arg[0], arg[1] ? arg[1] : "");
			return -1;
		}
		arg++;
	}
	if (!options->token_count)
		program->tokens[options->token_count++] = "demo-token";
	options->tokens = program->tokens;
	return 0;
}

static void stop(uv_signal_t *signal, int number)
{
	(void)number;
	struct program *program = signal->data;
	uv_close((uv_handle_t *)&program->term, NULL);
	uv_close((uv_handle_t *)&program->interrupt, NULL);
	site_stop(&program->site);
}

static void stop_on(struct program *program, uv_loop_t *loop, uv_signal_t *handle, int number)
{
	uv_signal_init(loop, handle);
	handle->data = program;
	uv_signal_start(handle, stop, number);
}

static void say_ready(const struct program *program)
{
	char line[64];
	int n = snprintf(line, sizeof line, "fakenet http://127.0.0.1:%d\n", http_server_port(program->site.http));
	fputs(line, stdout);
	fflush(stdout);
	if (program->ready_fd < 0)
		return;
	if (write(program->ready_fd, line, (size_t)n) != n)
		perror("fakenet: --ready-fd");
	close(program->ready_fd);
}

int main(int argc, char **argv)
{
	(void)argc;
	static struct program program = {.ready_fd = -1};
	struct site_options options = {.seed = 1, .limit = 300, .handle = "acme", .app_token = "demo-app-token"};
	struct err err = ERR_INIT;
	uv_loop_t loop;
	if (read_arguments(&program, &options, argv))
		return err_exit_status(ERR_USAGE);
	signal(SIGPIPE, SIG_IGN);
	log_open(NULL, "fakenet", LOG_INFO, NULL);
	uv_loop_init(&loop);
	if (site_start(&program.site, &loop, &options, &err)) {
		fprintf(stderr, "fakenet: %s\n", err.text);
		return err_exit_status(err.code);
	}
	stop_on(&program, &loop, &program.term, SIGTERM);
	stop_on(&program, &loop, &program.interrupt, SIGINT);
	say_ready(&program);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	site_release(&program.site);
	return 0;
}
