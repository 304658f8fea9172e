/* HTML of posts: what comes out is text that can be stored, and its links lie inside it. */
#include "tests/fuzz/fuzz.h"

#include "core/text/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text, decoded;
	struct html_links links = {0};
	struct html_options options = {.drop_quote_inline = size && data[0] & 1};
	str_init(&text, 1u << 20);
	str_init(&decoded, 1u << 20);
	html_to_text((const char *)data, size, &options, &text, &links);
	must(utf8_valid(text.p, text.len) && !memchr(text.p, '\0', text.len));
	for (size_t i = 0; i < links.len; i++) {
		must(links.at[i].start <= links.at[i].end && links.at[i].end <= text.len);
		must(utf8_valid(links.at[i].href, strlen(links.at[i].href)));
	}
	html_decode((const char *)data, size, &decoded);
	must(utf8_valid(decoded.p, decoded.len) && !memchr(decoded.p, '\0', decoded.len));
	html_links_release(&links);
	str_release(&text);
	str_release(&decoded);
	return 0;
}
