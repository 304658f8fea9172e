/* Files to a network, one after the other, before the post that they go with: what is the same for every network. A
 * room says how its server takes one; reading, forms, waiting for a server that works on a file, and what a failure
 * means stand here. An upload is seen by nobody until a post names it, so one whose outcome is unknown is simply made
 * again. Nothing here blocks but the reading of a file, which comes from the system's cache as a rule. */
#ifndef CORE_NETWORK_UPLOAD_H
#define CORE_NETWORK_UPLOAD_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/model/attachment.h"
#include "core/network/network.h"

struct upload_result {
	enum call_outcome outcome; /* OK, NOT_SENT, REFUSED or NO_ACCESS: nobody has seen anything */
	int64_t retry_at;
	const char *reason;     /* names the file; "" with OK */
	const char *const *ids; /* OK: what the server calls them, in the order of the files */
	int count;
};
/* What it is given lives until it returns; then the upload is gone. */
typedef void upload_fn(void *arg, const struct upload_result *result);

struct upload;
struct upload_room {
	/* The most that the server takes of the present file, in bytes. */
	int64_t (*limit)(const struct upload *upload);
	/* Why the present file cannot go, or not with the others, in words; NULL: it can. NULL: no such rule. */
	const char *(*refuses)(const struct upload *upload);
	void (*send)(struct upload *upload); /* begins with the present file */
	void (*look)(struct upload *upload); /* asks how far the server is with it; NULL: none works on files */
	void (*drop)(void *ask);             /* no answer comes any more; NULL is fine */
};

struct upload {
	const struct upload_room *room;
	void *network; /* the room's */
	void *ask;     /* the room's request that is open; NULL */
	const struct attachment *files;
	int count, at;
	int64_t size, sent; /* bytes of the present file */
	int piece;          /* the number of the one that goes next */
	const char **ids;
	/* of upload.c alone */
	struct timers *timers;
	upload_fn *done;
	void *arg;
	struct arena arena;
	timer_id timer;
	int64_t wait_ms, give_up; /* monotonic */
};

/* Begins on the loop's next turn. The files stay the caller's until done() is called. */
struct upload *upload_begin(const struct upload_room *room, void *network, struct timers *timers,
        const struct attachment *files, int count, upload_fn *done, void *arg);
void upload_drop(struct upload *upload); /* no answer comes; NULL is fine */

/* --- for rooms */

static inline const struct attachment *upload_file(const struct upload *upload)
{
	return &upload->files[upload->at];
}

/* What came of a request. */
struct upload_answer {
	bool good, no_access; /* no_access: the token is refused */
	enum http_outcome outcome;
	int status;
	int64_t retry_at; /* wall ms; 0 */
	const char *reason;
};
/* True when the answer is good; else the upload has ended and is gone. */
bool upload_goes_on(struct upload *upload, const struct upload_answer *answer);
/* Refused for good, in words: it has ended. */
void upload_refuse(struct upload *upload, const char *reason);

/* The server has a name for the present file; copied. With "" it has ended, and false comes. */
bool upload_named(struct upload *upload, const char *id);
/* The server works on it: look() comes after as long as it asks for (ms; 0: it does not say), or it has ended, when the
 * server has been at work for ten minutes. */
void upload_wait(struct upload *upload, int64_t ms);
void upload_file_done(struct upload *upload); /* the next one is sent, or it has ended well */

/* The next `len` bytes of the present file, which count as sent. False when they cannot be read: it has ended. */
bool upload_read(struct upload *upload, int64_t len, struct str *bytes);
/* How long a request with so many bytes may take, in ms. */
int64_t upload_timeout_ms(size_t bytes);

/* A form (multipart/form-data, RFC 7578) of a field, left out when its value is "", and of the next `len` bytes of the
 * present file. The file's own name stays here: it may say more than its owner means to. */
struct upload_form {
	struct str type, body; /* the caller's to release */
};
bool upload_form(struct upload *upload, const char *field, const char *value, const char *name, int64_t len,
        struct upload_form *form);

#endif
