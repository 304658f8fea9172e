#include "tests/fault/sim_desk.h"

#include "core/base/mem.h"
#include "core/base/problems.h"
#include "core/base/utf8.h"
#include "tests/fault/sim_check.h"
#include "tui/desk/sendbar.h"
#include "tui/desk/state.h"
#include "tui/job.h"

#define KEYS_MAX 160
#define TIMES_MAX 40 /* timers within a second: more is a desk that never comes to rest */

struct desk {
	const char *agent;
	struct desk_setup setup;
	struct state *state;
	struct effects effects;
	struct job_desk jobs;
	struct worker *worker;
	int64_t timer, feed_seq, desk_id;
	unsigned long rings;
	uint64_t reads;
	int64_t second; /* timers within it: */
	int times;
	enum sim_actor actor;
	bool runs, quits, alone;
	bool carrying;
	bool may_hold; /* this stroke is the one that publishes */
	int likes;     /* L struck twice, and nothing came of it yet */
	bool struck_l;
	/* the agent's plan: strokes, of which those of a text are typed in the composer alone */
	bool in_text;
	int tries;     /* to find the composer open */
	char word[32]; /* of the text being typed; "" */
	char plan[KEYS_MAX];
	size_t at;
	int64_t not_before;
};

static struct keymap keymap;

static const struct setup_view views[] = {
        {"needs reply", "is:needs-reply", 'i'},
        {"mine", "assignee:me", 'm'},
        {"all", "", 'a'},
        {"outbox", "is:outbox", 'o'},
        {"done", "is:done", 'd'},
};
static const struct setup_canned canned[] = {{.name = "thanks", .text = "thank you!"}};
static const struct setup_text teams[] = {{"billing", "command"}, {"legal", "command"}};

void desks_init(void)
{
	struct problems problems = {0};
	struct err err = ERR_INIT;
	if (keymap.len)
		return;
	keymap_init(&keymap, desk_keymap_names());
	if (keymap_load(&keymap, NULL, "default", &problems, &err))
		sim_fail("the default keys: %s", err.text);
	problems_release(&problems);
}

void desks_release(void)
{
	keymap_release(&keymap);
}

/* --- app.c's part */

static void carry_out(struct desk *d, const struct effect *effect);

static void dispatch(struct desk *d, struct event *event)
{
	char before[sizeof d->state->message.text];
	str_copy(before, sizeof before, d->state->message.text);
	event->wall = sim.wall;
	event->mono = sim.mono;
	update(d->state, event, &d->effects);
	if (d->state->message.text[0] && !str_eq(before, d->state->message.text))
		sim_note("%s: says: %s", d->agent, d->state->message.text);
	if (d->carrying)
		return;
	d->carrying = true;
	while (d->effects.list.len) {
		struct effects batch = d->effects;
		d->effects = (struct effects){0};
		for (size_t i = 0; i < batch.list.len; i++)
			carry_out(d, &batch.list.at[i]);
		effects_release(&batch);
	}
	d->carrying = false;
}

static void hold(struct desk *d, const struct effect *effect)
{
	bool like = effect->hold.reply.kind == REPLY_KIND_LIKE;
	if (like ? d->likes-- <= 0 : !d->may_hold)
		sim_fail("%s: a %s is held without the strokes that it takes: %s", d->agent,
		        reply_kind_name(effect->hold.reply.kind), effect->hold.reply.text);
	for (int i = 0; i < effect->hold.part_count; i++)
		check_confirmed(&effect->hold.parts[i]);
}

static void carry_out(struct desk *d, const struct effect *effect)
{
	struct event event = {.request = effect->request};
	switch (effect->kind) {
	case FX_TIMER: d->timer = effect->mono; break;
	case FX_QUIT: d->quits = true; break;
	case FX_COPY:
		event.kind = EV_COPIED;
		dispatch(d, &event);
		break;
	case FX_EDITOR:
		event.kind = EV_EDITED;
		event.edited.text = effect->text;
		dispatch(d, &event);
		break;
	case FX_SUSPEND:
		event.kind = EV_RESUMED;
		dispatch(d, &event);
		break;
	case FX_HOLD:
		hold(d, effect);
		job_submit(&d->jobs, d->worker, effect);
		break;
	case FX_DRAFT_SAVE:
		sim_note("%s: draft of case %lld, revision %lld: %s", d->agent, (long long)effect->draft.case_id,
		        (long long)effect->draft.revision, effect->draft.text);
		job_submit(&d->jobs, d->worker, effect);
		break;
	default: job_submit(&d->jobs, d->worker, effect); break;
	}
}

static void answered(void *arg, struct event *event)
{
	struct desk *d = arg;
	if (event->kind == EV_RECALLED && !event->err && event->recalled.recalled)
		check_recalled(event->recalled.reply_id);
	if (event->err)
		sim_note("%s: event %d: %s", d->agent, (int)event->kind, event->err->text);
	dispatch(d, event);
}

void desk_paint(struct desk *d)
{
	struct event event = {.kind = EV_PAINTED};
	event.painted.version = d->state->version;
	event.painted.seen = (struct seen){.inbox_rows = 10,
	        .thread_rows = 10,
	        .thread_lines = 40,
	        .thread_top = d->state->thread.top,
	        .compose_cols = 40,
	        .compose_rows = 4};
	dispatch(d, &event);
}

bool desk_work(struct desk *d)
{
	if (!d->runs)
		return false;
	sim.acting = d->actor;
	if (d->rings != sim.rings) {
		d->rings = sim.rings;
		job_submit_feed(&d->jobs, d->worker, &d->feed_seq);
		return true;
	}
	bool worked = sim_pick(2) ? sim_worker_run(d->worker) || sim_worker_hand_back(d->worker)
	                          : sim_worker_hand_back(d->worker) || sim_worker_run(d->worker);
	if (d->quits && !d->jobs.running)
		desk_end(d);
	return worked;
}

int64_t desk_next(const struct desk *d)
{
	return d->runs ? d->timer : INT64_MAX;
}

void desk_time(struct desk *d)
{
	if (!d->runs || d->timer > sim.mono)
		return;
	struct event event = {.kind = EV_TIME};
	sim.acting = d->actor;
	d->timer = INT64_MAX;
	if (d->second != sim.mono / 1000) {
		d->second = sim.mono / 1000;
		d->times = 0;
	}
	if (++d->times > TIMES_MAX)
		sim_fail("%s: the desk loops: %d timers within a second", d->agent, d->times);
	dispatch(d, &event);
}

void desk_resumed(struct desk *d)
{
	if (!d->runs)
		return;
	struct event event = {.kind = EV_RESUMED};
	sim.acting = d->actor;
	dispatch(d, &event);
}

/* --- from start to end */

struct desk *desk_new(enum sim_actor actor, const char *agent)
{
	struct desk *d = mem_alloc(sizeof *d);
	d->actor = actor;
	d->agent = agent;
	d->setup = (struct desk_setup){.agent = agent,
	        .language = "en",
	        .views = views,
	        .views_len = sizeof views / sizeof *views,
	        .canned = canned,
	        .canned_len = 1,
	        .teams = teams,
	        .teams_len = 2,
	        .undo_window_ms = sim_between(3, 20) * 1000,
	        .after_send = FOLLOW_NEXT,
	        .keymap = &keymap};
	return d;
}

void desk_free(struct desk *d)
{
	free(d);
}

static int hand_over(void *store, struct store **out, struct err *err)
{
	(void)err;
	*out = store;
	return 0;
}

static void begin(struct desk *d, struct store *store)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const char *saved = NULL;
	d->feed_seq = store_change_last(store, &err);
	d->jobs.schema = store_schema_version(store);
	if (!store_desk_state(store, d->agent, &arena, &saved, &err) && saved)
		state_restore(d->state, saved);
	arena_release(&arena);
	worker_start(NULL, hand_over, store, &d->worker, &err);
	struct event event = {.kind = EV_RESIZE};
	event.size.cols = 120;
	event.size.rows = 30;
	dispatch(d, &event);
	if (d->state->left_at)
		job_submit_restart(&d->jobs, d->worker, d->state->left_at);
	job_submit_presence(&d->jobs, d->worker, &d->desk_id, true);
}

bool desk_start(struct desk *d)
{
	struct err err = ERR_INIT;
	struct store *store;
	sim.acting = d->actor;
	if (store_open(sim.uri, STORE_DESK, &store, &err)) {
		sim_note("%s: no desk: %s", d->agent, err.text);
		return false;
	}
	sim_note("%s: the desk starts", d->agent);
	d->runs = true;
	d->quits = d->may_hold = d->struck_l = false;
	d->likes = 0;
	d->timer = INT64_MAX;
	d->rings = sim.rings;
	d->plan[0] = d->word[0] = '\0';
	d->at = 0;
	d->in_text = false;
	d->jobs = (struct job_desk){.setup = &d->setup, .answer = answered, .arg = d};
	d->state = state_new(&d->setup);
	begin(d, store);
	return true;
}

bool desk_runs(const struct desk *d)
{
	return d->runs;
}

static void gone(struct desk *d)
{
	state_free(d->state);
	effects_release(&d->effects);
	d->runs = false;
	disk_heal(d->actor);
}

void desk_kill(struct desk *d)
{
	sim.acting = d->actor;
	sim_note("%s: the desk is killed", d->agent);
	check_desk_killed(d->actor, desk_idle(d) && !disk_troubled(d->actor));
	disk_kill(d->actor);
	sim_worker_kill(d->worker);
	gone(d);
}

void desk_end(struct desk *d)
{
	struct event event = {.kind = EV_SIGNAL};
	sim.acting = d->actor;
	sim_note("%s: the desk ends", d->agent);
	dispatch(d, &event);
	job_submit_presence(&d->jobs, d->worker, &d->desk_id, false);
	worker_stop(d->worker);
	check_desk_killed(d->actor, !disk_troubled(d->actor));
	gone(d);
}

/* --- what it knows */

static bool has(const char *text, const char *word)
{
	return text && strstr(text, word);
}

bool desk_holds_text(const struct desk *d, const char *word)
{
	if (!d->runs)
		return false;
	const struct state *s = d->state;
	bool found = (s->composer.open && has(s->composer.compose.text.p, word)) || has(s->prompt.text.text.p, word);
	for (size_t i = 0; i < s->drafts.len && !found; i++)
		found = has(s->drafts.at[i].text, word);
	for (size_t i = 0; i < s->holding.len && !found; i++)
		found = s->holding.at[i].request && has(s->holding.at[i].draft, word);
	for (size_t i = 0; i < s->pending.len && !found; i++)
		found = has(s->pending.at[i].action.text, word);
	return found;
}

bool desk_idle(const struct desk *d)
{
	if (!d->runs)
		return true;
	const struct state *s = d->state;
	bool idle = d->jobs.running == 0 && s->pending.len == 0 && d->rings == sim.rings;
	for (size_t i = 0; i < s->drafts.len; i++)
		idle &= !s->drafts.at[i].dirty && !s->drafts.at[i].request;
	for (size_t i = 0; i < s->holding.len; i++)
		idle &= s->holding.at[i].request == 0;
	return idle;
}

/* --- the agent */

static void plan(struct desk *d, const char *keys)
{
	str_copy(d->plan, sizeof d->plan, keys);
	d->at = 0;
}

/* In a plan \1 begins a text and \2 ends it; \3 waits until the send bar listens, \4 until the hold is about over. */
static void plan_text(struct desk *d, const char *before, const char *after)
{
	static const char *const words[] = {"parcel", "tomorrow", "sorry", "thanks", "refund", "number", "please",
	        "courier", "invoice", "today", "check", "found", "address", "wait", "again", "gladly"};
	char keys[KEYS_MAX];
	snprintf(d->word, sizeof d->word, "w%dz", ++sim.words);
	snprintf(keys, sizeof keys, "%s\1%s %s %s %s \2%s", before, d->word, words[sim_pick(16)], words[sim_pick(16)],
	        words[sim_pick(16)], after);
	plan(d, keys);
}

static void plan_reply(struct desk *d)
{
	static const char *const ends[] = {"^X\3<Enter>", "^X\3<Enter>", "^X\3^Y", "^X\3<Tab><Tab><Enter>", "<Esc>",
	        "^X<Esc>", "^X\3<Enter>^Y", "^X\3<Enter>\3^Y", "^X\3<Enter>^G", "^X\3^Y\4^G", "^X\3<Enter>\4^G"};
	char before[32] = "r";
	int64_t id = 1 + sim_pick(12);
	if (sim_pick(3) == 0)
		snprintf(before, sizeof before, "%s", "<Space>r");
	else if (sim_pick(2))
		snprintf(before, sizeof before, ":go %d<Enter>r", (int)id);
	plan_text(d, before, ends[sim_pick(11)]);
}

/* Each with a reason of its own, by which the team's side finds it again. */
static void plan_escalation(struct desk *d)
{
	char keys[KEYS_MAX];
	snprintf(keys, sizeof keys, ":escalate %s e%dz<Enter>", sim_pick(2) ? "billing" : "legal", ++sim.whys);
	plan(d, keys);
}

static void make_plan(struct desk *d)
{
	static const char *const small[] = {"j", "k", "<Space>", "c", "C", "u", "u", "^R", "z1", "z4", "p", "^G", "LL",
	        ":withdraw<Enter>", ":tag one<Enter>", ":tag two<Enter>", ":untag one<Enter>", ":reopen<Enter>",
	        ":wake<Enter>", ":deescalate<Enter>", ":done sorted<Enter>", ":assign bob<Enter>", "WW", "!!", "MM",
	        "gi", "gm", "go", "ga", "<Tab>", "<Enter>", "q", ".", "G", ":unassign<Enter>", "gg", "<Esc>", "<Esc>",
	        "dp"};
	int what = sim_pick(100);
	d->word[0] = '\0';
	if (what < 42)
		plan_reply(d);
	else if (what < 45)
		plan_text(d, sim_pick(2) ? "E" : "kE", "^X\3<Enter>");
	else if (what == 45)
		plan(d, ":unsend wrong<Enter>^X\3<Enter>");
	else if (what < 48)
		plan_escalation(d);
	else if (what < 55)
		plan_text(d, "i", sim_pick(4) ? "^X" : "<Esc>");
	else
		plan(d, small[sim_pick((int)(sizeof small / sizeof *small))]);
	d->not_before = sim.mono + sim_between(0, 3000);
}

static size_t key_len(const char *keys)
{
	if (*keys == '<' && strchr(keys, '>'))
		return (size_t)(strchr(keys, '>') - keys) + 1;
	return *keys == '^' ? 2 : 1;
}

static void press(struct desk *d, const char *keys, size_t len)
{
	sim_note("%s: key %.*s in %s", d->agent, (int)len, keys, mode_name(state_mode(d->state)));
	struct chord chord;
	char text[16];
	struct event event = {.kind = EV_KEY};
	snprintf(text, sizeof text, "%.*s", (int)len, keys);
	if (*keys == ' ')
		event.key.key = key_char(' ');
	else if (chord_parse(text, &chord, NULL) == 0)
		event.key.key = chord.at[0];
	bool is_l = str_eq(text, "L");
	d->likes += is_l && d->struck_l;
	d->struck_l = is_l && !d->struck_l;
	event.key.read = ++d->reads;
	event.key.printable = key_text(event.key.key) ? 1 : 0;
	enum mode mode = state_mode(d->state);
	int64_t seen = d->state->sendbar.painted_mono;
	bool bar_was_seen = mode == MODE_SENDBAR && seen && sim.mono >= seen + SENDBAR_DEAF_MS;
	d->may_hold = bar_was_seen || mode == MODE_CONFIRM;
	dispatch(d, &event);
	d->may_hold = false;
}

static void paste(struct desk *d, const char *bytes, size_t len)
{
	struct event event = {.kind = EV_PASTE};
	event.paste.bytes = bytes;
	event.paste.len = len;
	event.paste.read = ++d->reads;
	dispatch(d, &event);
}

static void give_up(struct desk *d)
{
	plan(d, "<Esc>");
	d->word[0] = '\0';
	d->in_text = false;
}

/* A stroke of a text goes into the composer or nowhere: elsewhere it would be a command. */
static void text_stroke(struct desk *d)
{
	const char *keys = d->plan + d->at;
	if (state_mode(d->state) != MODE_COMPOSER) {
		give_up(d);
		return;
	}
	const char *space = strchr(keys, ' ');
	size_t len = space && space < strchr(keys, '\2') ? (size_t)(space - keys) + 1 : strcspn(keys, "\2");
	bool first = d->at > 0 && d->plan[d->at - 1] == '\1';
	if (first || sim_pick(4) == 0)
		for (size_t i = 0; i < len; i++)
			press(d, keys + i, 1);
	else
		paste(d, keys, len);
	d->at += len;
	if (desk_holds_text(d, d->word))
		check_text_begun(d->word, d->actor);
}

void desk_key(struct desk *d)
{
	if (!d->runs || d->quits || d->alone || sim.mono < d->not_before)
		return;
	sim.acting = d->actor;
	if (!d->plan[d->at])
		make_plan(d);
	const char *keys = d->plan + d->at;
	switch (*keys) {
	case '\1':
		if (state_mode(d->state) != MODE_COMPOSER && ++d->tries < 8)
			return; /* the thread is being loaded */
		d->in_text = true;
		d->at++;
		break;
	case '\2':
		d->in_text = false;
		d->word[0] = '\0';
		d->at++;
		break;
	case '\3':
		d->not_before = sim.mono + SENDBAR_DEAF_MS + 50;
		desk_paint(d);
		d->at++;
		break;
	case '\4':
		d->not_before = sim.mono + d->setup.undo_window_ms + sim_between(-500, 2500);
		d->at++;
		break;
	default:
		d->tries = 0;
		if (d->in_text) {
			text_stroke(d);
		} else if (state_mode(d->state) == MODE_COMPOSER && !strchr("^<", *keys)) {
			give_up(d); /* a command there would be text */
		} else {
			size_t len = key_len(keys);
			d->at += len;
			press(d, keys, len);
		}
		d->not_before = sim.mono + sim_between(0, 400);
	}
}

int64_t desk_hands_free(const struct desk *d)
{
	return d->not_before;
}

void desk_leave_alone(struct desk *d, bool alone)
{
	d->alone = alone;
}
