# SPDX-License-Identifier: Apache-2.0
"""What a command that did not succeed raises: one class for each exit status of `ohcompose`.

    try:
        ohcompose.push("ubuntu:22.04", "registry.example.com/me/app:1", payload="build/app")
    except ohcompose.NotFound as e:
        print(e)                # as the program said it, without "ohcompose: "
    except ohcompose.Error as e:
        print(e.status, e)      # every other exit status
"""

from __future__ import annotations

from typing import Sequence


class Error(Exception):
    """The program ended with `status`; str() is what it said.

    `command` are its words without secrets (credentials go through its standard input), `warnings`
    what it warned of before.
    """

    def __init__(
        self,
        message: str,
        status: int = 1,
        command: Sequence[str] = (),
        warnings: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.command = list(command)
        self.warnings = list(warnings)


class Failed(Error):
    """1: in a way that has no status of its own."""


class UsageError(Error):
    """2: an option, or the value of one."""


class FormatError(Error):
    """3: a digest or a format; what was read is not what was promised."""


class NotFound(Error):
    """4: an image or a file is not there."""


class Denied(Error):
    """5: a registry denied access."""


class NetworkError(Error):
    """6: a registry could not be reached, or gave up."""


class CheckFailed(Error):
    """7: the image would not run; nothing was written."""


class Interrupted(Error):
    """130: by a signal."""


class ProgramMissing(Error):
    """The program `ohcompose` is not where it was looked for."""


BY_STATUS = {
    1: Failed,
    2: UsageError,
    3: FormatError,
    4: NotFound,
    5: Denied,
    6: NetworkError,
    7: CheckFailed,
    130: Interrupted,
}


def for_status(
    status: int, message: str, command: Sequence[str] = (), warnings: Sequence[str] = ()
) -> Error:
    """The error for an exit status; of one that is not listed, Error itself."""
    return BY_STATUS.get(status, Error)(message, status, command, warnings)
