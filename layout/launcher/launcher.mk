# SPDX-License-Identifier: Apache-2.0
# The launcher, for each architecture that a compiler is there for: $(CC) where it makes programs of
# that architecture, else a cross compiler, else clang with lld.  CC_amd64 and CC_arm64 name others.
# An architecture without a compiler is left out; layout/launcher/binary.c says so when it is asked for.

launcher_cc = $(firstword $(foreach c,$(2),$(shell command -v $(c) 2>/dev/null)) \
	$(if $(shell command -v clang >/dev/null && command -v ld.lld || :),clang))
launcher_cc_args = $(if $(filter clang,$(1)),clang --target=$(2) -fuse-ld=lld,$(1))
LAUNCHER_HOST := $(shell $(CC) -dumpmachine 2>/dev/null)

CC_amd64 ?= $(if $(filter x86_64-%,$(LAUNCHER_HOST)),$(CC),$(call \
	launcher_cc_args,$(call launcher_cc,amd64,x86_64-linux-gnu-gcc),x86_64-linux-gnu))
CC_arm64 ?= $(if $(filter aarch64-%,$(LAUNCHER_HOST)),$(CC),$(call \
	launcher_cc_args,$(call launcher_cc,arm64,aarch64-linux-gnu-gcc),aarch64-linux-gnu))
CC_amd64 := $(CC_amd64)
CC_arm64 := $(CC_arm64)

LAUNCHERS := $(foreach a,amd64 arm64,$(if $(strip $(CC_$(a))),$(O)/launcher/$(a)))
LAUNCHER_SRCS := $(filter-out %/frozen.c,$(sort $(wildcard layout/launcher/program/*.c))) layout/launcher/line.c

# Nothing that is written, nothing to relocate.
LAUNCHER_CFLAGS := -std=gnu17 -Os $(WARN) -I. -ffreestanding -fno-builtin -fno-stack-protector \
	-fno-pie -fno-pic -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident \
	-mgeneral-regs-only -ffunction-sections -fdata-sections
# In as few pages as can be; a linker that knows no such flag gets LAUNCHER_PAGES=.
LAUNCHER_PAGES ?= -Wl,-z,noseparate-code
LAUNCHER_LDFLAGS := -nostdlib -static -s \
	-Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,norelro $(LAUNCHER_PAGES)

$(LAUNCHERS): $(O)/launcher/%: $(LAUNCHER_SRCS) $(wildcard layout/launcher/program/*.h) \
		layout/launcher/line.h layout/launcher/launcher.mk $(O)/flags
	$(say) LAUNCH $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC_$*) $(LAUNCHER_CFLAGS) $(LAUNCHER_LDFLAGS) -o $@ $(LAUNCHER_SRCS)

# The library that PyInstaller's programs get, the same way.
FROZEN := $(LAUNCHERS:$(O)/launcher/%=$(O)/launcher/frozen-%.so)
FROZEN_CFLAGS := $(filter-out -fno-pie -fno-pic,$(LAUNCHER_CFLAGS)) -fPIC -fvisibility=hidden
FROZEN_LDFLAGS := -nostdlib -shared -s \
	-Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,norelro,-soname,libohc-frozen.so \
	-Wl,-z,max-page-size=65536 $(LAUNCHER_PAGES)

$(FROZEN): $(O)/launcher/frozen-%.so: layout/launcher/program/frozen.c layout/launcher/program/sys.h \
		layout/launcher/launcher.mk $(O)/flags
	$(say) LAUNCH $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC_$*) $(FROZEN_CFLAGS) $(FROZEN_LDFLAGS) -o $@ $<

# The program carries them; the assembler takes them in.
$(O)/layout/launcher/binary.o: private CPPFLAGS_ALL += \
	$(foreach l,$(LAUNCHERS),-DOHC_LAUNCHER_$(notdir $(l))='"$(l)"' \
		-DOHC_FROZEN_$(notdir $(l))='"$(l:$(O)/launcher/%=$(O)/launcher/frozen-%.so)"')
$(O)/layout/launcher/binary.o: $(LAUNCHERS) $(FROZEN)
