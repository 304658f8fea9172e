/* The files of drafts and replies, as they stand in a row. */
#include "core/base/json.h"
#include "core/base/str.h"
#include "core/store/internal.h"

const char *files_json(const struct attachment *files, int count, struct arena *arena)
{
	if (!count)
		return "";
	json *list = json_array();
	for (int i = 0; i < count; i++) {
		json *row = json_array();
		json_push_str(row, files[i].path);
		json_push_str(row, str_or(files[i].alt, ""));
		json_push(list, row);
	}
	struct str text = STR_INIT;
	json_print(list, &text);
	json_free(list);
	const char *out = arena_strdup(arena, text.p);
	str_release(&text);
	return out;
}

void files_read(const char *text, struct arena *arena, const struct attachment **files, int *count)
{
	*files = NULL;
	*count = 0;
	if (!*text)
		return;
	struct err ignored = ERR_INIT; /* we wrote it */
	json *list = json_parse(text, strlen(text), &ignored);
	struct attachment *out = arena_array(arena, struct attachment, json_count(list) + 1);
	for (const json *row = json_first(list); row; row = json_next(row)) {
		const json *path = json_first(row);
		out[(*count)++] = (struct attachment){arena_strdup(arena, str_or(json_text(path), "")),
		        arena_strdup(arena, str_or(path ? json_text(json_next(path)) : NULL, ""))};
	}
	*files = out;
	json_free(list);
}
