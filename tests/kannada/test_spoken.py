"""Written to spoken, beyond the table of spoken_forms.tsv: what holds for any text."""

import pytest
from hypothesis import given, settings, strategies as st

from app.kannada.spoken import for_voice, spoken

PIECES = (
    *"0123456789೫ -.,:/+%₹$@°ABkmKgPMaw½_",
    "ರೂ.", "ರೂ", "ಕ್ಕೆ", "ರಿಂದ", "ನೇ", "ಲಕ್ಷ", "ಗಂಟೆ", " ಡಾ.", "ಕಿ.ಮೀ", "ಸಂಖ್ಯೆ ", "ಸು", "ಶೇ.", "ಜನವರಿ ", "ರ", "\u200c", "%ರಷ್ಟು",
)  # fmt: skip
"""What rules look for, so that random texts meet them."""
KANNADA_LETTERS = "".join(chr(code) for code in range(0x0C80, 0x0CE4)) + "\u200c\u200d"

rough = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(max_examples=500)
@given(rough | st.text(max_size=30))
def test_what_was_said_is_not_said_otherwise(text: str) -> None:
    assert spoken(spoken(text)) == spoken(text)


@settings(max_examples=500)
@given(rough | st.text(max_size=30))
def test_nothing_is_left_that_a_voice_cannot_read(text: str) -> None:
    assert not any(letter.isascii() and letter.isalnum() for letter in spoken(text))
    assert not set(spoken(text)) & set("₹%@೦೧೨೩೪೫೬೭೮೯")


@given(st.text(KANNADA_LETTERS + " ,?!;:()'\"\n"))
def test_kannada_words_are_left_alone(text: str) -> None:
    assert spoken(text) == text


@pytest.mark.parametrize("text", ["", " ", "ನಮಸ್ಕಾರ, ಹೇಗಿದ್ದೀರಿ?", "ಒಂದು ನಿಮಿಷ ಇರಿ.", "ಹೌದು - ಸರಿ"])
def test_a_sentence_without_numbers(text: str) -> None:
    assert spoken(text) == text


@pytest.mark.parametrize("piece", ["12-", "1,00", "A1", "a@", "ರೂ.", "10:30-", "+1 ", "9 "])
def test_a_long_text_takes_no_longer_than_it_is_long(piece: str) -> None:
    """Twenty thousand characters in far less than the test's time limit: no pattern tries all ways to split them."""
    text = piece * (20_000 // len(piece))
    assert len(spoken(text)) > len(text) / 2


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("one moment, 5 minutes.", "one moment, 5 minutes."),
        ("BESCOM ಕಚೇರಿ", "ಬೆಸ್ಕಾಂ ಕಚೇರಿ"),
        ("4521", spoken("4521")),
        ("", ""),
    ],
)
def test_a_sentence_in_english_is_left_to_the_voice(sentence: str, given: str) -> None:
    assert for_voice(sentence) == given
