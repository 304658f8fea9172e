/* The half of a world that speaks HTTP: requests in parts, answers in parts, faults, and answers that go on (streams).
 * What they say is the world's. */
#ifndef TESTS_NETWORK_CONFORMANCE_WEB_H
#define TESTS_NETWORK_CONFORMANCE_WEB_H

#include "core/base/arena.h"
#include "core/base/json.h"
#include "tests/network/conformance/stage.h"

struct web_request {
	char *method, *path, *query; /* the path without the query; "" */
	const char *head, *body;     /* as they came */
	json *fields;                /* the body, where it is JSON; else NULL */
	struct arena arena;          /* lives as long as the request */
};
/* Decoded; NULL when it is not there. */
const char *web_parameter(struct web_request *request, const char *name);
int web_number(struct web_request *request, const char *name, int otherwise);
const char *web_header(struct web_request *request, const char *name); /* its case does not count */
/* The path's rest behind a prefix and before a suffix, decoded, without a slash; NULL when it does not fit. */
const char *web_between(struct web_request *request, const char *prefix, const char *suffix);
bool web_is(const struct web_request *request, const char *method, const char *path);

struct web_answer {
	int status;
	const char *type;
	struct str headers; /* whole lines, each with CRLF */
	struct str body;
	const char
	        *stream; /* a name: the connection stays open, the body is what comes first, and there is no length */
	bool socket;     /* the stream is a WebSocket; status, headers and body do not count */
};
/* Takes the value over. */
void web_json(struct web_answer *answer, int status, json *value);

struct web_rules {
	enum request_kind (*kind)(struct web_request *request);
	void (*answer)(struct stage *stage, struct web_request *request, struct web_answer *answer);
	/* The network's words for FAULT_BUSY, FAULT_DOWN, FAULT_TOKEN and FAULT_REFUSED. */
	void (*refuse)(struct stage *stage, enum fault_kind fault, struct web_answer *answer);
};

struct web;
struct web *web_new(struct stage *stage, const struct web_rules *rules); /* sets stage->server */
void web_free(struct web *web);
/* A chunk of its own to each open stream of that name, a message where it is a WebSocket. */
void web_push(struct web *web, const char *stream, const char *bytes, size_t len);
void web_cut(struct web *web); /* ends the streams */

/* Of tests/data: a JSON file, and the value at a place in it ("response.body"), which is the caller's. */
json *web_fixture(const char *file, const char *place);
/* The same of the body of an answer that was recorded with its head. */
json *web_recorded(const char *file, const char *place);
void http_date(int64_t utc_ms, char out[40]);

#endif
