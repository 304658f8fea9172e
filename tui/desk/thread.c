/* The conversation of the selected case: loading it, and moving in it. */
#include "tui/desk/inner.h"

#include "core/text/utf8.h"

#define ITEMS_MAX 1000 /* newest, of one case */

static int64_t wanted(const struct state *state)
{
	return state->composer.open ? state->composer.case_id : state->inbox.selected;
}

void thread_ask(struct state *state, struct effects *fx)
{
	struct thread *thread = &state->thread;
	int64_t id = wanted(state);
	if (id != thread->case_id && !thread->fetch.request)
		thread->fetch.dirty = true;
	if (!id || !thread->fetch.dirty || thread->fetch.request)
		return;
	thread->fetch = (struct fetch){.request = next_request(state)};
	struct effect *effect = effects_add(fx, FX_CASE);
	effect->request = thread->fetch.request;
	effect->kase.case_id = id;
	effect->kase.max_items = ITEMS_MAX;
}

static bool is_customers(const struct case_view *view, const struct post *post)
{
	return post && post->direction == DIR_IN && post->customer_id == view->kase.customer_id;
}

static const struct post *newest_of_customer(const struct case_view *view)
{
	const struct post *any = NULL;
	for (int i = view->item_count; i-- > 0;) {
		const struct post *post = view->items[i].post;
		if (is_customers(view, post) && !post->deleted_at)
			return post;
		if (post && post->direction == DIR_IN && !any)
			any = post;
	}
	return any;
}

static void select_item(struct state *state, const struct thread_item *item)
{
	struct thread *thread = &state->thread;
	thread->item = item->post ? ITEM_POST : item->entry ? ITEM_ENTRY : ITEM_REPLY;
	thread->item_id = item->post ? item->post->id : item->entry ? item->entry->id : item->reply->id;
	thread->follow = true;
}

static void select_newest(struct state *state)
{
	struct thread *thread = &state->thread;
	const struct post *post = newest_of_customer(thread->view);
	thread->item = post ? ITEM_POST : ITEM_NONE;
	thread->item_id = post ? post->id : 0;
	thread->top = 0;
	thread->follow = true;
}

bool thread_is_news(const struct state *state, const struct post *post)
{
	return post->id > state->composer.seen_post_id && post->created_at >= state->composer.seen_at;
}

static int newer_posts(const struct state *state, const struct case_view *view)
{
	int n = 0;
	for (int i = 0; i < view->item_count; i++)
		if (is_customers(view, view->items[i].post) && thread_is_news(state, view->items[i].post))
			n++;
	return n;
}

void thread_forget(struct state *state)
{
	arena_release(&state->thread.memo->arena);
	state->thread.memo->made = NULL;
}

static void take_view(struct state *state, const struct case_view *view)
{
	struct thread *thread = &state->thread;
	bool same = thread->view && thread->case_id == view->kase.id;
	struct arena fresh = ARENA_INIT;
	struct case_view *copy = copy_case_view(&fresh, view);
	apply_pending(state, &copy->kase, &fresh);
	thread_forget(state);
	arena_release(&thread->arena);
	thread->arena = fresh;
	thread->view = copy;
	thread->case_id = copy->kase.id;
	if (!same)
		thread->unfolded = 0;
	if (!same || state_item_index(state) < 0)
		select_newest(state);
	if (state->composer.open && state->composer.case_id == copy->kase.id)
		state->composer.newer = newer_posts(state, copy);
}

void thread_answer(struct state *state, const struct event *event, struct effects *fx)
{
	struct thread *thread = &state->thread;
	if (!event->request || event->request != thread->fetch.request)
		return;
	thread->fetch.request = 0;
	thread->gone = false;
	if (event->err) {
		state->reply_after_load = false;
		thread->view = NULL;
		thread->case_id = wanted(state);
		thread->gone = event->err->code == ERR_NOT_FOUND;
		if (!thread->gone)
			complain(state, "%s", event->err->text);
		return;
	}
	if (event->kase.view->kase.id != wanted(state))
		return; /* the selection has gone on: ask_all asks for what it is on now */
	take_view(state, event->kase.view);
	state_restored(state);
	composer_catch_up(state);
	if (state->reply_after_load) {
		state->reply_after_load = false;
		bool corrects = state->withdrawn_kind == REPLY_KIND_EDIT && correct_begun(state);
		state->withdrawn_kind = REPLY_KIND_POST;
		command_run(state, command_get(corrects ? CMD_CORRECT : CMD_REPLY), "", fx);
	}
}

/* --- moving */

void thread_step(struct state *state, int delta)
{
	const struct case_view *view = state_view(state);
	if (!view)
		return;
	for (int i = state_item_index(state) + delta; i >= 0 && i < view->item_count; i += delta)
		if (view->items[i].post || view->items[i].reply) {
			select_item(state, &view->items[i]);
			return;
		}
}

void thread_scroll(struct state *state, int lines)
{
	struct thread *thread = &state->thread;
	int last = state->seen.thread_lines - state->seen.thread_rows;
	int top = thread->top + lines;
	thread->follow = false;
	thread->top = top > last ? last : top;
	if (thread->top < 0)
		thread->top = 0;
}

void thread_edge(struct state *state, bool end)
{
	const struct case_view *view = state_view(state);
	int n = view ? view->item_count : 0;
	for (int i = 0; i < n; i++) {
		const struct thread_item *item = &view->items[end ? n - 1 - i : i];
		if (item->post || item->reply) {
			select_item(state, item);
			break;
		}
	}
	/* Not only to the post: a long one's last line, or the journal lines before the first. */
	state->thread.follow = false;
	state->thread.top = end ? INT32_MAX / 2 : 0;
}

/* --- which post is meant */

static const struct post *selected_post(const struct state *state)
{
	int i = state_item_index(state);
	return i < 0 ? NULL : state_view(state)->items[i].post;
}

const struct post *thread_post(const struct state *state)
{
	const struct case_view *view = state_view(state);
	const struct post *post = selected_post(state);
	return post || !view ? post : newest_of_customer(view);
}

const struct post *thread_answered(const struct state *state)
{
	const struct case_view *view = state_view(state);
	const struct post *post = selected_post(state);
	if (!view)
		return NULL;
	return is_customers(view, post) ? post : newest_of_customer(view);
}

int64_t thread_newest(const struct state *state)
{
	const struct case_view *view = state_view(state);
	int64_t newest = 0;
	for (int i = 0; view && i < view->item_count; i++)
		if (view->items[i].post && view->items[i].post->id > newest)
			newest = view->items[i].post->id;
	return newest;
}

int64_t thread_newest_at(const struct state *state)
{
	const struct case_view *view = state_view(state);
	int64_t newest = 0;
	for (int i = 0; view && i < view->item_count; i++)
		if (view->items[i].post && view->items[i].post->created_at > newest)
			newest = view->items[i].post->created_at;
	return newest;
}

static bool item_says(const struct thread_item *item, const char *words)
{
	const char *text = item->post ? item->post->text : item->entry ? item->entry->text : item->reply->text;
	return utf8_contains_folded(text, words);
}

bool thread_find(struct state *state, bool back)
{
	const struct case_view *view = state_view(state);
	int n = view ? view->item_count : 0, at = state_item_index(state);
	for (int step = 1; step <= n; step++) {
		int i = ((back ? at - step : at + step) % n + n) % n;
		if (item_says(&view->items[i], state->search)) {
			select_item(state, &view->items[i]);
			return true;
		}
	}
	return false;
}
