/* A program that connects a network (curlew-adapter(7)). The process that is started only carries bytes (bridge());
 * what the program says and how it fails is played here, behind a socket. */
#include "tests/network/conformance/room_adapter.h"
#include "tests/network/conformance/instead.h"
#include "tests/network/conformance/sentence.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/net/line_reader.h"
#include "core/network/adapter_parts.h"

#include <stdio.h>
#include <sys/socket.h>
#include <uv.h>

#define CUSTOMER "@customer"

struct event {
	enum happening what;
	const struct said *said;
};

struct played {
	struct stage *stage;
	uv_tcp_t listener, *peer;     /* of the newest process */
	bool has_peer, live, leaving; /* live: back-filled, what happens is told; leaving: the process is to end */
	struct line_reader reader;
	VEC(struct event) events; /* positions are how many of these came before */
	char told[24];            /* the newest position that was sent */
	bool unanswered;          /* a call is left open on purpose */
	int closing;              /* ends of ours that the loop still has */
	struct timers *timers;
	timer_id alive;
	int alives; /* that were said since something was: a position is "12.3" then, so that it is seen to arrive */
	timer_id again; /* the limit ends, and the back-fill is done */
	int64_t fill_id;
	int64_t fill_from;
	int fill_most;
};

static struct played *played_of(const struct stage *stage)
{
	return stage->played;
}

static void name_post(struct stage *stage, struct said *said)
{
	(void)stage;
	snprintf(said->id, sizeof said->id, "topic/%d#%s", said->number, said->ours ? "us" : "them");
	snprintf(said->version, sizeof said->version, "%s", said->id);
}

/* --- up */

struct sent {
	uv_write_t write;
	char *bytes;
};

static void was_sent(uv_write_t *write, int status)
{
	struct sent *sent = write->data;
	(void)status;
	free(sent->bytes);
	free(sent);
}

static void send_bytes(struct played *played, const char *bytes, size_t len)
{
	if (!played->has_peer || !len)
		return;
	struct sent *sent = mem_alloc(sizeof *sent);
	sent->bytes = mem_strndup(bytes, len);
	sent->write.data = sent;
	uv_buf_t buffer = uv_buf_init(sent->bytes, (unsigned)len);
	uv_write(&sent->write, (uv_stream_t *)played->peer, &buffer, 1, was_sent);
}

static json *line_of(const char *type)
{
	json *line = json_object();
	json_set_str(line, "type", type);
	return line;
}

/* Takes the line over. */
static void add_line(struct str *out, json *line)
{
	json_print(line, out);
	str_addc(out, '\n');
	json_free(line);
}

static void set_time(json *line, const char *key, int64_t at)
{
	char text[40];
	time_format_rfc3339(at, text, sizeof text);
	json_set_str(line, key, text);
}

static void add_position(struct played *played, json *line, size_t position)
{
	played->alives = 0;
	snprintf(played->told, sizeof played->told, "%zu", position);
	json_set_str(line, "position", played->told);
}

static const struct said *root_of(const struct said *said)
{
	while (said->parent)
		said = said->parent;
	return said;
}

static json *record_of(const struct said *said, const char *type)
{
	json *line = line_of(type), *author = json_object();
	json_set_str(author, "handle", said->ours ? OUR_HANDLE : CUSTOMER);
	json_set_str(author, "name", said->name);
	json_set_str(author, "id", said->ours ? "1" : "2");
	json_set(line, "author", author);
	json_set_str(line, "remote_id", said->id);
	json_set_str(line, "text", said->unreadable ? NULL : said->text);
	json_set_str(line, "parent", said->parent ? said->parent->id : NULL);
	json_set_str(line, "root", root_of(said)->id);
	json_set_str(line, "direction", said->ours ? "out" : "in");
	set_time(line, "created_at", said->at);
	if (said->edited_at)
		set_time(line, "edited_at", said->edited_at);
	json_set_bool(line, "mention", said->mentions_us);
	json_set_bool(line, "addressed", said->mentions_us);
	json_set_bool(line, "liked", said->liked);
	json_set_bool(line, "boosted", said->boosted);
	if (said->closed)
		json_set_str(line, "reply_refusal", "the author lets nobody answer");
	return line;
}

/* What happened, with the position behind it; nothing of what is not for the brand. */
static void add_event(struct played *played, size_t at, struct str *out)
{
	static const char *const types[] = {
	        [HAPPENED_POST] = "post", [HAPPENED_EDIT] = "edit", [HAPPENED_DELETE] = "delete"};
	const struct event *event = &played->events.at[at];
	const struct said *said = event->said;
	if (!said->mentions_us || (said->deleted && event->what != HAPPENED_DELETE))
		return;
	json *line = event->what == HAPPENED_DELETE ? line_of("delete") : record_of(said, types[event->what]);
	json_set_str(line, "remote_id", said->id);
	add_position(played, line, at + 1);
	add_line(out, line);
}

static void happened(struct stage *stage, enum happening what, const struct said *said)
{
	struct played *played = played_of(stage);
	vec_push(&played->events, (struct event){what, said});
	if (!played->live)
		return;
	struct str out = STR_INIT;
	add_event(played, played->events.len - 1, &out);
	send_bytes(played, out.p, out.len);
	str_release(&out);
}

static void babble(struct stage *stage)
{
	struct played *played = played_of(stage);
	struct str out = STR_INIT;
	json *line = line_of("position");
	str_adds(&out, "{\"type\":\"weather\",\"is\":\"fine\"}\nnot json\n{\"type\":\"post\"}\n[]\n\n\xFF\xFE\n");
	add_position(played, line, played->events.len);
	add_line(&out, line);
	send_bytes(played, out.p, out.len);
	str_release(&out);
}

/* What is left unanswered for good is a program that hangs, and that says nothing. */
static void say_alive(void *arg)
{
	struct played *played = arg;
	struct str out = STR_INIT;
	played->alive = timers_add(played->timers, clock_mono_ms() + ADAPTER_ALIVE_S * 500, say_alive, played);
	size_t digits = strspn(played->told, "0123456789");
	if (played->unanswered && !played->again)
		return;
	if (!digits)
		played->told[digits++] = '0';
	json *line = line_of("position");
	snprintf(played->told + digits, sizeof played->told - digits, ".%d", ++played->alives);
	json_set_str(line, "position", played->told);
	add_line(&out, line);
	send_bytes(played, out.p, out.len);
	str_release(&out);
}

/* --- the process ends */

static void was_closed(uv_handle_t *handle)
{
	struct played *played = handle->data;
	played->closing--;
	if (handle != (uv_handle_t *)&played->listener)
		free(handle);
}

static void close_end(struct played *played, uv_tcp_t *end)
{
	played->closing++;
	uv_close((uv_handle_t *)end, was_closed);
}

static void cancel_timers(struct played *played)
{
	if (!played->timers)
		return;
	timers_cancel(played->timers, &played->again);
	timers_cancel(played->timers, &played->alive);
}

static void hang_up(struct played *played)
{
	if (!played->has_peer)
		return;
	played->stage->streams = 0;
	played->has_peer = played->live = false;
	played->leaving = true;
	cancel_timers(played);
	line_reader_restart(&played->reader);
	close_end(played, played->peer);
}

static void cut(struct stage *stage)
{
	hang_up(played_of(stage));
}

/* --- answers */

static json *answer_to(int64_t id, const char *outcome)
{
	json *line = line_of("answer");
	json_set_int(line, "id", id);
	json_set_str(line, "outcome", outcome);
	return line;
}

static json *with_post(json *line, const struct said *said)
{
	json *posts = json_array();
	if (said)
		json_push(posts, record_of(said, "post"));
	json_set(line, "posts", posts);
	return line;
}

static json *refused(int64_t id, const char *outcome, const char *words)
{
	char reason[160];
	json *line = answer_to(id, outcome);
	snprintf(reason, sizeof reason, "%s (%s)", words, STAGE_TOKEN);
	json_set_str(line, "reason", reason);
	return line;
}

static json *conversation(struct stage *stage, int64_t id, const struct said *around)
{
	json *line = answer_to(id, "ok"), *posts = json_array();
	for (size_t i = 0; i < stage->said.len; i++) {
		const struct said *said = stage->said.at[i];
		if (!said->deleted && root_of(said) == root_of(around))
			json_push(posts, record_of(said, "post"));
	}
	json_set(line, "posts", posts);
	return line;
}

static const struct said *published_as(const struct stage *stage, const char *key)
{
	for (size_t i = 0; key && i < stage->said.len; i++)
		if (str_eq(stage->said.at[i]->key, key))
			return stage->said.at[i];
	return NULL;
}

static json *publish(struct stage *stage, int64_t id, const json *call)
{
	const char *to = json_str(call, "remote_id"), *key = json_str(call, "key");
	struct said *parent = stage_find(stage, to);
	const struct said *said = published_as(stage, key);
	if (!said && to && (!parent || parent->deleted))
		return refused(id, "gone", "the post is not there any more");
	if (!said)
		said = stage_publish(stage, json_str_or(call, "text", ""), parent, key);
	return with_post(answer_to(id, "ok"), said);
}

static json *change(struct stage *stage, int64_t id, const char *type, const json *call, struct said *said)
{
	bool likes = str_eq(type, "like") || str_eq(type, "unlike");
	bool boosts = str_eq(type, "boost") || str_eq(type, "unboost");
	if (!said || said->deleted)
		return refused(id, "gone", "the post is not there any more");
	if (!likes && !boosts && !said->ours)
		return refused(id, "refused", "the post is somebody else's");
	if (likes)
		said->liked = str_eq(type, "like");
	else if (boosts)
		said->boosted = str_eq(type, "boost");
	else if (str_eq(type, "delete"))
		author_deletes(stage, said);
	else
		author_edits(stage, said, json_str_or(call, "text", ""));
	return str_eq(type, "edit") ? with_post(answer_to(id, "ok"), said) : answer_to(id, "ok");
}

static json *answer_call(struct stage *stage, int64_t id, const char *type, const json *call)
{
	struct said *said = stage_find(stage, json_str(call, "remote_id"));
	if (str_eq(type, "reply"))
		return publish(stage, id, call);
	if (str_eq(type, "find")) {
		const struct said *found = published_as(stage, json_str(call, "key"));
		return with_post(answer_to(id, "ok"), found && !found->deleted ? found : NULL);
	}
	if (str_starts(type, "fetch") && (!said || said->deleted))
		return answer_to(id, "gone");
	if (str_eq(type, "fetch"))
		return with_post(answer_to(id, "ok"), said);
	if (str_eq(type, "fetch-thread"))
		return conversation(stage, id, said);
	return change(stage, id, type, call, said);
}

/* --- back-fill */

/* The newest of a new account's, else what came behind the position. */
static size_t fill_begin(const struct played *played)
{
	int most = played->fill_most;
	size_t at = played->events.len;
	if (played->fill_from >= 0)
		return (size_t)played->fill_from;
	while (at && most > 0) {
		const struct event *event = &played->events.at[--at];
		most -= event->what == HAPPENED_POST && event->said->mentions_us;
	}
	return at;
}

static void add_fill(struct played *played, struct str *out)
{
	json *line = line_of("position");
	for (size_t at = fill_begin(played); at < played->events.len; at++)
		add_event(played, at, out);
	add_position(played, line, played->events.len);
	add_line(out, line);
}

static void add_state(struct str *out, const char *state, int64_t until)
{
	json *line = line_of("state");
	json_set_str(line, "state", state);
	if (until)
		set_time(line, "until", until);
	if (!str_eq(state, "live"))
		json_set_str(line, "reason", "the network wants a rest from " STAGE_TOKEN);
	add_line(out, line);
}

static void fill(void *arg)
{
	struct played *played = arg;
	struct str out = STR_INIT;
	played->again = 0;
	played->unanswered = false;
	add_state(&out, "live", 0);
	add_fill(played, &out);
	add_line(&out, answer_to(played->fill_id, "ok"));
	send_bytes(played, out.p, out.len);
	played->live = true;
	played->stage->streams = 1;
	str_release(&out);
}

/* --- faults */

static enum request_kind kind_of(const char *type)
{
	if (str_eq(type, "reply"))
		return REQUEST_PUBLISH;
	bool reads = str_eq(type, "back-fill") || str_eq(type, "find") || str_starts(type, "fetch");
	return reads ? REQUEST_READ : REQUEST_CHANGE;
}

static void busy(struct played *played, int64_t id, bool fills)
{
	struct stage *stage = played->stage;
	struct str out = STR_INIT;
	if (fills) {
		add_state(&out, "rate limited", stage->busy_until);
		played->unanswered = true;
		played->again = timers_add(
		        played->timers, clock_mono_ms() + stage->busy_until - server_now(stage), fill, played);
	} else {
		json *line = refused(id, "not-sent", "the network wants a rest");
		set_time(line, "retry_at", stage->busy_until);
		add_line(&out, line);
	}
	send_bytes(played, out.p, out.len);
	str_release(&out);
}

static void say_refused(struct played *played, int64_t id, const char *outcome, const char *words)
{
	struct str out = STR_INIT;
	add_line(&out, refused(id, outcome, words));
	send_bytes(played, out.p, out.len);
	str_release(&out);
}

/* Done, and half of what comes of it arrives, or none, or nothing that can be read. */
static void answer_badly(struct played *played, enum fault_kind fault, const struct str *out)
{
	if (fault == FAULT_CUT)
		send_bytes(played, out->p, out->len / 2);
	if (fault != FAULT_NONSENSE) {
		hang_up(played);
		return;
	}
	snprintf(played->told, sizeof played->told, "%s",
	        str_or(((struct adapter *)played->stage->network)->position, ""));
	send_bytes(played, "{\"a\"\n", 5);
	played->unanswered = true;
}

static void take_call(struct played *played, int64_t id, const char *type, const json *call)
{
	struct stage *stage = played->stage;
	enum request_kind kind = kind_of(type);
	enum fault_kind fault = fault_meets(stage, kind);
	bool fills = str_eq(type, "back-fill");
	struct str out = STR_INIT;
	int64_t from = -1;
	stage->requests[kind]++;
	if (fills) {
		const char *position = json_str(call, "position");
		char *rest = NULL;
		if (position)
			from = strtoll(position, &rest, 10);
		if (position && (rest == position || (*rest && *rest != '.')))
			fail_msg("the position is %s", position);
		snprintf(played->told, sizeof played->told, "%s", str_or(position, ""));
		played->timers = ((struct adapter *)stage->network)->timers;
		if (!played->alive)
			played->alive =
			        timers_add(played->timers, clock_mono_ms() + ADAPTER_ALIVE_S * 500, say_alive, played);
		played->fill_id = id;
		played->fill_from = from;
		played->fill_most = (int)json_int(call, "at_most", 0);
	}
	switch (fault) {
	case FAULT_BUSY: busy(played, id, fills); return;
	case FAULT_TOKEN: say_refused(played, id, "no-access", "the token is refused:"); return;
	case FAULT_REFUSED: say_refused(played, id, "refused", stage_refusal); return;
	case FAULT_DOWN:
	case FAULT_LOST_BEFORE: hang_up(played); return;
	default: break;
	}
	if (fills && fault == FAULT_NONE) {
		fill(played);
		return;
	}
	if (fills)
		add_fill(played, &out);
	else
		add_line(&out, answer_call(stage, id, type, call));
	if (fault == FAULT_NONE)
		send_bytes(played, out.p, out.len);
	else
		answer_badly(played, fault, &out);
	str_release(&out);
}

/* --- down */

static void take_line(struct played *played, const struct line *given)
{
	struct err err = ERR_INIT;
	json *line = json_parse(given->text, given->len, &err);
	if (!line)
		fail_msg("no line of JSON: %s", given->text);
	const char *type = json_str_or(line, "type", "");
	bool tells = str_eq(type, "start") || str_eq(type, "stored");
	if (!tells)
		take_call(played, json_int(line, "id", -1), type, line);
	json_free(line);
}

static void get_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	static char room[65536];
	(void)handle;
	(void)suggested;
	*buffer = uv_buf_init(room, sizeof room);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
	struct played *played = stream->data;
	struct line line;
	if (len < 0)
		hang_up(played);
	else
		line_reader_add(&played->reader, buffer->base, (size_t)len);
	while (played->has_peer && line_reader_next(&played->reader, &line))
		take_line(played, &line);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct played *played = listener->data;
	struct str out = STR_INIT;
	assert_int_equal(status, 0);
	hang_up(played); /* the one before, whose end is not read yet */
	played->peer = mem_alloc(sizeof *played->peer);
	uv_tcp_init(listener->loop, played->peer);
	played->peer->data = played;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)played->peer), 0);
	played->has_peer = true;
	played->leaving = false;
	played->unanswered = false;
	played->told[0] = '\0';
	str_adds(&out, "{\"type\":\"hello\",\"protocol\":1,\"name\":\"stage/1\",\"handle\":\"" OUR_HANDLE
	               "\",\"can\":[\"stream\","
	               "\"idempotent\",\"reply\",\"edit\",\"delete\",\"like\",\"boost\"],\"length\":{\"max\":500}}\n");
	send_bytes(played, out.p, out.len);
	str_release(&out);
	uv_read_start((uv_stream_t *)played->peer, get_room, on_read);
}

/* The process starts or ends, a call is on its way, or what was said is. */
static bool is_under_way(struct stage *stage)
{
	const struct played *played = played_of(stage);
	const struct adapter *a = (const struct adapter *)stage->network;
	if (!a)
		return false;
	if (a->phase == ADAPTER_AWAY)
		return false;
	if (a->phase == ADAPTER_SILENT || played->leaving)
		return true;
	return (a->calls && !played->unanswered) || (!a->behind && !str_eq(str_or(a->position, ""), played->told));
}

/* --- the world's life */

static void begin(struct stage *stage)
{
	struct played *played = mem_alloc(sizeof *played);
	struct sockaddr_in address;
	struct sockaddr_storage bound;
	int len = sizeof bound;
	char *dir = path_program_dir();
	uv_loop_t *loop = stage_loop(stage);
	stage->played = played;
	played->stage = stage;
	line_reader_init(&played->reader, ADAPTER_LINE_MAX);
	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_init(loop, &played->listener);
	played->listener.data = played;
	assert_int_equal(uv_tcp_bind(&played->listener, (const struct sockaddr *)&address, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&played->listener, 4, on_connection), 0);
	uv_tcp_getsockname(&played->listener, (struct sockaddr *)&bound, &len);
	snprintf(stage->command, sizeof stage->command, "exec '%s/conformance_test' --bridge %d", dir,
	        ntohs(((struct sockaddr_in *)&bound)->sin_port));
	free(dir);
}

static void end(struct stage *stage)
{
	struct played *played = played_of(stage);
	uv_loop_t *loop = played->listener.loop;
	cancel_timers(played);
	if (played->has_peer)
		close_end(played, played->peer);
	close_end(played, &played->listener);
	while (played->closing)
		uv_run(loop, UV_RUN_ONCE);
	line_reader_release(&played->reader);
	vec_release(&played->events);
	free(played);
}

/* --- what holds in its place */

static void it_is_read_so_far_ahead_and_no_further(void **state)
{
	struct stage *stage = *state;
	enum { MANY = ADAPTER_AHEAD + 100 };
	connect_live(stage);
	disconnect_desk(stage);
	for (int i = 0; i < MANY; i++) {
		char text[64];
		snprintf(text, sizeof text, OUR_HANDLE " my parcel %d is late", i);
		customer_says(stage, text, NULL);
	}
	stage->hold = true;
	connect_desk(stage);
	wait_until(stage, stage->held.len >= ADAPTER_AHEAD);
	for (int i = 0; i < 50; i++)
		turn(stage);
	assert_true(stage->held.len < MANY);
	assert_int_not_equal(stage->state, ACCOUNT_LIVE);
	stage->hold = false;
	store(stage);
	wait_until(stage, stage->state == ACCOUNT_LIVE);
	assert_int_equal(posts_seen(stage), MANY);
}

static void a_limit_is_passed_on_with_its_end(void **state)
{
	struct stage *stage = *state;
	struct said *to = customer_says(stage, OUR_HANDLE " where is it?", NULL);
	connect_live(stage);
	struct reply reply = reply_to(to, "On its way.");
	stage->busy_until = clock_wall_ms() + 300000;
	stage->busy_until -= stage->busy_until % 1000;
	fault_befalls(stage, REQUEST_PUBLISH, FAULT_BUSY, -1);
	perform(stage, &reply);
	assert_int_equal(stage->outcome, CALL_NOT_SENT);
	assert_true(stage->retry_at >= stage->busy_until);
	assert_true(*stage->why);
	perform_when_possible(stage, &reply);
	assert_true(clock_wall_ms() >= stage->busy_until);
	assert_int_equal(stage->outcome, CALL_OK);
	assert_int_equal(published(stage, reply.text), 1);
}

static const struct exception exceptions[] = {
        {"no_more_is_asked_for_than_the_store_has_taken",
                "an adapter says what it has, and it is read so far ahead of the store and no further",
                it_is_read_so_far_ahead_and_no_further},
        {"a_limit_of_posts_is_told_with_its_end_and_nothing_is_sent_before", "an adapter keeps its network's limits",
                a_limit_is_passed_on_with_its_end},
        {NULL, NULL, NULL},
};

const struct room room_adapter = {
        .name = "adapter",
        .network = "adapter",
        .exceptions = exceptions,
        .begin = begin,
        .end = end,
        .name_post = name_post,
        .happened = happened,
        .cut = cut,
        .babble = babble,
        .is_under_way = is_under_way,
};
