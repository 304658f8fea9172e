/* The account of an adapter: its process, what it says by itself, and the account's state. */
#include "core/network/adapter_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/secret.h"

#include <stdio.h>
#include <string.h>

#define RESTART_FIRST_MS 1000
#define MICROS 1000000
#define HANGS "the adapter hangs: "

static void begin(void *arg);

static void set(char **place, const char *text)
{
	char *copy = mem_strdup(text);
	free(*place);
	*place = copy;
}

static const char *name_of(const struct adapter *a)
{
	return a->name ? a->name : a->command;
}

/* --- the account's state */

static void tell(struct adapter *a, enum account_state state, int64_t until, const char *reason)
{
	if (state == a->told && until == a->told_until && str_eq(reason, a->told_reason))
		return;
	a->told = state;
	a->told_until = until;
	set(&a->told_reason, reason);
	a->events.state(a->events.arg, state, until, a->told_reason);
}

void adapter_settle(struct adapter *a)
{
	if (a->stopped || a->phase == ADAPTER_AWAY)
		return;
	if (a->phase == ADAPTER_SILENT)
		tell(a, ACCOUNT_CONNECTING, 0, "");
	else if (a->said && a->said_state != ACCOUNT_LIVE)
		tell(a, a->said_state, a->said_until, a->said_reason);
	else if (a->phase == ADAPTER_FILLING)
		tell(a, ACCOUNT_CATCHING_UP, 0, "");
	else if (*a->keep_problem)
		tell(a, ACCOUNT_LIVE, 0, a->keep_problem);
	else
		tell(a, ACCOUNT_LIVE, 0, a->caps & CAP_STREAM ? "" : "polling");
}

/* --- the process's end */

static void cancel_timers(struct adapter *a)
{
	timers_cancel(a->timers, &a->watch);
	timers_cancel(a->timers, &a->restart);
	timers_cancel(a->timers, &a->fill_again);
	timers_cancel(a->timers, &a->tell_stored);
	timers_cancel(a->timers, &a->refill);
}

/* The process is gone, or is going. */
static void leave(struct adapter *a, enum account_state state, const char *reason)
{
	char *why = mem_strdup(reason);
	bool again = state == ACCOUNT_RETRYING;
	int64_t now = clock_mono_ms();
	cancel_timers(a);
	if (a->child)
		backoff_lived(&a->restarts, now - a->started_at);
	int64_t wait = again ? backoff_next(&a->restarts, a->random()) : 0;
	a->restart_at = again ? clock_wall_ms() + wait : 0;
	a->stopped = !again;
	a->phase = ADAPTER_AWAY;
	set(&a->stored, NULL);
	adapter_calls_lost(a);
	coprocess_stop(a->child);
	a->child = NULL;
	a->said = a->behind = a->too_fast = false;
	if (again)
		a->restart = timers_add(a->timers, now + wait, begin, a);
	log_line(LOG_WARN, "adapter %s: %s", name_of(a), why);
	tell(a, state, a->restart_at, why);
	free(why);
}

void adapter_give_up(struct adapter *a, const char *reason)
{
	leave(a, ACCOUNT_RETRYING, reason);
}

void adapter_stop(struct adapter *a, enum account_state state, const char *reason)
{
	leave(a, state, reason);
}

void adapter_mistake(struct adapter *a, const char *what)
{
	log_line(LOG_WARN, "adapter %s: left out a line (%d so far): %s", name_of(a), ++a->mistakes, what);
	if (a->mistakes >= ADAPTER_MISTAKES)
		adapter_give_up(a, "too many of the adapter's lines are wrong: see the log");
}

static void on_ended(void *arg, const struct coprocess_end *end, size_t left)
{
	struct adapter *a = arg;
	struct str how = STR_INIT;
	bool final = a->said && (a->said_state == ACCOUNT_NEEDS_LOGIN || a->said_state == ACCOUNT_FAILED);
	if (left)
		log_line(LOG_WARN, "adapter %s: left out %zu bytes without a line feed", name_of(a), left);
	if (end->signal)
		str_addf(&how, "the adapter was ended by signal %d", end->signal);
	else
		str_addf(&how, "the adapter ended with status %lld", (long long)end->status);
	if (*a->last_words)
		str_addf(&how, ": %s", a->last_words);
	/* Its own words say more. */
	leave(a, final ? a->said_state : ACCOUNT_RETRYING, final && *a->said_reason ? a->said_reason : how.p);
	str_release(&how);
}

/* Wakes when nothing was heard for as long as may be; what we did not read, it may have said. */
static void look(void *arg)
{
	struct adapter *a = arg;
	int64_t now = clock_mono_ms();
	int64_t limit = a->phase == ADAPTER_SILENT ? ADAPTER_HELLO_MS : ADAPTER_SILENT_MS;
	a->watch = 0;
	adapter_day_passes(a);
	if (a->behind || a->too_fast)
		a->heard_at = now;
	if (now - a->heard_at < limit) {
		a->watch = timers_add(a->timers, a->heard_at + limit, look, a);
		return;
	}
	adapter_give_up(a, a->phase == ADAPTER_SILENT ? HANGS "it has not said hello"
	                                              : HANGS "it has said nothing, not even that it is alive");
}

static void watch_from_now(struct adapter *a)
{
	timers_cancel(a->timers, &a->watch);
	a->heard_at = clock_mono_ms();
	look(a);
}

/* --- down */

static int64_t say(struct adapter *a, const json *line)
{
	struct str text = STR_INIT;
	int64_t given = -1;
	json_print(line, &text);
	str_addc(&text, '\n');
	if (a->child && text.len <= ADAPTER_LINE_MAX + 1)
		given = coprocess_write(a->child, text.p, text.len);
	secret_release(&text);
	return given;
}

int64_t adapter_say(struct adapter *a, json *line)
{
	int64_t given = say(a, line);
	json_free(line);
	return given;
}

static json *line_of(const char *type)
{
	json *line = json_object();
	json_set_str(line, "type", type);
	return line;
}

/* Over its input alone: arguments and variables are there for everybody to see. */
static void add_secrets(struct adapter *a, json *line)
{
	json *secrets = NULL;
	for (int i = 0; i < CREDENTIAL_COUNT; i++) {
		if (!a->secrets.value[i])
			continue;
		if (!secrets)
			secrets = json_object();
		json_set_str(secrets, credential_key((enum credential)i), a->secrets.value[i]);
	}
	if (secrets)
		json_set(line, "secrets", secrets);
}

static void wipe_secrets(const json *line)
{
	const json *secret = json_first(json_get(line, "secrets"));
	for (; secret; secret = json_next(secret))
		secret_wipe((char *)json_text(secret), strlen(json_text(secret)));
}

static void say_start(struct adapter *a)
{
	json *line = line_of("start"), *listen = json_array();
	json_set_int(line, "protocol", ADAPTER_PROTOCOL);
	json_set_int(line, "alive", ADAPTER_ALIVE_S);
	json_set_str(line, "server", *a->server ? a->server : NULL);
	json_set_str(line, "handle", *a->handle ? a->handle : NULL);
	for (size_t i = 0; i < a->listen.len; i++)
		json_push_str(listen, a->listen.at[i]);
	json_set(line, "listen", listen);
	if (a->budget)
		json_set_num(line, "budget", (double)a->budget / MICROS);
	if (a->spent.month)
		json_set_num(line, "spent", (double)a->spent.month / MICROS);
	add_secrets(a, line);
	say(a, line);
	wipe_secrets(line);
	json_free(line);
}

/* Only the newest: it stands for all before it. */
static void say_stored(void *arg)
{
	struct adapter *a = arg;
	json *line = line_of("stored");
	a->tell_stored = 0;
	json_set_str(line, "position", a->stored);
	set(&a->stored, NULL);
	if (adapter_say(a, line) < 0)
		adapter_give_up(a, HANGS "it does not read");
}

/* --- reading as fast as may be */

static void pace(struct adapter *a)
{
	if (a->child)
		coprocess_pause(a->child, a->behind || a->too_fast);
}

static void refill(void *arg)
{
	struct adapter *a = arg;
	int64_t now = clock_mono_ms(), more = (now - a->refilled_at) * ADAPTER_RATE / 1000;
	a->refill = 0;
	a->allowance = more > ADAPTER_RATE - a->allowance ? ADAPTER_RATE : a->allowance + more;
	a->refilled_at = now;
	a->too_fast = a->allowance <= 0;
	if (a->too_fast)
		a->refill = timers_add(a->timers, now + 1000, refill, a);
	pace(a);
}

static void spend(struct adapter *a, enum adapter_type type)
{
	a->allowance -= type == ADAPTER_POST ? 1 : ADAPTER_COST;
	if (a->allowance <= 0 && !a->refill)
		refill(a);
}

/* --- up */

void adapter_hand_over(struct adapter *a, const struct item *items, int count, const char *source, const char *position)
{
	bool ours = str_eq(source, ADAPTER_SOURCE);
	vec_push(&a->handed, (struct adapter_batch){ours ? mem_strdup(position) : NULL, a->run});
	if (ours)
		set(&a->position, position);
	if (a->handed.len >= ADAPTER_AHEAD)
		a->behind = true;
	pace(a);
	a->events.items(a->events.arg, items, count, source, position);
}

static void adapter_was_stored(struct network *network)
{
	struct adapter *a = (struct adapter *)network;
	struct adapter_batch batch = a->handed.at[0];
	vec_remove(&a->handed, 0);
	if (batch.position && batch.run == a->run && a->child) {
		set(&a->stored, batch.position);
		if (!a->tell_stored)
			a->tell_stored = timers_add(a->timers, clock_mono_ms(), say_stored, a);
	}
	free(batch.position);
	if (a->behind && a->handed.len <= ADAPTER_AHEAD / 2) {
		a->behind = false;
		if (!a->refill) /* not from here: whoever stores is in the middle of it */
			a->refill = timers_add(a->timers, clock_mono_ms(), refill, a);
	}
}

static void take_facts(struct adapter *a, const struct adapter_line *line)
{
	struct account_facts facts = line->facts;
	if (!*facts.handle)
		facts.handle = a->handle;
	a->caps = facts.caps;
	a->charges = *facts.prices.currency;
	set(&a->network, line->network);
	a->events.facts(a->events.arg, &facts);
}

static void take_hello(struct adapter *a, const struct adapter_line *line)
{
	char words[160];
	set(&a->name, line->name);
	if (line->protocol != ADAPTER_PROTOCOL) {
		snprintf(words, sizeof words,
		        "the adapter speaks protocol %lld, and this curlew speaks %d: one of "
		        "them is too old",
		        (long long)line->protocol, ADAPTER_PROTOCOL);
		adapter_stop(a, ACCOUNT_FAILED, words);
		return;
	}
	take_facts(a, line);
	a->phase = ADAPTER_FILLING;
	watch_from_now(a);
	say_start(a);
	adapter_back_fill(a);
	adapter_settle(a);
}

static void take_state(struct adapter *a, const struct adapter_line *line)
{
	a->said = true;
	a->said_state = line->state;
	a->said_until = line->until;
	char *reason = mem_strdup(line->reason);
	secret_hide(reason, strlen(reason));
	free(a->said_reason);
	a->said_reason = reason;
	adapter_settle(a);
}

static void take_gap(struct adapter *a, const struct adapter_line *line)
{
	a->events.gap(a->events.arg, line->source, line->from, line->to, line->reason);
}

static void take(struct adapter *a, struct adapter_line *line)
{
	bool item = line->type == ADAPTER_POST || line->type == ADAPTER_DELETE || line->type == ADAPTER_CUSTOMER;
	if (a->phase == ADAPTER_SILENT) {
		if (line->type == ADAPTER_HELLO)
			take_hello(a, line);
		else
			adapter_stop(a, ACCOUNT_FAILED, "what the adapter says first is not hello: is it an adapter?");
		return;
	}
	switch (line->type) {
	case ADAPTER_HELLO: adapter_mistake(a, "hello comes once"); break;
	case ADAPTER_FACTS: take_facts(a, line); break;
	case ADAPTER_GAP: take_gap(a, line); break;
	case ADAPTER_STATE: take_state(a, line); break;
	case ADAPTER_CHARGE: adapter_take_cost(a, line); break;
	case ADAPTER_SECRETS: adapter_take_secrets(a, line); break;
	case ADAPTER_ANSWER: adapter_answered(a, line); break;
	default: break;
	}
	if (a->child && (item || line->position))
		adapter_hand_over(a, &line->item, item ? 1 : 0, line->position ? ADAPTER_SOURCE : NULL, line->position);
}

static void on_line(void *arg, const char *bytes, size_t len, bool whole)
{
	struct adapter *a = arg;
	struct adapter_line line = {.type = ADAPTER_UNKNOWN};
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	int rc = -1;
	a->heard_at = clock_mono_ms();
	if (!whole)
		err_set(&err, ERR_LIMIT, "it has more than %zu bytes", ADAPTER_LINE_MAX);
	else
		rc = adapter_decode(bytes, len, str_or(a->network, ""), &arena, &line, &err);
	spend(a, line.type);
	if (rc == 0)
		take(a, &line);
	else if (a->phase == ADAPTER_SILENT)
		adapter_stop(a, ACCOUNT_FAILED, "what the adapter says first is not hello: is it an adapter?");
	else
		adapter_mistake(a, err.text);
	if (line.type == ADAPTER_SECRETS)
		arena_wipe(&arena);
	else
		arena_release(&arena);
}

static void on_complaint(void *arg, const char *line)
{
	struct adapter *a = arg;
	int64_t now = clock_mono_ms();
	if (now - a->complaints_since >= ADAPTER_COMPLAINTS_MS) {
		if (a->unheard)
			log_line(LOG_WARN, "adapter %s: and %d lines more", name_of(a), a->unheard);
		a->complaints_since = now;
		a->complaints = a->unheard = 0;
	}
	str_copy(a->last_words, sizeof a->last_words, line);
	if (a->complaints++ < ADAPTER_COMPLAINTS)
		log_line(LOG_INFO, "adapter %s: %s", name_of(a), line);
	else
		a->unheard++;
}

void adapter_filled(struct adapter *a)
{
	a->phase = ADAPTER_LIVE;
	backoff_reset(&a->fills);
	adapter_settle(a);
}

/* --- its life */

static void begin(void *arg)
{
	struct adapter *a = arg;
	struct err err = ERR_INIT;
	cancel_timers(a);
	a->run++;
	a->mistakes = 0;
	*a->last_words = '\0';
	a->allowance = ADAPTER_RATE;
	a->started_at = a->refilled_at = clock_mono_ms();
	a->behind = a->handed.len >= ADAPTER_AHEAD;
	a->phase = ADAPTER_SILENT;
	a->child = coprocess_start(&(struct coprocess_setup){.loop = a->loop,
	                                   .command = a->command,
	                                   .more_path = a->more_path,
	                                   .max_line = ADAPTER_LINE_MAX,
	                                   .handlers = {on_line, on_complaint, on_ended},
	                                   .arg = a},
	        &err);
	if (!a->child) {
		adapter_give_up(a, err.text);
		return;
	}
	pace(a);
	watch_from_now(a);
	adapter_settle(a);
}

static void load_position(struct adapter *a)
{
	struct arena arena = ARENA_INIT;
	set(&a->position, a->saved_position(a->events.arg, ADAPTER_SOURCE, &arena));
	arena_release(&arena);
}

static void adapter_start(struct network *network)
{
	struct adapter *a = (struct adapter *)network;
	load_position(a);
	adapter_spent_load(a);
	begin(a);
}

char *adapter_path(void)
{
	struct str path = STR_INIT;
	char *dir = path_program_dir();
	if (dir)
		str_addf(&path, "%s/../libexec/curlew:%s", dir, dir);
	free(dir);
	return path.len ? str_detach(&path) : NULL;
}

static int adapter_open(const struct network_setup *setup, struct network **out, struct err *err)
{
	if (!*str_or(setup->command, ""))
		return err_set(err, ERR_CONFIG, "no command: expected command = the adapter to run");
	struct adapter *a = mem_alloc(sizeof *a);
	a->base.ops = &adapter_ops;
	a->loop = setup->loop;
	a->timers = setup->timers;
	a->random = setup->random;
	a->command = mem_strdup(setup->command);
	a->server = mem_strdup(str_or(setup->server, ""));
	a->handle = mem_strdup(str_or(setup->handle, ""));
	a->more_path = adapter_path();
	for (int i = 0; i < setup->listen_count; i++)
		vec_push(&a->listen, mem_strdup(setup->listen[i]));
	credentials_copy(&a->secrets, setup->secrets);
	a->first_fetch = setup->first_fetch;
	a->budget = setup->month_budget;
	a->saved_position = setup->position;
	a->events = setup->events;
	a->told = ACCOUNT_STATE_COUNT;
	backoff_init(&a->restarts, RESTART_FIRST_MS, BACKOFF_MAX_MS);
	backoff_init(&a->fills, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	*out = &a->base;
	return 0;
}

static void adapter_close(struct network *network)
{
	struct adapter *a = (struct adapter *)network;
	cancel_timers(a);
	timers_cancel(a->timers, &a->keep_again);
	adapter_calls_drop(a);
	coprocess_stop(a->child);
	for (size_t i = 0; i < a->handed.len; i++)
		free(a->handed.at[i].position);
	for (size_t i = 0; i < a->listen.len; i++)
		free(a->listen.at[i]);
	vec_release(&a->handed);
	vec_release(&a->listen);
	credentials_release(&a->secrets);
	char *const texts[] = {a->command, a->server, a->handle, a->more_path, a->name, a->network, a->position,
	        a->stored, a->said_reason, a->told_reason};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	free(a);
}

const struct network_ops adapter_ops = {
        .name = "adapter",
        .credential = CREDENTIAL_COUNT,
        .login = NULL,
        .open = adapter_open,
        .start = adapter_start,
        .close = adapter_close,
        .stored = adapter_was_stored,
        .perform = adapter_perform,
        .find = adapter_find,
        .thread = adapter_thread,
        .fetch = adapter_fetch,
};
