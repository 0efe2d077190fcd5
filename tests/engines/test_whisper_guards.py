"""What a Whisper transcript has to pass: loops, fillings, other scripts."""

import pytest
from hypothesis import given, strategies as st

from app.engines.whisper.guards import FOREIGN_BYTES, believable, cut_loops, is_foreign, nobody_spoke

COMPLAINT = (
    "ನಿನ್ನೆ ರಾತ್ರಿಯಿಂದ ನಮ್ಮ ಮನೆಯಲ್ಲಿ ವಿದ್ಯುತ್ ಇಲ್ಲ, ದಯವಿಟ್ಟು ಯಾರನ್ನಾದರೂ ಬೇಗ ಕಳುಹಿಸಿ, ಮಕ್ಕಳಿಗೆ ಪರೀಕ್ಷೆ ಇದೆ ಮತ್ತು ನೀರಿನ ಪಂಪ್ "
    "ಕೂಡ ಕೆಲಸ ಮಾಡುತ್ತಿಲ್ಲ, ನಾನು ಮೂರು ಬಾರಿ ಫೋನ್ ಮಾಡಿದ್ದೇನೆ ಆದರೆ ಯಾರೂ ಬಂದಿಲ್ಲ"
)
DIGITS = "ಸೊನ್ನೆ ಸೊನ್ನೆ ಸೊನ್ನೆ ಸೊನ್ನೆ ಒಂದು ಒಂದು ಎರಡು ಎರಡು ಸೊನ್ನೆ ಒಂದು"
OTHERS = ["मेरा बिल", "నా బిల్లు", "என் பில்", "എന്റെ", "আমার", "ਮੇਰਾ", "મારું", "ମୋର", "මගේ", "میرا", "我的", "мой", "ที่", "μου"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"),
        ("ನನ್ನ ಬಿಲ್ " + "ಹೌದು " * 30, "ನನ್ನ ಬಿಲ್ ಹೌದು"),
        ("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು " * 6, "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"),
        ("ಸರಿ " + "ಲಾ" * 40, "ಸರಿ ಲಾ"),
        ("ಹೌದು ಹೌದು ಹೌದು", "ಹೌದು ಹೌದು ಹೌದು"),
        (DIGITS, DIGITS),
        (COMPLAINT, COMPLAINT),
        ("", ""),
    ],
)
def test_a_loop_is_cut_to_its_first_round(text: str, left: str) -> None:
    assert cut_loops(text).strip() == left


@given(st.text("ಕಖ 12", max_size=400))
def test_what_is_left_holds_no_loop_and_is_not_longer(text: str) -> None:
    left = cut_loops(text)
    assert len(left) <= len(text)
    assert all(unit * 8 not in left for unit in ("ಕ", "ಖ", "ಕಖ", "ಕ "))


@pytest.mark.parametrize(("text", "seconds"), [("ಹೌದು", 0.3), (DIGITS, 4.0), (COMPLAINT, 10.0), ("", 0.0)])
def test_what_a_person_can_say_is_believed(text: str, seconds: float) -> None:
    assert believable(text, seconds)


@pytest.mark.parametrize(("text", "seconds"), [(COMPLAINT, 3.0), ("ಧನ್ಯವಾದಗಳು ನಮಸ್ಕಾರ", 0.2), ("ಕಾಗೆ ಕೋಗಿಲೆ " * 12, 20.0)])
def test_more_than_fits_the_time_and_monotonous_filling_are_not(text: str, seconds: float) -> None:
    assert not believable(text, seconds)


@pytest.mark.parametrize("text", ["ನನ್ನ OTP 4521 ಇದೆ.", "ಬಿಲ್ ₹೩೪೫ – “ಸರಿ”", "ಕರೆಂಟ್\u200c\u200dಇಲ್ಲ", "café", "", "12:30?"])
def test_kannada_with_digits_and_latin_is_ours(text: str) -> None:
    assert not is_foreign(text)
    assert not FOREIGN_BYTES.search(text.encode())


@pytest.mark.parametrize("text", OTHERS)
def test_every_other_script_is_foreign(text: str) -> None:
    assert is_foreign(f"ನನ್ನ ಬಿಲ್ {text}")
    assert all(FOREIGN_BYTES.search(letter.encode()) for letter in text if letter != " ")


def test_silence_is_known_by_both_signs_together() -> None:
    assert nobody_spoke(0.9, -1.5)
    assert not nobody_spoke(0.9, -0.2)
    assert not nobody_spoke(0.1, -1.5)
