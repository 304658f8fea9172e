#include "core/courier/escalate.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/base/str.h"
#include "core/courier/hook.h"
#include "core/net/signature.h"
#include "core/net/ratelimit.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_RETRY_MS 15000
#define LONGEST_RETRY_MS (30 * 60000)
#define STORE_RETRY_MS 30000
#define BODY_MAX ((size_t)64 * 1024) /* of what a webhook answers; nobody reads it */

/* One escalation under way. */
struct errand {
	struct escalate *escalate;
	int64_t id;
	int attempts; /* before this one */
	struct http_call *call;
	struct hook *hook;
};

struct escalate {
	struct escalate_setup setup;
	struct errand *under_way; /* NULL for none */
	timer_id due;
};

static void later(void *arg)
{
	struct escalate *escalate = arg;
	escalate->due = 0;
	escalate_run(escalate);
}

static void wake_in(struct escalate *escalate, int64_t wait_ms)
{
	timers_cancel(escalate->setup.timers, &escalate->due);
	escalate->due = timers_add(escalate->setup.timers, clock_mono_ms() + wait_ms, later, escalate);
}

/* --- how one ends */

static void errand_free(struct errand *errand)
{
	errand->escalate->under_way = NULL;
	http_cancel(errand->call);
	hook_drop(errand->hook);
	free(errand);
}

static void errand_over(struct errand *errand, enum escalation_state state, const char *words, int64_t next_try_at)
{
	struct escalate *escalate = errand->escalate;
	struct err err = ERR_INIT;
	char *reason = mem_strdup(words);
	secret_hide(reason, strlen(reason)); /* it may be what a command or a server said */
	log_line(state == ESCALATION_DELIVERED ? LOG_INFO : LOG_WARN, "escalation %lld: %s%s%s", (long long)errand->id,
	        state == ESCALATION_PENDING ? "will be tried again" : escalation_state_name(state), *reason ? ": " : "",
	        reason);
	/* What could not be written down is carried out again: told twice is better than not told. */
	int rc = store_escalation_result(escalate->setup.store, errand->id, state, reason, next_try_at, &err);
	if (rc)
		log_line(LOG_ERROR, "escalation %lld: %s", (long long)errand->id, err.text);
	free(reason);
	errand_free(errand);
	wake_in(escalate, rc ? STORE_RETRY_MS : 0);
	escalate->setup.settled(escalate->setup.arg);
}

static void errand_again(struct errand *errand, const char *reason, int64_t wanted)
{
	if (errand->attempts + 1 >= ESCALATE_TRIES) {
		struct str words = STR_INIT;
		str_addf(&words, "given up after %d tries: %s", ESCALATE_TRIES, reason);
		errand_over(errand, ESCALATION_FAILED, words.p, 0);
		str_release(&words);
		return;
	}
	int64_t wait = FIRST_RETRY_MS, now = clock_wall_ms();
	for (int i = 0; i < errand->attempts && wait < LONGEST_RETRY_MS; i++)
		wait *= 2;
	wait = wait / 2 + (int64_t)(errand->escalate->setup.random() % (uint64_t)wait) / 2;
	errand_over(errand, ESCALATION_PENDING, reason, wanted > now ? wanted : now + wait);
}

/* --- by webhook */

/* Trying again would change nothing: somebody has to change the configuration. */
static void errand_refused(struct errand *errand, const struct err *err)
{
	struct str reason = STR_INIT;
	str_addf(
	        &reason, "%s%s", err->text, err->code == ERR_PERMISSION ? " (private_webhook = allow permits it)" : "");
	errand_over(errand, ESCALATION_FAILED, reason.p, 0);
	str_release(&reason);
}

static void webhook_done(void *arg, struct http_response *response)
{
	struct errand *errand = arg;
	errand->call = NULL;
	struct str reason = STR_INIT;
	int status = response->status;
	if (response->outcome != HTTP_DONE && response->err.code == ERR_PERMISSION) {
		errand_refused(errand, &response->err);
		return;
	}
	if (response->outcome != HTTP_DONE) {
		errand_again(errand, response->err.text, 0);
		return;
	}
	str_addf(&reason, "the webhook answered with status %d", status);
	if (status >= 200 && status < 300)
		errand_over(errand, ESCALATION_DELIVERED, "", 0);
	else if (status >= 300 && status < 500 && status != 408 && status != 429)
		errand_over(errand, ESCALATION_FAILED, reason.p, 0);
	else
		errand_again(errand, reason.p, ratelimit_retry_at(status, &response->headers, clock_wall_ms()));
	str_release(&reason);
}

static void send_webhook(struct errand *errand, const struct escalation *escalation, const struct config_team *team,
        const char *secret, const struct str *body)
{
	struct str id = STR_INIT, timestamp = STR_INIT, signature = STR_INIT;
	struct err err = ERR_INIT;
	int64_t now = clock_wall_ms() / 1000;
	/* The same for each try, so that the receiver can tell a repetition. */
	str_addf(&id, "msg_%lld_%lld", (long long)escalation->at, (long long)escalation->id);
	str_addf(&timestamp, "%lld", (long long)now);
	bool is_signed = *secret != '\0';
	if (is_signed && !signature_webhook(secret, id.p, now, body->p, body->len, &signature)) {
		errand_over(errand, ESCALATION_FAILED, "the team's secret is no base64 after whsec_", 0);
		goto out;
	}
	struct http_field fields[] = {
	        {"webhook-id", id.p}, {"webhook-timestamp", timestamp.p}, {"webhook-signature", signature.p}};
	struct http_request request = {
	        .method = "POST",
	        .url = team->escalate.to,
	        .headers = fields,
	        .headers_len = is_signed ? 3 : 2,
	        .content_type = "application/json",
	        .body = body->p,
	        .body_len = body->len,
	        .timeout_ms = team->timeout,
	        .max_body = BODY_MAX,
	        .public_only = team->private_webhook == CONFIG_PRIVATE_WEBHOOK_REFUSE,
	};
	errand->call = http_send(
	        errand->escalate->setup.http, &request, &(struct http_handlers){.on_done = webhook_done}, errand, &err);
	if (!errand->call)
		errand_refused(errand, &err);
out:
	str_release(&id);
	str_release(&timestamp);
	str_release(&signature);
}

/* --- by command and mail */

static void hook_done(void *arg, const struct hook_result *result)
{
	struct errand *errand = arg;
	errand->hook = NULL;
	if (result->ok)
		errand_over(errand, ESCALATION_DELIVERED, "", 0);
	else if (result->never)
		errand_over(errand, ESCALATION_FAILED, result->reason, 0);
	else
		errand_again(errand, result->reason, 0);
}

static void run_hook(
        struct errand *errand, const struct config_team *team, const char *const *argv, const struct str *input)
{
	struct escalate_setup *setup = &errand->escalate->setup;
	errand->hook =
	        hook_run(setup->loop, setup->timers, argv, input->p, input->len, team->timeout, hook_done, errand);
}

static void send_mail(struct errand *errand, const struct escalation *escalation, const struct config_team *team)
{
	struct escalate *escalate = errand->escalate;
	struct arena arena = ARENA_INIT;
	struct str mail = STR_INIT;
	struct err err = ERR_INIT;
	const struct case_view *view;
	const char *const argv[] = {escalate->setup.sendmail, "-oi", "-t", NULL};
	if (store_case_view(escalate->setup.store, escalation->case_id, "", 0, &arena, &view, &err))
		errand_again(errand, err.text, 0);
	else if (escalate_mail(view, escalation, team->escalate.to, &mail, &err))
		errand_over(errand, ESCALATION_FAILED, err.text, 0);
	else
		run_hook(errand, team, argv, &mail);
	str_release(&mail);
	arena_release(&arena);
}

/* --- what is due */

static const char *secret_of(const struct escalate *escalate, const struct config_team *team)
{
	const char *const *secrets = escalate->setup.secrets;
	return secrets ? secrets[team - escalate->setup.config->teams] : "";
}

static void carry_out(struct errand *errand, const struct escalation *escalation)
{
	struct escalate *escalate = errand->escalate;
	const struct config_team *team = config_team(escalate->setup.config, escalation->team);
	struct str payload = STR_INIT;
	struct err err = ERR_INIT;
	if (!team) {
		errand_over(errand, ESCALATION_FAILED, "no such team in the courier's configuration", 0);
	} else if (team->escalate.how == CONFIG_ESCALATE_MAIL) {
		send_mail(errand, escalation, team);
	} else if (escalate_payload(escalate->setup.store, escalation, &payload, &err)) {
		errand_again(errand, err.text, 0);
	} else if (team->escalate.how == CONFIG_ESCALATE_WEBHOOK) {
		send_webhook(errand, escalation, team, secret_of(escalate, team), &payload);
	} else {
		const char *const argv[] = {"/bin/sh", "-c", team->escalate.to, NULL};
		str_addc(&payload, '\n');
		run_hook(errand, team, argv, &payload);
	}
	str_release(&payload);
}

/* One at a time: an incident's escalations come in a row, and the receivers are people's tools. */
void escalate_run(struct escalate *escalate)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct escalation *due = NULL;
	int64_t now = clock_wall_ms(), next = INT64_MAX;
	int count = 0;
	if (escalate->under_way)
		return;
	timers_cancel(escalate->setup.timers, &escalate->due);
	if (store_escalations_due(escalate->setup.store, now, &arena, &due, &count, &next, &err)) {
		log_line(LOG_ERROR, "escalations: %s", err.text);
		next = now + STORE_RETRY_MS;
	}
	if (next != INT64_MAX)
		wake_in(escalate, next > now ? next - now : 0);
	if (count) {
		struct errand *errand = mem_alloc(sizeof *errand);
		*errand = (struct errand){.escalate = escalate, .id = due[0].id, .attempts = due[0].attempts};
		escalate->under_way = errand;
		carry_out(errand, &due[0]);
	}
	arena_release(&arena);
}

bool escalate_busy(const struct escalate *escalate)
{
	return escalate->under_way != NULL;
}

struct escalate *escalate_new(const struct escalate_setup *setup)
{
	struct escalate *escalate = mem_alloc(sizeof *escalate);
	escalate->setup = *setup;
	return escalate;
}

void escalate_use(struct escalate *escalate, const struct config *config, const char *const *secrets)
{
	escalate->setup.config = config;
	escalate->setup.secrets = secrets;
}

void escalate_free(struct escalate *escalate)
{
	if (!escalate)
		return;
	if (escalate->under_way)
		errand_free(escalate->under_way);
	timers_cancel(escalate->setup.timers, &escalate->due);
	free(escalate);
}
