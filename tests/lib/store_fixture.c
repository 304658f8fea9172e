#include "tests/lib/store_fixture.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/text/similar.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int64_t fixture_wall_ms = NOON, fixture_mono_ms = 1000, fixture_look_ms;

int64_t clock_wall_ms(void)
{
	return fixture_wall_ms;
}

int64_t clock_mono_ms(void)
{
	return fixture_mono_ms += fixture_look_ms;
}

int clock_change_fd(void)
{
	return -1;
}

void clock_change_clear(void)
{
}

int fixture_setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	fixture_wall_ms = NOON;
	snprintf(f->dir, sizeof f->dir, "%.80s/curlew-store-XXXXXX", str_or(getenv("TMPDIR"), "/tmp"));
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof f->path, "%s/desk.db", f->dir);
	snprintf(f->uri, sizeof f->uri, "sqlite:%s", f->path);
	f->store = fixture_open(f, STORE_COURIER);
	struct account_setup setup = {"acme", "mastodon", "https://mas.example", "@acme"};
	assert_int_equal(store_accounts_sync(f->store, &setup, 1, &f->err), 0);
	f->account = 1;
	*state = f;
	return 0;
}

static void remove_dir(const char *dir)
{
	DIR *d = opendir(dir);
	for (struct dirent *e; d && (e = readdir(d));) {
		char *path = path_join(dir, e->d_name);
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			unlink(path);
		free(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;
	store_close(f->store);
	arena_release(&f->arena);
	remove_dir(f->dir);
	free(f);
	return 0;
}

static void check(const struct err *err, int result)
{
	if (result)
		fail_msg("%s (%d)", err->text, result);
}

struct store *fixture_open(struct fixture *f, enum store_open_how how)
{
	struct store *store = NULL;
	check(&f->err, store_open(f->uri, how, &store, &f->err));
	return store;
}

/* --- posts */

static struct incoming post_of(const char *remote_id, const char *parent, int64_t at, const char *text)
{
	return (struct incoming){.kind = INCOMING_POST,
	        .post = {.remote_id = remote_id,
	                .parent_remote_id = parent,
	                .created_at = at,
	                .text = text,
	                .language = "en",
	                .addressed = true},
	        .root_remote_id = "",
	        .marks = {.summary = text, .simhash = similar_hash(text)}};
}

struct incoming post_context(
        const char *author, const char *remote_id, const char *parent, int64_t at, const char *text)
{
	struct incoming item = post_of(remote_id, parent, at, text);
	item.post.direction = DIR_IN;
	item.post.author_handle = author;
	item.customer = (struct customer){
	        .remote_key = author, .remote_id = author, .handle = author, .name = author, .followers = -1};
	return item;
}

struct incoming post_in(const char *author, const char *remote_id, const char *parent, int64_t at, const char *text)
{
	struct incoming item = post_context(author, remote_id, parent, at, text);
	item.mention = true;
	return item;
}

struct incoming post_out(const char *remote_id, const char *parent, int64_t at, const char *text)
{
	struct incoming item = post_of(remote_id, parent, at, text);
	item.post.direction = DIR_OUT;
	item.post.author_handle = "@acme";
	return item;
}

struct incoming post_deleted(const char *remote_id, int64_t at)
{
	return (struct incoming){.kind = INCOMING_DELETE, .post = {.remote_id = remote_id, .deleted_at = at}};
}

int take(struct fixture *f, const struct incoming *items, int count)
{
	int fresh = -1;
	check(&f->err, store_ingest(f->store, f->account, items, count, NULL, NULL, &fresh, &f->err));
	return fresh;
}

int take_one(struct fixture *f, struct incoming item)
{
	return take(f, &item, 1);
}

/* --- reading */

const struct kase *get_case(struct fixture *f, int64_t id)
{
	const struct kase *kase;
	check(&f->err, store_case(f->store, id, "alice", &f->arena, &kase, &f->err));
	return kase;
}

const struct case_view *get_view(struct fixture *f, int64_t id)
{
	const struct case_view *view;
	check(&f->err, store_case_view(f->store, id, "alice", 0, &f->arena, &view, &f->err));
	return view;
}

static const struct query *parsed(struct fixture *f, const char *text)
{
	const struct query *query;
	size_t at;
	check(&f->err, query_parse(text, "alice", &f->arena, &query, &at, &f->err));
	return query;
}

int64_t count_of(struct fixture *f, const char *query)
{
	int64_t count = -1;
	check(&f->err, store_count(f->store, parsed(f, query), "alice", &count, &f->err));
	return count;
}

const char *ids_of(struct fixture *f, const char *query)
{
	const struct kase *cases;
	int count;
	bool more;
	struct str out = STR_INIT;
	check(&f->err, store_cases(f->store, parsed(f, query), "alice", NULL, false, 100, &f->arena, &cases, &count,
	                       &more, &f->err));
	for (int i = 0; i < count; i++)
		str_addf(&out, "%s%lld", i ? " " : "", (long long)cases[i].id);
	const char *ids = arena_strdup(&f->arena, out.p);
	str_release(&out);
	return ids;
}

const char *journal_of(struct fixture *f, int64_t id)
{
	const struct case_view *view = get_view(f, id);
	struct str out = STR_INIT;
	for (int i = 0; i < view->item_count; i++)
		if (view->items[i].entry)
			str_addf(&out, "%s%s", out.len ? " " : "", view->items[i].entry->action);
	const char *actions = arena_strdup(&f->arena, out.p);
	str_release(&out);
	return actions;
}

struct action_result act(struct fixture *f, enum action_kind kind, int64_t case_id, const char *agent, const char *arg)
{
	struct action action = {.kind = kind, .case_id = case_id, .agent = agent, .arg = arg, .text = ""};
	struct action_result result;
	check(&f->err, store_act(f->store, &action, fixture_wall_ms, &f->arena, &result, &f->err));
	return result;
}
