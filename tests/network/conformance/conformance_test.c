/* What every network must keep, in the worlds of all rooms. A pattern picks tests by name: 'mastodon: *'. */
#include "core/base/str.h"
#include "tests/network/conformance/room_adapter.h"
#include "tests/network/conformance/sentence.h"

int main(int argc, char **argv)
{
	static const struct room *const rooms[] = {&room_mastodon, &room_gotosocial, &room_gotosocial_socket,
	        &room_akkoma, &room_x, &room_x_stream, &room_bluesky, &room_adapter, &room_fakenet_mastodon,
	        &room_fakenet_gotosocial, &room_fakenet_polled, &room_fakenet_x, &room_fakenet_bluesky};
	int64_t port;
	if (argc == 3 && str_eq(argv[1], "--bridge") && parse_i64(argv[2], &port))
		return bridge((int)port);
	return conformance_run(rooms, sizeof rooms / sizeof *rooms, argc > 1 ? argv[1] : NULL);
}
