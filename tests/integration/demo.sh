#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/demo, in each engine that there is, and without one: what it shows is true, nothing is warned
# of, and nothing is left.
. "$(dirname "$0")/../lib.sh"

[ -x /usr/bin/python3 ] || skip_all "no /usr/bin/python3"
mkdir left

# demo ENGINES: as run
demo()
{
	DEMO_ENGINES=$1 TMPDIR=$tmp/left run "$top/tests/demo"
	expect_status 0
	expect_no_err 'warning|failed'
	expect_out 'the same digest'
	expect_out 'is stopped, and everything is removed'
	expect_eq "$(ls -A left)" '' "what is left"
}

# answers: of the server in the image
answers()
{
	expect_out '^GET /alive +\{"status": "ok"\}'
	expect_out '^GET /server_info +\{"uid": 1000, "gid": 1000, "cwd": "/workspace"'
	expect_no_out '^not here'
}

t "without an engine it says so"
demo none
expect_out "^not here: no engine"

t "in a containerd of its own"
start_containerd || skip "$no_engine"
if [ -z "$no_engine" ]; then
	demo containerd
	expect_out '^in +containerd '
	answers
fi

t "in Docker, when that runs"
start_dockerd || skip "$no_engine"
if [ -z "$no_engine" ]; then
	demo docker
	expect_out '^in +Docker '
	answers
	expect_eq "$(docker ps -aq; docker images -q)" '' "what Docker keeps"
	unset DOCKER_HOST
fi

t "in podman"
start_podman || skip "$no_engine"
if [ -z "$no_engine" ]; then
	demo podman
	expect_out '^in +podman '
	answers
fi

finish
