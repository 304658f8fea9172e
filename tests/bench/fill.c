/* fill STORE CASES: fills a new store, through its own interface, with as many cases as are asked for, so that lists
 * and searches can be measured at size. The same arguments give the same cases. STORE is an absolute path. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/store.h"
#include "core/text/similar.h"

#include <inttypes.h>
#include <stdio.h>

#define BATCH 2000
#define NEEDING 500 /* every so-manyth case is left unanswered */
#define CHECKPOINT_EVERY 20

static const char *const words[] = {"order", "parcel", "refund", "broken", "late", "app", "login", "invoice", "thanks",
        "delivery", "driver", "address", "colour", "size", "charged", "twice", "cancel", "waiting", "phone", "store",
        "voucher", "wrong", "missing", "screen", "battery", "slow", "again", "please", "help", "today"};

/* xorshift64: quick, and the same everywhere. */
static uint64_t roll(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static const char *sentence(uint64_t *seed, struct arena *arena)
{
	struct str text = STR_INIT;
	for (uint64_t n = 6 + roll(seed) % 12; n; n--)
		str_addf(&text, "%s%s", text.len ? " " : "", words[roll(seed) % (sizeof words / sizeof *words)]);
	const char *copy = arena_strdup(arena, text.p);
	str_release(&text);
	return copy;
}

static struct incoming question(int64_t n, int64_t at, uint64_t *seed, struct arena *arena)
{
	const char *handle = arena_printf(arena, "@customer%" PRId64 "@social.example", n);
	const char *text = sentence(seed, arena);
	return (struct incoming){.kind = INCOMING_POST,
	        .mention = true,
	        .root_remote_id = "",
	        .post = {.direction = DIR_IN,
	                .remote_id = arena_printf(arena, "q%" PRId64, n),
	                .parent_remote_id = "",
	                .author_handle = handle,
	                .author_name = handle,
	                .language = "en",
	                .text = text,
	                .addressed = true,
	                .created_at = at},
	        .customer = {.remote_key = handle,
	                .remote_id = handle,
	                .handle = handle,
	                .name = handle,
	                .followers = (int64_t)(roll(seed) % 5000)},
	        .marks = {.summary = text, .simhash = similar_hash(text)}};
}

static struct incoming answer(const struct incoming *to, struct arena *arena)
{
	return (struct incoming){.kind = INCOMING_POST,
	        .root_remote_id = "",
	        .post = {.direction = DIR_OUT,
	                .remote_id = arena_printf(arena, "a%s", to->post.remote_id),
	                .parent_remote_id = to->post.remote_id,
	                .author_handle = "@acme",
	                .author_name = "Acme",
	                .text = "We look into it.",
	                .created_at = to->post.created_at + 60000}};
}

static int fill(struct store *store, int64_t cases, struct err *err)
{
	struct arena arena = ARENA_INIT;
	uint64_t seed = 88172645463325252u;
	int64_t start = clock_wall_ms() - cases * 1000;
	int result = 0, batches = 0;
	for (int64_t done = 0; done < cases && !result; batches++) {
		struct incoming *items = arena_array(&arena, struct incoming, BATCH * 2);
		int count = 0;
		for (int i = 0; i < BATCH && done < cases; i++, done++) {
			items[count++] = question(done, start + done * 1000, &seed, &arena);
			if (done % NEEDING) {
				items[count] = answer(&items[count - 1], &arena);
				count++;
			}
		}
		result = store_ingest(store, 1, items, count, NULL, NULL, NULL, err);
		if (!result && batches % CHECKPOINT_EVERY == 0)
			result = store_checkpoint(store, false, err);
		arena_reset(&arena);
	}
	arena_release(&arena);
	return result ? result : store_checkpoint(store, true, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct store *store = NULL;
	struct account_setup account = {"acme", "mastodon", "https://mas.example", "@acme"};
	int64_t cases;
	if (argc != 3 || !parse_i64(argv[2], &cases) || cases < 1) {
		fprintf(stderr, "usage: fill STORE CASES\n");
		return 64;
	}
	struct str uri = STR_INIT;
	str_addf(&uri, "sqlite:%s", argv[1]);
	int result = store_open(uri.p, STORE_COURIER, &store, &err);
	if (!result)
		result = store_accounts_sync(store, &account, 1, &err);
	if (!result)
		result = fill(store, cases, &err);
	if (result)
		fprintf(stderr, "fill: %s\n", err.text);
	store_close(store);
	str_release(&uri);
	return result ? err_exit_status(err.code) : 0;
}
