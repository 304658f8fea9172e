/* Secrets: what a token_command prints, or what stands in credentials.conf in config->secrets_dir (`[account NAME]`
 * with the keys of core/model/credential.h; `[team NAME]` with secret; mode 0600 and owned by us, refused otherwise).
 * For the courier alone. Every secret that is handed out is registered with the log, which never writes it. Blocks: on
 * the disk, and on commands (a pin entry asks on the terminal, which they keep as their stdin and stderr). */
#ifndef CORE_CONFIG_CREDENTIALS_H
#define CORE_CONFIG_CREDENTIALS_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/config/config.h"
#include "core/model/credential.h"

#include <stdbool.h>

/* All credentials of an account. They stand in the file; or its token_command prints them: `first` in the first line,
 * and behind it others as "key = value" or "key: value" (other lines are the user's own). Where a network has given new
 * ones since (credentials_keep), those are taken. first: the one that the account cannot do without; CREDENTIAL_COUNT
 * for none: then the command's first line is the token. ERR_NOT_FOUND with the way to get it when it is missing.
 * Errors do not name the account: whoever tells them does. Release *out in any case. */
int credentials_load(const struct config *config, const struct config_account *account, enum credential first,
        struct credentials *out, struct err *err);

/* Keeps new ones, durable and all or none when it returns 0: in the file; where there is a token_command, in a file of
 * their own under $XDG_STATE_HOME/curlew (0600), with the mark `origin` of what they were made from, so that what the
 * command prints after another login takes their place. A file with errors or a looser mode is refused. */
int credentials_keep(const struct config *config, const struct config_account *account, const char *origin,
        const struct credential_value *values, int count, struct err *err);

/* The secret a team's webhooks are signed with: its secret_command's, else the file's; "" when there is none, which
 * is no error. */
int credentials_team_secret(
        const struct config *config, const struct config_team *team, struct str *secret, struct err *err);

/* One value of the file: kind "account" or "team", one of the keys above. "" when it is not there, which is no error.
 */
int credentials_get(const struct config *config, const char *kind, const char *name, const char *key, struct str *value,
        struct err *err);

/* Sets one value in the file, makes the file (0600) when there is none, and leaves every other line as it is. The old
 * or the new file is there at any time, never a half. A file with errors or a looser mode is refused, not mended. */
int credentials_save(const struct config *config, const char *kind, const char *name, const char *key,
        const char *value, struct err *err);

/* Runs a command with /bin/sh -c and takes the first line it prints, without the line's end. A status other than 0, no
 * output, and more than 64 KiB are errors; they name the command, never what it printed. */
int credentials_run(const char *command, struct str *line, struct err *err);

#endif
