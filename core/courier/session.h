/* The courier at work: every account's connection, delivery, escalation, and the store that they share, on one libuv
 * loop. It wakes for what networks send, for the bell, and for what falls due; otherwise once a minute, to see whether
 * desks have died without a word. */
#ifndef CORE_COURIER_SESSION_H
#define CORE_COURIER_SESSION_H

#include "core/config/config.h"
#include "core/model/credential.h"
#include "core/store/store.h"

/* Secrets as they were read before the courier detached, one for each account and team, in the configuration's order.
 */
struct session_secrets {
	struct credentials *accounts;
	char **problems; /* why they do not suffice, in words; NULL where they do */
	char **signing;  /* of teams; "" for none */
};
/* Runs the token and secret commands, which may ask on the terminal: blocks. What is missing is a problem of that
 * account, not an error; the file being refused is. */
int session_secrets_read(struct session_secrets *secrets, const struct config *config, struct err *err);
/* The same without those of accounts. */
int session_secrets_teams(struct session_secrets *secrets, const struct config *config, struct err *err);
void session_secrets_release(struct session_secrets *secrets, const struct config *config);

struct session_setup {
	const struct config *config; /* outlives the session, as do secrets and store */
	const struct session_secrets *secrets;
	struct store *store; /* opened as STORE_COURIER */
	bool once;           /* fill the gaps, deliver what is due, then end */
	bool linger;         /* end when no desk has been there for 30 s and nothing is left to deliver */
};

/* Blocks until the session ends: by SIGTERM or SIGINT, a desk's request, or as set up. With SIGHUP it reads the
 * configuration's file again: one that is wrong is refused with words in the log, else accounts are opened and closed
 * as they changed, and those that did not go on; token and secret commands that are new run then, and block. 0, or
 * negative when it could not begin; with `once`, also -ERR_UNAVAILABLE when an account did not come to be live. */
int session_run(const struct session_setup *setup, struct err *err);

#endif
