#include "tests/fakenet/crowd.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/fakenet/cast.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BURST_BATCH 64
#define BACKLOG_SPAN_MS (2.0 * 24 * 3600 * 1000)

/* Something that somebody means to do later. */
struct plan {
	struct crowd *crowd;
	struct status *status;
	struct person *by;
	enum topic topic;
	int count;
};

static void arm(void *arg);

static void wake(uv_timer_t *timer)
{
	struct crowd *crowd = timer->data;
	timers_run(&crowd->timers, clock_mono_ms());
	arm(crowd);
}

static void arm(void *arg)
{
	struct crowd *crowd = arg;
	int64_t next = timers_next(&crowd->timers), now = clock_mono_ms();
	if (next == INT64_MAX)
		uv_timer_stop(&crowd->wake);
	else
		uv_timer_start(&crowd->wake, wake, next > now ? (uint64_t)(next - now) : 0, 0);
}

static void plan_at(struct crowd *crowd, int64_t delay_ms, timer_fn *fn, const struct plan *like)
{
	struct plan *plan = arena_new(&crowd->world->arena, struct plan);
	*plan = *like;
	plan->crowd = crowd;
	timers_add(&crowd->timers, clock_mono_ms() + delay_ms, fn, plan);
}

static int64_t between(struct rng *rng, int64_t low_s, int64_t high_s)
{
	return low_s * 1000 + (int64_t)rng_below(rng, (size_t)((high_s - low_s) * 1000));
}

/* One of the least said lines of the topic in that language; NULL when there is none. */
static const struct cast_line *pick_line(struct crowd *crowd, struct rng *rng, enum topic topic, const char *lang)
{
	const struct cast_line *best = NULL;
	size_t best_at = 0, alike = 0;
	for (size_t i = 0; i < cast_line_count(); i++) {
		const struct cast_line *line = cast_line(i);
		if (line->topic != topic || !str_eq(line->lang, lang))
			continue;
		if (!best || crowd->used[i] < crowd->used[best_at])
			alike = 0;
		else if (crowd->used[i] > crowd->used[best_at])
			continue;
		if (rng_below(rng, ++alike) == 0) {
			best = line;
			best_at = i;
		}
	}
	if (best)
		crowd->used[best_at]++;
	return best;
}

static const char *lang_of(const struct person *person)
{
	return str_or(person->lang, "en");
}

/* Who speaks in which thread: what they say about order, thing and town stays the same there. The brand speaks of the
 * customer's. */
static uint64_t facts_for(const struct world *world, const struct person *by, const struct status *parent)
{
	const struct status *root = parent;
	while (root && root->parent)
		root = root->parent;
	uint64_t speaker = (uint64_t)(by == world->brand && root ? root->by->id : by->id);
	size_t thread = root ? world_status_after(world, root->id) - 1 : world->statuses.len;
	return world->seed ^ speaker << 20 ^ (uint64_t)thread * 0x9E3779B97F4A7C15U;
}

static void fill(struct crowd *crowd, struct rng *rng, const char *text, const struct draft *draft, struct str *out)
{
	struct cast_blanks blanks = {crowd->world->brand->username, draft->parent ? draft->parent->by->acct : NULL,
	        facts_for(crowd->world, draft->by, draft->parent), rng};
	cast_fill(out, text, &blanks);
}

/* Says a line of the topic in the speaker's language; NULL when that language has none. */
static struct status *say(struct crowd *crowd, struct rng *rng, enum topic topic, struct draft *draft)
{
	const struct cast_line *line =
	        pick_line(crowd, rng, topic, draft->by == crowd->world->brand ? "en" : lang_of(draft->by));
	if (!line)
		return NULL;
	struct str text = STR_INIT;
	fill(crowd, rng, line->text, draft, &text);
	draft->text = text.p;
	draft->cw = line->cw;
	draft->lang = line->lang;
	draft->topic = (int)topic;
	if (line->photo)
		draft->media[draft->media_count++] = (struct media){"image", line->photo, line->alt};
	struct status *status = world_post(crowd->world, draft);
	str_release(&text);
	return status;
}

/* A person of that role, drawn from the cast; of that language when it is given. */
static struct person *pick_person(struct crowd *crowd, struct rng *rng, enum role role, const char *lang)
{
	struct person *found = NULL;
	size_t alike = 0;
	for (size_t i = 0; i < crowd->world->people.len; i++) {
		struct person *person = crowd->world->people.at[i];
		const struct cast_person *cast = person->cast;
		if (cast && cast->role == role && (!lang || str_eq(cast->lang, lang)) && rng_below(rng, ++alike) == 0)
			found = person;
	}
	assert(found); /* the cast has somebody for all that is asked for */
	return found;
}

static enum topic draw_topic(struct rng *rng, struct person *by)
{
	static const struct {
		enum topic topic;
		int weight;
	} usual[] = {{TOPIC_LATE, 25}, {TOPIC_DAMAGED, 13}, {TOPIC_BILLING, 10}, {TOPIC_CHECKOUT, 4},
	        {TOPIC_QUESTION, 16}, {TOPIC_PRAISE, 12}, {TOPIC_TAG, 6}, {TOPIC_PHRASE, 5}, {TOPIC_LONG, 3},
	        {TOPIC_PRIVATE, 3}, {TOPIC_WRONG, 3}};
	switch (((const struct cast_person *)by->cast)->role) {
	case ROLE_FAN: return rng_chance(rng, 70) ? TOPIC_PRAISE : TOPIC_TAG;
	case ROLE_TROLL: return TOPIC_TROLL;
	case ROLE_BAND: return TOPIC_BAND;
	case ROLE_GYM: return TOPIC_GYM;
	case ROLE_BOT: return TOPIC_BOT;
	default: break;
	}
	int at = (int)rng_below(rng, 100);
	for (size_t i = 0; i < COUNT(usual); i++)
		if ((at -= usual[i].weight) < 0)
			return usual[i].topic;
	return TOPIC_LATE;
}

static enum visibility draw_visibility(struct rng *rng, enum topic topic)
{
	if (topic == TOPIC_PRIVATE)
		return VIS_DIRECT;
	if (topic == TOPIC_TAG || topic == TOPIC_PHRASE || topic == TOPIC_BAND || topic == TOPIC_GYM ||
	        topic == TOPIC_BOT)
		return VIS_PUBLIC;
	size_t at = rng_below(rng, 100);
	return at < 85 ? VIS_PUBLIC : at < 97 ? VIS_UNLISTED : VIS_PRIVATE;
}

static struct person *draw_speaker(struct crowd *crowd, struct rng *rng)
{
	static const struct {
		enum role role;
		int weight;
	} usual[] = {{ROLE_CUSTOMER, 82}, {ROLE_FAN, 6}, {ROLE_TROLL, 4}, {ROLE_BAND, 3}, {ROLE_GYM, 2}, {ROLE_BOT, 3}};
	int at = (int)rng_below(rng, 100);
	size_t i = 0;
	while ((at -= usual[i].weight) >= 0)
		i++;
	enum role role = usual[i].role;
	return pick_person(crowd, rng, role, role == ROLE_CUSTOMER && rng_chance(rng, 60) ? "en" : NULL);
}

/* Somebody says something of their own. */
static struct status *speak(struct crowd *crowd, struct rng *rng, int64_t created_ms)
{
	struct person *by = draw_speaker(crowd, rng);
	enum topic topic = draw_topic(rng, by);
	if (!crowd->wave && !created_ms && rng_chance(rng, 2))
		crowd->wave = 8 + (int)rng_below(rng, 14);
	if (crowd->wave) {
		crowd->wave--;
		if (rng_chance(rng, 65)) {
			by = pick_person(crowd, rng, ROLE_CUSTOMER, "en");
			topic = TOPIC_CHECKOUT;
		}
	}
	struct draft draft = {.by = by, .visibility = draw_visibility(rng, topic), .created_ms = created_ms};
	struct status *status = say(crowd, rng, topic, &draft);
	/* No language has a line for everything but a late parcel. */
	draft = (struct draft){.by = by, .visibility = VIS_PUBLIC, .created_ms = created_ms};
	return status ? status : say(crowd, rng, TOPIC_LATE, &draft);
}

static void do_answer(void *arg)
{
	const struct plan *plan = arg;
	struct crowd *crowd = plan->crowd;
	struct rng rng = {crowd->world->seed ^ (uint64_t)plan->status->id ^ (uint64_t)plan->topic << 40};
	if (plan->status->deleted)
		return;
	struct draft draft = {.by = plan->by, .visibility = plan->status->visibility, .parent = plan->status};
	struct draft plain = draft;
	if (!say(crowd, &rng, plan->topic, &draft))
		say(crowd, &rng, TOPIC_THANKS, &plain);
}

static void do_nudge(void *arg)
{
	const struct plan *plan = arg;
	if (!plan->status->answered)
		do_answer(arg);
}

static void do_edit(void *arg)
{
	const struct plan *plan = arg;
	struct crowd *crowd = plan->crowd;
	struct rng rng = {crowd->world->seed ^ (uint64_t)plan->status->id};
	const struct cast_line *line = pick_line(crowd, &rng, TOPIC_EDIT, "en");
	if (plan->status->deleted)
		return;
	struct str text = STR_INIT;
	str_adds(&text, plan->status->text);
	struct draft own = {.by = plan->by, .parent = plan->status};
	fill(crowd, &rng, line->text, &own, &text);
	world_edit(crowd->world, plan->status, text.p, NULL);
	str_release(&text);
}

static void do_delete(void *arg)
{
	const struct plan *plan = arg;
	if (!plan->status->deleted)
		world_delete(plan->crowd->world, plan->status);
}

/* Boosts of other people's posts notify nobody here: only the count grows. Those of the brand's do. */
static void do_boost(void *arg)
{
	const struct plan *plan = arg;
	plan->status->boosts += plan->count;
	if (plan->status->by == plan->crowd->world->brand && !plan->status->deleted)
		world_notify(plan->crowd->world, "reblog", plan->by, plan->status);
}

static void do_favourite(void *arg)
{
	const struct plan *plan = arg;
	if (plan->status->deleted)
		return;
	plan->status->favourites++;
	world_notify(plan->crowd->world, "favourite", plan->by, plan->status);
}

/* What follows from a post by somebody of the cast, whatever the brand does. */
static void plan_aftermath(struct crowd *crowd, struct rng *rng, struct status *status)
{
	bool complaint = status->topic >= TOPIC_LATE && status->topic <= TOPIC_CHECKOUT;
	struct plan plan = {.status = status, .by = status->by};
	if (str_eq(status->lang, "en") && rng_chance(rng, 6))
		plan_at(crowd, between(rng, 5, 40), do_edit, &plan);
	else if (rng_chance(rng, 3))
		plan_at(crowd, between(rng, 15, 60), do_delete, &plan);
	if (complaint && str_eq(status->lang, "en") && rng_chance(rng, 12)) {
		plan.topic = TOPIC_NUDGE;
		plan_at(crowd, between(rng, 60, 240), do_nudge, &plan);
	}
	if (complaint && status->visibility == VIS_PUBLIC && rng_chance(rng, 12)) {
		bool friend = rng_chance(rng, 35);
		plan.topic = friend ? TOPIC_DEFEND : TOPIC_METOO;
		plan.by = pick_person(crowd, rng, friend ? ROLE_FAN : ROLE_CUSTOMER, "en");
		if (plan.by != status->by)
			plan_at(crowd, between(rng, 8, 45), do_answer, &plan);
	}
	if (status->visibility == VIS_PUBLIC && rng_chance(rng, 15)) {
		plan.count = 1 + (int)rng_below(rng, (size_t)(status->by->followers / 400 + 4));
		plan_at(crowd, between(rng, 5, 40), do_boost, &plan);
	}
	if (rng_chance(rng, 2))
		world_notify(crowd->world, "follow", status->by, NULL);
}

/* Exponential waits: posts come as they do from many people who don't know of each other. */
static void plan_next_post(struct crowd *crowd);

static void do_post(void *arg)
{
	const struct plan *plan = arg;
	struct crowd *crowd = plan->crowd;
	plan_aftermath(crowd, &crowd->rng, speak(crowd, &crowd->rng, 0));
	plan_next_post(crowd);
}

static void plan_next_post(struct crowd *crowd)
{
	struct plan *plan = arena_new(&crowd->world->arena, struct plan);
	plan->crowd = crowd;
	double wait = -log(rng_unit(&crowd->rng)) * 60000.0 / crowd->per_minute;
	crowd->next_post = timers_add(&crowd->timers, clock_mono_ms() + (int64_t)wait, do_post, plan);
}

void crowd_set_rate(struct crowd *crowd, double per_minute)
{
	timers_cancel(&crowd->timers, &crowd->next_post);
	crowd->per_minute = per_minute > 60000 ? 60000 : per_minute;
	crowd->answers = per_minute > 0;
	if (per_minute > 0)
		plan_next_post(crowd);
	arm(crowd);
}

static int turns_of(const struct world *world, const struct status *status)
{
	int turns = 0;
	for (; status; status = status->parent)
		turns += status->by == world->brand;
	return turns;
}

/* How the customer takes the brand's answer; TOPIC_NONE says nothing. */
static enum topic draw_reaction(const struct world *world, struct rng *rng, const struct status *said)
{
	const struct status *parent = said->parent;
	const struct cast_person *cast = parent->by->cast;
	size_t at = rng_below(rng, 100);
	if (cast && cast->role == ROLE_TROLL)
		return at < 60 ? TOPIC_TROLL_AGAIN : TOPIC_NONE;
	if (cast && (cast->role == ROLE_BOT || cast->role == ROLE_BAND || cast->role == ROLE_GYM))
		return TOPIC_NONE;
	if (parent->topic == TOPIC_PRAISE ||
	        (parent->topic >= TOPIC_THANKS && parent->topic != TOPIC_MORE && parent->topic != TOPIC_ANGRY))
		return at < 25 ? TOPIC_GLAD : TOPIC_NONE;
	if (parent->topic == TOPIC_QUESTION || parent->topic == TOPIC_TAG || parent->topic == TOPIC_PHRASE)
		return at < 60 ? TOPIC_THANKS : at < 85 ? TOPIC_MORE : TOPIC_NONE;
	if (turns_of(world, said) > 1)
		return at < 35 ? TOPIC_TURNED : at < 72 ? TOPIC_THANKS : at < 86 ? TOPIC_ANGRY : TOPIC_NONE;
	return at < 32   ? TOPIC_THANKS
	       : at < 60 ? TOPIC_MORE
	       : at < 80 ? TOPIC_ANGRY
	       : at < 90 ? TOPIC_TURNED
	                 : TOPIC_NONE;
}

void crowd_changed(void *arg, const struct change *change)
{
	struct crowd *crowd = arg;
	struct status *said = change->status;
	bool heard = change->kind == CHANGE_POSTED && said->by == crowd->world->brand && said->parent &&
	             said->parent->by != crowd->world->brand;
	if (!crowd->answers || !heard)
		return;
	struct rng rng = {crowd->world->seed ^ (uint64_t)said->id};
	struct plan plan = {.status = said, .by = said->parent->by};
	plan.topic = draw_reaction(crowd->world, &rng, said);
	if (plan.topic != TOPIC_NONE)
		plan_at(crowd, between(&rng, 3, 20), do_answer, &plan);
	if (plan.topic != TOPIC_ANGRY && plan.topic != TOPIC_TROLL_AGAIN && rng_chance(&rng, 40))
		plan_at(crowd, between(&rng, 2, 15), do_favourite, &plan);
	if (said->visibility == VIS_PUBLIC && rng_chance(&rng, 10)) {
		plan.by = pick_person(crowd, &rng, ROLE_FAN, NULL);
		plan.count = 1;
		plan_at(crowd, between(&rng, 10, 30), do_boost, &plan);
	}
}

/* A past post may have been answered, and the answer thanked for. */
static void settle_past(struct crowd *crowd, struct status *status, int64_t now)
{
	struct rng *rng = &crowd->rng;
	bool spoken_to = world_mentions_brand(crowd->world, status) && status->topic != TOPIC_TROLL;
	int64_t at = status->created_ms + between(rng, 180, 1500);
	if (!spoken_to || at > now - 60000 || !rng_chance(rng, 35))
		return;
	struct draft reply = {
	        .by = crowd->world->brand, .parent = status, .visibility = status->visibility, .created_ms = at};
	struct status *said = say(crowd, rng, TOPIC_BRAND, &reply);
	enum topic topic = draw_reaction(crowd->world, rng, said);
	at += between(rng, 60, 1200);
	if (topic == TOPIC_NONE || at > now - 30000)
		return;
	struct draft reaction = {.by = status->by, .parent = said, .visibility = status->visibility, .created_ms = at};
	say(crowd, rng, topic, &reaction);
}

void crowd_backlog(struct crowd *crowd, int count)
{
	int64_t now = clock_wall_ms();
	for (int i = 0; i < count; i++) {
		/* Squared: most of them are recent. */
		double age = (double)(count - i) / count;
		struct status *status = speak(crowd, &crowd->rng, now - 20000 - (int64_t)(age * age * BACKLOG_SPAN_MS));
		status->boosts = rng_chance(&crowd->rng, 20) ? (int)rng_below(&crowd->rng, 40) : 0;
		status->favourites = (int)rng_below(&crowd->rng, 9);
		settle_past(crowd, status, now);
	}
}

/* A batch a turn, so that sockets are written and read between two. */
static void burst_some(uv_idle_t *idle)
{
	struct crowd *crowd = idle->data;
	for (int i = 0; i < BURST_BATCH && crowd->burst; i++, crowd->burst--) {
		struct draft draft = {.by = pick_person(crowd, &crowd->rng, ROLE_CUSTOMER, "en")};
		say(crowd, &crowd->rng, rng_chance(&crowd->rng, 60) ? TOPIC_LATE : TOPIC_CHECKOUT, &draft);
	}
	if (!crowd->burst)
		uv_idle_stop(idle);
}

void crowd_burst(struct crowd *crowd, int count)
{
	crowd->burst += count;
	uv_idle_start(&crowd->bursting, burst_some);
}

void crowd_start(struct crowd *crowd, struct world *world, uv_loop_t *loop)
{
	*crowd = (struct crowd){.world = world, .rng = {world->seed}};
	crowd->used = mem_alloc(cast_line_count() * sizeof *crowd->used);
	timers_init(&crowd->timers);
	crowd->timers.changed = arm;
	crowd->timers.changed_arg = crowd;
	uv_timer_init(loop, &crowd->wake);
	uv_idle_init(loop, &crowd->bursting);
	crowd->wake.data = crowd->bursting.data = crowd;
	for (size_t i = 0; i < cast_people_count; i++) {
		const struct cast_person *cast = &cast_people[i];
		struct person *person = world_add_person(world, &(struct person){.acct = cast->acct,
		                                                        .display = cast->display,
		                                                        .note = cast->note,
		                                                        .lang = cast->lang,
		                                                        .since = cast->since,
		                                                        .cast = cast,
		                                                        .followers = cast->followers,
		                                                        .following = cast->following,
		                                                        .bot = cast->role == ROLE_BOT,
		                                                        .locked = cast->locked,
		                                                        .indexable = cast->indexable});
		person->statuses = 20 + (int64_t)rng_below(&crowd->rng, 9000);
	}
}

void crowd_stop(struct crowd *crowd)
{
	uv_close((uv_handle_t *)&crowd->wake, NULL);
	uv_close((uv_handle_t *)&crowd->bursting, NULL);
}

void crowd_release(struct crowd *crowd)
{
	timers_release(&crowd->timers);
	free(crowd->used);
}
