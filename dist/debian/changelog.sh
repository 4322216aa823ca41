#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Debian's changelog of a version: what CHANGELOG.md says of it, at its date.  A version that is not in
# there (yet) gets the date of the newest one that is.
#
# usage: dist/debian/changelog.sh VERSION CHANGELOG.md
set -eu
version=$1
day=$(sed -n "s/^## \[$version\] - //p" "$2")
[ -n "$day" ] || day=$(sed -n 's/^## \[[0-9].*\] - //p' "$2" | head -n 1)
cat <<EOF
ohcompose ($version) unstable; urgency=medium

  * Version $version; /usr/share/doc/ohcompose/changelog.gz says what is new.

 -- ohcompose maintainers <maintainers@ohcompose.example>  $(LC_ALL=C date -u -R -d "$day")
EOF
