/* What the fault tests share: the store that the programs meet at, read beside them, and what the network was told. */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H

#include "core/store/store.h"
#include "tests/e2e/e2e.h"

#include <poll.h>

#define EVERY_STATE (~0u)

/* Any program of the build that ends by itself. The last argument is NULL. */
static inline int fault_run(struct world *world, const char *const *argv)
{
	struct run_result result;
	run_program(argv, (const char *const *)world->env, NULL, SCREEN_PATIENCE_MS, &result);
	int status = result.status;
	if (status)
		print_message("%s: %d %s\n", argv[0], status, result.err.p);
	run_result_release(&result);
	return status;
}

/* In the background, as a desk starts it. */
static inline void fault_start_courier(struct world *world)
{
	char *program = world_program("curlewd");
	const char *argv[] = {program, "-c", world->config, NULL};
	assert_int_equal(fault_run(world, argv), 0);
	free(program);
}

/* The test is a desk, too: couriers stay for it. The account's row. */
static inline struct store *fault_open_store(struct world *world, int64_t *account_id)
{
	struct str uri = STR_INIT;
	struct err err = ERR_INIT;
	struct arena arena = ARENA_INIT;
	struct store *store = NULL;
	const struct account *accounts = NULL;
	int64_t desk_id;
	int count = 0;
	str_addf(&uri, "sqlite:%s", world->store);
	if (store_open(uri.p, STORE_DESK, &store, &err) || store_desk_open(store, "warden", &desk_id, &err) ||
	        store_accounts(store, &arena, &accounts, &count, &err))
		fail_msg("%s", err.text);
	assert_int_equal(count, 1);
	*account_id = accounts[0].id;
	arena_release(&arena);
	str_release(&uri);
	return store;
}

static inline bool fault_is_live(struct store *store)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct account *accounts;
	int count;
	bool live = store_accounts(store, &arena, &accounts, &count, &err) == 0 && count == 1 &&
	            accounts[0].state == ACCOUNT_LIVE;
	arena_release(&arena);
	return live;
}

#endif
