/* Who is there, and what has happened up to 14:02. */
#include "tests/golden/world.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const story[] = {
        "account acme mastodon live",
        "account acme.bsky bluesky live",
        "account x x rate-limited 4m",

        "customer sam acme 12400 2017 @sam@mas.example Sam Ortiz",
        "history sam 2 2",
        "customer priya acme.bsky 230 2023 @priya.bsky.social Priya Nair",
        "customer leo acme 61 2022 @leo@fjord.example Leo",
        "customer mina acme.bsky 1800 2021 @mina.bsky.social Mina",
        "customer quill x 940 2012 @quill quill",
        "customer orrin x 77 2019 @orrin Orrin Vale",
        "customer yuki acme 310 2020 @yuki@nihon.example 佐藤ゆき",
        "customer layla acme 45 2024 @layla@souq.example ليلى",
        "customer arjun acme 12 2024 @arjun@desh.example अर्जुन",
        "customer nok acme 150 2022 @nok@siam.example นก",
        "customer robin acme 88 2023 @robin@mas.example Robin",
        "customer dana acme.bsky 400 2023 @dana.bsky.social Dana",
        "customer tess acme 19 2025 @tess@mas.example Tess",
        "customer vic acme 3300 2018 @vic@mas.example Vic",
        "customer wren acme.bsky 51 2025 @wren.bsky.social Wren",

        "at 2026-11-19 17:20",
        "post wren Where do I find the size chart?",
        "at 2026-11-19 17:31",
        "answer wren bob It is under the photos of each jacket, Wren.",
        "at 2026-11-19 17:40",
        "post wren Found it, thanks",
        "do wren bob done",
        "at 2026-11-19 18:05",
        "post vic Will the grey one come back in L?",
        "at 2026-11-19 18:20",
        "do vic alice snooze mon 9:00",

        "at 13:05",
        "post tess The zip broke after two days",
        "at 13:11",
        "post sam my order 4411 never came and nobody answers",
        "media sam photo an empty doorstep",
        "at 13:17",
        "answer tess alice Tess, that should not happen. May we send you a new one?",
        "do tess alice claim",
        "at 13:20",
        "do sam alice tag refund",
        "at 13:25",
        "answer sam bob Sam, sorry about that. Let me look into it and come back to you today.",
        "do sam bob tag vip",
        "at 13:41",
        "post sam Still no refund, third week now.",
        "counts sam 8 31",
        "at 13:45",
        "edit sam Still no refund, third week now. Is anybody there?",
        "at 13:48",
        "post priya App crashes when I open the basket",
        "media priya photo a grey screen that says: basket.c:212",
        "post dana Cancel my order please",
        "at 13:49",
        "do sam bob escalate billing refund stuck since the 2nd",
        "delete dana",
        "at 13:51",
        "post mina Love the new jacket!!",
        "post dana No, keep it. But when does it come?",
        "do sam bob note asked Carla in billing; she calls the bank at 14:00",
        "at 13:53",
        "post leo do you ship to Norway?",
        "at 13:54",
        "post robin The buckle of your bag cut my hand, look at this",
        "warning robin injury, blood",
        "media robin photo a hand with a cut, and the buckle",
        "at 13:55",
        "post yuki 注文した靴がまだ届きません。いつ発送されますか？",
        "language yuki ja",
        "at 13:56",
        "post quill is the site down for anyone else",
        "at 13:57",
        "post orrin \"acme corp\" can't take my card",
        "similar orrin 6",
        "post layla طلبي لم يصل بعد، رقم الطلب ٤٤١٢",
        "language layla ar",
        "at 13:58",
        "escalation sam taken",
        "post arjun मेरा पार्सल कहाँ है? कृपया मदद करें",
        "language arjun hi",
        "post nok สินค้ายังไม่มาเลยค่ะ ช่วยเช็คให้หน่อย",
        "language nok th",
        "at 14:02",
        "writing leo bob",
};

void world_cast(struct world *world)
{
	for (size_t i = 0; i < sizeof story / sizeof *story; i++) {
		struct err err = ERR_INIT;
		if (world_tell(world, story[i], &err)) {
			fprintf(stderr, "cast: %s: %s\n", story[i], err.text);
			abort();
		}
	}
}
