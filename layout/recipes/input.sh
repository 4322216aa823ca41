# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Functions that the scripts share which make a recipe's input.  Such a script fills a directory with what its
# recipe names, from public packages, for `ohcompose pack --root DIR`:
#
#	. "$(dirname "$0")/../input.sh"
#	begin "$@"
#	debian git tmux ...		these Debian packages and what they depend on
#	python_packages FILE DIR	what a requirements file pins, in DIR of the root, its console
#					scripts in DIR.scripts
#	bytecode DIR AT			compiles a tree of modules that will lie at AT in the image
#	pyinstaller SPEC NAME DIR:...	the program NAME that SPEC makes of the modules in DIRs, in /opt
#	playwright_browser PACKAGE DIR	Debian's Chromium where Playwright looks for its own
#	npm_packages PROJECT DIR	what PROJECT/package-lock.json pins, in DIR/node_modules of the root
#	npm_program DIR FILE NAME	DIR/NAME as another name of DIR/node_modules/FILE, which is named
#					after the architecture ($cpu, as npm calls it)
#	npm_node PROJECT DIR		the same of a project with Node itself, which is DIR/node
#	certificates			the bundle of all authorities that Debian trusts
#	finish
#
# Packages are not installed, only unpacked: no root, no namespace, no emulator is needed,
# and ARCH=arm64 gives arm64's input on any machine (there without bytecode).  The same pins give the
# same modules, byte for byte; Debian's packages are the newest that the suite has.
#
# Needs mmdebstrap, Debian's keyring, a Python with pip, and for what is npm's npm.

set -eu -o pipefail
umask 022

here=$(cd "$(dirname "$0")" && pwd)
ARCH=${ARCH:-$(dpkg --print-architecture)}
SUITE=${SUITE:-trixie}
python=${PYTHON:-python3}

# All modules get this time, so that the day of the download does not show.
module_time='2026-01-01 00:00:00 UTC'

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# begin DIR: $root is where things go until finish renames it
begin()
{
	[ $# = 1 ] || {
		echo "usage: $0 DIR" >&2
		exit 2
	}
	case $ARCH in
	amd64) triplet=x86_64-linux-gnu machine=x86_64 cpu=x64 loader=usr/lib64/ld-linux-x86-64.so.2 ;;
	arm64) triplet=aarch64-linux-gnu machine=aarch64 cpu=arm64 loader=usr/lib/ld-linux-aarch64.so.1 ;;
	*) die "no wheels are pinned for $ARCH; ARCH can be amd64 or arm64" ;;
	esac
	target=$1
	[ ! -e "$target" ] || die "'$target' exists"
	command -v mmdebstrap >/dev/null || die "no mmdebstrap (Debian's package mmdebstrap)"
	"$python" -m pip --version >/dev/null 2>&1 || die "$python has no pip (python3-pip)"
	mkdir -p "$(dirname "$target")"
	root=$(cd "$(dirname "$target")" && pwd)/.${target##*/}.new
	remove "$root"
}

remove()
{
	[ ! -e "$1" ] || chmod -R u+rwX "$1"
	rm -rf "$1"
}

finish()
{
	mv "$root" "$target"
}

debian()
{
	local IFS=,

	echo "unpacking Debian $SUITE's $*" >&2
	mmdebstrap --quiet --mode=chrootless --variant=extract --architectures="$ARCH" \
		--include="libc-bin,$*" "$SUITE" "$root" ${MIRROR:+"$MIRROR"}
}

# python_packages REQUIREMENTS DIR: wheels for the root's Python, whatever the machine's is
python_packages()
{
	local abi platform=()

	abi=cp$(cd "$root/usr/bin" && echo python3.[0-9]* | sed 's/.*python3\.\([0-9]*\).*/3\1/')
	for p in manylinux_2_28 manylinux_2_17 manylinux2014; do
		platform+=(--platform "${p}_$machine")
	done
	echo "fetching ${1##*/} for $abi" >&2
	"$python" -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
		--no-compile --no-deps --require-hashes --requirement "$1" --target "$root$2" \
		--ignore-requires-python --implementation cp --python-version "${abi#cp}" \
		--abi "$abi" --abi abi3 --abi none "${platform[@]}" --platform any
	mv "$root$2/bin" "$root$2.scripts"
	find "$root$2" "$root$2.scripts" \
		-exec touch --no-dereference --date="$module_time" {} +
}

# npm_packages PROJECT DIR: for the root's architecture, whatever the machine's is.  No package's own
# scripts are run.
npm_packages()
{
	command -v npm >/dev/null || die "no npm (Debian's package npm)"
	echo "fetching what ${1##*/}/package-lock.json pins" >&2
	mkdir -p "$root$2"
	cp "$1/package.json" "$1/package-lock.json" "$root$2"
	npm ci --prefix "$root$2" --ignore-scripts --no-bin-links --no-audit --no-fund --loglevel=error \
		--os=linux --cpu="$cpu" --libc=glibc >&2
	find "$root$2" -exec touch --no-dereference --date="$module_time" {} +
}

npm_program()
{
	[ -x "$root$1/node_modules/$2" ] || die "there is no $2"
	ln -s "node_modules/$2" "$root$1/$3"
	touch --no-dereference --date="$module_time" "$root$1/$3"
}

npm_node()
{
	npm_packages "$1" "$2"
	npm_program "$2" node-linux-$cpu/bin/node node
}

# The root's Python, by its own loader: nothing of the machine but the kernel joins in.
root_python()
{
	PYTHONHOME=$root/usr "$root/$loader" --library-path "$root/usr/lib/$triplet" \
		"$root"/usr/bin/python3.[0-9]* "$@"
}

bytecode()
{
	if ! root_python -c '' 2>/dev/null; then
		echo "no bytecode: $ARCH does not run here" >&2
		return 0
	fi
	echo "compiling $1" >&2
	export -f root_python
	export root loader triplet
	# Templates and tests of old dialects do not compile, and need not.
	find "$root$1" -mindepth 1 -maxdepth 1 -print0 |
		xargs -0 -n 25 -P "$(nproc)" bash -c 'root_python -m compileall -q "$@"' bash \
			-s "$root$1" -p "$2" >/dev/null || true
}

# pyinstaller SPEC NAME DIR[:DIR]: PyInstaller starts Python again, and asks ldd for libraries; both are the
# root's.  The same pins give the same program.
pyinstaller()
{
	local IFS=: work=$root/build dir dirs=

	root_python -c '' 2>/dev/null || die "$ARCH does not run here, and PyInstaller builds for where it runs"
	echo "building $2" >&2
	mkdir -p "$work/bin"
	for dir in $3; do
		dirs+=:$root$dir
	done
	cat >"$work/bin/python3" <<-EOF
	#!/bin/sh
	exec "$root/$loader" --library-path "$root/usr/lib/$triplet" --argv0 "\$0" "$root"/usr/bin/python3.[0-9]* "\$@"
	EOF
	cat >"$work/bin/ldd" <<-EOF
	#!/bin/sh
	[ "\$1" != "$work/bin/python3" ] || set -- "$root"/usr/bin/python3.[0-9]*
	exec "$root/$loader" --library-path "$root/usr/lib/$triplet" --list "\$@"
	EOF
	# Debian's program is not linked against it, so it is looked for, but not in $triplet.
	(cd "$root/usr/lib" && ln -sf "$triplet"/libpython3.[0-9]*.so.1.0 .)
	chmod +x "$work"/bin/*
	(
		cd "$work"
		export PATH=$work/bin:$PATH PYTHONHOME=$root/usr PYTHONPATH=${dirs#:} SITE_PACKAGES=${dirs##*:}
		export PYINSTALLER_CONFIG_DIR=$work/config PYTHONHASHSEED=1 PYTHONDONTWRITEBYTECODE=1
		SOURCE_DATE_EPOCH=$(date --date="$module_time" +%s)
		export SOURCE_DATE_EPOCH
		python3 -m PyInstaller --log-level WARN --noconfirm --distpath "$root/opt" --workpath "$work/work" "$1"
	) >&2
	touch --date="$module_time" "$root/opt/$2"
	rm -rf "$work"
}

# playwright_browser PACKAGE DIR: Debian's Chromium in DIR as the Playwright in PACKAGE looks for its
# own, both as a browser and as the headless shell (which is one file by another name).
playwright_browser()
{
	local revision shell

	revision=$("$python" -c 'import json, sys
print([b["revision"] for b in json.load(open(sys.argv[1]))["browsers"] if b["name"] == "chromium"][0])' \
		"$root$1/driver/package/browsers.json")
	mkdir -p "$root$2/chromium-$revision" "$root$2/chromium_headless_shell-$revision"
	shell=$root$2/chromium_headless_shell-$revision/chrome-headless-shell-linux64
	mv "$root/usr/lib/chromium" "$root$2/chromium-$revision/chrome-linux64"
	mv "$root$2/chromium-$revision/chrome-linux64"/{chromium,chrome}
	cp -al "$root$2/chromium-$revision/chrome-linux64" "$shell"
	mv "$shell"/{chrome,chrome-headless-shell}
}

# The same file as update-ca-certificates makes.
certificates()
{
	mkdir -p "$root/etc/ssl/certs"
	(cd "$root/usr/share/ca-certificates" && find . -name '*.crt' | LC_ALL=C sort |
		while read -r f; do
			cat "$f"
		done) >"$root/etc/ssl/certs/ca-certificates.crt"
}
