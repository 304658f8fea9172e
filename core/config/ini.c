#include "core/config/ini.h"

#include "core/base/paths.h"
#include "core/base/utf8.h"

#include <errno.h>
#include <sys/stat.h>

#define NAME_MAX_BYTES 64

struct reader {
	const char *at, *end;
	const char *file;
	int line; /* of the line read last */
	struct arena *arena;
	struct ini *ini;
	struct problems *problems;
	bool in_bad_section; /* its settings belong nowhere; one error is enough */
};

struct slice {
	const char *p;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice trimmed(struct slice s)
{
	while (s.len && is_blank(s.p[0]))
		s.p++, s.len--;
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* The next line without its end. */
static bool next_line(struct reader *r, struct slice *line)
{
	if (r->at == r->end)
		return false;
	const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
	const char *stop = newline ? newline : r->end;
	*line = (struct slice){r->at, (size_t)(stop - r->at)};
	r->at = newline ? newline + 1 : r->end;
	r->line++;
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool goes_on(struct slice line)
{
	size_t backslashes = 0;
	while (backslashes < line.len && line.p[line.len - 1 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2 == 1;
}

/* The rest of a value that may go on over several lines. */
static const char *read_value(struct reader *r, struct slice first)
{
	int line = r->line;
	struct slice part = trimmed(first);
	if (!goes_on(part))
		return arena_strndup(r->arena, part.p, part.len);
	struct str value = STR_INIT;
	while (goes_on(part)) {
		str_add(&value, part.p, part.len - 1);
		if (!next_line(r, &part)) {
			problems_error(r->problems, r->file, line,
			        "found a value that goes on (its last line ends in a backslash), expected another "
			        "line");
			part = (struct slice){"", 0};
			break;
		}
		part = trimmed(part);
	}
	str_add(&value, part.p, part.len);
	str_trim(&value);
	const char *kept = arena_strndup(r->arena, value.p, value.len);
	str_release(&value);
	return kept;
}

/* Blanks inside a section's name are one blank each. */
static const char *squeezed(struct arena *arena, struct slice s)
{
	char *out = arena_strndup(arena, s.p, s.len);
	size_t len = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_blank(s.p[i]))
			out[len++] = s.p[i];
		else if (out[len - 1] != ' ')
			out[len++] = ' ';
	}
	out[len] = '\0';
	return out;
}

static void read_section(struct reader *r, struct slice line)
{
	r->in_bad_section = true;
	const char *close = memchr(line.p, ']', line.len);
	if (!close || close != line.p + line.len - 1) {
		problems_error(r->problems, r->file, r->line, "found \"%.*s\", expected a section like [account acme]",
		        (int)(line.len < 60 ? line.len : 60), line.p);
		return;
	}
	struct slice inside = trimmed((struct slice){line.p + 1, line.len - 2});
	if (!inside.len || inside.len > NAME_MAX_BYTES) {
		problems_error(r->problems, r->file, r->line,
		        "found a section name of %zu bytes, expected 1 to %d, like [account acme]", inside.len,
		        NAME_MAX_BYTES);
		return;
	}
	struct slice kind = inside;
	for (kind.len = 0; kind.len < inside.len && !is_blank(inside.p[kind.len]);)
		kind.len++;
	struct slice name = trimmed((struct slice){inside.p + kind.len, inside.len - kind.len});
	vec_push(&r->ini->sections, (struct ini_section){
	                                    .kind = arena_strndup(r->arena, kind.p, kind.len),
	                                    .name = squeezed(r->arena, name),
	                                    .line = r->line,
	                            });
	r->in_bad_section = false;
}

static void read_setting(struct reader *r, struct slice line)
{
	int number = r->line;
	const char *equals = memchr(line.p, '=', line.len);
	struct slice key = trimmed((struct slice){line.p, equals ? (size_t)(equals - line.p) : line.len});
	/* The value is read before anything is said about the key: its further lines are no lines of their own. */
	const char *value =
	        read_value(r, equals ? (struct slice){equals + 1, (size_t)(line.p + line.len - equals - 1)} : line);
	int shown = (int)(key.len < 60 ? key.len : 60);
	if (r->in_bad_section)
		return;
	if (!equals) {
		problems_error(r->problems, r->file, number, "found \"%.*s\", expected key = value", shown, key.p);
	} else if (!key.len) {
		problems_error(r->problems, r->file, number, "found \"=\" with no key before it, expected key = value");
	} else if (!r->ini->sections.len) {
		problems_error(r->problems, r->file, number,
		        "found \"%.*s\" before any section, expected a section like [desk] first", shown, key.p);
	} else {
		struct ini_section *section = &r->ini->sections.at[r->ini->sections.len - 1];
		vec_push(&section->entries, (struct ini_entry){
		                                    .key = arena_strndup(r->arena, key.p, key.len),
		                                    .value = value,
		                                    .line = number,
		                                    .last_line = r->line,
		                            });
	}
}

/* A file that is no text is refused as a whole: what an editor shows of it is not what we would read. */
static bool is_text(struct reader r)
{
	struct slice line;
	while (next_line(&r, &line)) {
		if (!utf8_valid(line.p, line.len)) {
			problems_error(
			        r.problems, r.file, r.line, "found bytes that are no UTF-8, expected text in UTF-8");
			return false;
		}
		for (size_t i = 0; i < line.len; i++) {
			unsigned char c = (unsigned char)line.p[i];
			if ((c < 0x20 && c != '\t') || c == 0x7f) {
				problems_error(r.problems, r.file, r.line,
				        "found a control character (0x%02x), expected text", (unsigned)c);
				return false;
			}
		}
	}
	return true;
}

void ini_parse(const char *bytes, size_t len, const char *file, struct arena *arena, struct ini *ini,
        struct problems *problems)
{
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		bytes += 3, len -= 3;
	struct reader r = {
	        .at = bytes, .end = bytes + len, .file = file, .arena = arena, .ini = ini, .problems = problems};
	struct slice line;
	if (!is_text(r))
		return;
	while (next_line(&r, &line)) {
		line = trimmed(line);
		if (!line.len || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] != '[') {
			read_setting(&r, line);
		} else if (ini->sections.len < INI_SECTIONS_MAX) {
			read_section(&r, line);
		} else {
			problems_error(problems, file, r.line, "found more than %d sections, expected fewer",
			        INI_SECTIONS_MAX);
			return;
		}
	}
}

int ini_read(const char *path, struct arena *arena, struct ini *ini, struct problems *problems, struct err *err)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_OS, "%s: %s", path,
		        strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s: found a %s, expected a file", path,
		        S_ISDIR(st.st_mode) ? "directory" : "thing that is no file");
	if (st.st_size > INI_FILE_MAX)
		return err_set(err, ERR_LIMIT, "%s: found a file of %lld bytes, expected at most %u", path,
		        (long long)st.st_size, INI_FILE_MAX);
	struct str bytes;
	str_init(&bytes, INI_FILE_MAX);
	int rc = file_read(path, &bytes, err);
	if (rc == 0)
		ini_parse(bytes.p, bytes.len, path, arena, ini, problems);
	str_release(&bytes);
	return rc;
}

void ini_release(struct ini *ini)
{
	for (size_t i = 0; i < ini->sections.len; i++)
		vec_release(&ini->sections.at[i].entries);
	vec_release(&ini->sections);
}
