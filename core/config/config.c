#include "core/config/config.h"

#include "core/base/paths.h"
#include "core/config/ini.h"
#include "core/config/setting.h"

#include <pwd.h>
#include <unistd.h>

#define SYSTEM_FILE "/etc/curlew/curlew.conf"
#define NAME_BYTES_MAX 64
#define SETTINGS_MAX 64 /* rows of settings.def, for sets of them */

/* The views that are there when none is configured. */
static const struct {
	const char *name, *query;
	char key;
} default_views[] = {
        {"needs reply", "is:needs-reply", 'i'},
        {"mine", "assignee:me is:unresolved", 'm'},
        {"escalated", "is:escalated", 'e'},
        {"snoozed", "is:snoozed", 'z'},
        {"done", "is:done", 'd'},
        {"outbox", "is:outbox", 'o'},
};

/* How sections of a kind are named, and where config keeps them. */
enum naming { NAMED_NOT, NAMED_WORD, NAMED_TEXT };

static const struct section_spec {
	const char *kind;
	enum naming naming;
	const char *example;
	size_t size, at, len; /* of one element; offsets of array and length in struct config */
} specs[SECTION_COUNT] = {
#define MANY(kind, naming, example, type, array)                                                                       \
	{                                                                                                              \
		kind, naming, example, sizeof(struct type), offsetof(struct config, array),                            \
		        offsetof(struct config, array##_len)                                                           \
	}
        [SECTION_DESK] = {"desk", NAMED_NOT, "[desk]", sizeof(struct config_desk), offsetof(struct config, desk), 0},
        [SECTION_ACCOUNT] = MANY("account", NAMED_WORD, "[account acme]", config_account, accounts),
        [SECTION_TEAM] = MANY("team", NAMED_WORD, "[team billing]", config_team, teams),
        [SECTION_VIEW] = MANY("view", NAMED_TEXT, "[view late ones]", config_view, views),
        [SECTION_CANNED] = MANY("canned", NAMED_WORD, "[canned thanks]", config_canned, canned),
        [SECTION_MACRO] = MANY("macro", NAMED_WORD, "[macro refund]", config_macro, macros),
};

/* What the structs of all named sections begin with. */
struct named {
	const char *name;
	int line;
};

struct loader {
	struct config *config;
	struct problems *problems;
	const char *file;
};

bool config_is_name(const char *text)
{
	size_t len = strlen(text);
	for (const char *p = text; *p; p++) {
		bool word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
		if (!word && !strchr("._-", *p) && !((unsigned char)*p & 0x80))
			return false;
	}
	return len >= 1 && len <= NAME_BYTES_MAX;
}

bool config_is_address(const char *text)
{
	const char *at = strchr(text, '@');
	if (!at || at == text || !at[1] || strchr(at + 1, '@') || *text == '-')
		return false;
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p >= 0x7F || strchr("<>,;:\"()[]\\", *p))
			return false;
	return true;
}

/* --- sections and settings */

static int section_of(const char *kind)
{
	for (int i = 0; i < SECTION_COUNT; i++) {
		if (str_eq(specs[i].kind, kind))
			return i;
	}
	return -1;
}

static void *element(struct config *config, int section, size_t i)
{
	char *base = (char *)config + specs[section].at;
	if (section == SECTION_DESK)
		return base;
	void *array;
	memcpy(&array, base, sizeof array);
	return (char *)array + i * specs[section].size;
}

static size_t *element_count(struct config *config, int section)
{
	return (size_t *)(void *)((char *)config + specs[section].len);
}

static const struct setting *find_setting(int section, const char *key)
{
	for (size_t i = 0; i < settings_len; i++) {
		if ((int)settings[i].section == section && str_eq(settings[i].row.key, key))
			return &settings[i];
	}
	return NULL;
}

/* What is required has no default, but no NULL either; an ENUM is none of its words then. */
static void fill_defaults(struct loader *l, int section, void *at)
{
	for (size_t i = 0; i < settings_len; i++) {
		const struct setting *s = &settings[i];
		struct err err = ERR_INIT;
		void *field = (char *)at + s->offset;
		if ((int)s->section != section)
			continue;
		if (s->row.otherwise)
			setting_parse(s, s->row.otherwise, &l->config->arena, field, &err);
		else if (s->type == SETTING_STRING || s->type == SETTING_TEXT || s->type == SETTING_QUERY)
			*(const char **)field = "";
		else if (s->type == SETTING_ENUM)
			*(int *)field = -1;
		else if (s->type == SETTING_ESCALATE)
			*(struct config_escalation *)field = (struct config_escalation){CONFIG_ESCALATE_WEBHOOK, ""};
	}
}

static bool is_secret(const char *key)
{
	static const char *const keys[] = {
	        "token", "access_token", "refresh_token", "client_secret", "secret", "password"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (str_ieq(key, keys[i]))
			return true;
	}
	return false;
}

static void unknown_key(struct loader *l, int section, const struct ini_section *in, const struct ini_entry *entry)
{
	const char *known[SETTINGS_MAX];
	size_t count = 0;
	struct str list = STR_INIT;
	if (is_secret(entry->key)) {
		problems_error(l->problems, l->file, entry->line,
		        "found %.20s, which is a secret and does not belong here; expected it in %s/credentials.conf "
		        "under "
		        "[%s %s], or a %s_command",
		        entry->key, l->config->secrets_dir, in->kind, in->name,
		        section == SECTION_TEAM ? "secret" : "token");
		return;
	}
	for (size_t i = 0; i < settings_len && count < SETTINGS_MAX; i++) {
		if ((int)settings[i].section != section)
			continue;
		str_addf(&list, "%s%s", count ? ", " : "", settings[i].row.key);
		known[count++] = settings[i].row.key;
	}
	const char *meant = suggest_word(entry->key, known, count);
	if (meant)
		problems_error(l->problems, l->file, entry->line, "found %.60s, no setting of [%s]; did you mean %s?",
		        entry->key, in->kind, meant);
	else
		problems_error(l->problems, l->file, entry->line, "found %.60s, no setting of [%s]; expected one of %s",
		        entry->key, in->kind, list.p);
	str_release(&list);
}

static void read_entry(struct loader *l, const struct setting *setting, const struct ini_entry *entry, void *at)
{
	struct err err = ERR_INIT;
	int rc;
	if (!*entry->value && !setting->row.otherwise)
		rc = err_set(&err, ERR_CONFIG, "found nothing, expected %s", setting->row.help);
	else if (!*entry->value)
		rc = setting_parse(
		        setting, setting->row.otherwise, &l->config->arena, (char *)at + setting->offset, &err);
	else
		rc = setting_parse(setting, entry->value, &l->config->arena, (char *)at + setting->offset, &err);
	if (rc < 0)
		problems_error(l->problems, l->file, entry->line, "%s: %s", setting->row.key, err.text);
}

static void read_entries(struct loader *l, int section, const struct ini_section *in, void *at)
{
	int line_of[SETTINGS_MAX] = {0};
	for (size_t i = 0; i < in->entries.len; i++) {
		const struct ini_entry *entry = &in->entries.at[i];
		const struct setting *setting = find_setting(section, entry->key);
		if (!setting) {
			unknown_key(l, section, in, entry);
			continue;
		}
		int *line = &line_of[setting - settings];
		if (*line)
			problems_error(l->problems, l->file, entry->line,
			        "found %s again (first in line %d), expected it once", entry->key, *line);
		else
			read_entry(l, setting, entry, at);
		*line = *line ? *line : entry->line;
	}
	for (size_t i = 0; i < settings_len; i++) {
		if ((int)settings[i].section == section && !settings[i].row.otherwise && !line_of[i])
			problems_error(l->problems, l->file, in->line, "found [%s %s] without %s, expected %s = %s",
			        in->kind, in->name, settings[i].row.key, settings[i].row.key, settings[i].row.help);
	}
}

static bool check_name(struct loader *l, int section, const struct ini_section *in)
{
	const struct section_spec *spec = &specs[section];
	if (spec->naming == NAMED_NOT && *in->name) {
		problems_error(l->problems, l->file, in->line, "found [%s %s], expected [%s] without a name", in->kind,
		        in->name, in->kind);
		return false;
	}
	if (spec->naming != NAMED_NOT && !*in->name) {
		problems_error(l->problems, l->file, in->line, "found [%s], expected a name too, like %s", in->kind,
		        spec->example);
		return false;
	}
	if (spec->naming == NAMED_WORD && !config_is_name(in->name)) {
		problems_error(l->problems, l->file, in->line,
		        "found the name \"%s\", expected letters, digits, \".\", \"_\" and \"-\", like %s", in->name,
		        spec->example);
		return false;
	}
	return true;
}

static void read_section(struct loader *l, const struct ini *ini, size_t index)
{
	const struct ini_section *in = &ini->sections.at[index];
	int section = section_of(in->kind);
	if (section < 0) {
		const char *known[SECTION_COUNT];
		for (int i = 0; i < SECTION_COUNT; i++)
			known[i] = specs[i].kind;
		const char *meant = suggest_word(in->kind, known, SECTION_COUNT);
		problems_error(l->problems, l->file, in->line,
		        "found [%s], expected desk, account, team, view, canned or macro%s%s%s", in->kind,
		        meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
		return;
	}
	if (!check_name(l, section, in))
		return;
	for (size_t i = 0; i < index; i++) {
		const struct ini_section *before = &ini->sections.at[i];
		if (str_eq(before->kind, in->kind) && str_eq(before->name, in->name)) {
			problems_error(l->problems, l->file, in->line,
			        "found [%s%s%s] again (first in line %d), expected it once", in->kind,
			        *in->name ? " " : "", in->name, before->line);
			return;
		}
	}
	if (section == SECTION_DESK) {
		read_entries(l, section, in, &l->config->desk);
		return;
	}
	struct named *at = element(l->config, section, (*element_count(l->config, section))++);
	at->name = in->name;
	at->line = in->line;
	fill_defaults(l, section, at);
	read_entries(l, section, in, at);
}

static void read_sections(struct loader *l, const struct ini *ini)
{
	struct config *config = l->config;
	size_t most[SECTION_COUNT] = {0};
	for (size_t i = 0; i < ini->sections.len; i++) {
		int section = section_of(ini->sections.at[i].kind);
		if (section >= 0)
			most[section]++;
	}
	config->accounts = arena_array(&config->arena, struct config_account, most[SECTION_ACCOUNT]);
	config->teams = arena_array(&config->arena, struct config_team, most[SECTION_TEAM]);
	config->views = arena_array(&config->arena, struct config_view, most[SECTION_VIEW]);
	config->canned = arena_array(&config->arena, struct config_canned, most[SECTION_CANNED]);
	config->macros = arena_array(&config->arena, struct config_macro, most[SECTION_MACRO]);
	fill_defaults(l, SECTION_DESK, &config->desk);
	for (size_t i = 0; i < ini->sections.len; i++)
		read_section(l, ini, i);
}

/* --- what one setting alone cannot tell */

static void check_accounts(struct loader *l)
{
	for (size_t i = 0; i < l->config->accounts_len; i++) {
		const struct config_account *account = &l->config->accounts[i];
		const char *missing = NULL;
		if (account->network == CONFIG_NETWORK_MASTODON && !*account->server)
			missing = "server = https://…";
		else if (account->network == CONFIG_NETWORK_ADAPTER && !*account->command)
			missing = "command = the adapter to run";
		if (missing)
			problems_error(l->problems, l->file, account->line,
			        "found [account %s] on %s without %.*s, expected %s", account->name,
			        config_network_word(account->network), (int)strcspn(missing, " "), missing, missing);
	}
}

struct keyed {
	const char *name;
	int line;
	char key;
};

static void check_keys(struct loader *l, const char *kind, const struct keyed *sections, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct keyed *later = &sections[i];
		for (const struct keyed *first = sections; later->key && first < later; first++) {
			if (first->key != later->key)
				continue;
			problems_error(l->problems, l->file, later->line,
			        "found key %c for [%s %s], which [%s %s] has in line %d; expected a key of its own",
			        later->key, kind, later->name, kind, first->name, first->line);
			break;
		}
	}
}

static void check_all_keys(struct loader *l)
{
	struct config *config = l->config;
	struct keyed *keyed = arena_array(&config->arena, struct keyed, config->views_len + config->macros_len + 1);
	for (size_t i = 0; i < config->views_len; i++)
		keyed[i] = (struct keyed){config->views[i].name, config->views[i].line, config->views[i].key};
	check_keys(l, "view", keyed, config->views_len);
	for (size_t i = 0; i < config->macros_len; i++)
		keyed[i] = (struct keyed){config->macros[i].name, config->macros[i].line, config->macros[i].key};
	check_keys(l, "macro", keyed, config->macros_len);
}

/* --- defaults that no table can hold */

static const char *login_name(struct arena *arena)
{
	const struct passwd *user = getpwuid(getuid());
	const char *name = user ? user->pw_name : getenv("LOGNAME");
	return arena_strdup(arena, name && config_is_name(name) ? name : "agent");
}

/* "en" of en_GB.UTF-8; "" where the locale says nothing about a language. */
static const char *locale_language(struct arena *arena)
{
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *value = getenv(variables[i]);
		if (!value || !*value)
			continue;
		size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyz");
		bool language = (len == 2 || len == 3) && strchr("_.@", value[len]);
		return language ? arena_strndup(arena, value, len) : "";
	}
	return "";
}

static void fill_desk(struct config *config)
{
	struct config_desk *desk = &config->desk;
	if (!*desk->agent)
		desk->agent = login_name(&config->arena);
	if (!*desk->language)
		desk->language = locale_language(&config->arena);
	memcpy(desk->hours.holiday, desk->holidays.holiday, sizeof desk->hours.holiday);
	desk->hours.holidays = desk->holidays.holidays;
}

static void fill_views(struct config *config)
{
	size_t count = sizeof default_views / sizeof *default_views;
	if (config->views_len)
		return;
	config->views = arena_array(&config->arena, struct config_view, count);
	config->views_len = count;
	for (size_t i = 0; i < count; i++) {
		config->views[i].name = default_views[i].name;
		config->views[i].query = default_views[i].query;
		config->views[i].key = default_views[i].key;
	}
}

/* --- loading */

static void set_file(struct config *config, const char *file)
{
	char *dir = path_dirname(file), *own = path_config_dir();
	config->file = arena_strdup(&config->arena, file);
	config->dir = arena_strdup(&config->arena, dir);
	config->secrets_dir = arena_strdup(&config->arena, str_eq(file, SYSTEM_FILE) ? own : dir);
	free(own);
	free(dir);
}

static int finish(
        struct config *config, const struct ini *ini, const char *file, struct problems *problems, struct err *err)
{
	struct loader l = {config, problems, file};
	read_sections(&l, ini);
	check_accounts(&l);
	check_all_keys(&l);
	fill_desk(config);
	fill_views(config);
	return problems_result(problems, err);
}

int config_parse(const char *bytes, size_t len, const char *file, struct config *config, struct problems *problems,
        struct err *err)
{
	struct problems own = {0};
	struct ini ini = {0};
	problems = problems ? problems : &own;
	*config = (struct config){.arena = ARENA_INIT};
	set_file(config, file);
	ini_parse(bytes, len, file, &config->arena, &ini, problems);
	int rc = finish(config, &ini, file, problems, err);
	ini_release(&ini);
	problems_release(&own);
	return rc;
}

/* The path as it stands, but from the root: a courier that is started with it may stand elsewhere. */
static char *absolute(const char *path)
{
	char here[4096];
	if (*path == '/' || !getcwd(here, sizeof here))
		return mem_strdup(path);
	return path_join(here, path);
}

static int read_one(
        const char *path, struct config *config, struct ini *ini, struct problems *problems, struct err *err)
{
	char *file = absolute(path);
	set_file(config, file);
	int rc = ini_read(file, &config->arena, ini, problems, err);
	free(file);
	return rc;
}

/* The usual places. When nothing is there, config->file is "" and config->dir the user's own. */
static int read_usual(struct config *config, struct ini *ini, struct problems *problems, struct err *err)
{
	char *dir = path_config_dir();
	char *own = path_join(dir, "curlew.conf");
	int rc = read_one(own, config, ini, problems, err);
	if (rc == -ERR_NOT_FOUND)
		rc = read_one(SYSTEM_FILE, config, ini, problems, err);
	if (rc == -ERR_NOT_FOUND) {
		err_clear(err);
		set_file(config, own);
		config->file = "";
		rc = 0;
	}
	free(own);
	free(dir);
	return rc;
}

int config_load(const char *path, struct config *config, struct problems *problems, struct err *err)
{
	struct problems own = {0};
	struct err unread = ERR_INIT;
	struct ini ini = {0};
	problems = problems ? problems : &own;
	err = err ? err : &unread;
	*config = (struct config){.arena = ARENA_INIT, .file = "", .dir = ""};
	const char *named = path ? path : str_or(getenv("CURLEW_CONFIG"), NULL);
	int rc = named ? read_one(named, config, &ini, problems, err) : read_usual(config, &ini, problems, err);
	if (rc == 0)
		rc = finish(config, &ini, config->file, problems, err);
	ini_release(&ini);
	problems_release(&own);
	return rc;
}

void config_release(struct config *config)
{
	arena_release(&config->arena);
	*config = (struct config){.arena = ARENA_INIT};
}

void config_use_timezone(const struct config *config)
{
	if (*config->desk.timezone)
		setenv("TZ", config->desk.timezone, 1);
	tzset();
}

/* --- looking things up */

#define FIND(array, count, wanted)                                                                                     \
	do {                                                                                                           \
		for (size_t i = 0; i < (count); i++) {                                                                 \
			if (str_eq((array)[i].name, (wanted)))                                                         \
				return &(array)[i];                                                                    \
		}                                                                                                      \
		return NULL;                                                                                           \
	} while (0)

const struct config_account *config_account(const struct config *config, const char *name)
{
	FIND(config->accounts, config->accounts_len, name);
}

const struct config_team *config_team(const struct config *config, const char *name)
{
	FIND(config->teams, config->teams_len, name);
}

const struct config_view *config_view(const struct config *config, const char *name)
{
	FIND(config->views, config->views_len, name);
}

const struct config_canned *config_canned(const struct config *config, const char *name)
{
	FIND(config->canned, config->canned_len, name);
}

const struct config_macro *config_macro(const struct config *config, const char *name)
{
	FIND(config->macros, config->macros_len, name);
}

const char *config_network_word(int network)
{
	static const char *const words[] = {"mastodon", "bluesky", "x", "adapter"};
	return network >= 0 && (size_t)network < sizeof words / sizeof *words ? words[network] : "unknown";
}

const struct config_setting *config_setting_at(size_t i)
{
	return i < settings_len ? &settings[i].row : NULL;
}
