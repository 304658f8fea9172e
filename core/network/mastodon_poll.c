/* When a channel is asked for again that nothing tells of: soon after something has come, since people answer each
 * other, more seldom while nothing does, and never so often that the rate limit's rest would not last. */
#include "core/network/mastodon_parts.h"

#define MENTIONS_MOST_OFTEN_MS 15000
#define MENTIONS_SELDOM_MS 60000
#define LISTEN_MOST_OFTEN_MS 60000
#define LISTEN_SELDOM_MS 240000
#define LOOK_AGAIN_MS 3600000
#define SHARE 2 /* one part in so many of the limit's rest is for this */

void poll_init(struct channel *ch)
{
	ch->poll_every = ch->kind == CHANNEL_MENTIONS ? MENTIONS_MOST_OFTEN_MS : LISTEN_MOST_OFTEN_MS;
}

/* A search sets its own pace: most servers never find anything. */
static void set_pace(struct channel *ch)
{
	int64_t seldom = ch->kind == CHANNEL_MENTIONS ? MENTIONS_SELDOM_MS : LISTEN_SELDOM_MS;
	if (ch->kind == CHANNEL_PHRASE)
		return;
	if (ch->brought)
		poll_init(ch);
	else
		ch->poll_every = ch->poll_every * 2 < seldom ? ch->poll_every * 2 : seldom;
}

static int64_t affordable_ms(const struct mastodon *m, int64_t now)
{
	int64_t left = m->gate.reset_mono_ms - now, spare = m->gate.remaining - READS_LEAVE;
	int polled = 0;
	for (int i = 0; i < m->channel_count; i++)
		polled += m->channels[i].polled;
	if (m->gate.remaining < 0 || left <= 0)
		return 0;
	return spare <= SHARE ? left : left * polled * SHARE / spare;
}

static void polled_again(void *arg)
{
	struct channel *ch = arg;
	ch->poll = 0;
	ch->brought = false;
	if (ch->kind == CHANNEL_PHRASE) {
		channel_search(ch);
		return;
	}
	channel_fill(ch);
	if (clock_mono_ms() >= ch->look_again_mono) {
		ch->look_again_mono = clock_mono_ms() + LOOK_AGAIN_MS;
		channel_look_again(ch);
	}
}

void poll_later(struct channel *ch)
{
	int64_t now = clock_mono_ms();
	if (ch->poll)
		return;
	if (!ch->look_again_mono)
		ch->look_again_mono = now + LOOK_AGAIN_MS;
	else
		set_pace(ch);
	int64_t every = affordable_ms(ch->m, now);
	if (every < ch->poll_every)
		every = ch->poll_every;
	ch->poll = timers_add(ch->m->timers, now + every, polled_again, ch);
}
