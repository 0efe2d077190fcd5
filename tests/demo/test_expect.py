"""What a cue sheet expects, held against calls that were recorded."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from app.demo.expect import Expectation, Records, how_it_ended, unmet
from app.replay.trace import read
from app.replay.waterfall import rows
from tests.record_calls import CALLS


def problems(name: str, expect: Mapping[str, object], found: list[Records] | None = None) -> list[str]:
    trace = read(CALLS / f"{name}.jsonl")
    return unmet(Expectation.model_validate(expect), trace, rows(trace), found)


@pytest.mark.parametrize(("name", "ending"), [("officer", "transfer"), ("silence", "hang_up"), ("keys", "hang_up")])
def test_how_a_call_ended(name: str, ending: str) -> None:
    assert how_it_ended(read(CALLS / f"{name}.jsonl")) == ending
    assert problems(name, {"ends": ending}) == []


def test_an_unexpected_end_is_told() -> None:
    assert problems("officer", {"ends": "hang_up"}) == [
        "expect.ends: the agent handed the caller over, not: the agent hung up"
    ]


def test_what_was_heard_counts_in_its_order_whatever_its_case() -> None:
    assert problems("keys", {"heard": ["Your customer number is 4581", "4521", "ramesh your  bill"]}) == []
    (wrong,) = problems("keys", {"heard": ["4521", "4581"]})
    assert wrong.startswith("expect.heard.1: '4581' was not heard after '4521'; the agent said: hello welcome")


def test_what_must_not_be_heard_is_told() -> None:
    assert problems("keys", {"not_heard": ["sorry"]}) == []
    (wrong,) = problems("keys", {"not_heard": ["sorry", "845 rupees"]})
    assert wrong.startswith("expect.not_heard.1: '845 rupees' was heard")


def test_facts_are_all_that_was_found_without_what_is_null() -> None:
    expect = {"facts": [{"look_up": "SELECT 1", "rows": [{"district": "Mandya", "id": 7}]}]}
    assert problems("keys", expect, [[{"district": "Mandya", "number": None, "id": 7}]]) == []
    assert problems("keys", expect) == [], "there was nothing to look up"
    (wrong,) = problems("keys", expect, [[]])
    assert wrong == "expect.facts.0: the records hold nothing, not [{'district': 'Mandya', 'id': 7}]"
    assert problems("keys", expect, [[{"district": "Mandya", "id": 7}, {"district": "Hassan", "id": 8}]])


@pytest.mark.parametrize(
    "expect",
    [
        {"ends": "somehow"},
        {"heard": [" "]},
        {"facts": [{"look_up": "DELETE FROM complaints", "rows": []}]},
        {"facts": [{"look_up": "SELECT 1"}]},
    ],
)
def test_an_expectation_that_means_nothing_is_refused(expect: Mapping[str, object]) -> None:
    with pytest.raises(ValidationError):
        Expectation.model_validate(expect)
