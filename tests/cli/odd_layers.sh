#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Layers as other tools write them, each of which every engine takes.
. "$(dirname "$0")/../lib.sh"

# tar_of FILE SCRIPT: a tar that a Python script makes; `add(name, type=, data=, mode=, link=, pax=)`
tar_of()
{
	py - "$1" "$2" <<-'END'
	import io, sys, tarfile
	out = tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT)
	def add(name, type=tarfile.REGTYPE, data=b"", mode=0o644, link="", pax={}):
	    info = tarfile.TarInfo(name)
	    info.type, info.mode, info.linkname, info.pax_headers = type, mode, link, pax
	    info.size = len(data)
	    out.addfile(info, io.BytesIO(data))
	exec(sys.argv[2])
	out.close()
	END
}

# same_tree NAME OTHER: both images have the same merged tree
same_tree()
{
	run "$OHC" inspect --tree "oci:$1"
	expect_status 0
	expect_eq "$out" "$("$OHC" inspect --tree "oci:$2")" "tree of $1"
}

t "names are bytes: composed and decomposed ones are two files"
tar_of names.tar 'add("e\u0301/x", data=b"1"); add("\u00e9/x", data=b"22"); add("\uac00"); add("\u1100\u1161")
add("to", tarfile.SYMTYPE, link="e\u0301/x"); add("hard", tarfile.LNKTYPE, link="e\u0301/x")'
make_layout l:names --layer names.tar >/dev/null
for locale in C C.UTF-8; do
	run env LC_ALL=$locale "$OHC" inspect --tree --json --no-cache oci:l:names
	expect_status 0
	expect_eq "$(json '[f["path"].encode("unicode_escape").decode() for f in j]')" \
		'["/", "/e\\u0301", "/e\\u0301/x", "/hard", "/to", "/\\xe9", "/\\xe9/x", "/\\u1100\\u1161", "/\\uac00"]'
	expect_eq "$(json '[f["target"].encode("unicode_escape").decode() for f in j if "target" in f]')" \
		'["e\\u0301/x"]'
	expect_eq "$(json '[f["size"] for f in j if f["path"][-2:] == "/x" or f["path"] == "/hard"]')" '[1, 1, 2]'
done

t "ACLs leave the mode as the header has it"
tar_of acls.tar 'add("a", mode=0o674, pax={"SCHILY.acl.access":
    "user::rw-,user:1000:rwx,group::---,mask::rwx,other::r--"})
add("b", mode=0o750, pax={"SCHILY.acl.access": "user::rw-,group::---,other::---"})
add("c", tarfile.DIRTYPE, mode=0o2775, pax={"SCHILY.acl.default": "user::rwx,group::---,other::---"})
add("d", tarfile.DIRTYPE, mode=0o1777, pax={"SCHILY.acl.access": "user::r--,group::r--,other::---",
    "SCHILY.xattr.user.x": "y"})'
make_layout l:acls --layer acls.tar >/dev/null
run "$OHC" inspect --tree oci:l:acls
expect_out '^-rw-rwxr-- .* /a$'
expect_out '^-rwxr-x--- .* /b$'
expect_out '^drwxrwsr-x .* /c$'
expect_out '^drwxrwxrwt .* /d$'

seq 20000 >text
tar_of plain.tar 'add("text", data=open("text", "rb").read()); add("empty")
add("d", tarfile.DIRTYPE, mode=0o755); add("d/last", data=b"x" * 700)'
make_layout l:plain --layer plain.tar >/dev/null

t "nor where the map of a sparse file stands between the header and the data"
tar_of sparse.tar 'add("s", mode=0o674, data=b"1\n0\n3\n".ljust(512, b"\0") + b"abc", pax={"GNU.sparse.major": "1",
    "GNU.sparse.minor": "0", "GNU.sparse.name": "s", "GNU.sparse.realsize": "1000",
    "SCHILY.acl.access": "user::rw-,user:1000:rwx,group::---,mask::rwx,other::r--"})'
make_layout l:sparse --layer sparse.tar >/dev/null
run "$OHC" inspect --tree oci:l:sparse
expect_status 0
expect_out '^-rw-rwxr-- .* /s$'

t "a tar without its last padding and its end"
# end_of TAR: where the data of its last file ends
end_of()
{
	py -c 'import sys, tarfile
m = tarfile.open(sys.argv[1]).getmembers()[-1]
print(m.offset_data + m.size)' "$1"
}
size=$(end_of plain.tar)
for n in "$size" $((size + 1)) $(((size + 511) / 512 * 512)) $(((size + 511) / 512 * 512 + 512)); do
	head -c "$n" plain.tar >"short-$n.tar"
	for how in none gzip zstd; do
		make_layout "l:short-$how" --layer "short-$n.tar" --compression $how >/dev/null
		same_tree "l:short-$how" l:plain
		expect "$OHC" verify "oci:l:short-$how"
	done
done
tar cf whole.oci.tar -C l .
head -c "$(end_of whole.oci.tar)" whole.oci.tar >short.oci.tar
gzip -k short.oci.tar
for archive in short.oci.tar short.oci.tar.gz; do
	run "$OHC" copy oci-archive:$archive:plain oci:from-$archive:x
	expect_status 0
done

t "a tar that is cut within a file is none"
for n in 300 $((size - 1)) $((size - 600)); do
	head -c $n plain.tar >cut.tar
	make_layout l:cut --layer cut.tar >/dev/null
	run "$OHC" inspect --tree --no-cache oci:l:cut
	expect_message 3 'is not a valid tar'
done

t "what umoci inserts"
if ! have umoci; then
	skip "no umoci"
else
	cp -r l u
	mkdir new
	seq 100 >new/file
	expect umoci insert --rootless --image u:plain new /d/new
	run "$OHC" inspect --tree oci:u:plain
	expect_status 0
	expect_out ' 1 /d/new/file$'
	expect "$OHC" verify oci:u:plain
fi

t "layers of no bytes at all"
: >nothing.tar
for how in none gzip zstd; do
	make_layout "l:nothing-$how" --layer plain.tar --layer nothing.tar --compression $how >/dev/null
	same_tree "l:nothing-$how" l:plain
	expect "$OHC" verify "oci:l:nothing-$how"
done

t "every field that a gzip header may have"
for flags in 1 2 4 8 16 31; do
	py - $flags <<-'END'
	import gzip, struct, sys, zlib
	flags = int(sys.argv[1])
	with open("plain.tar", "rb") as f:
	    packed = gzip.compress(f.read(), 6, mtime=0)
	head = packed[:3] + bytes([flags]) + packed[4:10]
	if flags & 4:
	    head += struct.pack("<H", 65535) + b"A" * 65535
	if flags & 8:
	    head += b"layer.tar" * 20000 + b"\0"
	if flags & 16:
	    head += b"a comment\0"
	if flags & 2:
	    head += struct.pack("<H", zlib.crc32(head) & 0xffff)
	with open("header.tar.gz", "wb") as f:
	    f.write(head + packed[10:])
	END
	make_layout l:header --keep --layer header.tar.gz >/dev/null
	same_tree l:header l:plain
	expect "$OHC" verify oci:l:header
done

t "nothing is used before it is set"
if ! have valgrind; then
	skip "no valgrind"
elif [ -n "${SANITIZE:-}" ]; then
	skip "valgrind runs no program with a sanitizer"
elif is_static "$OHC"; then
	skip "valgrind does not know the string functions of a static program"
else
	expect valgrind -q --error-exitcode=9 "$OHC" inspect --tree --no-cache oci:l:header
	expect valgrind -q --error-exitcode=9 "$OHC" inspect --tree --no-cache oci:l:short-gzip
fi

finish
