"""The silence that ends a turn, and its reasons."""

from typing import get_args

import pytest
from hypothesis import given, strategies as st

from app.call.endpoint import Pauses, Verdict, verdict
from app.call.policy import TurnPolicy
from app.kannada.asked import Asked, Kind, asked
from app.kannada.finished import Ending, Means, ending

POLICY = TurnPolicy()
YES_NO, NAME, PHONE, NUMBER = (
    asked(text) for text in ("ಅದು ಸರಿಯೇ?", "ನಿಮ್ಮ ಜಿಲ್ಲೆ ಹೇಳಿ", "ನಿಮ್ಮ ಫೋನ್ ಸಂಖ್ಯೆ ಹೇಳಿ", "ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ಹೇಳಿ")
)


def judge(text: str, question: Asked = Asked(), *pauses: tuple[float, bool], whole: bool = True) -> Verdict:  # noqa: B008
    own = Pauses()
    for seconds, finished in pauses:
        own.add(seconds, finished=finished)
    return verdict(ending(text), question, own, POLICY, whole=whole)


@pytest.mark.parametrize(
    ("text", "question", "silence_s"),
    [
        ("ನಾನು ಬಿಲ್ ಕಟ್ಟಿದ್ದೇನೆ", Asked(), 0.25),
        ("ನನ್ನ ಬಿಲ್ ಬಂದಿದೆಯಾ", Asked(), 0.25),
        ("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", Asked(), 0.45),
        ("ದೂರು ದಾಖಲು ಮಾಡಿ", Asked(), 0.6),
        ("ನನ್ನ ವಿದ್ಯುತ್ ಬಿಲ್", Asked("open"), 0.95),
        ("ನಮ್ಮ ಮನೆಗೆ", Asked(), 1.4),
        ("ನಾಳೆ ಬಂದರೆ", Asked(), 2.0),
        ("ಹೌದು", YES_NO, 0.25),
        ("ಹೌದು", Asked("open"), 0.95),
        ("ನನ್ನ ನಂಬರ್ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", Asked("open"), 0.6),
        ("ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು ಅಲ್ಲ", NUMBER, 2.0),
        ("ಸರಿ", Asked("open"), 0.6),
        ("ಸರಿ", YES_NO, 0.25),
        ("ನಮಸ್ಕಾರ", Asked("open"), 0.95),
        ("ಇಲ್ಲ ಇಲ್ಲ", YES_NO, 0.25),
        ("ಮಂಡ್ಯ", NAME, 0.25),
        ("ನಾನು ಮೈಸೂರಿನಿಂದ", NAME, 0.25),
        ("ನನ್ನ ಹೆಸರು", NAME, 2.0),
        ("ಮೈಸೂರು ಮತ್ತು", NAME, 2.0),
        ("ನೈನ್ ಎಯ್ಟ್ ಫೋರ್ ಫೈವ್", PHONE, 2.0),
        ("ನೈನ್ ಎಯ್ಟ್ ಫೋರ್ ಫೈವ್ ಡಬಲ್ ಸೆವೆನ್ ಒನ್ ಟೂ ತ್ರೀ ಫೋರ್", PHONE, 0.25),
        ("ನಾಲ್ಕು", PHONE, 2.0),
        ("ನಾಲ್ಕು ಐದು", NUMBER, 1.4),
        ("ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", NUMBER, 0.6),
        ("ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", Asked("digits", 4), 0.25),
        ("", Asked(), 0.6),
    ],
)
def test_what_the_words_and_the_question_make_of_the_silence(text: str, question: Asked, silence_s: float) -> None:
    assert judge(text, question).silence_s == pytest.approx(silence_s)


def test_every_part_of_the_sum_is_a_reason() -> None:
    assert judge("ನಮ್ಮ ಮನೆಗೆ").reasons == ("dative: unfinished +0.80",)
    assert judge("ನಾಲ್ಕು ಐದು", PHONE).reasons == ("2 of 10 digits: open +1.40",)
    assert judge("ನನ್ನ ಬಿಲ್", Asked(), (0.9, False)).reasons == (
        "noun: noun +0.35",
        "the caller's own pause of 0.90 +0.15",
    )
    assert judge("ನಾಳೆ ಬಂದರೆ", Asked(), (1.9, False)).reasons[-1] == "within the bounds -0.10"


def test_a_caller_is_waited_for_longer_than_they_have_paused_after_like_words() -> None:
    assert judge("ನನ್ನ ಬಿಲ್", Asked(), (1.2, False)).silence_s == pytest.approx(1.4)
    assert judge("ಬಿಲ್ ಬಂದಿದೆ", Asked(), (1.2, False)).silence_s == 0.25, "pauses before the verb say nothing of after it"
    assert judge("ಬಿಲ್ ಬಂದಿದೆ", Asked(), (0.5, True)).silence_s == pytest.approx(0.7)


def test_only_the_newest_pauses_count() -> None:
    forgotten = [(1.5, False), *[(0.3, False)] * 6]
    assert judge("ನನ್ನ ಬಿಲ್", Asked(), *forgotten).silence_s == pytest.approx(0.95)


def test_a_partial_transcript_only_lengthens_the_silence() -> None:
    assert judge("ಬಿಲ್ ಬಂದಿದೆ", whole=False).silence_s == POLICY.end_s
    assert judge("ನಮ್ಮ ಮನೆಗೆ", whole=False) == judge("ನಮ್ಮ ಮನೆಗೆ")


@given(
    st.builds(Ending, st.just("dative"), st.sampled_from(get_args(Means)), st.integers(0, 9), st.integers(0, 20)),
    st.builds(Asked, st.sampled_from(get_args(Kind)), st.integers(0, 12)),
    st.lists(st.tuples(st.floats(0.2, 9.0), st.booleans()), max_size=9),
    st.booleans(),
)
def test_the_silence_stays_within_its_bounds(
    end: Ending, question: Asked, seen: list[tuple[float, bool]], whole: bool
) -> None:
    pauses = Pauses()
    for seconds, finished in seen:
        pauses.add(seconds, finished=finished)
    found = verdict(end, question, pauses, POLICY, whole=whole)
    assert POLICY.soonest_end_s <= found.silence_s <= POLICY.latest_end_s
    assert found.reasons
    if not whole:
        assert found.silence_s >= POLICY.end_s
