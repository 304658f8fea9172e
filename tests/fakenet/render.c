#include "tests/fakenet/render.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "tests/fakenet/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FILES "https://files.example"

static const char *const emoji_names[] = {"blobcat", "blobcatheart", "parcel", "verified_bird", "facepalm"};

void json_set_id(json *object, const char *key, int64_t id)
{
	char text[24];
	snprintf(text, sizeof text, "%" PRId64, id);
	json_set_str(object, key, id ? text : NULL);
}

void json_set_time(json *object, const char *key, int64_t ms)
{
	char text[32];
	time_format_rfc3339(ms, text, sizeof text);
	json_set_str(object, key, ms ? text : NULL);
}

static void set_url(json *object, const char *key, const char *folder, const char *name, const char *suffix)
{
	char url[512];
	snprintf(url, sizeof url, FILES "/%s/%s%s", folder, name, suffix);
	json_set_str(object, key, url);
}

/* The custom emoji whose :shortcode: stands in one of the texts. */
static json *render_emojis(const char *a, const char *b)
{
	json *list = json_array();
	for (size_t i = 0; i < sizeof emoji_names / sizeof emoji_names[0]; i++) {
		char code[40];
		snprintf(code, sizeof code, ":%s:", emoji_names[i]);
		if (!strstr(a, code) && !strstr(b, code))
			continue;
		json *emoji = json_object();
		json_set_str(emoji, "shortcode", emoji_names[i]);
		set_url(emoji, "url", "e", emoji_names[i], ".png");
		set_url(emoji, "static_url", "e", emoji_names[i], ".png");
		json_set_bool(emoji, "visible_in_picker", true);
		json_push(list, emoji);
	}
	return list;
}

json *render_person(const struct person *person)
{
	char text[1024];
	json *out = json_object();
	json_set_id(out, "id", person->id);
	json_set_str(out, "username", person->username);
	json_set_str(out, "acct", person->acct);
	json_set_str(out, "display_name", person->display);
	json_set_bool(out, "locked", person->locked);
	json_set_bool(out, "bot", person->bot);
	json_set_bool(out, "discoverable", true);
	json_set_bool(out, "indexable", person->indexable);
	json_set_bool(out, "group", false);
	snprintf(text, sizeof text, "%sT00:00:00.000Z", person->since);
	json_set_str(out, "created_at", text);
	snprintf(text, sizeof text, "<p>%s</p>", person->note);
	json_set_str(out, "note", *person->note ? text : "");
	json_set_str(out, "url", person->url);
	snprintf(text, sizeof text, "https://%s/users/%s", str_or(person->domain, WORLD_DOMAIN), person->username);
	json_set_str(out, "uri", text);
	set_url(out, "avatar", "a", person->username, ".png");
	set_url(out, "avatar_static", "a", person->username, ".png");
	set_url(out, "header", "h", "missing", ".png");
	set_url(out, "header_static", "h", "missing", ".png");
	json_set_int(out, "followers_count", person->followers);
	json_set_int(out, "following_count", person->following);
	json_set_int(out, "statuses_count", person->statuses);
	time_format_rfc3339(person->last_ms, text, sizeof text);
	text[10] = '\0'; /* a date only */
	json_set_str(out, "last_status_at", person->last_ms ? text : NULL);
	json_set_str(out, "hide_collections", NULL);
	if (person->limited)
		json_set_bool(out, "limited", true);
	json_set(out, "emojis", render_emojis(person->display, person->note));
	json_set(out, "fields", json_array());
	if (!person->domain)
		json_set(out, "roles", json_array());
	return out;
}

json *render_self(const struct person *brand)
{
	json *out = render_person(brand);
	json *source = json_object();
	json_set_str(source, "privacy", "public");
	json_set_bool(source, "sensitive", false);
	json_set_str(source, "language", "en");
	json_set_str(source, "note", brand->note);
	json_set(source, "fields", json_array());
	json_set_int(source, "follow_requests_count", 0);
	json_set(out, "source", source);
	json *role = json_object();
	json_set_str(role, "id", "-99");
	json_set_str(role, "name", "");
	json_set_str(role, "permissions", "65536");
	json_set_str(role, "color", "");
	json_set_bool(role, "highlighted", false);
	json_set(out, "role", role);
	return out;
}

static json *render_media(const struct status *status)
{
	json *list = json_array();
	for (size_t i = 0; i < status->media_count; i++) {
		const struct media *media = &status->media[i];
		bool known = !str_eq(media->type, "unknown");
		json *item = json_object();
		json_set_id(item, "id", status->id / 1000 + (int64_t)i);
		json_set_str(item, "type", media->type);
		if (known) {
			set_url(item, "url", "m", media->file, "");
			set_url(item, "preview_url", "m", media->file, "?small");
		} else {
			json_set_str(item, "url", NULL);
			json_set_str(item, "preview_url", NULL);
		}
		set_url(item, "remote_url", "origin", media->file, "");
		json_set_str(item, "preview_remote_url", NULL);
		json_set_str(item, "text_url", NULL);
		json_set_str(item, "meta", NULL);
		json_set_str(item, "description", media->alt);
		json_set_str(item, "blurhash", known ? "UBL_:rOpGG-;~qRjWBay" : NULL);
		json_push(list, item);
	}
	return list;
}

static json *render_mentions(const struct status *status)
{
	json *list = json_array();
	for (size_t i = 0; i < status->mention_count; i++) {
		json *item = json_object();
		json_set_id(item, "id", status->mentions[i]->id);
		json_set_str(item, "username", status->mentions[i]->username);
		json_set_str(item, "url", status->mentions[i]->url);
		json_set_str(item, "acct", status->mentions[i]->acct);
		json_push(list, item);
	}
	return list;
}

static json *render_tags(const struct status *status)
{
	json *list = json_array();
	for (size_t i = 0; i < status->tag_count; i++) {
		char url[512];
		snprintf(url, sizeof url, "https://%s/tags/%s", WORLD_DOMAIN, status->tags[i]);
		json *item = json_object();
		json_set_str(item, "name", status->tags[i]);
		json_set_str(item, "url", url);
		json_push(list, item);
	}
	return list;
}

static void set_addresses(json *out, const struct status *status)
{
	char url[600];
	const char *domain = str_or(status->by->domain, WORLD_DOMAIN);
	snprintf(url, sizeof url, "https://%s/users/%s/statuses/%" PRId64, domain, status->by->username, status->id);
	json_set_str(out, "uri", url);
	snprintf(url, sizeof url, "%s/%" PRId64, status->by->url, status->id);
	json_set_str(out, "url", url);
}

json *render_status(const struct status *status)
{
	json *out = json_object();
	json_set_id(out, "id", status->id);
	json_set_time(out, "created_at", status->created_ms);
	json_set_id(out, "in_reply_to_id", status->parent ? status->parent->id : 0);
	json_set_id(out, "in_reply_to_account_id", status->parent ? status->parent->by->id : 0);
	json_set_bool(out, "sensitive", status->sensitive);
	json_set_str(out, "spoiler_text", status->cw);
	json_set_str(out, "visibility", visibility_name(status->visibility));
	json_set_str(out, "language", status->lang);
	set_addresses(out, status);
	json_set_int(out, "replies_count", status->replies);
	json_set_int(out, "reblogs_count", status->boosts);
	json_set_int(out, "favourites_count", status->favourites);
	json_set_int(out, "quotes_count", 0);
	json_set_time(out, "edited_at", status->edited_ms);
	json_set_bool(out, "favourited", status->favourited);
	json_set_bool(out, "reblogged", false);
	json_set_bool(out, "muted", false);
	json_set_bool(out, "bookmarked", false);
	json_set(out, "filtered", json_array());
	json_set_str(out, "content", status->html);
	json_set_str(out, "reblog", NULL);
	json_set(out, "account", render_person(status->by));
	json_set(out, "media_attachments", render_media(status));
	json_set(out, "mentions", render_mentions(status));
	json_set(out, "tags", render_tags(status));
	json_set(out, "emojis", render_emojis(status->text, status->cw));
	json_set_str(out, "quote", NULL);
	json_set_str(out, "card", NULL);
	json_set_str(out, "poll", NULL);
	return out;
}

json *render_notice(const struct notice *notice)
{
	char group[48];
	json *out = json_object();
	json_set_id(out, "id", notice->id);
	json_set_str(out, "type", notice->type);
	json_set_time(out, "created_at", notice->created_ms);
	snprintf(group, sizeof group, "ungrouped-%" PRId64, notice->id);
	json_set_str(out, "group_key", group);
	json_set(out, "account", render_person(notice->by));
	if (notice->filtered)
		json_set_bool(out, "filtered", true);
	if (notice->status)
		json_set(out, "status", render_status(notice->status));
	return out;
}

static json *render_configuration(int port)
{
	char url[64];
	snprintf(url, sizeof url, "ws://127.0.0.1:%d", port);
	json *urls = json_object();
	json_set_str(urls, "streaming", url);
	json *statuses = json_object();
	json_set_int(statuses, "max_characters", LENGTH_MAX);
	json_set_int(statuses, "max_media_attachments", MEDIA_MAX);
	json_set_int(statuses, "characters_reserved_per_url", 23);
	json *media = json_object();
	json_set_int(media, "description_limit", ALT_MAX);
	json_set_int(media, "image_size_limit", IMAGE_MAX);
	json_set_int(media, "video_size_limit", VIDEO_MAX);
	json *out = json_object();
	json_set(out, "urls", urls);
	json_set(out, "statuses", statuses);
	json_set(out, "media_attachments", media);
	json_set_bool(out, "limited_federation", false);
	return out;
}

static const char *version(bool gotosocial)
{
	return gotosocial ? "0.20.0+git-57cb4fe" : "4.5.8";
}

json *render_instance_v2(int port, bool gotosocial)
{
	json *versions = json_object();
	json_set_int(versions, "mastodon", 7);
	json *out = json_object();
	json_set_str(out, "domain", WORLD_DOMAIN);
	json_set_str(out, "title", "Birds");
	json_set_str(out, "version", version(gotosocial));
	json_set_str(out, "source_url",
	        gotosocial ? "https://codeberg.org/superseriousbusiness/gotosocial"
	                   : "https://github.com/mastodon/mastodon");
	json_set_str(out, "description", "A small network that lives in one process.");
	if (gotosocial)
		json_free(versions);
	else
		json_set(out, "api_versions", versions);
	json_set(out, "configuration", render_configuration(port));
	json_set(out, "rules", json_array());
	return out;
}

json *render_instance_v1(int port, bool gotosocial)
{
	char url[64];
	snprintf(url, sizeof url, "ws://127.0.0.1:%d", port);
	json *urls = json_object();
	json_set_str(urls, "streaming_api", url);
	json *out = json_object();
	json_set_str(out, "uri", WORLD_DOMAIN);
	json_set_str(out, "title", "Birds");
	json_set_str(out, "version", version(gotosocial));
	json_set_str(out, "short_description", "A small network that lives in one process.");
	json_set(out, "urls", urls);
	json_set(out, "configuration", render_configuration(port));
	json_set(out, "rules", json_array());
	return out;
}
