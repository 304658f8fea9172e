/* Any bytes in any string that a network, a file or a colleague can fill: the desk is driven, drawn and painted on
 * terminals of several kinds, and what leaves is nothing but what our painter may send; the terminal shows what was
 * drawn. An input is three bytes (terminal and locale, size, steps), then pieces that 0xFE ends: a byte that says which
 * string, or which event, and its text. */
#include "tests/fuzz/fuzz.h"

#include "core/text/cells.h"
#include "tests/golden/stage.h"
#include "tests/lib/glass.h"
#include "tui/term/canvas.h"
#include "tui/term/extras.h"
#include "tui/view/theme.h"

#include <locale.h>
#include <time.h>
#include <vterm.h>

enum { PIECE_END = 0xFE, FIELDS_MAX = 96, PIECES_MAX = 32, EVENTS_FROM = 0xC0, NOTES_MAX = 4 };

static const char *const types[] = {"xterm-256color", "tmux-256color", "screen-256color", "linux", "vt100", "xterm"};
static const struct {
	int cols, rows;
} sizes[] = {{80, 24}, {40, 12}, {120, 30}, {20, 6}, {60, 16}, {9, 3}};
static const char *const steps[][2] = {{"<Enter>s", "<Esc>jj"}, {"r", "^X"}, {"e", "<Esc>m"}, {"P", "<Esc>f"},
        {";", "<Esc>t"}, {"/", "<Enter>Go"}, {"go", "w"}, {"jj<Enter>k", "?"}, {"i", "^T"}, {"a", "<Esc>L"},
        {"x*", "u"}, {"R", "yt"}, {"gis", "Q"}, {":", "<Esc>E"}};
enum { STEPS = sizeof steps / sizeof *steps, TYPED_MAX = 24 };

static const char *const story[] = {"account acme mastodon live", "account other bluesky rate-limited 4m slow down",
        "gap acme mentions 2h 30m the stream was cut", "customer sam acme 12400 2017 @sam@mas.example Sam Ortiz",
        "customer mina other 1800 2021 @mina.bsky.social Mina", "customer leo acme 61 2022 @leo@fjord.example Leo",
        "history sam 2 2", "at 13:05", "post leo do you ship to Norway?", "post sam my order 4411 never came",
        "media sam photo an empty doorstep", "warning sam injury", "do sam alice tag refund",
        "answer sam bob Sam, sorry about that.", "post sam Still no refund, third week now.",
        "do sam bob escalate billing refund stuck", "escalation sam failed no route", "post mina Love it!!",
        "do sam bob note asked Carla in billing", "writing mina bob", "at 14:02"};

static struct keymap keymap; /* of all desks: it takes long to read */

/* Where memory was asked for is of no use here, and what was given back need not be kept for long: a run is short. */
const char *__asan_default_options(void); /* NOLINT(cert-dcl37-c): the sanitizer asks for it by this name */
const char *__asan_default_options(void)  /* NOLINT(cert-dcl37-c) */
{
	return "malloc_context_size=4:quarantine_size_mb=16";
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	struct problems problems;
	struct err err = ERR_INIT;
	setenv("TZ", "UTC", 1);
	tzset();
	problems_init(&problems);
	keymap_init(&keymap, desk_keymap_names());
	must(keymap_load(&keymap, NULL, "default", &problems, &err) == 0);
	problems_release(&problems);
	return 0;
}

/* --- what can be filled from outside */

struct fields {
	const char **at[FIELDS_MAX];
	int count;
	struct setup_view views[2];
	struct setup_text macros[1], teams[1];
	struct setup_canned canned[1];
	struct setup_account accounts[1];
	struct attachment file;
	const char *notes[NOTES_MAX]; /* of events: they are told last */
};

static void field(struct fields *fields, const char **text)
{
	must(fields->count < FIELDS_MAX);
	fields->at[fields->count++] = text;
}

static void setup_fields(struct fields *fields, struct desk_setup *setup)
{
	fields->views[0] = (struct setup_view){"needs reply", "is:needs-reply", 'i'};
	fields->views[1] = (struct setup_view){"outbox", "is:outbox", 'o'};
	fields->macros[0] = (struct setup_text){"refund", "tag refund; priority high"};
	fields->teams[0] = (struct setup_text){"billing", "by webhook"};
	fields->canned[0] = (struct setup_canned){.name = "thanks", .text = "{customer}, thank you! {note?}"};
	fields->accounts[0] = (struct setup_account){"acme", "- {agent}", "en"};
	setup->views = fields->views;
	setup->views_len = 2;
	setup->macros = fields->macros;
	setup->teams = fields->teams;
	setup->canned = fields->canned;
	setup->accounts = fields->accounts;
	setup->macros_len = setup->teams_len = setup->canned_len = setup->accounts_len = 1;
	field(fields, &fields->views[0].name);
	field(fields, &fields->macros[0].name);
	field(fields, &fields->macros[0].text);
	field(fields, &fields->teams[0].name);
	field(fields, &fields->teams[0].text);
	field(fields, &fields->canned[0].name);
	field(fields, &fields->canned[0].text);
	field(fields, &fields->accounts[0].signature);
	field(fields, &setup->agent);
}

static void case_fields(struct fields *fields, struct role *role)
{
	const char **texts[] = {&role->kase.handle, &role->kase.customer_name, &role->kase.summary,
	        &role->kase.assignee, &role->kase.writer, &role->kase.escalated_to, &role->kase.escalation_why,
	        &role->kase.escalated_by, &role->kase.escalation_error, &role->kase.language, &role->customer.handle,
	        &role->customer.name};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		field(fields, texts[i]);
	for (int i = 0; i < role->kase.tag_count; i++)
		field(fields, (const char **)&role->kase.tags[i]);
}

static void post_fields(struct fields *fields, struct post *post)
{
	const char **texts[] = {&post->text, &post->author_handle, &post->author_name, &post->warning, &post->language,
	        &post->mentions, &post->links, &post->sent_by, &post->url};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		field(fields, texts[i]);
	for (int i = 0; i < post->media_count; i++)
		field(fields, (const char **)&post->media[i].alt);
}

static void world_fields(struct fields *fields, struct world *world)
{
	fields->file = (struct attachment){"/home/alice/photo.png", "a photo"};
	struct role *sam = world_role(world, "sam");
	vec_push(&world->replies, (struct reply){.id = ++world->last_id,
	                                  .case_id = sam->kase.id,
	                                  .account_id = sam->kase.account_id,
	                                  .state = REPLY_FAILED,
	                                  .agent = WORLD_AGENT,
	                                  .to_remote_id = "",
	                                  .to_handle = sam->kase.handle,
	                                  .text = "Sam, it is on its way.",
	                                  .typed = "",
	                                  .files = &fields->file,
	                                  .file_count = 1,
	                                  .language = "en",
	                                  .warning = "",
	                                  .idempotency_key = "",
	                                  .follow = "stay",
	                                  .created_at = world->wall,
	                                  .remote_id = "",
	                                  .url = "",
	                                  .error = "422: too long"});
	setup_fields(fields, &world->setup);
	struct reply *reply = &world->replies.at[0];
	const char **texts[] = {&world->accounts.at[1].name, &world->accounts.at[1].handle,
	        &world->accounts.at[1].state_reason, &world->gaps.at[0].source, &world->gaps.at[0].reason,
	        &reply->to_handle, &reply->text, &reply->error, &fields->file.path, &fields->file.alt};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		field(fields, texts[i]);
	case_fields(fields, sam);
	post_fields(fields, &world->posts.at[1]);
	post_fields(fields, &world->posts.at[3]);
	for (size_t i = 0; i < world->journal.len; i++) {
		field(fields, &world->journal.at[i].by);
		field(fields, &world->journal.at[i].text);
	}
	case_fields(fields, world_role(world, "mina"));
}

/* --- the terminal */

struct glass {
	VTerm *vterm;
	struct canvas *canvas;
	struct str bytes;
};

static void glass_init(struct glass *glass, const char *type, int rows, int cols)
{
	struct err err = ERR_INIT;
	*glass = (struct glass){.vterm = vterm_new(rows, cols)};
	str_init(&glass->bytes, SIZE_MAX);
	vterm_set_utf8(glass->vterm, 1);
	vterm_screen_enable_altscreen(vterm_obtain_screen(glass->vterm), 1);
	vterm_screen_reset(vterm_obtain_screen(glass->vterm), 1);
	must(canvas_new(type, rows, cols, false, &glass->canvas, &err) == 0);
}

static void judge(struct glass *glass, bool extras)
{
	struct str why = STR_INIT;
	if (!glass_may_be_sent(glass->bytes.p, glass->bytes.len, extras, &why)) {
		fprintf(stderr, "is sent %s\n", why.p);
		abort();
	}
	str_release(&why);
}

static void glass_paint(struct glass *glass, const struct frame *frame, const struct theme *theme)
{
	struct str why = STR_INIT;
	str_clear(&glass->bytes);
	canvas_paint(glass->canvas, frame, theme->looks);
	canvas_take(glass->canvas, &glass->bytes);
	judge(glass, false);
	vterm_input_write(glass->vterm, glass->bytes.p, glass->bytes.len);
	if (!glass_shows(glass->vterm, frame, &why)) {
		fprintf(stderr, "%s\n", why.p);
		abort();
	}
	str_release(&why);
}

/* What stands in no frame: the title, a notification, a copy. */
static void check_extras(struct glass *glass, const char *type, bool in_tmux, const char *text)
{
	struct term_extras extras = extras_of(type, in_tmux);
	str_clear(&glass->bytes);
	extras_on(&extras, true, &glass->bytes);
	extras_title_save(&extras, &glass->bytes);
	extras_title(&extras, text, &glass->bytes);
	extras_notify(&extras, text, &glass->bytes);
	extras_copy(&extras, text, strlen(text), &glass->bytes);
	extras_title_restore(&extras, &glass->bytes);
	extras_off(&extras, true, &glass->bytes);
	judge(glass, true);
	str_clear(&glass->bytes);
	text_clean(text, strlen(text), &glass->bytes);
	judge(glass, false);
}

static void glass_release(struct glass *glass)
{
	str_clear(&glass->bytes);
	canvas_leave(glass->canvas);
	canvas_take(glass->canvas, &glass->bytes);
	judge(glass, false);
	canvas_free(glass->canvas);
	vterm_free(glass->vterm);
	str_release(&glass->bytes);
}

/* --- what happens */

static void type(struct stage *stage, const char *text)
{
	char *start = arena_strndup(&stage->world->arena, text, strnlen(text, TYPED_MAX));
	stage_type(stage, start);
}

static void tell_event(struct stage *stage, uint8_t which, const char *text)
{
	struct err why = ERR_INIT;
	struct event event = {.kind = EV_WARNING};
	event.warning.text = text;
	switch (which % 8) {
	case 0: type(stage, text); return;
	case 1: stage_paste(stage, text); return;
	case 2: stage->world->full = arena_strdup(&stage->world->arena, text); return;
	case 3:
		event.kind = EV_CALLED;
		event.called.case_id = world_role(stage->world, "sam")->kase.id;
		event.called.by = event.called.text = text;
		break;
	case 4:
		event = (struct event){.kind = EV_STORE};
		event.store.courier_down = true;
		event.store.why = text;
		break;
	case 5:
		event.kind = EV_BANNER;
		event.banner.title = event.banner.text = text;
		break;
	case 6:
		err_set(&why, ERR_IO, "%s", text);
		event = (struct event){.kind = EV_COPIED, .err = &why};
		break;
	default: break;
	}
	stage_event(stage, &event);
}

struct piece {
	uint8_t which;
	char *text; /* heap */
};

static int cut_pieces(const uint8_t *data, size_t size, struct piece pieces[PIECES_MAX])
{
	int count = 0;
	for (size_t at = 0, len; at + 1 < size && count < PIECES_MAX; at += len + 1) {
		const uint8_t *end = memchr(data + at, PIECE_END, size - at);
		len = end ? (size_t)(end - data) - at : size - at;
		if (len > 1)
			pieces[count++] = (struct piece){data[at], fuzz_text(data + at + 1, len - 1)};
	}
	return count;
}

static void drive(struct stage *stage, struct glass *glass, const struct piece *pieces, int count, int step,
        const struct theme *theme)
{
	struct err err = ERR_INIT;
	glass_paint(glass, &stage->frame, theme);
	for (size_t i = 0; i < 2 && !stage->quit; i++) {
		stage_behind(stage, true); /* only what is judged is drawn */
		must(stage_keys(stage, steps[step][i], true, &err) == 0);
		for (int at = 0; at < count && !stage->quit; at++)
			if (pieces[at].which >= EVENTS_FROM && pieces[at].which / 8 % 2 == i)
				tell_event(stage, pieces[at].which, pieces[at].text);
		stage_behind(stage, false);
		if (!stage->quit)
			glass_paint(glass, &stage->frame, theme);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	struct fields fields = {0};
	struct piece pieces[PIECES_MAX];
	struct err err = ERR_INIT;
	struct stage stage;
	struct glass glass;
	int count = cut_pieces(data + 3, size - 3, pieces);
	const char *type = types[data[0] % (sizeof types / sizeof *types)];
	int cols = sizes[data[1] % 6].cols, rows = sizes[data[1] % 6].rows;
	must(setlocale(LC_ALL, data[0] & 0x80 ? "C" : "C.UTF-8"));
	struct world *world = world_new();
	for (size_t i = 0; i < sizeof story / sizeof *story; i++)
		must(world_tell(world, story[i], &err) == 0);
	world_fields(&fields, world);
	for (int i = 0; i < count; i++)
		if (pieces[i].which < EVENTS_FROM)
			*fields.at[pieces[i].which % fields.count] = pieces[i].text;
	world->setup.keymap = &keymap;
	stage_init(&stage, world);
	glass_init(&glass, type, rows, cols);
	stage_size(&stage, cols, rows, !cells_utf8());
	drive(&stage, &glass, pieces, count, data[2] % STEPS, theme_find("default"));
	if (count)
		check_extras(&glass, type, data[0] & 0x40, pieces[0].text);
	glass_release(&glass);
	stage_release(&stage);
	world_free(world);
	for (int i = 0; i < count; i++)
		free(pieces[i].text);
	return 0;
}
