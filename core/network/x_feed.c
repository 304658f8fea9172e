/* Mentions and searches: asked for again and again, page by page, oldest handed over first. */
#include "core/network/x_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/model/spending.h"
#include "core/net/url_escape.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PAGES_MOST 10     /* kept at a time */
#define MENTIONS_KEPT 800 /* X shows no older ones */
#define PAGE_LEAST 5      /* mentions; a search gives no less than 10 */
#define SEARCH_LEAST 10
#define QUERY_MOST 512                                 /* characters of a query */
#define SEARCH_BACK_MS ((int64_t)7 * 24 * 3600 * 1000) /* a search sees no further */
#define SEARCH_MARGIN_MS ((int64_t)5 * 60 * 1000)
#define NOTHING_BEFORE_MS ((int64_t)3600 * 1000) /* whatever the clocks are apart */
#define POLL_MENTIONS_MS 15000
#define POLL_SEARCH_MS 60000
#define AFTER_REFUSAL_MS ((int64_t)15 * 60 * 1000)
#define EPOCH_MS INT64_C(1288834974657) /* of ids */
#define ID_SHIFT 22

/* --- ids and names */

void x_id_of_time(int64_t utc_ms, char out[24])
{
	int64_t since = utc_ms > EPOCH_MS ? utc_ms - EPOCH_MS : 0;
	snprintf(out, 24, "%lld", (long long)(since << ID_SHIFT));
}

int64_t x_time_of_id(const char *id)
{
	int64_t n;
	return parse_i64(id, &n) && n > 0 ? (n >> ID_SHIFT) + EPOCH_MS : 0;
}

const char *x_fields_in(bool new_names)
{
	static const char *const names[2] = {
	        "tweet.fields=author_id,conversation_id,created_at,entities,in_reply_to_user_id,lang,note_tweet,"
	        "possibly_sensitive,public_metrics,referenced_tweets,reply_settings,attachments&expansions=author_id,"
	        "attachments.media_keys,referenced_tweets.id&user.fields=created_at,name,username,protected,"
	        "public_metrics,affiliation&media.fields=alt_text,type,url,preview_image_url",
	        "post.fields=conversation_id,created_at,entities,lang,note_post,possibly_sensitive,public_metrics,"
	        "reply_settings,attachments&expansions=author_id,in_reply_to_user_id,referenced_posts,"
	        "edit_history_post_ids,attachments.media_keys&user.fields=created_at,name,username,protected,"
	        "public_metrics,affiliation&media.fields=alt_text,type,url,preview_image_url"};
	return names[new_names];
}

const char *x_fields(const struct x *x)
{
	return x_fields_in(x->new_names);
}

static void set(char **place, const char *text)
{
	char *copy = mem_strdup(text);
	free(*place);
	*place = copy;
}

/* --- which feeds */

static void feed_init(struct x_feed *feed, struct x *x, const char *query, int number)
{
	char source[24] = "mentions";
	*feed = (struct x_feed){.x = x, .query = mem_strdup(query)};
	if (query)
		snprintf(source, sizeof source, "search:%d", number);
	feed->source = mem_strdup(source);
	feed->words = mem_strdup(query ? query : "mentions");
}

/* A phrase stands in quotation marks, which it cannot hold itself. */
static void add_term(struct str *query, const char *word)
{
	str_adds(query, query->len ? " OR " : "");
	bool tag = word[0] == '#' && !strpbrk(word, " \"");
	str_adds(query, tag ? "" : "\"");
	for (const char *p = word; *p; p++)
		str_addc(query, *p == '"' ? ' ' : *p);
	str_adds(query, tag ? "" : "\"");
}

static void add_search(struct x *x, struct str *terms)
{
	struct str query = STR_INIT;
	if (!terms->len)
		return;
	str_addf(&query, "(%s) -is:retweet", terms->p);
	if (*x->handle)
		str_addf(&query, " -from:%s", x->handle + (*x->handle == '@'));
	x->feeds = mem_realloc(x->feeds, (size_t)x->feed_count + 1, sizeof *x->feeds);
	feed_init(&x->feeds[x->feed_count], x, query.p, x->feed_count);
	x->feed_count++;
	str_clear(terms);
	str_release(&query);
}

void x_feeds_open(struct x *x, const char *const *listen, int count)
{
	struct str terms = STR_INIT;
	size_t room = QUERY_MOST - 60; /* for what stands around them */
	x->feeds = mem_realloc(NULL, 1, sizeof *x->feeds);
	feed_init(&x->feeds[0], x, NULL, 0);
	x->feed_count = 1;
	for (int i = 0; i < count; i++) {
		if (!listen[i][listen[i][0] == '#'])
			continue;
		if (terms.len + strlen(listen[i]) + 6 > room)
			add_search(x, &terms);
		add_term(&terms, listen[i]);
	}
	add_search(x, &terms);
	str_release(&terms);
}

/* --- a fill's life */

static void forget_fill(struct x_feed *feed)
{
	for (size_t i = 0; i < feed->pages.len; i++)
		str_release(&feed->pages.at[i]);
	vec_clear(&feed->pages);
	set(&feed->next_token, NULL);
	set(&feed->newest, NULL);
	set(&feed->oldest, NULL);
	feed->fetched = feed->stale = 0;
}

void x_feed_stop(struct x_feed *feed)
{
	x_ask_drop(feed->ask);
	feed->ask = NULL;
	timers_cancel(feed->x->timers, &feed->poll);
	x_trouble_over(feed->x, feed);
	feed->waiting = feed->once_more = false;
	forget_fill(feed);
}

void x_feed_release(struct x_feed *feed)
{
	x_feed_stop(feed);
	vec_release(&feed->pages);
	free(feed->query);
	free(feed->source);
	free(feed->words);
	free(feed->position);
	free(feed->rule);
}

static void again_in(struct x_feed *feed, int64_t wait_ms)
{
	feed->poll = timers_add(feed->x->timers, clock_mono_ms() + wait_ms, x_feed_begin, feed);
}

void x_feed_poll(struct x_feed *feed)
{
	struct x *x = feed->x;
	bool idle = !feed->poll && !feed->ask && !feed->waiting;
	if (idle && !x->stopped && x->verified && !x_stream_brings(x, feed))
		again_in(feed, feed->query ? POLL_SEARCH_MS : POLL_MENTIONS_MS);
}

static void fill_over(struct x_feed *feed)
{
	forget_fill(feed);
	if (feed->once_more) {
		feed->once_more = false;
		x_feed_begin(feed);
		return;
	}
	feed->filled = true;
	x_day_passes(feed->x);
	x_stream_filled(feed->x);
	x_settle(feed->x);
	x_feed_poll(feed);
}

void x_feed_refill(struct x_feed *feed)
{
	feed->filled = false;
	feed->once_more = feed->ask || feed->waiting;
	if (feed->once_more)
		return;
	timers_cancel(feed->x->timers, &feed->poll);
	x_feed_begin(feed);
}

bool x_feed_move(struct x_feed *feed, const char *position)
{
	if (feed->position && x_id_compare(position, feed->position) <= 0)
		return false;
	set(&feed->position, position);
	return true;
}

/* --- handing over */

static void hand_over_page(struct x_feed *feed)
{
	struct x *x = feed->x;
	struct arena arena = ARENA_INIT;
	struct str page = feed->pages.at[--feed->pages.len];
	json *body = json_parse(page.p, page.len, NULL);
	struct item *items;
	int count = x_decode_posts(&x->decoder, body, &arena, &items);
	for (int i = 0; i < count / 2; i++) {
		struct item swap = items[i];
		items[i] = items[count - 1 - i];
		items[count - 1 - i] = swap;
	}
	for (int i = 0; i < count; i++) /* what was asked for is for us, whether or not it names us */
		items[i].mention = items[i].post.direction == DIR_IN;
	const char *moves = feed->pages.len ? NULL : feed->newest;
	if (moves)
		set(&feed->position, moves);
	feed->waiting = true;
	feed->wait_for = x->handed + 1;
	x_hand_over(x, items, count, moves ? feed->source : NULL, moves ? feed->position : NULL);
	json_free(body);
	str_release(&page);
	arena_release(&arena);
	x_feed_stored(feed);
}

void x_feed_stored(struct x_feed *feed)
{
	if (!feed->waiting || feed->x->stored < feed->wait_for)
		return;
	feed->waiting = false;
	if (feed->pages.len)
		hand_over_page(feed);
	else
		fill_over(feed);
}

static void tell_gap(struct x_feed *feed, int64_t to, const char *reason)
{
	struct x *x = feed->x;
	if (feed->position && feed->gap_from < to)
		x->events.gap(x->events.arg, feed->words, feed->gap_from, to, reason);
}

static void fill_whole(struct x_feed *feed)
{
	char since[24];
	if (feed->pages.len) {
		hand_over_page(feed);
	} else if (!feed->position) { /* everything from here on is new; where there was nothing at all, from before */
		x_id_of_time(x_server_time(feed->x, clock_wall_ms()) - (feed->x->first_fetch ? NOTHING_BEFORE_MS : 0),
		        since);
		set(&feed->position, since);
		feed->waiting = true;
		feed->wait_for = feed->x->handed + 1;
		x_hand_over(feed->x, NULL, 0, feed->source, feed->position);
		x_feed_stored(feed);
	} else {
		fill_over(feed);
	}
}

/* --- pages */

static void ask_page(struct x_feed *feed);

/* Notes the ids of a page; true when one of them lies before all of the pages so far. A next_token may come for ever.
 */
static bool note_ids(struct x_feed *feed, const json *body)
{
	bool fresh = false;
	for (const json *one = json_first(json_get(body, "data")); one; one = json_next(one)) {
		const char *id = json_str(one, "id");
		if (!id || !*id)
			continue;
		if (!feed->newest || x_id_compare(id, feed->newest) > 0)
			set(&feed->newest, id);
		if (!feed->oldest || x_id_compare(id, feed->oldest) < 0) {
			set(&feed->oldest, id);
			fresh = true;
		}
	}
	return fresh;
}

static bool wants_more(struct x_feed *feed, const struct x_answer *answer, bool fresh)
{
	const char *token = json_str(json_get(answer->body, "meta"), "next_token");
	feed->stale = fresh ? 0 : feed->stale + 1;
	set(&feed->next_token, token);
	return token && *token && feed->stale < 2;
}

/* Names that X no longer knows are dropped in silence: then the other set is tried, once. */
static bool other_names(struct x_feed *feed, const struct x_answer *answer)
{
	struct x *x = feed->x;
	if (x_decode_has_authors(answer->body)) {
		x->dialect_known |= json_count(json_get(answer->body, "data")) > 0;
		return false;
	}
	if (x->new_names) {
		x_stop(x, ACCOUNT_FAILED,
		        "X does not say who wrote a post, by the names of its fields that are known here");
		return true;
	}
	log_line(LOG_WARN, "x: X does not know the names tweet.fields any more; asking by post.fields");
	x->new_names = true;
	forget_fill(feed);
	ask_page(feed);
	return true;
}

static void page_refused(struct x_feed *feed, const struct x_answer *answer)
{
	struct x *x = feed->x;
	forget_fill(feed);
	if (answer->status == 401) {
		x_stop(x, ACCOUNT_NEEDS_LOGIN, answer->reason);
	} else if (!feed->query) {
		x_stop(x, ACCOUNT_FAILED, answer->reason);
	} else { /* a query that X does not take: the mentions go on */
		log_line(LOG_WARN, "x: %s: %s", feed->words, answer->reason);
		feed->filled = true;
		feed->once_more = false;
		x_stream_filled(x);
		x_settle(x);
		again_in(feed, AFTER_REFUSAL_MS);
	}
}

static void page_answered(void *arg, const struct x_answer *answer)
{
	struct x_feed *feed = arg;
	feed->ask = NULL;
	if (!x_answer_good(answer)) {
		page_refused(feed, answer);
		return;
	}
	if (other_names(feed, answer))
		return;
	int count = (int)json_count(json_get(answer->body, "data"));
	bool more = wants_more(feed, answer, note_ids(feed, answer->body));
	if (count) {
		struct str page = STR_INIT;
		str_add(&page, answer->bytes, answer->len);
		vec_push(&feed->pages, page);
		feed->fetched += count;
	}
	bool enough = !feed->position && feed->fetched >= feed->x->first_fetch;
	if (more && !enough && feed->pages.len < PAGES_MOST) {
		ask_page(feed);
		return;
	}
	int64_t oldest = feed->oldest ? x_time_of_id(feed->oldest) : 0;
	if (more)
		tell_gap(feed, oldest, "more was said than is fetched at a time");
	else if (!feed->query && feed->fetched >= MENTIONS_KEPT)
		tell_gap(feed, oldest, "X shows the newest 800 mentions alone");
	fill_whole(feed);
}

/* What the budget leaves for one page; 0: none. */
static int page_size(struct x_feed *feed)
{
	struct x *x = feed->x;
	int least = feed->query ? SEARCH_LEAST : PAGE_LEAST;
	int left = x_purse_posts_left(&x->purse, clock_wall_ms(), !feed->query);
	int wanted = X_PAGE;
	if (!feed->position && x->first_fetch - feed->fetched < wanted)
		wanted = x->first_fetch - feed->fetched;
	if (wanted < least)
		wanted = least;
	return left < least ? 0 : left < wanted ? left : wanted;
}

/* Reading has used up what it may cost; answering goes on. */
static void budget_used_up(struct x_feed *feed)
{
	struct x *x = feed->x;
	char reason[128], budget[40];
	int64_t now = clock_wall_ms(), until = x_purse_next_month(now);
	money_format(x->purse.budget, X_CURRENCY, budget, sizeof budget);
	snprintf(reason, sizeof reason, "the month's budget of %s is used up: nothing is read before the next", budget);
	forget_fill(feed);
	x_trouble(x, feed, ACCOUNT_RATE_LIMITED, until, reason);
	again_in(feed, until - now);
}

static void ask_page(struct x_feed *feed)
{
	struct x *x = feed->x;
	struct str path = STR_INIT;
	int size = page_size(feed);
	if (!size) {
		budget_used_up(feed);
		return;
	}
	if (feed->query) {
		str_adds(&path, "/2/tweets/search/recent?query=");
		url_escape(&path, feed->query);
		str_adds(&path, "&sort_order=recency&");
	} else {
		str_addf(&path, "/2/users/%s/mentions?", x->self_id);
	}
	str_addf(&path, "max_results=%d&%s", size, x_fields(x));
	if (feed->position)
		str_addf(&path, "&since_id=%s", feed->position);
	if (feed->next_token) {
		str_addf(&path, "&%s=", feed->query ? "next_token" : "pagination_token");
		url_escape(&path, feed->next_token);
	}
	struct x_ask_setup setup = {.path = path.p,
	        .bucket = feed->query ? X_BUCKET_SEARCH : X_BUCKET_MENTIONS,
	        .keep_trying = true,
	        .owned = !feed->query};
	feed->ask = x_ask(x, &setup, page_answered, feed);
	str_release(&path);
}

static void load_position(struct x_feed *feed)
{
	struct arena arena = ARENA_INIT;
	const char *saved = feed->x->saved_position(feed->x->events.arg, feed->source, &arena);
	if (saved)
		set(&feed->position, saved);
	arena_release(&arena);
}

void x_feed_begin(void *arg)
{
	struct x_feed *feed = arg;
	feed->poll = 0;
	x_trouble_over(feed->x, feed);
	if (!feed->position)
		load_position(feed);
	feed->gap_from = feed->position ? x_time_of_id(feed->position) : 0;
	int64_t seen = x_server_time(feed->x, clock_wall_ms()) - SEARCH_BACK_MS + SEARCH_MARGIN_MS;
	if (feed->query && feed->position && feed->gap_from < seen) {
		char id[24];
		tell_gap(feed, seen, "a search sees seven days alone");
		x_id_of_time(seen, id);
		set(&feed->position, id);
		feed->gap_from = seen;
	}
	if (!feed->position && !feed->x->first_fetch)
		fill_whole(feed);
	else
		ask_page(feed);
}
