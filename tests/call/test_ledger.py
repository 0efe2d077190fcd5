"""What was heard: exact at marks, proportional within a clause."""

import pytest
from hypothesis import given, strategies as st

from app.call.ledger import CUT, Clause, Ledger, Said

SECOND = 8000


def ledger_of(*seconds: float, at: float = 0.0) -> tuple[Ledger, list[str]]:
    """Complete clauses of ten words each, sent at once."""
    ledger, marks = Ledger(), []
    for number, length in enumerate(seconds, 1):
        clause = Clause(1, number, words("ಪದ", number), words("word", number))
        ledger.play(clause, bytes(round(length * SECOND)), at)
        marks.append(ledger.complete())
    return ledger, marks


def words(word: str, number: int) -> str:
    return " ".join(f"{word}{number}" for _ in range(10))


def test_a_mark_proves_its_clause_and_all_before_it() -> None:
    ledger, marks = ledger_of(1, 1, 1)
    assert [said.english for said in ledger.played(marks[1], 2.0)] == [words("word", 1), words("word", 2)]
    assert ledger.busy
    assert ledger.played(marks[1], 2.0) == []
    assert [said.english for said in ledger.played(marks[2], 3.0)] == [words("word", 3)]
    assert not ledger.busy


def test_a_cut_clause_is_heard_in_proportion() -> None:
    ledger, marks = ledger_of(2, 2)
    ledger.played(marks[0], 2.0)
    (said,) = ledger.cut(3.0)
    assert said.english == " ".join(["word2"] * 5) + CUT
    assert said.kannada == " ".join(["ಪದ2"] * 5) + CUT


def test_a_late_mark_moves_what_comes_after_it() -> None:
    ledger, marks = ledger_of(1, 2, 2)
    ledger.played(marks[0], 1.0)
    ledger.played(marks[1], 3.4)
    assert ledger.ends_s == pytest.approx(5.4)
    (said,) = ledger.cut(4.0)
    assert said.english == " ".join(["word3"] * 3) + CUT, "0.6 of 2 s"


@pytest.mark.parametrize(("late_s", "moved_s"), [(0.12, 0.0), (0.3, 0.0), (0.8, 0.5)])
def test_the_way_there_and_back_moves_nothing_and_is_no_longer_than_it_may_be(late_s: float, moved_s: float) -> None:
    ledger, marks = ledger_of(1, 1, 1)
    ledger.played(marks[0], 1.0 + late_s)
    assert ledger.ends_s == pytest.approx(3.0 + moved_s)
    ledger.played(marks[1], 2.0 + late_s + 0.1)
    assert ledger.ends_s == pytest.approx(3.0 + moved_s + (0.1 if moved_s == 0.0 else 0.0), abs=0.31)


def test_a_lost_mark_does_not_put_off_what_comes_after_it() -> None:
    ledger, marks = ledger_of(1, 5)
    ledger.believe(4.0, 3.0)
    assert ledger.ends_s == pytest.approx(6.0)
    assert [said.english for said in ledger.played(marks[1], 6.1)] == [words("word", 2)]


def test_a_clause_nothing_of_was_heard_is_not_remembered() -> None:
    ledger, _ = ledger_of(2, 2)
    assert [said.english for said in ledger.cut(1.99)] == [" ".join(["word1"] * 9) + CUT]


def test_marks_of_withdrawn_audio_prove_nothing() -> None:
    ledger, marks = ledger_of(1, 1)
    ledger.cut(0.0)
    assert [ledger.played(mark, 0.1) for mark in marks] == [[], []]


def test_a_clause_cut_before_its_audio_was_complete_counts_by_its_text() -> None:
    ledger = Ledger()
    ledger.play(Clause(1, 1, words("ಪದಗಳ", 1), words("word", 1)), bytes(SECOND), 0.0)  # 1 s of about 4.5 s
    assert ledger.unfinished
    (said,) = ledger.cut(1.0)
    assert said.english == "word1 word1" + CUT


def test_overdue_marks_are_believed() -> None:
    ledger, _ = ledger_of(1, 1)
    assert ledger.overdue_s(3.0) == 4.0
    assert ledger.believe(3.9, 3.0) == []
    assert [said.english for said in ledger.believe(4.0, 3.0)] == [words("word", 1)]


@given(st.lists(st.floats(0.05, 5), min_size=1, max_size=6), st.floats(0, 40))
def test_the_later_the_cut_the_more_was_heard(lengths: list[float], at: float) -> None:
    def heard(now: float) -> int:
        return sum(len(said.english.removesuffix(CUT)) for said in ledger_of(*lengths)[0].cut(now))

    assert heard(at) <= heard(at + 0.5)
    assert heard(sum(lengths) + 0.01) == sum(len(words("word", number)) for number in range(1, len(lengths) + 1))


def test_what_was_said_names_its_turn() -> None:
    ledger, marks = ledger_of(1)
    assert ledger.played(marks[0], 1.0) == [Said(1, words("ಪದ", 1), words("word", 1))]


NOW = {"back_s": 0.25, "within_s": 1.5}


def test_what_was_withdrawn_for_a_moment_goes_on_a_little_before_where_it_was() -> None:
    ledger, marks = ledger_of(2, 2)
    ledger.played(marks[0], 2.0)
    ledger.hold(3.0)
    assert not ledger.busy
    heard, sent = ledger.resume(3.5, **NOW)
    assert heard == []
    assert [len(audio) for audio, _ in sent] == [round(1.25 * SECOND)]
    assert ledger.ends_s == pytest.approx(3.5 + 1.25)
    assert [said.english for said in ledger.played(sent[0][1], 4.75)] == [words("word", 2)]


def test_what_was_withdrawn_for_longer_begins_the_cut_clause_anew() -> None:
    ledger, marks = ledger_of(2, 2)
    ledger.played(marks[0], 2.0)
    ledger.hold(3.0)
    _, sent = ledger.resume(5.0, **NOW)
    assert [len(audio) for audio, _ in sent] == [2 * SECOND]


def test_clauses_that_nobody_had_heard_follow_whole() -> None:
    ledger, marks = ledger_of(1, 1, 1)
    ledger.hold(1.5)  # the first is over, though its mark has not come back
    heard, sent = ledger.resume(2.0, **NOW)
    assert [said.english for said in heard] == [words("word", 1)]
    assert [len(audio) for audio, _ in sent] == [round(0.75 * SECOND), SECOND]
    assert len({*marks, *(mark for _, mark in sent)}) == 5, "withdrawn marks prove nothing, so there are new ones"
    assert ledger.played(marks[1], 2.1) == []


def test_more_of_a_clause_may_come_after_it_was_resumed() -> None:
    ledger = Ledger()
    ledger.play(Clause(1, 1, words("ಪದಗಳ", 1), words("word", 1)), bytes(SECOND), 0.0)
    ledger.hold(0.5)
    _, ((audio, mark),) = ledger.resume(1.0, **NOW)
    assert (len(audio), mark) == (round(0.75 * SECOND), "")
    assert ledger.expects(1, 1)
    ledger.play(Clause(1, 1, "", ""), bytes(SECOND), 1.1)
    (said,) = ledger.played(ledger.complete(), 2.75)
    assert said.kannada == words("ಪದಗಳ", 1)


def test_a_real_interruption_settles_as_of_when_the_audio_was_withdrawn() -> None:
    ledger, marks = ledger_of(2, 2)
    ledger.played(marks[0], 2.0)
    ledger.hold(3.0)
    ledger.hold(3.4)
    (said,) = ledger.settle()
    assert said.english == " ".join(["word2"] * 5) + CUT
    assert ledger.settle() == []
    assert ledger.resume(4.0, **NOW) == ([], [])


@given(st.lists(st.floats(0.3, 4), min_size=1, max_size=5), st.floats(0, 20), st.floats(0, 3))
def test_held_or_not_all_is_heard_once_in_the_end(lengths: list[float], at: float, gap: float) -> None:
    ledger, _ = ledger_of(*lengths)
    ledger.hold(at)
    heard, sent = ledger.resume(at + gap, **NOW)
    if sent:
        heard += ledger.played(sent[-1][1], ledger.ends_s)
    assert [said.english for said in heard] == [words("word", number) for number in range(1, len(lengths) + 1)]
    assert not ledger.busy
