/* The world as Mastodon's JSON entities (API 4.5). Each function hands a new value to the caller. */
#ifndef TESTS_FAKENET_RENDER_H
#define TESTS_FAKENET_RENDER_H

#include "core/base/json.h"
#include "tests/fakenet/world.h"

json *render_person(const struct person *person);
json *render_self(const struct person *brand); /* with `source` and `role`: verify_credentials */
json *render_status(const struct status *status);
json *render_notice(const struct notice *notice);
json *render_instance_v2(int port, bool gotosocial);
json *render_instance_v1(int port, bool gotosocial);

void json_set_id(json *object, const char *key, int64_t id);   /* ids are strings; 0 is null */
void json_set_time(json *object, const char *key, int64_t ms); /* 0 is null */

#endif
