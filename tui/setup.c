#include "tui/setup.h"

#include "core/base/confine.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/model/calendar.h"
#include "core/store/place.h"
#include "tui/desk/macro.h"

#include <stdlib.h>
#include <string.h>

char *setup_store_uri(const struct config *config, struct arena *arena)
{
	return arena_printf(arena, "sqlite:%s", config->desk.store.path);
}

struct clock_rules setup_rules(const struct config *config)
{
	return (struct clock_rules){.first_reply_ms = config->desk.first_reply,
	        .next_reply_ms = config->desk.next_reply,
	        .hours = config->desk.hours};
}

static void take_views(struct setup *setup)
{
	const struct config *config = setup->config;
	struct setup_view *views = arena_array(&setup->arena, struct setup_view, config->views_len);
	for (size_t i = 0; i < config->views_len; i++)
		views[i] = (struct setup_view){
		        .name = config->views[i].name, .query = config->views[i].query, .key = config->views[i].key};
	setup->desk.views = views;
	setup->desk.views_len = config->views_len;
}

static void take_texts(struct setup *setup)
{
	static const char *const ways[] = {"webhook", "mail", "command"};
	const struct config *config = setup->config;
	struct setup_text *teams = arena_array(&setup->arena, struct setup_text, config->teams_len + 1);
	for (size_t i = 0; i < config->teams_len; i++)
		teams[i] = (struct setup_text){config->teams[i].name,
		        arena_printf(&setup->arena, "by %s", ways[config->teams[i].escalate.how])};
	setup->desk.teams = teams;
	setup->desk.teams_len = config->teams_len;
}

/* The day's first moment, or the one after its last; 0 for no day. */
static int64_t day_at(struct config_date date, int minute)
{
	struct calendar_date day = {.year = date.year - 1900, .month = date.month - 1, .day = date.day};
	return date.year ? calendar_instant(day, minute) : 0;
}

static void take_canned(struct setup *setup)
{
	const struct config *config = setup->config;
	struct setup_canned *canned = arena_array(&setup->arena, struct setup_canned, config->canned_len + 1);
	for (size_t i = 0; i < config->canned_len; i++) {
		const struct config_canned *from = &config->canned[i];
		canned[i] = (struct setup_canned){.name = from->name,
		        .text = from->text,
		        .accounts = from->accounts.at,
		        .accounts_len = from->accounts.len,
		        .languages = from->languages.at,
		        .languages_len = from->languages.len,
		        .from = day_at(from->valid_from, 0),
		        .until = day_at(from->valid_until, CALENDAR_DAY_MINUTES)};
	}
	setup->desk.canned = canned;
	setup->desk.canned_len = config->canned_len;
}

/* Errors name the section's line. */
static int take_macros(struct setup *setup, struct err *err)
{
	const struct config *config = setup->config;
	struct setup_text *macros = arena_array(&setup->arena, struct setup_text, config->macros_len + 1);
	for (size_t i = 0; i < config->macros_len; i++)
		macros[i] = (struct setup_text){config->macros[i].name, config->macros[i].commands};
	setup->desk.macros = macros;
	setup->desk.macros_len = config->macros_len;
	return setup_check_macros(config, NULL, err);
}

int setup_check_macros(const struct config *config, struct problems *problems, struct err *err)
{
	int result = 0;
	for (size_t i = 0; i < config->macros_len; i++) {
		const struct config_macro *macro = &config->macros[i];
		struct err why = ERR_INIT;
		if (!macro_check(macro->commands, &why))
			continue;
		if (problems)
			problems_error(
			        problems, config->file, macro->line, "[macro %s] commands: %s", macro->name, why.text);
		if (!result)
			result = err_set(err, ERR_CONFIG, "%s:%d: [macro %s] commands: %s", config->file, macro->line,
			        macro->name, why.text);
	}
	return result;
}

static void take_accounts(struct setup *setup)
{
	const struct config *config = setup->config;
	struct setup_account *accounts = arena_array(&setup->arena, struct setup_account, config->accounts_len + 1);
	for (size_t i = 0; i < config->accounts_len; i++) {
		accounts[i] = (struct setup_account){.name = config->accounts[i].name,
		        .signature = config->accounts[i].signature,
		        .language = config->accounts[i].language};
		setup->courier.asks |= *config->accounts[i].token_command != '\0';
	}
	setup->desk.accounts = accounts;
	setup->desk.accounts_len = config->accounts_len;
}

/* The agent's language: the setting, else the locale's ("de_AT.UTF-8" is de). */
static const char *agent_language(struct setup *setup)
{
	const char *locale = str_or(getenv("LC_ALL"), str_or(getenv("LC_MESSAGES"), getenv("LANG")));
	if (*setup->config->desk.language)
		return setup->config->desk.language;
	size_t len = locale ? strcspn(locale, "_.@") : 0;
	return len == 2 || len == 3 ? arena_strndup(&setup->arena, locale, len) : "";
}

/* `g` and a view's own key, for the views of the configuration; `@` and a macro's. */
static int bind_config(struct setup *setup, struct problems *problems, struct err *err)
{
	struct str lines = STR_INIT;
	for (size_t i = 0; i < setup->config->views_len; i++) {
		const struct config_view *view = &setup->config->views[i];
		if (view->key && view->line)
			str_addf(&lines, "bind desk g%c view %c\n", view->key, view->key);
	}
	for (size_t i = 0; i < setup->config->macros_len; i++) {
		const struct config_macro *macro = &setup->config->macros[i];
		if (macro->key)
			str_addf(&lines, "bind desk @%c macro %s\n", macro->key, macro->name);
	}
	int result =
	        lines.len ? keymap_parse(&setup->keymap, lines.p, lines.len, setup->config->file, problems, err) : 0;
	str_release(&lines);
	return result;
}

static int load_keys(struct setup *setup, const struct app_options *options, struct err *err)
{
	struct problems problems;
	problems_init(&problems);
	keymap_init(&setup->keymap, desk_keymap_names());
	const char *name = options->keymap ? options->keymap : setup->config->desk.keymap;
	int result = keymap_load(&setup->keymap, setup->config->dir, name, &problems, err);
	if (!result)
		result = bind_config(setup, &problems, err);
	problems_release(&problems);
	return result;
}

static int load_theme(struct setup *setup, struct err *err)
{
	struct problems problems;
	const char *from;
	problems_init(&problems);
	int result = theme_load(
	        setup->config->dir, setup->config->desk.theme, &setup->arena, &setup->theme, &from, &problems, err);
	problems_release(&problems);
	return result;
}

int setup_init(struct setup *setup, const struct app_options *options, struct err *err)
{
	const struct config *config = options->config;
	*setup = (struct setup){.config = config};
	int result = load_theme(setup, err);
	if (result)
		return result;
	setup->desk = (struct desk_setup){.agent = options->agent,
	        .language = agent_language(setup),
	        .undo_window_ms = config->desk.undo_window,
	        .after_send = (enum follow)config->desk.after_send,
	        .layout = (enum layout)config->desk.layout,
	        .alarms = (enum alarms)config->desk.alarms,
	        .quiet = config->desk.quiet_hours,
	        .has_quiet = config->desk.quiet_hours.limited,
	        .keymap = &setup->keymap};
	take_views(setup);
	take_texts(setup);
	take_canned(setup);
	take_accounts(setup);
	setup->courier.store_path = config->desk.store.path;
	setup->courier.may_start = !config->desk.store.shared;
	result = take_macros(setup, err);
	return result ? result : load_keys(setup, options, err);
}

void setup_release(struct setup *setup)
{
	keymap_release(&setup->keymap);
	arena_release(&setup->arena);
}

int setup_open_store(const struct config *config, struct store **out, struct err *err)
{
	struct arena arena = ARENA_INIT;
	int result = store_open(setup_store_uri(config, &arena), STORE_DESK, out, err);
	arena_release(&arena);
	if (result)
		return result;
	struct clock_rules rules = setup_rules(config);
	store_set_rules(*out, &rules);
	return 0;
}

void setup_confine(const struct config *config)
{
	const char *path = config->desk.store.path;
	struct err ignored = ERR_INIT; /* whoever opens the store tells it */
	char *dir = path_dirname(path), *state = path_state_dir();
	if (!path_exists(dir))
		place_check_dir(path, true, &ignored);
	char *target = realpath(path, NULL); /* SQLite follows a link, and puts its other files there */
	char *target_dir = path_dirname(target ? target : path);
	const char *const dirs[] = {dir, target_dir, state, str_or(getenv("XDG_RUNTIME_DIR"), dir),
	        str_or(getenv("TMPDIR"), "/tmp"), "/var/tmp"};
	confine_desk(dirs, sizeof dirs / sizeof *dirs);
	free(target_dir);
	free(target);
	free(state);
	free(dir);
}

int setup_open_view(struct state *state, const char *name, struct effects *effects, struct err *err)
{
	struct str names = STR_INIT;
	for (size_t i = 0; i < state->setup.views_len; i++) {
		if (str_ieq(state->setup.views[i].name, name)) {
			str_release(&names);
			command_run(state, command_get(CMD_VIEW), name, effects);
			return 0;
		}
		str_addf(&names, "%s%s", i ? ", " : "", state->setup.views[i].name);
	}
	err_set(err, ERR_USAGE, "no view \"%s\"; there are: %s", name, names.p);
	str_release(&names);
	return -ERR_USAGE;
}
