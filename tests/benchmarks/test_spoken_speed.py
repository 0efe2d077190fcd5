"""How long spoken forms take: they stand in the path of every clause and of every transcript."""

import time
from collections.abc import Callable

import pytest

from app.kannada.spoken import spoken
from app.kannada.written import written

pytestmark = pytest.mark.benchmark
MOST_S = 100e-6
TIMES = 500


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (spoken, "ನಮಸ್ಕಾರ, ನಾನು ನಿಮಗೆ ಹೇಗೆ ಸಹಾಯ ಮಾಡಲಿ?"),
        (spoken, "ನಿಮ್ಮ ಬಿಲ್ ₹1,250.50, ಕೊನೆಯ ದಿನ 15/01/2026"),
        (spoken, "ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ 452100 ಸರಿಯೇ?"),
        (written, "ನನ್ನ ಮನೆಯಲ್ಲಿ ಕರೆಂಟ್ ಇಲ್ಲ, ಯಾವಾಗ ಬರುತ್ತೆ?"),
        (written, "ನನ್ನ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು"),
        (written, "ಸಾವಿರದ ಐನೂರು ರೂಪಾಯಿ ಕಟ್ಟಿದೆ"),
    ],
)
def test_a_short_sentence_takes_less_than_a_tenth_of_a_millisecond(function: Callable[[str], str], text: str) -> None:
    best_s = min(_took_s(function, text) for _ in range(10))
    print(f"\n{function.__name__}: {best_s * 1e6:.0f} us: {text}")
    assert best_s < MOST_S


def _took_s(function: Callable[[str], str], text: str) -> float:
    begun_s = time.process_time()
    for _ in range(TIMES):
        function(text)
    return (time.process_time() - begun_s) / TIMES
