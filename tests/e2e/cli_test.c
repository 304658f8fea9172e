/* The command line, as scripts use it: what is printed where, and the exit status. */
#include "tests/e2e/e2e.h"

#include "core/base/paths.h"

#include <stdio.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

enum { PATIENCE_MS = 20000 };

/* A customer, our answer, a bystander in their thread, another customer; and a post that tries to paint. */
static const char posts[] =
        "{\"type\":\"post\",\"network\":\"mastodon\",\"account\":\"acme\",\"remote_id\":\"1\",\"url\":\"https://"
        "mas.example/1\",\"author\":{\"handle\":\"@sam@mas.example\",\"name\":\"Sam "
        "Ortiz\",\"key\":\"sam\",\"followers\":"
        "12400},\"text\":\"Still no refund, third week "
        "now\",\"created_at\":\"2026-08-21T09:14:05Z\",\"media\":[{\"kind\":"
        "\"photo\",\"alt\":\"an empty doorstep\",\"url\":\"https://x.example/1.jpg\"}]}\n"
        "{\"account\":\"acme\",\"remote_id\":\"2\",\"parent\":\"1\",\"direction\":\"out\",\"author\":{\"handle\":\"@"
        "acme\"},"
        "\"text\":\"Let me look into it\",\"created_at\":\"2026-08-21T09:20:05Z\",\"sent_by\":\"bob\"}\n"
        "{\"account\":\"acme\",\"remote_id\":\"3\",\"parent\":\"1\",\"author\":{\"handle\":\"@lea\"},\"text\":\"same "
        "here\","
        "\"created_at\":\"2026-08-21T09:30:05Z\",\"mention\":false}\n"
        "\n"
        "{\"account\":\"acme\",\"remote_id\":\"4\",\"author\":{\"handle\":\"@priya\"},\"text\":\"\\u001b[31mthe app "
        "crashes\\u202e\",\"created_at\":\"2026-08-21T10:20:05Z\",\"edited_at\":\"2026-08-21T10:25:00Z\"}\n";

static void run(struct world *world, const char *input, const char *const *words, struct run_result *result)
{
	const char *argv[16] = {world_program("curlew"), "-c", world->config};
	size_t n = 3;
	while (*words && n < 15)
		argv[n++] = *words++;
	run_program(argv, (const char *const *)world->env, input, PATIENCE_MS, result);
	free((char *)argv[0]);
}

/* Runs it; both texts ("" for nothing at all, NULL for whatever) must be in what it wrote. */
#define expect(world, status, out, err, ...) expect_input(world, NULL, WORDS(__VA_ARGS__), status, out, err, __LINE__)

static void expect_input(struct world *world, const char *input, const char *const *words, int status, const char *out,
        const char *err, int line)
{
	struct run_result r;
	run(world, input, words, &r);
	bool out_fits = !out || (*out ? strstr(r.out.p, out) != NULL : !r.out.len);
	bool err_fits = !err || (*err ? strstr(r.err.p, err) != NULL : !r.err.len);
	if (r.status != status || !out_fits || !err_fits) {
		fprintf(stderr, "line %d: status %d\nstdout: %s\nstderr: %s\n", line, r.status, r.out.p, r.err.p);
		_fail(__FILE__, line);
	}
	run_result_release(&r);
}

static struct world *stocked(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	expect_input(world, posts, WORDS("import"), 0, "4 posts read, 4 of them new\n", "", __LINE__);
	return world;
}

static char *output(struct world *world, const char *const *words)
{
	struct run_result r;
	run(world, NULL, words, &r);
	assert_int_equal(r.status, 0);
	char *text = str_detach(&r.out);
	run_result_release(&r);
	return text;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

/* --- importing and exporting */

static void posts_that_are_imported_twice_are_there_once(void **state)
{
	struct world *world = stocked(state);
	expect_input(world, posts, WORDS("import"), 0, "4 posts read, 0 of them new\n", "", __LINE__);
	char *all = output(world, WORDS("query", ""));
	assert_int_equal(count(all, "\n"), 2);
	free(all);
}

static void what_one_store_exports_another_one_imports_and_exports_alike(void **state)
{
	struct world *world = stocked(state);
	char *first = output(world, WORDS("export"));
	assert_int_equal(count(first, "\n"), 4);
	assert_int_equal(count(first, "\"mention\":true"), 2);
	char *aside = path_join(world->dir, "data/curlew-aside"), *dir = path_join(world->dir, "data/curlew");
	assert_int_equal(rename(dir, aside), 0);
	expect_input(world, first, WORDS("import", "-"), 0, "4 of them new\n", "", __LINE__);
	char *second = output(world, WORDS("export"));
	assert_string_equal(first, second);
	free(aside);
	free(dir);
	free(first);
	free(second);
}

static void a_wrong_line_is_told_by_its_number_and_the_rest_goes_on(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	static const char lines[] =
	        "nonsense\n"
	        "[1]\n"
	        "{\"account\":\"nobody\"}\n"
	        "{\"account\":\"acme\",\"network\":\"bluesky\"}\n"
	        "{\"account\":\"acme\",\"created_at\":\"yesterday\"}\n"
	        "{\"account\":\"acme\",\"created_at\":\"2026-08-21T10:20:05Z\",\"direction\":\"up\"}\n"
	        "{\"account\":\"acme\",\"created_at\":\"2026-08-21T10:20:05Z\"}\n"
	        "{\"account\":\"acme\",\"created_at\":\"2026-08-21T10:20:05Z\",\"remote_id\":\"9\"}\n"
	        "{\"account\":\"acme\",\"created_at\":\"2026-08-21T10:20:05Z\",\"remote_id\":\"9\",\"text\":\"hi\"}\n"
	        "{\"type\":\"cursor\"}\n"
	        "{\"account\":\"acme\",\"remote_id\":\"5\",\"author\":{\"handle\":\"@leo\"},\"text\":\"fine\","
	        "\"created_at\":\"2026-08-21T10:20:05Z\"}";
	static const char *const told[] = {
	        "stdin:1: not JSON",
	        "stdin:2: found no JSON object",
	        "stdin:3: \"account\" is \"nobody\", expected one of the configuration's",
	        "stdin:4: \"network\" is \"bluesky\", but account acme is on mastodon",
	        "stdin:5: \"created_at\" is \"yesterday\", expected a time like 2026-08-21T09:14:05Z",
	        "stdin:6: \"direction\" is \"up\", expected in or out",
	        "stdin:7: \"remote_id\" is missing",
	        "stdin:8: \"text\" is missing",
	        "stdin:9: \"author\" has no \"handle\"",
	        "stdin:10: \"type\" is \"cursor\", expected \"post\"",
	        "10 of 11 lines of stdin were wrong and left out",
	};
	struct run_result r;
	run(world, lines, WORDS("import"), &r);
	assert_int_equal(r.status, 65);
	assert_string_equal(r.out.p, "1 posts read, 1 of them new\n");
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		assert_non_null(strstr(r.err.p, told[i]));
	run_result_release(&r);
}

static void a_line_beyond_the_cap_is_left_out(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct str lines = STR_INIT;
	while (lines.len < 5u << 20)
		str_adds(&lines, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	str_addc(&lines, '\n');
	str_adds(&lines, posts);
	expect_input(world, lines.p, WORDS("import"), 65, "4 of them new\n", "stdin:1: the line is longer than 4 MiB",
	        __LINE__);
	str_release(&lines);
}

/* --- asking */

static void a_query_prints_a_line_a_case_and_nothing_that_paints(void **state)
{
	struct world *world = stocked(state);
	char *all = output(world, WORDS("query", ""));
	assert_null(strchr(all, '\033'));
	assert_null(strstr(all, "\u202e"));
	assert_non_null(strstr(all, "␛[31mthe app crashes"));
	assert_non_null(strstr(all, "@sam@mas.example"));
	free(all);
	expect(world, 0, "", "", "query", "is:snoozed");
	expect(world, 0, "@priya", "", "query", "needs reply"); /* a view */
	expect(world, 0, "@priya", "", "query", "is:new", "from:@priya");
	expect(world, 0, "@sam", "", "query", "-from:@priya");
}

static void the_rows_of_a_query_have_the_names_that_scripts_rely_on(void **state)
{
	struct world *world = stocked(state);
	static const char *const names[] = {"id", "status", "account", "network", "handle", "text", "assignee",
	        "priority", "tags", "due", "updated", "url"};
	struct err err = ERR_INIT;
	char *text = output(world, WORDS("query", "from:@sam", "--json"));
	json *row = json_parse(text, strlen(text), &err);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_non_null(json_get(row, names[i]));
	assert_string_equal(json_str_or(row, "text", ""), "Still no refund, third week now");
	assert_string_equal(json_str_or(row, "url", ""), "https://mas.example/1");
	assert_string_equal(json_str_or(row, "status", ""), "waiting");
	json_free(row);
	free(text);
	char *hostile = output(world, WORDS("query", "--json", "from:@priya"));
	assert_null(strchr(hostile, '\033'));
	assert_non_null(strstr(hostile, "\\u001b[31mthe app crashes\\u202e"));
	free(hostile);
}

static void neither_program_lets_an_error_act_on_a_terminal(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	static const char *const programs[] = {"curlew", "curlewd"};
	for (int i = 0; i < 2; i++) {
		const char *argv[] = {world_program(programs[i]), "-c", "/no\033]0;owned\a\nwhere\u202e",
		        i ? "--once" : "query", i ? NULL : "x", NULL};
		struct run_result r;
		run_program(argv, (const char *const *)world->env, NULL, PATIENCE_MS, &r);
		assert_int_not_equal(r.status, 0);
		assert_non_null(strstr(r.err.p, "]0;owned"));
		assert_null(strpbrk(r.err.p, "\033\a"));
		assert_null(strstr(r.err.p, "\u202e"));
		run_result_release(&r);
		free((char *)argv[0]);
	}
}

static void a_wrong_query_is_shown_with_a_caret_under_the_place(void **state)
{
	struct world *world = stocked(state);
	expect(world, 64, "", "\n  is:nwe\n     ^\n", "query", "is:nwe");
	expect(world, 64, "", "did you mean is:new?", "query", "is:nwe");
	expect(world, 64, "", "\n  é小 tag:\n", "query", "é小 tag:");
}

static void many_cases_are_listed_page_by_page_each_once(void **state)
{
	enum { MANY = 1203 };
	struct world *world = world_new(state, &(struct world_options){0});
	struct str lines = STR_INIT;
	for (int i = 0; i < MANY; i++)
		str_addf(&lines,
		        "{\"account\":\"acme\",\"remote_id\":\"%d\",\"author\":{\"handle\":\"@u%d\"},\"text\":"
		        "\"hello\","
		        "\"created_at\":\"2026-08-21T10:20:05Z\"}\n",
		        i, i);
	expect_input(world, lines.p, WORDS("import"), 0, "1203 of them new\n", "", __LINE__);
	char *rows = output(world, WORDS("query", "--json", "is:new")), *all = output(world, WORDS("export"));
	assert_int_equal(count(rows, "\n"), MANY);
	assert_int_equal(count(all, "\n"), MANY);
	for (int i = 0; i < MANY; i++) {
		char handle[32];
		snprintf(handle, sizeof handle, "\"@u%d\"", i);
		assert_int_equal(count(rows, handle), 1);
	}
	free(rows);
	free(all);
	str_release(&lines);
}

static void a_case_is_shown_with_posts_notes_and_journal(void **state)
{
	struct world *world = stocked(state);
	expect(world, 0, NULL, "", "do", "1", "note", "call @bob");
	expect(world, 0, NULL, "", "do", "1", "tag", "refund");
	char *text = output(world, WORDS("show", "1"));
	assert_non_null(strstr(
	        text, "#1  waiting  @sam@mas.example  Sam Ortiz  (acme, mastodon)\ntags: refund   priority: high\n"));
	assert_non_null(strstr(text, "    Still no refund, third week now\n    [photo 1/1 \"an empty doorstep\"]\n"));
	assert_non_null(strstr(text, "@acme (bob)  sent, public\n    Let me look into it\n"));
	assert_non_null(strstr(text, "- alice note: call @bob\n"));
	assert_non_null(strstr(text, "- alice tagged refund\n"));
	free(text);
	assert_int_equal(world_shown(world, "1", "post", "Still no refund"), 1);
	assert_int_equal(world_shown(world, "1", "note", "call @bob"), 1);
	assert_int_equal(world_shown(world, "1", "action", "refund"), 1);
	expect(world, 0, "\"state\":\"received\",\"deleted\":null,\"edited\":\"2026-08-21T10:25:00.000Z\"", "", "show",
	        "2", "--json");
}

/* --- doing */

static void what_is_done_is_said_and_can_be_undone(void **state)
{
	struct world *world = stocked(state);
	expect(world, 0, "#1 tagged refund\n", "", "do", "1", "tag", "refund");
	expect(world, 0, "#1 nothing changed\n", "", "do", "#1", "tag", "#Refund");
	expect(world, 0, "#1 assigned to bob\n", "", "do", "1", "assign", "bob");
	expect(world, 0, "#1 escalated to billing: stuck since the 2nd\n", "", "do", "1", "escalate", "billing",
	        "stuck", "since the 2nd");
	expect(world, 0, "#1 snoozed until ", "", "do", "1", "snooze", "4h");
	expect(world, 0, "snoozed", "", "query", "case:1");
	expect(world, 0, "#1 undid: snoozed until ", "", "do", "1", "undo");
	expect(world, 0, "#1 undid: escalated to billing", "", "do", "1", "undo");
	expect(world, 0, "#1 undid: assigned to bob\n", "", "do", "1", "undo");
	expect(world, 0, "#1 undid: tagged refund\n", "", "do", "1", "undo");
	expect(world, 65, "", "alice has done nothing here that can be undone", "do", "1", "undo");
	expect(world, 0, "waiting", "", "query", "case:1 -tag:refund assignee:none");
}

static void an_error_among_several_cases_stops_none_of_the_others(void **state)
{
	struct world *world = stocked(state);
	expect_input(world, "77\n1\nx #2\n", WORDS("do", "-", "tag", "many"), 66, "#1 tagged many\n#2 tagged many\n",
	        "curlew: case 77: there is no case 77\ncurlew: found \"x\", expected the number of a case\n", __LINE__);
}

static void mistakes_have_their_words_and_exit_codes(void **state)
{
	struct world *world = stocked(state);
	expect(world, 64, "", "no command \"tga\"; did you mean tag?", "do", "1", "tga", "x");
	expect(world, 64, "", "down works at the desk only", "do", "1", "down");
	expect(world, 64, "", "do takes a CASE", "do", "1");
	expect(world, 64, "", "found \"one\", expected the number of a case", "do", "one", "claim");
	expect(world, 64, "", "no team \"biling\" in the configuration; there are: billing, delivery", "do", "1",
	        "escalate", "biling");
	expect(world, 64, "", "reply needs TEXT", "do", "1", "reply", "--send");
	expect(world, 65, "", "not snoozed", "do", "1", "wake");
	expect(world, 65, "", "not valid UTF-8", "do", "1", "note", "\xff");
	expect(world, 66, "", "there is no case 99", "do", "99", "claim");
	expect(world, 66, "", "there is no case 99", "show", "99");
	expect(world, 66, "", "there is no [account nobody]", "login", "nobody");
	expect(world, 66, "", "cannot open /nowhere: ", "import", "/nowhere");
	expect(world, 64, "", "query needs a QUERY", "query");
	expect(world, 64, "", "unknown option --jsn", "query", "", "--jsn");
	expect(world, 64, "", "show takes one CASE", "show");
	expect(world, 64, "", "--since is \"never\", expected today, a day", "report", "--since", "never");
	expect(world, 64, "", "--format is \"xml\", expected text, json or csv", "report", "--format=xml");
	expect(world, 64, "", "--format needs a value", "report", "--format");
	expect(world, 64, "", "no view or command \"chek\"; did you mean check?", "chek");
	expect(world, 64, "", "-a is \"a b\"", "-a", "a b", "query", "");
	expect(world, 64, "", "-k is for the desk alone", "-k", "gmail", "query", "");
	expect(world, 64, "", "unknown option -x\nusage: curlew ", "-x");
	expect(world, 64, "", "the desk needs a terminal", "mine");
	expect(world, 0, "curlew " CURLEW_VERSION "\n", "", "--version");
	expect(world, 0, "curlew query  QUERY [--json]", "", "--help");
}

static void without_a_store_there_is_nothing_to_ask_yet(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	expect(world, 66, "", "there is no store yet at ", "query", "");
	expect(world, 66, "", "there is no store yet at ", "export");
	expect(world, 66, "", "there is no store yet at ", "do", "1", "claim");
	assert_false(path_exists(world->store));
}

static void every_mistake_of_a_configuration_is_told_with_its_line(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.desk = "first_reply = soon\nhours = mon-"});
	expect(world, 78, "", "curlew.conf:5: ", "query", "");
	expect(world, 78, "", "curlew.conf:6: ", "query", "");
	expect(world, 1, "curlew.conf:6: ", "", "check");
}

/* --- replies */

static void a_reply_leaves_a_draft_and_replaces_none(void **state)
{
	struct world *world = stocked(state);
	expect(world, 0, "#1 draft kept\n", "", "do", "1", "reply", "we are on it");
	expect(world, 0, "#1 draft kept\n", "", "do", "1", "reply", "we are on it");
	expect(world, 65, "", "there is another draft of yours already", "do", "1", "reply", "something else");
	expect(world, 0, "@sam", "", "query", "has:draft");
	expect(world, 0, "", "", "-a", "bob", "query", "has:draft");
	assert_int_equal(world_courier(world), 0);
}

static void one_reply_is_sent_to_one_case_once_a_courier_runs(void **state)
{
	struct world *world = stocked(state);
	char id[32], kase[32];
	expect_input(world, "1\n2\n", WORDS("do", "-", "reply", "--send", "sorry"), 64, "",
	        "one reply is sent to one case", __LINE__);
	expect(world, 65, "", "a {placeholder?} is not filled in", "do", "2", "reply", "--send", "order {order?}");
	assert_int_equal(world_courier(world), 0);
	expect(world, 0, "#2 reply held for 20s, then sent to @priya (public)\n", "", "do", "2", "reply", "--send",
	        "it is mended");
	assert_true(world_wait_courier(world, true));
	assert_int_equal(world_shown(world, "2", "post", "it is mended"), 1);
	world_post(world, "swift", "@acme where is my parcel", NULL, id);
	world_case_of(world, "@swift@ferry.example", kase);
	expect(world, 0, "reply held for 20s", "", "do", kase, "reply", "--send", "on the ferry");
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_sent(world, "on the ferry", 1);
	struct str long_text = STR_INIT;
	while (long_text.len < 600)
		str_adds(&long_text, "so very sorry ");
	expect(world, 65, "", " over the 500 that acme takes", "do", kase, "reply", "--send", long_text.p);
	str_release(&long_text);
}

/* --- the rest */

static void a_report_counts_what_was_answered_and_how_soon(void **state)
{
	struct world *world = stocked(state);
	expect(world, 0, "First replies  1, median 6m, within 20m: 1 (100%)", "", "report", "--since", "2026-08-21");
	expect(world, 0, "\"answered\":1,\"within_target\":1,\"target_seconds\":1200,\"median_seconds\":360", "",
	        "report", "--since", "2026-08-21", "--format", "json");
	expect(world, 0, "replies,bob,1\n", "", "report", "--since=2026-08-21", "--format=csv");
	expect(world, 0, "\"arrived\":0,\"answered\":0", "", "report", "--format", "json");
	static const char aside[] =
	        "{\"account\":\"acme\",\"remote_id\":\"8\",\"parent\":\"4\",\"direction\":\"out\","
	        "\"visibility\":\"direct\",\"author\":{\"handle\":\"@acme\"},\"text\":\"tell us here\","
	        "\"created_at\":\"2026-08-21T11:00:00Z\"}\n";
	expect_input(world, aside, WORDS("import"), 0, "1 of them new", "", __LINE__);
	expect(world, 0, "Replies        2, moved to private: 1 (50%)", "", "report", "--since", "2026-08-21");
	expect(world, 0, "within 20m: 1 (50%)", "", "report", "--since", "2026-08-21");
}

static void a_check_says_a_line_for_each_thing_and_one_when_any_is_wrong(void **state)
{
	struct world *world = stocked(state);
	expect(world, 0, ": schema 1, sound, private\n", "", "check");
	expect(world, 0, "ok       keys           default: ", "", "check");
	char *credentials = path_join(world->dir, "credentials.conf");
	assert_int_equal(remove(credentials), 0);
	expect(world, 1, NULL, NULL, "check");
	free(credentials);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(posts_that_are_imported_twice_are_there_once),
	        E2E(what_one_store_exports_another_one_imports_and_exports_alike),
	        E2E(a_wrong_line_is_told_by_its_number_and_the_rest_goes_on),
	        E2E(a_line_beyond_the_cap_is_left_out),
	        E2E(a_query_prints_a_line_a_case_and_nothing_that_paints),
	        E2E(the_rows_of_a_query_have_the_names_that_scripts_rely_on),
	        E2E(neither_program_lets_an_error_act_on_a_terminal),
	        E2E(a_wrong_query_is_shown_with_a_caret_under_the_place),
	        E2E(many_cases_are_listed_page_by_page_each_once),
	        E2E(a_case_is_shown_with_posts_notes_and_journal),
	        E2E(what_is_done_is_said_and_can_be_undone),
	        E2E(an_error_among_several_cases_stops_none_of_the_others),
	        E2E(mistakes_have_their_words_and_exit_codes),
	        E2E(without_a_store_there_is_nothing_to_ask_yet),
	        E2E(every_mistake_of_a_configuration_is_told_with_its_line),
	        E2E(a_reply_leaves_a_draft_and_replaces_none),
	        E2E(one_reply_is_sent_to_one_case_once_a_courier_runs),
	        E2E(a_report_counts_what_was_answered_and_how_soon),
	        E2E(a_check_says_a_line_for_each_thing_and_one_when_any_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
