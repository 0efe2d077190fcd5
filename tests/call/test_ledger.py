"""What was heard: exact at marks, proportional within a clause."""

import pytest
from hypothesis import given, strategies as st

from app.call.ledger import CUT, Ledger, Said

SECOND = 8000


def ledger_of(*seconds: float, at: float = 0.0) -> tuple[Ledger, list[str]]:
    """Complete clauses of ten words each, sent at once."""
    ledger, marks = Ledger(), []
    for number, length in enumerate(seconds, 1):
        ledger.play(1, number, words("ಪದ", number), words("word", number), round(length * SECOND), at)
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
    ledger, marks = ledger_of(2, 2)
    ledger.played(marks[0], 2.4)
    assert ledger.ends_s == pytest.approx(4.4)
    (said,) = ledger.cut(3.0)
    assert said.english == " ".join(["word2"] * 3) + CUT, "0.6 of 2 s"


def test_a_clause_nothing_of_was_heard_is_not_remembered() -> None:
    ledger, _ = ledger_of(2, 2)
    assert [said.english for said in ledger.cut(1.99)] == [" ".join(["word1"] * 9) + CUT]


def test_marks_of_withdrawn_audio_prove_nothing() -> None:
    ledger, marks = ledger_of(1, 1)
    ledger.cut(0.0)
    assert [ledger.played(mark, 0.1) for mark in marks] == [[], []]


def test_a_clause_cut_before_its_audio_was_complete_counts_by_its_text() -> None:
    ledger = Ledger()
    ledger.play(1, 1, words("ಪದಗಳ", 1), words("word", 1), SECOND, 0.0)  # 1 s of about 4.5 s
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
