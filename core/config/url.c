#include "core/config/setting.h"

#include <arpa/inet.h>

#define URL_EXPECTED "expected a URL like https://host.example"
#define HOST_MAX 255 /* bytes, with the brackets of an address */

static bool is_url_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c);
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* The bytes of the host at the start of an authority; 0 when there is none. IPv6 stands in brackets (RFC 3986, 3.2.2).
 */
static size_t host_len(const char *authority, size_t len)
{
	size_t n = 0;
	if (len && authority[0] == '[') {
		const char *close = memchr(authority, ']', len);
		char address[INET6_ADDRSTRLEN];
		struct in6_addr parsed;
		if (!close || (size_t)(close - authority - 1) >= sizeof address)
			return 0;
		n = (size_t)(close - authority - 1);
		memcpy(address, authority + 1, n);
		address[n] = '\0';
		return inet_pton(AF_INET6, address, &parsed) == 1 ? n + 2 : 0;
	}
	while (n < len && is_host_char(authority[n]))
		n++;
	return n <= HOST_MAX ? n : 0;
}

/* Plain http is for what does not leave this machine. A name other than localhost may resolve to anything. */
static bool is_loopback(const char *host, size_t len)
{
	char text[HOST_MAX + 1];
	struct in_addr address;
	memcpy(text, host, len);
	text[len] = '\0';
	if (str_ieq(text, "localhost") || str_eq(text, "[::1]"))
		return true;
	return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool is_port(const char *text, size_t len)
{
	unsigned port = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || port > 65535)
			return false;
		port = port * 10 + (unsigned)(text[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

int setting_check_url(const char *url, bool query_allowed, struct err *err)
{
	bool plain = str_icmp_n(url, "http://", 7) == 0;
	if (!plain && str_icmp_n(url, "https://", 8) != 0)
		return err_set(err, ERR_CONFIG, "found \"%.60s\", " URL_EXPECTED, url);
	const char *authority = url + (plain ? 7 : 8);
	size_t len = strcspn(authority, "/?#");
	if (memchr(authority, '@', len))
		return err_set(err, ERR_CONFIG,
		        "found a user name or password in a URL, " URL_EXPECTED "; secrets stand in credentials.conf");
	size_t host = host_len(authority, len);
	if (!host)
		return err_set(err, ERR_CONFIG, "found \"%.60s\", which has no host, " URL_EXPECTED, url);
	if (host < len && (authority[host] != ':' || !is_port(authority + host + 1, len - host - 1)))
		return err_set(err, ERR_CONFIG,
		        "found \"%.*s\" after the host, expected a port like :3000, or / or the end",
		        (int)(len - host < 60 ? len - host : 60), authority + host);
	for (const char *p = authority + len; *p; p++) {
		if (!is_url_char(*p))
			return err_set(err, ERR_CONFIG,
			        "found \"%.20s\" in a URL, expected no blanks, quotes or letters beyond ASCII", p);
		if (*p == '#' || (*p == '?' && !query_allowed))
			return err_set(
			        err, ERR_CONFIG, "found \"%.20s\" in a URL, expected it to end before \"%c\"", p, *p);
	}
	if (plain && !is_loopback(authority, host))
		return err_set(err, ERR_CONFIG,
		        "found \"%.60s\", expected https://: plain http is for this machine alone (localhost, "
		        "127.0.0.1, "
		        "[::1])",
		        url);
	return 0;
}
