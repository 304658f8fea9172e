/* What servers of the Mastodon family say (Mastodon, GoToSocial, Pleroma, Akkoma), as model records. Pure.
 *
 * Unknown fields are ignored. A missing field that matters drops that one item: it is counted and logged, and whatever
 * surrounds it goes on. Everything that is handed out lives in the arena given; text is valid UTF-8 without NUL.
 * Sources: docs.joinmastodon.org/entities, GoToSocial's swagger, Pleroma's differences_in_mastoapi_responses. */
#ifndef CORE_NETWORK_MASTODON_DECODE_H
#define CORE_NETWORK_MASTODON_DECODE_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/network/network.h"

/* Who we are on that server, as verify_credentials and the instance told. Strings belong to the owner. */
struct mastodon_decoder {
	const char *self_id;     /* "" before it is known: then no post counts as ours */
	const char *self_handle; /* "@us@server"; NULL or "" likewise */
	const char *domain;      /* completes the handles of the server's own accounts */
	unsigned long dropped;   /* items that lacked something that matters */
};

/* 0, or -ERR_DATA naming what was missing. A boost gives the post that was boosted. item->mention is set when the post
 * names us and isn't ours. */
int mastodon_decode_status(
        struct mastodon_decoder *decoder, const json *status, struct arena *arena, struct item *item, struct err *err);

struct mastodon_notification {
	const char *id;
	const char *type; /* as sent; new ones turn up with each release */
	bool has_item;    /* item is set: a post that somebody should see */
	struct item item;
};
/* -ERR_DATA when there is no id or type, or when a mention's status cannot be read; in the latter case id and type are
 * set all the same, so that the position can move on. */
int mastodon_decode_notification(struct mastodon_decoder *decoder, const json *notification, struct arena *arena,
        struct mastodon_notification *out, struct err *err);

/* The posts of an array of statuses, in its order; returns how many. */
int mastodon_decode_statuses(
        struct mastodon_decoder *decoder, const json *array, struct arena *arena, const struct item **items);

/* A thread: ancestors, the post itself (which the context leaves out), descendants. All get the first one's id as root.
 */
int mastodon_decode_context(struct mastodon_decoder *decoder, const json *context, const json *focus,
        struct arena *arena, const struct item **items);

int mastodon_decode_account(const struct mastodon_decoder *decoder, const json *account, struct arena *arena,
        struct customer *customer, struct err *err);

enum mastodon_family { FAMILY_MASTODON, FAMILY_GOTOSOCIAL, FAMILY_PLEROMA };

struct mastodon_instance {
	enum mastodon_family family;
	int64_t api_version;   /* api_versions.mastodon; 0 before 4.3 and elsewhere */
	const char *domain;    /* of handles; "" when not told */
	const char *streaming; /* wss or https URL; "" when not told: the same host */
	struct post_limits limits;
};
/* v2 or v1, with or without `configuration`. */
int mastodon_decode_instance(const json *instance, struct arena *arena, struct mastodon_instance *out, struct err *err);

/* The server's words in an error's body; NULL when there are none. */
const char *mastodon_decode_error(const json *body, struct arena *arena);

/* Which of two ids of one server was made first. Snowflakes and other numbers, ULIDs and Pleroma's flakes say so; UUIDs
 * and whatever else servers make up don't: then only the order in which a server lists them counts. "0" is before all.
 */
enum id_order { ID_OLDER, ID_SAME, ID_NEWER, ID_UNORDERED };
enum id_order mastodon_id_order(const char *a, const char *b);
bool mastodon_id_not_newer(const char *a, const char *b); /* certainly: the same, or older */

#endif
