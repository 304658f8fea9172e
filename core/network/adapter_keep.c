/* What an adapter hands over to be kept: what it was charged, and new secrets. */
#include "core/network/adapter_parts.h"

#include "core/base/log.h"
#include "core/base/secret.h"

#include <stdio.h>
#include <string.h>

#define KEEP_AGAIN_MS 30000

/* --- money */

static void tell_spent(struct adapter *a)
{
	struct spending spending = {a->spent.day, a->spent.month, a->budget};
	memcpy(a->spent_told, a->spent.today, sizeof a->spent_told);
	if (a->events.spent)
		a->events.spent(a->events.arg, &spending);
}

void adapter_spent_load(struct adapter *a)
{
	struct arena arena = ARENA_INIT;
	const char *saved = a->saved_position(a->events.arg, SPENT_SOURCE, &arena);
	if (saved && !spent_read(&a->spent, saved))
		log_line(
		        LOG_WARN, "adapter: what was spent this month is not known: \"%s\" is no account of it", saved);
	arena_release(&arena);
	spent_turn(&a->spent, clock_wall_ms());
	if (saved)
		tell_spent(a);
}

void adapter_day_passes(struct adapter *a)
{
	spent_turn(&a->spent, clock_wall_ms());
	if (*a->spent_told && strcmp(a->spent_told, a->spent.today) != 0)
		tell_spent(a);
}

void adapter_take_cost(struct adapter *a, const struct adapter_line *line)
{
	char text[SPENT_SIZE];
	if (!a->charges) {
		adapter_mistake(a, "cost: it has named no currency in \"prices\"");
		return;
	}
	if (!line->cost)
		return;
	spent_add(&a->spent, clock_wall_ms(), line->cost);
	spent_write(&a->spent, text);
	adapter_hand_over(a, NULL, 0, SPENT_SOURCE, text);
	tell_spent(a);
}

/* --- secrets */

static void say_kept(struct adapter *a)
{
	json *line = json_object();
	json_set_str(line, "type", "kept");
	if (a->unkept_run == a->run && a->child)
		adapter_say(a, line);
	else
		json_free(line);
}

/* What could not be written goes with the next attempt: each is all that is newer than the disk. */
static void keep(void *arg)
{
	struct adapter *a = arg;
	struct credential_value values[CREDENTIAL_COUNT];
	struct err err = ERR_INIT;
	int count = 0;
	a->keep_again = 0;
	for (int i = 0; i < CREDENTIAL_COUNT; i++)
		if (a->unkept & 1u << i)
			values[count++] = (struct credential_value){(enum credential)i, a->secrets.value[i]};
	bool kept = !a->events.keep || a->events.keep(a->events.arg, values, count, &err) == 0;
	str_copy(a->keep_problem, sizeof a->keep_problem, kept ? "" : err.text);
	if (kept) {
		a->unkept = 0;
		say_kept(a);
	} else {
		a->keep_again = timers_add(a->timers, clock_mono_ms() + KEEP_AGAIN_MS, keep, a);
	}
	adapter_settle(a);
}

/* Taken at once, kept or not: a process that is started now cannot do with the old ones. */
void adapter_take_secrets(struct adapter *a, const struct adapter_line *line)
{
	for (int i = 0; i < line->secret_count; i++) {
		const struct credential_value *value = &line->secrets[i];
		if (credential_is_hidden(value->credential))
			secret_know(value->value);
		credentials_set(&a->secrets, value->credential, value->value);
		a->unkept |= 1u << value->credential;
	}
	a->unkept_run = a->run;
	timers_cancel(a->timers, &a->keep_again);
	keep(a);
}
