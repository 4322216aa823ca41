#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Put an image of an OCI image layout into a registry, byte for byte, lies included.

usage: put_layout.py DIR[:TAG] HOST/REPO:TAG [USER:PASSWORD]

Speaks plain http, and Basic authentication when USER:PASSWORD is given.  Other tools would convert or
refuse what is odd; tests want it as it is.  A manifest that the registry refuses is an error.
"""

import base64
import http.client
import json
import os
import sys
import urllib.parse

MANIFESTS = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}


class Putter:
    def __init__(self, root, host, repo, creds):
        self.root = root
        self.host = host
        self.repo = repo
        self.http = http.client.HTTPConnection(host, timeout=60)
        self.headers = {}
        if creds:
            self.headers["Authorization"] = "Basic " + base64.b64encode(creds.encode()).decode()

    def request(self, method, path, body=None, headers=None):
        self.http.request(method, path, body, {**self.headers, **(headers or {})})
        answer = self.http.getresponse()
        text = answer.read()
        return answer, text

    def want(self, method, path, status, body=None, headers=None):
        answer, text = self.request(method, path, body, headers)
        if answer.status != status:
            sys.exit(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return answer

    def bytes_of(self, digest):
        with open(os.path.join(self.root, "blobs", *digest.split(":")), "rb") as f:
            return f.read()

    def blob(self, digest):
        base = f"/v2/{self.repo}/blobs/"
        if self.request("HEAD", base + digest)[0].status == 200:
            return
        where = self.want("POST", base + "uploads/", 202).getheader("Location")
        url = urllib.parse.urlsplit(where)
        query = urllib.parse.parse_qsl(url.query) + [("digest", digest)]
        path = url.path + "?" + urllib.parse.urlencode(query)
        self.want("PUT", path, 201, self.bytes_of(digest),
                  {"Content-Type": "application/octet-stream"})

    def manifest(self, desc, tag):
        data = self.bytes_of(desc["digest"])
        doc = json.loads(data)
        for child in doc.get("manifests", []):
            self.manifest(child, child["digest"])
        for part in ([doc["config"]] if "config" in doc else []) + doc.get("layers", []):
            self.blob(part["digest"])
        self.want("PUT", f"/v2/{self.repo}/manifests/{tag}", 201, data,
                  {"Content-Type": doc.get("mediaType", desc["mediaType"])})


def main():
    source, dest = sys.argv[1:3]
    creds = sys.argv[3] if len(sys.argv) > 3 else None
    root, _, tag = source.partition(":")
    host, _, rest = dest.partition("/")
    repo, _, dest_tag = rest.partition(":")
    with open(os.path.join(root, "index.json")) as f:
        entries = json.load(f)["manifests"]
    name = "org.opencontainers.image.ref.name"
    found = [e for e in entries if not tag or e.get("annotations", {}).get(name) == tag]
    if not found:
        sys.exit(f"{root} has no {tag}")
    Putter(root, host, repo, creds).manifest(found[-1], dest_tag or "latest")


if __name__ == "__main__":
    main()
