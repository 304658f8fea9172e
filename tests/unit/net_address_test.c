#include "core/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

static bool is_private(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_is_private((struct sockaddr *)&v4);
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
		fail_msg("%s is no address", text);
	return address_is_private((struct sockaddr *)&v6);
}

static void what_is_not_reachable_from_everywhere_is_private(void **state)
{
	(void)state;
	static const char *const addresses[] = {"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1",
	        "100.127.255.255", "127.0.0.1", "127.8.9.10", "169.254.169.254", "172.16.0.1", "172.31.255.255",
	        "192.0.0.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "240.0.0.1", "255.255.255.255",
	        "::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"};
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
		if (!is_private(addresses[i]))
			fail_msg("%s is not seen to be private", addresses[i]);
}

static void a_private_address_in_the_dress_of_another_is_seen(void **state)
{
	(void)state;
	static const char *const addresses[] = {"::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254",
	        "::192.168.1.1", "64:ff9b::10.0.0.1", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a9fe:a9fe::1",
	        "2001:0:1:2::3", "100::1"};
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
		if (!is_private(addresses[i]))
			fail_msg("%s is not seen to be private", addresses[i]);
}

static void the_rest_is_public(void **state)
{
	(void)state;
	static const char *const addresses[] = {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1",
	        "128.0.0.1", "169.253.1.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.1.1", "198.17.1.1",
	        "198.20.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:1.1.1.1",
	        "64:ff9b::1.1.1.1", "2002:101:101::1"};
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
		if (is_private(addresses[i]))
			fail_msg("%s is taken for a private address", addresses[i]);
}

static void another_family_is_private(void **state)
{
	(void)state;
	const struct sockaddr_un local = {.sun_family = AF_UNIX};
	assert_true(address_is_private((const struct sockaddr *)&local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_not_reachable_from_everywhere_is_private),
	        cmocka_unit_test(a_private_address_in_the_dress_of_another_is_seen),
	        cmocka_unit_test(the_rest_is_public),
	        cmocka_unit_test(another_family_is_private),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
