/* A reply, step by step: its files, what it answers, whom it names; then it is put. Nothing is said before the last
 * step, and each of them can be made again. */
#include "core/network/bluesky_parts.h"

#include "core/base/mem.h"
#include "core/base/timefmt.h"
#include "core/model/attachment.h"
#include "core/net/url_escape.h"
#include "core/text/facet.h"

#include <string.h>

static void ask_name(struct bluesky_call *call);

/* --- the last step */

static json *index_of(const struct facet *facet)
{
	json *index = json_object();
	json_set_int(index, "byteStart", (int64_t)facet->begin);
	json_set_int(index, "byteEnd", (int64_t)facet->end);
	return index;
}

void bluesky_add_facet(json *facets, const struct facet *facet, const char *did)
{
	static const char *const types[] = {
	        "app.bsky.richtext.facet#mention", "app.bsky.richtext.facet#link", "app.bsky.richtext.facet#tag"};
	static const char *const keys[] = {"did", "uri", "tag"};
	json *one = json_object(), *feature = json_object(), *features = json_array();
	json_set_str(feature, "$type", types[facet->kind]);
	json_set_str(feature, keys[facet->kind], facet->kind == FACET_MENTION ? did : facet->target);
	json_push(features, feature);
	json_set(one, "index", index_of(facet));
	json_set(one, "features", features);
	json_push(facets, one);
}

static void put_reply(struct bluesky_call *call)
{
	const struct facet_text *text = call->text;
	json *facets = json_array();
	for (int i = 0; i < text->count; i++)
		if (text->facets[i].kind != FACET_MENTION || call->dids[i])
			bluesky_add_facet(facets, &text->facets[i], call->dids[i]);
	if (json_count(facets))
		json_set(call->record, "facets", facets);
	else
		json_free(facets);
	bluesky_put(call);
}

/* --- whom it names */

static void name_resolved(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	const char *handle = call->text->facets[call->name].target, *did = json_str(answer->body, "did");
	bool nobody = answer->status == 400 && answer->fault == BLUESKY_FAULT_OTHER;
	if (!nobody && !bluesky_call_reads_on(call, answer))
		return;
	if (!nobody && bluesky_is_did(did))
		call->dids[call->name] = arena_strdup(&call->arena, did);
	else
		str_addf(&call->warning, "%s@%s", call->warning.len ? ", " : "nobody has the handle ", handle);
	call->name++;
	ask_name(call);
}

static void ask_name(struct bluesky_call *call)
{
	const struct facet_text *text = call->text;
	while (call->name < text->count && text->facets[call->name].kind != FACET_MENTION)
		call->name++;
	if (call->name == text->count) {
		put_reply(call);
		return;
	}
	struct str name = STR_INIT;
	str_adds(&name, "com.atproto.identity.resolveHandle?handle=");
	url_escape(&name, text->facets[call->name].target);
	bluesky_call_ask(call, name.p, NULL, name_resolved);
	str_release(&name);
}

/* --- what it answers */

static json *reference(const json *of)
{
	json *out = json_object();
	json_set_str(out, "uri", json_str_or(of, "uri", ""));
	json_set_str(out, "cid", json_str_or(of, "cid", ""));
	return out;
}

/* `of` has the uri and cid of what is answered; its record names the root, or is it. */
static void refer_to(struct bluesky_call *call, const json *of, const json *record)
{
	const json *root = json_path(record, "reply.root");
	json *reply = json_object();
	json_set(reply, "root", reference(json_str(root, "cid") ? root : of));
	json_set(reply, "parent", reference(of));
	json_set(call->record, "reply", reply);
	ask_name(call);
}

static void parent_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	struct item item;
	struct err err = ERR_INIT;
	if (!bluesky_call_reads_on(call, answer))
		return;
	const json *view = json_first(json_get(answer->body, "posts"));
	if (!view)
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_GONE});
	else if (bluesky_decode_post(&call->b->decoder, view, &call->arena, &item, &err))
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_REFUSED, .reason = err.text});
	else if (*item.post.reply_refusal)
		bluesky_call_end(
		        call, &(struct call_result){.outcome = CALL_REFUSED, .reason = item.post.reply_refusal});
	else
		refer_to(call, view, json_get(view, "record"));
}

static void own_parent_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (bluesky_call_reads_on(call, answer))
		refer_to(call, answer->body, json_get(answer->body, "value"));
}

/* Where it answers a post of ours, our repository knows that at once, and readers' servers only after a while. */
static void ask_parent(struct bluesky_call *call)
{
	if (!*call->remote_id)
		ask_name(call);
	else if (bluesky_uri_is_of(call->remote_id, call->b->self.remote_key))
		bluesky_call_ask_record(call, call->collection, strrchr(call->remote_id, '/') + 1, own_parent_read);
	else
		bluesky_call_ask_post(call, call->remote_id, parent_read);
}

/* --- its files */

static void uploaded(void *arg, const struct upload_result *result)
{
	struct bluesky_call *call = arg;
	call->upload = NULL; /* gone when this returns */
	if (result->outcome != CALL_OK) {
		bluesky_call_end(call,
		        &(struct call_result){
		                .outcome = result->outcome, .retry_at = result->retry_at, .reason = result->reason});
		return;
	}
	json *embed = json_object(), *images = json_array();
	for (int i = 0; i < result->count; i++) {
		json *image = json_object();
		json_set(image, "image", json_parse(result->ids[i], strlen(result->ids[i]), NULL));
		json_set_str(image, "alt", str_or(call->files[i].alt, ""));
		json_push(images, image);
	}
	json_set_str(embed, "$type", "app.bsky.embed.images");
	json_set(embed, "images", images);
	json_set(call->record, "embed", embed);
	ask_parent(call);
}

static const struct attachment *copy_files(struct arena *arena, const struct reply *reply)
{
	struct attachment *files = arena_array(arena, struct attachment, (size_t)reply->file_count + 1);
	for (int i = 0; i < reply->file_count; i++)
		files[i] = (struct attachment){arena_strdup(arena, reply->files[i].path),
		        arena_strdup(arena, str_or(reply->files[i].alt, ""))};
	return files;
}

void bluesky_publish(struct bluesky_call *call, const struct reply *reply)
{
	char at[32];
	struct arena *arena = &call->arena;
	json *langs = json_array();
	call->text = arena_new(arena, struct facet_text);
	facet_text_of(str_or(reply->text, ""), arena, call->text);
	call->dids = arena_array(arena, const char *, (size_t)call->text->count + 1);
	time_format_rfc3339(reply->created_at, at, sizeof at);
	call->record = json_object();
	json_set_str(call->record, "$type", call->collection);
	json_set_str(call->record, "text", call->text->text);
	json_set_str(call->record, "createdAt", at);
	if (*str_or(reply->language, "")) {
		json_push_str(langs, reply->language);
		json_set(call->record, "langs", langs);
	} else {
		json_free(langs);
	}
	if (reply->file_count) {
		call->files = copy_files(arena, reply);
		call->upload = upload_begin(
		        &bluesky_uploads, call->b, call->b->timers, call->files, reply->file_count, uploaded, call);
	} else {
		ask_parent(call);
	}
}
