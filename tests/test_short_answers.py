"""Short answers to what the agent asked, by synthetic voices through the embedded recogniser: confirmed at once.

tests/benchmarks/test_endpointing.py has many more of them, and requests.
"""

import pytest

pytest.importorskip("espeakng_loader")
pytest.importorskip("faster_whisper")

from tests.benchmarks.desk_callers import ANSWERS, Recogniser, answers
from tests.benchmarks.endpointing import WORDS, fixed, point, webrtc

SOON_S = 0.45


def test_answers_that_were_asked_for_are_confirmed_soon() -> None:
    recogniser = Recogniser()
    said = list(answers(2 * len(ANSWERS), webrtc, recogniser))
    by_words, by_silence = (point("", said, turn, 0.05) for turn in (WORDS, fixed(0.6)))
    recogniser.close()
    assert by_words.cut == 0
    assert by_words.within(SOON_S) == 1.0
    assert by_silence.within(SOON_S) == 0.0
