/* The state of a desk, and the one function that changes it. The view draws it and changes nothing; app.c feeds events
 * and carries out effects. Pure: nothing here knows a screen, a store or a clock.
 *
 * The state owns copies of all it keeps. What struct desk_setup points to belongs to the caller and outlives the state.
 * Pointers into the state are valid until the next update().
 *
 * Fields are for reading by the view; below each stands what it shows. The functions at the end are what a view needs
 * besides: they are pure and cheap enough for every frame. */
#ifndef TUI_DESK_STATE_H
#define TUI_DESK_STATE_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/hours.h"
#include "core/model/model.h"
#include "core/model/query.h"
#include "core/model/reply_split.h"
#include "core/text/lookalike.h"
#include "keymaps/keymap.h"
#include "tui/desk/command.h"
#include "tui/desk/compose.h"
#include "tui/desk/effect.h"
#include "tui/desk/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- what the configuration says, in the desk's words */

struct setup_view {
	const char *name, *query; /* a query that parses */
	char key;                 /* g and this letter; 0 for none */
};

struct setup_text { /* teams: name and what it does; macros: name and commands */
	const char *name, *text;
};

/* A canned reply, and when it fits. What is left out (NULL, 0) fits always. */
struct setup_canned {
	const char *name, *text;
	const char *const *accounts; /* their names */
	size_t accounts_len;
	const char *const *languages; /* of the customer: "de" */
	size_t languages_len;
	int64_t from, until; /* UTC ms; until is the first moment after */
};

struct setup_account {
	const char *name;
	const char *signature; /* ends each public reply; {agent} is filled in; "" for none */
	const char *language;  /* replies are marked with it; "" for none */
};

enum layout { LAYOUT_AUTO, LAYOUT_COLUMNS, LAYOUT_ROWS, LAYOUT_COUNT };
enum follow { FOLLOW_NEXT, FOLLOW_STAY, FOLLOW_DONE, FOLLOW_SNOOZE, FOLLOW_COUNT };
enum alarms { ALARMS_ALL, ALARMS_MINE, ALARMS_NONE };

struct desk_setup {
	const char *agent;
	const char *language;           /* the agent's; "" unknown: then no row is marked with its language */
	const struct setup_view *views; /* at least one */
	size_t views_len;
	const struct setup_canned *canned;
	size_t canned_len;
	const struct setup_text *macros;
	size_t macros_len;
	const struct setup_text *teams;
	size_t teams_len;
	const struct setup_account *accounts; /* as configured; EV_ACCOUNTS tells how they are */
	size_t accounts_len;
	int64_t undo_window_ms;
	enum follow after_send;
	enum layout layout;
	enum alarms alarms;
	struct hours quiet; /* no bell while these are open; hours that were never set (zero) ring always */
	bool has_quiet;
	const struct keymap *keymap; /* made with desk_keymap_names() */
};

/* --- parts */

/* One request at a time of each kind; what happens meanwhile makes it dirty, and it is asked again. */
struct fetch {
	uint64_t request; /* 0: none under way */
	bool dirty;
};

/* The rows around the selection, in list order. The selection is a case, not a row: arrivals shift rows silently. */
struct inbox {
	struct arena arena; /* of rows */
	struct kase *rows;
	int count;
	bool more_before, more_after; /* the list goes on */
	bool loaded;                  /* false: nothing has arrived yet for this view ("loading") */
	bool failed;                  /* the query could not be asked; the message says why */
	int64_t selected;             /* case id; 0: nothing is */
	int64_t ghost; /* case id of a row that is kept although it left the view: somebody else changed it while it was
	                  selected. Shown dim; it goes when the selection leaves it. 0: none */
	int top;       /* index of the first row on screen */
	struct fetch fetch;
	int64_t anchor_rank, anchor_id; /* where the selected row was */
	enum rows_from from;
	int64_t settles_mono; /* before it, and before any key, arrivals above take the selection along to the top; 0:
	                         no rows have come yet */
	bool soft;            /* selected need not be in the list: then another row is taken */
};

enum item_kind { ITEM_NONE, ITEM_POST, ITEM_ENTRY, ITEM_REPLY };

/* The conversation of the selected case (in the composer: of the case being answered). */
/* What the view has worked out of the conversation and would work out again: a frame is the same without it, no result
 * of update() depends on it, and it is gone when the conversation is another. */
struct thread_memo {
	struct arena arena;
	const void *made; /* tui/view/thread_lines.c knows; NULL: nothing yet */
};

struct thread {
	struct arena arena;
	struct case_view *view; /* NULL: still loading, or there is no case; the inbox row is all that is known */
	int64_t case_id;        /* of view, 0 for none */
	bool gone;              /* the case does not exist any more */
	struct fetch fetch;
	enum item_kind item; /* the selected item: marked */
	int64_t item_id;
	int top;          /* first line shown; see struct seen */
	bool follow;      /* the view moves top so that the selected item is in sight */
	int64_t unfolded; /* id of the post whose fold is open */
	struct thread_memo *memo;
};

#define COMPOSER_FILES 16

/* The open composer. Its text is compose.text; where it goes is in the other fields. */
struct composer {
	bool open;
	enum mode from; /* the pane to go back to */
	enum draft_kind kind;
	int64_t case_id;
	int64_t account_id;
	struct compose compose;
	char to_remote_id[512]; /* the post answered */
	char to_handle[256];    /* with @; "" for a note */
	char language[16];
	char warning[256];     /* content warning; "" none */
	char why_private[128]; /* DRAFT_PRIVATE: the reason given */
	struct arena files_arena;
	struct attachment files[COMPOSER_FILES];
	int file_count;
	char attaching[1024]; /* the file whose description is being asked for */
	bool split;           /* what is too long goes out in several posts */
	bool unsend;          /* DRAFT_CORRECTION: nothing is to be read there any more: the post is taken back */
	char why_unsend[256];
	enum visibility parent; /* of the post answered */
	int64_t seen_post_id;   /* newest post of the case when the composer opened or the agent last looked */
	int64_t seen_at; /* when the newest post was written that was there then: what is back-filled later is no news
	                  */
	int64_t begun_at;
	int64_t claimed_mono; /* when PRESENCE was last said; 0: not yet */
	int newer;            /* customer's posts since it was opened: "2 newer posts since" */
	/* The number in its frame. What is typed does not wait for it, so it may be some characters behind; it is not
	 * when few are left, at rest, and in the send bar. */
	struct {
		bool known, limited; /* limited: left is of the account's rule, else it is the length */
		bool about;          /* the server may count a little otherwise */
		int left;
		int64_t due_mono; /* when it catches up; NEVER: it has */
	} count;
};

/* A text on its way into the store: kept here until it is stored, also when the composer is closed or the disk full. */
struct local_draft {
	int64_t case_id;
	enum draft_kind kind;
	char *text; /* heap */
	size_t cursor;
	int64_t revision; /* of what is stored; 0: nothing is */
	int64_t begun_at;
	char *to_remote_id, *warning, *language; /* heap */
	VEC(struct attachment) files;            /* their strings on the heap */
	bool bare;                               /* came back as a text alone; the rest is as at the first opening */
	bool dirty;                              /* differs from what is stored */
	bool failed;                             /* the last attempt failed: shown as "draft not stored" */
	uint64_t request;                        /* save under way; 0: none */
	int64_t save_mono;                       /* save not before */
};

/* The bar over the bottom of the composer, open in MODE_SENDBAR. What stands against sending: sendbar.h. */
struct sendbar {
	enum follow follow;
	int64_t snooze_until; /* FOLLOW_SNOOZE */
	uint64_t read;        /* keys of this read are dropped */
	uint64_t version;     /* state.version when it opened */
	int64_t painted_mono; /* when a frame with it was written; 0: not yet, keys are dropped */
	bool refused;         /* Enter was refused: show that ^Y sends although */
};

enum picker_purpose {
	PICK_TAG,
	PICK_AGENT,
	PICK_TEAM,
	PICK_CANNED,
	PICK_SNOOZE,
	PICK_DONE,      /* by letter */
	PICK_DONE_STAY, /* by letter */
	PICK_PRIVATE,   /* by letter: why in private */
	PICK_MACRO,
	PICK_SETTLE,   /* by letter: was it sent? */
	PICK_PRIORITY, /* by letter, of all that is marked */
	PICK_LINK,     /* a link or media of the case: copied */
	PICK_ON_POST,  /* by letter: what can be done to the selected post */
	PICK_PAST,     /* the customer's panel: a case of theirs to go to */
	PICK_JOIN,     /* a customer who is the same person */
	PICK_PART,     /* … and is not after all */
	PICK_HEIR      /* who gets a case that is handed over */
};

struct picker_item {
	const char *label, *hint; /* hint: one line, may be "" */
	char letter;              /* 0: none. Shown as "[p]raise" */
	bool dim;                 /* not to be had now; the hint says why. Stands after the others */
};

struct picker {
	enum picker_purpose purpose;
	const char *title;  /* static */
	bool by_letter;     /* one letter takes an item; nothing is typed */
	bool free_text;     /* what is typed may be taken although no item is it */
	bool waiting;       /* its items are still being fetched */
	struct arena arena; /* of items */
	VEC(struct picker_item) items;
	VEC(const char *) values; /* of each item, for those that are not taken by their label; in the arena */
	VEC(int) shown;           /* indices of items that fit what was typed, in order */
	int at;                   /* selected, an index into shown; -1: what is typed itself */
	struct compose typed;
};

enum prompt_purpose {
	PROMPT_COMMAND,
	PROMPT_SEARCH,
	PROMPT_FILTER,
	PROMPT_WHY,
	PROMPT_ALT,
	PROMPT_COUNT,    /* how many cases are marked, before something is done to many */
	PROMPT_HANDOVER, /* the note that goes with what is handed over */
	PROMPT_UNSEND,   /* why a post of ours is taken back */
	PROMPT_REPORT    /* why a post is reported to its network */
};

struct prompt {
	enum prompt_purpose purpose;
	char label[96]; /* ":" "/" "escalate to billing, why:" */
	struct compose text;
	char team[128]; /* PROMPT_WHY */
	struct arena arena;
	VEC(struct picker_item) candidates; /* shown over the line when Tab has more than one */
	int candidate;                      /* the one taken last, -1 none */
	VEC(char *) history[2];             /* ':' and '/', oldest first; heap */
	int history_at;                     /* -1: not in the history */
};

/* The customer's cases, as the panel shows them: PICK_PAST. Item i of the picker is case i. */
struct past {
	struct arena arena;
	struct past_case *cases;
	int count;
	uint64_t request;
};

/* What this agent still holds, before they leave: MODE_HANDOVER. */
struct handover {
	struct arena arena;
	struct kase *cases; /* in arena */
	int count;
	const char **to;  /* what becomes of each: NULL they keep it, "" nobody's, else an agent; in arena */
	int at;           /* the selected one */
	int done;         /* the one whose end `hand-over-all` takes; -1: none yet */
	uint64_t request; /* of the cases, while they have not come */
	uint64_t acting;  /* of the hand-over: when it is done the desk is left */
	uint64_t read;    /* what opened it: the second stroke comes in another read */
};

/* A name of ours that others may try to look like: lookalike.c. */
struct known_name {
	char *name;                  /* as it is said: "@acme", "bob"; heap */
	char skeleton[SKELETON_MAX]; /* of a handle, an account's name or an agent's */
	bool agent;
};

/* A second stroke is awaited: the same key again. */
struct confirm {
	const struct command *command;
	char args[512];
	char text[512]; /* "L again likes @sam's post; any other key leaves it" */
	struct key key;
	uint64_t read; /* the second stroke must come in another read */
	int64_t case_id;
	bool bulk; /* it does state.bulk, not the command */
};

struct message {
	char text[512]; /* "" for none */
	bool error;     /* stays until the next key; else five seconds */
	int64_t until_mono;
};

/* An action that the store has not answered yet: its case is shown as pending. */
struct pending {
	uint64_t request;
	int64_t case_id;
	struct action action; /* strings on the heap */
	bool undo;            /* FX_UNDO: nothing is shown ahead of the answer */
};

/* Cases marked for one action on all of them. The view asks state_marked(). */
struct marks {
	VEC(int64_t) ids; /* case ids */
	int64_t range;    /* a case: from its row to the selected one all rows are marked, too; 0: no range is begun */
};

/* What is to be done to all marked cases, once that is confirmed. */
struct bulk {
	struct action actions[2]; /* without a case; strings on the heap; kind ACTION_COUNT: none */
	char words[160];          /* "tagged refund" */
	bool moves_on;
};

/* A reply confirmed here that the store has not answered yet. */
struct holding {
	uint64_t request;    /* 0: held, and reply.id is known; goes with the next EV_REPLIES */
	struct reply *reply; /* in arena */
	int draft_kind;
	struct arena arena;
	char *draft;      /* heap: the text as it was typed, without handle and signature */
	int64_t revision; /* of the draft in the store */
	bool recall;      /* to be recalled as soon as its id is known */
};

struct state {
	struct desk_setup setup;
	int64_t wall, mono; /* of the newest event: minutes tick by it */
	uint64_t version;   /* grows with each update() */
	uint64_t last_request;
	int cols, rows; /* of the terminal; 0 before the first EV_RESIZE */
	struct seen seen;
	enum layout layout;
	bool zoomed;  /* one pane alone, however much room there is */
	bool leaving; /* FX_QUIT was given: draw nothing more */

	/* top line */
	struct arena accounts_arena;
	const struct account *accounts;
	int account_count;
	const struct gap *gaps; /* what the networks do not tell any more; the first one has a line over the inbox */
	int gap_count;
	bool accounts_known;
	VEC(struct known_name) known;
	int late, needing, outbox;
	int64_t median_ms; /* -1: none yet */
	bool numbers_known;
	bool read_only, drafts_only, courier_down;
	char store_why[256]; /* "" when all is well */
	/* Of the store: ERR_IO it takes nothing, ERR_PERMISSION it is read-only, ERR_DATA it is damaged; ERR_NONE. */
	enum err_code trouble;

	/* tabs of views: setup.views, and the filter as typed */
	int view;         /* index into setup.views; selected tab */
	int64_t *counts;  /* a number a view, -1 unknown */
	char filter[512]; /* `\`: a query on top of the view's; "" none */
	char search[256]; /* `/`: "" none */
	char query[2048]; /* what the inbox asks: view, filter and search together */
	struct arena query_arena;
	const struct query *parsed;

	enum mode focus;   /* MODE_INBOX, MODE_THREAD or MODE_COMPOSER: the pane that keys go to */
	enum mode overlay; /* MODE_SENDBAR … MODE_CONFIRM; MODE_COUNT for none */
	struct inbox inbox;
	struct thread thread;
	struct composer composer;
	struct sendbar sendbar;
	struct picker picker;
	struct prompt prompt;
	struct confirm confirm;
	struct {
		enum mode of; /* the place it explains */
		int top;      /* first line shown */
	} help;

	/* bottom line */
	struct message message;
	struct key chord[CHORD_MAX]; /* keys of a sequence that is not complete: shown, Esc cancels */
	size_t chord_len;

	/* under the bottom line: what this desk is, when it is not the real one */
	struct {
		char title[32]; /* "" for none */
		char text[512];
	} banner;

	/* this agent's replies of today and those that wait, oldest first; see state_outgoing() */
	struct arena replies_arena;
	const struct reply *replies;
	int reply_count;
	bool replies_known;
	VEC(struct holding) holding;
	VEC(struct local_draft) drafts;
	VEC(struct pending) pending;
	struct past past;
	struct handover handover;
	struct marks marks;
	struct bulk bulk;

	/* not shown */
	struct {
		struct fetch counts, numbers, accounts, replies, agents;
	} fetches;
	enum reply_kind withdrawn_kind; /* of the reply that withdraw_request speaks of */
	uint64_t next_request, editor_request, words_request, withdraw_request, search_request, file_request;
	bool search_back, search_round;
	uint64_t saved_hash;       /* of what FX_SAVE_STATE wrote last */
	struct action last_action; /* for `repeat`; strings on the heap; kind ACTION_COUNT: none */
	bool last_moves_on;
	char last_tag[64];
	char last_snooze[64];
	struct key last_key; /* the one being handled, for the second stroke */
	uint64_t last_read;
	uint64_t text_read;     /* a read that was dropped because it looks like text */
	int64_t timer_mono;     /* as given by FX_TIMER */
	int64_t state_due_mono; /* when FX_SAVE_STATE is due; 0: nothing to save */
	int64_t bell_mono;      /* of the last bell: at most one a minute */
	int bells_unheard;      /* since then */
	char bell_text[160];    /* what the newest of those said */
	bool spike;             /* many cases say the same: that has been told */
	int64_t day_start;
	int64_t left_at; /* UTC ms: when the desk whose state was restored last wrote it; 0: there was none */
	int64_t restore_case;
	bool restore_composer;
	enum draft_kind restore_kind;
	VEC(struct event) ahead; /* keys typed ahead of an answer that they hang on; text of pastes on the heap */
	bool reply_after_load;   /* `reply` was asked for before the thread was there */
};

struct state *state_new(const struct desk_setup *setup);
void state_free(struct state *state);

/* Takes up what FX_SAVE_STATE wrote; what does not fit any more is left out. Before the first update(). */
void state_restore(struct state *state, const char *json_text);

/* The only place where the state changes. Effects are added to what is there. */
void update(struct state *state, const struct event *event, struct effects *effects);

/* --- for the view */

/* Where keys go now. */
enum mode state_mode(const struct state *state);

/* Keys wait for an answer under way: what they mean is not known yet. */
bool state_keys_wait(const struct state *state);

/* The selected row, NULL for none; its index among rows, -1 for none. */
const struct kase *state_selected(const struct state *state);
int state_selected_index(const struct state *state);

/* The selected case as far as it is known: of the thread when that is loaded, else the row. NULL for none. */
const struct kase *state_case(const struct state *state);

/* The conversation of the selected case, NULL while it is loading. */
const struct case_view *state_view(const struct state *state);

/* Index of the selected item of the thread, -1 for none. */
int state_item_index(const struct state *state);

/* The post of ours that the composer corrects or takes back; NULL: none, or it is gone. */
const struct post *composer_corrects(const struct state *state);
/* The post that a reply in the composer answers; NULL when it is not on screen, or none. */
const struct post *composer_answers(const struct state *state);

/* The hand-over is open, or a picker or prompt of it. */
bool state_in_handover(const struct state *state);

/* Whom of ours a customer's handle or name looks like without being it: "@acme", or an agent's name. NULL: nobody. */
const char *state_looks_like(const struct state *state, const char *handle, const char *name);
/* The same where the handle alone is known; the name that goes with it is taken from what is on the desk. */
const char *state_handle_looks_like(const struct state *state, const char *handle);

/* What this agent holds of a case, in words: "yours, draft, reply held". */
void handover_words(const struct state *state, const struct kase *kase, char *out, size_t size);

/* Drafts that no store has: they are lost when the desk ends. */
int state_unsafe_drafts(const struct state *state);

/* An action on it waits for the store. */
bool state_case_pending(const struct state *state, int64_t case_id);

/* The case is one of those marked; how many are. */
bool state_marked(const struct state *state, int64_t case_id);
int state_marked_count(const struct state *state);

/* Somebody else is writing in the case now: their name, or "". */
const char *state_writer(const struct state *state, const struct kase *kase);

/* When this agent's unsent draft of the case was last changed (stored, or only here), UTC ms; 0 for none. */
int64_t state_draft_at(const struct state *state, const struct kase *kase);

/* A draft that could not be stored: the text is only here. */
bool state_draft_unsafe(const struct state *state);

const struct account *state_account(const struct state *state, int64_t account_id); /* NULL: unknown */

/* This agent's replies in the given states (bit mask of 1 << state), oldest first, those that the store has not
 * answered yet included (id 0); of a text in several posts the first part. At most max; returns how many there are. */
int state_outgoing(const struct state *state, unsigned states, const struct reply **out, int max);

/* What the composer's frame and number show: units left by the account's rule, negative when over; false: the rule is
 * not known yet (then *left is the length). For a note false and the length. */
bool composer_left(const struct state *state, int *left);
/* The server may count a little otherwise: "~12". */
bool composer_left_is_about(const struct state *state);

/* The text as it would be published: handle, text, signature. Appends to out. */
void composer_published(const struct state *state, struct str *out);

/* The text in as many posts as it needs, parts in the arena. 1: it fits; 0: it cannot be split. */
int composer_parts(const struct state *state, struct arena *arena, const struct split_part **parts);

/* The handles that are addressed besides the recipient's. */
void composer_also(const struct state *state, struct arena *arena, const char *const **handles, int *count);

/* The language it is marked with, when that is not the account's usual one; else "". */
const char *composer_language(const struct state *state);

/* The visibility the reply would have. */
enum visibility composer_visibility(const struct state *state);

#endif
