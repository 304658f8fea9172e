/* Files with a post, against the small server of our own. */
#include "tests/network/mastodon_world.h"

#include "core/base/paths.h"

#include <unistd.h>

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/curlew-media-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

/* A file of so many bytes, which is removed when the reply has been tried. */
static const char *file_of(const char *name, size_t bytes)
{
	static char paths[4][128];
	static int next;
	char *path = paths[next++ % 4], *text = mem_alloc(bytes + 1);
	struct err err = ERR_INIT;
	for (size_t i = 0; i < bytes; i++)
		text[i] = (char)(i * 7); /* every byte, also NUL and line ends */
	snprintf(path, sizeof paths[0], "%s/%s", dir, name);
	assert_int_equal(file_write_atomic(path, text, bytes, 0600, &err), 0);
	free(text);
	return path;
}

static void perform_with(struct world *w, const struct attachment *files, int count, const char *key)
{
	char *id = says(w, "@acme how does it look?", NULL);
	struct reply reply = a_reply(id, "@newcomer@ferry.example like this", key);
	reply.files = files;
	reply.file_count = count;
	w->answered = false;
	w->network->ops->perform(w->network, &reply, on_answer, w);
	while (!w->answered) {
		turn(w);
		advance(w, 100); /* the server may be at work on a file */
	}
	for (int i = 0; i < count; i++)
		unlink(files[i].path);
	free(id);
}

static json *published(struct world *w)
{
	struct str path = STR_INIT;
	str_addf(&path, "/api/v1/statuses/%s", w->published);
	json *status = fakenet_get(&w->net, path.p);
	str_release(&path);
	assert_non_null(status);
	return status;
}

static int requests(struct world *w, const char *route)
{
	json *state = fakenet_control(&w->net, "state", NULL);
	int count = (int)json_int(json_get(state, "requests"), route, 0);
	json_free(state);
	return count;
}

static void pictures_go_out_with_their_descriptions(void **state)
{
	(void)state;
	struct world *w = live("0");
	const struct attachment files[] = {{file_of("label.png", 5000), "the \"label\", grün\r\nand --more"},
	        {file_of("Door of Mr. Smith.JPG", 70000), ""}};
	assert_true(w->caps & CAP_MEDIA);
	assert_int_equal(w->limits.files, 4);
	assert_int_equal(w->limits.alt, 1500);
	perform_with(w, files, 2, "media-1");
	assert_int_equal(w->outcome, CALL_OK);
	json *status = published(w);
	const json *media = json_get(status, "media_attachments");
	assert_int_equal(json_count(media), 2);
	const json *first = json_first(media), *second = json_next(first);
	assert_string_equal(json_str(first, "description"), "the \"label\", grün\r\nand --more");
	assert_non_null(strstr(json_str(first, "url"), "up-5000"));
	assert_null(json_str(second, "description"));
	assert_non_null(strstr(json_str(second, "url"), "up-70000"));
	json_free(status);
	world_free(w);
}

static void a_video_is_waited_for_while_the_server_works_on_it(void **state)
{
	(void)state;
	struct world *w = live("0");
	const struct attachment file = {file_of("how.mp4", 1000), "how to open it"};
	perform_with(w, &file, 1, "media-2");
	assert_int_equal(w->outcome, CALL_OK);
	assert_int_equal(requests(w, "GET /api/v1/media/:id"), 2);
	json *status = published(w);
	assert_string_equal(json_str(json_first(json_get(status, "media_attachments")), "type"), "video");
	json_free(status);
	world_free(w);
}

static void a_file_that_cannot_go_out_says_why_and_nothing_is_posted(void **state)
{
	(void)state;
	struct world *w = live("0");
	int before = own_posts(w);
	const struct {
		struct attachment file;
		const char *why;
	} cases[] = {
	        {{"/nowhere/gone.png", ""}, "gone.png: No such file or directory"},
	        {{dir, ""}, "it is no file"},
	        {{file_of("big.png", 2000000), ""}, "big.png: it has 2.0 MB, the server takes 1.0"},
	        {{file_of("note.txt", 10), ""}, "note.txt: it is no picture, video or sound by its name"},
	        {{file_of("new.heic", 10), ""}, "new.heic: the server says: Validation failed: File content type is "
	                                        "invalid, File is invalid (422)"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		perform_with(w, &cases[i].file, 1, "media-3");
		assert_int_equal(w->outcome, CALL_REFUSED);
		if (!strstr(w->why, cases[i].why))
			fail_msg("expected \"%s\", told \"%s\"", cases[i].why, w->why);
	}
	assert_int_equal(own_posts(w), before);
	world_free(w);
}

static void an_upload_that_is_lost_is_simply_made_again(void **state)
{
	(void)state;
	struct world *w = live("0");
	static const char *const faults[] = {
	        "close_before", "close_after", "status 503", "status 429 reset 5", "malformed"};
	int before = own_posts(w);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		const struct attachment file = {file_of("label.png", 100), "the label"};
		fault(w, "POST /api/v2/media", faults[i]);
		perform_with(w, &file, 1, "media-4");
		assert_int_equal(w->outcome, CALL_NOT_SENT);
		advance(w, 10000);
	}
	assert_int_equal(own_posts(w), before);
	world_free(w);
}

static void an_unknown_outcome_of_the_post_itself_stays_unknown(void **state)
{
	(void)state;
	struct world *w = live("0");
	const struct attachment file = {file_of("label.png", 100), "the label"};
	fault(w, "POST /api/v1/statuses", "close_after");
	perform_with(w, &file, 1, "media-5");
	assert_int_equal(w->outcome, CALL_UNKNOWN);
	world_free(w);
}

static void a_network_that_closes_meanwhile_forgets_the_upload(void **state)
{
	(void)state;
	struct world *w = live("0");
	const struct attachment file = {file_of("label.png", 100), "the label"};
	struct reply reply = a_reply("1", "@newcomer@ferry.example hi", "media-6");
	reply.files = &file;
	reply.file_count = 1;
	w->answered = false;
	w->network->ops->perform(w->network, &reply, on_answer, w);
	turn(w);
	world_free(w);
	unlink(file.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pictures_go_out_with_their_descriptions),
	        cmocka_unit_test(a_video_is_waited_for_while_the_server_works_on_it),
	        cmocka_unit_test(a_file_that_cannot_go_out_says_why_and_nothing_is_posted),
	        cmocka_unit_test(an_upload_that_is_lost_is_simply_made_again),
	        cmocka_unit_test(an_unknown_outcome_of_the_post_itself_stays_unknown),
	        cmocka_unit_test(a_network_that_closes_meanwhile_forgets_the_upload),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
