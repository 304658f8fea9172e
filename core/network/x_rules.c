/* The rules of the filtered stream, kept in step with what the configuration listens for: only what differs is added or
 * deleted. They belong to the application, which others may use: ours are known by their tags, those of others stay. */
#include "core/network/x_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"

#include <string.h>

#define RULES "/2/tweets/search/stream/rules"

static void rule_value(const struct x_feed *feed, struct str *out)
{
	const char *name = feed->x->handle + (*feed->x->handle == '@');
	if (feed->query)
		str_adds(out, feed->query);
	else
		str_addf(out, "(@%s OR to:%s) -is:retweet -from:%s", name, name, name);
}

static void tag_prefix(const struct x *x, struct str *out)
{
	str_addf(out, "curlew %s ", x->handle);
}

static struct x_feed *feed_of_value(struct x *x, const char *value)
{
	struct x_feed *found = NULL;
	for (int i = 0; i < x->feed_count && !found; i++) {
		struct str wanted = STR_INIT;
		rule_value(&x->feeds[i], &wanted);
		if (str_eq(wanted.p, value))
			found = &x->feeds[i];
		str_release(&wanted);
	}
	return found;
}

static void set_rule(struct x_feed *feed, const char *id)
{
	char *copy = mem_strdup(id);
	free(feed->rule);
	feed->rule = copy;
}

static void rules_over(struct x *x, const struct x_answer *refused)
{
	x->rules_done(x, refused);
}

static void ask_rules(struct x *x, const json *body, x_answer_fn *answered)
{
	struct x_ask_setup setup = {
	        .method = body ? "POST" : NULL, .path = RULES, .body = body, .bucket = X_BUCKET_RULES, .as_app = true};
	x->stream.ask = x_ask(x, &setup, answered, x);
}

/* A rule that X does not take is no reason to go without the others: its feed is polled. One that is there already,
 * under whatever tag, will do. */
static void added(void *arg, const struct x_answer *answer)
{
	struct x *x = arg;
	x->stream.ask = NULL;
	if (!x_answer_good(answer)) {
		rules_over(x, answer);
		return;
	}
	const json *const lists[] = {json_get(answer->body, "data"), json_get(answer->body, "errors")};
	for (int i = 0; i < 2; i++) {
		for (const json *one = json_first(lists[i]); one; one = json_next(one)) {
			struct x_feed *feed = feed_of_value(x, json_str_or(one, "value", ""));
			if (feed)
				set_rule(feed, json_str(one, "id"));
			if (feed && !feed->rule)
				log_line(LOG_WARN, "x: %s cannot be a rule of the stream (%s): it is polled",
				        feed->words, json_str_or(one, "title", "no reason given"));
		}
	}
	x->stream.new_rules = true;
	rules_over(x, NULL);
}

static void add_missing(struct x *x)
{
	json *body = json_object(), *list = json_array();
	struct str value = STR_INIT, tag = STR_INIT;
	for (int i = 0; i < x->feed_count; i++) {
		if (x->feeds[i].rule)
			continue;
		json *one = json_object();
		str_clear(&value);
		str_clear(&tag);
		rule_value(&x->feeds[i], &value);
		tag_prefix(x, &tag);
		str_adds(&tag, x->feeds[i].source);
		json_set_str(one, "value", value.p);
		json_set_str(one, "tag", tag.p);
		json_push(list, one);
	}
	bool any = json_count(list) > 0;
	json_set(body, "add", list);
	if (any)
		ask_rules(x, body, added);
	else
		rules_over(x, NULL);
	json_free(body);
	str_release(&value);
	str_release(&tag);
}

static void deleted(void *arg, const struct x_answer *answer)
{
	struct x *x = arg;
	x->stream.ask = NULL;
	if (x_answer_good(answer))
		add_missing(x);
	else
		rules_over(x, answer);
}

static void listed(void *arg, const struct x_answer *answer)
{
	struct x *x = arg;
	x->stream.ask = NULL;
	if (!x_answer_good(answer)) {
		rules_over(x, answer);
		return;
	}
	struct str ours = STR_INIT;
	json *body = json_object(), *gone = json_object(), *ids = json_array();
	tag_prefix(x, &ours);
	for (int i = 0; i < x->feed_count; i++)
		set_rule(&x->feeds[i], NULL);
	for (const json *one = json_first(json_get(answer->body, "data")); one; one = json_next(one)) {
		const char *id = json_str_or(one, "id", "");
		struct x_feed *feed = feed_of_value(x, json_str_or(one, "value", ""));
		if (feed)
			set_rule(feed, id);
		else if (str_starts(json_str_or(one, "tag", ""), ours.p))
			json_push_str(ids, id);
	}
	bool any = json_count(ids) > 0;
	json_set(gone, "ids", ids);
	json_set(body, "delete", gone);
	if (any)
		ask_rules(x, body, deleted);
	else
		add_missing(x);
	json_free(body);
	str_release(&ours);
}

void x_rules_sync(struct x *x, void (*done)(struct x *x, const struct x_answer *refused))
{
	x->rules_done = done;
	ask_rules(x, NULL, listed);
}
