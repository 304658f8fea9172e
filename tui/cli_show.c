/* curlew show: one case with its posts, notes, journal, and replies on their way. */
#include "tui/cli.h"

#include "core/base/timefmt.h"

#include <string.h>

#define TIME_FORMAT "%Y-%m-%d %H:%M"

/* --- JSON */

static json *row_of(const char *kind, int64_t at, const char *by, const char *text)
{
	json *row = json_object();
	json_set_str(row, "kind", kind);
	json_set_time(row, "at", at);
	json_set_str(row, "by", by);
	json_set_str(row, "text", text);
	return row;
}

static const char *post_by(const struct post *post)
{
	return post->direction == DIR_OUT && *post->sent_by ? post->sent_by : post->author_handle;
}

static json *post_json(const struct post *post)
{
	json *row = row_of("post", post->created_at, post_by(post), post->text);
	json_set_str(row, "remote_id", post->remote_id);
	json_set_str(row, "direction", direction_name(post->direction));
	json_set_str(row, "visibility", visibility_name(post->visibility));
	json_set_str(row, "state", post->direction == DIR_OUT ? reply_state_name(REPLY_SENT) : "received");
	json_set_time(row, "deleted", post->deleted_at);
	json_set_time(row, "edited", post->edited_at);
	json_set_str(row, "handle", post->author_handle);
	json_set_str(row, "url", *post->url ? post->url : NULL);
	json_set_str(row, "warning", *post->warning ? post->warning : NULL);
	json_set(row, "media", media_json(post));
	return row;
}

/* A reply on its way is a post that has no id yet. */
static json *reply_json(const struct reply *reply)
{
	json *row = row_of("post", reply->created_at, reply->agent, reply->text);
	json_set_str(row, "remote_id", *reply->remote_id ? reply->remote_id : NULL);
	json_set_str(row, "direction", direction_name(DIR_OUT));
	json_set_str(row, "visibility", visibility_name(reply->visibility));
	json_set_str(row, "state", reply_state_name(reply->state));
	json_set_time(row, "deleted", 0);
	json_set_time(row, "edited", 0);
	json_set_str(row, "reply", reply_kind_name(reply->kind));
	json_set_str(row, "error", *reply->error ? reply->error : NULL);
	return row;
}

static json *entry_json(const struct journal_entry *entry)
{
	bool note = str_eq(entry->action, action_name(ACTION_NOTE));
	json *row = row_of(note ? "note" : "action", entry->at, entry->by, entry->text);
	json *changes = json_array();
	json_set_int(row, "id", entry->id);
	json_set_str(row, "action", entry->action);
	for (int i = 0; i < entry->change_count; i++) {
		json *change = json_object();
		json_set_str(change, "field", case_field_name((enum case_field)entry->changes[i].field));
		json_set_str(change, "from", entry->changes[i].from);
		json_set_str(change, "to", entry->changes[i].to);
		json_push(changes, change);
	}
	json_set(row, "changes", changes);
	json_set_bool(row, "undone", entry->undone);
	return row;
}

static int print_json(const struct thread_item *item, struct err *err)
{
	if (item->post)
		return cli_print_json(post_json(item->post), err);
	if (item->reply)
		return cli_print_json(reply_json(item->reply), err);
	return cli_print_json(entry_json(item->entry), err);
}

/* --- text */

static void add_field(struct str *out, const char *name, const char *value)
{
	if (*value)
		str_addf(out, "%s%s: %s", out->len ? "   " : "", name, value);
}

static void add_time_field(struct str *out, const char *name, int64_t at)
{
	char text[32];
	time_format_local(at, TIME_FORMAT, text, sizeof text);
	add_field(out, name, at ? text : "");
}

static int print_head(const struct case_view *view, struct err *err)
{
	static const char *const priorities[] = {"low", "", "high", "urgent"};
	const struct kase *kase = &view->kase;
	struct str fields = STR_INIT, tags = STR_INIT;
	for (int i = 0; i < kase->tag_count; i++)
		str_addf(&tags, "%s%s", i ? " " : "", kase->tags[i]);
	add_field(&fields, "tags", tags.p);
	add_field(&fields, "assignee", kase->assignee);
	if (kase->priority >= -1 && kase->priority <= 2)
		add_field(&fields, "priority", priorities[kase->priority + 1]);
	add_time_field(&fields, "due", kase->due);
	add_time_field(&fields, "snoozed until", kase->snoozed_until);
	add_field(&fields, "escalated to", kase->escalated_to);
	add_field(&fields, "because", *kase->escalated_to ? kase->escalation_why : "");
	int result = cli_print(err, "#%lld  %s  %s  %s  (%s, %s)\n", (long long)kase->id,
	        case_status_name(kase->status), kase->handle, kase->customer_name, kase->account, kase->network);
	if (!result && fields.len)
		result = cli_print(err, "%s\n", fields.p);
	str_release(&fields);
	str_release(&tags);
	return result;
}

/* What people wrote stands four blanks in, so that no line of it can pass for one of ours. */
static int print_indented(const char *text, struct err *err)
{
	int result = 0;
	while (!result && *text) {
		size_t len = strcspn(text, "\n"), shown = len - (len && text[len] && text[len - 1] == '\r');
		result = cli_print(err, "    %.*s\n", (int)shown, text);
		text += len + (text[len] == '\n');
	}
	return result;
}

static int print_post(const char *at, const struct post *post, struct err *err)
{
	bool ours = post->direction == DIR_OUT, named = ours && *post->sent_by;
	int result = cli_print(err, "%s  %s%s%s%s  %s%s%s%s\n", at, post->author_handle, named ? " (" : "",
	        named ? post->sent_by : "", named ? ")" : "", ours ? "sent, " : "", visibility_name(post->visibility),
	        post->edited_at ? ", edited" : "", post->deleted_at ? ", deleted" : "");
	if (!result && *post->warning)
		result = cli_print(err, "    [%s]\n", post->warning);
	if (!result)
		result = print_indented(post->text, err);
	for (int i = 0; !result && i < post->media_count; i++)
		result = cli_print(err, "    [%s %d/%d \"%s\"]\n", media_kind_name(post->media[i].kind), i + 1,
		        post->media_count, post->media[i].alt);
	return result;
}

static int print_reply(const char *at, const struct reply *reply, struct err *err)
{
	int result = cli_print(err, "%s  %s -> %s  %s %s, %s\n", at, reply->agent, reply->to_handle,
	        reply_kind_name(reply->kind), reply_state_name(reply->state), visibility_name(reply->visibility));
	if (!result)
		result = print_indented(reply->text, err);
	if (!result && *reply->error)
		result = cli_print(err, "    [%s]\n", reply->error);
	return result;
}

static int print_entry(const char *at, const struct case_view *view, const struct journal_entry *entry, struct err *err)
{
	struct arena arena = ARENA_INIT;
	int result = cli_print(err, "%s  - %s %s\n", at, entry->by, entry_words(view, entry, &arena));
	arena_release(&arena);
	return result;
}

static int print_text(const struct case_view *view, const struct thread_item *item, struct err *err)
{
	char at[32];
	time_format_local(item->at, TIME_FORMAT, at, sizeof at);
	if (item->post)
		return print_post(at, item->post, err);
	if (item->reply)
		return print_reply(at, item->reply, err);
	return print_entry(at, view, item->entry, err);
}

int cli_show(struct cli *cli, int argc, char **argv, struct err *err)
{
	bool as_json = false;
	const struct cli_option options[] = {{"--json", NULL, &as_json}};
	int64_t case_id;
	const struct case_view *view;
	int result = cli_options(options, 1, &argc, argv, err);
	if (!result && argc != 1)
		result = err_set(err, ERR_USAGE, "show takes one CASE");
	if (!result)
		result = cli_case_number(argv[0], &case_id, err);
	if (!result)
		result = cli_store(cli, STORE_READ, false, err);
	if (!result)
		result = store_case_view(cli->store, case_id, cli->agent, 0, &cli->arena, &view, err);
	if (!result && !as_json)
		result = print_head(view, err);
	for (int i = 0; !result && i < view->item_count; i++)
		result = as_json ? print_json(&view->items[i], err) : print_text(view, &view->items[i], err);
	return result;
}
