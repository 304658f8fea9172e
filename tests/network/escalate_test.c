/* Escalations with real commands, a mail program of our own and a scripted web server; time is the test's. */
#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/base/str.h"
#include "core/courier/escalate.h"
#include "core/net/signature.h"
#include "tests/lib/run_program.h"
#include "tests/lib/script_server.h"
#include "tests/lib/store_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define T(minutes) (NOON + (minutes)*MINUTE)
#define PATIENCE_S 10

struct world {
	uv_loop_t loop;
	uv_timer_t beat; /* so that a wait for the loop ends */
	struct timers timers;
	struct http *http;
	struct escalate *escalate;
	struct config config;
	const char *secrets[1];
	int settled;
};

static struct fixture *f;
static struct world w;

static void on_settled(void *arg)
{
	(void)arg;
	w.settled++;
}

static uint64_t no_jitter(void)
{
	return 0;
}

static void nothing(uv_timer_t *timer)
{
	(void)timer;
}

static int begin(void **state)
{
	struct err err = ERR_INIT;
	if (fixture_setup(state))
		return -1;
	f = *state;
	w = (struct world){.settled = 0};
	uv_loop_init(&w.loop);
	uv_timer_init(&w.loop, &w.beat);
	uv_timer_start(&w.beat, nothing, 1, 1);
	timers_init(&w.timers);
	w.http = http_new(&w.loop, &w.timers, &err);
	take_one(f, post_in("@sam", "1", "", T(0), "where is it?"));
	return 0;
}

static int end(void **state)
{
	escalate_free(w.escalate);
	http_free(w.http);
	uv_close((uv_handle_t *)&w.beat, NULL);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	uv_loop_close(&w.loop);
	timers_release(&w.timers);
	config_release(&w.config);
	return fixture_teardown(state);
}

static void escalate_begin(const char *team)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&text, "[team billing]\nescalate = %s\n", team);
	if (config_parse(text.p, text.len, "test.conf", &w.config, NULL, &err))
		fail_msg("%s", err.text);
	str_release(&text);
	w.secrets[0] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
	w.escalate = escalate_new(&(struct escalate_setup){.loop = &w.loop,
	        .store = f->store,
	        .timers = &w.timers,
	        .http = w.http,
	        .random = no_jitter,
	        .config = &w.config,
	        .secrets = w.secrets,
	        .sendmail = arena_printf(&f->arena, "%s/sendmail", f->dir),
	        .settled = on_settled});
	struct action action = {.kind = ACTION_ESCALATE,
	        .case_id = 1,
	        .agent = "alice",
	        .arg = "billing",
	        .text = "refund over limit\r\nBcc: all@evil.example"};
	struct action_result result;
	assert_int_equal(store_act(f->store, &action, fixture_wall_ms, &f->arena, &result, &f->err), 0);
}

/* Until the errand under way has ended; time moves with the loop where a time-out is waited for. */
static void run_errand(int64_t step_ms)
{
	int before = w.settled;
	time_t give_up = time(NULL) + PATIENCE_S;
	escalate_run(w.escalate);
	while (w.settled == before) {
		if (time(NULL) > give_up)
			fail_msg("the errand does not end");
		fixture_mono_ms += step_ms;
		fixture_wall_ms += step_ms;
		timers_run(&w.timers, fixture_mono_ms);
		uv_run(&w.loop, UV_RUN_ONCE);
	}
}

/* Until it is given up: what it complained of is told then. */
static const char *complaint(void)
{
	for (int i = 0; i < ESCALATE_TRIES; i++) {
		run_errand(0);
		fixture_wall_ms += 3600000;
		fixture_mono_ms += 3600000;
	}
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_FAILED);
	const char *text = strchr(get_case(f, 1)->escalation_error, ':');
	assert_non_null(text);
	return text + 2;
}

static char *read_whole(const char *name)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	if (file_read(arena_printf(&f->arena, "%s/%s", f->dir, name), &bytes, &err))
		fail_msg("%s", err.text);
	return str_detach(&bytes);
}

static void a_command_gets_the_case_as_json(void **state)
{
	(void)state;
	escalate_begin(arena_printf(&f->arena, "command cat > %s/case.json", f->dir));
	run_errand(0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_DELIVERED);
	char *text = read_whole("case.json");
	json *payload = json_parse(text, strlen(text), NULL);
	assert_non_null(payload);
	assert_string_equal(json_str(payload, "type"), "case.escalated");
	const json *data = json_get(payload, "data");
	assert_int_equal(json_int(data, "case", 0), 1);
	assert_string_equal(json_str(data, "team"), "billing");
	assert_string_equal(json_str(data, "by"), "alice");
	assert_string_equal(json_str(data, "text"), "where is it?");
	assert_string_equal(json_str(json_get(data, "customer"), "handle"), "@sam");
	assert_int_equal(json_count(json_get(data, "thread")), 1);
	json_free(payload);
	free(text);
}

static void a_failing_command_is_tried_eight_times_and_its_complaint_is_the_reason(void **state)
{
	(void)state;
	escalate_begin("command echo the desk is closed >&2; echo more >&2; exit 3");
	for (int i = 1; i < ESCALATE_TRIES; i++) {
		run_errand(0);
		assert_int_equal(get_case(f, 1)->escalation, ESCALATION_PENDING);
		fixture_wall_ms += 3600000;
		fixture_mono_ms += 3600000;
	}
	run_errand(0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_FAILED);
	assert_string_equal(get_case(f, 1)->escalation_error, "given up after 8 tries: the desk is closed");
}

static void a_command_that_hangs_is_ended(void **state)
{
	(void)state;
	escalate_begin("command sleep 1000\ntimeout = 1s");
	run_errand(100);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_PENDING);
	assert_false(escalate_busy(w.escalate));
}

/* The value of a header in what a server has read; cut at its line's end, in the arena. */
static const char *header(const char *read, const char *name)
{
	const char *at = strstr(read, name);
	assert_non_null(at);
	at += strlen(name) + 2;
	return arena_strndup(&f->arena, at, strcspn(at, "\r"));
}

static void a_webhook_is_signed(void **state)
{
	(void)state;
	struct script_server *server = script_server_new(&w.loop);
	script_server_next(server, (struct script){"HTTP/1.1 204 No Content\r\n\r\n", 0, SCRIPT_CLOSE, 0});
	escalate_begin(arena_printf(&f->arena, "webhook http://127.0.0.1:%d/hook", script_server_port(server)));
	run_errand(0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_DELIVERED);
	const char *read = script_server_read(server), *body = strstr(read, "\r\n\r\n") + 4;
	struct str want = STR_INIT;
	int64_t at = 0;
	assert_true(parse_i64(header(read, "webhook-timestamp"), &at));
	assert_true(at == fixture_wall_ms / 1000);
	assert_true(signature_webhook(w.secrets[0], header(read, "webhook-id"), at, body, strlen(body), &want));
	assert_string_equal(header(read, "webhook-signature"), want.p);
	str_release(&want);
	script_server_free(server);
}

static void a_webhook_that_is_gone_is_not_asked_again(void **state)
{
	(void)state;
	struct script_server *server = script_server_new(&w.loop);
	script_server_next(
	        server, (struct script){"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", 0, SCRIPT_CLOSE, 0});
	escalate_begin(arena_printf(&f->arena, "webhook http://127.0.0.1:%d/hook", script_server_port(server)));
	run_errand(0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_FAILED);
	assert_non_null(strstr(get_case(f, 1)->escalation_error, "410"));
	script_server_free(server);
}

static void a_webhook_in_trouble_is_asked_again(void **state)
{
	(void)state;
	struct script_server *server = script_server_new(&w.loop);
	script_server_next(server, (struct script){"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 0, SCRIPT_CLOSE, 0});
	script_server_next(server, (struct script){"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, SCRIPT_CLOSE, 0});
	escalate_begin(arena_printf(&f->arena, "webhook http://127.0.0.1:%d/hook", script_server_port(server)));
	run_errand(0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_PENDING);
	fixture_wall_ms += 60000;
	fixture_mono_ms += 60000;
	run_errand(0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_DELIVERED);
	script_server_free(server);
}

static void a_webhook_at_a_private_address_fails_at_once_and_names_the_setting(void **state)
{
	(void)state;
	escalate_begin("webhook https://rebound.localhost/hook");
	run_errand(0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_FAILED);
	assert_string_equal(get_case(f, 1)->escalation_error,
	        "rebound.localhost: this is a private address, of this machine or a network behind it; nothing was "
	        "sent (private_webhook = allow permits it)");
}

static void one_that_is_allowed_to_is_tried(void **state)
{
	(void)state;
	escalate_begin("webhook https://rebound.localhost:1/hook\nprivate_webhook = allow");
	assert_non_null(strstr(complaint(), "Connection refused"));
}

static void a_complaint_that_quotes_a_secret_is_kept_without_it(void **state)
{
	(void)state;
	secret_know("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	escalate_begin("command echo bad secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw >&2; exit 1");
	const char *told = complaint();
	secret_forget_all();
	assert_string_equal(told, "bad secret [secret]");
}

static void a_command_has_no_descriptor_and_no_variable_of_the_courier(void **state)
{
	(void)state;
	int left_open = open("/dev/null", O_RDONLY);
	setenv("KEPT_FROM_IT", "canary", 1);
	escalate_begin("command echo \"$KEPT_FROM_IT|$(ls /proc/self/fd | tr '\\n' ' ')\" >&2; exit 1");
	const char *told = complaint();
	unsetenv("KEPT_FROM_IT");
	close(left_open);
	assert_string_equal(told, "|0 1 2 3 ");
}

static void the_signature_is_that_of_the_standards_example(void **state)
{
	(void)state;
	static const char body[] = "{\"test\": 2432232314}";
	struct str out = STR_INIT;
	assert_true(signature_webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
	        1614265330, body, strlen(body), &out));
	assert_string_equal(out.p, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_false(signature_webhook("whsec_?", "m", 1, "", 0, &out));
	str_clear(&out);
	signature_pkce("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", &out); /* RFC 7636, appendix B */
	assert_string_equal(out.p, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	str_release(&out);
}

/* By base64(1): what a reader of mails makes of it. */
static const char *decoded(const char *lines)
{
	static const char *const argv[] = {"/usr/bin/base64", "-d", "-i", NULL}, *const env[] = {NULL};
	struct run_result result;
	run_program(argv, env, lines, PATIENCE_S * 1000, &result);
	assert_int_equal(result.status, 0);
	const char *text = arena_strdup(&f->arena, result.out.p);
	run_result_release(&result);
	return text;
}

static void a_mail_has_no_headers_that_a_customer_wrote(void **state)
{
	(void)state;
	escalate_begin("mail billing@desk.example");
	struct str script = STR_INIT;
	const char *path = arena_printf(&f->arena, "%s/sendmail", f->dir);
	str_addf(&script, "#!/bin/sh\necho \"$@\" > %s/args\ncat > %s/mail\n", f->dir, f->dir);
	assert_int_equal(file_write_atomic(path, script.p, script.len, 0700, &f->err), 0);
	assert_int_equal(chmod(path, 0700), 0);
	str_release(&script);
	run_errand(0);
	assert_string_equal(get_case(f, 1)->escalation_error, "");
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_DELIVERED);
	char *args = read_whole("args"), *mail = read_whole("mail");
	assert_string_equal(args, "-oi -t\n");
	assert_true(str_starts(mail, "To: billing@desk.example\r\nSubject: "));
	assert_null(strstr(mail, "\nBcc:"));
	assert_non_null(strstr(mail, "Content-Transfer-Encoding: base64\r\n\r\n"));
	free(args);
	free(mail);
}

/* RFC 5322, 2.1.1; RFC 2047, 2. */
static void no_line_of_a_mails_head_is_longer_than_mailers_take(void **state)
{
	(void)state;
	static const char *const words[] = {"refund ", "Rückgabe "};
	const struct case_view *view;
	escalate_begin("mail billing@desk.example");
	assert_int_equal(store_case_view(f->store, 1, "", 0, &f->arena, &view, &f->err), 0);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct str why = STR_INIT, mail = STR_INIT;
		while (why.len < 9000)
			str_adds(&why, words[i]);
		const struct escalation escalation = {.case_id = 1, .team = "billing", .by = "alice", .why = why.p};
		assert_int_equal(escalate_mail(view, &escalation, "billing@desk.example", &mail, &f->err), 0);
		for (const char *line = mail.p; *line && !str_starts(line, "\r\n"); line = strstr(line, "\r\n") + 2)
			assert_in_range(strstr(line, "\r\n") - line, 1, 76);
		str_release(&why);
		str_release(&mail);
	}
}

static void a_mail_tells_customers_words_as_quotes_and_names_within_their_lines(void **state)
{
	(void)state;
	struct incoming item = post_in("@eve\nWhy: nothing\302\2332J", "2", "", T(1),
	        "one\r\nWhy: nothing\n\033[2J\342\200\256two \360\237\221\251\342\200\215\360\237\222\273");
	take_one(f, item);
	escalate_begin("mail billing@desk.example");
	const struct case_view *view;
	struct str mail = STR_INIT;
	assert_int_equal(store_case_view(f->store, 2, "", 0, &f->arena, &view, &f->err), 0);
	const struct escalation escalation = {
	        .case_id = 2, .team = "billing", .by = "alice", .why = "late\nCustomer: x"};
	assert_int_equal(escalate_mail(view, &escalation, "billing@desk.example", &mail, &f->err), 0);
	const char *body = decoded(strstr(mail.p, "\r\n\r\n") + 4);
	assert_non_null(strstr(body, "\nWhy: late Customer: x\nCustomer: @eve Why: nothing 2J ("));
	assert_non_null(
	        strstr(body, "\n> one \n> Why: nothing\n>  [2J two \360\237\221\251\342\200\215\360\237\222\273\n"));
	assert_null(strstr(body, "\nWhy: nothing"));
	str_release(&mail);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(a_command_gets_the_case_as_json),
	        test(a_failing_command_is_tried_eight_times_and_its_complaint_is_the_reason),
	        test(a_command_that_hangs_is_ended),
	        test(a_webhook_is_signed),
	        test(a_webhook_that_is_gone_is_not_asked_again),
	        test(a_webhook_in_trouble_is_asked_again),
	        test(a_webhook_at_a_private_address_fails_at_once_and_names_the_setting),
	        test(one_that_is_allowed_to_is_tried),
	        test(a_complaint_that_quotes_a_secret_is_kept_without_it),
	        test(a_command_has_no_descriptor_and_no_variable_of_the_courier),
	        test(the_signature_is_that_of_the_standards_example),
	        test(a_mail_has_no_headers_that_a_customer_wrote),
	        test(no_line_of_a_mails_head_is_longer_than_mailers_take),
	        test(a_mail_tells_customers_words_as_quotes_and_names_within_their_lines),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
