# SPDX-License-Identifier: Apache-2.0
# ohcompose: make help lists what can be made.

VERSION := 0.1.0
CC ?= cc
PREFIX ?= /usr/local
O ?= build
PKG_CONFIG ?= pkg-config

# The rooms, lowest first: a file includes only from its own room and from those before it, and
# registry/ and layout/ never see each other (tests/layers).
OCI := documents config tar codec store dir archive image
LAYOUT := account elf rootfs profiles layer files python loader closure launcher recipes components \
	sbom check fit
COMPOSE := transports composition layers payload image plan check push rebuild pack unpack bake upgrade
ROOMS := core $(OCI:%=oci/%) registry $(LAYOUT:%=layout/%) $(COMPOSE:%=compose/%) cmd

LIBS := libarchive libcrypto jansson libcurl zlib libzstd
HAVE_ISAL := $(shell $(PKG_CONFIG) --exists libisal 2>/dev/null && echo 1)
ifeq ($(NO_ISAL),)
ifneq ($(HAVE_ISAL),)
LIBS += libisal
ISAL_FLAGS := -DHAVE_ISAL=1
endif
endif

# Those that are loaded when they are needed (core/late.h); LATE= links them as well, as whoever links
# statically must.
LATE ?= $(if $(SANITIZE)$(findstring -static,$(LDFLAGS) $(PKG_CONFIG)),,libarchive libcurl)
ifneq ($(LATE),)
LATE_FLAGS := -DOHC_LATE=1
LATE_LIBS := -ldl
endif

OPT ?= -O2 -g
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
ifneq ($(SANITIZE),)
SAN := -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
endif
CPPFLAGS_ALL = -I. -I$(O) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DOHC_VERSION='"$(VERSION)"' \
	$(ISAL_FLAGS) $(LATE_FLAGS) $(shell $(PKG_CONFIG) --cflags $(LIBS)) $(CPPFLAGS)
# No path of this machine gets into the program: built in another folder it has the same bytes.
CFLAGS_ALL = -std=gnu17 $(OPT) $(WARN) -ffile-prefix-map=$(CURDIR)=. -pthread $(SAN) $(CFLAGS)
LDFLAGS_ALL = -pthread $(SAN) $(LDFLAGS)
LDLIBS_ALL = $(shell $(PKG_CONFIG) --libs $(filter-out $(LATE),$(LIBS))) $(LATE_LIBS) $(LDLIBS)

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

SRCS := $(foreach r,$(ROOMS),$(sort $(wildcard $(r)/*.c)))
OBJS := $(SRCS:%.c=$(O)/%.o)
LIB_OBJS := $(filter-out $(O)/cmd/main.o,$(OBJS))
PROFILES := $(sort $(wildcard layout/profiles/*.json))
MANPAGES := $(sort $(wildcard cmd/*.1) $(wildcard cmd/*.5))

all: $(O)/ohcompose

$(O)/ohcompose: $(O)/cmd/main.o $(O)/libohcompose.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS_ALL)

# Everything but main(), for the program and for the tests.
$(O)/libohcompose.a: $(LIB_OBJS)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/%.o: %.c $(O)/flags
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# The versions for `ohcompose version`: one word of name, one of version.
LIB_VERSIONS = $(foreach l,$(LIBS),$(l) $(shell $(PKG_CONFIG) --modversion $(l)))
$(O)/cmd/version.o: private CPPFLAGS_ALL += -DOHC_LIBRARIES='"$(LIB_VERSIONS)"'

# Changed flags or compilers rebuild everything.
FLAGS = $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(LDLIBS_ALL)
$(O)/flags: FORCE | libraries
	$(Q)mkdir -p $(O)
	$(Q)printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@

# Asked before anything is compiled, so that what is missing is told once, and by its name.
libraries:
	$(Q)command -v $(firstword $(PKG_CONFIG)) >/dev/null || { echo "there is no \
	'$(PKG_CONFIG)'; tests/packages build installs what building needs" >&2; exit 1; }
	$(Q)$(PKG_CONFIG) --print-errors --exists $(LIBS) || { echo "libraries are missing; \
	tests/packages build installs what building needs" >&2; exit 1; }

# The profiles are data that the program carries.
$(O)/layout/profiles/builtin.o: $(PROFILES)
$(O)/compose/bake/page.o: compose/bake/page.css compose/bake/page.js

-include $(OBJS:.o=.d)

include layout/launcher/launcher.mk

# The shells' completions are what the program says; COMPLETIONS= leaves them out, where it cannot
# run on the machine that builds it.
COMPLETIONS ?= bash zsh fish
COMPLETION_bash := bash-completion/completions/ohcompose
COMPLETION_zsh := zsh/site-functions/_ohcompose
COMPLETION_fish := fish/vendor_completions.d/ohcompose.fish
SCHEMAS := layout/recipes/recipe.schema.json compose/bake/bake.schema.json \
	compose/composition/composition.schema.json
# What recipes are begun from, with the scripts that make their inputs.
RECIPES := $(patsubst layout/%,%,$(wildcard $(addprefix layout/recipes/,README.md input.sh */input */*.* */*/*.*)))
BIN = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share

$(O)/completion/%: $(O)/ohcompose
	$(Q)mkdir -p $(@D)
	$(Q)$(O)/ohcompose completion $* >$@.new && mv $@.new $@

install: all $(COMPLETIONS:%=$(O)/completion/%)
	install -D -m 755 $(O)/ohcompose $(BIN)/ohcompose
	for m in $(MANPAGES); do \
		install -D -m 644 $$m $(SHARE)/man/man$${m##*.}/$${m##*/} || exit 1; done
	for s in $(SCHEMAS); do \
		install -D -m 644 $$s $(SHARE)/ohcompose/$${s##*/} || exit 1; done
	for r in $(RECIPES); do m=644; [ ! -x layout/$$r ] || m=755; \
		install -D -m $$m layout/$$r $(SHARE)/ohcompose/$$r || exit 1; done
	$(foreach c,$(COMPLETIONS),install -D -m 644 $(O)/completion/$c $(SHARE)/$(COMPLETION_$c) &&) :

# Directories that are left empty go as well, but for bin/ and man/, which every prefix has.
INSTALLED = $(foreach m,$(MANPAGES),man/man$(subst .,,$(suffix $m))/$(notdir $m)) \
	$(foreach s,$(SCHEMAS),ohcompose/$(notdir $s)) $(RECIPES:%=ohcompose/%) $(foreach c,bash zsh fish,$(COMPLETION_$c))
uninstall:
	rm -f $(BIN)/ohcompose $(INSTALLED:%=$(SHARE)/%)
	-cd $(SHARE) && rmdir -p --ignore-fail-on-non-empty $(sort $(filter-out man/%,$(dir $(INSTALLED))))

# The sources, without asking git: the same bytes from a clone and from the archive itself.  Files have
# the time of the release, or SOURCE_DATE_EPOCH.
DIST := ohcompose-$(VERSION)
DIST_FILES := $(wildcard .ci .clang-format .gitattributes .gitignore *.md LICENSE Makefile \
	$(sort $(foreach r,$(ROOMS),$(firstword $(subst /, ,$r)))) deploy dist docs python testdata tests)
DIST_TIME = $(or $(SOURCE_DATE_EPOCH:%=@%),$(shell sed -n 's/^## \[$(VERSION)\] - //p' CHANGELOG.md) UTC)
dist:
	$(Q)mkdir -p $(O)
	$(Q)tar -cf - --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=a+rX,u+w,go-w \
		--mtime='$(DIST_TIME)' --exclude=__pycache__ --transform='flags=r;s,^,$(DIST)/,' \
		$(DIST_FILES) >$(O)/$(DIST).tar
	$(Q)gzip -n -9 -f $(O)/$(DIST).tar
	$(say) DIST $(O)/$(DIST).tar.gz

clean:
	rm -rf $(O)

FORMATTED = $(wildcard $(addsuffix /*.[ch],$(ROOMS)) layout/launcher/program/*.[ch] tests/*/*.[ch])
format:
	tests/wrap $(FORMATTED)
	$(shell command -v clang-format-14 || echo clang-format) -i $(FORMATTED)

print-rooms:
	@echo $(ROOMS)

print-compile:
	@printf '%s\n' '$(subst ','\'',$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL))'

help:
	@sed -n 's/^#: //p' $(MAKEFILE_LIST)

#: make                      build $(O)/ohcompose
#: make demo                 install what is needed, build, push a real image to a real registry, start it
#: make check                install what is needed, build, and run every test
#: make layers               includes go down only, each library has one door
#: make install PREFIX= DESTDIR=     the program, its manual, completions, schemas and recipes;
#: make uninstall PREFIX= DESTDIR=   takes them away again
#: make dist                 $(O)/ohcompose-$(VERSION).tar.gz: the sources, without git
#: make format, make clean, make help
#: V=1                       show the commands;  CC=clang;  NO_ISAL=1  build without ISA-L
#: LATE=                     link what else is loaded when it is needed (libarchive, libcurl)
#: CC_amd64=CC, CC_arm64=CC  compilers of the launchers (layout/launcher/), else those that are found
#: SANITIZE=address,undefined   (or thread)      O=DIR  build there instead of build/

FORCE:
.PHONY: all dist libraries install uninstall print-rooms print-compile clean format help FORCE
.DEFAULT_GOAL := all

-include tests/tests.mk
include dist/dist.mk
