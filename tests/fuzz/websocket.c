/* What a WebSocket's server sends, the answer to the handshake and frames: however it is cut into reads, the same comes
 * out, and the same goes back. The first byte says which of the two it is, the second how it is cut.
 *
 * Where something is wrong, wslay may find it in the first of two reads or in the second: then no more is held to than
 * that neither heard what the other did not. */
#include "tests/fuzz/fuzz.h"

#include "core/net/frames.h"
#include "core/net/handshake.h"

#define MESSAGE_MAX 5000

static uint64_t not_random(void)
{
	return UINT64_C(0x1122334455667788);
}

static void on_text(void *arg, const char *text, size_t len)
{
	struct str *seen = arg;
	must(len <= MESSAGE_MAX && text[len] == '\0' && utf8_valid(text, strlen(text)));
	str_addf(seen, "[%zu ", len);
	str_add(seen, text, len);
	str_addc(seen, ']');
}

static void on_control(void *arg)
{
	str_addc(arg, '.');
}

static bool feed_frames(const char *bytes, size_t size, size_t piece, struct str *seen)
{
	static const struct frames_handlers handlers = {on_text, on_control};
	struct frames *frames = frames_new(&handlers, seen, MESSAGE_MAX, not_random);
	struct err err = ERR_INIT;
	struct str sent = STR_INIT;
	int rc = 0;
	for (size_t at = 0; at < size && !rc; at += piece) {
		rc = frames_feed(frames, bytes + at, size - at < piece ? size - at : piece, &err);
		str_add(&sent, frames_out(frames)->p, frames_out(frames)->len);
		str_clear(frames_out(frames));
	}
	if (!rc)
		str_add(seen, sent.p, sent.len);
	frames_free(frames);
	str_release(&sent);
	return rc == 0;
}

static bool feed_answer(const char *bytes, size_t size, size_t piece, struct str *seen)
{
	struct handshake handshake;
	struct err err = ERR_INIT;
	enum handshake_result result = HANDSHAKE_MORE;
	size_t used = 0, all = 0;
	handshake_init(&handshake, 1, 2);
	for (size_t at = 0; at < size && result == HANDSHAKE_MORE; at += piece) {
		result = handshake_feed(&handshake, bytes + at, size - at < piece ? size - at : piece, &used, &err);
		all += used;
	}
	must(result != HANDSHAKE_REFUSED || (handshake.status >= 200 && handshake.status <= 999));
	must((result == HANDSHAKE_BROKEN) == (err.code != ERR_NONE));
	must(result == HANDSHAKE_MORE ? all == size : all <= size);
	str_addf(seen, "%d %zu %d %s %s", (int)result, all, handshake.status, handshake.body.p, err.text);
	handshake_release(&handshake);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = STR_INIT, pieces = STR_INIT;
	if (size < 3)
		return 0;
	bool (*feed)(const char *, size_t, size_t, struct str *) = data[0] % 2 ? feed_answer : feed_frames;
	bool sound = feed((const char *)data + 2, size - 2, size, &whole);
	sound = feed((const char *)data + 2, size - 2, 1 + data[1] % 16, &pieces) && sound;
	size_t least = whole.len < pieces.len ? whole.len : pieces.len;
	must(whole.len == pieces.len || !sound);
	must(memcmp(whole.p, pieces.p, least) == 0);
	str_release(&whole);
	str_release(&pieces);
	return 0;
}
