/* Links and media of a case: a picker that copies one. The view shows the selected one whole, for terminals that take
 * no copies. */
#include "tui/desk/inner.h"

#include "core/base/timefmt.h"

static bool known(const struct picker *picker, const char *url)
{
	for (size_t i = 0; i < picker->values.len; i++)
		if (str_eq(picker->values.at[i], url))
			return true;
	return false;
}

static void add_link(struct state *state, const struct post *post, const char *what, const char *url)
{
	char at[16], by[384];
	struct picker *picker = &state->picker;
	if (!*url || known(picker, url))
		return;
	time_format_local(post->created_at, "%d %b %H:%M", at, sizeof at);
	picker_add(picker, url,
	        arena_printf(&picker->arena, "%s%s%s, %s", what, *what ? ", " : "",
	                handle_said(state, post->author_handle, by, sizeof by), at),
	        0, url);
}

static void add_media(struct state *state, const struct post *post)
{
	for (int i = 0; i < post->media_count; i++) {
		const struct media *media = &post->media[i];
		char what[256];
		snprintf(what, sizeof what, *media->alt ? "%s %d/%d \"%s\"" : "%s %d/%d", media_kind_name(media->kind),
		        i + 1, post->media_count, media->alt);
		add_link(state, post, what, media->url);
	}
}

static void add_links(struct state *state, const struct post *post)
{
	char *rest = arena_strdup(&state->picker.arena, post->links);
	for (char *url; (url = strtok_r(rest, " ", &rest));)
		add_link(state, post, "", url);
}

/* Newest first; of the posts themselves the links are at `copy-link`. */
void links_fill(struct state *state)
{
	const struct case_view *view = state_view(state);
	for (int i = view ? view->item_count : 0; i-- > 0;)
		if (view->items[i].post) {
			add_links(state, view->items[i].post);
			add_media(state, view->items[i].post);
		}
}

void link_take(struct state *state, const char *url, struct effects *fx)
{
	struct effect *effect = effects_add(fx, FX_COPY);
	effect->request = next_request(state);
	effect->text = arena_strdup(&fx->arena, url);
	say(state, "copied: %s", url);
}

void cmd_links(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	picker_open(state, PICK_LINK, fx);
	if (state->picker.items.len)
		return;
	overlay_close(state);
	say(state, state_view(state) ? "no links or media in this case" : "loading ...");
}
