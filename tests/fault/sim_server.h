/* The simulated servers: what customers wrote, what we published, and what of it is still under way. A server is the
 * truth that the store is compared with. Its posts live in the run's arena; nothing is forgotten, deleted ones are
 * marked. */
#ifndef TESTS_FAULT_SIM_SERVER_H
#define TESTS_FAULT_SIM_SERVER_H

#include "core/network/network.h"
#include "tests/fault/sim.h"

struct server_post {
	int id;     /* index + 1; the remote id is this number */
	int author; /* 0: the brand; else a customer */
	int parent, root;
	const char *text;
	int64_t created_at, edited_at; /* wall */
	bool deleted, liked;
	bool ever_liked, deleted_by_api;
	int stored_version; /* the newest that the store was seen to have */
	/* As the courier last saw it before it said something: when (mono), and what it was then. */
	int64_t looked_at, looked_edited_at;
	bool looked_deleted;
	bool mention; /* of a customer, addressed to us */
	int notice;   /* its place among the notifications, from 1; 0: none */
};

/* What the courier said, in the order in which the server took it: posts, and what they were corrected to. */
struct saying {
	const char *text;
	int post;
	int parent; /* of a new post; 0 for a correction */
};

struct server_key {
	const char *key;
	int post;
};

struct server {
	int number;
	const char *name; /* of the account */
	bool honours;     /* idempotency keys */
	bool edits;       /* posts can be corrected in place */
	int max;          /* characters of a post */
	VEC(struct server_post) posts;
	VEC(int) notices; /* ids of posts */
	VEC(struct server_key) keys;
	VEC(struct saying) sayings;
	int requests; /* to publish, under way */
};

extern struct server servers[SIM_SERVERS];

void servers_init(void);
void servers_release(void);

/* Customers, and the brand's people on the web, do something. */
void server_happens(struct server *server);

struct server_post *server_post(struct server *server, int id); /* NULL */
struct server_post *server_post_by_id(struct server *server, const char *remote_id);
/* A customer's edit adds this; the version of a text is how often it was edited. */
#define SERVER_EDITED " (edited)"
int server_version(const char *text);
/* How often a text was published through the courier. */
int server_published(const struct server *server, const char *text);

/* The courier's request arrives: CALL_OK with *post, CALL_GONE or CALL_REFUSED. */
enum call_outcome server_publish(struct server *server, const struct reply *reply, struct server_post **post);
/* The post that find() is after; NULL: it is not there. */
struct server_post *server_find(struct server *server, const struct reply *reply);

/* A post as it goes over the wire now; strings in the run's arena. */
struct item server_item(struct server *server, const struct server_post *post);
struct item server_item_deleted(const struct server_post *post);

/* --- the way to the courier (sim_link.c) */
extern const struct network_ops sim_network_ops;
void links_init(void);
void links_release(void);
/* Something happened that streams tell: a notification, a post of ours, an edit, a deletion. */
void links_tell(struct server *server, const struct server_post *post, bool deletion);
void links_cut(struct server *server); /* its stream, if one is open */
bool links_live(const struct server *server);
/* Nothing that a courier asked is under way, and every stream has told all. */
bool links_quiet(void);
/* Messages for this courier wait while it is stopped. */
void links_set_stopped(bool (*stopped)(enum sim_actor actor));

#endif
