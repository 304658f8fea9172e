/* Whatever outside text is in what either program prints, beside the desk's frame: it acts on no terminal, hides
 * nothing, and cannot be taken for a line of ours. */
#include "tests/e2e/e2e.h"

#include "core/base/paths.h"
#include "core/base/utf8.h"

#include <stdio.h>
#include <sys/stat.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

enum { PATIENCE_MS = 20000 };

/* Line ends of each kind before a line of ours that never was; a clipboard, a cleared screen by ESC and by C1, text
 * turned, DEL, zero width, a tag character, a device control string. As bytes, and within JSON. */
#define HOSTILE                                                                                                        \
	"x\n#9 done\r\n#9 done\r#9 done\302\205#9 done\342\200\250#9 "                                                 \
	"done\033]52;c;eA==\a\033[2J\302\2332J\342\200\256"                                                            \
	"\177\342\200\213\363\240\201\201\033P0;0|17/ab\033\\"
#define A_HOSTILE_WORD (HOSTILE)
#define HOSTILE_JSON                                                                                                   \
	"x\\n#9 done\\r\\n#9 done\\r#9 done\\u0085#9 done\\u2028#9 done\\u001b]52;c;eA==\\u0007\\u001b[2J\\u009b2J"    \
	"\\u202e\\u007f\\u200b\\udb40\\udc41\\u001bP0;0|17/ab\\u001b\\\\"

static const char posts[] =
        "{\"account\":\"acme\",\"remote_id\":\"1\",\"url\":\"https://h.example/" HOSTILE_JSON
        "\",\"author\":{\"handle\":"
        "\"@sam" HOSTILE_JSON "\",\"name\":\"" HOSTILE_JSON "\",\"key\":\"sam" HOSTILE_JSON
        "\"},\"text\":\"" HOSTILE_JSON "\",\"warning\":\"" HOSTILE_JSON
        "\",\"language\":\"en\",\"created_at\":\"2026-08-21T09:14:05Z\",\"media\":[{"
        "\"kind\":\"photo\",\"alt\":\"" HOSTILE_JSON "\",\"url\":\"https://x.example/" HOSTILE_JSON "\"}]}\n"
        "{\"account\":\"acme\",\"remote_id\":\"2\",\"parent\":\"1\",\"direction\":\"out\",\"author\":{\"handle\":\"@"
        "acme"
        "\"},\"text\":\"" HOSTILE_JSON "\",\"created_at\":\"2026-08-21T09:20:05Z\",\"sent_by\":\"" HOSTILE_JSON "\"}\n"
        "{\"account\":\"acme\",\"remote_id\":\"3\",\"author\":{\"handle\":\"@lea\",\"name\":\"" HOSTILE_JSON
        "\"},\"text\":\"" HOSTILE_JSON "\",\"created_at\":\"2026-08-21T09:30:05Z\"}\n";

/* --- what may be printed */

static bool is_harmless(const struct str *text)
{
	for (size_t at = 0; at < text->len;) {
		uint32_t cp;
		size_t n = utf8_decode(text->p + at, text->len - at, &cp);
		if ((cp != '\n' && utf8_is_hidden(cp)) || !utf8_valid(text->p + at, n))
			return false;
		at += n;
	}
	return true;
}

static bool has_forged_line(const struct str *text)
{
	return str_starts(text->p, "#9 done") || strstr(text->p, "\n#9 done") != NULL;
}

static void check_printed(const struct run_result *result, const char *what, int line)
{
	const struct str *texts[] = {&result->out, &result->err};
	for (size_t i = 0; i < 2; i++) {
		if (is_harmless(texts[i]) && !has_forged_line(texts[i]))
			continue;
		fprintf(stderr, "line %d: %s printed: %s\n", line, what, texts[i]->p);
		_fail(__FILE__, line);
	}
}

static void run(struct world *world, const char *program, const char *input, const char *const *words, int status,
        const char *says, int line)
{
	const char *argv[16] = {world_program(program)};
	struct run_result result;
	size_t n = 1;
	if (!str_starts(words[0], "-"))
		argv[n++] = "-c", argv[n++] = world->config;
	while (*words && n < 15)
		argv[n++] = *words++;
	run_program(argv, (const char *const *)world->env, input, PATIENCE_MS, &result);
	check_printed(&result, argv[n - 1], line);
	if (result.status != status || (!strstr(result.out.p, says) && !strstr(result.err.p, says))) {
		fprintf(stderr, "line %d: status %d\nstdout: %s\nstderr: %s\n", line, result.status, result.out.p,
		        result.err.p);
		_fail(__FILE__, line);
	}
	run_result_release(&result);
	free((char *)argv[0]);
}

/* Ends with the status and has the text on one of its two outputs. */
#define curlew(world, status, says, ...) run(world, "curlew", NULL, WORDS(__VA_ARGS__), status, says, __LINE__)
#define curlewd(world, status, says, ...) run(world, "curlewd", NULL, WORDS(__VA_ARGS__), status, says, __LINE__)

static struct world *stocked(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	run(world, "curlew", posts, WORDS("import"), 0, "3 posts read, 3 of them new\n", __LINE__);
	return world;
}

/* --- a path a test */

static void a_query_prints_a_line_a_case(void **state)
{
	struct world *world = stocked(state);
	curlew(world, 0, "@samx #9 done", "query", "");
	curlew(world, 0, "\\u001b]52;c;eA==\\u0007", "query", "", "--json");
	curlew(world, 64, "query: ", "query", (HOSTILE " is:" HOSTILE));
}

static void a_case_is_shown_with_values_in_their_lines(void **state)
{
	struct world *world = stocked(state);
	curlew(world, 0, "note: x #9 done", "do", "1", "note", A_HOSTILE_WORD);
	curlew(world, 0, "tagged x-", "do", "1", "tag", "x\n#9 done\033[2J\342\200\256");
	curlew(world, 0, "escalated to billing: x #9", "do", "1", "escalate", "billing", A_HOSTILE_WORD);
	curlew(world, 0, "draft kept", "do", "1", "reply", A_HOSTILE_WORD);
	curlew(world, 0, "\n    [x #9 done", "show", "1");
	curlew(world, 0, "\n    [photo 1/1 \"x #9 done", "show", "1");
	curlew(world, 0, "\n    #9 done", "show", "1");
	curlew(world, 0, "because: x #9 done", "show", "1");
	curlew(world, 0, "\"kind\":\"note\"", "show", "1", "--json");
}

static void a_mistake_is_told_on_one_line(void **state)
{
	struct world *world = stocked(state);
	curlew(world, 64, "no command", "do", "1", A_HOSTILE_WORD);
	curlew(world, 64, "expected the number of a case", "do", A_HOSTILE_WORD, "claim");
	run(world, "curlew", "1" HOSTILE "\n", WORDS("do", "-", "claim"), 64, "expected the number", __LINE__);
	curlew(world, 64, "no team", "do", "1", "escalate", A_HOSTILE_WORD);
	curlew(world, 64, "no view or command", A_HOSTILE_WORD);
	curlew(world, 64, "unknown option", ("--" HOSTILE));
	curlew(world, 64, "\nusage: curlew ", ("-x" HOSTILE));
	curlew(world, 64, "expected a name", "-a", A_HOSTILE_WORD, "query", "");
	curlew(world, 64, "unknown option", "show", ("--" HOSTILE));
	curlew(world, 64, "--since is", "report", "--since", A_HOSTILE_WORD);
	curlew(world, 66, "there is no [account", "login", A_HOSTILE_WORD);
	curlew(world, 66, "cannot open ", "import", ("/" HOSTILE));
	curlew(world, 66, "x #9 done", "-c", ("/" HOSTILE), "query", "");
}

static void what_is_wrong_with_an_import_is_told_on_its_line(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	static const char lines[] = "{\"account\":\"" HOSTILE_JSON "\"}\n"
	                            "{\"account\":\"acme\",\"created_at\":\"" HOSTILE_JSON "\"}\n"
	                            "{\"type\":\"" HOSTILE_JSON "\"}\n" HOSTILE "\n";
	run(world, "curlew", lines, WORDS("import"), 65, "stdin:1: \"account\" is \"x #9 done", __LINE__);
}

static void what_is_exported_is_escaped(void **state)
{
	struct world *world = stocked(state);
	curlew(world, 0, "\\u202e\\u007f\\u200b\\udb40\\udc41", "export");
	curlew(world, 0, "\"type\":\"customer\"", "export", "--customer", "1");
}

static void a_report_keeps_names_in_their_rows(void **state)
{
	struct world *world = stocked(state);
	curlew(world, 0, " x #9 done", "report", "--since", "2026-08-21");
	curlew(world, 0, "replies,", "report", "--since", "2026-08-21", "--format", "csv");
	curlew(world, 0, "\\u001b[2J", "report", "--since", "2026-08-21", "--format", "json");
}

static void who_is_forgotten_is_named_on_one_line(void **state)
{
	struct world *world = stocked(state);
	run(world, "curlew", (HOSTILE "\n"), WORDS("forget", "1"), 1, "Type the handle to go on: ", __LINE__);
	curlew(world, 66, "x #9 done", "forget", ("@" HOSTILE));
}

/* Files that others may have named. */
static void a_check_has_a_line_for_each_thing(void **state)
{
	struct world *world = stocked(state);
	struct err err = ERR_INIT;
	struct str text = STR_INIT;
	char *moved = path_join(world->dir, "x\n#9 done\033[2J.conf");
	assert_int_equal(file_read(world->config, &text, &err), 0);
	assert_int_equal(file_write_atomic(moved, text.p, text.len, 0600, &err), 0);
	run(world, "curlew", NULL, WORDS("-c", moved, "check"), 0, "#9 done", __LINE__);
	str_adds(&text, "\n[account " HOSTILE "]\n" HOSTILE " = 1\n");
	assert_int_equal(file_write_atomic(moved, text.p, text.len, 0600, &err), 0);
	run(world, "curlew", NULL, WORDS("-c", moved, "check"), 1, "#9 done", __LINE__);
	run(world, "curlewd", NULL, WORDS("-c", moved, "--check"), 78, "#9 done", __LINE__);
	run(world, "curlewd", NULL, WORDS("-c", moved, "--once"), 78, "#9 done", __LINE__);
	run(world, "curlewd", NULL, WORDS("-c", moved), 78, "#9 done", __LINE__);
	str_release(&text);
	free(moved);
}

static void the_courier_tells_a_mistake_on_one_line(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	curlewd(world, 64, "unknown option --x #9 done", ("--" HOSTILE));
	curlewd(world, 64, "unknown option -x #9 done", ("-" HOSTILE));
	curlewd(world, 64, "unknown word \"x #9 done", A_HOSTILE_WORD);
	curlewd(world, 64, "a value is missing behind -c\nusage: ", "-c");
	curlewd(world, 64, "is no open descriptor", "--ready-fd", A_HOSTILE_WORD);
	curlewd(world, 66, "no account \"x #9 done", "-c", world->config, "--login", A_HOSTILE_WORD);
	curlewd(world, 66, "x #9 done", "-c", ("/" HOSTILE), "--check");
}

static void a_recording_prints_rows_and_no_more(void **state)
{
	struct world *world = stocked(state);
	char *file = path_join(world->dir, "x\n#9 done\033[2J.rec");
	struct screen *desk = world_desk_start(world, "alice", 24, 80, WORDS("--record", file, "--record-plain"));
	screen_expect(desk, "#9 done");
	screen_send(desk, "Q");
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	run(world, "curlew", NULL, WORDS("--replay", file), 0, "What you still hold", __LINE__);
	run(world, "curlew", NULL, WORDS("--replay", file, "--frames", "all"), 0, "--- frame 1, ", __LINE__);
	run(world, "curlew", A_HOSTILE_WORD, WORDS("--replay", "/dev/stdin"), 65, "curlew: ", __LINE__);
	run(world, "curlew", NULL, WORDS("--replay", ("/" HOSTILE)), 74, "x #9 done", __LINE__);
	free(file);
}

/* --- a terminal that takes no UTF-8 takes the second byte of "ś" for a control sequence's beginning */

static bool has_ended_a_line(void *arg)
{
	const struct str *bytes = arg;
	return bytes->len && bytes->p[bytes->len - 1] == '\n';
}

static void on_an_8_bit_terminal_nothing_but_ascii_is_printed(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	static const char post[] = "{\"account\":\"acme\",\"remote_id\":\"1\",\"author\":{\"handle\":\"@ola\",\"name\":"
	                           "\"\305\233[2J\"},\"text\":\"\305\233[31mcze\305\233\304\207\",\"created_at\":"
	                           "\"2026-08-21T09:14:05Z\"}\n";
	run(world, "curlew", post, WORDS("import"), 0, "1 of them new", __LINE__);
	static const char *const words[][4] = {{"query", ""}, {"query", "", "--json"}, {"show", "1"},
	        {"show", "1", "--json"}, {"export"}, {"query", "is:\305\233[2J"}, {"do", "1", "tag", "\305\233[2J"}};
	for (size_t n = 0; world->env[n]; n++)
		if (str_starts(world->env[n], "LC_ALL="))
			memcpy(world->env[n], "LC_ALL=C\0", 9);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *argv[8] = {world_program("curlew"), "-c", world->config};
		struct str bytes = STR_INIT;
		for (size_t n = 0; n < 4; n++)
			argv[3 + n] = words[i][n];
		struct screen *screen =
		        screen_start(&(struct screen_options){.argv = argv, .env = (const char *const *)world->env});
		assert_non_null(screen);
		screen_record(screen, &bytes);
		assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
		assert_true(screen_wait_until(screen, has_ended_a_line, &bytes, SCREEN_PATIENCE_MS));
		for (size_t at = 0; at < bytes.len; at++)
			assert_true((bytes.p[at] >= ' ' && bytes.p[at] < 0x7f) || strchr("\r\n", bytes.p[at]));
		screen_free(screen);
		str_release(&bytes);
		free((char *)argv[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_query_prints_a_line_a_case),
	        E2E(a_case_is_shown_with_values_in_their_lines),
	        E2E(a_mistake_is_told_on_one_line),
	        E2E(what_is_wrong_with_an_import_is_told_on_its_line),
	        E2E(what_is_exported_is_escaped),
	        E2E(a_report_keeps_names_in_their_rows),
	        E2E(who_is_forgotten_is_named_on_one_line),
	        E2E(a_check_has_a_line_for_each_thing),
	        E2E(the_courier_tells_a_mistake_on_one_line),
	        E2E(a_recording_prints_rows_and_no_more),
	        E2E(on_an_8_bit_terminal_nothing_but_ascii_is_printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
