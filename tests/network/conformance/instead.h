/* What holds where a network cannot keep a sentence: for the exceptions of worlds. */
#ifndef TESTS_NETWORK_CONFORMANCE_INSTEAD_H
#define TESTS_NETWORK_CONFORMANCE_INSTEAD_H

#include "tests/network/conformance/stage.h"

void no_post_says_that_it_cannot_be_answered(void **state);
void what_is_not_said_to_be_idempotent_is_looked_for(void **state);
void an_edit_is_seen_when_the_post_is_read(void **state);
void the_first_version_of_a_post_stays(void **state);
void a_deletion_is_seen_when_the_post_is_read(void **state);
void a_limit_without_an_end_is_waited_out(void **state);
void a_limit_of_posts_without_an_end_is_waited_out(void **state);
void no_like_is_offered(void **state);
void no_correction_is_offered(void **state);

#endif
