/* curlew-rss: an adapter that reads feeds of blogs, forums and review sites, and brings what names the brand. Nothing
 * can be answered there: an agent sees it and goes to the page. See curlew-rss(1).
 *
 * The position is JSON: for each feed what its server wants to hear again (ETag, Last-Modified) and the entries that
 * were in it, as hashes of what they are called and of what they said. So a restart brings nothing twice, an entry that
 * says something else now is known as the same one, and a feed that has moved on by more than it shows is known to have
 * a gap. */
#include "core/base/mem.h"
#include "core/base/timefmt.h"
#include "core/base/vec.h"
#include "core/net/backoff.h"
#include "core/net/http.h"
#include "core/net/loop.h"
#include "core/net/ratelimit.h"
#include "core/network/adapters/feed.h"
#include "core/network/adapters/speak.h"
#include "core/text/utf8.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_MS INT64_C(600000)
#define EVERY_LEAST_MS INT64_C(60000)
#define LONGEST_MS ((int64_t)24 * 3600 * 1000)
#define BACK_OFF_FIRST_MS INT64_C(60000)
#define BACK_OFF_MOST_MS INT64_C(3600000)
#define BODY_MAX ((size_t)8 * 1024 * 1024)
#define REDIRECTS_MAX 5
#define FEEDS_MAX 50
#define SEEN_BYTES 48000 /* of a position, for all feeds together */
#define SEEN_DIGITS 34   /* of an entry, with the blank */
#define WORDS_MAX 300

struct rss;

/* An entry that was in a feed. */
struct seen {
	uint64_t id, content; /* hashes; id 0: not known */
};

struct source {
	struct rss *rss;
	const char *url;
	char *at; /* where it was redirected to, within one asking; NULL: nowhere */
	int redirects;
	char *etag, *modified;
	VEC(struct seen) seen;
	int64_t newest;    /* of what was in it, UTC ms */
	int64_t read_at;   /* UTC ms */
	bool asked, known; /* once in this process; before it */
	bool ill;
	struct backoff backoff;
	struct http_call *call;
	timer_id timer;
};

struct rss {
	uv_loop_t loop;
	struct timers timers;
	struct http *http;
	int64_t every;
	struct source sources[FEEDS_MAX];
	int count;
	VEC(char *) words; /* what is listened for, folded */
	int64_t fill;      /* the id of the back-fill that is open; 0: none */
	int at_most;
	bool told_ill;
};

static const char usage[] = "usage: curlew-rss [--every DURATION] URL...\n"
                            "       curlew-rss --version | --help\n";

static void ask(void *arg);
static void ask_there(struct source *source);

static void set(char **place, const char *text)
{
	char *copy = mem_strdup(text);
	free(*place);
	*place = copy;
}

/* --- the position */

static void add_source(json *feeds, const struct source *source, size_t most)
{
	json *row = json_object();
	struct str seen = STR_INIT;
	for (size_t i = 0; i < source->seen.len && i < most; i++)
		str_addf(&seen, "%s%016" PRIx64 ":%016" PRIx64, i ? " " : "", source->seen.at[i].id,
		        source->seen.at[i].content);
	json_set_str(row, "etag", source->etag);
	json_set_str(row, "modified", source->modified);
	speak_set_time(row, "newest", source->newest);
	speak_set_time(row, "read", source->read_at);
	json_set_str(row, "seen", seen.p);
	json_set(feeds, source->url, row);
	str_release(&seen);
}

static void say_position(struct rss *rss)
{
	json *all = json_object(), *line = speak_line("position");
	struct str text = STR_INIT;
	for (int i = 0; i < rss->count; i++)
		if (rss->sources[i].known)
			add_source(all, &rss->sources[i], SEEN_BYTES / SEEN_DIGITS / (size_t)rss->count);
	json_print(all, &text);
	json_set_str(line, "position", text.p);
	speak(line);
	json_free(all);
	str_release(&text);
}

static void load_source(struct source *source, const json *row)
{
	const char *seen = json_str_or(row, "seen", ""), *newest = json_str_or(row, "newest", "");
	char *end;
	if (!json_is_object(row))
		return;
	source->known = true;
	set(&source->etag, json_str(row, "etag"));
	set(&source->modified, json_str(row, "modified"));
	if (!time_parse_rfc3339(newest, &source->newest))
		source->newest = 0;
	if (!time_parse_rfc3339(json_str_or(row, "read", ""), &source->read_at))
		source->read_at = 0;
	vec_clear(&source->seen);
	for (uint64_t hash = strtoull(seen, &end, 16); end != seen; hash = strtoull(seen, &end, 16)) {
		bool both = *end == ':'; /* else what it said alone, as it was kept once */
		vec_push(&source->seen, (struct seen){both ? hash : 0, both ? strtoull(end + 1, &end, 16) : hash});
		seen = end;
	}
}

static void load_position(struct rss *rss, const char *position)
{
	json *all = json_parse(position, strlen(position), NULL);
	for (int i = 0; i < rss->count; i++)
		load_source(&rss->sources[i], json_get(all, rss->sources[i].url));
	json_free(all);
}

/* --- which entries */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* As a word of its own where it is one; scripts without blanks have no such thing. */
static bool stands_in(const char *text, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = text; (at = strstr(at, word)); at++) {
		bool begins = at == text || !is_letter(word[0]) || !is_letter(at[-1]);
		bool ends = !is_letter(word[len - 1]) || !is_letter(at[len]);
		if (begins && ends)
			return true;
	}
	return false;
}

static bool is_listened_for(const struct rss *rss, const struct feed_entry *entry)
{
	struct str said = STR_INIT, folded = STR_INIT;
	bool found = rss->words.len == 0;
	str_addf(&said, "%s\n%s", entry->title, entry->text);
	utf8_fold(said.p, &folded);
	for (size_t i = 0; i < rss->words.len && !found; i++)
		found = stands_in(folded.p, rss->words.at[i]);
	str_release(&said);
	str_release(&folded);
	return found;
}

static struct seen hashes_of(const struct feed_entry *entry)
{
	struct str all = STR_INIT;
	str_addf(&all, "%s\n%lld\n%s\n%s", entry->id, (long long)entry->updated, entry->title, entry->text);
	struct seen hashes = {hash_bytes(entry->id, strlen(entry->id)), hash_bytes(all.p, all.len)};
	str_release(&all);
	return hashes;
}

enum news { NEWS_NONE, NEWS_OTHER_WORDS, NEWS_ENTRY };

static enum news news_of(const struct source *source, struct seen now)
{
	enum news news = NEWS_ENTRY;
	for (size_t i = 0; i < source->seen.len; i++) {
		if (source->seen.at[i].content == now.content)
			return NEWS_NONE;
		if (source->seen.at[i].id == now.id)
			news = NEWS_OTHER_WORDS;
	}
	return news;
}

/* --- saying one */

static const char *host_of(const char *url, struct arena *arena)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	return arena_strndup(arena, host, strcspn(host, "/?#"));
}

/* A guid that is no address or name of the whole world means something within its feed alone. */
static const char *id_of(const struct source *source, const struct feed_entry *entry, struct arena *arena)
{
	const char *id = entry->id;
	if (!strstr(id, "://") && !str_starts(id, "tag:") && !str_starts(id, "urn:"))
		id = arena_printf(arena, "%s#%s", source->url, id);
	if (strlen(id) <= 1000)
		return id;
	return arena_printf(arena, "%016" PRIx64, hash_bytes(id, strlen(id)));
}

static json *author_of(
        const struct source *source, const struct feed *feed, const struct feed_entry *entry, struct arena *arena)
{
	json *author = json_object();
	const char *name = str_or(entry->author, str_or(feed->title, "somebody"));
	const char *host = host_of(source->url, arena);
	char *handle = arena_printf(arena, "@%.200s@%.200s", name, host);
	for (char *p = handle; *p; p++)
		if (*p == ' ')
			*p = '_';
	json_set_str(author, "handle", handle);
	json_set_str(author, "name", name);
	json_set_str(author, "key", handle + 1);
	return author;
}

static json *media_of(const char *url)
{
	json *list = json_array(), *image = json_object();
	json_set_str(image, "kind", "photo");
	json_set_str(image, "url", url);
	json_push(list, image);
	return list;
}

/* When it came to say what it says now: as the feed has it, or, when that is from before it was read last, now. */
static int64_t edited_at(const struct source *source, const struct feed_entry *entry, enum news news)
{
	if (news == NEWS_OTHER_WORDS && entry->updated <= source->read_at)
		return clock_wall_ms();
	return entry->updated > entry->published ? entry->updated : 0;
}

static void say_entry(
        const struct source *source, const struct feed *feed, const struct feed_entry *entry, enum news news)
{
	struct arena arena = ARENA_INIT;
	struct str text = STR_INIT;
	bool titled = *entry->title && !str_starts(entry->text, entry->title);
	str_addf(&text, "%s%s%s", titled ? entry->title : "", titled && *entry->text ? "\n\n" : "", entry->text);
	int64_t edited = edited_at(source, entry, news);
	json *post = speak_line(edited ? "edit" : "post"), *links = json_array();
	json_set_str(post, "remote_id", id_of(source, entry, &arena));
	json_set_str(post, "url", *entry->url ? entry->url : NULL);
	json_set(post, "author", author_of(source, feed, entry, &arena));
	json_set_str(post, "text", text.p);
	speak_set_time(post, "created_at", entry->published > 0 ? entry->published : clock_wall_ms());
	if (edited)
		speak_set_time(post, "edited_at", edited);
	if (news == NEWS_OTHER_WORDS && !is_listened_for(source->rss, entry))
		json_set_bool(post, "mention", false); /* any more; those who have it hear what became of it */
	json_set_bool(post, "addressed", false);
	if (*entry->url)
		json_push_str(links, entry->url);
	json_set(post, "links", links);
	if (*entry->image)
		json_set(post, "media", media_of(entry->image));
	json_set_str(post, "reply_refusal", "a feed is only read: answer on its page");
	speak(post);
	str_release(&text);
	arena_release(&arena);
}

/* Nothing in it was there before: what came in between is not in it any more. */
static void say_gap(const struct source *source, int64_t oldest, int count)
{
	char reason[80];
	json *gap = speak_line("gap");
	snprintf(reason, sizeof reason, "the feed shows its newest %d entries alone", count);
	json_set_str(gap, "source", source->url);
	speak_set_time(gap, "from", source->newest);
	speak_set_time(gap, "to", oldest);
	json_set_str(gap, "reason", reason);
	speak(gap);
}

struct fresh {
	const struct feed_entry *entry;
	enum news news;
};

/* Oldest first; feeds have the newest first, mostly. */
static int by_time(const void *a, const void *b)
{
	const struct feed_entry *x = ((const struct fresh *)a)->entry, *y = ((const struct fresh *)b)->entry;
	return (x->published > y->published) - (x->published < y->published);
}

static void take_feed(struct source *source, const struct feed *feed, struct arena *arena)
{
	struct fresh *fresh = arena_array(arena, struct fresh, (size_t)feed->count + 1);
	struct seen *hashes = arena_array(arena, struct seen, (size_t)feed->count + 1);
	int64_t newest = source->newest, oldest = INT64_MAX;
	int count = 0, again = 0;
	for (int i = 0; i < feed->count; i++) {
		const struct feed_entry *entry = &feed->entries[i];
		hashes[i] = hashes_of(entry);
		enum news news = news_of(source, hashes[i]);
		again += news != NEWS_ENTRY;
		newest = entry->published > newest ? entry->published : newest;
		oldest = entry->published && entry->published < oldest ? entry->published : oldest;
		if (news == NEWS_OTHER_WORDS || (news == NEWS_ENTRY && is_listened_for(source->rss, entry)))
			fresh[count++] = (struct fresh){entry, news};
	}
	qsort(fresh, (size_t)count, sizeof *fresh, by_time);
	if (source->known && source->seen.len && feed->count && !again && source->newest && oldest != INT64_MAX &&
	        source->newest < oldest)
		say_gap(source, oldest, feed->count);
	int skipped = source->known || count <= source->rss->at_most ? 0 : count - source->rss->at_most;
	for (int i = skipped; i < count; i++)
		say_entry(source, feed, fresh[i].entry, fresh[i].news);
	vec_clear(&source->seen);
	for (int i = 0; i < feed->count; i++)
		vec_push(&source->seen, hashes[i]);
	source->newest = newest;
	source->read_at = clock_wall_ms();
	source->known = true;
}

/* --- how it goes */

static void say_state(struct rss *rss, const char *reason)
{
	int ill = 0;
	for (int i = 0; i < rss->count; i++)
		ill += rss->sources[i].ill;
	bool all = ill == rss->count;
	if (all == rss->told_ill)
		return;
	rss->told_ill = all;
	json *line = speak_line("state");
	json_set_str(line, "state", all ? "retrying" : "live");
	json_set_str(line, "reason", all ? reason : NULL);
	speak(line);
}

/* Every feed was asked: what could be had is there. */
static void fill_over(struct rss *rss)
{
	for (int i = 0; i < rss->count; i++)
		if (!rss->fill || !rss->sources[i].asked)
			return;
	json *call = json_object();
	json_set_int(call, "id", rss->fill);
	rss->fill = 0;
	speak_answer(call, "ok", "", NULL);
	json_free(call);
}

/* The same a little later each time, so that many who read a feed do not meet. */
static void again_in(struct source *source, int64_t wait_ms)
{
	if (wait_ms > LONGEST_MS)
		wait_ms = LONGEST_MS;
	source->timer = timers_add(&source->rss->timers, clock_mono_ms() + wait_ms, ask, source);
	source->asked = true;
	fill_over(source->rss);
}

static void asked_well(struct source *source, int64_t ttl_ms)
{
	source->ill = false;
	backoff_reset(&source->backoff);
	say_state(source->rss, "");
	again_in(source, ttl_ms > source->rss->every ? ttl_ms : source->rss->every);
}

static void asked_in_vain(struct source *source, int64_t retry_at, const char *reason)
{
	char words[WORDS_MAX];
	snprintf(words, sizeof words, "%.120s: %.160s", source->url, reason);
	fprintf(stderr, "%s\n", words);
	source->ill = true;
	say_state(source->rss, words);
	int64_t wait = backoff_next(&source->backoff, UINT64_MAX);
	if (retry_at && retry_at - clock_wall_ms() > wait)
		wait = retry_at - clock_wall_ms();
	again_in(source, wait < source->rss->every ? wait : source->rss->every);
}

/* --- asking */

static void answered_whole(struct source *source, const struct http_response *response)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct feed feed;
	const char *base = source->at ? source->at : source->url;
	if (feed_parse(response->body.p, response->body.len, base, &arena, &feed, &err)) {
		asked_in_vain(source, 0, err.text);
	} else {
		take_feed(source, &feed, &arena);
		set(&source->etag, headers_get(&response->headers, "ETag"));
		set(&source->modified, headers_get(&response->headers, "Last-Modified"));
		say_position(source->rss);
		asked_well(source, feed.ttl_ms);
	}
	arena_release(&arena);
}

static bool redirected(struct source *source, const struct http_response *response)
{
	const char *location = headers_get(&response->headers, "Location");
	bool moved = response->status >= 301 && response->status <= 308 && response->status != 304;
	if (!moved || !location || source->redirects >= REDIRECTS_MAX)
		return false;
	char *to = feed_address(location, source->at ? source->at : source->url);
	source->redirects++;
	free(source->at);
	source->at = to;
	if (to)
		ask_there(source);
	return to != NULL;
}

static void answered(void *arg, struct http_response *response)
{
	struct source *source = arg;
	char words[64];
	source->call = NULL;
	if (response->outcome != HTTP_DONE) {
		asked_in_vain(source, 0, response->err.text);
	} else if (response->status == 304) {
		asked_well(source, 0);
	} else if (response->status == 200) {
		answered_whole(source, response);
	} else if (!redirected(source, response)) {
		snprintf(words, sizeof words, "the server answers with status %d", response->status);
		asked_in_vain(source, ratelimit_retry_at(response->status, &response->headers, clock_wall_ms()), words);
	}
}

/* Where a redirect leads was not written by whoever configured it. */
static void ask_there(struct source *source)
{
	struct err err = ERR_INIT;
	struct http_field fields[2];
	size_t count = 0;
	if (source->known && source->etag)
		fields[count++] = (struct http_field){"If-None-Match", source->etag};
	if (source->known && source->modified)
		fields[count++] = (struct http_field){"If-Modified-Since", source->modified};
	struct http_request request = {.url = source->at ? source->at : source->url,
	        .headers = fields,
	        .headers_len = count,
	        .accept = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
	        .max_body = BODY_MAX,
	        .public_only = source->at != NULL};
	source->call =
	        http_send(source->rss->http, &request, &(struct http_handlers){.on_done = answered}, source, &err);
	if (!source->call)
		asked_in_vain(source, 0, err.text);
}

static void ask(void *arg)
{
	struct source *source = arg;
	source->timer = 0;
	source->redirects = 0;
	set(&source->at, NULL);
	ask_there(source);
}

static void ask_all(struct rss *rss)
{
	for (int i = 0; i < rss->count; i++) {
		struct source *source = &rss->sources[i];
		http_cancel(source->call);
		source->call = NULL;
		timers_cancel(&rss->timers, &source->timer);
		source->asked = false;
		source->timer = timers_add(&rss->timers, clock_mono_ms(), ask, source);
	}
}

/* --- what it is told */

static void take_words(struct rss *rss, const json *words)
{
	for (const json *word = json_is_array(words) ? json_first(words) : NULL; word; word = json_next(word)) {
		struct str folded = STR_INIT;
		if (json_text(word))
			utf8_fold(json_text(word), &folded);
		if (folded.len)
			vec_push(&rss->words, str_detach(&folded));
		else
			str_release(&folded);
	}
}

static void told(void *arg, const char *type, const json *line)
{
	struct rss *rss = arg;
	if (strcmp(type, "start") == 0) {
		take_words(rss, json_get(line, "listen"));
	} else if (strcmp(type, "back-fill") == 0) {
		load_position(rss, json_str_or(line, "position", ""));
		rss->fill = json_int(line, "id", 0);
		rss->at_most = (int)json_int(line, "at_most", 0);
		ask_all(rss);
	} else if (json_get(line, "id")) {
		bool reads = strcmp(type, "fetch") == 0 || strcmp(type, "fetch-thread") == 0;
		if (reads)
			speak_answer(line, "ok", "", NULL); /* a feed has no place to look up one entry */
	}
}

/* --- the start */

static int parse_options(struct rss *rss, int argc, char **argv)
{
	static const struct option longs[] = {{"every", required_argument, NULL, 'e'},
	        {"version", no_argument, NULL, 'V'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c;
	rss->every = EVERY_MS;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'e':
			if (!duration_parse(optarg, &rss->every) || rss->every < EVERY_LEAST_MS ||
			        rss->every > LONGEST_MS) {
				fprintf(stderr, "curlew-rss: --every: found \"%s\", expected 1m to 24h\n", optarg);
				return -1;
			}
			break;
		case 'V': printf("curlew-rss %s\n", CURLEW_VERSION); exit(0);
		case 'h': fputs(usage, stdout); exit(0);
		default: fputs(usage, stderr); return -1;
		}
	}
	rss->count = argc - optind;
	if (rss->count < 1 || rss->count > FEEDS_MAX) {
		fputs(usage, stderr);
		return -1;
	}
	for (int i = 0; i < rss->count; i++) {
		rss->sources[i] = (struct source){.rss = rss, .url = argv[optind + i]};
		backoff_init(&rss->sources[i].backoff, BACK_OFF_FIRST_MS, BACK_OFF_MOST_MS);
	}
	return 0;
}

static json *hello(void)
{
	json *line = json_object(), *can = json_array();
	json_set_str(line, "name", "curlew-rss/" CURLEW_VERSION);
	json_set_str(line, "network", "rss");
	json_push_str(can, "listen");
	json_set(line, "can", can);
	return line;
}

static void clear(struct rss *rss)
{
	for (int i = 0; i < rss->count; i++) {
		struct source *source = &rss->sources[i];
		timers_cancel(&rss->timers, &source->timer);
		vec_release(&source->seen);
		free(source->at);
		free(source->etag);
		free(source->modified);
	}
	for (size_t i = 0; i < rss->words.len; i++)
		free(rss->words.at[i]);
	vec_release(&rss->words);
	http_free(rss->http); /* with the calls */
}

int main(int argc, char **argv)
{
	static struct rss rss;
	struct err err = ERR_INIT;
	if (parse_options(&rss, argc, argv))
		return 64;
	uv_loop_init(&rss.loop);
	timers_init(&rss.timers);
	struct loop_timers *glue = loop_timers_attach(&rss.loop, &rss.timers);
	rss.http = http_new(&rss.loop, &rss.timers, &err);
	int rc = rss.http ? speak_begin(&(struct speak_setup){&rss.loop, &rss.timers, hello(), told, &rss}, &err)
	                  : -(int)err.code;
	if (rc == 0)
		uv_run(&rss.loop, UV_RUN_DEFAULT);
	else
		fprintf(stderr, "curlew-rss: %s\n", err.text);
	if (rss.http)
		speak_end();
	clear(&rss);
	loop_timers_detach(glue);
	uv_run(&rss.loop, UV_RUN_DEFAULT);
	uv_loop_close(&rss.loop);
	timers_release(&rss.timers);
	return rc ? err_exit_status(err.code) : 0;
}
