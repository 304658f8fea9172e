/* The judge of adapters is judged: one that is right, and such that break one sentence or nearly all. */
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/network/adapter_check.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct verdicts {
	struct str good, bad;
};

static void tell(void *arg, bool holds, const char *sentence, const char *why)
{
	struct verdicts *v = arg;
	if (holds)
		str_addf(&v->good, "%s\n", sentence);
	else
		str_addf(&v->bad, "%s: %s\n", sentence, why);
	assert_true(holds == !*why);
}

static bool judge(struct verdicts *v, const char *command)
{
	*v = (struct verdicts){STR_INIT, STR_INIT};
	return adapter_check(command, tell, v);
}

static void release(struct verdicts *v)
{
	str_release(&v->good);
	str_release(&v->bad);
}

static void our_own_adapter_keeps_every_sentence(void **state)
{
	(void)state;
	struct verdicts v;
	struct str command = STR_INIT;
	char said[] = "/tmp/curlew-said-XXXXXX", *dir = path_program_dir();
	FILE *file = fdopen(mkstemp(said), "w");
	for (int i = 0; i < 12; i++)
		fprintf(file,
		        "{\"remote_id\":\"%d\",\"author\":{\"handle\":\"@sam\"},\"text\":\"hello\",\"created_at\":"
		        "\"2026-11-22T02:00:%02dZ\"}\n",
		        i, i);
	fclose(file);
	str_addf(&command, "%s/../../curlew-replay --speed all --replies %s.replies %s", dir, said, said);
	bool all = judge(&v, command.p);
	assert_string_equal(v.bad.p, "");
	assert_true(all);
	assert_non_null(strstr(v.good.p, "no more mentions than at_most"));
	assert_non_null(strstr(v.good.p, "a reply that was never made is not found"));
	assert_non_null(strstr(v.good.p, "from a position, nothing comes that came before it"));
	release(&v);
	unlink(said);
	str_clear(&command);
	str_addf(&command, "%s.replies", said);
	unlink(command.p);
	str_release(&command);
	free(dir);
}

static void what_cannot_begin_is_told_at_once(void **state)
{
	static const struct {
		const char *command, *bad;
	} each[] = {
	        {"exit 3", "its first line is hello, within 10 seconds: it ended with status 3; it has said nothing\n"},
	        {"echo hi; cat", "not JSON at byte 0 of 2 (the line begins hi)\n"},
	        {"echo '{\"type\":\"alive\"}'; cat", "its first line is something else\n"},
	        {"echo '{\"type\":\"hello\",\"protocol\":7,\"name\":\"t\"}'; cat",
	                "it speaks protocol 1: it speaks protocol 7\n"},
	        {"echo '{\"type\":\"hello\",\"protocol\":1,\"name\":\"t\"}'; read start; read later; read fill; exit 1",
	                "it answers back-fill with ok: it ended with status 1; it has answered nothing: no line "
	                "came\n"}};
	(void)state;
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		struct verdicts v;
		assert_false(judge(&v, each[i].command));
		if (!strstr(v.bad.p, each[i].bad))
			fail_msg("%s says %s", each[i].command, v.bad.p);
		release(&v);
	}
}

/* The id of a call in shell. */
#define ID "id=${line#*\\\"id\\\":}; id=${id%%[!0-9]*}\n"
#define POST(id, at)                                                                                                   \
	"echo '{\"type\":\"post\",\"remote_id\":\"" id "\",\"text\":\"a\",\"author\":{\"handle\":\"@sam\"},"           \
	"\"created_at\":\"2026-11-22T02:00:" at "Z\"}'\n"

static void one_that_breaks_nearly_every_sentence_is_told_each(void **state)
{
	static const char *const broken[] = {
	        "a new account gets no more mentions than at_most: 6 came, and at_most was 5\n",
	        "posts come oldest first: one came after a younger one\n",
	        "a position stands for what was handed over: no position came with the last post or behind it",
	        "a post that is not there is not found: it found posts for an id that nobody has",
	        "a reply that was never made is not found: it found one for a key that is new\n",
	        "each call is answered once: 4 calls were answered twice, 1 answers were to none\n",
	        "it writes a line at least as often as alive says: it was silent",
	        "each of its lines has what it must have: post: \"created_at\" is \"\"",
	        "it ends with its input, within 2 seconds: it was still there\n"};
	struct verdicts v;
	(void)state;
	assert_false(judge(&v,
	        "echo '{\"type\":\"hello\",\"protocol\":1,\"name\":\"t\",\"can\":[\"reply\"]}'\n" POST("1", "05") POST(
	                "2", "04") POST("3", "06") POST("4", "07") POST("5", "08") POST("6",
	                "09") "echo '{\"type\":\"post\",\"remote_id\":\"9\"}'\n"
	                      "while IFS= read -r line; do case $line in *'\"id\":'*)\n" ID
	                      "[ $id -gt 1 ] && posts=',\"posts\":[{\"remote_id\":\"1\",\"text\":\"a\",\"author\":"
	                      "{\"handle\":\"@sam\"},\"created_at\":\"2026-11-22T02:00:05Z\"}]'\n"
	                      "[ $id = 2 ] && echo '{\"type\":\"answer\",\"id\":99,\"outcome\":\"ok\"}'\n"
	                      "answer=\"{\\\"type\\\":\\\"answer\\\",\\\"id\\\":$id,\\\"outcome\\\":\\\"ok\\\"$posts}"
	                      "\"\n"
	                      "echo \"$answer\"; [ $id -lt 3 ] || [ $id -gt 5 ] || echo \"$answer\"\n"
	                      "[ $id = 6 ] && echo \"$answer\"\n"
	                      ";; esac; done; exec tail -f /dev/null"));
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		if (!strstr(v.bad.p, broken[i]))
			fail_msg("nothing says \"%s\":\n%s", broken[i], v.bad.p);
	release(&v);
}

/* It keeps what it was given, as any adapter whose login is renewed. */
static void one_that_renews_its_login_and_is_charged_is_told_what_is_wrong_with_that(void **state)
{
	static const char adapter[] =
	        "echo '{\"type\":\"hello\",\"protocol\":1,\"name\":\"t\",\"can\":[\"stream\"]%s}'\n"
	        "while IFS= read -r line; do case $line in\n"
	        "*'\"start\"'*) case $line in *'\"token\":\"%s\"'*) state=live;; *secrets*) state='needs login';; "
	        "*) state=live;; esac; echo \"{\\\"type\\\":\\\"state\\\",\\\"state\\\":\\\"$state\\\"}\"\n"
	        "echo '{\"type\":\"cost\",\"amount\":0.005}'\n"
	        "echo '{\"type\":\"secrets\",\"secrets\":{\"token\":\"t1\"}}'\n"
	        "echo '{\"type\":\"position\",\"position\":\"1\"}';;\n"
	        "*'\"id\":'*) id=${line#*\\\"id\\\":}; id=${id%%%%[!0-9]*}\n"
	        "echo \"{\\\"type\\\":\\\"answer\\\",\\\"id\\\":$id,\\\"outcome\\\":\\\"ok\\\"}\";;\n"
	        "*kept*) while sleep 1; do echo '{\"type\":\"alive\"}'; done & ;; esac; done; kill $!\n";
	char command[2000];
	struct verdicts v;
	(void)state;
	snprintf(command, sizeof command, adapter, ",\"prices\":{\"currency\":\"USD\"}", "t1");
	bool all = judge(&v, command);
	assert_string_equal(v.bad.p, "");
	assert_true(all);
	assert_non_null(strstr(v.good.p, "what it costs has a currency\n"));
	assert_non_null(strstr(v.good.p, "it goes on with the secrets that another process handed over\n"));
	release(&v);
	snprintf(command, sizeof command, adapter, "", "another");
	assert_false(judge(&v, command));
	assert_non_null(strstr(v.bad.p, "what it costs has a currency: a cost came, and no currency in prices\n"));
	assert_non_null(strstr(v.bad.p, "it goes on with the secrets that another process handed over: it says that"));
	release(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(our_own_adapter_keeps_every_sentence),
	        cmocka_unit_test(what_cannot_begin_is_told_at_once),
	        cmocka_unit_test(one_that_breaks_nearly_every_sentence_is_told_each),
	        cmocka_unit_test(one_that_renews_its_login_and_is_charged_is_told_what_is_wrong_with_that),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
