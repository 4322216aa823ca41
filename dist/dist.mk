# SPDX-License-Identifier: Apache-2.0
# Makes what is released: the static program, and all that is made of it.  dist/README.md tells how.

ARCH ?= $(shell uname -m)
STATIC = $(O)/static/$(ARCH)

# The libraries that dist/deps builds are kept here, by their content.
DIST_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ohcompose-dist
export DIST_CACHE

# musl gives a thread 128 KiB of stack when nobody says otherwise; this is what glibc gives.
STATIC_LDFLAGS := -static -pie -s -Wl,--gc-sections,-z,stack-size=8388608,-z,relro,-z,now

# The launchers are the same bytes in every package: they come from this compiler whatever builds the
# rest.  Its linker knows no -z noseparate-code.
LAUNCHERS_BY_ZIG = CC_amd64=$$(dist/deps --compiler x86_64)/cc \
	CC_arm64=$$(dist/deps --compiler aarch64)/cc \
	LAUNCHER_PAGES=

MAKE_STATIC = deps=$$(dist/deps $(ARCH)) && \
	PKG_CONFIG_LIBDIR=$$deps/lib/pkgconfig PKG_CONFIG_PATH= $(MAKE) --no-print-directory $(TOGETHER) \
	O=$(STATIC) PKG_CONFIG='pkg-config --static' CC=$$deps/bin/cc AR=$$deps/bin/ar \
	$(LAUNCHERS_BY_ZIG) OPT=-O2 CFLAGS= CPPFLAGS= LDLIBS= SANITIZE= \
	LDFLAGS='$(STATIC_LDFLAGS)' LIB_VERSIONS="$$(tr '\n' ' ' <$$deps/versions)"

static:
	+$(Q)$(MAKE_STATIC) $(STATIC)/ohcompose && rm -rf $(STATIC)/licences && \
		cp -r $$deps/licences $(STATIC)/ && cp LICENSE $(STATIC)/licences/ohcompose

# For make check, which tries this program, too: where its libraries are there, only ours is compiled.
static-if-cached:
	+$(Q)! dist/deps --cached $(ARCH) >/dev/null 2>&1 || $(MAKE) --no-print-directory static

# The tests that have a program to run, with this one.
check-static: static
	$(Q)tests/packages test
	+$(Q)$(MAKE_STATIC) check-program

# The package of python/, the program, and the terms of what is linked into it.
wheel: static
	$(Q)python/wheel --program $(STATIC)/ohcompose --licences $(STATIC)/licences --version $(VERSION) --out $(O)

static-all:
	+$(Q)for a in x86_64 aarch64; do $(MAKE) --no-print-directory ARCH=$$a static || exit 1; done

# The program's own images, composed by itself.
IMAGES = $(O)/ohcompose-image-$(VERSION).tar $(O)/ohcompose-image-$(VERSION)-busybox.tar
image: static-all
	$(Q)dist/image $(VERSION) $(O)/static $(O)
	$(say) IMAGE "$(IMAGES)"

# Debian's package, with the system's libraries: built on Debian 12 it is installed there and on 13.
# It is built from the archive of the sources.
DEB_TREE = $(O)/deb/$(DIST)
deb: dist
	$(Q)command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null || \
		{ echo "there is no dh; tests/packages deb installs it" >&2; exit 1; }
	$(Q)rm -rf $(O)/deb && mkdir -p $(O)/deb && tar -xzf $(O)/$(DIST).tar.gz -C $(O)/deb && \
		cp -r $(DEB_TREE)/dist/debian $(DEB_TREE)/debian && \
		dist/debian/changelog.sh $(VERSION) CHANGELOG.md >$(DEB_TREE)/debian/changelog
	$(Q)export $(LAUNCHERS_BY_ZIG) && cd $(DEB_TREE) && \
		env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u LDFLAGS -u CFLAGS -u CC \
		dpkg-buildpackage -b -us -uc >../log 2>&1 || { tail -n 30 ../log >&2; exit 1; }
	$(say) DEB $$(ls $(O)/deb/*.deb)

# All of them, the same bytes each time.
RELEASE = $(O)/release
PROGRAM = $(RELEASE)/ohcompose-$(VERSION)-linux
release: image deb
	+$(Q)for a in x86_64 aarch64; do $(MAKE) --no-print-directory ARCH=$$a wheel || exit 1; done
	$(Q)rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	$(Q)cp $(O)/$(DIST).tar.gz $(IMAGES) $(O)/deb/*.deb $(O)/ohcompose-$(VERSION)-py3-*.whl $(RELEASE)/
	$(Q)for a in x86_64 aarch64; do cp $(O)/static/$$a/ohcompose $(PROGRAM)-$$a || exit 1; done
	$(Q)cd $(O)/static/x86_64/licences && for f in *; do \
		printf '==== %s ====\n\n' $$f && cat $$f && echo || exit 1; done >../LICENCES.new
	$(Q)mv $(O)/static/x86_64/LICENCES.new $(RELEASE)/LICENCES
	$(Q)cd $(RELEASE) && sha256sum -- * >../SHA256SUMS.new && mv ../SHA256SUMS.new SHA256SUMS
	$(say) RELEASE $(RELEASE)

.PHONY: static static-all static-if-cached check-static wheel image deb release

#: make static ARCH=x86_64|aarch64   $(O)/static/ARCH/ohcompose: one file that runs on any Linux
#: make check-static         the tests of options and registries with that program
#: make wheel ARCH=x86_64|aarch64    the same as a Python wheel, which pip and uv install
#: make image                the program's own images, for both, as OCI archives
#: make release              all of these and the sources, with SHA256SUMS, in $(O)/release
#: make deb                  a Debian package, with the system's libraries
