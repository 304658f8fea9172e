/* One account's connection: its network, what comes in through it, and the threads that are asked for. What it learns
 * goes to the store: items, positions, the account's state in words. Everything runs on the courier's loop. */
#ifndef CORE_COURIER_CONNECTION_H
#define CORE_COURIER_CONNECTION_H

#include "core/base/clock.h"
#include "core/config/config.h"
#include "core/net/http.h"
#include "core/network/network.h"
#include "core/store/store.h"

struct connection_setup {
	const struct config *whole;          /* outlives it */
	const struct config_account *config; /* the account's part of it */
	const struct network_ops *ops;       /* NULL: there is no such network */
	int64_t account_id;
	const struct credentials *secrets; /* copied */
	const char *problem;               /* why they do not suffice, in words; copied; NULL when they do */
	struct store *store;
	struct uv_loop_s *loop;
	struct timers *timers;
	struct http *http;
	uint64_t (*random)(void);
	void (*changed)(void *arg); /* the state changed, or there is nothing left to store */
	void (*closing)(void *arg, const struct network *network); /* it is closed, and opened again later */
	void *arg;
};

struct connection;
struct connection *connection_new(const struct connection_setup *setup); /* starts at once */
void connection_free(struct connection *connection);
/* The same, where others may be in the middle of something with its network: they hear of its closing first. */
void connection_close(struct connection *connection);
/* False: with this configuration its network has to be opened anew. Else it goes on, and `whole` and `config` take the
 * place of those it had. */
bool connection_stays(struct connection *connection, const struct config *whole, const struct config_account *config);
/* Copies its credentials, if they suffice and are what `config` would give; they may be newer than those on disk. */
bool connection_lends(
        const struct connection *connection, const struct config_account *config, struct credentials *out);
/* New credentials after a login: opens the connection again. */
void connection_login(struct connection *connection, const struct credentials *secrets);

/* NULL with words while calls are pointless. */
struct network *connection_network(struct connection *connection, const char **words);
enum account_state connection_state(const struct connection *connection);
bool connection_idle(const struct connection *connection); /* nothing to store, no thread to read */

/* Reads the conversation around a post, when its turn comes. thread_id: of a request to mark as done, or 0. */
void connection_want_thread(struct connection *connection, const char *remote_id, int64_t thread_id);

#endif
