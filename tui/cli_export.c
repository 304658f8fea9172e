/* curlew export: every post as JSON Lines, in the record format of adapters (curlew-adapter(7)); with --customer, all
 * that is held on one person. */
#include "tui/cli.h"

#include "core/store/erase.h"

#include <string.h>

struct export
{
	struct cli *cli;
	struct err *err;
	int64_t case_id, customer_id; /* whose that case is: posts of one follow each other */
};

/* The store keeps handles and links separated by blanks. */
static json *words_json(const char *words)
{
	json *list = json_array();
	while (*(words += strspn(words, " "))) {
		size_t len = strcspn(words, " ");
		struct str word = STR_INIT;
		str_add(&word, words, len);
		json_push_str(list, word.p);
		str_release(&word);
		words += len;
	}
	return list;
}

static json *author_json(const struct post *post, const struct customer *customer)
{
	json *author = json_object();
	json_set_str(author, "handle", post->author_handle);
	json_set_str(author, "name", post->author_name);
	if (!customer)
		return author;
	json_set_str(author, "key", customer->remote_key);
	json_set_str(author, "id", customer->remote_id);
	json_set_str(author, "url", customer->url);
	if (customer->followers >= 0)
		json_set_int(author, "followers", customer->followers);
	json_set_time(author, "created_at", customer->created_at);
	json_set_bool(author, "bot", customer->bot);
	return author;
}

static void set_or_null(json *row, const char *key, const char *text)
{
	json_set_str(row, key, *text ? text : NULL);
}

static json *record(const struct account *account, const struct post *post, const struct customer *customer,
        int64_t case_id, bool mention)
{
	json *row = json_object();
	json_set_str(row, "type", "post");
	json_set_str(row, "network", account->network);
	json_set_str(row, "account", account->name);
	json_set_str(row, "remote_id", post->remote_id);
	set_or_null(row, "uri", post->uri);
	set_or_null(row, "url", post->url);
	set_or_null(row, "parent", post->parent_remote_id);
	json_set_str(row, "direction", direction_name(post->direction));
	json_set(row, "author", author_json(post, customer));
	json_set_str(row, "text", post->text);
	set_or_null(row, "warning", post->warning);
	json_set_bool(row, "sensitive", post->sensitive);
	set_or_null(row, "language", post->language);
	json_set_str(row, "visibility", visibility_name(post->visibility));
	json_set_time(row, "created_at", post->created_at);
	json_set_time(row, "edited_at", post->edited_at);
	json_set_time(row, "deleted_at", post->deleted_at);
	json_set_bool(row, "mention", mention);
	json_set_bool(row, "addressed", post->addressed);
	json_set(row, "mentions", words_json(post->mentions));
	json_set(row, "links", words_json(post->links));
	json_set(row, "media", media_json(post));
	json_set_int(row, "boosts", post->boosts);
	json_set_int(row, "likes", post->likes);
	json_set_int(row, "replies", post->replies);
	json_set_bool(row, "liked", post->liked_by_us);
	json_set_bool(row, "boosted", post->boosted_by_us);
	set_or_null(row, "sent_by", post->sent_by);
	if (case_id)
		json_set_int(row, "case", case_id);
	else
		json_set_str(row, "case", NULL);
	return row;
}

/* What a bystander says in the thread of a case counts for none. */
static int author_owns_case(struct export *export, const struct post *post, int64_t case_id, bool *owns)
{
	int result = 0;
	if (case_id && case_id != export->case_id) {
		struct arena arena = ARENA_INIT;
		const struct post *newest = NULL;
		result = store_newest_post(export->cli->store, case_id, &arena, &newest, export->err);
		export->case_id = case_id;
		export->customer_id = newest ? newest->customer_id : 0;
		arena_release(&arena);
	}
	*owns = post->direction == DIR_IN && case_id && post->customer_id == export->customer_id;
	return result;
}

static int print_record(void *arg, const struct account *account, const struct post *post,
        const struct customer *customer, int64_t case_id)
{
	struct export *export = arg;
	bool mention;
	int result = author_owns_case(export, post, case_id, &mention);
	if (result)
		return result;
	return cli_print_json(record(account, post, customer, case_id, mention), export->err);
}

static int print_customer(const struct customer *customer, const struct customer *joined, int count, struct err *err)
{
	json *row = json_object(), *others = json_array();
	json_set_str(row, "type", "customer");
	json_set_int(row, "number", customer->id);
	json_set_str(row, "network", customer->network);
	json_set_str(row, "key", customer->remote_key);
	json_set_str(row, "id", customer->remote_id);
	json_set_str(row, "handle", customer->handle);
	json_set_str(row, "name", customer->name);
	set_or_null(row, "url", customer->url);
	if (customer->followers >= 0)
		json_set_int(row, "followers", customer->followers);
	json_set_time(row, "created_at", customer->created_at);
	json_set_bool(row, "bot", customer->bot);
	json_set_time(row, "muted_until", customer->muted_until);
	for (int i = 0; i < count; i++) {
		json *other = json_object();
		json_set_int(other, "number", joined[i].id);
		json_set_str(other, "network", joined[i].network);
		json_set_str(other, "handle", joined[i].handle);
		json_push(others, other);
	}
	json_set(row, "joined", others);
	return cli_print_json(row, err);
}

static int print_held(void *arg, const struct held_row *held)
{
	struct export *export = arg;
	json *row = json_object();
	json_set_str(row, "type", held->type);
	json_set_int(row, "case", held->case_id);
	json_set_time(row, "at", held->at);
	set_or_null(row, "by", held->by);
	json_set_str(row, "what", held->what);
	json_set_str(row, "text", held->text);
	return cli_print_json(row, export->err);
}

static int export_customer(struct export *export, const char *who)
{
	struct store *store = export->cli->store;
	struct customer customer;
	const struct customer *joined;
	int count;
	int result = store_customer_find(store, who, &export->cli->arena, &customer, export->err);
	if (!result)
		result = store_joined(store, customer.id, &export->cli->arena, &joined, &count, export->err);
	if (!result)
		result = print_customer(&customer, joined, count, export->err);
	if (!result)
		result = store_export_customer(store, customer.id, print_record, export, export->err);
	return result ? result : store_held(store, customer.id, print_held, export, export->err);
}

int cli_export(struct cli *cli, int argc, char **argv, struct err *err)
{
	struct export export = {.cli = cli, .err = err};
	const char *who = NULL;
	const struct cli_option options[] = {{"--customer", &who, NULL}};
	int result = cli_options(options, 1, &argc, argv, err);
	if (!result && argc)
		result = err_set(err, ERR_USAGE, "export takes no words, found \"%.60s\"", argv[0]);
	if (!result)
		result = cli_store(cli, STORE_READ, false, err);
	if (result)
		return result;
	return who ? export_customer(&export, who) : store_export(cli->store, print_record, &export, err);
}
