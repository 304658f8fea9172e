/* What an adapter says, line by line, as model records: the upper half of curlew-adapter(7). Pure. What is handed out
 * lives in the arena; text is valid UTF-8 without NUL. */
#ifndef CORE_NETWORK_ADAPTER_DECODE_H
#define CORE_NETWORK_ADAPTER_DECODE_H

#include "core/network/network.h"

#define ADAPTER_PROTOCOL 1
#define ADAPTER_LINE_MAX ((size_t)1024 * 1024 - 1) /* bytes without the line feed */
#define ADAPTER_POSITION_MAX 65536
#define ADAPTER_WORDS_MAX 512   /* bytes of a reason */
#define ADAPTER_SECRET_MAX 8192 /* bytes of one */

enum adapter_type {
	ADAPTER_HELLO,
	ADAPTER_FACTS,
	ADAPTER_POST, /* or an edit */
	ADAPTER_DELETE,
	ADAPTER_CUSTOMER,
	ADAPTER_POSITION,
	ADAPTER_GAP,
	ADAPTER_STATE,
	ADAPTER_CHARGE,
	ADAPTER_SECRETS,
	ADAPTER_ALIVE,
	ADAPTER_ANSWER,
	ADAPTER_UNKNOWN /* of a later version */
};

struct adapter_line {
	enum adapter_type type;
	const char *position; /* NULL: none */
	/* HELLO, FACTS */
	int64_t protocol;
	const char *name, *network;
	struct account_facts facts;
	/* POST, DELETE, CUSTOMER */
	struct item item;
	/* GAP: source, from, to, reason. STATE: state, until, reason */
	const char *source, *reason;
	int64_t from, to, until;
	enum account_state state;
	/* CHARGE, in millionths of the currency */
	int64_t cost;
	/* SECRETS: the line's bytes and the arena hold them, too; whoever reads it wipes both */
	struct credential_value secrets[CREDENTIAL_COUNT];
	int secret_count;
	/* ANSWER */
	int64_t id;
	struct call_result result;
	int dropped; /* of its posts: those that lacked something */
	struct err why;
};

/* network: the word that hello gave; within it the ids of people hold. -ERR_DATA names what is wrong. */
int adapter_decode(const char *bytes, size_t len, const char *network, struct arena *arena, struct adapter_line *out,
        struct err *err);

#endif
