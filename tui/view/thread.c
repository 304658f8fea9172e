/* The conversation: posts, notes, journal lines and replies on their way, oldest first. First everything becomes lines
 * (so that the desk knows how long it is and where the selected item stands), then those in sight are drawn. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/model/attachment.h"
#include "core/base/timefmt.h"
#include "core/model/action.h"
#include "core/text/cells.h"
#include "core/text/wrap.h"

#include <stdio.h>
#include <string.h>

enum { INDENT = 2, FOLD_LINES = 30, JOURNAL_LINES = 4 };

struct thread_line {
	const char *text; /* in the item or in the arena */
	size_t len;
	const char *right; /* flush right; NULL for none */
	enum style style, right_style;
	int indent;
	int item; /* index of the item it belongs to, -1 for none */
	bool head;
};

struct thread_lines {
	const struct state *state;
	const struct frame *frame;
	struct arena arena;
	struct lines wrapped;
	VEC(struct thread_line) at;
	int cols;
	char open_keys[CHORD_TEXT_MAX]; /* what unfolds, as a person reads it */
};

static struct thread_line *add_line(
        struct thread_lines *out, int item, enum style style, int indent, const char *text, size_t len)
{
	vec_push(&out->at, (struct thread_line){.text = text,
	                           .len = len,
	                           .style = style,
	                           .right_style = STYLE_FAINT,
	                           .indent = indent,
	                           .item = item});
	return &out->at.at[out->at.len - 1];
}

static void add_wrapped(struct thread_lines *out, int item, enum style style, int indent, const char *text, int most)
{
	size_t len = strlen(text);
	while (len && text[len - 1] == '\n')
		len--;
	wrap_text(&out->wrapped, text, len, out->cols - indent - 1);
	for (size_t i = 0; i < out->wrapped.len; i++) {
		if (most && (int)i == most) {
			char *more = arena_printf(
			        &out->arena, "[%zu more lines; %s shows them]", out->wrapped.len - i, out->open_keys);
			add_line(out, item, STYLE_FAINT, indent, more, strlen(more));
			return;
		}
		const struct line *line = &out->wrapped.at[i];
		add_line(out, item, style, indent, text + line->start, line->end - line->start);
	}
}

/* A line of ours that holds a value of others: what ends a line in it would begin another one of ours. */
static void add_ours(struct thread_lines *out, int item, enum style style, int indent, char *text, int most)
{
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	add_wrapped(out, item, style, indent, text, most);
}

/* The first line begins with a mark, under which the others do not stand. */
static void add_hanging(struct thread_lines *out, int item, enum style style, char *text)
{
	size_t first = out->at.len;
	out->cols -= INDENT;
	add_ours(out, item, style, 0, text, JOURNAL_LINES);
	out->cols += INDENT;
	for (size_t i = first + 1; i < out->at.len; i++)
		out->at.at[i].indent = INDENT;
}

static void add_media(struct thread_lines *out, int item, const struct post *post)
{
	for (int i = 0; i < post->media_count; i++) {
		const struct media *media = &post->media[i];
		char *text = arena_printf(&out->arena, *media->alt ? "[%s %d/%d \"%s\"]" : "[%s %d/%d]",
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

static const char *post_state_words(struct thread_lines *out, const struct post *post)
{
	char at[24];
	if (post->deleted_at) {
		time_words(post->created_at, post->deleted_at, at, sizeof at);
		return arena_printf(&out->arena, "deleted %s", at);
	}
	const char *sent = post->direction == DIR_OUT
	                           ? arena_printf(&out->arena, "sent, %s", visibility_name(post->visibility))
	                   : post->visibility == VIS_PUBLIC ? ""
	                                                    : visibility_name(post->visibility);
	if (!post->edited_at)
		return sent;
	time_words(post->created_at, post->edited_at, at, sizeof at);
	return arena_printf(&out->arena, "%s%sedited %s", sent, *sent ? ", " : "", at);
}

static void add_counts(struct thread_lines *out, int item, const struct post *post)
{
	if (!post->boosts && !post->likes && !post->liked_by_us)
		return;
	struct str text = STR_INIT;
	if (post->boosts)
		str_addf(&text, "%s%d ", mark_text(out->frame, MARK_BOOSTS), post->boosts);
	if (post->likes)
		str_addf(&text, "%s%d ", mark_text(out->frame, MARK_LIKES), post->likes);
	if (post->liked_by_us)
		str_adds(&text, "liked by us");
	char *kept = arena_strdup(&out->arena, text.p);
	str_release(&text);
	add_line(out, item, STYLE_FAINT, INDENT, kept, strlen(kept));
}

static bool folded(const struct thread_lines *out, const struct post *post)
{
	return (*post->warning || post->sensitive) && post->direction == DIR_IN &&
	       out->state->thread.unfolded != post->id;
}

static void add_post(struct thread_lines *out, int item, const struct post *post)
{
	char at[24];
	bool ours = post->direction == DIR_OUT;
	time_words(post->created_at, post->created_at, at, sizeof at);
	char *head =
	        ours && *post->sent_by
	                ? arena_printf(&out->arena, "%s %s (%s)", at, post->author_handle, post->sent_by)
	                : arena_printf(&out->arena, "%s %s%s", at,
	                          ours ? "" : like_mark(out->state, out->frame, post->author_handle, post->author_name),
	                          post->author_handle);
	struct thread_line *line = add_line(out, item, ours ? STYLE_OURS : STYLE_STRONG, 0, head, strlen(head));
	line->right = post_state_words(out, post);
	line->head = true;
	if (folded(out, post)) {
		char *fold = arena_printf(&out->arena, "[folded: %s; %s shows it]",
		        str_or(post->warning, "marked sensitive by its author"), out->open_keys);
		add_ours(out, item, STYLE_FAINT, INDENT, fold, 3);
		return;
	}
	if (*post->warning)
		add_ours(out, item, STYLE_FAINT, INDENT, arena_printf(&out->arena, "[%s]", post->warning), 3);
	enum style style = post->deleted_at ? STYLE_DELETED : STYLE_TEXT;
	if (*post->text)
		add_wrapped(
		        out, item, style, INDENT, post->text, out->state->thread.unfolded == post->id ? 0 : FOLD_LINES);
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
static const char *change_words(struct thread_lines *out, const struct journal_entry *entry, enum action_kind kind)
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
				when_words(ms, out->state->wall, at, sizeof at);
				str_addf(&text, " %s", at);
			}
			break;
		default: break;
		}
	}
	const char *kept = arena_strdup(&out->arena, text.p);
	str_release(&text);
	return kept;
}

static void add_note(struct thread_lines *out, int item, const struct journal_entry *entry, const char *at)
{
	const char *dot = mark_text(out->frame, MARK_DOT);
	char *head = arena_printf(&out->arena, "%s%s %s %s to the team", dot, dot, at, entry->by);
	add_line(out, item, STYLE_NOTE, 0, head, strlen(head));
	add_wrapped(out, item, STYLE_NOTE, INDENT, entry->text, FOLD_LINES);
}

static void add_entry(struct thread_lines *out, int item, const struct journal_entry *entry)
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
	char *text = arena_printf(&out->arena, "%s %s %s %s%s%s%s%s%s", mark_text(out->frame, MARK_DOT), at, entry->by,
	        action_line(kind), change_words(out, entry, kind), *entry->text ? ": \"" : "", entry->text,
	        *entry->text ? "\"" : "", entry->undone ? " (undone)" : "");
	add_hanging(out, item, STYLE_FAINT, text);
}

static void add_reply(struct thread_lines *out, int item, const struct reply *reply)
{
	char *head = arena_printf(&out->arena, "%s %s %s%s %s", reply->agent, mark_text(out->frame, MARK_ARROW),
	        like_mark(out->state, out->frame, reply->to_handle, NULL), reply->to_handle,
	        reply->kind == REPLY_KIND_POST ? "" : reply_kind_name(reply->kind));
	struct thread_line *line = add_line(out, item, STYLE_OURS, 0, head, strlen(head));
	line->right = reply_state_name(reply->state);
	line->right_style = reply->state >= REPLY_FAILED ? STYLE_ERROR : STYLE_SOON;
	line->head = true;
	if (*reply->text)
		add_wrapped(out, item, STYLE_TEXT, INDENT, reply->text, FOLD_LINES);
	for (int i = 0; i < reply->file_count; i++)
		add_ours(out, item, STYLE_LINK, INDENT,
		        arena_printf(
		                &out->arena, "[%s \"%s\"]", attachment_name(reply->files[i].path), reply->files[i].alt),
		        2);
	if (*reply->error)
		add_ours(out, item, STYLE_ERROR, INDENT, arena_strdup(&out->arena, reply->error), 4);
	if (reply->state == REPLY_IN_DOUBT)
		add_wrapped(out, item, STYLE_FAINT, INDENT,
		        arena_printf(&out->arena, "[it is looked for; %s says what you know of it]", out->open_keys),
		        1);
	if (reply->state == REPLY_FAILED || reply->state == REPLY_STOPPED)
		add_wrapped(out, item, STYLE_FAINT, INDENT,
		        arena_printf(&out->arena, "[%s makes it a draft again]", out->open_keys), 1);
}

static void add_day(struct thread_lines *out, int64_t at, char last[16])
{
	char day[16], today[16];
	time_format_local(at, "%Y-%m-%d", day, sizeof day);
	time_format_local(out->state->wall, "%Y-%m-%d", today, sizeof today);
	if (str_eq(day, last) || (!*last && str_eq(day, today))) {
		str_copy(last, 16, day);
		return;
	}
	str_copy(last, 16, day);
	char words[48];
	time_format_local(at, "%A, %e %B %Y", words, sizeof words);
	const char *rule = mark_text(out->frame, MARK_RULE);
	char *text = arena_printf(&out->arena, "%s%s %s %s%s", rule, rule, words, rule, rule);
	add_line(out, -1, STYLE_FAINT, 0, text, strlen(text));
}

static void make_lines(struct thread_lines *out, const struct case_view *view)
{
	char day[16] = "";
	for (int i = 0; i < view->item_count; i++) {
		const struct thread_item *item = &view->items[i];
		if (item->entry && told_already(item->entry->action))
			continue; /* nor a line for its day */
		add_day(out, item->at, day);
		if (item->post)
			add_post(out, i, item->post);
		else if (item->entry)
			add_entry(out, i, item->entry);
		else if (item->reply)
			add_reply(out, i, item->reply);
	}
}

static void draw_line(const struct thread_lines *lines, struct frame *frame, struct rect rect, int row,
        const struct thread_line *line, bool selected, bool focused)
{
	int at = rect.row + row;
	if (selected && line->head) {
		frame_put_text(frame, at, rect.col, 1, mark_text(frame, MARK_GUTTER), SIZE_MAX, STYLE_SELECTED);
		if (focused)
			frame_set_cursor(frame, at, rect.col);
	}
	int col = rect.col + 1 + line->indent, end = rect.col + rect.cols;
	int right = line->right && *line->right ? cells_width(line->right, strlen(line->right)) : 0;
	int room = end - col - (right ? right + 1 : 0);
	frame_put_cut(frame, at, col, room, line->text, line->len, line->style);
	if (right && right < rect.cols - 8)
		frame_put_text(frame, at, end - right, right, line->right, SIZE_MAX, line->right_style);
	draw_found(lines->state, frame, at, col, room);
}

/* The item that must stay in sight: what is being answered, else the selected one. */
static int item_kept(const struct state *state)
{
	const struct case_view *view = state_view(state);
	for (int i = 0; state->composer.open && i < view->item_count; i++)
		if (view->items[i].post && str_eq(view->items[i].post->remote_id, state->composer.to_remote_id))
			return i;
	return state_item_index(state);
}

static void measure_item(const struct thread_lines *lines, int item, struct seen *seen)
{
	seen->item_line = -1;
	for (int i = 0; i < seen->thread_lines; i++) {
		if (lines->at.at[i].item != item || item < 0)
			continue;
		if (seen->item_line < 0)
			seen->item_line = i;
		seen->item_lines = i - seen->item_line + 1;
	}
}

/* The first line to show. While the composer is open nobody scrolls here, and its growing hides nothing. */
static int place(const struct thread_lines *lines, const struct state *state, int rows, struct seen *seen)
{
	seen->thread_lines = (int)lines->at.len;
	measure_item(lines, item_kept(state), seen);
	int last = seen->thread_lines - rows > 0 ? seen->thread_lines - rows : 0;
	int top = state->thread.top;
	if ((state->thread.follow || state->composer.open) && seen->item_line >= 0) {
		int end = seen->item_line + (seen->item_lines < rows ? seen->item_lines : rows);
		if (top + rows < end)
			top = end - rows;
		if (top > seen->item_line)
			top = seen->item_line;
	}
	if (seen->item_line < 0)
		seen->item_line = 0;
	return top > last ? last : top < 0 ? 0 : top;
}

static void draw_absent(const struct state *state, struct frame *frame, struct rect rect)
{
	const char *words = state->thread.gone      ? "This case does not exist any more."
	                    : state_selected(state) ? "Loading the conversation"
	                                            : "";
	frame_put_cut(frame, rect.row, rect.col + 1, rect.cols - 1, words, SIZE_MAX, STYLE_FAINT);
	if (state->focus == MODE_THREAD)
		frame_set_cursor(frame, rect.row, rect.col);
}

void draw_thread(const struct state *state, struct frame *frame, struct rect rect, struct seen *seen)
{
	seen->thread_rows = rect.rows;
	if (!rect.rows)
		return;
	const struct case_view *view = state_view(state);
	if (!view) {
		draw_absent(state, frame, rect);
		return;
	}
	struct thread_lines lines = {.state = state, .frame = frame, .cols = rect.cols};
	keys_of(state, MODE_THREAD, CMD_OPEN, lines.open_keys, sizeof lines.open_keys);
	make_lines(&lines, view);
	int top = place(&lines, state, rect.rows, seen);
	int selected = state_item_index(state);
	seen->thread_top = top;
	for (int i = 0; i < rect.rows && top + i < (int)lines.at.len; i++) {
		const struct thread_line *line = &lines.at.at[top + i];
		draw_line(&lines, frame, rect, i, line, selected >= 0 && line->item == selected,
		        state->focus == MODE_THREAD);
	}
	if (state->focus == MODE_THREAD && !frame->cursor_visible)
		frame_set_cursor(frame, rect.row, rect.col);
	vec_release(&lines.at);
	lines_release(&lines.wrapped);
	arena_release(&lines.arena);
}
