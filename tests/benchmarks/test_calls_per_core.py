"""What a call costs, how many fit on a core, and what the others hear when many join at once.

The callers speak, wait for the answer and speak again, so the bot sends audio for about two fifths of the time. The
echo it is compared with only parses and sends, though it sends all the time. Engines only wait: no model runs.
"""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any, TypeVar

import numpy as np
import pytest
from rich import box
from rich.console import Console
from rich.table import Table

from app.demo.caller import Action, Caller, HangUp
from app.demo.playout import Playout
from app.server import new_loop
from tests.benchmarks.load import Measured, crowd, measure, server, starvation

MOST_TIMES_FLOOR = 3.5
CLEAN_CALLS = 150
MOST_STARVED = 0.01
MOST_SLOWER_MS = 100
JOINING = 20
MOST_LOAD = 0.9
MOST_SET_UP_MS = 5.0
T = TypeVar("T")

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
        reason="needs two cores: one for the server, one for the callers",
    ),
]


def run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(work)


def p95(values: tuple[float, ...]) -> float:
    return float(np.percentile(values, 95)) if values else float("nan")


def p50(values: tuple[float, ...]) -> float:
    return float(np.percentile(values, 50)) if values else float("nan")


def show(title: str, measured: list[tuple[str, Measured]]) -> None:
    """The answer is timed at the caller's ear, and contains 600 ms of waiting whether the caller goes on.

    `late` is the longest that anything due on the loop had to wait.
    """
    table = Table(title=title, box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    columns = ("server", "calls", "CPU-s per call-min", "turns", "answer p50", "p95 ms", "starved", "gaps", "late ms")
    for name in columns:
        table.add_column(name, justify="right", min_width=max(map(len, name.split())))
    for name, one in measured:
        row = [name, f"{one.calls}", f"{one.cpu_s:.3f}", *[""] * 5, f"{one.late_ms:.0f}"]
        if one.waits_ms:
            voice = [f"{len(one.waits_ms)}", f"{p50(one.waits_ms):.0f}", f"{p95(one.waits_ms):.0f}"]
            row[3:8] = [*voice, f"{one.starved:.2%}", f"{one.gaps}"]
        table.add_row(*row)
    Console().print(table)
    for _, one in measured:
        assert one.load_share < MOST_LOAD, "the callers' own core was too busy to measure anything"


@pytest.mark.parametrize("calls", [16, 100])
def test_a_call_costs_little_more_than_its_echo(calls: int) -> None:
    floor = run(measure("floor", calls, ramp_s=3.0, window_s=10.0))
    bot = run(measure("bot", calls, ramp_s=5.0, window_s=15.0))
    times = bot.cpu_s / floor.cpu_s
    show(f"{calls} calls: {times:.2f} times the bare echo", [("echo", floor), ("bot", bot)])
    assert times <= MOST_TIMES_FLOOR


def test_many_calls_on_one_core_sound_like_one() -> None:
    single = run(measure("bot", 1, ramp_s=0.1, window_s=24.0))
    floor = run(measure("floor", CLEAN_CALLS, ramp_s=3.0, window_s=8.0))
    many = run(measure("bot", CLEAN_CALLS, ramp_s=5.0, window_s=20.0))
    times = many.cpu_s / floor.cpu_s
    title = f"{CLEAN_CALLS} calls: {times:.2f} times the bare echo"
    show(title, [("bot", single), ("echo", floor), ("bot", many)])
    assert len(many.waits_ms) > CLEAN_CALLS
    assert many.starved <= MOST_STARVED
    assert p95(many.waits_ms) <= p95(single.waits_ms) + MOST_SLOWER_MS


async def _joining(live: int) -> tuple[int, int, float]:
    """Answers the live calls heard while others joined, the gaps in them, and how late the loop was at most, in ms."""
    async with server("bot") as at, crowd(at) as people:
        before = await people.join(live, over_s=4.0)
        await asyncio.sleep(4.0)
        people.begin()
        await at.read()
        await people.join(JOINING, over_s=0.0)
        await asyncio.sleep(3.0)
        late_ms = (await at.read()).late_ms
        bursts = sum(burst.end > call.from_s * 8000 for call in before for burst in call.caller.ear.bursts)
        return bursts, starvation(before)[1], late_ms


def test_live_calls_do_not_hear_others_join() -> None:
    live = 80
    bursts, gaps, late_ms = run(_joining(live))
    Console().print(
        f"{JOINING} calls join {live} at once: {gaps} gaps in the {bursts} answers meanwhile; "
        f"the loop was {late_ms:.1f} ms late at most"
    )
    assert bursts > live / 2
    assert gaps == 0


class Hello:
    """Hangs up at the first sound of the greeting."""

    def step(self, now: float, ear: Playout) -> Action | None:
        return HangUp() if ear.bursts else None


async def _set_up(kind: str, calls: int) -> float:
    """Milliseconds of the loop's thread for a call from its webhook to its end."""
    async with server(kind) as at:
        for _ in range(5):
            await Caller(at.number, Hello(), keep=False).run()
        before = await at.read()
        for _ in range(calls):
            await Caller(at.number, Hello(), keep=False).run()
        return ((await at.read()).loop_s - before.loop_s) / calls * 1000


def test_what_it_takes_to_answer() -> None:
    floor_ms, bot_ms = (run(_set_up(kind, 100)) for kind in ("floor", "bot"))
    Console().print(
        f"A call from webhook to hang-up takes {bot_ms:.2f} ms of the loop, in several steps; "
        f"{floor_ms:.2f} ms of them are HTTP and handshake, as for the echo"
    )
    assert bot_ms - floor_ms < MOST_SET_UP_MS
