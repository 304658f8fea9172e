/* How the files of the desk call one another; nobody outside includes this. Everything that changes the state takes it
 * and the effects of the event at hand. Questions to the store are not asked where they arise: what is wanted is marked
 * dirty, and ask_all() asks once, when the event has been handled. */
#ifndef TUI_DESK_INNER_H
#define TUI_DESK_INNER_H

#include "core/base/str.h"
#include "tui/desk/commands.h"
#include "tui/desk/copy.h"
#include "tui/desk/sendbar.h"
#include "tui/desk/state.h"

#define NEVER INT64_MAX

/* --- say.c: the bottom line, and what rings */

/* Five seconds; of the text so far nothing stays. */
void say(struct state *state, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Until the next key. */
void complain(struct state *state, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Rings, at most once a minute, unless settings or quiet hours forbid; text is what a notification says. */
void alarm_ring(struct state *state, struct effects *fx, bool mine, const char *text);
/* What did not ring because another just had: once, with their number, when the minute is over. */
int64_t alarm_due(const struct state *state); /* monotonic; NEVER */
void alarm_sum(struct state *state, struct effects *fx);
uint64_t next_request(struct state *state);
/* The keys that run a command in a mode as the key file has them, for messages; its name when it has none. */
const char *key_for(const struct state *state, enum mode mode, enum command_id id, char out[CHORD_TEXT_MAX]);
/* Whom of ours others may look like: lookalike.c. known_accounts takes them from state->accounts. */
void known_accounts(struct state *state);
void known_agent(struct state *state, const char *agent);
void known_release(struct state *state);
/* The handle as it is said to the agent: "@асme@evil.example [looks like @acme]". Returns out. */
const char *handle_said(const struct state *state, const char *handle, char *out, size_t size);

/* False, with words on the bottom line, when nothing can be written. */
bool may_write(struct state *state);

/* --- key.c */
void handle_key(struct state *state, const struct event *event, struct effects *fx);
void handle_paste(struct state *state, const struct event *event, struct effects *fx);

/* --- mouse.c */
void handle_mouse(struct state *state, const struct event *event, struct effects *fx);

/* --- cmd_look.c */
void leave(struct state *state, struct effects *fx); /* the desk ends; what is typed is stored */

/* --- ahead.c */
bool ahead_waits(const struct state *state); /* keys are kept back */
void ahead_put(struct state *state, const struct event *event);
void ahead_drop(struct state *state);
void ahead_replay(struct state *state, struct effects *fx);

/* --- inbox.c */
void inbox_ask(struct state *state, struct effects *fx);
void inbox_answer(struct state *state, const struct event *event, struct effects *fx);
/* Another view, filter or first start: forget the rows and ask from the top; keep: 0 or the case to be selected if the
 * list has it. */
void inbox_restart(struct state *state, int64_t keep);
void inbox_select(struct state *state, int index);
void inbox_move(struct state *state, int delta);
void inbox_edge(struct state *state, bool end);
/* Selects a case wherever it is: in the window, in the view, or in the first view that has it. */
void inbox_go(struct state *state, const struct kase *kase);
/* The case has changed here: rows show it. moves_on: the selection goes to the next row, and this one when it no longer
 * belongs to the view. */
void inbox_changed(struct state *state, int64_t case_id, bool moves_on);
struct kase *inbox_row(struct state *state, int64_t case_id);
/* Rebuilds state.query from view and filter. */
void inbox_query(struct state *state);

/* --- thread.c */
void thread_ask(struct state *state, struct effects *fx);
void thread_answer(struct state *state, const struct event *event, struct effects *fx);
void thread_forget(struct state *state);          /* what the view has made of the conversation */
void thread_step(struct state *state, int delta); /* posts */
void thread_scroll(struct state *state, int lines);
void thread_edge(struct state *state, bool end);
/* The post that commands act on: the selected one, else the customer's newest. NULL: none. */
const struct post *thread_post(const struct state *state);
/* The post a reply answers: the selected one if it is the customer's, else their newest. NULL: none. */
const struct post *thread_answered(const struct state *state);
int64_t thread_newest(const struct state *state);    /* id of the post that the store got last, 0 for none */
int64_t thread_newest_at(const struct state *state); /* when the newest post was written */
bool thread_is_news(const struct state *state, const struct post *post); /* came after the composer was opened */
bool thread_find(struct state *state, bool back);                        /* the next item with the search's words */

/* --- actions.c */
/* Checks, shows, and sends it to the store. False when it does not fit: the bottom line says why. */
bool act(struct state *state, struct effects *fx, struct action action, bool moves_on);
/* Applies what is pending to a case as the store had it; arena holds the strings. */
void apply_pending(const struct state *state, struct kase *kase, struct arena *arena);
void acted(struct state *state, const struct event *event);

/* The rows of the case show the changes, marked as pending by the caller. */
void action_show(struct state *state, int64_t case_id, const struct change *changes, int count);
/* "tagged refund", "snoozed until Mon 09:00". */
void action_words(const struct action *action, char *out, size_t size);

/* --- marks.c, bulk.c */
/* The rows are about to be others: a range whose beginning is not among them is marked case by case. */
void marks_before_rows(struct state *state, const struct kase *rows, int count);
void marks_clear(struct state *state);
/* Asks for the second stroke, or the number, and then does the actions (one or two, without a case) to all that is
 * marked. */
void bulk_ask(struct state *state, const struct action *actions, int count, bool moves_on);
void bulk_do(struct state *state, struct effects *fx);
/* What was typed as the number of the marked cases. */
void bulk_accept(struct state *state, const char *typed, struct effects *fx);
void bulk_release(struct state *state);

/* --- draft.c */
struct local_draft *draft_find(struct state *state, int64_t case_id, enum draft_kind kind);
/* The composer's text is what is to be stored, at `mono` at the earliest. */
void draft_touch(struct state *state, int64_t mono);
struct local_draft *draft_put(
        struct state *state, int64_t case_id, enum draft_kind kind, const char *text, int64_t revision);
/* The composer has been opened on the text that the store has in this revision (0: it has none): it is that which the
 * next save replaces, whatever comes into the store meanwhile. */
void draft_adopt(struct state *state, int64_t revision);
/* A text that comes back, since what was to become of it could not be stored: beside what stands there by now. */
struct local_draft *draft_back(
        struct state *state, int64_t case_id, enum draft_kind kind, const char *text, int64_t revision);
/* What stands beside its text. */
void draft_marks(struct local_draft *draft, const char *to_remote_id, const char *warning, const char *language,
        const struct attachment *files, int count);
/* It has been confirmed or thrown away: nothing more is to be stored. */
void draft_drop(struct state *state, int64_t case_id, enum draft_kind kind);
void drafts_save(struct state *state, struct effects *fx); /* those that are due */
void draft_free(struct local_draft *draft);                /* what it holds */
void draft_saved(struct state *state, const struct event *event);
int64_t drafts_due(const struct state *state); /* monotonic; NEVER */

/* --- composer.c */
/* The conversation has been read anew: a draft that came into the store meanwhile (a recalled text, a moment after its
 * key) is taken up while nothing has been typed. */
void composer_catch_up(struct state *state);
/* The number in its frame follows; the last thing that an event does. */
void composer_count(struct state *state, const struct event *event);
/* Opens it for the selected case, with the draft that there is. post: the one answered, NULL for a note. */
void composer_open(struct state *state, enum draft_kind kind, const struct post *post);
void composer_close(struct state *state, struct effects *fx); /* keeps the draft */
/* After every change of the text. typed: by keys, which is what claims. */
void composer_edited(struct state *state, struct effects *fx, bool typed);
void composer_attach(struct composer *composer, const char *path, const char *alt);

/* --- canned.c */
/* Fills in {customer} and friends; what is unknown becomes a placeholder. Appends. */
void canned_fill(const struct state *state, const char *text, struct str *out);
bool canned_put(struct state *state, const char *name);
void canned_expand(struct state *state); /* "::name" before the cursor */

/* Why it does not fit the case that is open: "" when it does. */
void canned_misfit(const struct state *state, const struct setup_canned *canned, char *out, size_t size);

/* --- cmd_reply.c: the reply of the case whose outcome is not known; NULL for none */
const struct reply *doubtful_reply(const struct state *state);

/* --- cmd_compose.c */
void file_known(struct state *state, const struct event *event);
void alt_accept(struct state *state, const char *alt, struct effects *fx);

/* --- correct.c */
/* Opens the composer on a post of ours with what it says, or with the correction that was begun. */
void correct_open(struct state *state, const struct post *post);
/* The post that a stored correction is of; NULL: it is not there any more. */
const struct post *correct_begun(const struct state *state);
/* What becomes of the post, and what of it is lost. */
void correct_words(const struct state *state, char *out, size_t size);
void unsend_accept(struct state *state, const char *why, struct effects *fx);

/* --- cmd_network.c: whether what the command does on the network cannot be done to the selected post, with the reason;
 * false for every other command. */
bool network_refuses(const struct state *state, enum command_id command, char *why, size_t size);
/* The command that is meant for the selected post: `like` on one that is liked takes that back, and `boost` likewise.
 * It is asked before the second stroke, never at it: what is said there is what is done, whatever the post says by
 * then. */
const struct command *network_meant(const struct state *state, const struct command *command);
void report_accept(struct state *state, const char *why, struct effects *fx);

/* --- sendbar.c, hold.c */
void sendbar_open(struct state *state);
void recall_all(struct state *state, struct effects *fx);
void hold_composer(struct state *state, struct effects *fx, bool anyway);
/* Like, boost: what is done to the post without a text. */
void hold_mark(
        struct state *state, struct effects *fx, const struct post *post, enum reply_kind kind, const char *text);
void held(struct state *state, const struct event *event, struct effects *fx);
void recalled(struct state *state, const struct event *event);
void withdrawn(struct state *state, const struct event *event);
void settled(struct state *state, const struct event *event);
void replies_answer(struct state *state, const struct event *event, struct effects *fx);
void restarted(struct state *state, const struct event *event);

/* --- overlay.c, picker.c, prompt.c */
void overlay_open(struct state *state, enum mode mode);
void overlay_close(struct state *state);
void picker_open(struct state *state, enum picker_purpose purpose, struct effects *fx);
void picker_typed(struct state *state);
void picker_letter(struct state *state, uint32_t letter, struct effects *fx);
void picker_accept(struct state *state, struct effects *fx);
void picker_words(struct state *state, const struct event *event);
/* An item that is taken by its value: for links_fill and the like, which the picker calls when it opens. */
void picker_add(struct picker *picker, const char *label, const char *hint, char letter, const char *value);
void prompt_open(struct state *state, enum prompt_purpose purpose, const char *label, const char *text);
void prompt_accept(struct state *state, struct effects *fx);
void prompt_complete(struct state *state);
void prompt_history(struct state *state, bool earlier);
void prompt_edited(struct state *state);

/* --- links.c, on_post.c, past.c: pickers whose items are not arguments of one command */
void links_fill(struct state *state);
void link_take(struct state *state, const char *url, struct effects *fx);
void on_post_fill(struct state *state);
void on_post_take(struct state *state, const char *word, struct effects *fx);
void past_ask(struct state *state, struct effects *fx);
void past_answer(struct state *state, const struct event *event);

/* --- handover.c */
void handover_answer(struct state *state, const struct event *event, struct effects *fx);
/* True when it was the hand-over that has been done. */
bool handover_acted(struct state *state, const struct event *event, struct effects *fx);
void handover_accept(struct state *state, struct effects *fx);                  /* the list as it is */
void handover_note(struct state *state, const char *words, struct effects *fx); /* what was typed of it */
void handover_move(struct state *state, int delta);

/* --- complete.c: what could stand at the end of a query, with the values that the desk knows */
void filter_complete(const struct state *state, const char *text,
        void (*each)(void *arg, const char *candidate, const char *help), void *arg);

/* --- search.c */
void search_answer(struct state *state, const struct event *event, struct effects *fx);
/* Checks and sets it; while it is wrong the prompt stays. */
void filter_accept(struct state *state, const char *text);

/* --- restore.c */
/* Notices a change of what a later start takes up, and saves it a second after. */
void state_save(struct state *state, struct effects *fx);
void state_save_now(struct state *state, struct effects *fx); /* the desk ends */
/* The thread has come: opens the composer that was open. */
void state_restored(struct state *state);

#endif
