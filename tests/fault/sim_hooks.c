/* The teams' hooks, in place of core/courier/hook.c and core/net/http.c: a webhook and a command that take what they
 * are given, fail, say no, or take it and are not heard. */
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/courier/hook.h"
#include "core/net/http.h"
#include "tests/fault/sim_check.h"
#include "tests/fault/sim_hooks.h"

/* Somebody was sent to a team: by either way. */
struct visit {
	enum sim_actor actor;
	bool dropped; /* nobody waits for the answer */
	char why[16];
	bool acts, refused, answered;
	const char *reason;
	int status; /* of the webhook; 0: none came */
	enum http_outcome outcome;
	hook_fn *hook_done;
	struct http_handlers handlers;
	void *arg;
};

struct hook {
	struct visit visit;
};

struct http_call {
	struct visit visit;
};

static struct {
	int under_way;
	bool (*stopped)(enum sim_actor actor);
} hooks;

void hooks_init(bool (*stopped)(enum sim_actor actor))
{
	hooks.under_way = 0;
	hooks.stopped = stopped;
}

bool hooks_quiet(void)
{
	return hooks.under_way == 0;
}

/* --- what comes of it */

static void fate(struct visit *visit)
{
	*visit = (struct visit){.actor = sim.acting, .acts = true, .status = 200, .reason = ""};
	if (sim_chance(12)) {
		sim_fault(FAULT_HOOK_FAILED);
		visit->acts = false;
		visit->status = sim_pick(2) ? 503 : 0;
		visit->outcome = visit->status ? HTTP_DONE : HTTP_NOT_SENT;
		visit->reason = "the team cannot be reached";
	} else if (sim_chance(5)) {
		sim_fault(FAULT_REFUSED);
		visit->acts = false;
		visit->refused = true;
		visit->status = 404;
		visit->reason = "there is no such team";
	} else if (sim_chance(12)) {
		sim_fault(FAULT_HOOK_UNHEARD);
		visit->status = 0;
		visit->outcome = HTTP_UNKNOWN;
		visit->reason = "no answer in time";
	}
	if (sim.lie == LIE_LOST_ERRAND)
		visit->acts = false;
}

static void answer(struct visit *visit)
{
	sim.acting = visit->actor;
	bool ok = visit->outcome == HTTP_DONE && visit->status == 200;
	if (visit->hook_done) {
		visit->hook_done(visit->arg, &(struct hook_result){ok, visit->refused, visit->reason});
		return;
	}
	struct http_response response = {.outcome = visit->outcome, .status = visit->status};
	if (visit->outcome != HTTP_DONE)
		err_set(&response.err, ERR_IO, "%s", visit->reason);
	visit->handlers.on_done(visit->arg, &response);
}

static void answer_due(void *arg)
{
	struct visit *visit = arg;
	if (!visit->dropped && hooks.stopped(visit->actor)) {
		timers_add(&sim.world, sim.mono + 100, answer_due, visit);
		return;
	}
	hooks.under_way -= !visit->dropped;
	if (!visit->dropped)
		answer(visit);
	free(visit);
}

/* A request that was sent arrives, whoever waits for its answer; a command that is ended may have done its work. */
static void arrives(void *arg)
{
	struct visit *visit = arg;
	bool ended = visit->hook_done && visit->dropped && sim_pick(2);
	if (visit->acts && !ended)
		check_told(visit->why);
	else if (visit->refused)
		check_told_no(visit->why);
}

static void set_out(struct visit *visit, const char *body, size_t len, const char *try)
{
	struct err err = ERR_INIT;
	json *payload = json_parse(body, len, &err);
	int64_t there = sim_between(5, 3000);
	str_copy(visit->why, sizeof visit->why, str_or(json_str(json_get(payload, "data"), "why"), "?"));
	json_free(payload);
	sim_note("escalation %s sets out", visit->why);
	check_sets_out(visit->why, try);
	hooks.under_way++;
	timers_add(&sim.world, sim.mono + there, arrives, visit);
	timers_add(&sim.world, sim.mono + there + (visit->outcome ? 10000 : sim_between(1, 900)), answer_due, visit);
}

static void drop(struct visit *visit)
{
	hooks.under_way -= !visit->dropped;
	visit->dropped = true;
}

/* --- core/courier/hook.c */

struct hook *hook_run(uv_loop_t *loop, struct timers *timers, const char *const *argv, const char *input, size_t len,
        int64_t timeout_ms, hook_fn *done, void *arg)
{
	struct hook *hook = mem_alloc(sizeof *hook);
	(void)loop, (void)timers, (void)argv, (void)timeout_ms;
	fate(&hook->visit);
	hook->visit.hook_done = done;
	hook->visit.arg = arg;
	set_out(&hook->visit, input, len, "");
	return hook;
}

void hook_drop(struct hook *hook)
{
	if (hook)
		drop(&hook->visit);
}

/* --- core/net/http.c */

struct http_call *http_send(struct http *http, const struct http_request *request, const struct http_handlers *handlers,
        void *arg, struct err *err)
{
	struct http_call *call = mem_alloc(sizeof *call);
	const char *id = "";
	(void)http, (void)err;
	for (size_t i = 0; i < request->headers_len; i++)
		if (str_eq(request->headers[i].name, "webhook-id"))
			id = request->headers[i].value;
	fate(&call->visit);
	call->visit.handlers = *handlers;
	call->visit.arg = arg;
	set_out(&call->visit, request->body, request->body_len, id);
	return call;
}

void http_cancel(struct http_call *call)
{
	if (call)
		drop(&call->visit);
}
