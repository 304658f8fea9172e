/* What goes out beside the text: others, warning, language, files, several posts; canned replies that fit; macros. */
#include "tests/lib/desk_driver.h"

#include "core/base/str.h"
#include "tui/desk/macro.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct driver *d;

static int setup(void **state)
{
	(void)state;
	d = driver_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	driver_free(d);
	return 0;
}

static const struct composer *composer(void)
{
	return &d->state->composer;
}

static const char *text(void)
{
	return composer()->compose.text.p;
}

/* On the command line, from wherever we are. */
static void command(const char *line)
{
	driver_keys(d, composer()->open ? "^T" : ":");
	driver_type(d, line);
	driver_keys(d, "<Enter>");
}

static void write_reply(const char *words)
{
	driver_keys(d, "r");
	driver_type(d, words);
}

static const struct draft *stored(void)
{
	driver_pass(d, 1000);
	return &driver_case(d, 1)->drafts[DRAFT_REPLY];
}

static bool objects(const char *words, bool *refuses)
{
	struct objection objections[OBJECTIONS_MAX];
	int count = sendbar_objections(d->state, objections);
	for (int i = 0; i < count; i++)
		if (strstr(objections[i].text, words)) {
			*refuses = objections[i].refuses;
			return true;
		}
	return false;
}

static bool tells(const char *words)
{
	struct objection facts[OBJECTIONS_MAX];
	int count = sendbar_facts(d->state, facts);
	for (int i = 0; i < count; i++)
		if (strstr(facts[i].text, words))
			return true;
	return false;
}

static const struct effect *send(void)
{
	driver_keys(d, "^X");
	driver_painted(d);
	driver_pass(d, 500);
	driver_keys(d, "<Enter>");
	return driver_last(d, FX_HOLD);
}

/* --- whom */

static void nobody_but_the_recipient_is_addressed_until_mention_adds_them(void **state)
{
	(void)state;
	driver_case(d, 1)->posts[0].mentions = "@acme @leo@mas.example @c1@mas.example @ann@far.example";
	driver_changed(d, 1);
	write_reply("hello");
	assert_string_equal(text(), "hello");
	command("mention");
	assert_string_equal(text(), "@leo@mas.example @ann@far.example hello");
	assert_true(tells("also to @leo@mas.example @ann@far.example"));
	command("mention");
	assert_string_equal(text(), "@leo@mas.example @ann@far.example hello");
	command("mention bob @leo");
	assert_string_equal(text(), "@bob @leo@mas.example @ann@far.example hello");
	driver_type(d, "!");
	assert_true(str_ends(text(), "hello!"));
	assert_string_equal(stored()->text, text());
}

/* --- the number in the frame */

static int behind(void)
{
	int left;
	composer_left(d->state, &left);
	return composer()->count.left - left;
}

static void the_number_follows_what_is_typed_at_rest_or_when_it_is_far_behind(void **state)
{
	(void)state;
	write_reply("a"); /* what ends in a blank is counted without it */
	driver_pass(d, 1000);
	assert_int_equal(behind(), 0);
	for (int i = 1; i < 20; i++) {
		driver_type(d, "a");
		assert_int_equal(behind(), i);
		driver_pass(d, 900);
	}
	driver_type(d, "a");
	assert_int_equal(behind(), 0);
	driver_type(d, "b");
	assert_int_equal(behind(), 1);
	driver_pass(d, 1000);
	assert_int_equal(behind(), 0);
	driver_paste(d, "bc");
	assert_int_equal(behind(), 0);
}

static void the_number_is_never_behind_when_few_are_left_or_in_the_send_bar(void **state)
{
	(void)state;
	int left;
	write_reply("a"); /* what ends in a blank is counted without it */
	driver_pass(d, 1000);
	driver_type(d, "a");
	assert_int_equal(behind(), 1);
	driver_keys(d, "^X");
	assert_int_equal(behind(), 0);
	driver_painted(d);
	driver_pass(d, 500);
	for (left = 1000; left > -5;) {
		driver_type(d, "a");
		composer_left(d->state, &left);
		assert_true(behind() == 0 || left >= 40);
	}
	for (int i = 0; i < 5; i++) {
		driver_keys(d, "<Backspace>");
		assert_int_equal(behind(), 0);
	}
}

/* --- warning and language */

static void warning_and_language_count_are_kept_and_come_back(void **state)
{
	(void)state;
	int before, after;
	write_reply("hello");
	assert_true(composer_left(d->state, &before));
	command("warning injury");
	composer_left(d->state, &after);
	assert_int_equal(before - after, 6);
	command("language pt-BR");
	assert_string_equal(composer_language(d->state), "pt-BR");
	assert_string_equal(stored()->warning, "injury");
	assert_string_equal(stored()->language, "pt-BR");
	driver_keys(d, "<Esc>jkr");
	assert_string_equal(composer()->warning, "injury");
	assert_string_equal(composer()->language, "pt-BR");
	const struct effect *effect = send();
	assert_string_equal(effect->hold.reply.warning, "injury");
	assert_string_equal(effect->hold.reply.language, "pt-BR");
}

static void without_a_word_they_are_as_at_first(void **state)
{
	(void)state;
	write_reply("hello");
	command("warning injury");
	command("warning");
	assert_string_equal(composer()->warning, "");
	command("language de");
	command("language");
	assert_string_equal(composer()->language, "en");
	assert_string_equal(composer_language(d->state), "");
	command("language english please");
	assert_string_equal(composer()->language, "en");
	assert_non_null(strstr(d->state->message.text, "expected a language like"));
}

static void the_warning_of_the_post_is_carried_on(void **state)
{
	(void)state;
	driver_case(d, 1)->posts[0].warning = "blood";
	driver_changed(d, 1);
	write_reply("hello");
	assert_string_equal(composer()->warning, "blood");
	assert_true(tells("under the warning: blood"));
}

/* --- files */

static void a_file_is_attached_with_its_description(void **state)
{
	(void)state;
	write_reply("see here");
	command("attach label.png");
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	assert_non_null(strstr(d->state->prompt.label, "label.png"));
	driver_type(d, "the label");
	driver_keys(d, "<Enter>");
	assert_int_equal(composer()->file_count, 1);
	assert_string_equal(composer()->files[0].path, "/home/alice/label.png");
	assert_int_equal(stored()->file_count, 1);
	assert_string_equal(stored()->files[0].alt, "the label");
	driver_keys(d, "<Esc>jkr");
	assert_int_equal(composer()->file_count, 1);
	assert_true(tells("with label.png: the label"));
	const struct effect *effect = send();
	assert_int_equal(effect->hold.reply.file_count, 1);
	assert_string_equal(effect->hold.reply.files[0].alt, "the label");
}

static void without_a_description_the_send_bar_objects(void **state)
{
	(void)state;
	bool refuses = true;
	write_reply("see here");
	command("attach label.png");
	driver_keys(d, "<Enter>");
	assert_int_equal(composer()->file_count, 1);
	assert_true(objects("nothing says what label.png shows", &refuses));
	assert_false(refuses);
	assert_null(send());
	driver_keys(d, "^Y");
	assert_int_equal(driver_count(d, FX_HOLD), 1);
}

static void what_the_network_would_refuse_is_not_attached(void **state)
{
	(void)state;
	write_reply("see here");
	command("attach huge.png");
	assert_non_null(strstr(d->state->message.text, "huge.png has 2.0 MB; acme takes 1.0"));
	command("attach note.txt");
	assert_non_null(strstr(d->state->message.text, "no picture, video or sound"));
	d->refuse[FX_FILE] = (struct err){.code = ERR_NOT_FOUND, .text = "/x.png: No such file"};
	command("attach x.png");
	assert_string_equal(d->state->message.text, "/x.png: No such file");
	assert_int_equal(composer()->file_count, 0);
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
}

static void more_files_than_the_network_takes_are_refused(void **state)
{
	(void)state;
	bool refuses = false;
	char line[32];
	write_reply("see here");
	for (int i = 0; i < 5; i++) {
		snprintf(line, sizeof line, "attach %d.png", i);
		command(line);
		driver_type(d, "one");
		driver_keys(d, "<Enter>");
	}
	assert_true(objects("5 files; acme takes 4", &refuses));
	assert_true(refuses);
	command("detach 2");
	assert_int_equal(composer()->file_count, 4);
	assert_string_equal(composer()->files[1].path, "/home/alice/2.png");
	assert_false(objects("files", &refuses));
	command("detach 9");
	assert_int_equal(composer()->file_count, 4);
}

static void leaving_the_question_attaches_nothing(void **state)
{
	(void)state;
	write_reply("see here");
	command("attach label.png");
	driver_keys(d, "<Esc>");
	assert_int_equal(composer()->file_count, 0);
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
}

static void a_file_that_is_told_after_the_composer_closed_is_nothing(void **state)
{
	(void)state;
	write_reply("see here");
	d->deaf[FX_FILE] = true;
	command("attach label.png");
	uint64_t request = driver_last(d, FX_FILE)->request;
	driver_keys(d, "<Esc>");
	struct event event = {.kind = EV_FILE, .request = request};
	event.file.path = "/home/alice/label.png";
	event.file.bytes = 10;
	driver_event(d, event);
	assert_int_equal(state_mode(d->state), MODE_INBOX);
}

/* --- several posts */

static void write_long(void)
{
	driver_keys(d, "r");
	for (int i = 0; i < 20; i++)
		driver_paste(d, "A sentence of thirty characters. ");
}

static void too_long_a_text_is_refused_and_a_split_offered(void **state)
{
	(void)state;
	bool refuses = false;
	write_long();
	assert_true(objects("over what the network takes; ^T split makes it 2 posts", &refuses));
	assert_true(refuses);
	command("split");
	assert_false(objects("over what the network takes", &refuses));
	assert_true(tells("in 2 posts"));
	const struct effect *effect = send();
	assert_int_equal(effect->hold.part_count, 2);
	assert_true(str_starts(effect->hold.parts[0].text, "@c1@mas.example 1/2 A sentence"));
	assert_true(str_starts(effect->hold.parts[1].text, "@c1@mas.example 2/2 A sentence"));
	assert_int_equal(effect->hold.parts[1].part, 2);
	const struct reply *held[4];
	assert_int_equal(state_outgoing(d->state, 1u << REPLY_HELD, held, 4), 1);
}

static void one_recall_takes_back_all_parts(void **state)
{
	(void)state;
	write_long();
	command("split");
	send();
	driver_keys(d, "^G");
	const struct effect *recall = driver_last(d, FX_RECALL);
	assert_non_null(recall);
	assert_int_equal(recall->ids.count, 1);
}

static void split_again_is_one_post(void **state)
{
	(void)state;
	write_reply("short");
	command("split");
	assert_false(composer()->split);
	assert_string_equal(d->state->message.text, "it fits in one post");
	driver_keys(d, "<Esc>j");
	write_long();
	command("split");
	assert_true(composer()->split);
	command("split");
	assert_false(composer()->split);
}

static void what_has_been_published_stays_one_post_with_its_files(void **state)
{
	(void)state;
	bool refuses = false;
	struct post *ours = driver_add_post(d, 1, 150, DIR_OUT, "it is thare");
	ours->source = "@c1@mas.example it is thare";
	ours->parent_remote_id = "r100";
	driver_changed(d, 1);
	driver_keys(d, "]E");
	assert_int_equal(composer()->kind, DRAFT_CORRECTION);
	for (int i = 0; i < 20; i++)
		driver_paste(d, "A sentence of thirty characters. ");
	command("split");
	assert_false(composer()->split);
	assert_non_null(strstr(d->state->message.text, "a correction changes the text"));
	command("attach label.png");
	assert_int_equal(driver_count(d, FX_FILE), 0);
	assert_true(objects("over what the network takes", &refuses));
	assert_true(refuses);
	assert_false(objects("split makes it", &refuses));
}

/* --- canned replies */

static void what_does_not_fit_stands_last_and_says_why(void **state)
{
	(void)state;
	driver_keys(d, ";");
	const struct picker *picker = &d->state->picker;
	const struct picker_item *last = &picker->items.at[picker->shown.at[picker->shown.len - 1]];
	assert_string_equal(last->label, "german");
	assert_true(last->dim);
	assert_string_equal(last->hint, "not for acme");
	driver_type(d, "german");
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_PICKER);
	assert_false(composer()->open);
	driver_keys(d, "<Esc>");
	write_reply("::german ");
	assert_string_equal(text(), "::german ");
}

static void a_canned_reply_fits_by_day_and_language(void **state)
{
	(void)state;
	static const char *const languages[] = {"de"};
	const struct setup_canned canned[] = {{.name = "later", .text = "x", .from = d->wall + 1000},
	        {.name = "earlier", .text = "x", .until = d->wall},
	        {.name = "now", .text = "x", .from = d->wall, .until = d->wall + 1000},
	        {.name = "german", .text = "x", .languages = languages, .languages_len = 1}};
	d->state->setup.canned = canned;
	d->state->setup.canned_len = 4;
	driver_case(d, 1)->kase.language = "fr";
	driver_changed(d, 1);
	driver_keys(d, ";");
	const struct picker *picker = &d->state->picker;
	assert_string_equal(picker->items.at[0].label, "now");
	assert_false(picker->items.at[0].dim);
	assert_true(picker->items.at[1].dim);
	assert_string_equal(picker->items.at[3].hint, "not in fr");
	driver_case(d, 1)->kase.language = "de-AT";
	driver_changed(d, 1);
	driver_keys(d, "<Esc>;");
	assert_string_equal(picker->items.at[1].label, "german");
	assert_false(picker->items.at[1].dim);
	driver_keys(d, "<Esc>");
}

static void several_codes_expand_in_one_reply(void **state)
{
	(void)state;
	write_reply("::sorry ::sorry2 and ::thanks");
	assert_string_equal(text(), "We are sorry. We are very sorry. and @c1@mas.example, thank you! {note?}");
}

static void a_name_that_is_filled_in_brings_no_controls_and_no_lines(void **state)
{
	(void)state;
	driver_case(d, 1)->kase.handle = "@sam\r\n\033[2J\342\200\256";
	driver_changed(d, 1);
	write_reply("::thanks");
	assert_string_equal(text(), "@sam   [2J , thank you! {note?}");
}

/* --- macros */

static void a_macro_acts_on_the_case_then_prepares_and_sends_nothing(void **state)
{
	(void)state;
	command("macro refund");
	assert_int_equal(driver_count(d, FX_ACT_MANY), 1); /* one undo takes it back */
	assert_int_equal(driver_last(d, FX_ACT_MANY)->many.count, 2);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_int_equal(state_case(d->state)->priority, 1);
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_string_equal(text(), "We are sorry.We look into it.");
}

static void what_publishes_is_no_part_of_a_macro(void **state)
{
	(void)state;
	static const struct {
		const char *commands, *why;
	} cases[] = {
	        {"tag refund; like", "found like, which publishes: a macro only prepares"},
	        {"send", "found send, which publishes: a macro only prepares"},
	        {"tag a;; send-now", "found send-now, which publishes: a macro only prepares"},
	        {"quit", "found quit, which is no command for a macro"},
	        {"macro other", "found macro, which is no command for a macro"},
	        {"tga refund", "no command \"tga\"; did you mean tag?"},
	        {"tag", "found tag alone, expected [TAG] with it"},
	        {"done", "found done alone, expected [REASON] with it"},
	        {"escalate billing", "found escalate billing, expected a team and why"},
	        {" ; ", "found no command, expected some with ; between"},
	        {"canned a; done other",
	                "found done or snooze beside a reply; what follows a reply is chosen where it is sent"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = ERR_INIT;
		assert_int_equal(macro_check(cases[i].commands, &err), -ERR_CONFIG);
		assert_string_equal(err.text, cases[i].why);
	}
	struct err err = ERR_INIT;
	assert_int_equal(
	        macro_check("claim; tag a b; note see @bob; priority high; reply Hello, ; language de", &err), 0);
	command("macro shout");
	assert_int_equal(driver_count(d, FX_ACT) + driver_count(d, FX_ACT_MANY), 0);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

static void a_macro_may_end_the_case(void **state)
{
	(void)state;
	command("macro close");
	const struct effect *many = driver_last(d, FX_ACT_MANY);
	assert_int_equal(many->many.actions[many->many.count - 1].kind, ACTION_DONE);
	assert_false(composer()->open);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(nobody_but_the_recipient_is_addressed_until_mention_adds_them),
	        TEST(the_number_follows_what_is_typed_at_rest_or_when_it_is_far_behind),
	        TEST(the_number_is_never_behind_when_few_are_left_or_in_the_send_bar),
	        TEST(warning_and_language_count_are_kept_and_come_back),
	        TEST(without_a_word_they_are_as_at_first),
	        TEST(the_warning_of_the_post_is_carried_on),
	        TEST(a_file_is_attached_with_its_description),
	        TEST(without_a_description_the_send_bar_objects),
	        TEST(what_the_network_would_refuse_is_not_attached),
	        TEST(more_files_than_the_network_takes_are_refused),
	        TEST(leaving_the_question_attaches_nothing),
	        TEST(a_file_that_is_told_after_the_composer_closed_is_nothing),
	        TEST(too_long_a_text_is_refused_and_a_split_offered),
	        TEST(one_recall_takes_back_all_parts),
	        TEST(split_again_is_one_post),
	        TEST(what_has_been_published_stays_one_post_with_its_files),
	        TEST(what_does_not_fit_stands_last_and_says_why),
	        TEST(a_canned_reply_fits_by_day_and_language),
	        TEST(several_codes_expand_in_one_reply),
	        TEST(a_name_that_is_filled_in_brings_no_controls_and_no_lines),
	        TEST(a_macro_acts_on_the_case_then_prepares_and_sends_nothing),
	        TEST(what_publishes_is_no_part_of_a_macro),
	        TEST(a_macro_may_end_the_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
