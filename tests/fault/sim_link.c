/* The simulated network as the courier sees it: a stream that is cut and told twice, pages that fill what it left out,
 * and requests whose answers are lost. It does what a network owes its courier (a position only over what was handed
 * over, one answer a call, the page after once the page before is stored), and nothing that it does not. */
#include "core/base/mem.h"
#include "tests/fault/sim_check.h"
#include "tests/fault/sim_server.h"

#define PAGE 4
#define TIMEOUT_MS 30000
#define LATEST_MS                                                                                                      \
	50000 /* a request that somebody gave up is carried out until then: less than the wait before a look */

enum link_phase { LINK_CLOSED, LINK_FILLING, LINK_LIVE };

struct told {
	struct item item;
	int notice;
	int64_t due;
};

struct link {
	struct network base;
	struct server *server;
	enum sim_actor actor;
	uint64_t number; /* messages name it so, since it may be gone when they arrive */
	uint64_t tries;  /* of the stream: what was asked before a cut has no answer */
	struct network_setup setup;
	enum link_phase phase;
	int position; /* the notice up to which everything was handed over */
	bool *handed; /* by notice, of those beyond */
	int handed_len;
	bool waiting; /* for stored(), before the next page */
	unsigned long given, stored, wait_for;
	VEC(struct told) stream; /* told and not yet heard */
	timer_id hear;
	struct link *next;
};

static struct {
	struct link *first;
	uint64_t last;
	int calls; /* under way */
	bool (*stopped)(enum sim_actor actor);
} links;

/* --- messages */

struct message {
	uint64_t link, try;                                         /* try 0: whatever became of the stream */
	void (*arrive)(struct link *link, struct message *message); /* link NULL: it is closed */
	void (*release)(struct message *message);
	void *data;
	int number;
};

static struct link *link_numbered(uint64_t number)
{
	for (struct link *link = links.first; link; link = link->next)
		if (link->number == number)
			return link;
	return NULL;
}

static void arrive(void *arg)
{
	struct message *message = arg;
	struct link *link = link_numbered(message->link);
	if (link && links.stopped(link->actor)) {
		timers_add(&sim.world, sim.mono + 100, arrive, message);
		return;
	}
	if (!message->try || (link && message->try == link->tries)) {
		sim.acting = link ? link->actor : ACTOR_NOBODY;
		message->arrive(link, message);
	}
	if (message->release)
		message->release(message);
	free(message);
}

static struct message *post_message(struct link *link, int64_t in_ms,
        void (*arrives)(struct link *link, struct message *message), void *data, int number)
{
	struct message *message = mem_alloc(sizeof *message);
	*message = (struct message){.link = link->number, .arrive = arrives, .data = data, .number = number};
	timers_add(&sim.world, sim.mono + in_ms, arrive, message);
	return message;
}

static void of_this_try(struct link *link, struct message *message)
{
	message->try = link->tries;
}

/* --- handing over */

static void tell_state(struct link *link, enum account_state state, int64_t until, const char *reason)
{
	link->setup.events.state(link->setup.events.arg, state, until, reason);
}

static void hand_over(struct link *link, const struct item *items, int count, bool moves)
{
	char position[16];
	int beyond = sim.lie == LIE_FAR_POSITION ? 2 : 0;
	snprintf(position, sizeof position, "%d", link->position + beyond);
	link->given++;
	link->setup.events.items(
	        link->setup.events.arg, items, count, moves ? "mentions" : NULL, moves ? position : NULL);
}

static bool was_handed(const struct link *link, int notice)
{
	return notice <= link->position || (notice < link->handed_len && link->handed[notice]);
}

static void mark_handed(struct link *link, int notice)
{
	if (notice >= link->handed_len) {
		int len = notice * 2 + 16;
		link->handed = mem_realloc(link->handed, (size_t)len, sizeof *link->handed);
		for (int i = link->handed_len; i < len; i++)
			link->handed[i] = false;
		link->handed_len = len;
	}
	link->handed[notice] = true;
}

static const struct server_post *noticed(const struct link *link, int notice)
{
	return server_post(link->server, link->server->notices.at[notice - 1]);
}

/* The position moves over what was handed over and what there is nothing to hand over of. */
static bool move_position(struct link *link)
{
	int before = link->position, last = (int)link->server->notices.len;
	while (link->position < last &&
	        (was_handed(link, link->position + 1) || noticed(link, link->position + 1)->deleted))
		link->position++;
	return link->position > before;
}

/* --- the stream */

static void hear(void *arg);

static void hear_later(struct link *link)
{
	if (link->phase == LINK_LIVE && link->stream.len && !link->hear) {
		int64_t due = link->stream.at[0].due;
		link->hear = timers_add(&sim.world, due > sim.mono ? due : sim.mono, hear, link);
	}
}

static void hear_one(struct link *link, const struct told *told)
{
	bool moves = false;
	if (told->notice) {
		mark_handed(link, told->notice);
		moves = move_position(link);
	}
	hand_over(link, &told->item, 1, moves);
}

static void hear(void *arg)
{
	struct link *link = arg;
	link->hear = 0;
	if (links.stopped(link->actor)) {
		link->hear = timers_add(&sim.world, sim.mono + 100, hear, link);
		return;
	}
	sim.acting = link->actor;
	if (link->stream.len > 1 && sim_chance(10)) {
		struct told first = link->stream.at[0];
		link->stream.at[0] = link->stream.at[1];
		link->stream.at[1] = first;
		sim_fault(FAULT_REORDER);
	}
	struct told told = link->stream.at[0];
	vec_remove(&link->stream, 0);
	if (sim_chance(8)) { /* once more, behind whatever was said since */
		struct told again = told;
		sim_fault(FAULT_DUPLICATE);
		again.due = sim.mono + sim_between(1, 5000);
		vec_push(&link->stream, again);
	}
	hear_one(link, &told);
	hear_later(link);
}

void links_tell(struct server *server, const struct server_post *post, bool deletion)
{
	if (sim.lie == LIE_STALE_LOOK && (deletion || post->edited_at))
		return;
	for (struct link *link = links.first; link; link = link->next) {
		if (link->server != server || link->phase == LINK_CLOSED)
			continue;
		struct told told = {.item = deletion ? server_item_deleted(post) : server_item(server, post),
		        .notice = deletion ? 0 : post->notice,
		        .due = sim.mono + sim_between(1, 800)};
		vec_push(&link->stream, told);
		hear_later(link);
	}
}

/* --- filling the gap */

static void connect(struct link *link, int64_t in_ms);
static void ask_page(struct link *link);

static void close_stream(struct link *link)
{
	link->phase = LINK_CLOSED;
	link->tries++;
	link->waiting = false;
	vec_clear(&link->stream);
	timers_cancel(&sim.world, &link->hear);
}

static void stream_lost(struct link *link, const char *why)
{
	int64_t wait = sim_between(1000, 20000);
	close_stream(link);
	tell_state(link, ACCOUNT_RETRYING, sim.wall + wait, why);
	connect(link, wait);
}

static void go_live(struct link *link)
{
	link->phase = LINK_LIVE;
	tell_state(link, ACCOUNT_LIVE, 0, "");
	hear_later(link);
}

static void page_arrives(struct link *link, struct message *message)
{
	struct item items[PAGE];
	int count = 0, last = (int)link->server->notices.len, at = message->number;
	while (at < last && count < PAGE) {
		const struct server_post *post = noticed(link, ++at);
		mark_handed(link, at);
		if (!post->deleted)
			items[count++] = server_item(link->server, post);
	}
	if (sim_chance(8)) {
		sim_fault(FAULT_SERVER_ERROR);
		stream_lost(link, "the server has an error (503)");
	} else if (at == message->number) {
		go_live(link);
	} else {
		link->waiting = true;
		link->wait_for = link->given + 1;
		move_position(link);
		hand_over(link, items, count, true);
	}
}

static void ask_page(struct link *link)
{
	of_this_try(link, post_message(link, sim_between(5, 1500), page_arrives, NULL, link->position));
}

static void stream_opens(struct link *link, struct message *message)
{
	(void)message;
	if (sim_chance(10)) {
		stream_lost(link, "the server cannot be reached");
		return;
	}
	link->phase = LINK_FILLING;
	tell_state(link, ACCOUNT_CATCHING_UP, 0, "");
	ask_page(link);
}

static void connect(struct link *link, int64_t in_ms)
{
	of_this_try(link, post_message(link, in_ms, stream_opens, NULL, 0));
}

void links_cut(struct server *server)
{
	for (struct link *link = links.first; link; link = link->next)
		if (link->server == server && link->phase != LINK_CLOSED && !links.stopped(link->actor)) {
			sim.acting = link->actor;
			sim_fault(FAULT_CUT);
			stream_lost(link, "the stream was cut");
			return;
		}
}

/* --- calls */

struct call {
	uint64_t link; /* who hears the answer */
	struct server *server;
	struct reply reply; /* what of it the server is told */
	call_fn *done;
	void *arg;
	enum call_outcome outcome;
	bool acts;    /* the server does what it is asked */
	bool unheard; /* whatever it did, nobody is told: outcome stands */
	int post_id;  /* of what is asked for, or is told; 0: none */
	const char *reason;
	int64_t retry_at;
};

static struct call *call_new(struct network *network, call_fn *done, void *arg)
{
	struct link *link = (struct link *)network;
	struct call *call = arena_new(&sim.arena, struct call);
	*call = (struct call){.link = link->number, .server = link->server, .done = done, .arg = arg, .reason = ""};
	return call;
}

static struct link *link_of(struct network *network)
{
	return (struct link *)network;
}

static void take_reply(struct call *call, const struct reply *reply)
{
	call->reply = *reply;
	call->reply.text = arena_strdup(&sim.arena, str_or(reply->text, ""));
	call->reply.to_remote_id = arena_strdup(&sim.arena, str_or(reply->to_remote_id, ""));
	call->reply.idempotency_key = arena_strdup(&sim.arena, str_or(reply->idempotency_key, ""));
}

static void answered(struct link *link, struct message *message)
{
	struct call *call = message->data;
	links.calls--;
	if (!link)
		return;
	struct item item;
	const struct server_post *post = server_post(call->server, call->post_id);
	bool with_post = call->outcome == CALL_OK && post;
	if (with_post)
		item = server_item(call->server, post);
	call->done(call->arg, &(struct call_result){.outcome = call->outcome,
	                              .retry_at = call->retry_at,
	                              .reason = call->reason,
	                              .items = with_post ? &item : NULL,
	                              .count = with_post});
}

static void answer_in(struct link *link, struct call *call, int64_t in_ms)
{
	links.calls++;
	post_message(link, in_ms, answered, call, 0);
}

/* The request arrives at the server, whoever still waits for its answer. */
static void act(void *arg)
{
	struct call *call = arg;
	struct server_post *post = NULL;
	call->server->requests--;
	enum call_outcome outcome = server_publish(call->server, &call->reply, &post);
	if (!call->unheard) {
		call->outcome = outcome;
		call->post_id = post ? post->id : 0;
		call->reason = outcome == CALL_GONE ? "no such post" : "";
	}
}

static void act_in(struct call *call, int64_t in_ms)
{
	call->server->requests++;
	timers_add(&sim.world, sim.mono + in_ms, act, call);
}

static void ends_as(struct call *call, enum call_outcome outcome, const char *reason)
{
	call->outcome = outcome;
	call->reason = reason;
	call->unheard = true;
}

/* How a request to publish fares; the answer's delay. */
static int64_t fate(struct call *call)
{
	int64_t there = sim_between(5, 900);
	if (sim_chance(6)) {
		sim_fault(FAULT_NOT_SENT);
		ends_as(call, CALL_NOT_SENT, "cannot connect");
	} else if (sim_chance(6)) {
		sim_fault(FAULT_LIMITED);
		ends_as(call, CALL_NOT_SENT, "too many requests (429)");
		call->retry_at = sim.wall + sim_between(2000, 120000);
	} else if (sim_chance(3)) {
		sim_fault(FAULT_REFUSED);
		ends_as(call, sim_pick(4) ? CALL_REFUSED : CALL_NO_ACCESS, "the server says no");
	} else if (sim_chance(10)) {
		sim_fault(FAULT_LOST_ANSWER);
		ends_as(call, CALL_UNKNOWN, "no answer in time");
		act_in(call, there);
		return TIMEOUT_MS;
	} else if (sim_chance(10)) {
		sim_fault(FAULT_SERVER_ERROR);
		ends_as(call, CALL_UNKNOWN, "the server has an error (502)");
		if (sim_pick(2))
			act_in(call, there);
	} else if (sim_chance(8)) {
		sim_fault(FAULT_LATE);
		ends_as(call, CALL_UNKNOWN, "the connection was lost");
		act_in(call, sim_between(there, LATEST_MS));
	} else {
		act_in(call, there);
	}
	return there + sim_between(1, 900);
}

static void link_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct call *call = call_new(network, done, arg);
	take_reply(call, reply);
	sim_note("%s: reply %lld is sent", call->server->name, (long long)reply->id);
	check_sending(call->server, reply);
	int64_t in_ms = fate(call);
	if (sim.lie == LIE_FORGOTTEN_KEY && call->outcome == CALL_UNKNOWN)
		call->outcome = CALL_NOT_SENT;
	if (sim.lie == LIE_HURRY && call->outcome == CALL_NOT_SENT)
		call->retry_at = sim.wall + in_ms + 1;
	answer_in(link_of(network), call, in_ms);
}

/* A request that only reads may fail too. */
static bool reading_fails(struct call *call)
{
	if (!sim_chance(12))
		return false;
	sim_fault(FAULT_LOST_ANSWER);
	ends_as(call, sim_pick(2) ? CALL_NOT_SENT : CALL_UNKNOWN, "no answer");
	if (call->outcome == CALL_NOT_SENT && sim_pick(2))
		call->retry_at = sim.wall + sim_between(1000, 30000);
	return true;
}

static void find_arrives(void *arg)
{
	struct call *call = arg;
	call->outcome = CALL_OK;
	struct server_post *post = call->reply.kind == REPLY_KIND_POST ? server_find(call->server, &call->reply) : NULL;
	call->post_id = post ? post->id : 0;
	sim_note("%s: reply %lld is %s", call->server->name, (long long)call->reply.id, post ? "found" : "not there");
}

static void link_find(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct call *call = call_new(network, done, arg);
	int64_t there = sim_between(5, 900);
	take_reply(call, reply);
	if (!reading_fails(call))
		timers_add(&sim.world, sim.mono + there, find_arrives, call);
	answer_in(link_of(network), call, there + sim_between(1, 900));
}

static void fetch_arrives(void *arg)
{
	struct call *call = arg;
	struct server_post *post = server_post(call->server, call->post_id);
	call->outcome = post && !post->deleted ? CALL_OK : CALL_GONE;
	if (post) {
		post->looked_at = sim.mono;
		post->looked_edited_at = post->edited_at;
		post->looked_deleted = post->deleted;
	}
	if (sim.lie == LIE_STALE_LOOK) {
		call->outcome = CALL_OK;
		call->post_id = 0;
	}
}

static void link_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct call *call = call_new(network, done, arg);
	struct server_post *post = server_post_by_id(call->server, remote_id);
	int64_t there = sim_between(5, 900);
	call->post_id = post ? post->id : 0;
	if (!reading_fails(call))
		timers_add(&sim.world, sim.mono + there, fetch_arrives, call);
	answer_in(link_of(network), call, there + sim_between(1, 900));
}

static void thread_answered(struct link *link, struct message *message)
{
	struct call *call = message->data;
	struct server_post *focus = server_post(call->server, call->post_id);
	links.calls--;
	if (!link)
		return;
	VEC(struct item) items = {0};
	if (call->outcome == CALL_OK && (!focus || focus->deleted))
		ends_as(call, CALL_GONE, "no such post");
	for (size_t i = 0; call->outcome == CALL_OK && i < call->server->posts.len; i++) {
		const struct server_post *post = &call->server->posts.at[i];
		if (post->root == focus->root && !post->deleted)
			vec_push(&items, server_item(call->server, post));
	}
	call->done(call->arg, &(struct call_result){.outcome = call->outcome,
	                              .retry_at = call->retry_at,
	                              .reason = call->reason,
	                              .items = items.at,
	                              .count = (int)items.len});
	vec_release(&items);
}

static void link_thread(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct call *call = call_new(network, done, arg);
	struct server_post *post = server_post_by_id(call->server, remote_id);
	call->post_id = post ? post->id : 0;
	reading_fails(call);
	links.calls++;
	post_message(link_of(network), sim_between(10, 2000), thread_answered, call, 0);
}

/* --- a link's life */

static int link_open(const struct network_setup *setup, struct network **out, struct err *err)
{
	(void)err;
	struct link *link = mem_alloc(sizeof *link);
	*link = (struct link){
	        .base.ops = &sim_network_ops, .setup = *setup, .number = ++links.last, .tries = 1, .actor = sim.acting};
	for (int i = 0; i < SIM_SERVERS; i++)
		if (str_eq(servers[i].name, setup->server))
			link->server = &servers[i];
	link->next = links.first;
	links.first = link;
	*out = &link->base;
	return 0;
}

static void link_start(struct network *network)
{
	struct link *link = link_of(network);
	struct arena arena = ARENA_INIT;
	const unsigned can = link->server->edits ? CAP_EDIT : 0;
	const char *saved = link->setup.position(link->setup.events.arg, "mentions", &arena);
	int64_t position = 0;
	if (saved)
		parse_i64(saved, &position);
	link->position = (int)position;
	arena_release(&arena);
	const struct account_facts facts = {.caps = CAP_STREAM | CAP_REPLY | CAP_NAMING | CAP_LIKE | CAP_VISIBILITY |
	                                            CAP_DIRECT | CAP_IDEMPOTENT | CAP_DELETE | can,
	        .limits = {.max = link->server->max, .url = 23},
	        .handle = arena_printf(&sim.arena, "@%s", link->server->name)};
	link->setup.events.facts(link->setup.events.arg, &facts);
	tell_state(link, ACCOUNT_CONNECTING, 0, "");
	connect(link, sim_between(5, 1000));
}

static void link_close(struct network *network)
{
	struct link *link = link_of(network);
	for (struct link **p = &links.first; *p; p = &(*p)->next)
		if (*p == link) {
			*p = link->next;
			break;
		}
	timers_cancel(&sim.world, &link->hear);
	vec_release(&link->stream);
	free(link->handed);
	free(link);
}

static void link_stored(struct network *network)
{
	struct link *link = link_of(network);
	link->stored++;
	if (link->waiting && link->stored >= link->wait_for) {
		link->waiting = false;
		ask_page(link);
	}
}

const struct network_ops sim_network_ops = {
        .name = "simulated",
        .open = link_open,
        .start = link_start,
        .close = link_close,
        .stored = link_stored,
        .perform = link_perform,
        .find = link_find,
        .thread = link_thread,
        .fetch = link_fetch,
};

void links_init(void)
{
	links.last = 0;
	links.calls = 0;
}

/* What is still under way is let arrive nowhere. */
void links_release(void)
{
	while (links.first)
		link_close(&links.first->base);
	while (timers_next(&sim.world) != INT64_MAX)
		timers_run(&sim.world, INT64_MAX);
}

void links_set_stopped(bool (*stopped)(enum sim_actor actor))
{
	links.stopped = stopped;
}

bool links_live(const struct server *server)
{
	for (struct link *link = links.first; link; link = link->next)
		if (link->server == server && link->phase == LINK_LIVE)
			return true;
	return false;
}

bool links_quiet(void)
{
	bool quiet = links.calls == 0;
	for (int i = 0; i < SIM_SERVERS; i++)
		quiet &= servers[i].requests == 0;
	for (struct link *link = links.first; link; link = link->next)
		quiet &= link->phase == LINK_LIVE && !link->stream.len;
	return quiet;
}
