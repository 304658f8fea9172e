#include "core/triage/personal.h"

#include "core/base/str.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
	return is_digit(c) || is_letter(c);
}

static char before(const char *said, const char *p)
{
	return p == said ? '\0' : p[-1];
}

/* --- e-mail */

static bool is_local_part(char c)
{
	return is_alnum(c) || (unsigned char)c >= 0x80 || (c && strchr("._%+-", c));
}

/* "acme.example": at least one dot, and letters after the last. */
static bool is_domain(const char *p)
{
	size_t label = 0;
	bool dotted = false, letters = true;
	for (;; p++) {
		bool foreign = (unsigned char)*p >= 0x80;
		if (is_alnum(*p) || foreign || (*p == '-' && label)) {
			letters = letters && (is_letter(*p) || foreign);
			label++;
		} else if (*p == '.' && label && (is_alnum(p[1]) || (unsigned char)p[1] >= 0x80)) {
			dotted = letters = true;
			label = 0;
		} else {
			return dotted && letters && label >= 2;
		}
	}
}

bool personal_email(const char *said)
{
	for (const char *at = strchr(said, '@'); at; at = strchr(at + 1, '@')) {
		const char *start = at;
		while (start > said && is_local_part(start[-1]))
			start--;
		/* "@user@host" is a handle. */
		if (start < at && before(said, start) != '@' && before(said, start) != '/' && is_domain(at + 1))
			return true;
	}
	return false;
}

/* --- numbers in groups */

enum { NUMBER_MAX = 34, GROUPS_MAX = 16 };

/* Letters and digits with single separators between them, as long as they may belong together. */
struct grouped {
	char text[NUMBER_MAX + 1]; /* without separators */
	int len;
	int ends[GROUPS_MAX]; /* after how many characters a group ends */
	int groups;
};

static void take_grouped(const char *p, bool (*is_part)(char), const char *separators, struct grouped *out)
{
	*out = (struct grouped){.len = 0};
	while (out->len < NUMBER_MAX && out->groups < GROUPS_MAX && is_part(*p)) {
		out->text[out->len++] = *p++;
		bool more = *p && strchr(separators, *p) && is_part(p[1]);
		if (!is_part(*p))
			out->ends[out->groups++] = out->len;
		if (more)
			p++;
	}
	out->text[out->len] = '\0';
}

/* Does any beginning of it, up to the end of a group, pass? What follows may be the next word. */
static bool any_prefix(const struct grouped *number, bool (*passes)(const char *text, int len))
{
	for (int i = 0; i < number->groups; i++) {
		if (passes(number->text, number->ends[i]))
			return true;
	}
	return false;
}

/* --- IBAN */

/* How long an IBAN of this country is (the IBAN registry of SWIFT); 0 where there are none. */
static int iban_length(const char *country)
{
	static const char registry[] =
	        "ad24ae23al28at20az28ba20be16bg22bh22br29by28ch21cr22cy28cz24de22dk18do28ee20eg29es24fi18fo18fr27gb22"
	        "ge22gi23gl18gr27gt28hr21hu28ie22il23iq23is26it27jo30kw30kz20lb28lc32li21lt20lu20lv21ly25mc27md24me22"
	        "mk19mr27mt31mu30nl18no15pk24pl28ps29pt25qa29ro24rs22sa24sc31se24si19sk24sm27st25sv28tl23tn24tr26ua29"
	        "va22vg24xk20";
	for (const char *row = registry; *row; row += 4) {
		if (memcmp(row, country, 2) == 0)
			return (row[2] - '0') * 10 + row[3] - '0';
	}
	return 0;
}

static bool is_iban(const char *text, int len)
{
	int rest = 0;
	if (len < 2 || len != iban_length(text))
		return false;
	for (int i = 0; i < len; i++) {
		char c = text[(i + 4) % len];
		rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'a' + 10)) % 97;
	}
	return rest == 1;
}

bool personal_iban(const char *said)
{
	struct grouped number;
	for (const char *p = said; *p; p++) {
		bool starts = is_letter(p[0]) && is_letter(p[1]) && is_digit(p[2]) && is_digit(p[3]);
		if (!starts || is_alnum(before(said, p)))
			continue;
		take_grouped(p, is_alnum, " ", &number);
		if (any_prefix(&number, is_iban))
			return true;
	}
	return false;
}

/* --- cards */

static int leading(const char *text, int digits)
{
	int n = 0;
	for (int i = 0; i < digits; i++)
		n = n * 10 + (text[i] - '0');
	return n;
}

/* The ranges of the large issuers. Visa's thirteen digits are long out of use, and look like an article's EAN. */
static bool is_issued(const char *text, int len)
{
	int two = leading(text, 2), three = leading(text, 3), four = leading(text, 4);
	switch (len) {
	case 14: return two == 36 || two == 38 || (three >= 300 && three <= 305);
	case 15: return two == 34 || two == 37;
	case 16:
		return text[0] == '4' || (two >= 51 && two <= 55) || (four >= 2221 && four <= 2720) || four == 6011 ||
		       two == 65 || (three >= 644 && three <= 649) || (four >= 3528 && four <= 3589);
	case 19: return text[0] == '4';
	default: return false;
	}
}

static bool is_card(const char *text, int len)
{
	int sum = 0;
	if (!is_issued(text, len))
		return false;
	for (int i = 0; i < len; i++) {
		int digit = text[len - 1 - i] - '0';
		int doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += i % 2 ? doubled : digit;
	}
	return sum % 10 == 0;
}

bool personal_card(const char *said)
{
	struct grouped number;
	for (const char *p = said; *p; p++) {
		if (!is_digit(*p) || is_alnum(before(said, p)))
			continue;
		take_grouped(p, is_digit, " -", &number);
		if (any_prefix(&number, is_card))
			return true;
	}
	return false;
}

/* --- telephone */

static bool is_order_word(const char *p, size_t len)
{
	static const char *const words[] = {"order", "ticket", "case", "invoice", "ref", "reference", "tracking",
	        "parcel", "id", "booking", "rma", "sku", "serial", "imei", "customer", "account", "bestellung",
	        "bestellnummer", "auftrag", "auftragsnummer", "kundennummer", "rechnung", "sendung", "sendungsnummer",
	        "commande", "pedido", "ordine"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (len == strlen(words[i]) && memcmp(p, words[i], len) == 0)
			return true;
	}
	return false;
}

/* Is one of the two words before p that of an order, a parcel, an account? "order number: 0123456789" */
static bool follows_order_word(const char *said, const char *p)
{
	for (int words = 0; words < 2; words++) {
		while (p > said && p[-1] && strchr(" :#.", p[-1]))
			p--;
		const char *end = p;
		while (p > said && is_letter(p[-1]))
			p--;
		if (is_order_word(p, (size_t)(end - p)))
			return true;
	}
	return false;
}

static int group_size(const struct grouped *number, int i)
{
	return i >= number->groups ? 0 : number->ends[i] - (i ? number->ends[i - 1] : 0);
}

/* 01.02.2026, and whatever follows it. */
static bool is_date(const struct grouped *number)
{
	return group_size(number, 0) <= 2 && group_size(number, 1) <= 2 && group_size(number, 2) == 4;
}

/* 555-123-4567, as North America writes it. */
static bool is_north_american(const struct grouped *number)
{
	return number->groups == 3 && group_size(number, 0) == 3 && group_size(number, 1) == 3 &&
	       group_size(number, 2) == 4 && number->text[0] >= '2';
}

/* The digits of a number with its brackets left out, so that groups are what stands between separators. Returns the
 * bytes it takes. */
static size_t take_phone(const char *p, struct grouped *out)
{
	char plain[64];
	size_t n = 0, taken = 0;
	for (; p[taken] && n + 1 < sizeof plain && (is_digit(p[taken]) || strchr(" ()-./", p[taken])); taken++) {
		bool separator = !is_digit(p[taken]);
		if (!separator || (n && plain[n - 1] != '-'))
			plain[n++] = separator ? '-' : p[taken];
	}
	plain[n] = '\0';
	take_grouped(plain, is_digit, "-", out);
	return taken;
}

static bool is_phone(const char *p, const struct grouped *number)
{
	int len = number->len;
	if (*p == '+')
		return len >= 8 && len <= 15; /* ITU-T E.164 */
	if (number->text[0] == '0')
		return group_size(number, 0) >= 2 && len >= 9 && len <= 13 && !is_date(number);
	return is_north_american(number) && (*p == '(' || (p[3] != ' ' && p[7] != ' '));
}

bool personal_phone(const char *said)
{
	struct grouped number;
	for (const char *p = said; *p; p++) {
		char last = before(said, p);
		bool sign = *p == '+' || *p == '(';
		if (!is_digit(p[sign]) || is_alnum(last) || (last && strchr("#-_.,/+(", last)))
			continue;
		size_t taken = take_phone(p + sign, &number);
		if (is_phone(p, &number) && !follows_order_word(said, p))
			return true;
		/* What follows is the rest of the same long number, no number of its own. */
		p += sign + taken - 1;
	}
	return false;
}

bool personal_any(const char *said)
{
	return personal_email(said) || personal_iban(said) || personal_card(said) || personal_phone(said);
}
