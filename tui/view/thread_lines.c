#include "tui/view/thread_lines.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/model/action.h"
#include "core/model/attachment.h"
#include "core/text/wrap.h"

#include <string.h>

enum { INDENT = 2, FOLD_LINES = 30, JOURNAL_LINES = 4, MINUTE_MS = 60 * 1000 };

/* What the lines are made of beside the conversation: they are made anew when it is another. */
struct inputs {
	int cols;
	bool ascii;
	int64_t unfolded;
	int64_t now;                    /* of the state, without seconds: clocks tick in minutes */
	char open_keys[CHORD_TEXT_MAX]; /* what unfolds, as a person reads it */
};

struct kept {
	struct inputs inputs;
	struct thread_lines lines;
};

struct maker {
	const struct frame *frame;
	struct arena *arena;
	struct lines wrapped;
	VEC(struct thread_line) at;
	struct inputs in;
	int cols;
};

static struct thread_line *add_line(
        struct maker *out, int item, enum style style, int indent, const char *text, size_t len)
{
	vec_push(&out->at, (struct thread_line){.text = text,
	                           .len = len,
	                           .style = style,
	                           .right_style = STYLE_FAINT,
	                           .indent = indent,
	                           .item = item});
	return &out->at.at[out->at.len - 1];
}

static void add_wrapped(struct maker *out, int item, enum style style, int indent, const char *text, int most)
{
	size_t len = strlen(text);
	while (len && text[len - 1] == '\n')
		len--;
	wrap_text(&out->wrapped, text, len, out->cols - indent - 1);
	for (size_t i = 0; i < out->wrapped.len; i++) {
		if (most && (int)i == most) {
			char *more = arena_printf(
			        out->arena, "[%zu more lines; %s shows them]", out->wrapped.len - i, out->in.open_keys);
			add_line(out, item, STYLE_FAINT, indent, more, strlen(more));
			return;
		}
		const struct line *line = &out->wrapped.at[i];
		add_line(out, item, style, indent, text + line->start, line->end - line->start);
	}
}

/* A line of ours that holds a value of others: what ends a line in it would begin another one of ours. */
static void add_ours(struct maker *out, int item, enum style style, int indent, char *text, int most)
{
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	add_wrapped(out, item, style, indent, text, most);
}

/* The first line begins with a mark, under which the others do not stand. */
static void add_hanging(struct maker *out, int item, enum style style, char *text)
{
	size_t first = out->at.len;
	out->cols -= INDENT;
	add_ours(out, item, style, 0, text, JOURNAL_LINES);
	out->cols += INDENT;
	for (size_t i = first + 1; i < out->at.len; i++)
		out->at.at[i].indent = INDENT;
}

static void add_media(struct maker *out, int item, const struct post *post)
{
	for (int i = 0; i < post->media_count; i++) {
		const struct media *media = &post->media[i];
		char *text = arena_printf(out->arena, *media->alt ? "[%s %d/%d \"%s\"]" : "[%s %d/%d]",
		        media_kind_name(media->kind), i + 1, post->media_count, media->alt);
		add_ours(out, item, STYLE_LINK, INDENT, text, 3);
	}
}

/* The day stands in a line of its own: here the time is enough, unless it is another day's. */
static void time_words(int64_t day_of, int64_t at, char *out, size_t size)
{
	char day[16], other[16];
	time_format_local(day_of, "%Y-%m-%d", day, sizeof day);
	time_format_local(at, "%Y-%m-%d", other, sizeof other);
	if (str_eq(day, other))
		time_format_local(at, "%H:%M", out, size);
	else
		time_format_local(at, "%d %b %H:%M", out, size);
}

static const char *post_state_words(struct maker *out, const struct post *post)
{
	char at[24];
	if (post->deleted_at) {
		time_words(post->created_at, post->deleted_at, at, sizeof at);
		return arena_printf(out->arena, "deleted %s", at);
	}
	const char *sent = post->direction == DIR_OUT
	                           ? arena_printf(out->arena, "sent, %s", visibility_name(post->visibility))
	                   : post->visibility == VIS_PUBLIC ? ""
	                                                    : visibility_name(post->visibility);
	if (!post->edited_at)
		return sent;
	time_words(post->created_at, post->edited_at, at, sizeof at);
	return arena_printf(out->arena, "%s%sedited %s", sent, *sent ? ", " : "", at);
}

static void add_counts(struct maker *out, int item, const struct post *post)
{
	if (!post->boosts && !post->likes && !post->liked_by_us && !post->boosted_by_us)
		return;
	struct str text = STR_INIT;
	if (post->boosts)
		str_addf(&text, "%s%d ", mark_text(out->frame, MARK_BOOSTS), post->boosts);
	if (post->likes)
		str_addf(&text, "%s%d ", mark_text(out->frame, MARK_LIKES), post->likes);
	if (post->liked_by_us || post->boosted_by_us)
		str_addf(&text, "%s%s%s by us", post->liked_by_us ? "liked" : "",
		        post->liked_by_us && post->boosted_by_us ? " and " : "", post->boosted_by_us ? "boosted" : "");
	char *kept = arena_strdup(out->arena, text.p);
	str_release(&text);
	add_line(out, item, STYLE_FAINT, INDENT, kept, strlen(kept));
}

static bool folded(const struct maker *out, const struct post *post)
{
	return (*post->warning || post->sensitive) && post->direction == DIR_IN && out->in.unfolded != post->id;
}

static void add_post(struct maker *out, int item, const struct post *post)
{
	char at[24];
	bool ours = post->direction == DIR_OUT;
	time_words(post->created_at, post->created_at, at, sizeof at);
	const char *by = ours && *post->sent_by ? arena_printf(out->arena, " (%s)", post->sent_by) : "";
	char *head = ours ? arena_printf(out->arena, "%s %s%s", at, post->author_handle, by)
	                  : arena_printf(out->arena, "%s ", at);
	struct thread_line *line = add_line(out, item, ours ? STYLE_OURS : STYLE_STRONG, 0, head, strlen(head));
	line->handle = ours ? NULL : post->author_handle;
	line->name = post->author_name;
	line->right = post_state_words(out, post);
	line->head = true;
	if (folded(out, post)) {
		char *fold = arena_printf(out->arena, "[folded: %s; %s shows it]",
		        str_or(post->warning, "marked sensitive by its author"), out->in.open_keys);
		add_ours(out, item, STYLE_FAINT, INDENT, fold, 3);
		return;
	}
	if (*post->warning)
		add_ours(out, item, STYLE_FAINT, INDENT, arena_printf(out->arena, "[%s]", post->warning), 3);
	enum style style = post->deleted_at ? STYLE_DELETED : STYLE_TEXT;
	if (*post->text)
		add_wrapped(out, item, style, INDENT, post->text, out->in.unfolded == post->id ? 0 : FOLD_LINES);
	add_media(out, item, post);
	add_counts(out, item, post);
}

/* What the thread shows already, as a post or as "(undone)", needs no journal line. */
static bool told_already(const char *action)
{
	static const enum action_kind kinds[] = {
	        ACTION_OPENED, ACTION_POSTED, ACTION_REPLIED, ACTION_REPLY_HELD, ACTION_UNDO};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eq(action, action_name(kinds[i])))
			return true;
	return false;
}

static const char *priority_word(const char *number)
{
	static const char *const words[] = {"low", "normal", "high", "urgent"};
	int64_t priority;
	return parse_i64(number, &priority) && priority >= -1 && priority <= 2 ? words[priority + 1] : number;
}

/* What the action's own line ("tagged", "assigned to") does not say. */
static const char *change_words(struct maker *out, const struct journal_entry *entry, enum action_kind kind)
{
	struct str text = STR_INIT;
	for (int i = 0; i < entry->change_count; i++) {
		const struct change *change = &entry->changes[i];
		int64_t ms;
		switch (change->field) {
		case FIELD_ASSIGNEE:
			if (kind != ACTION_ASSIGN)
				break;
			/* fall through */
		case FIELD_TAG:
		case FIELD_ESCALATED_TO:
		case FIELD_DONE_REASON:
			if (*change->to || *change->from)
				str_addf(&text, " %s", *change->to ? change->to : change->from);
			break;
		case FIELD_PRIORITY: str_addf(&text, " %s", priority_word(change->to)); break;
		case FIELD_SNOOZED_UNTIL:
		case FIELD_MUTED_UNTIL:
			if (parse_i64(change->to, &ms) && ms) {
				char at[24];
				when_words(ms, out->in.now, at, sizeof at);
				str_addf(&text, " %s", at);
			}
			break;
		default: break;
		}
	}
	const char *kept = arena_strdup(out->arena, text.p);
	str_release(&text);
	return kept;
}

static void add_note(struct maker *out, int item, const struct journal_entry *entry, const char *at)
{
	const char *dot = mark_text(out->frame, MARK_DOT);
	char *head = arena_printf(out->arena, "%s%s %s %s to the team", dot, dot, at, entry->by);
	add_line(out, item, STYLE_NOTE, 0, head, strlen(head));
	add_wrapped(out, item, STYLE_NOTE, INDENT, entry->text, FOLD_LINES);
}

static void add_entry(struct maker *out, int item, const struct journal_entry *entry)
{
	enum action_kind kind;
	if (!action_parse(entry->action, &kind))
		return;
	char at[24];
	time_words(entry->at, entry->at, at, sizeof at);
	if (kind == ACTION_NOTE) {
		add_note(out, item, entry, at);
		return;
	}
	bool whom = action_flags(kind) & A_WHOM;
	char *text = arena_printf(out->arena, "%s %s %s %s%s%s%s%s%s", mark_text(out->frame, MARK_DOT), at, entry->by,
	        action_line(kind), change_words(out, entry, kind),
	        !*entry->text ? ""
	        : whom        ? " "
	                      : ": \"",
	        entry->text, whom || !*entry->text ? "" : "\"", entry->undone ? " (undone)" : "");
	add_hanging(out, item, STYLE_FAINT, text);
}

static void add_reply(struct maker *out, int item, const struct reply *reply)
{
	char *head = arena_printf(out->arena, "%s %s ", reply->agent, mark_text(out->frame, MARK_ARROW));
	struct thread_line *line = add_line(out, item, STYLE_OURS, 0, head, strlen(head));
	line->handle = reply->to_handle;
	if (reply->kind != REPLY_KIND_POST)
		line->after = arena_printf(out->arena, " %s", reply_kind_name(reply->kind));
	line->right = reply_state_name(reply->state);
	line->right_style = reply->state >= REPLY_FAILED ? STYLE_ERROR : STYLE_SOON;
	line->head = true;
	if (*reply->text)
		add_wrapped(out, item, STYLE_TEXT, INDENT, reply->text, FOLD_LINES);
	for (int i = 0; i < reply->file_count; i++)
		add_ours(out, item, STYLE_LINK, INDENT,
		        arena_printf(
		                out->arena, "[%s \"%s\"]", attachment_name(reply->files[i].path), reply->files[i].alt),
		        2);
	if (*reply->error)
		add_ours(out, item, STYLE_ERROR, INDENT, arena_strdup(out->arena, reply->error), 4);
	if (reply->state == REPLY_IN_DOUBT)
		add_wrapped(out, item, STYLE_FAINT, INDENT,
		        arena_printf(out->arena, "[it is looked for; %s says what you know of it]", out->in.open_keys),
		        1);
	if (reply->state == REPLY_FAILED || reply->state == REPLY_STOPPED)
		add_wrapped(out, item, STYLE_FAINT, INDENT,
		        arena_printf(out->arena, "[%s makes it a draft again]", out->in.open_keys), 1);
}

static void add_day(struct maker *out, int64_t at, char last[16])
{
	char day[16], today[16];
	time_format_local(at, "%Y-%m-%d", day, sizeof day);
	time_format_local(out->in.now, "%Y-%m-%d", today, sizeof today);
	if (str_eq(day, last) || (!*last && str_eq(day, today))) {
		str_copy(last, 16, day);
		return;
	}
	str_copy(last, 16, day);
	char words[48];
	time_format_local(at, "%A, %e %B %Y", words, sizeof words);
	const char *rule = mark_text(out->frame, MARK_RULE);
	char *text = arena_printf(out->arena, "%s%s %s %s%s", rule, rule, words, rule, rule);
	add_line(out, -1, STYLE_FAINT, 0, text, strlen(text));
}

static void add_item(struct maker *out, int i, const struct thread_item *item, char day[16])
{
	if (item->entry && told_already(item->entry->action))
		return; /* nor a line for its day */
	add_day(out, item->at, day);
	if (item->post)
		add_post(out, i, item->post);
	else if (item->entry)
		add_entry(out, i, item->entry);
	else if (item->reply)
		add_reply(out, i, item->reply);
}

static struct thread_span span_of(const struct maker *out, size_t from, int item)
{
	while (from < out->at.len && out->at.at[from].item != item) /* its day */
		from++;
	return (struct thread_span){(int)from, (int)(out->at.len - from)};
}

static const struct kept *make(
        const struct case_view *view, const struct frame *frame, const struct inputs *inputs, struct arena *arena)
{
	char day[16] = "";
	struct kept *kept = arena_new(arena, struct kept);
	struct maker out = {.frame = frame, .arena = arena, .in = *inputs, .cols = inputs->cols};
	kept->inputs = *inputs;
	kept->lines.items = arena_array(arena, struct thread_span, (size_t)view->item_count + 1);
	for (int i = 0; i < view->item_count; i++) {
		size_t from = out.at.len;
		add_item(&out, i, &view->items[i], day);
		kept->lines.items[i] = span_of(&out, from, i);
	}
	struct thread_line *lines = arena_array(arena, struct thread_line, out.at.len + 1);
	for (size_t i = 0; i < out.at.len; i++)
		lines[i] = out.at.at[i];
	kept->lines.at = lines;
	kept->lines.len = (int)out.at.len;
	vec_release(&out.at);
	lines_release(&out.wrapped);
	return kept;
}

static bool same_inputs(const struct inputs *a, const struct inputs *b)
{
	return a->cols == b->cols && a->ascii == b->ascii && a->unfolded == b->unfolded && a->now == b->now &&
	       str_eq(a->open_keys, b->open_keys);
}

const struct thread_lines *thread_lines(const struct state *state, const struct frame *frame, int cols)
{
	struct thread_memo *memo = state->thread.memo;
	const struct kept *kept = memo->made;
	struct inputs inputs = {.cols = cols,
	        .ascii = frame->ascii,
	        .unfolded = state->thread.unfolded,
	        .now = state->wall - state->wall % MINUTE_MS};
	keys_of(state, MODE_THREAD, CMD_OPEN, inputs.open_keys, sizeof inputs.open_keys);
	if (!kept || !same_inputs(&kept->inputs, &inputs)) {
		arena_reset(&memo->arena);
		kept = make(state_view(state), frame, &inputs, &memo->arena);
		memo->made = kept;
	}
	return &kept->lines;
}
