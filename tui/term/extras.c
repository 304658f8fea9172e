#include "tui/term/extras.h"

#include "core/text/cells.h"

#include <stdint.h>
#include <string.h>

static bool is_one_of(const char *type, const char *const *names)
{
	for (; *names; names++)
		if (str_starts(type, *names))
			return true;
	return false;
}

struct term_extras extras_of(const char *type, bool in_tmux)
{
	static const char *const modern[] = {"xterm", "tmux", "screen", "rxvt", "foot", "alacritty", "kitty", "wezterm",
	        "konsole", "gnome", "vte", "st-", "ghostty", "iterm", NULL};
	static const char *const has_777[] = {"rxvt", "foot", "gnome", "vte", NULL};
	struct term_extras extras = {0};
	extras.paste = is_one_of(type, modern);
	extras.osc = extras.paste;
	extras.osc777 = is_one_of(type, has_777);
	extras.tmux = extras.paste && (in_tmux || str_starts(type, "tmux"));
	extras.screen = !extras.tmux && str_starts(type, "screen");
	extras.mouse = extras.paste && !extras.screen; /* screen 4 asks its terminal for the older form alone */
	return extras;
}

void extras_on(const struct term_extras *extras, bool mouse, struct str *out)
{
	if (extras->paste)
		str_adds(out, "\033[?2004h");
	if (mouse && extras->mouse)
		str_adds(out, "\033[?1000h\033[?1006h");
}

void extras_off(const struct term_extras *extras, bool mouse, struct str *out)
{
	if (mouse && extras->mouse)
		str_adds(out, "\033[?1006l\033[?1000l");
	if (extras->paste)
		str_adds(out, "\033[?2004l");
}

/* For the terminal around tmux or screen, where there is one. */
static void pass_on(const struct term_extras *extras, const struct str *sequence, struct str *out)
{
	if (extras->tmux) {
		str_adds(out, "\033Ptmux;\033"); /* an Esc within is doubled; the sequence has one, at its start */
		str_add(out, sequence->p, sequence->len);
		str_adds(out, "\033\\");
	} else if (extras->screen) {
		str_adds(out, "\033P");
		str_add(out, sequence->p, sequence->len);
		str_adds(out, "\033\\");
	} else {
		str_add(out, sequence->p, sequence->len);
	}
}

/* --- the title */

/* tmux keeps a title for each pane and shows it as its user configured: the terminal around it is tmux's own. */
static void to_title(const struct term_extras *extras, const struct str *sequence, struct str *out)
{
	struct term_extras around = *extras;
	around.tmux = false;
	pass_on(&around, sequence, out);
}

void extras_title(const struct term_extras *extras, const char *text, struct str *out)
{
	if (!extras->osc)
		return;
	struct str sequence = STR_INIT;
	str_adds(&sequence, "\033]2;");
	text_clean(text, strlen(text), &sequence);
	str_addc(&sequence, '\a');
	to_title(extras, &sequence, out);
	str_release(&sequence);
}

static void title_stack(const struct term_extras *extras, const char *text, struct str *out)
{
	if (!extras->osc)
		return;
	struct str sequence = STR_INIT;
	str_adds(&sequence, text);
	to_title(extras, &sequence, out);
	str_release(&sequence);
}

void extras_title_save(const struct term_extras *extras, struct str *out)
{
	title_stack(extras, "\033[22;2t", out);
}

void extras_title_restore(const struct term_extras *extras, struct str *out)
{
	title_stack(extras, "\033[23;2t", out);
}

/* --- notifications, the clipboard */

void extras_notify(const struct term_extras *extras, const char *text, struct str *out)
{
	if (!extras->osc)
		return;
	struct str sequence = STR_INIT;
	str_adds(&sequence, extras->osc777 ? "\033]777;notify;curlew;" : "\033]9;");
	/* With a number first it is no notification but a command to some terminals: ConEmu's 9;7 starts a program. */
	if (*text >= '0' && *text <= '9')
		str_addc(&sequence, ' ');
	text_clean(text, strlen(text), &sequence);
	str_addc(&sequence, '\a');
	pass_on(extras, &sequence, out);
	str_release(&sequence);
}

static void add_base64(struct str *out, const char *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t three = (uint32_t)(unsigned char)bytes[i] << 16;
		three |= left > 1 ? (uint32_t)(unsigned char)bytes[i + 1] << 8 : 0;
		three |= left > 2 ? (uint32_t)(unsigned char)bytes[i + 2] : 0;
		str_addc(out, digits[three >> 18]);
		str_addc(out, digits[three >> 12 & 63]);
		str_addc(out, left > 1 ? digits[three >> 6 & 63] : '=');
		str_addc(out, left > 2 ? digits[three & 63] : '=');
	}
}

bool extras_copy(const struct term_extras *extras, const char *text, size_t len, struct str *out)
{
	if (!extras->osc)
		return false;
	struct str sequence = STR_INIT;
	str_adds(&sequence, "\033]52;c;");
	add_base64(&sequence, text, len);
	str_addc(&sequence, '\a');
	/* tmux takes it itself when set-clipboard is on, and passes it on when allow-passthrough is. */
	if (extras->tmux)
		str_add(out, sequence.p, sequence.len);
	pass_on(extras, &sequence, out);
	str_release(&sequence);
	return true;
}
