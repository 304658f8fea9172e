/* Commands on what goes out beside the text: whom else it addresses, its warning and language, files, in how many
 * posts.
 */
#include "tui/desk/inner.h"

#include "core/model/attachment.h"
#include "core/model/reply_text.h"

static const struct account *account_here(const struct state *state)
{
	return state_account(state, state->composer.account_id);
}

/* The draft keeps it from now on. */
static void changed(struct state *state, struct effects *fx)
{
	composer_edited(state, fx, false);
}

static bool is_public(struct state *state)
{
	if (state->composer.kind == DRAFT_NOTE)
		complain(state, "a note is for the team alone");
	return state->composer.kind != DRAFT_NOTE;
}

/* What has been published stays one post, with the files that it has. */
static bool is_new_post(struct state *state)
{
	if (state->composer.kind == DRAFT_CORRECTION)
		complain(state, "a correction changes the text, its warning and its language alone");
	return state->composer.kind != DRAFT_CORRECTION && is_public(state);
}

static bool can(struct state *state, enum capability cap, const char *what)
{
	const struct account *account = account_here(state);
	if (!is_public(state))
		return false;
	if (account && account->caps && !(account->caps & cap)) {
		complain(state, "%s has no %s", account->network, what);
		return false;
	}
	return true;
}

/* --- others addressed */

static const char *named_in_parent(const struct state *state)
{
	const struct case_view *view = state_view(state);
	for (int i = 0; view && i < view->item_count; i++)
		if (view->items[i].post && str_eq(view->items[i].post->remote_id, state->composer.to_remote_id))
			return view->items[i].post->mentions;
	return "";
}

/* Neither us nor who is addressed already. */
static bool is_new(const struct state *state, const struct account *account, const char *handle, const char *so_far)
{
	const char *home = account->server;
	return !handle_same(handle, account->handle, home) && !handle_same(handle, state->composer.to_handle, home) &&
	       !reply_names(state->composer.compose.text.p, handle, home) && !reply_names(so_far, handle, home);
}

static void add_handles(const struct state *state, const char *words, struct str *out)
{
	const struct account *account = account_here(state);
	for (const char *p = words; account && *p;) {
		p += strspn(p, " \t,");
		size_t len = strcspn(p, " \t,");
		struct str handle = STR_INIT;
		if (*p != '@')
			str_addc(&handle, '@');
		str_add(&handle, p, len);
		if (len && mention_at(handle.p, 0) == handle.len && is_new(state, account, handle.p, out->p))
			str_addf(out, "%s ", handle.p);
		str_release(&handle);
		p += len;
	}
}

void cmd_mention(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	struct str handles = STR_INIT;
	struct compose *c = &state->composer.compose;
	if (!is_public(state))
		return;
	add_handles(state, *args ? args : named_in_parent(state), &handles);
	size_t cursor = c->cursor;
	if (!handles.len) {
		say(state, "nobody else to address");
	} else if (!compose_replace(c, 0, 0, handles.p)) {
		complain(state, "the text would be too long");
	} else {
		c->cursor = cursor + handles.len;
		changed(state, fx);
	}
	str_release(&handles);
}

/* --- warning and language */

void cmd_warning(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	struct composer *composer = &state->composer;
	if (!can(state, CAP_WARNING, "content warnings"))
		return;
	if (strlen(args) >= sizeof composer->warning) {
		complain(state, "the warning is too long");
		return;
	}
	str_copy(composer->warning, sizeof composer->warning, args);
	say(state, *args ? "under a content warning" : "no content warning");
	changed(state, fx);
}

/* BCP 47 as far as networks go: a language of two or three letters, perhaps a script or region. */
static bool is_language(const char *word)
{
	size_t first = strcspn(word, "-");
	for (const char *p = word; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
		bool later = p > word + first && ((*p >= '0' && *p <= '9') || *p == '-');
		if (!letter && !later && p != word + first)
			return false;
	}
	return (first == 2 || first == 3) && strlen(word) < sizeof((struct composer *)0)->language;
}

static const char *usual_language(const struct state *state)
{
	const struct account *account = account_here(state);
	for (size_t i = 0; account && i < state->setup.accounts_len; i++)
		if (str_eq(state->setup.accounts[i].name, account->name))
			return str_or(state->setup.accounts[i].language, "");
	return "";
}

void cmd_language(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	struct composer *composer = &state->composer;
	if (!can(state, CAP_LANGUAGE, "languages"))
		return;
	if (*args && !is_language(args)) {
		complain(state, "found \"%.30s\", expected a language like de or pt-BR", args);
		return;
	}
	str_copy(composer->language, sizeof composer->language, *args ? args : usual_language(state));
	say(state, *composer->language ? "marked as %s" : "marked with no language%s", composer->language);
	changed(state, fx);
}

/* --- files */

void cmd_attach(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	if (!is_new_post(state) || !can(state, CAP_MEDIA, "files with posts"))
		return;
	if (state->composer.file_count == COMPOSER_FILES) {
		complain(state, "no more than %d files", COMPOSER_FILES);
		return;
	}
	struct effect *effect = effects_add(fx, FX_FILE);
	effect->request = state->file_request = next_request(state);
	effect->text = arena_strdup(&fx->arena, args);
}

static bool is_attached(const struct composer *composer, const char *path)
{
	for (int i = 0; i < composer->file_count; i++)
		if (str_eq(composer->files[i].path, path))
			return true;
	return false;
}

/* Why the network would refuse it as it is now; false when it may be attached. */
static bool refuse_file(struct state *state, const char *path, int64_t bytes)
{
	const struct account *account = account_here(state);
	const char *name = attachment_name(path);
	int64_t limit = account ? attachment_limit(&account->limits, path) : 0;
	if (!attachment_type(path))
		complain(state, "%.80s is no picture, video or sound by its name", name);
	else if (!bytes)
		complain(state, "%.80s is empty", name);
	else if (limit && bytes > limit)
		complain(state, "%.80s has %.1f MB; %s takes %.1f", name, (double)bytes / 1e6, account->name,
		        (double)limit / 1e6);
	else if (is_attached(&state->composer, path))
		complain(state, "%.80s is attached already", name);
	else if (strlen(path) >= sizeof state->composer.attaching)
		complain(state, "the file's path is too long");
	else
		return false;
	return true;
}

void file_known(struct state *state, const struct event *event)
{
	if (!event->request || event->request != state->file_request)
		return;
	state->file_request = 0;
	if (event->err)
		complain(state, "%s", event->err->text);
	if (event->err || !state->composer.open || refuse_file(state, event->file.path, event->file.bytes))
		return;
	char label[96];
	str_copy(state->composer.attaching, sizeof state->composer.attaching, event->file.path);
	snprintf(label, sizeof label, "what %.40s shows, for who cannot see it: ", attachment_name(event->file.path));
	prompt_open(state, PROMPT_ALT, label, "");
}

void alt_accept(struct state *state, const char *alt, struct effects *fx)
{
	struct composer *composer = &state->composer;
	const struct account *account = account_here(state);
	int left = account ? attachment_alt_left(&account->limits, alt) : 0;
	if (left < 0) {
		complain(state, "%d over what %s takes as a description", -left, account->name);
		return;
	}
	overlay_close(state);
	composer_attach(composer, composer->attaching, alt);
	say(state, "attached: %.80s", attachment_name(composer->attaching));
	changed(state, fx);
}

void cmd_detach(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	struct composer *composer = &state->composer;
	int64_t number = composer->file_count;
	if (!composer->file_count) {
		say(state, "nothing is attached");
		return;
	}
	if (*args && (!parse_i64(args, &number) || number < 1 || number > composer->file_count)) {
		complain(state, "found \"%.20s\", expected a number from 1 to %d", args, composer->file_count);
		return;
	}
	say(state, "no longer attached: %.80s", attachment_name(composer->files[number - 1].path));
	composer->file_count--;
	for (int i = (int)number - 1; i < composer->file_count; i++)
		composer->files[i] = composer->files[i + 1];
	changed(state, fx);
}

/* --- several posts */

void cmd_split(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	struct composer *composer = &state->composer;
	if (!is_new_post(state))
		return;
	const struct split_part *parts;
	struct arena arena = ARENA_INIT;
	int count = composer_parts(state, &arena, &parts);
	arena_release(&arena);
	composer->split = !composer->split && count > 1;
	if (composer->split)
		say(state, "goes out as %d posts, each answering the one before", count);
	else if (count == 0)
		complain(state, "that would be more than %d posts", SPLIT_MAX);
	else
		say(state, count == 1 ? "it fits in one post" : "in one post again");
}
