#include "tui/term/facts.h"

#include "tui/term/canvas.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int term_facts(struct term_facts *out, struct err *err)
{
	struct winsize size = {0};
	*out = (struct term_facts){.type = getenv("TERM")};
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return err_set(err, ERR_USAGE, "stdout is no terminal");
	bool known = size.ws_row && size.ws_col; /* a serial line says 0: the desk takes it for 24x80 as well */
	out->rows = known ? size.ws_row : 24;
	out->cols = known ? size.ws_col : 80;
	return canvas_check_type(out->type, &out->colours, err);
}
