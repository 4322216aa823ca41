#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The comparison of trees sees every kind of difference.
. "$(dirname "$0")/../lib.sh"

small_payload one
cp -a one two

t "a copy does not differ"
expect compare_trees one two

# differs CHANGE PATTERN: the change, made to a copy, is seen
differs()
{
	rm -rf two
	cp -a one two
	(cd two && touch -r bin ../stamp && eval "$1" && touch -r ../stamp bin)
	expect_not compare_trees one two
	expect_out "$2"
}

t "every difference is seen"
differs 'rm share/data/x' "x': is not there"
differs ': >share/new' "new': should not be there"
differs 'printf y | dd of=share/data/x conv=notrunc 2>/dev/null; touch -r bin/hello share/data/x' \
	"x': content"
differs ': >share/data/x' "x': size"
differs 'chmod u+s bin/tool' "tool': mode"
differs 'touch -d 2001-01-01 share' "share': mtime"
differs 'ln -sf other bin/hi' "hi': target"
differs 'cp -p bin/hello x && mv x bin/hello-again' "hello-again': links"
differs 'rm bin/hi && mkfifo bin/hi' "hi': type"
if [ "$(id -u)" = 0 ]; then
	differs 'chown -h 1:2 bin/hi' "hi': owner"
fi
if have setfattr && setfattr -n user.x -v y two 2>/dev/null; then
	differs 'setfattr -n user.x -v y share/data/x' "x': xattrs"
fi

finish
