/* A configuration: it is taken, or refused with words. */
#include "tests/fuzz/fuzz.h"

#include "core/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config;
	struct problems problems = {0};
	struct err err = ERR_INIT;
	if (config_parse((const char *)data, size, "/etc/curlew/curlew.conf", &config, &problems, &err))
		must(err.code && *err.text);
	for (size_t i = 0; i < config.accounts_len; i++)
		must(config_is_name(config.accounts[i].name));
	config_release(&config);
	problems_release(&problems);
	return 0;
}
