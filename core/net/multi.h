/* A curl multi handle on a libuv loop: its sockets are watched, its waits run, and transfers that ended are told. What
 * the files of http.h share; not for others. */
#ifndef CORE_NET_MULTI_H
#define CORE_NET_MULTI_H

#include <curl/curl.h>
#include <stdbool.h>

struct uv_loop_s; /* uv_loop_t */
struct multi;

struct multi_handlers {
	void (*settle)(
	        void *arg); /* libcurl has returned: what had to wait may be added and removed. NULL: nothing has */
	/* The transfer has ended, its handle is still in. Transfers may be added and removed from here, and the multi
	 * handle freed. */
	void (*done)(void *arg, CURL *easy, CURLcode code);
};

/* The loop outlives it, as do the handlers. NULL when libcurl gives no handle. */
struct multi *multi_new(struct uv_loop_s *loop, const struct multi_handlers *handlers, void *arg);
/* Its transfers have been removed before. The loop must run once more, until libuv has closed the handles. NULL is
 * fine. */
void multi_free(struct multi *multi);

/* Neither while multi_runs(). */
bool multi_add(struct multi *multi, CURL *easy); /* false: not taken */
void multi_remove(struct multi *multi, CURL *easy);

bool multi_runs(const struct multi *multi); /* libcurl is on the stack */

#endif
