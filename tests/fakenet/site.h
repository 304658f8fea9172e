/* The server as a whole: what it holds, and the path of one request through it: log, fault, token, budget, endpoint,
 * answer. Every part of the server reaches the others through this struct. */
#ifndef TESTS_FAKENET_SITE_H
#define TESTS_FAKENET_SITE_H

#include "core/base/json.h"
#include "tests/fakenet/bsky.h"
#include "tests/fakenet/crowd.h"
#include "tests/fakenet/faults.h"
#include "tests/fakenet/http.h"
#include "tests/fakenet/stream.h"
#include "tests/fakenet/world.h"
#include "tests/fakenet/x.h"

#define LOG_KEPT 2000

/* What the server is, to those who speak Mastodon's interface with it. */
enum site_kind {
	KIND_MASTODON,
	KIND_GOTOSOCIAL, /* a WebSocket and no event stream; no idempotency keys; 418 without a User-Agent */
	KIND_POLLED      /* no streaming at all */
};

struct token {
	char *text;
	bool revoked;
	bool app_only;                 /* speaks for an application, not for a person */
	int64_t expires_ms;            /* 0: never */
	int64_t window, paging_window; /* number of the fixed window that the counts are of */
	int used, paging_used;
};

struct idempotency {
	char *key;
	int64_t status_id, at_ms;
	int uses; /* requests that carried it */
};

struct log_entry {
	char *method, *target, *key;
	int status; /* 0: no answer was given */
	int64_t at_ms;
};

/* A file that was uploaded. */
struct upload {
	int64_t id;
	struct media media; /* strings on the heap */
	int polls;          /* how often it will still be told to be in the making */
	bool used;
	/* Where it comes in pieces. */
	int64_t promised, came; /* bytes */
	int pieces;
};

struct route_count {
	char *route; /* "GET /api/v1/statuses/:id" */
	int count;
};

struct site {
	uv_loop_t *loop;
	struct http_server *http;
	struct world world;
	struct streams streams;
	struct faults faults;
	struct crowd crowd;
	struct x_site x;
	enum site_kind kind;
	struct bsky_site bsky;
	VEC(struct token *) tokens;
	VEC(struct idempotency) keys;
	VEC(struct upload) uploads;
	VEC(struct log_entry) log; /* the newest LOG_KEPT to twice that */
	VEC(struct route_count) routes;
	int64_t request_count;
	int issued; /* tokens handed out by /oauth/token */
	int limit;  /* requests per token and 5 minutes; 0 for no limit */
	bool quiet;
};

struct site_options {
	enum site_kind kind;
	int port;
	uint64_t seed;
	double per_minute;
	int backlog;
	int limit;
	const char *handle;
	const char *app_token; /* of an application; NULL for none */
	const char *const *tokens;
	size_t token_count;
	bool quiet, divided;
};

int site_start(struct site *site, uv_loop_t *loop, const struct site_options *options, struct err *err);
void site_stop(struct site *site);    /* then run the loop to its end */
void site_release(struct site *site); /* after that */

struct token *site_add_token(struct site *site, const char *text);
struct token *site_find_token(struct site *site, const char *text); /* revoked ones too; NULL for unknown */
void site_revoke_token(struct site *site, struct token *token);     /* ends its streams */

/* One request on its way to an answer. */
struct call {
	struct site *site;
	struct http_conn *conn;
	const struct http_request *request;
	struct arena *arena;
	struct params params;
	struct token *token; /* whose request it is, NULL for nobody's */
	int status;
	const char *type;
	struct str headers; /* whole lines, each with CRLF */
	struct str body;
	bool streaming; /* the connection was taken over */
	bool no_min_id; /* a fault: the parameter is not known here */
};

void call_json(struct call *call, int status, json *value);       /* takes value over */
void call_error(struct call *call, int status, const char *text); /* as Mastodon says it */
void call_text(struct call *call, int status, const char *type, const char *text);
bool call_is(const struct call *call, const char *method, const char *path);
/* "/api/v1/statuses/12/context" with prefix "/api/v1/statuses/" and suffix "/context": 12. -1 when it does not fit, 0
 * for an id that is no number. */
int64_t call_id(const struct call *call, const char *method, const char *prefix, const char *suffix);

/* The endpoints, by file. Each is true when the request was its own and has been answered. */
bool api_x(struct call *call);
bool api_bsky(struct call *call);
bool api_read(struct call *call);
bool api_write(struct call *call);
bool api_media(struct call *call);
/* A part of a form (RFC 7578): what stands between two boundaries. */
struct form_part {
	const char *head, *bytes;
	size_t head_len, len;
};
bool form_part(const struct call *call, const char *name, struct form_part *out);  /* false: it is not there */
const char *form_part_type(const struct call *call, const struct form_part *file); /* "image/png", "" for none */
struct upload *media_find(struct site *site, int64_t id);
/* Puts the uploads that media_ids[] names into the draft. Null, or why that cannot be. */
const char *media_take(struct call *call, struct draft *draft);
void media_release(struct site *site);
bool api_oauth(struct call *call);
bool api_control(struct call *call);

#endif
