/* curlew report: the numbers of a shift. */
#include "tui/cli.h"

#include "core/base/clock.h"
#include "core/base/timefmt.h"
#include "core/model/calendar.h"
#include "core/store/report.h"

#include <stdio.h>
#include <string.h>

/* --- since when */

static int64_t day_start(int64_t now)
{
	return calendar_instant(calendar_date_at(now), 0);
}

/* "2026-08-21": the local midnight. */
static bool parse_day(const char *text, int64_t *at)
{
	int year, month, day, end = 0;
	int64_t as_utc;
	if (strlen(text) != 10 || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10 ||
	        !time_parse_rfc3339(text, &as_utc))
		return false;
	*at = calendar_instant((struct calendar_date){year - 1900, month - 1, day, 0}, 0);
	return true;
}

static int parse_since(const char *text, int64_t now, int64_t *since, struct err *err)
{
	int64_t ago;
	*since = day_start(now);
	if (!text || str_eq(text, "today") || parse_day(text, since) || time_parse_rfc3339(text, since))
		return 0;
	if (!duration_parse(text, &ago) || ago <= 0)
		return err_set(err, ERR_USAGE,
		        "--since is \"%.60s\", expected today, a day (2026-08-21), a time (2026-08-21T09:00:00Z) or "
		        "how "
		        "long ago (8h, 7d)",
		        text);
	*since = now - ago;
	return 0;
}

/* --- text */

static int percent(int64_t part, int64_t whole)
{
	return whole ? (int)((200 * part + whole) / (2 * whole)) : 0;
}

static int print_first_replies(const struct report *report, struct err *err)
{
	char median[16], target[16];
	if (!report->answered)
		return cli_print(err, "First replies  none\n");
	duration_format(report->median_first_reply_ms, median, sizeof median);
	duration_format(report->target_ms, target, sizeof target);
	return cli_print(err, "First replies  %lld, median %s, within %s: %lld (%d%%)\n", (long long)report->answered,
	        median, target, (long long)report->within_target, percent(report->within_target, report->answered));
}

static int print_gap(const struct gap *gap, const char *title, struct err *err)
{
	char from[32], to[32];
	time_format_local(gap->from, "%Y-%m-%d %H:%M", from, sizeof from);
	time_format_local(gap->to, "%Y-%m-%d %H:%M", to, sizeof to);
	return cli_print(err, "%-14s %s %s, %s to %s: %s; %s%s\n", title, gap->account, gap->source, from, to,
	        gap->reason, *gap->seen_by ? "noted by " : "nobody has noted it yet", gap->seen_by);
}

static int print_text(const struct report *report, int64_t since, struct err *err)
{
	char at[32];
	time_format_local(since, "%Y-%m-%d %H:%M", at, sizeof at);
	int result = cli_print(err, "Since %s\nCases          ", at);
	for (int i = 0; !result && i < STATUS_COUNT; i++)
		result = cli_print(err, "%s%lld %s", i ? ", " : "", (long long)report->cases[i],
		        case_status_name((enum case_status)i));
	if (!result)
		result = cli_print(err, " now; %lld arrived\n", (long long)report->arrived);
	if (!result)
		result = print_first_replies(report, err);
	if (!result)
		result = cli_print(err, "Replies        %lld, moved to private: %lld (%d%%)\n",
		        (long long)report->replies, (long long)report->private,
		        percent(report->private, report->replies));
	for (int i = 0; !result && i < report->agent_count; i++)
		result = cli_print(err, "               %lld %s\n", (long long)report->agents[i].replies,
		        str_or(report->agents[i].agent, "(on the network itself)"));
	if (!result)
		result = cli_print(err, "Besides        %lld reopened, %lld escalated, %lld liked\n",
		        (long long)report->reopened, (long long)report->escalated, (long long)report->liked);
	for (int i = 0; !result && i < report->gap_count; i++)
		result = print_gap(&report->gaps[i], i ? "" : "Not read", err);
	return result;
}

/* --- JSON */

static json *gaps_json(const struct report *report)
{
	json *gaps = json_array();
	for (int i = 0; i < report->gap_count; i++) {
		const struct gap *gap = &report->gaps[i];
		json *row = json_object();
		json_set_str(row, "account", gap->account);
		json_set_str(row, "source", gap->source);
		json_set_time(row, "from", gap->from);
		json_set_time(row, "to", gap->to);
		json_set_str(row, "reason", gap->reason);
		json_set_str(row, "noted_by", *gap->seen_by ? gap->seen_by : NULL);
		json_push(gaps, row);
	}
	return gaps;
}

static int print_json(const struct report *report, int64_t since, int64_t now, struct err *err)
{
	json *row = json_object(), *cases = json_object(), *agents = json_array();
	json_set_time(row, "since", since);
	json_set_time(row, "until", now);
	for (int i = 0; i < STATUS_COUNT; i++)
		json_set_int(cases, case_status_name((enum case_status)i), report->cases[i]);
	json_set(row, "cases", cases);
	json_set_int(row, "arrived", report->arrived);
	json_set_int(row, "answered", report->answered);
	json_set_int(row, "within_target", report->within_target);
	json_set_int(row, "target_seconds", report->target_ms / 1000);
	if (report->answered)
		json_set_int(row, "median_seconds", report->median_first_reply_ms / 1000);
	else
		json_set_str(row, "median_seconds", NULL);
	json_set_int(row, "replies", report->replies);
	json_set_int(row, "private", report->private);
	for (int i = 0; i < report->agent_count; i++) {
		json *agent = json_object();
		json_set_str(agent, "agent", *report->agents[i].agent ? report->agents[i].agent : NULL);
		json_set_int(agent, "replies", report->agents[i].replies);
		json_push(agents, agent);
	}
	json_set(row, "agents", agents);
	json_set_int(row, "reopened", report->reopened);
	json_set_int(row, "escalated", report->escalated);
	json_set_int(row, "liked", report->liked);
	json_set(row, "gaps", gaps_json(report));
	return cli_print_json(row, err);
}

/* --- CSV (RFC 4180, but for its line ends) */

static int csv_line(const char *metric, const char *of, int64_t value, struct err *err)
{
	struct str quoted = STR_INIT;
	for (const char *p = of; *p; p++)
		str_addf(&quoted, *p == '"' ? "\"\"" : "%c", *p);
	bool plain = !of[strcspn(of, "\",\r\n")];
	int result = cli_print(err, plain ? "%s,%s,%lld\n" : "%s,\"%s\",%lld\n", metric, quoted.p, (long long)value);
	str_release(&quoted);
	return result;
}

static int print_csv(const struct report *report, struct err *err)
{
	const struct {
		const char *name;
		int64_t value;
	} rows[] = {
	        {"arrived", report->arrived},
	        {"answered", report->answered},
	        {"within_target", report->within_target},
	        {"target_seconds", report->target_ms / 1000},
	        {"median_seconds", report->answered ? report->median_first_reply_ms / 1000 : -1},
	        {"replies", report->replies},
	        {"private", report->private},
	        {"reopened", report->reopened},
	        {"escalated", report->escalated},
	        {"liked", report->liked},
	        {"gaps", report->gap_count},
	};
	int result = cli_print(err, "metric,of,value\n");
	for (int i = 0; !result && i < STATUS_COUNT; i++)
		result = csv_line("cases", case_status_name((enum case_status)i), report->cases[i], err);
	for (size_t i = 0; !result && i < sizeof rows / sizeof *rows; i++)
		if (rows[i].value >= 0)
			result = csv_line(rows[i].name, "", rows[i].value, err);
	for (int i = 0; !result && i < report->agent_count; i++)
		result = csv_line(
		        "replies", str_or(report->agents[i].agent, "elsewhere"), report->agents[i].replies, err);
	return result;
}

/* --- the command */

static int print_as(const char *format, const struct report *report, int64_t since, int64_t now, struct err *err)
{
	if (str_eq(format, "json"))
		return print_json(report, since, now, err);
	if (str_eq(format, "csv"))
		return print_csv(report, err);
	return print_text(report, since, err);
}

int cli_report(struct cli *cli, int argc, char **argv, struct err *err)
{
	const char *since_text = NULL, *format = "text";
	const struct cli_option options[] = {{"--since", &since_text, NULL}, {"--format", &format, NULL}};
	struct report report;
	int64_t since = 0, now = clock_wall_ms();
	int result = cli_options(options, 2, &argc, argv, err);
	if (!result && argc)
		result = err_set(err, ERR_USAGE, "report takes no words, found \"%.60s\"", argv[0]);
	if (!result && !str_eq(format, "text") && !str_eq(format, "json") && !str_eq(format, "csv"))
		result = err_set(err, ERR_USAGE, "--format is \"%.60s\", expected text, json or csv", format);
	if (!result)
		result = cli_config(cli, err); /* the time zone, before days are told */
	if (!result)
		result = parse_since(since_text, now, &since, err);
	if (!result)
		result = cli_store(cli, STORE_READ, false, err);
	if (!result)
		result = store_report(cli->store, since, &cli->arena, &report, err);
	return result ? result : print_as(format, &report, since, now, err);
}
