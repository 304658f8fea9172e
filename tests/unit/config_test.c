#include "core/base/str.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/config/config.h"
#include "core/config/setting.h"
#include "core/model/query.h"
#include "core/network/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct config config;
	struct problems problems;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	*state = f;
	setenv("XDG_DATA_HOME", "/data", 1);
	setenv("LC_ALL", "en_GB.UTF-8", 1);
	unsetenv("CURLEW_CONFIG");
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	config_release(&f->config);
	problems_release(&f->problems);
	free(f);
	return 0;
}

static int parse(struct fixture *f, const char *text)
{
	config_release(&f->config);
	problems_release(&f->problems);
	err_clear(&f->err);
	return config_parse(text, strlen(text), "/etc/curlew/t.conf", &f->config, &f->problems, &f->err);
}

static void parse_well(struct fixture *f, const char *text)
{
	if (parse(f, text) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(f->problems.len, 0);
}

/* The example that is installed, as it stands, and with any one and with all of its settings that are commented out. */
static void the_example_is_read_with_each_of_its_settings(void **state)
{
	struct fixture *f = *state;
	struct str text = STR_INIT;
	assert_int_equal(file_read("man/curlew.conf", &text, &f->err), 0);
	parse_well(f, text.p);
	for (char *at = text.p; (at = strstr(at, "\n#")); at++) {
		if (at[2] == ' ')
			continue;
		at[1] = ' ';
		parse_well(f, text.p);
		at[1] = '#';
	}
	for (char *at = text.p; (at = strstr(at, "\n#")); at++)
		if (at[2] != ' ')
			at[1] = ' ';
	parse_well(f, text.p);
	str_release(&text);
}

/* "# help", then the setting, in a section of its kind. */
static void the_example_has_each_setting_under_its_help(void **state)
{
	struct fixture *f = *state;
	struct str text = STR_INIT, line = STR_INIT;
	assert_int_equal(file_read("man/curlew.conf", &text, &f->err), 0);
	const struct config_setting *row;
	for (size_t i = 0; (row = config_setting_at(i)); i++) {
		bool there = false;
		str_clear(&line);
		str_addf(&line, "\n# %s\n", row->help);
		for (const char *at = text.p; !there && (at = strstr(at, line.p)); at++) {
			const char *set = at + line.len + (at[line.len] == '#');
			size_t len = strlen(row->key);
			const char *section = at;
			while (section > text.p && !(section[0] == '[' && section[-1] == '\n'))
				section--;
			there = strncmp(set, row->key, len) == 0 && str_starts(set + len, " = ") &&
			        str_starts(section + 1, row->section);
		}
		if (!there)
			fail_msg("man/curlew.conf: [%s] has no %s under \"# %s\"", row->section, row->key, row->help);
	}
	str_release(&text);
	str_release(&line);
}

static void the_example_of_the_manual_is_read(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "[desk]\n"
	              "# default: the login name\n"
	              "agent = alice\n"
	              "store = sqlite:desk.db\n"
	              "keymap = default\n"
	              "first_reply = 20m\n"
	              "undo_window = 20s\n"
	              "\n"
	              "[account acme]\n"
	              "network = mastodon\n"
	              "server = https://mastodon.example/\n"
	              "handle = @acme\n"
	              "token_command = pass show curlew/acme\n"
	              "first_fetch = 500\n"
	              "listen = \"acme corp\", #acme\n"
	              "[team billing]\n"
	              "escalate = webhook https://desk.example/hook\n"
	              "[canned thanks]\n"
	              "text = {customer}, thank you! {note?}\n");
	assert_string_equal(f->config.desk.agent, "alice");
	assert_string_equal(f->config.desk.store.path, "/data/curlew/desk.db");
	assert_false(f->config.desk.store.shared);
	assert_int_equal(f->config.desk.first_reply, 20 * 60 * 1000);
	assert_int_equal(f->config.desk.undo_window, 20 * 1000);
	const struct config_account *acme = config_account(&f->config, "acme");
	assert_non_null(acme);
	assert_int_equal(acme->network, CONFIG_NETWORK_MASTODON);
	assert_string_equal(acme->server, "https://mastodon.example");
	assert_string_equal(acme->token_command, "pass show curlew/acme");
	assert_int_equal(acme->first_fetch, 500);
	assert_int_equal(acme->listen.len, 2);
	assert_string_equal(acme->listen.at[0], "acme corp");
	assert_string_equal(acme->listen.at[1], "#acme");
	assert_int_equal(config_team(&f->config, "billing")->escalate.how, CONFIG_ESCALATE_WEBHOOK);
	assert_string_equal(config_team(&f->config, "billing")->escalate.to, "https://desk.example/hook");
	assert_string_equal(config_canned(&f->config, "thanks")->text, "{customer}, thank you! {note?}");
	assert_null(config_account(&f->config, "Acme"));
}

static void an_empty_file_gives_every_default(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "");
	assert_true(config_is_name(f->config.desk.agent));
	assert_string_equal(f->config.desk.keymap, "default");
	assert_string_equal(f->config.desk.language, "en");
	assert_int_equal(f->config.desk.next_reply, 4 * 3600 * 1000);
	assert_int_equal(f->config.desk.layout, CONFIG_LAYOUT_AUTO);
	assert_int_equal(f->config.desk.after_send, CONFIG_AFTER_SEND_NEXT);
	assert_false(f->config.desk.hours.limited);
	assert_true(f->config.desk.quiet_hours.limited);
	assert_int_equal(f->config.accounts_len, 0);
	assert_string_equal(f->config.dir, "/etc/curlew");
}

static void no_string_of_a_configuration_is_null(void **state)
{
	struct fixture *f = *state;
	parse(f, "[account a]\n[team t]\n[view v]\n[canned c]\n[macro m]\n");
	assert_non_null(f->config.accounts[0].server);
	assert_non_null(f->config.accounts[0].signature);
	assert_non_null(f->config.teams[0].escalate.to);
	assert_non_null(f->config.views[0].query);
	assert_non_null(f->config.canned[0].text);
	assert_non_null(f->config.macros[0].commands);
	assert_int_equal(f->problems.len, 5);
}

static void the_usual_views_are_there_until_one_is_configured(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "");
	assert_int_equal(f->config.views_len, 6);
	assert_string_equal(f->config.views[0].name, "needs reply");
	assert_string_equal(f->config.views[0].query, "is:needs-reply");
	assert_int_equal(f->config.views[0].key, 'i');
	assert_non_null(config_view(&f->config, "outbox"));
	parse_well(f, "[view late  ones]\nquery = late\nkey = l\n");
	assert_int_equal(f->config.views_len, 1);
	assert_string_equal(f->config.views[0].name, "late ones");
}

static void the_words_of_enums_have_the_order_of_their_names(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "[desk]\nlayout = rows\nafter_send = done\nalarms = none\n"
	              "[account b]\nnetwork = bluesky\n[account x]\nnetwork = x\n"
	              "[account p]\nnetwork = adapter\ncommand = /opt/feed\n"
	              "[team m]\nescalate = mail team@host.example\n[team c]\nescalate = command  notify  --all\n");
	assert_int_equal(f->config.desk.layout, CONFIG_LAYOUT_ROWS);
	assert_int_equal(f->config.desk.after_send, CONFIG_AFTER_SEND_DONE);
	assert_int_equal(f->config.desk.alarms, CONFIG_ALARMS_NONE);
	assert_int_equal(f->config.accounts[0].network, CONFIG_NETWORK_BLUESKY);
	assert_int_equal(f->config.accounts[1].network, CONFIG_NETWORK_X);
	assert_int_equal(f->config.accounts[2].network, CONFIG_NETWORK_ADAPTER);
	assert_string_equal(config_network_word(f->config.accounts[2].network), "adapter");
	assert_int_equal(f->config.teams[0].escalate.how, CONFIG_ESCALATE_MAIL);
	assert_int_equal(f->config.teams[1].escalate.how, CONFIG_ESCALATE_COMMAND);
	assert_string_equal(f->config.teams[1].escalate.to, "notify  --all");
}

static void plain_http_is_for_this_machine(void **state)
{
	struct fixture *f = *state;
	static const char *const good[] = {"http://localhost", "http://127.0.0.1:3000", "http://[::1]:80/x",
	        "http://127.8.9.1", "HTTPS://mastodon.example", "https://mastodon.example:8443/base"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (setting_check_url(good[i], false, &f->err) < 0)
			fail_msg("%s: %s", good[i], f->err.text);
	}
	static const char *const bad[] = {"http://mastodon.example", "http://localhost.example", "http://128.0.0.1",
	        "http://127.0.0.1.example", "http://[::2]", "ftp://host", "mastodon.example", "https://", "https:///x",
	        "https://user:word@host", "https://host:0", "https://host:70000", "https://host:", "https://host:8x",
	        "https://host/a b", "https://host/#x", "https://host/?q", "https://h\xc3\xb6st/", "https://[::1",
	        "https://[nonsense]/", "https://host_name\\x", "http://127.0.0.1@evil.example/"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (setting_check_url(bad[i], false, &f->err) == 0)
			fail_msg("%s was taken", bad[i]);
		assert_non_null(strstr(f->err.text, "expected"));
	}
	assert_int_equal(setting_check_url("https://host/hook?key=1", true, &f->err), 0);
}

static void deleted_posts_are_kept_for_a_time_for_ever_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	static const char account[] = "[account acme]\nnetwork = mastodon\nserver = https://mastodon.example\n";
	static const struct {
		const char *line;
		int64_t ms;
	} rows[] = {{"", 24 * 3600 * 1000}, {"deleted_posts = drop\n", 0},
	        {"deleted_posts = keep\n", CONFIG_KEEP_FOR_EVER}, {"deleted_posts = keep 2d\n", 48 * 3600 * 1000}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str text = STR_INIT;
		str_addf(&text, "%s%s", account, rows[i].line);
		parse_well(f, text.p);
		assert_true(f->config.accounts[0].deleted_posts == rows[i].ms);
		str_release(&text);
	}
}

static void a_new_line_in_a_text_is_written_backslash_n(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "[canned a]\ntext = one\\n\\\n  two \\\\n\n");
	assert_string_equal(f->config.canned[0].text, "one\ntwo \\n");
}

static void a_store_with_a_path_of_its_own_is_shared(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "[desk]\nstore = sqlite:/srv/curlew/desk.db\n");
	assert_string_equal(f->config.desk.store.path, "/srv/curlew/desk.db");
	assert_true(f->config.desk.store.shared);
}

static void holidays_are_part_of_the_desk_hours(void **state)
{
	struct fixture *f = *state;
	setenv("TZ", "UTC", 1);
	parse_well(f, "[desk]\nhours = mon-fri 09:00-17:00\nholidays = 01-01\n");
	assert_true(hours_open_at(&f->config.desk.hours, INT64_C(1767344400000)));  /* 2026-01-02 09:00 */
	assert_false(hours_open_at(&f->config.desk.hours, INT64_C(1767258000000))); /* 2026-01-01 09:00 */
}

static void every_mistake_is_told_with_its_place_and_what_was_expected(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text, *problem;
	} cases[] = {
	        {"[dsek]\n",
	                "1: found [dsek], expected desk, account, team, view, canned or macro; did you mean desk?"},
	        {"[nonsense]\n", "1: found [nonsense], expected desk, account, team, view, canned or macro"},
	        {"[desk x]\n", "1: found [desk x], expected [desk] without a name"},
	        {"[account]\n", "1: found [account], expected a name too, like [account acme]"},
	        {"[team a b]\nescalate = mail a@b\n", "1: found the name \"a b\", expected letters, digits, \".\", "
	                                              "\"_\" and \"-\", like [team billing]"},
	        {"[desk]\n[view x]\nquery = late\n[desk]\n",
	                "4: found [desk] again (first in line 1), expected it once"},
	        {"[view x]\nquery = late\n[view  x]\nquery = late\n",
	                "3: found [view x] again (first in line 1), expected it once"},
	        {"[desk]\nagnet = alice\n", "2: found agnet, no setting of [desk]; did you mean agent?"},
	        {"[canned a]\ntext = x\nzzzzzz = 1\n", "3: found zzzzzz, no setting of [canned]; expected one of text, "
	                                               "accounts, languages, valid_from, valid_until"},
	        {"[desk]\nagent = a\nagent = b\n", "3: found agent again (first in line 2), expected it once"},
	        {"[account a]\nnetwork = mastodon\nserver = https://a.example\ndeleted_posts = keep long\n",
	                "4: deleted_posts: found \"keep long\", expected drop, keep, or "
	                "keep and a duration, like keep 24h"},
	        {"[desk]\nfirst_reply = 20\n",
	                "2: first_reply: found \"20\", expected a duration from 1m to 4w, like 20m"},
	        {"[desk]\nfirst_reply = 10s\n",
	                "2: first_reply: found \"10s\", expected a duration from 1m to 4w, like 20m"},
	        {"[desk]\nlayout = colums\n",
	                "2: layout: found \"colums\", expected auto, columns or rows; did you mean columns?"},
	        {"[desk]\nlayout = auto|columns\n",
	                "2: layout: found \"auto|columns\", expected auto, columns or rows"},
	        {"[desk]\nagent = al ice\n",
	                "2: agent: found \"al ice\", expected letters, digits, \".\", \"_\" and \"-\""},
	        {"[desk]\nkeymap = ../x\n",
	                "2: keymap: found \"../x\", expected letters, digits, \".\", \"_\" and \"-\""},
	        {"[desk]\nstore = postgresql://alice:word@db/curlew\n",
	                "2: store: found a PostgreSQL store, expected sqlite:PATH: this version of curlew keeps cases "
	                "in "
	                "SQLite only, on one host"},
	        {"[desk]\nstore = desk.db\n", "2: store: found \"desk.db\", expected sqlite:PATH, like sqlite:desk.db"},
	        {"[desk]\ntimezone = Mars/Olympus\n", "2: timezone: found \"Mars/Olympus\", expected the name of a "
	                                              "time zone, like Europe/Paris or UTC"},
	        {"[desk]\ntimezone = ../../passwd\n", "2: timezone: found \"../../passwd\", expected the name of a "
	                                              "time zone, like Europe/Paris or UTC"},
	        {"[desk]\nhours = never\n", "2: hours: found never, expected some hours in which somebody works"},
	        {"[desk]\nhours = mon 9-5\n", "2: hours: found \"9-5\", expected two times of day like 09:00-18:00"},
	        {"[account a]\nhandle = @a\n",
	                "1: found [account a] without network, expected network = the network it is on"},
	        {"[account a]\nnetwork = mastodon\n",
	                "1: found [account a] on mastodon without server, expected server = https://…"},
	        {"[account a]\nnetwork = adapter\n",
	                "1: found [account a] on adapter without command, expected command = the adapter to run"},
	        {"[account a]\nnetwork = x\nfirst_fetch = 9999999999999999999\n",
	                "3: first_fetch: found \"9999999999999999999\", expected a whole number from 0 to 5000"},
	        {"[account a]\nnetwork = x\nlisten = a,,b\n",
	                "3: listen: found an empty item, expected words with commas between"},
	        {"[account a]\nnetwork = x\nlisten = \"a\n", "3: listen: found \"a, expected a closing quote"},
	        {"[account a]\nnetwork = x\nlisten = \"a\" b\n", "3: listen: found \"b\", expected a comma or the end"},
	        {"[account a]\nnetwork = x\nlisten = a,\n",
	                "3: listen: found a comma at the end, expected another item"},
	        {"[account a]\nnetwork = x\ntoken = hunter2\n",
	                "3: found token, which is a secret and does not belong here; expected it in "
	                "/etc/curlew/credentials.conf under [account a], or a token_command"},
	        {"[team a]\nescalate = mail a@b\nsecret = whsec_x\n",
	                "3: found secret, which is a secret and does not belong here; expected it in "
	                "/etc/curlew/credentials.conf under [team a], or a secret_command"},
	        {"[team a]\nescalate = pigeon home\n",
	                "2: escalate: found \"pigeon home\", expected webhook URL, mail ADDRESS or command COMMAND"},
	        {"[team a]\nescalate = webhook http://desk.example/\n",
	                "2: escalate: found \"http://desk.example/\", expected https://: plain http is for this "
	                "machine "
	                "alone (localhost, 127.0.0.1, [::1])"},
	        {"[team a]\nescalate = mail -oQ/tmp@x\n",
	                "2: escalate: found \"-oQ/tmp@x\", expected an address like team@host.example"},
	        {"[team a]\nescalate = mail all:team@host.example\n",
	                "2: escalate: found \"all:team@host.example\", expected an address like team@host.example"},
	        {"[team a]\nescalate = mail team(us)@[::1]\n",
	                "2: escalate: found \"team(us)@[::1]\", expected an address like team@host.example"},
	        {"[view a]\nquery =\n", "2: query: found nothing, expected which cases; see QUERIES in curlew(1)"},
	        {"[view a]\nquery = late\nkey = ab\n", "3: key: found \"ab\", expected one letter or digit"},
	        {"[view a]\nquery = late\nkey = x\n[view b]\nquery = done\nkey = x\n",
	                "4: found key x for [view b], which [view a] has in line 1; expected a key of its own"},
	        {"[canned a]\ntext = a\nvalid_from = 2026-02-30\n",
	                "3: valid_from: found \"2026-02-30\", expected a day like 2026-12-24"},
	        {"[canned a]\ntext = a\nvalid_until = tomorrow\n",
	                "3: valid_until: found \"tomorrow\", expected a day like 2026-12-24"},
	        {"[canned a]\ntext = a\\tb\n",
	                "2: text: found \"\\t\", expected \\n for a new line or \\\\ for a backslash"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str found = STR_INIT;
		assert_int_equal(parse(f, cases[i].text), -ERR_CONFIG);
		problem_format(&f->problems.at[0], &found);
		if (strcmp(found.p + strlen("/etc/curlew/t.conf:"), cases[i].problem) != 0)
			fail_msg("%s gives\n %s", cases[i].text, found.p);
		assert_int_equal(f->problems.len, 1);
		str_release(&found);
	}
}

static void a_query_is_checked_where_it_stands(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(parse(f, "[view a]\nkey = x\nquery = colour:red\n"), -ERR_CONFIG);
	assert_int_equal(f->problems.len, 1);
	assert_int_equal(f->problems.at[0].line, 3);
	assert_true(str_starts(f->problems.at[0].text, "query: found \"colour:"));
}

static void the_queries_of_the_usual_views_are_queries(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "");
	for (size_t i = 0; i < f->config.views_len; i++) {
		const struct query *query;
		size_t at;
		if (query_parse(f->config.views[i].query, "alice", &f->config.arena, &query, &at, &f->err) < 0)
			fail_msg("%s: %s", f->config.views[i].name, f->err.text);
	}
}

static void all_mistakes_are_told_at_once(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(
	        parse(f, "[desk]\nlayout = x\nkeymap\n[account a]\nnetwork = tin cans\n[what]\n"), -ERR_CONFIG);
	assert_int_equal(f->problems.errors, 4);
	assert_string_equal(f->err.text, "/etc/curlew/t.conf:3: found \"keymap\", expected key = value (and 3 more)");
}

static void a_secret_is_never_repeated_in_an_error(void **state)
{
	struct fixture *f = *state;
	parse(f, "[desk]\nstore = postgresql://alice:hunter2@db/x\n[account a]\nnetwork = x\ntoken = hunter2\n"
	         "server = https://alice:hunter2@host\n");
	assert_int_equal(f->problems.len, 3);
	for (size_t i = 0; i < f->problems.len; i++)
		assert_null(strstr(f->problems.at[i].text, "hunter2"));
}

static void a_long_wrong_value_is_cut_in_the_error(void **state)
{
	struct fixture *f = *state;
	struct str text = STR_INIT;
	str_adds(&text, "[desk]\nlayout = x");
	for (int i = 0; i < 50000; i++)
		str_adds(&text, "é");
	parse(f, text.p);
	str_release(&text);
	assert_int_equal(f->problems.len, 1);
	assert_true(strlen(f->problems.at[0].text) < 200);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* What the whole system reads, nobody writes a token beside. */
static void secrets_are_beside_the_configuration_but_for_that_of_the_whole_system(void **state)
{
	struct fixture *f = *state;
	setenv("XDG_CONFIG_HOME", "/home/curlew/.config", 1);
	assert_int_equal(config_parse("", 0, "/srv/desk.conf", &f->config, NULL, &f->err), 0);
	assert_string_equal(f->config.secrets_dir, "/srv");
	config_release(&f->config);
	assert_int_equal(config_parse("", 0, "/etc/curlew/curlew.conf", &f->config, NULL, &f->err), 0);
	assert_string_equal(f->config.dir, "/etc/curlew");
	assert_string_equal(f->config.secrets_dir, "/home/curlew/.config/curlew");
	unsetenv("XDG_CONFIG_HOME");
}

static void the_first_file_of_the_search_order_is_read(void **state)
{
	struct fixture *f = *state;
	char home[] = "/tmp/curlew-config.XXXXXX", dir[64], own[96], named[96];
	assert_non_null(mkdtemp(home));
	snprintf(dir, sizeof dir, "%s/curlew", home);
	snprintf(own, sizeof own, "%s/curlew.conf", dir);
	snprintf(named, sizeof named, "%s/named.conf", home);
	assert_int_equal(mkdir(dir, 0700), 0);
	setenv("XDG_CONFIG_HOME", home, 1);
	if (access("/etc/curlew/curlew.conf", F_OK) < 0) {
		assert_int_equal(config_load(NULL, &f->config, &f->problems, &f->err), 0);
		assert_string_equal(f->config.file, "");
		assert_string_equal(f->config.dir, dir);
		config_release(&f->config);
	}
	write_file(own, "[desk]\nagent = own\n");
	write_file(named, "[desk]\nagent = named\n");
	assert_int_equal(config_load(NULL, &f->config, &f->problems, &f->err), 0);
	assert_string_equal(f->config.file, own);
	config_release(&f->config);
	setenv("CURLEW_CONFIG", named, 1);
	assert_int_equal(config_load(NULL, &f->config, &f->problems, &f->err), 0);
	assert_string_equal(f->config.desk.agent, "named");
	config_release(&f->config);
	assert_int_equal(config_load(own, &f->config, NULL, &f->err), 0);
	assert_string_equal(f->config.desk.agent, "own");
	config_release(&f->config);
	unlink(named);
	assert_int_equal(config_load(NULL, &f->config, &f->problems, &f->err), -ERR_NOT_FOUND);
	assert_non_null(strstr(f->err.text, "named.conf"));
	unlink(own);
	rmdir(dir);
	rmdir(home);
}

static void a_relative_path_becomes_absolute(void **state)
{
	struct fixture *f = *state;
	char dir[] = "/tmp/curlew-config.XXXXXX", here[4096];
	assert_non_null(getcwd(here, sizeof here));
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	write_file("c.conf", "[desk]\n");
	assert_int_equal(config_load("c.conf", &f->config, NULL, &f->err), 0);
	assert_int_equal(f->config.file[0], '/');
	assert_string_equal(strrchr(f->config.file, '/'), "/c.conf");
	unlink("c.conf");
	assert_int_equal(chdir(here), 0);
	rmdir(dir);
}

static void each_row_of_the_table_reads_its_own_default(void **state)
{
	(void)state;
	for (size_t i = 0; i < settings_len; i++) {
		union {
			struct hours hours;
			char bytes[4096];
			void *align;
		} field;
		struct arena arena = ARENA_INIT;
		struct err err = ERR_INIT;
		const struct config_setting *row = config_setting_at(i);
		if (row->otherwise && setting_parse(&settings[i], row->otherwise, &arena, &field, &err) < 0)
			fail_msg("%s: %s", row->key, err.text);
		assert_true(row->help && *row->help);
		arena_release(&arena);
	}
	assert_null(config_setting_at(settings_len));
}

/* What an account may name is what is built in, in the order of the enum. */
static void each_network_of_the_table_is_built_in(void **state)
{
	(void)state;
	char words[256];
	const struct config_setting *row = NULL;
	for (size_t i = 0; i < settings_len; i++)
		if (str_eq(config_setting_at(i)->section, "account") && str_eq(config_setting_at(i)->key, "network"))
			row = config_setting_at(i);
	assert_non_null(row);
	snprintf(words, sizeof words, "%s", row->accepts);
	int count = 0;
	char *rest = NULL;
	for (char *word = strtok_r(words, "|", &rest); word; word = strtok_r(NULL, "|", &rest), count++) {
		assert_string_equal(config_network_word(count), word);
		const struct network_ops *ops = network_by_name(word);
		if (!ops || !str_eq(ops->name, word))
			fail_msg("core/network/network.c has no %s", word);
	}
	assert_true(count > 0);
	assert_string_equal(config_network_word(count), "unknown");
}

static void the_word_that_was_meant_is_near(void **state)
{
	(void)state;
	static const char *const words[] = {"agent", "store", "keymap", "undo_window"};
	assert_string_equal(suggest_word("agnet", words, 4), "agent");
	assert_string_equal(suggest_word("undowindow", words, 4), "undo_window");
	assert_null(suggest_word("zebra", words, 4));
	assert_null(suggest_word("", words, 4));
	assert_null(suggest_word("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", words, 4));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(the_example_is_read_with_each_of_its_settings),
	        TEST(the_example_has_each_setting_under_its_help),
	        TEST(the_example_of_the_manual_is_read),
	        TEST(an_empty_file_gives_every_default),
	        TEST(no_string_of_a_configuration_is_null),
	        TEST(the_usual_views_are_there_until_one_is_configured),
	        TEST(the_words_of_enums_have_the_order_of_their_names),
	        TEST(plain_http_is_for_this_machine),
	        TEST(deleted_posts_are_kept_for_a_time_for_ever_or_not_at_all),
	        TEST(a_new_line_in_a_text_is_written_backslash_n),
	        TEST(a_store_with_a_path_of_its_own_is_shared),
	        TEST(holidays_are_part_of_the_desk_hours),
	        TEST(every_mistake_is_told_with_its_place_and_what_was_expected),
	        TEST(a_query_is_checked_where_it_stands),
	        TEST(the_queries_of_the_usual_views_are_queries),
	        TEST(all_mistakes_are_told_at_once),
	        TEST(a_secret_is_never_repeated_in_an_error),
	        TEST(a_long_wrong_value_is_cut_in_the_error),
	        TEST(secrets_are_beside_the_configuration_but_for_that_of_the_whole_system),
	        TEST(the_first_file_of_the_search_order_is_read),
	        TEST(a_relative_path_becomes_absolute),
	        TEST(each_row_of_the_table_reads_its_own_default),
	        TEST(each_network_of_the_table_is_built_in),
	        TEST(the_word_that_was_meant_is_near),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
