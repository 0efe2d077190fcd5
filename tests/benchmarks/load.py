"""Callers by the hundred on one core, and what they measured about a server on another."""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.demo.caller import Action, Caller, HangUp, Number
from app.demo.playout import Playout, sample
from app.demo.run import EMBEDDED_CALL
from app.demo.script import Director, Script, load_script
from app.demo.sheet import Cue

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")
SPEECH = load_script(EMBEDDED_CALL)
TURNS = 40
"""More than any call of a benchmark gets through."""


@dataclass(slots=True)
class Reading:
    cpu_s: float
    """Of the whole server process, since it started."""
    loop_s: float
    """Of its event loop's thread alone."""
    late_ms: float
    """The latest its loop got to anything since the reading before."""


class Server:
    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.number = Number(f"http://127.0.0.1:{port}/twilio/voice")

    async def read(self) -> Reading:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        return Reading(**await _line(self._process))


async def _line(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    return json.loads(await process.stdout.readline() or b'"the server process died"')


@asynccontextmanager
async def server(kind: str) -> AsyncIterator[Server]:
    """A worker process pinned to the last core. This process is pinned to the first."""
    mine, *_, theirs = sorted(os.sched_getaffinity(0))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", str(WORKER), kind, str(theirs),
        stdin=pipe, stdout=pipe, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {mine})
    try:
        yield Server(process, (await _line(process))["port"])
    finally:
        os.sched_setaffinity(0, before)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


@dataclass(slots=True)
class Shift:
    """Callers talk until it is over."""

    over: bool = False


class Talker:
    """Speaks, hears the answer out, and speaks again."""

    def __init__(self, shift: Shift, seed: int, *, by_the_clock: bool) -> None:
        chance = random.Random(seed)
        says = [cue for cue in SPEECH.cues if cue.end_s - cue.start_s > 1.0]
        cues = [_cue(chance.choice(says), chance, n if by_the_clock else None) for n in range(TURNS)]
        self.director = Director(Script("load", "", tuple(cues), SPEECH.audio, SPEECH.background_s, patience_s=600))
        self._shift = shift

    def step(self, now: float, ear: Playout) -> Action | None:
        return HangUp() if self._shift.over else self.director.step(now, ear)


def _cue(cue: Cue, chance: random.Random, at: int | None) -> Cue:
    """At its time where nobody answers, else a little after the agent."""
    moment = {"after_agent_s": chance.uniform(0.4, 1.0)} if at is None else {"at_s": 2.0 + at * 5.2}
    return Cue(start_s=cue.start_s, end_s=cue.end_s, timeout_s=30, **moment)


@dataclass(slots=True)
class Call:
    caller: Caller
    talker: Talker
    from_s: float = 0.0
    """When the measuring began, on this call's clock."""


@dataclass(slots=True)
class Crowd:
    """Calls in progress."""

    server: Server
    tasks: asyncio.TaskGroup
    shift: Shift = field(default_factory=Shift)
    calls: list[Call] = field(default_factory=list)

    async def join(self, number: int, *, over_s: float, by_the_clock: bool = False) -> list[Call]:
        """`number` more calls, dialled evenly over `over_s` seconds."""
        new = []
        for n in range(number):
            talker = Talker(self.shift, len(self.calls), by_the_clock=by_the_clock)
            call = Call(Caller(self.server.number, talker, background=SPEECH.background, keep=False), talker)
            self.calls.append(call)
            new.append(call)
            self.tasks.create_task(call.caller.run(), name=f"call {n}")
            await asyncio.sleep(over_s / number)
        return new

    def begin(self) -> None:
        """From now on it counts."""
        for call in self.calls:
            call.from_s = call.caller.now


@asynccontextmanager
async def crowd(at: Server) -> AsyncIterator[Crowd]:
    async with asyncio.TaskGroup() as tasks:
        people = Crowd(at, tasks)
        yield people
        people.shift.over = True


@dataclass(frozen=True, slots=True)
class Measured:
    calls: int
    cpu_s: float
    """CPU-seconds of the server for each minute of each call."""
    load_share: float
    """Of the load generator's core. Near 1 it measures itself."""
    late_ms: float
    waits_ms: tuple[float, ...]
    """Voice to voice: from the end of each utterance to the first sound of the answer, at the caller's ear."""
    starved: float
    """Share of the agent's speech that came too late."""
    gaps: int


async def measure(kind: str, calls: int, *, ramp_s: float, window_s: float) -> Measured:
    async with server(kind) as at, crowd(at) as people:
        await people.join(calls, over_s=ramp_s, by_the_clock=kind == "floor")
        await asyncio.sleep(3.0)
        people.begin()
        own, began, before = time.process_time(), time.monotonic(), await at.read()
        await asyncio.sleep(window_s)
        after, took_s = await at.read(), time.monotonic() - began
        load_share = (time.process_time() - own) / took_s
        starved, gaps = starvation(people.calls)
        return Measured(
            calls=calls,
            cpu_s=(after.cpu_s - before.cpu_s) / (calls * took_s / 60),
            load_share=load_share,
            late_ms=after.late_ms,
            waits_ms=tuple(waits_ms(people.calls)),
            starved=starved,
            gaps=gaps,
        )


def waits_ms(calls: Iterable[Call]) -> list[float]:
    return [
        (said.answered_s - said.end_s) * 1000
        for call in calls
        for said in call.talker.director.spoken
        if said.start_s > call.from_s and said.answered_s is not None
    ]


def starvation(calls: Iterable[Call]) -> tuple[float, int]:
    """Share of the agent's speech that was a gap, and the number of gaps, in bursts that ended in the measured time."""
    length = starved = gaps = 0
    for call in calls:
        for burst in call.caller.ear.bursts:
            if burst.end >= sample(call.from_s):
                length += burst.end - burst.start
                starved += burst.starved
                gaps += burst.gaps
    return starved / max(1, length), gaps
