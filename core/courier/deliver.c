#include "core/courier/deliver.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/courier/ingest.h"

#include <stdlib.h>

#define FIRST_RETRY_MS 5000
#define LONGEST_RETRY_MS 120000
#define UNUSABLE_RETRY_MS 30000 /* an account without a connection */
#define AT_ONCE 8               /* replies under way */

/* One reply under way. */
struct delivery {
	struct deliver *deliver;
	struct arena arena;
	const struct reply *reply;
	struct network *network;
	timer_id retry; /* the store could not be written: doubt it then */
	struct delivery *next;
};

/* When a reply that is in doubt may be looked for at the soonest: by the clock that nobody sets, since the request must
 * not be on its way any more. Who finds a doubt of another courier's in the store waits as long. */
struct doubt {
	int64_t reply_id, until; /* mono */
	bool seen;               /* in this look */
};

struct deliver {
	struct deliver_setup setup;
	VEC(struct doubt) doubts;
	struct delivery *under_way;
	int count;
	timer_id due;
	bool again; /* run once more when the current look is over */
	bool looking;
};

static void later(void *arg);

/* --- how long what is in doubt waits */

static struct doubt *doubt_of(struct deliver *deliver, int64_t reply_id)
{
	for (size_t i = 0; i < deliver->doubts.len; i++)
		if (deliver->doubts.at[i].reply_id == reply_id)
			return &deliver->doubts.at[i];
	vec_push(&deliver->doubts, (struct doubt){reply_id, clock_mono_ms() + DELIVER_DOUBT_MS, false});
	return &deliver->doubts.at[deliver->doubts.len - 1];
}

static void doubt_from_now(struct deliver *deliver, int64_t reply_id)
{
	struct doubt *doubt = doubt_of(deliver, reply_id);
	doubt->until = clock_mono_ms() + DELIVER_DOUBT_MS;
	doubt->seen = true;
}

/* When it is looked for, wall ms. */
static int64_t look_at(struct deliver *deliver, const struct reply *reply, int64_t now)
{
	struct doubt *doubt = doubt_of(deliver, reply->id);
	int64_t wait = doubt->until - clock_mono_ms();
	doubt->seen = true;
	return wait > 0 ? now + wait : now;
}

/* After a look at all replies: those that are in doubt no longer. */
static void forget_doubts(struct deliver *deliver)
{
	size_t kept = 0;
	for (size_t i = 0; i < deliver->doubts.len; i++) {
		struct doubt doubt = deliver->doubts.at[i];
		if (doubt.seen)
			deliver->doubts.at[kept++] = (struct doubt){doubt.reply_id, doubt.until, false};
	}
	deliver->doubts.len = kept;
}

/* --- the ways a delivery ends */

static void delivery_free(struct delivery *delivery)
{
	struct deliver *deliver = delivery->deliver;
	for (struct delivery **p = &deliver->under_way; *p; p = &(*p)->next) {
		if (*p == delivery) {
			*p = delivery->next;
			deliver->count--;
			break;
		}
	}
	timers_cancel(deliver->setup.timers, &delivery->retry);
	arena_release(&delivery->arena);
	free(delivery);
}

static void over(struct delivery *delivery)
{
	struct deliver *deliver = delivery->deliver;
	delivery_free(delivery);
	deliver_run(deliver);
	deliver->setup.settled(deliver->setup.arg);
}

static void doubt_unwritten(void *arg);

/* After each write that ends a delivery. When it failed, the store still says `sending`, and what the network did may
 * be known to nobody else: the reply is in doubt as soon as the store can be written, and will be looked for. */
static void ended(struct delivery *delivery, int rc, const struct err *err)
{
	if (rc == 0) {
		over(delivery);
		return;
	}
	log_line(LOG_ERROR, "reply %lld: %s", (long long)delivery->reply->id, err->text);
	delivery->retry = timers_add(
	        delivery->deliver->setup.timers, clock_mono_ms() + FIRST_RETRY_MS, doubt_unwritten, delivery);
}

static void end_as(struct delivery *delivery, enum reply_state state, const char *reason, int64_t next_try_at)
{
	struct err err = ERR_INIT;
	log_line(LOG_INFO, "reply %lld: %s: %s", (long long)delivery->reply->id, reply_state_name(state), reason);
	ended(delivery,
	        store_reply_fail(delivery->deliver->setup.store, delivery->reply->id, state, reason, next_try_at, &err),
	        &err);
}

static void end_in_doubt(struct delivery *delivery, const char *reason)
{
	doubt_from_now(delivery->deliver, delivery->reply->id);
	end_as(delivery, REPLY_IN_DOUBT, reason, clock_wall_ms() + DELIVER_DOUBT_MS);
}

static void doubt_unwritten(void *arg)
{
	struct delivery *delivery = arg;
	delivery->retry = 0;
	end_in_doubt(delivery, "its outcome could not be written down");
}

static int64_t retry_at(const struct delivery *delivery, int64_t wanted)
{
	int64_t now = clock_wall_ms(), wait = FIRST_RETRY_MS;
	for (int i = 1; i < delivery->reply->attempts && wait < LONGEST_RETRY_MS; i++)
		wait *= 2;
	wait = wait > LONGEST_RETRY_MS ? LONGEST_RETRY_MS : wait;
	wait = wait / 2 + (int64_t)(delivery->deliver->setup.random() % (uint64_t)(wait / 2));
	return wanted > now ? wanted : now + wait;
}

static void end_unsent(struct delivery *delivery, const char *reason, int64_t at)
{
	struct err err = ERR_INIT;
	log_line(LOG_INFO, "reply %lld: not sent: %s", (long long)delivery->reply->id, reason);
	ended(delivery,
	        store_reply_back(delivery->deliver->setup.store, delivery->reply->id, retry_at(delivery, at), reason,
	                false, &err),
	        &err);
}

/* A colleague should see it at the case: the reply is public, but its addressee may not have been told. */
static void note(struct delivery *delivery, const char *words)
{
	struct action action = {
	        .kind = ACTION_NOTE, .case_id = delivery->reply->case_id, .agent = "curlew", .arg = "", .text = words};
	struct action_result result;
	struct err err = ERR_INIT;
	log_line(LOG_WARN, "reply %lld: %s", (long long)delivery->reply->id, words);
	if (store_act(delivery->deliver->setup.store, &action, clock_wall_ms(), &delivery->arena, &result, &err))
		log_line(LOG_WARN, "case %lld: %s", (long long)action.case_id, err.text);
}

static void end_sent(struct delivery *delivery, const struct call_result *result)
{
	struct err err = ERR_INIT;
	struct incoming published;
	int64_t now = clock_wall_ms();
	if (result->count)
		published = ingest_incoming(&result->items[0], now, &delivery->arena);
	int rc = store_reply_sent(
	        delivery->deliver->setup.store, delivery->reply->id, result->count ? &published : NULL, now, &err);
	if (rc == 0)
		log_line(LOG_INFO, "reply %lld: sent", (long long)delivery->reply->id);
	if (rc == 0 && *result->reason)
		note(delivery, result->reason);
	ended(delivery, rc, &err);
}

static void end_no_access(struct delivery *delivery, const char *reason)
{
	const char *words =
	        arena_printf(&delivery->arena, "the login was refused (%s): log in again, then send", reason);
	end_as(delivery, REPLY_FAILED, words, 0);
}

/* --- in doubt: is it there? */

static void looked_for(void *arg, const struct call_result *result)
{
	struct delivery *delivery = arg;
	if (result->outcome == CALL_OK && result->count)
		end_sent(delivery, result);
	else if (result->outcome == CALL_OK)
		end_unsent(delivery, "it is not among our posts", clock_wall_ms() + 1);
	else
		end_in_doubt(delivery, result->reason);
}

/* --- publishing */

static void performed(void *arg, const struct call_result *result)
{
	struct delivery *delivery = arg;
	if (delivery->reply->kind == REPLY_KIND_DELETE && result->outcome == CALL_GONE) {
		end_sent(delivery, &(struct call_result){.reason = ""});
		return;
	}
	switch (result->outcome) {
	case CALL_OK: end_sent(delivery, result); break;
	case CALL_NOT_SENT: end_unsent(delivery, result->reason, result->retry_at); break;
	case CALL_UNKNOWN: end_in_doubt(delivery, result->reason); break;
	case CALL_REFUSED: end_as(delivery, REPLY_FAILED, result->reason, 0); break;
	case CALL_GONE: end_as(delivery, REPLY_STOPPED, "the post it answers is gone", 0); break;
	case CALL_NO_ACCESS: end_no_access(delivery, result->reason); break;
	}
}

/* --- a correction where the network cannot edit: taken back, and said again in the same place */

static bool can_edit(struct delivery *delivery)
{
	const struct account *accounts;
	struct err err = ERR_INIT;
	int count = 0;
	if (store_accounts(delivery->deliver->setup.store, &delivery->arena, &accounts, &count, &err))
		return true;
	for (int i = 0; i < count; i++)
		if (accounts[i].id == delivery->reply->account_id)
			return accounts[i].caps & CAP_EDIT;
	return true;
}

static bool is_replacement(struct delivery *delivery)
{
	return delivery->reply->kind == REPLY_KIND_EDIT && !can_edit(delivery);
}

/* The correction as a post of its own, which answers what the post before it answered. */
static const struct reply *as_post(struct delivery *delivery)
{
	struct reply *anew = arena_new(&delivery->arena, struct reply);
	const struct post *before = NULL;
	struct err err = ERR_INIT;
	*anew = *delivery->reply;
	anew->kind = REPLY_KIND_POST;
	store_post(
	        delivery->deliver->setup.store, anew->account_id, anew->to_remote_id, &delivery->arena, &before, &err);
	anew->to_remote_id = before ? before->parent_remote_id : "";
	return anew;
}

static void taken_back(void *arg, const struct call_result *result)
{
	struct delivery *delivery = arg;
	if (result->outcome == CALL_OK || result->outcome == CALL_GONE)
		delivery->network->ops->perform(delivery->network, as_post(delivery), performed, delivery);
	else
		performed(delivery, result);
}

static void replace(struct delivery *delivery)
{
	struct reply *before = arena_new(&delivery->arena, struct reply);
	*before = *delivery->reply;
	before->kind = REPLY_KIND_DELETE;
	delivery->network->ops->perform(delivery->network, before, taken_back, delivery);
}

static void publish(struct delivery *delivery)
{
	if (is_replacement(delivery)) {
		replace(delivery);
		return;
	}
	delivery->network->ops->perform(delivery->network, delivery->reply, performed, delivery);
}

/* --- the look before: was the post deleted or edited, did a colleague answer, did the customer speak again? */

static void end_late(struct delivery *delivery, const char *words)
{
	end_as(delivery, REPLY_STOPPED,
	        arena_printf(&delivery->arena, "it could not be sent for 10 minutes%s%s", *words ? ": " : "", words),
	        0);
}

static bool is_late(const struct reply *reply, int64_t now)
{
	return now - reply->hold_until > DELIVER_OVERDUE_MS;
}

static void publish_unless_objected(struct delivery *delivery)
{
	struct err err = ERR_INIT;
	const char *reason = "";
	int rc =
	        store_reply_objection(delivery->deliver->setup.store, delivery->reply, &delivery->arena, &reason, &err);
	if (rc)
		end_unsent(delivery, err.text, 0);
	else if (*reason)
		end_as(delivery, REPLY_STOPPED, reason, 0);
	else if (is_late(delivery->reply, clock_wall_ms())) /* the machine slept while we looked */
		end_late(delivery, "");
	else
		publish(delivery);
}

/* What the network says of the post now goes to the store, which then objects by it as by everything else. */
static void parent_read(void *arg, const struct call_result *result)
{
	struct delivery *delivery = arg;
	struct err err = ERR_INIT;
	struct item gone = {.kind = ITEM_DELETE, .root_remote_id = "", .post.remote_id = delivery->reply->to_remote_id};
	const struct item *item = result->outcome == CALL_GONE ? &gone : result->count ? result->items : NULL;
	if (result->outcome == CALL_NO_ACCESS) {
		end_no_access(delivery, result->reason);
		return;
	}
	if (result->outcome == CALL_NOT_SENT || result->outcome == CALL_UNKNOWN) {
		end_unsent(delivery, result->reason, result->retry_at);
		return;
	}
	if (item) {
		struct incoming incoming = ingest_incoming(item, clock_wall_ms(), &delivery->arena);
		incoming.mention = false; /* known already; this is only how it looks now */
		int fresh;
		if (store_ingest(delivery->deliver->setup.store, delivery->reply->account_id, &incoming, 1, NULL, NULL,
		            &fresh, &err)) {
			end_unsent(delivery, err.text, 0);
			return;
		}
	}
	publish_unless_objected(delivery);
}

static void look_again(struct delivery *delivery)
{
	const struct reply *reply = delivery->reply;
	/* Of a text in several posts the first was looked at; half of it would be worse than what came since. */
	if (reply->anyway || reply->kind != REPLY_KIND_POST || reply->part > 1)
		publish(delivery);
	else if (!*str_or(reply->to_remote_id, ""))
		publish_unless_objected(delivery);
	else
		delivery->network->ops->fetch(delivery->network, reply->to_remote_id, parent_read, delivery);
}

/* --- what is due */

static bool is_under_way(const struct deliver *deliver, int64_t reply_id)
{
	for (const struct delivery *d = deliver->under_way; d; d = d->next)
		if (d->reply->id == reply_id)
			return true;
	return false;
}

static struct delivery *delivery_new(struct deliver *deliver, int64_t reply_id, struct network *network)
{
	struct err err = ERR_INIT;
	struct delivery *delivery = mem_alloc(sizeof *delivery);
	delivery->deliver = deliver;
	delivery->network = network;
	arena_init(&delivery->arena);
	if (store_reply(deliver->setup.store, reply_id, &delivery->arena, &delivery->reply, &err)) {
		log_line(LOG_ERROR, "reply %lld: %s", (long long)reply_id, err.text);
		arena_release(&delivery->arena);
		free(delivery);
		return NULL;
	}
	delivery->next = deliver->under_way;
	deliver->under_way = delivery;
	deliver->count++;
	return delivery;
}

static bool take(struct deliver *deliver, const struct reply *reply, bool *taken)
{
	struct err err = ERR_INIT;
	int rc = store_reply_take(deliver->setup.store, reply->id, taken, &err);
	if (rc)
		log_line(LOG_ERROR, "reply %lld: %s", (long long)reply->id, err.text);
	return rc == 0;
}

static void start_finding(struct deliver *deliver, const struct reply *reply, struct network *network)
{
	struct delivery *delivery = delivery_new(deliver, reply->id, network);
	if (delivery)
		network->ops->find(
		        network, is_replacement(delivery) ? as_post(delivery) : delivery->reply, looked_for, delivery);
}

/* False when it has to wait for the account or the store: asked again in a while. */
static bool start(struct deliver *deliver, const struct reply *reply, int64_t now)
{
	const char *words = "";
	bool taken = false, late = is_late(reply, now);
	bool doubted = reply->state == REPLY_IN_DOUBT;
	struct network *network = deliver->setup.network(deliver->setup.arg, reply->account_id, &words);
	if (!network && (doubted || !late))
		return false;
	if (doubted) {
		start_finding(deliver, reply, network);
		return true;
	}
	if (!take(deliver, reply, &taken))
		return false;
	struct delivery *delivery = taken ? delivery_new(deliver, reply->id, network) : NULL;
	if (delivery && late)
		end_late(delivery, str_or(delivery->reply->error, words));
	else if (delivery)
		look_again(delivery);
	return true;
}

static const unsigned unsettled = 1u << REPLY_HELD | 1u << REPLY_QUEUED | 1u << REPLY_SENDING | 1u << REPLY_IN_DOUBT;

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Says `sending`, and nobody here sends it: it was under way when the last courier died. Not looked for at the start
 * alone, since then, too, the store may be one that cannot be written. */
static int64_t doubt_orphan(struct deliver *deliver, const struct reply *reply, int64_t now)
{
	struct err err = ERR_INIT;
	doubt_from_now(deliver, reply->id);
	int rc = store_reply_fail(deliver->setup.store, reply->id, REPLY_IN_DOUBT,
	        "the courier ended while it was being sent", now + DELIVER_DOUBT_MS, &err);
	if (rc)
		log_line(LOG_ERROR, "reply %lld: %s", (long long)reply->id, err.text);
	return now + (rc ? UNUSABLE_RETRY_MS : DELIVER_DOUBT_MS);
}

static int64_t due_at(struct deliver *deliver, const struct reply *reply, int64_t now)
{
	if (reply->state == REPLY_IN_DOUBT)
		return look_at(deliver, reply, now);
	return reply->state == REPLY_HELD ? reply->hold_until : reply->next_try_at;
}

/* Starts what is due; returns when to look again (wall ms), INT64_MAX for never. */
static int64_t look(struct deliver *deliver, int64_t now)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct reply *replies = NULL;
	int64_t next = INT64_MAX;
	int count = 0, moved = 0;
	struct store *store = deliver->setup.store;
	if (store_reply_queue_due(store, now, DELIVER_OVERDUE_MS, &moved, &err) ||
	        store_replies(store, unsettled, NULL, &arena, &replies, &count, &err)) {
		log_line(LOG_ERROR, "outbox: %s", err.text);
		next = now + UNUSABLE_RETRY_MS;
	}
	for (int i = 0; i < count; i++) {
		const struct reply *reply = &replies[i];
		int64_t at = due_at(deliver, reply, now);
		if (is_under_way(deliver, reply->id))
			continue;
		if (reply->state == REPLY_SENDING)
			next = sooner(next, doubt_orphan(deliver, reply, now));
		else if (at > now)
			next = sooner(next, at);
		else if (reply->state == REPLY_HELD || (deliver->count < AT_ONCE && !start(deliver, reply, now)))
			next = sooner(next, now + UNUSABLE_RETRY_MS);
	}
	if (replies)
		forget_doubts(deliver);
	arena_release(&arena);
	return next;
}

static void later(void *arg)
{
	struct deliver *deliver = arg;
	deliver->due = 0;
	deliver_run(deliver);
}

void deliver_run(struct deliver *deliver)
{
	deliver->again = true;
	if (deliver->looking)
		return;
	deliver->looking = true;
	int64_t now = 0, next = INT64_MAX;
	while (deliver->again) {
		deliver->again = false;
		now = clock_wall_ms();
		next = look(deliver, now);
	}
	deliver->looking = false;
	timers_cancel(deliver->setup.timers, &deliver->due);
	if (next != INT64_MAX)
		deliver->due = timers_add(deliver->setup.timers, clock_mono_ms() + next - now, later, deliver);
}

void deliver_network_closes(struct deliver *deliver, const struct network *network)
{
	bool looking = deliver->looking;
	deliver->looking = true; /* nothing new starts on it meanwhile */
	for (struct delivery *d = deliver->under_way, *next; d; d = next) {
		next = d->next;
		if (d->network == network && !d->retry)
			end_in_doubt(d, "the connection was closed while it was being sent");
	}
	deliver->looking = looking;
}

bool deliver_busy(const struct deliver *deliver)
{
	return deliver->under_way != NULL;
}

bool deliver_nothing_left(struct deliver *deliver)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct reply *replies;
	int count = 0;
	int rc = store_replies(deliver->setup.store, unsettled, NULL, &arena, &replies, &count, &err);
	arena_release(&arena);
	return rc == 0 && count == 0 && !deliver->under_way;
}

struct deliver *deliver_new(const struct deliver_setup *setup)
{
	struct deliver *deliver = mem_alloc(sizeof *deliver);
	deliver->setup = *setup;
	return deliver;
}

void deliver_free(struct deliver *deliver)
{
	if (!deliver)
		return;
	for (struct delivery *delivery = deliver->under_way, *next; delivery; delivery = next) {
		next = delivery->next;
		delivery_free(delivery);
	}
	timers_cancel(deliver->setup.timers, &deliver->due);
	vec_release(&deliver->doubts);
	free(deliver);
}
