/* Does a program speak as curlew-adapter(7) has it? It is started, asked, left alone and started again; what it says is
 * held against the page, sentence by sentence. It is asked to look up, never to publish. Blocks until that is done. */
#ifndef CORE_NETWORK_ADAPTER_CHECK_H
#define CORE_NETWORK_ADAPTER_CHECK_H

#include <stdbool.h>

/* why: "" when the sentence holds; what it says itself may stand in it. */
typedef void adapter_check_fn(void *arg, bool holds, const char *sentence, const char *why);

/* True when every sentence holds. */
bool adapter_check(const char *command, adapter_check_fn *tell, void *arg);

#endif
