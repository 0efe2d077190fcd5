"""Cutting an agent's text into clauses while it is written."""

import pytest
from hypothesis import given, strategies as st

from app.clauses import ClauseCutter


def cut(pieces: list[str]) -> list[str]:
    cutter = ClauseCutter()
    return [clause for piece in pieces for clause in cutter.push(piece)] + cutter.flush()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("Your bill is 1,250.50 rupees. Pay by Monday.", ["Your bill is 1,250.50 rupees.", "Pay by Monday."]),
        ("Ask Mr. Rao at no. 12 today. Thanks.", ["Ask Mr. Rao at no. 12 today.", "Thanks."]),
        ("Come at 5 p.m. on Friday.", ["Come at 5 p.m. on Friday."]),
        ("Our K.R. Puram office. It is open.", ["Our K.R. Puram office.", "It is open."]),
        ("Is it a no? Then pay.", ["Is it a no?", "Then pay."]),
        ("Yes, I see it.", ["Yes, I see it."]),
        ("Your bill for October, Ramesh, is 845 rupees.", ["Your bill for October,", "Ramesh, is 845 rupees."]),
        ("One line\nand another", ["One line", "and another"]),
        ("ನಿಮ್ಮ ಬಿಲ್ ಸಿದ್ಧ।", ["ನಿಮ್ಮ ಬಿಲ್ ಸಿದ್ಧ।"]),
        ("ನಮಸ್ಕಾರ।ನಿಮ್ಮ ಬಿಲ್ ಸಿದ್ಧ॥ ಸರಿ.", ["ನಮಸ್ಕಾರ।", "ನಿಮ್ಮ ಬಿಲ್ ಸಿದ್ಧ॥", "ಸರಿ."]),
        ("ಬಿಲ್ ರೂ. 1,250.50 ಇದೆ. ಡಾ. ರಾವ್ ಬಂದರು.", ["ಬಿಲ್ ರೂ. 1,250.50 ಇದೆ.", "ಡಾ. ರಾವ್ ಬಂದರು."]),
        ("ನಿಮ್ಮ ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್, ೮೪೫ ರೂಪಾಯಿ.", ["ನಿಮ್ಮ ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್,", "೮೪೫ ರೂಪಾಯಿ."]),
        ('He said "wait." Then he left.', ['He said "wait."', "Then he left."]),
        ("...", ["..."]),
        ("  ", []),
    ],
)
def test_clauses(text: str, clauses: list[str]) -> None:
    assert cut([text]) == clauses
    assert cut(list(text)) == clauses, "the same letter by letter"


def test_a_clause_is_out_as_soon_as_it_is_complete() -> None:
    cutter = ClauseCutter()
    assert cutter.push("The power is back.") == [], "3. might go on as 3.5"
    assert cutter.push(" It") == ["The power is back."]


def test_text_without_a_pause_is_cut_before_a_translator_gives_up() -> None:
    clauses = cut(["word "] * 100)
    assert max(len(clause.split()) for clause in clauses) <= 30
    assert sum(len(clause.split()) for clause in clauses) == 100


def test_any_space_will_do() -> None:
    assert len(cut(["word\u00a0"] * 40)) == 2


@given(st.lists(st.text(st.sampled_from('ab1 .,?!\nಅ।॥"'), max_size=8), max_size=40))
def test_nothing_is_lost_and_pieces_do_not_matter(pieces: list[str]) -> None:
    whole = "".join(pieces)
    assert "".join("".join(cut(pieces)).split()) == "".join(whole.split())
    assert cut(pieces) == cut(list(whole))
