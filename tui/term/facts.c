#include "tui/term/facts.h"

#include "tui/term/canvas.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int term_facts(struct term_facts *out, struct err *err)
{
	struct winsize size = {0};
	*out = (struct term_facts){.type = getenv("TERM")};
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return err_set(err, ERR_USAGE, "stdout is no terminal");
	out->rows = size.ws_row;
	out->cols = size.ws_col;
	return canvas_check_type(out->type, &out->colours, err);
}
