#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the archives of this directory again: image layouts with one thing wrong each.

cases.tsv says of each what is wrong, what refuses it and how.  The archives are kept in the tree, so
that a reader of them is tested on the very bytes; this script tells how they came to be.
"""

import gzip
import hashlib
import io
import json
import os
import struct
import tarfile

tarfile.RECORDSIZE = 512  # no padding up to 10 KiB
HERE = os.path.dirname(os.path.abspath(__file__))
OCI = "application/vnd.oci.image."
MANIFEST = OCI + "manifest.v1+json"
INDEX = OCI + "index.v1+json"
CONFIG = OCI + "config.v1+json"
LAYER = OCI + "layer.v1.tar"
MARKER = b'{"imageLayoutVersion":"1.0.0"}'


def sha(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def text(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def descriptor(media, data):
    return {"mediaType": media, "digest": sha(data), "size": len(data)}


def tar_layer(n=0):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo("file%d" % n)
        info.size = 5
        tar.addfile(info, io.BytesIO(b"hello"))
    return out.getvalue()


class Layout:
    """An image with everything right, to which something is then done."""

    def __init__(self, layers=1):
        self.files = {"oci-layout": MARKER}
        self.layers = [tar_layer(i) for i in range(layers)]
        self.config = {"architecture": "amd64", "os": "linux",
                       "rootfs": {"type": "layers", "diff_ids": [sha(b) for b in self.layers]}}
        self.manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                         "config": None,
                         "layers": [descriptor(LAYER, b) for b in self.layers]}
        self.set_config()
        self.index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}
        self.late = {}

    def set_config(self):
        data = text(self.config)
        self.manifest["config"] = descriptor(CONFIG, data)
        self.put(data)

    def put(self, data):
        self.files["blobs/sha256/" + sha(data)[7:]] = data

    def layer_path(self, i=0):
        return "blobs/sha256/" + sha(self.layers[i])[7:]

    def entry(self, data, media=MANIFEST, tag="x"):
        d = descriptor(media, data)
        d["annotations"] = {"org.opencontainers.image.ref.name": tag}
        return d

    def done(self, manifest=None, index=None, media=MANIFEST):
        data = text(self.manifest if manifest is None else manifest)
        for layer in self.layers:
            self.put(layer)
        self.put(data)
        if not self.index["manifests"]:
            self.index["manifests"] = [self.entry(data, media)]
        self.files["index.json"] = text(self.index if index is None else index)
        self.files.update(self.late)
        return {k: v for k, v in self.files.items() if v is not None}


def raw_tar(files):
    """files: (name, data) pairs, or (name, link target as str)"""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files:
            info = tarfile.TarInfo(name)
            if isinstance(data, str):
                info.type, info.linkname = tarfile.SYMTYPE, data
                tar.addfile(info)
            else:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def save(name, data):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def save_small(name, data):
    save(name, gzip.compress(data, 9, mtime=0))


def case(name, files):
    save(name + ".tar", raw_tar(sorted(files.items())))


def good():
    return Layout().done()


def changed(change, layers=1):
    layout = Layout(layers)
    result = change(layout)
    return layout.done() if result is None else result


def manifest_with(**members):
    layout = Layout()
    layout.manifest.update(members)
    return layout.done()


def index_with(raw=None, **members):
    layout = Layout()
    files = layout.done()
    index = dict(layout.index, **members)
    files["index.json"] = text(index) if raw is None else raw
    return files


def entry_with(**members):
    layout = Layout()
    files = layout.done()
    layout.index["manifests"][0].update(members)
    files["index.json"] = text(layout.index)
    return files


def layer_with(**members):
    layout = Layout()
    layout.manifest["layers"][0].update(members)
    return layout.done()


def without(*names):
    files = good()
    for name in names:
        del files[name]
    return files


def main():
    # The place itself.
    case("no-oci-layout", without("oci-layout"))
    case("no-index", without("index.json"))
    case("version-2", dict(good(), **{"oci-layout": b'{"imageLayoutVersion":"2.0.0"}'}))
    case("version-number", dict(good(), **{"oci-layout": b'{"imageLayoutVersion":1}'}))

    # JSON.
    case("index-not-json", index_with(raw=b"{schemaVersion: 2}"))
    case("index-behind", index_with(raw=text(Layout().index) + b"{}"))
    case("index-duplicate-key", index_with(raw=b'{"schemaVersion":2,"manifests":[],"manifests":[]}'))
    case("index-deep", index_with(raw=b'{"schemaVersion":2,"x":' + b"[" * 10000 + b"]" * 10000 +
                                  b',"manifests":[]}'))
    case("index-utf8", index_with(raw=b'{"schemaVersion":2,"x":"\xff\xfe","manifests":[]}'))
    case("manifest-not-json", changed(lambda l: l.done(b"hello")))
    case("manifest-duplicate-key", changed(lambda l: l.done(
        text(l.manifest)[:-1] + b',"layers":[]}')))
    case("manifest-deep", changed(lambda l: l.done(
        text(l.manifest)[:-1] + b',"x":' + b'{"a":' * 10000 + b"1" + b"}" * 10000 + b"}")))

    # Types and values.
    case("index-manifests-object", index_with(manifests={}))
    case("index-entry-string", index_with(manifests=["sha256:0"]))
    case("index-schema-1", index_with(schemaVersion=1))
    case("index-is-manifest", index_with(layers=[]))
    case("manifest-is-index", manifest_with(manifests=[]))
    case("manifest-neither", changed(lambda l: l.done({"schemaVersion": 2, "mediaType": MANIFEST})))
    case("manifest-layers-object", manifest_with(layers={}))
    case("manifest-layer-string", manifest_with(layers=["x"]))
    case("manifest-config-missing", manifest_with(config=None))
    case("manifest-wrong-type", manifest_with(mediaType=INDEX))
    case("manifest-schema-1", changed(lambda l: l.done(
        {"schemaVersion": 1, "name": "x", "tag": "x", "fsLayers": [], "history": []})))
    case("size-negative", layer_with(size=-1))
    case("size-2-63", layer_with(size=2 ** 63))
    case("size-fraction", layer_with(size=1.5))
    case("size-text", layer_with(size="5"))
    case("size-missing", layer_with(size=None))
    case("digest-capitals", layer_with(digest=sha(b"").upper().replace("SHA", "sha")))
    case("digest-dotdot", layer_with(digest="sha256:../../../../../etc/passwd"))
    case("digest-unknown", layer_with(digest="md5:d41d8cd98f00b204e9800998ecf8427e"))
    case("digest-short", layer_with(digest="sha256:abc"))
    case("digest-number", layer_with(digest=7))
    case("entry-digest-dotdot", entry_with(digest="sha256:../../oci-layout"))
    case("entry-size-2-63", entry_with(size=2 ** 63))
    case("media-type-line-break", layer_with(mediaType="text/plain\r\nX-Header: 1"))

    # Blobs that are not what was promised.
    layout = Layout()
    case("layer-short", dict(layout.done(), **{layout.layer_path(): layout.layers[0][:-1]}))
    case("layer-long", dict(layout.done(), **{layout.layer_path(): layout.layers[0] + b"x"}))
    case("layer-changed", dict(layout.done(), **{
        layout.layer_path(): layout.layers[0].replace(b"hello", b"hellO")}))
    case("layer-missing", {k: v for k, v in layout.done().items() if k != layout.layer_path()})
    case("layer-link-out", dict(layout.done(), **{
        layout.layer_path(): "../../../../../../../../etc/passwd"}))
    case("manifest-changed", dict(layout.done(), **{
        "blobs/sha256/" + sha(text(layout.manifest))[7:]: text(layout.manifest) + b" "}))
    case("entry-size-wrong", entry_with(size=5))
    layout = Layout()
    files = layout.done()
    other = text(dict(layout.manifest, annotations={"other": "1"}))
    files["blobs/sha256/" + sha(other)[7:]] = other
    layout.index["manifests"].append(layout.entry(other))
    files["index.json"] = text(layout.index)
    case("two-of-one-tag", files)

    # Only verify looks at these.
    def fewer(layout):
        layout.config["rootfs"]["diff_ids"] = []
        layout.set_config()
    case("diff-ids-fewer", changed(fewer))

    def wrong(layout):
        layout.config["rootfs"]["diff_ids"] = [sha(b"other")]
        layout.set_config()
    case("diff-ids-wrong", changed(wrong))

    # Too much.
    layout = Layout()
    files = layout.done(text(dict(layout.manifest, layers=layout.manifest["layers"] * 5000)))
    save_small("layers-5000.tar.gz", raw_tar(sorted(files.items())))
    layout = Layout()
    files = layout.done(text(layout.manifest) + b" " * (5 << 20))
    save_small("manifest-5-mib.tar.gz", raw_tar(sorted(files.items())))
    files = index_with(raw=b'{"schemaVersion":2,"manifests":[' + b"{}," * 2500000 + b"{}]}")
    save_small("index-many.tar.gz", raw_tar(sorted(files.items())))
    save_small("index-100-mib.tar.gz", raw_tar(sorted(dict(
        good(), **{"index.json": b" " * (100 << 20)}).items())))
    layout = Layout()
    data = text(layout.manifest)
    for _ in range(12):
        layout.put(data)
        media = MANIFEST if b"layers" in data and b"manifests" not in data else INDEX
        data = text({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(media, data)]})
    case("index-nested", layout.done(data, media=INDEX))

    # The archive.
    pairs = sorted(good().items())
    whole = raw_tar(pairs)
    save("entry-twice.tar", raw_tar(pairs + [pairs[0]]))
    save("entry-dotdot.tar", raw_tar(pairs + [("../escaped", b"x")]))
    save("entry-absolute.tar", raw_tar(pairs + [("/tmp/ohcompose-escaped", b"x")]))
    save("entry-dotdot-inside.tar", raw_tar(pairs + [("blobs/../../escaped", b"x")]))
    save("cut-in-header.tar", whole[:700])
    save("cut-in-blob.tar", whole[:2048 + 100])
    save("cut-in-gzip.tar.gz", gzip.compress(whole, 9, mtime=0)[:-30])
    save("damaged-gzip.tar.gz", (lambda z: z[:200] + bytes([z[200] ^ 255]) + z[201:])(
        gzip.compress(whole, 9, mtime=0)))
    save("damaged-zstd.tar.zst", b"\x28\xb5\x2f\xfd" + b"x" * 100)
    save("empty.tar", b"")
    save("text.tar", b"this is no archive\n" * 100)
    header = bytearray(tarfile.TarInfo("PaxHeader/x").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = b"%011o\0" % (1 << 30)
    header[156:157] = b"x"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    save("pax-1-gib.tar", bytes(header) + b"x" * 1024)
    header = bytearray(tarfile.TarInfo("oci-layout").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = b"\x80" + struct.pack(">3xQ", (1 << 63) - 1)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    save("entry-size-8-eib.tar", bytes(header) + b"x" * 1024)

    # docker-archive.
    layer = tar_layer()
    config = text({"rootfs": {"type": "layers", "diff_ids": [sha(layer)]}})

    def docker(name, items, **files):
        every = {"c.json": config, "l.tar": layer}
        every.update({k.replace("_", "."): v for k, v in files.items()})
        pairs = sorted((k, v) for k, v in every.items() if v is not None)
        if items is not None:
            pairs.append(("manifest.json", text(items)))
        save("docker-" + name + ".tar", raw_tar(pairs))

    item = {"Config": "c.json", "RepoTags": ["x:1"], "Layers": ["l.tar"]}
    docker("no-manifest", None)
    docker("object", item)
    docker("no-config", [item], c_json=None)
    docker("no-layer", [item], l_tar=None)
    docker("layer-changed", [item], l_tar=layer.replace(b"hello", b"hellO"))
    docker("diff-ids-fewer", [item], c_json=text({"rootfs": {"diff_ids": []}}))
    docker("config-dotdot", [dict(item, Config="../../etc/passwd")])
    docker("layers-text", [dict(item, Layers="l.tar")])
    docker("two-of-one-name", [item, dict(item, Config="d.json")], d_json=config + b" ")


if __name__ == "__main__":
    main()
