"""From the caller's last voice to the agent's first at the caller's ear, over real sockets, engines replaced by time.

hold       the silence after which the turn was confirmed
pipeline   soft end, transcript, translation, first clause of the agent, translation, voice: begun in the silence
serial     what it would be if all of that began at the confirmed end
"""

import asyncio
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from rich import box
from rich.console import Console
from rich.table import Table

from app.call.policy import TurnPolicy
from app.server import new_loop
from tests.benchmarks.stand_ins import CLAUSES, pipeline_s
from tests.benchmarks.voice_to_voice import CALLS, TURNS, Outcome, Way, talk

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

FINISHED, NOUN, UNFINISHED = "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "ನನ್ನ ಬಿಲ್", "ನಮ್ಮ ಮನೆಗೆ"
FIXED = TurnPolicy(words=False)
FILLER_S = 0.7
SLOW_AGENT_S = 1.4
MOST_BEYOND_S = 0.12
WAYS = (
    Way("finished by its words", FINISHED),
    Way("0.6 s of silence", FINISHED, FIXED),
    Way("a bare noun", NOUN),
    Way("unfinished by its words", UNFINISHED),
    Way("finished, with fillers", FINISHED, filler_s=FILLER_S),
    Way("finished, slow agent, with fillers", FINISHED, agent_s=SLOW_AGENT_S, filler_s=FILLER_S),
)
PAUSES = (
    Way("finished, 2 pauses of 0.3 s", FINISHED, pause_s=0.3),
    Way("unfinished, 2 pauses of 0.7 s", UNFINISHED, pause_s=0.7),
    Way("unfinished, 2 pauses of 1.25 s", UNFINISHED, pause_s=1.25),
)


def run(way: Way, folder: Path) -> Outcome:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(talk(way, folder))


def test_the_answer_comes_after_the_longer_of_the_silence_and_the_pipeline(tmp_path: Path) -> None:
    outcomes = [run(way, tmp_path / str(n)) for n, way in enumerate(WAYS)]
    table = _table(
        f"Voice to voice at the caller's ear, {CALLS} calls at once, ms",
        ("turns", "hold", "pipeline", "serial", "answer p50", "p95", "beyond the longer", "fillers", "p50", "p95"),
    )
    for each in outcomes:
        answers, fillers = [turn.answer_s for turn in each.turns], [turn.filler_s for turn in each.turns]
        said = [seconds for seconds in fillers if seconds is not None]
        cells = [median(each.hold_s), _pipeline_s(each), _serial_s(each), median(answers), _p95(answers)]
        cells.append(_beyond_s(each))
        filled = [f"{len(said)}", _ms(median(said)), _ms(_p95(said))] if said else ["0"]
        table.add_row(each.way.name, f"{len(each.turns)}", *map(_ms, cells), *filled)
    Console(width=140).print(table)
    for each in outcomes:
        assert len(each.turns) >= 40
        assert _beyond_s(each) <= MOST_BEYOND_S
        assert median(turn.answer_s for turn in each.turns) < _serial_s(each)


def test_what_is_done_in_vain_when_callers_pause(tmp_path: Path) -> None:
    outcomes = [run(way, tmp_path / str(n)) for n, way in enumerate(PAUSES)]
    columns = ("turns", "transcripts", "replies begun", f"clauses begun, of {CLAUSES}", "answer p50 ms")
    table = _table("Work for each turn of a caller who pauses in it", columns)
    for each in outcomes:
        turns = len(each.turns)
        work = [f"{count / turns:.2f}" for count in (each.begun, each.asked, each.spoken)]
        answer_s = median(turn.answer_s for turn in each.turns)
        table.add_row(each.way.name, f"{turns}", *work, f"{answer_s * 1000:.0f}")
    Console(width=140).print(table)
    for each in outcomes:
        assert len(each.turns) == CALLS * TURNS
        assert each.begun <= 3 * len(each.turns)


def _pipeline_s(outcome: Outcome) -> float:
    return pipeline_s(outcome.way.turn.soft_end_s, outcome.way.agent_s)


def _serial_s(outcome: Outcome) -> float:
    return median(outcome.hold_s) + _pipeline_s(outcome) - outcome.way.turn.soft_end_s


def _beyond_s(outcome: Outcome) -> float:
    return median(turn.answer_s for turn in outcome.turns) - max(median(outcome.hold_s), _pipeline_s(outcome))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"


def _p95(values: list[float]) -> float:
    return float(np.percentile(values, 95))


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    table.add_column("turns end")
    for name in columns:
        table.add_column(name, justify="right")
    return table
