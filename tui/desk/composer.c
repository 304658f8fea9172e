/* The composer: what it is opened for, canned replies, what would be published, and its length. */
#include "tui/desk/inner.h"

#include "core/model/reply_text.h"
#include "core/text/length.h"

#define DRAFT_EVERY_MS 300
#define CLAIM_EVERY_MS 60000
#define CLAIM_FOR_MS 120000

static const struct setup_account *account_setup(const struct state *state)
{
	const struct account *account = state_account(state, state->composer.account_id);
	for (size_t i = 0; account && i < state->setup.accounts_len; i++)
		if (str_eq(state->setup.accounts[i].name, account->name))
			return &state->setup.accounts[i];
	return NULL;
}

/* The draft of this case that there is: the one not yet stored, else the stored one. */
static void take_draft(struct state *state)
{
	struct composer *composer = &state->composer;
	const struct local_draft *local = draft_find(state, composer->case_id, composer->kind);
	const struct case_view *view = state_view(state);
	if (local) {
		compose_set(&composer->compose, local->text, local->cursor);
		composer->begun_at = local->begun_at;
		return;
	}
	for (int i = 0; view && i < view->draft_count; i++) {
		const struct draft *draft = &view->drafts[i];
		if (draft->kind == composer->kind) {
			compose_set(&composer->compose, draft->text, draft->cursor > 0 ? (size_t)draft->cursor : 0);
			composer->begun_at = draft->begun_at;
			str_copy(composer->warning, sizeof composer->warning, str_or(draft->warning, ""));
		}
	}
}

void composer_open(struct state *state, enum draft_kind kind, const struct post *post)
{
	struct composer *composer = &state->composer;
	const struct kase *kase = state_case(state);
	/* Why in private is asked once a case: it is kept while the agent looks elsewhere in it. */
	if (composer->case_id != kase->id)
		composer->why_private[0] = '\0';
	composer->open = true;
	composer->from = state->focus;
	composer->kind = kind;
	composer->case_id = kase->id;
	composer->account_id = kase->account_id;
	composer->begun_at = state->wall;
	composer->claimed_mono = 0;
	composer->newer = 0;
	composer->seen_post_id = thread_newest(state);
	composer->seen_at = thread_newest_at(state);
	composer->parent = post ? post->visibility : VIS_DIRECT;
	str_copy(composer->to_remote_id, sizeof composer->to_remote_id, post ? post->remote_id : "");
	str_copy(composer->to_handle, sizeof composer->to_handle, post ? post->author_handle : "");
	/* A reply carries on the warning under which the customer spoke. */
	str_copy(composer->warning, sizeof composer->warning, post ? str_or(post->warning, "") : "");
	const struct setup_account *account = account_setup(state);
	str_copy(composer->language, sizeof composer->language, account ? str_or(account->language, "") : "");
	compose_set(&composer->compose, "", 0);
	take_draft(state);
	state->focus = MODE_COMPOSER;
	overlay_close(state);
	state->thread.follow = true;
}

static void presence(struct state *state, struct effects *fx, int64_t for_ms)
{
	struct effect *effect = effects_add(fx, FX_PRESENCE);
	effect->request = next_request(state);
	effect->presence.case_id = state->composer.case_id;
	effect->presence.for_ms = for_ms;
}

void composer_close(struct state *state, struct effects *fx)
{
	struct composer *composer = &state->composer;
	if (!composer->open)
		return;
	struct local_draft *draft = draft_find(state, composer->case_id, composer->kind);
	if (draft && draft->dirty)
		draft_touch(state, state->mono);
	if (composer->claimed_mono)
		presence(state, fx, 0);
	composer->open = false;
	overlay_close(state);
	state->focus = composer->from == MODE_THREAD ? MODE_THREAD : MODE_INBOX;
}

void composer_edited(struct state *state, struct effects *fx, bool typed)
{
	struct composer *composer = &state->composer;
	draft_touch(state, state->mono + DRAFT_EVERY_MS);
	bool stale = !composer->claimed_mono || state->mono - composer->claimed_mono >= CLAIM_EVERY_MS;
	if (typed && composer->kind != DRAFT_NOTE && composer->compose.text.len && stale) {
		composer->claimed_mono = state->mono;
		presence(state, fx, CLAIM_FOR_MS);
	}
}

/* --- canned replies */

static void first_word(const char *name, struct str *out)
{
	str_add(out, name, strcspn(name, " "));
}

static bool fill_word(const struct state *state, const char *word, size_t len, struct str *out)
{
	const struct kase *kase = state_case(state);
	const struct case_view *view = state_view(state);
	const char *name = view ? view->customer.name : kase ? kase->customer_name : "";
#define IS(s) (len == strlen(s) && memcmp(word, s, len) == 0)
	if (IS("customer"))
		str_adds(out, *name ? name : kase ? kase->handle : "");
	else if (IS("first"))
		first_word(*name ? name : kase ? kase->handle : "", out);
	else if (IS("handle"))
		str_adds(out, kase ? kase->handle : "");
	else if (IS("account"))
		str_adds(out, kase ? kase->account : "");
	else if (IS("agent"))
		str_adds(out, state->setup.agent);
	else if (IS("case"))
		str_addf(out, "%lld", kase ? (long long)kase->id : 0);
	else
		return false;
#undef IS
	return true;
}

void canned_fill(const struct state *state, const char *text, struct str *out)
{
	while (*text) {
		size_t len = *text == '{' ? strcspn(text + 1, "{}\n") : 0;
		if (!len || text[len + 1] != '}') {
			str_addc(out, *text++);
			continue;
		}
		const char *word = text + 1;
		/* What is unknown is asked for: a typo in a canned reply never reaches a customer. */
		if (word[len - 1] == '?')
			str_add(out, text, len + 2);
		else if (!fill_word(state, word, len, out))
			str_addf(out, "{%.*s?}", (int)len, word);
		text += len + 2;
	}
}

static const struct setup_text *canned_find(const struct state *state, const char *name, size_t len)
{
	for (size_t i = 0; i < state->setup.canned_len; i++)
		if (strlen(state->setup.canned[i].name) == len && memcmp(state->setup.canned[i].name, name, len) == 0)
			return &state->setup.canned[i];
	return NULL;
}

static bool replace_filled(struct state *state, size_t at, size_t len, const char *text)
{
	struct str filled = STR_INIT;
	canned_fill(state, text, &filled);
	bool fits = compose_replace(&state->composer.compose, at, len, filled.p);
	str_release(&filled);
	if (!fits)
		complain(state, "the text would be too long");
	return fits;
}

bool canned_put(struct state *state, const char *name)
{
	const struct setup_text *canned = canned_find(state, name, strlen(name));
	if (!canned) {
		complain(state, "no canned reply is named \"%.60s\"", name);
		return false;
	}
	struct compose *c = &state->composer.compose;
	size_t start = c->cursor;
	if (replace_filled(state, start, 0, canned->text)) {
		size_t at, len, end = c->cursor;
		if (compose_placeholder(c, start, &at, &len) && at < end) {
			c->cursor = at;
			c->selected = len;
		}
	}
	return true;
}

static bool longer_name(const struct state *state, const char *name, size_t len)
{
	for (size_t i = 0; i < state->setup.canned_len; i++) {
		const char *other = state->setup.canned[i].name;
		if (strlen(other) > len && memcmp(other, name, len) == 0)
			return true;
	}
	return false;
}

/* At once when no other name goes on from here; else when something else than a letter of a name follows. */
void canned_expand(struct state *state)
{
	struct compose *c = &state->composer.compose;
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t end = c->cursor;
	bool ended = end > 0 && !strchr(letters, c->text.p[end - 1]);
	if (ended)
		end--;
	size_t start = end;
	while (start > 0 && c->text.p[start - 1] && strchr(letters, c->text.p[start - 1]))
		start--;
	if (start < 2 || start == end || c->text.p[start - 1] != ':' || c->text.p[start - 2] != ':')
		return;
	const struct setup_text *canned = canned_find(state, c->text.p + start, end - start);
	if (!canned || (!ended && longer_name(state, c->text.p + start, end - start)))
		return;
	size_t tail = c->cursor - end, at, len;
	if (!replace_filled(state, start - 2, end - start + 2, canned->text))
		return;
	c->cursor += tail;
	char key[CHORD_TEXT_MAX];
	if (compose_placeholder(c, start - 2, &at, &len))
		say(state, "%s goes to %.*s", key_for(state, MODE_COMPOSER, CMD_COMPLETE, key), (int)len,
		        c->text.p + at);
}

/* --- what would be published */

enum visibility composer_visibility(const struct state *state)
{
	if (state->composer.kind != DRAFT_REPLY)
		return VIS_DIRECT;
	return reply_visibility(state->composer.parent, VIS_PUBLIC);
}

static void add_signature(const struct state *state, struct str *out)
{
	const struct setup_account *account = account_setup(state);
	const char *text = account ? str_or(account->signature, "") : "";
	const char *agent = strstr(text, "{agent}");
	if (!*text || state->composer.kind != DRAFT_REPLY)
		return;
	if (out->len && out->p[out->len - 1] != '\n')
		str_addc(out, ' ');
	if (agent) {
		str_add(out, text, (size_t)(agent - text));
		str_adds(out, state->setup.agent);
		text = agent + strlen("{agent}");
	}
	str_adds(out, text);
}

void composer_published(const struct state *state, struct str *out)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	struct str text = STR_INIT;
	str_add(&text, composer->compose.text.p, composer->compose.text.len);
	str_trim(&text);
	if (composer->kind != DRAFT_NOTE && account && !reply_names(text.p, composer->to_handle, account->server)) {
		struct arena arena = ARENA_INIT;
		str_adds(out, reply_opening(account, composer->to_handle, &arena));
		arena_release(&arena);
	}
	str_add(out, text.p, text.len);
	add_signature(state, out);
	str_release(&text);
}

bool composer_left(const struct state *state, int *left)
{
	const struct account *account = state_account(state, state->composer.account_id);
	bool known = state->composer.kind != DRAFT_NOTE && account && account->limits.max > 0;
	struct length_rule rule = {.unit = LENGTH_GRAPHEMES};
	if (known)
		rule = (struct length_rule){.unit = (enum length_unit)account->limits.unit,
		        .url = account->limits.url,
		        .mentions_short = account->limits.mentions_short,
		        .max = account->limits.max};
	struct str text = STR_INIT;
	if (known)
		composer_published(state, &text);
	else
		str_add(&text, state->composer.compose.text.p, state->composer.compose.text.len);
	const char *warning = *state->composer.warning ? state->composer.warning : NULL;
	*left = known ? length_left(&rule, text.p, text.len, warning) : length_count(&rule, text.p, text.len, NULL);
	str_release(&text);
	return known;
}
