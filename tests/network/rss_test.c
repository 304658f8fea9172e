/* curlew-rss as the courier starts it, on a server of the test's own. */
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/network/network.h"
#include "tests/network/world.h"

#include <signal.h>
#include <stdio.h>

struct desk {
	struct world *world;
	struct network *network;
	VEC(char *) ids;
	char text[600], handle[100], url[100], refusal[100], gap[200], reason[300];
	struct str position;
	const char *saved;
	const char *const *listen;
	int listen_count, first_fetch, live, troubles, gaps;
	int64_t created_at, edited_at;
	bool addressed, mention;
};

static void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
{
	struct desk *d = arg;
	(void)source;
	for (int i = 0; i < count; i++) {
		vec_push(&d->ids, mem_strdup(items[i].post.remote_id));
		snprintf(d->text, sizeof d->text, "%s", items[i].post.text);
		snprintf(d->handle, sizeof d->handle, "%s", items[i].customer.handle);
		snprintf(d->url, sizeof d->url, "%s", items[i].post.url);
		snprintf(d->refusal, sizeof d->refusal, "%s", items[i].post.reply_refusal);
		d->created_at = items[i].post.created_at;
		d->edited_at = items[i].post.edited_at;
		d->addressed = items[i].post.addressed;
		d->mention = items[i].mention;
	}
	if (position) {
		str_clear(&d->position);
		str_adds(&d->position, position);
	}
	d->network->ops->stored(d->network);
}

static void on_gap(void *arg, const char *source, int64_t from, int64_t to, const char *reason)
{
	struct desk *d = arg;
	assert_true(from < to);
	d->gaps++;
	snprintf(d->gap, sizeof d->gap, "%s: %s", source, reason);
}

static void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct desk *d = arg;
	(void)until;
	d->live += state == ACCOUNT_LIVE;
	d->troubles += state == ACCOUNT_RETRYING || state == ACCOUNT_FAILED;
	snprintf(d->reason, sizeof d->reason, "%s", reason);
}

static void on_facts(void *arg, const struct account_facts *facts)
{
	(void)arg;
	assert_int_equal(facts->caps, CAP_LISTEN);
}

static const char *saved_position(void *arg, const char *source, struct arena *arena)
{
	return strcmp(source, "adapter") == 0 ? arena_strdup(arena, ((struct desk *)arg)->saved) : NULL;
}

static uint64_t no_jitter(void)
{
	return 0;
}

static void open_desk(struct desk *d, const char *path)
{
	struct err err = ERR_INIT;
	struct credentials secrets = {{0}, ""};
	char *dir = path_program_dir();
	struct str command = STR_INIT;
	str_addf(&command, "exec %s/../../curlew-rss http://127.0.0.1:%d%s", dir, script_server_port(d->world->server),
	        path);
	free(dir);
	str_init(&d->position, SIZE_MAX);
	struct network_setup setup = {.http = d->world->http,
	        .timers = &d->world->timers,
	        .loop = &d->world->loop,
	        .random = no_jitter,
	        .command = command.p,
	        .secrets = &secrets,
	        .first_fetch = d->first_fetch,
	        .listen = d->listen,
	        .listen_count = d->listen_count,
	        .position = saved_position,
	        .events = {.arg = d, .items = on_items, .gap = on_gap, .state = on_state, .facts = on_facts}};
	const struct network_ops *ops = network_by_name("adapter");
	assert_int_equal(ops->open(&setup, &d->network, &err), 0);
	str_release(&command);
	ops->start(d->network);
}

static void close_desk(struct desk *d)
{
	d->network->ops->close(d->network);
	for (size_t i = 0; i < d->ids.len; i++)
		free(d->ids.at[i]);
	vec_release(&d->ids);
	str_release(&d->position);
}

/* The next answer; the bytes stay until the process ends. */
static void answers_with(struct world *world, const char *status, const char *headers, struct str body)
{
	struct str whole = STR_INIT;
	str_addf(&whole, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, headers, body.len);
	str_add(&whole, body.p, body.len);
	str_release(&body);
	static VEC(char *) kept;
	size_t len = whole.len;
	vec_push(&kept, str_detach(&whole));
	script_server_next(world->server, (struct script){.answer = kept.at[kept.len - 1], .len = len});
}

static void answers(struct world *world, const char *status, const char *headers, const char *file)
{
	answers_with(world, status, headers, file ? read_data(file) : (struct str)STR_INIT);
}

/* A feed of one entry that its author never marks as updated. */
static void answers_saying(struct world *world, const char *text)
{
	struct str body = STR_INIT;
	str_addf(&body,
	        "<feed "
	        "xmlns=\"http://www.w3.org/2005/Atom\"><title>Forum</title><entry><id>tag:forum.example,2026:1</id>"
	        "<title>Kettle</title><published>2026-11-21T22:00:00Z</published><updated>2026-11-21T22:30:00Z</"
	        "updated>"
	        "<author><name>sam</name></author><content>%s</content></entry></feed>",
	        text);
	answers_with(world, "200 OK", "", body);
}

static bool asked_with(const struct world *world, const char *text)
{
	return strstr(script_server_read(world->server), text) != NULL;
}

static const char *const kettle[] = {"Acme"};

static void what_names_the_brand_comes_in_once_and_the_rest_does_not(void **state)
{
	struct desk d = {.world = *state, .listen = kettle, .listen_count = 1, .first_fetch = 50};
	answers(d.world, "200 OK", "ETag: \"one\"\r\nLast-Modified: Sat, 21 Nov 2026 09:14:05 GMT\r\n",
	        "feed/blog.rss");
	open_desk(&d, "/feed");
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.ids.len, 1);
	assert_string_equal(d.ids.at[0], "https://tea.example/?p=4711");
	assert_int_equal(strncmp(d.text, "Six weeks with the Acme K2 – a verdict\n\nThe lid came off", 58), 0);
	assert_int_equal(strncmp(d.handle, "@Ines_Marlow@127.0.0.1:", 23), 0);
	assert_true(d.created_at == INT64_C(1795252445000));
	assert_true(d.mention && !d.addressed);
	assert_non_null(strstr(d.refusal, "answer on its page"));
	char *position = str_detach(&d.position);
	close_desk(&d);

	struct desk again = {
	        .world = *state, .saved = position, .listen = kettle, .listen_count = 1, .first_fetch = 50};
	answers(d.world, "304 Not Modified", "", NULL);
	open_desk(&again, "/feed");
	run_in_step_until(again.world, &again.live, 1);
	assert_int_equal(again.ids.len, 0);
	assert_true(asked_with(again.world, "If-None-Match: \"one\"\r\n"));
	assert_true(asked_with(again.world, "If-Modified-Since: Sat, 21 Nov 2026 09:14:05 GMT\r\n"));
	close_desk(&again);

	struct desk third = {.world = *state, .saved = position, .first_fetch = 50};
	answers(d.world, "200 OK", "", "feed/forum.atom");
	open_desk(&third, "/feed");
	run_in_step_until(third.world, &third.live, 1);
	assert_int_equal(third.ids.len, 2);
	assert_string_equal(third.ids.at[0], "tag:forum.example,2026:990");
	assert_int_equal(third.gaps, 1);
	assert_non_null(strstr(third.gap, "/feed: the feed shows its newest 2 entries alone"));
	close_desk(&third);
	free(position);
}

static void of_a_feed_that_is_new_no_more_comes_than_was_asked_for(void **state)
{
	struct desk d = {.world = *state, .first_fetch = 1};
	answers(d.world, "200 OK", "", "feed/forum.atom");
	open_desk(&d, "/feed");
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.ids.len, 1);
	assert_string_equal(d.ids.at[0], "https://forum.example/viewtopic.php?p=991#p991"); /* the newest */
	close_desk(&d);
}

/* One reading of the feed by a process of its own; *position goes in and comes out. */
static void read_again(struct desk *d, char **position, const char *text)
{
	d->saved = *position;
	d->listen = kettle;
	d->listen_count = 1;
	d->first_fetch = 50;
	answers_saying(d->world, text);
	open_desk(d, "/feed");
	run_in_step_until(d->world, &d->live, 1);
	free(*position);
	*position = str_detach(&d->position);
}

static void an_entry_that_says_something_else_is_corrected_though_its_feed_does_not_say_so(void **state)
{
	char *position = NULL;
	struct desk first = {.world = *state}, same = first, other = first, gone = first;
	read_again(&first, &position, "Acme is great");
	assert_int_equal(first.ids.len, 1);
	assert_true(first.edited_at == INT64_C(1795300200000));
	close_desk(&first);
	read_again(&same, &position, "Acme is great");
	assert_int_equal(same.ids.len, 0);
	close_desk(&same);
	read_again(&other, &position, "Acme is not great after all");
	assert_int_equal(other.ids.len, 1);
	assert_string_equal(other.ids.at[0], "tag:forum.example,2026:1");
	assert_non_null(strstr(other.text, "not great after all"));
	assert_true(other.edited_at > first.edited_at && other.mention);
	close_desk(&other);
	read_again(&gone, &position, "Never mind");
	assert_int_equal(gone.ids.len, 1);
	assert_non_null(strstr(gone.text, "Never mind"));
	assert_false(gone.mention);
	assert_int_equal(gone.gaps, 0);
	close_desk(&gone);
	free(position);
}

static void a_redirect_is_followed_and_addresses_are_relative_to_where_it_led(void **state)
{
	struct desk d = {.world = *state, .first_fetch = 50};
	answers(d.world, "301 Moved Permanently", "Location: /new/feed.xml\r\n", NULL);
	answers(d.world, "200 OK", "", "feed/sloppy.rss");
	open_desk(&d, "/old");
	run_in_step_until(d.world, &d.live, 1);
	assert_true(asked_with(d.world, "GET /new/feed.xml "));
	assert_int_equal(d.ids.len, 2);
	/* A guid that is none of the whole world's. */
	assert_true(str_ends(d.ids.at[0], "/old#77") || str_ends(d.ids.at[1], "/old#77"));
	close_desk(&d);
}

static void a_word_within_another_is_not_the_brand(void **state)
{
	static const char *const words[] = {"acm", "mouth of the river"};
	struct desk d = {.world = *state, .listen = words, .listen_count = 2, .first_fetch = 50};
	answers(d.world, "200 OK", "", "feed/blog.rss");
	open_desk(&d, "/feed");
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.ids.len, 0);
	close_desk(&d);
}

static void a_feed_that_cannot_be_read_is_told_with_its_reason(void **state)
{
	static const struct {
		const char *status, *file, *reason;
	} wrong[] = {{"503 Service Unavailable", NULL, "the server answers with status 503"},
	        {"404 Not Found", NULL, "the server answers with status 404"},
	        {"200 OK", "net/README.md", "it is no feed"},
	        {"301 Moved", NULL, "the server answers with status 301"}};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct desk d = {.world = *state, .first_fetch = 50};
		answers(d.world, wrong[i].status, "", wrong[i].file);
		open_desk(&d, "/feed");
		run_in_step_until(d.world, &d.troubles, 1);
		assert_non_null(strstr(d.reason, wrong[i].reason));
		close_desk(&d);
	}
}

#define PROVES(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        PROVES(what_names_the_brand_comes_in_once_and_the_rest_does_not),
	        PROVES(of_a_feed_that_is_new_no_more_comes_than_was_asked_for),
	        PROVES(an_entry_that_says_something_else_is_corrected_though_its_feed_does_not_say_so),
	        PROVES(a_redirect_is_followed_and_addresses_are_relative_to_where_it_led),
	        PROVES(a_word_within_another_is_not_the_brand),
	        PROVES(a_feed_that_cannot_be_read_is_told_with_its_reason),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
