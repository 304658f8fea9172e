/* Internet addresses. Pure. */
#ifndef CORE_NET_ADDRESS_H
#define CORE_NET_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/* Whether it belongs to this machine, to a network behind it, or to nobody: what the registries of RFC 6890 do not call
 * globally reachable (loopback, private use, link-local and with it the clouds' metadata services, unique local,
 * shared, reserved), multicast, and the IPv6 forms that carry such an IPv4 address (mapped, compatible, NAT64, 6to4).
 * Any family but these two is private. */
bool address_is_private(const struct sockaddr *address);

#endif
