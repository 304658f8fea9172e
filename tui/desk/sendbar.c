#include "tui/desk/sendbar.h"

#include "core/base/timefmt.h"
#include "core/model/attachment.h"
#include "core/model/reply_text.h"
#include "core/model/whentime.h"
#include "core/text/similar.h"
#include "tui/desk/inner.h"

#define HANDLES_MANY 5
#define ALIKE 0.7

struct found {
	struct objection *at;
	int count;
};

static void object(struct found *found, bool refuses, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void object(struct found *found, bool refuses, const char *fmt, ...)
{
	if (found->count == OBJECTIONS_MAX)
		return;
	struct objection *objection = &found->at[found->count++];
	objection->refuses = refuses;
	va_list ap;
	va_start(ap, fmt);
	struct str text = STR_INIT;
	str_vaddf(&text, fmt, ap);
	str_copy(objection->text, sizeof objection->text, text.p);
	str_release(&text);
	va_end(ap);
}

/* --- what refuses */

/* A thread of posts is an offer; whoever takes it has asked for it by name. */
static void check_length(const struct state *state, int over, struct found *found)
{
	struct arena arena = ARENA_INIT;
	const struct split_part *parts;
	char key[CHORD_TEXT_MAX];
	int count = composer_parts(state, &arena, &parts);
	if (state->composer.kind == DRAFT_CORRECTION)
		object(found, true, "%d over what the network takes", over);
	else if (count == 0)
		object(found, true, "%d over what the network takes, and too long for %d posts", over, SPLIT_MAX);
	else if (!state->composer.split)
		object(found, true, "%d over what the network takes; %s split makes it %d posts", over,
		        key_for(state, MODE_COMPOSER, CMD_COMMAND, key), count);
	arena_release(&arena);
}

static void check_text(const struct state *state, struct found *found)
{
	const struct compose *c = &state->composer.compose;
	size_t at, len;
	int left;
	if (c->text.p[strspn(c->text.p, " \t\n")] == '\0' && !state->composer.file_count)
		object(found, true, "there is nothing to send");
	if (compose_placeholder(c, 0, &at, &len))
		object(found, true, "%.*s is not filled in", (int)len, c->text.p + at);
	if (composer_left(state, &left) && left < 0)
		check_length(state, -left, found);
}

static void check_files(const struct state *state, struct found *found)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	if (!composer->file_count || !account)
		return;
	if (account->caps && !(account->caps & CAP_MEDIA))
		object(found, true, "%s takes no files with posts", account->network);
	if (account->limits.files && composer->file_count > account->limits.files)
		object(found, true, "%d files; %s takes %d", composer->file_count, account->name,
		        account->limits.files);
	for (int i = 0; i < composer->file_count; i++) {
		const char *alt = composer->files[i].alt, *name = attachment_name(composer->files[i].path);
		int left = attachment_alt_left(&account->limits, alt);
		if (left < 0)
			object(found, true, "%d over what %s takes as the description of %.80s", -left, account->name,
			        name);
		if (!alt[strspn(alt, " ")])
			object(found, false, "nothing says what %.80s shows to those who cannot see it", name);
	}
}

static void check_ways(const struct state *state, struct found *found)
{
	const struct account *account = state_account(state, state->composer.account_id);
	if (state->read_only || state->drafts_only)
		object(found, true, "nothing can be stored now: %s",
		        str_or(state->store_why, "the store is read-only"));
	if (!account)
		object(found, true, "the account is not known yet");
	if (!state_case(state) || state->thread.gone)
		object(found, true, "the case is gone");
	char why[OBJECTION_TEXT_MAX];
	if (state->composer.kind != DRAFT_CORRECTION &&
	        reply_refused(account, composer_answers(state), state->composer.kind == DRAFT_PRIVATE, why, sizeof why))
		object(found, true, "%s", why);
	/* Until its server has been asked nobody knows what its posts may hold, nor whom a reply reaches. */
	if (account && account->state == ACCOUNT_NEVER && !account->caps)
		object(found, false, "%s has not been reached yet", account->name);
	if (account && (account->state == ACCOUNT_NEEDS_LOGIN || account->state == ACCOUNT_FAILED))
		object(found, false, "%s cannot send now: %s", account->name,
		        str_or(account->state_reason, account_state_name(account->state)));
}

/* --- what stands against it */

static const char *ago(const struct state *state, int64_t at, char out[32])
{
	duration_format(state->wall > at ? state->wall - at : 0, out, 32);
	return out;
}

static void check_post(const struct state *state, const struct post *post, struct found *found)
{
	const struct composer *composer = &state->composer;
	char when[32];
	if (post->direction == DIR_OUT && thread_is_news(state, post))
		object(found, false, "%s answered %s ago", str_or(post->sent_by, "somebody"),
		        ago(state, post->created_at, when));
	if (!str_eq(post->remote_id, composer->to_remote_id))
		return;
	if (post->deleted_at)
		object(found, false, "the post was deleted");
	else if (post->edited_at > composer->begun_at)
		object(found, false, "the post was edited %s ago", ago(state, post->edited_at, when));
	if (composer_visibility(state) < post->visibility)
		object(found, false, "wider than the post it answers");
}

static void check_reply(const struct state *state, const struct reply *reply, struct found *found)
{
	unsigned under_way = 1u << REPLY_HELD | 1u << REPLY_QUEUED | 1u << REPLY_SENDING | 1u << REPLY_IN_DOUBT;
	if (reply->kind != REPLY_KIND_POST || !(under_way & 1u << reply->state))
		return;
	if (str_eq(reply->agent, state->setup.agent))
		object(found, false, "a reply of yours is %s already", reply_state_name(reply->state));
	else
		object(found, false, "a reply by %s is %s already", reply->agent, reply_state_name(reply->state));
}

static void check_case(const struct state *state, struct found *found)
{
	const struct case_view *view = state_view(state);
	for (int i = 0; view && i < view->item_count; i++) {
		if (view->items[i].post)
			check_post(state, view->items[i].post, found);
		if (view->items[i].reply)
			check_reply(state, view->items[i].reply, found);
	}
	for (size_t i = 0; i < state->holding.len; i++)
		if (state->holding.at[i].reply->case_id == state->composer.case_id)
			check_reply(state, state->holding.at[i].reply, found);
	if (state->composer.newer)
		object(found, false, "%d newer %s of the customer", state->composer.newer,
		        state->composer.newer == 1 ? "post" : "posts");
	const struct kase *kase = state_case(state);
	if (kase && *state_writer(state, kase))
		object(found, false, "%s is writing here", state_writer(state, kase));
	else if (kase && *str_or(kase->assignee, "") && !str_eq(kase->assignee, state->setup.agent))
		object(found, false, "the case is %s's", kase->assignee);
}

static const char *ordinal(int n)
{
	if (n % 100 >= 11 && n % 100 <= 13)
		return "th";
	return n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
}

static bool repeats(const struct reply *reply, const char *text)
{
	return reply->kind == REPLY_KIND_POST && reply->state != REPLY_RECALLED &&
	       similar_ratio(reply->text, text) >= ALIKE;
}

static void check_words(const struct state *state, struct found *found)
{
	struct str text = STR_INIT;
	composer_published(state, &text);
	int like = 0;
	for (int i = 0; i < state->reply_count; i++)
		like += repeats(&state->replies[i], text.p);
	for (size_t i = 0; i < state->holding.len; i++)
		like += repeats(state->holding.at[i].reply, text.p);
	if (like)
		object(found, false, "%d%s reply like this today", like + 1, ordinal(like + 1));
	const struct account *account = state_account(state, state->composer.account_id);
	if (account) {
		struct arena arena = ARENA_INIT;
		const char *const *handles;
		int count;
		reply_addressed(text.p, account, &arena, &handles, &count);
		if (count > HANDLES_MANY)
			object(found, false, "it names %d people", count);
		arena_release(&arena);
	}
	str_release(&text);
}

/* What else stands in the case concerns no post that is out already. */
static void check_correction(const struct state *state, struct found *found)
{
	const struct composer *composer = &state->composer;
	const struct post *post = composer_corrects(state);
	struct str text = STR_INIT;
	composer_published(state, &text);
	if (!post || post->deleted_at)
		object(found, true, "the post is not there any more");
	else if (post->edited_at > composer->begun_at)
		object(found, false, "it was edited since");
	if (post && !composer->unsend && str_eq(text.p, str_or(post->source, post->text)))
		object(found, true, "nothing of it is changed");
	if (composer->file_count)
		object(found, true, "files cannot be added to a post that is out");
	str_release(&text);
}

/* Who is merely spoken of in a private answer may read it, too; of a correction, who could not read it before. */
static void check_recipients(const struct state *state, struct found *found)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	const struct post *before = composer_corrects(state);
	struct arena arena = ARENA_INIT;
	struct str words = STR_INIT;
	const char *const *handles;
	int count = 0, new = 0;
	if (account)
		reply_overheard_by(composer->compose.text.p, account, composer->to_handle, composer_visibility(state),
		        &arena, &handles, &count);
	for (int i = 0; i < count; i++) {
		if (before && reply_names(str_or(before->source, before->text), handles[i], account->server))
			continue;
		str_addf(&words, "%s%s", new ++? " " : "", handles[i]);
	}
	if (new)
		object(found, false, "%s would read it, too: in private, whoever is named does", words.p);
	str_release(&words);
	arena_release(&arena);
}

int sendbar_objections(const struct state *state, struct objection out[OBJECTIONS_MAX])
{
	struct found found = {out, 0};
	if (!state->composer.unsend)
		check_text(state, &found);
	check_ways(state, &found);
	if (!state->composer.unsend)
		check_recipients(state, &found);
	if (state->composer.kind == DRAFT_CORRECTION) {
		check_correction(state, &found);
		return found.count;
	}
	check_files(state, &found);
	check_case(state, &found);
	check_words(state, &found);
	return found.count;
}

/* --- what else goes out */

static void tell_parts(const struct state *state, struct found *found)
{
	enum { SHOWN = 6 };
	struct arena arena = ARENA_INIT;
	const struct split_part *parts;
	int count = composer_parts(state, &arena, &parts);
	if (count > 1)
		object(found, false, "in %d posts, each answering the one before:", count);
	for (int i = 0; count > 1 && i < count && i < SHOWN; i++) {
		char start[44];
		const char *said = parts[i].published;
		bool cut = !str_copy(start, sizeof start, said + mentions_lead(said));
		object(found, false, "  %s%s", start, cut ? " ..." : "");
	}
	if (count > SHOWN)
		object(found, false, "  and %d more", count - SHOWN);
	arena_release(&arena);
}

static void tell_also(const struct state *state, struct found *found)
{
	struct arena arena = ARENA_INIT;
	struct str words = STR_INIT;
	const char *const *handles;
	int count;
	composer_also(state, &arena, &handles, &count);
	for (int i = 0; i < count; i++)
		str_addf(&words, " %s", handles[i]);
	if (count)
		object(found, false, "also to%s", words.p);
	str_release(&words);
	arena_release(&arena);
}

/* "0.015": as many places as it needs, two at least. */
static void money_format(int64_t millionths, char *out, size_t size)
{
	int n = snprintf(
	        out, size, "%lld.%06lld", (long long)(millionths / 1000000), (long long)(millionths % 1000000));
	while (n > 3 && out[n - 1] == '0' && out[n - 3] != '.')
		out[--n] = '\0';
}

static void tell_price(const struct state *state, struct found *found)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	if (!account || !*str_or(account->prices.currency, "") || composer->kind == DRAFT_CORRECTION)
		return;
	struct arena arena = ARENA_INIT;
	struct str whole = STR_INIT;
	const struct split_part *parts = NULL;
	int count = composer->split ? composer_parts(state, &arena, &parts) : 1;
	int64_t price = 0;
	bool linked = false, for_link;
	char amount[32];
	composer_published(state, &whole);
	for (int i = 0; i < count; i++) {
		price += reply_price(account, count > 1 ? parts[i].published : whole.p, &for_link);
		linked |= for_link;
	}
	money_format(price, amount, sizeof amount);
	if (price)
		object(found, false, "costs %s %s%s", amount, account->prices.currency,
		        linked ? ": there is a link in it" : "");
	str_release(&whole);
	arena_release(&arena);
}

int sendbar_facts(const struct state *state, struct objection out[OBJECTIONS_MAX])
{
	struct found found = {out, 0};
	const struct composer *composer = &state->composer;
	char words[256];
	correct_words(state, words, sizeof words);
	if (*words)
		object(&found, false, "%s", words);
	if (composer->unsend) {
		object(&found, false, "because: %s", composer->why_unsend);
		return found.count;
	}
	tell_also(state, &found);
	if (*composer->warning)
		object(&found, false, "under the warning: %s", composer->warning);
	if (*composer_language(state))
		object(&found, false, "marked as %s", composer->language);
	for (int i = 0; i < composer->file_count; i++)
		object(&found, false, "with %.80s%s%.140s", attachment_name(composer->files[i].path),
		        *composer->files[i].alt ? ": " : "", composer->files[i].alt);
	tell_price(state, &found);
	if (composer->split)
		tell_parts(state, &found);
	return found.count;
}

/* --- the bar */

void sendbar_follow_words(const struct state *state, char *out, size_t size)
{
	static const char *const words[FOLLOW_COUNT] = {"next", "stay", "done and next", "snooze until"};
	char when[64] = "";
	if (state->sendbar.follow == FOLLOW_SNOOZE)
		time_format_local(state->sendbar.snooze_until, " %a %H:%M", when, sizeof when);
	snprintf(out, size, "%s%s", words[state->sendbar.follow], when);
}

bool sendbar_deaf(const struct state *state)
{
	return !state->sendbar.painted_mono || state->mono < state->sendbar.painted_mono + SENDBAR_DEAF_MS;
}

void sendbar_open(struct state *state)
{
	int64_t until = 0;
	struct err err = ERR_INIT;
	if (!*state->last_snooze || whentime_parse(state->last_snooze, state->wall, &until, &err) < 0)
		whentime_parse("tomorrow", state->wall, &until, &err);
	overlay_open(state, MODE_SENDBAR);
	bool corrects = state->composer.kind == DRAFT_CORRECTION;
	state->sendbar = (struct sendbar){.follow = corrects ? FOLLOW_STAY : state->setup.after_send,
	        .snooze_until = until,
	        .read = state->last_read,
	        .version = state->version};
}
