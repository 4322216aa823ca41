#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry that does what it is told: correct by itself, and wrong where a rule says so.

usage: tests/stub/registry.py [--tls CERT KEY] [--config FILE] DIR

It listens on two ports of 127.0.0.1 that the kernel chooses, writes their names ("127.0.0.1:PORT", a
line each) to DIR/ports, keeps what is uploaded under DIR, and speaks the distribution-spec 1.1 on
both.  README.md beside it describes the rules and what can be configured.  Only the standard
library is needed; `mint` wants openssl(1).
"""

import argparse
import base64
import hashlib
import http.server
import json
import math
import os
import re
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid

PIECE = 256 * 1024
INDEX = "application/vnd.oci.image.index.v1+json"
NAME = r"([a-z0-9][a-z0-9._/-]*)"
DIGEST = r"(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})"


# Blobs that a manifest may name without their being here (image-spec, "Non-Distributable Layers").
FOREIGN = re.compile(r".*\.(nondistributable|foreign)\..*")


def digest_of(data, like):
    """The digest of bytes, or of a file, by the algorithm of another digest."""
    h = hashlib.sha512() if like.startswith("sha512:") else hashlib.sha256()
    if isinstance(data, bytes):
        h.update(data)
    else:
        while piece := data.read(PIECE):
            h.update(piece)
    return f"{h.name}:{h.hexdigest()}"


class Rate:
    """So many requests in so many seconds, counted as `kind` says, and told as `says` says."""

    def __init__(self, config):
        self.limit, self.seconds = config["requests"], config["seconds"]
        self.kind = config.get("kind", "window")
        self.burst = config.get("burst", 1)
        self.says = config.get("says", [])
        self.level, self.at, self.begun = 0, 0.0, 0.0
        self.seen = []

    def take(self, now):
        """None, or the seconds after which one more is let through."""
        self.begun = self.begun or now
        if self.kind == "bucket":
            self.level = max(0, self.level - (now - self.at) * self.limit / self.seconds)
            self.at = now
            if self.level + 1 > self.burst:
                return (self.level + 1 - self.burst) * self.seconds / self.limit
            self.level += 1
        elif self.kind == "sliding":
            self.seen = [t for t in self.seen if t > now - self.seconds]
            if len(self.seen) >= self.limit:
                return self.seen[0] + self.seconds - now
            self.seen.append(now)
        else:
            if now >= self.at + self.seconds:
                self.at, self.level = now, 0
            if self.level >= self.limit:
                return self.at + self.seconds - now
            self.level += 1
        return None

    def headers(self, now, wait):
        whole = wait if wait is not None else self.at + self.seconds - now
        left = max(0, self.limit - self.level)
        seconds = max(0, math.ceil(whole))
        h = {}
        if "draft" in self.says:
            h["RateLimit"] = f"limit={self.limit}, remaining={left}, reset={seconds}"
        if "hub" in self.says:
            h["ratelimit-limit"] = f"{self.limit};w={self.seconds}"
            h["ratelimit-remaining"] = f"{left};w={self.seconds}"
            h["docker-ratelimit-source"] = "127.0.0.1"
        if "retry-after" in self.says and wait is not None:
            h["Retry-After"] = str(seconds)
        return h


class Cut(Exception):
    """The connection ends here."""


class Registry:
    """What all connections share."""

    def __init__(self, directory, config):
        self.dir = directory
        self.lock = threading.RLock()
        self.blobs = {}  # digest: file
        self.links = set()  # (repo, digest)
        self.manifests = {}  # (repo, digest): (type, bytes)
        self.tags = {}  # (repo, tag): digest
        self.sessions = {}  # id: {"repo", "file", "state"}
        self.tokens = {}  # token: {"scopes", "until", "uses"}
        self.log = []
        self.ports = []
        self.stop = threading.Event()
        self.configure(config)

    def configure(self, config):
        with self.lock:
            self.config = config
            self.rules = [dict(r, seen=0) for r in config.get("rules", [])]
            self.tokens = {}
            self.sessions = {}
            self.rate = Rate(config["rate"]) if "rate" in config else None

    def rule_for(self, handler):
        """The first rule that matches and has a turn left; each match counts."""
        with self.lock:
            for rule in self.rules:
                if not matches(rule.get("match", {}), handler):
                    continue
                n = rule["seen"]
                rule["seen"] += 1
                skip = rule.get("skip", 0)
                if n < skip or n >= skip + rule.get("times", 1 << 60):
                    continue
                if n % rule.get("every", 1) != rule.get("every", 1) - 1:
                    continue
                return dict(rule["do"], n=n)
        return {}

    def path(self, kind, name):
        return os.path.join(self.dir, f"{kind}-{name}".replace(":", "-"))


def matches(match, handler):
    if "port" in match and match["port"] != handler.server.index:
        return False
    for key, value in (
        ("method", handler.command),
        ("path", handler.url.path),
        ("query", handler.url.query),
    ):
        if key in match and not re.fullmatch(match[key], value):
            return False
    for name, pattern in match.get("headers", {}).items():
        value = handler.headers.get(name)
        if pattern is None:
            if value is not None:
                return False
        elif value is None or not re.fullmatch(pattern, value):
            return False
    return True


class Body:
    """The request's body, in pieces, with or without a length."""

    def __init__(self, handler):
        self.handler = handler
        self.f = handler.rfile
        self.chunked = "chunked" in handler.headers.get("Transfer-Encoding", "").lower()
        self.left = 0 if self.chunked else int(handler.headers.get("Content-Length") or 0)
        self.declared = None if self.chunked else self.left
        self.ended = not self.chunked and self.left == 0
        self.count = 0

    def read(self, most=PIECE):
        if self.ended:
            return b""
        if self.handler.expected:
            self.handler.expected = False
            self.handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self.chunked and self.left == 0:
            line = self.f.readline(1024)
            if not line:
                raise Cut()
            self.left = int(line.split(b";")[0], 16)
            if self.left == 0:
                while self.f.readline(1024) not in (b"\r\n", b""):
                    pass
                self.ended = True
                return b""
        data = self.f.read1(min(most, self.left))
        if not data:
            raise Cut()
        self.left -= len(data)
        self.count += len(data)
        if self.left == 0:
            if self.chunked:
                self.f.readline(1024)
            else:
                self.ended = True
        return data

    def drain(self):
        while self.read():
            pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stub"
    rbufsize = 1 << 20
    expected = False

    def log_message(self, *args):
        pass

    def handle_expect_100(self):
        """Whoever asks before the body is sent gets the answer when somebody reads it."""
        self.expected = True
        return True

    @property
    def reg(self):
        return self.server.registry

    # ---- one request ----

    def handle(self):
        # A TLS client greets a server that does not speak TLS: no line will ever come.
        if not self.server.tls:
            try:
                if self.connection.recv(1, socket.MSG_PEEK) == b"\x16":
                    return
            except OSError:
                return
        try:
            super().handle()
        except (Cut, ConnectionError, ssl.SSLError, TimeoutError):
            self.close_connection = True

    def reset(self):
        """Ends the connection in the hard way: what was not read yet is answered by RST."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        raise Cut()

    def serve(self):
        self.url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(self.url.query, keep_blank_values=True))
        if self.url.path.startswith("/_stub/"):
            return self.control()
        self.body = Body(self)
        self.entry = {
            "port": self.server.index,
            "method": self.command,
            "path": self.url.path,
            "query": self.url.query,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "at": time.monotonic(),
            "status": 0,
        }
        with self.reg.lock:
            self.reg.log.append(self.entry)
        self.rule = self.reg.rule_for(self)
        try:
            self.obey()
        finally:
            self.entry["body"] = self.body.count

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def obey(self):
        rule = self.rule
        if not self.within_rate():
            return
        if "delay" in rule:
            time.sleep(rule["delay"])
        if "after" in rule:
            self.wait_for(**rule["after"])
        if "raw" in rule:
            self.wfile.write(rule["raw"].encode("latin-1"))
            self.close_connection = True
            return
        if "endless" in rule:
            return self.endless(rule["endless"])
        if rule.get("hang_up"):
            self.reset()
        if rule.get("forget_session"):
            with self.reg.lock:
                self.reg.sessions.clear()
        if "redirect" in rule:
            return self.reply(rule.get("status", 307), {"Location": rule["redirect"]})
        if "status" in rule:
            data = rule.get("body", "")
            if "json" in rule:
                data = json.dumps(rule["json"])
            return self.reply(rule["status"], {}, self.fill(data).encode())
        self.answer()

    def wait_for(self, requests, method=".*", path=".*"):
        """Until so many of them have an answer, or for a minute."""
        for _ in range(1200):
            with self.reg.lock:
                seen = sum(
                    1 for e in self.reg.log
                    if e["status"] and re.fullmatch(method, e["method"]) and re.fullmatch(path, e["path"])
                )
            if seen >= requests:
                return
            time.sleep(0.05)

    def within_rate(self):
        self.said = {}
        with self.reg.lock:
            rate, now = self.reg.rate, time.monotonic()
            wait = rate.take(now) if rate else None
            if rate:
                self.said = rate.headers(now, wait)
        if wait is None:
            return True
        text = "too many requests"
        if "hint" in rate.says:
            text = f"retry-after: {wait * 1000:.3f}ms, allowed: {rate.limit}/minute"
        self.error(403 if "disguise" in rate.says else 429, "TOOMANYREQUESTS", text)
        return False

    def endless(self, what):
        """Something that does not end, until the client has enough of it (or 64 MiB went out)."""
        first, piece = ENDLESS[what]
        self.close_connection = True
        self.entry["sent"] = 0
        self.wfile.write(first)
        while self.entry["sent"] < 64 << 20:
            self.wfile.write(piece)
            self.entry["sent"] += len(piece)

    def control(self):
        n = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(n)
        out = b""
        if self.url.path == "/_stub/config":
            self.reg.configure(json.loads(data or b"{}"))
            with self.reg.lock:
                self.reg.log.clear()
        elif self.url.path == "/_stub/log":
            with self.reg.lock:
                out = "".join(json.dumps(e) + "\n" for e in self.reg.log).encode()
        elif self.url.path == "/_stub/sessions":
            out = str(len(self.reg.sessions)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def fill(self, text):
        """{self}, {other}: the base URLs of this port and the other one; {n}: the rule's turn."""
        here, there = self.server.index, 1 - self.server.index
        values = {
            "{self}": self.base(here),
            "{other}": self.base(there),
            "{n}": str(self.rule.get("n", 0)),
            "{path}": self.url.path,
            "{query}": self.url.query,
        }
        for key, value in values.items():
            text = text.replace(key, value)
        return text

    def base(self, index):
        return ("https://" if self.server.tls else "http://") + self.reg.ports[index]

    # ---- what is sent ----

    def reply(self, status, headers=None, body=b"", size=None):
        """body: bytes, or a file with `size` bytes from where it stands."""
        rule = self.rule
        headers = dict(headers or {}, **getattr(self, "said", {}))
        if size is None and not isinstance(body, bytes):
            raise ValueError("a file wants a size")
        if rule.get("leave_body") or self.expected:
            self.close_connection = True
            self.expected = False
        else:
            self.body.drain()
        time.sleep(rule.get("silence", 0))
        if "location" in rule and "Location" in headers:
            headers["Location"] = self.rewritten(headers["Location"], rule["location"])
        for name, value in rule.get("headers", {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        if "replace_body" in rule:
            body, size = self.fill(rule["replace_body"]).encode(), None
        if "endless_body" in rule:
            body, size = None, rule["endless_body"]
        self.entry["status"] = status
        self.send_response(status)
        for name, value in headers.items():
            for v in value if isinstance(value, list) else [value]:
                self.send_header(name, self.fill(v) + rule.get("blanks", ""))
        n = len(body) if isinstance(body, bytes) else size
        if "length" in rule:
            self.send_header("Content-Length", str(n + rule["length"]))
        elif rule.get("no_length"):
            self.send_header("Connection", "close")
            self.close_connection = True
        elif "Content-Length" not in headers and status != 204:
            self.send_header("Content-Length", str(n))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.send_body(body, n)

    def send_body(self, body, n):
        rule, sent = self.rule, 0
        end = min(n, rule.get("cut", n), rule.get("stall", n))
        while sent < end:
            most = min(PIECE, end - sent)
            if body is None:
                piece = b" " * most
            elif isinstance(body, bytes):
                piece = body[sent : sent + most]
            else:
                piece = body.read(most)
            if "flip" in rule and sent <= rule["flip"] < sent + len(piece):
                at = rule["flip"] - sent
                piece = piece[:at] + bytes([piece[at] ^ 1]) + piece[at + 1 :]
            self.wfile.write(piece)
            sent += len(piece)
        self.wfile.flush()
        if "stall" in rule:
            self.reg.stop.wait(rule.get("stall_for", 600))
        if "cut" in rule or "stall" in rule or "length" in rule:
            self.close_connection = True
            raise Cut()

    def rewritten(self, location, how):
        """Where an upload goes on: as a path alone, at the other port, or without its query."""
        if how == "relative":
            return location
        if how == "other":
            return self.base(1 - self.server.index) + location
        if how == "insecure":
            return self.base(self.server.index).replace("https:", "http:") + location
        if how == "lost_state":
            return location.split("?")[0]
        if how == "more_query":
            return location + "&signature=hush"
        return how

    def error(self, status, code, message, headers=None):
        doc = {"errors": [{"code": code, "message": message}]}
        data = json.dumps(doc).encode()
        self.reply(status, dict(headers or {}, **{"Content-Type": "application/json"}), data)

    # ---- who asks ----

    def authorized(self, repo, actions):
        auth = self.reg.config.get("auth")
        if not auth:
            return True
        given = self.headers.get("Authorization", "")
        if auth["kind"] == "basic":
            good = f"{auth['user']}:{auth['password']}".encode()
            if given == "Basic " + base64.b64encode(good).decode():
                return True
            challenge = 'Basic realm="stub, that is", charset="UTF-8"'
        else:
            if self.token_serves(given, repo, actions):
                return True
            scope = f"repository:{repo}:{actions}" if repo else ""
            challenge = 'Bearer realm="%s",service="stub"' % self.fill(
                auth.get("realm", "{self}/token")
            )
            if scope and auth.get("say_scope", True):
                challenge += f',scope="{scope}"'
        refusal = auth.get("refusal", 401)
        if given:
            refusal = auth.get("denial", refusal)
        self.error(
            refusal,
            "UNAUTHORIZED",
            "authentication required",
            {} if auth.get("silent") else {"WWW-Authenticate": auth.get("challenge", challenge)},
        )
        return False

    def token_serves(self, given, repo, actions):
        auth = self.reg.config["auth"]
        if given == "Bearer " + auth.get("registry_token", "\0"):
            return True
        with self.reg.lock:
            token = self.reg.tokens.get(given[len("Bearer ") :])
            if not token or time.time() >= token["until"] or token["uses"] <= 0:
                return False
            token["uses"] -= 1
        if not repo:
            return True
        have = token["scopes"].get(repo, set())
        return set(actions.split(",")) <= have

    def token(self):
        """GET with Basic or without, POST with a refresh token (distribution's token pages)."""
        auth = self.reg.config.get("auth", {})
        form = self.query
        scopes = self.all_of("scope")
        given = self.headers.get("Authorization")
        if self.command == "POST":
            data = b""
            while piece := self.body.read():
                data += piece
            form = dict(urllib.parse.parse_qsl(data.decode()))
            scopes = form.get("scope", "").split()
            if form.get("refresh_token") != auth.get("identity_token"):
                return self.error(401, "UNAUTHORIZED", "unknown refresh token")
        elif given is not None:
            good = f"{auth.get('user')}:{auth.get('password')}".encode()
            if given != "Basic " + base64.b64encode(good).decode():
                return self.error(401, "UNAUTHORIZED", "incorrect username or password")
        elif not auth.get("anonymous", True):
            return self.error(401, "UNAUTHORIZED", "no anonymous tokens")
        granted = {}
        if auth.get("one_scope"):
            scopes = scopes[-1:]
        for scope in scopes:
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            if kind == "repository":
                granted[name] = set(actions.split(",")) & set(
                    auth.get("grant", "pull,push,delete").split(",")
                )
        self.entry["scopes"] = scopes
        doc = self.new_token(auth, granted)
        self.reply(200, {"Content-Type": "application/json"}, json.dumps(doc).encode())

    def new_token(self, auth, granted):
        value = "token-" + uuid.uuid4().hex
        seconds = auth.get("expires_in")
        if "mint" in auth:
            value = mint(auth["mint"], granted)
        with self.reg.lock:
            self.reg.tokens[value] = {
                "scopes": granted,
                "until": time.time() + (auth.get("good_for") or seconds or 60),
                "uses": auth.get("uses", 1 << 60),
            }
        doc = {auth.get("token_field", "token"): value}
        if seconds is not None:
            doc["expires_in"] = seconds
        return doc

    # ---- the distribution API ----

    def answer(self):
        for pattern, actions, method in ROUTES:
            m = re.fullmatch(pattern, self.url.path)
            if not m:
                continue
            repo = m.group(1) if m.groups() else None
            if actions is not None:
                if callable(actions):
                    actions = actions(self.command)
                if not self.authorized(repo, actions):
                    return None
            return method(self, *m.groups())
        return self.error(404, "NOT_FOUND", "no such place")

    def ping(self):
        self.reply(200, {"Docker-Distribution-API-Version": "registry/2.0"}, b"{}")

    def blob(self, repo, digest):
        with self.reg.lock:
            known = (repo, digest) in self.reg.links
            path = self.reg.blobs.get(digest)
        if not known:
            return self.error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        if self.command == "DELETE":
            with self.reg.lock:
                self.reg.links.discard((repo, digest))
            return self.reply(202)
        size = os.path.getsize(path)
        headers = {
            "Content-Type": "application/octet-stream",
            "Docker-Content-Digest": digest,
        }
        wanted = self.headers.get("Range") if self.reg.config.get("ranges", True) else None
        with open(path, "rb") as f:
            if wanted is None:
                return self.reply(200, headers, f, size)
            first, last = self.range_of(wanted, size)
            if first > last:
                return self.reply(416, {"Content-Range": f"bytes */{size}"})
            f.seek(first)
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
            return self.reply(206, headers, f, last - first + 1)

    def range_of(self, text, size):
        """First and last byte (RFC 9110, 14.1.2); the first is behind the last where there are none."""
        m = re.fullmatch(r"bytes=(\d*)-(\d*)", text)
        if not m or m.groups() == ("", ""):
            return 1, 0
        if "" in m.groups() and self.reg.config.get("ranges") == "closed":
            return 1, 0
        if m.group(1) == "":
            return max(size - int(m.group(2)), 0), size - 1
        return int(m.group(1)), min(int(m.group(2) or size), size - 1)

    def manifest(self, repo, ref):
        if self.command == "PUT":
            return self.put_manifest(repo, ref)
        with self.reg.lock:
            digest = self.reg.tags.get((repo, ref), ref)
            found = self.reg.manifests.get((repo, digest))
        if not found:
            return self.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        if self.command == "DELETE":
            if not self.reg.config.get("delete", True):
                return self.error(405, "UNSUPPORTED", "The operation is unsupported.")
            with self.reg.lock:
                del self.reg.manifests[(repo, digest)]
                for key in [k for k, d in self.reg.tags.items() if d == digest and k[0] == repo]:
                    del self.reg.tags[key]
            return self.reply(202)
        headers = {"Content-Type": found[0], "Docker-Content-Digest": digest}
        return self.reply(200, headers, found[1])

    def put_manifest(self, repo, ref):
        data = b""
        while piece := self.body.read():
            data += piece
        digest = digest_of(data, ref)
        if ":" in ref and ref != digest:
            return self.error(400, "DIGEST_INVALID", "provided digest did not match")
        try:
            doc = json.loads(data)
        except ValueError:
            return self.error(400, "MANIFEST_INVALID", "manifest invalid")
        tags = [] if ":" in ref else [ref]
        if "tag" in self.query and self.reg.config.get("tag_query"):
            if tags:
                return self.error(400, "MANIFEST_INVALID", "tags in the query want a digest")
            tags = self.all_of("tag")[: self.reg.config.get("tag_limit")]
        immutable = self.reg.config.get("immutable")
        if immutable and any((repo, t) in self.reg.tags for t in tags):
            return self.error(immutable, "DENIED", "the tag is immutable")
        for d in [doc.get("config")] + doc.get("layers", []):
            if not d or FOREIGN.match(d.get("mediaType", "")):
                continue
            if (repo, d["digest"]) not in self.reg.links:
                return self.error(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")
        headers = {"Docker-Content-Digest": digest, "Location": f"/v2/{repo}/manifests/{digest}"}
        if doc.get("subject") and self.reg.config.get("referrers", True):
            headers["OCI-Subject"] = doc["subject"]["digest"]
        if ":" in ref and tags:
            headers["OCI-Tag"] = ", ".join(tags)
        with self.reg.lock:
            self.reg.manifests[(repo, digest)] = (self.headers.get("Content-Type", ""), data)
            for tag in tags:
                self.reg.tags[(repo, tag)] = digest
        if self.rule.get("lose_reply"):
            self.reset()
        return self.reply(201, headers)

    def all_of(self, key):
        return [v for k, v in urllib.parse.parse_qsl(self.url.query) if k == key]

    def tag_list(self, repo):
        with self.reg.lock:
            tags = sorted(t for r, t in self.reg.tags if r == repo)
        if not tags:
            return self.error(404, "NAME_UNKNOWN", "repository name not known to registry")
        last, n = self.query.get("last"), int(self.query.get("n", 100))
        if n > self.reg.config.get("max_tags", n):
            return self.error(400, "PAGINATION_NUMBER_INVALID", "invalid number of results")
        n = min(n, self.reg.config.get("page", n))
        rest = [t for t in tags if last is None or t > last]
        headers = {"Content-Type": "application/json"}
        if len(rest) > n > 0 and self.reg.config.get("links", True):
            headers["Link"] = f'</v2/{repo}/tags/list?n={n}&last={rest[n - 1]}>; rel="next"'
        return self.reply(200, headers, json.dumps({"name": repo, "tags": rest[:n]}).encode())

    def referrers(self, repo, digest):
        if not self.reg.config.get("referrers", True):
            return self.error(404, "NOT_FOUND", "no such place")
        found = []
        with self.reg.lock:
            for (r, d), (media, data) in self.reg.manifests.items():
                doc = json.loads(data)
                if r == repo and doc.get("subject", {}).get("digest") == digest:
                    entry = {"mediaType": media, "digest": d, "size": len(data)}
                    entry["artifactType"] = doc.get("artifactType") or doc["config"]["mediaType"]
                    if "annotations" in doc:
                        entry["annotations"] = doc["annotations"]
                    found.append(entry)
        found.sort(key=lambda d: d["digest"])
        at, page = int(self.query.get("at", 0)), self.reg.config.get("page", len(found) + 1)
        headers = {"Content-Type": INDEX}
        if len(found) > at + page:
            headers["Link"] = f'</v2/{repo}/referrers/{digest}?at={at + page}>; rel="next"'
        doc = {"schemaVersion": 2, "mediaType": INDEX, "manifests": found[at : at + page]}
        return self.reply(200, headers, json.dumps(doc).encode())

    # ---- uploads ----

    def start_upload(self, repo):
        if self.command != "POST":
            return self.error(405, "UNSUPPORTED", "The operation is unsupported.")
        mount = self.query.get("mount")
        with self.reg.lock:
            if mount and (self.query.get("from"), mount) in self.reg.links:
                self.reg.links.add((repo, mount))
                location = f"/v2/{repo}/blobs/{mount}"
                return self.reply(201, {"Location": location, "Docker-Content-Digest": mount})
            name = uuid.uuid4().hex
            path = self.reg.path("upload", name)
            self.reg.sessions[name] = {"repo": repo, "file": path, "state": 0}
        open(path, "wb").close()
        headers = self.session_headers(name)
        if "digest" in self.query and self.reg.config.get("post_digest"):
            self.receive(self.reg.sessions[name])
            return self.commit(repo, name)
        if "chunk_min" in self.reg.config:
            headers["OCI-Chunk-Min-Length"] = str(self.reg.config["chunk_min"])
        return self.reply(202, headers)

    def session_headers(self, name):
        s = self.reg.sessions[name]
        s["state"] += 1
        size = os.path.getsize(s["file"])
        return {
            "Location": f"/v2/{s['repo']}/blobs/uploads/{name}?_state={s['state']}",
            "Range": f"0-{max(size - 1, 0)}",
            "Docker-Upload-UUID": name,
        }

    def upload(self, repo, name):
        s = self.reg.sessions.get(name)
        if not s or s["repo"] != repo:
            return self.error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        if self.query.get("_state") != str(s["state"]) and self.command != "GET":
            return self.error(400, "BLOB_UPLOAD_INVALID", "blob upload invalid")
        if self.command == "GET":
            return self.reply(204, self.session_headers(name))
        if self.command == "DELETE":
            with self.reg.lock:
                del self.reg.sessions[name]
            os.unlink(s["file"])
            return self.reply(204)
        largest = self.reg.config.get("max_body")
        if largest is not None and (self.body.declared is None or self.body.declared > largest):
            self.rule = dict(self.rule, leave_body=self.body.declared is None)
            return self.error(413, "SIZE_INVALID", "request entity too large")
        if not self.in_order(s):
            return self.error(416, "BLOB_UPLOAD_INVALID", "out of order")
        self.receive(s)
        if self.command == "PATCH":
            return self.reply(202, self.session_headers(name))
        return self.commit(repo, name)

    def in_order(self, s):
        m = re.fullmatch(r"(\d+)-(\d+)", self.headers.get("Content-Range", ""))
        if not m:
            return True
        start, end = int(m.group(1)), int(m.group(2))
        size = os.path.getsize(s["file"])
        return start == size and (
            self.body.declared is None or end - start + 1 == self.body.declared
        )

    def receive(self, s):
        """Appends the body; a rule may end the connection, or stop reading, after some bytes."""
        rule, limit = self.rule, None
        for key in ("cut_request", "stall_request"):
            limit = rule.get(key, limit)
        with open(s["file"], "ab") as f:
            while limit is None or self.body.count < limit:
                piece = self.body.read(PIECE if limit is None else limit - self.body.count)
                if not piece:
                    return
                f.write(piece)
        if "stall_request" in rule:
            self.reg.stop.wait(rule.get("stall_for", 600))
        self.reset()

    def commit(self, repo, name):
        s = self.reg.sessions[name]
        with open(s["file"], "rb") as f:
            digest = digest_of(f, self.query.get("digest", ""))
        if digest != self.query.get("digest"):
            return self.error(400, "DIGEST_INVALID", "provided digest did not match content")
        with self.reg.lock:
            path = self.reg.path("blob", digest)
            os.replace(s["file"], path)
            self.reg.blobs[digest] = path
            self.reg.links.add((repo, digest))
            del self.reg.sessions[name]
        if self.rule.get("lose_reply"):
            self.reset()
        headers = {"Location": f"/v2/{repo}/blobs/{digest}", "Docker-Content-Digest": digest}
        return self.reply(201, headers)


FINE = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
CHUNKED = FINE + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "headers": (FINE, b"X: " + b"x" * 1000 + b"\r\n"),
    "header": (FINE, b"x" * 1000),
    "continues": (b"", b"HTTP/1.1 100 Continue\r\nX: " + b"x" * 1000 + b"\r\n\r\n"),
    "trailers": (CHUNKED + b"0\r\n", b"X: " + b"x" * 1000 + b"\r\n"),
    "extension": (CHUNKED + b"1;", b"x" * 1000),
    "extensions": (CHUNKED, b"1;" + b"x" * 1000 + b"\r\nx\r\n"),
    "body": (FINE + b"\r\n", b"x" * 1000),
    "chunks": (CHUNKED, b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
}


def read_or_write(command):
    return "pull" if command in ("GET", "HEAD") else "pull,push"


ROUTES = [
    (r"/token", None, Handler.token),
    (r"/v2/?", "", Handler.ping),
    (rf"/v2/{NAME}/blobs/{DIGEST}", read_or_write, Handler.blob),
    (rf"/v2/{NAME}/manifests/([\w.:-]+)", read_or_write, Handler.manifest),
    (rf"/v2/{NAME}/tags/list", "pull", Handler.tag_list),
    (rf"/v2/{NAME}/referrers/{DIGEST}", "pull", Handler.referrers),
    (rf"/v2/{NAME}/blobs/uploads/?", "pull,push", Handler.start_upload),
    (rf"/v2/{NAME}/blobs/uploads/([0-9a-f]+)", "pull,push", Handler.upload),
]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mint(how, granted):
    """A JWT as distribution's token authentication wants it, signed with openssl(1)."""
    with open(how["cert"]) as f:
        der = ssl.PEM_cert_to_DER_cert(f.read())
    now = int(time.time())
    head = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
    claims = {
        "iss": how["issuer"],
        "aud": how["service"],
        "sub": "user",
        "exp": now + how.get("seconds", 60),
        "nbf": now - 10,
        "iat": now,
        "jti": uuid.uuid4().hex,
        "access": [
            {"type": "repository", "name": name, "actions": sorted(actions)}
            for name, actions in granted.items()
        ],
    }
    text = ".".join(b64(json.dumps(part).encode()) for part in (head, claims))
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", how["key"]],
        input=text.encode(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return text + "." + b64(signature)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, index, registry, tls):
        super().__init__(("127.0.0.1", 0), Handler)
        self.index, self.registry, self.tls = index, registry, tls

    def get_request(self):
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address

    def finish_request(self, request, client_address):
        if self.tls:
            request.settimeout(60)
            try:
                request = self.tls.wrap_socket(request, server_side=True)
            except (OSError, ssl.SSLError):
                return
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (OSError, Cut)):
            super().handle_error(request, client_address)


def main():
    p = argparse.ArgumentParser(description="a registry that does what it is told")
    p.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    p.add_argument("--config", metavar="FILE")
    p.add_argument("dir", metavar="DIR")
    args = p.parse_args()

    config, tls = {}, None
    if args.config:
        with open(args.config) as f:
            config = json.load(f)
    if args.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*args.tls)
    registry = Registry(args.dir, config)
    servers = [Server(i, registry, tls) for i in range(2)]
    registry.ports = [f"127.0.0.1:{s.server_address[1]}" for s in servers]
    for s in servers:
        threading.Thread(target=s.serve_forever, daemon=True).start()
    with tempfile.NamedTemporaryFile("w", dir=args.dir, delete=False) as f:
        f.write("".join(p + "\n" for p in registry.ports))
    os.rename(f.name, os.path.join(args.dir, "ports"))
    threading.Event().wait()


if __name__ == "__main__":
    main()
