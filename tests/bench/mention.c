#include "tests/bench/mention.h"

#include "core/base/json.h"
#include "core/base/timefmt.h"

#include <inttypes.h>

static const struct {
	const char *language, *text;
} said[] = {
        {"en", "still no refund for order 4411, third week now and nobody answers my mails"},
        {"en", "The app crashes when I open the basket \\ud83d\\ude21 since the update, please fix it!!"},
        {"en", "do you ship to Norway?"},
        {"en", "Love the new jacket, thank you \\u2665\\ufe0f"},
        {"de", "Das Paket ist seit zwei Wochen unterwegs und die Hotline legt einfach auf. So geht das nicht"},
        {"fr", "Bonjour, j\\u2019ai \\u00e9t\\u00e9 d\\u00e9bit\\u00e9e deux fois pour la m\\u00eame commande, que "
               "faire ?"},
        {"es", "\\u00bfC\\u00f3mo cambio la direcci\\u00f3n de entrega? El enlace no funciona"},
        {"ja", "\\u30a2\\u30d7\\u30ea\\u306b\\u30ed\\u30b0\\u30a4\\u30f3\\u3067\\u304d\\u307e\\u305b\\u3093\\u3002\\u52"
               "a9\\u3051\\u3066\\u304f\\u3060\\u3055\\u3044"},
        {"en", "is the site down for anyone else? I get a blank page on https:\\/\\/shop.example\\/basket since 9 "
               "o'clock, "
               "tried two phones and a laptop, cleared everything, and the chat says that I should try again later"},
        {"nl", "Mijn kaart wordt geweigerd terwijl er genoeg geld op staat, wat nu"},
        {"en", "charged twice &amp; the second parcel was empty &lt;3 not"},
        {"pt", "O entregador deixou tudo na chuva, a caixa chegou toda molhada"},
};

enum { SAID = sizeof said / sizeof *said, STATUS_ID_FIRST = 5000 };

static void add_account(struct str *out, int64_t n)
{
	str_addf(out,
	        "{\"id\":\"%" PRId64 "\",\"username\":\"loader%" PRId64 "\",\"acct\":\"loader%" PRId64
	        "@social.example\",\"display_name\":\"Loader %" PRId64
	        "\",\"locked\":false,\"bot\":false,\"discoverable\":true,\"indexable\":true,\"group\":false,"
	        "\"created_at\":\"2018-11-05T00:00:00.000Z\",\"note\":\"<p>Tea, trains and the odd complaint. Opinions "
	        "are my own, and so are the typos.</p>\",\"url\":\"https://social.example/@loader%" PRId64
	        "\",\"uri\":\"https://social.example/users/loader%" PRId64
	        "\",\"avatar\":\"https://files.example/avatars/original/%" PRId64
	        ".png\",\"avatar_static\":\"https://files.example/avatars/original/%" PRId64
	        ".png\",\"header\":\"https://files.example/headers/original/missing.png\",\"header_static\":"
	        "\"https://files.example/headers/original/missing.png\",\"followers_count\":%" PRId64
	        ",\"following_count\":214,\"statuses_count\":1810,\"last_status_at\":\"2026-11-20\","
	        "\"hide_collections\":false,\"emojis\":[],\"fields\":[{\"name\":\"home\",\"value\":\"<a "
	        "href=\\\"https://home.example\\\">home.example</a>\",\"verified_at\":null}]}",
	        900000 + n, n, n, n, n, n, n, n, n * 7919 % 20000);
}

static void add_status(struct str *out, int64_t n, int64_t author, int64_t id, const char *when)
{
	str_addf(out,
	        "{\"id\":\"%" PRId64
	        "\",\"created_at\":\"%s\",\"in_reply_to_id\":null,\"in_reply_to_account_id\":null,\"sensitive\":false,"
	        "\"spoiler_text\":\"\",\"visibility\":\"public\",\"language\":\"%s\",\"uri\":"
	        "\"https://social.example/users/loader%" PRId64 "/statuses/%" PRId64
	        "\",\"url\":\"https://social.example/@loader%" PRId64 "/%" PRId64
	        "\",\"replies_count\":0,\"reblogs_count\":%" PRId64
	        ",\"favourites_count\":0,\"edited_at\":null,\"favourited\":false,\"reblogged\":false,\"muted\":false,"
	        "\"bookmarked\":false,\"content\":\"<p><span class=\\\"h-card\\\" translate=\\\"no\\\"><a "
	        "href=\\\"https://mas.example/@acme\\\" class=\\\"u-url mention\\\">@<span>acme</span></a></span> %s "
	        "load%" PRId64 "</p>\",\"filtered\":[],\"reblog\":null,\"account\":",
	        id, when, said[n % SAID].language, author, id, author, id, n % 11 ? 0 : n % 40, said[n % SAID].text, n);
	add_account(out, author);
	str_adds(out, ",\"media_attachments\":[],\"mentions\":[{\"id\":\"1\",\"username\":\"acme\",\"url\":"
	              "\"https://mas.example/@acme\",\"acct\":\"acme\"}],\"tags\":[],\"emojis\":[],\"quote\":null,"
	              "\"card\":null,\"poll\":null}");
}

/* Status ids are times, as Mastodon's are: milliseconds in the bits above 16. */
int64_t mention_status_id(int64_t number, int64_t wall_ms)
{
	return (wall_ms << 16) + number % 65536;
}

void mention_add(struct str *out, int64_t number, int64_t author, int64_t wall_ms)
{
	char when[32];
	time_format_rfc3339(wall_ms, when, sizeof when);
	str_addf(out,
	        "event: notification\ndata: {\"id\":\"%" PRId64
	        "\",\"type\":\"mention\",\"created_at\":\"%s\",\"group_key\":\"ungrouped-%" PRId64 "\",\"account\":",
	        STATUS_ID_FIRST + number, when, STATUS_ID_FIRST + number);
	add_account(out, author);
	str_adds(out, ",\"status\":");
	add_status(out, number, author, mention_status_id(number, wall_ms), when);
	str_adds(out, "}\n\n");
}

void mention_status(struct str *out, int64_t number, int64_t author, int64_t wall_ms)
{
	char when[32];
	time_format_rfc3339(wall_ms, when, sizeof when);
	add_status(out, number, author, mention_status_id(number, wall_ms), when);
}

void mention_text(struct str *out, int64_t number)
{
	struct str quoted = STR_INIT;
	str_addf(&quoted, "[\"%s\"]", said[number % SAID].text);
	json *parsed = json_parse(quoted.p, quoted.len, NULL);
	str_addf(out, "%s load%" PRId64, str_or(json_text(json_first(parsed)), ""), number);
	json_free(parsed);
	str_release(&quoted);
}
