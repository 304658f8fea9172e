/* How commands word what the store holds. */
#include "tui/cli.h"

#include "core/base/timefmt.h"
#include "core/text/cells.h"

#include <string.h>

void json_set_time(json *object, const char *key, int64_t at)
{
	char text[32];
	time_format_rfc3339(at, text, sizeof text);
	json_set_str(object, key, at ? text : NULL);
}

json *media_json(const struct post *post)
{
	json *list = json_array();
	for (int i = 0; i < post->media_count; i++) {
		json *media = json_object();
		json_set_str(media, "kind", media_kind_name(post->media[i].kind));
		json_set_str(media, "alt", post->media[i].alt);
		json_set_str(media, "url", post->media[i].url);
		json_push(list, media);
	}
	return list;
}

static void add_change_words(const struct change *change, struct str *out)
{
	char at[32];
	int64_t ms;
	switch ((enum case_field)change->field) {
	case FIELD_TAG:
	case FIELD_ASSIGNEE:
	case FIELD_ESCALATED_TO:
	case FIELD_DONE_REASON:
	case FIELD_PRIORITY:
		if (*change->to || *change->from)
			str_addf(out, " %s", *change->to ? change->to : change->from);
		break;
	case FIELD_SNOOZED_UNTIL:
	case FIELD_MUTED_UNTIL:
		if (parse_i64(change->to, &ms) && ms) {
			time_format_local(ms, "%Y-%m-%d %H:%M", at, sizeof at);
			str_addf(out, " %s", at);
		}
		break;
	default: break;
	}
}

static void add_entry(const struct journal_entry *entry, struct str *out)
{
	enum action_kind kind = ACTION_COUNT;
	str_adds(out, action_parse(entry->action, &kind) ? action_line(kind) : entry->action);
	for (int i = 0; i < entry->change_count && !entry->undoes; i++)
		add_change_words(&entry->changes[i], out);
	if (*entry->text)
		str_addf(out, "%s%s", action_flags(kind) & A_WHOM ? " " : ": ", entry->text);
}

const struct journal_entry *entry_find(const struct case_view *view, int64_t id)
{
	for (int i = view->item_count; id && i-- > 0;)
		if (view->items[i].entry && view->items[i].entry->id == id)
			return view->items[i].entry;
	return NULL;
}

const char *entry_words(const struct case_view *view, const struct journal_entry *entry, struct arena *arena)
{
	struct str out = STR_INIT;
	const struct journal_entry *undone = entry_find(view, entry->undoes);
	add_entry(entry, &out);
	if (undone) {
		str_adds(&out, ": ");
		add_entry(undone, &out);
	}
	if (entry->undone)
		str_adds(&out, " (undone)");
	const char *words = arena_strdup(arena, out.p);
	str_release(&out);
	return words;
}

void add_cell(struct str *out, const char *text, int cells)
{
	struct str clean = STR_INIT;
	int used;
	text_clean(text, strlen(text), &clean);
	str_add(out, clean.p, cells_fit(clean.p, clean.len, cells, &used));
	for (; used < cells; used++)
		str_addc(out, ' ');
	str_release(&clean);
}
