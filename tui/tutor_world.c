#include "tui/tutor_world.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/triage/triage.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000, ANSWER_AFTER_MS = 3000, OVERDUE_MS = 600000 };

static const struct person {
	const char *handle, *name;
	int followers, minutes;
	const char *says, *answers;
} cast[] = {
#define X(handle, name, followers, minutes, says, answers) {handle, name, followers, minutes, says, answers},
#include "tui/tutor_cast.def"
#undef X
};

enum { CAST = sizeof cast / sizeof *cast };

/* A customer who is going to answer. */
struct answer {
	int64_t at;
	const struct person *person;
	char *to; /* remote id of our post; heap */
};

struct tutor_world {
	struct store *store;
	int64_t account_id;
	int64_t last_remote;
	int answers;
	VEC(struct answer) waiting;
};

/* --- posts */

static const char *remote_id(struct tutor_world *world, struct arena *arena)
{
	return arena_printf(arena, "practice-%lld", (long long)++world->last_remote);
}

static void plain_post(struct tutor_world *world, struct arena *arena, int64_t at, const char *text, struct post *post)
{
	*post = (struct post){.account_id = world->account_id,
	        .remote_id = remote_id(world, arena),
	        .parent_remote_id = "",
	        .uri = "",
	        .url = "",
	        .author_handle = TUTOR_HANDLE,
	        .author_name = "",
	        .created_at = at,
	        .received_at = at,
	        .language = "en",
	        .warning = "",
	        .addressed = true,
	        .text = text,
	        .mentions = "",
	        .links = "",
	        .sent_by = "",
	        .source = ""};
	post->url = arena_printf(arena, "https://practice.invalid/%s", post->remote_id);
}

static void mark(struct incoming *item, struct arena *arena)
{
	struct triage found;
	triage_post(&item->post, &item->customer, &found);
	item->marks = (struct triage_marks){.praise = found.praise,
	        .question = found.question,
	        .personal_data = found.personal_data,
	        .priority = found.priority,
	        .summary = arena_strdup(arena, found.summary),
	        .simhash = found.alike};
}

static int say(struct tutor_world *world, const struct person *person, const char *text, const char *parent, int64_t at,
        const char **said, struct err *err)
{
	struct arena arena = ARENA_INIT;
	int fresh;
	struct incoming item = {.kind = INCOMING_POST, .mention = true, .root_remote_id = ""};
	plain_post(world, &arena, at, text, &item.post);
	item.post.author_handle = person->handle;
	item.post.author_name = person->name;
	item.post.parent_remote_id = parent;
	item.post.mentions = TUTOR_HANDLE;
	item.customer = (struct customer){.network = "practice",
	        .remote_key = person->handle,
	        .remote_id = person->handle,
	        .handle = person->handle,
	        .name = person->name,
	        .url = "",
	        .followers = person->followers,
	        .created_at = at - (int64_t)400 * 24 * 60 * MINUTE_MS};
	mark(&item, &arena);
	int result = store_ingest(world->store, world->account_id, &item, 1, NULL, NULL, &fresh, err);
	if (said)
		*said = mem_strdup(item.post.remote_id);
	arena_release(&arena);
	return result;
}

/* Who stands twice goes on where they were. */
static int put_cast(struct tutor_world *world, int64_t now, struct err *err)
{
	char *before = NULL;
	int result = 0;
	for (int i = 0; !result && i < CAST; i++) {
		const char *said = NULL;
		bool goes_on = i && str_eq(cast[i].handle, cast[i - 1].handle);
		result = say(world, &cast[i], cast[i].says, goes_on ? before : "",
		        now - (int64_t)cast[i].minutes * MINUTE_MS, &said, err);
		free(before);
		before = (char *)(uintptr_t)said;
	}
	free(before);
	return result;
}

static int put_account(struct tutor_world *world, struct err *err)
{
	struct arena arena = ARENA_INIT;
	const struct account_setup setup = {TUTOR_ACCOUNT, "practice", "https://practice.invalid", TUTOR_HANDLE};
	const struct account_facts facts = {.caps = CAP_STREAM | CAP_REPLY | CAP_EDIT | CAP_DELETE | CAP_LIKE |
	                                            CAP_VISIBILITY | CAP_DIRECT | CAP_LANGUAGE | CAP_WARNING,
	        .limits = {.max = 500, .url = 23},
	        .handle = TUTOR_HANDLE};
	const struct account *accounts;
	int count;
	int result = store_accounts_sync(world->store, &setup, 1, err);
	if (!result)
		result = store_accounts(world->store, &arena, &accounts, &count, err);
	if (!result && !count)
		result = err_set(err, ERR_INTERNAL, "the practice account is not there");
	if (!result) {
		world->account_id = accounts[0].id;
		result = store_account_facts(world->store, world->account_id, &facts, err);
	}
	if (!result)
		result = store_account_state(world->store, world->account_id, ACCOUNT_LIVE, 0, "", err);
	arena_release(&arena);
	return result;
}

int tutor_world_open(
        const char *path, const struct clock_rules *rules, int64_t now, struct tutor_world **out, struct err *err)
{
	struct tutor_world *world = mem_alloc(sizeof *world);
	struct str uri = STR_INIT;
	str_addf(&uri, "sqlite:%s", path);
	int result = store_open(uri.p, STORE_DESK, &world->store, err);
	str_release(&uri);
	if (!result) {
		store_set_rules(world->store, rules);
		result = put_account(world, err);
	}
	if (!result)
		result = put_cast(world, now, err);
	if (result) {
		tutor_world_free(world);
		return result;
	}
	*out = world;
	return 0;
}

void tutor_world_free(struct tutor_world *world)
{
	if (!world)
		return;
	for (size_t i = 0; i < world->waiting.len; i++)
		free(world->waiting.at[i].to);
	vec_release(&world->waiting);
	store_close(world->store);
	free(world);
}

int tutor_world_answers(const struct tutor_world *world)
{
	return world->answers;
}

/* --- what a courier would do */

static const struct person *person_of(const char *handle)
{
	for (int i = 0; i < CAST; i++)
		if (str_eq(cast[i].handle, handle))
			return &cast[i];
	return NULL;
}

static int send(struct tutor_world *world, const struct reply *reply, int64_t now, struct arena *arena, struct err *err)
{
	bool moved = false;
	int result = store_reply_take(world->store, reply->id, &moved, err);
	if (result || !moved)
		return result;
	if (reply->kind != REPLY_KIND_POST)
		return store_reply_sent(world->store, reply->id, NULL, now, err);
	struct incoming published = {.kind = INCOMING_POST, .root_remote_id = ""};
	plain_post(world, arena, now, reply->text, &published.post);
	published.post.direction = DIR_OUT;
	published.post.parent_remote_id = reply->to_remote_id;
	published.post.visibility = reply->visibility;
	published.post.sent_by = reply->agent;
	result = store_reply_sent(world->store, reply->id, &published, now, err);
	const struct person *person = person_of(reply->to_handle);
	if (!result && person)
		vec_push(&world->waiting,
		        (struct answer){now + ANSWER_AFTER_MS, person, mem_strdup(published.post.remote_id)});
	return result;
}

static int send_due(struct tutor_world *world, int64_t now, struct arena *arena, struct err *err)
{
	const struct reply *replies;
	int moved, count = 0;
	int result = store_reply_queue_due(world->store, now, OVERDUE_MS, &moved, err);
	if (!result)
		result = store_replies(world->store, 1u << REPLY_QUEUED, NULL, arena, &replies, &count, err);
	for (int i = 0; !result && i < count; i++)
		result = send(world, &replies[i], now, arena, err);
	return result;
}

static int64_t answer_due(struct tutor_world *world, int64_t now)
{
	int64_t next = INT64_MAX;
	for (size_t i = 0; i < world->waiting.len;) {
		struct answer answer = world->waiting.at[i];
		struct err err = ERR_INIT;
		if (answer.at > now) {
			next = answer.at < next ? answer.at : next;
			i++;
			continue;
		}
		vec_remove(&world->waiting, i);
		if (!say(world, answer.person, answer.person->answers, answer.to, now, NULL, &err))
			world->answers++;
		free(answer.to);
	}
	return next;
}

/* The team has it at once: nobody is told. */
static int64_t hand_over(struct tutor_world *world, int64_t now, struct arena *arena, struct err *err)
{
	const struct escalation *due;
	int count = 0;
	int64_t next = INT64_MAX;
	if (store_escalations_due(world->store, now, arena, &due, &count, &next, err))
		return INT64_MAX;
	for (int i = 0; i < count; i++)
		store_escalation_result(world->store, due[i].id, ESCALATION_DELIVERED, "", 0, err);
	return next;
}

int64_t tutor_world_work(struct tutor_world *world, int64_t now)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	int64_t replies = INT64_MAX, awake = INT64_MAX;
	send_due(world, now, &arena, &err);
	int64_t answers = answer_due(world, now);
	int64_t escalations = hand_over(world, now, &arena, &err);
	store_wake_due(world->store, now, &awake, &err);
	store_replies_next(world->store, &replies, &err);
	int64_t next = replies < answers ? replies : answers;
	next = escalations < next ? escalations : next;
	next = awake < next ? awake : next;
	arena_release(&arena);
	/* What could not be done is tried again, but not at once. */
	return next <= now ? now + 1000 : next;
}
