"""Writes traces and audio to disk from one thread, so that no call ever waits for a disk.

The queue to the thread is bounded. When the disk can't keep up, audio is given up first, and the calls go on. A trace
that lost blocks says so where they are missing: `{"lost": 2}`.
"""

import errno
import logging
import os
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from telephony.events import RATE_HZ, Encoding

log = logging.getLogger(__name__)

TRACE: Final = "jsonl"
AUDIO_BLOCK_BYTES: Final = RATE_HZ
"""A second of G.711: a block costs as much as its file's opening, so few large ones."""
MOST_AUDIO: Final = 2048
"""Blocks that may wait before audio is given up: 10 s of both sides of 100 calls, 16 MB."""
MOST_TRACE: Final = 4096
"""Before blocks of traces are given up as well."""
MOST_ENDS: Final = 8192
"""And before even the last rows of traces, which say what is missing."""


class Recorder:
    """Owns the folder calls are recorded to. Use as a context manager; leaving it writes everything out."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._blocks: queue.SimpleQueue[_Block | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self.dropped = 0
        """Blocks that found no room in the queue."""

    def __enter__(self) -> "Recorder":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._blocks.put(None)
        self._thread.join()

    def recording(self, call_id: str, encoding: Encoding = "mulaw") -> "Recording":
        """New files for one stream. A carrier's call id is only trusted for its letters and digits."""
        safe = "".join(character if character.isalnum() or character in "-_" else "_" for character in call_id)[:80]
        return Recording(self, _Files(self._directory, safe), encoding)

    def put(self, block: "_Block", most: int) -> bool:
        """Queue a block, unless `most` are waiting already. Never blocks."""
        if self._blocks.qsize() < most:
            self._blocks.put(block)
            return True
        self.dropped += 1
        if self.dropped == 1:
            log.error("the disk under %s is too slow: recordings are incomplete", self._directory)
        return False

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            block.files.write(block)


class Recording:
    """What one stream leaves: its trace, and the audio of each side if there is any. `close` it when the call is over.

    The first stream of a call has `<call>.jsonl` and, say, `<call>.caller.mulaw`; a later one `<call>-2.jsonl`, and so
    on.
    """

    def __init__(self, recorder: Recorder, files: "_Files", encoding: Encoding) -> None:
        self._recorder = recorder
        self._files = files
        self._encoding = encoding
        self._sides: dict[str, bytearray] = {}
        self._lost = 0

    def trace(self, block: bytes) -> None:
        """Whole lines for the end of the trace."""
        self._put_trace(block, MOST_TRACE)

    def audio(self, side: str, audio: bytes) -> None:
        """More of what `side` said; it is collected into blocks of a second."""
        collected = self._sides.setdefault(side, bytearray())
        collected += audio
        if len(collected) >= AUDIO_BLOCK_BYTES:
            self._put_audio(side)

    def close(self) -> None:
        for side in self._sides:
            self._put_audio(side)
        if self._lost:
            self._put_trace(b"", MOST_ENDS)

    def _put_audio(self, side: str) -> None:
        if collected := self._sides[side]:
            self._recorder.put(_Block(self._files, f"{side}.{self._encoding}", bytes(collected)), MOST_AUDIO)
            collected.clear()

    def _put_trace(self, block: bytes, most: int) -> None:
        if self._recorder.put(_Block(self._files, TRACE, block, self._lost), most):
            self._lost = 0
        else:
            self._lost += 1


@dataclass(frozen=True, slots=True)
class _Block:
    files: "_Files"
    suffix: str
    data: bytes
    lost: int = 0
    """Blocks of the trace that found no room before this one."""


class _Files:
    """The files of one recording, for the recorder's thread alone."""

    def __init__(self, directory: Path, call: str) -> None:
        self._directory = directory
        self._call = call
        self._name = ""
        self._lost = 0
        """Blocks of the trace that are missing at its end."""
        self._failing = False

    def write(self, block: _Block) -> None:
        """Append the block to its file. What the disk refuses is lost, and counted when it is of the trace."""
        data = block.data
        if block.suffix == TRACE:
            self._lost += block.lost
            data = b'{"lost":%d}\n' % self._lost + data if self._lost else data
        try:
            self._name = self._name or self._claim()
            _append(self._directory / f"{self._name}.{block.suffix}", data)
        except OSError as error:
            self._lost += block.suffix == TRACE
            if not self._failing:
                log.error("cannot record call %s: %s", self._call, error.strerror)
            self._failing = True
        else:
            self._lost = 0 if block.suffix == TRACE else self._lost
            self._failing = False

    def _claim(self) -> str:
        """Make the trace's file, under the first free name. Other processes may record to the same folder."""
        name, number = self._call, 1
        while True:
            try:
                (self._directory / f"{name}.{TRACE}").touch(exist_ok=False)
            except FileExistsError:
                number += 1
                name = f"{self._call}-{number}"
            else:
                return name


def _append(path: Path, data: bytes) -> None:
    """All or nothing: half a line would make the rest of a trace unreadable. Raises OSError."""
    with path.open("ab", buffering=0) as file:
        end = file.tell()
        if file.write(data) < len(data):
            file.truncate(end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
