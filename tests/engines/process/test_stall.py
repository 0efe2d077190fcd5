"""When a child counts as hung."""

import asyncio

from app.engines.process.link import Link
from app.engines.process.spawn import spawned
from app.engines.process.stall import Stall
from tests.engines.process.factory import FACTORY


def test_patience_runs_only_while_somebody_waits() -> None:
    stall = Stall(5.0)
    assert stall.left_s(100.0) == 5.0
    stall.wait(100.0)
    assert stall.left_s(103.0) == 2.0
    stall.rest(103.0)
    assert stall.left_s(900.0) == 2.0


def test_those_who_gave_up_count() -> None:
    stall = Stall(5.0)
    for now in (0.0, 10.0):
        stall.wait(now)
        stall.rest(now + 2.5)
    assert stall.left_s(20.0) == 0.0


def test_work_clears_it() -> None:
    stall = Stall(5.0)
    stall.wait(0.0)
    stall.wait(4.0)
    assert stall.left_s(4.5) == 0.5, "the second one waits no longer than the first"
    stall.worked(4.5)
    assert stall.left_s(4.5) == 5.0
    assert stall.left_s(9.0) == 0.5
    stall.rest(9.0)
    stall.worked(9.5)
    assert stall.left_s(99.0) == 5.0


class Counted(Stall):
    looks = 0

    def left_s(self, now: float) -> float:
        self.looks += 1
        return super().left_s(now)


async def test_watching_costs_nothing_when_hardly_any_patience_is_left() -> None:
    stall = Counted(1.0)
    stall.wait(0.0)
    stall.rest(0.99999)
    async with spawned("app.engines.process.child") as child:
        watching = asyncio.create_task(Link(FACTORY, child, stall)._watch())
        await asyncio.sleep(0.5)
        watching.cancel()
    assert 1 < stall.looks < 50
