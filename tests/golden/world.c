#include "tests/golden/world.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/model/clocks.h"
#include "core/text/length.h"
#include "core/triage/triage.h"
#include "tui/desk/command.h"
#include "tui/desk/copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60 * 1000, FIRST_REPLY_MS = 20 * MINUTE_MS, NEXT_REPLY_MS = 20 * MINUTE_MS };

static const struct setup_view views[] = {
        {"needs reply", "is:needs-reply", 'i'},
        {"mine", "assignee:me is:unresolved", 'm'},
        {"escalated", "is:escalated", 'e'},
        {"snoozed", "is:snoozed", 'z'},
        {"done", "is:done", 'd'},
        {"outbox", "is:outbox", 'o'},
};
static const char *const german[] = {"de"};
static const struct setup_canned canned[] = {
        {.name = "thanks", .text = "{customer}, thank you! {note?}"},
        {.name = "order", .text = "Could you tell us the number of your order? It begins with 4."},
        {.name = "outage",
                .text = "Yes, the shop is down for everybody. We are on it, and say so here when it is back."},
        {.name = "danke", .text = "Danke! {note?}", .languages = german, .languages_len = 1},
};
static const struct setup_text macros[] = {
        {"refund", "tag refund; priority high; canned order"}, {"outage", "tag outage; canned outage"}};
static const struct setup_text teams[] = {{"billing", "by webhook"}, {"logistics", "by mail"}, {"safety", "by mail"}};
static const struct setup_account signatures[] = {{"acme", "", ""}, {"acme.bsky", "", ""}, {"x", "", ""}};

#define LEN(array) (sizeof(array) / sizeof *(array))

static int64_t instant(const char *rfc3339)
{
	int64_t at = 0;
	time_parse_rfc3339(rfc3339, &at);
	return at;
}

struct world *world_new(void)
{
	struct world *world = mem_alloc(sizeof *world);
	world->wall = instant("2026-11-20T14:02:00Z");
	world->last_id = 1041;
	world->setup = (struct desk_setup){.agent = WORLD_AGENT,
	        .language = "en",
	        .views = views,
	        .views_len = LEN(views),
	        .canned = canned,
	        .canned_len = LEN(canned),
	        .macros = macros,
	        .macros_len = LEN(macros),
	        .teams = teams,
	        .teams_len = LEN(teams),
	        .accounts = signatures,
	        .accounts_len = LEN(signatures),
	        .undo_window_ms = 20000};
	return world;
}

void world_free(struct world *world)
{
	vec_release(&world->accounts);
	vec_release(&world->gaps);
	vec_release(&world->roles);
	vec_release(&world->posts);
	vec_release(&world->journal);
	vec_release(&world->replies);
	vec_release(&world->drafts);
	vec_release(&world->changed);
	arena_release(&world->arena);
	free(world);
}

/* --- who is where */

struct role *world_role(struct world *world, const char *name)
{
	for (size_t i = 0; i < world->roles.len; i++)
		if (str_eq(world->roles.at[i].name, name))
			return &world->roles.at[i];
	return NULL;
}

struct role *world_case(struct world *world, int64_t case_id)
{
	for (size_t i = 0; i < world->roles.len; i++)
		if (world->roles.at[i].there && world->roles.at[i].kase.id == case_id)
			return &world->roles.at[i];
	return NULL;
}

static struct post *newest_post(struct world *world, const struct role *role, enum direction direction)
{
	for (size_t i = world->posts.len; i-- > 0;)
		if (world->posts.at[i].thread_id == role->kase.id && world->posts.at[i].direction == direction)
			return &world->posts.at[i];
	return NULL;
}

static int64_t first_unanswered(const struct world *world, const struct kase *kase)
{
	for (size_t i = 0; i < world->posts.len; i++) {
		const struct post *post = &world->posts.at[i];
		if (post->thread_id == kase->id && post->direction == DIR_IN && post->created_at > kase->last_out_at)
			return post->created_at;
	}
	return 0;
}

void world_touched(struct world *world, struct role *role)
{
	static const struct clock_rules rules = {.first_reply_ms = FIRST_REPLY_MS, .next_reply_ms = NEXT_REPLY_MS};
	struct kase *kase = &role->kase;
	kase->updated_at = world->wall;
	kase->revision++;
	kase->due = clocks_due(kase, first_unanswered(world, kase), &rules);
	kase->rank = clocks_rank(kase->due, kase->updated_at);
	vec_push(&world->changed, kase->id);
}

/* --- actions */

static int64_t journal_add(struct world *world, struct journal_entry entry)
{
	entry.id = ++world->last_id;
	entry.at = world->wall;
	entry.batch = world->batch;
	vec_push(&world->journal, entry);
	return entry.id;
}

/* As the store: a handle or a number becomes the number, and words for the journal. */
static int resolve_whom(struct world *world, struct action *action, struct err *err)
{
	int64_t id = 0;
	parse_i64(action->arg, &id);
	for (size_t i = 0; i < world->roles.len; i++) {
		const struct customer *customer = &world->roles.at[i].customer;
		if (customer->id != id && !str_ieq(customer->handle, action->arg))
			continue;
		action->arg = arena_printf(&world->arena, "%lld", (long long)customer->id);
		action->text = arena_printf(&world->arena, "%s (%s)", customer->handle, customer->network);
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "there is no customer %s", action->arg);
}

int world_act(struct world *world, const struct action *wanted, int64_t *journal_id, struct err *err)
{
	struct action said = *wanted, *action = &said;
	struct role *role = world_case(world, action->case_id);
	const struct change *changes;
	int count;
	if (!role)
		return err_set(err, ERR_NOT_FOUND, "there is no case %lld", (long long)action->case_id);
	if (action_flags(action->kind) & A_WHOM && resolve_whom(world, action, err))
		return -(int)err->code;
	int result = action_plan(&role->kase, action, world->wall, &world->arena, &changes, &count, err);
	if (result || (!count && action->kind != ACTION_NOTE))
		return result;
	changes_apply(&role->kase, changes, count, &world->arena);
	if (action->kind == ACTION_ESCALATE) {
		role->kase.escalated_by = arena_strdup(&world->arena, action->agent);
		role->kase.escalated_at = world->wall;
	}
	*journal_id = journal_add(world, (struct journal_entry){.case_id = role->kase.id,
	                                         .by = arena_strdup(&world->arena, action->agent),
	                                         .action = action_name(action->kind),
	                                         .changes = changes,
	                                         .change_count = count,
	                                         .text = arena_strdup(&world->arena, action->text)});
	world_touched(world, role);
	return 0;
}

static struct journal_entry *undo_target(struct world *world, bool redo)
{
	for (size_t i = world->journal.len; i-- > 0;) {
		struct journal_entry *entry = &world->journal.at[i];
		enum action_kind kind;
		if (!str_eq(entry->by, WORLD_AGENT) || entry->undone || !action_parse(entry->action, &kind))
			continue;
		if (redo ? kind == ACTION_UNDO : (action_flags(kind) & A_UNDO) != 0)
			return entry;
	}
	return NULL;
}

/* What the entry of an undo took back stands again. */
static void stands_again(struct world *world, const struct journal_entry *entry)
{
	for (size_t i = 0; i < world->journal.len; i++)
		if (world->journal.at[i].id == entry->undoes)
			world->journal.at[i].undone = false;
}

static int undo_entry(struct world *world, bool redo, size_t at, struct err *err)
{
	struct journal_entry entry = world->journal.at[at];
	struct role *role = world_case(world, entry.case_id);
	const struct change *changes;
	int count;
	int result = action_plan_undo(&role->kase, &entry, &world->arena, &changes, &count, err);
	if (result)
		return result;
	changes_apply(&role->kase, changes, count, &world->arena);
	world->journal.at[at].undone = true;
	if (redo)
		stands_again(world, &entry);
	else
		journal_add(world, (struct journal_entry){.case_id = role->kase.id,
		                           .by = WORLD_AGENT,
		                           .action = action_name(ACTION_UNDO),
		                           .changes = changes,
		                           .change_count = count,
		                           .text = "",
		                           .undoes = entry.id});
	world_touched(world, role);
	return 0;
}

int world_undo(struct world *world, bool redo, struct event *event, struct err *err)
{
	struct journal_entry *entry = undo_target(world, redo);
	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "nothing of yours to %s", redo ? "do again" : "undo");
	struct journal_entry *undone = arena_new(&world->arena, struct journal_entry);
	*undone = *entry;
	event->acted.undone = undone;
	event->acted.journal_id = undone->id;
	world->batch = undone->batch ? ++world->last_batch : 0;
	for (size_t i = (size_t)(entry - world->journal.at) + 1; i-- > 0;) {
		const struct journal_entry *other = &world->journal.at[i];
		bool together = other->id == undone->id || (undone->batch && other->batch == undone->batch);
		if (!together || other->undone)
			continue;
		struct err why = ERR_INIT;
		if (!undo_entry(world, redo, i, &why)) {
			event->acted.done++;
			continue;
		}
		event->acted.refused++;
		event->acted.why = arena_strdup(&world->arena, why.text);
		event->acted.why_case = world->journal.at[i].case_id;
	}
	world->batch = 0;
	return event->acted.done ? 0 : err_set(err, ERR_STATE, "%s", event->acted.why);
}

struct draft *world_draft(struct world *world, int64_t case_id, enum draft_kind kind)
{
	for (size_t i = 0; i < world->drafts.len; i++)
		if (world->drafts.at[i].case_id == case_id && world->drafts.at[i].kind == kind)
			return &world->drafts.at[i];
	return NULL;
}

void world_put_draft(struct world *world, const struct draft *draft)
{
	struct draft *stored = world_draft(world, draft->case_id, draft->kind);
	if (!stored) {
		vec_push(&world->drafts, (struct draft){0});
		stored = &world->drafts.at[world->drafts.len - 1];
	}
	*stored = *copy_drafts(&world->arena, draft, 1);
	stored->updated_at = world->wall;
}

/* --- what happens, in words */

/* The words of a line are taken from its front. */
struct words {
	struct world *world;
	char *rest;
	struct role *role; /* of verbs that begin with one */
	struct err *err;
};

static const char *word(struct words *words)
{
	words->rest += strspn(words->rest, " ");
	char *start = words->rest;
	words->rest += strcspn(start, " ");
	if (*words->rest)
		*words->rest++ = '\0';
	return start;
}

static int number(struct words *words)
{
	int64_t n = 0;
	const char *digits = word(words);
	if (!parse_i64(digits, &n) || n < 0 || n > INT32_MAX)
		err_set(words->err, ERR_USAGE, "found \"%s\", expected a number", digits);
	return (int)n;
}

static void tell_at(struct words *words)
{
	const char *rest = words->rest;
	struct world *world = words->world;
	char today[16];
	time_format_local(world->wall, "%Y-%m-%d", today, sizeof today);
	const char *day = strlen(rest) > 5 ? arena_strndup(&world->arena, rest, 10) : "2026-11-20";
	world->wall = instant(arena_printf(&world->arena, "%sT%s:00Z", day, rest + strlen(rest) - 5));
}

static struct account *account_named(struct world *world, const char *name)
{
	for (size_t i = 0; i < world->accounts.len; i++)
		if (str_eq(world->accounts.at[i].name, name))
			return &world->accounts.at[i];
	return NULL;
}

static void account_facts(struct account *account)
{
	account->caps = CAP_STREAM | CAP_REPLY | CAP_DELETE | CAP_LIKE | CAP_BOOST;
	if (str_eq(account->network, "mastodon"))
		account->caps |= CAP_IDEMPOTENT | CAP_EDIT | CAP_VISIBILITY | CAP_DIRECT | CAP_LANGUAGE | CAP_WARNING |
		                 CAP_NAMING | CAP_MEDIA | CAP_REPORT | CAP_BLOCK | CAP_MUTE;
	else
		account->caps |= CAP_HIDE | CAP_MUTE;
	if (str_eq(account->network, "x"))
		account->prices = (struct prices){"USD", 15000, 200000};
	bool mastodon = str_eq(account->network, "mastodon");
	account->limits = (struct post_limits){.max = mastodon ? 500 : 300,
	        .rule = mastodon ? LENGTH_RULE_MASTODON : LENGTH_RULE_BLUESKY,
	        .url = mastodon ? 23 : 0,
	        .files = 4,
	        .alt = 1500};
}

/* account NAME NETWORK STATE [FOR [REASON]] */
static void tell_account(struct words *words)
{
	struct world *world = words->world;
	struct arena *arena = &world->arena;
	const char *name = word(words);
	struct account *account = account_named(world, name);
	if (!account) {
		vec_push(&world->accounts,
		        (struct account){.id = (int64_t)world->accounts.len + 1, .name = arena_strdup(arena, name)});
		account = &world->accounts.at[world->accounts.len - 1];
	}
	account->network = arena_strdup(arena, word(words));
	account->server = "https://mas.example";
	account->handle = arena_printf(arena, "@%s", account->name);
	account_facts(account);
	char *state = arena_strdup(arena, word(words));
	for (char *p = state; *p; p++)
		*p = *p == '-' ? ' ' : *p;
	if (!account_state_parse(state, &account->state))
		err_set(words->err, ERR_USAGE, "no account state \"%s\"", state);
	int64_t left;
	account->state_since = world->wall;
	account->state_until = duration_parse(word(words), &left) ? world->wall + left : 0;
	account->state_reason = arena_strdup(arena, words->rest);
	account->last_event_at = world->wall;
	world->accounts_changed = true;
}

/* gap ACCOUNT SOURCE AGO LENGTH REASON: as many as there are, the earliest first */
static void tell_gap(struct words *words)
{
	struct world *world = words->world;
	struct arena *arena = &world->arena;
	struct gap gap = {.id = (int64_t)world->gaps.len + 1, .found_at = world->wall, .seen_by = ""};
	int64_t ago = 0, length = 0;
	gap.account = arena_strdup(arena, word(words));
	gap.source = arena_strdup(arena, word(words));
	if (!duration_parse(word(words), &ago) || !duration_parse(word(words), &length))
		err_set(words->err, ERR_USAGE, "gap ACCOUNT SOURCE AGO LENGTH REASON");
	gap.from = world->wall - ago;
	gap.to = gap.from + length;
	gap.reason = arena_strdup(arena, words->rest);
	vec_push(&world->gaps, gap);
	world->accounts_changed = true;
}

/* customer NAME ACCOUNT FOLLOWERS YEAR HANDLE DISPLAY NAME */
static void tell_customer(struct words *words)
{
	struct world *world = words->world;
	struct arena *arena = &world->arena;
	struct role role = {.name = arena_strdup(arena, word(words))};
	const struct account *account = account_named(world, word(words));
	if (!account) {
		err_set(words->err, ERR_USAGE, "no such account");
		return;
	}
	int64_t followers = number(words);
	const char *since = arena_printf(arena, "%s-03-01T00:00:00Z", word(words));
	const char *handle = arena_strdup(arena, word(words));
	const char *name = arena_strdup(arena, words->rest);
	role.customer = (struct customer){.id = ++world->last_id,
	        .network = account->network,
	        .remote_key = handle,
	        .remote_id = handle,
	        .handle = handle,
	        .name = name,
	        .url = "",
	        .followers = followers,
	        .created_at = instant(since)};
	role.kase = (struct kase){.id = role.customer.id,
	        .account_id = account->id,
	        .account = account->name,
	        .network = account->network,
	        .customer_id = role.customer.id,
	        .handle = handle,
	        .customer_name = name,
	        .followers = followers,
	        .assignee = "",
	        .writer = "",
	        .escalated_to = "",
	        .escalation_why = "",
	        .escalated_by = "",
	        .escalation_error = "",
	        .done_reason = "",
	        .summary = "",
	        .language = "en",
	        .similar = 1};
	vec_push(&world->roles, role);
}

/* history NAME CASES UNHAPPY */
static void tell_history(struct words *words)
{
	words->role->earlier_cases = number(words);
	words->role->earlier_unhappy = number(words);
}

/* What the inbox row says of the newest post. */
static void describe(struct words *words, const struct post *post)
{
	struct kase *kase = &words->role->kase;
	struct triage triage;
	triage_post(post, &words->role->customer, &triage);
	kase->summary = arena_strdup(&words->world->arena, triage.summary);
	kase->praise = triage.praise;
	kase->question = triage.question;
	kase->personal_data = triage.personal_data;
	kase->priority = triage.priority > kase->priority ? triage.priority : kase->priority;
	kase->media_count = post->media_count;
	kase->language = post->language;
	kase->boosts = post->boosts;
}

static struct post *add_post(struct words *words, enum direction direction, const char *author, const char *text)
{
	struct world *world = words->world;
	const struct kase *kase = &words->role->kase;
	int64_t id = ++world->last_id;
	const char *remote = arena_printf(&world->arena, "%lld", (long long)id);
	vec_push(&world->posts, (struct post){.id = id,
	                                .account_id = kase->account_id,
	                                .thread_id = kase->id,
	                                .customer_id = direction == DIR_IN ? kase->customer_id : 0,
	                                .direction = direction,
	                                .remote_id = remote,
	                                .parent_remote_id = "",
	                                .uri = remote,
	                                .url = arena_printf(&world->arena, "https://mas.example/%s", remote),
	                                .author_handle = author,
	                                .author_name = author,
	                                .created_at = world->wall,
	                                .received_at = world->wall,
	                                .language = kase->language,
	                                .warning = "",
	                                .addressed = true,
	                                .text = arena_strdup(&world->arena, text),
	                                .mentions = "",
	                                .links = "",
	                                .sent_by = ""});
	return &world->posts.at[world->posts.len - 1];
}

static void posted(struct words *words, const char *text)
{
	struct kase *kase = &words->role->kase;
	struct post *post = add_post(words, DIR_IN, kase->handle, text);
	if (!words->role->there)
		kase->created_at = kase->first_post_at = post->created_at;
	else if (kase->status >= STATUS_WAITING)
		kase->status = STATUS_OPEN;
	words->role->there = true;
	kase->last_in_at = post->created_at;
	const struct draft *draft = world_draft(words->world, kase->id, DRAFT_REPLY);
	kase->newer_than_draft += draft != NULL;
	describe(words, post);
	world_touched(words->world, words->role);
}

/* post NAME TEXT: opens the case, or reopens it */
static void tell_post(struct words *words)
{
	posted(words, words->rest);
}

/* posts NAME COUNT: a long story, with an answer of ours to every third */
static void tell_posts(struct words *words)
{
	int count = number(words);
	for (int i = 1; i <= count; i++) {
		char text[80];
		snprintf(text, sizeof text, "part %d of the story of my order", i);
		words->world->wall += 1000;
		if (i % 3)
			posted(words, text);
		else
			add_post(words, DIR_OUT, words->role->kase.account, text)->sent_by = "bob";
	}
}

/* long NAME BYTES [TEXT]: one post of that many, of the text again and again */
static void tell_long(struct words *words)
{
	struct str text = STR_INIT;
	size_t bytes = (size_t)number(words);
	for (int i = 1; text.len < bytes; i++)
		if (*words->rest)
			str_adds(&text, words->rest);
		else
			str_addf(&text, "and then, %d, the parcel went back to the depot. ", i);
	posted(words, text.p);
	str_release(&text);
}

/* bomb NAME HANDLES: one post that names so many */
static void tell_bomb(struct words *words)
{
	struct str text = STR_INIT;
	int count = number(words);
	str_adds(&text, "@acme");
	for (int i = 1; i <= count; i++)
		str_addf(&text, " @victim%02d@mas.example", i);
	str_adds(&text, " look at what they sell");
	posted(words, text.p);
	str_release(&text);
}

/* The rest change the newest post of the customer: media NAME KIND ALT … */
static void tell_media(struct words *words)
{
	struct world *world = words->world;
	struct post *post = newest_post(world, words->role, DIR_IN);
	struct media *media = arena_array(&world->arena, struct media, (size_t)post->media_count + 1);
	if (post->media_count)
		memcpy(media, post->media, sizeof *media * (size_t)post->media_count);
	struct media *added = &media[post->media_count++];
	if (!media_kind_parse(word(words), &added->kind))
		err_set(words->err, ERR_USAGE, "no such kind of media");
	added->alt = arena_strdup(&world->arena, words->rest);
	added->url = "https://mas.example/media";
	post->media = media;
	describe(words, post);
}

static void tell_warning(struct words *words)
{
	newest_post(words->world, words->role, DIR_IN)->warning = arena_strdup(&words->world->arena, words->rest);
}

static void tell_language(struct words *words)
{
	struct post *post = newest_post(words->world, words->role, DIR_IN);
	post->language = arena_strdup(&words->world->arena, words->rest);
	describe(words, post);
}

static void tell_visibility(struct words *words)
{
	struct post *post = newest_post(words->world, words->role, DIR_IN);
	if (!visibility_parse(words->rest, &post->visibility))
		err_set(words->err, ERR_USAGE, "no such visibility");
}

static void tell_counts(struct words *words)
{
	struct post *post = newest_post(words->world, words->role, DIR_IN);
	post->boosts = number(words);
	post->likes = number(words);
	describe(words, post);
}

static void tell_edit(struct words *words)
{
	struct post *post = newest_post(words->world, words->role, DIR_IN);
	post->text = arena_strdup(&words->world->arena, words->rest);
	post->edited_at = words->world->wall;
	describe(words, post);
	vec_push(&words->world->changed, words->role->kase.id);
}

static void tell_delete(struct words *words)
{
	newest_post(words->world, words->role, DIR_IN)->deleted_at = words->world->wall;
	vec_push(&words->world->changed, words->role->kase.id);
}

/* answer NAME AGENT TEXT */
static void tell_answer(struct words *words)
{
	const char *agent = arena_strdup(&words->world->arena, word(words));
	struct kase *kase = &words->role->kase;
	struct post *post = add_post(words, DIR_OUT, kase->account, words->rest);
	post->sent_by = agent;
	kase->status = STATUS_WAITING;
	kase->last_out_at = post->created_at;
	if (!kase->first_reply_at)
		kase->first_reply_at = post->created_at;
	world_touched(words->world, words->role);
}

/* do NAME AGENT COMMAND…, as `curlew do` would */
static void tell_do(struct words *words)
{
	struct world *world = words->world;
	const char *agent = arena_strdup(&world->arena, word(words)), *args;
	const struct command *command = command_parse(words->rest, &args, words->err);
	struct action action = {0};
	int64_t id = 0;
	if (!command || command_action(command->id, args, agent, world->wall, &world->arena, &action, words->err))
		return;
	action.case_id = words->role->kase.id;
	world_act(world, &action, &id, words->err);
}

/* escalation NAME STATE [ERROR] */
static void tell_escalation(struct words *words)
{
	if (!escalation_state_parse(word(words), &words->role->kase.escalation))
		err_set(words->err, ERR_USAGE, "no such state of an escalation");
	words->role->kase.escalation_error = arena_strdup(&words->world->arena, words->rest);
	vec_push(&words->world->changed, words->role->kase.id);
}

static void tell_similar(struct words *words)
{
	words->role->kase.similar = number(words);
}

/* writing NAME AGENT: for half a minute */
static void tell_writing(struct words *words)
{
	words->role->kase.writer = arena_strdup(&words->world->arena, word(words));
	words->role->kase.writer_until = words->world->wall + 30000;
	vec_push(&words->world->changed, words->role->kase.id);
}

static void tell_gone(struct words *words)
{
	words->role->there = false;
	vec_push(&words->world->changed, words->role->kase.id);
}

/* --- what becomes of the replies that wait */

static void settle_replies(struct words *words, enum reply_state state)
{
	struct world *world = words->world;
	for (size_t i = 0; i < world->replies.len; i++) {
		struct reply *reply = &world->replies.at[i];
		struct role *role = world_case(world, reply->case_id);
		if (reply->state > REPLY_SENDING || !role)
			continue;
		reply->state = state;
		reply->error = arena_strdup(&world->arena, words->rest);
		world->replies_changed = true;
		vec_push(&world->changed, reply->case_id);
	}
}

/* deliver: all of them are out */
static void tell_deliver(struct words *words)
{
	struct world *world = words->world;
	for (size_t i = 0; i < world->replies.len; i++) {
		struct reply *reply = &world->replies.at[i];
		words->role = world_case(world, reply->case_id);
		if (reply->state > REPLY_SENDING || !words->role)
			continue;
		reply->state = REPLY_SENT;
		reply->sent_at = world->wall;
		world->replies_changed = true;
		if (reply->kind != REPLY_KIND_POST) {
			world_mark_post(world, reply);
			continue;
		}
		struct words answer = *words;
		answer.rest = arena_printf(&world->arena, "%s %s", reply->agent, reply->text);
		tell_answer(&answer);
	}
}

static void tell_queue(struct words *words)
{
	settle_replies(words, REPLY_QUEUED);
}

static void tell_sending(struct words *words)
{
	settle_replies(words, REPLY_SENDING);
}

static void tell_stop(struct words *words)
{
	settle_replies(words, REPLY_STOPPED);
}

static void tell_refuse(struct words *words)
{
	settle_replies(words, REPLY_FAILED);
}

static void tell_doubt(struct words *words)
{
	settle_replies(words, REPLY_IN_DOUBT);
}

/* full WHY: nothing can be written; without it, it can again */
static void tell_full(struct words *words)
{
	words->world->full = *words->rest ? arena_strdup(&words->world->arena, words->rest) : NULL;
}

static const struct verb {
	const char *name;
	bool role;  /* its first word is a role */
	bool there; /* which must have written */
	void (*tell)(struct words *words);
} verbs[] = {
        {"at", false, false, tell_at},
        {"account", false, false, tell_account},
        {"gap", false, false, tell_gap},
        {"customer", false, false, tell_customer},
        {"history", true, false, tell_history},
        {"post", true, false, tell_post},
        {"posts", true, false, tell_posts},
        {"long", true, false, tell_long},
        {"bomb", true, false, tell_bomb},
        {"media", true, true, tell_media},
        {"warning", true, true, tell_warning},
        {"language", true, true, tell_language},
        {"visibility", true, true, tell_visibility},
        {"counts", true, true, tell_counts},
        {"edit", true, true, tell_edit},
        {"delete", true, true, tell_delete},
        {"answer", true, true, tell_answer},
        {"do", true, true, tell_do},
        {"escalation", true, true, tell_escalation},
        {"similar", true, true, tell_similar},
        {"writing", true, true, tell_writing},
        {"gone", true, true, tell_gone},
        {"deliver", false, false, tell_deliver},
        {"queue", false, false, tell_queue},
        {"sending", false, false, tell_sending},
        {"stop", false, false, tell_stop},
        {"refuse", false, false, tell_refuse},
        {"doubt", false, false, tell_doubt},
        {"full", false, false, tell_full},
};

int world_tell(struct world *world, const char *line, struct err *err)
{
	struct err found = ERR_INIT;
	struct words words = {.world = world, .rest = arena_strdup(&world->arena, line), .err = &found};
	const char *name = word(&words);
	const struct verb *verb = NULL;
	for (size_t i = 0; i < LEN(verbs) && !verb; i++)
		verb = str_eq(verbs[i].name, name) ? &verbs[i] : NULL;
	if (!verb)
		return err_set(err, ERR_USAGE, "nothing is called \"%s\"", name);
	if (verb->role) {
		name = word(&words);
		words.role = world_role(world, name);
		if (!words.role || (verb->there && !words.role->there))
			return err_set(err, ERR_USAGE, "nobody is called \"%s\"", name);
	}
	verb->tell(&words);
	if (found.code)
		*err = found;
	return found.code ? -(int)found.code : 0;
}
