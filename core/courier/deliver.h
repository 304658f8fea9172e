/* Delivery: replies that a person confirmed, from the store to the network, each said once.
 *
 * held -> queued when due -> taken (sending) -> looked at again -> published. What stands against it stops it; what the
 * network refuses fails it with the network's words; what certainly did not arrive is tried again; where the outcome is
 * unknown the reply is in doubt: after a minute it is looked for among our own posts, and only what is certainly not
 * there is sent again, with the same key. A reply of a case waits for the ones before it (the store sees to that).
 *
 * Everything runs on the courier's loop; the store blocks for the time of one small write. */
#ifndef CORE_COURIER_DELIVER_H
#define CORE_COURIER_DELIVER_H

#include "core/base/clock.h"
#include "core/network/network.h"
#include "core/store/store.h"

#define DELIVER_OVERDUE_MS (10 * 60000) /* later than this after its time nothing is said without asking */
#define DELIVER_DOUBT_MS 60000          /* two requests in flight would both post: the first may still be under way */

struct deliver_setup {
	struct store *store;
	struct timers *timers;
	uint64_t (*random)(void);
	/* The network of an account; NULL with words when it cannot be used now. */
	struct network *(*network)(void *arg, int64_t account_id, const char **words);
	/* Something was settled; nothing may be left to do. */
	void (*settled)(void *arg);
	void *arg;
};

struct deliver;
/* What was being sent when the last courier died is put in doubt by the first deliver_run. */
struct deliver *deliver_new(const struct deliver_setup *setup);
/* Before the networks are closed. What is under way stays `sending` in the store: the next deliver_new doubts it. */
void deliver_free(struct deliver *deliver);

/* Looks at once for what is due, and sets its timer for the next: at the start, and whenever replies changed or an
 * account became usable. */
void deliver_run(struct deliver *deliver);

/* Before a network is closed while the courier goes on: what it was sending is in doubt. */
void deliver_network_closes(struct deliver *deliver, const struct network *network);

bool deliver_busy(const struct deliver *deliver); /* something is under way */
/* Nothing is held, queued, under way or in doubt. */
bool deliver_nothing_left(struct deliver *deliver);

#endif
