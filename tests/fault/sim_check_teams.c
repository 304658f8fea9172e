/* What must hold of escalations: each reaches its team or is said to have failed, none is told that nobody asked for,
 * and no team is hurried. Each has a reason of its own, e and a number. */
#include "core/base/vec.h"
#include "tests/fault/sim_check.h"

#include <inttypes.h>

#define TRIES 8
#define BETWEEN_TRIES_MS 7400 /* half of the first wait, and a bit */

/* What happened outside of the store. */
struct reason {
	int told, tried;
	bool refused;
};

struct
try {
	char id[48];
	int64_t at;
	int life;
};

struct row {
	int64_t id;
	int why;
	enum escalation_state state;
};

static struct {
	VEC(struct reason) reasons; /* by their numbers */
	VEC(struct try) tries;      /* by webhook, the last of each */
	VEC(struct row) rows;       /* of the last look */
} teams;

static int number_of(const char *why)
{
	int64_t number = 0;
	if (*why != 'e' || strlen(why) > 12 || sscanf(why, "e%" SCNd64 "z", &number) != 1 || number < 1 ||
	        number > sim.whys)
		sim_fail("a team is told for a reason that nobody gave: %s", why);
	return sim_failed() ? 0 : (int)number;
}

static struct reason *reason_of(const char *why)
{
	size_t number = (size_t)number_of(why);
	while (teams.reasons.len <= number)
		vec_push(&teams.reasons, (struct reason){0});
	return &teams.reasons.at[number];
}

/* --- told by the teams */

void check_sets_out(const char *why, const char *try_id)
{
	struct reason *reason = reason_of(why);
	int number = number_of(why), open = 0;
	reason->tried++;
	for (size_t i = 0; i < teams.rows.len; i++)
		open += teams.rows.at[i].why == number && teams.rows.at[i].state != ESCALATION_DELIVERED;
	for (size_t i = 0; i < teams.rows.len && !open; i++)
		if (teams.rows.at[i].why == number)
			sim_fail("escalation %s was delivered, and is told again", why);
	if (!*try_id)
		return;
	for (size_t i = 0; i < teams.tries.len; i++) {
		struct try *try = &teams.tries.at[i];
		if (!str_eq(try->id, try_id))
			continue;
		if (try->life == sim.lives && sim.mono - try->at < BETWEEN_TRIES_MS && !check_clock_set())
			sim_fail("escalation %s is told again after %d ms", why, (int)(sim.mono - try->at));
		try->at = sim.mono;
		try->life = sim.lives;
		return;
	}
	struct try fresh = {.at = sim.mono, .life = sim.lives};
	str_copy(fresh.id, sizeof fresh.id, try_id);
	vec_push(&teams.tries, fresh);
}

void check_told(const char *why)
{
	sim_note("escalation %s is told", why);
	reason_of(why)->told++;
}

void check_told_no(const char *why)
{
	reason_of(why)->refused = true;
}

/* --- what the store says */

void teams_begin_look(void)
{
	vec_clear(&teams.rows);
}

void teams_row(int64_t id, const char *why, enum escalation_state state)
{
	const struct reason *reason = reason_of(why);
	vec_push(&teams.rows, (struct row){id, number_of(why), state});
	if (state == ESCALATION_DELIVERED && !reason->told)
		sim_fail("escalation %s is delivered, says the store; the team was told nothing", why);
	if (state == ESCALATION_FAILED && !reason->refused && reason->tried < TRIES)
		sim_fail("escalation %s failed, says the store; it was tried %d times", why, reason->tried);
}

int teams_waiting(void)
{
	int count = 0;
	for (size_t i = 0; i < teams.rows.len; i++)
		count += teams.rows.at[i].state == ESCALATION_PENDING;
	return count;
}

void teams_at_rest(void)
{
	for (size_t i = 0; i < teams.rows.len; i++) {
		const struct row *row = &teams.rows.at[i];
		if (row->state == ESCALATION_PENDING)
			sim_fail("escalation %lld was carried to nobody", (long long)row->id);
		sim.counts->escalations += row->state == ESCALATION_DELIVERED;
	}
}

void teams_release(void)
{
	vec_release(&teams.reasons);
	vec_release(&teams.tries);
	vec_release(&teams.rows);
}
