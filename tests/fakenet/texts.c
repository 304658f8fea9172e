#include "tests/fakenet/cast.h"

#define SAY(topic, text)                                                                                               \
	{                                                                                                              \
		TOPIC_##topic, "en", text, NULL, NULL, NULL                                                            \
	}
#define WARN(topic, cw, text)                                                                                          \
	{                                                                                                              \
		TOPIC_##topic, "en", text, cw, NULL, NULL                                                              \
	}
#define SHOW(topic, photo, alt, text)                                                                                  \
	{                                                                                                              \
		TOPIC_##topic, "en", text, NULL, photo, alt                                                            \
	}

const struct cast_line cast_lines[] = {
        SAY(LATE, "{at} my {item} was due {day} and the tracking page still says \"label created\". {ask}"),
        SAY(LATE, "{hi} {at}, order {order} has been \"out for delivery\" for {n} days now. That is a long drive."),
        SAY(LATE, "Parcel sat in {city} since {day}. I could have walked there and back. {at} {ask}"),
        SAY(LATE, "{at} it was a gift for {present}. It is not here. I have a card with a drawing of a {item} in it "
                  "instead."),
        SAY(LATE, "{at} tracking says delivered. My doormat says otherwise. Order {order}."),
        SAY(LATE, "{carrier} says ask {at}. {at} says ask {carrier}. I say: order {order}, {n} days, where is it?"),
        SAY(LATE, "{at} I took a day off to be home for the {item}. Nobody rang. Nobody came. {emoji}"),
        SAY(LATE, "Day {n} of waiting for a {item} from {at}. I have started to give it a name."),
        SAY(LATE, "{at} your mail says \"it's on its way!\" The third one this week. It would be nice if the parcel "
                  "joined in."),
        SAY(LATE, "{at} order {order}: delivery date moved again, from {day} to \"soon\". What is soon?"),
        SAY(LATE, "{at} the van stopped, somebody looked at our door, and drove off. {hour} today. Order {order} is in "
                  "that van!"),
        SAY(LATE, "Not angry, just tired. {at} can a human look at order {order}? It has been going round {city} since "
                  "{day}."),
        SAY(LATE, "{at} so I paid {price} extra for next day. It is next day plus {n}. {ask}"),
        SAY(LATE, "{at} see https://www.track.example/parcels/{order}?lang=en&view=history - it went to {city} TWICE. "
                  "I do not live there."),
        SAY(LATE, "We live on an island, {at}. \"Delivered to a neighbour\" needs a boat. Order {order}. {ask}"),
        SHOW(LATE, "doorstep.jpg", "A wet doorstep with a card that says: sorry we missed you",
                "\"Sorry we missed you\" says the card. I was behind the door, {at}. Order {order}."),
        SHOW(LATE, "tracking.png", NULL, "{at} explain this to me like I am five. {n} scans, same depot. {emoji}"),
        SAY(LATE, "{at} half of order {order} came, the {item} did not, and the app says complete. {ask}"),
        SAY(LATE, "Is it a {item} or a rumour of a {item}? {at} order {order}, promised {day}."),
        SAY(LATE, "{at} my neighbour has a parcel with my name, the pub has another, neither is the {item}. I am "
                  "impressed, honestly."),
        SAY(DAMAGED, "{at} the {item} arrived in two pieces. I ordered one."),
        SAY(DAMAGED, "{hi} {at}! The box was fine, the {item} inside was not. How do I send it back without a printer? "
                     "Order {order}"),
        SHOW(DAMAGED, "broken.jpg", "A kettle with a cracked lid on a kitchen table",
                "{at} this is how it came out of the box. {emoji} order {order}"),
        SHOW(DAMAGED, "dent.jpg", NULL, "{at} found the dent. It is the side that faces the room, of course."),
        SAY(DAMAGED, "{at} wrong size, wrong colour, right name on the label. Close! Order {order}."),
        SAY(DAMAGED, "{at} second replacement {item}, second one with the same wobble. Is there a good one somewhere "
                     "that you could pick by hand?"),
        SAY(DAMAGED, "The {item} from {at} lasted {n} days. The old one lasted {n} years. I want the old one back."),
        SAY(DAMAGED, "{at} screws for a bookshelf came with my {item}. If somebody has a shelf without screws: I have "
                     "them."),
        SAY(DAMAGED, "{at} it smells of burning plastic after {n} minutes. I unplugged it. Is this a known thing? I "
                     "have small kids here."),
        SAY(DAMAGED, "{at} the manual is for another model and page {n} is upside down. The {item} does not mind, it "
                     "does not switch on either."),
        SHOW(DAMAGED, "soup.jpg", "A cardboard box, soaked through, on a balcony",
                "It rained. {carrier} left it on the balcony. {at} I now own {item} soup."),
        SAY(DAMAGED, "{at} honest question, does anybody look at these before you ship them? Order {order}, zip came "
                     "off in my hand."),
        SAY(DAMAGED, "{at} I ordered a {item} and you sent me somebody's {item}, with a name tag. Hi Brenda, it is "
                     "safe with me."),
        SAY(BILLING, "{at} charged twice for order {order}, {price} each. Bank says talk to you. {ask}"),
        SAY(BILLING, "{at} refund promised {n} days ago. I check my account more often than my mail. Order {order}"),
        SAY(BILLING, "{at} why is there a \"handling fee\" of {price} on an order that nobody handled yet?"),
        SAY(BILLING, "{hi} {at}, your voucher took {price} off and then the shipping put it back on. Clever, but no."),
        SAY(BILLING, "{at} I cancelled on {day}, got the confirmation, and you charged me this morning anyway. Order "
                     "{order}."),
        SAY(BILLING, "The invoice from {at} is addressed to a company that I left in 2019. Third time of asking. Can "
                     "this be changed please?"),
        SAY(BILLING, "{at} gift card says balance 0.00. I have not used it. It was from my gran. {emoji}"),
        SAY(BILLING, "{at} you owe me {price} and an apology, and I would take the apology first."),
        WARN(BILLING, "money, frustration",
                "{at} rent is due and {price} of it is stuck in your \"pending refund\". Order {order}. I know it is "
                "not your fault personally. I just need a date."),
        SAY(CHECKOUT, "{at} checkout says \"something went wrong\" when I press pay. Tried two cards."),
        SAY(CHECKOUT, "Is the {at} checkout down? It just spins."),
        SAY(CHECKOUT, "{at} cannot pay. Error 502 on the last page, basket still full. {emoji}"),
        SAY(CHECKOUT, "{at} your payment page is broken since about {hour}. Just so you know."),
        SAY(CHECKOUT, "tried to buy a {item} from {at} and the pay button does nothing. Anybody else?"),
        SAY(CHECKOUT, "{at} the checkout threw me out at the last step, was I charged or not???"),
        SHOW(CHECKOUT, "error.png", "Screenshot of a payment page that reads: Something went wrong, reference E-502",
                "{at} this, five times in a row. Checkout, Firefox, also Safari."),
        SAY(CHECKOUT, "{at} \"Something went wrong\". Yes it did. Payment fails at checkout on phone and laptop."),
        SAY(CHECKOUT, "hey {at} fix your checkout, I want to give you money"),
        SAY(CHECKOUT,
                "{at} payment page times out. Third evening I try to order that {item}, first time it is your side."),
        SAY(CHECKOUT, "{at} checkout broken for me too. Reference E-502 at {hour}."),
        SAY(QUESTION, "{at} does the {item} come in green?"),
        SAY(QUESTION, "{at} do you ship to {city}? The form knows the country but not the town."),
        SAY(QUESTION, "{hi} {at}, is the {item} repairable? Spare parts anywhere? I would rather fix than bin."),
        SAY(QUESTION, "{at} can I change the address of order {order}? We are moving on {day}. {emoji}"),
        SAY(QUESTION, "{at} is there a way to order without the app? My phone is older than my nephew."),
        SAY(QUESTION, "{at} what does \"arrives in 3-5 days\" mean when there is a bank holiday in between?"),
        SAY(QUESTION, "{at} will the {item} fit through a 70 cm door in its box? Asking before my back does."),
        SAY(QUESTION, "{at} how do I switch off the newsletter? Unsubscribe says \"see you soon\", which is not what I "
                      "asked for."),
        SAY(QUESTION, "{at} is your shop in {city} step-free? The page shows a nice door and does not say."),
        SAY(QUESTION, "{at} warranty: does it count from the order or from the day it arrived? For me that is {n} "
                      "weeks apart."),
        SAY(QUESTION, "{at} is the mail from \"{brand} Rewards\" really you? It wants my card number. "
                      "https://acme-rewards.example.net/claim?id={order}"),
        SAY(QUESTION, "{at} any chance the {item} comes back into stock? I missed it by {n} minutes."),
        SAY(QUESTION, "{at} can I collect order {order} in {city} instead? I am there on {day} anyway."),
        SAY(QUESTION,
                "{at} what is the blue lever on the {item} for? I have moved it. Nothing happened. Should I worry?"),
        SAY(PRAISE, "{at} just wanted to say: the {item} is lovely. That is all. {emoji}"),
        SAY(PRAISE, "Ordered a {item} at midnight, it is on my table now. How, {at}? Thank you."),
        SAY(PRAISE, "{at} the person on your phone line in {city} was patient with my dad for an hour. Please give "
                    "them cake."),
        SAY(PRAISE, "Five years, one {item} from {at}, one new screw. Things can be made well. :blobcatheart:"),
        SHOW(PRAISE, "cat.jpg", "A grey cat asleep in an open parcel",
                "{at} the {item} is great but the box is the real product."),
        SAY(PRAISE, "{at} no plastic in the parcel, just paper. Noticed and liked."),
        SAY(PRAISE, "shout-out to {at}: broke my {item}, asked for a part, part came free with a handwritten note. "
                    "More of this everywhere"),
        SAY(PRAISE, "{at} you found my order in {n} minutes after {carrier} had lost it for a week. Whoever did that: "
                    "thank you! 🎉"),
        SAY(PRAISE, "my kid has declared the {item} from {at} \"the best thing in the flat\". I live in the flat too, "
                    "but fair."),
        SAY(PRAISE, "{at} answered me on a Sunday. A person! With a name! 👏🏿👏👏🏻"),
        SAY(PRAISE, "Credit where due, {at}: wrong {item} on {day}, right one today, and I may keep both. Well done."),
        WARN(LONG, "long, about deliveries",
                "{at} I want to write this down calmly.\n\nI ordered the {item} on {day}. The first parcel went to "
                "{city}. The second one was opened on the way. The third one is, I am told, \"in the "
                "network\".\n\nEach person I spoke to was kind, and none could see what the one before had written. "
                "That is the part to repair. The {item} I can live without. Order {order}."),
        WARN(LONG, "accessibility, rant",
                "{at} your new site cannot be used with a keyboard.\n\n1. The menu opens on hover only.\n2. The basket "
                "button is a picture without a name.\n3. The cookie box takes the focus and keeps it.\n\nI have bought "
                "from you for {n} years. I would like to go on. Who reads this?"),
        SAY(LONG, "{at} a small story about your packaging.\n\nOne {item}, 20 cm. One box, 80 cm. Inside it another "
                  "box. Inside that, air, in bags. Then the {item}, and a leaflet about your climate goals.\n\nI "
                  "laughed. Then I carried it {n} minutes to the recycling."),
        WARN(LONG, "health",
                "{at} I use the {item} because of my hands; it is not a luxury for me. Order {order} was due {day}. Is "
                "there any way to make this one a bit faster? I do not ask this lightly."),
        SAY(PRIVATE, "{at} I would rather not post this in public: order {order}, the address on it is my old one and "
                     "my ex lives there. Please stop it."),
        SAY(PRIVATE, "{at} here is the number you asked for, only for you: {order}. My phone is best after {hour}."),
        SAY(PRIVATE, "{at} somebody ordered with my account. {n} parcels to {city}. I have changed the password. What "
                     "else?"),
        SAY(TAG, "three weeks for a {item}, {tag} is having a moment again"),
        SAY(TAG, "anybody here with a {tag} {item}? worth it? mine squeaks"),
        SAY(TAG, "tip: the {tag} outlet in {city} has the good {item} for {price}. You did not hear it from me."),
        SAY(TAG, "checkout broken, support line busy, me: reading poetry. {tag}"),
        SAY(TAG, "{tag} {tag} {tag} please bring back the old {item}, the new one has an app. A {item}. With an app."),
        SHOW(TAG, "haul.jpg", NULL, "today's haul {emoji} {tag} #secondhand"),
        SAY(TAG, "unpopular opinion: {tag} support is fine if you ask before ten in the morning"),
        SAY(PHRASE, "reading the small print from {phrase} so that you do not have to: they keep the delivery fee on "
                    "returns. Yes, also when it is their fault."),
        SAY(PHRASE, "my father worked at {Phrase} for thirty years and even he cannot get through to their hotline"),
        SAY(PHRASE, "why does {Phrase} need my date of birth to sell me a {item}"),
        SAY(PHRASE,
                "note to self: never order from {phrase} in the week before {present}. Parcel is in {city}. I am not."),
        SAY(PHRASE, "say what you like about {Phrase}, but the {item} has now survived two moves and a toddler"),
        SAY(PHRASE,
                "Working on a piece about parcel delays at {Phrase}. If you wait longer than two weeks, write to me."),
        SAY(BAND, "Doors at eight, we are on at nine, the cat stays home. {tag} #livemusic"),
        SAY(GYM, "New problem set on the slab wall tonight! Twelve routes, one of them mean. {tag} #bouldering"),
        SAY(BAND, "Record is mastered. It is louder than we remember. {tag}"),
        SAY(GYM, "Kids' course on Saturday, two places left. Bring socks. {tag} #climbing"),
        SAY(BAND, "Soundcheck in {city}. Somebody sent us a parcel complaint again. We are a band, friends. {tag}"),
        SAY(WRONG, "{at} best gig in {city} for years, the encore!! 🎸"),
        SAY(WRONG, "{at} when do you open on {day}? I left my chalk bag at the wall."),
        SAY(WRONG, "{at} will there be vinyl of the new album?"),
        SAY(WRONG, "{at} the purple route in the corner, is it meant to be a 6a or were you in a bad mood?"),
        SAY(TROLL, "{at} lol"),
        SAY(TROLL, "{at} everybody at your company should be ashamed, especially whoever reads this"),
        SAY(TROLL, "DO NOT BUY FROM {at} THEY ARE A FRONT. I have proof and I will post it when the time is right."),
        SAY(TROLL, "{at} your silence says it all. I posted this ten seconds ago."),
        SAY(TROLL, "{at} ratio"),
        SAY(TROLL, "Wake up people!!! {at} is owned by the same family as the moon"),
        SAY(BOT, "🔥 {item}, now {price} instead of 199.99: "
                 "https://deals.example/{order}?src=mastodon&utm_campaign=autumn {tag} #deals"),
        SAY(BOT, "Price drop at {Phrase}: {item} {price} (-{n} %). {tag}"),
        SAY(THANKS, "{at} thank you, that was quick."),
        SAY(THANKS, "{at} ok, that helps. I will wait until {day} then."),
        SAY(THANKS, "{at} oh, a human! Thanks. {emoji}"),
        SAY(THANKS, "{at} got it, thank you. Sorry for the tone before."),
        SAY(THANKS, "{at} perfect, exactly what I needed to know."),
        SAY(THANKS, "{at} thanks. I will believe it when it rings at the door, but thanks."),
        SAY(MORE, "{at} it is order {order}. Do you need anything else?"),
        SAY(MORE, "{at} and if it does not come on {day}, do I get the shipping back?"),
        SAY(MORE, "{at} I did that already, twice. Is there another way?"),
        SAY(MORE, "{at} sent. It is the account with the {city} address. Can you see it?"),
        SAY(MORE, "{at} ok. Same question for the {item} in that order: is it coming separately?"),
        SAY(MORE, "{at} which link? I do not see one in the mail."),
        SAY(ANGRY, "{at} that is the same sentence that I got on {day}. Does anybody read what I write?"),
        SAY(ANGRY, "{at} no. I do not want to \"reach out\" anywhere. I am here. You are here. Order {order}."),
        SAY(ANGRY, "{at} with respect, that answers a question I did not ask."),
        SAY(ANGRY, "{at} so nothing then. Great. {emoji}"),
        SAY(ANGRY, "{at} I have now explained this {n} times to {n} people. I want my {price} back."),
        SAY(TURNED, "{at} I take it all back. It just rang at the door, with a note. You are good people."),
        SAY(TURNED, "Update: {at} found it, refunded the shipping and said sorry like they meant it. That is how you "
                    "do it. 👏"),
        SAY(TURNED,
                "{at} ok, I was ready to leave for good, and you sorted it in one evening. I am staying. Thank you!"),
        SAY(TURNED, "I complained about {at} here earlier. Fairness: they rang me, fixed it, and did not ask me to "
                    "delete anything. Respect."),
        SAY(TURNED, "{at} replacement is here, it is perfect, and my faith is a little bit restored :blobcatheart:"),
        SAY(GLAD, "{at} 😊"),
        SAY(GLAD, "{at} aww. Have a good shift!"),
        SAY(GLAD, "{at} you are welcome. Tell the packing people too."),
        SAY(TROLL_AGAIN, "{at} that is what a guilty company would say"),
        SAY(TROLL_AGAIN, "{at} copy and paste much?"),
        SAY(TROLL_AGAIN, "{at} not reading that"),
        SAY(METOO, "{who} {at} same here, since {day}."),
        SAY(METOO, "{who} {at} oh good, it is not just me"),
        SAY(METOO, "{who} {at} +1, mine is order {order}"),
        SAY(METOO, "{who} {at} also {city}? mine too, stuck since {day}"),
        SAY(DEFEND, "{who} {at} to be fair they answered me within ten minutes last week, give them a moment"),
        SAY(DEFEND, "{who} {at} check the spam folder for the depot's mail, that was it for me"),
        SAY(DEFEND, "{who} {at} the people on this account are really nice, just tell them the order number"),
        SAY(NUDGE, "{at} still nothing? It has been a while."),
        SAY(NUDGE, "{at} *taps microphone*"),
        SAY(NUDGE, "{at} adding: it is order {order}. {ask}"),
        SAY(NUDGE, "{at} is this account read by anybody?"),
        SAY(EDIT, "\n\nEdit: found it, the order number is {order}."),
        SAY(EDIT, "\n\nEdit: typo. I am typing with one hand."),
        SAY(EDIT, "\n\nEdit: it is {n} days now."),
        SAY(BRAND, "{who} Sorry about the wait! I looked it up: it leaves {city} tonight and should be with you on "
                   "{day}. ^Mia"),
        SAY(BRAND, "{who} That is not how it should arrive. I have put a new one on its way, you need not send "
                   "anything back. ^Jon"),
        SAY(BRAND, "{who} Good question! Yes, and it is on the page of the {item} now too, thanks to you. ^Mia"),
        SAY(BRAND, "{who} Thank you, I passed it on to the packing table. They cheered. ^Abi"),
        SAY(BRAND, "{who} I see both charges. The second one goes back today; banks take two days to show it. ^Jon"),
};
const size_t cast_lines_count = sizeof cast_lines / sizeof cast_lines[0];
