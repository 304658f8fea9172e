#include "core/network/adapters/feed.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"
#include "core/text/entity.h"
#include "core/text/html.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/uri.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)64 * 1024) /* bytes of one entry */
#define LINE_MAX_BYTES 1024
#define DEPTH_MAX 64
#define MINUTE_MS INT64_C(60000)

/* Whose names they are. CORE: of RSS itself, of Atom, or of nobody. */
enum space { CORE, CONTENT, DC, MEDIA };

/* --- the tree */

static enum space space_of(const xmlNode *node)
{
	const char *href = node->ns && node->ns->href ? (const char *)node->ns->href : "";
	if (strstr(href, "purl.org/rss/1.0/modules/content"))
		return CONTENT;
	if (strstr(href, "purl.org/dc/"))
		return DC;
	return strstr(href, "search.yahoo.com/mrss") ? MEDIA : CORE;
}

/* A prefix that was never declared is part of the name then. */
static bool is(const xmlNode *node, enum space space, const char *name)
{
	static const char *const prefixes[] = {"", "content:", "dc:", "media:"};
	const char *own = (const char *)node->name, *prefix = prefixes[space];
	if (node->type != XML_ELEMENT_NODE)
		return false;
	if (space != CORE && !node->ns && strncmp(own, prefix, strlen(prefix)) == 0)
		return strcmp(own + strlen(prefix), name) == 0;
	return space_of(node) == space && strcmp(own, name) == 0;
}

static const xmlNode *next_of(const xmlNode *node, enum space space, const char *name)
{
	while (node && !is(node, space, name))
		node = node->next;
	return node;
}

static const xmlNode *child(const xmlNode *node, enum space space, const char *name)
{
	return node ? next_of(node->children, space, name) : NULL;
}

static const char *attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node ? node->properties : NULL; a; a = a->next)
		if (strcmp((const char *)a->name, name) == 0 && a->children && a->children->content)
			return (const char *)a->children->content;
	return "";
}

static void add_text(const xmlNode *node, int depth, struct str *out)
{
	for (const xmlNode *n = node ? node->children : NULL; n; n = n->next) {
		if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
			str_adds(out, (const char *)n->content);
		else if (n->type == XML_ELEMENT_NODE && depth < DEPTH_MAX)
			add_text(n, depth + 1, out);
	}
}

/* The markup inside of it, where it is not escaped (Atom's type xhtml). */
static void add_markup(const xmlNode *node, struct str *out)
{
	xmlBuffer *buffer = mem_checked(xmlBufferCreate());
	xmlNodeDump(buffer, node->doc, (xmlNode *)node, 0, 0);
	str_adds(out, (const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
}

static const char *mended(const char *text, struct arena *arena)
{
	struct str whole;
	str_init(&whole, TEXT_MAX);
	utf8_repair(text, strlen(text), &whole);
	const char *kept = whole.len ? arena_strndup(arena, whole.p, whole.len) : "";
	str_release(&whole);
	return kept;
}

static const char *keep(struct str *text, struct arena *arena)
{
	str_trim(text);
	return mended(text->p, arena);
}

/* --- texts */

/* What Atom calls a text construct, and RSS a description: escaped HTML unless it says otherwise. */
static const char *rich(const xmlNode *node, bool plain, struct arena *arena)
{
	struct str raw, text;
	const char *type = attribute(node, "type");
	str_init(&raw, SIZE_MAX);
	str_init(&text, TEXT_MAX);
	bool html = strcmp(type, "html") == 0 || strcmp(type, "text/html") == 0;
	if (strcmp(type, "xhtml") == 0)
		add_markup(node, &raw);
	else
		add_text(node, 0, &raw);
	if (strcmp(type, "xhtml") == 0 || html || (!*type && !plain))
		html_to_text(raw.p, raw.len, NULL, &text, NULL);
	else
		str_add(&text, raw.p, raw.len > TEXT_MAX ? TEXT_MAX : raw.len);
	const char *kept = keep(&text, arena);
	str_release(&raw);
	str_release(&text);
	return kept;
}

/* One line. */
static const char *line_of(const char *text, struct arena *arena)
{
	char cut[LINE_MAX_BYTES];
	str_copy(cut, sizeof cut, text);
	for (char *p = cut; *p; p++)
		if (*p == '\n' || *p == '\r' || *p == '\t')
			*p = ' ';
	return arena_strdup(arena, cut);
}

static const char *plain_of(const xmlNode *node, struct arena *arena)
{
	struct str raw;
	str_init(&raw, SIZE_MAX);
	add_text(node, 0, &raw);
	const char *kept = keep(&raw, arena);
	str_release(&raw);
	return line_of(kept, arena);
}

/* --- times */

/* RFC 822 as feeds write it: the day's name may be missing, a year have two digits, the zone a name. */
static int64_t read_822(const char *text)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	static const char *const zones[][2] = {{"EST", "-05:00"}, {"EDT", "-04:00"}, {"CST", "-06:00"},
	        {"CDT", "-05:00"}, {"MST", "-07:00"}, {"MDT", "-06:00"}, {"PST", "-08:00"}, {"PDT", "-07:00"}};
	const char *comma = strchr(text, ','), *offset = "Z";
	char month[4] = "", zone[8] = "", written[64], own[8];
	int day = 0, year = 0, hour = 0, minute = 0, second = 0, used = 0, m = 0;
	int64_t at = 0;
	if (sscanf(comma ? comma + 1 : text, " %2d %3s%*[a-z] %4d %2d:%2d%n", &day, month, &year, &hour, &minute,
	            &used) < 5 &&
	        sscanf(comma ? comma + 1 : text, " %2d %3s %4d %2d:%2d%n", &day, month, &year, &hour, &minute, &used) <
	                5)
		return 0;
	const char *rest = (comma ? comma + 1 : text) + used;
	if (*rest == ':') {
		second = (int)strtol(rest + 1, NULL, 10);
		rest += 1 + strspn(rest + 1, "0123456789");
	}
	sscanf(rest, " %7s", zone);
	while (m < 12 && str_icmp_n(months + m * 3, month, 3) != 0)
		m++;
	if (m == 12 || second < 0 || second > 60)
		return 0;
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
		if (strcmp(zone, zones[i][0]) == 0)
			offset = zones[i][1];
	if ((*zone == '+' || *zone == '-') && strlen(zone) == 5) {
		snprintf(own, sizeof own, "%.3s:%.2s", zone, zone + 3);
		offset = own;
	}
	year += year < 50 ? 2000 : year < 100 ? 1900 : 0;
	snprintf(written, sizeof written, "%04d-%02d-%02dT%02d:%02d:%02d%s", year, m + 1, day, hour, minute,
	        second == 60 ? 59 : second, offset);
	return time_parse_rfc3339(written, &at) ? at : 0;
}

static int64_t time_in(const xmlNode *node, struct arena *arena)
{
	int64_t at = 0;
	const char *text = node ? plain_of(node, arena) : "";
	return time_parse_rfc3339(text, &at) ? at : read_822(text);
}

static int64_t first_time(const xmlNode *entry, const char *const *names, struct arena *arena)
{
	for (; *names; names++) {
		int64_t at = time_in(child(entry, CORE, *names), arena);
		if (at > 0)
			return at;
	}
	return 0;
}

/* --- addresses */

char *feed_address(const char *address, const char *base)
{
	xmlChar *built = *address ? xmlBuildURI((const xmlChar *)address, (const xmlChar *)base) : NULL;
	const char *url = built ? (const char *)built : "";
	bool web = str_starts(url, "https://") || str_starts(url, "http://");
	bool sound = web && strlen(url) < LINE_MAX_BYTES && !strpbrk(url, " \t\r\n") && utf8_valid(url, strlen(url));
	char *kept = sound ? mem_strdup(url) : NULL;
	xmlFree(built);
	return kept;
}

static const char *absolute(const char *address, const char *base, struct arena *arena)
{
	char *url = feed_address(address, base);
	const char *kept = url ? arena_strdup(arena, url) : "";
	free(url);
	return kept;
}

/* Atom's stand in an attribute, RSS's in the text; others than to the page itself are passed over. */
static const char *link_of(const xmlNode *entry, const char *base, struct arena *arena)
{
	for (const xmlNode *n = child(entry, CORE, "link"); n; n = next_of(n->next, CORE, "link")) {
		const char *rel = attribute(n, "rel"), *href = attribute(n, "href");
		const char *text = *href ? href : plain_of(n, arena);
		if (*text && (!*rel || strcmp(rel, "alternate") == 0))
			return absolute(text, base, arena);
	}
	return "";
}

static const char *image_of(const xmlNode *entry, const char *base, struct arena *arena)
{
	const xmlNode *enclosure = child(entry, CORE, "enclosure"), *media = child(entry, MEDIA, "content");
	if (str_starts(attribute(enclosure, "type"), "image/"))
		return absolute(attribute(enclosure, "url"), base, arena);
	if (strcmp(attribute(media, "medium"), "image") == 0 || str_starts(attribute(media, "type"), "image/"))
		return absolute(attribute(media, "url"), base, arena);
	return absolute(attribute(child(entry, MEDIA, "thumbnail"), "url"), base, arena);
}

/* --- an entry */

/* RSS has the address, with the name behind it: sam@example.net (Sam). */
static const char *author_of(const xmlNode *entry, struct arena *arena)
{
	const xmlNode *author = child(entry, CORE, "author"), *name = child(author, CORE, "name");
	if (!author || (!name && child(entry, DC, "creator")))
		return plain_of(child(entry, DC, "creator"), arena);
	const char *text = plain_of(name ? name : author, arena);
	const char *begins = strchr(text, '('), *ends = begins ? strchr(begins, ')') : NULL;
	return ends && strchr(text, '@') ? arena_strndup(arena, begins + 1, (size_t)(ends - begins - 1)) : text;
}

static const char *id_of(const xmlNode *node, const struct feed_entry *entry, struct arena *arena)
{
	const xmlNode *guid = child(node, CORE, "guid");
	const char *id = plain_of(guid ? guid : child(node, CORE, "id"), arena);
	if (!*id)
		id = line_of(mended(attribute(node, "about"), arena), arena);
	if (!*id)
		id = entry->url;
	if (*id)
		return id;
	struct str all = STR_INIT;
	str_addf(&all, "%lld %s\n%s", (long long)entry->published, entry->title, entry->text);
	const char *made = arena_printf(arena, "%016llx", (unsigned long long)hash_bytes(all.p, all.len));
	str_release(&all);
	return made;
}

static struct feed_entry read_entry(const xmlNode *node, bool atom, const char *base, struct arena *arena)
{
	static const char *const published[] = {"published", "issued", "pubDate", NULL};
	static const char *const updated[] = {"updated", "modified", NULL};
	const xmlNode *body = child(node, CONTENT, "encoded");
	static const char *const bodies[] = {"content", "summary", "description"};
	for (size_t i = 0; !body && i < sizeof bodies / sizeof *bodies; i++)
		body = child(node, CORE, bodies[i]);
	struct feed_entry entry = {
	        .title = line_of(rich(child(node, CORE, "title"), atom, arena), arena),
	        .text = body ? rich(body, atom, arena) : "",
	        .url = link_of(node, base, arena),
	        .author = author_of(node, arena),
	        .image = image_of(node, base, arena),
	        .published = first_time(node, published, arena),
	        .updated = first_time(node, updated, arena),
	};
	if (!entry.published)
		entry.published = time_in(child(node, DC, "date"), arena);
	if (!entry.published)
		entry.published = entry.updated;
	const char *guid = attribute(child(node, CORE, "guid"), "isPermaLink");
	entry.id = id_of(node, &entry, arena);
	if (!*entry.url && strcmp(guid, "false") != 0 && strstr(entry.id, "://"))
		entry.url = absolute(entry.id, base, arena);
	return entry;
}

static void read_entries(
        const xmlNode *parent, const char *name, const char *base, struct arena *arena, struct feed *out)
{
	struct feed_entry *entries = arena_array(arena, struct feed_entry, FEED_ENTRIES_MAX);
	bool atom = strcmp(name, "entry") == 0;
	const xmlNode *n = child(parent, CORE, name);
	for (; n && out->count < FEED_ENTRIES_MAX; n = next_of(n->next, CORE, name))
		entries[out->count++] = read_entry(n, atom, base, arena);
	out->entries = entries;
}

/* --- the document */

static int read_document(const xmlNode *root, const char *base, struct arena *arena, struct feed *out, struct err *err)
{
	const char *name = root && root->type == XML_ELEMENT_NODE ? (const char *)root->name : "";
	const xmlNode *head = root;
	int64_t minutes = 0;
	if (strcmp(name, "feed") == 0)
		read_entries(root, "entry", base, arena, out);
	else if (strcmp(name, "rss") == 0 && (head = child(root, CORE, "channel")))
		read_entries(head, "item", base, arena, out);
	else if (strcmp(name, "RDF") == 0 && (head = child(root, CORE, "channel")))
		read_entries(root, "item", base, arena, out);
	else
		return err_set(
		        err, ERR_DATA, "it is no feed: found <%.40s>, expected <rss>, <feed> or <rdf:RDF>", name);
	out->title = line_of(rich(child(head, CORE, "title"), strcmp(name, "feed") == 0, arena), arena);
	if (parse_i64(plain_of(child(head, CORE, "ttl"), arena), &minutes) && minutes > 0 && minutes < 7 * 24 * 60)
		out->ttl_ms = minutes * MINUTE_MS;
	return 0;
}

static void in_silence(void *arg, const char *message, ...)
{
	(void)arg, (void)message;
}

/* In the place of what the document declares: a name of HTML's, as one character of the text. */
static xmlEntity *named(void *arg, const xmlChar *name)
{
	static _Thread_local xmlEntity entity;
	static _Thread_local xmlChar bytes[8];
	struct str written = STR_INIT;
	uint32_t cp = 0;
	(void)arg;
	xmlEntity *found = xmlGetPredefinedEntity(name);
	str_addf(&written, "&%s;", (const char *)name);
	if (!found && entity_decode(written.p, written.len, &cp)) {
		bytes[utf8_encode(cp, (char *)bytes)] = '\0';
		entity = (xmlEntity){.type = XML_ENTITY_DECL,
		        .name = name,
		        .etype = XML_INTERNAL_PREDEFINED_ENTITY,
		        .orig = bytes,
		        .content = bytes,
		        .length = xmlStrlen(bytes)};
		found = &entity;
	}
	str_release(&written);
	return found;
}

static void undeclared(
        void *arg, const xmlChar *name, int type, const xmlChar *public_id, const xmlChar *system_id, xmlChar *content)
{
	(void)arg, (void)name, (void)type, (void)public_id, (void)system_id, (void)content;
}

/* libxml2's own limits hold (no XML_PARSE_HUGE), nothing is loaded, and nothing that is declared counts. */
static xmlDoc *read_xml(const char *bytes, size_t len)
{
	xmlSetGenericErrorFunc(NULL, in_silence);
	xmlParserCtxt *context = mem_checked(xmlNewParserCtxt());
	context->sax->getEntity = named;
	context->sax->entityDecl = undeclared;
	xmlDoc *doc = xmlCtxtReadMemory(context, bytes, (int)len, NULL, NULL,
	        XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
	xmlFreeParserCtxt(context);
	return doc;
}

int feed_parse(const char *bytes, size_t len, const char *base, struct arena *arena, struct feed *out, struct err *err)
{
	*out = (struct feed){.title = ""};
	if (len > INT_MAX)
		return err_set(err, ERR_LIMIT, "the feed is too long");
	xmlDoc *doc = read_xml(bytes, len);
	if (!doc)
		return err_set(err, ERR_DATA, "it is no feed: what came is not XML");
	int rc = read_document(xmlDocGetRootElement(doc), base, arena, out, err);
	xmlFreeDoc(doc);
	return rc;
}
