"""When the agent's audio went out, and whose it was, from traces written by hand."""

import pytest

from app.replay.waterfall import rows
from tests.handwritten import Script


def waiting(*, asked: bool = True) -> Script:
    """A turn whose end came at 1.6 s and whose reply is late."""
    script = Script()
    script.turn(1, began=1.2, soft_end=1.4)
    if asked:
        script.at(1.5).asks(1)
        script.at(1.6).confirm(1)
    return script


@pytest.mark.parametrize("asked", [True, False], ids=["the agent is late", "the transcript is late"])
def test_a_prompt_said_while_the_reply_is_late_is_a_filler(asked: bool) -> None:
    script = waiting(asked=asked)
    script.at(2.3).given("Tick")
    script.play(8000, mark="0.0.2")
    script.at(2.32).reached(1 if asked else 0, "on_wire")  # of the reply that was begun last, whosever the audio is
    if not asked:
        script.at(2.5).asks(1)
        script.does("Confirm", turn=1, revision=0)
    script.at(3.3).given("Played", mark="0.0.2")
    script.at(4.0).speech(1, 8000)
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.1.3")
    script.at(4.01).reached(1, "on_wire")
    script.at(5.0).given("Played", mark="0.1.3")
    greeting, turn = rows(script.trace)
    assert (turn.filler_on_wire_s, turn.fillers) == (2.32, 1)
    assert (turn.first_on_wire_s, turn.first_mark_heard_s, turn.end_of_reply_s) == (4.01, 5.0, 5.0)
    assert greeting.first_on_wire_s != 2.32


def test_an_answer_behind_a_filler_begins_where_that_ends() -> None:
    script = waiting()
    script.at(2.3).given("Tick")
    script.play(8100, mark="0.0.2")
    script.at(2.32).reached(1, "on_wire")
    script.at(2.6).speech(1, 8000)
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.1.3")
    _, turn = rows(script.trace)
    assert turn.first_on_wire_s == pytest.approx(2.32 + 1.02), "8100 samples are sent as 51 frames"


def test_the_filler_of_a_tool_is_known_by_its_speech() -> None:
    script = waiting()
    script.at(2.3).speech(1, 8000, filler=True)
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.1.2")
    script.at(2.31).reached(1, "on_wire")
    script.at(3.31).given("Played", mark="0.1.2")
    script.at(4.0).speech(1, 8000, clause=2)
    script.play(8000, mark="0.1.3")
    script.at(4.01).reached(1, "on_wire")
    _, turn = rows(script.trace)
    assert (turn.filler_on_wire_s, turn.fillers, turn.first_on_wire_s) == (2.31, 1, 4.01)
    assert turn.end_of_reply_s is None


def test_a_filler_that_the_caller_talked_over_belongs_to_no_answer() -> None:
    script = waiting()
    script.at(2.3).given("Tick")
    script.play(8000, mark="0.0.2")
    script.at(2.32).reached(1, "on_wire")
    script.at(2.6).voice()
    script.does("Clear")
    script.does("StopReply", turn=1, revision=0)
    script.turn(1, began=2.6, soft_end=4.0, revision=1, listens=False)
    _, turn = rows(script.trace)
    assert turn.fillers == 1
    assert (turn.filler_on_wire_s, turn.clear_s) == (None, None)


def test_what_was_heard_went_out_though_nobody_told_when() -> None:
    script = waiting()
    script.at(2.0).speech(1, 8000)
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.1.2")
    script.at(3.0).given("Played", mark="0.1.2")
    assert rows(script.trace)[1].first_on_wire_s == 2.0
