#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make an image of any shape in an OCI image layout, without any of the code under test.

usage: make_layout.py DIR[:TAG] [options]

  --layer [PLATFORM=]SOURCE   a layer: a directory or a tar (.tar, .tar.gz, .tar.zst); may be repeated;
                              without PLATFORM it belongs to every platform
  --platform P[,P...]         OS/ARCH[/VARIANT]; several make an index (default linux/amd64)
  --index                     make an index of one platform too
  --attestation               add an entry of platform unknown/unknown to the index, as buildkit does
  --docker                    Docker schema 2 media types
  --compression gzip|zstd|none
  --keep                      a layer that is a file is stored as it lies there, compressed or not
  --layer-type TYPE           the media type of all layers, whatever they are
  --config JSON               members of the image config's "config"
  --config-top JSON           members of the image config
  --manifest JSON             members of the manifest
  --index-json JSON           members of the index
  --created TIME              default 2024-01-01T00:00:00Z
  --break WHAT                one lie: layer-size, layer-digest, layer-missing, layer-truncated,
                              config-size, config-digest, config-missing, media-type, diff-ids,
                              not-json, manifest-digest

The same input gives the same bytes.  A tar is taken as it is (decompressed, then compressed again as
--compression says); of a directory a tar is made with numeric owner 0:0 and mtime 2024-01-01.
Further calls for one DIR add to it.  Prints the digest.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile

EPOCH = 1704067200

OCI = {
    "manifest": "application/vnd.oci.image.manifest.v1+json",
    "index": "application/vnd.oci.image.index.v1+json",
    "config": "application/vnd.oci.image.config.v1+json",
    "gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
    "none": "application/vnd.oci.image.layer.v1.tar",
}
DOCKER = {
    "manifest": "application/vnd.docker.distribution.manifest.v2+json",
    "index": "application/vnd.docker.distribution.manifest.list.v2+json",
    "config": "application/vnd.docker.container.image.v1+json",
    "gzip": "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "zstd": "application/vnd.docker.image.rootfs.diff.tar.zstd",
    "none": "application/vnd.docker.image.rootfs.diff.tar",
}


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def write_blob(root, data):
    digest = digest_of(data)
    path = os.path.join(root, "blobs", "sha256", digest[7:])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return digest


def tar_of_directory(path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        names = []
        for here, dirs, files in os.walk(path):
            names += [os.path.relpath(os.path.join(here, n), path) for n in dirs + files]
        for name in sorted(names):
            info = tar.gettarinfo(os.path.join(path, name), name)
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime = EPOCH
            if info.isreg():
                with open(os.path.join(path, name), "rb") as f:
                    tar.addfile(info, f)
            else:
                tar.addfile(info)
    return out.getvalue()


def read_layer(source):
    if os.path.isdir(source):
        return tar_of_directory(source)
    with open(source, "rb") as f:
        return decompress(f.read())


def compression_of(data):
    if data[:2] == b"\x1f\x8b":
        return "gzip"
    return "zstd" if data[:4] == b"\x28\xb5\x2f\xfd" else "none"


def decompress(data):
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dcq"], input=data, stdout=-1, check=True).stdout
    return data


def compress(data, how):
    if how == "gzip":
        return gzip.compress(data, 6, mtime=0)
    if how == "zstd":
        return subprocess.run(["zstd", "-cq"], input=data, stdout=-1, check=True).stdout
    return data


def dump(doc):
    return json.dumps(doc, indent=1, sort_keys=False).encode()


def platform_of(text):
    parts = text.split("/")
    return dict(zip(("os", "architecture", "variant"), parts))


class Maker:
    def __init__(self, root, args):
        self.root = root
        self.args = args
        self.types = DOCKER if args.docker else OCI
        self.made = {}

    def lie(self, what, desc):
        """Bends a descriptor or its blob where --break asks for it."""
        args = self.args
        path = os.path.join(self.root, "blobs", "sha256", desc["digest"][7:])
        if args.lie == what + "-size":
            desc["size"] += 1
        elif args.lie == what + "-digest":
            with open(path, "r+b") as f:
                last = f.read()[-1]
                f.seek(-1, 2)
                f.write(bytes([last ^ 1]))
        elif args.lie == what + "-missing":
            os.unlink(path)
        elif args.lie == what + "-truncated":
            os.truncate(path, desc["size"] // 2)

    def layer(self, source):
        if source not in self.made:
            raw = read_layer(source)
            how = self.args.compression
            packed = compress(raw, how)
            if self.args.keep and os.path.isfile(source):
                with open(source, "rb") as f:
                    packed = f.read()
                how = compression_of(packed)
            desc = {
                "mediaType": self.args.layer_type or self.types[how],
                "size": len(packed),
                "digest": write_blob(self.root, packed),
            }
            self.made[source] = (desc, digest_of(raw))
        return self.made[source]

    def image(self, platform):
        args = self.args
        layers = []
        for spec in args.layer:
            where, eq, source = spec.partition("=")
            if not eq or not where.count("/") or os.path.exists(spec):
                layers.append(self.layer(spec))
            elif where == platform:
                layers.append(self.layer(source))
        config = {"created": args.created}
        config.update(platform_of(platform))
        config["config"] = json.loads(args.config)
        config["rootfs"] = {"type": "layers", "diff_ids": [d for _, d in layers]}
        config["history"] = [
            {"created": args.created, "created_by": f"layer {i}"} for i in range(len(layers))
        ]
        config.update(json.loads(args.config_top))
        if args.lie == "diff-ids":
            config["rootfs"]["diff_ids"].append(digest_of(b"no such layer"))
        data = dump(config)
        config_desc = {
            "mediaType": self.types["config"],
            "size": len(data),
            "digest": write_blob(self.root, data),
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": self.types["manifest"],
            "config": config_desc,
            "layers": [dict(d) for d, _ in layers],
        }
        manifest.update(json.loads(args.manifest))
        if layers:
            self.lie("layer", manifest["layers"][-1])
        self.lie("config", manifest["config"])
        if args.lie == "media-type":
            manifest["mediaType"] = OCI["index"]
        data = b"{ this is not JSON" if args.lie == "not-json" else dump(manifest)
        desc = {
            "mediaType": self.types["manifest"],
            "size": len(data),
            "digest": write_blob(self.root, data),
        }
        self.lie("manifest", desc)
        return desc

    def make(self):
        args = self.args
        platforms = args.platform.split(",")
        if len(platforms) == 1 and not args.index and not args.attestation:
            return self.image(platforms[0])
        entries = []
        for platform in platforms:
            entries.append({**self.image(platform), "platform": platform_of(platform)})
        if args.attestation:
            entries.append({
                **self.image(platforms[0]),
                "platform": {"os": "unknown", "architecture": "unknown"},
                "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
            })
        index = {"schemaVersion": 2, "mediaType": self.types["index"], "manifests": entries}
        index.update(json.loads(args.index_json))
        data = dump(index)
        return {
            "mediaType": self.types["index"],
            "size": len(data),
            "digest": write_blob(self.root, data),
        }


def tag_layout(root, desc, tag):
    path = os.path.join(root, "index.json")
    index = {"schemaVersion": 2, "mediaType": OCI["index"], "manifests": []}
    if os.path.exists(path):
        with open(path) as f:
            index = json.load(f)
    name = "org.opencontainers.image.ref.name"
    entries = [m for m in index["manifests"] if not tag or m.get("annotations", {}).get(name) != tag]
    if tag:
        desc = {**desc, "annotations": {name: tag}}
    index["manifests"] = entries + [desc]
    with open(path, "wb") as f:
        f.write(dump(index))
    with open(os.path.join(root, "oci-layout"), "w") as f:
        f.write('{"imageLayoutVersion": "1.0.0"}')


def main():
    p = argparse.ArgumentParser(usage=__doc__, add_help=False)
    p.add_argument("dest")
    p.add_argument("--layer", action="append", default=[])
    p.add_argument("--platform", default="linux/amd64")
    p.add_argument("--index", action="store_true")
    p.add_argument("--attestation", action="store_true")
    p.add_argument("--docker", action="store_true")
    p.add_argument("--compression", choices=("gzip", "zstd", "none"), default="gzip")
    p.add_argument("--keep", action="store_true")
    p.add_argument("--layer-type", default="")
    p.add_argument("--config", default="{}")
    p.add_argument("--config-top", default="{}")
    p.add_argument("--manifest", default="{}")
    p.add_argument("--index-json", default="{}")
    p.add_argument("--created", default="2024-01-01T00:00:00Z")
    p.add_argument("--break", dest="lie", default="")
    args = p.parse_args()

    root, _, tag = args.dest.partition(":")
    os.makedirs(root, exist_ok=True)
    desc = Maker(root, args).make()
    tag_layout(root, desc, tag)
    print(desc["digest"])


if __name__ == "__main__":
    sys.exit(main())
