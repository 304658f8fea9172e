/* Escalations: a case handed to a team is carried out of the desk by the team's hook: a signed webhook, a mail, or a
 * command. Tried again with back-off, at most ESCALATE_TRIES times; the outcome is journaled by the store. What a hook
 * answers changes nothing but that: only a person publishes. Nothing blocks but the store's small reads and writes. */
#ifndef CORE_COURIER_ESCALATE_H
#define CORE_COURIER_ESCALATE_H

#include "core/base/clock.h"
#include "core/config/config.h"
#include "core/net/http.h"
#include "core/store/store.h"

#include <uv.h>

#define ESCALATE_TRIES 8
#define ESCALATE_SENDMAIL "/usr/sbin/sendmail"

struct escalate_setup {
	uv_loop_t *loop;
	struct store *store;
	struct timers *timers;
	struct http *http;
	uint64_t (*random)(void);
	const struct config *config; /* outlives it */
	const char *const *secrets;  /* of config->teams, in their order; "" where there is none. Outlive it */
	const char *sendmail;        /* ESCALATE_SENDMAIL, or a test's own */
	void (*settled)(void *arg);  /* one was carried out, failed, or is to be tried later */
	void *arg;
};

struct escalate;
struct escalate *escalate_new(const struct escalate_setup *setup);
void escalate_free(struct escalate *escalate); /* what is under way is tried again by the next courier */
/* Another configuration from now on, with its secrets; the old ones are not touched any more. */
void escalate_use(struct escalate *escalate, const struct config *config, const char *const *secrets);
void escalate_run(struct escalate *escalate); /* carries out what is due, sets its timer for the next */
bool escalate_busy(const struct escalate *escalate);

/* What is sent: one JSON object, on one line. */
int escalate_payload(struct store *store, const struct escalation *escalation, struct str *out, struct err *err);
/* The same as a mail (RFC 5322): headers in ASCII, the body UTF-8 in base64. `to` must be an address. */
int escalate_mail(const struct case_view *view, const struct escalation *escalation, const char *to, struct str *out,
        struct err *err);

#endif
