#include "tests/bench/peers/peer.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "tests/bench/mention.h"
#include "tests/bench/place.h"
#include "tests/lib/run_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_MS INT64_C(1790000000000)
enum { PREPARE_MS = 180000 };

static void write_text(const char *dir, const char *name, const char *text)
{
	struct err err = ERR_INIT;
	char *path = path_join(dir, name);
	if (file_write_atomic(path, text, strlen(text), 0600, &err))
		place_fail("%s", err.text);
	free(path);
}

static void make_dir(const char *path)
{
	struct err err = ERR_INIT;
	if (path_make_dirs(path, 0700, &err))
		place_fail("%s", err.text);
}

/* --- what is stored: the same words as mail and as a feed */

static void add_mail(struct str *out, int n)
{
	char when[64];
	struct str text = STR_INIT;
	mention_text(&text, n);
	time_format_local(FIRST_MS + (int64_t)n * 1000, "%a, %d %b %Y %H:%M:%S +0000", when, sizeof when);
	str_addf(out,
	        "From: Customer %d <customer%d@social.example>\nTo: acme@mas.example\nSubject: customer%d "
	        "writes\nDate: %s\nMessage-ID: <q%d@social.example>\nMIME-Version: 1.0\nContent-Type: text/plain; "
	        "charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n",
	        n, n, n, when, n, text.p);
	str_release(&text);
}

static void make_maildir(const char *dir, int count)
{
	static const char *const parts[] = {"cur", "new", "tmp"};
	char name[64];
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char *part = path_join(dir, parts[i]);
		make_dir(part);
		free(part);
	}
	for (int n = 0; n < count; n++) {
		struct str mail = STR_INIT;
		add_mail(&mail, n);
		snprintf(name, sizeof name, "cur/%lld.q%d.load:2,", (long long)(FIRST_MS / 1000 + n), n);
		char *path = path_join(dir, name);
		FILE *file = fopen(path, "w");
		if (!file || fwrite(mail.p, 1, mail.len, file) != mail.len || fclose(file))
			place_fail("%s cannot be written", path);
		free(path);
		str_release(&mail);
	}
}

static void make_feed(const char *path, int count)
{
	struct err err = ERR_INIT;
	struct str feed = STR_INIT;
	str_adds(&feed,
	        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel><title>customers</title>"
	        "<link>http://127.0.0.1/</link><description>d</description>\n");
	for (int n = 0; n < count; n++) {
		char when[64];
		struct str text = STR_INIT;
		mention_text(&text, n);
		time_format_local(FIRST_MS + (int64_t)n * 1000, "%a, %d %b %Y %H:%M:%S +0000", when, sizeof when);
		str_addf(&feed,
		        "<item><title>customer%d "
		        "writes</title><guid>q%d</guid><link>http://127.0.0.1/%d</link><pubDate>%s"
		        "</pubDate><description><![CDATA[%s]]></description></item>\n",
		        n, n, n, when, text.p);
		str_release(&text);
	}
	str_adds(&feed, "</channel></rss>\n");
	if (file_write_atomic(path, feed.p, feed.len, 0600, &err))
		place_fail("%s", err.text);
	str_release(&feed);
}

/* --- each program's own */

static void command_irssi(struct spot *spot, const char **argv)
{
	int n = 1;
	argv[n++] = arena_printf(&spot->arena, "--home=%s", spot->dir);
	if (!spot->port)
		return;
	argv[n++] = "--connect=127.0.0.1";
	argv[n++] = arena_printf(&spot->arena, "--port=%d", spot->port);
	argv[n++] = "--nick=acme";
}

static void command_weechat(struct spot *spot, const char **argv)
{
	int n = 1;
	argv[n++] = "-d";
	argv[n++] = spot->dir;
	if (!spot->port)
		return;
	argv[n++] = "-r";
	argv[n++] = arena_printf(&spot->arena, "/server add load 127.0.0.1/%d", spot->port);
	argv[n++] = "-r";
	argv[n++] = "/connect load";
}

static void prepare_neomutt(struct spot *spot)
{
	struct str text = STR_INIT;
	str_addf(&text,
	        "set folder=%s\nset spoolfile=%s\nset confirmcreate=no\nset mbox_type=maildir\nset sort=date\n"
	        "set quit=yes\nset mark_old=no\nset record=\"\"\nset from=acme@mas.example\n",
	        spot->maildir, spot->maildir);
	write_text(spot->dir, "rc", text.p);
	str_release(&text);
}

static void command_neomutt(struct spot *spot, const char **argv)
{
	argv[1] = "-n";
	argv[2] = "-F";
	argv[3] = arena_printf(&spot->arena, "%s/rc", spot->dir);
	argv[4] = "-f";
	argv[5] = spot->maildir;
}

static void prepare_aerc(struct spot *spot)
{
	char *dir = path_join(spot->dir, "aerc");
	struct str text = STR_INIT;
	make_dir(dir);
	char *parent = mem_strdup(spot->maildir);
	*strrchr(parent, '/') = '\0';
	str_addf(&text,
	        "[load]\nsource = maildir://%s\ndefault = INBOX\nfrom = Acme <acme@mas.example>\ncopy-to = Sent\n",
	        parent);
	write_text(dir, "accounts.conf", text.p);
	str_release(&text);
	free(parent);
	free(dir);
}

static void command_nothing(struct spot *spot, const char **argv)
{
	(void)spot;
	(void)argv;
}

static const char *const *newsboat_words(struct spot *spot, const char **argv)
{
	argv[1] = "-u";
	argv[2] = arena_printf(&spot->arena, "%s/urls", spot->dir);
	argv[3] = "-c";
	argv[4] = arena_printf(&spot->arena, "%s/cache.db", spot->dir);
	argv[5] = "-C";
	argv[6] = arena_printf(&spot->arena, "%s/config", spot->dir);
	return argv;
}

/* Read once before it is measured, as it would have been. */
static void prepare_newsboat(struct spot *spot)
{
	struct run_result result;
	const char *argv[PEER_WORDS] = {"/usr/bin/newsboat"};
	struct str line = STR_INIT;
	str_addf(&line, "\"file://%s\"\n", spot->feed);
	write_text(spot->dir, "urls", line.p);
	write_text(spot->dir, "config", "max-items 0\nauto-reload no\nbind-key j down\nbind-key k up\n");
	newsboat_words(spot, argv);
	argv[7] = "-x";
	argv[8] = "reload";
	run_program(argv, spot->env, NULL, PREPARE_MS, &result);
	if (result.status)
		place_fail("newsboat cannot read its feed: %s%s", result.out.p, result.err.p);
	run_result_release(&result);
	str_release(&line);
}

static void command_newsboat(struct spot *spot, const char **argv)
{
	newsboat_words(spot, argv);
}

static void prepare_toot(struct spot *spot)
{
	char *dir = path_join(spot->dir, "toot");
	struct str text = STR_INIT;
	make_dir(dir);
	str_addf(&text,
	        "{\"apps\":{\"127.0.0.1:%d\":{\"instance\":\"127.0.0.1:%d\",\"base_url\":\"http://127.0.0.1:%d\","
	        "\"client_id\":\"a\",\"client_secret\":\"b\"}},\"users\":{\"acme@127.0.0.1:%d\":{\"instance\":"
	        "\"127.0.0.1:%d\",\"username\":\"acme\",\"access_token\":\"demo-token\"}},\"active_user\":"
	        "\"acme@127.0.0.1:%d\"}",
	        spot->port, spot->port, spot->port, spot->port, spot->port, spot->port);
	write_text(dir, "config.json", text.p);
	str_release(&text);
	free(dir);
}

static void command_toot(struct spot *spot, const char **argv)
{
	(void)spot;
	argv[1] = "tui";
}

const struct peer peers[] = {
        {.name = "irssi",
                .package = "irssi",
                .program = "/usr/bin/irssi",
                .does = "chats on IRC: the mentions are spoken in the channel that it shows; keeps none",
                .ready = "[(status)]",
                .chats = true,
                .command = command_irssi},
        {.name = "weechat",
                .package = "weechat-curses",
                .program = "/usr/bin/weechat-curses",
                .does = "the same as irssi; logs to files",
                .ready = "1:weechat",
                .chats = true,
                .command = command_weechat},
        {.name = "neomutt",
                .package = "neomutt",
                .program = "/usr/bin/neomutt",
                .does = "shows a maildir of as many messages, without a header cache; no stream",
                .ready = "Msgs:%d",
                .lists = true,
                .prepare = prepare_neomutt,
                .command = command_neomutt},
        {.name = "aerc",
                .package = "aerc",
                .program = "/usr/bin/aerc",
                .does = "shows the same maildir; no stream",
                .ready = "customer",
                .ready_empty = "(no messages)",
                .lists = true,
                .prepare = prepare_aerc,
                .command = command_nothing},
        {.name = "newsboat",
                .package = "newsboat",
                .program = "/usr/bin/newsboat",
                .does = "shows a feed of as many items, read before; no stream",
                .ready = "q:Quit",
                .lists = true,
                .into_list = "\r",
                .prepare = prepare_newsboat,
                .command = command_newsboat},
        {.name = "toot",
                .package = "toot",
                .program = "/usr/bin/toot",
                .does = "toot tui: fetches and shows twenty posts of the home timeline; no stream, keeps none",
                .ready = "Loader",
                .prepare = prepare_toot,
                .command = command_toot},
};
const int peers_len = sizeof peers / sizeof *peers;

/* --- running them */

bool peer_is_there(const struct peer *peer)
{
	return access(peer->program, X_OK) == 0;
}

static void set_environment(struct spot *spot)
{
	const char *dir = spot->dir;
	int n = 0;
	spot->env[n++] = "PATH=/usr/bin:/bin";
	spot->env[n++] = "TERM=xterm-256color";
	spot->env[n++] = "LC_ALL=C.UTF-8";
	spot->env[n++] = "TZ=UTC";
	spot->env[n++] = arena_printf(&spot->arena, "HOME=%s", dir);
	spot->env[n++] = arena_printf(&spot->arena, "XDG_CONFIG_HOME=%s", dir);
	spot->env[n++] = arena_printf(&spot->arena, "XDG_DATA_HOME=%s", dir);
	spot->env[n++] = arena_printf(&spot->arena, "XDG_CACHE_HOME=%s", dir);
	spot->env[n++] = arena_printf(&spot->arena, "XDG_RUNTIME_DIR=%s", dir);
}

static void remove_tree(const char *path)
{
	const char *argv[] = {"/bin/rm", "-rf", path, NULL};
	static const char *const env[] = {NULL};
	struct run_result result;
	run_program(argv, env, NULL, PREPARE_MS, &result);
	run_result_release(&result);
}

void spot_init(struct spot *spot, const char *root, const struct peer *peer, int stored, int port)
{
	*spot = (struct spot){.stored = stored, .port = port};
	arena_init(&spot->arena);
	spot->dir = arena_printf(&spot->arena, "%s/%s", root, peer->name);
	spot->maildir = arena_printf(&spot->arena, "%s/mail-%d/INBOX", root, stored);
	spot->feed = arena_printf(&spot->arena, "%s/feed-%d.xml", root, stored);
	set_environment(spot);
	remove_tree(spot->dir);
	make_dir(spot->dir);
	if (access(spot->feed, R_OK)) {
		make_maildir(spot->maildir, stored);
		make_feed(spot->feed, stored);
	}
	if (peer->prepare)
		peer->prepare(spot);
}

void spot_release(struct spot *spot)
{
	remove_tree(spot->dir);
	arena_release(&spot->arena);
}

struct screen *peer_start(const struct peer *peer, struct spot *spot, int rows, int cols)
{
	const char *words[PEER_WORDS] = {peer->program}, *argv[PEER_WORDS + 4];
	size_t n = 0;
	peer->command(spot, words);
	for (const char *const *word = spot->line; word && *word; word++)
		argv[n++] = *word;
	memcpy(argv + n, words, sizeof words);
	struct screen *screen = screen_start(
	        &(struct screen_options){.argv = argv, .env = spot->env, .dir = spot->dir, .rows = rows, .cols = cols});
	if (!screen)
		place_fail("there is no pseudo-terminal");
	return screen;
}

const char *peer_ready(const struct peer *peer, struct spot *spot)
{
	const char *text = !spot->stored && peer->ready_empty ? peer->ready_empty : peer->ready;
	const char *number = strstr(text, "%d");
	if (!number)
		return text;
	return arena_printf(&spot->arena, "%.*s%d", (int)(number - text), text, spot->stored);
}
