#include "tui/term/extras.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* All that a terminal of this name is sent beyond terminfo, at once. */
static void expect(const char *type, bool in_tmux, const char *expected)
{
	struct term_extras extras = extras_of(type, in_tmux);
	struct str out = STR_INIT;
	extras_on(&extras, true, &out);
	extras_title_save(&extras, &out);
	extras_title(&extras, "3 late", &out);
	extras_notify(&extras, "late", &out);
	extras_copy(&extras, "hi", 2, &out);
	extras_off(&extras, true, &out);
	extras_title_restore(&extras, &out);
	assert_string_equal(out.p, expected);
	str_release(&out);
}

static void a_terminal_that_is_not_known_is_sent_nothing(void **state)
{
	(void)state;
	static const char *const plain[] = {"vt100", "vt220", "linux", "dumb", "ansi", "cygwin", ""};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		expect(plain[i], false, "");
		expect(plain[i], true, "");
	}
}

static void a_known_terminal_has_paste_mouse_title_notification_and_clipboard(void **state)
{
	(void)state;
	expect("xterm-256color", false,
	        "\033[?2004h\033[?1000h\033[?1006h\033[22;2t\033]2;3 late\a\033]9;late\a\033]52;c;aGk=\a"
	        "\033[?1006l\033[?1000l\033[?2004l\033[23;2t");
	expect("rxvt-unicode", false,
	        "\033[?2004h\033[?1000h\033[?1006h\033[22;2t\033]2;3 late\a\033]777;notify;curlew;late\a"
	        "\033]52;c;aGk=\a\033[?1006l\033[?1000l\033[?2004l\033[23;2t");
}

static const char tmux[] = "\033[?2004h\033[?1000h\033[?1006h\033[22;2t\033]2;3 late\a"
                           "\033Ptmux;\033\033]9;late\a\033\\\033]52;c;aGk=\a\033Ptmux;\033\033]52;c;aGk=\a\033\\"
                           "\033[?1006l\033[?1000l\033[?2004l\033[23;2t";

static void tmux_has_a_title_of_its_own_and_passes_the_rest_on(void **state)
{
	(void)state;
	expect("tmux-256color", false, tmux);
	expect("screen-256color", true, tmux);
}

static void screen_passes_all_on_and_has_no_mouse(void **state)
{
	(void)state;
	expect("screen-256color", false,
	        "\033[?2004h\033P\033[22;2t\033\\\033P\033]2;3 late\a\033\\\033P\033]9;late\a\033\\"
	        "\033P\033]52;c;aGk=\a\033\\\033[?2004l\033P\033[23;2t\033\\");
}

static void no_text_ends_a_command_early(void **state)
{
	(void)state;
	struct term_extras extras = extras_of("xterm", false);
	struct str out = STR_INIT;
	extras_title(&extras, "a\033\\b\ac\nd\302\234e\033]52;c;aGk=", &out);
	assert_int_equal(strcspn(out.p + 1, "\033\a\n"), out.len - 2);
	assert_null(strstr(out.p, "\302\234"));
	str_release(&out);
}

static void no_notification_begins_like_a_command(void **state)
{
	(void)state;
	struct term_extras extras = extras_of("xterm", false);
	struct str out = STR_INIT;
	extras_notify(&extras, "7;reboot", &out);
	assert_string_equal(out.p, "\033]9; 7;reboot\a");
	str_release(&out);
}

static void without_a_wish_for_it_the_mouse_stays_off(void **state)
{
	(void)state;
	struct term_extras extras = extras_of("xterm", false);
	struct str out = STR_INIT;
	extras_on(&extras, false, &out);
	extras_off(&extras, false, &out);
	assert_string_equal(out.p, "\033[?2004h\033[?2004l");
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_terminal_that_is_not_known_is_sent_nothing),
	        cmocka_unit_test(a_known_terminal_has_paste_mouse_title_notification_and_clipboard),
	        cmocka_unit_test(tmux_has_a_title_of_its_own_and_passes_the_rest_on),
	        cmocka_unit_test(screen_passes_all_on_and_has_no_mouse),
	        cmocka_unit_test(no_text_ends_a_command_early),
	        cmocka_unit_test(no_notification_begins_like_a_command),
	        cmocka_unit_test(without_a_wish_for_it_the_mouse_stays_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
