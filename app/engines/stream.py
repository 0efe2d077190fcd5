"""ChunkStream: audio made on a worker thread, read by one coroutine.

The thread serves all calls, so it never waits for one of them: a reader that falls `max_chunks` behind is cut off. Each
`put` tells the thread whether anybody still listens, so closing the reader stops the model at its next chunk.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncGenerator
from enum import Enum, auto

from app.engines.base import EngineError, EngineFailed, EngineOverloaded


class _State(Enum):
    OPEN = auto()
    ENDED = auto()
    """The thread is done; what is queued can still be read."""
    STOPPED = auto()
    """Nobody reads any more."""


class ChunkStream:
    """One stream from a thread to a coroutine. Make it on the event loop."""

    def __init__(self, max_chunks: int = 2400) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._max_chunks = max_chunks
        self._lock = threading.Lock()  # guards everything below
        self._chunks: deque[bytes] = deque()
        self._state = _State.OPEN
        self._error: EngineError | None = None
        self._woken = False

    # For the thread that makes the audio.

    @property
    def stopped(self) -> bool:
        return self._state is not _State.OPEN

    def put(self, chunk: bytes) -> bool:
        """Hand over a chunk. False: stop working, nobody wants more."""
        with self._lock:
            if self._state is not _State.OPEN:
                return False
            if len(self._chunks) >= self._max_chunks:
                self._state = _State.ENDED
                self._error = EngineOverloaded(f"the reader is {self._max_chunks} chunks behind")
            else:
                self._chunks.append(chunk)
            self._wake()
            return self._state is _State.OPEN

    def end(self, error: EngineError | None = None) -> None:
        """No more chunks follow; `error` reaches the reader after what is queued."""
        with self._lock:
            if self._state is _State.OPEN:
                self._state, self._error = _State.ENDED, error
            self._wake()

    def _wake(self) -> None:
        if not self._woken:  # one wake-up for however many chunks the loop has not looked at yet
            self._woken = True
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody reads
                self._loop.call_soon_threadsafe(self._ready.set)

    def follow(self, job: "asyncio.Future[None]") -> None:
        """End as the worker's job ends: the done callback of a job whose chunks come through here."""
        error = None if job.cancelled() else job.exception()
        if error is None or isinstance(error, EngineError):
            self.end(error)
        else:  # its text may quote the caller's words: it stays with the cause
            failure = EngineFailed(f"the worker failed: {type(error).__name__}")
            failure.__cause__ = error
            self.end(failure)

    # For the coroutine that reads it.

    def stop(self) -> None:
        with self._lock:
            self._state = _State.STOPPED
            self._chunks.clear()

    async def read(self) -> AsyncGenerator[bytes, None]:
        """The chunks in order. Closing the generator stops the thread's work. Raises the thread's EngineError."""
        try:
            while True:
                await self._ready.wait()
                with self._lock:
                    chunks, self._chunks = self._chunks, deque()
                    ended, self._woken = self._state is _State.ENDED, False
                    self._ready.clear()
                for chunk in chunks:
                    yield chunk
                if ended:
                    break
            if self._error is not None:
                raise self._error
        finally:
            self.stop()
