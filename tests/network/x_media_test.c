/* Files with a post on X, against the small network of our own. */
#include "tests/lib/fakenet.h"
#include "tests/network/x_world.h"

#include <unistd.h>

static char dir[64];
static struct fakenet net;

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/curlew-media-XXXXXX");
	return mkdtemp(dir) && fakenet_start(&net, NULL) == 0 ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return fakenet_stop(&net) || rmdir(dir) ? -1 : 0;
}

/* A file of so many bytes, which is removed when the reply has been tried. */
static const char *file_of(const char *name, size_t bytes)
{
	static char paths[8][128];
	static int next;
	char *path = paths[next++ % 8], *text = mem_alloc(bytes + 1);
	struct err err = ERR_INIT;
	for (size_t i = 0; i < bytes; i++)
		text[i] = (char)(i * 7); /* every byte, also NUL and line ends */
	snprintf(path, sizeof paths[0], "%s/%s", dir, name);
	assert_int_equal(file_write_atomic(path, text, bytes, 0600, &err), 0);
	free(text);
	return path;
}

static void live_on_the_net(struct desk *d)
{
	d->server = net.url;
	d->token = FAKENET_TOKEN;
	open_desk(d);
	run_in_step_until(d->world, &d->live, 1);
}

static void perform_with(struct desk *d, const struct attachment *files, int count, const char *text)
{
	struct reply reply = {.kind = REPLY_KIND_POST,
	        .to_remote_id = "",
	        .text = text,
	        .created_at = clock_wall_ms(),
	        .files = files,
	        .file_count = count};
	perform(d, &reply);
	for (int i = 0; i < count; i++)
		unlink(files[i].path);
}

/* The brand's post with this text; the caller frees the state. */
static const json *posted(const char *text, json **state)
{
	*state = fakenet_control(&net, "state", NULL);
	for (const json *i = json_first(json_get(*state, "brand")); i; i = json_next(i))
		if (str_eq(json_str(i, "text"), text))
			return i;
	return NULL;
}

static int requests(const char *route)
{
	json *state = fakenet_control(&net, "state", NULL);
	int count = (int)json_int(json_get(state, "requests"), route, 0);
	json_free(state);
	return count;
}

static void fault(const char *match, const char *kind)
{
	char text[200];
	snprintf(text, sizeof text, "{\"match\":\"%s\",\"times\":1,\"kind\":\"%s\"}", match, kind);
	json_free(fakenet_control(&net, "fault", text));
}

static void pictures_go_out_with_their_descriptions(void **state)
{
	struct desk d = {.world = *state};
	json *all;
	live_on_the_net(&d);
	assert_true(d.facts.caps & CAP_MEDIA);
	assert_int_equal(d.facts.limits.alt, 1000);
	int64_t month = d.spending.month;
	const struct attachment files[] = {{file_of("label.png", 5000), "the \"label\", grün\r\nand --more"},
	        {file_of("Door of Mr. Smith.JPG", 70000), ""}};
	perform_with(&d, files, 2, "two pictures");
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(d.spending.month - month, 15000 + 5000); /* the post, a description */
	const json *media = json_get(posted("two pictures", &all), "media_attachments");
	assert_int_equal(json_count(media), 2);
	const json *first = json_first(media), *second = json_next(first);
	assert_string_equal(json_str(first, "description"), "the \"label\", grün\r\nand --more");
	assert_non_null(strstr(json_str(first, "url"), "up-5000"));
	assert_null(json_str(second, "description"));
	assert_non_null(strstr(json_str(second, "url"), "up-70000"));
	assert_null(strstr(json_str(second, "url"), "Smith"));
	json_free(all);
	close_desk(&d);
}

static void a_video_goes_out_in_pieces_and_is_waited_for(void **state)
{
	struct desk d = {.world = *state};
	json *all;
	live_on_the_net(&d);
	const struct attachment file = {file_of("how.mp4", 5 * 1024 * 1024), "how to open it"};
	perform_with(&d, &file, 1, "a video");
	assert_string_equal(d.why, "");
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(requests("POST /2/media/upload/:id/append"), 3);
	assert_int_equal(requests("GET /2/media/upload"), 2);
	const json *media = json_first(json_get(posted("a video", &all), "media_attachments"));
	assert_string_equal(json_str(media, "type"), "video");
	assert_string_equal(json_str(media, "description"), "how to open it");
	json_free(all);
	close_desk(&d);
}

static void a_file_that_cannot_go_out_says_why_and_nothing_is_posted(void **state)
{
	struct desk d = {.world = *state};
	live_on_the_net(&d);
	int before = requests("POST /2/tweets");
	const struct {
		struct attachment files[2];
		int count;
		const char *why;
	} cases[] = {
	        {{{"/nowhere/gone.png", ""}}, 1, "gone.png: No such file or directory"},
	        {{{dir, ""}}, 1, "it is no file"},
	        {{{file_of("big.png", 6000000), ""}}, 1, "big.png: it has 6.0 MB, the server takes 5.2"},
	        {{{file_of("note.txt", 10), ""}}, 1, "note.txt: it is no picture, video or sound by its name"},
	        {{{file_of("song.mp3", 10), ""}}, 1, "song.mp3: X takes no sound"},
	        {{{file_of("a.png", 10), ""}, {file_of("b.gif", 10), ""}}, 2, "four pictures, or one GIF or video"},
	        {{{file_of("new.heic", 10), ""}}, 1, "new.heic: X says: Unsupported media type"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		perform_with(&d, cases[i].files, cases[i].count, "never");
		assert_int_equal(d.outcome, CALL_REFUSED);
		if (!strstr(d.why, cases[i].why))
			fail_msg("expected \"%s\", told \"%s\"", cases[i].why, d.why);
	}
	assert_int_equal(requests("POST /2/tweets"), before);
	close_desk(&d);
}

static void an_upload_that_is_lost_is_simply_made_again(void **state)
{
	static const char *const faults[] = {"close_before", "close_after", "status 503", "status 429 reset 5"};
	struct desk d = {.world = *state};
	live_on_the_net(&d);
	int before = requests("POST /2/tweets");
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		const struct attachment file = {file_of("label.png", 100), "the label"};
		fault("POST /2/media/upload", faults[i]);
		perform_with(&d, &file, 1, "never");
		assert_int_equal(d.outcome, CALL_NOT_SENT);
		mono_now += 10000;
		wall_now += 10000;
	}
	assert_int_equal(requests("POST /2/tweets"), before);
	close_desk(&d);
}

static void a_network_that_closes_meanwhile_forgets_the_upload(void **state)
{
	struct desk d = {.world = *state};
	live_on_the_net(&d);
	const struct attachment file = {file_of("label.png", 100), "the label"};
	struct reply reply = {
	        .kind = REPLY_KIND_POST, .to_remote_id = "", .text = "never", .files = &file, .file_count = 1};
	d.network->ops->perform(d.network, &reply, on_answer, &d);
	advance(d.world, 1);
	uv_run(&d.world->loop, UV_RUN_NOWAIT);
	close_desk(&d);
	assert_int_equal(d.answered, 0);
	unlink(file.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(pictures_go_out_with_their_descriptions, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(a_video_goes_out_in_pieces_and_is_waited_for, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_file_that_cannot_go_out_says_why_and_nothing_is_posted, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(an_upload_that_is_lost_is_simply_made_again, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_network_that_closes_meanwhile_forgets_the_upload, world_start, world_stop),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
