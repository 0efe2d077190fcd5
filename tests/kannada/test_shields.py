"""Shields: what is found in a text, and that it comes through whatever a translator does."""

import re

import pytest
from hypothesis import given, settings, strategies as st

from app.kannada.entities import Language
from app.kannada.names import Names
from app.kannada.shields import holds, occurrences, repaired, restored, shield

KANNADA_NAMES = Names(
    {"ಬೆಂಗಳೂರು": "Bengaluru", "ಮಂಡ್ಯ": "Mandya", "ಗೀತಾ": "Geetha", "ಶಿವಾಜಿ ನಗರ": "Shivaji Nagar", "ಶಿವಾಜಿ": "Shivaji"}
)
ENGLISH_NAMES = Names({name: kannada for kannada, name in KANNADA_NAMES.translations.items()})


@pytest.mark.parametrize(
    ("text", "shielded", "values"),
    [
        ("call me", "call me", ()),
        ("Your bill is Rs. 3,450.50.", "Your bill is <ID1>.", ("3,450.50 ರೂಪಾಯಿ",)),
        ("₹500 or 500/- or 500 rupees", "<ID1> or <ID2> or <ID3> rupees", ("500 ರೂಪಾಯಿ", "500 ರೂಪಾಯಿ", "500")),
        ("Rs. 1,25,000 crore, INR 5 lakh", "Rs. <ID1> crore, INR <ID2> lakh", ("1,25,000", "5")),
        ("by 15/08/2026, 2026-08-15 or 5.9.26", "by <ID1>, <ID2> or <ID3>", ("15/08/2026", "2026-08-15", "5.9.26")),
        (
            "9:30am to 5 PM, 6.15 p.m. or 7 amps",
            "<ID1> to <ID2>, <ID3> or <ID4> amps",
            ("9:30am", "5 PM", "6.15 p.m.", "7"),
        ),
        ("at 10:30, 10-12 days", "at <ID1>, <ID2> days", ("10:30", "10-12")),
        ("meter KA-01-AB-1234, bill RR1234", "meter <ID1>, bill <ID2>", ("KA-01-AB-1234", "RR1234")),
        ("call +91 98450 12345 or 1912.", "call <ID1> or <ID2>.", ("+91 98450 12345", "1912")),
        ("write to a.b+c@bescom.co.in.", "write to <ID1>.", ("a.b+c@bescom.co.in",)),
        (
            "see https://x.in/a?b=1, or bescom.co.in/pay.",
            "see <ID1>, or <ID2>.",
            ("https://x.in/a?b=1", "bescom.co.in/pay"),
        ),
        ("up 12.5 % on the 1st", "up <ID1> on the 1st", ("12.5 %",)),
        ("Geetha's house in SHIVAJI  NAGAR", "<ID1>'s house in <ID2>", ("ಗೀತಾ", "ಶಿವಾಜಿ ನಗರ")),
        ("Shivaji, Nagar; geetha@x.in", "<ID1>, Nagar; <ID2>", ("ಶಿವಾಜಿ", "geetha@x.in")),
        ("say <ID7> now", "say ID <ID1> now", ("7",)),
    ],
)
def test_what_is_shielded_on_the_way_to_kannada(text: str, shielded: str, values: tuple[str, ...]) -> None:
    result = shield(text, "kannada", ENGLISH_NAMES)
    assert (result.text, result.values) == (shielded, values)


@pytest.mark.parametrize(
    ("text", "shielded", "values"),
    [
        ("ನನ್ನ ಸಂಖ್ಯೆ ೧೨೩೪೫೬.", "ನನ್ನ ಸಂಖ್ಯೆ <ID1>.", ("123456",)),
        ("ರೂ. ೧,೨೫೦ ಕಟ್ಟಿದ್ದೇನೆ", "<ID1> ಕಟ್ಟಿದ್ದೇನೆ", ("1,250 rupees",)),
        ("500ಕ್ಕೆ 5ನೇ", "<ID1>ಕ್ಕೆ <ID2>ನೇ", ("500", "5")),
        ("ಗೀತಾ ಮಂಡ್ಯದಲ್ಲಿ ಇದ್ದಾರೆ", "<ID1> <ID2>ದಲ್ಲಿ ಇದ್ದಾರೆ", ("Geetha", "Mandya")),
        ("ಬೆಂಗಳೂರಿನಲ್ಲಿ, ಬೆಂಗಳೂರಿಗೆ, ಬೆಂಗಳೂರು", "<ID1>ನಲ್ಲಿ, <ID2>ಗೆ, <ID3>", ("Bengaluru",) * 3),
        ("ಶಿವಾಜಿ ನಗರದಿಂದ ಶಿವಾಜಿಗೆ", "<ID1>ದಿಂದ <ID2>ಗೆ", ("Shivaji Nagar", "Shivaji")),
        ("ಗೀತಾಂಜಲಿ ಮಂಡ್ಯಗಿರಿ", "ಗೀತಾಂಜಲಿ ಮಂಡ್ಯಗಿರಿ", ()),
    ],
)
def test_what_is_shielded_on_the_way_to_english(text: str, shielded: str, values: tuple[str, ...]) -> None:
    result = shield(text, "english", KANNADA_NAMES)
    assert (result.text, result.values) == (shielded, values)


@pytest.mark.parametrize(
    ("text", "shielded"),
    [
        ("the K.R. Puram office", "the <ID1> office"),
        ("in k r puram or K.R.Puram", "in <ID1> or <ID2>"),
        ("K. Is it R. Puram?", "K. Is it R. Puram?"),
        ("O'Brien's Coca-Cola", "<ID1>'s <ID2>"),
        ("the Coca. Cola", "the Coca. Cola"),
        ("ಕೆ.ಆರ್. ಪುರದಲ್ಲಿ, ಕೆ ಆರ್ ಪುರ", "<ID1>ದಲ್ಲಿ, <ID2>"),
    ],
)
def test_names_may_have_marks_inside_which_need_not_be_there(text: str, shielded: str) -> None:
    marked = Names(dict.fromkeys(("K.R. Puram", "O'Brien", "Coca-Cola", "ಕೆ.ಆರ್. ಪುರ"), "x"))
    assert shield(text, "english", marked).text == shielded


@pytest.mark.parametrize(
    ("translation", "text"),
    [
        ("<ID2> of <ID1>.", "B of A."),
        ("< ID 2 >of <id1>", "B of A"),
        ("[ID2] and (ID1)", "B and A"),
        ("ID1,<ID2>", "A, B"),
        ("<ಐಡಿ೧>ಗೆ < ಐ. ಡಿ. 2 >", "Aಗೆ B"),
        ("<ID1> <ID1> <ID2>", None),
        ("<ID1> of", None),
        ("<ID1> of <ID2> of <ID3>", None),
    ],
)
def test_placeholders_are_recognised_in_whatever_form_they_return(translation: str, text: str | None) -> None:
    assert restored(translation, ["A", "B"]) == text


@pytest.mark.parametrize(
    ("translation", "text"),
    [
        ("pay <ID2> of <ID3> at <ID3>.", "pay 20 of 30 at 10."),
        ("pay <ID1> then <ID3>", "pay 10 20 then 30"),
        ("pay <ID3>, <ID1>!", "pay 30, 10 20!"),
        ("", "10 20 30"),
        ("<ID9>", "10 20 30"),
        ("pay <ID2>.<ID1>.<ID3>", "pay 20. 10. 30"),
    ],
)
def test_what_was_lost_is_put_back(translation: str, text: str) -> None:
    assert repaired(translation, ["10", "20", "30"]) == text


def test_a_translation_without_shields_is_counted() -> None:
    assert holds("ನಿಮ್ಮ ಬಿಲ್ ೧,೨೫೦, 15/08/2026ಕ್ಕೆ", ["1,250", "15/08/2026"])
    assert holds("5 and 5", ["5", "5"])
    assert not holds("1,250", ["250"])
    assert not holds("15/08/2026", ["15"])
    assert not holds("5 and 5", ["5"])
    assert not holds("five", ["5"])


VALUES = {
    "500": "500",
    "₹1,250.50": "1,250.50 ರೂಪಾಯಿ",
    "15/08/2026": "15/08/2026",
    "KA-01-9": "KA-01-9",
    "12.5%": "12.5%",
    "a.b@x.co.in": "a.b@x.co.in",
    "+91 98450 12345": "+91 98450 12345",
    "Geetha": "ಗೀತಾ",
    "10:30": "10:30",
}
WORDS = ["pay", "the", "ನಿಮ್ಮ", "ಬಿಲ್", "ID", "it's", "_", "...", "(", "—", "."]
sources = st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=9, unique=True)
disguises = st.sampled_from(
    ["<ID{}>", "< ID{} >", "<ID {}>", "<ID{}.>", "<ID-{}>", "[id{}]", " ID{} ", "<, I D : {} ,>"]
)
deeds = st.lists(
    st.tuples(st.integers(0, 11), disguises, st.sampled_from(WORDS), st.sampled_from(["", " "])), max_size=14
)


@settings(max_examples=300)
@given(sources, deeds, st.sampled_from(["retry", "repair"]))
def test_every_value_is_there_once_and_no_placeholder(
    found: list[str], done: list[tuple[int, str, str, str]], way: str
) -> None:
    """Placeholders come back lost, doubled, reordered and disguised, with anything between them."""
    shielded = shield(" and ".join(found), "kannada", ENGLISH_NAMES)
    assert shielded.values == tuple(VALUES[value] for value in found)
    translation = "".join(f"{word}{gap}{disguise.format(number)}{gap}" for number, disguise, word, gap in done)
    whole = restored(translation, shielded.values)
    result = whole if whole is not None and way == "retry" else repaired(translation, shielded.values)
    assert [occurrences(result, value) for value in shielded.values] == [1] * len(found), result
    assert not re.search(r"[<>\[\]]", result), "a piece of a placeholder is left"


@given(sources, st.sampled_from(["english", "kannada"]))
def test_shields_undo_themselves(found: list[str], into: Language) -> None:
    shielded = shield(" and ".join(found), into, Names())
    assert restored(shielded.text, shielded.values) == shielded.text.replace("<", "{v[").replace("ID", "").replace(
        ">", "]}"
    ).format(v=["", *shielded.values])


@given(st.text(max_size=80))
def test_any_text_can_be_shielded_and_comes_back_in_words(text: str) -> None:
    shielded = shield(text, "english", KANNADA_NAMES)
    whole = restored(shielded.text, shielded.values)
    assert whole is not None
    assert shielded.text.count("<ID") >= len(shielded.values)
