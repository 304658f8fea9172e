/* update(): takes an event to whoever handles it, then asks for what that made stale and sets the timer. */
#include "tui/desk/inner.h"

#include "core/model/calendar.h"

#define MINUTE_MS 60000

static void ask_one(struct state *state, struct fetch *fetch, enum effect_kind kind, struct effects *fx)
{
	if (!fetch->dirty || fetch->request)
		return;
	*fetch = (struct fetch){.request = next_request(state)};
	struct effect *effect = effects_add(fx, kind);
	effect->request = fetch->request;
	effect->since.since = effect->since.day_start = state->day_start;
}

static void ask_all(struct state *state, struct effects *fx)
{
	inbox_ask(state, fx);
	thread_ask(state, fx);
	/* The store answers one question after the other: a list that opens, and the thread beside it, come first. */
	if (!state->inbox.loaded && !state->inbox.failed)
		return;
	ask_one(state, &state->fetches.accounts, FX_ACCOUNTS, fx);
	ask_one(state, &state->fetches.counts, FX_COUNTS, fx);
	ask_one(state, &state->fetches.numbers, FX_NUMBERS, fx);
	ask_one(state, &state->fetches.replies, FX_REPLIES, fx);
	ask_one(state, &state->fetches.agents, FX_AGENTS, fx);
}

/* True when the event answers what this fetch asked: a later question may have made it stale. */
static bool answers(struct fetch *fetch, const struct event *event)
{
	if (!event->request || event->request != fetch->request)
		return false;
	fetch->request = 0;
	return true;
}

/* --- time */

static void new_day(struct state *state)
{
	state->day_start = calendar_instant(calendar_date_at(state->wall), 0);
	state->fetches.numbers.dirty = state->fetches.replies.dirty = true;
}

/* Each minute deadlines may have passed: what depends on the time is asked again. */
static void pass_time(struct state *state, int64_t before)
{
	bool minute = !before || before / MINUTE_MS != state->wall / MINUTE_MS;
	if (minute && calendar_instant(calendar_date_at(state->wall), 0) != state->day_start)
		new_day(state);
	if (before && minute) {
		state->inbox.fetch.dirty = true;
		state->fetches.counts.dirty = state->fetches.numbers.dirty = true;
	}
	if (state->message.text[0] && !state->message.error && state->mono >= state->message.until_mono)
		state->message.text[0] = '\0';
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* While something is held its seconds are shown. */
static int64_t next_countdown(const struct state *state)
{
	const struct reply *held[16];
	int n = state_outgoing(state, 1u << REPLY_HELD, held, 16);
	int64_t next = NEVER;
	for (int i = 0; i < n && i < 16; i++) {
		int64_t left = held[i]->hold_until - state->wall;
		if (left > 0)
			next = earlier(next, state->mono + (left % 1000 ? left % 1000 : 1000));
	}
	return next;
}

static void set_timer(struct state *state, struct effects *fx)
{
	int64_t next = state->mono + MINUTE_MS - state->wall % MINUTE_MS;
	if (state->message.text[0] && !state->message.error)
		next = earlier(next, state->message.until_mono);
	if (state->composer.open)
		next = earlier(next, state->composer.count.due_mono);
	if (state->state_due_mono)
		next = earlier(next, state->state_due_mono);
	next = earlier(next, drafts_due(state));
	next = earlier(next, alarm_due(state));
	next = earlier(next, next_countdown(state));
	if (next <= state->mono)
		next = state->mono + 1;
	if (next == state->timer_mono)
		return;
	state->timer_mono = next;
	effects_add(fx, FX_TIMER)->mono = next;
}

/* --- what the store answered or said */

static void take_accounts(struct state *state, const struct event *event)
{
	if (!answers(&state->fetches.accounts, event) || event->err)
		return;
	arena_reset(&state->accounts_arena);
	state->accounts = copy_accounts(&state->accounts_arena, event->accounts.accounts, event->accounts.count);
	state->account_count = event->accounts.count;
	state->gaps = copy_gaps(&state->accounts_arena, event->accounts.gaps, event->accounts.gap_count);
	state->gap_count = event->accounts.gap_count;
	state->accounts_known = true;
	known_accounts(state);
}

static void take_agents(struct state *state, const struct event *event)
{
	answers(&state->fetches.agents, event);
	for (int i = 0; !event->err && i < event->words.count; i++)
		known_agent(state, event->words.words[i]);
}

static void take_counts(struct state *state, const struct event *event)
{
	if (!answers(&state->fetches.counts, event) || event->err)
		return;
	for (size_t i = 0; i < state->setup.views_len && i < (size_t)event->counts.count; i++)
		state->counts[i] = event->counts.counts[i];
}

/* A rise of one complaint is one alarm, however many cases it makes. */
static void tell_spike(struct state *state, const struct spike *spike, struct effects *fx)
{
	enum { SPIKE_CASES = 5 };
	bool before = state->spike;
	state->spike = spike->count >= SPIKE_CASES;
	if (!state->spike || before)
		return;
	complain(state, "%d cases in half an hour say nearly the same: \"%.80s\" (#%lld)", spike->count,
	        str_or(spike->words, ""), (long long)spike->case_id);
	alarm_ring(state, fx, false, arena_printf(&fx->arena, "curlew: %d cases say the same", spike->count));
}

static void take_called(struct state *state, const struct event *event, struct effects *fx)
{
	complain(state, "%s names you in #%lld: %.200s", event->called.by, (long long)event->called.case_id,
	        event->called.text);
	alarm_ring(state, fx, true,
	        arena_printf(&fx->arena, "curlew: %s names you in #%lld", event->called.by,
	                (long long)event->called.case_id));
}

static void take_numbers(struct state *state, const struct event *event, struct effects *fx)
{
	if (!answers(&state->fetches.numbers, event) || event->err)
		return;
	bool later = state->numbers_known && event->numbers.late > state->late;
	bool differs =
	        !state->numbers_known || event->numbers.late != state->late || event->numbers.needing != state->needing;
	state->late = event->numbers.late;
	state->needing = event->numbers.needing;
	state->median_ms = event->numbers.median_first_reply_ms;
	state->outbox = event->numbers.outbox;
	state->numbers_known = true;
	if (differs)
		effects_add(fx, FX_TITLE)->text =
		        arena_printf(&fx->arena, "curlew: %d late, %d waiting", state->late, state->needing);
	if (later)
		alarm_ring(state, fx, false, arena_printf(&fx->arena, "curlew: %d late", state->late));
	tell_spike(state, &event->numbers.spike, fx);
}

static void take_next(struct state *state, const struct event *event)
{
	if (event->request != state->next_request)
		return;
	state->next_request = 0;
	if (event->err)
		complain(state, "%s", event->err->text);
	else if (!event->next.kase)
		say(state, "nobody else waits for an answer");
	else
		inbox_go(state, event->next.kase);
}

static void take_changes(struct state *state, const struct event *event)
{
	if (event->changed.accounts)
		state->fetches.accounts.dirty = true;
	if (event->changed.replies)
		state->fetches.replies.dirty = true;
	if (!event->changed.cases && !event->changed.all && !event->changed.replies)
		return;
	state->inbox.fetch.dirty = state->fetches.counts.dirty = state->fetches.numbers.dirty = true;
	bool here = event->changed.all || event->changed.replies;
	for (int i = 0; i < event->changed.case_count && !here; i++)
		here = event->changed.case_ids[i] == state->thread.case_id;
	if (here)
		state->thread.fetch.dirty = true;
}

static void take_store(struct state *state, const struct event *event)
{
	state->read_only = event->store.read_only;
	state->drafts_only = event->store.drafts_only;
	state->courier_down = event->store.courier_down;
	if (event->store.unwritable)
		state->trouble = ERR_PERMISSION;
	str_copy(state->store_why, sizeof state->store_why, str_or(event->store.why, ""));
}

static bool answers_a_write(enum event_kind kind)
{
	return kind == EV_ACTED || kind == EV_DRAFT_SAVED || kind == EV_HELD || kind == EV_RECALLED ||
	       kind == EV_WITHDRAWN || kind == EV_SETTLED || kind == EV_GAP_SEEN;
}

/* A full disk, and one that cannot be written, is over when something was written again; damage is not over while this
 * desk runs. */
static void note_trouble(struct state *state, const struct event *event)
{
	bool writes = answers_a_write(event->kind) || event->kind == EV_PRESENCE;
	if (event->err && event->err->code == ERR_DATA && (writes || event->kind == EV_ROWS || event->kind == EV_CASE))
		state->trouble = ERR_DATA;
	else if (event->err && (event->err->code == ERR_IO || event->err->code == ERR_PERMISSION) && writes &&
	         state->trouble != ERR_DATA)
		state->trouble = event->err->code;
	else if (!event->err && answers_a_write(event->kind) && state->trouble != ERR_DATA)
		state->trouble = ERR_NONE;
}

static void take_banner(struct state *state, const struct event *event)
{
	str_copy(state->banner.title, sizeof state->banner.title, str_or(event->banner.title, ""));
	str_copy(state->banner.text, sizeof state->banner.text, str_or(event->banner.text, ""));
}

static void take_editor(struct state *state, const struct event *event, struct effects *fx)
{
	if (event->request != state->editor_request)
		return;
	state->editor_request = 0;
	if (event->err)
		complain(state, "editor: %s", event->err->text);
	else if (event->edited.changed && state->composer.open &&
	         !compose_replace(&state->composer.compose, 0, state->composer.compose.text.len, event->edited.text))
		complain(state, "the text is too long; nothing was taken over");
	else if (event->edited.changed)
		composer_edited(state, fx, true);
}

static void resume(struct state *state)
{
	state->timer_mono = NEVER;
	state->inbox.fetch.dirty = state->thread.fetch.dirty = true;
	state->fetches.accounts.dirty = state->fetches.replies.dirty = state->fetches.agents.dirty = true;
	state->fetches.counts.dirty = state->fetches.numbers.dirty = true;
}

/* The terminal is gone: what is typed is stored, then the desk ends. */
static void leave_now(struct state *state, struct effects *fx)
{
	if (state->leaving) /* a connection that is lost is told twice: by the terminal's end and by SIGHUP */
		return;
	state_save_now(state, fx);
	composer_close(state, fx);
	for (size_t i = 0; i < state->drafts.len; i++)
		state->drafts.at[i].save_mono = state->mono;
	drafts_save(state, fx);
	state->leaving = true;
	effects_add(fx, FX_QUIT);
}

static void painted(struct state *state, const struct event *event)
{
	state->seen = event->painted.seen;
	if (state->thread.follow && state->seen.thread_rows && event->painted.version == state->version)
		state->thread.follow = false;
	if (state->seen.thread_rows && event->painted.version == state->version)
		state->thread.top = state->seen.thread_top;
	if (state->overlay == MODE_SENDBAR && !state->sendbar.painted_mono &&
	        event->painted.version >= state->sendbar.version)
		state->sendbar.painted_mono = event->mono;
}

static void resized(struct state *state, const struct event *event)
{
	state->cols = event->size.cols;
	state->rows = event->size.rows;
	state->thread.follow = true;
}

static void handle(struct state *state, const struct event *event, struct effects *fx)
{
	switch (event->kind) {
	case EV_KEY: handle_key(state, event, fx); break;
	case EV_PASTE: handle_paste(state, event, fx); break;
	case EV_MOUSE: handle_mouse(state, event, fx); break;
	case EV_RESIZE: resized(state, event); break;
	case EV_PAINTED: painted(state, event); break;
	case EV_RESUMED: resume(state); break;
	case EV_SIGNAL: leave_now(state, fx); break;
	case EV_TIME: state->timer_mono = NEVER; break;
	case EV_ROWS:
		handover_answer(state, event, fx);
		inbox_answer(state, event, fx);
		break;
	case EV_CASE: thread_answer(state, event, fx); break;
	case EV_COUNTS: take_counts(state, event); break;
	case EV_NUMBERS: take_numbers(state, event, fx); break;
	case EV_ACCOUNTS: take_accounts(state, event); break;
	case EV_REPLIES:
		if (answers(&state->fetches.replies, event) && !event->err)
			replies_answer(state, event, fx);
		break;
	case EV_AGENTS:
		take_agents(state, event);
		picker_words(state, event);
		break;
	case EV_TAGS:
	case EV_ALIKE: picker_words(state, event); break;
	case EV_NEXT: take_next(state, event); break;
	case EV_PAST: past_answer(state, event); break;
	case EV_ACTED:
		if (!handover_acted(state, event, fx))
			acted(state, event);
		break;
	case EV_DRAFT_SAVED: draft_saved(state, event); break;
	case EV_HELD: held(state, event, fx); break;
	case EV_RECALLED: recalled(state, event); break;
	case EV_WITHDRAWN: withdrawn(state, event); break;
	case EV_SETTLED: settled(state, event); break;
	case EV_GAP_SEEN:
		state->fetches.accounts.dirty = true;
		if (event->err)
			complain(state, "%s", event->err->text);
		break;
	case EV_FILE: file_known(state, event); break;
	case EV_PRESENCE:
		if (event->err)
			complain(state, "%s", event->err->text);
		break;
	case EV_EDITED: take_editor(state, event, fx); break;
	case EV_COPIED:
		if (event->err)
			complain(state, "not copied: %s", event->err->text);
		break;
	case EV_CHANGED: take_changes(state, event); break;
	case EV_CALLED: take_called(state, event, fx); break;
	case EV_STORE: take_store(state, event); break;
	case EV_RESTART: restarted(state, event); break;
	case EV_WARNING: complain(state, "%s", event->warning.text); break;
	case EV_BANNER: take_banner(state, event); break;
	}
}

void update(struct state *state, const struct event *event, struct effects *fx)
{
	int64_t before = state->wall;
	/* A frame that has been written is no news: the state that it shows stays the newest. */
	if (event->kind != EV_PAINTED)
		state->version++;
	state->wall = event->wall;
	state->mono = event->mono;
	pass_time(state, before);
	alarm_sum(state, fx);
	note_trouble(state, event);
	handle(state, event, fx);
	ahead_replay(state, fx);
	if (state->leaving)
		return;
	composer_count(state, event);
	drafts_save(state, fx);
	state_save(state, fx);
	ask_all(state, fx);
	set_timer(state, fx);
}
