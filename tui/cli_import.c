/* curlew import: JSON Lines in the record format of adapters (curlew-adapter(7)) into the store. A post that is there
 * already is left as it is, so that a file can be imported twice. A line that is wrong is told with its number, and
 * the rest goes on. */
#include "tui/cli.h"

#include "core/base/clock.h"
#include "core/base/timefmt.h"
#include "core/triage/triage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (4u << 20)
#define BATCH_BYTES (8u << 20) /* of text, so that a batch of long posts stays small too */

enum { BATCH = 100 };

struct import {
	struct cli *cli;
	const char *name; /* of the file */
	const struct account *accounts;
	int account_count;
	struct arena arena; /* of the batch */
	const struct account *account;
	struct incoming rows[2 * BATCH]; /* a post, and perhaps that it was deleted */
	int count;
	size_t bytes;
	int64_t line, bad, posts, fresh;
};

/* --- one record */

static const char *copy(struct import *import, const json *object, const char *key)
{
	return arena_strdup(&import->arena, json_str_or(object, key, ""));
}

/* 0 when it is missing; false when it is there and no time. */
static bool read_time(const json *object, const char *key, int64_t *at)
{
	const char *text = json_str_or(object, key, "");
	*at = 0;
	return !*text || time_parse_rfc3339(text, at);
}

static const char *words_of(struct import *import, const json *list)
{
	struct str words = STR_INIT;
	for (const json *item = json_first(list); item; item = json_next(item))
		if (json_text(item) && !strpbrk(json_text(item), " \t\n"))
			str_addf(&words, "%s%s", words.len ? " " : "", json_text(item));
	const char *kept = arena_strdup(&import->arena, words.p);
	str_release(&words);
	return kept;
}

static void read_media(struct import *import, const json *list, struct post *post)
{
	struct media *media = arena_array(&import->arena, struct media, json_count(list) + 1);
	for (const json *item = json_is_array(list) ? json_first(list) : NULL; item; item = json_next(item)) {
		struct media *m = &media[post->media_count++];
		m->kind = MEDIA_OTHER;
		media_kind_parse(json_str_or(item, "kind", ""), &m->kind);
		m->alt = copy(import, item, "alt");
		m->url = copy(import, item, "url");
	}
	post->media = media;
}

/* Whose record it is; NULL with words when that cannot be told, or it is none of a post. */
static const struct account *account_of(const struct import *import, const json *record, struct err *err)
{
	const char *type = json_str_or(record, "type", "post"), *name = json_str_or(record, "account", "");
	const char *network = json_str_or(record, "network", "");
	const struct account *account = NULL;
	for (int i = 0; i < import->account_count; i++)
		if (str_eq(import->accounts[i].name, name))
			account = &import->accounts[i];
	if (!json_is_object(record))
		err_set(err, ERR_DATA, "found no JSON object");
	else if (!str_eq(type, "post"))
		err_set(err, ERR_DATA, "\"type\" is \"%.40s\", expected \"post\"", type);
	else if (!account)
		err_set(err, ERR_DATA, "\"account\" is \"%.64s\", expected one of the configuration's", name);
	else if (*network && !str_eq(network, account->network))
		err_set(err, ERR_DATA, "\"network\" is \"%.64s\", but account %s is on %s", network, name,
		        account->network);
	return err->code ? NULL : account;
}

static int read_times(const json *record, struct post *post, struct err *err)
{
	if (!read_time(record, "created_at", &post->created_at) || !post->created_at)
		return err_set(err, ERR_DATA, "\"created_at\" is \"%.40s\", expected a time like 2026-08-21T09:14:05Z",
		        json_str_or(record, "created_at", ""));
	if (!read_time(record, "edited_at", &post->edited_at) || !read_time(record, "deleted_at", &post->deleted_at))
		return err_set(err, ERR_DATA, "\"edited_at\" or \"deleted_at\" is no time like 2026-08-21T09:14:05Z");
	return 0;
}

static int read_words(const json *record, struct post *post, struct err *err)
{
	const char *direction = json_str_or(record, "direction", "in");
	const char *visibility = json_str_or(record, "visibility", "public");
	if (!direction_parse(direction, &post->direction))
		return err_set(err, ERR_DATA, "\"direction\" is \"%.20s\", expected in or out", direction);
	if (!visibility_parse(visibility, &post->visibility))
		return err_set(err, ERR_DATA,
		        "\"visibility\" is \"%.20s\", expected public, unlisted, private or direct", visibility);
	return 0;
}

static int count_of(const json *record, const char *key)
{
	int64_t n = json_int(record, key, 0);
	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int)n;
}

static int read_post(struct import *import, const json *record, struct post *post, struct err *err)
{
	const json *author = json_get(record, "author");
	int result = read_times(record, post, err);
	if (!result)
		result = read_words(record, post, err);
	if (result)
		return result;
	if (!*json_str_or(record, "remote_id", ""))
		return err_set(err, ERR_DATA, "\"remote_id\" is missing");
	if (!json_str(record, "text"))
		return err_set(err, ERR_DATA, "\"text\" is missing");
	post->remote_id = copy(import, record, "remote_id");
	post->parent_remote_id = copy(import, record, "parent");
	post->uri = copy(import, record, "uri");
	post->url = copy(import, record, "url");
	post->author_handle = copy(import, author, "handle");
	post->author_name = copy(import, author, "name");
	post->language = copy(import, record, "language");
	post->warning = copy(import, record, "warning");
	post->text = copy(import, record, "text");
	post->sent_by = copy(import, record, "sent_by");
	post->sensitive = json_bool(record, "sensitive", false);
	post->liked_by_us = json_bool(record, "liked", false);
	post->addressed = json_bool(record, "addressed", true);
	post->mentions = words_of(import, json_get(record, "mentions"));
	post->links = words_of(import, json_get(record, "links"));
	post->boosts = count_of(record, "boosts");
	post->likes = count_of(record, "likes");
	post->replies = count_of(record, "replies");
	read_media(import, json_get(record, "media"), post);
	return 0;
}

static int read_customer(struct import *import, const json *record, struct customer *customer, struct err *err)
{
	const json *author = json_get(record, "author");
	if (!*json_str_or(author, "handle", ""))
		return err_set(err, ERR_DATA, "\"author\" has no \"handle\"");
	customer->network = import->account->network;
	customer->remote_key = copy(import, author, "key");
	customer->remote_id = copy(import, author, "id");
	customer->handle = copy(import, author, "handle");
	customer->name = copy(import, author, "name");
	customer->url = copy(import, author, "url");
	customer->followers = json_int(author, "followers", -1);
	customer->bot = json_bool(author, "bot", false);
	if (!read_time(author, "created_at", &customer->created_at))
		return err_set(err, ERR_DATA, "\"created_at\" of the author is no time like 2026-08-21T09:14:05Z");
	return 0;
}

static void mark(struct import *import, struct incoming *row)
{
	struct triage found;
	triage_post(&row->post, &row->customer, &found);
	row->marks = (struct triage_marks){.praise = found.praise,
	        .question = found.question,
	        .personal_data = found.personal_data,
	        .priority = found.priority,
	        .summary = arena_strdup(&import->arena, found.summary),
	        .simhash = found.alike};
}

static int add_record(struct import *import, const json *record, struct err *err)
{
	struct incoming row = {.kind = INCOMING_POST, .root_remote_id = ""};
	int result = read_post(import, record, &row.post, err);
	if (!result && row.post.direction == DIR_IN)
		result = read_customer(import, record, &row.customer, err);
	if (result)
		return result;
	row.post.received_at = clock_wall_ms();
	row.mention = row.post.direction == DIR_IN && json_bool(record, "mention", true);
	if (row.post.direction == DIR_IN)
		mark(import, &row);
	import->rows[import->count++] = row;
	import->bytes += strlen(row.post.text);
	import->posts++;
	if (row.post.deleted_at) {
		row.kind = INCOMING_DELETE;
		import->rows[import->count++] = row;
	}
	return 0;
}

/* --- batches and lines */

static int store_batch(struct import *import, struct err *err)
{
	int fresh = 0, result = 0;
	if (import->count)
		result = store_ingest(
		        import->cli->store, import->account->id, import->rows, import->count, NULL, NULL, &fresh, err);
	import->fresh += fresh;
	import->count = 0;
	import->bytes = 0;
	arena_reset(&import->arena);
	return result;
}

static void complain(struct import *import, const char *why)
{
	import->bad++;
	cli_complain("%s:%lld: %s", import->name, (long long)import->line, why);
}

/* A batch is of one account. */
static bool batch_is_full(const struct import *import, const struct account *next)
{
	return import->count >= 2 * BATCH - 1 || import->bytes > BATCH_BYTES ||
	       (import->count && import->account != next);
}

/* Negative when the store failed; what is wrong with the line is told and counted. */
static int take_line(struct import *import, const char *bytes, size_t len, struct err *err)
{
	struct err bad = ERR_INIT;
	json *record = json_parse(bytes, len, &bad);
	const struct account *account = record ? account_of(import, record, &bad) : NULL;
	int result = account && batch_is_full(import, account) ? store_batch(import, err) : 0;
	if (account && !result) {
		import->account = account;
		add_record(import, record, &bad);
	}
	if (bad.code)
		complain(import, bad.text);
	json_free(record);
	return result;
}

/* One line without its end, cut at LINE_MAX_BYTES; *whole tells. False at the end of the file. */
static bool read_line(FILE *file, struct str *line, bool *whole)
{
	int c = getc(file);
	if (c == EOF)
		return false;
	str_clear(line);
	*whole = true;
	for (; c != EOF && c != '\n'; c = getc(file))
		if (*whole && str_addc(line, (char)c))
			*whole = false;
	return true;
}

static bool is_blank(const struct str *line)
{
	return line->p[strspn(line->p, " \t\r")] == '\0';
}

static int import_lines(struct import *import, FILE *file, struct err *err)
{
	struct str line;
	bool whole;
	int result = 0;
	str_init(&line, LINE_MAX_BYTES);
	while (!result && read_line(file, &line, &whole)) {
		import->line++;
		if (!whole)
			complain(import, "the line is longer than 4 MiB");
		else if (!is_blank(&line))
			result = take_line(import, line.p, line.len, err);
	}
	if (!result && ferror(file))
		result = err_set(err, ERR_IO, "cannot read %s: %s", import->name, strerror(errno));
	if (!result)
		result = store_batch(import, err);
	str_release(&line);
	return result;
}

/* --- the command */

/* The accounts of the configuration become rows, as when the courier starts. */
static int load_accounts(struct import *import, struct err *err)
{
	struct cli *cli = import->cli;
	size_t len = cli->config.accounts_len;
	struct account_setup *setups = arena_array(&cli->arena, struct account_setup, len + 1);
	for (size_t i = 0; i < len; i++) {
		const struct config_account *account = &cli->config.accounts[i];
		setups[i] = (struct account_setup){
		        account->name, config_network_word(account->network), account->server, account->handle};
	}
	int result = store_accounts_sync(cli->store, setups, (int)len, err);
	if (!result)
		result = store_accounts(cli->store, &cli->arena, &import->accounts, &import->account_count, err);
	return result;
}

static int run(struct import *import, FILE *file, struct err *err)
{
	int result = cli_store(import->cli, STORE_DESK, true, err);
	if (!result)
		result = load_accounts(import, err);
	if (!result)
		result = import_lines(import, file, err);
	if (result)
		return result;
	result = cli_print(
	        err, "%lld posts read, %lld of them new\n", (long long)import->posts, (long long)import->fresh);
	if (!result && import->bad)
		result = err_set(err, ERR_DATA, "%lld of %lld lines of %s were wrong and left out",
		        (long long)import->bad, (long long)import->line, import->name);
	return result;
}

int cli_import(struct cli *cli, int argc, char **argv, struct err *err)
{
	int result = cli_options(NULL, 0, &argc, argv, err);
	if (!result && argc > 1)
		result = err_set(err, ERR_USAGE, "import takes one FILE at most, or reads stdin");
	if (result)
		return result;
	bool from_file = argc == 1 && !str_eq(argv[0], "-");
	FILE *file = from_file ? fopen(argv[0], "rb") : stdin;
	if (!file)
		return err_set(
		        err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot open %s: %s", argv[0], strerror(errno));
	struct import *import = arena_new(&cli->arena, struct import);
	import->cli = cli;
	import->name = from_file ? argv[0] : "stdin";
	result = run(import, file, err);
	arena_release(&import->arena);
	if (from_file)
		fclose(file);
	return result;
}
