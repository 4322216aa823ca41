# SPDX-License-Identifier: Apache-2.0
"""One run of the program: its lines as they come, its progress told, its exit status an error."""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import threading
import time
from typing import IO, Any, Iterator, List, Mapping, Optional, Sequence, Tuple

from . import errors, progress
from ._program import program
from .options import arguments

logger = logging.getLogger("ohcompose")

# A credential helper that outlives the program may keep its standard error: so many seconds after the
# program's end nobody waits for more.
_GRACE = 5.0


class Run:
    """
        with Run("bake", options, names, callback) as run:
            for line in run.lines():    # of standard output; the callback is called in between
                ...
        run.check()                     # raises when the program failed

    The callback runs in the thread that reads lines(); the program never waits for it.  Leaving the
    block before the program ended asks it to end, as Ctrl-C does, and waits until it has cleaned up.
    """

    def __init__(
        self,
        command: str,
        options: Mapping[str, Any],
        names: Sequence[str],
        callback: Optional[progress.Callback] = None,
    ) -> None:
        words, secrets = arguments(options)
        told = [] if command == "version" else ["--progress=json"]
        self.command = [program(), command, *told, *words, "--", *names]
        self.warnings: List[str] = []
        self.status: Optional[int] = None
        self._deadline = 0.0
        self._callback = callback
        self._said: List[str] = []
        self._queue: queue.SimpleQueue[Tuple[str, Optional[str]]] = queue.SimpleQueue()
        self._process = self._start(secrets)
        self._readers = [
            self._reader("out", self._process.stdout),
            self._reader("err", self._process.stderr),
        ]

    def _start(self, secrets: str) -> subprocess.Popen[str]:
        reads_ours = any(w == "-" or w.endswith("=-") for w in self.command)
        stdin = None if reads_ours else subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE if secrets else stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as e:
            raise errors.ProgramMissing(
                f"cannot start '{self.command[0]}': '{e.filename}': {e.strerror}", 127, self.command
            ) from e
        if secrets and process.stdin:
            try:
                process.stdin.write(secrets)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it ended before it asked; its status says why
        return process

    def _reader(self, name: str, stream: Optional[IO[str]]) -> threading.Thread:
        def read() -> None:
            for line in stream or ():
                self._queue.put((name, line.rstrip("\n")))
            self._queue.put((name, None))

        thread = threading.Thread(target=read, name=f"ohcompose {name}", daemon=True)
        thread.start()
        return thread

    def lines(self) -> Iterator[str]:
        """Lines of standard output, until the program has ended."""
        open_streams = {"out", "err"}
        while open_streams:
            try:
                name, line = self._queue.get(timeout=None if self.status is None else self._left())
            except queue.Empty:
                return
            if line is None:
                open_streams.remove(name)
                if name == "out":
                    self._wait()
            elif name == "out":
                yield line
            else:
                self._tell(line)

    def _wait(self) -> None:
        self.status = self._process.wait()
        self._deadline = time.monotonic() + _GRACE

    def _left(self) -> float:
        """Seconds of the grace."""
        return max(0.0, self._deadline - time.monotonic())

    def _tell(self, line: str) -> None:
        try:
            j = json.loads(line)
            event = progress.event_from_json(j)
        except (ValueError, AttributeError):
            # A message from before the program knows how to say it, as of a wrong option.
            self._said.append(line)
            return
        if isinstance(event, progress.Message):
            if event.level == "error":
                self._said.append(event.text)
            elif event.level == "warning":
                self.warnings.append(event.text)
                if not self._callback:
                    logger.warning("%s", event.text)
        if event and self._callback:
            self._callback(event)

    def check(self, accept: Sequence[int] = ()) -> None:
        """Raises the error for the exit status, unless it is 0 or one of those."""
        if self.status is None:
            raise RuntimeError("the program has not ended")
        if self.status == 0 or self.status in accept:
            return
        status = self.status if self.status > 0 else 128 - self.status
        said = [s[len("ohcompose: ") :] if s.startswith("ohcompose: ") else s for s in self._said]
        message = "\n".join(said) or f"'{self.command[0]}' ended with status {status}"
        raise errors.for_status(status, message, self.command, self.warnings)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            if self._process.poll() is None:
                self._process.terminate()
            self._wait()
        for reader, stream in zip(self._readers, (self._process.stdout, self._process.stderr)):
            reader.join(self._left())
            if stream and not reader.is_alive():
                stream.close()


def run(
    command: str,
    options: Mapping[str, Any],
    names: Sequence[str],
    callback: Optional[progress.Callback] = None,
    accept: Sequence[int] = (),
) -> Any:
    """What the program wrote with --json.  A status in `accept` is no error."""
    with Run(command, {**options, "json": True}, names, callback) as r:
        text = "\n".join(r.lines())
    r.check(accept)
    try:
        return json.loads(text)
    except ValueError as e:
        raise errors.FormatError(
            f"what '{r.command[0]} {command}' wrote is no JSON: {e}", 3, r.command, r.warnings
        ) from e
