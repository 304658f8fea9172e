/* curlew do CASE reply: leaves a draft, or holds and sends. */
#include "tui/cli.h"

#include "core/base/clock.h"
#include "core/model/reply_text.h"
#include "tui/desk/compose.h"

#include <string.h>

struct answer {
	const struct case_view *view;
	const struct account *account;
	const struct config_account *setup; /* NULL when it is no longer configured */
	const struct post *to;              /* the customer's newest */
	const char *text;
};

static int find_account(struct cli *cli, struct answer *answer, struct arena *arena, struct err *err)
{
	const struct account *accounts;
	int count;
	int result = store_accounts(cli->store, arena, &accounts, &count, err);
	for (int i = 0; !result && i < count; i++)
		if (accounts[i].id == answer->view->kase.account_id)
			answer->account = &accounts[i];
	if (!result && !answer->account)
		result = err_set(err, ERR_STATE, "its account %s is no longer configured", answer->view->kase.account);
	answer->setup = config_account(&cli->config, answer->view->kase.account);
	return result;
}

static int begin(
        struct cli *cli, int64_t case_id, const char *text, struct arena *arena, struct answer *answer, struct err *err)
{
	*answer = (struct answer){.text = text};
	int result = store_case_view(cli->store, case_id, cli->agent, 0, arena, &answer->view, err);
	if (!result)
		result = find_account(cli, answer, arena, err);
	if (!result)
		result = store_newest_post(cli->store, case_id, arena, &answer->to, err);
	if (!result && !answer->to)
		result = err_set(err, ERR_STATE, "the customer has said nothing here that could be answered");
	return result;
}

/* What the agent typed at the desk is not lost to a script. */
static int find_draft(const struct answer *answer, struct draft *draft, struct err *err)
{
	*draft = (struct draft){.case_id = answer->view->kase.id,
	        .kind = DRAFT_REPLY,
	        .text = answer->text,
	        .cursor = (int)strlen(answer->text),
	        .to_remote_id = answer->to->remote_id,
	        .warning = answer->to->warning,
	        .language = answer->setup ? answer->setup->language : ""};
	for (int i = 0; i < answer->view->draft_count; i++) {
		const struct draft *stored = &answer->view->drafts[i];
		if (stored->kind != DRAFT_REPLY)
			continue;
		if (*stored->text && !str_eq(stored->text, answer->text))
			return err_set(err, ERR_STATE,
			        "there is another draft of yours already; send or discard it at the desk");
		draft->revision = stored->revision;
		draft->begun_at = stored->begun_at;
	}
	return 0;
}

static int leave_draft(struct cli *cli, struct draft *draft, struct arena *arena, struct err *err)
{
	const char *conflict;
	int result = store_draft_save(cli->store, cli->agent, draft, arena, &conflict, err);
	if (!result && conflict && *conflict)
		cli_complain("case %lld: a draft of yours stood there, and stands below this one: %s",
		        (long long)draft->case_id, conflict);
	return result ? result : cli_print(err, "#%lld draft kept\n", (long long)draft->case_id);
}

/* --- sending */

static bool has_placeholder(const char *text)
{
	struct compose compose;
	size_t at, len;
	compose_init(&compose);
	compose_set(&compose, text, 0);
	bool found = compose_placeholder(&compose, 0, &at, &len);
	compose_release(&compose);
	return found;
}

/* At the desk somebody can say that it is meant. */
static int check_recipients(const struct answer *answer, const char *published, struct err *err)
{
	struct arena arena = ARENA_INIT;
	const char *const *handles;
	int count, result = 0;
	reply_overheard_by(published, answer->account, answer->to->author_handle,
	        reply_visibility(answer->to->visibility, VIS_PUBLIC), &arena, &handles, &count);
	if (count)
		result = err_set(err, ERR_DATA,
		        "not sent: %s%s would read it, too, since it names them: send it at the desk", handles[0],
		        count > 1 ? " and others" : "");
	arena_release(&arena);
	return result;
}

static int check_sendable(const struct answer *answer, const char *published, struct err *err)
{
	int left;
	if (has_placeholder(answer->text))
		return err_set(err, ERR_DATA, "not sent: a {placeholder?} is not filled in");
	if (reply_left(answer->account, published, answer->to->warning, &left) && left < 0)
		return err_set(err, ERR_LIMIT, "not sent: %d over the %d that %s takes", -left,
		        answer->account->limits.max, answer->account->name);
	return check_recipients(answer, published, err);
}

static int64_t newest_post_id(const struct case_view *view)
{
	for (int i = view->item_count; i-- > 0;)
		if (view->items[i].post)
			return view->items[i].post->id;
	return 0;
}

/* Whatever else stands against it, the courier sees when the hold is over, and stops it. */
static int hold(struct cli *cli, const struct answer *answer, const char *published, struct err *err)
{
	int64_t now = clock_wall_ms(), id;
	const struct reply reply = {.case_id = answer->view->kase.id,
	        .account_id = answer->account->id,
	        .kind = REPLY_KIND_POST,
	        .agent = cli->agent,
	        .to_remote_id = answer->to->remote_id,
	        .to_handle = answer->to->author_handle,
	        .text = published,
	        .typed = answer->text,
	        .visibility = reply_visibility(answer->to->visibility, VIS_PUBLIC),
	        .language = answer->setup ? answer->setup->language : "",
	        .warning = answer->to->warning,
	        .follow = "stay",
	        .seen_post_id = newest_post_id(answer->view),
	        .created_at = now,
	        .hold_until = now + cli->config.desk.undo_window};
	int result = store_reply_hold(cli->store, &reply, DRAFT_REPLY, &id, err);
	if (result)
		return result;
	return cli_print(err, "#%lld reply held for %llds, then sent to %s (%s)\n", (long long)reply.case_id,
	        (long long)(cli->config.desk.undo_window / 1000), reply.to_handle, visibility_name(reply.visibility));
}

static int hold_and_send(struct cli *cli, const struct answer *answer, struct err *err)
{
	struct str published = STR_INIT;
	reply_published(answer->account, answer->to->author_handle, answer->text,
	        answer->setup ? answer->setup->signature : "", cli->agent, &published);
	int result = check_sendable(answer, published.p, err);
	if (!result)
		result = courier_ensure(cli, err);
	if (!result)
		result = hold(cli, answer, published.p, err);
	str_release(&published);
	return result;
}

/* --- the command */

static const char *take_flag(const char *args, bool *sends)
{
	static const char flag[] = "--send";
	size_t len = strlen(flag);
	*sends = str_starts(args, flag) && (!args[len] || args[len] == ' ');
	return *sends ? args + len + strspn(args + len, " ") : args;
}

int reply_command(struct cli *cli, int64_t case_id, const char *args, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct answer answer;
	struct draft draft;
	bool sends;
	const char *text = take_flag(args, &sends);
	int result = 0;
	if (!text[strspn(text, " \t\r\n")])
		result = err_set(err, ERR_USAGE, "reply needs TEXT");
	if (!result)
		result = begin(cli, case_id, text, &arena, &answer, err);
	if (!result)
		result = find_draft(&answer, &draft, err);
	if (!result)
		result = sends ? hold_and_send(cli, &answer, err) : leave_draft(cli, &draft, &arena, err);
	arena_release(&arena);
	return result;
}
