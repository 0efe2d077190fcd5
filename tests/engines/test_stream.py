"""ChunkStream: order, errors, a reader that leaves and a reader that is too slow."""

import asyncio
import threading
from contextlib import aclosing

import pytest

from app.engines.base import EngineError, EngineFailed, EngineOverloaded
from app.engines.stream import ChunkStream


async def collect_into(heard: list[bytes], stream: ChunkStream) -> None:
    async with aclosing(stream.read()) as chunks:
        async for chunk in chunks:
            heard.append(chunk)  # noqa: PERF401 - what was heard before an error counts too


async def collect(stream: ChunkStream) -> list[bytes]:
    heard: list[bytes] = []
    await collect_into(heard, stream)
    return heard


async def test_chunks_of_a_thread_arrive_complete_and_in_order() -> None:
    stream = ChunkStream()
    sent = [n.to_bytes(2, "little") for n in range(2000)]

    def make() -> None:
        for chunk in sent:
            assert stream.put(chunk)
        stream.end()

    thread = threading.Thread(target=make)
    thread.start()
    assert await collect(stream) == sent
    thread.join()


async def test_an_error_comes_after_what_was_made() -> None:
    stream = ChunkStream()
    stream.put(b"ab")
    stream.end(EngineFailed("broke"))
    heard: list[bytes] = []
    with pytest.raises(EngineFailed, match="broke"):
        await collect_into(heard, stream)
    assert heard == [b"ab"]


async def test_closing_the_reader_stops_the_thread() -> None:
    stream = ChunkStream()
    stream.put(b"ab")
    async with aclosing(stream.read()) as chunks:
        assert await anext(chunks) == b"ab"
        assert stream.put(b"cd")
    assert not stream.put(b"ef")
    assert stream.stopped


async def test_cancelling_the_reader_stops_the_thread() -> None:
    stream = ChunkStream()
    task = asyncio.create_task(collect(stream))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not stream.put(b"ab")


async def test_a_reader_too_far_behind_is_cut_off_and_told() -> None:
    stream = ChunkStream(max_chunks=2)
    assert [stream.put(b"ab"), stream.put(b"cd"), stream.put(b"ef")] == [True, True, False]
    stream.end()
    heard: list[bytes] = []
    with pytest.raises(EngineOverloaded, match="2 chunks behind"):
        await collect_into(heard, stream)
    assert heard == [b"ab", b"cd"]


@pytest.mark.parametrize(
    ("error", "arrives"),
    [(EngineFailed("mine"), "mine"), (OSError("what the caller said"), "the worker failed: OSError")],
)
async def test_a_stream_ends_as_its_job_ends(error: Exception, arrives: str) -> None:
    stream = ChunkStream()
    job: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    job.add_done_callback(stream.follow)
    job.set_exception(error)
    with pytest.raises(EngineError, match=f"^{arrives}$"):
        await collect(stream)


def test_a_thread_that_outlives_the_loop_is_not_harmed() -> None:
    async def make() -> ChunkStream:
        return ChunkStream()

    stream = asyncio.run(make())
    assert stream.put(b"ab")
    stream.end()
