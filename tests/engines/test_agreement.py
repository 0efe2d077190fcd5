"""LocalAgreement-2: what two passes agree on is settled, and stays."""

import itertools

from hypothesis import given, strategies as st

from app.engines.agreement import LocalAgreement
from app.engines.base import Partial

PASSES = st.lists(st.lists(st.sampled_from(["ನನ್ನ", "ಬಿಲ್", "ಎಷ್ಟು"]), max_size=6).map(" ".join), max_size=12)


def test_a_word_is_stable_when_two_passes_in_a_row_heard_it() -> None:
    turn = LocalAgreement()
    assert turn.hear("ನನ್ನ") == Partial("", "ನನ್ನ")
    assert turn.hear("ನನ್ನ ಬೆಲ್") == Partial("ನನ್ನ", "ನನ್ನ ಬೆಲ್")
    assert turn.hear("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು") == Partial("ನನ್ನ", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು")
    assert turn.hear("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು") == Partial("ನನ್ನ ಬಿಲ್", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು")


def test_a_pass_that_contradicts_what_is_stable_changes_only_the_rest() -> None:
    turn = LocalAgreement()
    turn.hear("ನನ್ನ ಬಿಲ್ ಎ")
    turn.hear("ನನ್ನ ಬಿಲ್ ಎ")
    assert turn.hear("ನಿನ್ನ ಬಿಲ್ ಎಷ್ಟು") == Partial("ನನ್ನ ಬಿಲ್", "ನನ್ನ ಬಿಲ್ ಎಷ್ಟು")
    assert turn.hear("ನಿನ್ನ ಬಿಲ್ ಎಷ್ಟು").stable == "ನನ್ನ ಬಿಲ್"


@given(PASSES)
def test_what_is_stable_only_grows_and_begins_the_text(passes: list[str]) -> None:
    turn = LocalAgreement()
    stable: list[str] = []
    for text in passes:
        partial = turn.hear(text)
        now = partial.stable.split()
        assert now[: len(stable)] == stable
        assert partial.text.split()[: len(now)] == now
        stable = now


@given(PASSES)
def test_two_equal_passes_settle_all_but_the_last_word_unless_they_contradict(passes: list[str]) -> None:
    turn = LocalAgreement()
    for text in passes:
        turn.hear(text)
        partial = turn.hear(text)
        if partial.text == " ".join(text.split()):
            assert partial.stable.split() in (text.split()[:-1], text.split())


@given(PASSES)
def test_the_stable_words_were_heard_by_two_passes_in_a_row(passes: list[str]) -> None:
    turn = LocalAgreement()
    for text in passes:
        turn.hear(text)
    stable = turn.hear("").stable.split()
    pairs = itertools.pairwise(passes)
    both = [(one.split()[: len(stable)], other.split()[: len(stable)]) for one, other in pairs]
    assert not stable or (stable, stable) in both
