"""The echo guard on speech: how much of an echo it knows, how much of a caller it takes for one, and what that costs.

Frames are one figure. What they come to is another: how often the agent would interrupt itself, and how much later a
caller's voice silences it, both by the call's own endpointing.
"""

import time
from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("espeakng_loader")

from app.call.policy import TurnPolicy
from app.call.turns import Edge, Endpointing, frames
from app.echo import EchoGuard
from tests.benchmarks.echoes import EchoCall, Kind, Source, calls
from tests.benchmarks.recordings import FOLDER
from tests.echo_line import FRAME_S, Call

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

COUNT, SEED = 24, 7
LEARNT_S = 1.0
"""An echo must be known so long after its first voiced frame."""
ONSET_S = 1.5
SOURCES = [
    "espeak",
    pytest.param(
        "recordings",
        marks=pytest.mark.skipif(
            not FOLDER.exists(), reason="the recordings of human speech are not beside the project"
        ),
    ),
]
Judged = list[tuple[EchoCall, NDArray[np.bool_]]]


def judged(kind: Kind, source: Source) -> Judged:
    return [(call, _judge(call)) for call in calls(kind, source, COUNT, SEED)]


def _judge(call: EchoCall) -> NDArray[np.bool_]:
    return Call(EchoGuard("mulaw")).run(call.agent, call.line, call.voiced)


def part(answers: Iterable[NDArray[np.bool_]]) -> float:
    return float(np.concatenate(list(answers)).mean())


def _part(answers: list[NDArray[np.bool_]]) -> str:
    return f"{part(answers):.1%} of {sum(map(len, answers))} voiced frames"


def begins(voices: NDArray[np.bool_]) -> list[int]:
    """The frames at which the agent would be silenced."""
    policy, found = TurnPolicy(), []
    endpointing = Endpointing(policy)
    for number, voice in enumerate(voices):
        if endpointing.hear(bool(voice), frames(policy.barge_in_voice_s)) is Edge.BEGAN:
            found.append(number)
            endpointing.reset()
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_an_echo_is_known_after_a_second(source: Source) -> None:
    known, with_guard, without, minutes = [], 0, 0, 0.0
    for call, answers in judged("echo", source):
        learnt = int(np.flatnonzero(call.voiced)[0]) + round(LEARNT_S / FRAME_S)
        voiced, answers = call.voiced[learnt:], answers[learnt:]
        known.append(answers[voiced])
        without += len(begins(voiced))
        with_guard += len(begins(voiced & ~answers))
        minutes += len(voiced) * FRAME_S / 60
    print(
        f"\n{source}: {_part(known)} known; the agent would interrupt itself {with_guard / minutes:.1f} times a minute "
        f"with the guard, {without / minutes:.0f} without"
    )
    assert part(known) >= 0.9
    assert with_guard <= 0.1 * without


@pytest.mark.parametrize("source", SOURCES)
def test_a_caller_who_talks_over_the_echo_is_heard(source: Source) -> None:
    found = judged("double talk", source)
    taken = {
        name: [answers[call.voiced & call.calling] for call, answers in found if low <= call.caller_over_echo_db < high]
        for name, low, high in (("weaker", -99, 0), ("0 to 10 dB louder", 0, 10), ("more than that", 10, 99))
    }
    shown = ", ".join(f"{name}: {_part(each)}" for name, each in taken.items() if each)
    late, missed = _lateness(found)
    print(f"\n{source}: taken for an echo, of a caller who is {shown}")
    print(
        f"silenced {np.median(late):.0f} ms late at the median, p95 {np.percentile(late, 95):.0f}; {missed} times never"
    )
    assert part([*taken["0 to 10 dB louder"], *taken["more than that"]]) <= 0.03


def _lateness(found: Judged) -> tuple[list[float], int]:
    """For each sentence of a caller who is louder than the echo: how much later than without any echo, in ms."""
    late, missed = [], 0
    for call, answers in found:
        edges = np.flatnonzero(call.calling)
        starts = edges[np.diff(edges, prepend=-100) > 25] if call.caller_over_echo_db >= 0 else edges[:0]
        for start in starts:
            span = slice(start, start + round(ONSET_S / FRAME_S))
            alone, guarded = begins(call.calling[span]), begins((call.voiced & ~answers)[span])
            if alone and guarded:
                late.append((guarded[0] - alone[0]) * FRAME_S * 1000)
            missed += bool(alone) and not guarded
    return late, missed


@pytest.mark.parametrize("source", SOURCES)
def test_a_caller_without_an_echo_is_heard(source: Source) -> None:
    taken = [answers[call.voiced & call.calling] for call, answers in judged("no echo", source)]
    print(f"\n{source}: taken for an echo where there is none: {_part(taken)}")
    assert part(taken) <= 0.01


def test_what_a_frame_costs() -> None:
    (call,) = calls("double talk", "espeak", 1, SEED)
    without = _time(call, np.zeros(len(call.voiced), bool))
    searching = _time(call, np.ones(len(call.voiced), bool))
    print(f"\na frame {without * 1e6:.1f} us, asked about {searching * 1e6:.0f} us, processor time")
    assert searching <= 0.0005


def _time(call: EchoCall, asked: NDArray[np.bool_]) -> float:
    begin = time.thread_time()
    Call(EchoGuard("mulaw")).run(call.agent, call.line, asked)
    return (time.thread_time() - begin) / len(asked)
