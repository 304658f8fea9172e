#include "tests/fakenet/world.h"

#include "core/base/clock.h"
#include "core/base/str.h"
#include "tests/fakenet/text.h"

#include <assert.h>
#include <string.h>

#define FIRST_STATUS_ID 116000000000000000
#define STATUS_ID_STEP 65536000
#define FIRST_NOTICE_ID 48213355

uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9E3779B97F4A7C15U;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
	return z ^ (z >> 31);
}

size_t rng_below(struct rng *rng, size_t n)
{
	return n ? (size_t)(rng_next(rng) % n) : 0;
}

double rng_unit(struct rng *rng)
{
	return ((double)(rng_next(rng) >> 11) + 1.0) / 9007199254740992.0;
}

bool rng_chance(struct rng *rng, int percent)
{
	return (int)rng_below(rng, 100) < percent;
}

static const char *const visibility_names[] = {"public", "unlisted", "private", "direct"};

const char *visibility_name(enum visibility visibility)
{
	return visibility_names[visibility];
}

bool visibility_parse(const char *name, enum visibility *out)
{
	for (int i = VIS_PUBLIC; i <= VIS_DIRECT; i++)
		if (str_eq(name, visibility_names[i])) {
			*out = (enum visibility)i;
			return true;
		}
	return false;
}

void world_init(struct world *world, uint64_t seed, const char *handle)
{
	*world = (struct world){.seed = seed};
	arena_init(&world->arena);
	struct str display = STR_INIT;
	str_adds(&display, handle);
	if (display.p[0] >= 'a' && display.p[0] <= 'z')
		display.p[0] = (char)(display.p[0] - 32);
	world->brand = world_add_person(world, &(struct person){.acct = handle,
	                                               .display = display.p,
	                                               .note = "We sell useful things and answer questions about them.",
	                                               .lang = "en",
	                                               .since = "2019-03-11",
	                                               .followers = 5412,
	                                               .following = 85,
	                                               .indexable = true});
	str_release(&display);
}

void world_release(struct world *world)
{
	vec_release(&world->people);
	vec_release(&world->statuses);
	vec_release(&world->notices);
	arena_release(&world->arena);
}

void world_listen(struct world *world, change_fn *fn, void *arg)
{
	assert(world->listener_count < sizeof world->listeners / sizeof world->listeners[0]);
	world->listeners[world->listener_count].fn = fn;
	world->listeners[world->listener_count++].arg = arg;
}

static void tell(struct world *world, enum change_kind kind, struct status *status, struct notice *notice)
{
	struct change change = {kind, status, notice};
	for (size_t i = 0; i < world->listener_count; i++)
		world->listeners[i].fn(world->listeners[i].arg, &change);
}

struct person *world_add_person(struct world *world, const struct person *like)
{
	struct arena *arena = &world->arena;
	struct person *person = arena_new(arena, struct person);
	*person = *like;
	person->id = 109000000000000001 + (int64_t)world->people.len * 7919;
	person->acct = arena_strdup(arena, like->acct + (like->acct[0] == '@'));
	const char *at = strchr(person->acct, '@');
	person->username = at ? arena_strndup(arena, person->acct, (size_t)(at - person->acct)) : person->acct;
	person->domain = at ? at + 1 : NULL;
	person->display = arena_strdup(arena, like->display ? like->display : person->username);
	person->note = arena_strdup(arena, like->note ? like->note : "");
	person->lang = arena_strdup(arena, like->lang);
	person->since = arena_strdup(arena, like->since ? like->since : "2022-11-06");
	person->url =
	        arena_printf(arena, "https://%s/@%s", person->domain ? person->domain : WORLD_DOMAIN, person->username);
	vec_push(&world->people, person);
	return person;
}

/* "@sam" is whoever is called so here; for a visitor's name without a domain the first of that name will do, because a
 * person who writes to a neighbour on the same server leaves the domain out. */
struct person *world_find_person(const struct world *world, const char *acct, size_t len)
{
	if (len && acct[0] == '@') {
		acct++;
		len--;
	}
	const char *at = memchr(acct, '@', len);
	size_t name_len = at ? (size_t)(at - acct) : len;
	size_t domain_len = at ? len - name_len - 1 : 0;
	bool here = !at || (domain_len == strlen(WORLD_DOMAIN) && !str_icmp_n(at + 1, WORLD_DOMAIN, domain_len));
	struct person *namesake = NULL;
	for (size_t i = 0; i < world->people.len; i++) {
		struct person *p = world->people.at[i];
		if (strlen(p->username) != name_len || str_icmp_n(p->username, acct, name_len))
			continue;
		if (here && !p->domain)
			return p;
		if (at && p->domain && strlen(p->domain) == domain_len && !str_icmp_n(p->domain, at + 1, domain_len))
			return p;
		if (!at && !namesake)
			namesake = p;
	}
	return namesake;
}

struct person *world_person(const struct world *world, int64_t id)
{
	for (size_t i = 0; i < world->people.len; i++)
		if (world->people.at[i]->id == id)
			return world->people.at[i];
	return NULL;
}

size_t world_status_after(const struct world *world, int64_t id)
{
	size_t low = 0, high = world->statuses.len;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (world->statuses.at[mid]->id > id)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

size_t world_notice_after(const struct world *world, int64_t id)
{
	size_t low = 0, high = world->notices.len;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (world->notices.at[mid]->id > id)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

struct status *world_status(const struct world *world, int64_t id)
{
	size_t after = world_status_after(world, id);
	struct status *status = after ? world->statuses.at[after - 1] : NULL;
	return status && status->id == id && !status->deleted ? status : NULL;
}

bool world_mentions_brand(const struct world *world, const struct status *status)
{
	for (size_t i = 0; i < status->mention_count; i++)
		if (status->mentions[i] == world->brand)
			return true;
	return false;
}

bool face_parse(const char *name, enum face *out)
{
	static const char *const names[FACE_COUNT] = {"", "mastodon", "bluesky", "x"};
	for (int face = FACE_MASTODON; face < FACE_COUNT; face++)
		if (str_eq(names[face], name))
			*out = (enum face)face;
	return *out != FACE_ALL;
}

bool world_on(const struct status *status, enum face face)
{
	return status->face == FACE_ALL || status->face == face;
}

/* An answer is where its conversation is. What is not for everybody is on the one network that knows audiences. */
static enum face face_of(const struct world *world, const struct draft *draft)
{
	if (!world->divided)
		return FACE_ALL;
	if (draft->parent)
		return draft->parent->face;
	if (draft->by == world->brand || draft->visibility > VIS_UNLISTED)
		return FACE_MASTODON;
	if (draft->by->face != FACE_ALL)
		return draft->by->face;
	uint64_t hash = hash_bytes(draft->by->acct, strlen(draft->by->acct));
	return (enum face)(FACE_MASTODON + (int)(hash % (FACE_COUNT - 1)));
}

bool world_brand_sees(const struct world *world, const struct status *status)
{
	if (!world_on(status, FACE_MASTODON))
		return false;
	return status->visibility <= VIS_UNLISTED || status->by == world->brand || world_mentions_brand(world, status);
}

/* The policy for private mentions lets answers to our own private posts pass. */
static enum policy policy_for(const struct world *world, const struct status *status)
{
	const struct status *parent = status->parent;
	bool answer = parent && parent->by == world->brand && parent->visibility == VIS_DIRECT;
	if (status->visibility == VIS_DIRECT && !answer && world->private_mentions != POLICY_ACCEPT)
		return world->private_mentions;
	return status->by->limited ? world->limited_accounts : POLICY_ACCEPT;
}

void world_notify(struct world *world, const char *type, struct person *by, struct status *status)
{
	enum policy policy = status && str_eq(type, "mention") ? policy_for(world, status) : POLICY_ACCEPT;
	if (policy == POLICY_DROP)
		return;
	struct rng rng = {world->seed ^ (0x6E6F7469U + world->notices.len)};
	int64_t last = world->notices.len ? world->notices.at[world->notices.len - 1]->id : FIRST_NOTICE_ID;
	struct notice *notice = arena_new(&world->arena, struct notice);
	*notice = (struct notice){.id = last + 1 + (int64_t)rng_below(&rng, 9),
	        .type = arena_strdup(&world->arena, type),
	        .by = by,
	        .status = status,
	        .created_ms = str_eq(type, "mention") ? status->created_ms : clock_wall_ms(),
	        .filtered = policy == POLICY_FILTER};
	vec_push(&world->notices, notice);
	tell(world, CHANGE_NOTICE, status, notice);
}

static struct status *status_from(struct world *world, const struct draft *draft)
{
	struct arena *arena = &world->arena;
	struct rng rng = {world->seed ^ (0x73746174U + world->statuses.len)};
	struct status *status = arena_new(arena, struct status);
	enum face face = face_of(world, draft);
	*status = (struct status){
	        .id = FIRST_STATUS_ID + (int64_t)world->statuses.len * STATUS_ID_STEP + (int64_t)rng_below(&rng, 65536),
	        .by = draft->by,
	        .text = arena_strdup(arena, draft->text ? draft->text : ""),
	        .cw = arena_strdup(arena, draft->cw ? draft->cw : ""),
	        .lang = arena_strdup(arena, draft->lang),
	        .visibility = draft->visibility,
	        .face = face,
	        .created_ms = draft->created_ms ? draft->created_ms : clock_wall_ms(),
	        .parent = draft->parent,
	        .quote = draft->quote,
	        .reply_settings = draft->reply_settings ? arena_strdup(arena, draft->reply_settings) : NULL,
	        .topic = draft->topic,
	        .media_count = draft->media_count,
	        .sensitive = draft->sensitive || (draft->cw && *draft->cw),
	};
	for (size_t i = 0; i < draft->media_count; i++)
		status->media[i] = (struct media){arena_strdup(arena, draft->media[i].type),
		        arena_strdup(arena, draft->media[i].file), arena_strdup(arena, draft->media[i].alt)};
	if (face > FACE_MASTODON)
		status->visibility = VIS_PUBLIC; /* there is no other */
	return status;
}

struct status *world_post(struct world *world, const struct draft *draft)
{
	struct status *status = status_from(world, draft);
	text_render(world, status);
	vec_push(&world->statuses, status);
	status->by->statuses++;
	status->by->last_ms = status->created_ms;
	if (status->parent) {
		status->parent->replies++;
		status->parent->answered = true;
	}
	tell(world, CHANGE_POSTED, status, NULL);
	if (status->by != world->brand && world_mentions_brand(world, status))
		world_notify(world, "mention", status->by, status);
	return status;
}

void world_edit(struct world *world, struct status *status, const char *text, const char *cw)
{
	bool same = (!text || str_eq(text, status->text)) && (!cw || str_eq(cw, status->cw));
	if (same)
		return; /* an edit that changes nothing is swallowed */
	if (!status->first_text)
		status->first_text = status->text;
	if (text)
		status->text = arena_strdup(&world->arena, text);
	if (cw)
		status->cw = arena_strdup(&world->arena, cw);
	status->edited_ms = clock_wall_ms();
	text_render(world, status);
	tell(world, CHANGE_EDITED, status, NULL);
}

void world_delete(struct world *world, struct status *status)
{
	status->deleted = true;
	status->by->statuses--;
	if (status->parent)
		status->parent->replies--;
	tell(world, CHANGE_DELETED, status, NULL);
}
