/* curlew query: the cases of a view or a query, page by page. */
#include "tui/cli.h"

#include "core/base/clock.h"
#include "core/base/timefmt.h"
#include "core/text/cells.h"

#include <stdio.h>
#include <string.h>

#define PAGE 500

/* Beginnings of the columns that have a width; the summary takes the rest. */
enum { CELLS_ID = 7, CELLS_STATUS = 7, CELLS_DUE = 5, CELLS_HANDLE = 24, CELLS_ASSIGNEE = 12, CELLS_TAGS = 20 };

static int print_json(struct cli *cli, const struct kase *kase, struct arena *arena, struct err *err)
{
	const struct post *newest;
	int result = store_newest_post(cli->store, kase->id, arena, &newest, err);
	if (result)
		return result;
	json *row = json_object(), *tags = json_array();
	json_set_int(row, "id", kase->id);
	json_set_str(row, "status", case_status_name(kase->status));
	json_set_str(row, "account", kase->account);
	json_set_str(row, "network", kase->network);
	json_set_str(row, "handle", kase->handle);
	json_set_str(row, "name", kase->customer_name);
	json_set_str(row, "text", newest ? newest->text : kase->summary);
	json_set_str(row, "summary", kase->summary);
	json_set_str(row, "assignee", *kase->assignee ? kase->assignee : NULL);
	json_set_int(row, "priority", kase->priority);
	for (int i = 0; i < kase->tag_count; i++)
		json_push_str(tags, kase->tags[i]);
	json_set(row, "tags", tags);
	json_set_str(row, "escalated_to", *kase->escalated_to ? kase->escalated_to : NULL);
	json_set_time(row, "due", kase->due);
	json_set_time(row, "snoozed_until", kase->snoozed_until);
	json_set_time(row, "updated", kase->updated_at);
	json_set_str(row, "url", newest && *newest->url ? newest->url : NULL);
	return cli_print_json(row, err);
}

static void add_tags(struct str *out, const struct kase *kase)
{
	struct str tags = STR_INIT;
	for (int i = 0; i < kase->tag_count; i++)
		str_addf(&tags, "%s%s", i ? " " : "", kase->tags[i]);
	add_cell(out, tags.p, CELLS_TAGS);
	str_release(&tags);
}

static int print_row(const struct kase *kase, int64_t now, int columns, struct err *err)
{
	struct str row = STR_INIT;
	char id[24], due[16] = "";
	snprintf(id, sizeof id, "%lld", (long long)kase->id);
	if (kase->due)
		duration_format(kase->due - now, due, sizeof due);
	add_cell(&row, id, strlen(id) > CELLS_ID ? (int)strlen(id) : CELLS_ID);
	str_addc(&row, ' ');
	add_cell(&row, case_status_name(kase->status), CELLS_STATUS);
	str_addc(&row, ' ');
	add_cell(&row, due, CELLS_DUE);
	str_addc(&row, ' ');
	add_cell(&row, kase->handle, CELLS_HANDLE);
	str_addc(&row, ' ');
	add_cell(&row, kase->assignee, CELLS_ASSIGNEE);
	str_addc(&row, ' ');
	add_tags(&row, kase);
	str_addc(&row, ' ');
	text_clean(kase->summary, strlen(kase->summary), &row);
	if (columns > 0)
		row.p[cells_fit(row.p, row.len, columns, NULL)] = '\0';
	str_trim(&row);
	int result = cli_print(err, "%s\n", row.p);
	str_release(&row);
	return result;
}

static int print_page(
        struct cli *cli, const struct kase *rows, int count, bool as_json, struct arena *arena, struct err *err)
{
	int64_t now = clock_wall_ms();
	int result = 0, columns = cli_columns();
	for (int i = 0; i < count && !result; i++)
		result = as_json ? print_json(cli, &rows[i], arena, err) : print_row(&rows[i], now, columns, err);
	return result;
}

static int print_all(struct cli *cli, const struct query *query, bool as_json, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct page_key key = {0};
	bool more = true;
	int result = 0;
	for (bool first = true; more && !result; first = false) {
		const struct kase *rows;
		int count = 0;
		arena_reset(&arena);
		result = store_cases(cli->store, query, cli->agent, first ? NULL : &key, false, PAGE, &arena, &rows,
		        &count, &more, err);
		if (result || !count)
			break;
		key = (struct page_key){rows[count - 1].rank, rows[count - 1].id};
		result = print_page(cli, rows, count, as_json, &arena, err);
	}
	arena_release(&arena);
	return result;
}

/* The query, and a caret under the place that is wrong. */
static int explain(const char *text, size_t at, struct err *err)
{
	cli_complain("query: %s", err->text);
	cli_complain_more("  %s\n  %*s^", text, cells_width(text, at), "");
	return err_set(err, err->code, "%s", "");
}

static const char *joined(struct cli *cli, int argc, char **argv)
{
	struct str text = STR_INIT;
	for (int i = 0; i < argc; i++)
		str_addf(&text, "%s%s", i ? " " : "", argv[i]);
	const char *kept = arena_strdup(&cli->arena, text.p);
	str_release(&text);
	return kept;
}

int cli_query(struct cli *cli, int argc, char **argv, struct err *err)
{
	bool as_json = false;
	const struct cli_option options[] = {{"--json", NULL, &as_json}};
	int result = cli_options(options, 1, &argc, argv, err);
	if (!result && !argc)
		result = err_set(err, ERR_USAGE, "query needs a QUERY or the name of a view; \"\" means every case");
	if (!result)
		result = cli_config(cli, err);
	if (result)
		return result;
	const char *text = joined(cli, argc, argv);
	const struct config_view *view = config_view(&cli->config, text);
	if (view)
		text = view->query;
	const struct query *query;
	size_t at = 0;
	if (query_parse(text, cli->agent, &cli->arena, &query, &at, err))
		return explain(text, at, err);
	result = cli_store(cli, STORE_READ, false, err);
	return result ? result : print_all(cli, query, as_json, err);
}
