/* decode and ingest: the bytes of an event stream, in the pieces in which a socket gives them. */
#include "tests/bench/count/count.h"

#include "core/courier/ingest.h"
#include "core/net/sse.h"
#include "core/network/mastodon_decode.h"
#include "tests/bench/mention.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MENTIONS = 1000, PIECE = 16384, EVERY_MS = 10 };

struct work {
	struct str bytes;
	struct sse sse;
	struct mastodon_decoder decoder;
	struct timers timers;
	struct ingest *ingest; /* NULL: decoding alone */
	struct store *store;
	char dir[64], path[96];
	int decoded, stored;
};

static void on_event(void *arg, const struct sse_event *event)
{
	struct work *work = arg;
	struct arena arena = ARENA_INIT;
	struct mastodon_notification n;
	json *body = json_read(event->data, event->data_len, NULL);
	if (!body || mastodon_decode_notification(&work->decoder, body, &arena, &n, NULL) || !n.has_item)
		count_fail("a mention cannot be decoded");
	work->decoded++;
	if (work->ingest)
		ingest_add(work->ingest, &n.item, 1, "notifications", n.id, false);
	json_free(body);
	arena_release(&arena);
}

static void feed(void *arg)
{
	struct work *work = arg;
	for (size_t at = 0; at < work->bytes.len; at += PIECE) {
		size_t len = work->bytes.len - at < PIECE ? work->bytes.len - at : PIECE;
		if (sse_feed(&work->sse, work->bytes.p + at, len, NULL))
			count_fail("the stream cannot be read");
		if (work->ingest)
			timers_run(&work->timers, clock_mono_ms());
	}
	while (work->ingest && !ingest_idle(work->ingest))
		timers_run(&work->timers, clock_mono_ms());
}

static void prepare(struct work *work)
{
	static const struct sse_handlers handlers = {.on_event = on_event};
	str_init(&work->bytes, SIZE_MAX);
	for (int i = 0; i < MENTIONS; i++)
		mention_add(&work->bytes, i, i, count_wall_ms + i * EVERY_MS);
	count_wall_ms += MENTIONS * EVERY_MS;
	work->decoder = (struct mastodon_decoder){.self_id = "1", .domain = "mas.example"};
	sse_init(&work->sse, &handlers, work);
	timers_init(&work->timers);
}

static int64_t finish(struct work *work)
{
	if (work->decoded != MENTIONS)
		count_fail("mentions are missing");
	sse_release(&work->sse);
	str_release(&work->bytes);
	timers_release(&work->timers);
	return MENTIONS;
}

int64_t count_decode(void)
{
	struct work work = {0};
	prepare(&work);
	counted(feed, &work);
	return finish(&work);
}

/* --- with a store */

static void on_stored(void *arg)
{
	((struct work *)arg)->stored++;
}

static void on_idle(void *arg)
{
	(void)arg;
}

static void on_failed(void *arg, const struct err *err)
{
	(void)arg;
	count_fail(err->text);
}

static void on_parent_missing(void *arg, const char *remote_id)
{
	(void)arg;
	(void)remote_id;
}

static void open_store(struct work *work)
{
	static const struct account_setup account = {"acme", "mastodon", "https://mas.example", "@acme"};
	struct err err = ERR_INIT;
	char uri[112];
	snprintf(work->dir, sizeof work->dir, "/tmp/curlew-count-XXXXXX");
	if (!mkdtemp(work->dir))
		count_fail("there is no place for a store in /tmp");
	snprintf(work->path, sizeof work->path, "%s/desk.db", work->dir);
	snprintf(uri, sizeof uri, "sqlite:%s", work->path);
	if (store_open(uri, STORE_COURIER, &work->store, &err) || store_accounts_sync(work->store, &account, 1, &err))
		count_fail(err.text);
	work->ingest = ingest_new(&(struct ingest_setup){.store = work->store,
	        .timers = &work->timers,
	        .account_id = 1,
	        .stored = on_stored,
	        .idle = on_idle,
	        .failed = on_failed,
	        .parent_missing = on_parent_missing,
	        .arg = work});
}

static void remove_store(struct work *work)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-bell", "-courier"};
	char path[128];
	ingest_free(work->ingest);
	store_close(work->store);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(path, sizeof path, "%s%s", work->path, ends[i]);
		unlink(path);
	}
	if (rmdir(work->dir))
		count_fail("a file was left in the store's directory");
}

int64_t count_ingest(void)
{
	struct work work = {0};
	prepare(&work);
	open_store(&work);
	counted(feed, &work);
	if (work.stored != MENTIONS)
		count_fail("mentions were not stored");
	remove_store(&work);
	return finish(&work);
}
