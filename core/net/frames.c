#include "core/net/frames.h"

#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

struct frames {
	wslay_event_context_ptr wslay;
	const struct frames_handlers *handlers;
	void *arg;
	uint64_t (*random)(void);
	size_t max_message;
	const char *in; /* bytes that are being fed */
	size_t in_len;
	struct str out, text;
	struct str farewell; /* the words of the server's close */
};

static ssize_t take(wslay_event_context_ptr wslay, uint8_t *buf, size_t len, int flags, void *arg)
{
	struct frames *frames = arg;
	(void)flags;
	if (!frames->in_len) {
		wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (len > frames->in_len)
		len = frames->in_len;
	memcpy(buf, frames->in, len);
	frames->in += len;
	frames->in_len -= len;
	return (ssize_t)len;
}

static ssize_t put(wslay_event_context_ptr wslay, const uint8_t *bytes, size_t len, int flags, void *arg)
{
	struct frames *frames = arg;
	(void)wslay;
	(void)flags;
	str_add(&frames->out, (const char *)bytes, len);
	return (ssize_t)len;
}

static int mask(wslay_event_context_ptr wslay, uint8_t *buf, size_t len, void *arg)
{
	struct frames *frames = arg;
	(void)wslay;
	for (size_t at = 0; at < len; at += sizeof(uint64_t)) {
		uint64_t random = frames->random();
		memcpy(buf + at, &random, len - at < sizeof random ? len - at : sizeof random);
	}
	return 0;
}

static void on_message(wslay_event_context_ptr wslay, const struct wslay_event_on_msg_recv_arg *message, void *arg)
{
	struct frames *frames = arg;
	(void)wslay;
	const char *bytes = (const char *)message->msg;
	if (message->opcode == WSLAY_TEXT_FRAME) {
		str_clear(&frames->text);
		str_add(&frames->text, message->msg_length ? bytes : "", message->msg_length);
		frames->handlers->on_text(frames->arg, frames->text.p, frames->text.len);
	} else if (message->opcode == WSLAY_CONNECTION_CLOSE) {
		if (message->msg_length > 2) /* behind the code */
			str_add(&frames->farewell, bytes + 2, message->msg_length - 2);
	} else if (wslay_is_ctrl_frame(message->opcode)) {
		frames->handlers->on_control(frames->arg);
	}
}

struct frames *frames_new(
        const struct frames_handlers *handlers, void *arg, size_t max_message, uint64_t (*random)(void))
{
	static const struct wslay_event_callbacks callbacks = {.recv_callback = take,
	        .send_callback = put,
	        .genmask_callback = mask,
	        .on_msg_recv_callback = on_message};
	struct frames *frames = mem_alloc(sizeof *frames);
	frames->handlers = handlers;
	frames->arg = arg;
	frames->random = random;
	frames->max_message = max_message;
	str_init(&frames->out, SIZE_MAX);
	str_init(&frames->text, SIZE_MAX);
	str_init(&frames->farewell, 128); /* a close has no more room */
	if (wslay_event_context_client_init(&frames->wslay, &callbacks, frames))
		mem_checked(NULL);
	wslay_event_config_set_max_recv_msg_length(frames->wslay, max_message);
	return frames;
}

void frames_free(struct frames *frames)
{
	if (!frames)
		return;
	wslay_event_context_free(frames->wslay);
	str_release(&frames->out);
	str_release(&frames->text);
	str_release(&frames->farewell);
	free(frames);
}

static int explain_close(struct frames *frames, struct err *err)
{
	unsigned code = wslay_event_get_status_code_received(frames->wslay);
	bool said = frames->farewell.len > 0;
	if (code == WSLAY_CODE_NO_STATUS_RCVD || !code)
		return err_set(err, ERR_UNAVAILABLE, "the server ended the WebSocket");
	return err_set(err, ERR_UNAVAILABLE, "the server ended the WebSocket (%u%s%s)", code, said ? ": " : "",
	        frames->farewell.p);
}

static int explain_refusal(struct frames *frames, struct err *err)
{
	switch (wslay_event_get_status_code_sent(frames->wslay)) {
	case WSLAY_CODE_MESSAGE_TOO_BIG:
		return err_set(
		        err, ERR_LIMIT, "a message of the WebSocket is larger than %zu bytes", frames->max_message);
	case WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA:
		return err_set(err, ERR_PROTOCOL, "a text of the WebSocket is not UTF-8");
	default: return err_set(err, ERR_PROTOCOL, "the server sends what is no frame of a WebSocket");
	}
}

int frames_feed(struct frames *frames, const char *bytes, size_t len, struct err *err)
{
	frames->in = bytes;
	frames->in_len = len;
	int rc = wslay_event_recv(frames->wslay);
	int unsent = wslay_event_send(frames->wslay);
	frames->in_len = 0;
	if (rc == WSLAY_ERR_NOMEM || unsent == WSLAY_ERR_NOMEM)
		mem_checked(NULL);
	if (wslay_event_get_close_received(frames->wslay))
		return explain_close(frames, err);
	return wslay_event_get_read_enabled(frames->wslay) ? 0 : explain_refusal(frames, err);
}

void frames_close(struct frames *frames, int code)
{
	if (wslay_event_queue_close(frames->wslay, (uint16_t)code, NULL, 0) == 0)
		wslay_event_send(frames->wslay);
}

struct str *frames_out(struct frames *frames)
{
	return &frames->out;
}
