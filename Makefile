# curlew: `make deps demo` installs what is needed, builds, and opens the desk on a network of its own;
# `make deps check` installs, builds and passes all tests. `make help` lists the rest.
#
# Every directory of the house becomes one static archive; which headers a file needs is found out by the compiler.

# PORTABLE=1 takes what any POSIX system gives, also where there is more.
SYSTEM  := $(if $(PORTABLE),portable,$(if $(filter Linux,$(shell uname -s)),linux,portable))
BUILD   ?= build$(if $(PORTABLE),/portable)
CC      ?= cc
PREFIX  ?= /usr/local
VERSION := $(shell cat VERSION)

DEPS := build-essential pkg-config libncurses-dev libcurl4-openssl-dev libuv1-dev libcjson-dev libsqlite3-dev \
	libutf8proc-dev libssl-dev libwslay-dev libxml2-dev libcmocka-dev libvterm-dev openssl publicsuffix
CHECK_DEPS := clang clang-format clang-tidy cppcheck libclang-rt-14-dev mandoc locales-all valgrind tmux systemd zsh fish

# A line a file; V=1 shows the commands. And as many at a time as there are processors, unless -j says otherwise.
tell    = $(if $(V),,@echo '  $(1)  $(2)';)
AT_ONCE = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
CFLAGS  ?= -O2 -g
HARDEN  ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
# Small on small machines: what nobody calls is left out of a program, and pointers in tables are relocated in bulk.
# Debuggers find how a stack is unwound in what -g writes; sanitizers, for which CFLAGS are given, do not.
, := ,
LEAN    := -ffunction-sections -fdata-sections
ifeq ($(origin CFLAGS),file)
LEAN    += -fno-asynchronous-unwind-tables
endif
PROGRAM_LDFLAGS := $(if $(filter linux,$(SYSTEM)),-Wl$(,)--gc-sections -Wl$(,)-z$(,)pack-relative-relocs)
ALL_CFLAGS = -std=c17 -D_XOPEN_SOURCE=700 $(GNU) -DCURLEW_VERSION='"$(VERSION)"' -I. -I$(BUILD)/gen \
	-isystem $(XML2) -include core/base/banned.h $(WARN) $(HARDEN) $(LEAN) $(CFLAGS) $(SMALL)
XML2    := /usr/include/libxml2
ALL_LDFLAGS = -pie $(if $(filter linux,$(SYSTEM)),-Wl$(,)--as-needed) $(LDFLAGS)

# What is beyond POSIX stands in NAME_linux.c, and in NAME_portable.c what holds elsewhere: one of the two is built. Those of
# Linux, and the tests that look at it, see all that its headers have. (A #define in the file comes too late, after
# banned.h's own includes.)
GNU_FILES := $(wildcard core/base/*_linux.c) tests/bench/slowline.c tests/e2e/full_test.c \
	tests/e2e/read_only_test.c tests/e2e/secret_test.c tests/unit/confine_test.c
$(patsubst %.c,$(BUILD)/%.o,$(GNU_FILES)): GNU := -D_GNU_SOURCE

# Where little is done often, or SQLite does it, small code comes before quick code, unless whoever builds has chosen.
COLD := tui tui/desk tui/record keymaps core/config core/courier core/model core/net core/network \
	core/network/adapters core/store core/triage
COLD_FILES := $(patsubst %,core/base/%.c,child confine_linux err log os_linux paths problems secret timer) \
	$(patsubst %,core/text/%.c,length lookalike mdoc plain weighted) $(patsubst %,tui/term/%.c,colour decode extras facts term) \
	$(patsubst %,tui/view/%.c,banner customer customer_panel handover hit links overlay panes theme theme_file)
ifeq ($(origin CFLAGS),file)
$(patsubst %.c,$(BUILD)/%.o,$(wildcard $(COLD:=/*.c)) $(COLD_FILES)): SMALL := -Os
endif

# One archive a directory, in the order a linker wants: users first.
CORE    := core/store core/config core/triage core/model core/text core/base
DESK    := tui/term tui/record tui/view tui/desk keymaps $(CORE)
COURIER := core/courier core/network core/net $(CORE)
ROOMS   := tui/term tui/record tui/view tui/desk keymaps core/courier core/network core/network/adapters core/net $(CORE)

# A program's main is not in an archive; of the desk, neither is what joins its rooms.
DESK_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tui/*.c))
MAINS   := core/courier/curlewd.c core/network/adapters/replay.c core/network/adapters/rss.c
room_src = $(filter-out $(MAINS) $(if $(filter linux,$(SYSTEM)),%_portable.c,%_linux.c),$(wildcard $(1)/*.c))
room_lib = $(BUILD)/$(1).a
libs_of  = $(foreach r,$(1),$(call room_lib,$(r)))

# SQLite looks up fifteen hundred symbols of its own at each start, in the libraries in this order.
DESK_LIBS    := -lsqlite3 -lncursesw -ltinfo -luv -lutf8proc -lcjson -lpthread -lm
COURIER_LIBS := -lsqlite3 -lcurl -lwslay -lcrypto -luv -lutf8proc -lcjson -lpthread -lm
TEST_LIBS    := -lcmocka -lvterm -lxml2 -lcurl -lwslay -lcrypto $(DESK_LIBS) -lutil

# Programs of their own, which speak with the courier over pipes: what they need beyond it, it has not.
ADAPTERS := $(addprefix $(BUILD)/curlew-,replay rss)

# The manual, which `curlew help` reads: beside the programs as long as they are not installed.
MAN_PAGES := man/curlew.1 man/curlewd.8 man/curlew.conf.5 man/curlew-keys.5 man/curlew-adapter.7 \
	man/curlew-replay.1 man/curlew-rss.1
BUILT_PAGES := $(addprefix $(BUILD)/,$(MAN_PAGES))

# What bash, zsh and fish complete, from the tables of the programs.
COMPLETIONS := $(addprefix $(BUILD)/completions/,curlew _curlew curlew.fish)

.PHONY: all
all: $(BUILD)/curlew $(BUILD)/curlewd $(ADAPTERS) $(BUILT_PAGES) $(COMPLETIONS)

$(BUILT_PAGES): $(BUILD)/%: % VERSION
	@mkdir -p $(@D)
	$(call tell,GEN,$@)sed 's/^\.Os$$/.Os curlew $(VERSION)/' $< > $@

$(BUILD)/curlew: $(DESK_OBJ) $(call libs_of,$(DESK))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) $(PROGRAM_LDFLAGS) -o $@ $^ $(DESK_LIBS)

$(BUILD)/curlewd: $(BUILD)/core/courier/curlewd.o $(call libs_of,$(COURIER))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) $(PROGRAM_LDFLAGS) -o $@ $^ $(COURIER_LIBS)

$(ADAPTERS): $(BUILD)/curlew-%: $(BUILD)/core/network/adapters/%.o $(call libs_of,core/network/adapters core/net core/text core/base)
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) $(PROGRAM_LDFLAGS) -o $@ $^ -lxml2 -lcurl -lwslay -lcrypto -luv -lcjson -lutf8proc -lpthread -lm

# --- archives and objects

define room
$(call room_lib,$(1)): $(patsubst %.c,$(BUILD)/%.o,$(call room_src,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call tell,AR,$$@)$$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(BUILD)/%.o: %.c VERSION
	@mkdir -p $(@D)
	$(call tell,CC,$<)$(CC) $(ALL_CFLAGS) $(UNTRACED) -MMD -MP -c -o $@ $<

# The key files of keymaps/ are compiled in as users read them: {"name", "text"}, one after the other.
KEY_FILES := $(sort $(wildcard keymaps/*.keys))
$(BUILD)/gen/builtin_keys.inc: $(KEY_FILES)
	@mkdir -p $(@D)
	for keys in $(KEY_FILES); do printf '{"%s",\n' "$$(basename $$keys .keys)"; \
		sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $$keys; echo '},'; done > $@
$(BUILD)/keymaps/builtin.o: $(BUILD)/gen/builtin_keys.inc

# What is a domain, for networks that count URLs without a scheme: the last label of each rule of the public suffix list.
PUBLIC_SUFFIXES ?= /usr/share/publicsuffix/public_suffix_list.dat
$(BUILD)/gen/top_level_domains.inc: $(PUBLIC_SUFFIXES)
	@mkdir -p $(@D)
	awk '/END ICANN/ { exit } /^[^\/ ]/ { n = split($$1, part, "."); if (!seen[part[n]]++) print part[n] }' $< | \
		LC_ALL=C sort | sed -e '1s/^/"\\n"\n/' | sed -e '2,$$s/.*/"&\\n"/' > $@
$(BUILD)/core/text/domain.o: $(BUILD)/gen/top_level_domains.inc

GENERATED := $(BUILD)/gen/builtin_keys.inc $(BUILD)/gen/top_level_domains.inc

# --- the programs on an injected clock, for the tests: the same objects, another clock.o

TEST_CLOCK := $(BUILD)/tests/lib/clock_file.o

$(BUILD)/test/curlew: $(DESK_OBJ) $(TEST_CLOCK) $(call libs_of,$(DESK))
	@mkdir -p $(@D)
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DESK_LIBS)

$(BUILD)/test/curlewd: $(BUILD)/core/courier/curlewd.o $(TEST_CLOCK) $(call libs_of,$(COURIER))
	@mkdir -p $(@D)
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(COURIER_LIBS)

# --- tests: tests/<dir>/<name>_test.c is a program

# The network of our own: the demo, the end-to-end tests and the benchmarks speak to it.
FAKENET_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fakenet/*.c))
$(BUILD)/fakenet: $(FAKENET_OBJ) $(BUILD)/core/net/signature.o $(call room_lib,core/base)
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcrypto -luv -lcjson -lutf8proc -lm

TEST_LIB_SRC := $(filter-out tests/lib/clock_file.c,$(wildcard tests/lib/*.c))
TEST_LIB := $(BUILD)/tests/lib.a
$(TEST_LIB): $(patsubst %.c,$(BUILD)/%.o,$(TEST_LIB_SRC))
	@mkdir -p $(@D)
	@rm -f $@
	$(call tell,AR,$@)$(AR) rcs $@ $^

UNIT   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*_test.c)) $(BUILD)/tests/unit/os_portable_test
GOLDEN := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/golden/*_test.c))
STORE  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/store/*_test.c))
NETWORK := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/network/*_test.c tests/network/*/*_test.c))
TERM_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/term/*_test.c))
E2E    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/e2e/*_test.c))
FAULT  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/fault/*_test.c))

# The pure desk links without curses, curl, uv and SQLite: the linker holds the house as well as the linter does.
PURE := tui/record tui/view tui/desk keymaps core/triage core/model core/text core/base
GOLDEN_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %_test.c,$(wildcard tests/golden/*.c)))
$(GOLDEN): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(GOLDEN_OBJ) $(call libs_of,$(PURE))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lutf8proc -lcjson -lm

# The desk of the golden tests, on the descriptions of real terminals.
$(TERM_TESTS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/tests/term/shown.o $(GOLDEN_OBJ) \
		$(BUILD)/tests/lib/repertoire.o $(BUILD)/tests/lib/glass.o $(call libs_of,tui/term $(PURE))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lvterm -lncursesw -ltinfo -lutf8proc -lcjson -lm

$(STORE) $(filter-out %/conformance_test,$(NETWORK)) $(E2E) $(filter-out %/sim_test %/oom_job_test,$(FAULT)): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(TEST_LIB) $(call libs_of,$(ROOMS))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# The sentences, the stage and the worlds: tests/network/conformance.
CONFORMANCE := $(BUILD)/tests/network/conformance/conformance_test
$(CONFORMANCE): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/network/conformance/*.c)) $(TEST_LIB) $(call libs_of,$(ROOMS))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# Against Bluesky's own servers, from npm, where they can be had: no part of check, nor of CI.
$(BUILD)/live/bluesky: $(BUILD)/tests/live/bluesky_live.o $(filter-out %_test.o,$(patsubst %.c,$(BUILD)/%.o,$(wildcard \
		tests/network/conformance/*.c))) $(TEST_LIB) $(call libs_of,$(ROOMS))
	@mkdir -p $(@D)
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

.PHONY: check-live
check-live: $(BUILD)/live/bluesky
	tests/live/check.sh $< $(BUILD)/live/network "$(or $(TESTS),*)"

# A file system of its own, whose power can be cut.
$(BUILD)/tests/fault/powercut_test: $(BUILD)/tests/fault/cut_vfs.o

# What of the desk's joining parts it looks at.
$(BUILD)/tests/fault/oom_job_test: $(BUILD)/tests/fault/oom_job_test.o $(BUILD)/tui/job.o $(BUILD)/tui/import_record.o \
		$(TEST_LIB) $(call libs_of,$(ROOMS))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# The simulation: clock, log, bell and worker of its own stand before those of the archives. build/sim runs any seed.
SIM_OBJ  := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %_test.c %_main.c,$(wildcard tests/fault/sim*.c))) $(BUILD)/tui/job.o
SIM_LIBS := $(call libs_of,tui/desk keymaps $(COURIER))
$(BUILD)/tests/fault/sim_test: $(BUILD)/tests/fault/sim_test.o $(SIM_OBJ) $(SIM_LIBS)
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(COURIER_LIBS)

$(BUILD)/sim: $(BUILD)/tests/fault/sim_main.o $(SIM_OBJ) $(SIM_LIBS)
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(COURIER_LIBS)

# The rooms come first: a unit test sees the real clock, not the one that a fixture of tests/lib holds still.
$(filter-out %/os_portable_test,$(UNIT)): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(call libs_of,$(ROOMS)) $(TEST_LIB)
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $< $(call libs_of,$(ROOMS)) $(TEST_LIB) $(call libs_of,$(ROOMS)) $(TEST_LIBS)

# What any system has, where the tests run.
$(BUILD)/tests/unit/os_portable_test: $(BUILD)/tests/unit/os_test.o $(BUILD)/core/base/os_portable.o
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka

$(NETWORK) $(E2E) $(FAULT): | $(BUILD)/fakenet $(ADAPTERS)
$(E2E) $(FAULT): | $(BUILD)/test/curlew $(BUILD)/test/curlewd $(BUILT_PAGES)

.PHONY: check-unit check-golden check-term check-store check-network check-e2e check-fault
define check_group
check-$(1): $(2)
	@for t in $$^; do echo "== $$$$t"; CURLEW_TEST_DATA=$(CURDIR)/tests/data $$$$t || exit 1; done
endef
$(eval $(call check_group,unit,$(UNIT)))
$(eval $(call check_group,golden,$(GOLDEN)))
$(eval $(call check_group,term,$(TERM_TESTS)))
$(eval $(call check_group,store,$(STORE)))
$(eval $(call check_group,network,$(NETWORK)))
$(eval $(call check_group,e2e,$(E2E)))
$(eval $(call check_group,fault,$(FAULT)))

# Fewer seeds than sim_test, for builds in which each costs more.
.PHONY: check-sim
check-sim: $(BUILD)/sim
	$< --seeds 60

# Two groups at a time, unless -j says otherwise: much of what they do is waiting. Each prints when it is through. Those
# with terminals, which say how soon something is seen, have the machine to themselves.
TWO = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j2) -Otarget
.PHONY: check
check:
	@$(AT_ONCE) all
	@$(TWO) check-unit check-golden check-term check-store check-network check-fault
	@$(MAKE) --no-print-directory check-e2e

# The simulation with fresh seeds for so many minutes, then either program killed so many times while mentions stream and
# replies go out: make soak MINUTES=30 KILLS=500 SEED=7
.PHONY: soak soak-sim soak-kill
soak: soak-sim soak-kill

soak-sim: $(BUILD)/sim
	$< --minutes $(or $(MINUTES),10)

soak-kill: $(BUILD)/tests/fault/kill_test
	KILLS=$(or $(KILLS),500) SEED=$(or $(SEED),1) $<

# Programs alone, so that they can be built side by side and then run one after the other.
.PHONY: test-programs
test-programs: $(UNIT) $(GOLDEN) $(TERM_TESTS) $(STORE) $(NETWORK)

# The same tests with the sanitizers, in a build directory of their own; CC says with whose.
SANITIZE := -fsanitize=address,undefined
.PHONY: sanitize
SANITIZED ?= unit golden term store network sim
sanitize: AGAIN = $(MAKE) BUILD=$(BUILD)/sanitized-$(notdir $(CC)) CC="$(CC)" HARDEN=-fPIE LDFLAGS="$(SANITIZE)" \
	CFLAGS="-O1 -g -Werror $(SANITIZE) -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
sanitize:
	$(AGAIN) -j2 all
	$(AGAIN) -j2 -Otarget $(addprefix check-,$(SANITIZED))

# The whole as any POSIX system builds it, and the tests of what differs there.
.PHONY: portable-check
portable-check: AGAIN = $(MAKE) BUILD=$(BUILD)/portable PORTABLE=1
portable-check:
	$(AGAIN) -j2 all test-programs
	$(AGAIN) -j2 -Otarget check-unit check-store STORE=$(BUILD)/portable/tests/store/process_test
	$(AGAIN) check-e2e E2E=$(BUILD)/portable/tests/e2e/courier_test

# --- fuzzers: tests/fuzz/<name>.c is one, for libFuzzer; its seeds are tests/fuzz/corpus/<name>

FUZZ := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/*.c))
$(filter-out %/screen,$(FUZZ)): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/tui/import_record.o $(call libs_of,$(ROOMS))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ -lxml2 -lcurl -lwslay -lcrypto $(DESK_LIBS)

# The desk of the golden tests, painted.
$(BUILD)/tests/fuzz/screen: $(BUILD)/tests/fuzz/screen.o $(filter-out %/golden.o,$(GOLDEN_OBJ)) $(BUILD)/tests/lib/glass.o $(call libs_of,$(ROOMS))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ -lvterm $(DESK_LIBS)

.PHONY: fuzz-programs
fuzz-programs: $(FUZZ)

# What draws compares cells without end: there the fuzzer goes by what was reached and by the words that strings are
# compared with, and not by each comparison of numbers, which takes two thirds of the time.
DRAWS := $(wildcard tui/*/*.c) keymaps/keymap.c $(patsubst %,core/text/%.c,cells grapheme lookalike similar utf8 wrap) \
	$(patsubst %,core/base/%.c,arena mem str utf8) $(wildcard tests/golden/*.c) tests/lib/glass.c
$(patsubst %.c,$(BUILD)/%.o,$(DRAWS)): UNTRACED = $(FUZZ_UNTRACED)

FUZZ_BUILD := $(BUILD)/fuzz
FUZZ_AGAIN = $(MAKE) BUILD=$(FUZZ_BUILD) CC=clang HARDEN=-fPIE LDFLAGS="$(SANITIZE)" \
	FUZZ_UNTRACED=-fno-sanitize-coverage=trace-cmp \
	CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined"

# FUZZERS="screen cells" for some, SECONDS for parts of a minute; one named twice runs twice, on one corpus.
FUZZERS ?= $(notdir $(FUZZ))
# What is found lies in build/fuzz/found/<name>; a failure prints the input's place. curses keeps what it allocates for a
# terminal, and libFuzzer would look for a leak after each: five times the time.
FUZZ_FLAGS = $$([ $$f != screen ] || echo -detect_leaks=0 -max_len=4000)
.PHONY: fuzz fuzz-check
fuzz fuzz-check:
	$(FUZZ_AGAIN) -j2 fuzz-programs
	@printf '%s\n' $(FUZZERS) | xargs -P2 -I@ sh -c 'f=@; \
		mkdir -p $(FUZZ_BUILD)/found/$$f && echo "== $$f" && \
		$(FUZZ_BUILD)/tests/fuzz/$$f $(FUZZ_LIMIT) -timeout=10 -max_len=20000 -verbosity=0 -print_final_stats=$(or $(FUZZ_STATS),0) \
			$(FUZZ_FLAGS) -artifact_prefix=$(FUZZ_BUILD)/found/$$f- $(FUZZ_BUILD)/found/$$f tests/fuzz/corpus/$$f || exit 255'
fuzz: FUZZ_LIMIT = -max_total_time=$(or $(SECONDS),$$(( 60 * $(or $(MINUTES),1) )))
# The same inputs each time: what fails here fails again.
fuzz-check: FUZZ_LIMIT = -seed=1 -runs=20000 -max_total_time=10

# --- benchmarks

# Measures the programs of this build on this machine, to the terminal and to $(BUILD)/bench.json; `make bench
# GROUPS="start idle"` for some of it. The store of a million cases is made once and stays in $(BUILD)/bench.
BENCH_SHARED := $(patsubst %,$(BUILD)/tests/bench/%.o,limits mention)
BENCH_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/fill.c %/slowline.c,$(wildcard tests/bench/*.c)))
$(BUILD)/tests/bench/bench: $(BENCH_OBJ) $(TEST_LIB) $(call libs_of,$(CORE))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# Runs a program over a slow line: build/slowline 32000 16384 /usr/bin/top
$(BUILD)/slowline: $(BUILD)/tests/bench/slowline.o
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lutil

.PHONY: bench bench-programs
bench-programs: all $(BUILD)/tests/bench/bench $(BUILD)/fill $(BUILD)/slowline $(BUILD)/fakenet $(BUILD)/count
bench: bench-programs
	$(BUILD)/tests/bench/bench $(BUILD) $(GROUPS)

# What people would use instead, from Debian, on the same work; PEERS="irssi aerc" for some. Local servers and files alone.
PEER_PACKAGES := irssi weechat-curses neomutt newsboat aerc toot
$(BUILD)/peers: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/peers/*.c)) \
		$(filter-out %/bench.o,$(BENCH_OBJ)) $(TEST_LIB) $(call libs_of,$(CORE))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

.PHONY: bench-peers
bench-peers: bench-programs $(BUILD)/peers
	@for p in $(PEER_PACKAGES); do $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends $$p || echo "bench-peers: $$p cannot be installed"; done
	[ -e $(BUILD)/bench.json ] || $(MAKE) bench
	$(BUILD)/peers $(BUILD) $(PEERS)

# Keeps what the last runs found, for people to read.
.PHONY: bench-results
bench-results:
	@{ echo '# What was measured'; echo; echo 'Written by `make bench bench-peers bench-results`.'; echo; \
		echo '## curlew'; echo; cat $(BUILD)/bench.md; echo; \
		echo '## Beside it'; echo; cat $(BUILD)/peers.md; echo; \
		cat tests/bench/bounds.md; } > tests/bench/results.md

# What no machine changes: instructions, allocations, bytes. Its own clock and heap stand before those of the archives.
COUNT_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/count/*.c))
$(BUILD)/count: $(COUNT_OBJ) $(BENCH_SHARED) $(GOLDEN_OBJ) $(BUILD)/tests/lib/run_program.o $(call libs_of,$(ROOMS))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# Fails when something costs more than it may; what is meant to is kept by bench-baseline, in the same commit. The idle
# desk is watched beside the counting.
.PHONY: bench-check bench-baseline
bench-check: bench-programs
	@$(BUILD)/tests/bench/bench --check $(BUILD) idle leave > $(BUILD)/bench-check.log 2>&1 & idle=$$!; \
	$(BUILD)/count --check tests/bench/baseline.txt $(BUILD); counts=$$?; \
	wait $$idle; idle=$$?; cat $(BUILD)/bench-check.log; [ $$counts = 0 ] && [ $$idle = 0 ]

bench-baseline: $(BUILD)/count
	$< --write tests/bench/baseline.txt $(BUILD)

# Fills a store with as many cases as a benchmark wants: build/fill /absolute/desk.db 1000000
$(BUILD)/fill: $(BUILD)/tests/bench/fill.o $(call libs_of,$(CORE))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DESK_LIBS)

# --- the demo: the desk on a network of its own, on this machine alone

.PHONY: demo
demo:
	@$(AT_ONCE) all $(BUILD)/fakenet
	@BUILD=$(BUILD) tests/demo/demo.sh

# --- the release

# The sources of the commit, the same bytes each time.
DIST := curlew-$(VERSION)
.PHONY: dist dist-check
dist:
	@git rev-parse --verify -q HEAD > /dev/null || { echo 'make dist takes the sources from git: run it in a clone'; exit 1; }
	@mkdir -p $(BUILD)/dist
	git archive --format=tar --prefix=$(DIST)/ HEAD | gzip -9n > $(BUILD)/dist/$(DIST).tar.gz

# … and what is in it builds, passes, and installs, where there is no git.
dist-check: dist
	tests/release/dist.sh $(BUILD)/dist/$(DIST).tar.gz $(VERSION)

# What takes hours, before a version is given out: stages of tests/release/check.sh, one after the other, each kept when it
# has passed on this commit. STAGES="soak fuzz" for some, AGAIN=1 to run them anew. The page is tests/release.md.
.PHONY: release-check
release-check:
	BUILD=$(BUILD) MAKE="$(MAKE)" tests/release/check.sh $(STAGES)

# --- the machine

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
.PHONY: deps
deps:
	$(SUDO) apt-get update -qq
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEPS)

.PHONY: check-deps
check-deps: deps
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(CHECK_DEPS)

# --- what is not a test: the linters, the manual, the way to other places

SOURCES = $(shell find core keymaps man tui tests -path tests/lint/fixture -prune -o -name '*.[ch]' -print)

.PHONY: format
format:
	clang-format -i $(SOURCES)

.PHONY: lint lint-layers lint-headers lint-words lint-version lint-format lint-tidy lint-cppcheck lint-manual lint-units \
	lint-completions
lint: lint-layers lint-words lint-version lint-headers lint-format lint-manual lint-units lint-completions lint-cppcheck \
	lint-tidy

lint-layers:
	tests/lint/selftest.sh
	tests/lint/layers.sh
	tests/lint/networks.sh

lint-words:
	tests/lint/words.sh
	tests/lint/named_tests.sh

lint-version: all
	tests/lint/version.sh $(BUILD)
	tests/release/selftest.sh

lint-headers: $(GENERATED)
	tests/lint/headers.sh $(CC) $(ALL_CFLAGS)

lint-format:
	clang-format --dry-run -Werror $(SOURCES)

lint-manual:
	tests/lint/manual.sh

lint-units:
	tests/lint/units.sh $(BUILD)/units

lint-completions: all
	tests/lint/completions.sh $(BUILD)

lint-cppcheck: $(GENERATED)
	@mkdir -p $(BUILD)/cppcheck
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr -j2 \
		--suppressions-list=tests/lint/cppcheck.txt --cppcheck-build-dir=$(BUILD)/cppcheck --std=c11 \
		-D_XOPEN_SOURCE=700 -DCURLEW_VERSION='"$(VERSION)"' -I. -I$(BUILD)/gen core keymaps man tui tests \
		-itests/lint/fixture

.PHONY: $(BUILD)/compile_commands.json
$(BUILD)/compile_commands.json: $(GENERATED)
	tests/lint/compile_commands.sh "$(GNU_FILES)" clang $(subst ",\",$(ALL_CFLAGS)) > $@

# One file a call: the analyzer of clang 14 mistakes a va_list of the second file for one that was never begun.
# What tests do is seen as it happens, by the sanitizers: there the analyzer, which takes five sixths of the time, is off.
lint-tidy: $(BUILD)/compile_commands.json
	@printf '%s\n' $(filter-out tests/%,$(filter %.c,$(SOURCES))) | xargs -P2 -n1 clang-tidy -p $(BUILD) --quiet
	@printf '%s\n' $(filter tests/%.c,$(SOURCES)) | xargs -P2 -n1 clang-tidy -p $(BUILD) --quiet '--checks=-clang-analyzer-*'

$(BUILD)/man/gen: $(BUILD)/man/gen.o $(call libs_of,$(PURE))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lutf8proc -lcjson -lm

$(BUILD)/man/complete: $(BUILD)/man/complete.o $(call libs_of,$(PURE))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lutf8proc -lcjson -lm

$(COMPLETIONS): $(BUILD)/man/complete $(wildcard man/complete/*)
	@mkdir -p $(@D)
	$(call tell,GEN,$@){ echo '# Completion of curlew and curlewd.'; $< sh; cat man/complete/walk.sh man/complete/bash.sh; } > $(BUILD)/completions/curlew
	$(call tell,GEN,$@){ echo '#compdef curlew curlewd'; $< sh; cat man/complete/walk.sh man/complete/zsh.sh; } > $(BUILD)/completions/_curlew
	$(call tell,GEN,$@){ cat man/complete/fish.fish; $< fish; } > $(BUILD)/completions/curlew.fish

.PHONY: man man-check
man: $(BUILD)/man/gen
	@for page in $(MAN_PAGES); do $< $$page > $(BUILD)/man/page && cat $(BUILD)/man/page > $$page || exit 1; done

# The pages have what is in the tables, and `curlew help` shows of them what mandoc shows, word for word.
man-check: $(BUILD)/man/gen $(BUILD)/curlew $(BUILT_PAGES) picture-check
	@for page in $(MAN_PAGES); do $< $$page | diff -u $$page - || { echo "run make man"; exit 1; }; done
	mandoc -Tlint -Wwarning $(MAN_PAGES)
	@for page in $(MAN_PAGES); do mandoc -Tutf8 $$page | sed -e '1d;$$d' -e 's/.\x08//g' | tr -s ' \n' '\n' > $(BUILD)/man/words; \
		{ echo; LC_ALL=C.UTF-8 $(BUILD)/curlew help $${page#man/}; } | tr -s ' \n' '\n' | diff $(BUILD)/man/words - || exit 1; done

# The pictures of README.md, drawn by the program from a recording that tests/demo/tour.sh made: what the desk shows now.
PICTURES := man/desk.svg man/tour.svg

$(BUILD)/man/picture: $(BUILD)/man/picture.o $(call libs_of,$(PURE))
	$(call tell,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lutf8proc -lcjson -lm

.PHONY: picture picture-check
picture: $(BUILD)/man/picture
	@for svg in $(PICTURES); do $< man/tour.jsonl $${svg%.svg}.steps > $(BUILD)/man/svg && cat $(BUILD)/man/svg > $$svg || exit 1; done

picture-check: $(BUILD)/man/picture
	@for svg in $(PICTURES); do $< man/tour.jsonl $${svg%.svg}.steps | cmp - $$svg || { echo "run make picture, and look at $$svg"; exit 1; }; done

# What is needed to debug them stays in the build; INSTALL_PROGRAM=install keeps it where they go, too.
INSTALL_PROGRAM ?= install -s

# Of systemd: the machine's courier, and a person's own; the account and the directories of the first.
UNITS := system user
ACCOUNT_FILES := sysusers tmpfiles

# Where each shell looks.
SHELL_DIRS := bash-completion/completions/curlew zsh/site-functions/_curlew fish/vendor_completions.d/curlew.fish

.PHONY: install uninstall
install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	$(INSTALL_PROGRAM) $(BUILD)/curlew $(BUILD)/curlewd $(DESTDIR)$(PREFIX)/bin
	$(INSTALL_PROGRAM) -D -t $(DESTDIR)$(PREFIX)/libexec/curlew $(ADAPTERS)
	for page in $(BUILT_PAGES); do dir=$(DESTDIR)$(PREFIX)/share/man/man$${page##*.} && install -d $$dir && \
		gzip -9cn $$page > $$dir/$${page##*/}.gz || exit 1; done
	for unit in $(UNITS); do install -d $(DESTDIR)$(PREFIX)/lib/systemd/$$unit && \
		sed 's|@PREFIX@|$(PREFIX)|' core/courier/systemd/curlewd.$$unit \
		> $(DESTDIR)$(PREFIX)/lib/systemd/$$unit/curlewd.service || exit 1; done
	for kind in $(ACCOUNT_FILES); do install -D -m 644 core/courier/systemd/curlew.$$kind \
		$(DESTDIR)$(PREFIX)/lib/$$kind.d/curlew.conf || exit 1; done
	for file in $(SHELL_DIRS); do install -D -m 644 $(BUILD)/completions/$${file##*/} $(DESTDIR)$(PREFIX)/share/$$file || exit 1; done
	ln -sf curlew $(DESTDIR)$(PREFIX)/share/bash-completion/completions/curlewd
	install -D -m 644 man/curlew.conf $(DESTDIR)$(PREFIX)/share/doc/curlew/examples/curlew.conf

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/,$(SHELL_DIRS) bash-completion/completions/curlewd doc/curlew/examples/curlew.conf)
	rm -f $(patsubst %,$(DESTDIR)$(PREFIX)/lib/%.d/curlew.conf,$(ACCOUNT_FILES))
	for unit in $(UNITS); do rm -f $(DESTDIR)$(PREFIX)/lib/systemd/$$unit/curlewd.service; done
	rm -f $(DESTDIR)$(PREFIX)/bin/curlew $(DESTDIR)$(PREFIX)/bin/curlewd
	for page in $(MAN_PAGES); do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}.gz; done
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/libexec/curlew/,$(notdir $(ADAPTERS)))
	-rmdir $(DESTDIR)$(PREFIX)/libexec/curlew

# Debian packages, into $(BUILD)/deb, from what git keeps of the tree: man/debian lies where dpkg wants it only there.
# The version stands above, and nowhere else. A first upload to Debian would close the request for it: this is none.
DEB := $(BUILD)/deb/curlew-$(VERSION)
.PHONY: deb deb-deps deb-check
deb-deps: deps
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debhelper lintian fakeroot

deb:
	rm -rf $(DEB) && mkdir -p $(DEB)
	git ls-files -z | xargs -0 cp --parents -t $(DEB)
	mv $(DEB)/man/debian $(DEB)/debian
	sed -i 's/@VERSION@/$(VERSION)/' $(DEB)/debian/changelog
	cd $(DEB) && env -u BUILD -u MAKEFLAGS dpkg-buildpackage -us -uc -b
	lintian --fail-on error,warning --profile debian --suppress-tags initial-upload-closes-no-bugs $(BUILD)/deb/curlew_$(VERSION)_*.changes

# The packages in a Debian of their own, from nothing to purged: needs root and debootstrap.
deb-check: deb
	$(SUDO) tests/deb/check.sh $(BUILD)/deb

.PHONY: help
help:
	@echo 'make deps demo     install what is needed, build, open the desk on a network of its own'
	@echo 'make deps check    install, build, pass all tests; check-unit, -golden, -term, -store, -network, -e2e, -fault: one group'
	@echo 'make check-live    the conformance tests against Bluesky'"'"'s own servers from npm, PostgreSQL and Redis; TESTS="* reply*"'
	@echo 'make soak          simulates for MINUTES (10), kills both programs KILLS times (500) at moments of SEED; counts'
	@echo 'make               build/curlew and build/curlewd; BUILD=DIR builds elsewhere, V=1 shows the commands'
	@echo 'make install       programs, manual and units under PREFIX (/usr/local) in DESTDIR; make uninstall'
	@echo 'make deb           Debian packages in build/deb (make deb-deps installs what that needs); deb-check: tries them in a bare root'
	@echo 'make check-deps    what the rest needs besides'
	@echo 'make PORTABLE=1    what builds on systems other than Linux, into build/portable; portable-check: with its tests'
	@echo 'make sanitize      the tests with AddressSanitizer and UndefinedBehaviorSanitizer; CC=clang: with its own'
	@echo 'make fuzz          each fuzzer for MINUTES (1); fuzz-check: a few thousand inputs each'
	@echo 'make bench         times and sizes on this machine; bench-check: what no machine changes, as CI checks it'
	@echo 'make bench-peers   the same of irssi, weechat, neomutt, newsboat, aerc, toot; bench-results: into tests/bench/results.md'
	@echo 'make dist          the sources as a tarball, the same bytes each time; dist-check: builds, tests, installs from it'
	@echo 'make release-check what takes hours: soak, fuzz, screen, live, peers; STAGES="soak fuzz"; the page is tests/release.md'
	@echo 'make lint          layers, headers, formatting, cppcheck, clang-tidy; lint-layers and so on: one of them'
	@echo 'make man           the tables of the manual from those of the program; man-check: are they?'
	@echo 'make picture       the pictures of README.md, as the program draws them now; picture-check: are they?'
	@echo 'make format        clang-format, in place'
	@echo 'make clean         removes the build'

.PHONY: clean
clean:
	rm -rf $(BUILD)

.SECONDARY:
-include $(shell find $(BUILD) -path $(BUILD)/deb -prune -o -type f -name '*.d' -print 2>/dev/null)
