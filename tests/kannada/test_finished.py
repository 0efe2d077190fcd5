"""What utterances end in, as a caller says them. The columns: cue, and the ends of utterances that have it."""

import pytest
from hypothesis import given, strategies as st

from app.kannada.finished import Ending, ending
from app.kannada.tables import table

ENDS = {
    "finite_verb": """
        ನಾನು ನಾಳೆ ಬರುತ್ತೇನೆ / ನಾಳೆ ಬರ್ತೀನಿ / ನಾವು ಕಟ್ಟುತ್ತೇವೆ / ನಾವು ಬರ್ತೀವಿ / ನೀವು ಹೇಳುತ್ತೀರಿ / ಲೈನ್‌ಮನ್ ಬರುತ್ತಾರೆ / ಅವರು ಬರ್ತಾರೆ /
        ಕರೆಂಟ್ ಬರುತ್ತದೆ / ಕರೆಂಟ್ ಬರುತ್ತೆ / ಬಿಲ್ ಕಟ್ಟಿದ್ದೇನೆ / ಬಿಲ್ ಕಟ್ಟಿದ್ದೀನಿ / ದೂರು ಕೊಟ್ಟಿದ್ದೆ / ಬಿಲ್ ಬಂದಿದೆ / ಬಿಲ್ಲುಗಳು ಬಂದಿವೆ / ಅವರು ಹೇಳಿದರು /
        ಅವರು ಬಂದ್ರು / ಕರೆಂಟ್ ಹೋಯ್ತು / ಕರೆಂಟ್ ಬಂತು / ನೂರು ರೂಪಾಯಿ ಬಂದಿತ್ತು / ರಸೀದಿ ಬಂದಿಲ್ಲ / ನನಗೆ ಕೇಳಿಸಲಿಲ್ಲ / ನನಗೆ ಗೊತ್ತಿಲ್ಲ / ಅದು ಆಗಲ್ಲ /
        ಅವರು ಬರಲ್ಲ / ಮನೆಯಲ್ಲಿ ಕರೆಂಟ್ ಇಲ್ಲ / ನಾನು ಬಿಲ್ ಕಟ್ಟಬೇಕು / ಬಿಲ್ ಬೇಡ / ನೀವು ಕಟ್ಟಬಹುದು / ಮೀಟರ್ ಇದೆ / ದುಡ್ಡು ಐತಿ / ನನ್ನ ಹತ್ತಿರ ಉಂಟು /
        ದೀಪ ಕೆಲಸ ಮಾಡ್ತಿಲ್ಲ / ಬೆಂಕಿ ಬರ್ತಿದೆ / ರಸೀದಿ ಕಳುಹಿಸಲಾಗಿದೆ / ಅವನು ಬರ್ತಾನೆ / ಶಾಕ್ ಹೊಡೀತು / ಅದು ನನಗೆ ಬೇಕು.""",
    "question": """
        ಬಿಲ್ ಬಂದಿದೆಯಾ / ಅಧಿಕಾರಿ ಇದ್ದಾರಾ / ನಾಳೆ ಬರುತ್ತೀರಾ / ನಾಳೆ ಬರ್ತೀರಾ / ಕಂತಿನಲ್ಲಿ ಕಟ್ಟಬಹುದಾ / ಕಟ್ಟಬಹುದೇ / ನಾನು ಇನ್ನೂ ಕಟ್ಟಬೇಕಾ / ಅದು ಆಗುತ್ತಾ /
        ಪೇಮೆಂಟ್ ಬಂತಾ / ಪೇಮೆಂಟ್ ಸಿಕ್ಕಿತಾ / ಬಾಕಿ ಇದ್ಯಾ / ಅದು ಸರಿ ಅಲ್ವಾ / ಕೊನೆಯ ದಿನ ಯಾವುದು / ನೀವು ಯಾರು / ಅದರ ಅರ್ಥ ಏನು / ದೂರು ಏನಾಯ್ತು /
        ನಾಳೆ? / ಏನು ಹೇಳಿದ್ರಾ""",
    "question_word": "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು / ಕಚೇರಿ ಎಲ್ಲಿ / ಇಷ್ಟು ಯಾಕೆ",
    "question_adverb": "ಕರೆಂಟ್ ಯಾವಾಗ / ನಾನು ಹೇಗೆ",
    "acknowledgement": "ಸರಿ / ಓಕೆ / ಹಾಂ / ಹೂಂ / ಸರಿ ಸರಿ / ಸರಿ ಸರ್",
    "closing": "ಅಷ್ಟೇ / ಅದು ಸರಿ / ಅದು ಆಯ್ತು / ಸರಿ ಧನ್ಯವಾದ / ತುಂಬಾ ಧನ್ಯವಾದಗಳು / ಥ್ಯಾಂಕ್ಯೂ / ಬೇಡ ಥ್ಯಾಂಕ್ಸ್ / ಬಿಲ್ ಜಾಸ್ತಿ ಆಯಿತು",
    "greeting": "ನಮಸ್ಕಾರ / ನಮಸ್ತೆ / ಸರ್ / ಮೇಡಂ",
    "hello": "ಹಲೋ / ಹಲೋ ಹಲೋ",
    "yes_no": "ಹೌದು / ಹಾಂ ಹೌದು / ಉಹೂಂ / ಇಲ್ಲ / ಅಲ್ಲ ಅಲ್ಲ / ಹೌದು ಸರಿ / ಹೌದು, ಅದೇ. / ಬೇಡ / ಇಲ್ಲ ತಪ್ಪು / ಹೌದು ಸರ್ / ಅದು ಬೇಡ / ರಾಂಗ್",
    "politeness": "ಮೈಸೂರು ಸರ್ / ರಮೇಶ ಮೇಡಂ / ಬಿಲ್ ಕಟ್ಟಿ ಸರ್",
    "request": "ನನ್ನ ಬಿಲ್ ಹೇಳಿ / ರಸೀದಿ ಕಳಿಸಿ / ಲೈನ್ ಕೊಡಿ / ನಾಳೆ ಬನ್ನಿ / ಒಂದು ನಿಮಿಷ ಇರಿ",
    "imperative_or_participle": "ದೂರು ದಾಖಲು ಮಾಡಿ / ಮನೆಗೆ ಹೋಗಿ / ಬಿಲ್ ಪಾವತಿಸಿ / ಬಿಲ್ ಕಟ್ಟಿ",
    "verbal_noun": "ನಾಳೆ ಬರುವುದು / ನಾನು ಹೇಳೋದು / ಅವರು ಹೇಳಿದ್ದು",
    "conditional": "ನಾಳೆ ಬಂದರೆ / ಬಿಲ್ ಕಟ್ಟಿದರೆ / ನೀವು ಹೇಳಿದ್ರೆ / ಕರೆಂಟ್ ಹೋದರೆ / ಹಾಗೆ ಆದರೂ ಕಟ್ಟಿದರೂ / ದುಡ್ಡು ಕೊಟ್ಟರೆ / ಅವರು ಬಂದ್ರೆ",
    "participle": "ಮನೆಗೆ ಬಂದು / ಬಿಲ್ ತೆಗೆದುಕೊಂಡು / ಕೆಲಸ ಮಾಡ್ತಾ / ಮಾತಾಡುತ್ತಾ / ಹೇಳಿಬಿಟ್ಟು / ಕರೆಂಟ್ ಇಲ್ಲದೆ / ಸರಿಯಾಗಿ / ಅದಕ್ಕಾಗಿ ಹೆಚ್ಚಾಗಿ",
    "relative": "ನಾಳೆ ಬರುವ / ನೀವು ಹೇಳಿದ / ಅವರು ಮಾಡೋ / ಮಂಜು ಎಂಬ / ಹೊಸದಾದ / ಬಂದಿರುವ",
    "infinitive": "ಬಿಲ್ ಕಟ್ಟಲು / ಬಿಲ್ ಕಟ್ಟೋಕೆ / ಮಾತಾಡಲು / ದೂರು ಕೊಡೋದಕ್ಕೆ / ಮಾಡಲಿಕ್ಕೆ",
    "when": "ಕರೆಂಟ್ ಹೋದಾಗ / ನಾನು ಬರುವಾಗ",
    "quotative": "ನಾಳೆ ಬರ್ತೀನಿ ಅಂತ / ಭಾರತ ಎಂದು / ಸರಿಯೆಂದು",
    "conjunction": "ಬಿಲ್ ಮತ್ತು / ಬಿಲ್ ಕಟ್ಟಿದ್ದೇನೆ ಆದರೆ / ಇವತ್ತು ಅಥವಾ / ಕರೆಂಟ್ ಇಲ್ಲ ಯಾಕಂದ್ರೆ / ಬಂದಿಲ್ಲ ಅಂದ್ರೆ",
    "hesitation": "ನನಗೆ ಅದು... / ಏನಂದ್ರೆ / ಮ್ / ನನ್ನ ಬಿಲ್ ಉಮ್",
    "introduction": "ನನ್ನ ಹೆಸರು / ನನ್ನ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ / ನಾನು / ಅದು ನಮ್ಮ / ಮೀಟರ್ ರೀಡಿಂಗ್ / ಬಿಲ್ ತುಂಬಾ",
    "dative": "ನಮ್ಮ ಮನೆಗೆ / ಭಾರತಕ್ಕೆ / ಅಧಿಕಾರಿಗೆ / ನನಗೆ / ಹೊಸ ಸಂಪರ್ಕಕ್ಕಾಗಿ",
    "accusative": "ಈ ಬಿಲ್ಲನ್ನು / ಹಣವನ್ನು / ಅಧಿಕಾರಿಯನ್ನು / ಅವರನ್ನ",
    "genitive": "ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಮನೆಗಳ / ನಮ್ಮ ಮನೆಯ / ರಾಷ್ಟ್ರೀಯ / ಈ ದೇಶದ / ಊರಿನ",
    "locative": "ನಮ್ಮ ಬೀದಿಯಲ್ಲಿ / ಮೈಸೂರಿನಲ್ಲಿ / ಅಲ್ಲಿ / ಜನವರಿ ಹದಿನೈದರಂದು",
    "ablative": "ಬೆಳಿಗ್ಗೆಯಿಂದ / ಮೀಟರ್‌ನಿಂದ / ನಿನ್ನೆಯಿಂದಲೂ / ಮೈಸೂರಿನಿಂದ",
    "postposition": "ಅಧಿಕಾರಿ ಜೊತೆ / ಬಿಲ್ ಬಗ್ಗೆ / ಆನ್‌ಲೈನ್ ಮೂಲಕ / ಸಂಜೆಯವರೆಗೆ",
    "adverb": "ನಾನು ನಾಳೆ / ಬಿಲ್ ಇವತ್ತು / ನಾನೂ",
    "noun": "ಕಳೆದ ವಾರ / ರಮೇಶ / ಮೈಸೂರು ಜಿಲ್ಲೆ / ಕಸ್ಟಮರ್ ಕೇರ್ / ಅಧಿಕಾರಿ / ಹೊಸಹಳ್ಳಿ / ಸಾಮ್ರಾಜ್ಯ / ಅರ್ಧ ತೊಂದರೆ / ಚಿನ್ನ",
    "number_open": "ಒಂದು ಸಾವಿರದ / ಇನ್ನೂರ / ಎರಡು ಲಕ್ಷದ / ನೈನ್ ಡಬಲ್ / ಎರಡು ಪಾಯಿಂಟ್",
    "digits": "ನಾಲ್ಕು ಐದು / ನೈನ್ ಎಯ್ಟ್ ಡಬಲ್ ಸೆವೆನ್ / ತೊಂಬತ್ತೆಂಟು ನಲವತ್ತೈದು / ನನ್ನ ನಂಬರ್ 4521",
    "number": "ಎರಡು ಸಾವಿರ / ಐದು / ಮುನ್ನೂರು / ಎರಡೂವರೆ",
    "correction": "ನಾಲ್ಕು ಐದು ಅಲ್ಲ / ನನ್ನ ನಂಬರ್ ಮೂರು ತಪ್ಪು / ನೈನ್ ಎಯ್ಟ್ ಸಾರಿ",
    "other_script": "my bill / ok",
    "nothing": " / ... / ?",
}  # fmt: skip
ROWS = [(cue, end.strip()) for cue, ends in ENDS.items() for end in ends.split("/")]


@pytest.mark.parametrize(("cue", "end"), ROWS)
def test_an_end_has_its_cue(cue: str, end: str) -> None:
    assert ending(end).cue == cue


def test_the_table_of_ends_is_long_enough_and_knows_every_cue() -> None:
    assert len(ROWS) >= 160
    assert set(ENDS) == set(table("finished"))


@pytest.mark.parametrize("cue", [cue for cue in table("finished") if cue != "nothing"])
def test_every_cue_has_an_example_that_ends_in_it(cue: str) -> None:
    row = table("finished")[cue]
    before_the_pause = row["example"].partition("|")[0]
    assert ending(before_the_pause).cue == cue
    assert row["means"] in ("finished", "likely", "ambiguous", "noun", "unfinished", "open")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", 4),
        ("ನನ್ನ ನಂಬರ್ ನಾಲ್ಕು ಐದು", 2),
        ("ನೈನ್ ಎಯ್ಟ್ ಡಬಲ್ ಸೆವೆನ್", 4),
        ("ಟ್ರಿಪಲ್ ನೈನ್", 3),
        ("ತೊಂಬತ್ತೆಂಟು ನಲವತ್ತೈದು ಹತ್ತು", 6),
        ("4521", 4),
        ("45 21", 4),
        ("ಐದು", 1),
        ("ನಾಲ್ಕು ಐದು ಅಲ್ಲ", 0),
        ("ಐದು ಸಾವಿರ", 0),
    ],
)
def test_digits_at_the_end_are_counted(text: str, digits: int) -> None:
    assert ending(text).digits == digits


def test_punctuation_joiners_and_vocatives_do_not_matter() -> None:
    assert ending("ನಾಳೆ ಬರ್ತೀನಿ.") == ending("ನಾಳೆ ಬರ್ತೀನಿ") == Ending("finite_verb", "finished", 2)
    assert ending("ಆಫೀಸರ್‌ಗೆ").cue == ending("ಆಫೀಸರ್ಗೆ").cue == "dative"
    assert ending("ನಮ್ಮ ಮನೆಗೆ ಸರ್").cue == "dative", "a vocative in the middle changes nothing"


@given(st.text(st.one_of(st.characters(min_codepoint=0x0C80, max_codepoint=0x0CFF), st.sampled_from(" .?,09a\u200c"))))
def test_any_text_has_an_ending(text: str) -> None:
    found = ending(text)
    assert found.cue in table("finished")
    assert found.digits <= max(0, len(text) * 3)
