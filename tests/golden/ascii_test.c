/* The desk's screens on a terminal without UTF-8. */
#include "tests/golden/golden.h"

int main(void)
{
	return golden_run("ascii", "C");
}
