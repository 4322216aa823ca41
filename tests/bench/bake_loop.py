#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bare requests of a bake, in a loop: what a registry on this machine lets through.

usage: tests/bench/bake_loop.py HOST tags|new FROM TO THREADS <names

The images were baked as the tags of the repository FROM, or into repositories below it.

The images that were baked are read back first, and put again under other names by the same kinds of
requests, with nothing between them: HEAD of the base's tag, in a new repository a mount for each
layer and for the config, PUT of the manifest.  In one repository each layer is mounted and each
config is sent once, before the manifests, and that counts, too.  Configs and manifests that are
sent are new, because a registry does not write again what it has, as it must for a bake's.
Prints images a second.
"""

import hashlib
import http.client
import json
import sys
import threading
import time

HOST, KIND, FROM, TO, THREADS = *sys.argv[1:5], int(sys.argv[5])
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Client:
    def __init__(self):
        self.http = http.client.HTTPConnection(HOST)
        self.requests = 0

    def ask(self, method, path, want, body=None, headers=None):
        self.http.request(method, path, body, headers or {})
        answer = self.http.getresponse()
        data = answer.read()
        self.requests += 1
        if answer.status not in want:
            sys.exit(f"{method} {path}: {answer.status} {data[:200]}")
        return answer, data


def slug(name):
    return name.replace("/", "-").replace(":", "-")


def read_images():
    client, images, configs = Client(), [], {}
    for name in sys.stdin.read().split():
        repo, tag = name[len(HOST) + 1 :].split(":")
        there = f"{FROM}/manifests/{slug(name)}" if KIND == "tags" else f"{FROM}/{slug(name)}/manifests/1"
        _, manifest = client.ask("GET", f"/v2/{there}", [200], None, {"Accept": MANIFEST})
        doc = json.loads(manifest)
        doc.setdefault("annotations", {})["loop"] = TO
        if KIND == "tags":
            renew(client, doc["config"], configs)
        images.append((repo, tag, slug(name), json.dumps(doc).encode(), doc))
    return images, {new: data for new, data in configs.values()}


def renew(client, config, configs):
    """Puts another config of the same meaning in its place."""
    old = config["digest"]
    if old not in configs:
        _, data = client.ask("GET", f"/v2/{FROM}/blobs/{old}", [200])
        doc = json.loads(data)
        doc["loop"] = TO
        data = json.dumps(doc).encode()
        configs[old] = "sha256:" + hashlib.sha256(data).hexdigest(), data
    config["digest"], config["size"] = configs[old][0], len(configs[old][1])


def put(client, repo, tag, name, manifest, doc):
    to, ref = (TO, name) if KIND == "tags" else (f"{TO}/{name}", "1")
    client.ask("HEAD", f"/v2/{repo}/manifests/{tag}", [200], None, {"Accept": MANIFEST})
    if KIND == "new":
        for blob in doc["layers"] + [doc["config"]]:
            mount(client, to, f"{FROM}/{name}", blob["digest"])
    client.ask("PUT", f"/v2/{to}/manifests/{ref}", [201], manifest, {"Content-Type": MANIFEST})


def mount(client, to, source, digest):
    client.ask("POST", f"/v2/{to}/blobs/uploads/?mount={digest}&from={source}", [201])


def send(client, to, digest, data):
    answer, _ = client.ask("POST", f"/v2/{to}/blobs/uploads/", [202])
    where = answer.headers["Location"].removeprefix(f"http://{HOST}")
    kind = {"Content-Type": "application/octet-stream"}
    client.ask("PUT", f"{where}&digest={digest}", [201], data, kind)


def in_threads(clients, function, arguments):
    todo, lock = iter(arguments), threading.Lock()

    def work(client):
        while True:
            with lock:
                a = next(todo, None)
            if a is None:
                return
            function(client, *a)

    threads = [threading.Thread(target=work, args=(c,)) for c in clients]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def main():
    images, configs = read_images()
    layers = {layer["digest"] for *_, doc in images for layer in doc["layers"]}
    clients = [Client() for _ in range(THREADS)]
    began = time.monotonic()
    if KIND == "tags":
        in_threads(clients, mount, [(TO, FROM, digest) for digest in layers])
        in_threads(clients, send, [(TO, *config) for config in configs.items()])
    in_threads(clients, put, images)
    seconds = time.monotonic() - began
    requests = sum(c.requests for c in clients)
    what = {"tags": "tags of one repository", "new": "a repository for each image"}[KIND]
    print(
        f"{'the bare loop, ' + str(THREADS) + ' threads: ' + what:44s} {seconds:7.2f} s "
        f"{len(images) / seconds:7.1f}/s {'':15s}{'':10s} {requests:6d} requests, "
        f"{requests / len(images):.2f} an image"
    )


main()
