/* Deep copies of model types into an arena: what the state keeps of an event, and what an effect takes along. Pure. */
#ifndef TUI_DESK_COPY_H
#define TUI_DESK_COPY_H

#include "core/base/arena.h"
#include "core/model/action.h"
#include "core/model/model.h"

struct kase *copy_cases(struct arena *arena, const struct kase *rows, int count);
struct case_view *copy_case_view(struct arena *arena, const struct case_view *view);
struct account *copy_accounts(struct arena *arena, const struct account *accounts, int count);
struct gap *copy_gaps(struct arena *arena, const struct gap *gaps, int count);
struct draft *copy_drafts(struct arena *arena, const struct draft *drafts, int count);
struct past_case *copy_past(struct arena *arena, const struct past_case *cases, int count);
struct reply *copy_replies(struct arena *arena, const struct reply *replies, int count);
const struct attachment *copy_files(struct arena *arena, const struct attachment *files, int count);
struct action copy_action(struct arena *arena, const struct action *action);

/* On the heap: free with action_release. */
struct action action_keep(const struct action *action);
void action_release(struct action *action);

#endif
