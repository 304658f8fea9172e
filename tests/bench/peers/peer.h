/* The programs that people would use instead, as Debian has them: how each is set up and started, in a directory of its
 * own, against 127.0.0.1 alone. What each does is said in peer.c's table. */
#ifndef TESTS_BENCH_PEERS_PEER_H
#define TESTS_BENCH_PEERS_PEER_H

#include "core/base/arena.h"
#include "tests/lib/pty_screen.h"

enum { PEER_WORDS = 16 };

/* Where one runs. */
struct spot {
	struct arena arena;
	const char *dir;     /* its home; absolute */
	const char *maildir; /* with so many messages */
	const char *feed;    /* the same as a feed, a file */
	int stored;
	int port;                /* of the load server; 0: not online */
	const char *const *line; /* what it is run by; NULL: nothing */
	const char *env[12];
};

struct peer {
	const char *name, *package, *program; /* its path */
	const char *does;                     /* beside curlew, in words */
	const char *ready;                    /* stands on its first full screen; %d is how many are stored */
	const char *ready_empty;              /* the same, when nothing is; NULL: likewise */
	bool chats, lists;                    /* takes what others write; shows what is stored */
	const char *into_list;                /* keys after which j moves in a list; NULL: none are needed */
	void (*prepare)(struct spot *spot);   /* writes its files; NULL: none */
	void (*command)(struct spot *spot, const char **argv); /* up to PEER_WORDS, ended by NULL */
};

extern const struct peer peers[];
extern const int peers_len;

bool peer_is_there(const struct peer *peer);
/* Makes the messages as maildir and as feed, once, below root. */
void spot_init(struct spot *spot, const char *root, const struct peer *peer, int stored, int port);
void spot_release(struct spot *spot);
struct screen *peer_start(const struct peer *peer, struct spot *spot, int rows, int cols);
const char *peer_ready(const struct peer *peer, struct spot *spot);

#endif
