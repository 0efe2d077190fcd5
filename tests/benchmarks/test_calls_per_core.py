"""What a call costs, how many fit on a core, and what the others hear when many join at once."""

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
    table = Table(title=title, box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    columns = ("server", "calls", "CPU-s per call-min", "answers", "voice to voice p50", "p95", "starved", "gaps")
    for name in (*columns, "loop late", "load core"):
        table.add_column(name, justify="right", min_width=max(map(len, name.split())))
    for name, one in measured:
        waits = one.waits_ms
        voice = (f"{p50(waits):.0f}", f"{p95(waits):.0f} ms") if waits else ("", "")
        heard = (f"{one.starved:.2%}", f"{one.gaps}") if name == "bot" else ("", "")
        late = (f"{one.late_ms:.1f} ms", f"{one.load_share:.0%}")
        table.add_row(name, str(one.calls), f"{one.cpu_s:.3f}", str(len(waits) or ""), *voice, *heard, *late)
    Console().print(table)


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


async def _set_up(calls: int) -> float:
    async with server("bot") as at:
        for _ in range(5):
            await Caller(at.number, Hello(), keep=False).run()
        before = await at.read()
        for _ in range(calls):
            await Caller(at.number, Hello(), keep=False).run()
        return ((await at.read()).loop_s - before.loop_s) / calls * 1000


def test_what_it_takes_to_answer() -> None:
    loop_ms = run(_set_up(100))
    Console().print(f"A call answered and ended again: {loop_ms:.2f} ms of the loop, webhooks and handshake included")
    assert loop_ms < 10
