# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Apptainer for engines.sh, as an HPC machine's users have it: unprivileged, on a tree of their own.  It is Debian
# sid's, in a root of its own.
#
#	start_apptainer			once; 1, with the reason in $no_apptainer
#	apptainer_exec UID GID DIR [OPTION...] CMD...	in the tree and with the variables of bundle/, with
#					unpacked-payload/, if there is one, at /payload outside

start_apptainer()
{
	local id

	no_apptainer="no bwrap"
	have bwrap || return 1
	debian_tar sid apptainer || {
		no_apptainer=$no_debian
		return 1
	}
	mkdir "$tmp/apptainer"
	chmod 755 "$tmp/apptainer"
	tar -C "$tmp/apptainer" -xf "$debian"
	# It takes these over from where it runs, and wants to know who runs it.
	: >"$tmp/apptainer/etc/resolv.conf"
	echo '127.0.0.1 localhost' >"$tmp/apptainer/etc/hosts"
	for id in 1000 10001; do
		echo "u$id:x:$id:$id::/tmp:/bin/sh" >>"$tmp/apptainer/etc/passwd"
		echo "u$id:x:$id:" >>"$tmp/apptainer/etc/group"
	done
	mkdir "$tmp/apptainer/payload" "$tmp/apptainer/scratch"
}

apptainer_exec()
{
	local ids=(--reuid="$1" --regid="$2" --clear-groups) options=(--pwd "$3" --workdir /scratch) line binds=()

	# Its own /tmp has room for 64 MB.
	mkdir -p scratch
	chown "$1:$2" scratch
	shift 3
	while [[ $1 == --* ]]; do
		options+=("$1")
		shift
	done
	[ ! -d unpacked-payload ] || binds=(--bind unpacked-payload /payload)
	while IFS= read -r line; do
		printf '%s=%q\n' "${line%%=*}" "${line#*=}"
	done <bundle/env >bundle/env.sh
	chmod 755 bundle
	timeout -k 5 $limit bwrap --bind "$tmp/apptainer" / --dev-bind /dev /dev --bind /proc /proc --tmpfs /run \
		--bind bundle /mnt --bind scratch /scratch "${binds[@]}" --cap-add ALL setpriv "${ids[@]}" apptainer -s exec --cleanenv \
		--containall --no-home --env-file /mnt/env.sh "${options[@]}" /mnt/rootfs "$@"
}
