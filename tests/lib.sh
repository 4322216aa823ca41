# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Functions that shell tests share.  A test is a bash script that tests/run (or a person) starts:
#
#	#!/usr/bin/env bash
#	# time limit: 600			only when five minutes are not enough
#	. "$(dirname "$0")/../lib.sh"
#
#	t "push without a base says how it is used"
#	run "$OHC" push
#	expect_status 2
#	expect_err 'BASE'
#
#	t "xattrs survive"
#	if ! have getfattr; then
#		skip "no getfattr"
#	else
#		...
#	fi
#
#	finish					the plan; a script that ends before it has failed
#
# `t` opens a case, which ends at the next `t` or at `finish`; it has failed when any expect_...
# in it failed, whose reasons are printed with the command's output.  Any other command that fails
# ends the script (set -e), and thereby fails it: what a test needs must work.
#
# OHC_TEST_STOP=1 ends the script after its first case that has failed.
#
# The script runs in $tmp, a directory of its own that is removed when it ends, with whatever
# start_registry started.  $top is the source tree, $OHC the program under test.

set -eu -o pipefail
umask 022

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
OHC=${OHC:-$top/build/ohcompose}
PYTHON=${PYTHON:-python3}
export OHC PYTHON PYTHONDONTWRITEBYTECODE=1

tmp=$(mktemp -d "${TMPDIR:-/tmp}/ohc-sh.XXXXXX")
mkdir "$tmp/.lib"
cd "$tmp"
export XDG_CACHE_HOME=$tmp/.lib/cache # nobody's but this test's
exec 9>&1 # where diagnostics go from within $(...)

_case=0 _name='' _bad=0 _skip='' _finished=0 _pids=() _dirs=()
out='' err='' status=0

# What an engine leaves running when it ends, and what it has mounted
_end_containers()
{
	local name pid

	[ -S "$tmp/.lib/containerd/sock" ] || return 0
	for name in $(timeout 5 ctr --address "$tmp/.lib/containerd/sock" task list -q 2>/dev/null); do
		timeout 10 ctr --address "$tmp/.lib/containerd/sock" task delete --force "$name" >/dev/null 2>&1 || true
	done
	for pid in $(pgrep -f -- "^[^ ]*containerd-shim[^ ]* .*-address $tmp/[.]lib/containerd/sock"); do
		kill -s KILL "$pid" 2>/dev/null || true
	done
}

_unmount_all()
{
	local place

	[ "$(id -u)" = 0 ] || return 0
	awk -v "dir=$tmp/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | tac | while IFS= read -r place; do
		umount -l "$place" 2>/dev/null || true
	done
}

_on_exit()
{
	local rc=$? pid

	trap - EXIT ERR
	_end_containers
	for pid in ${_pids[@]+"${_pids[@]}"}; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	cd /
	_unmount_all
	# Whom modes stop; of root's large trees it takes long.
	[ "$(id -u)" = 0 ] || chmod -R u+rwX "$tmp" 2>/dev/null || true
	rm -rf "$tmp" ${_dirs[@]+"${_dirs[@]}"}
	if [ $_finished = 0 ]; then
		echo "# ended before finish, status $rc, in: ${_name:-the preparations}"
		[ "$rc" != 0 ] || rc=1
	fi
	exit "$rc"
}
trap _on_exit EXIT
trap 'exit 143' TERM INT
trap '_rc=$?; echo "# ${BASH_SOURCE[0]##*/}:$LINENO: status $_rc: $BASH_COMMAND" >&9' ERR
set -E

_close_case()
{
	[ -n "$_name" ] || return 0
	_case=$((_case + 1))
	if [ -e "$tmp/.lib/bad" ]; then
		rm "$tmp/.lib/bad"
		_bad=1
	fi
	if [ -n "$_skip" ] && [ $_bad = 0 ]; then
		echo "ok $_case - $_name # SKIP $_skip"
	elif [ $_bad = 0 ]; then
		echo "ok $_case - $_name"
	else
		echo "not ok $_case - $_name"
		[ -z "${OHC_TEST_STOP:-}" ] || exit 1
	fi
	_name=''
}

# t NAME: opens a case
t()
{
	_close_case
	_name=$1 _bad=0 _skip=''
}

# finish: closes the last case, and says how many there were
finish()
{
	_close_case
	echo "1..$_case"
	_finished=1
}

# skip REASON: this case cannot be judged here
skip()
{
	_skip=$1
}

# skip_all REASON: nothing of this script can be judged here
skip_all()
{
	echo "1..0 # SKIP $1"
	_finished=1
	exit 0
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

# py ARGUMENT...: Python without the packages of this machine, which may take longer to find than all the rest.
# In the background, where $! must be its own, and under another program it is "$PYTHON" -S.
py()
{
	"$PYTHON" -S "$@"
}

# own_home: that of who runs this, which tests/run puts another one in the place of
own_home()
{
	py -c 'import os, pwd; print(pwd.getpwuid(os.getuid()).pw_dir)'
}

# is_static FILE: it needs no loader
is_static()
{
	ldd "$1" 2>&1 | grep -qE 'statically linked|not a dynamic executable'
}

_indent()
{
	{ head -c 8000 && echo && cat >/dev/null; } | sed 's/^/#     /'
}

# _fail WHAT: marks the case as failed and shows what the last run gave; by a file in a subshell, as in $(...)
# and behind a pipe
_fail()
{
	_bad=1
	[ "$BASHPID" = $$ ] || : >"$tmp/.lib/bad"
	echo "# $(caller 1 | awk '{ print $1 }'): $1"
	{
		printf 'command: %s\nstatus: %s\nstdout:\n%s\nstderr:\n%s\n' \
			"${_cmd:-none}" "$status" "$out" "$err"
	} | _indent
}

# fail WHAT: for checks that a script makes itself
fail()
{
	_fail "$1"
}

_run()
{
	printf -v _cmd '%q ' "$@"
	status=0
	"$@" >"$tmp/.lib/out" 2>"$tmp/.lib/err" || status=$?
	{ out=$(<"$tmp/.lib/out") err=$(<"$tmp/.lib/err"); } 2>/dev/null # bash warns of each NUL
}

# run CMD...: runs it, whatever its status; $out, $err and $status tell
run()
{
	_run "$@" </dev/null
}

# run_in CMD...: as run, with this function's standard input
run_in()
{
	_run "$@"
}

# peak CMD...: as run; $peak is its largest resident set in KiB.  can_peak: nonzero, with the reason in
# $no_peak, where that says nothing of the program
can_peak()
{
	no_peak=''
	if [ -n "${SANITIZE:-}" ]; then
		no_peak="sanitizers need memory of their own"
	elif [ ! -x /usr/bin/time ]; then
		no_peak="no /usr/bin/time"
	fi
	[ -z "$no_peak" ]
}

# can_trace: nonzero, with the reason in $no_trace, where strace cannot follow the program
can_trace()
{
	no_trace=''
	if [ -n "${SANITIZE:-}" ]; then
		no_trace="a sanitizer and strace do not go together"
	elif ! have strace; then
		no_trace="no strace"
	elif ! strace -f -o /dev/null true 2>/dev/null; then
		no_trace="strace is not allowed here"
	fi
	[ -z "$no_trace" ]
}

peak()
{
	run /usr/bin/time -q -f 'peak %M' "$@"
	peak=$(sed -n 's/^peak //p' <<<"$err")
	echo "# peak $peak KiB: $_name"
}

expect_status()
{
	[ "$status" = "$1" ] || _fail "status $status, not $1"
}

# _has PATTERN TEXT: grep(1) is started only for what is more than words
_has()
{
	case $1 in
	*[!A-Za-z0-9\ \'_/:,=@%-]*) grep -Eq -e "$1" <<<"$2" ;;
	*) [[ $2 == *"$1"* ]] ;;
	esac
}

# expect_out PATTERN, expect_err PATTERN: an extended regular expression matches a line of it
expect_out()
{
	_has "$1" "$out" || _fail "standard output has no line like: $1"
}

expect_err()
{
	_has "$1" "$err" || _fail "standard error has no line like: $1"
}

expect_no_out()
{
	! _has "$1" "$out" || _fail "standard output has a line like: $1"
}

expect_no_err()
{
	! _has "$1" "$err" || _fail "standard error has a line like: $1"
}

expect_out_is()
{
	[ "$out" = "$1" ] || _fail "standard output is not: $1"
}

# expect CMD...: it succeeds; what it prints is shown when it does not
expect()
{
	run "$@"
	[ "$status" = 0 ] || _fail "failed: $*"
}

# expect_not CMD...: it fails
expect_not()
{
	run "$@"
	[ "$status" != 0 ] || _fail "succeeded: $*"
}

# expect_true CMD..., expect_false CMD...: what its status says; $out and $err stay those of the last
# run, and standard input is the caller's
expect_true()
{
	"$@" >"$tmp/.lib/true" 2>&1 || {
		_fail "is not so: $*"
		_indent <"$tmp/.lib/true"
	}
}

expect_false()
{
	! "$@" >"$tmp/.lib/true" 2>&1 || {
		_fail "is so: $*"
		_indent <"$tmp/.lib/true"
	}
}

# expect_eq IS SHOULD-BE [WHAT]
expect_eq()
{
	[ "$1" = "$2" ] || _fail "${3:-value} is '$1', not '$2'"
}

# expect_message STATUS PATTERN: a refusal as all of them are: that status, nothing on standard
# output, and on standard error a line "ohcompose: ..." that matches and does not end with a full stop
expect_message()
{
	local line

	[[ $status =~ ^($1)$ ]] || _fail "status $status, not $1"
	[ -z "$out" ] || _fail "standard output is not empty"
	line=$(grep -E '^ohcompose: ' <<<"$err" | tail -n 1) || line=''
	[ -n "$line" ] || _fail "standard error has no line 'ohcompose: ...'"
	grep -Eq -e "$2" <<<"$line" || _fail "the message has nothing like: $2"
	[[ $line != *. ]] || _fail "the message ends with a full stop"
}

# json EXPRESSION [FILE]: prints the value of a Python expression over `j`, parsed from FILE or $out.
# A failure is printed as "no: REASON", which no expectation equals.
json()
{
	if [ $# -gt 1 ]; then
		_json "$1" <"$2"
	else
		_json "$1" <<<"$out"
	fi
}

_json()
{
	py -c 'import json, sys
try:
    j = json.load(sys.stdin)
    v = eval(sys.argv[1])
    print(v if isinstance(v, str) else json.dumps(v, sort_keys=True, ensure_ascii=False))
except Exception as e:
    print("no:", type(e).__name__, e)' "$1"
}

# ---- a registry ----

# start_registry [htpasswd] [tls] [readonly]: Debian's docker-registry on a port that the kernel
# chose.  Sets $REGISTRY (127.0.0.1:PORT), $REGISTRY_ROOT (its files), $REGISTRY_LOG, $REGISTRY_PID
# and, with tls, $REGISTRY_CA; htpasswd's user is "user" with password "secret".  May be called
# several times; keep the values of the first before calling it again.
start_registry()
{
	local dir word scheme='' i auth='' tls='' readonly=false

	have docker-registry || skip_all "no docker-registry"
	dir=$(mktemp -d "$tmp/.lib/registry.XXXXXX")
	for word in "$@"; do
		case $word in
		htpasswd)
			have htpasswd || skip_all "no htpasswd"
			htpasswd -Bbn -C 4 user secret >"$dir/htpasswd"
			auth="auth: {htpasswd: {realm: test, path: $dir/htpasswd}}"
			;;
		tls)
			make_certificate "$dir"
			tls=", tls: {certificate: $dir/cert.pem, key: $dir/key.pem}"
			REGISTRY_CA=$dir/ca.pem
			scheme=s
			;;
		readonly)
			readonly=true
			;;
		*)
			echo "# start_registry: what is $word?"
			return 1
			;;
		esac
	done
	cat >"$dir/config.yml" <<-EOF
	version: 0.1
	log: {level: info, accesslog: {disabled: false}}
	storage:
	  filesystem: {rootdirectory: $dir/root}
	  delete: {enabled: true}
	  maintenance: {uploadpurging: {enabled: false}, readonly: {enabled: $readonly}}
	http: {addr: "127.0.0.1:0", secret: none$tls}
	$auth
	EOF
	: >"$dir/log"
	docker-registry serve "$dir/config.yml" >"$dir/log" 2>&1 </dev/null &
	REGISTRY_PID=$!
	_pids+=("$REGISTRY_PID")
	REGISTRY_ROOT=$dir/root/docker/registry/v2
	REGISTRY_LOG=$dir/log
	for ((i = 0; i < 200; i++)); do
		REGISTRY=$(sed -n 's/.*msg="listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$dir/log")
		if [ -n "$REGISTRY" ] &&
			curl -sk -o /dev/null "http$scheme://$REGISTRY/v2/"; then
			return 0
		fi
		sleep 0.05
	done
	sed 's/^/# /' "$dir/log"
	echo "# docker-registry does not answer"
	return 1
}

# stop_registry [PID]: and waits until it is gone
stop_registry()
{
	kill "${1:-$REGISTRY_PID}" 2>/dev/null || true
	wait "${1:-$REGISTRY_PID}" 2>/dev/null || true
}

# make_certificate DIR: DIR/ca.pem, and DIR/cert.pem with DIR/key.pem for localhost and 127.0.0.1
make_certificate()
{
	(
		cd "$1"
		openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 \
			-subj /CN=test-ca -addext basicConstraints=critical,CA:TRUE
		openssl req -newkey rsa:2048 -nodes -keyout key.pem -out cert.csr -subj /CN=localhost
		printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >ext
		openssl x509 -req -in cert.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
			-out cert.pem -days 2 -extfile ext
	) >"$1/openssl.log" 2>&1
}

# make_client_certificate DIR: DIR/client.cert and DIR/client.key, by the CA of make_certificate
make_client_certificate()
{
	(
		cd "$1"
		openssl req -newkey rsa:2048 -nodes -keyout client.key -out client.csr -subj /CN=client
		openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
			-out client.cert -days 2
	) 2>openssl.log
}

# registry_blob REPO DIGEST: the file that holds it, whether REPO has it or not
registry_blob()
{
	local hex=${2#sha256:}

	echo "$REGISTRY_ROOT/blobs/sha256/${hex:0:2}/$hex/data"
}

# registry_has REPO DIGEST: REPO links the blob
registry_has()
{
	[ -e "$REGISTRY_ROOT/repositories/$1/_layers/sha256/${2#sha256:}/link" ]
}

# registry_uploads: sessions that were begun and neither finished nor cancelled
registry_uploads()
{
	{ find "$REGISTRY_ROOT/repositories" -path '*/_uploads/*/startedat' 2>/dev/null || true; } |
		wc -l
}

# registry_log_mark; registry_log_since: the requests that came between the two, as
# "METHOD PATH STATUS" lines
registry_log_mark()
{
	_log_mark=$(wc -l <"$REGISTRY_LOG")
}

registry_log_since()
{
	tail -n "+$((_log_mark + 1))" "$REGISTRY_LOG" |
		sed -n 's/^[^"]*"\([A-Z]*\) \([^ ]*\) HTTP[^"]*" \([0-9]*\) .*/\1 \2 \3/p'
}

# ---- an engine ----

# start_containerd: a containerd of this test's own, spoken to with `engine`.  Returns 1, with the
# reason in $no_engine, where there cannot be one.
start_containerd()
{
	no_engine=''
	if [ "$(id -u)" != 0 ]; then
		no_engine="containerd needs root"
	elif ! have containerd || ! have ctr || ! have runc; then
		no_engine="no containerd or no runc"
	fi
	[ -z "$no_engine" ] || return 1
	mkdir "$tmp/.lib/containerd"
	cat >"$tmp/.lib/containerd/config.toml" <<-EOF
	version = 2
	root = "$tmp/.lib/containerd/root"
	state = "$tmp/.lib/containerd/state"
	disabled_plugins = ["io.containerd.grpc.v1.cri"]
	[grpc]
	address = "$tmp/.lib/containerd/sock"
	EOF
	containerd -c "$tmp/.lib/containerd/config.toml" >"$tmp/.lib/containerd/log" 2>&1 </dev/null &
	_pids+=("$!")
	if ! wait_for 10 engine version; then
		no_engine="containerd does not start: $(tail -n 1 "$tmp/.lib/containerd/log")"
		return 1
	fi
}

engine()
{
	ctr --address "$tmp/.lib/containerd/sock" "$@"
}

# pull IMAGE: into that containerd, with overlayfs where it can lie over this directory, else copies;
# in_container CMD...: as run, in a fresh container of the image that was pulled last
pull()
{
	_image=$1
	for _snapshotter in overlayfs native; do
		engine image pull --plain-http --snapshotter $_snapshotter "$1" >"$tmp/.lib/pull" 2>&1 &&
			return 0
	done
	sed 's/^/# /' "$tmp/.lib/pull" >&9
	return 1
}

_containers=0
in_container()
{
	_containers=$((_containers + 1))
	run engine run --rm --snapshotter "$_snapshotter" "$_image" "c$$-$_containers" \
		"$@"
}

# start_image: the own command of the image that was pulled last, in a container with a network of its
# own, where no port is anybody else's; inside CMD...: in that network; end_image
start_image()
{
	engine run -d --snapshotter "$_snapshotter" "$_image" "c$$-image" >"$tmp/.lib/run" 2>&1 ||
		sed 's/^/# /' "$tmp/.lib/run" >&9
	_image_pid=$(engine task list | awk -v c="c$$-image" '$1 == c { print $2 }')
	# containerd leaves the loopback interface down, and the image's user may not raise it.
	inside "$PYTHON" -S -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1))'
}

inside()
{
	nsenter -t "$_image_pid" -n "$@"
}

end_image()
{
	engine task kill -s KILL "c$$-image" >/dev/null 2>&1 || true
	wait_for 10 sh -c "! kill -0 $_image_pid"
	engine container delete "c$$-image" >/dev/null 2>&1 || true
}

# start_dockerd [DRIVER]: a docker engine of this test's own, which containers leave only by volumes; its
# layers lie as DRIVER has them (vfs).  Returns 1, with the reason in $no_engine, where there cannot be
# one.
start_dockerd()
{
	no_engine=''
	if ! have dockerd || ! have docker || [ "$(id -u)" != 0 ]; then
		no_engine="no docker engine, or not root"
		return 1
	fi
	export DOCKER_HOST=unix://$tmp/.lib/docker.sock
	dockerd --data-root "$tmp/.lib/docker" --exec-root "$tmp/.lib/docker.run" \
		-p "$tmp/.lib/docker.pid" -H "$DOCKER_HOST" --iptables=false --ip6tables=false \
		--bridge=none --storage-driver="${1:-vfs}" >"$tmp/.lib/docker.log" 2>&1 </dev/null &
	_pids+=("$!")
	if ! wait_for 15 docker version; then
		no_engine="dockerd does not start: $(tail -n 1 "$tmp/.lib/docker.log")"
		return 1
	fi
}

# start_podman: podman, spoken to by that name, with a store of this test's own, whose layers overlayfs
# merges.  Returns 1, with the reason in $no_engine, where there cannot be one.
start_podman()
{
	no_engine=''
	if [ "$(id -u)" != 0 ]; then
		no_engine="podman's overlay needs root"
	elif ! have podman || ! have runc; then
		no_engine="no podman or no runc"
	fi
	[ -z "$no_engine" ] || return 1
	export CONTAINERS_CONF=$tmp/.lib/containers.conf
	printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' >"$CONTAINERS_CONF"
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$tmp/.lib/policy.json"
	_podman_run=$(mktemp -d /tmp/ohc-podman.XXXXXX) # of 50 bytes at most, says podman
	_dirs+=("$_podman_run")
	if ! podman info >"$tmp/.lib/podman.log" 2>&1; then
		no_engine="podman does not start: $(tail -n 1 "$tmp/.lib/podman.log")"
		return 1
	fi
}

podman()
{
	command podman --root "$tmp/.lib/podman" --runroot "$_podman_run" \
		--tmpdir "$tmp/.lib/podman.tmp" --storage-driver overlay \
		--runtime "$(command -v runc)" "$@"
}

# ---- images ----

# make_layout DIR[:TAG] OPTIONS...: see tests/make_layout.py
make_layout()
{
	py "$top/tests/make_layout.py" "$@"
}

# put_layout DIR[:TAG] HOST/REPO:TAG: puts the very bytes of a layout into a registry
put_layout()
{
	py "$top/tests/put_layout.py" "$@"
}

# image digest|manifest|config NAME, image layer N NAME: see tests/show_image.py; nothing where there
# is no such image
image()
{
	py "$top/tests/show_image.py" "$@" 2>"$tmp/.lib/image" ||
		echo "# image $*: $(tail -n 1 "$tmp/.lib/image")" >&9
}

# layer_owners N NAME: whose the entries of that layer are, as UID/GID
layer_owners()
{
	image layer "$1" "$2" | tar --numeric-owner -tvf - | awk '{ print $2 }' | sort -u
}

# put_manifest FILE HOST/REPO:TAG: that very manifest or index into a registry
put_manifest()
{
	local repo=${2%:*}

	curl -sf -o /dev/null -X PUT -H "Content-Type: $(json 'j["mediaType"]' "$1")" --data-binary "@$1" \
		"http://${repo%%/*}/v2/${repo#*/}/manifests/${2##*:}"
}

# unpack_image oci:DIR:TAG DIR: its layers, one over the other, whoever their files are for
unpack_image()
{
	local digest dir=${1#oci:}

	mkdir -p "$2"
	for digest in $(image manifest "$1" | json '" ".join(l["digest"][7:] for l in j["layers"])' /dev/stdin); do
		tar -xf "${dir%:*}/blobs/sha256/$digest" -C "$2"
	done
}

# umoci_unpack DIR:TAG BUNDLE: its merged tree in BUNDLE/rootfs, with owners where we may give them.  A
# failure is told in the case, and is the status.
umoci_unpack()
{
	local rootless=(--rootless)

	[ "$(id -u)" != 0 ] || rootless=()
	chmod -R u+rwx "$2" 2>/dev/null || true
	rm -rf "$2"
	umoci unpack ${rootless[@]+"${rootless[@]}"} --image "$1" "$2" >umoci.log 2>&1 || {
		fail "umoci: $(tail -n 1 umoci.log)"
		return 1
	}
}

# compare_trees SHOULD IS OPTIONS...: see tests/compare_trees.py
compare_trees()
{
	py "$top/tests/compare_trees.py" "$@"
}

# closed_port: a port of 127.0.0.1 where nothing listens
closed_port()
{
	py -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# wait_for SECONDS CMD...: until it succeeds
wait_for()
{
	local i n=$(($1 * 20))

	shift
	for ((i = 0; i < n; i++)); do
		if (trap - ERR; "$@") >/dev/null 2>&1; then
			return 0
		fi
		sleep 0.05
	done
	echo "# waited in vain for: $*" >&9
	return 1
}

# busybox_rootfs DIR: a root file system with a shell and little else
busybox_rootfs()
{
	local bb applet lib

	bb=$(command -v busybox) || skip_all "no busybox"
	mkdir -p "$1"/{bin,etc,dev,proc,sys,root,usr/bin,home,var}
	mkdir -m 1777 "$1/tmp"
	install -m 755 "$bb" "$1/bin/busybox"
	# Debian's is static; another one brings its libraries.
	{ ldd "$bb" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r lib; do
		install -D -m 755 "$lib" "$1$lib"
	done || true
	for applet in $("$bb" --list); do
		[ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' \
		>"$1/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$1/etc/group"
	(umask 077 && printf 'root:*:19000:0:99999:7:::\n' >"$1/etc/shadow")
	printf 'NAME=busybox\nID=busybox\n' >"$1/etc/os-release"
}

# The config of a base as such images have it.
BASE_CONFIG='{"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "Cmd": ["/bin/sh"], "WorkingDir": "/"}'

# make_busybox_base DIR[:TAG] [OPTIONS]: a layout with the above as its only layer
make_busybox_base()
{
	local name=$1

	shift
	[ -d "$tmp/.lib/busybox" ] || busybox_rootfs "$tmp/.lib/busybox"
	make_layout "$name" --layer "$tmp/.lib/busybox" --config "$BASE_CONFIG" "$@"
}

# alpine_tar [ARCH [VERSION]]: an Alpine root file system, of 3.2x if none is named (3.12.12), from beside the
# source tree or what tests/e2e/lib/inputs fetched, if there is one
alpine_tar()
{
	local f dir name=alpine-minirootfs-${2:-3.2?.*}-${1:-x86_64}.tar.gz

	for dir in "${OHC_SHARED:-$top/../shared}/bases" ${E2E_CACHE:+"$E2E_CACHE"}; do
		for f in "$dir"/$name; do
			if [ -e "$f" ]; then
				echo "$f"
				return 0
			fi
		done
	done
	return 1
}

# debian_tar SUITE [PACKAGE,...]: the path of a bootstrapped Debian with these packages, made once, in $debian;
# returns 1, with the reason in $no_debian, where there cannot be one.  What mmdebstrap takes over from this
# machine is not in it.  A mirror that is behind has a sid that is signed, but no longer valid: it will do.
debian_tar()
{
	# shellcheck disable=SC2016
	_debian "debian-$1${2:+-${2//,/-}}" "$1" --variant=minbase --include="${2:-python3-minimal}" \
		--dpkgopt=force-unsafe-io --customize-hook='cd "$1" && rm -rf etc/resolv.conf etc/hostname var/lib/apt/lists \
			etc/apt/apt.conf.d/99mmdebstrap etc/dpkg/dpkg.cfg.d/99mmdebstrap'
}

# debian_files SUITE PACKAGE,...: the same of the files of these packages and of what they need, not installed: much
# sooner made, without what their scripts make, as alternatives
debian_files()
{
	_debian "files-$1-${2//,/-}" "$1" --mode=chrootless --variant=extract --include="base-files,libc-bin,$2"
}

_debian()
{
	local dir=${E2E_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ohcompose-e2e} name=$1 suite=$2 kept

	shift 2
	[ ${#name} -le 200 ] || name=${name:0:150}-$(sha256sum <<<"$name" | cut -c-16)
	kept=$dir/$name.tar
	no_debian="no mmdebstrap"
	if [ ! -e "$kept" ]; then
		have mmdebstrap || return 1
		mkdir -p "$dir"
		timeout 600 mmdebstrap --quiet "$@" --aptopt='Acquire::Check-Valid-Until "false"' \
			"$suite" "$kept.$$.tar" >"$tmp/.lib/mmdebstrap" 2>&1 || {
			no_debian="mmdebstrap cannot make it: $(grep -E '^E: |dpkg: error' "$tmp/.lib/mmdebstrap" | head -n 1)"
			rm -f "$kept.$$.tar"
			return 1
		}
		mv "$kept.$$.tar" "$kept"
	fi
	debian=$kept
}

# keep_libraries: a make(1) of what is released, from here on, is nobody's child, and what the static program
# is linked from, which takes minutes, is kept with the other inputs of such tests
keep_libraries()
{
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SOURCE_DATE_EPOCH LDFLAGS CFLAGS CC
	export DIST_CACHE=${DIST_CACHE:-${E2E_CACHE:-$XDG_CACHE_HOME}/dist}
}

# make_base DIR[:TAG] [OPTIONS]: Alpine where it is to be had, else busybox
make_base()
{
	local name=$1 tar

	shift
	if tar=$(trap - ERR; alpine_tar); then
		make_layout "$name" --layer "$tar" --config "$BASE_CONFIG" "$@"
	else
		make_busybox_base "$name" "$@"
	fi
}

# load_base REPO[:TAG] [OPTIONS]: make_base into $REGISTRY
load_base()
{
	local name=$1 dir

	shift
	[[ $name == *:* ]] || name=$name:latest
	dir=$(mktemp -d "$tmp/.lib/base.XXXXXX")
	make_base "$dir:base" "$@"
	put_layout "$dir:base" "$REGISTRY/$name"
}

# small_payload DIR: a tree with a program, a script, links and a file or two
small_payload()
{
	mkdir -p "$1/bin" "$1/share/data"
	install -m 755 "$(command -v busybox)" "$1/bin/tool"
	printf '#!/bin/sh\necho "payload speaks"\nid -u\nid -g\npwd\n' >"$1/bin/hello"
	chmod 755 "$1/bin/hello"
	ln "$1/bin/hello" "$1/bin/hello-again"
	ln -s hello "$1/bin/hi"
	ln -s tool "$1/bin/oh-action-execution-server" # what the profile starts
	head -c 100000 /dev/zero | tr '\0' 'x' >"$1/share/data/x"
	: >"$1/share/data/empty"
	find "$1" -exec touch -h -d '2024-02-03 04:05:06 UTC' {} +
}

# ---- merged trees ----

# judge_tree DIR:TAG: the merged tree of an image in a layout is what umoci unpacks to bundle/rootfs, as
# the library has it and as inspect prints it
judge_tree()
{
	local driver

	driver=$(dirname "$OHC")/tests/integration/peek_driver
	umoci_unpack "$1" bundle || return 0
	"$driver" "${1%:*}" "${1##*:}" >tree || fail "the tree cannot be had"
	expect_true py "$top/tests/compare_rootfs.py" bundle/rootfs <tree
	"$OHC" inspect -q --tree --json --no-cache "oci:$1" >tree || fail "the tree cannot be shown"
	expect_true py "$top/tests/compare_rootfs.py" --json bundle/rootfs <tree
}

# judge_listing DIR:TAG: as judge_tree, and the lines for people are what find(1) says of it
judge_listing()
{
	local owner='%U:%G'

	judge_tree "$1"
	[ "$(id -u)" = 0 ] || owner=0:0
	"$OHC" inspect -q --tree --no-cache "oci:$1" | tail -n +2 | tr -s ' ' |
		sed -E 's/^([^ ]+ [^ ]+ [^ ]+) [0-9]+ /\1 /' | LC_ALL=C sort >is
	find bundle/rootfs -mindepth 1 \( -type f -printf "%M $owner %s /%P\n" -o \
		-type l -printf "%M $owner - /%P -> %l\n" -o -printf "%M $owner - /%P\n" \) |
		tr -s ' ' | LC_ALL=C sort >should-be
	[ "$(id -u)" = 0 ] || sed -i -E 's/ [0-9]+:[0-9]+ / 0:0 /' is
	expect_true diff should-be is
}

# layers NAME SOURCE...: NAME:1, a layout with an image of these layers
layers()
{
	local name=$1 l args=()

	shift
	for l in "$@"; do
		args+=(--layer "$l")
	done
	rm -rf "$name"
	make_layout "$name:1" "${args[@]}" >/dev/null
}
