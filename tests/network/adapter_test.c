/* The account of an adapter against programs that behave in every way: each is a few words of shell. */
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/vec.h"
#include "core/network/adapter_parts.h"
#include "tests/network/world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define SAY(line) "printf '%s\\n' '" line "'\n"
#define HELLO                                                                                                          \
	SAY("{\"type\":\"hello\",\"protocol\":1,\"name\":\"t/"                                                         \
	    "1\",\"handle\":\"@acme\",\"can\":[\"reply\",\"delete\"]}")
#define ANSWER(id, rest) SAY("{\"type\":\"answer\",\"id\":" id ",\"outcome\":" rest "}")
/* Everything that it is told stands in the file; the first call is that to back-fill. */
#define NOTE "note() { IFS= read -r line || exit 0; printf '%s\\n' \"$line\" >> \"$CURLEW_TEST_TOLD\"; }\n"
#define BEGINS NOTE HELLO "note; note\n"
#define LIVE BEGINS ANSWER("1", "\"ok\"")
#define STAYS "exec cat > /dev/null\n"
#define RECORD(id, more)                                                                                               \
	"{\"type\":\"post\",\"remote_id\":\"" id "\",\"text\":\"@acme help\",\"created_at\":\"2026-11-22T02:00:00Z\"," \
	"\"author\":{\"handle\":\"@sam\"}" more "}"
#define POST(id, more) SAY(RECORD(id, more))

struct desk {
	struct world *world;
	struct network *network;
	VEC(char *) ids;
	char reason[700], gap[100], position[100], why[700], published[32], text[300], key[64];
	char told[32];
	const char *saved;
	enum account_state state, trouble; /* now, and of the trouble that was told last */
	char trouble_reason[700];
	struct account_facts facts;
	char kept[200], spent_position[64];
	const char *saved_spent;
	int64_t budget;
	struct spending spending;
	int keeps, spendings;
	bool disk_full;
	int items, live, states, troubles, gaps, answered, waiting;
	bool hold; /* nothing is stored */
	enum call_outcome outcome;
	enum direction direction;
	int64_t retry_at;
};

static void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
{
	struct desk *d = arg;
	for (int i = 0; i < count; i++) {
		vec_push(&d->ids, mem_strdup(str_or(items[i].post.remote_id, "")));
		snprintf(d->text, sizeof d->text, "%.250s", str_or(items[i].post.text, ""));
		snprintf(d->key, sizeof d->key, "%s", str_or(items[i].customer.remote_key, ""));
		d->items++;
	}
	if (position && strcmp(source, "spent") == 0) {
		snprintf(d->spent_position, sizeof d->spent_position, "%s", position);
	} else if (position) {
		assert_string_equal(source, "adapter");
		snprintf(d->position, sizeof d->position, "%s", position);
	}
	if (d->hold)
		d->waiting++;
	else
		d->network->ops->stored(d->network);
}

static void on_gap(void *arg, const char *source, int64_t from, int64_t to, const char *reason)
{
	struct desk *d = arg;
	assert_true(from < to);
	d->gaps++;
	snprintf(d->gap, sizeof d->gap, "%s: %s", source, reason);
}

static void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct desk *d = arg;
	(void)until;
	d->state = state;
	d->states++;
	d->live += state == ACCOUNT_LIVE;
	bool trouble = state == ACCOUNT_FAILED || state == ACCOUNT_NEEDS_LOGIN || state == ACCOUNT_RETRYING ||
	               state == ACCOUNT_RATE_LIMITED;
	if (trouble) {
		d->troubles++;
		d->trouble = state;
		snprintf(d->trouble_reason, sizeof d->trouble_reason, "%s", reason);
	}
	snprintf(d->reason, sizeof d->reason, "%s", reason);
}

static void on_facts(void *arg, const struct account_facts *facts)
{
	struct desk *d = arg;
	d->facts = *facts;
	d->facts.handle = d->facts.prices.currency = ""; /* gone with the call */
}

static const char *saved_position(void *arg, const char *source, struct arena *arena)
{
	const struct desk *d = arg;
	bool money = strcmp(source, "spent") == 0;
	assert_true(money || strcmp(source, "adapter") == 0);
	return arena_strdup(arena, money ? d->saved_spent : d->saved);
}

static void on_spent(void *arg, const struct spending *spending)
{
	struct desk *d = arg;
	d->spending = *spending;
	d->spendings++;
}

static int on_keep(void *arg, const struct credential_value *values, int count, struct err *err)
{
	struct desk *d = arg;
	size_t len = 0;
	d->keeps++;
	for (int i = 0; i < count; i++)
		len += (size_t)snprintf(d->kept + len, sizeof d->kept - len, "%s=%s ",
		        credential_key(values[i].credential), str_or(values[i].value, "-"));
	return d->disk_full ? err_set(err, ERR_IO, "the disk is full") : 0;
}

static uint64_t no_jitter(void)
{
	return 0;
}

static void open_desk(struct desk *d, const char *command)
{
	static const char *const listen[] = {"acme kettle", "#acme"};
	struct err err = ERR_INIT;
	struct credentials secrets = {{0}, ""};
	credentials_set(&secrets, CREDENTIAL_TOKEN, "token-of-acme");
	snprintf(d->told, sizeof d->told, "/tmp/adapter-told-XXXXXX");
	close(mkstemp(d->told));
	setenv("CURLEW_TEST_TOLD", d->told, 1);
	struct network_setup setup = {.http = d->world->http,
	        .timers = &d->world->timers,
	        .loop = &d->world->loop,
	        .random = no_jitter,
	        .server = "https://forum.example",
	        .handle = "@acme",
	        .command = command,
	        .secrets = &secrets,
	        .first_fetch = 50,
	        .listen = listen,
	        .listen_count = 2,
	        .month_budget = d->budget,
	        .position = saved_position,
	        .events = {.arg = d,
	                .items = on_items,
	                .gap = on_gap,
	                .state = on_state,
	                .facts = on_facts,
	                .spent = on_spent,
	                .keep = on_keep}};
	const struct network_ops *ops = network_by_name("adapter");
	assert_int_equal(ops->open(&setup, &d->network, &err), 0);
	credentials_release(&secrets);
	ops->start(d->network);
}

static void close_desk(struct desk *d)
{
	d->network->ops->close(d->network);
	for (size_t i = 0; i < d->ids.len; i++)
		free(d->ids.at[i]);
	vec_release(&d->ids);
	unlink(d->told);
}

static struct str told(const struct desk *d)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	file_read(d->told, &bytes, &err);
	return bytes;
}

static bool was_told(const struct desk *d, const char *text)
{
	struct str bytes = told(d);
	bool found = strstr(bytes.p, text) != NULL;
	str_release(&bytes);
	return found;
}

static void live(struct desk *d, const char *command)
{
	open_desk(d, command);
	run_in_step_until(d->world, &d->live, 1);
}

static void on_answer(void *arg, const struct call_result *result)
{
	struct desk *d = arg;
	d->outcome = result->outcome;
	d->retry_at = result->retry_at;
	snprintf(d->why, sizeof d->why, "%s", result->reason);
	snprintf(d->published, sizeof d->published, "%s", result->count ? result->items[0].post.remote_id : "");
	d->direction = result->count ? result->items[0].post.direction : DIR_IN;
	d->answered++;
}

static struct reply a_reply(const char *text)
{
	return (struct reply){.kind = REPLY_KIND_POST,
	        .to_remote_id = "7",
	        .to_handle = "@sam",
	        .text = text,
	        .idempotency_key = "0123456789abcdef0123456789abcdef",
	        .created_at = WALL_START};
}

static void perform(struct desk *d, const struct reply *reply)
{
	d->network->ops->perform(d->network, reply, on_answer, d);
}

/* --- the life of an adapter */

static void it_is_live_once_it_has_handed_over_what_was_missed(void **state)
{
	struct desk d = {.world = *state, .saved = "p6"};
	live(&d, BEGINS POST("7", ",\"position\":\"p7\"") ANSWER("1", "\"ok\"") "note\n" POST("8", "") STAYS);
	run_in_step_until(d.world, &d.items, 2);
	assert_string_equal(d.ids.at[0], "7");
	assert_string_equal(d.position, "p7");
	assert_int_equal(d.facts.caps, CAP_REPLY | CAP_DELETE);
	assert_true(was_told(&d, "{\"type\":\"start\",\"protocol\":1,\"alive\":60,\"server\":\"https://forum.example\","
	                         "\"handle\":\"@acme\",\"listen\":[\"acme kettle\",\"#acme\"],"
	                         "\"secrets\":{\"token\":\"token-of-acme\"}}\n"
	                         "{\"type\":\"back-fill\",\"id\":1,\"position\":\"p6\",\"at_most\":50}\n"
	                         "{\"type\":\"stored\",\"position\":\"p7\"}\n"));
	close_desk(&d);
}

static void of_many_positions_the_newest_is_told(void **state)
{
	struct desk d = {.world = *state, .hold = true};
	live(&d, BEGINS POST("1", ",\"position\":\"p1\"") POST("2", "") POST("3", ",\"position\":\"p3\"")
	                 ANSWER("1", "\"ok\"") "note\n" POST("4", "") STAYS);
	assert_int_equal(d.items, 3);
	for (int i = 0; i < 3; i++)
		d.network->ops->stored(d.network);
	run_in_step_until(d.world, &d.items, 4);
	assert_false(was_told(&d, "p1"));
	assert_true(was_told(&d, "{\"type\":\"stored\",\"position\":\"p3\"}\n"));
	close_desk(&d);
}

static void it_has_nothing_of_ours_but_its_token_on_its_input(void **state)
{
	struct desk d = {.world = *state};
	setenv("SECRET_OF_OURS", "token-of-acme", 1);
	live(&d, "ls /proc/self/fd >> $CURLEW_TEST_TOLD; env >> $CURLEW_TEST_TOLD; "
	         "tr '\\0' ' ' < /proc/$$/cmdline >> $CURLEW_TEST_TOLD\n" HELLO
	         "read start; read fill\n" ANSWER("1", "\"ok\"") STAYS);
	struct str seen = told(&d);
	assert_int_equal(strncmp(seen.p, "0\n1\n2\n3\n", 8), 0); /* 3 is what ls reads */
	assert_int_not_equal(seen.p[8], '4');
	assert_null(strstr(seen.p, "SECRET_OF_OURS"));
	assert_null(strstr(seen.p, "token-of-acme"));
	str_release(&seen);
	unsetenv("SECRET_OF_OURS");
	close_desk(&d);
}

struct grave {
	pid_t pid;
	int gone;
};

/* Whoever inherits it may not take note of its end. */
static void look_for(uv_timer_t *timer)
{
	struct grave *grave = timer->data;
	char path[64], line[256] = "";
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)grave->pid);
	FILE *file = fopen(path, "r");
	grave->gone = !file || !fgets(line, sizeof line, file) || strstr(line, ") Z ");
	if (file)
		fclose(file);
}

static void run_until_gone(struct world *world, pid_t pid)
{
	struct grave grave = {pid, 0};
	uv_timer_t timer;
	uv_timer_init(&world->loop, &timer);
	timer.data = &grave;
	uv_timer_start(&timer, look_for, 5, 5);
	run_until(world, &grave.gone, 1);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&world->loop, UV_RUN_NOWAIT);
}

static void what_it_started_goes_with_it(void **state)
{
	struct desk d = {.world = *state};
	live(&d, NOTE "trap '' TERM; sleep 1000 & echo $! >> $CURLEW_TEST_TOLD\n" HELLO
	              "note; note\n" ANSWER("1", "\"ok\"") "wait\n");
	struct str seen = told(&d);
	pid_t pid = (pid_t)strtol(seen.p, NULL, 10);
	str_release(&seen);
	assert_true(pid > 1);
	assert_int_equal(kill(pid, 0), 0);
	close_desk(&d);
	run_until_gone(d.world, pid);
}

static void one_that_ends_is_started_again_from_what_was_handed_over(void **state)
{
	struct desk d = {.world = *state, .saved = "p6"};
	open_desk(&d,
	        LIVE POST("7", ",\"position\":\"p7\"") "printf '{\"type\":\"po'; echo 'no more memory' >&2; exit 3\n");
	run_in_step_until(d.world, &d.troubles, 1);
	assert_int_equal(d.state, ACCOUNT_RETRYING);
	assert_string_equal(d.reason, "the adapter ended with status 3: no more memory");
	run_in_step_until(d.world, &d.troubles, 2);
	assert_true(was_told(&d, "\"position\":\"p7\",\"at_most\""));
	close_desk(&d);
}

static void one_that_needs_a_login_is_not_started_again(void **state)
{
	struct desk d = {.world = *state};
	open_desk(&d, LIVE SAY("{\"type\":\"state\",\"state\":\"needs login\",\"reason\":\"token-of-acme was "
	                       "refused\"}") "exit 1\n");
	run_in_step_until(d.world, &d.troubles, 1);
	while (((const struct adapter *)d.network)->child)
		uv_run(&d.world->loop, UV_RUN_ONCE);
	advance(d.world, 600000);
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.outcome, CALL_NOT_SENT);
	assert_int_equal(d.state, ACCOUNT_NEEDS_LOGIN);
	assert_int_equal(timers_next(&d.world->timers), INT64_MAX);
	close_desk(&d);
}

static void its_own_word_on_its_state_counts(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE SAY("{\"type\":\"state\",\"state\":\"rate limited\",\"until\":\"2026-11-22T03:00:00Z\","
	                  "\"reason\":\"too many requests\"}") SAY("{\"type\":\"state\",\"state\":\"live\"}") STAYS);
	run_in_step_until(d.world, &d.live, 2);
	assert_int_equal(d.troubles, 1);
	close_desk(&d);
}

static void what_cannot_be_had_is_told_as_a_gap(void **state)
{
	struct desk d = {.world = *state};
	live(&d, BEGINS SAY("{\"type\":\"gap\",\"source\":\"mentions\",\"from\":\"2026-11-20T00:00:00Z\",\"to\":"
	                    "\"2026-11-21T00:00:00Z\",\"reason\":\"the feed holds 20\"}") ANSWER("1", "\"ok\"") STAYS);
	assert_int_equal(d.gaps, 1);
	assert_string_equal(d.gap, "mentions: the feed holds 20");
	close_desk(&d);
}

static void a_back_fill_that_fails_is_asked_for_again(void **state)
{
	struct desk d = {.world = *state};
	live(&d, BEGINS ANSWER("1", "\"not-sent\"") "note\n" ANSWER("2", "\"ok\"") STAYS);
	assert_true(was_told(&d, "{\"type\":\"back-fill\",\"id\":2,\"position\":null,\"at_most\":50}"));
	close_desk(&d);
}

#define PRICED SAY("{\"type\":\"hello\",\"protocol\":1,\"name\":\"t\",\"prices\":{\"currency\":\"USD\"}}")
#define COST(amount) SAY("{\"type\":\"cost\",\"amount\":" amount "}")

static void what_it_costs_is_counted_and_survives_a_restart(void **state)
{
	struct desk d = {.world = *state, .saved_spent = "2026-11-01 12000000 9000000", .budget = 50000000};
	live(&d, NOTE PRICED "note; note\n" COST("0.005") COST("0.0125") COST("-1") COST("0") ANSWER("1", "\"ok\"")
	                 STAYS);
	assert_int_equal(d.spending.day, 17500);
	assert_int_equal(d.spending.month, 12017500);
	assert_int_equal(d.spending.month_budget, 50000000);
	assert_string_equal(d.spent_position, "2026-11-22 12017500 17500");
	assert_int_equal(d.spendings, 3);
	assert_true(was_told(&d, "\"budget\":50,\"spent\":12,"));
	close_desk(&d);
}

static void a_cost_in_no_currency_counts_for_nothing(void **state)
{
	struct desk d = {.world = *state};
	live(&d, BEGINS COST("0.005") ANSWER("1", "\"ok\"") STAYS);
	assert_int_equal(d.spendings, 0);
	close_desk(&d);
}

static void our_own_adapter_charges_for_practice(void **state)
{
	struct desk d = {.world = *state};
	struct str command = STR_INIT;
	struct reply reply = a_reply("hello");
	char said[] = "/tmp/curlew-said-XXXXXX", *dir = path_program_dir();
	close(mkstemp(said));
	str_addf(&command, "%s/../../curlew-replay --price 0.015 --replies %s /dev/null", dir, said);
	live(&d, command.p);
	assert_int_equal(d.facts.prices.reply, 15000);
	perform(&d, &reply);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.spending.month, 15000);
	perform(&d, &reply); /* the same one again is not said again */
	run_in_step_until(d.world, &d.answered, 2);
	assert_int_equal(d.spending.month, 15000);
	unlink(said);
	str_release(&command);
	free(dir);
	close_desk(&d);
}

#define SECRETS(members) SAY("{\"type\":\"secrets\",\"secrets\":{" members "}}")

static void new_secrets_are_kept_before_it_is_told_so_and_the_next_process_has_them(void **state)
{
	struct desk d = {.world = *state};
	live(&d, BEGINS SECRETS("\"token\":\"fresh-token-1\",\"refresh_token\":\"fresh-2\",\"token_expires\":null")
	                 ANSWER("1", "\"ok\"") "note; exit 0\n");
	assert_string_equal(d.kept, "token=fresh-token-1 refresh_token=fresh-2 token_expires=- ");
	run_in_step_until(d.world, &d.troubles, 2);
	struct str seen = told(&d);
	const char *kept = strstr(seen.p, "{\"type\":\"kept\"}\n");
	assert_non_null(kept);
	assert_non_null(strstr(kept, "\"secrets\":{\"token\":\"fresh-token-1\",\"refresh_token\":\"fresh-2\"}"));
	str_release(&seen);
	close_desk(&d);
}

static void secrets_that_cannot_be_kept_are_tried_again_and_said(void **state)
{
	struct desk d = {.world = *state, .disk_full = true};
	live(&d, BEGINS SECRETS("\"token\":\"fresh-token-1\"") ANSWER("1", "\"ok\"")
	                 SECRETS("\"refresh_token\":\"fresh-2\"") "while note; do :; done\n");
	run_in_step_until(d.world, &d.keeps, 2);
	assert_string_equal(d.kept, "token=fresh-token-1 refresh_token=fresh-2 ");
	assert_string_equal(d.reason, "the disk is full");
	assert_false(was_told(&d, "kept"));
	d.disk_full = false;
	advance(d.world, 30000);
	assert_int_equal(d.keeps, 3);
	assert_string_equal(d.reason, "polling");
	close_desk(&d);
}

/* A log is what people paste. */
static void what_is_wrong_with_secrets_is_said_without_them(void **state)
{
	static const char *const lines[] = {"{\"type\":\"secrets\",\"secrets\":{\"hunter2\":\"hunter2\"}}",
	        "{\"type\":\"secrets\",\"secrets\":{\"token\":\"hunter2 hunter2\"}}",
	        "{\"type\":\"secrets\",\"secrets\":{\"token\":\"hunter2\",\"token\":\"hunter2\"}}",
	        "{\"type\":\"secrets\",\"secrets\":{\"token\":7}}", "{\"type\":\"secrets\",\"secrets\":\"hunter2\"}",
	        "{\"type\":\"secrets\",\"token\":\"hunter2\"}"};
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct adapter_line line;
		struct arena arena = ARENA_INIT;
		struct err err = ERR_INIT;
		assert_int_equal(adapter_decode(lines[i], strlen(lines[i]), "", &arena, &line, &err), -ERR_DATA);
		assert_null(strstr(err.text, "hunter2"));
		arena_wipe(&arena);
	}
}

static void people_of_two_networks_are_not_taken_for_one(void **state)
{
	struct desk d = {.world = *state};
	live(&d, NOTE SAY("{\"type\":\"hello\",\"protocol\":1,\"name\":\"t/"
	                  "1\",\"network\":\"forum.example\"}") "note; note\n" POST("7", "") ANSWER("1", "\"ok\"")
	                 STAYS);
	assert_string_equal(d.key, "forum.example:@sam");
	close_desk(&d);
}

/* --- what it may do wrong */

static void what_is_no_adapter_is_called_that(void **state)
{
	static const struct {
		const char *command, *reason;
		enum account_state is;
	} wrong[] = {
	        {"echo Hello, world; sleep 100", "is not hello: is it an adapter?", ACCOUNT_FAILED},
	        {SAY("{\"type\":\"alive\"}") "sleep 100", "is not hello: is it an adapter?", ACCOUNT_FAILED},
	        {SAY("{\"type\":\"hello\",\"protocol\":2,\"name\":\"t/9\",\"can\":[\"sing\"]}") "sleep 100",
	                "speaks protocol 2, and this curlew speaks 1", ACCOUNT_FAILED},
	        {SAY("{\"type\":\"hello\",\"protocol\":1,\"name\":\"t/1\",\"can\":[\"sing\"]}") "sleep 100",
	                "is not hello: is it an adapter?", ACCOUNT_FAILED},
	        {"no-such-program-here", "ended with status 127", ACCOUNT_RETRYING},
	        {"kill -9 $$", "was ended by signal 9", ACCOUNT_RETRYING},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct desk d = {.world = *state};
		open_desk(&d, wrong[i].command);
		run_in_step_until(d.world, &d.troubles, 1);
		assert_int_equal(d.trouble, wrong[i].is); /* it may be tried again by now */
		assert_non_null(strstr(d.trouble_reason, wrong[i].reason));
		close_desk(&d);
	}
}

static void one_that_says_nothing_is_ended_and_started_again(void **state)
{
	struct desk d = {.world = *state}, e = {.world = *state};
	open_desk(&d, "echo >> $CURLEW_TEST_TOLD; exec sleep 1000");
	advance(d.world, ADAPTER_HELLO_MS);
	assert_int_equal(d.state, ACCOUNT_RETRYING);
	assert_non_null(strstr(d.reason, "hangs: it has not said hello"));
	close_desk(&d);
	live(&e, LIVE STAYS);
	advance(e.world, ADAPTER_SILENT_MS);
	assert_non_null(strstr(e.reason, "hangs: it has said nothing, not even that it is alive"));
	run_in_step_until(e.world, &e.states, 6); /* and again: connecting, catching up */
	assert_int_equal(e.state, ACCOUNT_CATCHING_UP);
	close_desk(&e);
}

static void a_sign_of_life_is_enough(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE "note\n" SAY("{\"type\":\"alive\"}") POST("7", "") STAYS);
	advance(d.world, ADAPTER_SILENT_MS - 5000);
	struct reply gone = {.kind = REPLY_KIND_DELETE, .to_remote_id = "1", .created_at = WALL_START};
	perform(&d, &gone);
	run_in_step_until(d.world, &d.items, 1);
	advance(d.world, 10000);
	assert_int_equal(d.state, ACCOUNT_LIVE);
	close_desk(&d);
}

static void a_flood_is_read_no_faster_than_it_may_come(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE "yes '" RECORD("7", "") "'\n");
	run_until(d.world, &d.items, ADAPTER_RATE - 200);
	int before = d.items;
	for (int i = 0; i < 50; i++)
		uv_run(&d.world->loop, UV_RUN_NOWAIT);
	assert_in_range(d.items, before, ADAPTER_RATE + 1);
	advance(d.world, 1000);
	run_until(d.world, &d.items, ADAPTER_RATE + 200);
	assert_int_equal(d.state, ACCOUNT_LIVE);
	close_desk(&d);
}

static void no_more_is_read_than_waits_to_be_stored(void **state)
{
	struct desk d = {.world = *state, .hold = true};
	live(&d, LIVE "yes '" RECORD("7", "") "'\n");
	run_in_step_until(d.world, &d.items, ADAPTER_AHEAD);
	advance(d.world, 5 * ADAPTER_SILENT_MS); /* it may speak: we do not listen */
	uv_run(&d.world->loop, UV_RUN_NOWAIT);
	assert_int_equal(d.items, ADAPTER_AHEAD);
	assert_int_equal(d.state, ACCOUNT_LIVE);
	d.hold = false;
	while (d.waiting-- > 0)
		d.network->ops->stored(d.network);
	run_in_step_until(d.world, &d.items, ADAPTER_AHEAD + 100);
	close_desk(&d);
}

static void a_line_that_is_wrong_is_left_out_alone(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE "echo 'not json'; echo '[1,2]'; echo; printf '\\377\\376\\n'\n"
	              "head -c 1100000 /dev/zero | tr '\\0' a; echo\n" SAY("{\"type\":\"post\",\"remote_id\":\"1\"}")
	                      SAY("{\"type\":\"sing\",\"song\":1}") SAY("{\"type\":\"delete\"}") POST("7", "") STAYS);
	run_in_step_until(d.world, &d.items, 1);
	assert_string_equal(d.ids.at[0], "7");
	assert_int_equal(d.state, ACCOUNT_LIVE);
	close_desk(&d);
}

static void one_whose_lines_are_all_wrong_is_ended(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE "yes nonsense\n");
	run_in_step_until(d.world, &d.troubles, 1);
	assert_int_equal(d.state, ACCOUNT_RETRYING);
	assert_non_null(strstr(d.reason, "too many of the adapter's lines are wrong"));
	close_desk(&d);
}

static void of_what_it_complains_no_more_is_kept_than_a_hundred_lines_a_minute(void **state)
{
	struct desk d = {.world = *state};
	open_desk(&d, LIVE "i=0; while [ $i -lt 300 ]; do echo complaint >&2; i=$((i+1)); done; exit 1\n");
	run_in_step_until(d.world, &d.troubles, 1);
	const struct adapter *a = (const struct adapter *)d.network;
	assert_int_equal(a->complaints, 300);
	assert_int_equal(a->unheard, 300 - ADAPTER_COMPLAINTS);
	close_desk(&d);
}

/* --- going out */

#define PUBLISHED "\"ok\",\"posts\":[" RECORD("300", ",\"direction\":\"in\"") "]"

static void a_reply_goes_down_with_all_that_makes_it_one(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE "note\n" ANSWER("2", PUBLISHED) ANSWER("2", PUBLISHED) POST("7", "") STAYS);
	struct reply reply = a_reply("Sorry: \"soon\"\nand well");
	perform(&d, &reply);
	run_in_step_until(d.world, &d.items, 1);
	assert_true(was_told(&d, "{\"type\":\"reply\",\"id\":2,\"key\":\"0123456789abcdef0123456789abcdef\","
	                         "\"created_at\":\"2026-11-22T02:13:50.000Z\",\"remote_id\":\"7\","
	                         "\"text\":\"Sorry: \\\"soon\\\"\\nand well\",\"to_handle\":\"@sam\","
	                         "\"visibility\":\"public\"}\n"));
	assert_int_equal(d.answered, 1); /* the second answer is left out */
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "300");
	assert_int_equal(d.direction, DIR_OUT);
	close_desk(&d);
}

static void an_answer_that_names_no_post_leaves_it_in_doubt(void **state)
{
	static const char *const answers[] = {LIVE "note\n" ANSWER("2", "\"ok\"") STAYS,
	        LIVE "note\n" ANSWER("2", "\"ok\",\"posts\":[{\"remote_id\":\"300\"}]") STAYS,
	        LIVE "note\n" ANSWER("2", "\"perhaps\"") STAYS};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct desk d = {.world = *state};
		live(&d, answers[i]);
		struct reply reply = a_reply("Sorry");
		perform(&d, &reply);
		run_in_step_until(d.world, &d.answered, 1);
		assert_int_equal(d.outcome, CALL_UNKNOWN);
		close_desk(&d);
	}
}

static void each_outcome_is_what_it_says(void **state)
{
	static const struct {
		const char *script;
		enum call_outcome outcome;
	} each[] = {{LIVE "note\n" ANSWER("2", "\"refused\",\"reason\":\"too long\"") STAYS, CALL_REFUSED},
	        {LIVE "note\n" ANSWER("2", "\"gone\",\"reason\":\"too long\"") STAYS, CALL_GONE},
	        {LIVE "note\n" ANSWER("2", "\"no-access\",\"reason\":\"too long\"") STAYS, CALL_NO_ACCESS},
	        {LIVE "note\n" ANSWER("2", "\"not-sent\",\"reason\":\"too long\",\"retry_at\":\"2026-11-22T03:00:00Z\"")
	                        STAYS,
	                CALL_NOT_SENT}};
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		struct desk d = {.world = *state};
		live(&d, each[i].script);
		struct reply reply = a_reply("Sorry");
		perform(&d, &reply);
		run_in_step_until(d.world, &d.answered, 1);
		assert_int_equal(d.outcome, each[i].outcome);
		assert_string_equal(d.why, "too long");
		assert_int_equal(d.retry_at, each[i].outcome == CALL_NOT_SENT ? INT64_C(1795316400000) : 0);
		close_desk(&d);
	}
}

static void one_that_does_not_answer_in_time_hangs_and_what_it_did_is_looked_for(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE "note\n" POST("7", "") "note\n" ANSWER("3", "\"ok\",\"posts\":[" RECORD("300", "") "]") STAYS);
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	run_in_step_until(d.world, &d.items, 1);
	advance(d.world, ADAPTER_ANSWER_MS);
	assert_int_equal(d.answered, 1);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	assert_string_equal(d.reason, "the adapter hangs: it has not answered \"reply\" within 60 s");
	run_in_step_until(d.world, &d.troubles, 1);
	close_desk(&d);
}

static void what_reached_one_that_died_is_in_doubt_and_found(void **state)
{
	struct desk d = {.world = *state};
	/* The first process dies of the reply; the second is asked to find it. Calls are counted on. */
	live(&d, NOTE HELLO
	        "note; note; case $line in *'\"id\":1,'*)\n" ANSWER("1", "\"ok\"") "note; exit 1;; esac\n" ANSWER(
	                "3", "\"ok\"") "note\n" ANSWER("4", "\"ok\",\"posts\":[" RECORD("300", "") "]") STAYS);
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	run_in_step_until(d.world, &d.live, 2);
	d.network->ops->find(d.network, &reply, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 2);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "300");
	assert_true(
	        was_told(&d, "{\"type\":\"find\",\"id\":4,\"key\":\"0123456789abcdef0123456789abcdef\","
	                     "\"created_at\":\"2026-11-22T02:13:50.000Z\",\"remote_id\":\"7\",\"text\":\"Sorry\"}"));
	close_desk(&d);
}

static void what_never_reached_one_that_died_is_sent_again(void **state)
{
	struct desk d = {.world = *state};
	struct str text = STR_INIT;
	for (int i = 0; i < 30000; i++) /* more than a pipe holds */
		str_adds(&text, "Sorry ");
	live(&d, LIVE "exec sleep 1000\n");
	struct reply reply = a_reply(text.p);
	perform(&d, &reply);
	for (int i = 0; i < 10; i++)
		uv_run(&d.world->loop, UV_RUN_NOWAIT);
	advance(d.world, ADAPTER_ANSWER_MS);
	assert_int_equal(d.answered, 1);
	assert_int_equal(d.outcome, CALL_NOT_SENT);
	str_release(&text);
	close_desk(&d);
}

static void what_may_be_repeated_is_not_looked_for(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE STAYS);
	struct reply gone = {.kind = REPLY_KIND_DELETE, .to_remote_id = "7", .created_at = WALL_START};
	d.network->ops->find(d.network, &gone, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "");
	close_desk(&d);
}

static void a_thread_is_read_and_what_is_wrong_in_it_left_out(void **state)
{
	struct desk d = {.world = *state};
	live(&d, LIVE "note\n" ANSWER("2", "\"ok\",\"posts\":[{\"remote_id\":\"6\"}," RECORD("7", "") "]") STAYS);
	d.network->ops->thread(d.network, "7", on_answer, &d);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "7");
	assert_true(was_told(&d, "{\"type\":\"fetch-thread\",\"id\":2,\"remote_id\":\"7\"}"));
	close_desk(&d);
}

#define PROVES(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        PROVES(it_is_live_once_it_has_handed_over_what_was_missed),
	        PROVES(of_many_positions_the_newest_is_told),
	        PROVES(it_has_nothing_of_ours_but_its_token_on_its_input),
	        PROVES(what_it_started_goes_with_it),
	        PROVES(one_that_ends_is_started_again_from_what_was_handed_over),
	        PROVES(one_that_needs_a_login_is_not_started_again),
	        PROVES(its_own_word_on_its_state_counts),
	        PROVES(what_cannot_be_had_is_told_as_a_gap),
	        PROVES(a_back_fill_that_fails_is_asked_for_again),
	        PROVES(people_of_two_networks_are_not_taken_for_one),
	        PROVES(what_it_costs_is_counted_and_survives_a_restart),
	        PROVES(a_cost_in_no_currency_counts_for_nothing),
	        PROVES(our_own_adapter_charges_for_practice),
	        PROVES(new_secrets_are_kept_before_it_is_told_so_and_the_next_process_has_them),
	        PROVES(secrets_that_cannot_be_kept_are_tried_again_and_said),
	        cmocka_unit_test(what_is_wrong_with_secrets_is_said_without_them),
	        PROVES(what_is_no_adapter_is_called_that),
	        PROVES(one_that_says_nothing_is_ended_and_started_again),
	        PROVES(a_sign_of_life_is_enough),
	        PROVES(a_flood_is_read_no_faster_than_it_may_come),
	        PROVES(no_more_is_read_than_waits_to_be_stored),
	        PROVES(a_line_that_is_wrong_is_left_out_alone),
	        PROVES(one_whose_lines_are_all_wrong_is_ended),
	        PROVES(of_what_it_complains_no_more_is_kept_than_a_hundred_lines_a_minute),
	        PROVES(a_reply_goes_down_with_all_that_makes_it_one),
	        PROVES(an_answer_that_names_no_post_leaves_it_in_doubt),
	        PROVES(each_outcome_is_what_it_says),
	        PROVES(one_that_does_not_answer_in_time_hangs_and_what_it_did_is_looked_for),
	        PROVES(what_reached_one_that_died_is_in_doubt_and_found),
	        PROVES(what_never_reached_one_that_died_is_sent_again),
	        PROVES(what_may_be_repeated_is_not_looked_for),
	        PROVES(a_thread_is_read_and_what_is_wrong_in_it_left_out),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
