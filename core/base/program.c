/* Apart from paths.c: pure programs are linked without libuv, which knows how each system says this. */
#include "core/base/paths.h"

#include <limits.h>
#include <uv.h>

char *path_program_dir(void)
{
	char path[PATH_MAX];
	size_t len = sizeof path;
	return uv_exepath(path, &len) ? NULL : path_dirname(path);
}
