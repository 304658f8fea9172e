/* What Bluesky and other servers of the AT Protocol say, as model records. Pure.
 *
 * A post is known by its at:// address, a person by their DID: handles change, and may be invalid. Text is plain; what
 * in it is a link stands beside it, by bytes, and may lead elsewhere than it says. Unknown fields are ignored; a
 * missing one that matters drops that one item, which is counted and logged. Everything that is handed out lives in the
 * arena given; text is valid UTF-8 without NUL. Sources: the lexicons app.bsky.* and com.atproto.* (atproto.com), and
 * what a server of each kind answered. */
#ifndef CORE_NETWORK_BLUESKY_DECODE_H
#define CORE_NETWORK_BLUESKY_DECODE_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/network/network.h"

/* Who we are there. Strings belong to the owner. */
struct bluesky_decoder {
	const char *self_did;  /* "" before it is known: then no post counts as ours */
	unsigned long dropped; /* items that lacked something that matters */
};

/* at://DID/COLLECTION/RKEY in its parts, which are pieces of it. */
struct bluesky_uri {
	const char *did, *collection, *rkey;
	int did_len, collection_len; /* rkey goes to the end */
};
bool bluesky_uri_parse(const char *uri, struct bluesky_uri *out);
bool bluesky_is_did(const char *text);
/* Is the address one in the repository of this DID? */
bool bluesky_uri_is_of(const char *uri, const char *did);

/* A post as a server shows it (postView), else -ERR_DATA. What is known of answering it stands in reply_refusal. */
int bluesky_decode_post(
        struct bluesky_decoder *decoder, const json *view, struct arena *arena, struct item *item, struct err *err);

/* `posts` of an answer, in its order; returns how many. */
int bluesky_decode_posts(struct bluesky_decoder *decoder, const json *posts, struct arena *arena, struct item **items);

/* The post that a notification is about; -ERR_DATA when it is about none (a like, a new follower). It says less than
 * a postView: no counts, and not who may answer. */
int bluesky_decode_notification(struct bluesky_decoder *decoder, const json *notification, struct arena *arena,
        struct item *item, struct err *err);

/* A record of our own repository (getRecord); `self` is the author. */
int bluesky_decode_record(struct bluesky_decoder *decoder, const json *answer, const struct customer *self,
        struct arena *arena, struct item *item, struct err *err);

/* A message of a Jetstream server: a post, or that one is gone, in *item. False for everything else; an edit, which
 * nobody is shown, too. Of the author it knows the DID alone. */
bool bluesky_decode_frame(struct bluesky_decoder *decoder, const json *frame, struct arena *arena, struct item *item);

/* A private message of a conversation (messageView, deletedMessageView), else -ERR_DATA. Messages are known by their
 * conversation's id and their own: BLUESKY_MESSAGE CONVERSATION "/" ID. profile: of who sent it; NULL when not known.
 */
#define BLUESKY_MESSAGE "chat:"
int bluesky_decode_message(struct bluesky_decoder *decoder, const json *message, const char *convo, const json *profile,
        struct arena *arena, struct item *item, struct err *err);
int64_t bluesky_message_time(const json *message); /* UTC ms; 0 */

/* `thread` of an answer, parents before replies, at most `most` posts; returns how many. What is not there any more
 * comes as ITEM_DELETE; what is blocked, and replies that were taken back, are left out. */
int bluesky_decode_thread(
        struct bluesky_decoder *decoder, const json *thread, struct arena *arena, struct item **items, int most);

/* Any profile view, else -ERR_DATA. */
int bluesky_decode_profile(const json *profile, struct arena *arena, struct customer *customer, struct err *err);

/* Where the repository of a DID document is ("https://…", without a slash at its end); NULL when it does not say. */
const char *bluesky_decode_pds(const json *did_document, struct arena *arena);

/* When a token (a JWT, RFC 7519) ends, Unix seconds; 0 when it does not say. Its signature is the server's affair. */
int64_t bluesky_token_ends(const char *token);

/* The key of a record (a TID, atproto.com/specs/tid) that stands for one reply for ever: the time it was accepted and
 * its idempotency key make it. */
#define BLUESKY_TID_SIZE 14
void bluesky_tid(int64_t created_at_ms, const char *idempotency_key, char out[BLUESKY_TID_SIZE]);

enum bluesky_fault {
	BLUESKY_FAULT_OTHER,
	BLUESKY_FAULT_EXPIRED,   /* the token ended or was revoked: 400, not 401 */
	BLUESKY_FAULT_TOKEN,     /* it is none, or lacks a right */
	BLUESKY_FAULT_LOGIN,     /* name or password */
	BLUESKY_FAULT_FACTOR,    /* a second factor is asked for: the password is not an app password */
	BLUESKY_FAULT_CLOSED,    /* the account was taken down, suspended or deactivated */
	BLUESKY_FAULT_NOT_FOUND, /* the post, the record */
	BLUESKY_FAULT_SWAP       /* something else stands under this key */
};
/* What an answer that is no success means. body may be NULL. */
enum bluesky_fault bluesky_decode_fault(int status, const json *body);
/* Its words, else its name; NULL when there are none. */
const char *bluesky_decode_error(const json *body, struct arena *arena);

#endif
