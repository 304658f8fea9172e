#include "core/text/html.h"
#include "core/base/vec.h"
#include "core/text/domain.h"
#include "core/text/entity.h"
#include "core/text/html_token.h"
#include "core/text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_MAX = 64, /* elements that are open at once; what is deeper is read as if it were not there */
	PREFIX_MAX = 8, /* quotes and lists whose marks stand before a line */
	BREAKS_MAX = 3, /* newlines in a row */
	LINKS_MAX = 256,
	LINK_TEXT_MAX = 4096,
};

/* --- which elements matter, and how */

enum role {
	ROLE_INLINE,    /* matters for its class alone */
	ROLE_BLOCK,     /* begins and ends a line */
	ROLE_PARAGRAPH, /* with an empty line before and after */
	ROLE_QUOTE,
	ROLE_PRE,
	ROLE_LIST,
	ROLE_ORDERED,
	ROLE_ITEM,
	ROLE_BREAK,
	ROLE_LINK,
	ROLE_IMAGE,
	ROLE_CELL,
	ROLE_NONE,
};

static enum role role_of(const char *name)
{
	static const struct {
		char name[12];
		enum role role;
	} roles[] = {
	        {"a", ROLE_LINK},
	        {"article", ROLE_BLOCK},
	        {"blockquote", ROLE_QUOTE},
	        {"br", ROLE_BREAK},
	        {"dd", ROLE_BLOCK},
	        {"details", ROLE_BLOCK},
	        {"div", ROLE_BLOCK},
	        {"dl", ROLE_PARAGRAPH},
	        {"dt", ROLE_BLOCK},
	        {"figure", ROLE_BLOCK},
	        {"footer", ROLE_BLOCK},
	        {"h1", ROLE_PARAGRAPH},
	        {"h2", ROLE_PARAGRAPH},
	        {"h3", ROLE_PARAGRAPH},
	        {"h4", ROLE_PARAGRAPH},
	        {"h5", ROLE_PARAGRAPH},
	        {"h6", ROLE_PARAGRAPH},
	        {"header", ROLE_BLOCK},
	        {"hr", ROLE_BREAK},
	        {"img", ROLE_IMAGE},
	        {"li", ROLE_ITEM},
	        {"ol", ROLE_ORDERED},
	        {"p", ROLE_PARAGRAPH},
	        {"pre", ROLE_PRE},
	        {"section", ROLE_BLOCK},
	        {"span", ROLE_INLINE},
	        {"summary", ROLE_BLOCK},
	        {"table", ROLE_PARAGRAPH},
	        {"td", ROLE_CELL},
	        {"th", ROLE_CELL},
	        {"tr", ROLE_BLOCK},
	        {"ul", ROLE_LIST},
	};
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (*roles[i].name == *name && strcmp(roles[i].name, name) == 0)
			return roles[i].role;
	return ROLE_NONE;
}

/* --- the converter */

struct element {
	char name[sizeof((struct html_token *)NULL)->name];
	enum role role;
	bool hidden;
	int number, step; /* of an ordered list: the next item's, and what is added after */
	char marker[16];  /* of an item */
	bool marked;      /* it stands in the text already */
};

struct link_being_read {
	bool open, hidden, cut; /* cut: the server says that it shortened the visible text */
	enum link_kind kind;
	struct str href, text;
};

struct converter {
	struct str *out;
	size_t base; /* where our text begins in out */
	const struct html_options *options;
	struct html_links *links;
	struct element stack[DEPTH_MAX];
	int depth;
	int deeper; /* open elements that found no room */
	int shared; /* how many of the open elements were open at the last text, too */
	int breaks; /* newlines before the next text */
	bool space; /* a space before the next text */
	int hidden, pre;
	bool pre_begins;
	bool full;
	struct link_being_read link;
};

static bool has_begun(const struct converter *c)
{
	return c->out->len > c->base;
}

static void add(struct converter *c, const char *bytes, size_t len)
{
	if (!c->full && str_add(c->out, bytes, len))
		c->full = true;
}

/* What stands before a line inside quotes and items. An item's marker is written once, then its width in spaces. */
static void add_prefix(struct converter *c, int depth)
{
	int marks = 0;
	for (int i = 0; i < depth; i++) {
		struct element *e = &c->stack[i];
		if ((e->role != ROLE_QUOTE && e->role != ROLE_ITEM) || ++marks > PREFIX_MAX)
			continue;
		if (e->role == ROLE_QUOTE)
			add(c, "> ", 2);
		else if (!e->marked)
			add(c, e->marker, strlen(e->marker));
		else
			add(c, "                ", strlen(e->marker));
		e->marked = true;
	}
}

static void add_empty_line_prefix(struct converter *c)
{
	add_prefix(c, c->shared);
	size_t end = c->out->len;
	while (end > c->base && c->out->p[end - 1] == ' ')
		end--;
	str_remove(c->out, end, c->out->len - end);
}

static void start_line(struct converter *c)
{
	for (; has_begun(c) && c->breaks > 0; c->breaks--) {
		add(c, "\n", 1);
		if (c->breaks > 1)
			add_empty_line_prefix(c);
	}
	add_prefix(c, c->depth);
}

static void put(struct converter *c, const char *bytes, size_t len)
{
	if (c->breaks > 0 || !has_begun(c))
		start_line(c);
	else if (c->space)
		add(c, " ", 1);
	c->breaks = 0;
	c->space = false;
	c->shared = c->depth;
	add(c, bytes, len);
}

static void put_link_space(struct converter *c)
{
	struct str *text = &c->link.text;
	if (!text->len)
		c->space = true;
	else if (text->p[text->len - 1] != ' ')
		str_addc(text, ' ');
}

static void put_newline_of_pre(struct converter *c)
{
	if (!c->pre_begins && c->breaks < BREAKS_MAX)
		c->breaks++;
}

static bool is_white(uint32_t cp)
{
	return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == '\f';
}

static void put_white(struct converter *c, uint32_t cp)
{
	if (c->link.open)
		put_link_space(c);
	else if (!c->pre)
		c->space = true;
	else if (cp == '\n')
		put_newline_of_pre(c);
	else if (cp != '\r')
		put(c, cp == '\t' ? "\t" : " ", 1);
}

static void put_code_point(struct converter *c, uint32_t cp)
{
	enum { NO_BREAK_SPACE = 0xA0 };
	if (c->hidden)
		return;
	char bytes[4];
	size_t n = utf8_encode(cp == NO_BREAK_SPACE ? ' ' : cp ? cp : UTF8_REPLACEMENT, bytes);
	if (is_white(cp))
		put_white(c, cp);
	else if (c->link.open)
		str_add(&c->link.text, bytes, n);
	else
		put(c, bytes, n);
	c->pre_begins = false;
}

static size_t decode_one(const char *p, size_t len, uint32_t *cp)
{
	size_t n = *p == '&' ? entity_decode(p, len, cp) : 0;
	return n ? n : utf8_decode(p, len, cp);
}

/* The bytes from p that stand for themselves: ASCII without white space and references. */
static size_t plain_run(const char *p, size_t len)
{
	size_t n = 0;
	while (n < len && p[n] > ' ' && p[n] != '&')
		n++;
	return n;
}

static bool has_room(const struct str *s, size_t len)
{
	enum { PREFIX_ROOM = 1024 }; /* of what may come before it */
	return s->max - s->len > len + PREFIX_ROOM;
}

/* The same as its characters one by one; false near the cap, up to which they go. */
static bool put_run(struct converter *c, const char *p, size_t len)
{
	struct str *to = c->link.open ? &c->link.text : c->out;
	if (!len || c->hidden || !has_room(to, len))
		return false;
	if (c->link.open)
		str_add(to, p, len);
	else
		put(c, p, len);
	c->pre_begins = false;
	return true;
}

static void put_text(struct converter *c, const char *p, size_t len)
{
	for (size_t i = 0; i < len && !c->full;) {
		uint32_t cp;
		size_t n = plain_run(p + i, len - i);
		if (put_run(c, p + i, n)) {
			i += n;
			continue;
		}
		i += decode_one(p + i, len - i, &cp);
		put_code_point(c, cp);
	}
}

static void need_breaks(struct converter *c, int n)
{
	if (c->link.open)
		put_link_space(c);
	else if (c->breaks < n)
		c->breaks = n;
}

/* --- links */

static void open_link(struct converter *c, const struct html_token *token)
{
	struct str rel = STR_INIT;
	c->link.open = true;
	c->link.hidden = c->hidden > 0;
	c->link.cut = false;
	str_clear(&c->link.href);
	str_clear(&c->link.text);
	html_attribute(token, "href", &c->link.href);
	html_attribute(token, "rel", &rel);
	link_clean(&c->link.href);
	c->link.kind = html_has_class(token, "hashtag") || str_eq(rel.p, "tag") ? LINK_HASHTAG
	               : html_has_class(token, "mention")                       ? LINK_MENTION
	                                                                        : LINK_PLAIN;
	str_release(&rel);
}

/* The class is the sender's word: what does not look like a mention or hashtag is a link like others. Some servers
 * write the sign before the link. */
static enum link_kind kind_shown(const struct converter *c, const struct link_being_read *link)
{
	char sign = link->kind == LINK_MENTION ? '@' : '#';
	bool sign_before = has_begun(c) && !c->space && !c->breaks && c->out->p[c->out->len - 1] == sign;
	bool fits =
	        link->kind != LINK_PLAIN && (link->text.p[0] == sign || sign_before) && !strpbrk(link->text.p, "/: ");
	return fits ? link->kind : LINK_PLAIN;
}

static void put_link(struct converter *c, struct link_being_read *link)
{
	const char *text = link->text.p, *href = link->href.p;
	enum link_kind kind = kind_shown(c, link);
	if (!*text && !*href)
		return;
	put(c, "", 0);
	size_t start = c->out->len;
	if (kind != LINK_PLAIN || !*href)
		put(c, text, link->text.len);
	else if (!*text || link_is_form_of(text, href, link->cut))
		put(c, href, link->href.len);
	else {
		put(c, text, link->text.len);
		put(c, " <", 2);
		put(c, href, link->href.len);
		put(c, ">", 1);
	}
	if (c->links && *href && c->links->len < LINKS_MAX)
		vec_push(c->links, (struct html_link){kind, mem_strdup(href), start, c->out->len});
}

static void close_link(struct converter *c)
{
	struct link_being_read *link = &c->link;
	if (!link->open)
		return;
	link->open = false;
	bool space_behind = str_ends(link->text.p, " ");
	str_trim(&link->text);
	if (!link->hidden)
		put_link(c, link);
	c->space = c->space || space_behind;
}

/* --- elements */

static bool is_inside(const struct converter *c, enum role role)
{
	for (int i = 0; i < c->depth; i++)
		if (c->stack[i].role == role)
			return true;
	return false;
}

/* The newlines that an element wants around it. Items are kept close. */
static int breaks_around(const struct converter *c, enum role role)
{
	switch (role) {
	case ROLE_PARAGRAPH:
	case ROLE_QUOTE:
	case ROLE_PRE:
	case ROLE_LIST:
	case ROLE_ORDERED: return is_inside(c, ROLE_ITEM) ? 1 : 2;
	case ROLE_BLOCK:
	case ROLE_ITEM: return 1;
	default: return 0;
	}
}

/* Where markup forgot to close a link, the block's border does. */
static void close_forgotten_link(struct converter *c, enum role border)
{
	if (border != ROLE_INLINE && c->link.text.len)
		close_link(c);
}

static void pop(struct converter *c)
{
	const struct element e = c->stack[c->depth - 1];
	if (e.hidden && c->link.hidden)
		c->link.open = false;
	close_forgotten_link(c, e.role);
	c->depth--;
	c->hidden -= e.hidden;
	c->pre -= e.role == ROLE_PRE;
	if (c->shared > c->depth)
		c->shared = c->depth;
	int n = breaks_around(c, e.role);
	if (n)
		need_breaks(c, n);
}

static void pop_to(struct converter *c, int depth)
{
	while (c->depth > depth)
		pop(c);
}

/* A new block ends an open paragraph, a new item the open one, but not beyond the list or quote they stand in. */
static void close_implied(struct converter *c, enum role role)
{
	enum role ended = role == ROLE_ITEM ? ROLE_ITEM : ROLE_PARAGRAPH;
	for (int i = c->depth - 1; i >= 0; i--) {
		enum role r = c->stack[i].role;
		if (r == ended) {
			pop_to(c, i);
			return;
		}
		if (r == ROLE_LIST || r == ROLE_ORDERED || r == ROLE_QUOTE || (r == ROLE_ITEM && role != ROLE_ITEM))
			return;
	}
}

static int number_attribute(const struct html_token *token, const char *name, int otherwise)
{
	struct str text = STR_INIT;
	int64_t n;
	bool found = html_attribute(token, name, &text) && parse_i64(text.p, &n) && n > -100000 && n < 100000;
	str_release(&text);
	return found ? (int)n : otherwise;
}

static void set_marker(struct converter *c, struct element *item, const struct html_token *token)
{
	struct element *list = NULL;
	for (int i = c->depth - 1; i >= 0 && !list; i--)
		if (c->stack[i].role == ROLE_LIST || c->stack[i].role == ROLE_ORDERED)
			list = &c->stack[i];
	if (!list || list->role == ROLE_LIST) {
		str_copy(item->marker, sizeof item->marker, "- ");
		return;
	}
	int number = number_attribute(token, "value", list->number);
	snprintf(item->marker, sizeof item->marker, "%d. ", number);
	list->number = number + list->step;
}

static void open_element(struct converter *c, const struct html_token *token, enum role role)
{
	close_forgotten_link(c, role);
	if (role != ROLE_INLINE)
		close_implied(c, role);
	int n = breaks_around(c, role);
	if (n)
		need_breaks(c, n);
	if (c->depth == DEPTH_MAX) {
		c->deeper++;
		return;
	}
	struct element e = {.role = role};
	str_copy(e.name, sizeof e.name, token->name);
	e.hidden = c->options && c->options->drop_quote_inline && html_has_class(token, "quote-inline");
	if (role == ROLE_ITEM)
		set_marker(c, &e, token);
	if (role == ROLE_ORDERED) {
		struct str reversed = STR_INIT;
		e.number = number_attribute(token, "start", 1);
		e.step = html_attribute(token, "reversed", &reversed) ? -1 : 1;
		str_release(&reversed);
	}
	c->pre_begins = role == ROLE_PRE;
	c->pre += role == ROLE_PRE;
	c->hidden += e.hidden;
	c->stack[c->depth++] = e;
	if (c->link.open && html_has_class(token, "ellipsis"))
		c->link.cut = true;
}

static void put_break(struct converter *c)
{
	if (c->link.open)
		put_link_space(c);
	else if (c->breaks < BREAKS_MAX)
		c->breaks++;
}

static void put_image(struct converter *c, const struct html_token *token)
{
	struct str alt = STR_INIT;
	html_attribute(token, "alt", &alt);
	for (size_t i = 0; i < alt.len;) {
		uint32_t cp;
		i += utf8_decode(alt.p + i, alt.len - i, &cp);
		put_code_point(c, cp);
	}
	str_release(&alt);
}

static void open_tag(struct converter *c, const struct html_token *token)
{
	enum role role = role_of(token->name);
	switch (role) {
	case ROLE_NONE: break;
	case ROLE_BREAK: put_break(c); break;
	case ROLE_CELL: put_code_point(c, ' '); break;
	case ROLE_IMAGE: put_image(c, token); break;
	case ROLE_LINK:
		close_link(c);
		open_link(c, token);
		break;
	default: open_element(c, token, role); break;
	}
}

static void close_tag(struct converter *c, const struct html_token *token)
{
	enum role role = role_of(token->name);
	if (role == ROLE_LINK) {
		close_link(c);
		return;
	}
	if (role >= ROLE_BREAK)
		return;
	if (c->deeper > 0) {
		c->deeper--;
		return;
	}
	for (int i = c->depth - 1; i >= 0; i--)
		if (strcmp(c->stack[i].name, token->name) == 0) {
			pop_to(c, i);
			return;
		}
}

int html_to_text(
        const char *html, size_t len, const struct html_options *options, struct str *out, struct html_links *links)
{
	struct converter c = {.out = out, .base = out->len, .options = options, .links = links};
	str_init(&c.link.href, LINK_TEXT_MAX);
	str_init(&c.link.text, LINK_TEXT_MAX);
	struct html_reader reader = {html, len, 0};
	struct html_token token;
	while (!c.full && html_next(&reader, &token)) {
		if (token.kind == HTML_TEXT)
			put_text(&c, token.bytes, token.len);
		else if (token.kind == HTML_OPEN)
			open_tag(&c, &token);
		else
			close_tag(&c, &token);
	}
	close_link(&c);
	str_release(&c.link.href);
	str_release(&c.link.text);
	return c.full ? -1 : 0;
}

void html_links_release(struct html_links *links)
{
	for (size_t i = 0; i < links->len; i++)
		free(links->at[i].href);
	vec_release(links);
}

int html_decode(const char *text, size_t len, struct str *out)
{
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		char bytes[4];
		i += decode_one(text + i, len - i, &cp);
		if (str_add(out, bytes, utf8_encode(cp ? cp : UTF8_REPLACEMENT, bytes)))
			return -1;
	}
	return 0;
}
