#include "tests/lib/desk_driver.h"

#include "core/base/utf8.h"
#include "tui/desk/copy.h"

#include <assert.h>

#define NOON 1790000000000

static const struct setup_view views[] = {
        {"needs reply", "is:needs-reply", 'i'},
        {"mine", "assignee:me", 'm'},
        {"done", "is:done", 'd'},
        {"outbox", "is:outbox", 'o'},
        {"all", "", 'a'},
};
static const char *const other_accounts[] = {"acme.de"};
static const struct setup_canned canned[] = {
        {.name = "thanks", .text = "{customer}, thank you! {note?}"},
        {.name = "sorry", .text = "We are sorry."},
        {.name = "sorry2", .text = "We are very sorry."},
        {.name = "odd", .text = "Hi {nobody}"},
        {.name = "german", .text = "Danke!", .accounts = other_accounts, .accounts_len = 1},
};
static const struct setup_text macros[] = {
        {"refund", "tag refund; priority high; canned sorry; reply We look into it."},
        {"close", "untag later ;; done other"},
        {"shout", "tag a; like"},
};
static const struct setup_text teams[] = {{"billing", "webhook"}, {"legal", "mail"}};
static const struct setup_account account_setup[] = {{"acme", "", "en"}};
static const struct account accounts[] = {{.id = 1,
        .name = "acme",
        .network = "mastodon",
        .server = "https://mas.example",
        .handle = "@acme",
        .caps = CAP_STREAM | CAP_EDIT | CAP_DELETE | CAP_LIKE | CAP_DIRECT | CAP_NAMING | CAP_VISIBILITY | CAP_WARNING |
                CAP_LANGUAGE | CAP_MEDIA | CAP_REPLY | CAP_BOOST | CAP_REPORT | CAP_BLOCK | CAP_MUTE,
        .limits = {.max = 500, .url = 23, .files = 4, .alt = 1500, .image_bytes = 1000000},
        .state = ACCOUNT_LIVE,
        .state_reason = ""}};

struct desk_setup driver_setup(void)
{
	return (struct desk_setup){.agent = "alice",
	        .language = "en",
	        .views = views,
	        .views_len = sizeof views / sizeof views[0],
	        .canned = canned,
	        .canned_len = sizeof canned / sizeof canned[0],
	        .macros = macros,
	        .macros_len = sizeof macros / sizeof macros[0],
	        .teams = teams,
	        .teams_len = sizeof teams / sizeof teams[0],
	        .accounts = account_setup,
	        .accounts_len = 1,
	        .undo_window_ms = 20000,
	        .after_send = FOLLOW_NEXT};
}

/* --- cases */

struct driver_case *driver_case(struct driver *driver, int64_t id)
{
	for (int i = 0; i < driver->case_count; i++)
		if (driver->cases[i].kase.id == id)
			return &driver->cases[i];
	return NULL;
}

struct post *driver_add_post(
        struct driver *driver, int64_t case_id, int64_t id, enum direction direction, const char *text)
{
	struct driver_case *kase = driver_case(driver, case_id);
	assert(kase && kase->post_count < DRIVER_POSTS);
	struct post *post = &kase->posts[kase->post_count++];
	*post = (struct post){.id = id,
	        .account_id = 1,
	        .thread_id = case_id,
	        .customer_id = direction == DIR_IN ? case_id : 0,
	        .direction = direction,
	        .remote_id = arena_printf(&driver->arena, "r%lld", (long long)id),
	        .parent_remote_id = "",
	        .uri = "",
	        .url = arena_printf(&driver->arena, "https://mas.example/%lld", (long long)id),
	        .author_handle = direction == DIR_IN ? kase->kase.handle : "@acme",
	        .author_name = "",
	        .created_at = driver->wall,
	        .visibility = VIS_PUBLIC,
	        .language = "en",
	        .warning = "",
	        .text = arena_strdup(&driver->arena, text),
	        .mentions = "",
	        .links = "",
	        .sent_by = direction == DIR_OUT ? "bob" : ""};
	return post;
}

struct driver_case *driver_add_case(struct driver *driver, int64_t id, const char *text)
{
	assert(driver->case_count < DRIVER_CASES);
	struct driver_case *out = &driver->cases[driver->case_count++];
	*out = (struct driver_case){.kase = {.id = id,
	                                    .account_id = 1,
	                                    .account = "acme",
	                                    .network = "mastodon",
	                                    .customer_id = id,
	                                    .handle = arena_printf(&driver->arena, "@c%lld@mas.example", (long long)id),
	                                    .customer_name = "",
	                                    .status = STATUS_NEW,
	                                    .assignee = "",
	                                    .writer = "",
	                                    .escalated_to = "",
	                                    .escalation_why = "",
	                                    .escalated_by = "",
	                                    .escalation_error = "",
	                                    .done_reason = "",
	                                    .last_in_at = driver->wall - 1000,
	                                    .due = driver->wall + 60000 * id,
	                                    .rank = 1000 * id,
	                                    .revision = 1,
	                                    .summary = arena_strdup(&driver->arena, text),
	                                    .language = "en"}};
	driver_add_post(driver, id, 100 * id, DIR_IN, text);
	return out;
}

/* --- answers */

static int by_place(const void *a, const void *b)
{
	const struct kase *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static bool has_words(const struct driver_case *kase, const struct query *query)
{
	if (!query || query->op == Q_ALL)
		return true;
	if (query->op == Q_AND)
		return has_words(kase, query->left) && has_words(kase, query->right);
	return query->op != Q_TERM || query->term != QT_TEXT || strstr(kase->kase.summary, query->text);
}

/* What the query asks apart from words of texts. */
static bool fits(const struct driver *driver, const struct driver_case *kase, const struct query *query)
{
	if (query->op == Q_AND)
		return fits(driver, kase, query->left) && fits(driver, kase, query->right);
	return query_is_local(query) ? query_matches(query, &kase->kase, driver->wall) : has_words(kase, query);
}

static void answer_rows(struct driver *driver, const struct effect *effect, struct event *event)
{
	static struct kase rows[DRIVER_CASES];
	struct arena arena = ARENA_INIT;
	const struct query *query;
	size_t at;
	int count = 0;
	int rc = query_parse(effect->rows.query, "alice", &arena, &query, &at, NULL);
	assert(rc == 0);
	for (int i = 0; i < driver->case_count; i++)
		if (fits(driver, &driver->cases[i], query))
			rows[count++] = driver->cases[i].kase;
	arena_release(&arena);
	qsort(rows, (size_t)count, sizeof rows[0], by_place);
	struct kase place = {.rank = effect->rows.rank, .id = effect->rows.id};
	const struct driver_case *anchor = driver_case(driver, effect->rows.case_id);
	if (anchor)
		place = anchor->kase;
	int start = 0, all = effect->rows.before + effect->rows.after, end;
	if (effect->rows.from == ROWS_END)
		start = count - all;
	if (effect->rows.from == ROWS_KEY) {
		while (start < count && by_place(&rows[start], &place) < 0)
			start++;
		end = start + effect->rows.after;
		start -= effect->rows.before;
	} else {
		end = start + all;
	}
	start = start < 0 ? 0 : start;
	end = end > count ? count : end;
	event->kind = EV_ROWS;
	event->rows.rows = rows + start;
	event->rows.count = end > start ? end - start : 0;
	event->rows.more_before = start > 0;
	event->rows.more_after = end < count;
}

static void answer_case(struct driver *driver, const struct effect *effect, struct event *event)
{
	static struct case_view view;
	static struct thread_item items[DRIVER_POSTS + 8];
	static struct draft drafts[DRAFT_KIND_COUNT];
	static const struct err gone = {ERR_NOT_FOUND, "no such case"};
	const struct driver_case *kase = driver_case(driver, effect->kase.case_id);
	event->kind = EV_CASE;
	event->kase.view = &view;
	if (!kase) {
		event->err = &gone;
		return;
	}
	view = (struct case_view){.kase = kase->kase, .items = items, .drafts = drafts};
	view.customer = (struct customer){.id = kase->kase.id,
	        .network = "mastodon",
	        .remote_key = "",
	        .remote_id = "",
	        .handle = kase->kase.handle,
	        .name = "",
	        .url = ""};
	for (int i = 0; i < kase->post_count; i++)
		items[view.item_count++] =
		        (struct thread_item){.at = kase->posts[i].created_at, .post = &kase->posts[i]};
	for (int i = 0; i < driver->reply_count && view.item_count < DRIVER_POSTS + 8; i++)
		if (driver->replies[i].case_id == kase->kase.id)
			items[view.item_count++] = (struct thread_item){.reply = &driver->replies[i]};
	for (int i = 0; i < DRAFT_KIND_COUNT; i++)
		if (kase->drafts[i].revision)
			drafts[view.draft_count++] = kase->drafts[i];
}

static void answer_next(struct driver *driver, const struct effect *effect, struct event *event)
{
	event->kind = EV_NEXT;
	event->next.kase = NULL;
	if (effect->kind == FX_FIND) {
		const struct driver_case *kase = driver_case(driver, effect->kase.case_id);
		event->next.kase = kase ? &kase->kase : NULL;
		return;
	}
	for (int i = 0; i < driver->case_count && !event->next.kase; i++) {
		const struct kase *kase = &driver->cases[i].kase;
		if (kase->id > effect->kase.case_id && (kase->status == STATUS_NEW || kase->status == STATUS_OPEN))
			event->next.kase = kase;
	}
}

static bool holds(const struct driver *driver, const struct driver_case *kase)
{
	bool held = kase->kase.status < STATUS_DONE && strcmp(kase->kase.assignee, "alice") == 0;
	for (int i = 0; i < DRAFT_KIND_COUNT; i++)
		held |= kase->drafts[i].revision > 0;
	for (int i = 0; i < driver->reply_count; i++)
		held |= driver->replies[i].case_id == kase->kase.id && driver->replies[i].state != REPLY_SENT &&
		        driver->replies[i].state != REPLY_RECALLED;
	return held;
}

static void answer_holdings(struct driver *driver, struct event *event)
{
	static struct kase rows[DRIVER_CASES];
	event->kind = EV_ROWS;
	event->rows.rows = rows;
	for (int i = 0; i < driver->case_count; i++)
		if (holds(driver, &driver->cases[i]))
			rows[event->rows.count++] = driver->cases[i].kase;
}

static void answer_past(struct driver *driver, const struct effect *effect, struct event *event)
{
	static struct past_case cases[DRIVER_CASES];
	const struct driver_case *kase = driver_case(driver, effect->kase.case_id);
	event->kind = EV_PAST;
	event->past.cases = cases;
	for (int i = driver->case_count; i-- > 0;)
		if (driver->cases[i].kase.customer_id == kase->kase.customer_id)
			cases[event->past.count++] =
			        (struct past_case){.kase = driver->cases[i].kase, .note = "", .note_by = ""};
}

static void answer_act(struct driver *driver, const struct effect *effect, struct event *event)
{
	static struct err err;
	struct driver_case *kase = driver_case(driver, effect->action.case_id);
	const struct change *changes;
	int count;
	event->kind = EV_ACTED;
	err = (struct err)ERR_INIT;
	if (effect->kind == FX_UNDO)
		return;
	if (action_plan(&kase->kase, &effect->action, driver->wall, &driver->arena, &changes, &count, &err) < 0)
		event->err = &err;
	else
		changes_apply(&kase->kase, changes, count, &driver->arena);
	event->acted.journal_id = 1;
	event->acted.kase = &kase->kase;
}

static void act_on(struct driver *driver, const struct action *action, struct event *event)
{
	struct driver_case *kase = driver_case(driver, action->case_id);
	const struct change *changes;
	struct err err = ERR_INIT;
	int count;
	if (action_plan(&kase->kase, action, driver->wall, &driver->arena, &changes, &count, &err) < 0) {
		event->acted.refused++;
		event->acted.why = arena_strdup(&driver->arena, err.text);
		event->acted.why_case = action->case_id;
		return;
	}
	changes_apply(&kase->kase, changes, count, &driver->arena);
	event->acted.done++;
}

static void answer_many(struct driver *driver, const struct effect *effect, struct event *event)
{
	event->kind = EV_ACTED;
	event->acted.journal_id = 1;
	for (int i = 0; i < effect->many.count; i++)
		act_on(driver, &effect->many.actions[i], event);
}

static void answer_draft(struct driver *driver, const struct effect *effect, struct event *event)
{
	struct draft *draft = &driver_case(driver, effect->draft.case_id)->drafts[effect->draft.kind];
	event->kind = EV_DRAFT_SAVED;
	event->saved.case_id = effect->draft.case_id;
	event->saved.draft = effect->draft.kind;
	if (effect->kind == FX_DRAFT_DELETE) {
		draft->revision = 0;
		return;
	}
	event->saved.conflict = draft->revision != effect->draft.revision ? draft->text : NULL;
	int64_t revision = draft->revision + 1;
	*draft = *copy_drafts(&driver->arena, &effect->draft, 1);
	draft->revision = event->saved.revision = revision;
}

static void answer_hold(struct driver *driver, const struct effect *effect, struct event *event)
{
	const struct reply *parts = copy_replies(&driver->arena, effect->hold.parts, effect->hold.part_count);
	int first = driver->reply_count + 1;
	assert(driver->reply_count + effect->hold.part_count <= 32);
	for (int i = 0; i < effect->hold.part_count; i++) {
		struct reply *reply = &driver->replies[driver->reply_count++];
		*reply = parts[i];
		reply->id = driver->reply_count;
		reply->series = effect->hold.part_count > 1 ? first : 0;
	}
	if (effect->hold.draft_kind >= 0)
		driver_case(driver, parts->case_id)->drafts[effect->hold.draft_kind].revision = 0;
	event->kind = EV_HELD;
	event->held.reply_id = first;
}

static void answer_recall(struct driver *driver, const struct effect *effect, struct event *event)
{
	event->kind = EV_RECALLED;
	for (int i = 0; i < effect->ids.count; i++) {
		struct reply *reply = &driver->replies[effect->ids.ids[i] - 1];
		event->recalled.reply_id = reply->id;
		event->recalled.case_id = reply->case_id;
		event->recalled.recalled = reply->state == REPLY_HELD;
		reply->state = REPLY_RECALLED;
	}
}

static bool answer(struct driver *driver, const struct effect *effect, struct event *event)
{
	static const int64_t counts[] = {12, 0, 0, 0, 12};
	static const char *const words[] = {"refund", "billing"};
	switch (effect->kind) {
	case FX_ROWS: answer_rows(driver, effect, event); return true;
	case FX_CASE: answer_case(driver, effect, event); return true;
	case FX_NEXT:
	case FX_FIND: answer_next(driver, effect, event); return true;
	case FX_HOLDINGS: answer_holdings(driver, event); return true;
	case FX_PAST: answer_past(driver, effect, event); return true;
	case FX_ACT_MANY: answer_many(driver, effect, event); return true;
	case FX_ACT:
	case FX_UNDO: answer_act(driver, effect, event); return true;
	case FX_DRAFT_SAVE:
	case FX_DRAFT_DELETE: answer_draft(driver, effect, event); return true;
	case FX_HOLD: answer_hold(driver, effect, event); return true;
	case FX_FILE:
		event->kind = EV_FILE;
		event->file.path = arena_printf(&driver->arena, "/home/alice/%s", effect->text);
		event->file.bytes = strstr(effect->text, "huge") ? 2000000 : 1000;
		return true;
	case FX_SETTLE: event->kind = EV_SETTLED; return true;
	case FX_RECALL: answer_recall(driver, effect, event); return true;
	case FX_COUNTS:
		event->kind = EV_COUNTS;
		event->counts.counts = counts;
		event->counts.count = 5;
		return true;
	case FX_NUMBERS: event->kind = EV_NUMBERS; return true;
	case FX_ACCOUNTS:
		event->kind = EV_ACCOUNTS;
		event->accounts.accounts = accounts;
		event->accounts.count = 1;
		return true;
	case FX_REPLIES:
		event->kind = EV_REPLIES;
		event->replies.replies = driver->replies;
		event->replies.count = driver->reply_count;
		return true;
	case FX_TAGS:
	case FX_AGENTS:
		event->kind = effect->kind == FX_TAGS ? EV_TAGS : EV_AGENTS;
		event->words.words = words;
		event->words.count = 2;
		return true;
	default: return false;
	}
}

static enum event_kind answer_kind(enum effect_kind kind)
{
	static const enum event_kind kinds[FX_QUIT + 1] = {[FX_ROWS] = EV_ROWS,
	        [FX_CASE] = EV_CASE,
	        [FX_ACT] = EV_ACTED,
	        [FX_HOLDINGS] = EV_ROWS,
	        [FX_PAST] = EV_PAST,
	        [FX_ACT_MANY] = EV_ACTED,
	        [FX_UNDO] = EV_ACTED,
	        [FX_NEXT] = EV_NEXT,
	        [FX_DRAFT_SAVE] = EV_DRAFT_SAVED,
	        [FX_HOLD] = EV_HELD,
	        [FX_RECALL] = EV_RECALLED,
	        [FX_PRESENCE] = EV_PRESENCE,
	        [FX_COPY] = EV_COPIED,
	        [FX_FILE] = EV_FILE};
	return kinds[kind];
}

static void put(struct driver *driver, struct event event)
{
	event.wall = driver->wall;
	event.mono = driver->mono;
	update(driver->state, &event, &driver->fx);
}

void driver_serve(struct driver *driver)
{
	while (driver->served < driver->fx.list.len) {
		struct effect effect = driver->fx.list.at[driver->served++];
		struct event event = {.request = effect.request};
		if (driver->deaf[effect.kind])
			continue;
		if (driver->refuse[effect.kind].code) {
			event.kind = answer_kind(effect.kind);
			event.err = &driver->refuse[effect.kind];
			put(driver, event);
		} else if (answer(driver, &effect, &event)) {
			put(driver, event);
		}
	}
}

void driver_event(struct driver *driver, struct event event)
{
	put(driver, event);
	driver_serve(driver);
}

/* --- a terminal */

static size_t key_len(const char *keys)
{
	if (*keys == '<' && strchr(keys, '>'))
		return (size_t)(strchr(keys, '>') - keys) + 1;
	if (*keys == '^' && keys[1])
		return 2;
	uint32_t cp;
	return utf8_decode(keys, strlen(keys), &cp);
}

static struct key parse_key(const char *keys, size_t len)
{
	char text[32];
	struct chord chord;
	if (*keys == ' ')
		return key_char(' ');
	snprintf(text, sizeof text, "%.*s", (int)len, keys);
	int rc = chord_parse(text, &chord, NULL);
	assert(rc == 0 && chord.len == 1);
	return chord.at[0];
}

static void press(struct driver *driver, struct key key, int printable, bool foreign)
{
	struct event event = {.kind = EV_KEY};
	event.key.key = key;
	event.key.read = driver->read;
	event.key.printable = printable;
	event.key.foreign = foreign;
	put(driver, event);
}

void driver_keys(struct driver *driver, const char *keys)
{
	while (*keys) {
		size_t len = key_len(keys);
		struct key key = parse_key(keys, len);
		driver->read++;
		press(driver, key, key_text(key) ? (int)len : 0, key_text(key) >= 0x80);
		driver_serve(driver);
		keys += len;
	}
}

void driver_type(struct driver *driver, const char *text)
{
	while (*text) {
		uint32_t cp;
		size_t len = utf8_decode(text, strlen(text), &cp);
		driver->read++;
		press(driver, key_char(cp), (int)len, cp >= 0x80);
		driver_serve(driver);
		text += len;
	}
}

void driver_burst(struct driver *driver, const char *keys)
{
	int printable = 0;
	bool foreign = false;
	for (const char *p = keys; *p; p += key_len(p)) {
		uint32_t cp = key_text(parse_key(p, key_len(p)));
		printable += cp ? (int)key_len(p) : 0;
		foreign |= cp >= 0x80;
	}
	driver->read++;
	for (const char *p = keys; *p; p += key_len(p))
		press(driver, parse_key(p, key_len(p)), printable, foreign);
	driver_serve(driver);
}

void driver_paste(struct driver *driver, const char *text)
{
	struct event event = {.kind = EV_PASTE};
	event.paste.bytes = text;
	event.paste.len = strlen(text);
	event.paste.read = ++driver->read;
	driver_event(driver, event);
}

void driver_painted(struct driver *driver)
{
	struct event event = {.kind = EV_PAINTED};
	event.painted.version = driver->state->version;
	event.painted.seen = (struct seen){.inbox_rows = 10,
	        .thread_rows = 10,
	        .thread_lines = 40,
	        .thread_top = driver->state->thread.top,
	        .compose_cols = 40,
	        .compose_rows = 4};
	driver_event(driver, event);
}

void driver_pass(struct driver *driver, int64_t ms)
{
	int64_t end = driver->mono + ms;
	while (driver->state->timer_mono <= end) {
		int64_t step = driver->state->timer_mono - driver->mono;
		driver->mono += step;
		driver->wall += step;
		driver_event(driver, (struct event){.kind = EV_TIME});
	}
	driver->wall += end - driver->mono;
	driver->mono = end;
}

void driver_changed(struct driver *driver, int64_t case_id)
{
	struct event event = {.kind = EV_CHANGED};
	event.changed.cases = true;
	event.changed.case_ids = &case_id;
	event.changed.case_count = 1;
	driver_event(driver, event);
}

/* --- effects */

void driver_forget(struct driver *driver)
{
	assert(driver->served == driver->fx.list.len);
	effects_clear(&driver->fx);
	driver->served = 0;
}

int driver_count(const struct driver *driver, enum effect_kind kind)
{
	int n = 0;
	for (size_t i = 0; i < driver->fx.list.len; i++)
		n += driver->fx.list.at[i].kind == kind;
	return n;
}

const struct effect *driver_last(const struct driver *driver, enum effect_kind kind)
{
	for (size_t i = driver->fx.list.len; i-- > 0;)
		if (driver->fx.list.at[i].kind == kind)
			return &driver->fx.list.at[i];
	return NULL;
}

/* --- life */

static struct driver *make(void)
{
	struct driver *driver = mem_alloc(sizeof *driver);
	driver->wall = NOON;
	driver->mono = 1000000;
	for (int i = 1; i <= 12; i++) {
		char text[64];
		snprintf(text, sizeof text, "question number %d", i);
		driver_add_case(driver, i, text);
	}
	return driver;
}

static void open_desk(struct driver *driver, const struct desk_setup *setup, const char *saved_state)
{
	struct desk_setup mine = *setup;
	struct err err = ERR_INIT;
	keymap_init(&driver->keymap, desk_keymap_names());
	struct problems problems = {0};
	int rc = keymap_load(&driver->keymap, NULL, "default", &problems, &err);
	problems_release(&problems);
	if (rc < 0)
		fprintf(stderr, "keymap: %s\n", err.text);
	assert(rc == 0);
	mine.keymap = &driver->keymap;
	driver->state = state_new(&mine);
	if (saved_state)
		state_restore(driver->state, saved_state);
	struct event event = {.kind = EV_RESIZE};
	event.size.cols = 120;
	event.size.rows = 30;
	driver_event(driver, event);
	driver_painted(driver);
}

struct driver *driver_new_with(const struct desk_setup *setup, const char *saved_state)
{
	struct driver *driver = make();
	open_desk(driver, setup, saved_state);
	return driver;
}

struct driver *driver_new(void)
{
	struct desk_setup setup = driver_setup();
	return driver_new_with(&setup, NULL);
}

void driver_free(struct driver *driver)
{
	state_free(driver->state);
	effects_release(&driver->fx);
	keymap_release(&driver->keymap);
	arena_release(&driver->arena);
	free(driver);
}
