#include "core/network/adapter_decode.h"

#include "core/base/secret.h"
#include "core/base/str.h"
#include "core/model/record.h"
#include "core/text/length.h"

#include <limits.h>
#include <string.h>

#define MICROS 1000000.0
#define PRICE_MAX 1000000.0

static const char *words(const json *object, const char *key, struct arena *arena)
{
	char cut[ADAPTER_WORDS_MAX];
	str_copy(cut, sizeof cut, record_text(object, key, arena));
	return arena_strdup(arena, cut);
}

/* --- hello and facts */

static int small_int(const json *object, const char *key)
{
	int64_t n = json_int(object, key, 0);
	return n < 0 ? 0 : n > INT_MAX ? INT_MAX : (int)n;
}

static int64_t size_of(const json *object, const char *key)
{
	int64_t n = json_int(object, key, 0);
	return n < 0 ? 0 : n;
}

static int64_t price_of(const json *prices, const char *key)
{
	double price = json_num(prices, key, 0);
	return price > 0 && price < PRICE_MAX ? (int64_t)(price * MICROS + 0.5) : 0;
}

static unsigned kinds_of(const json *list)
{
	unsigned kinds = 0;
	enum media_kind kind;
	for (const json *word = json_is_array(list) ? json_first(list) : NULL; word; word = json_next(word))
		if (json_text(word) && media_kind_parse(json_text(word), &kind))
			kinds |= 1u << kind;
	return kinds;
}

/* A word that is none is a mistake, and not one of a later version: what is asked for depends on it. */
static int read_can(const json *list, unsigned *caps, struct err *err)
{
	enum capability cap;
	for (const json *word = json_is_array(list) ? json_first(list) : NULL; word; word = json_next(word)) {
		if (!capability_parse(str_or(json_text(word), ""), &cap))
			return err_set(err, ERR_DATA, "\"can\" has \"%.40s\", which is none of its words",
			        str_or(json_text(word), ""));
		*caps |= cap;
	}
	return 0;
}

static int read_facts(const json *object, struct arena *arena, struct adapter_line *out, struct err *err)
{
	const json *length = json_get(object, "length"), *files = json_get(object, "files");
	const json *prices = json_get(object, "prices");
	struct account_facts *facts = &out->facts;
	enum length_name rule = LENGTH_RULE_GOTOSOCIAL;
	const char *word = json_str_or(length, "rule", "");
	int rc = read_can(json_get(object, "can"), &facts->caps, err);
	if (rc)
		return rc;
	if (*word && !length_name_parse(word, &rule))
		return err_set(err, ERR_DATA, "\"rule\" is \"%.40s\", which is no way to count a length", word);
	facts->limits = (struct post_limits){.max = small_int(length, "max"),
	        .rule = (int)rule,
	        .url = small_int(length, "url"),
	        .files = small_int(files, "most"),
	        .alt = small_int(files, "alt"),
	        .image_bytes = size_of(files, "image_bytes"),
	        .video_bytes = size_of(files, "video_bytes"),
	        .kinds = kinds_of(json_get(files, "kinds"))};
	int64_t seconds = size_of(object, "edit_seconds");
	facts->edit_ms = seconds > INT64_MAX / 1000 ? 0 : seconds * 1000;
	facts->prices = (struct prices){
	        record_text(prices, "currency", arena), price_of(prices, "reply"), price_of(prices, "reply_link")};
	rc = record_id(object, "network", arena, &out->network, err);
	return rc ? rc : record_id(object, "handle", arena, &facts->handle, err);
}

static int read_hello(const json *object, struct arena *arena, struct adapter_line *out, struct err *err)
{
	out->protocol = json_int(object, "protocol", 0);
	out->name = words(object, "name", arena);
	if (!out->protocol)
		return err_set(err, ERR_DATA, "\"protocol\" is missing");
	if (!*out->name)
		return err_set(err, ERR_DATA, "\"name\" is missing");
	/* What it says in another protocol may mean something else. */
	return out->protocol == ADAPTER_PROTOCOL ? read_facts(object, arena, out, err) : 0;
}

/* --- posts */

/* Two adapters know two people by the same id. */
static const char *key_within(const char *network, const struct customer *customer, struct arena *arena)
{
	const char *key = str_or(customer->remote_key, str_or(customer->remote_id, customer->handle));
	return *network ? arena_printf(arena, "%s:%s", network, key) : key;
}

static int read_item(
        const json *object, bool mention, const char *network, struct arena *arena, struct item *out, struct err *err)
{
	struct record record;
	int rc = record_read(object, mention, arena, &record, err);
	if (rc)
		return rc;
	*out = (struct item){.kind = ITEM_POST,
	        .post = record.post,
	        .customer = record.customer,
	        .mention = record.mention,
	        .root_remote_id = record.root_remote_id};
	out->customer.network = "adapter";
	out->customer.remote_key = key_within(network, &record.customer, arena);
	return 0;
}

static int read_post(
        const json *object, const char *network, struct arena *arena, struct adapter_line *out, struct err *err)
{
	int rc = read_item(object, true, network, arena, &out->item, err);
	if (rc == 0 && str_eq(json_str(object, "type"), "edit") && !out->item.post.edited_at)
		return err_set(err, ERR_DATA, "\"edited_at\" is missing");
	return rc;
}

static int read_delete(const json *object, struct arena *arena, struct item *item, struct err *err)
{
	*item = (struct item){.kind = ITEM_DELETE, .root_remote_id = ""};
	int rc = record_id(object, "remote_id", arena, &item->post.remote_id, err);
	if (rc)
		return rc;
	if (!record_time(object, "at", &item->post.deleted_at))
		return err_set(err, ERR_DATA, "\"at\" is no time like 2026-08-21T09:14:05Z");
	return *item->post.remote_id ? 0 : err_set(err, ERR_DATA, "\"remote_id\" is missing");
}

static int read_customer(
        const json *object, const char *network, struct arena *arena, struct item *item, struct err *err)
{
	*item = (struct item){.kind = ITEM_CUSTOMER, .root_remote_id = ""};
	int rc = record_read_author(object, arena, &item->customer, err);
	item->customer.network = "adapter";
	item->customer.remote_key = rc ? "" : key_within(network, &item->customer, arena);
	return rc;
}

/* --- money and secrets */

static int read_cost(const json *object, struct adapter_line *out, struct err *err)
{
	double amount = json_num(object, "amount", -1);
	out->cost = price_of(object, "amount");
	return amount == 0 || out->cost ? 0 : err_set(err, ERR_DATA, "\"amount\" is no price like 0.005");
}

static bool is_secret(const char *text)
{
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return len <= ADAPTER_SECRET_MAX && (!len || text[len - 1] != '\\');
}

/* What is wrong is said without a word of the line: it may be the secret itself. */
static int read_secrets(const json *object, struct arena *arena, struct adapter_line *out, struct err *err)
{
	const json *secrets = json_get(object, "secrets");
	for (const json *one = json_is_object(secrets) ? json_first(secrets) : NULL; one; one = json_next(one)) {
		struct credential_value *value = &out->secrets[out->secret_count];
		const char *text = str_or(json_text(one), "");
		if (!credential_parse(json_key(one), &value->credential))
			return err_set(
			        err, ERR_DATA, "\"secrets\" has a key that is none of those of credentials.conf");
		if (!is_secret(text) || (!json_text(one) && !json_is_null(one)))
			return err_set(err, ERR_DATA, "\"%s\" is no text of at most %d bytes without blanks",
			        credential_key(value->credential), ADAPTER_SECRET_MAX);
		for (int i = 0; i < out->secret_count; i++)
			if (out->secrets[i].credential == value->credential)
				return err_set(
				        err, ERR_DATA, "\"%s\" is there twice", credential_key(value->credential));
		value->value = arena_strdup(arena, text);
		out->secret_count++;
	}
	return out->secret_count ? 0 : err_set(err, ERR_DATA, "\"secrets\" is missing, or empty");
}

/* --- the rest */

static int read_gap(const json *object, struct arena *arena, struct adapter_line *out, struct err *err)
{
	out->source = words(object, "source", arena);
	out->reason = words(object, "reason", arena);
	if (!record_time(object, "from", &out->from) || !record_time(object, "to", &out->to) || !out->to ||
	        out->from >= out->to)
		return err_set(err, ERR_DATA, "\"from\" and \"to\" are no two times like 2026-08-21T09:14:05Z");
	if (!*out->source || !*out->reason)
		return err_set(err, ERR_DATA, "\"source\" or \"reason\" is missing");
	return 0;
}

static int read_state(const json *object, struct arena *arena, struct adapter_line *out, struct err *err)
{
	const char *word = json_str_or(object, "state", "");
	bool known = account_state_parse(word, &out->state);
	if (!known || out->state == ACCOUNT_NEVER || out->state == ACCOUNT_CONNECTING)
		return err_set(err, ERR_DATA,
		        "\"state\" is \"%.40s\", expected live, catching up, retrying, rate limited, needs login or "
		        "failed",
		        word);
	if (!record_time(object, "until", &out->until))
		return err_set(err, ERR_DATA, "\"until\" is no time like 2026-08-21T09:14:05Z");
	out->reason = words(object, "reason", arena);
	return 0;
}

static const struct {
	const char *word;
	enum call_outcome outcome;
} outcomes[] = {{"ok", CALL_OK}, {"not-sent", CALL_NOT_SENT}, {"unknown", CALL_UNKNOWN}, {"refused", CALL_REFUSED},
        {"gone", CALL_GONE}, {"no-access", CALL_NO_ACCESS}};

/* Whatever else is wrong with it, it is the answer: who waits is told that the outcome is not known. */
static int read_answer(
        const json *object, const char *network, struct arena *arena, struct adapter_line *out, struct err *err)
{
	const json *posts = json_get(object, "posts");
	const char *word = json_str_or(object, "outcome", "");
	struct call_result *result = &out->result;
	char cut[40];
	out->id = json_int(object, "id", 0);
	if (out->id <= 0)
		return err_set(err, ERR_DATA, "\"id\" is missing");
	result->outcome = CALL_UNKNOWN;
	str_copy(cut, sizeof cut, word);
	result->reason = arena_printf(arena, "the adapter answers with the outcome \"%s\", which is none", cut);
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
		if (str_eq(outcomes[i].word, word)) {
			result->outcome = outcomes[i].outcome;
			result->reason = words(object, "reason", arena);
		}
	}
	record_time(object, "retry_at", &result->retry_at);
	struct item *items = arena_array(arena, struct item, json_is_array(posts) ? json_count(posts) + 1 : 1);
	for (const json *post = json_is_array(posts) ? json_first(posts) : NULL; post; post = json_next(post)) {
		if (read_item(post, false, network, arena, &items[result->count], &out->why))
			out->dropped++;
		else
			result->count++;
	}
	result->items = items;
	return 0;
}

/* --- a line */

static const struct {
	const char *word;
	enum adapter_type type;
} types[] = {{"hello", ADAPTER_HELLO}, {"facts", ADAPTER_FACTS}, {"post", ADAPTER_POST}, {"edit", ADAPTER_POST},
        {"delete", ADAPTER_DELETE}, {"customer", ADAPTER_CUSTOMER}, {"position", ADAPTER_POSITION},
        {"gap", ADAPTER_GAP}, {"state", ADAPTER_STATE}, {"cost", ADAPTER_CHARGE}, {"secrets", ADAPTER_SECRETS},
        {"alive", ADAPTER_ALIVE}, {"answer", ADAPTER_ANSWER}};

static int read_position(const json *object, struct arena *arena, struct adapter_line *out, struct err *err)
{
	const char *position = json_str(object, "position");
	if (position && strlen(position) > ADAPTER_POSITION_MAX)
		return err_set(err, ERR_DATA, "\"position\" has more than %d bytes", ADAPTER_POSITION_MAX);
	if (position && out->type != ADAPTER_ANSWER)
		out->position = record_text(object, "position", arena);
	return out->type == ADAPTER_POSITION && !out->position ? err_set(err, ERR_DATA, "\"position\" is missing") : 0;
}

static int read_line(
        const json *object, const char *network, struct arena *arena, struct adapter_line *out, struct err *err)
{
	int rc = read_position(object, arena, out, err);
	if (rc)
		return rc;
	switch (out->type) {
	case ADAPTER_HELLO: return read_hello(object, arena, out, err);
	case ADAPTER_FACTS: return read_facts(object, arena, out, err);
	case ADAPTER_POST: return read_post(object, network, arena, out, err);
	case ADAPTER_DELETE: return read_delete(object, arena, &out->item, err);
	case ADAPTER_CUSTOMER: return read_customer(object, network, arena, &out->item, err);
	case ADAPTER_GAP: return read_gap(object, arena, out, err);
	case ADAPTER_STATE: return read_state(object, arena, out, err);
	case ADAPTER_CHARGE: return read_cost(object, out, err);
	case ADAPTER_SECRETS: return read_secrets(object, arena, out, err);
	case ADAPTER_ANSWER: return read_answer(object, network, arena, out, err);
	case ADAPTER_POSITION:
	case ADAPTER_ALIVE:
	case ADAPTER_UNKNOWN: break;
	}
	return 0;
}

static void wipe_texts(const json *secrets)
{
	for (const json *one = json_is_object(secrets) ? json_first(secrets) : NULL; one; one = json_next(one))
		if (json_text(one))
			secret_wipe((char *)json_text(one), strlen(json_text(one)));
}

int adapter_decode(const char *bytes, size_t len, const char *network, struct arena *arena, struct adapter_line *out,
        struct err *err)
{
	*out = (struct adapter_line){.type = ADAPTER_UNKNOWN, .name = "", .network = "", .source = "", .reason = ""};
	out->facts.handle = out->facts.prices.currency = out->result.reason = "";
	out->item = (struct item){.root_remote_id = ""};
	json *object = json_read(bytes, len, err);
	if (!object)
		return -(int)err->code;
	const char *type = json_str(object, "type");
	for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
		if (str_eq(types[i].word, type))
			out->type = types[i].type;
	int rc = type ? read_line(object, network, arena, out, err) : err_set(err, ERR_DATA, "\"type\" is missing");
	if (rc && type)
		err_prefix(err, "%.40s", type);
	wipe_texts(json_get(object, "secrets"));
	json_free(object);
	return rc;
}
