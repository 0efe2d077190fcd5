"""Small words as callers say them, and turns that only begin like one. The columns: kind, and utterances of it."""

import pytest
from hypothesis import given, strategies as st

from app.kannada.small_words import SmallWord, small_word
from app.kannada.tables import table

SAID = {
    "backchannel": """
        ಹೂಂ / ಹೂ / ಹಾಂ / ಹಾ / ಹ್ಮ್ / ಮ್ಮ್ / ಓ / ಓಹೋ / ಆಂ / ಹೌದಾ / ಹೌದು / ಹೌದು ಹೌದು / ಹೌದ್ರಿ / ಸರಿ / ಸರಿಸರಿ /
        ಸರಿ ಸರಿ / ಸರಿ, ಸರಿ. / ಸರಿ... / ಆಯ್ತು / ಆಯಿತು / ಆಯ್ತು ಆಯ್ತು / ಓಕೆ / ಓಕೇ / ಓಕೆ ಓಕೆ / ಎಸ್ / ಯೆಸ್ ಸರ್ / ಹೇಳಿ /
        ಹೇಳಿ ಹೇಳಿ / ಹೇಳಿ ಸರ್ / ಅಚ್ಛಾ / ಹಾಂ ಸರಿ ಸರ್ / ಹಾಂ ಹಾಂ / ಹೂಂ ಹೂಂ ಹೂಂ / ಹೂಂ ಹೇಳಿ / ಸರಿ ಮೇಡಂ / ಆಯ್ತು ಸರ್ /
        ಹಾಂ, ಆಯ್ತು, ಹೇಳಿ / ಹೌದು ಸರಿ / ಓಹ್ ಹೌದಾ / ಸರಿ ರೀ / ಗೊತ್ತಾಯ್ತು / ಅರ್ಥ ಆಯ್ತು / ಸರಿ ಅರ್ಥವಾಯ್ತು / ಕರೆಕ್ಟ್ /
        ರೈಟ್ / ಮುಂದೆ ಹೇಳಿ / ok / OK / Okay. / hmm / Hmm, hmm / haan / yes / Yes sir / ok ok / mhm / haan sari /
        ಸರಿ ok / ಹಾಂ-ಹಾಂ / ಆಗಲಿ / ಯಾ""",
    "stop": """
        ನಿಲ್ಲಿ / ನಿಲ್ಲಿಸಿ / ನಿಲ್ಲಿ ನಿಲ್ಲಿ / ಸ್ವಲ್ಪ ನಿಲ್ಲಿಸಿ / ನಿಲ್ಲಿಸಿ ಸರ್ / ಬೇಡ / ಬೇಡ ಬೇಡ / ಬ್ಯಾಡ / ಬೇಡ ಸರ್ /
        ಅದೆಲ್ಲ ಬೇಡ / ಸಾಕು / ಸಾಕು ಸಾಕು / ಸಾಕು ಬಿಡಿ / ಸರಿ ಸಾಕು / ಅಲ್ಲ ಅಲ್ಲ / ಅಲ್ಲ, ಅಲ್ಲ / ಅಲ್ಲಲ್ಲ / ಅಲ್ಲ ಅಲ್ಲ ಅಲ್ಲ /
        ಇಲ್ಲ ಇಲ್ಲ / ಇಲ್ಲ, ಇಲ್ಲ ಸರ್ / ಇಲ್ಲಿಲ್ಲ / ಅದಲ್ಲ / ಹಾಗಲ್ಲ / ಕೇಳಿ / ಕೇಳಿ ಸರ್ / ಸ್ವಲ್ಪ ಕೇಳಿ / ನಾನು ಹೇಳೋದು ಕೇಳಿ /
        ನನ್ನ ಮಾತು ಕೇಳಿ / ಸುಮ್ನಿರಿ / ಸ್ಟಾಪ್ / stop / no no / ನೋ ನೋ / ಇಲ್ಲ ಇಲ್ಲ ಕೇಳಿ / ಇಲ್ಲ ಬೇಡ / ಇಲ್ಲ ಸಾಕು /
        ಹಲೋ ಕೇಳಿ""",
    "wait": """
        ಒಂದು ನಿಮಿಷ / ಒಂದ್ನಿಮಿಷ / ಒಂದ್ ನಿಮಿಷ / ಒಂದು ನಿಮಿಷ ಇರಿ ಸರ್ / ಸರ್ ಒಂದು ನಿಮಿಷ / ಸ್ವಲ್ಪ ಇರಿ / ಇರಿ / ಇರಿ ಇರಿ /
        ತಾಳಿ / ತಾಳಿ ತಾಳಿ / ಸ್ವಲ್ಪ ತಾಳಿ / ತಡೀರಿ / ಒಂದು ಸೆಕೆಂಡ್ / ಒಂದು ಕ್ಷಣ / ಎರಡು ನಿಮಿಷ ಇರಿ / ಹಾಂ ಒಂದು ನಿಮಿಷ /
        ಸರಿ ಇರಿ / ಸ್ವಲ್ಪ ಹೊತ್ತು ಇರಿ / ವೇಟ್ ಮಾಡಿ / ಹೋಲ್ಡ್ ಮಾಡಿ / ನೋಡಿ ಹೇಳ್ತೀನಿ / ಬಿಲ್ ತರ್ತೀನಿ ಇರಿ / ಇರಿ ನೋಡ್ತೀನಿ /
        ಪೆನ್ ತಗೋತೀನಿ / one minute / wait / just a minute / ಒಂದು ನಿಮಿಷ, ಒಂದು ನಿಮಿಷ / ಒಂದು ನಿಮಿಷ ಲೈನಲ್ಲಿ ಇರಿ /
        ಹಲೋ ಒಂದು ನಿಮಿಷ""",
    "repeat": """
        ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ / ಮತ್ತೆ ಹೇಳಿ / ಮತ್ತೊಮ್ಮೆ ಹೇಳಿ / ಇನ್ನೊಮ್ಮೆ / ಇನ್ನೊಂದು ಸಲ ಹೇಳಿ / ಇನ್ನೊಂದ್ಸಲ ಹೇಳಿ /
        ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ / ಸರ್ ಮತ್ತೆ ಹೇಳಿ / ಮತ್ತೆ ಹೇಳ್ತೀರಾ / ಹೇಳಿ ಮತ್ತೆ ಹೇಳಿ / ಏನಂದ್ರಿ / ಏನಂದ್ರಿ ಸರ್ /
        ಏನು? / ಏನು / ಏನ್ ಹೇಳಿದ್ರಿ / ಏನು ಹೇಳಿದಿರಿ / ಕೇಳಿಸ್ಲಿಲ್ಲ / ಕೇಳಿಸಲಿಲ್ಲ / ಸರಿಯಾಗಿ ಕೇಳಿಸ್ಲಿಲ್ಲ /
        ನನಗೆ ಕೇಳಿಸಲಿಲ್ಲ / ಕೇಳಿಸ್ತಾ ಇಲ್ಲ / ಹಲೋ ಕೇಳಿಸ್ತಿಲ್ಲ / ಕ್ಷಮಿಸಿ ಕೇಳಿಸಲಿಲ್ಲ ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ / ಅರ್ಥ ಆಗ್ಲಿಲ್ಲ /
        ಅರ್ಥವಾಗಲಿಲ್ಲ / ನನಗೆ ಅರ್ಥ ಆಗಲಿಲ್ಲ / ಗೊತ್ತಾಗ್ಲಿಲ್ಲ / ನಿಧಾನವಾಗಿ / ನಿಧಾನವಾಗಿ ಹೇಳಿ / ಸ್ವಲ್ಪ ನಿಧಾನವಾಗಿ ಹೇಳಿ ಸರ್ /
        ಜೋರಾಗಿ ಹೇಳಿ / ರಿಪೀಟ್ ಮಾಡಿ / say again / ಹಾಂ ಏನು / ಸರಿ ಮತ್ತೊಮ್ಮೆ ಹೇಳಿ""",
    "person": """
        ಅಧಿಕಾರಿ ಜೊತೆ ಮಾತಾಡಬೇಕು / ನನಗೆ ಅಧಿಕಾರಿ ಜೊತೆ ಮಾತಾಡಬೇಕು / ಅಧಿಕಾರಿ ಹತ್ತಿರ ಮಾತಾಡ್ಬೇಕು /
        ಅಧಿಕಾರಿಯೊಂದಿಗೆ ಮಾತನಾಡಬೇಕು / ಯಾರಾದ್ರೂ ಮನುಷ್ಯರ ಜೊತೆ ಮಾತಾಡಬೇಕು / ಮೇಲಧಿಕಾರಿ ಜೊತೆ ಮಾತಾಡಬೇಕು ಸರ್ / ಆಪರೇಟರ್ /
        ಆಪರೇಟರ್ ಕೊಡಿ / ಕಸ್ಟಮರ್ ಕೇರ್ / ಕಸ್ಟಮರ್ ಕೇರ್‌ಗೆ ಕನೆಕ್ಟ್ ಮಾಡಿ / ಅಧಿಕಾರಿಗೆ ಟ್ರಾನ್ಸ್‌ಫರ್ ಮಾಡಿ / ಅಧಿಕಾರಿಗೆ ಕೊಡಿ /
        ಅಧಿಕಾರಿ ಬೇಕು / ಬೇಡ, ಅಧಿಕಾರಿ ಜೊತೆ ಮಾತಾಡಬೇಕು / ಹಲೋ ಅಧಿಕಾರಿ ಜೊತೆ ಮಾತಾಡಬಹುದಾ / customer care /
        operator please""",
    "hello": "ಹಲೋ / ಹಲೋ ಹಲೋ / ಹಲೋ? ಹಲೋ? / ಹಲೋ ಸರ್ / ಹೆಲೋ / hello hello / ಹಲೋ ಇದ್ದೀರಾ / ಹಾಂ ಹಲೋ / ಲೈನಲ್ಲಿ ಇದ್ದೀರಾ",
    "": """
        ಸರಿ, ನನ್ನ ಬಿಲ್ ಎಷ್ಟು / ಬೇಡ ನನಗೆ ಬೇರೆ ಬೇಕು / ಹಲೋ ನನ್ನ ಬಿಲ್ ಎಷ್ಟು / ಹಾಂ ನಾಲ್ಕು ಐದು / ಒಂದು / ನಿಮಿಷ /
        ಒಂದು ಸಾವಿರ / ಎರಡು ನಿಮಿಷ / ಮತ್ತೆ / ಮತ್ತೆ ಬರ್ತೀನಿ / ಅಧಿಕಾರಿ / ಅಧಿಕಾರಿ ಜೊತೆ ಬಿಲ್ ಬಗ್ಗೆ ಮಾತಾಡಬೇಕು /
        ಅಧಿಕಾರಿ ಬಂದಿಲ್ಲ / ಏನು ಮಾಡಬೇಕು / ಏನಾಯ್ತು / ನನ್ನ ಬಿಲ್ ಹೇಳಿ / ಬಿಲ್ ಎಷ್ಟು ಅಂತ ಹೇಳಿ / ಇಲ್ಲ / ಅಲ್ಲ / ಉಹೂಂ /
        ಇಲ್ಲ ಸರಿ / ಅಲ್ಲ ನಾಲ್ಕು ಆರು / ಸರಿ ಧನ್ಯವಾದ / ಧನ್ಯವಾದಗಳು / ನಮಸ್ಕಾರ / ಸರ್ / ಮೇಡಂ / ಸ್ವಲ್ಪ / ಸ್ವಲ್ಪ ಸರಿ /
        ನನಗೆ ಬೇಡ ಅಂದೆ / ಬೇಡಿಕೆ / ಬಿಲ್ / ಮೈಸೂರು / my bill / ok bill / 4521 / ಹೌದು 4521 / ಕರೆಂಟ್ ಇಲ್ಲ /
        ಇಲ್ಲ ಇಲ್ಲ ಕರೆಂಟ್ ಇಲ್ಲ / ಒಂದು ನಿಮಿಷ ಬಿಲ್ ಇಲ್ಲಿದೆ / ನಾಳೆ ತನಕ ಇರಿ / ಕೇಳಿ ನನ್ನ ಬಿಲ್ ಜಾಸ್ತಿ / ನನ್ನ / ನಾನು /
        ಹೇಳಿದ್ದೆ / ಸರಿಯಾಗಿಲ್ಲ / ಸರಿ ಆಗಿಲ್ಲ / ನಿಧಾನವಾಗಿ ಬರುತ್ತೆ / ಯಾರಾದ್ರೂ ಬರ್ತಾರಾ /  / ... / ? /
        ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ ಹೇಳಿ""",
}  # fmt: skip
ROWS = [(kind, text.strip()) for kind, texts in SAID.items() for text in texts.split("/")]
SMALL = [(kind, text) for kind, text in ROWS if kind]
PUNCTUATION = st.sampled_from(["", " ", ".", ",", "?", "!", "...", "।", "\u200c", "\u200d", " - ", "\n"])


@pytest.mark.parametrize(("kind", "text"), ROWS)
def test_an_utterance_has_its_kind(kind: SmallWord, text: str) -> None:
    assert small_word(text) == kind


def test_the_table_of_utterances_is_long_enough() -> None:
    assert len(set(ROWS)) >= 150


@pytest.mark.parametrize("name", [name for name, row in table("small_words").items() if isinstance(row, dict)])
def test_every_row_has_examples_of_its_kind(name: str) -> None:
    row = table("small_words")[name]
    assert row["examples"]
    assert {small_word(example) for example in row["examples"]} == {row["is"]}


def test_letters_in_two_parts_are_the_same_letters() -> None:
    assert small_word("ಹಲ\u0cc6\u0cc2\u0cd5") == small_word("ಹಲ\u0ccb") == "hello"


@given(st.text(), st.text())
def test_it_never_fails(text: str, saying: str) -> None:
    assert small_word(text, saying) in {"", "echo", *SAID}


@given(st.lists(st.sampled_from(" ".join(text for _, text in ROWS).split()), max_size=20), st.data())
def test_any_words_in_any_order_have_some_kind(words: list[str], data: st.DataObject) -> None:
    saying = " ".join(data.draw(st.permutations(words)))
    assert small_word(" ".join(words), saying) in {"", "echo", *SAID}


@given(st.sampled_from(ROWS), PUNCTUATION, PUNCTUATION)
def test_punctuation_and_joiners_do_not_matter(row: tuple[SmallWord, str], before: str, after: str) -> None:
    kind, text = row
    joined = "\u200d".join(text).replace("\u200d \u200d", " , ")
    assert small_word(before + text + after) == small_word(joined) == kind


@given(st.sampled_from(SMALL), st.sampled_from(["ಕರೆಂಟ್", "ನಾಲ್ಕು", "ಮೈಸೂರು", "ಬಂದಿಲ್ಲ", "bill", "21"]), st.booleans())
def test_a_word_of_its_own_makes_it_a_turn(row: tuple[SmallWord, str], word: str, first: bool) -> None:
    _, text = row
    assert small_word(f"{word} {text}" if first else f"{text} {word}") == ""


@given(st.sampled_from(SMALL), st.integers(2, 3))
def test_repeating_it_changes_nothing(row: tuple[SmallWord, str], times: int) -> None:
    kind, text = row
    words = len(text.replace("-", " ").split())
    if words * times <= 12:
        assert small_word(", ".join([text] * times)) == kind


# Echo.

SAYING = (
    "ನಿಮ್ಮ ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಇನ್ನೂರ ಐವತ್ತು ರೂಪಾಯಿ. ಸರಿ, ಕೊನೆಯ ದಿನ ನವೆಂಬರ್ ಹದಿನೈದು. "
    "ಆನ್‌ಲೈನ್ ಅಥವಾ ನಮ್ಮ ಕಚೇರಿಯಲ್ಲಿ ಕಟ್ಟಬಹುದು. ಒಂದು ನಿಮಿಷ ಇರಿ. ಬೇರೆ ಏನಾದರೂ ಸಹಾಯ ಬೇಕೇ?"
)


@pytest.mark.parametrize(
    "text",
    [
        "ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್",
        "ನಿಮ್ಮ ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್ ಒಂದು ಸಾವಿರದ ಇನ್ನೂರ ಐವತ್ತು ರೂಪಾಯಿ",
        "ಕೊನೆಯ ದಿನ ನವೆಂಬರ್",
        "ಕೊನೆ ದಿನ ನವಂಬರ್ ಹದಿನೈದು",  # a slip in two words
        "ಬರ್ ತಿಂಗಳ ಬಿಲ್",  # the first word is cut
        "ನಮ್ಮ ಕಚೇರಿಯಲ್ಲಿ ಕಟ್ಟಬ",  # the last word is cut
        "ಆನ್ ಲೈನ್ ಅಥವಾ ನಮ್ಮ ಕಚೇರಿಯಲ್ಲಿ",  # one word is two
        "ಬೇರೆ ಏನಾದರು ಸಹಾಯ ಬೇಕೆ",
    ],
)
def test_the_agents_own_words_are_an_echo(text: str) -> None:
    assert small_word(text, SAYING) == "echo"
    assert small_word(text) == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ಬಿಲ್", ""),  # one word
        ("ಸರಿ", "backchannel"),
        ("ಒಂದು ನಿಮಿಷ ಇರಿ", "wait"),
        ("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", ""),
        ("ಬಿಲ್ ರೂಪಾಯಿ", ""),  # not one run
        ("ಕೊನೆಯ ದಿನ ನವೆಂಬರ್ ಹದಿನಾರು", ""),  # another number
        ("ಒಂದು ಸಾವಿರದ ಇನ್ನೂರ ಅರವತ್ತು ರೂಪಾಯಿ", ""),
        ("ಕೊನೆಯ ದಿನ ಯಾವುದು", ""),
        ("ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್ ಕಟ್ಟಿದ್ದೇನೆ", ""),
        ("ಆನ್‌ಲೈನ್ ಕಟ್ಟಬಹುದಾ", ""),
        ("ನಮ್ಮ ಮನೆಗೆ ಬೆಳಿಗ್ಗೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ", ""),
        (SAYING + " " + SAYING, ""),  # longer than what was said
    ],
)
def test_other_words_are_no_echo(text: str, kind: str) -> None:
    assert small_word(text, SAYING) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", "echo"),
        ("ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು", "echo"),
        ("ನಾಲ್ಕು ಐದು ಎರಡು ಎರಡು", ""),  # the same digits, another number
        ("ನಾಲ್ಕು ಎರಡು ಐದು ಒಂದು", ""),
        ("ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಐದು ಒಂದು", ""),
    ],
)
def test_who_corrects_the_number_that_is_read_back_is_no_echo(text: str, kind: str) -> None:
    assert small_word(text, "ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು ಸರಿನಾ?") == kind


@pytest.mark.parametrize(("kind", "text"), [row for row in SMALL if row[0] in ("stop", "wait", "person")])
def test_words_that_must_be_obeyed_are_never_an_echo(kind: SmallWord, text: str) -> None:
    assert small_word(text, f"ಸರಿ {text} ಸರ್") == kind
