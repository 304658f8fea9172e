#include "core/network/network.h"

#include "core/base/str.h"
#include "core/network/adapter_parts.h"
#include "core/network/bluesky_parts.h"
#include "core/network/mastodon_parts.h"
#include "core/network/x_parts.h"

const struct network_ops *network_by_name(const char *name)
{
	static const struct network_ops *const built_in[] = {&mastodon_ops, &bluesky_ops, &x_ops, &adapter_ops};
	for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (str_eq(built_in[i]->name, name))
			return built_in[i];
	return NULL;
}
