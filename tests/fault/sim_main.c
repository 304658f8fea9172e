/* build/sim [--seed N] [--trace] [--seeds N] [--minutes M]: runs one seed, so many, or fresh ones for so long, and
 * prints what happened in them. A seed that fails is printed with its trace; exit status 1. */
#include "tests/fault/sim.h"

#include <time.h>

static const char *const fault_words[FAULT_COUNT] = {
#define X(name, words) words,
        SIM_FAULT_TABLE(X)
#undef X
};

struct options {
	int64_t seed, seeds, minutes;
	bool trace;
};

static bool number_after(char **argv, int *i, int64_t *out)
{
	return argv[*i + 1] && parse_i64(argv[++*i], out);
}

static bool read_options(char **argv, struct options *options)
{
	*options = (struct options){.seed = 1, .seeds = 1};
	for (int i = 1; argv[i]; i++) {
		bool good = false;
		if (str_eq(argv[i], "--trace"))
			good = options->trace = true;
		else if (str_eq(argv[i], "--seed"))
			good = number_after(argv, &i, &options->seed);
		else if (str_eq(argv[i], "--seeds"))
			good = number_after(argv, &i, &options->seeds);
		else if (str_eq(argv[i], "--minutes"))
			good = number_after(argv, &i, &options->minutes);
		if (!good)
			return false;
	}
	return true;
}

static void print_counts(const struct sim_counts *counts, int failed)
{
	printf("sim: %ld runs, %ld steps; mentions in %ld, replies out %ld, corrected %ld, taken back %ld, likes %ld, "
	       "escalated %ld, recalled %ld, texts kept %ld; lost 0, doubled 0%s\n",
	        counts->seeds, counts->steps, counts->mentions, counts->replies, counts->edits, counts->deletions,
	        counts->likes, counts->escalations, counts->recalled, counts->drafts, failed ? " in all but one" : "");
	for (int i = 0; i < FAULT_COUNT; i++)
		printf("sim: %8ld %s\n", counts->faults[i], fault_words[i]);
}

int main(int argc, char **argv)
{
	struct options options;
	struct sim_counts counts = {0};
	int failed = 0;
	(void)argc;
	if (!read_options(argv, &options)) {
		fprintf(stderr, "usage: sim [--seed N] [--trace] [--seeds N] [--minutes M]\n");
		return 64;
	}
	time_t end = time(NULL) + options.minutes * 60;
	if (options.minutes) /* other ones each time */
		options.seed = (int64_t)time(NULL) * 1000000;
	for (int64_t i = 0; !failed && (options.minutes ? time(NULL) < end : i < options.seeds); i++) {
		uint64_t seed = (uint64_t)(options.seed + i);
		failed = !sim_run(seed, LIE_NONE, &counts);
		if (failed || options.trace)
			fputs(sim.trace.p, stdout);
		if (failed)
			printf("seed %llu failed: %s\nagain: build/sim --seed %llu --trace\n", (unsigned long long)seed,
			        sim.failure, (unsigned long long)seed);
		fflush(stdout);
	}
	print_counts(&counts, failed);
	sim_end();
	return failed;
}
