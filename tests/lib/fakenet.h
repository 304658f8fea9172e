/* The network of our own (tests/fakenet) as a child process of a test, and plain blocking HTTP to talk to it: what its
 * control endpoints are, tests/fakenet/main.c says. Every wait here ends after ten seconds. */
#ifndef TESTS_LIB_FAKENET_H
#define TESTS_LIB_FAKENET_H

#include "core/base/json.h"
#include "core/base/str.h"

#include <sys/types.h>

#define FAKENET_TOKEN "demo-token"

struct fakenet {
	pid_t pid;
	int port;
	char url[40]; /* http://127.0.0.1:PORT */
};

struct fakenet_answer {
	int status;      /* 0: the connection ended before a head was whole */
	struct str head; /* status line and headers */
	struct str body; /* as much as came of what Content-Length promised */
	bool whole;
};

/* Starts $CURLEW_FAKENET, else the fakenet two or three directories above the test, quiet and on a free port. `args`
 * are further arguments, ended by NULL; it may be NULL. 0, or -1 when it does not say that it listens. */
int fakenet_start(struct fakenet *net, const char *const *args);
/* SIGTERM, and waits. The exit status: 0 when all memory and handles went back (under the leak checker). */
int fakenet_stop(struct fakenet *net);

int fakenet_connect(const struct fakenet *net); /* a blocking socket; -1 on failure */
bool fakenet_send(int fd, const char *bytes, size_t len);
/* Adds what has arrived, at least a byte. False at the end of the connection. */
bool fakenet_receive(int fd, struct str *out);

/* One answer from a connection; bytes of the next one stay in `rest`, which starts empty. */
void fakenet_read_answer(int fd, struct str *rest, struct fakenet_answer *out);
/* One request on a connection of its own. `headers` are whole lines with CRLF, or NULL; so may be body. */
void fakenet_ask(const struct fakenet *net, const char *method, const char *target, const char *headers,
        const char *body, struct fakenet_answer *out);
void fakenet_answer_release(struct fakenet_answer *answer);

/* With the token; the parsed body, or NULL when the status is not 200. The caller frees. */
json *fakenet_get(const struct fakenet *net, const char *target);
/* POST /control/NAME with that JSON, or GET when it is NULL; as above. */
json *fakenet_control(const struct fakenet *net, const char *name, const char *json_text);

#endif
