/* Filling the gap between what was handed over last and now, page by page; and searching for phrases.
 *
 * Forward paging is by min_id ("immediately after that id"): since_id would give the newest page and leave a hole
 * (docs.joinmastodon.org/methods/notifications). Pages come newest first and are handed over oldest first; the position
 * moves with each page, to what the server lists first: ids are compared only where they have an order. The first fetch
 * of all goes the other way, by max_id, and is handed over once it is whole. */
#include "core/network/mastodon_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/timefmt.h"

#include <string.h>

#define FIRST_POSTS 40     /* of a hashtag that is listened to for the first time */
#define MERGED_NEWEST 80   /* looked at again when filtered notifications were let in */
#define SEARCH_DEEPEST 200 /* posts that one search goes back */
#define SEARCH_KEPT 1000   /* ids a phrase remembers */
#define SEARCH_EVERY_MS 60000
#define SEARCH_SELDOM_MS 3600000 /* of a server that never finds anything: it has no full-text search */
#define OVERLAP_MS 3600000       /* how far back a hashtag is read again */
#define DATE_STEP_MS 1000        /* how exact the server's clock is known to us */
#define PAGE_MAX 4096            /* entries believed of one page */
#define SHORT_PAGE 20            /* the least that a server gives when there is more */

static void ask_page(struct channel *ch);

/* --- where we are */

static void set(char **place, const char *text)
{
	char *copy = mem_strdup(text);
	free(*place);
	*place = copy;
}

static void load_position(struct channel *ch)
{
	struct arena arena = ARENA_INIT;
	const char *saved = ch->m->saved_position(ch->m->events.arg, ch->source, &arena);
	if (saved)
		set(&ch->position, saved);
	arena_release(&arena);
}

/* A post that reaches the server late gets an id of the time it was written, below a position that has moved on
 * (Mastodon's lib/mastodon/snowflake.rb: milliseconds << 16). So timelines are read again from an hour before; ids of
 * other kinds are left alone. */
static void start_cursor(struct channel *ch)
{
	int64_t id;
	set(&ch->cursor, ch->position);
	if (ch->kind != CHANNEL_TAG || ch->phase == CHANNEL_LIVE)
		return;
	if (!parse_i64(ch->position, &id) || id >> 16 <= OVERLAP_MS)
		return;
	struct str earlier = STR_INIT;
	str_addf(&earlier, "%lld", (long long)(((id >> 16) - OVERLAP_MS) << 16));
	set(&ch->cursor, earlier.p);
	str_release(&earlier);
}

/* When a post or notification of this id was made, UTC ms: Mastodon's and ULIDs say so; 0: unknown. */
static int64_t id_time(const char *id)
{
	static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	enum { ULID_LEN = 26, ULID_TIME = 10, SNOWFLAKE_SHIFT = 16 };
	const int64_t oldest = INT64_C(1000000000000); /* 2001: smaller numbers are counted, not timed */
	int64_t number, ms = 0;
	if (parse_i64(id, &number))
		return number >> SNOWFLAKE_SHIFT > oldest ? number >> SNOWFLAKE_SHIFT : 0;
	if (strlen(id) != ULID_LEN)
		return 0;
	for (int i = 0; i < ULID_TIME; i++) {
		const char *digit = strchr(crockford, id[i]);
		if (!digit)
			return 0;
		ms = ms * 32 + (digit - crockford);
	}
	return ms;
}

/* A gap begins where all was heard for the last time: the end of the stream before, or the newest that it brought. */
static void gap_begins(struct channel *ch)
{
	int64_t newest = ch->position ? id_time(ch->position) : 0;
	ch->fills_from = ch->heard_until > newest ? ch->heard_until : newest;
	ch->first_begins = 0;
	ch->paged = false;
}

void channel_gap(struct channel *ch, int64_t to, const char *reason)
{
	struct str source = STR_INIT;
	switch (ch->kind) {
	case CHANNEL_MENTIONS: str_adds(&source, "mentions"); break;
	case CHANNEL_TAG: str_addf(&source, "#%s", ch->topic); break;
	case CHANNEL_PHRASE: str_addf(&source, "\"%s\"", ch->topic); break;
	}
	ch->m->events.gap(ch->m->events.arg, source.p, ch->fills_from, to, reason);
	str_release(&source);
}

static int first_limit(const struct channel *ch)
{
	if (ch->newest_only)
		return MERGED_NEWEST;
	return ch->kind == CHANNEL_TAG && ch->m->first_fetch > FIRST_POSTS ? FIRST_POSTS : ch->m->first_fetch;
}

static bool is_first(const struct channel *ch)
{
	return ch->newest_only || !ch->position;
}

/* --- one page */

static int page_most(const struct channel *ch)
{
	return ch->kind == CHANNEL_MENTIONS ? MENTIONS_PAGE : POSTS_PAGE;
}

static void page_path(struct channel *ch, struct str *path)
{
	int most = page_most(ch);
	if (ch->kind == CHANNEL_TAG) {
		str_adds(path, "/api/v1/timelines/tag/");
		url_escape(path, ch->topic);
		str_addc(path, '?');
	} else {
		str_adds(path, "/api/v1/notifications?types%5B%5D=mention&");
		if (ch->m->instance.family == FAMILY_MASTODON && ch->m->instance.api_version >= 7) /* 4.5 */
			str_adds(path, "types%5B%5D=quote&");
		if (ch->m->instance.family == FAMILY_PLEROMA) /* Akkoma knows only this name */
			str_adds(path, "include_types%5B%5D=mention&");
	}
	if (!is_first(ch)) {
		str_addf(path, "limit=%d&min_id=", most);
		url_escape(path, ch->cursor);
		return;
	}
	int wanted = first_limit(ch) - ch->fetched;
	str_addf(path, "limit=%d", wanted > most ? most : wanted < 1 ? 1 : wanted);
	if (ch->next_max) {
		str_adds(path, "&max_id=");
		url_escape(path, ch->next_max);
	}
}

/* The entries of a page, oldest first. */
static int page_entries(const json *page, struct arena *arena, const json ***entries)
{
	size_t total = json_count(page);
	if (total > PAGE_MAX)
		total = PAGE_MAX;
	*entries = arena_array(arena, const json *, total + 1);
	size_t at = total;
	for (const json *e = json_first(page); e && at; e = json_next(e))
		(*entries)[--at] = e;
	return (int)total;
}

static const char *entry_id(const json *entry, struct arena *arena)
{
	const char *text = json_str(entry, "id");
	return text ? text : arena_printf(arena, "%lld", (long long)json_int(entry, "id", 0));
}

static int decode_page(struct channel *ch, const json *page, struct arena *arena, struct item **items)
{
	const json **entries;
	int total = page_entries(page, arena, &entries), count = 0;
	*items = arena_array(arena, struct item, (size_t)total + 1);
	for (int i = 0; i < total; i++) {
		struct item *item = &(*items)[count];
		if (ch->kind == CHANNEL_MENTIONS) {
			struct mastodon_notification n;
			mastodon_decode_notification(&ch->m->decoder, entries[i], arena, &n, NULL);
			*item = n.item;
			count += n.has_item;
		} else if (mastodon_decode_status(&ch->m->decoder, entries[i], arena, item, NULL) == 0) {
			item->mention = item->post.direction == DIR_IN;
			count++;
		}
	}
	return count;
}

/* Hands over a page and moves the position to its newest entry, but never back. */
static void hand_over_page(struct channel *ch, const json *page)
{
	struct arena arena = ARENA_INIT;
	struct item *items;
	int count = decode_page(ch, page, &arena, &items);
	const char *newest = NULL;
	if (!ch->newest_only && json_first(page))
		newest = entry_id(json_first(page), &arena);
	if (newest && ch->position && mastodon_id_not_newer(newest, ch->position))
		newest = NULL;
	channel_hand_over(ch, items, count, newest);
	arena_release(&arena);
}

/* --- stopping and going on */

static void drop_pages(struct channel *ch)
{
	for (size_t i = 0; i < ch->pages.len; i++)
		str_release(&ch->pages.at[i]);
	vec_clear(&ch->pages);
	ch->fetched = 0;
	free(ch->next_max);
	ch->next_max = NULL;
}

void channel_fill_stop(struct channel *ch)
{
	mastodon_ask_drop(ch->ask);
	ch->ask = NULL;
	ch->waiting = false;
	ch->again = false;
	ch->newest_only = false;
	drop_pages(ch);
}

static void fill_done(struct channel *ch)
{
	drop_pages(ch);
	ch->newest_only = false;
	if (ch->again) {
		ch->again = false;
		channel_fill(ch);
		return;
	}
	channel_filled(ch);
}

/* The server refuses the listing itself. For mentions that ends everything; a hashtag or phrase is tried again later,
 * and what its stream brings is still heard. */
static void fill_refused(struct channel *ch, const struct answer *answer)
{
	struct mastodon *m = ch->m;
	const char *reason = *str_or(answer->reason, "") ? answer->reason : "the server sends no list";
	if (mastodon_answer_no_access(answer) || (answer->status == 403 && ch->kind == CHANNEL_MENTIONS)) {
		mastodon_stop(m, ACCOUNT_NEEDS_LOGIN, reason);
	} else if (ch->kind == CHANNEL_MENTIONS) {
		mastodon_stop(m, ACCOUNT_FAILED, reason);
	} else {
		if (answer->status != 404) { /* a hashtag that nobody has used */
			log_line(LOG_WARN, "mastodon: %s: %s", ch->source, reason);
			if (ch->position)
				channel_gap(ch, mastodon_server_now(ch->m) + DATE_STEP_MS, reason);
		}
		fill_done(ch);
	}
}

/* After a batch: the next page is asked for once it is durable. */
static void wait_until_stored(struct channel *ch)
{
	ch->waiting = true;
	ch->wait_for = ch->m->handed;
	channel_stored(ch);
}

/* --- forward */

static int64_t oldest_entry_time(const json *page)
{
	const json *oldest = NULL;
	int64_t at = 0;
	for (const json *e = json_first(page); e; e = json_next(e))
		oldest = e;
	const char *made = oldest ? json_str(oldest, "created_at") : NULL;
	return made && time_parse_rfc3339(made, &at) ? at : 0;
}

/* The server gave the newest page whatever was asked for: between where we were and its oldest entry all is missing. */
static void tell_skipped(struct channel *ch)
{
	if (ch->first_begins > ch->fills_from)
		channel_gap(ch, ch->first_begins, "the server gives its newest page alone");
	ch->first_begins = 0;
}

static void forward_answered(struct channel *ch, const struct answer *answer)
{
	const json *first = json_first(answer->body);
	if (!first) {
		fill_done(ch);
		return;
	}
	struct arena arena = ARENA_INIT;
	const char *newest = entry_id(first, &arena);
	/* A server that does not know min_id would give the same page for ever. */
	bool onward = !mastodon_id_not_newer(newest, ch->cursor);
	if (!onward)
		tell_skipped(ch);
	else if (!ch->paged && (int)json_count(answer->body) >= page_most(ch))
		ch->first_begins = oldest_entry_time(answer->body);
	/* While we poll, what a short page has left out comes with the next poll: an empty page need not be asked for.
	 */
	bool last = ch->phase == CHANNEL_LIVE && json_count(answer->body) < SHORT_PAGE;
	ch->paged = ch->brought = true;
	set(&ch->cursor, newest);
	hand_over_page(ch, answer->body);
	arena_release(&arena);
	if (onward && !last)
		wait_until_stored(ch);
	else
		fill_done(ch);
}

/* --- the first fetch */

static void first_answered(struct channel *ch, const struct answer *answer)
{
	size_t count = json_count(answer->body);
	struct arena arena = ARENA_INIT;
	if (count && first_limit(ch) > 0) {
		const json *oldest = NULL;
		for (const json *e = json_first(answer->body); e; e = json_next(e))
			oldest = e;
		set(&ch->next_max, entry_id(oldest, &arena));
		struct str page = STR_INIT;
		str_add(&page, answer->bytes, answer->len);
		vec_push(&ch->pages, page);
		ch->fetched += (int)count;
	} else if (!ch->newest_only && !ch->fetched) {
		/* Nothing wanted, or nothing there: everything from here on is new. */
		const json *newest = json_first(answer->body);
		channel_hand_over(ch, NULL, 0, newest ? entry_id(newest, &arena) : "0");
	}
	arena_release(&arena);
	bool whole = !count || ch->fetched >= first_limit(ch);
	if (whole)
		wait_until_stored(ch);
	else
		ask_page(ch);
}

/* The oldest page that is kept. Once all are handed over, what came meanwhile is filled forward. */
static void hand_over_kept(struct channel *ch)
{
	struct str page = ch->pages.at[--ch->pages.len];
	json *body = json_parse(page.p, page.len, NULL);
	bool merged = ch->newest_only && !ch->pages.len;
	hand_over_page(ch, body);
	json_free(body);
	str_release(&page);
	if (merged)
		fill_done(ch);
	else
		wait_until_stored(ch);
}

void channel_stored(struct channel *ch)
{
	if (!ch->waiting || ch->m->stored < ch->wait_for)
		return;
	ch->waiting = false;
	if (ch->pages.len)
		hand_over_kept(ch);
	else if (ch->newest_only)
		fill_done(ch);
	else if (ch->search_offset)
		channel_search(ch);
	else
		ask_page(ch);
}

/* --- asking */

static void page_answered(void *arg, const struct answer *answer)
{
	struct channel *ch = arg;
	ch->ask = NULL;
	if (!mastodon_answer_good(answer) || !json_is_array(answer->body))
		fill_refused(ch, answer);
	else if (is_first(ch))
		first_answered(ch, answer);
	else
		forward_answered(ch, answer);
}

static void ask_page(struct channel *ch)
{
	if (!is_first(ch) && !ch->cursor)
		set(&ch->cursor, ch->position);
	struct str path = STR_INIT;
	page_path(ch, &path);
	ch->ask = mastodon_ask(ch->m, &(struct ask_setup){.path = path.p, .keep_trying = true}, page_answered, ch);
	str_release(&path);
}

void channel_fill(struct channel *ch)
{
	if (ch->ask || ch->waiting) {
		ch->again = true;
		return;
	}
	if (!ch->position)
		load_position(ch);
	free(ch->cursor);
	ch->cursor = NULL;
	gap_begins(ch);
	if (ch->position)
		start_cursor(ch);
	ask_page(ch);
}

/* --- phrases: there is no stream of them */

static bool seen_before(struct channel *ch, const char *id)
{
	uint64_t hash = hash_bytes(id, strlen(id));
	for (size_t i = ch->seen.len; i-- > 0;)
		if (ch->seen.at[i] == hash)
			return true;
	if (ch->seen.len == SEARCH_KEPT)
		vec_remove(&ch->seen, 0);
	vec_push(&ch->seen, hash);
	return false;
}

static void search_over(struct channel *ch, bool found)
{
	int64_t twice = ch->poll_every * 2;
	ch->poll_every = found ? SEARCH_EVERY_MS : twice > SEARCH_SELDOM_MS ? SEARCH_SELDOM_MS : twice;
	ch->search_offset = 0;
	free(ch->cursor);
	ch->cursor = NULL;
	channel_filled(ch);
}

/* Hits nobody has seen yet, oldest first. */
static int search_fresh(struct channel *ch, struct item *items, int count)
{
	int fresh = 0;
	for (int i = 0; i < count; i++) {
		if (seen_before(ch, items[i].post.remote_id))
			continue;
		items[i].mention = items[i].post.direction == DIR_IN;
		struct item item = items[i];
		items[i] = items[fresh];
		items[fresh++] = item;
	}
	return fresh;
}

/* The newest hit so far becomes the position when the search is over: not before what lies deeper was handed over. */
static void search_note_newest(struct channel *ch, const struct item *items, int count)
{
	if (!ch->cursor)
		set(&ch->cursor, ch->position ? ch->position : "0"); /* also when nothing was found: then all is new */
	for (int i = 0; i < count; i++) {
		enum id_order order = mastodon_id_order(items[i].post.remote_id, ch->cursor);
		if (order == ID_NEWER || (order == ID_UNORDERED && !ch->search_offset && i == count - 1))
			set(&ch->cursor, items[i].post.remote_id);
	}
}

/* The oldest hit of a page is one that we have not had: there may be more behind it. */
static bool search_goes_deeper(const struct channel *ch, const struct post *oldest)
{
	if (!ch->position)
		return false;
	enum id_order order = mastodon_id_order(oldest->remote_id, ch->position);
	if (order != ID_UNORDERED)
		return order == ID_NEWER;
	return oldest->created_at > ch->heard_until;
}

static void tell_too_deep(struct channel *ch, int64_t oldest)
{
	char reason[64];
	snprintf(reason, sizeof reason, "a search goes back no further than %d posts", SEARCH_DEEPEST);
	channel_gap(ch, oldest, reason);
}

static void search_hits(struct channel *ch, const json *hits)
{
	struct arena arena = ARENA_INIT;
	struct item *items;
	int total = (int)json_count(hits);
	int count = decode_page(ch, hits, &arena, &items);
	bool more = count && total >= POSTS_PAGE && search_goes_deeper(ch, &items[0].post);
	bool deeper = more && ch->search_offset + total < SEARCH_DEEPEST;
	if (more && !deeper)
		tell_too_deep(ch, items[0].post.created_at);
	ch->heard_until = deeper ? ch->heard_until : mastodon_server_now(ch->m);
	bool wanted = ch->position || ch->m->first_fetch > 0;
	search_note_newest(ch, items, count);
	bool moves = !deeper && (!ch->position || !mastodon_id_not_newer(ch->cursor, ch->position));
	int fresh = search_fresh(ch, items, count);
	channel_hand_over(ch, items, wanted ? fresh : 0, moves ? ch->cursor : NULL);
	arena_release(&arena);
	if (deeper) {
		ch->search_offset += total;
		wait_until_stored(ch);
	} else {
		search_over(ch, total > 0);
	}
}

static void search_answered(void *arg, const struct answer *answer)
{
	struct channel *ch = arg;
	ch->ask = NULL;
	if (mastodon_answer_good(answer)) {
		search_hits(ch, json_get(answer->body, "statuses"));
		return;
	}
	log_line(LOG_WARN, "mastodon: %s: %s", ch->source, answer->reason);
	search_over(ch, false);
}

void channel_search(struct channel *ch)
{
	if (!ch->position)
		load_position(ch);
	if (!ch->search_offset)
		gap_begins(ch);
	struct str path = STR_INIT;
	str_adds(&path, "/api/v2/search?type=statuses&q=%22");
	url_escape(&path, ch->topic);
	str_addf(&path, "%%22&limit=%d", POSTS_PAGE);
	if (ch->search_offset)
		str_addf(&path, "&offset=%d", ch->search_offset);
	ch->ask = mastodon_ask(ch->m, &(struct ask_setup){.path = path.p, .keep_trying = true}, search_answered, ch);
	str_release(&path);
}
