/* What a team is told of a case: as JSON for programs, as a mail for people. */
#include "core/courier/escalate.h"

#include "core/base/json.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"
#include "core/net/signature.h"
#include "core/text/plain.h"

#include <string.h>

#define POSTS_TOLD 20
/* Bytes of text in a header's line: a mailer refuses lines of more than 998 (RFC 5322, 2.1.1), and one with an encoded
 * word has at most 76 characters, of which 12 are its frame (RFC 2047, 2). */
#define PLAIN_MOST 900
#define WORD_MOST 36 /* and the rest of a code point, in base64, behind "Subject: " */

/* --- JSON */

static const struct post *newest_from_customer(const struct case_view *view)
{
	for (int i = view->item_count; i-- > 0;)
		if (view->items[i].post && view->items[i].post->direction == DIR_IN)
			return view->items[i].post;
	return NULL;
}

static json *post_json(const struct post *post)
{
	json *object = json_object();
	char at[32];
	time_format_rfc3339(post->created_at, at, sizeof at);
	json_set_str(object, "at", at);
	json_set_str(object, "by", post->author_handle);
	json_set_str(object, "direction", direction_name(post->direction));
	json_set_str(object, "text", post->text);
	json_set_str(object, "url", post->url);
	return object;
}

static json *customer_json(const struct case_view *view)
{
	json *object = json_object();
	json_set_str(object, "handle", view->kase.handle);
	json_set_str(object, "name", view->kase.customer_name);
	json_set_str(object, "url", view->customer.url);
	if (view->kase.followers >= 0)
		json_set_int(object, "followers", view->kase.followers);
	return object;
}

static json *thread_json(const struct case_view *view)
{
	json *thread = json_array();
	for (int i = 0; i < view->item_count; i++)
		if (view->items[i].post && !view->items[i].post->deleted_at)
			json_push(thread, post_json(view->items[i].post));
	return thread;
}

static json *data_json(const struct case_view *view, const struct escalation *escalation)
{
	const struct post *newest = newest_from_customer(view);
	json *data = json_object();
	json_set_int(data, "case", escalation->case_id);
	json_set_str(data, "account", view->kase.account);
	json_set_str(data, "network", view->kase.network);
	json_set_str(data, "team", escalation->team);
	json_set_str(data, "why", escalation->why);
	json_set_str(data, "by", escalation->by);
	json_set(data, "customer", customer_json(view));
	json_set_str(data, "text", newest ? newest->text : "");
	json_set_str(data, "url", newest ? newest->url : "");
	json_set(data, "thread", thread_json(view));
	return data;
}

int escalate_payload(struct store *store, const struct escalation *escalation, struct str *out, struct err *err)
{
	struct arena arena = ARENA_INIT;
	const struct case_view *view;
	int rc = store_case_view(store, escalation->case_id, "", POSTS_TOLD, &arena, &view, err);
	if (rc == 0) {
		char at[32];
		json *payload = json_object();
		time_format_rfc3339(escalation->at, at, sizeof at);
		json_set_str(payload, "type", "case.escalated");
		json_set_str(payload, "timestamp", at);
		json_set(payload, "data", data_json(view, escalation));
		json_print(payload, out);
		json_free(payload);
	}
	arena_release(&arena);
	return rc;
}

/* --- mail */

/* One line of text for a header: control characters, line ends above all, would begin a header of their own. */
static void header_text(struct str *out, const char *text)
{
	struct str clean = STR_INIT;
	bool ascii = true;
	plain_add_value(&clean, text, strlen(text));
	for (size_t i = 0; i < clean.len; i++)
		ascii &= (unsigned char)clean.p[i] < 0x80;
	if (ascii && clean.len <= PLAIN_MOST) {
		str_add(out, clean.p, clean.len);
	} else {
		size_t at = 0;
		while (at < clean.len) {
			size_t take = 0;
			uint32_t cp;
			while (at + take < clean.len && take < WORD_MOST)
				take += utf8_decode(clean.p + at + take, clean.len - at - take, &cp);
			str_adds(out, at ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
			base64_encode(clean.p + at, take, out);
			str_adds(out, "?=");
			at += take;
		}
	}
	str_release(&clean);
}

static void add_value(struct str *body, const char *before, const char *value, const char *behind)
{
	str_adds(body, before);
	plain_add_value(body, value, strlen(value));
	str_adds(body, behind);
}

/* As mails quote: no line of a post can be taken for one of ours. */
static void add_quoted(struct str *body, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		str_adds(body, "> ");
		plain_add_value(body, text, len);
		str_addc(body, '\n');
		text += len + (text[len] == '\n');
	}
}

static void mail_body(const struct case_view *view, const struct escalation *escalation, struct str *body)
{
	str_addf(body, "Case %lld of %s was escalated to %s by %s.\n", (long long)escalation->case_id,
	        view->kase.account, escalation->team, escalation->by);
	if (*escalation->why)
		add_value(body, "Why: ", escalation->why, "\n");
	add_value(body, "Customer: ", view->kase.handle, " (");
	add_value(body, "", view->kase.customer_name, ")\n");
	for (int i = 0; i < view->item_count; i++) {
		const struct post *post = view->items[i].post;
		char at[32];
		if (!post || post->deleted_at)
			continue;
		time_format_rfc3339(post->created_at, at, sizeof at);
		str_addf(body, "\n%s ", at);
		add_value(body, "", post->author_handle, "\n");
		add_quoted(body, post->text);
		add_value(body, "", post->url, "\n");
	}
}

static void add_base64_lines(struct str *out, const struct str *body)
{
	for (size_t at = 0; at < body->len; at += 57) {
		size_t left = body->len - at;
		base64_encode(body->p + at, left < 57 ? left : 57, out);
		str_adds(out, "\r\n");
	}
}

int escalate_mail(const struct case_view *view, const struct escalation *escalation, const char *to, struct str *out,
        struct err *err)
{
	if (!config_is_address(to))
		return err_set(err, ERR_CONFIG, "\"%s\" is no mail address", to);
	struct str subject = STR_INIT, body = STR_INIT;
	str_addf(&subject, "[curlew] case %lld: %s", (long long)escalation->case_id,
	        *escalation->why ? escalation->why : view->kase.handle);
	mail_body(view, escalation, &body);
	str_addf(out, "To: %s\r\nSubject: ", to);
	header_text(out, subject.p);
	str_adds(out, "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	              "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	add_base64_lines(out, &body);
	str_release(&subject);
	str_release(&body);
	return 0;
}
