"""A translation is right when every value arrives, whatever the words around it."""

import random

import pytest

from app.models.training.corpus import agent_says, caller_says, to_english, to_kannada
from app.models.training.grammar import Pair, Slot
from app.models.training.slot_exact import slot_exact

BILL = Pair(
    "ರಮೇಶ್ ನಿಮ್ಮ ಮೇ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಐದು ರೂಪಾಯಿ",
    "Ramesh your bill for May is 1005 rupees",
    "bill",
    (Slot("name", "ರಮೇಶ್", "Ramesh"), Slot("mon", "ಮೇ", "May"), Slot("amt", "ಒಂದು ಸಾವಿರದ ಐದು", "1005")),
)
TWO = Pair(
    "ಮೈಸೂರಿನಲ್ಲಿ ಎರಡು ದಿನದಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ ಸಂಖ್ಯೆ ಐದು",
    "there is no power in Mysuru for two days number 5",
    "two",
    (Slot("dist", "ಮೈಸೂರಿನಲ್ಲಿ", "Mysuru"), Slot("dur", "ಎರಡು ದಿನದಿಂದ", "for two days"), Slot("cust", "ಐದು", "5")),
)
DATE = Pair("ಮೇ ಐದು ಐದು", "May 5 5", "date", (Slot("date", "ಮೇ ಐದು", "May 5"), Slot("cust", "ಐದು", "5")))
CORRECTED = Pair(
    "ನಾಲ್ಕು ಐದು ಅಲ್ಲ ನಾಲ್ಕು ಆರು ಮೇ",
    "not 45 but 46 May",
    "corrected",
    (Slot("cust", "ನಾಲ್ಕು ಐದು", "45"), Slot("cust", "ನಾಲ್ಕು ಆರು", "46"), Slot("mon", "ಮೇ", "May")),
)
OFFICE = Pair("ಕಚೇರಿ ಹತ್ತು ಗಂಟೆಗೆ", "the office opens at 10", "office")


@pytest.mark.parametrize(
    ("pair", "english"),
    [
        (BILL, "Ramesh your bill for May is 1005 rupees."),
        (BILL, "the bill of Ramesh: 1005 rupees for May"),
        (TWO, "number 5 no electricity for two days in Mysuru"),
        (DATE, "5, May 5"),
        (CORRECTED, "May, 45 is wrong, 46 is right"),
        (OFFICE, "at 10 it opens"),
    ],
)
def test_other_words_with_the_same_values_are_right(pair: Pair, english: str) -> None:
    assert slot_exact(pair, english, "kn_en")


@pytest.mark.parametrize(
    ("pair", "english"),
    [
        (BILL, ""),
        (BILL, "Ramesh your bill for May is 105 rupees"),
        (BILL, "Ramesh your bill for May is 11005 rupees"),
        (BILL, "Ramesh your bill for May is 1005 rupees and 5"),
        (BILL, "Ramesh your bill for May is 1005 1005 rupees"),
        (BILL, "Suresh your bill for May is 1005 rupees"),
        (BILL, "Ramesh Suresh your bill for May is 1005 rupees"),
        (BILL, "ramesh your bill for may is 1005 rupees"),
        (TWO, "there is no power in Mysuru for three days number 5"),
        (TWO, "there is no power in Mysuru for two days for two days number 5"),
        (DATE, "May 5"),
        (CORRECTED, "not 46 but 45 May"),
        (OFFICE, "the office opens"),
        (OFFICE, "the office opens at 10 10"),
    ],
)
def test_a_value_too_few_too_many_or_wrong_is_wrong(pair: Pair, english: str) -> None:
    assert not slot_exact(pair, english, "kn_en")


@pytest.mark.parametrize(
    ("kannada", "right"),
    [
        ("ರಮೇಶ್ ಮೇ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಐದು ರೂಪಾಯಿ", True),
        ("ರಮೇಶ್ ಮೇ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಐದು ಮೂರು ರೂಪಾಯಿ", False),
        ("ರಮೇಶ್ ಮೇ ತಿಂಗಳ ಬಿಲ್ ಎರಡು ಸಾವಿರದ ಐದು ರೂಪಾಯಿ", False),
        ("ರಮೇಶ್ ಮೇ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಐದು ರೂಪಾಯಿ ಮೈಸೂರಿನಲ್ಲಿ", False),
        ("ರಮೇಶ್ ಮೇ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಐದು ರೂಪಾಯಿ ಸುರೇಶ್", False),
        ("ರಮೇಶ್ ಮೇಡಂ ಮೇ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಐದು ರೂಪಾಯಿ", True),
    ],
)
def test_into_kannada(kannada: str, right: bool) -> None:
    assert slot_exact(BILL, kannada, "en_kn") == right


def test_two_values_of_a_kind_keep_their_order_in_kannada() -> None:
    assert slot_exact(CORRECTED, "ನಾಲ್ಕು ಐದು ಬೇಡ ಮೇ ನಾಲ್ಕು ಆರು", "en_kn")
    assert not slot_exact(CORRECTED, "ನಾಲ್ಕು ಆರು ಅಲ್ಲ ನಾಲ್ಕು ಐದು ಮೇ", "en_kn")


def test_a_reference_that_lacks_its_own_value_is_an_error() -> None:
    with pytest.raises(ValueError, match="the sentence of x lacks"):
        slot_exact(Pair("", "no value", "x", (Slot("amt", "", "5"),)), "5", "kn_en")


def test_every_sentence_of_the_corpus_is_right_itself() -> None:
    rng = random.Random(1)
    for _ in range(300):
        for pair in (caller_says(rng, "sentences"), caller_says(rng, "frames"), to_english(rng)):
            assert slot_exact(pair, pair.english, "kn_en")
        for pair in (agent_says(rng, "sentences"), agent_says(rng, "frames"), to_kannada(rng)):
            assert slot_exact(pair, pair.kannada, "en_kn")
