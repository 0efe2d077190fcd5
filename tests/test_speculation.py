"""What speculation saved and wasted, from traces written by hand."""

import pytest

from app.replay.speculation import saved_s
from app.replay.waterfall import TurnRow, rows
from tests.handwritten import Script


def only_turn(script: Script) -> TurnRow:
    _, turn = rows(script.trace)
    return turn


@pytest.mark.parametrize(
    ("reply_s", "first_byte_s", "saved"),
    [(1.2, 1.5, 0.5), (1.2, 3.0, 1.0), (2.0, 2.5, 0.2)],
    ids=["all the work was done before the end", "it went on behind the end", "only the transcript was made before"],
)
def test_saved_is_the_work_that_was_done_when_the_end_was_confirmed(
    reply_s: float, first_byte_s: float, saved: float
) -> None:
    assert saved_s(1.0, 1.2, reply_s, first_byte_s, confirmed_end_s=2.0) == pytest.approx(saved)


def test_a_turn_without_an_answer_saved_nothing() -> None:
    script = Script()
    script.turn(1, began=0.5, soft_end=1.0)
    script.at(1.2).asks(1)
    script.at(2.0).confirm(1)
    script.at(9.0).given("Tick")
    script.does("StopReply", turn=1, revision=0)
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.0.2")
    turn = only_turn(script)
    assert turn.saved_s is None
    assert turn.wasted_s == 0.0, "it failed; nobody threw it away"
    assert turn.first_on_wire_s is None
    assert turn.fillers == 0, "an apology is none"


def test_work_is_wasted_from_its_beginning_until_the_caller_goes_on() -> None:
    script = Script()
    script.turn(1, began=0.5, soft_end=1.0)
    script.at(1.1).asks(1)
    script.at(1.4).voice()
    script.does("StopReply", turn=1, revision=0)
    script.turn(1, began=1.4, soft_end=3.0, revision=1, listens=False)
    script.at(3.1).heard(1, "", revision=1)
    script.turn(1, began=3.3, soft_end=4.0, revision=2, listens=False)
    script.at(4.1).asks(1, revision=2)
    script.at(4.3).speech(1, 8000, revision=2)
    script.at(4.6).confirm(1, revision=2)
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.1.2")
    turn = only_turn(script)
    assert turn.revisions == 3
    assert turn.wasted_s == pytest.approx(0.4 + 0.1), "the second transcript was ready, and there was no more to do"
    assert turn.wasted_questions == 1
    assert turn.saved_s == pytest.approx(0.3), "of the revision that was heard"


def test_an_answer_that_was_complete_is_wasted_no_longer_than_it_took() -> None:
    script = Script()
    script.turn(1, began=0.5, soft_end=1.0)
    script.at(1.1).asks(1)
    script.at(1.3).given("Replied", turn=1, revision=0, action="listen", target="")
    script.turn(1, began=1.5, soft_end=5.0, revision=1, listens=False)
    assert only_turn(script).wasted_s == pytest.approx(0.3)


def test_an_answer_that_is_interrupted_was_no_waste_of_speculation() -> None:
    script = Script()
    script.turn(1, began=0.5, soft_end=1.0)
    script.at(1.1).asks(1)
    script.at(1.3).speech(1, 80000)
    script.at(1.6).confirm(1)
    script.does("Ignore", turn=1)
    script.play(80000)
    script.at(3.0).voice()
    script.does("Clear")
    script.does("Listen", turn=2, back_s=0.36)
    script.at(4.0).voice()
    script.does("StopReply", turn=1, revision=0)
    _, interrupted, _ = rows(script.trace)
    assert interrupted.wasted_s == 0.0
    assert interrupted.clear_s == 3.0


def test_keys_are_begun_once_and_nothing_is_saved() -> None:
    script = Script()
    script.at(1.0).given("Tick")
    script.does("Reply", turn=1, revision=0, keyed=True, pii={"text": "4521", "history": []})
    script.does("Confirm", turn=1, revision=0)
    script.at(1.2).speech(1, 8000)
    script.does("Ignore", turn=1)
    script.play(8000, mark="0.1.2")
    script.at(1.21).reached(1, "on_wire")
    turn = only_turn(script)
    assert (turn.revisions, turn.saved_s) == (1, None)
    assert turn.first_on_wire_s == 1.21
