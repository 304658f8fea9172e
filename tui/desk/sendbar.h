/* The send bar: what a person is shown before something becomes public. It is open in MODE_SENDBAR, over the composer.
 * From which account, to whom and how publicly stands in state.composer; what follows in state.sendbar; what stands
 * against it is computed here. Pure. */
#ifndef TUI_DESK_SENDBAR_H
#define TUI_DESK_SENDBAR_H

#include "tui/desk/state.h"

#define SENDBAR_DEAF_MS 400 /* keys this soon after its paint are dropped */
#define OBJECTIONS_MAX 12
#define OBJECTION_TEXT_MAX 256 /* bytes */

struct objection {
	bool refuses; /* it cannot be sent at all; otherwise ^Y sends although */
	char text[OBJECTION_TEXT_MAX];
};

/* What stands against sending what is in the composer now, the worst first. Returns the count. */
int sendbar_objections(const struct state *state, struct objection out[OBJECTIONS_MAX]);

/* What else goes out, for whoever confirms it: warning, language, files, and how it is cut into posts. Returns the
 * count. */
int sendbar_facts(const struct state *state, struct objection out[OBJECTIONS_MAX]);

/* "next", "stay", "done and next", "snooze until mon 9:00". */
void sendbar_follow_words(const struct state *state, char *out, size_t size);

/* True while keys are dropped: not yet painted, or within 400 ms of it. */
bool sendbar_deaf(const struct state *state);

#endif
