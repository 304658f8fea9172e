/* A webhook's receiver on 127.0.0.1, inside the test: requests wait in the listening socket until the test takes them.
 */
#ifndef TESTS_LIB_HOOK_LISTENER_H
#define TESTS_LIB_HOOK_LISTENER_H

#include "core/base/str.h"

struct hook_listener {
	int fd;
	char url[48]; /* http://127.0.0.1:PORT/hook */
};

struct hook_request {
	struct str head; /* request line and headers, with their line ends */
	struct str body;
};

int hook_listener_open(struct hook_listener *listener); /* 0 or -1 */
void hook_listener_close(struct hook_listener *listener);

/* Waits for one request at most so long, answers it with `status` and no body. False when none came. The caller
 * releases what came. */
bool hook_listener_take(struct hook_listener *listener, int status, int timeout_ms, struct hook_request *request);
void hook_request_release(struct hook_request *request);

/* The value of a header, on the heap; NULL when it is not there. */
char *hook_request_header(const struct hook_request *request, const char *name);

#endif
