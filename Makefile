# curlew: `make deps demo` installs what is needed, builds, and opens the desk on a network of its own;
# `make deps check` installs, builds and passes all tests. `make help` lists the rest.
#
# Every directory of the house becomes one static archive; which headers a file needs is found out by the compiler.

BUILD   ?= build
CC      ?= cc
PREFIX  ?= /usr/local
VERSION := 0.1.0

DEPS := build-essential pkg-config libncurses-dev libcurl4-openssl-dev libuv1-dev libcjson-dev libsqlite3-dev \
	libutf8proc-dev libssl-dev libcmocka-dev libvterm-dev
CHECK_DEPS := clang clang-format clang-tidy cppcheck libclang-rt-14-dev mandoc locales-all openssl valgrind tmux

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
CFLAGS  ?= -O2 -g
HARDEN  ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
ALL_CFLAGS = -std=c17 -D_XOPEN_SOURCE=700 $(GNU) -DCURLEW_VERSION='"$(VERSION)"' -I. -I$(BUILD)/gen \
	-include core/base/banned.h $(WARN) $(HARDEN) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,--as-needed $(LDFLAGS)

# Files that need more than POSIX: memfd_create, pidfd_open, open file description locks. (A #define in the file comes too late,
# after banned.h's own includes.)
GNU_FILES := tui/term/paint.c tui/courier.c core/store/lock.c
$(patsubst %.c,$(BUILD)/%.o,$(GNU_FILES)): GNU := -D_GNU_SOURCE

# One archive a directory, in the order a linker wants: users first.
CORE    := core/store core/config core/triage core/model core/text core/base
DESK    := tui/term tui/view tui/desk keymaps $(CORE)
COURIER := core/courier core/network core/net $(CORE)
ROOMS   := tui/term tui/view tui/desk keymaps core/courier core/network core/net $(CORE)

# A program's main is not in an archive; of the desk, neither is what joins its rooms.
DESK_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tui/*.c))
MAINS   := core/courier/curlewd.c
room_src = $(filter-out $(MAINS),$(wildcard $(1)/*.c))
room_lib = $(BUILD)/$(1).a
libs_of  = $(foreach r,$(1),$(call room_lib,$(r)))

DESK_LIBS    := -lncursesw -ltinfo -luv -lsqlite3 -lutf8proc -lcjson -lpthread -lm
COURIER_LIBS := -lcurl -lcrypto -luv -lsqlite3 -lutf8proc -lcjson -lpthread -lm
TEST_LIBS    := -lcmocka -lvterm -lcurl -lcrypto $(DESK_LIBS) -lutil

.PHONY: all
all: $(BUILD)/curlew $(BUILD)/curlewd

$(BUILD)/curlew: $(DESK_OBJ) $(call libs_of,$(DESK))
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DESK_LIBS)

$(BUILD)/curlewd: $(BUILD)/core/courier/curlewd.o $(call libs_of,$(COURIER))
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(COURIER_LIBS)

# --- archives and objects

define room
$(call room_lib,$(1)): $(patsubst %.c,$(BUILD)/%.o,$(call room_src,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The default keys are compiled in from the file that users read.
$(BUILD)/gen/default_keys.inc: keymaps/default.keys
	@mkdir -p $(@D)
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $< > $@
$(BUILD)/keymaps/builtin.o: $(BUILD)/gen/default_keys.inc

# --- the programs on an injected clock, for the tests: the same objects, another clock.o

TEST_CLOCK := $(BUILD)/tests/lib/clock_file.o

$(BUILD)/test/curlew: $(DESK_OBJ) $(TEST_CLOCK) $(call libs_of,$(DESK))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(DESK_LIBS)

$(BUILD)/test/curlewd: $(BUILD)/core/courier/curlewd.o $(TEST_CLOCK) $(call libs_of,$(COURIER))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(COURIER_LIBS)

# --- tests: tests/<dir>/<name>_test.c is a program

# The network of our own: the demo, the end-to-end tests and the benchmarks speak to it.
FAKENET_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fakenet/*.c))
$(BUILD)/fakenet: $(FAKENET_OBJ) $(call room_lib,core/base)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -luv -lcjson -lutf8proc -lm

TEST_LIB_SRC := $(filter-out tests/lib/clock_file.c,$(wildcard tests/lib/*.c))
TEST_LIB := $(BUILD)/tests/lib.a
$(TEST_LIB): $(patsubst %.c,$(BUILD)/%.o,$(TEST_LIB_SRC))
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

UNIT   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*_test.c))
GOLDEN := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/golden/*_test.c))
STORE  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/store/*_test.c))
NETWORK := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/network/*_test.c))
E2E    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/e2e/*_test.c))

# The pure desk links without curses, curl, uv and SQLite: the linker holds the house as well as the linter does.
PURE := tui/view tui/desk keymaps core/triage core/model core/text core/base
$(GOLDEN): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/tests/golden/screen.o $(call libs_of,$(PURE))
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lutf8proc -lcjson -lm

$(UNIT) $(STORE) $(NETWORK): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(TEST_LIB) $(call libs_of,$(ROOMS))
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(NETWORK) $(E2E): | $(BUILD)/fakenet

.PHONY: check-unit check-golden check-store check-network
define check_group
check-$(1): $(2)
	@for t in $$^; do echo "== $$$$t"; CURLEW_TEST_DATA=$(CURDIR)/tests/data $$$$t || exit 1; done
endef
$(eval $(call check_group,unit,$(UNIT)))
$(eval $(call check_group,golden,$(GOLDEN)))
$(eval $(call check_group,store,$(STORE)))
$(eval $(call check_group,network,$(NETWORK)))

# --- the demo: the desk on a network of its own, on this machine alone

.PHONY: demo
demo: all $(BUILD)/fakenet
	@BUILD=$(BUILD) tests/demo/demo.sh

# --- the machine

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
.PHONY: deps
deps:
	$(SUDO) apt-get update -qq
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEPS)

.PHONY: check-deps
check-deps: deps
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(CHECK_DEPS)

.PHONY: format
format:
	clang-format -i $$(git ls-files '*.c' '*.h')

.PHONY: clean
clean:
	rm -rf $(BUILD)

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
