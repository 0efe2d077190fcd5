"""Worker: native code that blocks, run on its own threads, with priorities, micro-batches and a bounded queue.

CTranslate2, onnxruntime and espeak release the GIL while they compute, so a thread is all they need to stay off the
event loop. A free thread takes what is waiting at that moment, urgent jobs first, up to `max_batch`; it never waits for
more.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.engines.base import EngineError, EngineFailed, EngineOverloaded

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True, eq=False)
class _Job(Generic[In, Out]):
    item: In
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Out]

    def succeed(self, result: Out) -> None:
        self._settle(lambda: self.future.set_result(result))

    def fail(self, error: EngineError) -> None:
        self._settle(lambda: self.future.set_exception(error))

    def _settle(self, settle: Callable[[], None]) -> None:
        def unless_done() -> None:
            if not self.future.done():
                settle()

        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody can be waiting
            self.loop.call_soon_threadsafe(unless_done)


class Worker(Generic[In, Out]):
    """Runs `run(batch) -> one result each, in order` on `threads` daemon threads, which start with the first job.

    A batch that raises is tried again item by item, so one bad input harms nobody else. A thread stuck in native code
    cannot be stopped; it is left behind by `aclose` and dies with the process.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[list[In]], list[Out]],
        *,
        max_batch: int = 1,
        max_waiting: int = 256,
        threads: int = 1,
    ) -> None:
        self._name = name
        self._run = run
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._changed = threading.Condition()  # guards everything below
        self._urgent: deque[_Job[In, Out]] = deque()
        self._normal: deque[_Job[In, Out]] = deque()
        self._running: set[_Job[In, Out]] = set()
        self._threads = [threading.Thread(target=self._serve, name=f"{name}-{n}", daemon=True) for n in range(threads)]
        self._started = False
        self._closed = False

    @property
    def waiting(self) -> int:
        """Jobs that no thread has taken yet."""
        return len(self._urgent) + len(self._normal)

    def start(self, item: In, *, urgent: bool = False) -> "asyncio.Future[Out]":
        """Queue `item`; the future gets its result or an EngineError. Cancelling it takes the job out of the queue.

        Raises EngineOverloaded when the queue is full, EngineFailed after `aclose`. Call it on the event loop.
        """
        loop = asyncio.get_running_loop()
        job: _Job[In, Out] = _Job(item, loop, loop.create_future())
        with self._changed:
            if self._closed:
                raise EngineFailed(f"{self._name} is closed")
            if self.waiting >= self._max_waiting:
                raise EngineOverloaded(f"{self._name}: {self.waiting} jobs are waiting already")
            (self._urgent if urgent else self._normal).append(job)
            if not self._started:
                self._started = True
                for thread in self._threads:
                    thread.start()
            self._changed.notify()
        job.future.add_done_callback(lambda future: self._drop(job) if future.cancelled() else None)
        return job.future

    async def submit(self, item: In, *, urgent: bool = False) -> Out:
        """`start`, and wait for the result."""
        return await self.start(item, urgent=urgent)

    def withdraw(self, future: "asyncio.Future[Out]") -> bool:
        """Cancel a job that still waits. False: a thread has taken it already, and it will be done."""
        with self._changed:
            for queue in (self._urgent, self._normal):
                for job in queue:
                    if job.future is future:
                        queue.remove(job)
                        return future.cancel()
        return False

    async def aclose(self, timeout_s: float = 2.0) -> None:
        """Fail what is waiting, let running batches end for `timeout_s`, then fail those too. Safe to call twice."""
        with self._changed:
            self._closed = True
            waiting = [*self._urgent, *self._normal]
            self._urgent.clear()
            self._normal.clear()
            self._changed.notify_all()
        for job in waiting:
            job.fail(EngineFailed(f"{self._name} was closed"))
        if self._started:
            await asyncio.to_thread(self._join, timeout_s)
        with self._changed:
            running = list(self._running)
        for job in running:
            job.fail(EngineFailed(f"{self._name} was closed while it worked"))

    def _join(self, timeout_s: float) -> None:
        for thread in self._threads:
            thread.join(timeout_s / len(self._threads))

    def _drop(self, job: _Job[In, Out]) -> None:
        with self._changed:
            for queue in (self._urgent, self._normal):
                with contextlib.suppress(ValueError):
                    queue.remove(job)

    # Everything below runs on the worker's threads.

    def _serve(self) -> None:
        while batch := self._take():
            self._answer(batch)
            with self._changed:
                self._running.difference_update(batch)

    def _take(self) -> list[_Job[In, Out]]:
        """The next batch; empty when the worker is closed."""
        with self._changed:
            while not self._closed and not self.waiting:
                self._changed.wait()
            batch: list[_Job[In, Out]] = []
            while self.waiting and len(batch) < self._max_batch:
                batch.append((self._urgent or self._normal).popleft())
            self._running.update(batch)
            return batch

    def _answer(self, batch: list[_Job[In, Out]]) -> None:
        try:
            results = self._run([job.item for job in batch])
            if len(results) != len(batch):
                raise EngineFailed(f"{self._name}: {len(results)} results for {len(batch)} inputs")
        except Exception as error:  # whatever native code raises must reach the caller, not end the thread
            if len(batch) > 1:
                for job in batch:
                    if not job.future.cancelled():
                        self._answer([job])
            else:
                batch[0].fail(_failure(self._name, error))
            return
        for job, result in zip(batch, results, strict=True):
            job.succeed(result)


def _failure(name: str, error: Exception) -> EngineError:
    """Native code may quote its input, the caller's words: its text stays with the cause, out of the message."""
    if isinstance(error, EngineError):
        return error
    failure = EngineFailed(f"{name} failed: {type(error).__name__}")
    failure.__cause__ = error
    return failure
