#include "tui/desk/copy.h"

#include "core/base/mem.h"
#include "core/base/str.h"

#include <stdlib.h>

/* A string of the model is never NULL; a sender that forgot one is forgiven. */
static const char *text(struct arena *arena, const char *s)
{
	return arena_strdup(arena, s ? s : "");
}

#define KEEP(member) out->member = text(arena, out->member)

static void keep_case(struct arena *arena, struct kase *out)
{
	KEEP(account);
	KEEP(network);
	KEEP(handle);
	KEEP(customer_name);
	KEEP(assignee);
	KEEP(writer);
	KEEP(escalated_to);
	KEEP(escalation_why);
	KEEP(escalated_by);
	KEEP(escalation_error);
	KEEP(done_reason);
	KEEP(summary);
	KEEP(language);
	const char **tags = arena_array(arena, const char *, (size_t)out->tag_count + 1);
	for (int i = 0; i < out->tag_count; i++)
		tags[i] = text(arena, out->tags[i]);
	out->tags = tags;
	out->outgoing = out->outgoing ? copy_replies(arena, out->outgoing, 1) : NULL;
}

struct kase *copy_cases(struct arena *arena, const struct kase *rows, int count)
{
	struct kase *out = arena_array(arena, struct kase, (size_t)count + 1);
	for (int i = 0; i < count; i++) {
		out[i] = rows[i];
		keep_case(arena, &out[i]);
	}
	return out;
}

struct past_case *copy_past(struct arena *arena, const struct past_case *cases, int count)
{
	struct past_case *rows = arena_array(arena, struct past_case, (size_t)count + 1);
	for (int i = 0; i < count; i++) {
		struct past_case *out = &rows[i];
		*out = cases[i];
		keep_case(arena, &out->kase);
		KEEP(note);
		KEEP(note_by);
	}
	return rows;
}

static void keep_customer(struct arena *arena, struct customer *out)
{
	KEEP(network);
	KEEP(remote_key);
	KEEP(remote_id);
	KEEP(handle);
	KEEP(name);
	KEEP(url);
}

static const struct post *copy_post(struct arena *arena, const struct post *post)
{
	struct post *out = arena_new(arena, struct post);
	*out = *post;
	KEEP(remote_id);
	KEEP(parent_remote_id);
	KEEP(uri);
	KEEP(url);
	KEEP(author_handle);
	KEEP(author_name);
	KEEP(language);
	KEEP(warning);
	KEEP(text);
	KEEP(mentions);
	KEEP(links);
	KEEP(sent_by);
	KEEP(source);
	KEEP(reply_refusal);
	struct media *media = arena_array(arena, struct media, (size_t)post->media_count + 1);
	for (int i = 0; i < post->media_count; i++) {
		media[i] = post->media[i];
		media[i].alt = text(arena, media[i].alt);
		media[i].url = text(arena, media[i].url);
	}
	out->media = media;
	return out;
}

static const struct journal_entry *copy_entry(struct arena *arena, const struct journal_entry *entry)
{
	struct journal_entry *out = arena_new(arena, struct journal_entry);
	*out = *entry;
	KEEP(by);
	KEEP(action);
	KEEP(text);
	struct change *changes = arena_array(arena, struct change, (size_t)entry->change_count + 1);
	for (int i = 0; i < entry->change_count; i++) {
		changes[i] = entry->changes[i];
		changes[i].from = text(arena, changes[i].from);
		changes[i].to = text(arena, changes[i].to);
	}
	out->changes = changes;
	return out;
}

const struct attachment *copy_files(struct arena *arena, const struct attachment *files, int count)
{
	struct attachment *rows = arena_array(arena, struct attachment, (size_t)count + 1);
	for (int i = 0; i < count; i++)
		rows[i] = (struct attachment){text(arena, files[i].path), text(arena, files[i].alt)};
	return rows;
}

struct reply *copy_replies(struct arena *arena, const struct reply *replies, int count)
{
	struct reply *rows = arena_array(arena, struct reply, (size_t)count + 1);
	for (int i = 0; i < count; i++) {
		struct reply *out = &rows[i];
		*out = replies[i];
		KEEP(agent);
		KEEP(to_remote_id);
		KEEP(to_handle);
		KEEP(text);
		KEEP(typed);
		KEEP(language);
		KEEP(warning);
		KEEP(idempotency_key);
		KEEP(follow);
		KEEP(remote_id);
		KEEP(url);
		KEEP(error);
		out->files = copy_files(arena, out->files, out->file_count);
	}
	return rows;
}

struct draft *copy_drafts(struct arena *arena, const struct draft *drafts, int count)
{
	struct draft *rows = arena_array(arena, struct draft, (size_t)count + 1);
	for (int i = 0; i < count; i++) {
		struct draft *out = &rows[i];
		*out = drafts[i];
		KEEP(text);
		KEEP(to_remote_id);
		KEEP(warning);
		KEEP(language);
		out->files = copy_files(arena, out->files, out->file_count);
	}
	return rows;
}

struct case_view *copy_case_view(struct arena *arena, const struct case_view *view)
{
	struct case_view *out = arena_new(arena, struct case_view);
	*out = *view;
	keep_case(arena, &out->kase);
	keep_customer(arena, &out->customer);
	struct customer *joined = arena_array(arena, struct customer, (size_t)view->joined_count + 1);
	for (int i = 0; i < view->joined_count; i++) {
		joined[i] = view->joined[i];
		keep_customer(arena, &joined[i]);
	}
	out->joined = joined;
	struct thread_item *items = arena_array(arena, struct thread_item, (size_t)view->item_count + 1);
	for (int i = 0; i < view->item_count; i++) {
		const struct thread_item *item = &view->items[i];
		items[i].at = item->at;
		items[i].post = item->post ? copy_post(arena, item->post) : NULL;
		items[i].entry = item->entry ? copy_entry(arena, item->entry) : NULL;
		items[i].reply = item->reply ? copy_replies(arena, item->reply, 1) : NULL;
	}
	out->items = items;
	out->drafts = copy_drafts(arena, view->drafts, view->draft_count);
	return out;
}

struct account *copy_accounts(struct arena *arena, const struct account *accounts, int count)
{
	struct account *rows = arena_array(arena, struct account, (size_t)count + 1);
	for (int i = 0; i < count; i++) {
		struct account *out = &rows[i];
		*out = accounts[i];
		KEEP(name);
		KEEP(network);
		KEEP(server);
		KEEP(handle);
		KEEP(state_reason);
		KEEP(prices.currency);
	}
	return rows;
}

struct gap *copy_gaps(struct arena *arena, const struct gap *gaps, int count)
{
	struct gap *rows = arena_array(arena, struct gap, (size_t)count + 1);
	for (int i = 0; i < count; i++) {
		struct gap *out = &rows[i];
		*out = gaps[i];
		KEEP(account);
		KEEP(source);
		KEEP(reason);
		KEEP(seen_by);
	}
	return rows;
}

struct action copy_action(struct arena *arena, const struct action *action)
{
	struct action copy = *action, *out = &copy;
	KEEP(agent);
	KEEP(arg);
	KEEP(text);
	return copy;
}

struct action action_keep(const struct action *action)
{
	struct action out = *action;
	out.agent = mem_strdup(str_or(action->agent, ""));
	out.arg = mem_strdup(str_or(action->arg, ""));
	out.text = mem_strdup(str_or(action->text, ""));
	return out;
}

void action_release(struct action *action)
{
	free((char *)(uintptr_t)action->agent);
	free((char *)(uintptr_t)action->arg);
	free((char *)(uintptr_t)action->text);
	*action = (struct action){.kind = ACTION_COUNT};
}
