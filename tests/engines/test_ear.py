"""The ear: partial passes while the caller speaks, and finals that cost nothing when they can. No model is needed."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.engines.base import EngineFailed, Partial
from app.engines.ear import TurnEar
from app.engines.quiet import Pcm
from app.engines.scribe import Scribe
from app.engines.scripted import sine
from telephony.events import RATE_HZ

VOICE = sine(0.1, RATE_HZ)
SILENCE = bytes(RATE_HZ // 10 * 2)
"""A tenth of a second each."""


class Desk:
    """A scribe that writes a word for each second of a turn, and waits at a gate before it does."""

    def __init__(self, *, max_batch: int = 8) -> None:
        self.batches: list[list[float]] = []
        """The seconds of the turns of each batch."""
        self.gate = threading.Event()
        self.gate.set()
        self.broken = False
        self.scribe = Scribe(self._hear, max_batch=max_batch, window_samples=8 * RATE_HZ, partials_s=0.5)

    def listen(self, report: Callable[[Partial], None] | None = None) -> TurnEar:
        return TurnEar(self.scribe, report)

    def _hear(self, turns: list[Pcm]) -> list[str]:
        self.batches.append([round(len(turn) / RATE_HZ, 3) for turn in turns])
        self.gate.wait(5)
        if self.broken:
            raise RuntimeError("boom")
        return [" ".join(f"ಪದ{number}" for number in range(len(turn) // RATE_HZ)) for turn in turns]

    async def until(self, batches: int) -> None:
        """So many batches have begun."""
        async with asyncio.timeout(5):
            while len(self.batches) < batches:
                await asyncio.sleep(0.001)


@asynccontextmanager
async def desk(**shape: int) -> AsyncIterator[Desk]:
    at = Desk(**shape)
    yield at
    at.gate.set()
    await at.scribe.aclose()


def say(ear: TurnEar, seconds: float, sound: bytes = VOICE) -> None:
    for _ in range(round(seconds * 10)):
        ear.feed(sound)


async def settle(ear: TurnEar) -> None:
    """The pass under way has been done."""
    async with asyncio.timeout(5):
        while ear._pass is not None:
            await asyncio.sleep(0.001)


async def test_partials_follow_the_caller_and_the_final_repeats_the_last() -> None:
    said: list[Partial] = []
    async with desk() as at:
        ear = at.listen(said.append)
        for _ in range(5):
            say(ear, 0.5)
            say(ear, 0.1, SILENCE)
            await settle(ear)
        say(ear, 0.3, SILENCE)
        passes = len(at.batches)
        assert await ear.finish() == "ಪದ0 ಪದ1 ಪದ2"
        assert len(at.batches) == passes == 5, "silence was all that followed"
    assert said[-1] == Partial("ಪದ0 ಪದ1", "ಪದ0 ಪದ1 ಪದ2")
    assert [len(partial.text.split()) for partial in said] == [1, 1, 2, 3]


async def test_a_pass_that_ended_with_the_voice_is_not_the_final_one() -> None:
    async with desk() as at:
        ear = at.listen(lambda _: None)
        say(ear, 0.6)
        await settle(ear)
        say(ear, 0.2, SILENCE)
        await ear.finish()
        assert at.batches == [[0.6], [0.8]], "the last word may have been cut"


async def test_nobody_who_does_not_ask_gets_partials() -> None:
    async with desk() as at:
        ear = at.listen()
        say(ear, 3.0)
        assert await ear.finish() == "ಪದ0 ಪದ1 ಪದ2"
        assert at.batches == [[3.0]]


async def test_a_pause_and_a_turn_longer_than_the_window_bring_no_passes() -> None:
    async with desk() as at:
        ear = at.listen(lambda _: None)
        say(ear, 0.6)
        await settle(ear)
        for _ in range(20):
            say(ear, 0.1, SILENCE)
            await settle(ear)
        assert at.batches == [[0.6], [1.2]], "the second has heard the end of the last word"
        say(ear, 7.0)
        await settle(ear)
        before = len(at.batches)
        say(ear, 20.0)
        assert len(at.batches) == before


async def test_a_pass_that_has_begun_becomes_the_final_one() -> None:
    async with desk() as at:
        ear = at.listen(lambda _: None)
        say(ear, 0.6)
        await settle(ear)
        at.gate.clear()
        say(ear, 0.5)
        say(ear, 0.1, SILENCE)
        await at.until(2)
        say(ear, 0.2, SILENCE)
        final = asyncio.create_task(ear.finish())
        await asyncio.sleep(0)
        at.gate.set()
        assert await final == "ಪದ0"
        assert at.batches == [[0.6], [1.2]]


async def test_a_partial_pass_gives_way_to_a_newer_one_and_is_skipped_while_one_runs() -> None:
    async with desk(max_batch=1) as at:
        at.gate.clear()
        other, ear = at.listen(), at.listen(lambda _: None)
        say(other, 1.0)
        blocker = asyncio.create_task(other.finish())
        await at.until(1)
        say(ear, 1.7)  # its passes, at 0.6 and at 1.2, wait behind the blocker
        at.gate.set()
        await blocker
        await settle(ear)
        assert at.batches == [[1.0], [1.2]]
        at.gate.clear()
        say(ear, 0.6)
        await at.until(3)
        say(ear, 3.0)
        at.gate.set()
        await settle(ear)
        assert len(at.batches) == 3, "one was running all the while"


async def test_a_busy_engine_gets_no_partial_passes() -> None:
    async with desk(max_batch=1) as at:
        at.gate.clear()
        others = [at.listen() for _ in range(3)]
        for other in others:
            say(other, 1.0)
        finals = [asyncio.create_task(other.finish()) for other in others]
        await at.until(1)
        ear = at.listen(lambda _: None)
        say(ear, 2.0)
        assert ear._pass is None
        at.gate.set()
        assert await asyncio.gather(*finals) == ["ಪದ0"] * 3
        assert at.batches == [[1.0]] * 3


async def test_an_engine_too_slow_for_partials_does_without() -> None:
    async with desk() as at:
        at.scribe._turn_s = 0.6
        ear = at.listen(lambda _: None)
        say(ear, 1.1)
        assert ear._pass is None
        for _ in range(8):  # it turns out to be quick
            after = at.listen()
            say(after, 0.1)
            await after.finish()
        say(ear, 0.6)
        await settle(ear)
        assert at.batches[-1] == [1.2]


async def test_a_cold_start_says_nothing_of_what_a_turn_costs() -> None:
    async with desk() as at:
        at.scribe._turn_s = 6.0
        await at.scribe.warm_up(4.0)
        ear = at.listen(lambda _: None)
        say(ear, 0.6)
        await settle(ear)
        assert at.batches == [[1.0], [4.0], [0.6]]


async def test_finals_overtake_partials() -> None:
    async with desk(max_batch=1) as at:
        at.gate.clear()
        first, second, third = at.listen(), at.listen(lambda _: None), at.listen()
        say(first, 1.0)
        running = asyncio.create_task(first.finish())
        await at.until(1)
        say(second, 0.6)
        say(third, 2.0)
        final = asyncio.create_task(third.finish())
        await asyncio.sleep(0)
        at.gate.set()
        await asyncio.gather(running, final)
        await settle(second)
        assert at.batches == [[1.0], [2.0], [0.6]]


async def test_a_final_hurries_its_own_waiting_pass() -> None:
    async with desk(max_batch=1) as at:
        at.gate.clear()
        first, second = at.listen(), at.listen(lambda _: None)
        say(first, 1.0)
        running = asyncio.create_task(first.finish())
        await at.until(1)
        say(second, 0.6)
        final = asyncio.create_task(second.finish())
        await asyncio.sleep(0)
        at.gate.set()
        await asyncio.gather(running, final)
        assert at.batches == [[1.0], [0.6]], "once, not twice"


async def test_a_final_that_waits_gives_way_to_nothing() -> None:
    """The caller's line is listened to until the final is there: somebody may speak, or the line crackle."""
    async with desk(max_batch=1) as at:
        at.gate.clear()
        first, second = at.listen(), at.listen(lambda _: None)
        say(first, 1.0)
        running = asyncio.create_task(first.finish())
        await at.until(1)
        say(second, 0.3)
        final = asyncio.create_task(second.finish())
        await asyncio.sleep(0)
        say(second, 1.2)
        at.gate.set()
        await running
        async with asyncio.timeout(5):
            assert await final == ""
        assert at.batches[1] == [0.3]


async def test_nothing_is_reported_after_close_and_waiting_work_is_dropped() -> None:
    said: list[Partial] = []
    async with desk(max_batch=1) as at:
        at.gate.clear()
        blocker, ear = at.listen(said.append), at.listen(said.append)
        say(blocker, 1.1)
        await at.until(1)
        say(ear, 1.1)
        for each in (ear, blocker, ear):
            each.close()
        await asyncio.sleep(0)
        at.gate.set()
        after = at.listen()
        say(after, 1.0)
        assert await after.finish() == "ಪದ0"
        assert len(at.batches) == 2, "the running pass, and the one after"
    assert said == []


async def test_a_cancelled_final_can_be_asked_for_again() -> None:
    async with desk() as at:
        at.gate.clear()
        ear = at.listen(lambda _: None)
        say(ear, 1.1)
        for _ in range(2):
            final = asyncio.create_task(ear.finish())
            await asyncio.sleep(0)
            final.cancel()
            with pytest.raises(asyncio.CancelledError):
                await final
        at.gate.set()
        assert await ear.finish() == "ಪದ0"


async def test_a_partial_pass_that_fails_is_no_loss_and_a_final_says_so() -> None:
    async with desk() as at:
        at.broken = True
        said: list[Partial] = []
        ear = at.listen(said.append)
        say(ear, 1.1)
        await settle(ear)
        with pytest.raises(EngineFailed, match="RuntimeError"):
            await ear.finish()
        at.broken = False
        assert await ear.finish() == "ಪದ0"
    say(ear, 2.0)  # the engine is closed: a call that still goes on must not stumble over it
    assert said == []


async def test_a_turn_keeps_its_last_two_minutes_whatever_the_size_of_its_pieces() -> None:
    async with desk() as at:
        ear = at.listen(lambda _: None)
        for _ in range(130):
            ear.feed(bytes(RATE_HZ * 2 - 1))
        assert len(ear._pcm) in (120 * RATE_HZ * 2, 120 * RATE_HZ * 2 - 1)
        assert await ear.finish() is not None
