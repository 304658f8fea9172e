#include "tui/term/decode.h"

#include "core/base/utf8.h"

#include <string.h>

enum { SEQUENCE_MAX = 48 };

/* A read, while it is decoded: whom to tell, and how much text was in it. */
struct reading {
	term_input_fn *each;
	void *arg;
	int burst;
	bool foreign;
	bool more;
};

void decoder_init(struct decoder *decoder)
{
	*decoder = (struct decoder){0};
	str_init(&decoder->paste, PASTE_MAX);
}

void decoder_release(struct decoder *decoder)
{
	str_release(&decoder->paste);
}

static void tell(const struct reading *reading, struct key key)
{
	struct term_input input = {.kind = TERM_KEY,
	        .key = key,
	        .burst = reading->burst,
	        .foreign = reading->foreign,
	        .more = reading->more};
	reading->each(reading->arg, &input);
}

static void tell_named(const struct reading *reading, enum key_name name, unsigned mods)
{
	tell(reading, key_named(name, mods));
}

/* --- sequences */

static const struct {
	char final;
	enum key_name name;
} final_keys[] = {{'A', KEYNAME_UP}, {'B', KEYNAME_DOWN}, {'C', KEYNAME_RIGHT}, {'D', KEYNAME_LEFT},
        {'H', KEYNAME_HOME}, {'F', KEYNAME_END}, {'P', KEYNAME_F1}, {'Q', KEYNAME_F1 + 1}, {'R', KEYNAME_F1 + 2},
        {'S', KEYNAME_F1 + 3}, {'Z', KEYNAME_TAB}};

/* CSI n ~, as DEC's VT220 numbered them and xterm and rxvt went on. */
static const struct {
	int number;
	enum key_name name;
} tilde_keys[] = {{1, KEYNAME_HOME}, {2, KEYNAME_INSERT}, {3, KEYNAME_DELETE}, {4, KEYNAME_END}, {5, KEYNAME_PGUP},
        {6, KEYNAME_PGDN}, {7, KEYNAME_HOME}, {8, KEYNAME_END}, {11, KEYNAME_F1}, {12, KEYNAME_F1 + 1},
        {13, KEYNAME_F1 + 2}, {14, KEYNAME_F1 + 3}, {15, KEYNAME_F1 + 4}, {17, KEYNAME_F1 + 5}, {18, KEYNAME_F1 + 6},
        {19, KEYNAME_F1 + 7}, {20, KEYNAME_F1 + 8}, {21, KEYNAME_F1 + 9}, {23, KEYNAME_F1 + 10}, {24, KEYNAME_F1 + 11}};

static enum key_name final_key(char final)
{
	for (size_t i = 0; i < sizeof final_keys / sizeof *final_keys; i++)
		if (final_keys[i].final == final)
			return final_keys[i].name;
	return KEYNAME_NONE;
}

/* xterm's modifier parameter: 1 + (1 shift, 2 alt, 4 ctrl). */
static unsigned modifiers(int parameter)
{
	unsigned bits = parameter > 1 ? (unsigned)(parameter - 1) : 0;
	return (bits & 1 ? KEY_MOD_SHIFT : 0u) | (bits & 2 ? KEY_MOD_ALT : 0u) | (bits & 4 ? KEY_MOD_CTRL : 0u);
}

/* Parameters of a control sequence: up to three decimal numbers. */
static void parameters(const char *text, size_t len, int out[3])
{
	int at = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == ';')
			at++;
		else if (at < 3 && text[i] >= '0' && text[i] <= '9' && out[at] < 10000)
			out[at] = out[at] * 10 + (text[i] - '0');
	}
}

/* xterm's SGR form: < button ; column ; row, from 1, M for a press. Buttons 64 and 65 are the wheel; 4, 8 and 16 say
 * that Shift, Alt or Control is held, which is the terminal's own business (marking text). */
static void mouse_report(const struct reading *reading, const char *text, size_t len)
{
	int number[3] = {0, 0, 0};
	struct term_input input = {.kind = TERM_MOUSE, .more = reading->more};
	parameters(text, len - 1, number);
	if (text[len - 1] != 'M' || !number[1] || !number[2])
		return;
	switch (number[0]) {
	case 0: input.mouse.what = MOUSE_PRESS; break;
	case 64: input.mouse.what = MOUSE_WHEEL_UP; break;
	case 65: input.mouse.what = MOUSE_WHEEL_DOWN; break;
	default: return;
	}
	input.mouse.col = number[1] - 1;
	input.mouse.row = number[2] - 1;
	reading->each(reading->arg, &input);
}

static void control_sequence(struct decoder *decoder, const struct reading *reading, const char *text, size_t len)
{
	int number[3] = {0, 0, 0};
	char final = text[len - 1];
	if (*text == '<') {
		mouse_report(reading, text + 1, len - 1);
		return;
	}
	if (*text >= '<' && *text <= '?')
		return; /* private: reports of the terminal, no keys */
	parameters(text, len - 1, number);
	if (final == '~' && number[0] == 200) {
		decoder->pasting = true;
		str_clear(&decoder->paste);
		return;
	}
	if (final == '~') {
		for (size_t i = 0; i < sizeof tilde_keys / sizeof *tilde_keys; i++)
			if (tilde_keys[i].number == number[0])
				tell_named(reading, tilde_keys[i].name, modifiers(number[1]));
		return;
	}
	enum key_name name = final_key(final);
	if (name)
		tell_named(reading, name, final == 'Z' ? KEY_MOD_SHIFT : modifiers(number[1]));
}

/* The linux console sends its first five function keys as CSI [ A … E. */
static void linux_function(const struct reading *reading, char letter)
{
	if (letter >= 'A' && letter <= 'E')
		tell_named(reading, KEYNAME_F1 + (enum key_name)(letter - 'A'), 0);
}

static bool is_final(char c)
{
	return c >= 0x40 && c <= 0x7e;
}

static void single(const struct reading *reading, const char *bytes, size_t len);

static size_t expected_len(unsigned char lead)
{
	return lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
}

/* Esc and a character beyond ASCII: Alt and that key, once all of its bytes are there. */
static bool alt_complete(struct decoder *decoder, const struct reading *reading)
{
	const char *p = decoder->pending;
	size_t len = decoder->pending_len, want = 1 + expected_len((unsigned char)p[1]);
	bool broken = len > 2 && ((unsigned char)p[len - 1] & 0xC0) != 0x80;
	uint32_t cp;
	if (!broken && len < want)
		return false;
	if (broken && p[len - 1] == '\033') {
		decoder->pending_len = 1; /* another one begins instead */
		return false;
	}
	utf8_decode(p + 1, len - 1, &cp);
	if (broken)
		single(reading, p + len - 1, 1);
	else if (cp != UTF8_REPLACEMENT)
		tell(reading, (struct key){.code = cp, .mods = KEY_MOD_ALT});
	return true;
}

/* What stands in pending begins with Esc. True when it was a whole sequence and has been dealt with. */
static bool escape_complete(struct decoder *decoder, const struct reading *reading)
{
	const char *p = decoder->pending;
	size_t len = decoder->pending_len;
	if (len < 2)
		return false;
	if (p[1] == 'O') {
		if (len < 3)
			return false;
		/* SS3 M is Enter on the numeric pad. */
		enum key_name name = p[2] == 'M' ? KEYNAME_ENTER : final_key(p[2]);
		if (name)
			tell_named(reading, name, 0);
		return true;
	}
	if (p[1] == '[') {
		if (len == 4 && p[2] == '[') {
			linux_function(reading, p[3]);
			return true;
		}
		if (len < 3 || (len == 3 && p[2] == '['))
			return false;
		if (is_final(p[len - 1])) {
			control_sequence(decoder, reading, p + 2, len - 2);
			return true;
		}
		return len >= SEQUENCE_MAX; /* nothing that a keyboard sends: dropped */
	}
	if (p[1] == '\033') {
		/* Esc Esc: the first was a key; the second begins anew. */
		tell_named(reading, KEYNAME_ESC, 0);
		decoder->pending_len = 1;
		return false;
	}
	/* Esc and a character in one read is Alt and that key. */
	if (((unsigned char)p[1] & 0xC0) == 0xC0)
		return alt_complete(decoder, reading);
	unsigned char c = (unsigned char)p[1];
	if (c >= 0x20 && c < 0x7f)
		tell(reading, (struct key){.code = c, .mods = KEY_MOD_ALT});
	else {
		tell_named(reading, KEYNAME_ESC, 0);
		single(reading, p + 1, 1);
	}
	return true;
}

/* --- single characters */

static void single(const struct reading *reading, const char *bytes, size_t len)
{
	uint32_t cp;
	utf8_decode(bytes, len, &cp);
	switch (cp) {
	case '\r':
	case '\n': tell_named(reading, KEYNAME_ENTER, 0); return;
	case '\t': tell_named(reading, KEYNAME_TAB, 0); return;
	case 0x7f:
	case '\b': tell_named(reading, KEYNAME_BACKSPACE, 0); return;
	case 0: tell(reading, (struct key){.code = ' ', .mods = KEY_MOD_CTRL}); return;
	default: break;
	}
	if (cp < 0x1b)
		tell(reading, key_ctrl((char)(cp - 1 + 'a')));
	else if (cp < 0x20)
		tell(reading, (struct key){.code = cp - 0x1b + '[', .mods = KEY_MOD_CTRL});
	else
		tell(reading, (struct key){.code = cp});
}

/* --- paste */

static const char paste_end[] = "\033[201~";

static void paste_done(struct decoder *decoder, const struct reading *reading)
{
	struct str clean = STR_INIT;
	const char *p = decoder->paste.p;
	size_t len = decoder->paste.len;
	for (size_t at = 0; at < len;) {
		uint32_t cp;
		size_t n = utf8_decode(p + at, len - at, &cp);
		char bytes[4];
		if (cp == '\r') {
			if (at + 1 >= len || p[at + 1] != '\n')
				str_addc(&clean, '\n');
		} else if (cp == '\n' || cp == '\t' || (cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0))) {
			str_add(&clean, bytes, utf8_encode(cp, bytes));
		}
		at += n;
	}
	struct term_input input = {.kind = TERM_PASTE, .text = clean.p, .len = clean.len, .more = reading->more};
	reading->each(reading->arg, &input);
	str_release(&clean);
	str_clear(&decoder->paste);
	decoder->pasting = false;
}

static void paste_byte(struct decoder *decoder, const struct reading *reading, char c)
{
	/* Beyond the cap the text is dropped, and its last bytes are a window in which the end is looked for. */
	if (str_addc(&decoder->paste, c)) {
		char *window = decoder->paste.p + decoder->paste.len - (sizeof paste_end - 1);
		memmove(window, window + 1, sizeof paste_end - 2);
		window[sizeof paste_end - 2] = c;
	}
	size_t n = sizeof paste_end - 1;
	if (decoder->paste.len < n || memcmp(decoder->paste.p + decoder->paste.len - n, paste_end, n) != 0)
		return;
	str_remove(&decoder->paste, decoder->paste.len - n, n);
	paste_done(decoder, reading);
}

/* --- the stream of bytes */

static void flush_pending_as_keys(struct decoder *decoder, const struct reading *reading)
{
	char bytes[sizeof decoder->pending];
	size_t len = decoder->pending_len;
	memcpy(bytes, decoder->pending, len);
	decoder->pending_len = 0;
	decoder->late = false;
	for (size_t at = 0; at < len;) {
		uint32_t cp;
		size_t n = utf8_decode(bytes + at, len - at, &cp);
		if (bytes[at] == '\033')
			tell_named(reading, KEYNAME_ESC, 0);
		else
			single(reading, bytes + at, n);
		at += n;
	}
}

/* Esc was delivered a moment ago, and `[` or `O` came: is it the rest of an arrow key? */
static bool late_sequence(struct decoder *decoder, const struct reading *reading, char c, int64_t now)
{
	if (decoder->late) {
		enum key_name name = final_key(c);
		if (name && now - decoder->esc_at <= LATE_ESC_MS) {
			decoder->pending_len = 0;
			decoder->late = false;
			tell_named(reading, name, 0);
			decoder->esc_at = 0;
			return true;
		}
		flush_pending_as_keys(decoder, reading);
		return false;
	}
	bool recent = decoder->esc_at && now - decoder->esc_at <= LATE_ESC_MS;
	if (!recent || decoder->pending_len || (c != '[' && c != 'O')) {
		decoder->esc_at = 0;
		return false;
	}
	decoder->pending[0] = c;
	decoder->pending_len = 1;
	decoder->pending_since = now;
	decoder->late = true;
	return true;
}

static void one_byte(struct decoder *decoder, struct reading *reading, char c, int64_t now)
{
	if (decoder->pasting) {
		paste_byte(decoder, reading, c);
		return;
	}
	if (late_sequence(decoder, reading, c, now))
		return;
	if (!decoder->pending_len)
		decoder->pending_since = now;
	decoder->pending[decoder->pending_len++] = c;
	if (decoder->pending[0] == '\033') {
		if (escape_complete(decoder, reading))
			decoder->pending_len = 0;
		return;
	}
	size_t want = expected_len((unsigned char)decoder->pending[0]);
	bool broken = decoder->pending_len > 1 && ((unsigned char)c & 0xC0) != 0x80;
	if (broken || decoder->pending_len >= want)
		flush_pending_as_keys(decoder, reading);
}

/* What of a read is text, up to the first sequence: keys of a burst are told how large it was. */
static void count_text(struct reading *reading, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len && bytes[i] != '\033'; i++) {
		reading->burst += (unsigned char)bytes[i] >= 0x20 && bytes[i] != 0x7f;
		reading->foreign |= (unsigned char)bytes[i] >= 0x80;
	}
}

void decoder_feed(struct decoder *decoder, const char *bytes, size_t len, int64_t now, term_input_fn *each, void *arg)
{
	struct reading reading = {.each = each, .arg = arg};
	count_text(&reading, bytes, len);
	for (size_t i = 0; i < len; i++) {
		reading.more = i + 1 < len;
		one_byte(decoder, &reading, bytes[i], now);
	}
}

int64_t decoder_deadline(const struct decoder *decoder)
{
	if (!decoder->pending_len || decoder->pasting)
		return INT64_MAX;
	if (decoder->late)
		return decoder->esc_at + LATE_ESC_MS;
	return decoder->pending_since + ESC_MS;
}

void decoder_timeout(struct decoder *decoder, int64_t now, term_input_fn *each, void *arg)
{
	if (now < decoder_deadline(decoder))
		return;
	struct reading reading = {.each = each, .arg = arg, .burst = 1};
	bool lone_esc = decoder->pending_len == 1 && decoder->pending[0] == '\033';
	/* Esc [ or Esc O and then silence: the Esc was a key, and the rest may yet become an arrow. */
	bool half = decoder->pending_len == 2 && decoder->pending[0] == '\033' &&
	            (decoder->pending[1] == '[' || decoder->pending[1] == 'O');
	if (half) {
		decoder->pending[0] = decoder->pending[1];
		decoder->pending_len = 1;
		decoder->late = true;
		decoder->esc_at = now;
		tell_named(&reading, KEYNAME_ESC, 0);
		return;
	}
	if (!lone_esc && decoder->pending[0] == '\033') {
		decoder->pending_len = 0; /* a sequence that never ended: dropped, not typed */
		return;
	}
	flush_pending_as_keys(decoder, &reading);
	decoder->esc_at = lone_esc ? now : 0;
}
