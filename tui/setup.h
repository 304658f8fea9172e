/* From the configuration to what the desk, the loop and the courier's watch want to know. */
#ifndef TUI_SETUP_H
#define TUI_SETUP_H

#include "core/base/arena.h"
#include "core/store/store.h"
#include "keymaps/keymap.h"
#include "tui/app.h"
#include "tui/courier.h"
#include "tui/desk/state.h"
#include "tui/theme_load.h"

struct setup {
	struct arena arena;
	struct desk_setup desk;
	struct keymap keymap;
	struct theme theme;
	struct courier_options courier; /* loop and callbacks are the loop's to fill in */
	const struct config *config;
};

/* Errors name file and line of the key file or the configuration. */
int setup_init(struct setup *setup, const struct app_options *options, struct err *err);
void setup_release(struct setup *setup);

/* Opens the store as a desk, with the clocks' rules. */
int setup_open_store(const struct config *config, struct store **out, struct err *err);

/* Confines this process to what a desk does (core/base/confine.h). Written are the store, whose directory a first desk
 * makes, how far one is with the tutor, what the editor is given, and SQLite's temporary files. */
void setup_confine(const struct config *config);

/* The view named on the command line; ERR_USAGE lists those there are. */
int setup_open_view(struct state *state, const char *name, struct effects *effects, struct err *err);

/* What stands in macros that may not stand there: added to problems (NULL: not), the first one in err. */
int setup_check_macros(const struct config *config, struct problems *problems, struct err *err);

/* "sqlite:PATH" of the configuration. */
char *setup_store_uri(const struct config *config, struct arena *arena);
struct clock_rules setup_rules(const struct config *config);

#endif
