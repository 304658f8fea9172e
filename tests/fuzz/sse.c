/* An event stream: however it is cut into reads, the same events come out. */
#include "tests/fuzz/fuzz.h"

#include "core/net/sse.h"

static void note(void *arg, const struct sse_event *event)
{
	struct str *seen = arg;
	must(event->data[event->data_len] == '\0');
	str_addf(seen, "%s %s ", event->type, event->id);
	str_add(seen, event->data, event->data_len);
	str_addc(seen, '\n');
}

static void feed(const char *bytes, size_t size, size_t piece, struct str *seen)
{
	static const struct sse_handlers handlers = {.on_event = note};
	struct sse sse;
	struct err err = ERR_INIT;
	sse_init(&sse, &handlers, seen);
	for (size_t at = 0; at < size; at += piece)
		if (sse_feed(&sse, bytes + at, size - at < piece ? size - at : piece, &err))
			break;
	sse_release(&sse);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = STR_INIT, pieces = STR_INIT;
	if (size < 2)
		return 0;
	feed((const char *)data + 1, size - 1, size, &whole);
	feed((const char *)data + 1, size - 1, 1 + data[0] % 16, &pieces);
	must(whole.len == pieces.len && memcmp(whole.p, pieces.p, whole.len) == 0);
	str_release(&whole);
	str_release(&pieces);
	return 0;
}
