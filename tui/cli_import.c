/* curlew import: JSON Lines in the record format of adapters (curlew-adapter(7)) into the store. A post that is there
 * already is left as it is, so that a file can be imported twice. A line that is wrong is told with its number, and
 * the rest goes on. */
#include "tui/cli.h"

#include "core/base/clock.h"
#include "tui/import_record.h"

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

static int add_record(struct import *import, const json *record, struct err *err)
{
	struct incoming row;
	int result = import_record(record, import->account, clock_wall_ms(), &import->arena, &row, err);
	if (result)
		return result;
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
	const struct account *account =
	        record ? import_account(record, import->accounts, import->account_count, &bad) : NULL;
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
