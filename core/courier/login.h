/* `curlewd --login ACCOUNT`: gets a token for an account on a server of the Mastodon family, over SSH and without a
 * browser on this machine (OAuth 2, authorization code by hand, RFC 6749 and 7636), and keeps it in credentials.conf.
 * `curlewd --check`: one line for each account, whether its server takes its token. Both block, and talk to a person.
 */
#ifndef CORE_COURIER_LOGIN_H
#define CORE_COURIER_LOGIN_H

#include "core/config/config.h"

#include <stdio.h>

/* Reads the code from `in`. ERR_NOT_FOUND no such account, ERR_UNAVAILABLE the server cannot be reached, ERR_PERMISSION
 * it refused, ERR_CONFIG, ERR_IO. */
int login_run(const struct config *config, const char *account, FILE *in, FILE *out, struct err *err);

/* 0 when every account is fine, 1 otherwise. */
int check_run(const struct config *config, FILE *out);

/* Does a program speak as curlew-adapter(7) has it? A line a sentence; 0 when each holds, 1 otherwise. */
int check_adapter(const char *command, FILE *out);

#endif
