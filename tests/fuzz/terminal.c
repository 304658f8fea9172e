/* Bytes of a terminal, in reads of any size and with pauses: keys, pastes and clicks come out, and nothing else; what
 * is unfinished stays small. */
#include "tests/fuzz/fuzz.h"

#include "keymaps/chord.h"
#include "tui/term/decode.h"

static void note(void *arg, const struct term_input *input)
{
	char name[CHORD_TEXT_MAX];
	++*(int *)arg;
	if (input->kind == TERM_KEY)
		key_format(input->key, name, sizeof name);
	else if (input->kind == TERM_PASTE)
		must(input->len <= PASTE_MAX && utf8_valid(input->text, input->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoder decoder;
	int64_t now = 1000000;
	int count = 0;
	decoder_init(&decoder);
	for (size_t at = 0; at < size;) {
		size_t piece = 1 + data[at] % 7;
		now += data[at] % 3 ? 0 : 20;
		if (piece > size - at)
			piece = size - at;
		decoder_feed(&decoder, (const char *)data + at, piece, now, note, &count);
		must(decoder.pending_len <= sizeof decoder.pending);
		if (decoder_deadline(&decoder) <= now)
			decoder_timeout(&decoder, now, note, &count);
		at += piece;
	}
	decoder_timeout(&decoder, now + LATE_ESC_MS, note, &count);
	must((size_t)count <= 2 * size + 1);
	decoder_release(&decoder);
	return 0;
}
