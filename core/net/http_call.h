/* What the files of http.h share: a request in flight, how it is made, and how its failure is put into words.
 * Not for others. */
#ifndef CORE_NET_HTTP_CALL_H
#define CORE_NET_HTTP_CALL_H

#include "core/net/http.h"

#include <curl/curl.h>

struct http_call {
	struct http *http;
	CURL *easy;
	CURLU *url; /* parsed once: what is checked is what is used */
	struct curl_slist *fields;
	char *body;
	size_t body_len;
	char *host;
	struct http_handlers handlers;
	void *arg;
	struct http_response response;
	timer_id deadline, connect_deadline;
	int64_t timeout_ms, connect_timeout_ms;
	bool streaming;
	bool public_only, met_private; /* only public addresses are tried; one was not tried */
	bool in_multi;
	bool handed_over; /* a connection stands and the request is about to be written to it */
	bool head_done;   /* the final answer's headers are whole */
	bool over_cap;
	bool dead; /* cancelled while libcurl was running, or done */
	char detail[CURL_ERROR_SIZE];
};

/* Checks the request and readies call->easy. 0 or negative with err set; http_call_free either way. */
int http_call_setup(struct http_call *call, const struct http_request *request, CURLSH *share, struct err *err);
void http_call_free(struct http_call *call);

#define HTTP_USER_AGENT "curlew/" CURLEW_VERSION " (customer service desk)"

/* What a connection of another kind (core/net/tunnel.h) has in common with those for requests. */
struct uv_loop_s *http_loop(const struct http *http);
struct timers *http_timers(const struct http *http);
CURLSH *http_share(const struct http *http);

/* -ERR_PERMISSION: a private address where only public ones are meant. */
int refuse_private(const char *host, struct err *err);

/* Why it failed and what can be done, for people. */
void http_explain(const struct http_call *call, CURLcode code, struct err *err);

#endif
