/* The configuration: what curlew.conf says, checked, with every default filled in. The members are the rows of
 * settings.def. All strings are UTF-8, never NULL ("" is none), and live as long as the config.
 * config_load blocks on the disk. */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/problems.h"
#include "core/model/hours.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The words of an ENUM in settings.def, in its order. */
enum config_layout { CONFIG_LAYOUT_AUTO, CONFIG_LAYOUT_COLUMNS, CONFIG_LAYOUT_ROWS };
enum config_mouse { CONFIG_MOUSE_OFF, CONFIG_MOUSE_ON };
enum config_after_send { CONFIG_AFTER_SEND_NEXT, CONFIG_AFTER_SEND_STAY, CONFIG_AFTER_SEND_DONE };
enum config_alarms { CONFIG_ALARMS_ALL, CONFIG_ALARMS_MINE, CONFIG_ALARMS_NONE };
enum config_network { CONFIG_NETWORK_MASTODON, CONFIG_NETWORK_BLUESKY, CONFIG_NETWORK_X, CONFIG_NETWORK_ADAPTER };
enum config_private_webhook { CONFIG_PRIVATE_WEBHOOK_REFUSE, CONFIG_PRIVATE_WEBHOOK_ALLOW };
enum config_escalate { CONFIG_ESCALATE_WEBHOOK, CONFIG_ESCALATE_MAIL, CONFIG_ESCALATE_COMMAND };

struct config_list {
	const char *const *at;
	size_t len;
};

struct config_date {
	int year, month, day; /* 2026, 12, 24; year 0: none */
};

struct config_store {
	const char *path; /* absolute: the SQLite file */
	bool shared;      /* the path was given as an absolute one: others may use it too (0660 in a 2770 directory) */
};

struct config_escalation {
	enum config_escalate how;
	const char *to; /* URL, address, or command for /bin/sh */
};

/* What a TYPE of settings.def is in C. Durations are milliseconds. ENUM holds a value of the enum above. KEY is the
 * letter or digit, 0 for none. URLs have no slash at their end. */
#define CONFIG_CTYPE_STRING const char *
#define CONFIG_CTYPE_NAME const char *
#define CONFIG_CTYPE_TEXT const char *
#define CONFIG_CTYPE_COMMAND const char *
#define CONFIG_CTYPE_ZONE const char *
#define CONFIG_CTYPE_QUERY const char *
#define CONFIG_CTYPE_URL const char *
#define CONFIG_CTYPE_DURATION int64_t
#define CONFIG_CTYPE_INT int64_t
#define CONFIG_CTYPE_ENUM int
#define CONFIG_CTYPE_LIST struct config_list
#define CONFIG_CTYPE_HOURS struct hours
#define CONFIG_CTYPE_HOLIDAYS struct hours
#define CONFIG_CTYPE_DATE struct config_date
#define CONFIG_CTYPE_STORE struct config_store
#define CONFIG_CTYPE_ESCALATE struct config_escalation
#define CONFIG_CTYPE_KEY char
#define CONFIG_CTYPE_KEEP int64_t /* how long, in ms; 0: not at all */
#define CONFIG_KEEP_FOR_EVER INT64_C(-1)

#define CONFIG_MEMBER(key, type, ...) CONFIG_CTYPE_##type key;

struct config_desk {
#define DESK CONFIG_MEMBER
#include "core/config/settings.def"
};

struct config_account {
	const char *name; /* of the section: [account NAME] */
	int line;
#define ACCOUNT CONFIG_MEMBER
#include "core/config/settings.def"
};

struct config_team {
	const char *name;
	int line;
#define TEAM CONFIG_MEMBER
#include "core/config/settings.def"
};

struct config_view {
	const char *name;
	int line; /* 0 for the views that are there when none is configured */
#define VIEW CONFIG_MEMBER
#include "core/config/settings.def"
};

struct config_canned {
	const char *name;
	int line;
#define CANNED CONFIG_MEMBER
#include "core/config/settings.def"
};

struct config_macro {
	const char *name;
	int line;
#define MACRO CONFIG_MEMBER
#include "core/config/settings.def"
};

/* In the order of the file. Desk hours carry the holidays already. */
struct config {
	struct arena arena;
	const char *file; /* absolute path of what was read; "" when there was none in the usual places */
	const char *dir;  /* where that file is; when there is none, where it would be */
	/* Where credentials.conf is: there, too; of the configuration of the whole system, which its readers do not
	 * write, in the own one of who runs. */
	const char *secrets_dir;
	struct config_desk desk;
	struct config_account *accounts;
	struct config_team *teams;
	struct config_view *views;
	struct config_canned *canned;
	struct config_macro *macros;
	size_t accounts_len, teams_len, views_len, canned_len, macros_len;
};

/* Reads `path`, or, when it is NULL, the first of $CURLEW_CONFIG, $XDG_CONFIG_HOME/curlew/curlew.conf and
 * /etc/curlew/curlew.conf. A file that is named but not there is an error; none in the usual places is not: then
 * all is default and there are no accounts. Everything that is wrong is added to *problems (initialised by the caller;
 * may be NULL); then the result is -ERR_CONFIG and err has the first of them. *config must be released in any case. */
int config_load(const char *path, struct config *config, struct problems *problems, struct err *err);

/* The same from memory; `file` names it in problems and gives `dir`. */
int config_parse(const char *bytes, size_t len, const char *file, struct config *config, struct problems *problems,
        struct err *err);

void config_release(struct config *config);

/* By name, as written; NULL when there is none. */
const struct config_account *config_account(const struct config *config, const char *name);
const struct config_team *config_team(const struct config *config, const char *name);
const struct config_view *config_view(const struct config *config, const char *name);
const struct config_canned *config_canned(const struct config *config, const char *name);
const struct config_macro *config_macro(const struct config *config, const char *name);

/* Letters, digits, `.`, `_`, `-` and what is beyond ASCII, 1 to 64 bytes: what an agent, an account, a team may be
 * called. */
bool config_is_name(const char *text);

/* A plain mail address, in ASCII: it goes into a header that decides who reads the mail. */
bool config_is_address(const char *text);

/* Makes the `timezone` setting the process's TZ. For the start of a program, before there are threads. */
void config_use_timezone(const struct config *config);

/* The word of a network as it stands in the file; "unknown" when it is none. */
const char *config_network_word(int network);

/* The table of settings as data, in the order of settings.def: for the manual and for completion. */
struct config_setting {
	const char *section; /* "desk", "account", … */
	const char *key;
	const char *type;      /* "STRING", "DURATION", … */
	const char *otherwise; /* the default; NULL when required */
	const char *accepts;   /* NULL or the column of settings.def */
	const char *help;
};
const struct config_setting *config_setting_at(size_t i); /* NULL behind the last */

#endif
