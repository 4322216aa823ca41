#!/usr/bin/env bash
# time limit: 900
# SPDX-License-Identifier: Apache-2.0
# Change one input, and the result changes: what is remembered of payloads and of checks is never given
# for anything else.  The judge is the same command without a cache.
. "$(dirname "$0")/../lib.sh"

make_busybox_base bases:1 >/dev/null
small_payload tree
mkdir -p tree/dir/empty
echo 'print(1)' >tree/dir/module.py
touch -d '2030-01-01' tree/share/data/empty # as from a machine whose clock is wrong
tar -C tree -cf tree.tar .
mkdir -p image/openhands
cp -a tree/. image/openhands/
touch image/more
tar -C image -cf image.tar openhands more
make_layout images:1 --layer image.tar >/dev/null

# Files that were written moments ago are not remembered.
at_rest()
{
	sleep 4
}

cache=(--cache "$tmp/cache")

# the_layers ROLE COMMAND...: as "DIGEST MEDIA-TYPE"
the_layers()
{
	local role=$1

	shift
	run "$OHC" "$1" -q --json "${cache[@]}" "${@:2}"
	[ "$status" = 0 ] || _fail "failed: $*" >&9
	json "[l['digest'] + ' ' + l['mediaType'] for l in j['layers'] if l['role'] == '$role']"
}

pushed()
{
	the_layers payload push --no-check --profile none "$@" oci:bases:1 oci:out:x
}

adapted()
{
	the_layers adapter push --no-check --payload tree "$@" oci:bases:1 oci:out:x
}

packed()
{
	the_layers payload pack "$@" oci:packed:x
}

found()
{
	run "$OHC" check -v --json "${cache[@]}" "$@"
	[[ $status =~ ^[07]$ ]] || _fail "check failed: $*" >&9
	echo "$out"
}

# known COMMAND ARGUMENT...: it is what an empty cache would give, and stays so when it is known; into $is
known()
{
	local cache=("${cache[@]}") without

	is=$("$@")
	expect_eq "$("$@")" "$is" "once more: $*"
	cache=(--no-cache)
	without=$("$@")
	expect_eq "$is" "$without" "with a cache, and without: $*"
}

# differs COMMAND ARGUMENT...: the same, and it is not $before
differs()
{
	known "$@"
	[ "$is" != "$before" ] || fail "it is what it was before: $*"
}

at_rest
for payload in tree tree.tar oci:images:1; do
	t "the layer of $payload by each option that it depends on"
	what=(--payload "$payload:/openhands")
	known pushed "${what[@]}"
	before=$is
	run "$OHC" push -q --json --no-check --profile none "${cache[@]}" "${what[@]}" oci:bases:1 oci:out:x
	expect_eq "$(json 'j["bytes"]["read"]')" 0 "bytes that are read of what is known"
	for options in "--owner 5:0" "--owner 0:5" "--compression zstd" "--compression none" \
		"--compression-level 9" --mtime=epoch; do
		# shellcheck disable=SC2086
		SOURCE_DATE_EPOCH=1000 differs pushed $options "${what[@]}"
	done
	SOURCE_DATE_EPOCH=1000 differs pushed --mtime clamp "${what[@]}"
	before=$is
	SOURCE_DATE_EPOCH=2000 differs pushed --mtime clamp "${what[@]}"
	expect "$OHC" verify -q oci:out:x
done

t "a directory, and a tar, somewhere else"
for payload in tree tree.tar; do
	known pushed --payload "$payload:/openhands"
	before=$is
	differs pushed --payload "$payload:/elsewhere"
	differs pushed --payload "$payload:/openhands/below"
done

t "a packed layer by each option that it depends on"
known packed tree
before=$is
for options in "--owner 5:1000" "--owner 1000:5" "--compression zstd" "--compression none" \
	"--compression-level 9" "--prefix /elsewhere" "--mtime epoch"; do
	# shellcheck disable=SC2086
	SOURCE_DATE_EPOCH=1000 differs packed $options tree
done

# Each change leaves all else as it was, sizes and times too.
same_time()
{
	local stamp=$1

	shift
	touch -h -r "$stamp" stamp
	"$@"
	touch -h -r stamp "$stamp"
}
change_content() { same_time "$1/bin/hello" sed -i s/speaks/squeak/ "$1/bin/hello"; }
change_mode() { chmod 700 "$1/dir/module.py"; }
change_dir_mode() { chmod 700 "$1/dir"; }
change_time() { touch -d 2001-02-03 "$1/dir/module.py"; }
change_dir_time() { touch -d 2001-02-03 "$1/dir/empty"; }
change_name() { same_time "$1/dir" mv "$1/dir/module.py" "$1/dir/modulo.py"; }
change_link() { same_time "$1/bin" ln -sfn tool "$1/bin/hi"; }
change_xattr() { setfattr -n user.x -v y "$1/dir/module.py"; }
change_dir_xattr() { setfattr -n user.x -v y "$1/dir"; }
change_names_of_a_file() { same_time "$1/bin" cp -a --remove-destination "$1/bin/hello" "$1/bin/hello-again"; }
change_kind() { same_time "$1/dir" sh -c 'rmdir "$0/empty" && : >"$0/empty"' "$1/dir"; }
change_more() { same_time "$1/dir/empty" touch "$1/dir/empty/x"; }
change_less() { same_time "$1/share/data" rm "$1/share/data/x"; }

changes=(content mode dir_mode time dir_time name link names_of_a_file kind more less)
touch stamp
if have setfattr && setfattr -n user.test -v x stamp 2>/dev/null; then
	changes+=(xattr dir_xattr)
fi
for c in "${changes[@]}"; do
	cp -a tree "of-$c"
	cp -a tree.tar "of-$c.tar"
done
at_rest
declare -A was=()
for c in "${changes[@]}"; do
	was[$c]=$(pushed --payload "of-$c:/openhands")
	was[packed-$c]=$(packed "of-$c")
done
was[tar]=$(pushed --payload of-content.tar:/openhands)
for c in "${changes[@]}"; do
	"change_$c" "of-$c"
done
same_time of-content.tar sed -i s/speaks/squeak/ of-content.tar

t "what changed moments ago is not taken for what it was"
for c in "${changes[@]}"; do
	before=${was[$c]}
	differs pushed --payload "of-$c:/openhands"
done
before=${was[tar]}
differs pushed --payload of-content.tar:/openhands

at_rest
for c in "${changes[@]}"; do
	t "nor what changed some time ago: ${c//_/ }"
	before=${was[$c]}
	differs pushed --payload "of-$c:/openhands"
	before=${was[packed-$c]}
	differs packed "of-$c"
done
t "nor a tar"
before=${was[tar]}
differs pushed --payload of-content.tar:/openhands

t "a file in the future is remembered as any other"
expect_true test "$(stat -c %Y tree/share/data/empty)" -gt "$(date +%s)"
for command in "push --no-check --payload tree oci:bases:1" "pack tree"; do
	# shellcheck disable=SC2086
	run "$OHC" ${command%% *} -q --json "${cache[@]}" ${command#* } oci:out:future
	# shellcheck disable=SC2086
	run "$OHC" ${command%% *} -q --json "${cache[@]}" ${command#* } oci:out:future
	expect_eq "$(json 'j["bytes"]["read"]')" 0 "bytes that are read"
done

t "an adapter is made anew for each account, workspace and base"
known adapted
before=$is
for options in "--account me:1000" "--account openhands:1001" "--account openhands:1000:1001" \
	"--account openhands:1000:1000:/srv/me" --no-account "--user 7:7" "--profile agent-server"; do
	# shellcheck disable=SC2086
	differs adapted $options
done

# check_of BASE OPTIONS...
check_of()
{
	local base=$1

	shift
	found "$@" "oci:$base"
}
make_busybox_base bare:1 >/dev/null
cp -a .lib/busybox blocked
touch blocked/workspace
make_layout blocked:1 --layer blocked --config "$BASE_CONFIG" >/dev/null
make_layout hidden:1 --layer .lib/busybox --config '{"Env": ["PATH=/bin"], "Volumes": {"/workspace": {}}}' >/dev/null
sed '0,/"name": "openhands"/s//"name": "another"/' "$top/layout/profiles/openhands.json" >named.json
sed 's,"workspace": \["/workspace"\],"workspace": ["/workspace"\, "/other"],' \
	"$top/layout/profiles/openhands.json" >workspace.json
cp -a tree denied
chmod 600 denied/share/data/x
at_rest

t "what a check found by each thing that it looks at"
known check_of bare:1 --payload tree
before=$is
differs check_of blocked:1 --payload tree
before=$is
differs check_of blocked:1 --payload tree --profile named.json
known check_of bare:1 --payload tree
before=$is
differs check_of hidden:1 --payload tree
differs check_of bare:1 --payload denied --owner 0:0
differs check_of bare:1 --payload tree --owner 5:5
differs check_of bare:1 --payload tree --no-account
differs check_of bare:1 --payload tree --account openhands:1001
differs check_of bare:1 --payload tree --env LD_PRELOAD=/x.so
differs check_of bare:1 --payload tree --cmd '["/nowhere"]'
differs check_of bare:1 --payload tree --user 12345
differs check_of bare:1 --payload tree:/elsewhere
differs check_of bare:1 --payload tree.tar:/elsewhere
differs check_of bare:1 --payload tree --profile workspace.json
differs check_of bare:1 --payload oci:images:1:/openhands --owner 6:6

t "what a check found of a tree that changed since"
cp -a tree checked
at_rest
known check_of bare:1 --payload checked
before=$is
rm checked/bin/oh-action-execution-server
differs check_of bare:1 --payload checked
at_rest
differs check_of bare:1 --payload checked

finish
