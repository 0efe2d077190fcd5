"""The text around IndicTrans2. The prepared forms are what the published IndicProcessor makes of the same sentences."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from app.engines.indictrans2.english import detokenise, tokenise
from app.engines.indictrans2.text import (
    TO_ENGLISH,
    prepare_english,
    prepare_kannada,
    restore_english,
    restore_kannada,
    to_devanagari,
    to_kannada,
)

KANNADA = [chr(code) for code in range(0x0C80, 0x0CF0) if unicodedata.category(chr(code)) != "Cn"]


@pytest.mark.parametrize(
    ("kannada", "prepared"),
    [
        ("ನನ್ನ ಆರ್ಡರ್ ಸಂಖ್ಯೆ ೧೨೩೪೫೬ ಎಲ್ಲಿದೆ?", "नन्न आर्डर् संख्यॆ 123456 ऎल्लिदॆ ?"),
        ("<ID1> ಗೆ ಲೈನ್\u200cಮನ್ ಬರುತ್ತಾರೆ.", "< ID1 > गॆ लैन्मन् बरुत्तारॆ ."),
        ("ಬಿಲ್ 1,250.50 ರೂಪಾಯಿ।", "बिल् 1,250.50 रूपायि ।"),
        ("“ಹೌದು” – ಸರಿ…", '" हौदु " - सरि . . .'),
        ("ಕೆ\u0ccd \u0cc6\u0cd5\u00a0ಅ", "कॆ् े अ"),
        ("", ""),
    ],
)
def test_kannada_is_prepared_as_published(kannada: str, prepared: str) -> None:
    assert prepare_kannada(kannada) == prepared


def test_the_tags_name_source_and_target() -> None:
    assert TO_ENGLISH.tags == ("kan_Knda", "eng_Latn")


@pytest.mark.parametrize(
    ("english", "prepared"),
    [
        ("Hello, I don't know.", "Hello , I don 't know ."),
        ("It's Mr. Rao's bill (Rs. 1,250.50).", "It 's Mr. Rao 's bill ( Rs. 1,250.50 ) ."),
        ("<ID1> is <ID2>!", "< ID1 > is < ID2 > !"),
        ("Wait... what?", "Wait ... what ?"),
        ("No. 5 at 5 p.m. today, e.g. now", "No. 5 at 5 p.m. today , e.g. now"),
        ("the customers' “power-cut”", 'the customers \' " power-cut "'),
        ("pay ೧೨ rupees", "pay 12 rupees"),
        ("'hello there'", "'hello there'"),
    ],
)
def test_english_is_prepared_as_published(english: str, prepared: str) -> None:
    assert prepare_english(english) == prepared


@pytest.mark.parametrize(
    ("output", "kannada"),
    [
        ("नम्म बिल् 1 , 250 . 50 रूपायि .", "ನಮ್ಮ ಬಿಲ್ 1,250.50 ರೂಪಾಯಿ."),
        ('अवरु " हौदु " ऎन्दरु ( सरि ) ?', 'ಅವರು "ಹೌದು" ಎನ್ದರು (ಸರಿ)?'),
        ("< ID1 > गॆ", "<ID1> ಗೆ"),
        ("ऑफीस् ज़रूर ।", "ಆಫೀಸ್ ಜ಼ರೂರ।"),
        ("", ""),
    ],
)
def test_kannada_is_restored(output: str, kannada: str) -> None:
    assert restore_kannada(output) == kannada


@pytest.mark.parametrize(
    ("output", "english"),
    [
        ("Hello , I don 't know .", "Hello, I don't know."),
        ("The customers ' bill is ₹ 500 ( paid ) .", "The customers' bill is ₹500 (paid)."),
        ('He said " wait " and left .', 'He said "wait" and left.'),
        ("< ID1 > is here", "< ID1 > is here"),
    ],
)
def test_english_is_restored(output: str, english: str) -> None:
    assert restore_english(output) == english


@given(st.text(st.sampled_from(KANNADA)))
def test_kannada_survives_devanagari(text: str) -> None:
    assert to_kannada(to_devanagari(text)) == text


def test_every_kannada_letter_survives_alone_and_becomes_devanagari() -> None:
    for letter in KANNADA:
        assert "DEVANAGARI" in unicodedata.name(to_devanagari(letter))
        assert to_kannada(to_devanagari(letter)) == letter


def test_restored_text_has_no_letter_that_unicode_lacks() -> None:
    devanagari = "".join(chr(code) for code in range(0x0900, 0x0970))
    assert [char for char in to_kannada(devanagari) if unicodedata.category(char) == "Cn"] == []


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_preparing_any_text_keeps_its_words(text: str) -> None:
    for prepared in (prepare_kannada(text), prepare_english(text)):
        assert "  " not in prepared
        assert prepared == prepared.strip()
    letters = "".join(char for char in text if char.isascii() and char.isalpha())
    assert "".join(char for char in prepare_kannada(text) if char.isascii() and char.isalpha()) == letters


WORDS = st.sampled_from(["the", "bill", "don't", "1,250.50", "Mr. Rao", "it's", "(paid)", '"yes"', "Mysuru"])


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from(".?!"))
def test_english_survives_its_tokens(words: list[str], end: str) -> None:
    sentence = " ".join(words) + end
    assert detokenise(tokenise(sentence)) == sentence
