/* What every network must keep, in the worlds of all rooms. A pattern picks tests by name: 'mastodon: *'. */
#include "tests/network/conformance/sentence.h"

int main(int argc, char **argv)
{
	static const struct room *const rooms[] = {&room_mastodon, &room_gotosocial, &room_x, &room_bluesky};
	return conformance_run(rooms, sizeof rooms / sizeof *rooms, argc > 1 ? argv[1] : NULL);
}
