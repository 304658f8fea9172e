#include "core/network/adapter_check.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/timefmt.h"
#include "core/network/adapter_parts.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#define ALIVE_S 2 /* so that nobody waits for long */
#define FILL_MS 120000
#define SETTLE_MS 500
#define AT_MOST 5
#define NOBODYS "curlew-check-of-what-is-not-there"

enum { CALL_IDS = 16 };

/* What it answered to one call. */
struct heard {
	int times, count;
	enum call_outcome outcome;
	char reason[200];
	bool has; /* the post that was asked for is among them */
};

struct check {
	uv_loop_t loop;
	uv_timer_t timer;
	const char *command;
	char *more_path;
	adapter_check_fn *tell;
	void *arg;
	bool all, late, ended;
	struct coprocess *child;
	struct coprocess_end end;
	int run, lines;

	bool greeted;
	char name[128], first_mistake[600];
	char *network;
	int64_t protocol;
	unsigned caps;
	int mistakes, strays, mentions;
	bool unordered, loose; /* posts; the last one has no position behind it */
	int64_t newest;
	char *position, *post;      /* the newest position, a post */
	bool charges, charged;      /* hello or facts name a currency; it told a cost */
	bool unpriced;              /* … before that */
	struct credentials secrets; /* the newest that it handed over */
	int handed_over;
	bool ill; /* it says that a login is needed */
	VEC(char *) posts;
	int again; /* posts of the first run that came in the second */
	struct heard calls[CALL_IDS];
	const char *asked_for[CALL_IDS];
	int64_t last_id;
};

static void set(char **place, const char *text)
{
	char *copy = mem_strdup(text);
	free(*place);
	*place = copy;
}

static bool says(struct check *c, bool holds, const char *sentence, const char *why)
{
	c->all &= holds;
	c->tell(c->arg, holds, sentence, holds ? "" : why);
	return holds;
}

/* --- what it says */

static void take_post(struct check *c, const struct adapter_line *line)
{
	const struct post *post = &line->item.post;
	c->mentions += line->item.mention;
	c->unordered |= post->created_at < c->newest;
	c->newest = post->created_at;
	c->loose = true;
	if (c->run == 1) {
		vec_push(&c->posts, mem_strdup(post->remote_id));
		set(&c->post, post->remote_id);
		return;
	}
	for (size_t i = 0; i < c->posts.len; i++)
		c->again += str_eq(c->posts.at[i], post->remote_id);
}

static void take_answer(struct check *c, const struct adapter_line *line)
{
	if (line->id > c->last_id || line->id >= CALL_IDS) {
		c->strays++;
		return;
	}
	struct heard *heard = &c->calls[line->id];
	heard->times++;
	heard->outcome = line->result.outcome;
	heard->count = line->result.count;
	str_copy(heard->reason, sizeof heard->reason, line->result.reason);
	for (int i = 0; i < line->result.count; i++)
		heard->has |= str_eq(line->result.items[i].post.remote_id, c->asked_for[line->id]);
	if (line->dropped && !c->mistakes++)
		str_copy(c->first_mistake, sizeof c->first_mistake, line->why.text);
}

static void say_kept(struct check *c);

static void take_secrets(struct check *c, const struct adapter_line *line)
{
	for (int i = 0; i < line->secret_count; i++)
		credentials_set(&c->secrets, line->secrets[i].credential, line->secrets[i].value);
	c->handed_over++;
	say_kept(c);
}

/* Of a line that may hold a secret nothing is quoted. */
static void note_mistake(struct check *c, const struct err *err, const char *line)
{
	if (c->mistakes++)
		return;
	if (strstr(line, "\"secrets\""))
		str_copy(c->first_mistake, sizeof c->first_mistake, err->text);
	else
		snprintf(c->first_mistake, sizeof c->first_mistake, "%.300s (the line begins %.80s)", err->text, line);
}

static void on_line(void *arg, const char *bytes, size_t len, bool whole)
{
	struct check *c = arg;
	struct adapter_line line = {.type = ADAPTER_UNKNOWN};
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	int rc = -1;
	if (!whole)
		err_set(&err, ERR_LIMIT, "a line has more than %zu bytes", ADAPTER_LINE_MAX);
	else
		rc = adapter_decode(bytes, len, str_or(c->network, ""), &arena, &line, &err);
	if (rc)
		note_mistake(c, &err, bytes);
	if (c->lines++ == 0 && rc == 0 && line.type == ADAPTER_HELLO) {
		c->greeted = true;
		c->protocol = line.protocol;
		c->caps = line.facts.caps;
		set(&c->network, line.network);
		str_copy(c->name, sizeof c->name, line.name);
	}
	if (rc == 0 && line.type == ADAPTER_POST)
		take_post(c, &line);
	if (rc == 0 && line.position) {
		set(&c->position, line.position);
		c->loose = false;
	}
	if (rc == 0 && line.type == ADAPTER_ANSWER)
		take_answer(c, &line);
	if (rc == 0 && (line.type == ADAPTER_HELLO || line.type == ADAPTER_FACTS))
		c->charges = *line.facts.prices.currency;
	if (rc == 0 && line.type == ADAPTER_CHARGE) {
		c->charged = true;
		c->unpriced |= !c->charges;
	}
	if (rc == 0 && line.type == ADAPTER_STATE)
		c->ill = line.state == ACCOUNT_NEEDS_LOGIN;
	if (rc == 0 && line.type == ADAPTER_SECRETS)
		take_secrets(c, &line);
	arena_wipe(&arena);
}

static void on_complaint(void *arg, const char *line)
{
	(void)arg;
	log_line(LOG_WARN, "it complains: %s", line);
}

static void on_ended(void *arg, const struct coprocess_end *end, size_t left)
{
	struct check *c = arg;
	c->ended = true;
	c->child = NULL;
	c->end = *end;
	if (left && !c->mistakes++)
		snprintf(c->first_mistake, sizeof c->first_mistake, "%zu bytes without a line feed at its end", left);
}

/* --- waiting, by the loop's own clock: it is a program that is waited for */

static void on_late(uv_timer_t *timer)
{
	((struct check *)timer->data)->late = true;
}

typedef bool condition_fn(const struct check *c);

static bool wait_for(struct check *c, condition_fn *holds, uint64_t ms)
{
	c->late = false;
	uv_update_time(&c->loop);
	uv_timer_start(&c->timer, on_late, ms, 0);
	while (!c->late && !c->ended && !holds(c))
		uv_run(&c->loop, UV_RUN_ONCE);
	uv_timer_stop(&c->timer);
	return holds(c);
}

static bool has_spoken(const struct check *c)
{
	return c->lines > 0;
}

static bool has_answered(const struct check *c)
{
	for (int64_t id = 1; id <= c->last_id; id++)
		if (!c->calls[id].times)
			return false;
	return true;
}

static bool has_ended(const struct check *c)
{
	return c->ended;
}

static bool never(const struct check *c)
{
	(void)c;
	return false;
}

/* --- what it is told */

/* In two pieces: a line is one when its line feed is there. */
static void say(struct check *c, json *line)
{
	struct str text = STR_INIT;
	json_print(line, &text);
	str_addc(&text, '\n');
	json_free(line);
	if (c->child)
		coprocess_write(c->child, text.p, text.len / 2);
	wait_for(c, never, 20);
	if (c->child)
		coprocess_write(c->child, text.p + text.len / 2, text.len - text.len / 2);
	str_release(&text);
}

static json *line_of(const char *type)
{
	json *line = json_object();
	json_set_str(line, "type", type);
	return line;
}

static json *call_of(struct check *c, const char *type, const char *remote_id)
{
	json *line = line_of(type);
	json_set_int(line, "id", ++c->last_id);
	c->asked_for[c->last_id] = remote_id;
	if (remote_id)
		json_set_str(line, "remote_id", remote_id);
	return line;
}

static void say_kept(struct check *c)
{
	static const char kept[] = "{\"type\":\"kept\"}\n";
	if (c->child)
		coprocess_write(c->child, kept, strlen(kept));
}

static json *secrets_of(const struct check *c)
{
	json *secrets = json_object();
	for (int i = 0; i < CREDENTIAL_COUNT; i++)
		if (c->secrets.value[i])
			json_set_str(secrets, credential_key((enum credential)i), c->secrets.value[i]);
	return secrets;
}

static void say_start(struct check *c)
{
	json *line = line_of("start"), *listen = json_array();
	json_set_int(line, "protocol", ADAPTER_PROTOCOL);
	json_set_int(line, "alive", ALIVE_S);
	json_set_str(line, "handle", "@acme");
	json_set_str(line, "server", NULL);
	json_push_str(listen, "acme");
	json_set(line, "listen", listen);
	if (c->handed_over)
		json_set(line, "secrets", secrets_of(c));
	say(c, line);
	say(c, line_of("of-a-later-version"));
}

static void ask_to_fill(struct check *c)
{
	json *line = call_of(c, "back-fill", NULL);
	json_set_str(line, "position", c->position);
	json_set_int(line, "at_most", AT_MOST);
	say(c, line);
}

static void ask_to_find(struct check *c)
{
	json *line = call_of(c, "find", NOBODYS);
	char key[33], at[32];
	random_id(key);
	time_format_rfc3339(clock_wall_ms(), at, sizeof at);
	json_set_str(line, "key", key);
	json_set_str(line, "created_at", at);
	json_set_str(line, "text", "nobody has ever said this");
	say(c, line);
}

/* --- a process */

static bool begin(struct check *c)
{
	struct err err = ERR_INIT;
	c->run++;
	c->lines = 0;
	c->ended = c->greeted = c->unordered = c->loose = c->ill = false;
	c->newest = c->mentions = 0;
	c->last_id = 0;
	memset(c->calls, 0, sizeof c->calls);
	c->child = coprocess_start(&(struct coprocess_setup){.loop = &c->loop,
	                                   .command = c->command,
	                                   .more_path = c->more_path,
	                                   .max_line = ADAPTER_LINE_MAX,
	                                   .handlers = {on_line, on_complaint, on_ended},
	                                   .arg = c},
	        &err);
	return says(c, c->child != NULL, "it can be started", err.text);
}

static const char *why_it_ended(const struct check *c, char *words, size_t size)
{
	if (!c->ended)
		return "";
	if (c->end.signal)
		snprintf(words, size, "it was ended by signal %d; ", c->end.signal);
	else
		snprintf(words, size, "it ended with status %lld; ", (long long)c->end.status);
	return words;
}

static bool greets(struct check *c)
{
	char why[900], how[80];
	wait_for(c, has_spoken, ADAPTER_HELLO_MS);
	snprintf(why, sizeof why, "%s%s", why_it_ended(c, how, sizeof how),
	        c->mistakes ? c->first_mistake
	        : c->lines  ? "its first line is something else"
	                    : "it has said nothing");
	if (!says(c, c->greeted, "its first line is hello, within 10 seconds", why))
		return false;
	snprintf(why, sizeof why, "it speaks protocol %lld", (long long)c->protocol);
	return says(c, c->protocol == ADAPTER_PROTOCOL, "it speaks protocol 1", why);
}

static bool fills(struct check *c)
{
	char why[400], how[80];
	say_start(c);
	ask_to_fill(c);
	const struct heard *fill = &c->calls[c->last_id];
	wait_for(c, has_answered, FILL_MS);
	snprintf(why, sizeof why, "%sit has answered %s: %s", why_it_ended(c, how, sizeof how),
	        fill->times ? "something else than ok" : "nothing", fill->times ? fill->reason : "no line came");
	return says(c, fill->times && fill->outcome == CALL_OK, "it answers back-fill with ok", why);
}

/* --- the sentences */

static void check_fill(struct check *c)
{
	char why[80];
	snprintf(why, sizeof why, "%d came, and at_most was %d", c->mentions, AT_MOST);
	says(c, c->mentions <= AT_MOST, "a new account gets no more mentions than at_most", why);
	says(c, !c->unordered, "posts come oldest first", "one came after a younger one");
	says(c, !c->loose, "a position stands for what was handed over",
	        "no position came with the last post or behind it: after a restart it would come again");
}

static void check_calls(struct check *c)
{
	char why[200];
	int64_t first = c->last_id;
	say(c, call_of(c, "fetch", NOBODYS));
	say(c, call_of(c, "fetch-thread", NOBODYS));
	if (c->post) {
		say(c, call_of(c, "fetch", c->post));
		say(c, call_of(c, "fetch-thread", c->post));
	}
	bool finds = c->caps & CAP_REPLY;
	if (finds)
		ask_to_find(c);
	wait_for(c, has_answered, ADAPTER_ANSWER_MS);
	int64_t missing = 0;
	for (int64_t id = c->last_id; id > first; id--)
		missing = c->calls[id].times ? missing : id;
	snprintf(why, sizeof why, "call %lld of %lld was not answered within 60 seconds", (long long)(missing - first),
	        (long long)(c->last_id - first));
	if (!says(c, !missing, "it answers each call", why))
		return;
	says(c, !c->calls[first + 1].count && !c->calls[first + 2].count, "a post that is not there is not found",
	        "it found posts for an id that nobody has: expected gone, or ok without posts");
	if (c->post)
		says(c,
		        (c->calls[first + 3].has || !c->calls[first + 3].count) &&
		                (c->calls[first + 4].has || !c->calls[first + 4].count),
		        "an answer about a post has that post", "it answered with other posts alone");
	if (finds)
		says(c, !c->calls[c->last_id].count, "a reply that was never made is not found",
		        "it found one for a key that is new");
}

static void check_once(struct check *c)
{
	int twice = 0;
	char why[100];
	wait_for(c, never, SETTLE_MS);
	for (int64_t id = 1; id <= c->last_id; id++)
		twice += c->calls[id].times > 1;
	snprintf(why, sizeof why, "%d calls were answered twice, %d answers were to none", twice, c->strays);
	says(c, !twice && !c->strays, "each call is answered once", why);
}

static void check_alive(struct check *c)
{
	c->lines = 0;
	says(c, wait_for(c, has_spoken, 3 * ALIVE_S * 500), "it writes a line at least as often as alive says",
	        "it was silent for 3 seconds, and alive was 2");
}

static void check_end(struct check *c)
{
	if (!says(c, !c->ended, "it stays until its input ends", "it has ended by itself"))
		return;
	coprocess_end_input(c->child);
	says(c, wait_for(c, has_ended, COPROCESS_LEAVE_MS), "it ends with its input, within 2 seconds",
	        "it was still there");
	coprocess_stop(c->child);
	c->child = NULL;
}

static void check_again(struct check *c)
{
	char why[100];
	if (!c->position || !begin(c) || !greets(c))
		return;
	if (fills(c)) {
		snprintf(why, sizeof why, "%d posts came that it had sent before that position", c->again);
		says(c, !c->again, "from a position, nothing comes that came before it", why);
		if (c->handed_over)
			says(c, !c->ill, "it goes on with the secrets that another process handed over",
			        "it says that somebody has to log in");
	}
	coprocess_stop(c->child);
	c->child = NULL;
}

static void check_all(struct check *c)
{
	if (!begin(c) || !greets(c))
		return;
	if (fills(c)) {
		check_fill(c);
		if (c->position) {
			json *stored = line_of("stored");
			json_set_str(stored, "position", c->position);
			say(c, stored);
		}
		check_calls(c);
		check_once(c);
		check_alive(c);
	}
	if (c->charged)
		says(c, !c->unpriced, "what it costs has a currency", "a cost came, and no currency in prices");
	says(c, !c->mistakes, "each of its lines has what it must have", c->first_mistake);
	check_end(c);
	check_again(c);
}

bool adapter_check(const char *command, adapter_check_fn *tell, void *arg)
{
	struct check *c = mem_alloc(sizeof *c);
	c->command = command;
	c->more_path = adapter_path();
	c->tell = tell;
	c->arg = arg;
	c->all = true;
	uv_loop_init(&c->loop);
	uv_timer_init(&c->loop, &c->timer);
	c->timer.data = c;
	check_all(c);
	coprocess_stop(c->child);
	uv_close((uv_handle_t *)&c->timer, NULL);
	uv_run(&c->loop, UV_RUN_DEFAULT);
	uv_loop_close(&c->loop);
	for (size_t i = 0; i < c->posts.len; i++)
		free(c->posts.at[i]);
	vec_release(&c->posts);
	credentials_release(&c->secrets);
	free(c->more_path);
	free(c->network);
	free(c->position);
	free(c->post);
	bool all = c->all;
	free(c);
	return all;
}
