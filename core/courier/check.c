/* Each account is opened as the courier would, up to where it would begin to read; nothing is stored. */
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/config/credentials.h"
#include "core/courier/login.h"
#include "core/courier/plain.h"
#include "core/net/loop.h"
#include "core/network/adapter_check.h"
#include "core/network/network.h"

#include <string.h>
#include <uv.h>

struct check {
	uv_loop_t loop;
	bool settled;
	enum account_state state;
	struct str reason, handle;
	const struct config *config;
	const struct config_account *account;
	struct credentials secrets;
};

static void on_items(void *arg, const struct item *items, int count, const char *source, const char *position)
{
	(void)arg, (void)items, (void)count, (void)source, (void)position;
}

static void on_gap(void *arg, const char *source, int64_t from, int64_t to, const char *reason)
{
	(void)arg, (void)source, (void)from, (void)to, (void)reason;
}

static void on_state(void *arg, enum account_state state, int64_t until, const char *reason)
{
	struct check *check = arg;
	(void)until;
	if (check->settled || state == ACCOUNT_CONNECTING)
		return;
	check->settled = true;
	uv_stop(&check->loop);
	check->state = state;
	str_adds(&check->reason, reason);
}

static void on_facts(void *arg, const struct account_facts *facts)
{
	struct check *check = arg;
	str_clear(&check->handle);
	str_adds(&check->handle, facts->handle);
}

/* Kept all the same: what was refreshed cannot be refreshed again. */
static int on_keep(void *arg, const struct credential_value *values, int count, struct err *err)
{
	const struct check *check = arg;
	return credentials_keep(check->config, check->account, check->secrets.origin, values, count, err);
}

static const char *no_position(void *arg, const char *source, struct arena *arena)
{
	(void)arg, (void)source, (void)arena;
	return NULL;
}

static int try(const struct network_ops *ops, struct check *check, struct err *err)
{
	const struct config_account *account = check->account;
	struct timers timers;
	struct network *network = NULL;
	uv_loop_init(&check->loop);
	timers_init(&timers);
	struct loop_timers *glue = loop_timers_attach(&check->loop, &timers);
	struct http *http = http_new(&check->loop, &timers, err);
	struct network_setup setup = {
	        .http = http,
	        .timers = &timers,
	        .loop = &check->loop,
	        .random = random_u64,
	        .server = account->server,
	        .handle = account->handle,
	        .command = account->command,
	        .secrets = &check->secrets,
	        .listen = account->listen.at,
	        .listen_count = (int)account->listen.len,
	        .prices = account->prices.at,
	        .price_count = (int)account->prices.len,
	        .position = no_position,
	        .events = {.arg = check,
	                .items = on_items,
	                .gap = on_gap,
	                .state = on_state,
	                .facts = on_facts,
	                .keep = on_keep},
	};
	int rc = http ? ops->open(&setup, &network, err) : -(int)err->code;
	if (rc == 0) {
		ops->start(network);
		while (!check->settled)
			uv_run(&check->loop, UV_RUN_DEFAULT);
		ops->close(network);
	}
	http_free(http);
	loop_timers_detach(glue);
	uv_run(&check->loop, UV_RUN_DEFAULT);
	uv_loop_close(&check->loop);
	timers_release(&timers);
	return rc;
}

/* False when something is wrong with it. */
static bool check_account(const struct config *config, const struct config_account *account, FILE *out)
{
	const char *word = config_network_word(account->network);
	const struct network_ops *ops = network_by_name(word);
	struct check check = {.config = config, .account = account, .reason = STR_INIT, .handle = STR_INIT};
	struct err err = ERR_INIT;
	bool fine = false;
	if (!ops)
		plain_line(out, "account %s: network %s is not supported by this version", account->name, word);
	else if (credentials_load(config, account, ops->credential, &check.secrets, &err) || try(ops, &check, &err))
		plain_line(out, "account %s: %s", account->name, err.text);
	else
		fine = check.state == ACCOUNT_CATCHING_UP || check.state == ACCOUNT_LIVE;
	if (fine)
		plain_line(out, "account %s: ok (%s on %s)", account->name, str_or(check.handle.p, "no handle"),
		        str_or(account->server, word));
	else if (check.settled)
		plain_line(out, "account %s: %s: %s", account->name, account_state_name(check.state), check.reason.p);
	str_release(&check.reason);
	str_release(&check.handle);
	credentials_release(&check.secrets);
	return fine;
}

int check_run(const struct config *config, FILE *out)
{
	bool fine = true;
	for (size_t i = 0; i < config->accounts_len; i++)
		fine &= check_account(config, &config->accounts[i], out);
	if (!config->accounts_len)
		plain_line(out, "no account is configured");
	return fine ? 0 : 1;
}

static void tell_sentence(void *arg, bool holds, const char *sentence, const char *why)
{
	if (holds)
		plain_line(arg, "ok     %s", sentence);
	else
		plain_line(arg, "WRONG  %s: %s", sentence, why);
	fflush(arg);
}

int check_adapter(const char *command, FILE *out)
{
	return adapter_check(command, tell_sentence, out) ? 0 : 1;
}
