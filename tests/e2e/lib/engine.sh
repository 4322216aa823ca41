# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Functions that the scripts of this directory share, above tests/lib.sh.  Each packs one recipe, lays it on
# every base that is there, and looks at it in a real engine:
#
#	. "$(dirname "$0")/lib/engine.sh"
#	e2e NAME...			the recipes of layout/recipes/NAME, packed into a registry, each a payload
#	for base in $BASES; do
#		on "$base" || continue		composed, pulled; $image and in_image are its
#		check "a column's name" CMD...	the case passes when CMD does
#	done
#	finish
#
# A check is a case and a cell of docs/compatibility.md: each adds a line to $E2E_RESULTS, from which
# tests/e2e/lib/table makes the page.

. "$(dirname "${BASH_SOURCE[0]}")/../../lib.sh"
. "$top/tests/e2e/lib/bases.sh"
. "$top/tests/e2e/lib/checks.sh"

E2E_CACHE=${E2E_CACHE:?the directory that tests/e2e/lib/inputs fills}
E2E_RESULTS=${E2E_RESULTS:-$tmp/results}
BASES=${E2E_BASES:-$ALL_BASES}

limit=300 # seconds for each container; gVisor stops at each system call, and machines are busy

# record KIND WORD...: a line of $E2E_RESULTS
record()
{
	local IFS=$'\t'

	echo "$recipe"$'\t'"$*" >>"$E2E_RESULTS"
}

why()
{
	cat "$E2E_CACHE/$1.why" 2>/dev/null || echo "is not in $E2E_CACHE"
}

seconds()
{
	awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'
}

# packed NAME HOW: packs into $payload, and records for how long
packed()
{
	local begin=$EPOCHREALTIME

	run "$OHC" pack --root "$E2E_CACHE/$1" --json "$top/layout/recipes/$1/recipe.json" "$payload"
	[ "$status" = 0 ] || return 1
	record pack "$2" "$(seconds "$begin")" "$(json '"\t".join(str(j["bytes"][k]) for k in ("read", "uploaded"))')"
}

# record_layers [WHOSE]: what the payload's layers are called and how large they are
record_layers()
{
	local name size

	image manifest "$payload" >manifest.json
	image config "$payload" >config.json
	"$PYTHON" - manifest.json config.json >layers <<-'EOF'
	import json, sys
	m, c = (json.load(open(f)) for f in sys.argv[1:])
	names = json.loads(c["config"]["Labels"]["io.ohcompose.payload.components"])
	names = {v: k for k, v in names.items()}
	for l, d in zip(m["layers"], c["rootfs"]["diff_ids"]):
	    print(names.get(d, "?"), l["size"], sep="\t")
	EOF
	while IFS=$'\t' read -r name size; do
		record layer "${1:+$1 }$name" "$size"
	done <layers
}

# e2e RECIPE...: a registry, an engine, and the payloads in $payloads
e2e()
{
	for name; do
		[ -d "$E2E_CACHE/$name" ] || skip_all "$name's input $(why "$name")"
	done
	start_containerd || skip_all "$no_engine"
	start_registry
	pack_all "$@" || {
		finish
		exit 0
	}
}

# pack_all RECIPE...: what `on` composes then
pack_all()
{
	local name

	recipe=$*
	payloads=()
	push_options=()
	for name; do
		payload=$REGISTRY/payload/$name:1
		payloads+=("$payload")
		t "$name: pack"
		packed "$name" "${2+$name, }nothing known" || {
			_fail "cannot be packed"
			return 1
		}
		record_layers "${2+$name:}"
		t "$name: pack again: nothing is read"
		packed "$name" "${2+$name, }all known" || _fail "cannot be packed again"
	done
}

# on BASE: composes over it and pulls; $base, $image and in_container are for it.  1: it cannot be had
on()
{
	local layers begin

	base=$1
	t "$recipe on $base: push"
	if ! layers=$(trap - ERR; base_layers "$base"); then
		skip "$layers"
		record base "$base" "$layers"
		return 1
	fi
	mapfile -t layers <<<"$layers"
	make_layout "bases:$base" "${layers[@]/#/--layer=}" --config "$(base_config "$base")" >/dev/null
	put_layout "bases:$base" "$REGISTRY/$base:1"
	rm -rf bases
	image=$REGISTRY/${recipe// /-}/$base:1
	begin=$EPOCHREALTIME
	run "$OHC" push --json "${push_options[@]}" "${payloads[@]/#/--payload=}" "$REGISTRY/$base:1" "$image"
	if [ "$status" != 0 ]; then
		_fail "cannot be composed"
		record base "$base" "cannot be composed"
		return 1
	fi
	record push "$base" "$(seconds "$begin")" "$(json '"\t".join(str(j["bytes"][k]) for k in ("read", "uploaded"))')"
	expect_eq "$(json 'sorted({l["action"] for l in j["layers"] if l["role"] == "payload"})')" \
		'["mounted"]' "what was done with the payload's layers"
	pull "$image" || {
		_fail "the engine cannot pull it"
		record base "$base" "cannot be pulled"
		return 1
	}
}

# done_with_base: its image and snapshots leave the engine; they are large
done_with_base()
{
	engine image rm --sync "$image" >/dev/null 2>&1 || true
}

# in_image CMD...: as run, in a fresh container, with the machine's network
in_image()
{
	_containers=$((_containers + 1))
	run timeout -k 5 $limit ctr --address "$tmp/.lib/containerd/sock" run --rm --net-host \
		"${mounts[@]}" "${offline[@]}" --snapshotter "$_snapshotter" "$image" "c$$-$_containers" "$@"
}

# check COLUMN CMD...: a case, and a cell of the table.  E2E_CHECKS='files*' takes only columns of such names, besides
# whether a server answers, which others wait for; and "no" leaves all of them out.
check()
{
	local column=$1

	# shellcheck disable=SC2053
	[[ $column == ${E2E_CHECKS:-*} || ($column == "server answers" && $E2E_CHECKS != no) ]] || return 0
	shift
	t "$recipe on $base: $column"
	"$@"
	record check "$base" "$column" "$([ $_bad = 0 ] && echo "${_skip:+skipped: $_skip}" || echo no)"
}
