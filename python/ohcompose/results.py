# SPDX-License-Identifier: Apache-2.0
"""What commands give: dataclasses of the objects that `--json` writes.

Members have the names of the JSON with `_` (mediaType is media_type).  `raw` is the whole object, with
what this version of the package has no member for.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, List, Mapping, Optional, Tuple

JSON = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Layer:
    """A layer of a composed image, and what became of it.

    `role` is base, payload or adapter, `action` kept, mounted, uploaded, copied or written.  The members
    with a default are those of `pack` and `inspect`.
    """

    digest: str
    size: int
    media_type: str
    role: str = ""
    action: str = ""
    diff_id: Optional[str] = None
    name: Optional[str] = None
    entries: Optional[int] = None
    content: Optional[int] = None
    programs: Tuple[str, ...] = ()

    @classmethod
    def from_json(cls, j: JSON) -> Layer:
        return cls(
            digest=j["digest"],
            size=j["size"],
            media_type=j["mediaType"],
            role=j.get("role", ""),
            action=j.get("action", ""),
            diff_id=j.get("diffId"),
            name=j.get("name"),
            entries=j.get("entries"),
            content=j.get("content"),
            programs=tuple(j.get("programs", ())),
        )


def _layers(j: JSON) -> Tuple[Layer, ...]:
    return tuple(Layer.from_json(layer) for layer in j.get("layers", ()))


@dataclasses.dataclass(frozen=True)
class Moved:
    """Bytes of the payload that were read, and bytes that went over the wire."""

    read: int = 0
    downloaded: int = 0
    uploaded: int = 0

    @classmethod
    def from_json(cls, j: JSON) -> Moved:
        return cls(j.get("read", 0), j.get("downloaded", 0), j.get("uploaded", 0))


@dataclasses.dataclass(frozen=True)
class Image:
    """What `push` and `pack` made."""

    name: str
    digest: str
    media_type: str
    platform: str
    layers: Tuple[Layer, ...]
    bytes: Moved
    requests: int
    seconds: float
    raw: JSON = dataclasses.field(repr=False, compare=False, default_factory=dict)

    @property
    def reference(self) -> str:
        """The name with the digest: what it means does not change."""
        return f"{self.name.partition('@')[0]}@{self.digest}"

    @classmethod
    def from_json(cls, j: JSON) -> Image:
        return cls(
            name=j["name"],
            digest=j["digest"],
            media_type=j["mediaType"],
            platform=j["platform"],
            layers=_layers(j),
            bytes=Moved.from_json(j.get("bytes", {})),
            requests=j.get("requests", 0),
            seconds=j.get("seconds", 0.0),
            raw=j,
        )


@dataclasses.dataclass(frozen=True)
class Baked:
    """One image of `bake` or `upgrade`.

    `state` is done (it was made), there (it was already what it should be), failed, or of an upgrade left
    (as it is, and `why`).  `image` is what is there; where it failed, `error` and `exit` say why and with
    which exit status.
    """

    name: str
    base: str
    state: str
    tags: Tuple[str, ...] = ()
    seconds: float = 0.0
    image: Optional[Image] = None
    error: Optional[str] = None
    exit: int = 0
    why: Optional[str] = None
    raw: JSON = dataclasses.field(repr=False, compare=False, default_factory=dict)

    @property
    def failed(self) -> bool:
        return self.state == "failed"

    @property
    def left(self) -> bool:
        return self.state == "left"

    @classmethod
    def from_json(cls, j: JSON) -> Baked:
        return cls(
            name=j["name"],
            base=j.get("base", ""),
            state=j["state"],
            tags=tuple(j.get("tags", ())),
            seconds=j.get("seconds", 0.0),
            image=Image.from_json(j) if "digest" in j and "layers" in j else None,
            error=j.get("error"),
            exit=j.get("exit", 0),
            why=j.get("why"),
            raw=j,
        )


@dataclasses.dataclass(frozen=True)
class Summary:
    """The sums of a bake."""

    images: int
    done: int
    there: int
    failed: int
    waiting: int
    left: int
    requests: int
    seconds: float
    raw: JSON = dataclasses.field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def from_json(cls, j: JSON) -> Summary:
        numbers = {f.name: j.get(f.name, 0) for f in dataclasses.fields(cls) if f.name != "raw"}
        return cls(raw=j, **numbers)


@dataclasses.dataclass(frozen=True)
class Finding:
    """What `check` found: `level` is error, warning or ok; a code keeps its meaning."""

    level: str
    code: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.level} {self.code} {self.subject}: {self.message}"

    @classmethod
    def from_json(cls, j: JSON) -> Finding:
        return cls(j["level"], j["code"], j["subject"], j["message"])


@dataclasses.dataclass(frozen=True)
class Check:
    """All findings of a check; it is true when there are no errors among them."""

    findings: Tuple[Finding, ...]

    @property
    def errors(self) -> List[Finding]:
        return [f for f in self.findings if f.level == "error"]

    @property
    def warnings(self) -> List[Finding]:
        return [f for f in self.findings if f.level == "warning"]

    def __bool__(self) -> bool:
        return not self.errors


@dataclasses.dataclass(frozen=True)
class Inspection:
    """What is in an image.  `digest` is what the name names, `manifest` that of the platform's image."""

    name: str
    digest: str
    media_type: str
    manifest: str
    platform: str
    size: int
    layers: Tuple[Layer, ...]
    config: Mapping[str, Any]
    annotations: Mapping[str, str]
    created: Optional[str] = None
    raw: JSON = dataclasses.field(repr=False, compare=False, default_factory=dict)

    @property
    def env(self) -> Dict[str, str]:
        return dict(e.partition("=")[::2] for e in self.config.get("env", ()))

    @classmethod
    def from_json(cls, j: JSON) -> Inspection:
        return cls(
            name=j["name"],
            digest=j["digest"],
            media_type=j["mediaType"],
            manifest=j.get("manifest", {}).get("digest", j["digest"]),
            platform=j.get("platform", ""),
            size=j.get("size", 0),
            layers=_layers(j),
            config=j.get("config", {}),
            annotations=j.get("annotations", {}),
            created=j.get("created"),
            raw=j,
        )


@dataclasses.dataclass(frozen=True)
class Probe:
    """What a registry can do: true, false, or None where it could not be found out (`unknown`: why)."""

    name: str
    url: str
    can: Mapping[str, Optional[bool]]
    unknown: Mapping[str, str]
    requests: int
    raw: JSON = dataclasses.field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def from_json(cls, j: JSON) -> Probe:
        return cls(
            name=j["name"],
            url=j.get("url", ""),
            can=j.get("can", {}),
            unknown=j.get("unknown", {}),
            requests=j.get("requests", 0),
            raw=j,
        )
