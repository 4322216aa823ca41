#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Thousands of tags: what it costs to read and write them grows with their number, and no faster.
. "$(dirname "$0")/../lib.sh"

mkdir tree
echo x >tree/f
make_layout lay:one --layer tree >/dev/null
make_layout lay:two --layer tree --config '{"User": "1"}' >/dev/null

# tags N: lay gets N tags of its two images
tags()
{
	py - "$1" <<-'END'
	import json, sys
	with open("lay/index.json") as f:
	    index = json.load(f)
	two = index["manifests"][:2]
	index["manifests"] = [dict(two[i % 2], annotations={"org.opencontainers.image.ref.name": "t%d" % i})
	                      for i in range(int(sys.argv[1]))]
	with open("lay/index.json", "w") as f:
	    json.dump(index, f)
	END
}

t "to and from each kind of place within a minute, where each tag cost a look at all others before"
tags 8000
for place in oci:layout oci-archive:oci.tar docker-archive:docker.tar:r/x; do
	run timeout 60 "$OHC" copy -q -a oci:lay $place
	expect_status 0
	expect_out_is "$place: 8000 tags"
	run timeout 60 "$OHC" copy -q -a $place oci:back
	expect_out_is "oci:back: 8000 tags"
	expect_eq "$("$OHC" inspect --tags oci:back | wc -l)" 8000 "tags out of $place"
	expect_eq "$(image digest oci:back:t4001)" "$(image digest oci:lay:t4001)" "t4001 out of $place"
	rm -r back
done

t "index.json is replaced some times, not once for each tag"
if ! can_trace; then
	skip "$no_trace"
else
	tags 1200
	run strace -f -o trace -e trace=rename,renameat,renameat2 "$OHC" copy -q -a oci:lay oci:few
	expect_out "1200 tags"
	expect_eq "$(grep -c 'index\.json"' trace)" 4 "an empty one, and then"
fi

t "a copy that fails leaves the tags that were set, and no other"
tags 1200
py - <<'END'
import json
with open("lay/index.json") as f:
    index = json.load(f)
bad = dict(index["manifests"][0], digest="sha256:" + "0" * 64)
for m in index["manifests"]:
    if m["annotations"]["org.opencontainers.image.ref.name"] == "t700":
        m["digest"] = bad["digest"]
with open("lay/index.json", "w") as f:
    json.dump(index, f)
END
run "$OHC" copy -q -a oci:lay oci:part
expect_message 4 "copy tag 't700'"
for tag in $("$OHC" inspect --tags oci:part | sed -n '1p;$p'); do
	expect "$OHC" verify -q "oci:part:$tag"
done
expect_eq "$(($("$OHC" inspect --tags oci:part | wc -l) % 500))" 0 "tags in some hundreds"

finish
