/* The tables of the manual pages, from the tables of the program:
 *
 *     gen PAGE
 *
 * prints the page with everything between `.\" begin NAME` and `.\" end NAME` made anew. `make man` rewrites the pages
 * so; `make man-check` fails when that would change one. */
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/model/query.h"
#include "keymaps/keymap.h"
#include "tui/desk/command.h"

#include <ctype.h>
#include <stdbool.h>

/* Words as roff reads them back: a line that begins with a dot is no request, a caret no accent. */
static void put(struct str *out, const char *text)
{
	if (text[0] == '.' || text[0] == '\'')
		str_adds(out, "\\&");
	for (; *text; text++) {
		switch (*text) {
		case '\\': str_adds(out, "\\e"); break;
		case '^': str_adds(out, "\\(ha"); break;
		case '~': str_adds(out, "\\(ti"); break;
		case '`': str_adds(out, "\\(ga"); break;
		case '"': str_adds(out, "\\(dq"); break;
		default: str_addc(out, *text);
		}
	}
}

/* One argument of a macro. mdoc sets lone punctuation apart, unless something invisible stands before it. */
static void put_arg(struct str *out, const char *macro, const char *text)
{
	str_addf(out, " %s \"%s", macro, isalnum((unsigned char)text[0]) ? "" : "\\&");
	put(out, text);
	str_adds(out, "\"");
}

static void put_line(struct str *out, const char *text)
{
	put(out, text);
	str_adds(out, "\n");
}

/* A subsection. mdoc would set a lone bracket in it to the word beside it. */
static void put_heading(struct str *out, const char *text)
{
	str_adds(out, ".Ss");
	while (*text) {
		size_t len = strcspn(text, " ");
		char word[64];
		snprintf(word, sizeof word, "%.*s", (int)len, text);
		str_addf(out, " %s", len == 1 && strchr("()[]?!,:;|", *word) ? "\\&" : "");
		put(out, word);
		text += len + strspn(text + len, " ");
	}
	str_adds(out, "\n");
}

static void put_item(struct str *out, const char *word, const char *text)
{
	str_adds(out, ".It");
	put_arg(out, "Cm", word);
	str_adds(out, "\n");
	put_line(out, text);
}

/* --- the commands */

static void put_command(struct str *out, const struct command *command)
{
	str_adds(out, ".It");
	put_arg(out, "Ic", command->name);
	if (*command->usage)
		put_arg(out, "Ar", command->usage);
	str_adds(out, "\n");
	put(out, command->help);
	str_adds(out, ".\n");
	if (command->flags & CMDF_SECOND)
		put_line(out, "Takes a second stroke.");
	if (command->flags & CMDF_DO)
		str_adds(out, "Also for\n.Cm do .\n");
	if (command->flags & CMDF_HIDDEN)
		put_line(out, "For key files.");
}

static void put_commands(struct str *out)
{
	for (enum command_group group = 0; group < GROUP_COUNT; group++) {
		put_heading(out, command_group_title(group));
		str_adds(out, ".Bl -tag -width Ds\n");
		for (int i = 0; i < CMD_COUNT; i++)
			if (command_get((enum command_id)i)->group == group)
				put_command(out, command_get((enum command_id)i));
		str_adds(out, ".El\n");
	}
}

/* --- the keys, in the order of the file that users read */

/* Cuts the next word off *line and ends it. */
static char *next_word(char **line)
{
	char *word = *line + strspn(*line, " \t");
	char *end = word + strcspn(word, " \t");
	*line = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static void put_binding(struct str *out, char *line)
{
	const char *mode = next_word(&line);
	const char *keys = next_word(&line);
	const char *name = next_word(&line);
	const struct command *command = command_find(name, strlen(name));
	str_adds(out, ".It");
	put_arg(out, "Ic", keys);
	put_arg(out, "Pq", mode);
	str_adds(out, "\n.Cm ");
	put(out, name);
	if (*line)
		put_arg(out, "Ar", line);
	str_adds(out, " :\n");
	put_line(out, command ? command->help : "an unknown command");
}

static void put_key_line(struct str *out, char *line, bool *open)
{
	static const char title[] = "# --- ";
	if (strncmp(line, title, strlen(title)) == 0) {
		if (*open)
			str_adds(out, ".El\n");
		char *words = line + strlen(title);
		words[0] = (char)toupper((unsigned char)words[0]);
		put_heading(out, words);
		str_adds(out, ".Bl -tag -width \"<Right> (desk)\" -compact\n");
		*open = true;
	} else if (*open && strcmp(next_word(&line), "bind") == 0) {
		put_binding(out, line);
	}
}

static void put_keymap(struct str *out, const char *name)
{
	char *text = mem_strdup(keymap_builtin(name));
	bool open = false;
	char *rest = text;
	for (char *line; (line = strtok_r(rest, "\n", &rest));)
		put_key_line(out, line, &open);
	if (open)
		str_adds(out, ".El\n");
	free(text);
}

static void put_keys(struct str *out)
{
	put_keymap(out, "default");
}

static void put_gmail_keys(struct str *out)
{
	put_keymap(out, "gmail");
}

static void put_emacs_keys(struct str *out)
{
	put_keymap(out, "emacs");
}

static void put_azerty_keys(struct str *out)
{
	put_keymap(out, "azerty");
}

static void put_altgr_keys(struct str *out)
{
	put_keymap(out, "altgr");
}

/* --- the styles of themes */

static void put_styles(struct str *out)
{
#define X(name, word, help) put_item(out, word, help);
#include "tui/view/style.def"
#undef X
}

/* --- the marks, as a terminal with UTF-8 and one without has them */

static void put_mark(struct str *out, const char *utf8, const char *ascii, const char *help)
{
	str_adds(out, ".It");
	put_arg(out, "Sy", utf8);
	if (strcmp(utf8, ascii) != 0)
		put_arg(out, "Pq", ascii);
	str_adds(out, "\n");
	put_line(out, help);
}

static void put_marks(struct str *out)
{
#define X(name, utf8, ascii, help) put_mark(out, utf8, ascii, help);
#include "tui/view/marks.def"
#undef X
}

/* --- the settings: a table a section kind */

/* "a|b|c" as "a , b , c": mdoc sets the commas. */
static void put_choices(struct str *out, const char *choices)
{
	for (; *choices; choices++) {
		if (*choices == '|')
			str_adds(out, " , ");
		else
			str_addc(out, *choices);
	}
}

static void put_setting(struct str *out, const char *key, const char *type, const char *otherwise, const char *accepts,
        const char *help)
{
	str_addf(out, ".It Cm %s No = Ar %s\n", key, type);
	put(out, help);
	str_adds(out, ".\n");
	if (accepts && strcmp(type, "ENUM") == 0) {
		str_adds(out, "One of\n.Cm ");
		put_choices(out, accepts);
		str_adds(out, " .\n");
	} else if (accepts && strstr(accepts, "..")) {
		str_addf(out, "From %.*s to %s.\n", (int)strcspn(accepts, "."), accepts, strstr(accepts, "..") + 2);
	}
	if (!otherwise) {
		put_line(out, "Must be there.");
	} else if (*otherwise) {
		str_adds(out, "Default:\n.Ql ");
		put(out, otherwise);
		str_adds(out, " .\n");
	}
}

#define ROW(key, type, otherwise, accepts, help) put_setting(out, #key, #type, otherwise, accepts, help);

static void put_capabilities(struct str *out)
{
	for (unsigned i = 0; i < CAP_COUNT; i++) {
		str_addf(out, ".It Ql %s\n", capability_word((enum capability_number)i));
		put(out, capability_help((enum capability_number)i));
		str_adds(out, ".\n");
	}
}

static void put_settings_desk(struct str *out)
{
#define DESK ROW
#include "core/config/settings.def"
}

static void put_settings_account(struct str *out)
{
#define ACCOUNT ROW
#include "core/config/settings.def"
}

static void put_settings_team(struct str *out)
{
#define TEAM ROW
#include "core/config/settings.def"
}

static void put_settings_view(struct str *out)
{
#define VIEW ROW
#include "core/config/settings.def"
}

static void put_settings_canned(struct str *out)
{
#define CANNED ROW
#include "core/config/settings.def"
}

static void put_settings_macro(struct str *out)
{
#define MACRO ROW
#include "core/config/settings.def"
}

/* --- queries, errors, actions */

static void put_queries(struct str *out)
{
#define X(name, word, value, help) put_item(out, value == V_NONE || QT_##name == QT_TEXT ? word : word ":", help);
#include "core/model/query.def"
#undef X
}

/* One item a status, with the words of all errors that become it, and what they mean. */
static void put_statuses(struct str *out)
{
	static const char *const help[] = {
#define X(name, exit_status, word, help) help,
#include "core/base/err.def"
#undef X
	};
	for (int status = 0; status < 128; status++) {
		bool any = false;
		for (int code = 0; code < ERR_COUNT; code++) {
			if (err_exit_status((enum err_code)code) != status)
				continue;
			if (!any)
				str_addf(out, ".It %d\n", status);
			str_addf(out, "%s.Em %s :\n%s", any ? ";\n" : "", err_word((enum err_code)code), help[code]);
			any = true;
		}
		if (any)
			str_adds(out, "\n");
	}
}

static void put_actions(struct str *out)
{
#define X(name, word, flags, reads) put_item(out, word, reads);
#include "core/model/action.def"
#undef X
}

/* --- what asks for a person */

/* Each sentence on a line of its own. */
static void put_sentences(struct str *out, const char *text)
{
	for (const char *end; (end = strstr(text, ". ")); text = end + 2) {
		char sentence[256];
		snprintf(sentence, sizeof sentence, "%.*s", (int)(end + 1 - text), text);
		put_line(out, sentence);
	}
	put_line(out, text);
}

enum diagnostics_page { CURLEW, CURLEWD };

static const struct {
	enum diagnostics_page page;
	const char *words, *help;
} diagnostics[] = {
#define X(page, words, help) {page, words, help},
#include "man/diagnostics.def"
#undef X
};

static void put_diagnostics_of(struct str *out, enum diagnostics_page page)
{
	for (size_t i = 0; i < sizeof diagnostics / sizeof *diagnostics; i++) {
		if (diagnostics[i].page != page)
			continue;
		str_adds(out, ".It \"\\&");
		put(out, diagnostics[i].words);
		str_adds(out, "\"\n");
		put_sentences(out, diagnostics[i].help);
	}
}

static void put_diagnostics(struct str *out)
{
	put_diagnostics_of(out, CURLEW);
}

static void put_courier_diagnostics(struct str *out)
{
	put_diagnostics_of(out, CURLEWD);
}

/* --- the page */

static const struct table {
	const char *name;
	void (*put)(struct str *out);
} tables[] = {
        {"commands", put_commands},
        {"keys", put_keys},
        {"gmail keys", put_gmail_keys},
        {"emacs keys", put_emacs_keys},
        {"azerty keys", put_azerty_keys},
        {"altgr keys", put_altgr_keys},
        {"styles", put_styles},
        {"marks", put_marks},
        {"desk settings", put_settings_desk},
        {"account settings", put_settings_account},
        {"team settings", put_settings_team},
        {"view settings", put_settings_view},
        {"canned settings", put_settings_canned},
        {"macro settings", put_settings_macro},
        {"adapter capabilities", put_capabilities},
        {"queries", put_queries},
        {"statuses", put_statuses},
        {"diagnostics", put_diagnostics},
        {"courier diagnostics", put_courier_diagnostics},
        {"actions", put_actions},
};

static const struct table *find_table(const char *name)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (str_eq(tables[i].name, name))
			return &tables[i];
	return NULL;
}

/* What follows `mark` when the line begins with it. */
static const char *after(const char *line, const char *mark)
{
	return strncmp(line, mark, strlen(mark)) == 0 ? line + strlen(mark) : NULL;
}

static int fill(const char *page, char *text, struct str *out)
{
	const struct table *inside = NULL;
	for (char *line = text, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		const char *ends = after(line, ".\\\" end ");
		if (inside && !(ends && str_eq(ends, inside->name)))
			continue;
		inside = NULL;
		str_addf(out, "%s\n", line);
		const char *begins = after(line, ".\\\" begin ");
		if (!begins)
			continue;
		inside = find_table(begins);
		if (!inside) {
			fprintf(stderr, "gen: %s: there is no table \"%s\"\n", page, begins);
			return -1;
		}
		inside->put(out);
	}
	if (inside)
		fprintf(stderr, "gen: %s: \"%s\" does not end\n", page, inside->name);
	return inside ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct str text = STR_INIT;
	struct str out = STR_INIT;
	struct err err = ERR_INIT;
	int status = 1;
	if (argc != 2) {
		fputs("usage: gen PAGE\n", stderr);
		return err_exit_status(ERR_USAGE);
	}
	if (file_read(argv[1], &text, &err))
		fprintf(stderr, "gen: %s\n", err.text);
	else if (fill(argv[1], text.p, &out) == 0 && fwrite(out.p, 1, out.len, stdout) == out.len)
		status = fflush(stdout) ? 1 : 0;
	str_release(&text);
	str_release(&out);
	return status;
}
