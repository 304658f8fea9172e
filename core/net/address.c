#include "core/net/address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
	uint32_t net;
	int bits;
} private4[] = {
        {0x00000000, 8},  /* this network */
        {0x0A000000, 8},  /* private use */
        {0x64400000, 10}, /* shared, behind carriers */
        {0x7F000000, 8},  /* loopback */
        {0xA9FE0000, 16}, /* link-local */
        {0xAC100000, 12}, /* private use */
        {0xC0000000, 24}, /* protocol assignments */
        {0xC0A80000, 16}, /* private use */
        {0xC6120000, 15}, /* benchmarks */
        {0xE0000000, 4},  /* multicast */
        {0xF0000000, 4},  /* reserved, broadcast */
};

static bool is_private4(uint32_t address)
{
	for (size_t i = 0; i < sizeof private4 / sizeof *private4; i++)
		if ((address ^ private4[i].net) >> (32 - private4[i].bits) == 0)
			return true;
	return false;
}

static const struct {
	unsigned char prefix[12];
	int bits;
	int inner; /* where an IPv4 address stands in it that decides; -1: it is private as such */
} special6[] = {
        {{0xFC}, 7, -1},                                      /* unique local */
        {{0xFE, 0x80}, 9, -1},                                /* link-local, and site-local as it once was */
        {{0xFF}, 8, -1},                                      /* multicast */
        {{0, 0x64, 0xFF, 0x9B, 0, 1}, 48, -1},                /* NAT64, local use */
        {{0x01, 0x00}, 64, -1},                               /* discard */
        {{0x20, 0x01, 0, 0}, 32, -1},                         /* Teredo */
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96, 12}, /* mapped */
        {{0}, 96, 12},                                        /* compatible; unspecified and loopback with it */
        {{0, 0x64, 0xFF, 0x9B}, 96, 12},                      /* NAT64 */
        {{0x20, 0x02}, 16, 2},                                /* 6to4 */
};

static bool has_prefix(const unsigned char *address, const unsigned char *prefix, int bits)
{
	int whole = bits / 8, rest = bits % 8;
	if (memcmp(address, prefix, (size_t)whole) != 0)
		return false;
	return !rest || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

static bool is_private6(const unsigned char *a)
{
	for (size_t i = 0; i < sizeof special6 / sizeof *special6; i++) {
		if (!has_prefix(a, special6[i].prefix, special6[i].bits))
			continue;
		if (special6[i].inner < 0)
			return true;
		const unsigned char *v4 = a + special6[i].inner;
		return is_private4((uint32_t)v4[0] << 24 | (uint32_t)v4[1] << 16 | (uint32_t)v4[2] << 8 | v4[3]);
	}
	return false;
}

bool address_is_private(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, address, sizeof v4);
		return is_private4(ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, address, sizeof v6);
		return is_private6(v6.sin6_addr.s6_addr);
	}
	return true;
}
