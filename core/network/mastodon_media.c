/* How a server of Mastodon's kind takes a file: POST /api/v2/media, and when it has to work on one, GET
 * /api/v1/media/:id until it is ready (docs.joinmastodon.org/methods/media). */
#include "core/network/mastodon_parts.h"

#define FILE_MAX (64u * 1024 * 1024) /* of a server that tells no limit */

static int64_t limit(const struct upload *upload)
{
	const struct mastodon *m = upload->network;
	int64_t most = attachment_limit(&m->instance.limits, upload_file(upload)->path);
	return most > 0 && most < (int64_t)FILE_MAX ? most : (int64_t)FILE_MAX;
}

static bool goes_on(struct upload *upload, const struct answer *answer)
{
	return upload_goes_on(upload,
	        &(struct upload_answer){.good = mastodon_answer_good(answer) && *json_str_or(answer->body, "id", ""),
	                .no_access = mastodon_answer_no_access(answer),
	                .outcome = answer->outcome,
	                .status = answer->status,
	                .retry_at = answer->retry_at,
	                .reason = answer->reason});
}

static void looked(void *arg, const struct answer *answer)
{
	struct upload *upload = arg;
	if (!goes_on(upload, answer))
		return;
	if (answer->status == 206)
		upload_wait(upload, 0);
	else
		upload_file_done(upload);
}

static void look(struct upload *upload)
{
	struct str path = STR_INIT;
	str_adds(&path, "/api/v1/media/");
	url_escape(&path, upload->ids[upload->at]);
	upload->ask =
	        mastodon_ask(upload->network, &(struct ask_setup){.path = path.p, .urgent = true}, looked, upload);
	str_release(&path);
}

/* 202: it works on it. */
static void sent(void *arg, const struct answer *answer)
{
	struct upload *upload = arg;
	if (!goes_on(upload, answer) || !upload_named(upload, json_str(answer->body, "id")))
		return;
	if (answer->status == 202)
		upload_wait(upload, 0);
	else
		upload_file_done(upload);
}

static void send_file(struct upload *upload)
{
	struct upload_form form;
	if (!upload_form(upload, "description", str_or(upload_file(upload)->alt, ""), "file", upload->size, &form))
		return;
	struct ask_setup setup = {.method = "POST",
	        .path = "/api/v2/media",
	        .content_type = form.type.p,
	        .raw = &form.body,
	        .timeout_ms = upload_timeout_ms(form.body.len),
	        .urgent = true};
	upload->ask = mastodon_ask(upload->network, &setup, sent, upload);
	str_release(&form.type);
}

static void drop(void *ask)
{
	mastodon_ask_drop(ask);
}

const struct upload_room mastodon_uploads = {.limit = limit, .send = send_file, .look = look, .drop = drop};
