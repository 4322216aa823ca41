#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/packages, with an apt-get that only pretends: what is installed, in which version, and that
# nothing else is upgraded.
. "$(dirname "$0")/../lib.sh"

t "each package has one line"
expect_eq "$(sed -n "/^table='/,/^'/s/ *|.*//p" "$top/tests/packages" | sort | uniq -d)" ''

mkdir apt
# A PATH without the programs that are looked for.
for program in bash sh sed awk grep find env id dirname cat sudo; do
	path=$(command -v $program) || continue
	ln -s "$path" apt/
done

fake()
{
	cat >"apt/$1"
	chmod +x "apt/$1"
}

fake dpkg-query <<'END'
#!/bin/sh
printf 'not-installed'
END
# From the archive: umoci is not in it, the newest curl needs a newer library, and so does WANTS_NEWER in
# every version; the older TOO_OLD needs an older library than what is here, so that apt-get refuses it.
fake apt-cache <<'END'
#!/bin/sh
case $1 in
policy) [ "$2" = umoci ] && printf '  Candidate: (none)\n' || printf '  Candidate: 2\n' ;;
madison) printf '%s | 2 | archive\n%s | 1 | archive\n' "$2" "$2" ;;
esac
END
fake apt-get <<'END'
#!/bin/sh
echo "$*" >>"$LOG"
case " $* " in
*' -s '*)
	for p in "$@"; do
		case $p in
		curl | curl=2) echo 'Inst libcurl4 [1] (2 archive)' ;;
		$TOO_OLD=1) exit 100 ;;
		$WANTS_NEWER | $WANTS_NEWER=*) echo 'Inst libother [1] (2 archive)' ;;
		esac
	done
	echo 'Inst new (2 archive)'
	;;
esac
END

# packages WANTS GROUP...: as run; $installed is what was asked of apt-get
packages()
{
	: >log
	run env LOG="$PWD/log" WANTS_NEWER="$1" TOO_OLD="$1" PATH="$PWD/apt" apt/bash "$top/tests/packages" "${@:2}"
	installed=$(grep ' install ' log | grep -v -- ' -s ' | sed 's/.*--no-upgrade //' || true)
}

t "the newest, but what would upgrade something: of that a version that does not"
packages none demo
expect_status 0
expect_eq "${installed% ca-certificates}" "python3 docker-registry busybox-static curl=1" installed
expect_eq "$(grep -c -- --no-upgrade log)" "$(grep -c ' install ' log)" "all without upgrades"

t "what can be done without is left out where it would upgrade something, or is not there"
packages isal bench
expect_status 0
expect_no_out .
expect_err "isal would upgrade others; what needs it is skipped"
expect_err "no package umoci here; what needs it is skipped"
expect_eq "$(tr ' ' '\n' <<<"$installed" | grep -cE '^(isal|umoci)' || true)" 0 "of those"
expect_true grep -qE '(^| )pigz( |$)' <<<"$installed"

t "what is needed is installed all the same, and what it upgrades is named"
packages docker-registry demo
expect_status 0
expect_err "for docker-registry these must be upgraded: libother"
expect_true grep -qE '(^| )docker-registry( |$)' <<<"$installed"

t "a version that apt-get refuses is not one that fits"
packages curl demo
expect_status 0
expect_err "for curl these must be upgraded: libcurl4"
expect_true grep -qE '(^| )curl( |$)' <<<"$installed"

t "what is there is not touched"
for program in python3 docker-registry busybox curl; do
	fake $program <<<'#!/bin/sh'
done
packages none demo
expect_status 0
expect_eq "$(grep ' install ' log || true)" '' "what was asked of apt-get"

finish
