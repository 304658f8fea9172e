#include "tests/network/conformance/sentence.h"
#include "tests/network/world.h"

#include "core/base/secret.h"

#include <stdio.h>
#include <time.h>

#define QUIET_TURNS 3 /* in a row, before time goes on by itself */
#define FINDS_MOST 20

const char stage_refusal[] = "this server takes no such post";

/* The least wait that is one: a state that ends in the moment in which it begins would be seen by nobody. */
static uint64_t least_jitter(void)
{
	return 1;
}

int64_t real_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- what comes to us */

static void seen_release(struct seen *seen)
{
	char *const texts[] = {seen->id, seen->text, seen->parent, seen->root, seen->handle, seen->name, seen->mentions,
	        seen->links, seen->refusal, seen->customer_key};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
}

static struct seen seen_copy(const struct item *item)
{
	const struct post *post = &item->post;
	bool gone = item->kind == ITEM_DELETE; /* has the id alone */
	return (struct seen){.kind = item->kind,
	        .id = mem_strdup(post->remote_id),
	        .text = mem_strdup(gone ? "" : post->text),
	        .parent = mem_strdup(gone ? "" : post->parent_remote_id),
	        .root = mem_strdup(str_or(item->root_remote_id, "")),
	        .handle = mem_strdup(gone ? "" : post->author_handle),
	        .name = mem_strdup(gone ? "" : post->author_name),
	        .mentions = mem_strdup(gone ? "" : post->mentions),
	        .links = mem_strdup(gone ? "" : post->links),
	        .refusal = mem_strdup(str_or(post->reply_refusal, "")),
	        .customer_key = mem_strdup(str_or(item->customer.remote_key, "")),
	        .mention = item->mention,
	        .direction = post->direction,
	        .created_at = post->created_at,
	        .edited_at = post->edited_at};
}

static void set_place(struct stage *stage, const char *source, const char *position)
{
	struct place place;
	snprintf(place.source, sizeof place.source, "%s", source);
	snprintf(place.position, sizeof place.position, "%s", position);
	for (size_t i = 0; i < stage->places.len; i++)
		if (strcmp(stage->places.at[i].source, place.source) == 0) {
			stage->places.at[i] = place;
			return;
		}
	vec_push(&stage->places, place);
}

static void make_durable(struct stage *stage, struct batch *batch)
{
	for (size_t i = 0; i < batch->items.len; i++)
		vec_push(&stage->seen, batch->items.at[i]);
	if (batch->moves)
		set_place(stage, batch->source, batch->position);
	vec_release(&batch->items);
}

void store(struct stage *stage)
{
	while (stage->held.len) {
		struct batch batch = stage->held.at[0];
		vec_remove(&stage->held, 0);
		make_durable(stage, &batch);
		stage->network->ops->stored(stage->network);
	}
}

static void drop_held(struct stage *stage)
{
	for (size_t i = 0; i < stage->held.len; i++) {
		struct batch *batch = &stage->held.at[i];
		for (size_t k = 0; k < batch->items.len; k++)
			seen_release(&batch->items.at[k]);
		vec_release(&batch->items);
	}
	vec_clear(&stage->held);
}

void crash(struct stage *stage)
{
	disconnect_desk(stage);
	drop_held(stage);
}

static void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
{
	struct stage *stage = arg;
	struct batch batch = {.moves = position != NULL};
	stage->told++;
	assert_true(count > 0 || position);
	for (int i = 0; i < count; i++)
		vec_push(&batch.items, seen_copy(&items[i]));
	if (position) {
		assert_true(strlen(position) < ID_SIZE);
		snprintf(batch.source, sizeof batch.source, "%s", source);
		snprintf(batch.position, sizeof batch.position, "%s", position);
	}
	vec_push(&stage->held, batch);
	if (!stage->hold)
		store(stage);
}

static void on_gap(void *arg, const char *source, int64_t from, int64_t to, const char *reason)
{
	struct stage *stage = arg;
	stage->told++;
	assert_true(*source && *reason);
	assert_true(from <= to);
	stage->gaps++;
}

static void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct stage *stage = arg;
	stage->told++;
	stage->state = state;
	stage->until = until;
	snprintf(stage->reason, sizeof stage->reason, "%s", reason);
	assert_null(strstr(reason, STAGE_TOKEN));
	if (state == ACCOUNT_RETRYING || state == ACCOUNT_RATE_LIMITED)
		assert_true(until > 0 && *reason);
	if (state == ACCOUNT_NEEDS_LOGIN || state == ACCOUNT_FAILED)
		assert_true(*reason);
}

static void on_facts(void *arg, const struct account_facts *facts)
{
	struct stage *stage = arg;
	stage->told++;
	stage->facts = *facts;
	stage->facts.handle = NULL;
	stage->facts.prices.currency = NULL;
	stage->facts_told = true;
	assert_true(*facts->handle == '@');
}

static int on_keep(void *arg, const struct credential_value *values, int count, struct err *err)
{
	((struct stage *)arg)->told++;
	(void)values;
	(void)count;
	(void)err;
	return 0;
}

static const char *position_of(void *arg, const char *source, struct arena *arena)
{
	struct stage *stage = arg;
	for (size_t i = 0; i < stage->places.len; i++)
		if (strcmp(stage->places.at[i].source, source) == 0)
			return arena_strdup(arena, stage->places.at[i].position);
	return NULL;
}

const struct seen *seen_of(const struct stage *stage, const struct said *said)
{
	for (size_t i = stage->seen.len; i-- > 0;)
		if (strcmp(stage->seen.at[i].id, said->id) == 0)
			return &stage->seen.at[i];
	return NULL;
}

bool holds_posts(const struct stage *stage)
{
	for (size_t i = 0; i < stage->held.len; i++)
		if (stage->held.at[i].items.len)
			return true;
	return false;
}

int posts_seen(const struct stage *stage)
{
	int count = 0;
	for (size_t i = 0; i < stage->seen.len; i++) {
		bool again = stage->seen.at[i].kind != ITEM_POST;
		for (size_t k = 0; k < i && !again; k++)
			again = stage->seen.at[k].kind == ITEM_POST &&
			        strcmp(stage->seen.at[k].id, stage->seen.at[i].id) == 0;
		count += !again;
	}
	return count;
}

/* --- the account */

void connect_desk(struct stage *stage)
{
	struct err err = ERR_INIT;
	struct credentials secrets = {{0}, ""};
	const struct network_ops *ops = network_by_name(stage->room->network);
	assert_non_null(ops);
	if (ops->credential != CREDENTIAL_COUNT)
		credentials_set(&secrets, ops->credential, STAGE_TOKEN);
	if (stage->app_token)
		credentials_set(&secrets, CREDENTIAL_APP_TOKEN, stage->app_token);
	struct network_setup setup = {
	        .http = stage->world->http,
	        .timers = &stage->world->timers,
	        .random = least_jitter,
	        .loop = &stage->world->loop,
	        .server = stage->server,
	        .command = stage->command,
	        .handle = OUR_HANDLE,
	        .secrets = &secrets,
	        .first_fetch = stage->first_fetch,
	        .position = position_of,
	        .events = {.arg = stage,
	                .items = on_items,
	                .gap = on_gap,
	                .state = on_state,
	                .facts = on_facts,
	                .keep = on_keep},
	};
	stage->state = ACCOUNT_STATE_COUNT;
	if (ops->open(&setup, &stage->network, &err))
		fail_msg("%s", err.text);
	credentials_release(&secrets);
	ops->start(stage->network);
}

void disconnect_desk(struct stage *stage)
{
	if (stage->network)
		stage->network->ops->close(stage->network);
	stage->network = NULL;
}

void connect_live(struct stage *stage)
{
	connect_desk(stage);
	wait_until(stage, stage->state == ACCOUNT_LIVE && (!can(stage, CAP_STREAM) || !*stage->reason));
}

bool can(const struct stage *stage, enum capability cap)
{
	return (stage->facts.caps & cap) != 0;
}

/* --- calls */

static void forget_answer(struct stage *stage)
{
	for (size_t i = 0; i < stage->items.len; i++)
		seen_release(&stage->items.at[i]);
	vec_clear(&stage->items);
	stage->answered = false;
}

static void on_answer(void *arg, const struct call_result *result)
{
	struct stage *stage = arg;
	assert_false(stage->answered);
	stage->answered = true;
	stage->outcome = result->outcome;
	stage->retry_at = result->retry_at;
	snprintf(stage->why, sizeof stage->why, "%s", result->reason);
	assert_null(strstr(result->reason, STAGE_TOKEN));
	for (int i = 0; i < result->count; i++)
		vec_push(&stage->items, seen_copy(&result->items[i]));
}

struct reply reply_to(const struct said *to, const char *text)
{
	enum { KEYS = 64 }; /* more than a sentence needs at a time */
	static int number;
	static char keys[KEYS][33];
	char *key = keys[number % KEYS];
	snprintf(key, sizeof keys[0], "%032x", ++number);
	return (struct reply){.kind = REPLY_KIND_POST,
	        .to_remote_id = to ? to->id : "",
	        .to_handle = "",
	        .text = text,
	        .typed = "",
	        .visibility = VIS_PUBLIC,
	        .language = "en",
	        .warning = "",
	        .idempotency_key = key,
	        .created_at = clock_wall_ms()};
}

struct reply act_on(const struct said *said, enum reply_kind kind)
{
	struct reply reply = reply_to(said, "");
	reply.kind = kind;
	return reply;
}

/* What was to begin again has begun, before anything is asked. */
static void settle(struct stage *stage)
{
	int64_t give_up = real_ms() + PATIENCE_MS;
	while (stage->room->is_under_way && stage->room->is_under_way(stage) && real_ms() < give_up)
		turn(stage);
}

void perform(struct stage *stage, const struct reply *reply)
{
	settle(stage);
	forget_answer(stage);
	stage->network->ops->perform(stage->network, reply, on_answer, stage);
	wait_until(stage, stage->answered);
}

void perform_when_possible(struct stage *stage, const struct reply *reply)
{
	for (int i = 0; i < FINDS_MOST; i++) {
		perform(stage, reply);
		if (stage->outcome != CALL_NOT_SENT)
			return;
		pass(stage, stage->retry_at > clock_wall_ms() ? stage->retry_at - clock_wall_ms() : 5000);
	}
	fail_msg("it is never sent: %s", stage->why);
}

void look(struct stage *stage, const struct reply *reply)
{
	settle(stage);
	forget_answer(stage);
	stage->network->ops->find(stage->network, reply, on_answer, stage);
	wait_until(stage, stage->answered);
}

void find(struct stage *stage, const struct reply *reply)
{
	for (int i = 0; i < FINDS_MOST; i++) {
		look(stage, reply);
		if (stage->outcome != CALL_UNKNOWN && stage->outcome != CALL_NOT_SENT)
			return;
		pass(stage, stage->retry_at > clock_wall_ms() ? stage->retry_at - clock_wall_ms() : 5000);
	}
	fail_msg("it is never certain: %s", stage->why);
}

void fetch(struct stage *stage, const struct said *said)
{
	forget_answer(stage);
	stage->network->ops->fetch(stage->network, said->id, on_answer, stage);
	wait_until(stage, stage->answered);
}

void thread(struct stage *stage, const struct said *said)
{
	forget_answer(stage);
	stage->network->ops->thread(stage->network, said->id, on_answer, stage);
	wait_until(stage, stage->answered);
}

/* --- on the network */

static void set(char **place, const char *text)
{
	char *copy = mem_strdup(text);
	free(*place);
	*place = copy;
}

static bool unreadable; /* what is said next */

/* What an author says: `key` of ours, else NULL. */
static struct said *add(
        struct stage *stage, const char *text, struct said *parent, bool ours, const char *name, const char *key)
{
	struct said *said = mem_alloc(sizeof *said);
	said->number = (int)stage->said.len;
	said->text = mem_strdup(text);
	said->first_text = mem_strdup(text);
	said->key = mem_strdup(key);
	said->name = mem_strdup(name);
	said->parent = parent;
	said->ours = ours;
	said->unreadable = unreadable;
	said->mentions_us = !ours && strstr(text, OUR_HANDLE) != NULL;
	said->at = server_now(stage);
	pass(stage, 1); /* no two posts are of one moment, and ids hold their time */
	vec_push(&stage->said, said);
	stage->room->name_post(stage, said);
	return said;
}

static void happen(struct stage *stage, enum happening what, const struct said *said)
{
	if (stage->room->happened)
		stage->room->happened(stage, what, said);
}

struct said *customer_says_as(struct stage *stage, const char *text, const char *name)
{
	struct said *said = add(stage, text, NULL, false, name, NULL);
	happen(stage, HAPPENED_POST, said);
	return said;
}

struct said *customer_says(struct stage *stage, const char *text, struct said *parent)
{
	struct said *said = add(stage, text, parent, false, "A Customer", NULL);
	happen(stage, HAPPENED_POST, said);
	return said;
}

struct said *we_said(struct stage *stage, const char *text, struct said *parent)
{
	return stage_publish(stage, text, parent, NULL);
}

struct said *stage_publish(struct stage *stage, const char *text, struct said *parent, const char *key)
{
	struct said *said = add(stage, text, parent, true, "Brand", key);
	happen(stage, HAPPENED_POST, said);
	return said;
}

struct said *customer_says_unreadably(struct stage *stage, const char *text)
{
	unreadable = true;
	struct said *said = customer_says(stage, text, NULL);
	unreadable = false;
	return said;
}

void author_closes(struct stage *stage, struct said *said)
{
	said->closed = true;
	if (stage->room->closed)
		stage->room->closed(stage, said);
}

void author_edits(struct stage *stage, struct said *said, const char *text)
{
	set(&said->text, text);
	pass(stage, 1000);
	said->edited_at = server_now(stage);
	stage->room->name_post(stage, said);
	happen(stage, HAPPENED_EDIT, said);
}

void author_deletes(struct stage *stage, struct said *said)
{
	said->deleted = true;
	happen(stage, HAPPENED_DELETE, said);
}

void fault_befalls(struct stage *stage, enum request_kind of, enum fault_kind kind, int times)
{
	stage->fault = (struct fault){kind, of, times};
}

enum fault_kind fault_meets(struct stage *stage, enum request_kind kind)
{
	struct fault *fault = &stage->fault;
	if (fault->kind == FAULT_BUSY) /* ends by itself, and holds for every kind but logins */
		return server_now(stage) < stage->busy_until && kind != REQUEST_LOGIN ? FAULT_BUSY : FAULT_NONE;
	if (!fault->times || fault->of != kind)
		return FAULT_NONE;
	if (fault->times > 0)
		fault->times--;
	return fault->kind;
}

struct uv_loop_s *stage_loop(struct stage *stage)
{
	return &stage->world->loop;
}

struct timers *stage_timers(struct stage *stage)
{
	return &stage->world->timers;
}

struct script_server *stage_server(struct stage *stage)
{
	return stage->world->server;
}

struct said *stage_find(struct stage *stage, const char *id)
{
	for (size_t i = 0; id && i < stage->said.len; i++)
		if (strcmp(stage->said.at[i]->id, id) == 0 || strcmp(stage->said.at[i]->version, id) == 0)
			return stage->said.at[i];
	return NULL;
}

int published(struct stage *stage, const char *text)
{
	int count = 0;
	for (size_t i = 0; i < stage->said.len; i++) {
		const struct said *said = stage->said.at[i];
		count += said->ours && !said->deleted && strcmp(said->text, text) == 0;
	}
	return count;
}

/* --- time */

static void nothing(uv_timer_t *timer)
{
	(void)timer;
}

static void count_busy(uv_handle_t *handle, void *arg)
{
	int *busy = arg;
	if (!uv_is_active(handle))
		return;
	if (handle->type == UV_POLL)
		++*busy;
	/* libcurl's own, which look after what is under way */
	if (handle->type == UV_TIMER && uv_timer_get_due_in((uv_timer_t *)handle) < 20)
		++*busy;
}

/* A request that is under way keeps a descriptor watched, or a timer about to fire; so does each open stream. */
static bool quiet(struct stage *stage)
{
	int busy = 0;
	uv_walk(&stage->world->loop, count_busy, &busy);
	bool under_way = stage->room->is_under_way && stage->room->is_under_way(stage);
	return !under_way && busy <= stage->streams && timers_next(&stage->world->timers) > clock_mono_ms();
}

/* The machine's clock, and what ours is apart from it. */
static void follow_the_clock(struct stage *stage)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	wall_now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + stage->behind_ms;
}

void turn(struct stage *stage)
{
	if (stage->room->live)
		follow_the_clock(stage);
	uv_timer_t beat; /* so that a wait of the loop ends */
	uv_timer_init(&stage->world->loop, &beat);
	uv_timer_start(&beat, nothing, 1, 1);
	uv_run(&stage->world->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&beat, NULL);
	uv_run(&stage->world->loop, UV_RUN_NOWAIT);
	timers_run(&stage->world->timers, clock_mono_ms());
}

int64_t server_now(const struct stage *stage)
{
	return clock_wall_ms() - stage->behind_ms;
}

void our_clock_is_set(struct stage *stage, int64_t ms)
{
	wall_now += ms;
	stage->behind_ms += ms;
}

void pass(struct stage *stage, int64_t ms)
{
	advance(stage->world, ms);
	if (stage->room->live)
		follow_the_clock(stage);
}

/* To the next deadline of ours, or to `end` when that is earlier. */
static void pass_to_deadline(struct stage *stage, int64_t end)
{
	int told = stage->told;
	for (int i = 0; i < QUIET_TURNS; i++) {
		turn(stage);
		if (!quiet(stage) || stage->told != told || stage->answered)
			return;
	}
	int64_t next = timers_next(&stage->world->timers);
	next = next < end ? next : end;
	if (next != INT64_MAX)
		pass(stage, next - clock_mono_ms());
}

void let_time_pass(struct stage *stage)
{
	pass_to_deadline(stage, INT64_MAX);
}

void pass_by_deadlines(struct stage *stage, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;
	forget_answer(stage);
	while (clock_mono_ms() < end)
		pass_to_deadline(stage, end);
}

/* --- a test's life */

int stage_begin(void **state)
{
	const struct row *row = *state;
	struct stage *stage = mem_alloc(sizeof *stage);
	void *world = NULL;
	secret_know(STAGE_TOKEN);
	if (world_start(&world))
		return -1;
	stage->world = world;
	stage->room = row->room;
	stage->first_fetch = 100;
	if (row->room->live)
		follow_the_clock(stage);
	row->room->begin(stage);
	*state = stage;
	return 0;
}

static void release(struct stage *stage)
{
	forget_answer(stage);
	drop_held(stage);
	for (size_t i = 0; i < stage->seen.len; i++)
		seen_release(&stage->seen.at[i]);
	for (size_t i = 0; i < stage->said.len; i++) {
		struct said *said = stage->said.at[i];
		free(said->text);
		free(said->first_text);
		free(said->name);
		free(said->key);
		free(said);
	}
	vec_release(&stage->seen);
	vec_release(&stage->said);
	vec_release(&stage->items);
	vec_release(&stage->held);
	vec_release(&stage->places);
}

int stage_end(void **state)
{
	struct stage *stage = *state;
	void *world = stage->world;
	disconnect_desk(stage);
	stage->room->end(stage);
	int failed = world_stop(&world);
	release(stage);
	free(stage);
	return failed;
}
