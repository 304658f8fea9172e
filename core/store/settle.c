/* What becomes of a case after its posts changed. Everything follows from the posts, whatever order they came in: a
 * gap that is filled later, newest page first, ends in the same case as a stream that never broke. */
#include "core/base/str.h"
#include "core/store/internal.h"

static const char *number_word(struct ingest *ingest, int64_t n)
{
	return arena_printf(ingest->arena, "%lld", (long long)n);
}

struct settling {
	struct ingest *ingest;
	const struct touched *touched;
	struct kase_row row;
	struct change changes[4];
	int count;
};

static void add_change(struct settling *s, enum case_field field, const char *from, const char *to)
{
	if (!str_eq(from, to))
		s->changes[s->count++] = (struct change){(int)field, from, to};
}

static void set_status(struct settling *s, enum case_status status)
{
	struct kase *kase = &s->row.kase;
	add_change(s, FIELD_STATUS, case_status_name(kase->status), case_status_name(status));
	kase->status = status;
	if (kase->snoozed_until && status != STATUS_SNOOZED) {
		add_change(s, FIELD_SNOOZED_UNTIL, number_word(s->ingest, kase->snoozed_until), "");
		kase->snoozed_until = 0;
	}
	if (status == STATUS_OPEN) {
		add_change(s, FIELD_DONE_REASON, kase->done_reason, "");
		kase->done_reason = "";
	}
}

/* The row of a case that was made just now has the priority of its first post already. */
static void raise_priority(struct settling *s)
{
	struct kase *kase = &s->row.kase;
	int before = s->touched->created ? 0 : kase->priority;
	if (s->touched->priority <= before)
		return;
	add_change(s, FIELD_PRIORITY, number_word(s->ingest, before), number_word(s->ingest, s->touched->priority));
	kase->priority = s->touched->priority;
}

static bool may_reopen(const struct kase *kase)
{
	return kase->status == STATUS_WAITING || kase->status == STATUS_SNOOZED || kase->status == STATUS_DONE;
}

static bool is_open(const struct kase *kase)
{
	return kase->status == STATUS_NEW || kase->status == STATUS_OPEN;
}

static void journal(struct settling *s, enum action_kind kind, const char *by)
{
	journal_add(s->ingest->store, s->row.kase.id, s->ingest->now, by, kind, s->changes, s->count, "", 0);
	s->count = 0;
}

/* What listening found of somebody who was said to speak of others: nobody has to look at it again. */
static bool dismiss(struct settling *s)
{
	struct kase *kase = &s->row.kase;
	const char *by = s->touched->addressed || kase->status != STATUS_NEW
	                         ? ""
	                         : not_us_says(s->ingest->store, kase->customer_id, kase->account_id, s->ingest->arena);
	if (!*by)
		return false;
	journal(s, ACTION_OPENED, "curlew");
	set_status(s, STATUS_IGNORED);
	add_change(s, FIELD_DONE_REASON, kase->done_reason, NOT_ABOUT_US);
	kase->done_reason = NOT_ABOUT_US;
	journal_add(s->ingest->store, kase->id, s->ingest->now, "curlew", ACTION_IGNORE, s->changes, s->count,
	        arena_printf(s->ingest->arena, "learnt from %s", by), 0);
	s->count = 0;
	return true;
}

static void settle_customer_side(struct settling *s, const struct kase *before)
{
	struct kase *kase = &s->row.kase;
	bool muted = kase->muted_until > s->ingest->now;
	raise_priority(s);
	if (s->touched->created && dismiss(s))
		return;
	if (s->touched->created) {
		journal(s, ACTION_OPENED, "curlew");
		return;
	}
	if (may_reopen(kase) && !muted && kase->last_in_at > before->last_in_at &&
	        kase->last_in_at > kase->last_out_at) {
		set_status(s, STATUS_OPEN);
		journal(s, ACTION_REOPENED, "curlew");
	} else if (s->count) {
		journal(s, ACTION_POSTED, "curlew");
	}
}

static void follow(struct settling *s, const char *what)
{
	struct kase *kase = &s->row.kase;
	int64_t until;
	if (str_eq(what, "done")) {
		set_status(s, STATUS_DONE);
	} else if (str_starts(what, "snooze ") && parse_i64(what + strlen("snooze "), &until)) {
		set_status(s, STATUS_SNOOZED);
		add_change(s, FIELD_SNOOZED_UNTIL,
		        kase->snoozed_until ? number_word(s->ingest, kase->snoozed_until) : "",
		        number_word(s->ingest, until));
		kase->snoozed_until = until;
	}
}

/* What the customer said meanwhile still waits: then the answer opens the case, and nothing is closed over it. */
static void settle_our_side(struct settling *s, const struct kase *before)
{
	struct kase *kase = &s->row.kase;
	if (kase->last_out_at <= before->last_out_at && !s->touched->follow)
		return; /* it is older than what is known: context */
	bool answered = kase->last_out_at >= kase->last_in_at;
	if (is_open(kase))
		set_status(s, answered ? STATUS_WAITING : STATUS_OPEN);
	if (answered && s->touched->follow)
		follow(s, s->touched->follow);
	journal(s, ACTION_REPLIED, s->touched->by);
}

static void settle_one(struct ingest *ingest, const struct touched *touched)
{
	struct settling s = {.ingest = ingest, .touched = touched, .row.kase.id = touched->case_id};
	if (touched->whole && !ingest->merged) {
		raise_priority(&s);
		journal(&s, ACTION_OPENED, "curlew");
		return;
	}
	if (!kase_load(ingest->store, touched->case_id, "", ingest->arena, &s.row))
		return;
	struct kase *kase = &s.row.kase;
	struct kase before = *kase;
	kase_derive(ingest->store, &s.row, ingest->arena);
	if (touched->spoke_in)
		settle_customer_side(&s, &before);
	/* Our answer may have come before the post that it answers. */
	if (touched->created && kase->status == STATUS_NEW && kase->last_out_at >= kase->last_in_at &&
	        kase->last_out_at && !touched->spoke_out) {
		set_status(&s, STATUS_WAITING);
		journal(&s, ACTION_REPLIED, "curlew");
	}
	if (touched->spoke_out)
		settle_our_side(&s, &before);
	int64_t newest = kase->last_in_at > kase->last_out_at ? kase->last_in_at : kase->last_out_at;
	if (newest > kase->updated_at)
		kase->updated_at = newest;
	kase_save(ingest->store, &s.row);
}

void ingest_settle(struct ingest *ingest)
{
	for (size_t i = 0; i < ingest->touched.len && !db_failed(ingest->store->db); i++)
		settle_one(ingest, &ingest->touched.at[i]);
}
