# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Functions for programs that are packed from a root, laid on bases that have none of them, and started there in
# roots of their own; above tests/lib.sh and bases.sh:
#
#	packed RECIPE [ROOT]		from debian/, or that root
#	composed RECIPE [OPTIONS]	the same, pushed onto the layout alpine:1 with these, unpacked to root/
#	enter UID SCRIPT		runs it there, as run
#	recipe_of LAUNCHERS COPIES PROGRAM...	a recipe
#	opened KIND RECIPE ROWS		packed from KIND/: on each base all rows of that file, a case and a cell each;
#					$place is a directory that each has, too
#
# E2E_CHECKS='gio*' takes only rows of such names.

TRIED='alpine busybox bullseye'

packed()
{
	rm -rf out
	expect "$OHC" pack -q --root "${2-debian}" --compression none "$1" oci:out:payload
}

# pushed BASE [OPTIONS]: onto it, unpacked to root/
pushed()
{
	rm -rf root
	expect "$OHC" push -q --check=warn --compression none --cmd '["/bin/sh"]' "${@:2}" \
		--payload oci:out:payload "oci:$1:1" oci:out:image
	unpack_image oci:out:image root
	json '"\n".join(j["config"]["Env"])' <(image config oci:out:image) >env
}

composed()
{
	packed "$1"
	pushed alpine "${@:2}"
}

enter()
{
	printf '%s\n' "$2" >root/script
	# shellcheck disable=SC2016
	run unshare -m --propagation private sh -c '
		mount -t proc proc root/proc && mount --rbind /dev root/dev && exec env -i "$@"' - \
		PATH=/usr/bin:/bin "$(command -v env)" $(cat env) HOME=/tmp TERM=xterm \
		"$(command -v chroot)" --userspec="$1:$1" root /bin/sh -e /script
}

# A row is a name, the user, what is run, and a pattern of what that says, if not that it needs something of the base.
opened()
{
	local base kind=$1 recipe=$2 rows=$3 layers name user script pattern

	has_rows "$rows" || return 0
	t "$kind: pack"
	packed "$recipe" "$kind"
	for base in ${E2E_BASES-$TRIED}; do
		t "$kind on $base: push"
		layers=$(trap - ERR; base_layers "$base") || {
			skip "$layers"
			continue
		}
		mapfile -t layers <<<"$layers"
		layers "on-$base" "${layers[@]}"
		pushed "on-$base" --profile none --env 'PATH=/openhands/bin:$PATH' --env LC_ALL=C.UTF-8
		rm -rf "on-$base"
		[ -z "${place-}" ] || cp -r "$place" root/
		echo 'someone:x:1000:1000::/tmp:/bin/sh' >>root/etc/passwd
		while IFS='^' read -r name user script pattern <&3; do
			is_wanted "$name" || continue
			t "$name on $base"
			enter "$user" "$script"
			if [[ $out == "needs "* ]]; then
				skip "it $out of the base"
			else
				expect_out "^$pattern"
			fi
			record_opened "$base" "$name" "$([ $_bad = 0 ] && echo "${_skip:+skipped: $_skip}" || echo no)"
		done 3<"$rows"
	done
}

# is_wanted NAME; has_rows ROWS: are there any such?
is_wanted()
{
	# shellcheck disable=SC2053
	[[ $1 == ${E2E_CHECKS:-*} ]]
}

has_rows()
{
	local name

	while IFS='^' read -r name _; do
		! is_wanted "$name" || return 0
	done <"$1"
	return 1
}

# record_opened BASE NAME WORD: a cell of the page
record_opened()
{
	local IFS=$'\t'

	[ -z "${E2E_RESULTS-}" ] || echo $'opened by name\topened\t'"$*" >>"$E2E_RESULTS"
}

# recipe_of LAUNCHERS COPIES PROGRAM...: programs of /usr/bin, or paths, with =LIBRARY for one that they open
recipe_of()
{
	local launchers=$1 copies=$2 programs

	shift 2
	programs=$(printf '%s\n' "$@" | sed 's|^[^/].*|/usr/bin/&|; s|.*|"&"|
		s|^\(.*\)=\(.*\)$|{ "from": \1", "dlopen": [ "\2 ] }|' | paste -sd ,)
	echo "{ \"profile\": \"none\", \"layers\": [ { \"name\": \"tools\", \"programs\": [ $programs ],
		\"copy\": [ $copies ] } ], \"launchers\": [ $launchers ] }"
}
