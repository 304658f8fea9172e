/* What the commands of `curlew` (query, show, do, …) share: configuration and store, options, and the way out to the
 * terminal. Everything here may block: these are command lines, not the desk. */
#ifndef TUI_CLI_H
#define TUI_CLI_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/str.h"
#include "core/config/config.h"
#include "core/store/store.h"

struct cli {
	const char *config_arg; /* of -c; NULL: the usual places */
	const char *agent_arg;  /* of -a; NULL: the configuration's */
	struct arena arena;     /* for what lives until the command ends */
	struct config config;
	bool config_loaded;
	const char *agent; /* who acts; set with the configuration */
	bool show_usage;   /* behind the complaint */
	struct store *store;
};

/* A command: its words without its own name. 0 or negative; err without text means that all has been said. */
typedef int cli_command(struct cli *cli, int argc, char **argv, struct err *err);
cli_command cli_query, cli_show, cli_do, cli_export, cli_import, cli_check, cli_login, cli_report, cli_tutor;

/* --- options: words that begin with "--"; "--" ends them */
struct cli_option {
	const char *name;   /* "--json" */
	const char **value; /* where its value goes; NULL: it has none */
	bool *given;
};
/* Takes the options out of argv, wherever they stand, and leaves the words. ERR_USAGE names an unknown one. */
int cli_options(const struct cli_option *options, int count, int *argc, char **argv, struct err *err);

/* "42" or "#42". */
int cli_case_number(const char *word, int64_t *case_id, struct err *err);

/* --- configuration and store */

/* Loads the configuration once and settles who the agent is. Each problem is printed; err is without text then. */
int cli_config(struct cli *cli, struct err *err);
/* Configuration, store and clocks. ERR_NOT_FOUND when there is no store, unless `make`. */
int cli_store(struct cli *cli, enum store_open_how how, bool make, struct err *err);
/* cli->agent from -a, the configuration, the login name. */
int cli_agent(struct cli *cli, struct err *err);
void cli_release(struct cli *cli);

/* --- output, by the door of core/text/plain.h: line feeds of the format alone end a line. stdout is written when its
 * buffer is full and by cli_flush. */
int cli_print(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cli_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));      /* "curlew: …" on stderr */
void cli_complain_more(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* a further line of it */
/* One line; hostile characters are escaped by json_print, and all that is not ASCII on a terminal that takes no UTF-8.
 * Frees the value. */
int cli_print_json(json *value, struct err *err);
/* ERR_IO; without text when the reader has gone away (EPIPE), which is no failure of ours. */
int cli_flush(struct err *err);
/* Columns of the terminal that stdout is; 0 when it is none. */
int cli_columns(void);

/* --- words (cli_words.c) */
void json_set_time(json *object, const char *key, int64_t at); /* RFC 3339; null for 0 */
json *media_json(const struct post *post);                     /* [{kind, alt, url}, …]; the caller owns it */
const struct journal_entry *entry_find(const struct case_view *view, int64_t id); /* NULL: not in it */
/* "tagged refund", "note: …", "undid: tagged refund": a line of the journal without who and when. In the arena. */
const char *entry_words(const struct case_view *view, const struct journal_entry *entry, struct arena *arena);
/* A cell of a table: cleaned, one line, cut to or padded with blanks to `cells`. */
void add_cell(struct str *out, const char *text, int cells);

/* --- the courier's program (cli_courier.c) */

/* Runs `curlewd -c FILE <words…>` in the foreground and returns its exit status, or a negative error. words end with
 * NULL. The configuration must be loaded. */
int courier_run(const struct cli *cli, const char *const *words, struct err *err);
/* Becomes `curlewd -c FILE <words…>`. Returns only when it cannot be started. */
int courier_become(const struct cli *cli, const char *const *words, struct err *err);
/* Makes sure that a courier serves the store: starts one as a desk does and waits until it is ready. */
int courier_ensure(const struct cli *cli, struct err *err);

/* --- `--replay FILE`: prints frames ("last", "all", "changes" or a number; NULL: last) of a recording. Needs no
 * configuration; sets the process's zone and character set to the recording's. */
int cli_replay(const char *path, const char *frames, struct err *err);

/* --- `do CASE reply` (cli_reply.c): args is what stands behind "reply". Prints what became of it. */
int reply_command(struct cli *cli, int64_t case_id, const char *args, struct err *err);

/* --- `check --repair` (cli_repair.c): rebuilds a damaged store and prints what was saved. */
int repair_command(struct cli *cli, struct err *err);

cli_command cli_backup, cli_forget, cli_help, cli_list;

#endif
