/* Either program is killed with SIGKILL, again and again, at moments that a seed decides, while customers write and
 * replies go out. In the end whatever the network has is in the store once, and each reply that the store took is on
 * the network once, or, when killing kept it from going out for ten minutes, waits in the outbox with its text.
 *
 *     KILLS=500 SEED=7 kill_test     how often, and which moments; 25 and 1 unless set */
#include "core/base/vec.h"
#include "tests/fault/fault.h"

#include <stdio.h>

enum {
	KILLS_SHORT = 25,
	ENDLESS_S = 1200,
	DESK_EACH = 6,
	REPLIES_MAX = 2,
	MENTIONS_MAX = 3,
	STROKES_MAX = 20,
	CALM_EACH = 8,
	CALM_S = 90,
	ID_SIZE = 32
};

#define SAYS_HELD "^G recalls"

struct remote_id {
	char text[ID_SIZE];
};

struct trial {
	struct world *world;
	struct store *store;
	char *curlew;
	uint64_t random;
	int64_t account_id;
	int courier_kills, command_kills, desk_kills;
	int mentions, replies, confirmed, rounds;
	VEC(struct remote_id) said;
};

static int setting(const char *name, int otherwise)
{
	int64_t n;
	const char *text = getenv(name);
	return text && parse_i64(text, &n) && n > 0 && n < 1000000 ? (int)n : otherwise;
}

/* xorshift: the same seed gives the same trial, as far as the machine's own timing lets it. */
static int below(struct trial *trial, int most)
{
	trial->random ^= trial->random << 13;
	trial->random ^= trial->random >> 7;
	trial->random ^= trial->random << 17;
	return (int)(trial->random % (uint64_t)most);
}

static void let_pass_real_ms(struct trial *trial, int most)
{
	poll(NULL, 0, below(trial, most + 1));
}

static int kills(const struct trial *trial)
{
	return trial->courier_kills + trial->command_kills + trial->desk_kills;
}

/* --- the programs */

static void start_courier(struct trial *trial)
{
	if (!world_courier(trial->world))
		fault_start_courier(trial->world);
}

static void kill_courier(struct trial *trial)
{
	pid_t pid = world_courier(trial->world);
	if (!pid || kill(pid, SIGKILL))
		return;
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	trial->courier_kills++;
}

/* --- what customers and agents do */

/* Words like no others: alike texts would be an incident, and alike replies worth a warning. */
static void babble(struct trial *trial, char *out, size_t size)
{
	static const char letters[] = "bdfgklmnprstvz", vowels[] = "aeiou";
	size_t len = 0;
	for (int word = 0; word < 5; word++) {
		for (int i = 0; i < 3 && len + 3 < size; i++) {
			out[len++] = letters[below(trial, sizeof letters - 1)];
			out[len++] = vowels[below(trial, sizeof vowels - 1)];
		}
		out[len++] = word < 4 ? ' ' : '\0';
	}
}

static void somebody_writes(struct trial *trial)
{
	struct remote_id id;
	char name[32], words[48], text[96];
	snprintf(name, sizeof name, "swift%d", trial->mentions);
	babble(trial, words, sizeof words);
	snprintf(text, sizeof text, "@acme %s", words);
	world_post(trial->world, name, text, NULL, id.text);
	vec_push(&trial->said, id);
	trial->mentions++;
}

static int64_t case_to_answer(struct trial *trial)
{
	struct err err = ERR_INIT;
	int64_t id = 0;
	if (store_next_needed(trial->store, "alice", 0, trial->world->wall, &id, &err))
		fail_msg("%s", err.text);
	return id;
}

/* From a script. It is killed when it has not ended within `patience` ms. */
static void answer_by_command(struct trial *trial, int patience)
{
	char kase[32], words[48], text[96];
	struct run_result result;
	int64_t id = case_to_answer(trial);
	if (!id)
		return;
	snprintf(kase, sizeof kase, "%lld", (long long)id);
	babble(trial, words, sizeof words);
	snprintf(text, sizeof text, "%s, answer %d.", words, ++trial->replies);
	const char *argv[] = {
	        trial->curlew, "-c", trial->world->config, "-a", "alice", "do", kase, "reply", "--send", text, NULL};
	run_program(argv, (const char *const *)trial->world->env, NULL, patience, &result);
	if (result.status == 128 + SIGKILL)
		trial->command_kills++;
	else if (result.status != 0)
		fail_msg("curlew do: %d %s", result.status, result.err.p);
	trial->confirmed += result.status == 0;
	run_result_release(&result);
}

/* It is taken once the bar has been painted for long enough, and at an inbox it does no harm. */
static void give_second_stroke(struct world *world, struct screen *desk)
{
	screen_pump(desk, 20);
	world_advance(world, DEAF_MS);
	screen_pump(desk, 20);
	screen_send(desk, screen_contains(desk, "^Y sends") ? CTRL_Y : ENTER); /* alike texts are worth a warning */
	screen_pump(desk, 100);
}

/* The bottom line may have said anything before. */
static bool asks_for_command(void *arg)
{
	int rows, cols;
	screen_size(arg, &rows, &cols);
	char *text = screen_row_text(arg, rows - 1);
	bool asks = text[0] == ':';
	free(text);
	return asks;
}

/* At a desk, which is killed about when the second stroke is given. */
static void answer_at_a_desk(struct trial *trial)
{
	char handle[48], kase[32], go[48], words[48], text[96];
	struct world *world = trial->world;
	snprintf(handle, sizeof handle, "@swift%d@ferry.example", trial->mentions);
	somebody_writes(trial);
	struct screen *desk = world_desk(world, "bob");
	world_case_of(world, handle, kase);
	snprintf(go, sizeof go, "go %s", kase);
	screen_send(desk, ":");
	screen_expect_that(desk, screen_wait_until(desk, asks_for_command, desk, SCREEN_PATIENCE_MS));
	screen_send(desk, go);
	screen_send(desk, ENTER);
	screen_expect(desk, handle);
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	babble(trial, words, sizeof words);
	snprintf(text, sizeof text, "%s, answer %d.", words, ++trial->replies);
	screen_send(desk, text);
	screen_expect(desk, text);
	screen_send(desk, CTRL_X);
	screen_expect(desk, SAYS_SEND_BAR);
	give_second_stroke(world, desk);
	if (below(trial, 2)) {
		for (int i = 0; i < STROKES_MAX && !screen_contains(desk, SAYS_HELD); i++)
			give_second_stroke(world, desk);
		screen_expect(desk, SAYS_HELD);
		trial->confirmed++;
	}
	let_pass_real_ms(trial, 20);
	assert_int_equal(kill(screen_pid(desk), SIGKILL), 0);
	trial->desk_kills++;
	world_desk_close(world, desk);
}

/* --- one kill after the other */

/* Now and then a courier lives for long enough to look for what is in doubt. */
static void be_calm(struct trial *trial)
{
	for (int second = 0; second < CALM_S; second++) {
		world_advance(trial->world, 1000);
		poll(NULL, 0, 4);
	}
}

static void one_round(struct trial *trial)
{
	start_courier(trial);
	let_pass_real_ms(trial, 60);
	for (int n = 1 + below(trial, MENTIONS_MAX); n > 0; n--)
		somebody_writes(trial);
	let_pass_real_ms(trial, 30);
	for (int n = below(trial, REPLIES_MAX + 1); n > 0; n--)
		answer_by_command(trial, below(trial, 4) ? SCREEN_PATIENCE_MS : below(trial, 12));
	if (trial->desk_kills * DESK_EACH < kills(trial))
		answer_at_a_desk(trial);
	world_advance(trial->world, UNDO_WINDOW_MS);
	let_pass_real_ms(trial, 40);
	if (trial->rounds++ % CALM_EACH == 0)
		be_calm(trial);
	kill_courier(trial);
	somebody_writes(trial);
}

static bool all_settled(void *arg)
{
	struct trial *trial = arg;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct reply *replies;
	int count, open = 0;
	if (store_replies(trial->store, EVERY_STATE, NULL, &arena, &replies, &count, &err))
		fail_msg("%s", err.text);
	for (int i = 0; i < count; i++)
		open += replies[i].state != REPLY_SENT && replies[i].state != REPLY_STOPPED;
	arena_release(&arena);
	for (size_t i = 0; !open && i < trial->said.len; i++)
		open += !store_knows_post(trial->store, trial->account_id, trial->said.at[i].text);
	return open == 0;
}

/* Time enough for each reply in doubt to be looked for. */
static void let_all_settle(struct trial *trial)
{
	start_courier(trial);
	for (int second = 0; second < ENDLESS_S && !all_settled(trial); second++) {
		world_advance(trial->world, 1000);
		poll(NULL, 0, 5);
	}
}

/* --- the reckoning */

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct remote_id *)a)->text, ((const struct remote_id *)b)->text);
}

static int times_in(const char *id, const struct remote_id *sorted, size_t len)
{
	int times = 0;
	for (size_t i = 0; i < len; i++)
		times += str_eq(sorted[i].text, id);
	return times;
}

/* All remote ids of `curlew export`. */
typedef VEC(struct remote_id) id_list;
static void exported_ids(struct trial *trial, id_list *out)
{
	struct run_result result;
	char *rest = NULL;
	world_run(trial->world, &result, "export", NULL);
	assert_int_equal(result.status, 0);
	for (char *line = strtok_r(result.out.p, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct remote_id id;
		json *row = json_parse(line, strlen(line), NULL);
		if (str_copy(id.text, sizeof id.text, json_str_or(row, "remote_id", "")) && *id.text)
			vec_push(out, id);
		json_free(row);
	}
	if (out->len)
		qsort(out->at, out->len, sizeof *out->at, by_text);
	run_result_release(&result);
}

static void count_posts(struct trial *trial, const json *brand, int *lost, int *doubled)
{
	id_list have = {0};
	exported_ids(trial, &have);
	for (size_t i = 0; i < trial->said.len; i++)
		*lost += times_in(trial->said.at[i].text, have.at, have.len) == 0;
	for (const json *status = json_first(brand); status; status = json_next(status))
		*lost += times_in(json_str_or(status, "id", ""), have.at, have.len) == 0;
	for (size_t i = 1; i < have.len; i++)
		*doubled += str_eq(have.at[i].text, have.at[i - 1].text);
	vec_release(&have);
}

static int times_said(const json *brand, const char *text)
{
	int times = 0;
	for (const json *status = json_first(brand); status; status = json_next(status))
		times += str_eq(json_str_or(status, "text", ""), text);
	return times;
}

/* A reply of which nobody was told that it is held may be missing; one that the store has is on the network. */
static int count_replies(struct trial *trial, const json *brand, int *waiting, int *lost, int *doubled)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct reply *replies;
	int count;
	if (store_replies(trial->store, EVERY_STATE, NULL, &arena, &replies, &count, &err))
		fail_msg("%s", err.text);
	for (int i = 0; i < count; i++) {
		int times = times_said(brand, replies[i].text);
		if (times != 1)
			print_message("%s: said %d times, %s: %s\n", replies[i].text, times,
			        reply_state_name(replies[i].state), replies[i].error);
		bool waits = replies[i].state == REPLY_STOPPED;
		*waiting += waits && times == 0;
		*lost += !waits && times == 0;
		*doubled += times > 1;
	}
	arena_release(&arena);
	if (count < trial->confirmed)
		*lost += trial->confirmed - count;
	*doubled += (int)json_count(brand) > count;
	return count;
}

static void reckon(struct trial *trial)
{
	int waiting = 0, lost = 0, doubled = 0;
	json *state = fakenet_control(&trial->world->net, "state", NULL);
	const json *brand = json_get(state, "brand");
	count_posts(trial, brand, &lost, &doubled);
	int replies = count_replies(trial, brand, &waiting, &lost, &doubled);
	print_message("           kills %d (courier %d, commands %d, desks %d), mentions in %d, replies out %d and %d "
	              "in the outbox, "
	              "lost %d, doubled %d\n",
	        kills(trial), trial->courier_kills, trial->command_kills, trial->desk_kills, trial->mentions,
	        replies - waiting, waiting, lost, doubled);
	json_free(state);
	assert_true(trial->mentions > 0 && replies > 0);
	assert_int_equal(lost, 0);
	assert_int_equal(doubled, 0);
}

static bool is_live(void *arg)
{
	return fault_is_live(((struct trial *)arg)->store);
}

static void killing_either_program_loses_nothing_and_says_nothing_twice(void **state)
{
	struct trial trial = {.random = 0x9e3779b97f4a7c15u * (uint64_t)setting("SEED", 1)};
	int wanted = setting("KILLS", KILLS_SHORT);
	trial.world = world_new(state, &(struct world_options){0});
	trial.curlew = world_program("curlew");
	start_courier(&trial);
	trial.store = fault_open_store(trial.world, &trial.account_id);
	world_expect(trial.world, is_live, &trial);
	world_control(trial.world, "fault", "{\"match\":\"POST /api/v1/statuses\",\"times\":-1,\"kind\":\"slow 15\"}");
	while (kills(&trial) < wanted)
		one_round(&trial);
	let_all_settle(&trial);
	reckon(&trial);
	store_close(trial.store);
	vec_release(&trial.said);
	free(trial.curlew);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(killing_either_program_loses_nothing_and_says_nothing_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
