#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A name server that knows the names of a file, and does something wrong where that says so.

usage: tests/stub/dns.py NAMES LOG [ADDRESS...]

Listens on port 53 of each ADDRESS (127.0.0.1), by UDP and TCP, and writes "PROTOCOL ADDRESS TYPE NAME" to LOG
for each question.  NAMES is JSON: {"name.test": {"A": ["127.0.0.1"], "AAAA": ["::1"], "CNAME": "x.test",
"rcode": 2, "truncated": true, "silent": true}}.  A name that is not there does not exist (3).
"""

import ipaddress
import json
import os
import socket
import struct
import sys
import threading

TYPES = {1: "A", 28: "AAAA", 5: "CNAME"}


def encode_name(name):
    return b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0"


def decode_name(message, at):
    labels = []
    while message[at]:
        labels.append(message[at + 1 : at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels).lower(), at + 1


def record(name, kind, data):
    return encode_name(name) + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def answers(names, name, kind):
    known = names.get(name, {})
    records = []
    if "CNAME" in known:
        records.append(record(name, 5, encode_name(known["CNAME"])))
        return records + answers(names, known["CNAME"], kind)
    for address in known.get(TYPES.get(kind), []):
        records.append(record(name, kind, ipaddress.ip_address(address).packed))
    return records


def reply(message, names, say, udp):
    """What is sent back, or None."""
    name, end = decode_name(message, 12)
    kind = struct.unpack(">H", message[end : end + 2])[0]
    say(TYPES.get(kind, str(kind)), name)
    known = names.get(name)
    if known and known.get("silent"):
        return None
    rcode = 3 if known is None else known.get("rcode", 0)
    found = [] if rcode else answers(names, name, kind)
    flags = 0x8180 | rcode
    if udp and known and known.get("truncated"):
        flags, found = flags | 0x0200, []
    return message[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0) + message[12 : end + 4] + b"".join(found)


def read_exactly(stream, n):
    data = b""
    while len(data) < n:
        more = stream.recv(n - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


def serve_udp(s, answer):
    while True:
        message, peer = s.recvfrom(4096)
        out = answer(message, True)
        if out:
            s.sendto(out, peer)


def serve_tcp(s, answer):
    while True:
        stream, _ = s.accept()
        try:
            while True:
                n = struct.unpack(">H", read_exactly(stream, 2))[0]
                out = answer(read_exactly(stream, n), False)
                if out:
                    stream.sendall(struct.pack(">H", len(out)) + out)
        except OSError:
            stream.close()


def main():
    path, log, addresses = sys.argv[1], sys.argv[2], sys.argv[3:] or ["127.0.0.1"]
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def answer_at(address):
        def answer(message, udp):
            def say(kind, name):
                os.write(out, f"{'udp' if udp else 'tcp'} {address} {kind} {name}\n".encode())

            with open(path) as f:
                return reply(message, json.load(f), say, udp)

        return answer

    threads = []
    for address in addresses:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((address, 53))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((address, 53))
        tcp.listen()
        threads.append(threading.Thread(target=serve_udp, args=(udp, answer_at(address)), daemon=True))
        threads.append(threading.Thread(target=serve_tcp, args=(tcp, answer_at(address)), daemon=True))
    for t in threads:
        t.start()
    os.write(out, b"ready\n")
    for t in threads:
        t.join()


if __name__ == "__main__":
    main()
