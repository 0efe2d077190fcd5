"""Writes traces and audio to disk from one thread, so that no call ever waits for a disk.

The queue to the thread is bounded. When the disk can't keep up, blocks are dropped and counted, and the calls go on.
"""

import logging
import queue
import threading
from pathlib import Path
from types import TracebackType

log = logging.getLogger(__name__)

_MOST_BLOCKS = 4096


class Recorder:
    """Owns the folder calls are recorded to. Use as a context manager; leaving it writes everything out."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._blocks: queue.Queue[tuple[Path, bytes] | None] = queue.Queue(_MOST_BLOCKS)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self.dropped = 0

    def __enter__(self) -> "Recorder":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._blocks.put(None)
        self._thread.join()

    def path(self, call_id: str, suffix: str) -> Path:
        """Where a file of one call lies. A carrier's call id is only trusted for its letters and digits."""
        safe = "".join(character if character.isalnum() or character in "-_" else "_" for character in call_id)[:80]
        return self._directory / f"{safe}.{suffix}"

    def append(self, path: Path, block: bytes) -> None:
        """Queue `block` for the end of the file. Never blocks."""
        try:
            self._blocks.put_nowait((path, block))
        except queue.Full:
            self.dropped += 1
            if self.dropped == 1:
                log.error("the disk under %s is too slow: recordings are incomplete", self._directory)

    def _run(self) -> None:
        while (item := self._blocks.get()) is not None:
            path, block = item
            try:
                with path.open("ab") as file:
                    file.write(block)
            except OSError as error:
                self.dropped += 1
                log.error("cannot write %s: %s", path.name, error.strerror)
