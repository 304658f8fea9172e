#include "tests/bench/limits.h"

#include "core/base/str.h"

#include <math.h>

#define NONE NAN

static const struct limit limits[] = {
#define TIME(name, what, unit, must, aim) {name, what, unit, must, aim, false, false},
#define RATE(name, what, unit, must, aim) {name, what, unit, must, aim, true, false},
#define COUNT(name, what, unit, must, aim) {name, what, unit, must, aim, false, true},
#include "tests/bench/limits.def"
#undef TIME
#undef RATE
#undef COUNT
};

const struct limit *limit_find(const char *name)
{
	for (size_t i = 0; i < limits_len(); i++)
		if (str_eq(limits[i].name, name))
			return &limits[i];
	return NULL;
}

static bool within(const struct limit *limit, double most, double value)
{
	return isnan(most) || (limit->at_least ? value >= most : value <= most);
}

bool limit_holds(const struct limit *limit, double value)
{
	return within(limit, limit->must, value);
}

bool limit_aimed(const struct limit *limit, double value)
{
	return within(limit, limit->aim, value);
}

const char *limit_verdict(const struct limit *limit, double value)
{
	if (!limit_holds(limit, value))
		return "MISSED";
	if (isnan(limit->must))
		return "";
	return !isnan(limit->aim) && limit_aimed(limit, value) ? "aim reached" : "holds";
}

size_t limits_len(void)
{
	return sizeof limits / sizeof *limits;
}

const struct limit *limit_at(size_t i)
{
	return &limits[i];
}
