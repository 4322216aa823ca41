#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A power cut at any moment leaves a layout that can be read: a name leads only to a file whose bytes were synced, index.json only to
# blobs whose names were, and what was reported as done has its own name synced.
. "$(dirname "$0")/../lib.sh"

can_trace || skip_all "$no_trace"
mkdir -p tree
seq 100000 >tree/text
make_layout src:one --layer tree >/dev/null
make_layout src:two --layer src >/dev/null

# traced CMD...: runs it and puts into $events what it did to names and files, one a line
traced()
{
	run strace -f -y -s 500 -o trace \
		-e trace=write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat "$@"
	expect_status 0
	py - trace >events <<-'END'
	import re, sys
	pending = {}
	for line in open(sys.argv[1]):
	    pid, _, call = line.partition(" ")
	    call = call.strip()
	    if call.endswith("<unfinished ...>"):
	        pending[pid] = call[:-len("<unfinished ...>")]
	        continue
	    call = re.sub(r"^<\.\.\. \w+ resumed>", lambda m: pending.pop(pid, ""), call)
	    if re.search(r"= -1 E", call):
	        continue
	    m = re.match(r"(p?write)(64)?\(\d+<([^>]*)>", call)
	    if m:
	        print("write", m.group(3))
	    m = re.match(r"f(data)?sync\(\d+<([^>]*)>", call)
	    if m:
	        print("sync", m.group(2))
	    m = re.match(r"rename(at2?)?\(.*\"([^\"]*)\", .*\"([^\"]*)\"", call)
	    if m:
	        print("rename", m.group(2), m.group(3))
	    m = re.match(r"mkdir(at)?\(.*\"([^\"]*)\"", call)
	    if m:
	        print("mkdir", m.group(2))
	END
}

# judge NAME...: the rules above hold of $events; each NAME was renamed to, and then its directory synced
judge()
{
	py - events "$@" >faults <<-'END'
	import os, sys
	top = os.path.realpath(".")
	full = lambda p: os.path.normpath(os.path.join(top, p))
	dirty, names, made, wanted = set(), set(), set(), {full(p) for p in sys.argv[2:]}
	for line in open(sys.argv[1]):
	    what, *paths = line.split()
	    paths = [full(p) for p in paths]
	    if "/.lib/" in paths[0]: # the cache may lose what it has
	        continue
	    if what == "write":
	        dirty.add(paths[0])
	    elif what == "sync":
	        dirty.discard(paths[0])
	        names = {n for n in names if os.path.dirname(n) != paths[0]}
	    elif what == "mkdir":
	        names.add(paths[0])
	        made.add(paths[0])
	    elif what == "rename":
	        old, new = paths
	        if old in dirty:
	            print("renamed before its bytes were synced:", new)
	        if new.endswith("/index.json"):
	            for n in sorted(names):
	                if "/blobs/" in n and n not in made: # the first index lists none
	                    print("index.json comes before the name of", n)
	        names.add(new)
	        wanted.discard(new)
	for n in sorted(names):
	    print("not synced in its directory:", n)
	for n in sorted(wanted):
	    print("never renamed to:", n)
	END
	[ ! -s faults ] || fail "$(cat faults)"
}

t "a new layout, below new directories"
traced "$OHC" copy oci:src:one oci:a/b/new:x
judge a/b/new/index.json a/b/new/oci-layout
expect_eq "$(grep -c '^rename .*/blobs/sha256/' events)" 3 "blobs that were written"

t "a layout that is there"
traced "$OHC" copy oci:src:two oci:a/b/new:y
judge a/b/new/index.json

t "push into a layout"
small_payload payload
traced "$OHC" push --no-check --payload payload oci:src:one oci:a/b/new:z
judge a/b/new/index.json

t "archives"
traced "$OHC" copy oci:src:one oci-archive:one.tar:x
judge one.tar
traced "$OHC" copy oci:src:one docker-archive:two.tar:x:1
judge two.tar

t "the judge sees what is lacking"
sed '/^sync .*\.ohcompose-tmp/d' events >less
mv less events
judge >/dev/null 2>&1 || true
expect_true grep -q 'renamed before its bytes were synced' faults
_bad=0

finish
