#include "tui/import_record.h"

#include "core/base/str.h"
#include "core/model/record.h"
#include "core/triage/triage.h"

#include <string.h>

const struct account *import_account(const json *record, const struct account *accounts, int count, struct err *err)
{
	const char *type = json_str_or(record, "type", "post"), *name = json_str_or(record, "account", "");
	const char *network = json_str_or(record, "network", "");
	const struct account *account = NULL;
	for (int i = 0; i < count; i++)
		if (str_eq(accounts[i].name, name))
			account = &accounts[i];
	if (!json_is_object(record))
		err_set(err, ERR_DATA, "found no JSON object");
	else if (!str_eq(type, "post"))
		err_set(err, ERR_DATA, "\"type\" is \"%.40s\", expected \"post\"", type);
	else if (!account)
		err_set(err, ERR_DATA, "\"account\" is \"%.64s\", expected one of the configuration's", name);
	else if (*network && !str_eq(network, account->network))
		err_set(err, ERR_DATA, "\"network\" is \"%.64s\", but account %s is on %s", network, name,
		        account->network);
	return err->code ? NULL : account;
}

static void mark(struct arena *arena, struct incoming *row)
{
	struct triage found;
	triage_post(&row->post, &row->customer, &found);
	row->marks = (struct triage_marks){.praise = found.praise,
	        .question = found.question,
	        .personal_data = found.personal_data,
	        .priority = found.priority,
	        .summary = arena_strdup(arena, found.summary),
	        .simhash = found.alike};
}

int import_record(const json *object, const struct account *account, int64_t now, struct arena *arena,
        struct incoming *row, struct err *err)
{
	struct record record;
	int rc = record_read(object, true, arena, &record, err);
	if (rc)
		return rc;
	*row = (struct incoming){.kind = INCOMING_POST,
	        .post = record.post,
	        .customer = record.customer,
	        .mention = record.mention,
	        .root_remote_id = record.root_remote_id};
	row->customer.network = account->network;
	row->post.received_at = now;
	if (row->post.direction == DIR_IN)
		mark(arena, row);
	return 0;
}
