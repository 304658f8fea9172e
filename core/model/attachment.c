#include "core/model/attachment.h"

#include "core/base/str.h"
#include "core/text/length.h"

#include <limits.h>
#include <string.h>

/* What servers of the Mastodon family list in supported_mime_types, by the endings in use. */
static const struct {
	const char *ending, *type;
	enum media_kind kind;
} types[] = {
        {".png", "image/png", MEDIA_PHOTO},
        {".jpg", "image/jpeg", MEDIA_PHOTO},
        {".jpeg", "image/jpeg", MEDIA_PHOTO},
        {".gif", "image/gif", MEDIA_GIF},
        {".webp", "image/webp", MEDIA_PHOTO},
        {".avif", "image/avif", MEDIA_PHOTO},
        {".heic", "image/heic", MEDIA_PHOTO},
        {".mp4", "video/mp4", MEDIA_VIDEO},
        {".webm", "video/webm", MEDIA_VIDEO},
        {".mov", "video/quicktime", MEDIA_VIDEO},
        {".mp3", "audio/mpeg", MEDIA_AUDIO},
        {".ogg", "audio/ogg", MEDIA_AUDIO},
        {".wav", "audio/wav", MEDIA_AUDIO},
        {".flac", "audio/flac", MEDIA_AUDIO},
        {".m4a", "audio/mp4", MEDIA_AUDIO},
};

static int type_index(const char *path)
{
	const char *ending = strrchr(attachment_name(path), '.');
	for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++)
		if (str_ieq(types[i].ending, ending))
			return (int)i;
	return -1;
}

const char *attachment_type(const char *path)
{
	int i = type_index(path);
	return i < 0 ? NULL : types[i].type;
}

enum media_kind attachment_kind(const char *path)
{
	int i = type_index(path);
	return i < 0 ? MEDIA_OTHER : types[i].kind;
}

const char *attachment_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

int64_t attachment_limit(const struct post_limits *limits, const char *path)
{
	enum media_kind kind = attachment_kind(path);
	bool image = kind == MEDIA_PHOTO || kind == MEDIA_GIF;
	return image ? limits->image_bytes : limits->video_bytes;
}

int attachment_alt_left(const struct post_limits *limits, const char *alt)
{
	const struct length_rule rule = {.unit = LENGTH_CODE_POINTS, .max = limits->alt};
	return limits->alt > 0 ? length_left(&rule, alt, strlen(alt), NULL) : INT_MAX;
}
