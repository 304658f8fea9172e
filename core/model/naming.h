/* Who is named in a text of the team. Pure. */
#ifndef CORE_MODEL_NAMING_H
#define CORE_MODEL_NAMING_H

#include <stdbool.h>

/* True when the text has "@agent" as a word: not within another word, and not as the beginning of a handle
 * (@agent@server). The name is as name_normalise gives it; ASCII letters may be of either case. */
bool text_names(const char *text, const char *agent);

#endif
