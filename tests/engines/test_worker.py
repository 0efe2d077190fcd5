"""Worker: order, batches, cancellation, overload, failure and closing, all on gates instead of sleeps."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings, strategies as st

from app.engines.base import EngineError, EngineFailed, EngineOverloaded, EngineUnavailable
from app.engines.worker import Worker


class Gate:
    """A `run` that records its batches, and holds the worker's thread until the test opens it."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered = threading.Event()
        self.open = threading.Event()

    def run(self, batch: list[int]) -> list[int]:
        self.batches.append(batch)
        self.entered.set()
        assert self.open.wait(10)
        if any(item < 0 for item in batch):
            raise ValueError("negative")
        return [item * 10 for item in batch]


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and t.name.startswith("w-")]
    for thread in left:
        thread.join(5)
    assert not [thread for thread in left if thread.is_alive()]


async def blocked(worker: Worker[int, int], gate: Gate) -> "asyncio.Task[int]":
    """The worker's thread is busy with item 0."""
    first = asyncio.create_task(worker.submit(0))
    assert await asyncio.to_thread(gate.entered.wait, 10)
    return first


async def test_urgent_jobs_go_first_then_arrival_in_batches_of_what_waits(gate: Gate) -> None:
    worker = Worker("w", gate.run, max_batch=3)
    first = await blocked(worker, gate)
    jobs = [worker.start(item, urgent=item in (3, 5)) for item in (1, 2, 3, 4, 5)]
    assert worker.waiting == 5
    gate.open.set()
    assert await asyncio.gather(first, *jobs) == [0, 10, 20, 30, 40, 50]
    assert gate.batches == [[0], [3, 5, 1], [2, 4]]
    await worker.aclose()


async def test_a_lone_job_is_not_kept_waiting_for_others(gate: Gate) -> None:
    gate.open.set()
    worker = Worker("w", gate.run, max_batch=8)
    assert [await worker.submit(n) for n in (1, 2)] == [10, 20]
    assert gate.batches == [[1], [2]]
    await worker.aclose()


async def test_a_cancelled_job_that_has_not_started_is_never_run(gate: Gate) -> None:
    worker = Worker("w", gate.run)
    first = await blocked(worker, gate)
    dropped, kept = asyncio.create_task(worker.submit(1)), asyncio.create_task(worker.submit(2))
    await asyncio.sleep(0)
    dropped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dropped
    assert worker.waiting == 1
    gate.open.set()
    assert [await first, await kept] == [0, 20]
    assert gate.batches == [[0], [2]]
    await worker.aclose()


async def test_only_a_job_that_waits_can_be_withdrawn(gate: Gate) -> None:
    worker = Worker("w", gate.run)
    first = worker.start(0)
    assert await asyncio.to_thread(gate.entered.wait, 10)
    withdrawn, urgent, kept = worker.start(1), worker.start(2, urgent=True), worker.start(3)
    assert worker.withdraw(withdrawn)
    assert worker.withdraw(urgent)
    assert not worker.withdraw(withdrawn), "once"
    assert not worker.withdraw(first), "it runs"
    assert worker.waiting == 1
    gate.open.set()
    assert [await first, await kept] == [0, 30]
    assert withdrawn.cancelled()
    assert gate.batches == [[0], [3]]
    await worker.aclose()


async def test_cancelling_a_running_job_harms_nobody(gate: Gate) -> None:
    worker = Worker("w", gate.run)
    first = await blocked(worker, gate)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.open.set()
    assert await worker.submit(3) == 30
    await worker.aclose()


async def test_a_full_queue_refuses_and_a_cancelled_job_makes_room(gate: Gate) -> None:
    worker = Worker("w", gate.run, max_waiting=2)
    first = await blocked(worker, gate)
    jobs = [worker.start(1), worker.start(2)]
    with pytest.raises(EngineOverloaded, match="w: 2 jobs are waiting"):
        await worker.submit(3)
    jobs[0].cancel()
    await asyncio.sleep(0)
    jobs.append(worker.start(4))
    gate.open.set()
    assert await asyncio.gather(first, *jobs[1:]) == [0, 20, 40]
    await worker.aclose()


async def test_one_bad_input_of_a_batch_fails_alone(gate: Gate) -> None:
    worker = Worker("w", gate.run, max_batch=4)
    first = await blocked(worker, gate)
    jobs = [worker.start(n) for n in (1, -2, 3)]
    gate.open.set()
    good, bad, other = await asyncio.gather(*jobs, return_exceptions=True)
    assert (good, other) == (10, 30)
    assert isinstance(bad, EngineFailed)
    assert str(bad) == "w failed: ValueError", "the text of native code may quote the caller"
    assert str(bad.__cause__) == "negative"
    assert gate.batches == [[0], [1, -2, 3], [1], [-2], [3]]
    assert await first == 0
    await worker.aclose()


async def test_an_engine_error_arrives_as_itself() -> None:
    def run(batch: list[int]) -> list[int]:
        raise EngineUnavailable("no model")

    worker = Worker("w", run)
    with pytest.raises(EngineUnavailable, match="no model"):
        await worker.submit(1)
    await worker.aclose()


async def test_too_few_results_are_a_failure_not_a_mixup() -> None:
    worker: Worker[int, int] = Worker("w", lambda batch: [])
    with pytest.raises(EngineFailed, match="0 results for 1 inputs"):
        await worker.submit(1)
    await worker.aclose()


async def test_closing_ends_running_work_and_fails_what_waits(gate: Gate) -> None:
    worker = Worker("w", gate.run)
    first = await blocked(worker, gate)
    waiting = worker.start(1)
    closing = asyncio.create_task(worker.aclose())
    with pytest.raises(EngineFailed, match="w was closed"):
        await waiting
    gate.open.set()
    assert await first == 0
    await closing
    with pytest.raises(EngineFailed, match="w is closed"):
        await worker.submit(2)
    await worker.aclose()


async def test_a_hung_batch_does_not_hang_closing(gate: Gate) -> None:
    worker = Worker("w", gate.run)
    first = await blocked(worker, gate)
    async with asyncio.timeout(5):
        await worker.aclose(timeout_s=0.05)
    with pytest.raises(EngineFailed, match="closed while it worked"):
        await first


async def test_several_threads_share_the_queue() -> None:
    together = threading.Barrier(2, timeout=10)

    def run(batch: list[int]) -> list[int]:
        together.wait()
        return batch

    worker = Worker("w", run, threads=2)
    jobs = [worker.start(1), worker.start(2)]
    assert await asyncio.gather(*jobs) == [1, 2]
    await worker.aclose()


async def test_an_unused_worker_has_no_thread() -> None:
    worker: Worker[int, int] = Worker("w-unused", list)
    assert "w-unused-0" not in [thread.name for thread in threading.enumerate()]
    await worker.aclose()


def test_results_for_a_loop_that_is_gone_are_dropped(gate: Gate) -> None:
    worker = Worker("w", gate.run)

    async def ask_and_leave() -> None:
        (await blocked(worker, gate)).cancel()

    asyncio.run(ask_and_leave())
    gate.open.set()

    async def ask_again() -> int:
        result = await worker.submit(4)
        await worker.aclose()
        return result

    assert asyncio.run(ask_again()) == 40


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(-3, 30), st.booleans(), st.booleans()), max_size=40), st.integers(1, 5))
def test_every_job_gets_its_own_answer(jobs: list[tuple[int, bool, bool]], max_batch: int) -> None:
    def run(batch: list[int]) -> list[int]:
        assert 0 < len(batch) <= max_batch
        if min(batch) < 0:
            raise ValueError("negative")
        return [item + 1 for item in batch]

    async def ask() -> None:
        worker = Worker("w", run, max_batch=max_batch)
        futures = [worker.start(item, urgent=urgent) for item, urgent, _ in jobs]
        for future, (_, _, cancel) in zip(futures, jobs, strict=True):
            if cancel:
                future.cancel()
        answers = await asyncio.gather(*futures, return_exceptions=True)
        for (item, _, cancel), answer in zip(jobs, answers, strict=True):
            if cancel:
                assert isinstance(answer, asyncio.CancelledError)
            elif item < 0:
                assert isinstance(answer, EngineError)
            else:
                assert answer == item + 1
        await worker.aclose()

    asyncio.run(ask())
