/* Notifications and searches: asked for again and again, page by page, oldest handed over first. */
#include "core/network/bluesky_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/timefmt.h"
#include "core/net/url_escape.h"

#include <string.h>

#define PAGE 100      /* the most that a server gives */
#define PAGES_MOST 20 /* kept at a time */
#define STALE_MOST 20 /* pages in a row that lead no further back: entries are picked from a page after it was cut */
#define OVERLAP_MS ((int64_t)2 * 3600 * 1000)
#define OVERLAP_ITEMS 200
#define DEEP_EVERY_MS ((int64_t)5 * 60 * 1000)
#define INDEX_SLACK_MS ((int64_t)10 * 60 * 1000) /* a search finds what was said so late */
#define SEEN_MOST 8192
#define POLL_LEAST_MS 10000
#define POLL_MOST_MS 60000
#define SEARCH_LEAST_MS 30000
#define SEARCH_MOST_MS ((int64_t)5 * 60 * 1000)
#define HURRY_MS 1500 /* until our own server knows of what was said just now */
#define AFTER_REFUSAL_MS ((int64_t)15 * 60 * 1000)

static void set(char **place, const char *text)
{
	char *copy = mem_strdup(text);
	free(*place);
	*place = copy;
}

/* --- which feeds */

void bluesky_feed_init(struct bluesky_feed *feed, struct bluesky *b, const char *word)
{
	struct str source = STR_INIT;
	*feed = (struct bluesky_feed){.b = b, .word = mem_strdup(word)};
	str_addf(&source, "%s%s", word ? "search:" : "notifications", str_or(word, ""));
	feed->source = str_detach(&source);
	feed->poll_ms = word ? SEARCH_LEAST_MS : POLL_LEAST_MS;
}

void bluesky_feeds_open(struct bluesky *b, const char *const *listen, int count)
{
	b->feeds = mem_realloc(NULL, (size_t)count + 1, sizeof *b->feeds);
	bluesky_feed_init(&b->feeds[0], b, NULL);
	b->feed_count = 1;
	for (int i = 0; i < count; i++)
		if (listen[i][listen[i][0] == '#'])
			bluesky_feed_init(&b->feeds[b->feed_count++], b, listen[i]);
}

/* By whoever reads the stream; it asks for nothing itself. */
static bool is_fed(const struct bluesky_feed *feed)
{
	return feed->word && !*feed->word;
}

/* --- what was handed over already */

static uint64_t hash_of(const char *uri)
{
	return hash_bytes(uri, strlen(uri));
}

bool bluesky_feed_knows(const struct bluesky_feed *feed, const char *uri)
{
	uint64_t hash = hash_of(uri);
	for (size_t i = feed->seen.len; i-- > 0;)
		if (feed->seen.at[i] == hash)
			return true;
	return false;
}

static void note_seen(struct bluesky_feed *feed, const char *uri)
{
	if (bluesky_feed_knows(feed, uri))
		return;
	if (feed->seen.len == SEEN_MOST) { /* half of them at a time */
		memmove(feed->seen.at, feed->seen.at + SEEN_MOST / 2, SEEN_MOST / 2 * sizeof *feed->seen.at);
		feed->seen.len = SEEN_MOST / 2;
	}
	vec_push(&feed->seen, hash_of(uri));
}

/* --- a fill's life */

static void forget_page(struct bluesky_feed *feed)
{
	for (size_t i = 0; i < feed->views.len; i++)
		json_free(feed->views.at[i]);
	for (size_t i = 0; i < feed->profiles.len; i++)
		json_free(feed->profiles.at[i]);
	vec_clear(&feed->views);
	vec_clear(&feed->profiles);
	vec_clear(&feed->uris);
	vec_clear(&feed->dids);
	feed->uris_asked = feed->dids_asked = 0;
	json_free(feed->page);
	feed->page = NULL;
}

static void forget_fill(struct bluesky_feed *feed)
{
	forget_page(feed);
	for (size_t i = 0; i < feed->pages.len; i++)
		json_free(feed->pages.at[i]);
	vec_clear(&feed->pages);
	set(&feed->cursor, NULL);
	feed->newest = feed->oldest = 0;
	feed->scanned = feed->fetched = feed->stale = 0;
	feed->fresh = false;
}

void bluesky_feed_stop(struct bluesky_feed *feed)
{
	bluesky_ask_drop(feed->ask);
	feed->ask = NULL;
	timers_cancel(feed->b->timers, &feed->poll);
	bluesky_trouble_over(feed->b, feed);
	feed->waiting = false;
	forget_fill(feed);
}

void bluesky_feed_release(struct bluesky_feed *feed)
{
	bluesky_feed_stop(feed);
	vec_release(&feed->pages);
	vec_release(&feed->views);
	vec_release(&feed->profiles);
	vec_release(&feed->uris);
	vec_release(&feed->dids);
	vec_release(&feed->seen);
	free(feed->word);
	free(feed->source);
}

static void again_in(struct bluesky_feed *feed, int64_t wait_ms)
{
	feed->poll_at = clock_mono_ms() + wait_ms;
	feed->poll = timers_add(feed->b->timers, feed->poll_at, bluesky_feed_begin, feed);
}

/* Where something comes in, more is likely to; where nothing does, less is asked. */
static int64_t pace(struct bluesky_feed *feed)
{
	int64_t least = feed->word ? SEARCH_LEAST_MS : POLL_LEAST_MS;
	int64_t most = feed->word ? SEARCH_MOST_MS : POLL_MOST_MS;
	feed->poll_ms = feed->fresh ? least : feed->poll_ms * 5 / 4;
	if (feed->poll_ms > most)
		feed->poll_ms = most;
	return feed->poll_ms;
}

static void fill_over(struct bluesky_feed *feed)
{
	int64_t wait = pace(feed);
	if (feed->hurried)
		wait = HURRY_MS;
	feed->hurried = false;
	if (feed->deep)
		feed->deep_at = clock_mono_ms() + DEEP_EVERY_MS;
	forget_fill(feed);
	feed->filled = true;
	bluesky_settle(feed->b);
	if (!feed->b->stopped && !feed->poll && !feed->ask && !is_fed(feed))
		again_in(feed, wait);
}

void bluesky_feed_hurry(struct bluesky_feed *feed)
{
	feed->hurried = !feed->poll; /* it is asking: again behind that */
	if (!feed->poll || feed->b->stopped || feed->poll_at <= clock_mono_ms() + HURRY_MS)
		return;
	timers_cancel(feed->b->timers, &feed->poll);
	again_in(feed, HURRY_MS);
}

/* --- a page: entries are notifications, or posts as a search finds them */

static const json *entries_of(const struct bluesky_feed *feed, const json *page)
{
	return json_get(page, feed->word ? "posts" : "notifications");
}

static bool is_of_post(const json *entry)
{
	struct bluesky_uri parts;
	return bluesky_uri_parse(json_str(entry, "uri"), &parts) && str_starts(parts.collection, "app.bsky.feed.post/");
}

static int64_t time_of(const json *entry)
{
	int64_t at = 0;
	const char *text = json_str(entry, "indexedAt");
	return text && time_parse_rfc3339(text, &at) ? at : 0;
}

/* Later fills look back beyond the position: what was there before a first fetch of none stays unread. */
static bool is_wanted(const struct bluesky_feed *feed, const json *entry)
{
	return is_of_post(entry) && time_of(entry) >= feed->from;
}

static const json *by_key(const json *array, const char *key, const char *wanted)
{
	for (const json *one = json_first(array); one; one = json_next(one))
		if (str_eq(json_str(one, key), wanted))
			return one;
	return NULL;
}

/* --- handing over */

static const json *view_of(const struct bluesky_feed *feed, const char *uri)
{
	const json *view = NULL;
	for (size_t i = 0; i < feed->views.len && !view; i++)
		view = by_key(json_get(feed->views.at[i], "posts"), "uri", uri);
	return view;
}

static void add_reach(const struct bluesky_feed *feed, struct item *item)
{
	for (size_t i = 0; i < feed->profiles.len; i++) {
		const json *profile =
		        by_key(json_get(feed->profiles.at[i], "profiles"), "did", item->customer.remote_key);
		if (profile)
			item->customer.followers = json_int(profile, "followersCount", -1);
	}
}

static int decode(struct bluesky_feed *feed, const json *entry, struct arena *arena, struct item *item)
{
	struct bluesky *b = feed->b;
	struct err err = ERR_INIT;
	const char *uri = json_str(entry, "uri");
	const json *view = feed->word ? entry : view_of(feed, uri);
	int rc;
	if (view)
		rc = bluesky_decode_post(&b->decoder, view, arena, item, &err);
	else if (feed->views_trusted && bluesky_feed_knows(feed, uri)) {
		*item = (struct item){
		        .kind = ITEM_DELETE, .root_remote_id = "", .post.remote_id = arena_strdup(arena, uri)};
		return 0;
	} else /* not shown now, or gone since */
		rc = bluesky_decode_notification(&b->decoder, entry, arena, item, &err);
	if (rc)
		log_line(LOG_WARN, "bluesky: dropped one item (%lu so far): %s", ++b->decoder.dropped, err.text);
	else if (feed->word)
		item->mention = item->post.direction == DIR_IN;
	add_reach(feed, item);
	return rc;
}

static void hand_over_page(struct bluesky_feed *feed)
{
	struct bluesky *b = feed->b;
	struct arena arena = ARENA_INIT;
	const json *entries = entries_of(feed, feed->page);
	size_t count = json_count(entries), kept = count;
	struct item *items = arena_array(&arena, struct item, count + 1);
	for (const json *entry = json_first(entries); entry; entry = json_next(entry)) {
		const char *uri = json_str(entry, "uri");
		if (!is_wanted(feed, entry) || (bluesky_feed_knows(feed, uri) && !feed->deep))
			continue;
		/* From the end: the page is newest first. */
		if (decode(feed, entry, &arena, &items[kept - 1]) == 0 &&
		        !(feed->word && items[kept - 1].post.direction == DIR_OUT))
			kept--;
		feed->fresh |= !bluesky_feed_knows(feed, uri);
		note_seen(feed, uri);
	}
	bool moves = !feed->pages.len && feed->newest > feed->position;
	char position[32] = "";
	if (moves) {
		feed->position = feed->newest;
		time_format_rfc3339(feed->position, position, sizeof position);
	}
	forget_page(feed);
	feed->waiting = true;
	feed->wait_for = b->handed + 1;
	bluesky_hand_over(b, items + kept, (int)(count - kept), moves ? feed->source : NULL, moves ? position : NULL);
	arena_release(&arena);
	bluesky_feed_stored(feed);
}

/* --- what a page lacks: who may answer and how many have seen it (notifications), and the reach of authors */

static void hydrate(struct bluesky_feed *feed);

static bool is_listed(const struct bluesky_feed *feed, const char *did)
{
	for (size_t i = 0; i < feed->dids.len; i++)
		if (str_eq(feed->dids.at[i], did))
			return true;
	return false;
}

static void next_page(struct bluesky_feed *feed)
{
	feed->page = feed->pages.at[--feed->pages.len];
	feed->views_trusted = feed->deep;
	for (const json *entry = json_first(entries_of(feed, feed->page)); entry; entry = json_next(entry)) {
		const char *uri = json_str(entry, "uri"), *did = json_str(json_get(entry, "author"), "did");
		if (!is_wanted(feed, entry) || (bluesky_feed_knows(feed, uri) && !feed->deep))
			continue;
		if (!feed->word)
			vec_push(&feed->uris, uri);
		if (!bluesky_feed_knows(feed, uri) && bluesky_is_did(did) && !is_listed(feed, did))
			vec_push(&feed->dids, did);
	}
	hydrate(feed);
}

static void hydrated(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_feed *feed = arg;
	const json *posts = json_get(answer->body, "posts");
	feed->ask = NULL;
	bool good = bluesky_answer_good(answer);
	json *kept = good ? json_parse(answer->bytes, answer->len, NULL) : NULL;
	if (!good)
		log_line(LOG_INFO, "bluesky: %s", answer->reason);
	if (kept && json_is_array(posts))
		vec_push(&feed->views, kept);
	else if (kept)
		vec_push(&feed->profiles, kept);
	/* Where none of many comes, the server has lost its index rather than we all of our customers. */
	if (!feed->dids_asked && json_count(posts) == 0)
		feed->views_trusted = false;
	hydrate(feed);
}

static void ask_for(struct bluesky_feed *feed, const char *call, const char *parameter, const char *const *values,
        size_t count, size_t *asked)
{
	struct str text = STR_INIT;
	str_adds(&text, call);
	for (int i = 0; i < BLUESKY_AT_ONCE && *asked < count; i++, ++*asked) {
		str_addf(&text, "%c%s=", i ? '&' : '?', parameter);
		url_escape(&text, values[*asked]);
	}
	/* What does not come is no reason to wait with what is there. */
	feed->ask = bluesky_ask(feed->b, &(struct bluesky_ask_setup){.call = text.p}, hydrated, feed);
	str_release(&text);
}

static void hydrate(struct bluesky_feed *feed)
{
	if (feed->uris_asked < feed->uris.len)
		ask_for(feed, "app.bsky.feed.getPosts", "uris", feed->uris.at, feed->uris.len, &feed->uris_asked);
	else if (feed->dids_asked < feed->dids.len)
		ask_for(feed, "app.bsky.actor.getProfiles", "actors", feed->dids.at, feed->dids.len, &feed->dids_asked);
	else
		hand_over_page(feed);
}

void bluesky_feed_stored(struct bluesky_feed *feed)
{
	if (!feed->waiting || feed->b->stored < feed->wait_for)
		return;
	feed->waiting = false;
	if (feed->pages.len)
		next_page(feed);
	else
		fill_over(feed);
}

void bluesky_feed_take(struct bluesky_feed *feed, json *page)
{
	/* Newest first: what is being handed over came before. */
	vec_push(&feed->pages, page);
	for (size_t i = feed->pages.len - 1; i > 0; i--)
		feed->pages.at[i] = feed->pages.at[i - 1];
	feed->pages.at[0] = page;
	if (!feed->page && !feed->waiting && !feed->ask)
		next_page(feed);
}

static void tell_gap(struct bluesky_feed *feed, const char *reason)
{
	struct bluesky *b = feed->b;
	int64_t from = feed->position, to = feed->oldest;
	if (from && from < to)
		b->events.gap(b->events.arg, feed->word ? feed->word : "notifications", from, to, reason);
}

static void from_source(const struct bluesky_feed *feed, struct str *out)
{
	str_addf(out, "from:%s", feed->source);
}

static void hand_over_from(struct bluesky_feed *feed)
{
	char from[32];
	struct str source = STR_INIT;
	from_source(feed, &source);
	time_format_rfc3339(feed->from, from, sizeof from);
	bluesky_hand_over(feed->b, NULL, 0, source.p, from);
	str_release(&source);
}

static void fill_whole(struct bluesky_feed *feed)
{
	if (feed->pages.len) {
		next_page(feed);
	} else if (!feed->position) {
		char position[32];
		feed->position = feed->newest ? feed->newest : clock_wall_ms(); /* everything from here on is new */
		time_format_rfc3339(feed->position, position, sizeof position);
		if (feed->from)
			hand_over_from(feed);
		feed->waiting = true;
		feed->wait_for = feed->b->handed + 1;
		bluesky_hand_over(feed->b, NULL, 0, feed->source, position);
		bluesky_feed_stored(feed);
	} else {
		fill_over(feed);
	}
}

/* --- pages */

static void ask_page(struct bluesky_feed *feed);

/* Notes times and counts; true when the page has something to hand over. */
static bool note_page(struct bluesky_feed *feed, const json *page)
{
	bool any = false;
	int64_t oldest_before = feed->oldest;
	for (const json *entry = json_first(entries_of(feed, page)); entry; entry = json_next(entry)) {
		int64_t at = time_of(entry);
		feed->scanned++;
		if (at > feed->newest)
			feed->newest = at;
		if (at && (!feed->oldest || at < feed->oldest))
			feed->oldest = at;
		if (!is_wanted(feed, entry))
			continue;
		any |= feed->deep || !bluesky_feed_knows(feed, json_str(entry, "uri"));
		feed->fetched++;
	}
	feed->stale = feed->oldest != oldest_before ? 0 : feed->stale + 1;
	return any;
}

static bool is_enough(const struct bluesky_feed *feed)
{
	if (!feed->position)
		return feed->fetched >= feed->b->first_fetch;
	if (feed->word) /* the search itself looks no further back */
		return false;
	if (!feed->oldest)
		return false;
	if (feed->deep)
		return feed->oldest < feed->position - OVERLAP_MS && feed->scanned >= OVERLAP_ITEMS;
	return feed->oldest < feed->position;
}

/* A cursor that stands still, or leads round in a circle, would lead on for ever. */
static bool wants_more(struct bluesky_feed *feed, const char *cursor)
{
	bool moves = cursor && *cursor && !str_eq(cursor, feed->cursor) && feed->stale < STALE_MOST;
	set(&feed->cursor, cursor);
	return moves && !is_enough(feed);
}

static void page_refused(struct bluesky_feed *feed, const struct bluesky_answer *answer)
{
	struct bluesky *b = feed->b;
	forget_fill(feed);
	if (bluesky_answer_no_access(answer)) {
		bluesky_stop(b, ACCOUNT_NEEDS_LOGIN, answer->reason);
	} else if (!feed->word) {
		bluesky_stop(b, ACCOUNT_FAILED, answer->reason);
	} else { /* a search that the server does not take: the notifications go on */
		log_line(LOG_WARN, "bluesky: %s: %s", feed->word, answer->reason);
		feed->filled = true;
		bluesky_settle(b);
		again_in(feed, AFTER_REFUSAL_MS);
	}
}

static void page_answered(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_feed *feed = arg;
	feed->ask = NULL;
	if (!bluesky_answer_good(answer)) {
		page_refused(feed, answer);
		return;
	}
	json *page = json_parse(answer->bytes, answer->len, NULL);
	bool any = note_page(feed, page);
	if (!feed->position && !feed->b->first_fetch) { /* by the server's time, whatever our clock says */
		feed->from = feed->newest ? feed->newest + 1 : 0;
		any = false;
	}
	bool more = wants_more(feed, json_str(page, "cursor"));
	if (any)
		vec_push(&feed->pages, page);
	else
		json_free(page);
	if (more && feed->pages.len < PAGES_MOST) {
		ask_page(feed);
		return;
	}
	if (more)
		tell_gap(feed, "more was said than is fetched at a time");
	fill_whole(feed);
}

/* From when on a search looks. */
static void add_since(const struct bluesky_feed *feed, struct str *call)
{
	char since[32];
	if (!feed->position)
		return;
	time_format_rfc3339(feed->position - (feed->deep ? OVERLAP_MS : INDEX_SLACK_MS), since, sizeof since);
	str_adds(call, "&since=");
	url_escape(call, since);
}

/* A phrase stands in quotation marks, which it cannot hold itself. */
static void add_word(const char *word, struct str *call)
{
	struct str query = STR_INIT;
	bool tag = word[0] == '#' && !strpbrk(word, " \"");
	str_adds(&query, tag ? "" : "\"");
	for (const char *p = word; *p; p++)
		str_addc(&query, *p == '"' ? ' ' : *p);
	str_adds(&query, tag ? "" : "\"");
	url_escape(call, query.p);
	str_release(&query);
}

static void ask_page(struct bluesky_feed *feed)
{
	struct str call = STR_INIT;
	if (feed->word) {
		str_addf(&call, "app.bsky.feed.searchPosts?sort=latest&limit=%d&q=", PAGE);
		add_word(feed->word, &call);
		add_since(feed, &call);
	} else {
		str_addf(&call,
		        "app.bsky.notification.listNotifications?limit=%d&priority=false&reasons=mention&reasons=reply&"
		        "reasons=quote",
		        PAGE);
	}
	if (feed->cursor) {
		str_adds(&call, "&cursor=");
		url_escape(&call, feed->cursor);
	}
	feed->ask = bluesky_ask(
	        feed->b, &(struct bluesky_ask_setup){.call = call.p, .keep_trying = true}, page_answered, feed);
	str_release(&call);
}

static void load_position(struct bluesky_feed *feed)
{
	struct arena arena = ARENA_INIT;
	struct str source = STR_INIT;
	const char *saved = feed->b->saved_position(feed->b->events.arg, feed->source, &arena);
	if (saved && !time_parse_rfc3339(saved, &feed->position))
		log_line(LOG_WARN, "bluesky: %s: \"%s\" is no position; reading the newest again", feed->source, saved);
	from_source(feed, &source);
	saved = feed->b->saved_position(feed->b->events.arg, source.p, &arena);
	if (saved)
		time_parse_rfc3339(saved, &feed->from);
	str_release(&source);
	arena_release(&arena);
}

void bluesky_feed_begin(void *arg)
{
	struct bluesky_feed *feed = arg;
	feed->poll = 0;
	bluesky_trouble_over(feed->b, feed);
	if (!feed->position)
		load_position(feed);
	feed->deep = feed->position && clock_mono_ms() >= feed->deep_at;
	ask_page(feed);
}
