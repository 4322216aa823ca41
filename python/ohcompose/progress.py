# SPDX-License-Identifier: Apache-2.0
"""What a command is doing, as `--progress json` tells it.

A callback gets one object at a time, in the thread that called the command:

    def show(event: ohcompose.Event) -> None:
        if isinstance(event, ohcompose.Begin):
            print(event.verb, event.subject)

    ohcompose.push(base, dest, payload=payload, progress=show)

Without a callback, warnings go to the logger "ohcompose".
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Mapping, Optional, Sequence, Type, Union


@dataclasses.dataclass(frozen=True)
class Begin:
    """Something large begins; `total` is its bytes, where that is known."""

    task: int
    verb: str
    subject: str
    total: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class Progress:
    """So many bytes of a task are done; told once a second."""

    task: int
    bytes: int


@dataclasses.dataclass(frozen=True)
class End:
    """A task ended; without an outcome it failed."""

    task: int
    bytes: int
    seconds: float
    outcome: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Message:
    """A line for people; `level` is error, warning, notice, verbose or trace."""

    level: str
    text: str


@dataclasses.dataclass(frozen=True)
class Status:
    """
    How far a bake has come; told once a second. `rate` is images a second, `remaining` seconds. `hosts` are objects
    with `host`, `requests`, `refused`, `underWay`, `atATime`, `aMinute` (0: no limit is known) and `waits` (seconds for
    which nobody may ask it).
    """

    images: int
    ended: int
    done: int
    there: int
    failed: int
    left: int
    bytes: Mapping[str, int]  # uploaded, mounted
    hosts: Sequence[Mapping[str, Any]]
    rate: Optional[float] = None
    remaining: Optional[float] = None


Event = Union[Begin, Progress, End, Message, Status]
Callback = Callable[[Event], None]

_KINDS: Mapping[str, Type[Event]] = {
    "begin": Begin,
    "progress": Progress,
    "end": End,
    "message": Message,
    "status": Status,
}


def event_from_json(j: Mapping[str, Any]) -> Optional[Event]:
    """None for an event, or a member, of a later version."""
    kind = _KINDS.get(str(j.get("event")))
    if not kind:
        return None
    try:
        return kind(**{f.name: j[f.name] for f in dataclasses.fields(kind) if f.name in j})
    except TypeError:
        return None
