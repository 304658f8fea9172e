#include "tests/fault/sim_server.h"

#include "core/base/mem.h"

#include <string.h>

#define CUSTOMERS 4
#define SERVER_EPOCH (SIM_WALL - SIM_MONO)

struct server servers[SIM_SERVERS];

static const char *const account_names[SIM_SERVERS] = {"acme", "acme-help"};

void servers_init(void)
{
	for (int i = 0; i < SIM_SERVERS; i++)
		servers[i] = (struct server){.number = i,
		        .name = account_names[i],
		        .honours = sim_pick(2) == 0,
		        .edits = sim_pick(2) == 0,
		        .max = sim_pick(3) ? 500 : 45};
}

void servers_release(void)
{
	for (int i = 0; i < SIM_SERVERS; i++) {
		vec_release(&servers[i].posts);
		vec_release(&servers[i].notices);
		vec_release(&servers[i].keys);
		vec_release(&servers[i].sayings);
	}
}

struct server_post *server_post(struct server *server, int id)
{
	return id > 0 && (size_t)id <= server->posts.len ? &server->posts.at[id - 1] : NULL;
}

struct server_post *server_post_by_id(struct server *server, const char *remote_id)
{
	int64_t id;
	return parse_i64(str_or(remote_id, ""), &id) ? server_post(server, (int)id) : NULL;
}

int server_published(const struct server *server, const char *text)
{
	int count = 0;
	for (size_t i = 0; i < server->sayings.len; i++)
		count += str_eq(server->sayings.at[i].text, text);
	return count;
}

/* --- writing */

/* Servers have clocks of their own, which nobody sets. */
static int64_t server_now(void)
{
	return SERVER_EPOCH + sim.mono;
}

static struct server_post *add_post(struct server *server, int author, int parent, const char *text)
{
	const struct server_post *above = server_post(server, parent);
	int id = (int)server->posts.len + 1, root = above ? above->root : id;
	vec_push(&server->posts, (struct server_post){.id = id,
	                                 .author = author,
	                                 .parent = parent,
	                                 .root = root,
	                                 .text = arena_strdup(&sim.arena, text),
	                                 .created_at = server_now()});
	return server_post(server, id);
}

static void notify(struct server *server, struct server_post *post)
{
	post->mention = true;
	vec_push(&server->notices, post->id);
	post->notice = (int)server->notices.len;
}

static void customer_writes(struct server *server, int parent, bool mention)
{
	static const char *const words[] = {"where is my parcel", "thank you so much", "still nothing, how long?",
	        "is this @acme at all", "call me on 0170 1234567", "worst service ever", "it came, great!"};
	char text[96];
	snprintf(text, sizeof text, "%s #%d", words[sim_pick(7)], (int)server->posts.len + 1);
	struct server_post *post = add_post(server, 1 + sim_pick(CUSTOMERS), parent, text);
	if (mention)
		notify(server, post);
	sim_note("%s: customer %d writes %d%s, to %d: %s", server->name, post->author, post->id,
	        mention ? " to us" : "", parent, text);
	links_tell(server, post, false);
}

static struct server_post *some_post(struct server *server, bool of_customer)
{
	struct server_post *post = server->posts.len ? &server->posts.at[sim_pick((int)server->posts.len)] : NULL;
	return post && !post->deleted && (!of_customer || post->author) ? post : NULL;
}

static void customer_edits(struct server *server, struct server_post *post)
{
	post->text = arena_printf(&sim.arena, "%s" SERVER_EDITED, post->text);
	post->edited_at = server_now() > post->edited_at ? server_now() : post->edited_at + 1;
	sim_note("%s: %d is edited", server->name, post->id);
	links_tell(server, post, false);
}

static void customer_mends(struct server *server)
{
	struct server_post *post = server->posts.len ? &server->posts.at[server->posts.len - 1] : NULL;
	if (post && post->author && !post->deleted)
		customer_edits(server, post);
}

static void customer_deletes(struct server *server, struct server_post *post)
{
	post->deleted = true;
	sim_note("%s: %d is deleted", server->name, post->id);
	links_tell(server, post, true);
}

static void brand_writes(struct server *server, int parent)
{
	char text[64];
	snprintf(text, sizeof text, "from the web #%d", (int)server->posts.len + 1);
	struct server_post *post = add_post(server, 0, parent, text);
	sim_note("%s: the brand writes %d on the web, to %d", server->name, post->id, parent);
	links_tell(server, post, false);
}

void server_happens(struct server *server)
{
	struct server_post *some = some_post(server, false), *theirs = some_post(server, true);
	int what = sim_pick(100);
	if (what < 55 || !some) {
		customer_writes(server, 0, true);
		if (sim_pick(8) == 0)
			customer_mends(server);
	} else if (what < 75)
		customer_writes(server, some->id, true);
	else if (what < 82)
		customer_writes(server, some->id, false);
	else if (what < 88 && theirs)
		customer_edits(server, theirs);
	else if (what < 94 && theirs)
		customer_deletes(server, theirs);
	else
		brand_writes(server, some->id);
}

/* --- the courier's requests */

static const struct server_key *known_key(const struct server *server, const char *key)
{
	for (size_t i = 0; i < server->keys.len && server->honours && sim.lie != LIE_FORGOTTEN_KEY; i++)
		if (str_eq(server->keys.at[i].key, key))
			return &server->keys.at[i];
	return NULL;
}

static enum call_outcome publish(struct server *server, const struct reply *reply, struct server_post **out)
{
	const struct server_key *known = known_key(server, reply->idempotency_key);
	if (known) {
		*out = server_post(server, known->post);
		sim_note("%s: reply %lld is known by its key: %d", server->name, (long long)reply->id, known->post);
		return CALL_OK;
	}
	struct server_post *parent = server_post_by_id(server, reply->to_remote_id);
	if (!parent || parent->deleted)
		return CALL_GONE;
	int to = parent->id; /* a post more may move them all */
	*out = add_post(server, 0, to, reply->text);
	vec_push(&server->sayings, (struct saying){(*out)->text, (*out)->id, to});
	vec_push(&server->keys, (struct server_key){arena_strdup(&sim.arena, reply->idempotency_key), (*out)->id});
	sim_note("%s: PUBLISHED %d, reply %lld to %d: %s", server->name, (*out)->id, (long long)reply->id, to,
	        reply->text);
	links_tell(server, *out, false);
	return CALL_OK;
}

static void correct(struct server *server, struct server_post *post, const char *text)
{
	if (!server->edits)
		sim_fail("%s is asked to edit, which it cannot", server->name);
	if (str_eq(post->text, text))
		return;
	post->text = arena_strdup(&sim.arena, text);
	post->edited_at = server_now() > post->edited_at ? server_now() : post->edited_at + 1;
	vec_push(&server->sayings, (struct saying){post->text, post->id, 0});
	sim_note("%s: CORRECTED %d: %s", server->name, post->id, text);
	links_tell(server, post, false);
}

static void take_back(struct server *server, struct server_post *post)
{
	post->deleted = post->deleted_by_api = true;
	sim_note("%s: TAKEN BACK %d", server->name, post->id);
	links_tell(server, post, true);
}

enum call_outcome server_publish(struct server *server, const struct reply *reply, struct server_post **post)
{
	struct server_post *target = server_post_by_id(server, reply->to_remote_id);
	*post = NULL;
	if (reply->kind == REPLY_KIND_POST)
		return publish(server, reply, post);
	if (!target || target->deleted)
		return CALL_GONE;
	*post = target;
	switch (reply->kind) {
	case REPLY_KIND_EDIT: correct(server, target, reply->text); break;
	case REPLY_KIND_DELETE: take_back(server, target); break;
	default: target->liked = reply->kind == REPLY_KIND_LIKE; target->ever_liked |= target->liked;
	}
	return CALL_OK;
}

struct server_post *server_find(struct server *server, const struct reply *reply)
{
	if (sim.lie == LIE_BLIND_FIND)
		return NULL;
	for (size_t i = 0; i < server->posts.len; i++) {
		struct server_post *post = &server->posts.at[i];
		if (!post->author && str_eq(post->text, reply->text) && !post->deleted)
			return post;
	}
	return NULL;
}

/* --- on the wire */

static const char *number(int n)
{
	return n ? arena_printf(&sim.arena, "%d", n) : "";
}

struct item server_item_deleted(const struct server_post *post)
{
	return (struct item){.kind = ITEM_DELETE, .root_remote_id = "", .post.remote_id = number(post->id)};
}

int server_version(const char *text)
{
	int version = 0;
	for (const char *at = text; (at = strstr(at, SERVER_EDITED)); at++)
		version++;
	return version;
}

struct item server_item(struct server *server, const struct server_post *post)
{
	const char *handle = post->author ? arena_printf(&sim.arena, "@c%d@mas.example", post->author)
	                                  : arena_printf(&sim.arena, "@%s", server->name);
	struct item item = {.kind = ITEM_POST,
	        .mention = post->mention,
	        .root_remote_id = number(post->root),
	        .post = {.direction = post->author ? DIR_IN : DIR_OUT,
	                .remote_id = number(post->id),
	                .parent_remote_id = number(post->parent),
	                .uri = "",
	                .url = "",
	                .author_handle = handle,
	                .author_name = "",
	                .created_at = post->created_at,
	                .edited_at = sim.lie == LIE_OLD_VERSION ? 0 : post->edited_at,
	                .language = "en",
	                .warning = "",
	                .liked_by_us = post->liked,
	                .addressed = post->mention,
	                .text = post->text,
	                .mentions = "",
	                .links = "",
	                .sent_by = ""}};
	item.customer = (struct customer){.network = "mastodon",
	        .remote_key = handle,
	        .remote_id = handle,
	        .handle = handle,
	        .name = handle,
	        .url = "",
	        .followers = -1};
	return item;
}
