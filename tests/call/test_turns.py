"""Endpointing: what frames of voice and silence make of a turn."""

import itertools

import pytest
from hypothesis import given, strategies as st

from app.call.policy import TurnPolicy
from app.call.turns import FRAME_S, Edge, Endpointing

POLICY = TurnPolicy()
START = 3


def edges(pattern: str, needed: int = START, policy: TurnPolicy = POLICY) -> list[tuple[float, Edge]]:
    """`#` is a voiced frame, `_` a silent one, `#10` ten of them. Returns edges with the time they were passed."""
    ear = Endpointing(policy)
    passed = []
    for number, speech in enumerate(expand(pattern), 1):
        if edge := ear.hear(speech, needed):
            passed.append((round(number * FRAME_S, 3), edge))
    return passed


def expand(pattern: str) -> list[bool]:
    return [part[0] == "#" for part in pattern.split() for _ in range(int(part[1:] or 1))]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("_50", []),
        ("#2 _20 #2 _20", []),
        ("_10 #10 _9", [(0.26, Edge.BEGAN)]),
        ("#10 _10", [(0.06, Edge.BEGAN), (0.4, Edge.PAUSED)]),
        ("#10 _30", [(0.06, Edge.BEGAN), (0.4, Edge.PAUSED), (0.8, Edge.ENDED)]),
        ("#10 _15 #3 _9", [(0.06, Edge.BEGAN), (0.4, Edge.PAUSED), (0.56, Edge.RESUMED)]),
        ("#3 _15 #3 _10", [(0.06, Edge.BEGAN), (0.26, Edge.PAUSED), (0.42, Edge.RESUMED), (0.62, Edge.PAUSED)]),
        ("#10 _5 # _4", [(0.06, Edge.BEGAN), (0.4, Edge.PAUSED)]),
        ("#10 _5 #2 _9", [(0.06, Edge.BEGAN)]),
        ("# _ # _ # _ # _ # _ # _", []),
        ("#2 _ #2", [(0.1, Edge.BEGAN)]),
    ],
)
def test_edges(pattern: str, expected: list[tuple[float, Edge]]) -> None:
    assert edges(pattern) == expected


def test_interrupting_takes_more_voice() -> None:
    assert edges("#9 _30", needed=10) == []
    assert edges("#12 _5", needed=10) == [(0.2, Edge.BEGAN)]


def test_begin_says_how_long_ago_the_voice_was_first_heard() -> None:
    ear = Endpointing(POLICY)
    for speech in expand("_20 #2 _ #2"):
        ear.hear(speech, START)
    assert ear.back_s == pytest.approx(0.1)
    assert ear.voiced == START
    for speech in expand("#40 _60 #3"):
        ear.hear(speech, START)
    assert ear.back_s == pytest.approx(0.06), "the turn before has no part in it"


def test_the_end_may_be_moved_in_a_pause_and_the_next_pause_begins_anew() -> None:
    for seconds, ended_s in ((0.25, 0.26), (0.1, 0.22), (1.0, 1.0)):
        ear = Endpointing(POLICY)
        for speech in expand("#10 _10"):
            ear.hear(speech, START)
        assert ear.paused
        ear.end_after(seconds)
        silence = next(number for number in range(11, 99) if ear.hear(False, START) is Edge.ENDED)
        assert silence * FRAME_S == pytest.approx(ended_s)
    ear = Endpointing(POLICY)
    passed = []
    for number, speech in enumerate(expand("#10 _10 #5 _50"), 1):
        if edge := ear.hear(speech, START):
            passed.append(edge)
        if number == 20:
            ear.end_after(2.0)
        if edge is Edge.ENDED:
            assert number * FRAME_S == pytest.approx(0.5 + POLICY.end_s)
    assert passed == [Edge.BEGAN, Edge.PAUSED, Edge.RESUMED, Edge.PAUSED, Edge.ENDED]


def test_a_voice_that_is_over_begins_nothing_when_less_is_needed() -> None:
    ear = Endpointing(POLICY)
    assert [ear.hear(speech, 1000) for speech in expand("#20 _2")] == [None] * 22
    assert [ear.hear(speech, START) for speech in expand("_20")] == [None] * 20


def test_a_pause_is_known_when_the_voice_goes_on() -> None:
    ear = Endpointing(POLICY)
    pauses = [ear.pause_s for speech in expand("#10 _15 #5 _12 # _5 #9 _40 #5") if ear.hear(speech, START)]
    assert pauses == pytest.approx([0.0, 0.0, 0.3, 0.3, 0.36, 0.36, 0.36, 0.8])


def test_a_voice_without_end_is_ended_once_and_must_pause_before_it_begins_again() -> None:
    policy = TurnPolicy(longest_s=1.0, interrupts_s=0.8)
    assert edges("#200", policy=policy) == [(0.06, Edge.BEGAN), (0.8, Edge.INSISTED), (1.0, Edge.ENDED)]
    again = [edge for _, edge in edges("#100 _10 #10", policy=policy)]
    assert again == [Edge.BEGAN, Edge.INSISTED, Edge.ENDED, Edge.BEGAN]


def test_a_voice_of_more_than_a_word_insists_once_a_turn() -> None:
    passed = edges("#20 _15 #20 _15 #20 _50 #50", policy=TurnPolicy(interrupts_s=0.8))
    insisted = [at for at, edge in passed if edge is Edge.INSISTED]
    assert insisted == [pytest.approx(1.1), pytest.approx(3.6)], "0.8 s of voice, pauses not counted"


ORDER = {
    None: {Edge.BEGAN},
    Edge.BEGAN: {Edge.PAUSED, Edge.INSISTED, Edge.ENDED},
    Edge.PAUSED: {Edge.RESUMED, Edge.ENDED},
    Edge.RESUMED: {Edge.PAUSED, Edge.INSISTED, Edge.ENDED},
    Edge.INSISTED: {Edge.PAUSED, Edge.ENDED},
    Edge.ENDED: {Edge.BEGAN},
}


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=40), st.integers(1, 30))
def test_edges_come_in_order(runs: list[tuple[bool, int]], needed: int) -> None:
    ear = Endpointing(TurnPolicy(longest_s=5.0))
    passed = [edge for speech, count in runs for _ in range(count) if (edge := ear.hear(speech, needed))]
    for before, after in itertools.pairwise([None, *passed]):
        assert after in ORDER[before]
    assert ear.quiet == (not passed or passed[-1] is Edge.ENDED)
