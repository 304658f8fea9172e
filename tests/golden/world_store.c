/* The world as the store that the desk asks: one function an effect. */
#include "core/base/str.h"
#include "core/model/query.h"
#include "core/text/utf8.h"
#include "tests/golden/world.h"
#include "tui/desk/copy.h"

#include <stdlib.h>
#include <string.h>

/* --- the query language over what is in memory */

static bool says(const struct world *world, const struct kase *kase, const char *text)
{
	for (size_t i = 0; i < world->posts.len; i++)
		if (world->posts.at[i].thread_id == kase->id && utf8_contains_folded(world->posts.at[i].text, text))
			return true;
	for (size_t i = 0; i < world->journal.len; i++)
		if (world->journal.at[i].case_id == kase->id && utf8_contains_folded(world->journal.at[i].text, text))
			return true;
	return false;
}

static bool in_outbox(const struct world *world, const struct kase *kase)
{
	for (size_t i = 0; i < world->replies.len; i++) {
		const struct reply *reply = &world->replies.at[i];
		if (reply->case_id == kase->id && reply->state != REPLY_SENT && reply->state != REPLY_RECALLED)
			return true;
	}
	return false;
}

static bool newest_is_private(const struct world *world, const struct kase *kase)
{
	bool is_private = false;
	for (size_t i = 0; i < world->posts.len; i++)
		if (world->posts.at[i].thread_id == kase->id && world->posts.at[i].direction == DIR_IN)
			is_private = world->posts.at[i].visibility == VIS_DIRECT;
	return is_private;
}

static bool has_link(const struct world *world, const struct kase *kase)
{
	for (size_t i = 0; i < world->posts.len; i++)
		if (world->posts.at[i].thread_id == kase->id && *world->posts.at[i].links)
			return true;
	return false;
}

static bool fits(const struct world *world, const struct query *query, const struct kase *kase)
{
	switch (query->op) {
	case Q_ALL: return true;
	case Q_AND: return fits(world, query->left, kase) && fits(world, query->right, kase);
	case Q_OR: return fits(world, query->left, kase) || fits(world, query->right, kase);
	case Q_NOT: return !fits(world, query->left, kase);
	case Q_TERM: break;
	}
	if (query->term == QT_TEXT)
		return says(world, kase, query->text);
	if (query->term == QT_IS && query->number == QUERY_IS_OUTBOX)
		return in_outbox(world, kase);
	if (query->term == QT_IS && query->number == QUERY_IS_PRIVATE)
		return newest_is_private(world, kase);
	if (query->term == QT_HAS && query->number == QUERY_HAS_LINK)
		return has_link(world, kase);
	return query_matches(query, kase, world->wall);
}

static void find_outgoing(struct world *world, struct kase *row)
{
	for (size_t i = 0; i < world->replies.len; i++) {
		const struct reply *reply = &world->replies.at[i];
		bool waits = reply->state >= REPLY_FAILED && reply->state <= REPLY_STOPPED;
		if (reply->case_id != row->id || (!waits && reply->state > REPLY_QUEUED))
			continue;
		row->outgoing_count++;
		if (!row->outgoing || (waits && row->outgoing->state <= REPLY_QUEUED))
			row->outgoing = reply;
	}
}

/* A case as alice's queries give it. */
static struct kase as_row(struct world *world, const struct kase *kase)
{
	struct kase row = *kase;
	for (int kind = 0; kind < DRAFT_KIND_COUNT; kind++) {
		const struct draft *draft = world_draft(world, kase->id, (enum draft_kind)kind);
		if (draft && draft->updated_at > row.draft_at)
			row.draft_at = draft->updated_at;
	}
	if (!row.draft_at)
		row.newer_than_draft = 0;
	return row;
}

static int by_rank(const void *a, const void *b)
{
	const struct kase *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static struct kase *cases_of(struct world *world, const struct query *query, int *count)
{
	struct kase *rows = arena_array(&world->arena, struct kase, world->roles.len + 1);
	*count = 0;
	for (size_t i = 0; i < world->roles.len; i++)
		if (world->roles.at[i].there && fits(world, query, &world->roles.at[i].kase))
			rows[(*count)++] = as_row(world, &world->roles.at[i].kase);
	for (int i = 0; i < *count && query_asks_outbox(query); i++)
		find_outgoing(world, &rows[i]);
	if (*count)
		qsort(rows, (size_t)*count, sizeof *rows, by_rank);
	return rows;
}

/* --- questions */

static int answer_rows(struct world *world, const struct effect *effect, struct event *event, struct err *err)
{
	const struct query *query;
	int result = query_parse(effect->rows.query, WORLD_AGENT, &world->arena, &query, NULL, err);
	if (result)
		return result;
	int count, from = 0, to, most = effect->rows.before + effect->rows.after;
	struct kase *rows = cases_of(world, query, &count);
	to = count < most ? count : most;
	if (effect->rows.from == ROWS_END) {
		from = count - to;
		to = count;
	} else if (effect->rows.from == ROWS_KEY) {
		const struct role *role = world_case(world, effect->rows.case_id);
		struct kase key = {.rank = effect->rows.rank, .id = effect->rows.id};
		key = role ? role->kase : key;
		int at = 0;
		while (at < count && by_rank(&rows[at], &key) < 0)
			at++;
		from = at > effect->rows.before ? at - effect->rows.before : 0;
		to = count < at + effect->rows.after ? count : at + effect->rows.after;
	}
	event->rows.rows = rows + from;
	event->rows.count = to - from;
	event->rows.more_before = from > 0;
	event->rows.more_after = to < count;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct thread_item *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at;
}

static struct thread_item *items_of(struct world *world, int64_t case_id, int *count)
{
	size_t most = world->posts.len + world->journal.len + world->replies.len + 1;
	struct thread_item *items = arena_array(&world->arena, struct thread_item, most);
	*count = 0;
	for (size_t i = 0; i < world->posts.len; i++)
		if (world->posts.at[i].thread_id == case_id)
			items[(*count)++] =
			        (struct thread_item){.at = world->posts.at[i].created_at, .post = &world->posts.at[i]};
	for (size_t i = 0; i < world->journal.len; i++)
		if (world->journal.at[i].case_id == case_id)
			items[(*count)++] =
			        (struct thread_item){.at = world->journal.at[i].at, .entry = &world->journal.at[i]};
	for (size_t i = 0; i < world->replies.len; i++) {
		const struct reply *reply = &world->replies.at[i];
		if (reply->case_id == case_id && reply->state != REPLY_SENT && reply->state != REPLY_RECALLED)
			items[(*count)++] = (struct thread_item){.at = reply->created_at, .reply = reply};
	}
	/* What happened in one millisecond stays in the order of the three loops: a stable order by place. */
	for (int i = 1; i < *count; i++)
		for (int j = i; j > 0 && by_time(&items[j - 1], &items[j]) > 0; j--) {
			struct thread_item later = items[j - 1];
			items[j - 1] = items[j];
			items[j] = later;
		}
	return items;
}

/* The journal is all that the world keeps of it. */
static bool is_joined(const struct world *world, const struct customer *a, const struct customer *b)
{
	char pair[48];
	bool joined = false;
	bool first = a->id < b->id;
	snprintf(pair, sizeof pair, "%lld-%lld", (long long)(first ? a : b)->id, (long long)(first ? b : a)->id);
	for (size_t i = 0; i < world->journal.len; i++) {
		const struct journal_entry *entry = &world->journal.at[i];
		for (int c = 0; c < entry->change_count; c++) {
			const struct change *change = &entry->changes[c];
			if (change->field == FIELD_JOINED && (str_eq(change->to, pair) || str_eq(change->from, pair)))
				joined = *change->to;
		}
	}
	return joined;
}

static void add_joined(struct world *world, const struct role *role, struct case_view *view)
{
	struct customer *joined = arena_array(&world->arena, struct customer, world->roles.len);
	for (size_t i = 0; i < world->roles.len; i++) {
		const struct customer *other = &world->roles.at[i].customer;
		if (other->id != role->customer.id && is_joined(world, &role->customer, other))
			joined[view->joined_count++] = *other;
	}
	view->joined = joined;
}

/* Whose handles say the same before the first dot or @. */
static int answer_alike(struct world *world, const struct effect *effect, struct event *event)
{
	const struct role *role = world_case(world, effect->kase.case_id);
	const char **words = arena_array(&world->arena, const char *, world->roles.len);
	size_t stem = strcspn(role->customer.handle + 1, "@.") + 1;
	for (size_t i = 0; i < world->roles.len; i++) {
		const struct customer *other = &world->roles.at[i].customer;
		if (other->id != role->customer.id && strcspn(other->handle + 1, "@.") + 1 == stem &&
		        !strncmp(other->handle, role->customer.handle, stem))
			words[event->words.count++] = arena_printf(&world->arena, "#%lld %s  %s  %s",
			        (long long)other->id, other->handle, other->network, other->name);
	}
	event->words.words = words;
	return 0;
}

static int answer_case(struct world *world, const struct effect *effect, struct event *event, struct err *err)
{
	const struct role *role = world_case(world, effect->kase.case_id);
	if (!role)
		return err_set(err, ERR_NOT_FOUND, "there is no case %lld", (long long)effect->kase.case_id);
	struct case_view *view = arena_new(&world->arena, struct case_view);
	struct draft *drafts = arena_array(&world->arena, struct draft, DRAFT_KIND_COUNT);
	int count, most = effect->kase.max_items;
	struct thread_item *items = items_of(world, role->kase.id, &count);
	int skip = most && count > most ? count - most : 0;
	*view = (struct case_view){.kase = as_row(world, &role->kase),
	        .customer = role->customer,
	        .items = items + skip,
	        .item_count = count - skip,
	        .drafts = drafts,
	        .earlier_cases = role->earlier_cases,
	        .earlier_unhappy = role->earlier_unhappy};
	add_joined(world, role, view);
	for (int kind = 0; kind < DRAFT_KIND_COUNT; kind++) {
		const struct draft *draft = world_draft(world, role->kase.id, (enum draft_kind)kind);
		if (draft)
			drafts[view->draft_count++] = *draft;
	}
	event->kase.view = view;
	return 0;
}

static int answer_counts(struct world *world, struct event *event, struct err *err)
{
	size_t len = world->setup.views_len;
	int64_t *counts = arena_array(&world->arena, int64_t, len);
	for (size_t i = 0; i < len; i++) {
		const struct query *query;
		int count;
		int result = query_parse(world->setup.views[i].query, WORLD_AGENT, &world->arena, &query, NULL, err);
		if (result)
			return result;
		cases_of(world, query, &count);
		counts[i] = count;
	}
	event->counts.counts = counts;
	event->counts.count = (int)len;
	return 0;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static int answer_numbers(struct world *world, struct event *event)
{
	int64_t *waits = arena_array(&world->arena, int64_t, world->roles.len + 1);
	size_t len = 0;
	event->numbers.median_first_reply_ms = -1;
	for (size_t i = 0; i < world->roles.len; i++) {
		const struct kase *kase = &world->roles.at[i].kase;
		if (!world->roles.at[i].there)
			continue;
		event->numbers.needing += kase->status <= STATUS_OPEN && kase->last_in_at > kase->last_out_at;
		event->numbers.late += kase->due && kase->due <= world->wall;
		event->numbers.outbox += in_outbox(world, kase);
		if (kase->first_reply_at)
			waits[len++] = kase->first_reply_at - kase->first_post_at;
	}
	if (len) {
		qsort(waits, len, sizeof *waits, ascending);
		event->numbers.median_first_reply_ms = waits[len / 2];
	}
	return 0;
}

static int answer_replies(struct world *world, struct event *event)
{
	struct reply *replies = arena_array(&world->arena, struct reply, world->replies.len + 1);
	for (size_t i = 0; i < world->replies.len; i++)
		if (world->replies.at[i].state != REPLY_RECALLED && str_eq(world->replies.at[i].agent, WORLD_AGENT))
			replies[event->replies.count++] = world->replies.at[i];
	event->replies.replies = replies;
	return 0;
}

static int answer_words(const struct effect *effect, struct event *event)
{
	static const char *const tags[] = {"refund", "delivery", "damaged", "vip", "size", "shop-down"};
	static const char *const agents[] = {WORLD_AGENT, "bob"};
	bool wants_tags = effect->kind == FX_TAGS;
	event->words.words = wants_tags ? tags : agents;
	event->words.count = wants_tags ? sizeof tags / sizeof *tags : sizeof agents / sizeof *agents;
	return 0;
}

/* Late ones first, then by priority, then by deadline, as the store orders them. */
static bool before(const struct world *world, const struct kase *a, const struct kase *b)
{
	bool a_late = a->due && a->due <= world->wall, b_late = b->due && b->due <= world->wall;
	if (a_late != b_late)
		return a_late;
	return a->priority != b->priority ? a->priority > b->priority : by_rank(a, b) < 0;
}

static int answer_next(struct world *world, const struct effect *effect, struct event *event, struct err *err)
{
	const struct kase *next = NULL;
	if (effect->kind == FX_FIND) {
		const struct role *role = world_case(world, effect->kase.case_id);
		event->next.kase = role ? &role->kase : NULL;
		return role ? 0 : err_set(err, ERR_NOT_FOUND, "there is no case %lld", (long long)effect->kase.case_id);
	}
	for (size_t i = 0; i < world->roles.len; i++) {
		const struct kase *kase = &world->roles.at[i].kase;
		bool others = (*kase->assignee && !str_eq(kase->assignee, WORLD_AGENT)) ||
		              (*kase->writer && !str_eq(kase->writer, WORLD_AGENT) && kase->writer_until > world->wall);
		if (!world->roles.at[i].there || kase->status > STATUS_OPEN || kase->last_in_at <= kase->last_out_at ||
		        others || kase->id == effect->kase.case_id)
			continue;
		if (!next || before(world, kase, next))
			next = kase;
	}
	event->next.kase = next;
	return 0;
}

/* What the role says of earlier cases, as cases: one each some weeks before the other. */
static struct past_case earlier_case(struct world *world, const struct role *role, int back)
{
	static const char *const said[] = {"Where is my parcel?", "It came broken", "Can I pay by invoice?"};
	static const char *const reasons[] = {"", "elsewhere", "praise"};
	const int64_t weeks = INT64_C(3) * 7 * 24 * 3600 * 1000;
	struct past_case past = {.kase = role->kase, .note = "", .note_by = ""};
	struct kase *kase = &past.kase;
	kase->id = role->kase.id - 211 * back;
	kase->status = STATUS_DONE;
	kase->done_reason = reasons[(back - 1) % 3];
	kase->summary = said[(back - 1) % 3];
	kase->tag_count = back <= role->earlier_unhappy ? 1 : 0;
	kase->tags = arena_array(&world->arena, const char *, 1);
	((const char **)(uintptr_t)kase->tags)[0] = "delivery";
	kase->first_post_at -= weeks * back;
	kase->first_reply_at = kase->first_post_at + back * INT64_C(17) * 60 * 1000;
	if (back == 1) {
		past.note = "wants everything in writing";
		past.note_by = "bob";
		past.note_at = kase->first_post_at;
	}
	return past;
}

static bool is_held(struct world *world, const struct kase *kase)
{
	for (size_t i = 0; i < world->replies.len; i++) {
		const struct reply *reply = &world->replies.at[i];
		if (reply->case_id == kase->id && str_eq(reply->agent, WORLD_AGENT) && reply->state != REPLY_SENT &&
		        reply->state != REPLY_RECALLED)
			return true;
	}
	bool theirs = str_eq(kase->assignee, WORLD_AGENT) && kase->status < STATUS_DONE;
	return theirs || as_row(world, kase).draft_at || kase->status == STATUS_SNOOZED;
}

static int answer_holdings(struct world *world, struct event *event)
{
	struct kase *rows = arena_array(&world->arena, struct kase, world->roles.len + 1);
	for (size_t i = 0; i < world->roles.len; i++)
		if (world->roles.at[i].there && is_held(world, &world->roles.at[i].kase))
			rows[event->rows.count++] = as_row(world, &world->roles.at[i].kase);
	if (event->rows.count)
		qsort(rows, (size_t)event->rows.count, sizeof *rows, by_rank);
	event->rows.rows = rows;
	return 0;
}

static int answer_past(struct world *world, const struct effect *effect, struct event *event, struct err *err)
{
	const struct role *role = world_case(world, effect->kase.case_id);
	if (!role)
		return err_set(err, ERR_NOT_FOUND, "there is no case %lld", (long long)effect->kase.case_id);
	struct past_case *cases = arena_array(&world->arena, struct past_case, (size_t)role->earlier_cases + 1);
	cases[0] = (struct past_case){.kase = role->kase, .note = "", .note_by = ""};
	for (size_t i = 0; i < world->journal.len; i++) {
		const struct journal_entry *entry = &world->journal.at[i];
		if (entry->case_id == role->kase.id && str_eq(entry->action, "note"))
			cases[0] = (struct past_case){role->kase, entry->text, entry->by, entry->at};
	}
	for (int back = 1; back <= role->earlier_cases; back++)
		cases[back] = earlier_case(world, role, back);
	event->past.cases = cases;
	event->past.count = role->earlier_cases + 1;
	return 0;
}

/* --- changes */

static int acted(struct world *world, int64_t case_id, struct event *event)
{
	const struct role *role = world_case(world, case_id);
	struct kase *copy = arena_new(&world->arena, struct kase);
	*copy = as_row(world, &role->kase);
	event->acted.kase = copy;
	return 0;
}

static int answer_act(struct world *world, const struct effect *effect, struct event *event, struct err *err)
{
	int result = world_act(world, &effect->action, &event->acted.journal_id, err);
	return result ? result : acted(world, effect->action.case_id, event);
}

static int answer_many(struct world *world, const struct effect *effect, struct event *event)
{
	world->batch = ++world->last_batch;
	for (int i = 0; i < effect->many.count; i++) {
		struct err err = ERR_INIT;
		if (!world_act(world, &effect->many.actions[i], &event->acted.journal_id, &err)) {
			event->acted.done++;
			continue;
		}
		event->acted.refused++;
		event->acted.why = arena_strdup(&world->arena, err.text);
		event->acted.why_case = effect->many.actions[i].case_id;
	}
	world->batch = 0;
	return 0;
}

static int answer_undo(struct world *world, const struct effect *effect, struct event *event, struct err *err)
{
	int result = world_undo(world, effect->undo.redo, event, err);
	return result ? result : acted(world, event->acted.undone->case_id, event);
}

static int presence(struct world *world, const struct effect *effect, struct err *err)
{
	struct role *role = world_case(world, effect->presence.case_id);
	if (!role)
		return err_set(err, ERR_NOT_FOUND, "there is no case %lld", (long long)effect->presence.case_id);
	struct kase *kase = &role->kase;
	if (effect->presence.for_ms && *kase->writer && !str_eq(kase->writer, WORLD_AGENT) &&
	        kase->writer_until > world->wall)
		return err_set(err, ERR_STATE, "%s is writing here", kase->writer);
	kase->writer = effect->presence.for_ms ? WORLD_AGENT : "";
	kase->writer_until = effect->presence.for_ms ? world->wall + effect->presence.for_ms : 0;
	if (effect->presence.for_ms && !*kase->assignee)
		kase->assignee = WORLD_AGENT;
	vec_push(&world->changed, kase->id);
	return 0;
}

static int save_draft(struct world *world, const struct effect *effect, struct event *event)
{
	const struct draft *stored = world_draft(world, effect->draft.case_id, effect->draft.kind);
	struct draft draft = effect->draft;
	event->saved.case_id = draft.case_id;
	event->saved.draft = draft.kind;
	if (stored && stored->revision != draft.revision)
		event->saved.conflict = stored->text;
	draft.revision = event->saved.revision = (stored ? stored->revision : 0) + 1;
	world_put_draft(world, &draft);
	return 0;
}

static void drop_draft(struct world *world, int64_t case_id, enum draft_kind kind)
{
	const struct draft *stored = world_draft(world, case_id, kind);
	struct role *role = world_case(world, case_id);
	if (stored)
		vec_remove(&world->drafts, (size_t)(stored - world->drafts.at));
	if (role)
		role->kase.newer_than_draft = 0;
}

static int delete_draft(struct world *world, const struct effect *effect, struct event *event)
{
	event->saved.case_id = effect->draft.case_id;
	event->saved.draft = effect->draft.kind;
	drop_draft(world, effect->draft.case_id, effect->draft.kind);
	return 0;
}

static int hold(struct world *world, const struct effect *effect, struct event *event)
{
	struct reply *parts = copy_replies(&world->arena, effect->hold.parts, effect->hold.part_count);
	event->held.reply_id = world->last_id + 1;
	for (int i = 0; i < effect->hold.part_count; i++) {
		parts[i].id = ++world->last_id;
		parts[i].series = effect->hold.part_count > 1 ? event->held.reply_id : 0;
		vec_push(&world->replies, parts[i]);
	}
	if (effect->hold.draft_kind >= 0)
		drop_draft(world, parts->case_id, (enum draft_kind)effect->hold.draft_kind);
	world->replies_changed = true;
	vec_push(&world->changed, parts->case_id);
	return 0;
}

/* What was typed is a draft again, of all parts that are taken back. */
static void back_to_draft(struct world *world, struct reply *reply, unsigned states)
{
	struct str typed = STR_INIT;
	for (size_t i = 0; i < world->replies.len; i++) {
		struct reply *part = &world->replies.at[i];
		bool same = part == reply || (reply->series && part->series == reply->series);
		if (!same || !(states & 1u << part->state))
			continue;
		part->state = REPLY_RECALLED;
		str_adds(&typed, str_or(part->typed, part->text));
	}
	world->replies_changed = true;
	vec_push(&world->changed, reply->case_id);
	struct draft draft = {.case_id = reply->case_id,
	        .kind = reply->visibility == VIS_DIRECT ? DRAFT_PRIVATE : DRAFT_REPLY,
	        .text = typed.p,
	        .cursor = (int)typed.len,
	        .revision = 1,
	        .begun_at = world->wall,
	        .to_remote_id = reply->to_remote_id,
	        .warning = reply->warning,
	        .language = reply->language,
	        .files = reply->files,
	        .file_count = reply->file_count};
	if (reply->kind == REPLY_KIND_POST)
		world_put_draft(world, &draft);
	str_release(&typed);
}

static struct reply *reply_of(struct world *world, int64_t id)
{
	for (size_t i = 0; i < world->replies.len; i++)
		if (world->replies.at[i].id == id)
			return &world->replies.at[i];
	return NULL;
}

static void recall(
        struct world *world, const struct effect *effect, void (*tell)(void *arg, struct event *event), void *arg)
{
	for (int i = 0; i < effect->ids.count; i++) {
		struct reply *reply = reply_of(world, effect->ids.ids[i]);
		struct event event = {.kind = EV_RECALLED, .request = effect->request};
		event.recalled.reply_id = effect->ids.ids[i];
		event.recalled.case_id = reply ? reply->case_id : 0;
		event.recalled.recalled = reply && reply->state <= REPLY_QUEUED;
		if (event.recalled.recalled)
			back_to_draft(world, reply, 1u << REPLY_HELD | 1u << REPLY_QUEUED);
		tell(arg, &event);
	}
}

static int withdraw(struct world *world, const struct effect *effect, struct event *event, struct err *err)
{
	struct reply *reply = reply_of(world, effect->ids.ids[0]);
	event->recalled.reply_id = effect->ids.ids[0];
	if (!reply || (reply->state != REPLY_FAILED && reply->state != REPLY_STOPPED))
		return err_set(err, ERR_STATE, "it is not in the outbox");
	back_to_draft(world, reply, 1u << REPLY_FAILED | 1u << REPLY_STOPPED);
	return 0;
}

static int settle(struct world *world, const struct effect *effect, struct err *err)
{
	struct reply *reply = reply_of(world, effect->settle.reply_id);
	if (!reply || reply->state != REPLY_IN_DOUBT)
		return err_set(err, ERR_STATE, "the reply is no longer in doubt");
	reply->state = effect->settle.sent ? REPLY_SENT : REPLY_STOPPED;
	reply->error = "alice looked: it was not sent";
	world->replies_changed = true;
	vec_push(&world->changed, reply->case_id);
	return 0;
}

/* --- the way in */

static bool writes(enum effect_kind kind)
{
	return kind >= FX_ACT && kind <= FX_GAP_SEEN;
}

static int answer(struct world *world, const struct effect *effect, struct event *event, struct err *err)
{
	if (world->full && writes(effect->kind))
		return err_set(err, ERR_UNAVAILABLE, "%s", world->full);
	switch (effect->kind) {
	case FX_ROWS: return answer_rows(world, effect, event, err);
	case FX_CASE: return answer_case(world, effect, event, err);
	case FX_COUNTS: return answer_counts(world, event, err);
	case FX_NUMBERS: return answer_numbers(world, event);
	case FX_REPLIES: return answer_replies(world, event);
	case FX_TAGS:
	case FX_AGENTS: return answer_words(effect, event);
	case FX_ALIKE: return answer_alike(world, effect, event);
	case FX_NEXT:
	case FX_FIND: return answer_next(world, effect, event, err);
	case FX_HOLDINGS: return answer_holdings(world, event);
	case FX_PAST: return answer_past(world, effect, event, err);
	case FX_ACT: return answer_act(world, effect, event, err);
	case FX_ACT_MANY: return answer_many(world, effect, event);
	case FX_UNDO: return answer_undo(world, effect, event, err);
	case FX_PRESENCE: return presence(world, effect, err);
	case FX_DRAFT_SAVE: return save_draft(world, effect, event);
	case FX_DRAFT_DELETE: return delete_draft(world, effect, event);
	case FX_HOLD: return hold(world, effect, event);
	case FX_WITHDRAW: return withdraw(world, effect, event, err);
	case FX_FILE:
		event->file.path = arena_printf(&world->arena, "/home/alice/%s", effect->text);
		event->file.bytes = 120000;
		return 0;
	case FX_SETTLE: return settle(world, effect, err);
	case FX_GAP_SEEN:
		for (size_t i = 0; i < world->gaps.len; i++)
			if (world->gaps.at[i].id == effect->gap_id)
				vec_remove(&world->gaps, i);
		world->accounts_changed = true;
		return 0;
	default:
		event->accounts.accounts = world->accounts.at;
		event->accounts.count = (int)world->accounts.len;
		event->accounts.gaps = world->gaps.at;
		event->accounts.gap_count = (int)world->gaps.len;
		return 0;
	}
}

bool world_answer(
        struct world *world, const struct effect *effect, void (*tell)(void *arg, struct event *event), void *arg)
{
	static const enum event_kind kinds[FX_SAVE_STATE + 1] = {[FX_ROWS] = EV_ROWS,
	        [FX_CASE] = EV_CASE,
	        [FX_COUNTS] = EV_COUNTS,
	        [FX_NUMBERS] = EV_NUMBERS,
	        [FX_ACCOUNTS] = EV_ACCOUNTS,
	        [FX_REPLIES] = EV_REPLIES,
	        [FX_TAGS] = EV_TAGS,
	        [FX_AGENTS] = EV_AGENTS,
	        [FX_NEXT] = EV_NEXT,
	        [FX_FIND] = EV_NEXT,
	        [FX_HOLDINGS] = EV_ROWS,
	        [FX_PAST] = EV_PAST,
	        [FX_ACT] = EV_ACTED,
	        [FX_ACT_MANY] = EV_ACTED,
	        [FX_UNDO] = EV_ACTED,
	        [FX_PRESENCE] = EV_PRESENCE,
	        [FX_DRAFT_SAVE] = EV_DRAFT_SAVED,
	        [FX_DRAFT_DELETE] = EV_DRAFT_SAVED,
	        [FX_HOLD] = EV_HELD,
	        [FX_WITHDRAW] = EV_WITHDRAWN,
	        [FX_SETTLE] = EV_SETTLED,
	        [FX_GAP_SEEN] = EV_GAP_SEEN,
	        [FX_ALIKE] = EV_ALIKE,
	        [FX_FILE] = EV_FILE};
	if (effect->kind > FX_SAVE_STATE)
		return false;
	if (effect->kind == FX_THREAD || effect->kind == FX_SAVE_STATE)
		return true;
	if (effect->kind == FX_RECALL && !world->full) {
		recall(world, effect, tell, arg);
		return true;
	}
	struct err err = ERR_INIT;
	struct event event = {.kind = kinds[effect->kind], .request = effect->request};
	int result = answer(world, effect, &event, &err);
	event.err = result ? &err : NULL;
	if (effect->kind == FX_RECALL)
		event.kind = EV_RECALLED;
	if (effect->kind != FX_PRESENCE || result)
		tell(arg, &event);
	return true;
}

void world_mark_post(struct world *world, const struct reply *reply)
{
	for (size_t i = 0; i < world->posts.len; i++) {
		struct post *post = &world->posts.at[i];
		if (!str_eq(post->remote_id, reply->to_remote_id))
			continue;
		if (reply->kind == REPLY_KIND_LIKE || reply->kind == REPLY_KIND_UNLIKE)
			post->liked_by_us = reply->kind == REPLY_KIND_LIKE;
		vec_push(&world->changed, reply->case_id);
	}
}
