/* What two worlds of Bluesky share: the one in recorded bytes, and the one of its own servers (tests/live). */
#ifndef TESTS_NETWORK_CONFORMANCE_ROOM_BLUESKY_H
#define TESTS_NETWORK_CONFORMANCE_ROOM_BLUESKY_H

#include "tests/network/conformance/web.h"

enum request_kind bluesky_request_kind(struct web_request *request);
void bluesky_refuse(struct stage *stage, enum fault_kind fault, struct web_answer *answer);

#endif
