/* Meaning never rests on colour alone: with all looks stripped, every state of a post, a case, a text and an account
 * still reads otherwise than every other. In ASCII, too. */
#include "tests/golden/stage.h"

#include "core/base/mem.h"
#include "core/base/str.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { LINES_MAX = 3 };

/* What happens in the world, and the keys behind it. */
struct thing {
	const char *name, *lines[LINES_MAX], *keys;
};

#define SELECT ":go 1046<Enter>"

static const struct thing things[] = {
        {"plain", {NULL}, SELECT},
        /* a post */
        {"edited", {"edit quill is the site down for everybody else"}, SELECT},
        {"deleted", {"delete quill"}, SELECT},
        {"folded", {"warning quill injury"}, SELECT},
        {"with media", {"media quill photo a screen"}, SELECT},
        {"media without words", {"media quill photo"}, SELECT},
        {"in another language", {"language quill fr"}, SELECT},
        {"private", {"visibility quill private"}, SELECT},
        {"boosted", {"counts quill 3 0"}, SELECT},
        {"liked", {"counts quill 0 3"}, SELECT},
        {"with personal data", {"post quill my card is 4111 1111 1111 1111, mail q@quill.example"}, SELECT},
        /* a case */
        {"claimed", {"do quill alice claim"}, SELECT},
        {"somebody else's", {"do quill bob claim"}, SELECT},
        {"being answered", {"writing quill bob"}, SELECT},
        {"tagged", {"do quill bob tag refund"}, SELECT},
        {"high", {"do quill bob priority high"}, SELECT},
        {"urgent", {"do quill bob priority urgent"}, SELECT},
        {"low", {"do quill bob priority low"}, SELECT},
        {"escalated", {"do quill bob escalate billing why"}, SELECT},
        {"escalated and taken", {"do quill bob escalate billing why", "escalation quill taken"}, SELECT},
        {"similar to others", {"similar quill 6"}, SELECT},
        {"snoozed", {"do quill alice snooze mon 9:00"}, SELECT},
        {"done", {"do quill alice done"}, SELECT},
        {"spam", {"do quill alice spam"}, SELECT},
        {"with a note", {"do quill bob note who is this"}, SELECT},
        {"answered", {"answer quill bob it is not"}, SELECT},
        {"marked", {NULL}, SELECT "x"},
        /* a text */
        {"a draft", {NULL}, SELECT "rit<Space>is<Esc>"},
        {"a public text", {NULL}, SELECT "rit<Space>is"},
        {"a private text", {NULL}, SELECT "Rlit<Space>is"},
        {"a note", {NULL}, SELECT "iit<Space>is"},
        {"about to be sent", {NULL}, SELECT "rit<Space>is^X"},
        {"held", {NULL}, SELECT "rit<Space>is^X<Enter>"},
        /* an account, the desk */
        {"away", {"account x x live"}, SELECT},
        {"retrying", {"account x x retrying 4m"}, SELECT},
        {"without a token", {"account x x needs-login"}, SELECT},
        {"failed", {"account x x failed"}, SELECT},
        {"catching up", {"account x x catching-up"}, SELECT},
        {"asks again", {NULL}, SELECT "L"},
        {"filtered", {NULL}, "\\network:x<Enter>" SELECT},
};

enum { THINGS = sizeof things / sizeof *things };

/* The screen as characters alone; heap. */
static char *read_screen(const struct thing *thing, bool ascii)
{
	struct err err = ERR_INIT;
	struct stage stage;
	struct str text = STR_INIT;
	struct world *world = world_new();
	world_cast(world);
	for (int i = 0; i < LINES_MAX && thing->lines[i]; i++)
		if (world_tell(world, thing->lines[i], &err))
			fail_msg("%s: %s", thing->lines[i], err.text);
	stage_init(&stage, world);
	stage_size(&stage, 120, 30, ascii);
	for (const char *p = thing->keys; *p;) {
		/* The send bar hears nothing for a moment. */
		size_t len = strcspn(p, "^") + (strchr(p, '^') ? 2 : 0);
		char *keys = mem_strndup(p, len);
		if (stage_keys(&stage, keys, false, &err))
			fail_msg("%s: %s", keys, err.text);
		free(keys);
		p += len;
		if (*p)
			stage_wait(&stage, 1000);
	}
	for (int row = 0; row < stage.frame.rows; row++) {
		frame_row_text(&stage.frame, row, &text);
		str_addc(&text, '\n');
	}
	stage_release(&stage);
	world_free(world);
	return str_detach(&text);
}

static void read_otherwise(bool ascii)
{
	char *seen[THINGS];
	for (int i = 0; i < THINGS; i++) {
		seen[i] = read_screen(&things[i], ascii);
		for (int j = 0; j < i; j++)
			if (str_eq(seen[i], seen[j]))
				fail_msg("%s reads like %s\n%s", things[i].name, things[j].name, seen[i]);
		for (const char *p = seen[i]; ascii && *p; p++)
			if ((unsigned char)*p >= 0x80)
				fail_msg("%s is not ASCII", things[i].name);
	}
	for (int i = 0; i < THINGS; i++)
		free(seen[i]);
}

static void without_looks_every_state_still_reads_otherwise(void **state)
{
	(void)state;
	read_otherwise(false);
}

static void without_looks_and_without_utf8_too(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C");
	read_otherwise(true);
	setlocale(LC_ALL, "C.UTF-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_looks_every_state_still_reads_otherwise),
	        cmocka_unit_test(without_looks_and_without_utf8_too),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
