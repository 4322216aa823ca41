#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bare requests of a bake, in a loop: what a registry on this machine lets through.

usage: tests/bench/bake_loop.py HOST tags|new NAME THREADS <names

The images were baked as the tags of the repository NAME, or into repositories below it.

The images that were baked are read back first, and put again under other names by the same kinds of
requests, with nothing between them: HEAD of the base's tag, in a new repository a mount for each
layer and for the config, PUT of the manifest.  In one repository each layer and config is mounted
once, before the manifests, and that counts, too.  The manifests get an annotation more, because a
registry that has a manifest already does not write it to its disk again, as it must for a bake's.
Prints images a second.
"""

import http.client
import json
import sys
import threading
import time

HOST, KIND, NAME, THREADS = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
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
    client, images = Client(), []
    for name in sys.stdin.read().split():
        repo, tag = name[len(HOST) + 1 :].split(":")
        there = f"{NAME}/manifests/{slug(name)}" if KIND == "tags" else f"{NAME}/{slug(name)}/manifests/1"
        _, manifest = client.ask("GET", f"/v2/{there}", [200], None, {"Accept": MANIFEST})
        doc = json.loads(manifest)
        doc.setdefault("annotations", {})["loop"] = NAME
        images.append((repo, tag, slug(name), json.dumps(doc).encode(), doc))
    return images


def put(client, repo, tag, name, manifest, doc):
    to, ref = (f"loop-{NAME}", name) if KIND == "tags" else (f"loop-{NAME}/{name}", "1")
    client.ask("HEAD", f"/v2/{repo}/manifests/{tag}", [200], None, {"Accept": MANIFEST})
    if KIND == "new":
        for blob in doc["layers"] + [doc["config"]]:
            mount(client, to, f"{NAME}/{name}", blob["digest"])
    client.ask("PUT", f"/v2/{to}/manifests/{ref}", [201], manifest, {"Content-Type": MANIFEST})


def mount(client, to, source, digest):
    client.ask("POST", f"/v2/{to}/blobs/uploads/?mount={digest}&from={source}", [201])


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
    images = read_images()
    blobs = {b["digest"] for *_, doc in images for b in doc["layers"] + [doc["config"]]}
    clients = [Client() for _ in range(THREADS)]
    began = time.monotonic()
    if KIND == "tags":
        in_threads(clients, mount, [(f"loop-{NAME}", NAME, digest) for digest in blobs])
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
