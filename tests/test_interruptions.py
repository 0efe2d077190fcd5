"""Interruptions and what only seemed to be one, from traces written by hand and from virtual calls."""

import pytest

from app.replay.interruptions import FalseInterruption
from app.replay.waterfall import rows
from tests.handwritten import Script

LONG = 80000


def speaking() -> Script:
    """A turn whose answer of 10 s began at 2.0 s."""
    script = Script()
    script.turn(1, began=1.2, soft_end=1.6)
    script.at(1.7).asks(1)
    script.at(1.8).speech(1, LONG)
    script.at(2.0).confirm(1)
    script.does("Ignore", turn=1)
    script.play(LONG, mark="0.1.2")
    script.at(2.01).reached(1, "on_wire")
    return script


def barge_in(script: Script, at: float, turn: int) -> None:
    script.at(at).voice()
    script.does("Clear")
    script.does("Listen", turn=turn, back_s=0.5)
    script.at(at + 0.3).voice()
    script.does("Finish", turn=turn, revision=0)


def test_an_agent_that_went_on_was_not_interrupted() -> None:
    script = speaking()
    barge_in(script, 4.0, turn=2)
    script.at(4.5).heard(2, "ಹೂಂ", says="backchannel")
    script.does("Ignore", turn=2)
    script.play(66000, mark="1.1.3")
    script.at(4.51).reached(1, "on_wire")
    script.at(12.8).given("Played", mark="1.1.3")
    _, turn, hum = rows(script.trace)
    assert turn.false_interruptions == (FalseInterruption(4.0, 0.5, "ಹೂಂ"),)
    assert (turn.clear_s, turn.barge_in_speech_s) == (None, None)
    assert (turn.first_on_wire_s, turn.end_of_reply_s) == (2.01, 12.8)
    assert hum.ignored
    assert hum.wasted_s == 0.0
    assert not turn.ignored


def test_a_turn_may_be_interrupted_for_nothing_and_then_in_earnest() -> None:
    script = speaking()
    barge_in(script, 4.0, turn=2)
    script.at(4.5).heard(2, "")
    script.does("Ignore", turn=2)
    script.play(66000, mark="1.1.3")
    barge_in(script, 6.0, turn=3)
    script.at(6.4).asks(3)
    script.at(6.5).confirm(3)
    _, turn, noise, new = rows(script.trace)
    assert [false.kannada for false in turn.false_interruptions] == [""]
    assert (turn.clear_s, turn.end_of_reply_s) == (6.0, 6.0)
    assert turn.barge_in_speech_s is not None
    assert noise.ignored
    assert not new.ignored


def test_a_reply_that_was_stopped_is_interrupted_though_nothing_was_said_then() -> None:
    script = speaking()
    barge_in(script, 4.0, turn=2)
    script.at(4.9).voice()
    script.does("StopReply", turn=1, revision=0)
    script.at(5.5).heard(2, "")
    script.does("Ignore", turn=2)
    _, turn, noise = rows(script.trace)
    assert turn.clear_s == 4.0
    assert turn.false_interruptions == ()
    assert noise.ignored


@pytest.mark.parametrize(("samples", "resumed"), [(5000, True), (8000, True), (6000, False)])
def test_a_greeting_goes_on_from_its_middle_or_anew_and_another_prompt_is_an_answer(
    samples: int, resumed: bool
) -> None:
    script = Script()
    barge_in(script, 0.6, turn=1)
    script.at(1.0).heard(1, "")
    script.does("Ignore", turn=1)
    script.play(samples, mark="1.0.2")
    trace = script.trace
    trace.header["prompts"]["repeat"]["samples"] = 6000
    greeting, turn = rows(trace)
    assert bool(greeting.false_interruptions) == resumed
    assert (greeting.clear_s is None) == resumed
    assert turn.ignored == resumed


def test_a_noise_in_silence_is_ignored_and_one_that_is_asked_about_is_not() -> None:
    script = Script()
    script.turn(1, began=2.0, soft_end=2.4)
    script.at(2.5).heard(1, "")
    script.at(2.8).voice()
    script.does("Ignore", turn=1)
    script.turn(2, began=4.0, soft_end=5.0)
    script.at(5.1).heard(2, "")
    script.at(5.4).voice()
    script.does("Ignore", turn=2)
    script.play(8000, mark="0.0.2")
    script.at(5.41).reached(0, "on_wire")
    turns = rows(script.trace)
    assert [row.ignored for row in turns] == [False, True, False]
    assert [row.prompt_on_wire_s for row in turns] == [None, None, 5.41]
    assert turns[2].first_on_wire_s is None, "to be asked again is no answer"


def test_who_asks_for_a_moment_is_answered_by_a_prompt() -> None:
    script = Script()
    script.turn(1, began=2.0, soft_end=3.0)
    script.at(3.1).heard(1, "ಒಂದು ನಿಮಿಷ", says="wait")
    script.at(3.4).voice()
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.0.2")
    script.at(3.41).reached(0, "on_wire")
    barge_in(script, 3.8, turn=2)
    script.at(4.5).heard(2, "ಒಂದು ನಿಮಿಷ", says="wait")
    script.does("Ignore", turn=2)
    script.play(8000, mark="1.0.3")
    _, turn, again = rows(script.trace)
    assert (turn.first_on_wire_s, turn.ignored) == (3.41, False)
    assert turn.false_interruptions == (), "the same prompt was said to the next turn, it did not go on"
    assert again.first_on_wire_s is None
    assert not again.ignored


@pytest.mark.parametrize(("action", "answered_s"), [("transfer", 3.41), ("hang_up", 3.41), ("listen", None)], ids=str)
def test_who_is_handed_over_without_a_word_of_the_agent_s_is_answered(action: str, answered_s: float | None) -> None:
    script = Script()
    script.turn(1, began=2.0, soft_end=3.0)
    script.asks(1)
    script.at(3.2).given("Replied", turn=1, revision=0, action=action, target="")
    script.at(3.4).voice()
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.0.2")
    script.at(3.41).reached(1, "on_wire")
    _, turn = rows(script.trace)
    assert turn.first_on_wire_s == answered_s, "an apology for a reply without words is no answer"


def test_what_is_repeated_without_the_agent_is_an_answer() -> None:
    script = speaking()
    barge_in(script, 4.0, turn=2)
    script.at(4.4).heard(2, "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ", says="repeat")
    script.at(4.6).voice()
    script.does("Ignore", turn=2)
    script.play(LONG, mark="1.2.3")
    script.at(4.61).reached(1, "on_wire")
    _, interrupted, turn = rows(script.trace)
    assert interrupted.clear_s == 4.0
    assert interrupted.false_interruptions == ()
    assert not turn.ignored
    assert turn.first_on_wire_s == 4.61
