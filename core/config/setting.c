#include "core/config/setting.h"

#include "core/base/paths.h"
#include "core/base/timefmt.h"
#include "core/model/query.h"

#define ROW(in, struct_name, key, type_name, otherwise, accepts, help)                                                 \
	{{#in, #key, #type_name, otherwise, accepts, help}, SECTION_##struct_name, SETTING_##type_name,                \
	        offsetof(struct config_##in, key)},

const struct setting settings[] = {
#define DESK(...) ROW(desk, DESK, __VA_ARGS__)
#define ACCOUNT(...) ROW(account, ACCOUNT, __VA_ARGS__)
#define TEAM(...) ROW(team, TEAM, __VA_ARGS__)
#define VIEW(...) ROW(view, VIEW, __VA_ARGS__)
#define CANNED(...) ROW(canned, CANNED, __VA_ARGS__)
#define MACRO(...) ROW(macro, MACRO, __VA_ARGS__)
#include "core/config/settings.def"
};
const size_t settings_len = sizeof settings / sizeof *settings;

struct input {
	const struct setting *setting;
	const char *value;
	struct arena *arena;
	struct err *err;
};

static int parse_string(const struct input *in, void *field)
{
	*(const char **)field = arena_strdup(in->arena, in->value);
	return 0;
}

static int parse_name(const struct input *in, void *field)
{
	if (*in->value && !config_is_name(in->value))
		return err_set(in->err, ERR_CONFIG, "found \"%.60s\", expected letters, digits, \".\", \"_\" and \"-\"",
		        in->value);
	return parse_string(in, field);
}

static int parse_text(const struct input *in, void *field)
{
	char *out = arena_strdup(in->arena, in->value);
	size_t len = 0;
	for (const char *p = in->value; *p; p++) {
		if (*p != '\\') {
			out[len++] = *p;
			continue;
		}
		p++;
		if (*p != 'n' && *p != '\\')
			return err_set(in->err, ERR_CONFIG,
			        "found \"%.2s\", expected \\n for a new line or \\\\ for a backslash", p - 1);
		out[len++] = *p == 'n' ? '\n' : '\\';
	}
	out[len] = '\0';
	*(const char **)field = out;
	return 0;
}

static int parse_zone(const struct input *in, void *field)
{
	const char *name = in->value;
	if (*name) {
		/* A name from the zone database and no path out of it. */
		char *path = path_join("/usr/share/zoneinfo", name);
		bool known = *name != '/' && *name != '~' && *name != '.' && !strstr(name, "..") && path_exists(path);
		free(path);
		if (!known)
			return err_set(in->err, ERR_CONFIG,
			        "found \"%.60s\", expected the name of a time zone, like Europe/Paris or UTC", name);
	}
	return parse_string(in, field);
}

static int parse_url(const struct input *in, void *field)
{
	char *url = arena_strdup(in->arena, in->value);
	if (*url) {
		int rc = setting_check_url(url, false, in->err);
		if (rc < 0)
			return rc;
	}
	for (size_t len = strlen(url); len && url[len - 1] == '/'; len--)
		url[len - 1] = '\0';
	*(const char **)field = url;
	return 0;
}

/* Kept as text, since `me` is known later; parsed here so that a mistake is told with its line. */
static int parse_query(const struct input *in, void *field)
{
	const struct query *query;
	size_t at = 0;
	int rc = query_parse(in->value, "me", in->arena, &query, &at, in->err);
	return rc < 0 ? rc : parse_string(in, field);
}

/* "1m..4w" */
static void split_range(const char *accepts, char least[16], char most[16])
{
	const char *dots = strstr(accepts, "..");
	snprintf(least, 16, "%.*s", (int)(dots - accepts), accepts);
	snprintf(most, 16, "%s", dots + 2);
}

static int parse_duration(const struct input *in, void *field)
{
	char least[16], most[16];
	int64_t ms, least_ms = 0, most_ms = 0;
	split_range(in->setting->row.accepts, least, most);
	duration_parse(least, &least_ms);
	duration_parse(most, &most_ms);
	if (!duration_parse(in->value, &ms) || ms < least_ms || ms > most_ms)
		return err_set(in->err, ERR_CONFIG, "found \"%.60s\", expected a duration from %s to %s, like %s",
		        in->value, least, most, in->setting->row.otherwise);
	*(int64_t *)field = ms;
	return 0;
}

static int parse_int(const struct input *in, void *field)
{
	char least[16], most[16];
	int64_t n, least_n = 0, most_n = 0;
	split_range(in->setting->row.accepts, least, most);
	parse_i64(least, &least_n);
	parse_i64(most, &most_n);
	if (!parse_i64(in->value, &n) || n < least_n || n > most_n)
		return err_set(in->err, ERR_CONFIG, "found \"%.60s\", expected a whole number from %s to %s", in->value,
		        least, most);
	*(int64_t *)field = n;
	return 0;
}

/* "a|b|c" as "a, b or c"; and where in it a word stands. */
static int word_index(const char *words, const char *word)
{
	size_t len = strlen(word);
	int index = 0;
	for (const char *p = words;; p++, index++) {
		size_t n = strcspn(p, "|");
		if (n == len && memcmp(p, word, n) == 0)
			return index;
		p += n;
		if (!*p)
			return -1;
	}
}

static void list_words(const char *words, struct str *out)
{
	for (const char *p = words; *p; p++) {
		if (*p != '|')
			str_addc(out, *p);
		else
			str_adds(out, strchr(p + 1, '|') ? ", " : " or ");
	}
}

static const char *suggest_among(const char *words, const char *word, struct arena *arena)
{
	const char *list[16];
	size_t count = 0;
	char *rest = NULL;
	for (char *p = strtok_r(arena_strdup(arena, words), "|", &rest); p && count < 16;
	        p = strtok_r(NULL, "|", &rest))
		list[count++] = p;
	return suggest_word(word, list, count);
}

static int parse_enum(const struct input *in, void *field)
{
	const char *words = in->setting->row.accepts;
	int index = word_index(words, in->value);
	if (index >= 0) {
		*(int *)field = index;
		return 0;
	}
	struct str expected = STR_INIT;
	list_words(words, &expected);
	const char *meant = suggest_among(words, in->value, in->arena);
	int rc = err_set(in->err, ERR_CONFIG, "found \"%.60s\", expected %s%s%s%s", in->value, expected.p,
	        meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	str_release(&expected);
	return rc;
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* One item, quoted or not; *p is moved behind it. NULL on error. */
static const char *list_item(const struct input *in, const char **p)
{
	const char *start = *p;
	if (*start == '"') {
		const char *close = strchr(start + 1, '"');
		if (!close) {
			err_set(in->err, ERR_CONFIG, "found %.60s, expected a closing quote", start);
			return NULL;
		}
		*p = skip_blanks(close + 1);
		return arena_strndup(in->arena, start + 1, (size_t)(close - start - 1));
	}
	size_t len = strcspn(start, ",\"");
	*p = start + len;
	while (len && (start[len - 1] == ' ' || start[len - 1] == '\t'))
		len--;
	return arena_strndup(in->arena, start, len);
}

static int parse_list(const struct input *in, void *field)
{
	struct config_list list = {NULL, 0};
	const char *p = skip_blanks(in->value);
	size_t most = 1;
	for (const char *c = p; *c; c++)
		most += *c == ',';
	const char **items = arena_array(in->arena, const char *, most);
	while (*p) {
		const char *item = list_item(in, &p);
		if (!item)
			return -ERR_CONFIG;
		if (!*item)
			return err_set(in->err, ERR_CONFIG, "found an empty item, expected words with commas between");
		if (*p && *p != ',')
			return err_set(in->err, ERR_CONFIG, "found \"%.60s\", expected a comma or the end", p);
		items[list.len++] = item;
		if (*p == ',' && !*(p = skip_blanks(p + 1)))
			return err_set(in->err, ERR_CONFIG, "found a comma at the end, expected another item");
	}
	list.at = items;
	*(struct config_list *)field = list;
	return 0;
}

static int parse_hours(const struct input *in, void *field)
{
	struct hours hours = {.limited = false};
	int rc = hours_parse(in->value, &hours, in->err);
	if (rc == 0 && in->setting->row.accepts && str_ieq(in->value, "never"))
		return err_set(in->err, ERR_CONFIG, "found never, expected some hours in which somebody works");
	if (rc == 0)
		*(struct hours *)field = hours;
	return rc;
}

static int parse_holidays(const struct input *in, void *field)
{
	struct hours hours = {.limited = false};
	int rc = hours_parse_holidays(in->value, &hours, in->err);
	if (rc == 0)
		*(struct hours *)field = hours;
	return rc;
}

static int parse_date(const struct input *in, void *field)
{
	struct config_date date = {0, 0, 0};
	int64_t noon;
	if (*in->value) {
		/* A day that exists, whatever the zone. */
		const char *instant = arena_printf(in->arena, "%sT12:00:00Z", in->value);
		if (strlen(in->value) != strlen("2026-12-24") || !time_parse_rfc3339(instant, &noon))
			return err_set(
			        in->err, ERR_CONFIG, "found \"%.60s\", expected a day like 2026-12-24", in->value);
		date = (struct config_date){(int)strtol(in->value, NULL, 10), (int)strtol(in->value + 5, NULL, 10),
		        (int)strtol(in->value + 8, NULL, 10)};
	}
	*(struct config_date *)field = date;
	return 0;
}

static int parse_store(const struct input *in, void *field)
{
	/* A PostgreSQL URI may hold a password: it is not repeated. */
	if (str_starts(in->value, "postgresql:") || str_starts(in->value, "postgres:"))
		return err_set(in->err, ERR_CONFIG,
		        "found a PostgreSQL store, expected sqlite:PATH: this version of curlew keeps cases in SQLite "
		        "only, on one host");
	const char *name = in->value + strlen("sqlite:");
	if (!str_starts(in->value, "sqlite:") || !*name || str_ends(name, "/"))
		return err_set(
		        in->err, ERR_CONFIG, "found \"%.60s\", expected sqlite:PATH, like sqlite:desk.db", in->value);
	char *dir = path_data_dir();
	char *path = path_join(dir, name);
	*(struct config_store *)field = (struct config_store){arena_strdup(in->arena, path), *name == '/'};
	free(path);
	free(dir);
	return 0;
}

static int parse_escalate(const struct input *in, void *field)
{
	size_t len = strcspn(in->value, " \t");
	char *word = arena_strndup(in->arena, in->value, len);
	const char *to = skip_blanks(in->value + len);
	int how = word_index("webhook|mail|command", word);
	if (how < 0 || !*to)
		return err_set(in->err, ERR_CONFIG,
		        "found \"%.60s\", expected webhook URL, mail ADDRESS or command COMMAND", in->value);
	int rc = 0;
	if (how == CONFIG_ESCALATE_WEBHOOK)
		rc = setting_check_url(to, true, in->err);
	else if (how == CONFIG_ESCALATE_MAIL && !config_is_address(to))
		rc = err_set(in->err, ERR_CONFIG, "found \"%.60s\", expected an address like team@host.example", to);
	if (rc == 0)
		*(struct config_escalation *)field =
		        (struct config_escalation){(enum config_escalate)how, arena_strdup(in->arena, to)};
	return rc;
}

static int parse_key(const struct input *in, void *field)
{
	char c = in->value[0];
	bool good = !c || ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
	if (!good || (c && in->value[1]))
		return err_set(in->err, ERR_CONFIG, "found \"%.60s\", expected one letter or digit", in->value);
	*(char *)field = c;
	return 0;
}

static int parse_keep(const struct input *in, void *field)
{
	static const char keep[] = "keep";
	int64_t ms = CONFIG_KEEP_FOR_EVER;
	const char *rest = in->value + strlen(keep);
	bool good = str_eq(in->value, "drop") || str_eq(in->value, keep);
	if (str_eq(in->value, "drop"))
		ms = 0;
	else if (!good && str_starts(in->value, keep) && (*rest == ' ' || *rest == '\t'))
		good = duration_parse(skip_blanks(rest), &ms);
	if (!good)
		return err_set(in->err, ERR_CONFIG,
		        "found \"%.60s\", expected drop, keep, or keep and a duration, like keep 24h", in->value);
	*(int64_t *)field = ms;
	return 0;
}

int setting_parse(const struct setting *setting, const char *value, struct arena *arena, void *field, struct err *err)
{
	static int (*const parsers[SETTING_TYPES])(const struct input *, void *) = {
	        [SETTING_STRING] = parse_string,
	        [SETTING_NAME] = parse_name,
	        [SETTING_TEXT] = parse_text,
	        [SETTING_COMMAND] = parse_string,
	        [SETTING_ZONE] = parse_zone,
	        [SETTING_QUERY] = parse_query,
	        [SETTING_URL] = parse_url,
	        [SETTING_DURATION] = parse_duration,
	        [SETTING_INT] = parse_int,
	        [SETTING_ENUM] = parse_enum,
	        [SETTING_LIST] = parse_list,
	        [SETTING_HOURS] = parse_hours,
	        [SETTING_HOLIDAYS] = parse_holidays,
	        [SETTING_DATE] = parse_date,
	        [SETTING_STORE] = parse_store,
	        [SETTING_ESCALATE] = parse_escalate,
	        [SETTING_KEY] = parse_key,
	        [SETTING_KEEP] = parse_keep,
	};
	struct input in = {setting, value, arena, err};
	return parsers[setting->type](&in, field);
}
