# SPDX-License-Identifier: Apache-2.0
# What is released: the static program, and what is made of it.  dist/README.md tells how.

ARCH ?= $(shell uname -m)
STATIC = $(O)/static/$(ARCH)

# What dist/deps builds is kept here, by its content.
DIST_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ohcompose-dist
export DIST_CACHE

# musl gives a thread 128 KiB of stack when nobody says otherwise; this is what glibc gives.
STATIC_LDFLAGS := -static -pie -s -Wl,--gc-sections,-z,stack-size=8388608,-z,relro,-z,now

# The launchers are the same bytes in every package: they come from this compiler whatever builds the
# rest.  Its linker knows no -z noseparate-code.
LAUNCHERS_BY_ZIG = CC_amd64=$$(dist/deps --compiler x86_64)/cc \
	CC_arm64=$$(dist/deps --compiler aarch64)/cc \
	LAUNCHER_LDFLAGS='$(filter-out %noseparate-code,$(LAUNCHER_LDFLAGS))'

static:
	$(Q)deps=$$(dist/deps $(ARCH)) && \
		PKG_CONFIG_LIBDIR=$$deps/lib/pkgconfig PKG_CONFIG_PATH= $(MAKE) --no-print-directory \
		O=$(STATIC) PKG_CONFIG='pkg-config --static' CC=$$deps/bin/cc AR=$$deps/bin/ar \
		$(LAUNCHERS_BY_ZIG) OPT=-O2 CFLAGS= CPPFLAGS= LDLIBS= SANITIZE= \
		LDFLAGS='$(STATIC_LDFLAGS)' LIB_VERSIONS="$$(tr '\n' ' ' <$$deps/versions)" \
		$(STATIC)/ohcompose && \
		rm -rf $(STATIC)/licences && cp -r $$deps/licences $(STATIC)/ && cp LICENSE $(STATIC)/licences/ohcompose

# The package of python/, the program, and the terms of what is linked into it.
wheel: static
	$(Q)python/wheel --program $(STATIC)/ohcompose --licences $(STATIC)/licences --version $(VERSION) --out $(O)

.PHONY: static wheel

#: make static ARCH=x86_64|aarch64   $(O)/static/ARCH/ohcompose: one file that runs on any Linux
#: make wheel ARCH=x86_64|aarch64    the same as a Python wheel, which pip and uv install
