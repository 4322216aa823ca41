# SPDX-License-Identifier: Apache-2.0
"""The options of the commands, as keywords: `--on-uid-clash next-free` is `on_uid_clash="next-free"`.

- True is the option alone; False and None are as if it were not said.
- Of an option that can be repeated, a list is each of its values; of one that takes K=V, a dict.
- `entrypoint` and `cmd` take a list of words, or a text for /bin/sh -c.
- An empty text clears, as on the command line.
- `creds` and `src_creds` ("USER:PASSWORD") go through the program's standard input: no list of
  processes shows them.

Types below are for editors and type checkers; what an option means says `ohcompose help push`.
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple, TypedDict, Union

StrPath = Union[str, "os.PathLike[str]"]
Strings = Union[str, Sequence[str]]
Paths = Union[StrPath, Sequence[StrPath]]
Table = Union[Mapping[str, str], Strings]


class Connection(TypedDict, total=False):
    """Of every command that speaks to registries."""

    authfile: StrPath
    creds: str
    insecure: bool
    tls_verify: bool
    ca_file: StrPath
    cert: StrPath
    key: StrPath
    retry: int
    timeout: int
    mirror: Table
    jobs: int


class Kept(Connection, total=False):
    """Of those that keep what they learn."""

    cache: StrPath
    no_cache: bool


class Cached(Kept, total=False):
    """Of those that read layers, too."""

    max_layer_size: Union[int, str]
    max_layer_entries: int


class Sides(Cached, total=False):
    """Of those that read from one place and write to another."""

    src_creds: str
    src_authfile: StrPath
    src_insecure: bool
    src_tls_verify: bool
    dest_authfile: StrPath
    dest_tls_verify: bool


class Meant(TypedDict, total=False):
    """What an image is to be: for which machine and account, and what runs in it."""

    env: Table
    owner: str
    profile: StrPath
    platform: str


class Fitted(TypedDict, total=False):
    """How a payload is put on a base."""

    payload: Paths
    account: str
    no_account: bool
    on_uid_clash: str
    unset_env: Strings
    remove: Strings
    user: str
    workdir: str
    entrypoint: Strings
    cmd: Strings


class Made(TypedDict, total=False):
    """How an image is written, and what becomes of it."""

    label: Table
    annotation: Table
    created: str
    format: str
    compression: str
    compression_level: int
    mtime: str
    tag: Strings
    sign: str
    dry_run: bool


class Composed(Meant, Fitted, Made, total=False):
    """What becomes of a payload and a base."""

    expose: Strings
    volume: Strings
    stop_signal: str
    check: str
    no_check: bool
    skip_existing: bool
    sbom: bool
    mount: str


class PushOptions(Composed, Sides, total=False):
    digest_file: StrPath


class PackOptions(Meant, Made, Sides, total=False):
    digest_file: StrPath
    prefix: str
    closure: bool
    root: StrPath
    dlopen: Strings
    optional: Strings
    sbom: str
    exclude: Strings
    dereference: bool
    launcher: Table


class Many(Composed, Sides, total=False):
    """A run over many images."""

    dest: str
    shard: str
    rate: Table
    journal: StrPath
    keep_going: bool
    fail_fast: bool
    html: StrPath


class BakeOptions(Many, total=False):
    bases: StrPath
    base_field: str


class UpgradeOptions(Many, total=False):
    list: StrPath
    list_field: str
    repo: str
    base: str
    base_moved: bool
    base_kept: bool
    drop_platforms: bool


class CheckOptions(Meant, Fitted, Sides, total=False):
    policy: StrPath
    verbose: bool


class InspectOptions(Cached, total=False):
    platform: str


class ProbeOptions(Kept, total=False):
    body: int
    leave_blob: bool


# These are written as true or false, because leaving it out is something else than false.
_BOOLEANS = ("tls_verify", "src_tls_verify", "dest_tls_verify")
# A list of words is one value.
_WORDS = ("entrypoint", "cmd")
# No list of processes is to show these, in the order in which the program reads them.
_SECRETS = ("src_creds", "creds")


def reading(options: Mapping[str, Any]) -> Dict[str, Any]:
    """Of a command with two sides, what another command is told that reads the same images."""
    ones = set(Cached.__annotations__) - {"creds", "insecure", "tls_verify"}
    reads = {k: v for k, v in options.items() if k in ones}
    sides = {k[len("src_") :]: v for k, v in options.items() if k.startswith("src_")}
    return {**reads, **sides}


def _text(value: Any) -> str:
    return str(os.fspath(value)) if isinstance(value, os.PathLike) else str(value)


def _texts(name: str, value: Any) -> Iterator[str]:
    if name in _WORDS and not isinstance(value, str):
        yield json.dumps(list(value)) if value else ""
    elif isinstance(value, Mapping):
        for k, v in value.items():
            yield f"{k}={v}"
    elif isinstance(value, (str, int, float, os.PathLike)):
        yield _text(value)
    else:
        yield from map(_text, value)


def arguments(options: Mapping[str, Any]) -> Tuple[List[str], str]:
    """The words of the command line, and what its standard input is to hold."""
    words: List[str] = []
    secrets = ""
    for name in _SECRETS:
        if options.get(name) is not None:
            secrets += f"{options[name]}\n"
            words.append(f"--{name.replace('_', '-')}-stdin")
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is None or name in _SECRETS:
            continue
        if name in _BOOLEANS:
            words.append(f"{option}={'true' if value else 'false'}")
        elif isinstance(value, bool):
            words += [option] if value else []
        else:
            words += [f"{option}={text}" for text in _texts(name, value)]
    return words, secrets
