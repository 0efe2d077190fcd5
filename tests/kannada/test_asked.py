"""What the agent's sentences ask for."""

import pytest
from hypothesis import given, strategies as st

from app.config import Settings
from app.kannada.asked import Asked, asked
from app.kannada.tables import table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು ಸರಿಯೇ?", Asked("yes_no")),
        ("ನಿಮಗೆ ಬೇರೆ ಏನಾದರೂ ಬೇಕೇ", Asked("yes_no")),
        ("ಹಲೋ, ನೀವು ಲೈನ್‌ನಲ್ಲಿ ಇದ್ದೀರಾ?", Asked("yes_no")),
        ("ಅದನ್ನು ರದ್ದು ಮಾಡಲೇ?", Asked("yes_no")),
        ("ನಿಮ್ಮ ಫೋನ್ ಸಂಖ್ಯೆ ಹೇಳಿ.", Asked("digits", 10)),
        ("ನಿಮ್ಮ ಮೊಬೈಲ್ ನಂಬರ್ ಏನು?", Asked("digits", 10)),
        ("ದಯವಿಟ್ಟು ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ಹೇಳಿ", Asked("digits", 0)),
        ("ದಯವಿಟ್ಟು ನಿಮ್ಮ ನಾಲ್ಕು ಅಂಕಿಯ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ಹೇಳಿ", Asked("digits", 4)),
        ("6 ಅಂಕಿಯ ಒಟಿಪಿ ಹೇಳಿ", Asked("digits", 6)),
        ("ದಯವಿಟ್ಟು ನಿಮ್ಮ ಜಿಲ್ಲೆ ಹೇಳಿ", Asked("value")),
        ("ಧನ್ಯವಾದ. ನಿಮ್ಮ ಹೆಸರು ಏನು?", Asked("value")),
        ("ಯಾವುದು ಕೆಟ್ಟಿದೆ ಹೇಳಿ", Asked("value")),
        ("ನಿಮ್ಮ ಬಿಲ್ ಎಂಟು ನೂರು ರೂಪಾಯಿ.", Asked()),
        ("ನಿಮ್ಮ ದೂರು ಸಂಖ್ಯೆ ಏಳು ಸೊನ್ನೆ", Asked()),
        ("ಆ ಸಂಖ್ಯೆ ನನ್ನ ದಾಖಲೆಯಲ್ಲಿ ಇಲ್ಲ", Asked()),
        ("ಕ್ಷಮಿಸಿ, ಕೇಳಿಸಲಿಲ್ಲ. ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ.", Asked("open")),
        ("", Asked()),
    ],
)
def test_what_is_asked(text: str, expected: Asked) -> None:
    assert asked(text) == expected


def test_the_greeting_asks_an_open_question() -> None:
    assert asked(Settings().prompts.greeting.kannada) == Asked("open")


@pytest.mark.parametrize("row", table("asked")["asked"], ids=lambda row: row["example"])
def test_every_row_has_an_example(row: dict[str, str]) -> None:
    assert asked(row["example"]) == Asked(row["kind"], row.get("digits", 0))  # type: ignore[arg-type]


@given(st.text(st.one_of(st.characters(min_codepoint=0x0C80, max_codepoint=0x0CFF), st.sampled_from(" .?09a"))))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert 0 <= asked(text).digits <= 32 * 4
