/* The desk's screens on a terminal with UTF-8. */
#include "tests/golden/golden.h"

int main(void)
{
	return golden_run("screens", "C.UTF-8");
}
