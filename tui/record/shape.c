/* The tables. A field that is added to one of these structs gets its row here: tests/unit/record_test.c looks for what
 * has none. */
#include "tui/record/shape.h"

#include "core/text/length.h"
#include "tui/desk/state.h"

#include <assert.h>

/* Enumerations are kept as int; compilers give them that size unless told otherwise. */
static_assert(sizeof(enum case_status) == sizeof(int), "an enum is not an int");

#define AT(s, m) offsetof(struct s, m)
#define SIZE(s, m) sizeof(((struct s *)0)->m)
#define PLAIN(s, m, t)                                                                                                 \
	{                                                                                                              \
		.name = #m, .type = t, .offset = AT(s, m)                                                              \
	}
#define BOOLEAN(s, m) PLAIN(s, m, PART_BOOL)
#define INT(s, m) PLAIN(s, m, PART_INT)
#define I64(s, m) PLAIN(s, m, PART_I64)
#define WITHIN(s, m, l, h)                                                                                             \
	{                                                                                                              \
		.name = #m, .type = PART_INT, .offset = AT(s, m), .low = l, .high = h                                  \
	}
#define WORDS_OF(s, m, last) WITHIN(s, m, 0, (last)-1)
#define TEXT(s, m, what)                                                                                               \
	{                                                                                                              \
		.name = #m, .type = PART_TEXT, .secret = what, .offset = AT(s, m)                                      \
	}
#define INSIDE(s, m, sh)                                                                                               \
	{                                                                                                              \
		.name = #m, .type = PART_INSIDE, .offset = AT(s, m), .shape = sh                                       \
	}
#define POINTER(s, m, sh)                                                                                              \
	{                                                                                                              \
		.name = #m, .type = PART_POINTER, .offset = AT(s, m), .shape = sh                                      \
	}
#define COUNTED(s, m, n, t, what, sh)                                                                                  \
	{                                                                                                              \
		.name = #m, .type = t, .secret = what, .offset = AT(s, m), .count_at = AT(s, n),                       \
		.count_size = SIZE(s, n), .shape = sh                                                                  \
	}
#define ARRAY(s, m, n, sh) COUNTED(s, m, n, PART_ARRAY, OPEN, sh)
#define ROW(s, m, sh)                                                                                                  \
	{                                                                                                              \
		.name = #m, .type = PART_ROW, .offset = AT(s, m), .size = SIZE(s, m) / SIZE(s, m[0]), .shape = sh      \
	}
#define SHAPE(s, parts)                                                                                                \
	{                                                                                                              \
		sizeof(struct s), parts, sizeof(parts) / sizeof *(parts)                                               \
	}

/* --- errors, keys */

static const struct part err_parts[] = {WORDS_OF(err, code, ERR_COUNT),
        {.name = "text", .type = PART_CHARS, .secret = SECRET_TEXT, .offset = AT(err, text), .size = SIZE(err, text)}};
static const struct shape err_shape = SHAPE(err, err_parts);

/* --- the model */

static const struct part limits_parts[] = {INT(post_limits, max), WITHIN(post_limits, rule, 0, LENGTH_RULE_COUNT - 1),
        INT(post_limits, url), INT(post_limits, files), INT(post_limits, alt), I64(post_limits, image_bytes),
        I64(post_limits, video_bytes), PLAIN(post_limits, kinds, PART_UNSIGNED)};
static const struct shape limits_shape = SHAPE(post_limits, limits_parts);

static const struct part prices_parts[] = {TEXT(prices, currency, OPEN), I64(prices, reply), I64(prices, reply_link)};
static const struct shape prices_shape = SHAPE(prices, prices_parts);

static const struct part spending_parts[] = {I64(spending, day), I64(spending, month), I64(spending, month_budget)};
static const struct shape spending_shape = SHAPE(spending, spending_parts);

static const struct part account_parts[] = {I64(account, id), TEXT(account, name, SECRET_NAME),
        TEXT(account, network, OPEN), TEXT(account, server, SECRET_TEXT), TEXT(account, handle, SECRET_HANDLE),
        PLAIN(account, caps, PART_UNSIGNED), INSIDE(account, limits, &limits_shape), I64(account, edit_ms),
        INSIDE(account, prices, &prices_shape), INSIDE(account, spending, &spending_shape),
        WORDS_OF(account, state, ACCOUNT_STATE_COUNT), I64(account, state_since), I64(account, state_until),
        TEXT(account, state_reason, SECRET_TEXT), I64(account, last_event_at)};
static const struct shape account_shape = SHAPE(account, account_parts);

static const struct part gap_parts[] = {I64(gap, id), TEXT(gap, account, SECRET_NAME), TEXT(gap, source, SECRET_TEXT),
        I64(gap, from), I64(gap, to), TEXT(gap, reason, SECRET_TEXT), I64(gap, found_at),
        TEXT(gap, seen_by, SECRET_NAME), I64(gap, seen_at)};
static const struct shape gap_shape = SHAPE(gap, gap_parts);

static const struct part customer_parts[] = {I64(customer, id), TEXT(customer, network, OPEN),
        TEXT(customer, remote_key, SECRET_NAME), TEXT(customer, remote_id, SECRET_NAME),
        TEXT(customer, handle, SECRET_HANDLE), TEXT(customer, name, SECRET_TEXT), TEXT(customer, url, SECRET_TEXT),
        I64(customer, followers), I64(customer, created_at), BOOLEAN(customer, bot), INT(customer, cases),
        I64(customer, muted_until)};
static const struct shape customer_shape = SHAPE(customer, customer_parts);

static const struct part media_parts[] = {
        WORDS_OF(media, kind, MEDIA_COUNT), TEXT(media, alt, SECRET_TEXT), TEXT(media, url, SECRET_TEXT)};
static const struct shape media_shape = SHAPE(media, media_parts);

static const struct part post_parts[] = {I64(post, id), I64(post, account_id), I64(post, thread_id),
        I64(post, customer_id), WORDS_OF(post, direction, DIR_COUNT), TEXT(post, remote_id, SECRET_NAME),
        TEXT(post, parent_remote_id, SECRET_NAME), TEXT(post, uri, SECRET_TEXT), TEXT(post, url, SECRET_TEXT),
        TEXT(post, author_handle, SECRET_HANDLE), TEXT(post, author_name, SECRET_TEXT), I64(post, created_at),
        I64(post, received_at), I64(post, edited_at), I64(post, deleted_at), WORDS_OF(post, visibility, VIS_COUNT),
        TEXT(post, language, OPEN), TEXT(post, warning, SECRET_TEXT), BOOLEAN(post, sensitive), INT(post, liked_by_us),
        INT(post, boosted_by_us), BOOLEAN(post, addressed), TEXT(post, text, SECRET_TEXT),
        ARRAY(post, media, media_count, &media_shape), TEXT(post, mentions, SECRET_TEXT),
        TEXT(post, links, SECRET_TEXT), INT(post, boosts), INT(post, likes), INT(post, replies), I64(post, reply_id),
        TEXT(post, sent_by, SECRET_NAME), TEXT(post, source, SECRET_TEXT), TEXT(post, reply_refusal, SECRET_TEXT)};
static const struct shape post_shape = SHAPE(post, post_parts);

static const struct shape reply_shape;

static const struct part kase_parts[] = {I64(kase, id), I64(kase, account_id), TEXT(kase, account, SECRET_NAME),
        TEXT(kase, network, OPEN), I64(kase, customer_id), TEXT(kase, handle, SECRET_HANDLE),
        TEXT(kase, customer_name, SECRET_TEXT), I64(kase, followers), I64(kase, muted_until),
        WORDS_OF(kase, status, STATUS_COUNT), TEXT(kase, assignee, SECRET_NAME), TEXT(kase, writer, SECRET_NAME),
        I64(kase, writer_until), WITHIN(kase, priority, -1, 2),
        COUNTED(kase, tags, tag_count, PART_POINTERS, SECRET_NAME, NULL), TEXT(kase, escalated_to, SECRET_NAME),
        TEXT(kase, escalation_why, SECRET_TEXT), TEXT(kase, escalated_by, SECRET_NAME), I64(kase, escalated_at),
        WORDS_OF(kase, escalation, ESCALATION_STATE_COUNT), TEXT(kase, escalation_error, SECRET_TEXT),
        I64(kase, snoozed_until), TEXT(kase, done_reason, SECRET_TEXT), I64(kase, created_at), I64(kase, updated_at),
        I64(kase, first_post_at), I64(kase, last_in_at), I64(kase, last_out_at), I64(kase, first_reply_at),
        I64(kase, due), I64(kase, rank), I64(kase, revision), I64(kase, linked_to), TEXT(kase, summary, SECRET_TEXT),
        TEXT(kase, language, OPEN), INT(kase, boosts), INT(kase, media_count), INT(kase, similar),
        BOOLEAN(kase, praise), BOOLEAN(kase, question), BOOLEAN(kase, personal_data), I64(kase, draft_at),
        INT(kase, newer_than_draft), POINTER(kase, outgoing, &reply_shape), INT(kase, outgoing_count)};
static const struct shape kase_shape = SHAPE(kase, kase_parts);

static const struct part attachment_parts[] = {TEXT(attachment, path, SECRET_TEXT), TEXT(attachment, alt, SECRET_TEXT)};
static const struct shape attachment_shape = SHAPE(attachment, attachment_parts);

static const struct part reply_parts[] = {I64(reply, id), I64(reply, case_id), I64(reply, account_id),
        WORDS_OF(reply, kind, REPLY_KIND_COUNT), WORDS_OF(reply, state, REPLY_STATE_COUNT),
        TEXT(reply, agent, SECRET_NAME), TEXT(reply, to_remote_id, SECRET_NAME), TEXT(reply, to_handle, SECRET_HANDLE),
        TEXT(reply, text, SECRET_TEXT), TEXT(reply, typed, SECRET_TEXT),
        ARRAY(reply, files, file_count, &attachment_shape), INT(reply, part), INT(reply, parts), I64(reply, series),
        WORDS_OF(reply, visibility, VIS_COUNT), TEXT(reply, language, OPEN), TEXT(reply, warning, SECRET_TEXT),
        TEXT(reply, idempotency_key, SECRET_NAME), TEXT(reply, follow, OPEN), BOOLEAN(reply, anyway),
        I64(reply, seen_post_id), I64(reply, created_at), I64(reply, hold_until), I64(reply, next_try_at),
        INT(reply, attempts), I64(reply, sent_at), TEXT(reply, remote_id, SECRET_NAME), TEXT(reply, url, SECRET_TEXT),
        TEXT(reply, error, SECRET_TEXT)};
static const struct shape reply_shape = SHAPE(reply, reply_parts);

static const struct part draft_parts[] = {I64(draft, case_id), WORDS_OF(draft, kind, DRAFT_KIND_COUNT),
        TEXT(draft, text, SECRET_TEXT), INT(draft, cursor), I64(draft, revision), I64(draft, begun_at),
        I64(draft, updated_at), TEXT(draft, to_remote_id, SECRET_NAME), TEXT(draft, warning, SECRET_TEXT),
        TEXT(draft, language, OPEN), ARRAY(draft, files, file_count, &attachment_shape)};
static const struct shape draft_shape = SHAPE(draft, draft_parts);

static const struct part change_parts[] = {
        WORDS_OF(change, field, FIELD_COUNT), TEXT(change, from, SECRET_CHANGE), TEXT(change, to, SECRET_CHANGE)};
static const struct shape change_shape = SHAPE(change, change_parts);

static const struct part entry_parts[] = {I64(journal_entry, id), I64(journal_entry, case_id), I64(journal_entry, at),
        TEXT(journal_entry, by, SECRET_NAME), TEXT(journal_entry, action, OPEN),
        ARRAY(journal_entry, changes, change_count, &change_shape), TEXT(journal_entry, text, SECRET_TEXT),
        I64(journal_entry, undoes), I64(journal_entry, batch), BOOLEAN(journal_entry, undone)};
static const struct shape entry_shape = SHAPE(journal_entry, entry_parts);

static const struct part item_parts[] = {I64(thread_item, at), POINTER(thread_item, post, &post_shape),
        POINTER(thread_item, entry, &entry_shape), POINTER(thread_item, reply, &reply_shape)};
static const struct shape item_shape = SHAPE(thread_item, item_parts);

static const struct part view_parts[] = {INSIDE(case_view, kase, &kase_shape),
        INSIDE(case_view, customer, &customer_shape), ARRAY(case_view, items, item_count, &item_shape),
        ARRAY(case_view, drafts, draft_count, &draft_shape), ARRAY(case_view, joined, joined_count, &customer_shape),
        INT(case_view, earlier_cases), INT(case_view, earlier_unhappy)};
static const struct shape view_shape = SHAPE(case_view, view_parts);

static const struct part past_parts[] = {INSIDE(past_case, kase, &kase_shape), TEXT(past_case, note, SECRET_TEXT),
        TEXT(past_case, note_by, SECRET_NAME), I64(past_case, note_at)};
static const struct shape past_case_shape = SHAPE(past_case, past_parts);

/* --- the setup */

static const struct part setup_view_parts[] = {
        TEXT(setup_view, name, SECRET_NAME), TEXT(setup_view, query, SECRET_QUERY), PLAIN(setup_view, key, PART_CHAR)};
static const struct shape setup_view_shape = SHAPE(setup_view, setup_view_parts);

static const struct part setup_text_parts[] = {
        TEXT(setup_text, name, SECRET_NAME), TEXT(setup_text, text, SECRET_CANNED)};
static const struct shape setup_text_shape = SHAPE(setup_text, setup_text_parts);

static const struct part setup_canned_parts[] = {TEXT(setup_canned, name, SECRET_NAME),
        TEXT(setup_canned, text, SECRET_CANNED),
        COUNTED(setup_canned, accounts, accounts_len, PART_POINTERS, SECRET_NAME, NULL),
        COUNTED(setup_canned, languages, languages_len, PART_POINTERS, OPEN, NULL), I64(setup_canned, from),
        I64(setup_canned, until)};
static const struct shape setup_canned_shape = SHAPE(setup_canned, setup_canned_parts);

static const struct part setup_account_parts[] = {TEXT(setup_account, name, SECRET_NAME),
        TEXT(setup_account, signature, SECRET_CANNED), TEXT(setup_account, language, OPEN)};
static const struct shape setup_account_shape = SHAPE(setup_account, setup_account_parts);

static const struct part span_parts[] = {PLAIN(hours_span, from, PART_I16), PLAIN(hours_span, to, PART_I16)};
static const struct shape span_shape = SHAPE(hours_span, span_parts);
static const struct part day_parts[] = {
        ROW(hours_day, span, &span_shape), WITHIN(hours_day, count, 0, HOURS_SPANS_MAX)};
static const struct shape day_shape = SHAPE(hours_day, day_parts);
static const struct part date_parts[] = {{.name = "date", .type = PART_INT}};
static const struct shape date_shape = {sizeof(int32_t), date_parts, 1};
static const struct part hours_parts[] = {BOOLEAN(hours, limited), ROW(hours, day, &day_shape),
        ROW(hours, holiday, &date_shape), WITHIN(hours, holidays, 0, HOURS_HOLIDAYS_MAX)};
static const struct shape hours_shape = SHAPE(hours, hours_parts);

static const struct part setup_parts[] = {TEXT(desk_setup, agent, SECRET_NAME), TEXT(desk_setup, language, OPEN),
        ARRAY(desk_setup, views, views_len, &setup_view_shape),
        ARRAY(desk_setup, canned, canned_len, &setup_canned_shape),
        ARRAY(desk_setup, macros, macros_len, &setup_text_shape),
        ARRAY(desk_setup, teams, teams_len, &setup_text_shape),
        ARRAY(desk_setup, accounts, accounts_len, &setup_account_shape), I64(desk_setup, undo_window_ms),
        WORDS_OF(desk_setup, after_send, FOLLOW_COUNT), WORDS_OF(desk_setup, layout, LAYOUT_COUNT),
        WITHIN(desk_setup, alarms, 0, ALARMS_NONE), INSIDE(desk_setup, quiet, &hours_shape),
        BOOLEAN(desk_setup, has_quiet)};
const struct shape shape_setup = SHAPE(desk_setup, setup_parts);

/* --- events: members of the union go by their own name, without that of the kind */

static const struct part common_parts[] = {I64(event, wall), I64(event, mono),
        {.name = "request", .type = PART_U64, .offset = AT(event, request)}, POINTER(event, err, &err_shape)};
const struct shape shape_event_common = SHAPE(event, common_parts);

static const struct part seen_parts[] = {INT(seen, inbox_rows), INT(seen, thread_rows), INT(seen, thread_lines),
        INT(seen, thread_top), INT(seen, item_line), INT(seen, item_lines), INT(seen, compose_cols),
        INT(seen, compose_rows), INT(seen, help_rows), INT(seen, help_lines), INT(seen, picker_rows)};
static const struct shape seen_shape = SHAPE(seen, seen_parts);

#define U64_OF(m, n)                                                                                                   \
	{                                                                                                              \
		.name = n, .type = PART_U64, .offset = AT(event, m)                                                    \
	}
#define INT_OF(m, n)                                                                                                   \
	{                                                                                                              \
		.name = n, .type = PART_INT, .offset = AT(event, m)                                                    \
	}
#define I64_OF(m, n)                                                                                                   \
	{                                                                                                              \
		.name = n, .type = PART_I64, .offset = AT(event, m)                                                    \
	}
#define BOOL_OF(m, n)                                                                                                  \
	{                                                                                                              \
		.name = n, .type = PART_BOOL, .offset = AT(event, m)                                                   \
	}
#define TEXT_OF(m, n, t)                                                                                               \
	{                                                                                                              \
		.name = n, .type = t, .secret = SECRET_TEXT, .offset = AT(event, m)                                    \
	}
#define POINTER_OF(m, n, sh)                                                                                           \
	{                                                                                                              \
		.name = n, .type = PART_POINTER, .offset = AT(event, m), .shape = sh                                   \
	}
#define COUNTED_OF(m, n, c, t, what, sh)                                                                               \
	{                                                                                                              \
		.name = n, .type = t, .secret = what, .offset = AT(event, m), .count_at = AT(event, c),                \
		.count_size = SIZE(event, c), .shape = sh                                                              \
	}
#define EVENT(name, ...)                                                                                               \
	static const struct part name##_of[] = {__VA_ARGS__};                                                          \
	static const struct shape name##_shape = SHAPE(event, name##_of)

static const struct shape nothing_shape = {sizeof(struct event), NULL, 0};
EVENT(key, {.name = "key", .type = PART_KEY, .offset = AT(event, key.key)}, U64_OF(key.read, "read"),
        INT_OF(key.printable, "printable"), BOOL_OF(key.foreign, "foreign"));
EVENT(paste, COUNTED_OF(paste.bytes, "bytes", paste.len, PART_BYTES, SECRET_TEXT, NULL), U64_OF(paste.read, "read"));
static const struct part hit_parts[] = {WORDS_OF(hit, kind, HIT_TEXT + 1), WITHIN(hit, view, 0, 1000),
        I64(hit, case_id), {.name = "offset", .type = PART_U64, .offset = AT(hit, offset)}};
static const struct shape hit_shape = SHAPE(hit, hit_parts);
EVENT(mouse, {.name = "hit", .type = PART_INSIDE, .offset = AT(event, mouse.hit), .shape = &hit_shape},
        {.name = "wheel", .type = PART_INT, .offset = AT(event, mouse.wheel), .low = -1, .high = 1});
EVENT(size, {.name = "cols", .type = PART_INT, .offset = AT(event, size.cols), .high = 100000},
        {.name = "rows", .type = PART_INT, .offset = AT(event, size.rows), .high = 100000});
EVENT(painted, U64_OF(painted.version, "version"),
        {.name = "seen", .type = PART_INSIDE, .offset = AT(event, painted.seen), .shape = &seen_shape});
EVENT(rows, COUNTED_OF(rows.rows, "rows", rows.count, PART_ARRAY, OPEN, &kase_shape),
        BOOL_OF(rows.more_before, "more_before"), BOOL_OF(rows.more_after, "more_after"));
EVENT(one_case, POINTER_OF(kase.view, "view", &view_shape));
static const struct part spike_parts[] = {INT(spike, count), I64(spike, case_id),
        {.name = "words", .type = PART_MAYBE, .secret = SECRET_TEXT, .offset = AT(spike, words)}};
static const struct shape spike_shape = SHAPE(spike, spike_parts);
EVENT(counts, COUNTED_OF(counts.counts, "counts", counts.count, PART_IDS, OPEN, NULL));
EVENT(numbers, INT_OF(numbers.late, "late"), INT_OF(numbers.needing, "needing"),
        I64_OF(numbers.median_first_reply_ms, "median_first_reply_ms"), INT_OF(numbers.outbox, "outbox"),
        {.name = "spike", .type = PART_INSIDE, .offset = AT(event, numbers.spike), .shape = &spike_shape});
EVENT(called, I64_OF(called.case_id, "case_id"), TEXT_OF(called.by, "by", PART_TEXT),
        TEXT_OF(called.text, "text", PART_TEXT));
EVENT(accounts, COUNTED_OF(accounts.accounts, "accounts", accounts.count, PART_ARRAY, OPEN, &account_shape),
        COUNTED_OF(accounts.gaps, "gaps", accounts.gap_count, PART_ARRAY, OPEN, &gap_shape));
EVENT(replies, COUNTED_OF(replies.replies, "replies", replies.count, PART_ARRAY, OPEN, &reply_shape));
EVENT(words, COUNTED_OF(words.words, "words", words.count, PART_POINTERS, SECRET_NAME, NULL));
EVENT(next, POINTER_OF(next.kase, "case", &kase_shape));
EVENT(past, COUNTED_OF(past.cases, "cases", past.count, PART_ARRAY, OPEN, &past_case_shape));
EVENT(acted, I64_OF(acted.journal_id, "journal_id"), POINTER_OF(acted.kase, "case", &kase_shape),
        POINTER_OF(acted.undone, "undone", &entry_shape), INT_OF(acted.done, "done"), INT_OF(acted.refused, "refused"),
        TEXT_OF(acted.why, "why", PART_MAYBE), I64_OF(acted.why_case, "why_case"));
EVENT(saved, I64_OF(saved.case_id, "case_id"),
        {.name = "draft", .type = PART_INT, .offset = AT(event, saved.draft), .high = DRAFT_KIND_COUNT - 1},
        I64_OF(saved.revision, "revision"), TEXT_OF(saved.conflict, "conflict", PART_MAYBE));
EVENT(file, TEXT_OF(file.path, "path", PART_TEXT), I64_OF(file.bytes, "bytes"));
EVENT(held, I64_OF(held.reply_id, "reply_id"));
EVENT(recalled, I64_OF(recalled.reply_id, "reply_id"), I64_OF(recalled.case_id, "case_id"),
        BOOL_OF(recalled.recalled, "recalled"));
EVENT(edited, TEXT_OF(edited.text, "text", PART_TEXT), BOOL_OF(edited.changed, "changed"));
EVENT(changed, BOOL_OF(changed.cases, "cases"), BOOL_OF(changed.accounts, "accounts"),
        BOOL_OF(changed.replies, "replies"),
        COUNTED_OF(changed.case_ids, "case_ids", changed.case_count, PART_IDS, OPEN, NULL),
        BOOL_OF(changed.all, "all"));
EVENT(store, BOOL_OF(store.read_only, "read_only"), BOOL_OF(store.drafts_only, "drafts_only"),
        BOOL_OF(store.unwritable, "unwritable"), BOOL_OF(store.courier_down, "courier_down"),
        TEXT_OF(store.why, "why", PART_TEXT));
EVENT(restart, COUNTED_OF(restart.replies, "replies", restart.count, PART_ARRAY, OPEN, &reply_shape));
EVENT(warning, TEXT_OF(warning.text, "text", PART_TEXT));
EVENT(banner, TEXT_OF(banner.title, "title", PART_TEXT), TEXT_OF(banner.text, "text", PART_TEXT));

#define KIND(word, sh)                                                                                                 \
	*name = word;                                                                                                  \
	return &sh

/* Without a default: a kind that is added and has no shape is a warning of the compiler. */
const struct shape *shape_of_event(int kind, const char **name)
{
	switch ((enum event_kind)kind) {
	case EV_KEY: KIND("key", key_shape);
	case EV_PASTE: KIND("paste", paste_shape);
	case EV_MOUSE: KIND("mouse", mouse_shape);
	case EV_RESIZE: KIND("resize", size_shape);
	case EV_PAINTED: KIND("painted", painted_shape);
	case EV_RESUMED: KIND("resumed", nothing_shape);
	case EV_SIGNAL: KIND("signal", nothing_shape);
	case EV_TIME: KIND("time", nothing_shape);
	case EV_ROWS: KIND("rows", rows_shape);
	case EV_CASE: KIND("case", one_case_shape);
	case EV_COUNTS: KIND("counts", counts_shape);
	case EV_NUMBERS: KIND("numbers", numbers_shape);
	case EV_ACCOUNTS: KIND("accounts", accounts_shape);
	case EV_REPLIES: KIND("replies", replies_shape);
	case EV_TAGS: KIND("tags", words_shape);
	case EV_AGENTS: KIND("agents", words_shape);
	case EV_ALIKE: KIND("alike", words_shape);
	case EV_NEXT: KIND("next", next_shape);
	case EV_PAST: KIND("past", past_shape);
	case EV_ACTED: KIND("acted", acted_shape);
	case EV_DRAFT_SAVED: KIND("draft-saved", saved_shape);
	case EV_HELD: KIND("held", held_shape);
	case EV_RECALLED: KIND("recalled", recalled_shape);
	case EV_WITHDRAWN: KIND("withdrawn", recalled_shape);
	case EV_FILE: KIND("file", file_shape);
	case EV_GAP_SEEN: KIND("gap-seen", nothing_shape);
	case EV_SETTLED: KIND("settled", recalled_shape);
	case EV_PRESENCE: KIND("presence", nothing_shape);
	case EV_EDITED: KIND("edited", edited_shape);
	case EV_COPIED: KIND("copied", nothing_shape);
	case EV_CHANGED: KIND("changed", changed_shape);
	case EV_CALLED: KIND("called", called_shape);
	case EV_STORE: KIND("store", store_shape);
	case EV_RESTART: KIND("restart", restart_shape);
	case EV_WARNING: KIND("warning", warning_shape);
	case EV_BANNER: KIND("banner", banner_shape);
	}
	return NULL;
}
