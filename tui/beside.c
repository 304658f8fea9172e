#include "tui/beside.h"

#include "core/base/mem.h"
#include "core/base/paths.h"

#include <stdlib.h>
#include <unistd.h>

char *program_beside(const char *name)
{
	char *dir = path_program_dir();
	char *beside = dir ? path_join(dir, name) : NULL;
	free(dir);
	if (beside && access(beside, X_OK) == 0)
		return beside;
	free(beside);
	return mem_strdup(name);
}
