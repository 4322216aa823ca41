# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# An agent of other people, with a profile of its own (layout/recipes/README.md), on every base.  Each is small, so its
# image is started by all engines.  A script has a function `answers`, the case "it runs", and then
#
#	agent RECIPE PROGRAM...		PROGRAM says something and ends well wherever the payload runs

. "$(dirname "${BASH_SOURCE[0]}")/engine.sh"
. "$(dirname "${BASH_SOURCE[0]}")/engines.sh"

# says PATTERN CMD...: a program answers, in its workspace
says()
{
	in_image "${@:2}"
	expect_status 0
	expect_out "$1"
}

# speaks_acp NAME CMD...: ACP's handshake, by the engine's standard input
speaks_acp()
{
	run timeout -k 5 $limit bash -c '(echo "$1"; sleep 30) | "${@:2}"' bash \
		'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":1,"clientCapabilities":{}}}' \
		ctr --address "$tmp/.lib/containerd/sock" run --rm --net-host "${offline[@]}" \
		--snapshotter "$_snapshotter" "$image" "c$$-$((++_containers))" "${@:2}"
	expect_out "\"name\": ?\"$1"
}

is_at_home()
{
	in_image "$prefix/bin/bash" -c 'echo $BASHPID; echo "$PWD $HOME $UID"; cd /workspace && : >x && echo wrote
		export -p'
	expect_status 0
	expect_out "^/workspace /home/[a-z]+ (1000|10001)\$"
	expect_out '^wrote$'
	expect_no_ld
	[ "$base" = empty ] || {
		in_image /bin/sh -c 'ls -d /etc && cat /etc/passwd'
		expect_status 0
	}
}

agent()
{
	local name=$1 program=("${@:2}")

	e2e "$name"
	start_engines
	prefix=$(json 'j["prefix"]' "$top/layout/recipes/$name/recipe.json")
	push_options=(--profile "$top/layout/recipes/$name/profile.json")
	for base in $BASES; do
		on "$base" || continue
		check "it runs" answers
		check "account, workspace, base" is_at_home
		in_engines '^runs [0-9]+ /workspace' "$prefix/bin/bash" -c \
			'"$@" >&2 && echo "runs $UID $PWD"' bash "${program[@]}"
		! has_engines "$base" || in_volumes '^runs$' "$prefix/bin/bash" -c '"$@" >&2 && echo runs' bash "${program[@]}"
		done_with_base
	done
	finish
}
