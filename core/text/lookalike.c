#include "core/text/lookalike.h"

#include "core/text/utf8.h"

#include <stdint.h>
#include <utf8proc.h>

struct lookalike {
	uint16_t cp;
	char ascii;
};

/* Letters and digits that look like one of ASCII, in order: from Unicode's confusables.txt 14.0, after folding. © 2021
 * Unicode, Inc.; the licence is tests/data/text/UNICODE-LICENSE.txt. */
static const struct lookalike table[] = {{0x00F0, 'd'}, {0x00F8, 'o'}, {0x0111, 'd'}, {0x0127, 'h'}, {0x0131, 'i'},
        {0x0142, 'l'}, {0x0167, 't'}, {0x0180, 'b'}, {0x0183, 'b'}, {0x0185, 'b'}, {0x018C, 'd'}, {0x018D, 'g'},
        {0x0192, 'f'}, {0x0199, 'k'}, {0x019A, 'l'}, {0x019E, 'n'}, {0x01A5, 'p'}, {0x01A8, '2'}, {0x01AD, 't'},
        {0x01B4, 'y'}, {0x01B6, 'z'}, {0x01BB, '2'}, {0x01BD, 's'}, {0x01C0, 'l'}, {0x01E5, 'g'}, {0x021D, '3'},
        {0x0223, '8'}, {0x0225, 'z'}, {0x023C, 'c'}, {0x0247, 'e'}, {0x0249, 'j'}, {0x024D, 'r'}, {0x024F, 'y'},
        {0x0251, 'a'}, {0x0253, 'b'}, {0x0256, 'd'}, {0x0257, 'd'}, {0x025C, '3'}, {0x0260, 'g'}, {0x0261, 'g'},
        {0x0263, 'y'}, {0x0266, 'h'}, {0x0268, 'i'}, {0x0269, 'i'}, {0x026A, 'i'}, {0x026B, 'l'}, {0x026D, 'l'},
        {0x026F, 'w'}, {0x0272, 'n'}, {0x0273, 'n'}, {0x0275, 'o'}, {0x027C, 'r'}, {0x027D, 'r'}, {0x0280, 'r'},
        {0x0282, 's'}, {0x0288, 't'}, {0x0289, 'u'}, {0x028B, 'u'}, {0x028F, 'y'}, {0x0290, 'z'}, {0x0292, '3'},
        {0x029D, 'j'}, {0x02A0, 'q'}, {0x03B1, 'a'}, {0x03B2, 'b'}, {0x03B3, 'y'}, {0x03B5, 'e'}, {0x03B6, 'z'},
        {0x03B7, 'n'}, {0x03B8, 'o'}, {0x03B9, 'i'}, {0x03BA, 'k'}, {0x03BC, 'm'}, {0x03BD, 'v'}, {0x03BF, 'o'},
        {0x03C1, 'p'}, {0x03C3, 'o'}, {0x03C4, 't'}, {0x03C5, 'u'}, {0x03C7, 'x'}, {0x03DD, 'f'}, {0x03E9, '2'},
        {0x03F3, 'j'}, {0x03FB, 'm'}, {0x0430, 'a'}, {0x0431, 'b'}, {0x0432, 'b'}, {0x0433, 'r'}, {0x0435, 'e'},
        {0x0437, '3'}, {0x043A, 'k'}, {0x043C, 'm'}, {0x043D, 'h'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'},
        {0x0442, 't'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x044C, 'b'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'},
        {0x045B, 'h'}, {0x0461, 'w'}, {0x0463, 'b'}, {0x0473, 'o'}, {0x0475, 'v'}, {0x047D, 'w'}, {0x048D, 'b'},
        {0x0493, 'r'}, {0x0499, '3'}, {0x049B, 'k'}, {0x049F, 'k'}, {0x04A3, 'h'}, {0x04AB, 'c'}, {0x04AD, 't'},
        {0x04AF, 'y'}, {0x04B1, 'y'}, {0x04B3, 'x'}, {0x04BB, 'h'}, {0x04BD, 'e'}, {0x04BF, 'e'}, {0x04C8, 'h'},
        {0x04CA, 'h'}, {0x04CE, 'm'}, {0x04CF, 'l'}, {0x04E1, '3'}, {0x04E9, 'o'}, {0x0501, 'd'}, {0x050D, 'g'},
        {0x051B, 'q'}, {0x051D, 'w'}, {0x0561, 'w'}, {0x0563, 'q'}, {0x0566, 'q'}, {0x0570, 'h'}, {0x0578, 'n'},
        {0x057C, 'n'}, {0x057D, 'u'}, {0x057F, 's'}, {0x0581, 'g'}, {0x0584, 'f'}, {0x0585, 'o'}, {0x05D5, 'l'},
        {0x05D8, 'v'}, {0x05DF, 'l'}, {0x05E1, 'o'}, {0x0627, 'l'}, {0x0647, 'o'}, {0x0661, 'l'}, {0x0665, 'o'},
        {0x0667, 'v'}, {0x0673, 'l'}, {0x06BE, 'o'}, {0x06C1, 'o'}, {0x06D5, 'o'}, {0x06F1, 'l'}, {0x06F5, 'o'},
        {0x06F7, 'v'}, {0x06FF, 'o'}, {0x07C0, 'o'}, {0x07CA, 'l'}, {0x0966, 'o'}, {0x09E6, 'o'}, {0x09EA, '8'},
        {0x09ED, '9'}, {0x0A66, 'o'}, {0x0A67, '9'}, {0x0A6A, '8'}, {0x0AE6, 'o'}, {0x0B20, 'o'}, {0x0B66, 'o'},
        {0x0B68, '9'}, {0x0BE6, 'o'}, {0x0C66, 'o'}, {0x0CE6, 'o'}, {0x0D20, 'o'}, {0x0D66, 'o'}, {0x0D6D, '9'},
        {0x0E50, 'o'}, {0x0ED0, 'o'}, {0x1010, 'o'}, {0x101D, 'o'}, {0x1040, 'o'}, {0x10E7, 'y'}, {0x10FF, 'o'},
        {0x1200, 'u'}, {0x12D0, 'o'}, {0x13A0, 'd'}, {0x13A1, 'r'}, {0x13A2, 't'}, {0x13A4, 'o'}, {0x13A5, 'i'},
        {0x13A9, 'y'}, {0x13AA, 'a'}, {0x13AB, 'j'}, {0x13AC, 'e'}, {0x13B1, 'r'}, {0x13B3, 'w'}, {0x13B7, 'm'},
        {0x13BB, 'h'}, {0x13BD, 'y'}, {0x13BE, 'o'}, {0x13C0, 'g'}, {0x13C2, 'h'}, {0x13C3, 'z'}, {0x13CC, 'u'},
        {0x13CE, '4'}, {0x13CF, 'b'}, {0x13D2, 'r'}, {0x13D4, 'w'}, {0x13D5, 's'}, {0x13D9, 'v'}, {0x13DA, 's'},
        {0x13DE, 'l'}, {0x13DF, 'c'}, {0x13E2, 'p'}, {0x13E6, 'k'}, {0x13E7, 'd'}, {0x13EB, 'o'}, {0x13EE, '6'},
        {0x13F2, 'h'}, {0x13F3, 'g'}, {0x13F4, 'b'}, {0x142F, 'v'}, {0x144C, 'u'}, {0x146D, 'p'}, {0x146F, 'd'},
        {0x1472, 'b'}, {0x1473, 'b'}, {0x148D, 'j'}, {0x14AA, 'l'}, {0x14BF, '2'}, {0x1541, 'x'}, {0x157C, 'h'},
        {0x157D, 'x'}, {0x1587, 'r'}, {0x15AF, 'b'}, {0x15B4, 'f'}, {0x15C5, 'a'}, {0x15DE, 'd'}, {0x15EA, 'd'},
        {0x15F0, 'm'}, {0x15F7, 'b'}, {0x16B7, 'x'}, {0x16C1, 'l'}, {0x16D5, 'k'}, {0x16D6, 'm'}, {0x1D04, 'c'},
        {0x1D0F, 'o'}, {0x1D11, 'o'}, {0x1D1C, 'u'}, {0x1D20, 'v'}, {0x1D21, 'w'}, {0x1D22, 'z'}, {0x1D26, 'r'},
        {0x1D6E, 'f'}, {0x1D70, 'n'}, {0x1D72, 'r'}, {0x1D74, 's'}, {0x1D75, 't'}, {0x1D76, 'z'}, {0x1D7B, 'i'},
        {0x1D7C, 'i'}, {0x1D7D, 'p'}, {0x1D7E, 'u'}, {0x1D83, 'g'}, {0x1D8C, 'y'}, {0x1E9D, 'f'}, {0x1EFF, 'y'},
        {0x2C66, 't'}, {0x2C68, 'h'}, {0x2C6A, 'k'}, {0x2C85, 'r'}, {0x2C8F, 'h'}, {0x2C93, 'l'}, {0x2C95, 'k'},
        {0x2C99, 'm'}, {0x2C9B, 'n'}, {0x2C9F, 'o'}, {0x2CA3, 'p'}, {0x2CA5, 'c'}, {0x2CA7, 't'}, {0x2CA9, 'y'},
        {0x2CAD, 'x'}, {0x2CCB, '9'}, {0x2CCD, '3'}, {0x2CD1, 'l'}, {0x2CD3, '6'}, {0x2D31, 'o'}, {0x2D38, 'v'},
        {0x2D39, 'e'}, {0x2D41, 'o'}, {0x2D4F, 'l'}, {0x2D54, 'o'}, {0x2D55, 'q'}, {0x2D5D, 'x'}, {0x3007, 'o'},
        {0xA4D0, 'b'}, {0xA4D1, 'p'}, {0xA4D2, 'd'}, {0xA4D3, 'd'}, {0xA4D4, 't'}, {0xA4D6, 'g'}, {0xA4D7, 'k'},
        {0xA4D9, 'j'}, {0xA4DA, 'c'}, {0xA4DC, 'z'}, {0xA4DD, 'f'}, {0xA4DF, 'm'}, {0xA4E0, 'n'}, {0xA4E1, 'l'},
        {0xA4E2, 's'}, {0xA4E3, 'r'}, {0xA4E6, 'v'}, {0xA4E7, 'h'}, {0xA4EA, 'w'}, {0xA4EB, 'x'}, {0xA4EC, 'y'},
        {0xA4EE, 'a'}, {0xA4F0, 'e'}, {0xA4F2, 'l'}, {0xA4F3, 'o'}, {0xA4F4, 'u'}, {0xA645, '2'}, {0xA647, 'i'},
        {0xA695, 'h'}, {0xA6DF, 'v'}, {0xA6EF, '2'}, {0xA731, 's'}, {0xA741, 'k'}, {0xA74B, 'o'}, {0xA75B, '2'},
        {0xA761, 'w'}, {0xA76B, '3'}, {0xA76F, '9'}, {0xA799, 'f'}, {0xA79F, 'u'}, {0xA7B5, 'b'}, {0xAB32, 'e'},
        {0xAB35, 'f'}, {0xAB3D, 'o'}, {0xAB3E, 'o'}, {0xAB47, 'r'}, {0xAB48, 'r'}, {0xAB4E, 'u'}, {0xAB52, 'u'},
        {0xAB53, 'x'}, {0xAB5A, 'y'}};

static uint32_t ascii_like(uint32_t cp)
{
	size_t low = 0, high = sizeof table / sizeof *table;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (table[mid].cp == cp)
			return (uint32_t)table[mid].ascii;
		if (table[mid].cp < cp)
			low = mid + 1;
		else
			high = mid;
	}
	return cp;
}

static bool is_letter_or_digit(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9');
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) ||
	       (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO);
}

static size_t put(uint32_t cp, size_t at, char out[SKELETON_MAX])
{
	uint32_t like = cp >= 0x80 ? ascii_like(cp) : cp == '1' ? 'l' : cp == '0' ? 'o' : cp;
	if (!is_letter_or_digit(like) || at + 4 >= SKELETON_MAX)
		return at;
	if (like == 'n' && at && out[at - 1] == 'r')
		out[at - 1] = 'm';
	else if (like == 'v' && at && out[at - 1] == 'v')
		out[at - 1] = 'w';
	else
		at += utf8_encode(like, out + at);
	return at;
}

size_t lookalike_skeleton(const char *name, size_t len, char out[SKELETON_MAX])
{
	size_t filled = 0;
	for (size_t at = 0; at < len && filled + 4 < SKELETON_MAX;) {
		utf8proc_int32_t parts[32];
		uint32_t cp;
		int bound = 0;
		at += utf8_decode(name + at, len - at, &cp);
		if (cp == 'I' || cp == '|') /* an l in most fonts */
			cp = 'l';
		if (cp < 0x80) {
			filled = put(cp >= 'A' && cp <= 'Z' ? cp + ('a' - 'A') : cp, filled, out);
			continue;
		}
		utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)cp, parts, 32,
		        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &bound);
		for (utf8proc_ssize_t i = 0; i < n && i < 32; i++)
			filled = put((uint32_t)parts[i], filled, out);
	}
	out[filled] = '\0';
	return filled;
}
