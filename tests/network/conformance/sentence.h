/* What every network must keep: sentences, each a test. */
#ifndef TESTS_NETWORK_CONFORMANCE_SENTENCE_H
#define TESTS_NETWORK_CONFORMANCE_SENTENCE_H

#include "tests/network/conformance/stage.h"

struct sentence {
	const char *name; /* of the function */
	void (*holds)(void **state);
};

extern const struct sentence sentences_in[], sentences_out[]; /* each ends with one without a name */

/* All of them in each world, or those whose name fits a pattern (NULL: all), as cmocka's tests; how many failed. */
int conformance_run(const struct room *const *rooms, size_t count, const char *pattern);

extern const struct room room_mastodon, room_gotosocial, room_gotosocial_socket, room_akkoma, room_x, room_x_stream,
        room_bluesky, room_adapter, room_fakenet_mastodon, room_fakenet_gotosocial, room_fakenet_polled, room_fakenet_x,
        room_fakenet_bluesky;

#endif
