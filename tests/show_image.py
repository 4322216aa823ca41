#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Show a part of an image, without any of the code under test.

usage: show_image.py digest|manifest|config NAME
       show_image.py layer N NAME      the layer's tar, decompressed; N may be negative

NAME is HOST/REPO:TAG, HOST/REPO@DIGEST or oci:DIR[:TAG].  Of an index, `config` and `layer` take the
first entry.
"""

import hashlib
import json
import os
import subprocess
import sys

ACCEPT = ", ".join((
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
))


class Registry:
    def __init__(self, name):
        self.host, _, rest = name.partition("/")
        self.repo, at, self.ref = rest.partition("@")
        if not at:
            self.repo, _, self.ref = rest.partition(":")

    def get(self, kind, ref):
        import urllib.request  # which takes longer than all the rest, and a layout needs none

        url = f"http://{self.host}/v2/{self.repo}/{kind}/{ref}"
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": ACCEPT})) as r:
            return r.read()

    def manifest(self, ref=None):
        return self.get("manifests", ref or self.ref or "latest")

    def blob(self, digest):
        return self.get("blobs", digest)


class Layout:
    def __init__(self, name):
        self.root, _, self.tag = name.partition(":")

    def blob(self, digest):
        with open(os.path.join(self.root, "blobs", *digest.split(":")), "rb") as f:
            return f.read()

    def manifest(self, ref=None):
        if ref:
            return self.blob(ref)
        with open(os.path.join(self.root, "index.json")) as f:
            entries = json.load(f)["manifests"]
        name = "org.opencontainers.image.ref.name"
        found = [e for e in entries if not self.tag or e.get("annotations", {}).get(name) == self.tag]
        if len(found) != 1:
            sys.exit(f"{len(found)} entries for '{self.tag}' in {self.root}")
        return self.blob(found[0]["digest"])


def decompress(data):
    if data[:2] == b"\x1f\x8b":
        return subprocess.run(["gzip", "-dc"], input=data, stdout=-1, check=True).stdout
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dcq"], input=data, stdout=-1, check=True).stdout
    return data


def main():
    what, name = sys.argv[1], sys.argv[-1]
    place = Layout(name[4:]) if name.startswith("oci:") else Registry(name)
    manifest = place.manifest()
    if what == "digest":
        print("sha256:" + hashlib.sha256(manifest).hexdigest())
        return
    if what == "manifest":
        sys.stdout.buffer.write(manifest)
        return
    doc = json.loads(manifest)
    while "manifests" in doc:
        doc = json.loads(place.manifest(doc["manifests"][0]["digest"]))
    if what == "config":
        sys.stdout.buffer.write(place.blob(doc["config"]["digest"]))
    elif what == "layer":
        data = place.blob(doc["layers"][int(sys.argv[2])]["digest"])
        sys.stdout.buffer.write(decompress(data))
    else:
        sys.exit(f"what is {what}?")


if __name__ == "__main__":
    main()
