/* One account's connection, with a network that does as the test says. */
#include "core/base/mem.h"
#include "core/courier/connection.h"
#include "core/courier/ingest.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct room {
	struct network base;
	struct network_events events;
};

static struct fixture *f;
static struct timers timers;
static struct room *room; /* NULL while it is closed */
static int opened;

static int room_open(const struct network_setup *setup, struct network **out, struct err *err);

static void room_start(struct network *network)
{
	(void)network;
	opened++;
}

static void room_close(struct network *network)
{
	assert_ptr_equal(network, &room->base);
	free(room);
	room = NULL;
}

static void room_stored(struct network *network)
{
	(void)network;
}

static const struct network_ops room_ops = {.name = "room",
        .credential = CREDENTIAL_COUNT,
        .open = room_open,
        .start = room_start,
        .close = room_close,
        .stored = room_stored};

static int room_open(const struct network_setup *setup, struct network **out, struct err *err)
{
	(void)err;
	room = mem_alloc(sizeof *room);
	*room = (struct room){.base.ops = &room_ops, .events = setup->events};
	*out = &room->base;
	return 0;
}

static void ignore(void *arg)
{
	(void)arg;
}

static void ignore_closing(void *arg, const struct network *network)
{
	(void)arg, (void)network;
}

static void run_timers(void)
{
	timers_run(&timers, fixture_mono_ms);
}

static struct connection *connect_room(void)
{
	static const struct config_account account = {.name = "acme", .server = "", .handle = "@acme"};
	static const struct credentials nothing;
	opened = 0;
	timers_init(&timers);
	struct connection *connection = connection_new(&(struct connection_setup){.config = &account,
	        .ops = &room_ops,
	        .account_id = f->account,
	        .secrets = &nothing,
	        .store = f->store,
	        .timers = &timers,
	        .changed = ignore,
	        .closing = ignore_closing});
	run_timers();
	assert_int_equal(opened, 1);
	return connection;
}

/* It may go on in the same breath, and reach its end. */
static void what_cannot_be_stored_is_not_live_whatever_its_network_says(void **state)
{
	(void)state;
	struct connection *connection = connect_room();
	struct item *items = mem_alloc((INGEST_QUEUE_MAX + 1) * sizeof *items);
	const char *words = "";
	room->events.items(room->events.arg, items, INGEST_QUEUE_MAX + 1, NULL, NULL);
	room->events.items(room->events.arg, items, 1, NULL, NULL);
	assert_int_equal(connection_state(connection), ACCOUNT_RETRYING);
	room->events.state(room->events.arg, ACCOUNT_LIVE, 0, "");
	assert_int_equal(connection_state(connection), ACCOUNT_RETRYING);
	run_timers();
	assert_null(room);
	assert_null(connection_network(connection, &words));
	assert_string_equal(words, "what came in cannot be stored: more came in than could be stored");
	fixture_mono_ms += 30000;
	run_timers();
	assert_int_equal(opened, 2);
	room->events.state(room->events.arg, ACCOUNT_LIVE, 0, "");
	assert_int_equal(connection_state(connection), ACCOUNT_LIVE);
	connection_free(connection);
	timers_release(&timers);
	free(items);
}

static int begin(void **state)
{
	int rc = fixture_setup(state);
	f = *state;
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                what_cannot_be_stored_is_not_live_whatever_its_network_says, begin, fixture_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
