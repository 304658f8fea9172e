#include "tests/bench/irc.h"

#include "tests/bench/mention.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool irc_begins(const char *bytes)
{
	return str_starts(bytes, "CAP ") || str_starts(bytes, "NICK ") || str_starts(bytes, "USER ") ||
	       str_starts(bytes, "PASS ");
}

static bool answer(const char *line, struct str *out)
{
	char word[64] = "";
	sscanf(line, "%*s %63s", word);
	if (str_starts(line, "CAP LS")) {
		str_adds(out, ":load CAP * LS :\r\n");
	} else if (str_starts(line, "USER ")) {
		str_adds(out, ":load 001 acme :Welcome\r\n:load 004 acme load 1 i n\r\n"
		              ":load 005 acme CHANTYPES=# PREFIX=(ov)@+ NETWORK=load :are supported\r\n"
		              ":load 422 acme :no message of the day\r\n");
	} else if (str_starts(line, "PING ")) {
		str_addf(out, ":load PONG load %s\r\n", word);
	} else if (str_starts(line, "JOIN ")) {
		str_adds(out, ":acme!acme@load JOIN #load\r\n:load 353 acme = #load :acme\r\n"
		              ":load 366 acme #load :that is all\r\n");
		return true;
	}
	return false;
}

bool irc_read(struct str *in, struct str *out)
{
	bool joined = false;
	for (char *end; (end = strchr(in->p, '\n'));) {
		*end = '\0';
		joined |= answer(in->p, out);
		str_remove(in, 0, (size_t)(end - in->p) + 1);
	}
	return joined;
}

void irc_say(struct str *out, int64_t number)
{
	str_addf(out, ":loader%" PRId64 "!l@social.example PRIVMSG #load :acme: ", number);
	mention_text(out, number);
	str_adds(out, "\r\n");
}
