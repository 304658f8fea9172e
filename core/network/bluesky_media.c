/* How a server of the AT Protocol takes a picture: com.atproto.repo.uploadBlob. A blob is known by its content; what
 * the post names it by is JSON. */
#include "core/network/bluesky_parts.h"

#include "core/text/length.h"

#define IMAGE_MAX 2000000 /* bytes; app.bsky.embed.images */

const struct post_limits bluesky_limits = {.max = 300,
        .rule = LENGTH_RULE_BLUESKY,
        .files = 4,
        .alt = 2000, /* what Bluesky's own composer takes */
        .image_bytes = IMAGE_MAX,
        .kinds = 1u << MEDIA_PHOTO};

static int64_t limit(const struct upload *upload)
{
	(void)upload;
	return IMAGE_MAX;
}

static const char *refuses(const struct upload *upload)
{
	return attachment_kind(upload_file(upload)->path) == MEDIA_PHOTO ? NULL : "it is no picture by its name";
}

static void sent(void *arg, const struct bluesky_answer *answer)
{
	struct upload *upload = arg;
	const json *blob = json_get(answer->body, "blob");
	struct str id = STR_INIT;
	struct upload_answer came = {.good = bluesky_answer_good(answer) && json_is_object(blob),
	        .no_access = bluesky_answer_no_access(answer),
	        .outcome = answer->outcome,
	        .status = answer->status,
	        .retry_at = answer->retry_at,
	        .reason = answer->reason};
	if (!upload_goes_on(upload, &came))
		return;
	json_print(blob, &id);
	if (upload_named(upload, id.p))
		upload_file_done(upload);
	str_release(&id);
}

static void send_file(struct upload *upload)
{
	struct str bytes = STR_INIT;
	if (!upload_read(upload, upload->size, &bytes))
		return;
	struct bluesky_ask_setup setup = {.call = "com.atproto.repo.uploadBlob",
	        .raw = &bytes,
	        .content_type = attachment_type(upload_file(upload)->path),
	        .timeout_ms = upload_timeout_ms(bytes.len),
	        .urgent = true};
	upload->ask = bluesky_ask(upload->network, &setup, sent, upload);
	str_release(&bytes);
}

static void drop(void *ask)
{
	bluesky_ask_drop(ask);
}

const struct upload_room bluesky_uploads = {.limit = limit, .refuses = refuses, .send = send_file, .drop = drop};
