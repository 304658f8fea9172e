/* A network that sends as fast as a socket takes it, and a disk that does not keep up: what is read waits at the
 * network's end of the socket, memory has its bound, nothing is lost, and the account says why it is late.
 *
 * The server is a process of its own that writes whenever it can, to a real socket of the loopback. The clock is the
 * test's: it moves when the store syncs, and by nothing else, so that a disk is as slow as the test wants. */
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/config/credentials.h"
#include "core/courier/connection.h"
#include "core/courier/ingest.h"
#include "core/net/loop.h"
#include "core/net/stream.h"
#include "core/network/mastodon_decode.h"
#include "tests/lib/store_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

enum {
	EVENTS = 15000,
	AUTHORS = 2000,
	FIRST_ID = 1000000,
	PIECE = 64 * 1024,
	SLOW_MS = 100, /* of a sync */
	MB = 1024 * 1024,
	HEAP_MOST = 8 * MB,   /* while it is flooded */
	UNREAD_MOST = 14 * MB /* what the buffers of both ends hold, 6 MB and 4 MB, and what we do */
};

/* --- the server */

struct server {
	pid_t pid;
	int port;
	int64_t *sent; /* bytes of events, in memory that both processes see */
	int64_t unread_most;
};

static int64_t read_bytes; /* of events */
static int read_events, stored_events;

#define ID_HERE "ID-HERE"
#define AUTHOR_HERE "AUTHOR-HERE"

/* A mention as a server said it, with marks where others have an id of their own. */
static void make_template(struct str *out)
{
	struct str page = STR_INIT;
	char *path = path_join(str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), "mastodon/mention_page.json");
	if (file_read(path, &page, NULL))
		_exit(1);
	json *file = json_parse(page.p, page.len, NULL);
	json *mention = json_copy(json_first(json_path(file, "response.body")));
	json *status = json_copy(json_get(mention, "status")), *account = json_copy(json_get(status, "account"));
	json_set_str(account, "id", AUTHOR_HERE);
	json_set_str(account, "acct", AUTHOR_HERE);
	json_set_str(account, "uri", AUTHOR_HERE);
	json_set(mention, "account", json_copy(account));
	json_set(status, "account", account);
	json_set_str(status, "id", ID_HERE);
	json_set_str(status, "in_reply_to_id", NULL);
	json_set(mention, "status", status);
	json_set_str(mention, "id", ID_HERE);
	str_adds(out, "event: notification\ndata: ");
	json_print(mention, out);
	str_adds(out, "\n\n");
	json_free(mention);
	json_free(file);
	str_release(&page);
	free(path);
}

static void add_event(struct str *out, const char *template, int number)
{
	for (const char *p = template; *p;) {
		const char *mark = strstr(p, "-HERE");
		size_t len = mark ? (size_t)(mark - p) : strlen(p);
		bool author = mark && str_starts(mark - strlen("AUTHOR"), AUTHOR_HERE);
		str_add(out, p, len - (!mark ? 0 : author ? strlen("AUTHOR") : strlen("ID")));
		if (mark)
			str_addf(out, "%s%d", author ? "customer" : "", author ? number % AUTHORS : FIRST_ID + number);
		p += len + (mark ? strlen("-HERE") : 0);
	}
}

/* All of it is ready before the first byte goes out: nothing but the socket holds it up. */
static _Noreturn void serve(int listener, int64_t *sent)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
	char request[4096];
	struct str template = STR_INIT, bytes = STR_INIT;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGSEGV, SIG_DFL); /* a broken server is no test that goes on */
	make_template(&template);
	for (int i = 0; i < EVENTS; i++)
		add_event(&bytes, template.p, i);
	int fd = accept(listener, NULL, NULL);
	if (fd < 0 || read(fd, request, sizeof request) <= 0 ||
	        write(fd, answer, sizeof answer - 1) != (ssize_t)sizeof answer - 1)
		_exit(1);
	for (size_t at = 0; at < bytes.len;) {
		size_t len = bytes.len - at < PIECE ? bytes.len - at : PIECE;
		ssize_t n = write(fd, bytes.p + at, len);
		if (n <= 0)
			_exit(0);
		at += (size_t)n;
		__atomic_fetch_add(sent, (int64_t)n, __ATOMIC_RELAXED);
	}
	pause(); /* the stream stays open */
	_exit(0);
}

/* In the directory, for as long as it is mapped. */
static int64_t *shared_number(const char *dir)
{
	char *path = path_join(dir, "sent");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, sizeof(int64_t)), 0);
	int64_t *number = mmap(NULL, sizeof *number, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(number, MAP_FAILED);
	close(fd);
	unlink(path);
	free(path);
	return number;
}

static void server_start(struct server *server, const char *dir)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	server->sent = shared_number(dir);
	server->pid = fork();
	if (!server->pid)
		serve(listener, server->sent);
	close(listener);
}

static void server_stop(struct server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	munmap(server->sent, sizeof *server->sent);
}

static char state_of(pid_t pid)
{
	char path[32];
	struct str stat = STR_INIT;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	const char *behind_name = file_read(path, &stat, NULL) ? NULL : strrchr(stat.p, ')');
	char state = behind_name ? behind_name[2] : 'Z';
	str_release(&stat);
	return state;
}

/* Until the server sleeps: nothing goes into the socket any more, or everything is said. */
static void server_await_rest(struct server *server)
{
	for (char state = 'R'; state == 'R' || state == 'D'; state = state_of(server->pid))
		sched_yield();
	int64_t unread = __atomic_load_n(server->sent, __ATOMIC_RELAXED) - read_bytes;
	server->unread_most = unread > server->unread_most ? unread : server->unread_most;
}

/* --- a network with nothing but its stream */

struct room {
	struct network base;
	struct network_setup setup;
	struct stream *stream;
	struct mastodon_decoder decoder;
};

static void on_open(void *arg)
{
	struct room *room = arg;
	room->setup.events.state(room->setup.events.arg, ACCOUNT_LIVE, 0, "");
}

static void on_event(void *arg, const struct sse_event *event)
{
	struct room *room = arg;
	struct arena arena = ARENA_INIT;
	struct mastodon_notification n;
	json *body = json_read(event->data, event->data_len, NULL);
	assert_non_null(body);
	assert_int_equal(mastodon_decode_notification(&room->decoder, body, &arena, &n, NULL), 0);
	read_events++;
	read_bytes += (int64_t)(strlen("event: notification\ndata: \n\n") + event->data_len);
	room->setup.events.items(room->setup.events.arg, &n.item, 1, "notifications", n.id);
	json_free(body);
	arena_release(&arena);
}

static int room_open(const struct network_setup *setup, struct network **out, struct err *err);

static void room_start(struct network *network)
{
	struct room *room = (struct room *)network;
	struct err err = ERR_INIT;
	struct stream_options options = {.http = room->setup.http,
	        .timers = room->setup.timers,
	        .url = room->setup.server,
	        .random = room->setup.random,
	        .handlers = {.on_open = on_open, .on_event = on_event},
	        .arg = room};
	room->stream = stream_new(&options, &err);
	assert_non_null(room->stream);
}

static void room_close(struct network *network)
{
	struct room *room = (struct room *)network;
	stream_free(room->stream);
	free(room);
}

static void room_stored(struct network *network)
{
	(void)network;
	stored_events++;
}

static const struct network_ops room_ops = {.name = "room",
        .credential = CREDENTIAL_COUNT,
        .open = room_open,
        .start = room_start,
        .close = room_close,
        .stored = room_stored};

static int room_open(const struct network_setup *setup, struct network **out, struct err *err)
{
	struct room *room = mem_alloc(sizeof *room);
	(void)err;
	room->base.ops = &room_ops;
	room->setup = *setup;
	room->decoder = (struct mastodon_decoder){.self_id = "1", .domain = "mas.example"};
	*out = &room->base;
	return 0;
}

/* --- the disk */

static struct server *held_up; /* while the disk is slow: it fills the socket before a sync ends */
static int syncs;

/* SQLite's syncs come here. */
int fdatasync(int fd)
{
	(void)fd;
	syncs++;
	if (!held_up)
		return 0;
	fixture_mono_ms += SLOW_MS;
	fixture_wall_ms += SLOW_MS;
	if (read_events)
		server_await_rest(held_up);
	return 0;
}

/* --- the courier between them */

struct flood {
	struct fixture *f;
	struct server server;
	uv_loop_t loop;
	struct timers timers;
	struct loop_timers *glue;
	struct http *http;
	struct config_account account;
	struct connection *connection;
	int64_t heap_before, heap_most;
	bool said_why;
};

static uint64_t no_jitter(void)
{
	return 0;
}

static void ignore(void *arg)
{
	(void)arg;
}

static void ignore_closing(void *arg, const struct network *network)
{
	(void)arg;
	(void)network;
}

static int begin(void **state)
{
	static struct flood flood;
	static const struct credentials nothing;
	char url[64];
	flood = (struct flood){0};
	read_bytes = read_events = stored_events = syncs = 0;
	if (fixture_setup((void **)&flood.f))
		return -1;
	server_start(&flood.server, flood.f->dir);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/stream", flood.server.port);
	flood.account = (struct config_account){
	        .name = "acme", .server = arena_strdup(&flood.f->arena, url), .handle = "@acme"};
	uv_loop_init(&flood.loop);
	timers_init(&flood.timers);
	flood.glue = loop_timers_attach(&flood.loop, &flood.timers);
	flood.http = http_new(&flood.loop, &flood.timers, &flood.f->err);
	flood.connection = connection_new(&(struct connection_setup){.config = &flood.account,
	        .ops = &room_ops,
	        .account_id = flood.f->account,
	        .secrets = &nothing,
	        .store = flood.f->store,
	        .loop = &flood.loop,
	        .timers = &flood.timers,
	        .http = flood.http,
	        .random = no_jitter,
	        .changed = ignore,
	        .closing = ignore_closing});
	*state = &flood;
	return flood.http ? 0 : -1;
}

static int end(void **state)
{
	struct flood *flood = *state;
	connection_free(flood->connection);
	http_free(flood->http);
	loop_timers_detach(flood->glue);
	uv_run(&flood->loop, UV_RUN_DEFAULT);
	timers_release(&flood->timers);
	server_stop(&flood->server);
	return uv_loop_close(&flood->loop) || fixture_teardown((void **)&flood->f) ? -1 : 0;
}

static const struct account *account_of(struct flood *flood)
{
	const struct account *accounts;
	int count;
	assert_int_equal(store_accounts(flood->f->store, &flood->f->arena, &accounts, &count, &flood->f->err), 0);
	assert_int_equal(count, 1);
	return &accounts[0];
}

static int64_t heap_used(void)
{
	struct mallinfo2 heap = mallinfo2();
	return (int64_t)(heap.uordblks + heap.hblkhd);
}

static void look(struct flood *flood)
{
	int64_t heap = heap_used() - flood->heap_before;
	flood->heap_most = heap > flood->heap_most ? heap : flood->heap_most;
	const struct account *account = account_of(flood);
	flood->said_why |= account->state == ACCOUNT_CATCHING_UP &&
	                   str_eq(account->state_reason, "mentions come faster than the disk takes them");
}

static void on_stuck(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* Until all of it is stored. Real time only ends a test that is stuck. */
static void run(struct flood *flood)
{
	bool stuck = false;
	uv_timer_t guard;
	uv_timer_init(&flood->loop, &guard);
	guard.data = &stuck;
	uv_timer_start(&guard, on_stuck, 120000, 0);
	flood->heap_before = heap_used();
	while (!stuck && (stored_events < EVENTS || !connection_idle(flood->connection))) {
		uv_run(&flood->loop, UV_RUN_ONCE);
		look(flood);
	}
	uv_close((uv_handle_t *)&guard, NULL);
	uv_run(&flood->loop, UV_RUN_NOWAIT);
	assert_false(stuck);
}

static void expect_all(struct flood *flood)
{
	const char *position;
	assert_int_equal(read_events, EVENTS);
	assert_int_equal(stored_events, EVENTS);
	assert_int_equal(store_position(flood->f->store, flood->f->account, "notifications", &flood->f->arena,
	                         &position, &flood->f->err),
	        0);
	assert_string_equal(position, arena_printf(&flood->f->arena, "%d", FIRST_ID + EVENTS - 1));
	for (int i = 0; i < EVENTS; i++)
		assert_true(store_knows_post(
		        flood->f->store, flood->f->account, arena_printf(&flood->f->arena, "%d", FIRST_ID + i)));
	assert_int_equal(count_of(flood->f, ""), AUTHORS);
	assert_in_range(flood->heap_most, 0, HEAP_MOST);
}

static void a_flood_on_a_slow_disk_waits_at_the_socket_and_is_told(void **state)
{
	struct flood *flood = *state;
	held_up = &flood->server;
	run(flood);
	held_up = NULL;
	expect_all(flood);
	assert_in_range(flood->server.unread_most, 1, UNREAD_MOST);
	assert_true(read_bytes > 2 * (int64_t)UNREAD_MOST); /* else the kernel alone could have held it */
	assert_true(flood->said_why);
	const struct account *account = account_of(flood);
	assert_int_equal(account->state, ACCOUNT_LIVE);
	assert_string_equal(account->state_reason, "");
	assert_true(syncs <= 3 * EVENTS / INGEST_BATCH); /* a commit is for as many as wait */
}

static void a_flood_on_a_quick_disk_is_no_news(void **state)
{
	struct flood *flood = *state;
	run(flood);
	expect_all(flood);
	assert_false(flood->said_why);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_flood_on_a_slow_disk_waits_at_the_socket_and_is_told),
	        TEST(a_flood_on_a_quick_disk_is_no_news),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
