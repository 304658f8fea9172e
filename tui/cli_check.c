/* curlew check: configuration, keys, store, terminal, agent; then curlewd tells of credentials and network. */
#include "tui/cli.h"

#include "core/base/confine.h"
#include "core/base/paths.h"
#include "core/base/clock.h"
#include "core/base/timefmt.h"
#include "core/model/spending.h"
#include "core/store/health.h"
#include "core/store/lock.h"
#include "core/text/cells.h"
#include "keymaps/keymap.h"
#include "tui/desk/command.h"
#include "tui/setup.h"
#include "tui/term/facts.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum verdict { GOOD, DOUBTFUL, BAD };

struct check {
	struct cli *cli;
	bool failed;
};

static void tell(struct check *check, enum verdict verdict, const char *what, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));

/* "ok       store          /home/alice/…: schema 1" */
static void tell(struct check *check, enum verdict verdict, const char *what, const char *fmt, ...)
{
	static const char *const words[] = {"ok", "warning", "error"};
	struct err ignored = ERR_INIT; /* main sees it when it flushes */
	struct str text = STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	cli_print(&ignored, "%-8s %-14s %s\n", words[verdict], what, text.p);
	str_release(&text);
	check->failed |= verdict == BAD;
}

static void tell_problems(struct check *check, const char *what, const struct problems *problems)
{
	for (size_t i = 0; i < problems->len; i++) {
		struct str line = STR_INIT;
		problem_format(&problems->at[i], &line);
		tell(check, problems->at[i].warning ? DOUBTFUL : BAD, what, "%s", line.p);
		str_release(&line);
	}
	size_t all = problems->errors + problems->warnings;
	if (all > problems->len)
		tell(check, problems->errors ? BAD : DOUBTFUL, what, "and %zu more", all - problems->len);
}

/* --- the parts */

static void check_config(struct check *check)
{
	struct cli *cli = check->cli;
	struct problems problems;
	struct err err = ERR_INIT;
	problems_init(&problems);
	int result = config_load(cli->config_arg, &cli->config, &problems, &err);
	if (!result)
		result = setup_check_macros(&cli->config, &problems, &err);
	cli->config_loaded = true;
	tell_problems(check, "configuration", &problems);
	if (result && !problems.errors)
		tell(check, BAD, "configuration", "%s", err.text);
	else if (!result && !*cli->config.file)
		tell(check, DOUBTFUL, "configuration", "there is none: write %s/curlew.conf", cli->config.dir);
	else if (!result)
		tell(check, GOOD, "configuration", "%s: %zu account%s", cli->config.file, cli->config.accounts_len,
		        cli->config.accounts_len == 1 ? "" : "s");
	problems_release(&problems);
}

static void check_keys(struct check *check)
{
	struct keymap keymap;
	struct problems problems;
	struct err err = ERR_INIT;
	const char *name = check->cli->config.desk.keymap;
	problems_init(&problems);
	keymap_init(&keymap, desk_keymap_names());
	int result = keymap_load(&keymap, check->cli->config.dir, name, &problems, &err);
	tell_problems(check, "keys", &problems);
	if (result && !problems.errors)
		tell(check, BAD, "keys", "%s", err.text);
	else if (!result)
		tell(check, GOOD, "keys", "%s: %zu bindings", name, keymap.len);
	keymap_release(&keymap);
	problems_release(&problems);
}

static void check_theme(struct check *check)
{
	struct theme theme;
	struct problems problems;
	struct err err = ERR_INIT;
	const char *from, *name = check->cli->config.desk.theme;
	problems_init(&problems);
	int result = theme_load(check->cli->config.dir, name, &check->cli->arena, &theme, &from, &problems, &err);
	tell_problems(check, "theme", &problems);
	if (result && !problems.errors)
		tell(check, BAD, "theme", "%s", err.text);
	else if (!result)
		tell(check, GOOD, "theme", "%s: %s", name, from);
	problems_release(&problems);
}

/* A store that is not there yet is made by whoever comes first: nothing to complain of. */
static void check_store(struct check *check)
{
	struct cli *cli = check->cli;
	struct err err = ERR_INIT;
	const char *path = cli->config.desk.store.path;
	if (!path_exists(path)) {
		tell(check, GOOD, "store", "%s: none yet, the first desk or courier makes it", path);
		return;
	}
	int result = store_open(setup_store_uri(&cli->config, &cli->arena), STORE_READ, &cli->store, &err);
	if (!result)
		result = store_health(cli->store, &err);
	if (!result && access(path, W_OK))
		result = err_set(&err, ERR_PERMISSION, "%s cannot be written", path);
	if (result)
		tell(check, BAD, "store", "%s", err.text);
	else
		tell(check, GOOD, "store", "%s: schema %d, sound, %s", path, store_schema_version(cli->store),
		        cli->config.desk.store.shared ? "shared" : "private");
}

/* What the networks do not tell any more, until somebody has taken note of it. */
static void check_gaps(struct check *check)
{
	const struct gap *gaps;
	int count;
	struct err err = ERR_INIT;
	if (!check->cli->store || store_gaps(check->cli->store, &check->cli->arena, &gaps, &count, &err))
		return;
	for (int i = 0; i < count; i++) {
		char from[32], to[32];
		time_format_local(gaps[i].from, "%Y-%m-%d %H:%M", from, sizeof from);
		time_format_local(gaps[i].to, "%Y-%m-%d %H:%M", to, sizeof to);
		tell(check, DOUBTFUL, "gap", "%s: %s from %s to %s could not be read: %s", gaps[i].account,
		        gaps[i].source, from, to, gaps[i].reason);
	}
}

/* Accounts that cost nothing have nothing to tell. */
static void check_spending(struct check *check)
{
	const struct account *accounts;
	int count;
	struct err err = ERR_INIT;
	if (!check->cli->store || store_accounts(check->cli->store, &check->cli->arena, &accounts, &count, &err))
		return;
	for (int i = 0; i < count; i++) {
		const char *currency = accounts[i].prices.currency;
		struct spending spent = spending_now(&accounts[i], clock_wall_ms());
		char day[40], month[40], budget[48] = "";
		if (!*str_or(currency, ""))
			continue;
		money_format(spent.day, currency, day, sizeof day);
		money_format(spent.month, currency, month, sizeof month);
		str_copy(budget, sizeof budget, " of ");
		money_format(spent.month_budget, currency, budget + strlen(" of "), sizeof budget - strlen(" of "));
		bool much = spent.month_budget && spent.month >= spent.month_budget / 5 * 4;
		tell(check, much ? DOUBTFUL : GOOD, "spending", "%s: about %s today, %s%s this month", accounts[i].name,
		        day, month, spent.month_budget ? budget : "");
	}
}

static void check_courier(struct check *check)
{
	struct courier_holder holder;
	const char *path = check->cli->config.desk.store.path;
	if (path_exists(path) && courier_lock_holder(path, &holder))
		tell(check, GOOD, "courier", "runs as process %ld, version %s", holder.pid, holder.version);
	else if (check->cli->config.desk.store.shared)
		tell(check, DOUBTFUL, "courier",
		        "none runs, and desks do not start one on a shared store: start curlewd");
	else
		tell(check, GOOD, "courier", "none runs; a desk starts one");
}

/* Mailers gain theirs by a set-group-id bit: curlewd.c says why that decides. */
static void check_privileges(struct check *check)
{
	const struct config *config = &check->cli->config;
	const char *mailed = NULL;
	struct confine_facts facts;
	confine_facts(&facts);
	for (size_t i = 0; i < config->teams_len; i++) {
		const struct config_team *team = &config->teams[i];
		if (team->escalate.how == CONFIG_ESCALATE_MAIL)
			mailed = team->name;
		if (team->private_webhook == CONFIG_PRIVATE_WEBHOOK_ALLOW)
			tell(check, GOOD, "team", "%s: its webhook may be at a private address", team->name);
	}
	if (mailed)
		tell(check, GOOD, "privileges",
		        "what the courier starts may gain some, as mailers do: team %s is told by mail", mailed);
	else if (!facts.no_gain)
		tell(check, DOUBTFUL, "privileges",
		        "this system lets what the courier starts gain some (no no_new_privs here)");
	else
		tell(check, GOOD, "privileges", "what the courier starts gains none (no_new_privs)");
}

static void check_confinement(struct check *check)
{
	struct confine_facts facts;
	confine_facts(&facts);
	if (facts.filter)
		tell(check, GOOD, "confinement", "a desk starts no program and opens no socket");
	else
		tell(check, DOUBTFUL, "confinement",
		        "this kernel filters no system calls (seccomp): a desk could start programs and open sockets");
	if (facts.landlock)
		tell(check, GOOD, "confinement", "a desk writes beside its store alone");
	else
		tell(check, DOUBTFUL, "confinement",
		        "this kernel has no Landlock: a desk could write wherever you can");
}

/* Without a terminal (a script, a service) there is nothing to judge. */
static void check_terminal(struct check *check)
{
	struct term_facts facts;
	struct err err = ERR_INIT;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		tell(check, GOOD, "terminal", "none here");
		return;
	}
	if (term_facts(&facts, &err)) {
		tell(check, BAD, "terminal", "%s", err.text);
		return;
	}
	bool small = facts.cols < 20 || facts.rows < 6;
	tell(check, small ? BAD : GOOD, "terminal", "%s, %dx%d, %d colours%s%s", facts.type, facts.cols, facts.rows,
	        facts.colours, cells_utf8() ? ", UTF-8" : "", small ? ": too small, 20x6 is the least" : "");
	if (!cells_utf8())
		tell(check, DOUBTFUL, "terminal",
		        "the locale is not UTF-8: text is shown as ASCII (set LC_ALL or LANG)");
}

static void check_agent(struct check *check)
{
	struct err err = ERR_INIT;
	if (cli_agent(check->cli, &err))
		tell(check, BAD, "agent", "%s", err.text);
	else
		tell(check, GOOD, "agent", "%s", check->cli->agent);
}

/* A shared store's courier has an account of its own, and so have its tokens: NULL when that is ours, or unknown. */
static const struct passwd *courier_account(const struct check *check)
{
	struct stat store;
	const struct config_store *of = &check->cli->config.desk.store;
	bool others = of->shared && stat(of->path, &store) == 0 && store.st_uid != geteuid();
	return others ? getpwuid(store.st_uid) : NULL;
}

/* The courier's half prints its own lines. */
static void check_network(struct check *check)
{
	static const char *const words[] = {"--check", NULL};
	struct err err = ERR_INIT;
	const struct passwd *courier = courier_account(check);
	if (courier) {
		tell(check, GOOD, "accounts",
		        "their tokens are %s's alone, who can look: runuser -u %s -- curlew check", courier->pw_name,
		        courier->pw_name);
		return;
	}
	int status = courier_run(check->cli, words, &err);
	if (status < 0 && *err.text)
		tell(check, BAD, "courier", "%s", err.text);
	check->failed |= status != 0;
}

int cli_check(struct cli *cli, int argc, char **argv, struct err *err)
{
	struct check check = {.cli = cli};
	bool repair = false;
	const char *adapter = NULL;
	const struct cli_option options[] = {{"--repair", NULL, &repair}, {"--adapter", &adapter, NULL}};
	int result = cli_options(options, 2, &argc, argv, err);
	if (!result && argc)
		result = err_set(err, ERR_USAGE, "check takes no words, found \"%.60s\"", argv[0]);
	if (result)
		return result;
	if (repair)
		return repair_command(cli, err);
	if (adapter)
		return courier_become(cli, (const char *const[]){"--check-adapter", adapter, NULL}, err);
	check_config(&check);
	bool configured = !check.failed;
	check_agent(&check);
	if (configured) {
		config_use_timezone(&cli->config);
		check_keys(&check);
		check_theme(&check);
		check_store(&check);
		check_gaps(&check);
		check_spending(&check);
		check_courier(&check);
	}
	check_confinement(&check);
	if (configured)
		check_privileges(&check);
	check_terminal(&check);
	if (configured && cli->config.accounts_len)
		check_network(&check);
	return check.failed ? err_set(err, ERR_FAILED, "%s", "") : 0;
}
