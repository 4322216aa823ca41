# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The bases that payloads are laid on, for `on` (engine.sh).

ALL_BASES='bullseye bookworm trixie sid alpine alpine312 alpine36 busybox empty cuda rpm'

# base_layers BASE: directories and tars of its layers, a line each; fails with the reason on standard output
base_layers()
{
	case $1 in
	alpine) alpine_of 3.20.3 ;;
	alpine312) alpine_of 3.12.12 ;;
	alpine36) alpine_of 3.6.5 ;;
	busybox)
		[ -d "$tmp/busybox" ] || busybox_rootfs "$tmp/busybox"
		echo "$tmp/busybox"
		;;
	empty)
		mkdir -p "$tmp/empty"
		echo "$tmp/empty"
		;;
	cuda)
		base_layers bookworm || return 1
		cuda_layer "$tmp/cuda"
		echo "$tmp/cuda"
		;;
	rpm)
		base_layers bookworm >"$tmp/bookworm" || {
			cat "$tmp/bookworm"
			return 1
		}
		[ -d "$tmp/rpm" ] || rpm_rootfs "$tmp/rpm" "$(cat "$tmp/bookworm")"
		echo "$tmp/rpm"
		;;
	*)
		debian_tar "$1" || {
			echo "$no_debian"
			return 1
		}
		echo "$debian"
		;;
	esac
}

# alpine_of VERSION: as base_layers
alpine_of()
{
	alpine_tar x86_64 "$1" || {
		echo "Alpine $1 $(why "alpine-minirootfs-$1-x86_64.tar.gz")"
		return 1
	}
}

base_config()
{
	case $1 in
	cuda) echo '{"Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LD_LIBRARY_PATH=/usr/local/cuda/lib64"]}' ;;
	*) echo "$BASE_CONFIG" ;;
	esac
}

# As images of CUDA are: a list of libraries in the environment, with one that a payload has, too.  It is none,
# so that whoever loads it does not start.
cuda_layer()
{
	mkdir -p "$1/usr/local/cuda/lib64"
	echo "of another world" >"$1/usr/local/cuda/lib64/libstdc++.so.6"
}

# As Fedora and its kin are: libraries in /usr/lib64, no cache of them, accounts that are asked of sssd first.
rpm_rootfs()
{
	mkdir "$1"
	tar --numeric-owner -C "$1" -xf "$2"
	mv "$1"/usr/lib/x86_64-linux-gnu/* "$1/usr/lib64/"
	rmdir "$1/usr/lib/x86_64-linux-gnu"
	ln -s ../lib64 "$1/usr/lib/x86_64-linux-gnu"
	rm -rf "$1/etc/ld.so.cache" "$1/var/lib/dpkg"
	printf '%s: sss files systemd\n' passwd group >"$1/etc/nsswitch.conf"
	printf 'ID=fedora\nPRETTY_NAME="as an RPM-based one"\n' >"$1/usr/lib/os-release"
}
