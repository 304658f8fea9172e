#include "tui/desk/effect.h"

void effects_clear(struct effects *effects)
{
	vec_clear(&effects->list);
	arena_reset(&effects->arena);
}

void effects_release(struct effects *effects)
{
	vec_release(&effects->list);
	arena_release(&effects->arena);
}

struct effect *effects_add(struct effects *effects, enum effect_kind kind)
{
	struct effect effect = {.kind = kind};
	vec_push(&effects->list, effect);
	return &effects->list.at[effects->list.len - 1];
}
