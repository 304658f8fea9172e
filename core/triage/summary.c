#include "core/triage/summary.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/model/reply_text.h"
#include "core/text/grapheme.h"
#include "core/triage/said.h"

#define ELLIPSIS "…"

/* "(https://www.acme.example/a?b=c)" becomes "(acme.example". */
static void add_host(struct str *line, const char *p, size_t len)
{
	char *url = mem_strndup(p, len);
	char *scheme = strstr(url, "://");
	char *host = scheme ? scheme + 3 : url;
	size_t opening = strspn(url, "(<[\"'");
	str_add(line, url, opening);
	if (!scheme)
		host += opening;
	if (str_icmp_n(host, "www.", 4) == 0)
		host += 4;
	str_add(line, host, strcspn(host, "/?#"));
	free(url);
}

void summary_of(const char *text, size_t len, char *out, size_t max)
{
	struct str line = STR_INIT;
	struct chunk chunk;
	size_t wanted = 0; /* up to here the line ends with no handle */
	size_t at = mentions_lead(text);
	while (wanted <= max && at < len && chunk_next(text, len, &at, &chunk)) {
		if (line.len)
			str_addc(&line, ' ');
		if (chunk.url)
			add_host(&line, chunk.p, chunk.len);
		else
			str_add(&line, chunk.p, chunk.len);
		if (!chunk.handle)
			wanted = line.len;
	}
	if (wanted > max) {
		wanted = grapheme_floor(line.p, line.len, max - strlen(ELLIPSIS));
		str_remove(&line, wanted, line.len - wanted);
		str_adds(&line, ELLIPSIS);
	} else {
		str_remove(&line, wanted, line.len - wanted);
	}
	str_copy(out, max + 4, line.p);
	str_release(&line);
}
