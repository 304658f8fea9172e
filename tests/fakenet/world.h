/* What exists on the small network: people, posts, notices to the brand, and the events that follow from a change. No
 * HTTP and no JSON here. Ids come from a counter and the seed, so that the same calls give the same ids; times are
 * real. The world owns all it hands out, until world_release; a deleted post stays, marked. Nothing blocks. */
#ifndef TESTS_FAKENET_WORLD_H
#define TESTS_FAKENET_WORLD_H

#include "core/base/arena.h"
#include "core/base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_DOMAIN "birds.example"
#define MEDIA_MAX 4
#define ALT_MAX 1500            /* characters */
#define IMAGE_MAX (1024 * 1024) /* bytes; the networks' own is 16 times that */
#define VIDEO_MAX (2 * 1024 * 1024)
#define LENGTH_MAX 500 /* graphemes, networks' default */

/* SplitMix64: the same seed gives the same numbers everywhere. */
struct rng {
	uint64_t state;
};
uint64_t rng_next(struct rng *rng);
size_t rng_below(struct rng *rng, size_t n); /* 0 for n 0 */
double rng_unit(struct rng *rng);            /* (0, 1] */
bool rng_chance(struct rng *rng, int percent);

enum visibility { VIS_PUBLIC, VIS_UNLISTED, VIS_PRIVATE, VIS_DIRECT };
const char *visibility_name(enum visibility visibility);
bool visibility_parse(const char *name, enum visibility *out);

/* The networks whose interfaces show the world. */
enum face { FACE_ALL, FACE_MASTODON, FACE_BLUESKY, FACE_X, FACE_COUNT };
bool face_parse(const char *name, enum face *out); /* "mastodon" "bluesky" "x" */

struct person {
	int64_t id;
	const char *username;
	const char *domain; /* NULL for people of this server */
	const char *acct;   /* "sam" or "sam@ferry.example" */
	const char *display;
	const char *note; /* plain text */
	const char *lang;
	const char *since; /* "2018-11-05" */
	const char *url;
	const void *cast; /* their row in the cast, NULL for who was made by a test */
	int64_t followers, following, statuses;
	int64_t last_ms;
	bool bot, locked, indexable, limited;
	bool muted, blocked; /* by the brand */
	enum face face;      /* where a divided world has them; FACE_ALL: by their name */
};

struct media {
	const char *type; /* "image" "video" "unknown" */
	const char *file; /* name under the files host */
	const char *alt;  /* NULL for none */
};

struct status {
	int64_t id;
	struct person *by;
	const char *text, *html, *cw, *lang; /* lang may be NULL, cw is "" for none */
	const char *first_text;              /* before its first edit; NULL without one */
	enum visibility visibility;
	enum face face;                /* which of the networks it is on */
	int64_t created_ms, edited_ms; /* edited 0: never */
	struct status *parent, *quote; /* may be deleted by now */
	const char *reply_settings;    /* who may answer, where a network lets its author say so; NULL: everyone */
	struct person **mentions;
	size_t mention_count;
	const char **tags; /* lower case */
	size_t tag_count;
	struct media media[MEDIA_MAX];
	size_t media_count;
	int replies, favourites, boosts;
	bool favourited; /* by the brand */
	bool sensitive, deleted;
	bool hidden;        /* by the brand, under a post of its own */
	bool boosted;       /* by the brand */
	const char *report; /* why the brand reported it; NULL: it did not */
	bool answered;      /* somebody replied once, even if that is deleted by now */
	int topic;          /* the speaker's, for the crowd; 0 for none */
};

struct notice {
	int64_t id;
	const char *type; /* "mention" "favourite" "reblog" "follow" */
	struct person *by;
	struct status *status; /* NULL for follow */
	int64_t created_ms;
	bool filtered; /* held back by the policy of that moment */
};

enum change_kind { CHANGE_POSTED, CHANGE_EDITED, CHANGE_DELETED, CHANGE_NOTICE };
struct change {
	enum change_kind kind;
	struct status *status; /* NULL for some notices */
	struct notice *notice; /* CHANGE_NOTICE */
};
typedef void change_fn(void *arg, const struct change *change);

/* What is said before it has an id. Strings are copied. */
struct draft {
	struct person *by;
	const char *text, *cw, *lang;
	enum visibility visibility;
	struct status *parent, *quote;
	const char *reply_settings;
	struct media media[MEDIA_MAX];
	size_t media_count;
	bool sensitive;
	int topic;
	int64_t created_ms; /* 0 is now */
};

enum policy { POLICY_ACCEPT, POLICY_FILTER, POLICY_DROP };

struct world {
	struct arena arena;
	uint64_t seed;
	struct person *brand;
	VEC(struct person *) people;
	VEC(struct status *) statuses; /* ascending ids */
	VEC(struct notice *) notices;  /* ascending ids */
	enum policy private_mentions, limited_accounts;
	bool divided; /* each person and conversation is on one network alone, else on all of them */
	struct {
		change_fn *fn;
		void *arg;
	} listeners[3];
	size_t listener_count;
};

void world_init(struct world *world, uint64_t seed, const char *handle);
void world_release(struct world *world);
void world_listen(struct world *world, change_fn *fn, void *arg);

/* `acct` with or without @ in front. Strings of `like` are copied; only acct is required. */
struct person *world_add_person(struct world *world, const struct person *like);
struct person *world_find_person(const struct world *world, const char *acct, size_t len);
struct person *world_person(const struct world *world, int64_t id);

struct status *world_status(const struct world *world, int64_t id); /* NULL when unknown or deleted */
size_t world_status_after(const struct world *world, int64_t id);   /* index of the first with a greater id */
size_t world_notice_after(const struct world *world, int64_t id);
bool world_on(const struct status *status, enum face face);
/* On Mastodon. */
bool world_brand_sees(const struct world *world, const struct status *status);
bool world_mentions_brand(const struct world *world, const struct status *status);

struct status *world_post(struct world *world, const struct draft *draft);
void world_edit(struct world *world, struct status *status, const char *text, const char *cw); /* NULL keeps */
void world_delete(struct world *world, struct status *status);
/* Somebody favours, boosts or follows the brand; status NULL for follow. */
void world_notify(struct world *world, const char *type, struct person *by, struct status *status);

#endif
