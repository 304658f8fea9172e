#include "tests/fakenet/cast.h"

#include <ctype.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const struct cast_person cast_people[] = {
        {"sam@ferry.example", "Sam Okafor", "Ferry timetables, tea, two cats.", "en", "2018-11-05", 312, 280,
                ROLE_CUSTOMER, false, true},
        {"mika@boats.example", "Mika ⛵", "Living aboard. Mostly rust.", "en", "2019-04-02", 120, 95, ROLE_CUSTOMER,
                false, true},
        {"priya@looms.example", "Priya R.", "Weaver. Wool is a personality.", "en", "2022-11-06", 1840, 610,
                ROLE_CUSTOMER, false, true},
        {"tomasz@night.example", "Tomasz (night shift)", "Nurse. Awake when you are not.", "en", "2022-11-19", 74, 133,
                ROLE_CUSTOMER, false, false},
        {"dee@allotment.example", "Dee & the beans :blobcat:", "Allotment 14b.", "en", "2017-04-11", 933, 512,
                ROLE_CUSTOMER, false, true},
        {"hollis@paper.example", "Hollis Grant", "Consumer affairs reporter. Tips welcome, anonymity promised.", "en",
                "2017-04-04", 203417, 1290, ROLE_CUSTOMER, false, true},
        {"ada@compilers.example", "ada lovelacks", "I read the fine print for fun.", "en", "2018-08-20", 15230, 402,
                ROLE_CUSTOMER, false, true},
        {"wren@marsh.example", "wren 🏳️‍🌈", "birds, bogs, bread", "en", "2020-02-29", 421, 377, ROLE_CUSTOMER,
                false, true},
        {"oldgreg@harbour.example", "Greg", "", "en", "2024-09-01", 3, 11, ROLE_CUSTOMER, false, false},
        {"fatima@stitch.example", "Fatima Z.", "Tailor in a small town. Opinions on zips.", "en", "2021-07-14", 688,
                254, ROLE_CUSTOMER, false, true},
        {"benji@school.example", "Mr Benjamin", "Teaches physics. Breaks things on purpose.", "en", "2022-10-30", 2190,
                830, ROLE_CUSTOMER, false, true},
        {"noor@kitchen.example", "Noor 👩‍🍳", "I cook, therefore I have stains.", "en", "2019-12-01", 8402, 390,
                ROLE_CUSTOMER, false, true},
        {"carl@trucks.example", "Carl-Erik", "Long haul. Podcasts.", "en", "2023-02-03", 41, 60, ROLE_CUSTOMER, true,
                false},
        {"jo@zines.example", "jo jo jo", "zines, glue, regret", "en", "2018-05-05", 1203, 1190, ROLE_CUSTOMER, false,
                true},
        {"lindiwe@radio.example", "Lindiwe on air :verified_bird:", "Morning show. We read your posts aloud.", "en",
                "2019-09-09", 48213, 720, ROLE_CUSTOMER, false, true},
        {"pat@wheel.example", "Pat (wheelchair user)", "Access is not a favour.", "en", "2020-06-16", 5120, 611,
                ROLE_CUSTOMER, false, true},
        {"eli@dorm.example", "eli", "first year, second coffee", "en", "2025-09-20", 17, 88, ROLE_CUSTOMER, false,
                true},
        {"ruth@choir.example", "Ruth Adeyemi", "Alto. Grandmother of four.", "en", "2022-12-24", 58, 41, ROLE_CUSTOMER,
                false, false},
        {"vik@bits.example", "Vikram", "Self-hosts everything, including grudges.", "en", "2017-08-01", 2740, 501,
                ROLE_CUSTOMER, false, true},
        {"maeve@island.example", "Maeve Ní Bhriain", "Post comes by boat, when it comes.", "en", "2021-01-18", 266, 190,
                ROLE_CUSTOMER, false, true},
        {"kim@boxes.example", "Kim unboxes", "I open parcels so that you need not.", "en", "2019-03-30", 31877, 212,
                ROLE_FAN, false, true},
        {"otis@repair.example", "Otis fixes it", "Repair café on Saturdays.", "en", "2018-01-27", 3911, 404, ROLE_FAN,
                false, true},
        {"sunny@garden.example", "Sunny 🌻", "kind words department", "en", "2022-05-02", 519, 498, ROLE_FAN, false,
                true},
        {"truthteller9000@loud.example", "THE REAL TRUTH", "Blocked by 412 companies.", "en", "2026-06-01", 9, 3011,
                ROLE_TROLL, false, true},
        {"grump@loud.example", "Professional Grump", "Everything was better.", "en", "2023-11-11", 211, 5, ROLE_TROLL,
                false, true},
        {"acmeband@music.example", "ACME (the band)", "Four people, five amplifiers. New record in spring.", "en",
                "2018-10-10", 22140, 318, ROLE_BAND, false, true},
        {"acmeclimbing@walls.example", "Acme Climbing Gym", "Bouldering in an old brewery. Open late.", "en",
                "2022-11-08", 1960, 144, ROLE_GYM, false, true},
        {"dealsbot@bots.example", "Deals of the Day", "Automated. Replies are not read.", "en", "2023-04-01", 12030, 0,
                ROLE_BOT, false, true},
        {"yuki@momiji.example", "ゆき", "猫と編み物と深夜ラーメン", "ja", "2017-04-14", 2210, 640, ROLE_CUSTOMER, false,
                true},
        {"haruto@momiji.example", "はると🚲", "自転車通勤", "ja", "2022-11-07", 340, 210, ROLE_CUSTOMER, false, true},
        {"layla@nakhla.example", "ليلى", "قهوة وكتب", "ar", "2021-05-30", 1502, 330, ROLE_CUSTOMER, false, true},
        {"arjun@chai.example", "अर्जुन", "चाय, क्रिकेट, कोड", "hi", "2022-12-02", 890, 402, ROLE_CUSTOMER, false, true},
        {"ploy@talat.example", "พลอย 🐘", "ขายของออนไลน์", "th", "2023-01-15", 6120, 150, ROLE_CUSTOMER, false, true},
        {"eleni@nisi.example", "Ελένη", "Νησί, βιβλία, σκύλος", "el", "2020-08-08", 233, 301, ROLE_CUSTOMER, false,
                true},
        {"juergen@kiel.example", "Jürgen aus Kiel", "Möwen und Modelleisenbahn.", "de", "2018-09-02", 415, 222,
                ROLE_CUSTOMER, false, true},
        {"anneke@kiel.example", "Anneke (sie/ihr)", "Lehrerin. Kaffee. Noch mehr Kaffee.", "de", "2022-11-05", 1733,
                905, ROLE_CUSTOMER, false, true},
        {"camille@atelier.example", "Camille", "Relieuse. Colle et papier.", "fr", "2019-02-14", 977, 433,
                ROLE_CUSTOMER, false, true},
        {"lucia@plaza.example", "Lucía 🇪🇸", "Bibliotecaria y corredora lenta.", "es", "2022-11-12", 1288, 702,
                ROLE_CUSTOMER, false, true},
        {"joao@praia.example", "João", "Surf e planilhas.", "pt", "2023-03-20", 604, 344, ROLE_CUSTOMER, false, true},
        {"minji@hanok.example", "민지", "빵 굽는 개발자", "ko", "2023-07-07", 3310, 280, ROLE_CUSTOMER, false, true},
        {"oksana@dnipro.example", "Оксана 🌾", "Вишивка і велосипед", "uk", "2022-03-01", 2040, 511, ROLE_CUSTOMER,
                false, true},
        {"noa@gal.example", "נועה", "ים, ספרים, חתול", "he", "2022-11-20", 455, 389, ROLE_CUSTOMER, false, true},
        {"emre@vapur.example", "Emre", "Çay ve vapur.", "tr", "2022-11-10", 812, 240, ROLE_CUSTOMER, false, true},
        {"xiaomei@hu.example", "小梅", "画画,养花", "zh", "2023-05-18", 1490, 377, ROLE_CUSTOMER, false, true},
};
const size_t cast_people_count = COUNT(cast_people);

static const char *const items[] = {"desk lamp", "kettle", "rucksack", "bread knife", "garden chair", "bike light",
        "winter coat", "coffee grinder", "bookshelf", "sewing kit", "rain jacket", "toolbox", "duvet", "wall clock",
        "camping stove", "pair of boots", "headphones", "office chair", "tea set", "tent"};
static const char *const cities[] = {"Leeds", "Galway", "Porto", "Rotterdam", "Malmö", "Bristol", "Lyon", "Gdańsk",
        "Turin", "Halifax", "Cork", "Kiel", "Utrecht", "Dundee"};
static const char *const carriers[] = {
        "the courier", "your carrier", "the delivery company", "the van driver", "the depot"};
static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "last weekend"};
static const char *const asks[] = {"Any news?", "Can you look?", "What now?", "Could somebody check please?",
        "Who do I talk to?", "Is anyone there?", "Please help.", "What happens next?", "Can you find it?", "Hello?"};
static const char *const openers[] = {
        "Hi", "Hello", "Hey", "Morning", "Evening", "Dear people of", "Right,", "Um,", "So,"};
static const char *const presents[] = {"my mum's birthday", "a wedding", "my kid's first day at school",
        "a housewarming", "our anniversary", "a friend who is ill", "my new flat", "the office raffle"};
static const char *const emoji[] = {
        "🙏", "😡", "🤷‍♀️", "😭", "👍🏽", "👨‍👩‍👧", "🇮🇪", "✨", "🫠", "🧵"};

static const struct {
	const char *name;
	const char *const *list;
	size_t count;
	bool fact;
} fills[] = {
        {"item", items, COUNT(items), true},
        {"city", cities, COUNT(cities), true},
        {"carrier", carriers, COUNT(carriers), true},
        {"day", days, COUNT(days), true},
        {"present", presents, COUNT(presents), true},
        {"ask", asks, COUNT(asks), false},
        {"hi", openers, COUNT(openers), false},
        {"emoji", emoji, COUNT(emoji), false},
};

size_t cast_line_count(void)
{
	return cast_lines_count + cast_world_lines_count;
}

const struct cast_line *cast_line(size_t i)
{
	return i < cast_lines_count ? &cast_lines[i] : &cast_world_lines[i - cast_lines_count];
}

/* Each name has numbers of its own, so that a text need not use all of them to agree with another. */
static struct rng facts_of(const struct cast_blanks *blanks, const char *name)
{
	return (struct rng){blanks->facts ^ hash_bytes(name, strlen(name))};
}

static void fill_number(struct str *out, const char *name, const struct cast_blanks *blanks)
{
	struct rng rng = facts_of(blanks, name);
	if (str_eq(name, "order"))
		str_addf(out, "%zu", 40000 + rng_below(&rng, 59999));
	else if (str_eq(name, "n"))
		str_addf(out, "%zu", 2 + rng_below(&rng, 17));
	else if (str_eq(name, "price"))
		str_addf(out, "%zu.%zu9", 8 + rng_below(&rng, 180), rng_below(&rng, 10));
	else if (str_eq(name, "hour"))
		str_addf(out, "%zu:%zu%zu", 8 + rng_below(&rng, 13), rng_below(&rng, 6), rng_below(&rng, 10));
}

static void fill_from_list(struct str *out, const char *name, const struct cast_blanks *blanks)
{
	struct rng facts = facts_of(blanks, name);
	for (size_t i = 0; i < COUNT(fills); i++)
		if (str_eq(name, fills[i].name))
			str_adds(out, fills[i].list[rng_below(fills[i].fact ? &facts : blanks->rng, fills[i].count)]);
}

static void fill_name(struct str *out, const char *name, const struct cast_blanks *blanks)
{
	size_t at = out->len;
	if (str_eq(name, "at"))
		str_addf(out, "@%s", blanks->handle);
	else if (str_eq(name, "tag"))
		str_addf(out, "#%s", blanks->handle);
	else if (str_eq(name, "brand") || str_eq(name, "Phrase"))
		str_adds(out, blanks->handle);
	else if (str_eq(name, "phrase"))
		str_addf(out, "%s corp", blanks->handle);
	else if (str_eq(name, "who"))
		str_addf(out, "@%s", str_or(blanks->who, blanks->handle));
	if (out->len > at && (name[0] == 'b' || name[0] == 'P'))
		out->p[at] = (char)toupper((unsigned char)out->p[at]);
	if (str_eq(name, "Phrase"))
		str_adds(out, " Corp");
}

void cast_fill(struct str *out, const char *text, const struct cast_blanks *blanks)
{
	while (*text) {
		size_t plain = strcspn(text, "{");
		str_add(out, text, plain);
		text += plain;
		if (!*text)
			break;
		char name[16];
		size_t len = strcspn(++text, "}");
		snprintf(name, sizeof name, "%.*s", (int)(len < 15 ? len : 15), text);
		text += len + (text[len] == '}');
		fill_name(out, name, blanks);
		fill_from_list(out, name, blanks);
		fill_number(out, name, blanks);
	}
}
