"""Calls that the live server recorded, replayed: the core decides today as it did then.

The recordings in tests/calls are traces of `make demo`: with webrtcvad and with Silero, from before the words had a say
in when a turn ends, and one in which they do. When a decision is changed on purpose, record them anew: run the demo and
copy demo-call/trace.jsonl here.
"""

from pathlib import Path

import pytest

from app.replay.trace import read, replay
from app.replay.waterfall import rows

CALLS = sorted((Path(__file__).parent / "calls").glob("*.jsonl"))


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_a_recorded_call_replays_to_the_same_decisions(path: Path) -> None:
    outcome = replay(read(path))
    assert outcome.difference == ""
    assert outcome.call_s > 50
    assert outcome.took_s < outcome.call_s / 100


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_its_turns_are_as_they_were(path: Path) -> None:
    turns = rows(read(path))
    assert len(turns) == 10
    assert [row.number for row in turns if row.clear_s is not None] == [5], "one interruption"
    assert turns[2].agent_english == "your customer number is 4521 is that right?"
    assert turns[3].agent_english == "Ramesh your bill for October is 845 rupees."
    assert turns[5].agent_english.endswith(" —")
    assert "70013" in turns[5].unheard_english
    assert all(row.first_on_wire_s is not None for row in turns)
