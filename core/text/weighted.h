/* The weighted length of X: each code point of the text in NFC weighs one or two, an emoji sequence two, a URL 23
 * whatever its length, and a domain needs no scheme to be a URL. Pure.
 * Source: twitter-text 3.1, configuration v3 (maxWeightedTweetLength 280, scale 100, emojiParsingEnabled), and its
 * rules for URLs. Top-level domains are those of the public suffix list that the build found. */
#ifndef CORE_TEXT_WEIGHTED_H
#define CORE_TEXT_WEIGHTED_H

#include <stddef.h>

/* `url` is what a URL weighs. The time is linear in the text's length, whatever stands in it. */
size_t weighted_length(const char *text, size_t len, int url);

#endif
