"""Calls that the live server recorded, replayed: the core decides today as it did then.

The traces in tests/calls are of the demo's call, with webrtcvad and with Silero, and of some of tests/scenarios.
When a decision is changed on purpose, they are recorded anew: `python -m tests.record_calls`.
"""

from pathlib import Path

import pytest

from app.demo.expect import how_it_ended, unmet
from app.demo.run import EMBEDDED_CALL
from app.demo.sheet import read_sheet
from app.replay.trace import read, replay
from app.replay.waterfall import rows
from tests.record_calls import CALLS, RECORDED, SCENARIOS

DEMOS = ("desk_demo", "desk_demo_silero")


def recorded(name: str) -> Path:
    return CALLS / f"{name}.jsonl"


def test_every_trace_is_looked_at_below() -> None:
    assert {path.stem for path in CALLS.glob("*.jsonl")} == {*DEMOS, *RECORDED}


@pytest.mark.parametrize("name", [*DEMOS, *RECORDED])
def test_a_recorded_call_replays_to_the_same_decisions(name: str) -> None:
    outcome = replay(read(recorded(name)))
    assert outcome.difference == ""
    assert outcome.events > 500


@pytest.mark.parametrize("name", RECORDED)
def test_the_turns_of_a_scenario_are_as_it_expects(name: str) -> None:
    expect = read_sheet(SCENARIOS / f"{name}.toml").expect
    assert expect is not None
    trace = read(recorded(name))
    assert unmet(expect, trace, rows(trace)) == []


@pytest.mark.parametrize("name", DEMOS)
def test_the_turns_of_the_demos_call_are_as_they_were(name: str) -> None:
    trace = read(recorded(name))
    turns = rows(trace)
    assert how_it_ended(trace) == "hang_up"
    assert [row.caller_kannada for row in turns] == ["", *(cue.kannada for cue in read_sheet(EMBEDDED_CALL).say)]
    assert [row.number for row in turns if row.clear_s is not None] == [5], "one interruption"
    assert [row.agent_english for row in turns if row.number != 5] == [
        "hello welcome to the electricity help line. how can i help you?",
        "please tell me your customer number.",
        "your customer number is 4521 is that right?",
        "Ramesh your bill for October is 845 rupees.",
        "the last day to pay is November 15.",
        "the power in Mysuru will come back at 6 in the evening.",
        "the power in Mysuru will come back at 6 in the evening.",
        "do you need anything else?",
        "thank you for calling.",
    ]
    assert turns[5].agent_english.endswith(" —")
    assert "700" in turns[5].unheard_english
    assert all(row.first_on_wire_s is not None for row in turns)
