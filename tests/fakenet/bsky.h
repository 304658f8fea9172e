/* The same world as Bluesky shows it: the account's own server (PDS), which keeps its records, and the readers' server
 * (AppView) behind it, which knows of everybody's. Addresses are at://DID/COLLECTION/KEY; lists are sorted by a time
 * that authors choose and cut by it; tokens end after two hours, and are told so with a 400. What it says has the shape
 * of what a PDS 0.4 and its AppView were recorded to say (tests/data/bluesky), and of the lexicons (atproto.com). */
#ifndef TESTS_FAKENET_BSKY_H
#define TESTS_FAKENET_BSKY_H

#include "core/base/json.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/fakenet/faults.h"
#include "tests/fakenet/world.h"

#define BSKY_APP_PASSWORD "demo-demo-demo-demo"
#define BSKY_POST "app.bsky.feed.post"
#define BSKY_KEY_SIZE 14 /* of a record's key that is a TID, NUL included */
#define BSKY_CID_SIZE 60

struct site;
struct call;

/* One record of the brand's repository, as it was put. */
struct bsky_record {
	char *collection, *key;
	char cid[BSKY_CID_SIZE];
	json *value;
	struct status *status; /* a post: it; a like or a repost: its subject; NULL where nobody is shown it */
};

struct bsky_session {
	char *access, *refresh;
	int64_t access_ends, refresh_ends; /* UTC ms */
	int64_t successor;                 /* index of the session that the refresh token led to; -1 */
	bool revoked;
};

struct bsky_blob {
	char cid[BSKY_CID_SIZE];
	char *type;
	int64_t size;
};

struct bsky_site {
	struct site *site;
	VEC(struct bsky_session) sessions;
	VEC(struct bsky_record) records;
	VEC(struct bsky_blob) blobs;
	int64_t life_ms; /* of an access token */
	int limit;       /* requests in 5 minutes; 0: no limit */
	int points_most; /* of writes, an hour: create 3, update 2, delete 1 */
	int64_t window, hour;
	int used, points, logins, reports;
	int64_t last_key_us;
};

void bsky_init(struct bsky_site *bsky, struct site *site);
void bsky_release(struct bsky_site *bsky);
void bsky_control(struct call *call, const json *body); /* POST /control/bsky */
json *bsky_state(const struct bsky_site *bsky);

bool bsky_is(const struct call *call); /* the path is one of Bluesky's */
/* "status 400 expired" and the like, as Bluesky says it. */
void bsky_fault(struct call *call, const struct fault *fault);
void bsky_error(struct call *call, int status, const char *name, const char *message);

/* --- names (bsky_render.c) */

void bsky_did(const struct person *person, struct str *out);    /* appends */
void bsky_handle(const struct person *person, struct str *out); /* appends, without @ */
struct person *bsky_person(const struct world *world, const char *did_or_handle);
void bsky_uri(const struct bsky_site *bsky, const struct status *status, struct str *out); /* appends */
/* NULL for what never was or is no post. It may be deleted. */
struct status *bsky_post(const struct bsky_site *bsky, const char *uri);
bool bsky_shows(const struct status *status); /* to everybody */
/* A TID that no record has yet. */
void bsky_new_key(struct bsky_site *bsky, char out[BSKY_KEY_SIZE]);
bool bsky_key_good(const char *key);
void bsky_cid_of(const json *value, char out[BSKY_CID_SIZE]);
void bsky_cid_of_bytes(const char *bytes, size_t len, char out[BSKY_CID_SIZE]);

/* --- values; each hands a new one to the caller */

json *bsky_render_person(const struct person *person, bool detailed);
json *bsky_render_record(const struct bsky_site *bsky, const struct status *status);
json *bsky_render_post(const struct bsky_site *bsky, const struct status *status); /* postView */
json *bsky_render_document(const struct site *site, const struct person *person);  /* of a DID */

/* --- records */

struct bsky_record *bsky_record_find(const struct bsky_site *bsky, const char *collection, const char *key);
const struct bsky_record *bsky_record_about(
        const struct bsky_site *bsky, const char *collection, const struct status *status);

/* --- the endpoints, by file; each is true when the request was its own and has been answered */

bool bsky_sessions(struct call *call, const char *name, const json *body);
bool bsky_read(struct call *call, const char *name);
bool bsky_write(struct call *call, const char *name, const json *body);

#endif
