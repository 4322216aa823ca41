# SPDX-License-Identifier: Apache-2.0
# The tests.  A unit test is tests/unit/test_*.c, a program of its own; the other .c files there are
# linked into all of them.  Scripts are tests/cli/*.sh and tests/integration/*.sh.  All speak TAP.

export OHC := $(abspath $(O))/ohcompose
export CC SANITIZE

# UNIT='core_* elf_elf' takes those alone.
UNIT := *
UNIT_SRCS := $(sort $(wildcard $(UNIT:%=tests/unit/test_%.c)))
UNIT_HELPERS := $(filter-out tests/unit/test_%,$(sort $(wildcard tests/unit/*.c)))
UNIT_BINS := $(UNIT_SRCS:%.c=$(O)/%)
UNIT_OBJS := $(UNIT_SRCS:%.c=$(O)/%.o) $(UNIT_HELPERS:%.c=$(O)/%.o)
CLI_TESTS := $(sort $(wildcard tests/cli/*.sh))
PYTHON_TESTS := $(sort $(wildcard python/tests/test_*.py))
INTEGRATION_TESTS := $(sort $(wildcard tests/integration/*.sh))

# Programs that scripts drive a library with: tests/integration/NAME_driver.c, found beside $OHC.
DRIVERS := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/integration/*_driver.c)))
E2E_TESTS := $(sort $(wildcard tests/e2e/*.sh))

# Bases and the recipes' inputs, which are made once; and what the recipes' tests found, for
# docs/compatibility.md.  E2E_BASES="alpine trixie" takes those alone.
E2E_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ohcompose-e2e
E2E_RESULTS := $(abspath $(O))/e2e-results
E2E_PASSED := $(abspath $(O))/e2e-passed
# A part of it makes no page for all to read, unless it adds to more.
E2E_PART := $(filter command% environment%,$(origin E2E_TESTS))$(E2E_BASES)$(E2E_CHECKS)$(filter \
	environment%,$(foreach v,E2E_ENGINES E2E_VOLUMES E2E_ENGINE_BASES,$(origin $(v))))
E2E_PAGE := $(if $(E2E_ADD)$(E2E_RESUME),docs,$(if $(E2E_PART),$(O),docs))/compatibility.md
export E2E_CACHE E2E_RESULTS

SELF_TESTS := tests/layers tests/names tests/papers tests/examples tests/dates tests/format $(sort $(wildcard tests/self/*.sh))

# A fuzz target is tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput(); its corpus lies in
# tests/fuzz/corpus/NAME/ and is replayed by tests/fuzz/replay.c, under any compiler.
FUZZ_SRCS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BINS := $(FUZZ_SRCS:%.c=$(O)/%)
FUZZ_OBJS := $(FUZZ_SRCS:%.c=$(O)/%.o)
ifneq ($(FUZZ_SRCS),)
FUZZ_OBJS += $(O)/tests/fuzz/replay.o
endif

RUN := tests/run $(if $(filter 1,$(V)),-v)
# Looked at in a recipe: only there does make(1) say whether it has a jobserver.
TOGETHER = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))

$(UNIT_BINS): $(O)/tests/unit/%: $(O)/tests/unit/%.o $(UNIT_HELPERS:%.c=$(O)/%.o) \
		$(O)/libohcompose.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(shell $(PKG_CONFIG) --libs cmocka) $(LDLIBS_ALL)

$(FUZZ_BINS): $(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(O)/tests/fuzz/replay.o $(O)/libohcompose.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS_ALL)

$(DRIVERS): $(O)/tests/integration/%: $(O)/tests/integration/%.o $(O)/libohcompose.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS_ALL)

# The same targets under clang's libFuzzer, which goes on from the corpus: FUZZ_SECONDS in all, as
# many targets at a time as there are processors.  None is of compose/ or cmd/, which are not compiled.
FUZZ_ROOMS := $(O)/tests/fuzz/rooms.a
$(FUZZ_ROOMS): $(filter-out $(O)/compose/% $(O)/cmd/%,$(LIB_OBJS))
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^

export FUZZ_SECONDS
export FUZZ_DIR := $(abspath $(O))/fuzz
$(FUZZ_SRCS:%.c=$(O)/%.explore): %.explore: %.o $(FUZZ_ROOMS)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LDLIBS_ALL)

fuzz: FUZZ_SECONDS := $(or $(FUZZ_SECONDS),60)
fuzz:
	$(Q)tests/packages build fuzz
	$(Q)$(MAKE) --no-print-directory $(TOGETHER) fuzz-build
	$(Q)$(RUN) -t $$((FUZZ_SECONDS * 4 + 600)) tests/fuzz/explore.sh

# Where there is no clang with libFuzzer, fuzz/explore.sh says so.
fuzz-build:
	$(Q)if tests/fuzz/explore.sh --can; then \
		$(MAKE) --no-print-directory CC=clang O=$(O)/fuzz \
			SANITIZE=fuzzer-no-link,address,undefined fuzz-explorers; \
	fi

fuzz-explorers: $(FUZZ_SRCS:%.c=$(O)/%.explore)

-include $(UNIT_OBJS:.o=.d) $(FUZZ_OBJS:.o=.d) $(DRIVERS:=.d)

# Objects stay, so that the next run builds only what changed.
.SECONDARY: $(UNIT_OBJS) $(FUZZ_OBJS) $(DRIVERS:=.o)

layers:
	$(Q)$(RUN) tests/layers

unit: $(UNIT_BINS)
	$(Q)$(RUN) $(UNIT_BINS)

cli: $(O)/ohcompose
	$(Q)$(RUN) $(CLI_TESTS)

integration: $(O)/ohcompose $(DRIVERS)
	$(Q)$(RUN) $(INTEGRATION_TESTS)

python: $(O)/ohcompose
	$(Q)$(RUN) $(PYTHON_TESTS)

# One run of those that start the program, for one closing line.
check-program: $(O)/ohcompose $(DRIVERS)
	$(Q)$(RUN) $(INTEGRATION_TESTS) $(CLI_TESTS)

fuzz-replay: $(FUZZ_BINS)
	$(Q)$(RUN) $(FUZZ_BINS)

# make looks for libraries when it starts, so what was just installed is seen by another make.
# With FUZZ_SECONDS the fuzz targets are not only replayed, but run for so long.
check:
	$(Q)tests/packages build test $(if $(FUZZ_SECONDS),fuzz)
	$(Q)$(MAKE) --no-print-directory $(TOGETHER) check-build
	$(Q)$(if $(SANITIZE)$(filter-out build,$(O)),,$(MAKE) --no-print-directory static-if-cached)
	$(Q)$(if $(FUZZ_SECONDS),$(MAKE) --no-print-directory $(TOGETHER) fuzz-build)
	$(Q)$(MAKE) --no-print-directory check-run

# Everything compiled, nothing linked: a quick look whether a change fits the tests.
check-objects: $(O)/ohcompose $(UNIT_OBJS) $(FUZZ_OBJS) $(DRIVERS:=.o)

check-build: $(O)/ohcompose $(UNIT_BINS) $(FUZZ_BINS) $(DRIVERS)

# One run for all, for one closing line; tests/run begins with those that may take long.
check-run:
	$(Q)$(RUN) $(if $(FUZZ_SECONDS),tests/fuzz/explore.sh) $(INTEGRATION_TESTS) $(CLI_TESTS) \
		$(PYTHON_TESTS) $(UNIT_BINS) $(FUZZ_BINS) $(SELF_TESTS)

check-asan:
	$(Q)$(MAKE) --no-print-directory check SANITIZE=address,undefined O=$(O)/asan

check-tsan: export TSAN_OPTIONS := suppressions=$(CURDIR)/tests/tsan.supp $(TSAN_OPTIONS)
check-tsan:
	$(Q)$(MAKE) --no-print-directory check SANITIZE=thread O=$(O)/tsan

# The unit tests, and a handful of whole commands.
check-valgrind:
	$(Q)tests/packages build test
	$(Q)$(MAKE) --no-print-directory $(TOGETHER) $(O)/ohcompose $(UNIT_BINS)
	$(Q)$(RUN) -t 1800 --under tests/valgrind/under tests/valgrind/commands.sh $(UNIT_BINS)

# Real bases and real payloads in real engines: hours, root, a Debian mirror and PyPI.  One at a time, for
# the sake of the seconds that are told.  E2E_ADD=yes adds to what the last run found; E2E_RESUME=yes
# does, and leaves out the scripts that passed in it.
e2e:
	$(Q)tests/packages build test e2e
	$(Q)$(MAKE) --no-print-directory $(TOGETHER) $(O)/ohcompose $(DRIVERS)
	$(Q)tests/e2e/lib/inputs $(E2E_CACHE)
	$(Q)$(if $(E2E_ADD)$(E2E_RESUME),,rm -f $(E2E_RESULTS))
	$(Q)$(if $(E2E_RESUME),,rm -f $(E2E_PASSED))
	$(Q)echo "the table goes to $(E2E_PAGE)"
	$(Q)$(RUN) --follow --passed $(E2E_PASSED) $(E2E_TESTS); rc=$$?; \
		[ ! -s $(E2E_RESULTS) ] || { mkdir -p docs && \
		tests/e2e/lib/table $(E2E_RESULTS) "$(VERSION)" >$(E2E_PAGE); }; exit $$rc

# Rules broken on purpose, one at a time; see tests/mutants/README.md.
mutate:
	$(Q)tests/packages build test
	$(Q)tests/mutants/mutate run --dir $(abspath $(O))/mutants $(if $(ROOM),--room $(ROOM)) \
		$(if $(NAME),--name '$(NAME)')

demo:
	$(Q)tests/packages build demo
	$(Q)$(MAKE) --no-print-directory $(TOGETHER) all
	$(Q)tests/demo

bench:
	$(Q)tests/packages build bench
	$(Q)$(MAKE) --no-print-directory $(TOGETHER) all $(DRIVERS)
	$(Q)for b in tests/bench/*.sh; do echo "== $$b" && $$b && echo || exit 1; done

.PHONY: layers unit cli integration python fuzz-replay fuzz fuzz-build fuzz-explorers check check-build check-objects \
	check-run check-program check-asan check-tsan check-valgrind \
	e2e demo bench mutate

#: make unit, cli, integration, python   build and run those tests only; unit UNIT='core_* elf_elf'
#: make check-asan, check-tsan   all tests under AddressSanitizer and UBSan, or ThreadSanitizer
#: make check-valgrind           unit tests and a handful of whole commands under valgrind
#: make fuzz FUZZ_SECONDS=60      let clang's libFuzzer look for what breaks the parsers, so long in all;
#: make check FUZZ_SECONDS=60     ... within all tests
#: make e2e                      real bases and payloads in real engines; writes docs/compatibility.md
#: make mutate [ROOM=layout/fit]  break rules on purpose and see whether a test fails
#: make bench                    what push and peek cost, side by side with other tools
