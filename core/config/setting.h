/* One setting: a row of settings.def, and how the text of a value becomes what the struct holds. For core/config alone.
 * Pure but for ZONE, which looks for the zone's file. */
#ifndef CORE_CONFIG_SETTING_H
#define CORE_CONFIG_SETTING_H

#include "core/base/arena.h"
#include "core/config/config.h"

enum setting_section {
	SECTION_DESK,
	SECTION_ACCOUNT,
	SECTION_TEAM,
	SECTION_VIEW,
	SECTION_CANNED,
	SECTION_MACRO,
	SECTION_COUNT
};

enum setting_type {
	SETTING_STRING,
	SETTING_NAME,
	SETTING_TEXT,
	SETTING_COMMAND,
	SETTING_ZONE,
	SETTING_QUERY,
	SETTING_URL,
	SETTING_DURATION,
	SETTING_INT,
	SETTING_ENUM,
	SETTING_LIST,
	SETTING_HOURS,
	SETTING_HOLIDAYS,
	SETTING_DATE,
	SETTING_STORE,
	SETTING_ESCALATE,
	SETTING_KEY,
	SETTING_KEEP,
	SETTING_TYPES
};

struct setting {
	struct config_setting row;
	enum setting_section section;
	enum setting_type type;
	size_t offset; /* in the section's struct */
};

/* All rows, in the order of settings.def. */
extern const struct setting settings[];
extern const size_t settings_len;

/* Parses `value` into the member at `field`. The error says "found …, expected …". What it keeps is the arena's. */
int setting_parse(const struct setting *setting, const char *value, struct arena *arena, void *field, struct err *err);

/* https, or http to a loopback address; a host, perhaps a port and a path; no user name, no fragment, and a query only
 * where one is allowed. */
int setting_check_url(const char *url, bool query_allowed, struct err *err);

#endif
