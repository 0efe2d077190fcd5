"""Greedy CTC and RNNT decoding, by themselves."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, strategies as st

from app.engines.indicconformer.decoding import Array, State, collapse, greedy_rnnt, spell

BLANK = 3


@pytest.mark.parametrize(
    ("path", "text"),
    [([], []), ([3, 3], []), ([0, 0, 1], [0, 1]), ([0, 3, 0], [0, 0]), ([3, 2, 2, 3, 3, 2, 1, 1, 3], [2, 2, 1])],
)
def test_a_path_collapses(path: list[int], text: list[int]) -> None:
    assert collapse(path, BLANK) == text


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, 2))))
def test_any_path_of_a_text_collapses_to_it(text: list[tuple[int, int, int]]) -> None:
    """Each token any number of times, with blanks after it, where the next is the same at least one."""
    path: list[int] = []
    for at, (token, times, blanks) in enumerate(text):
        same = at + 1 < len(text) and text[at + 1][0] == token
        path += [token] * times + [BLANK] * max(blanks, same)
    assert collapse(path, BLANK) == [token for token, _, _ in text]


def test_pieces_are_spelt_as_words() -> None:
    assert spell([0, 1, 2, 0], ["▁ನನ್ನ", "▁ಎ", "ಷ್ಟು"]) == "ನನ್ನ ಎಷ್ಟು ನನ್ನ"
    assert spell([], ["▁ಎ"]) == ""


class Network:
    """Says the tokens of a frame one after another, then blank; its state is how many predictions were made."""

    def __init__(self) -> None:
        self.predicted: list[tuple[int, State]] = []

    def predict(self, token: int, state: State) -> tuple[Array, State]:
        self.predicted.append((token, state))
        return np.array([token, state], np.float32), state + 1

    def join(self, frame: Array, prediction: Array) -> Array:
        said = int(prediction[1]) - int(frame[0])
        tokens = [int(token) for token in frame[1:]]
        token = tokens[said] if 0 <= said < len(tokens) else BLANK
        return np.array([number == token for number in range(4)], np.float32)


def transduced(frames: Sequence[Sequence[int]], most_symbols: int = 10) -> tuple[list[int], Network]:
    network = Network()
    said, arrays = 0, []
    for frame in frames:
        arrays.append(np.array([said, *frame], np.float32))
        said += min(len(frame), most_symbols)
    text = greedy_rnnt(arrays, network.predict, network.join, first=9, state=0, blank=BLANK, most_symbols=most_symbols)
    return text, network


def test_a_frame_says_any_number_of_tokens_and_ends_with_a_blank() -> None:
    text, network = transduced([[], [0, 0, 1], [], [2]])
    assert text == [0, 0, 1, 2]
    assert network.predicted == [(9, 0), (0, 1), (0, 2), (1, 3), (2, 4)], "once a token, each with the state before it"


def test_a_frame_that_never_ends_is_left() -> None:
    text, _ = transduced([[1] * 20, [2]], most_symbols=4)
    assert text == [1, 1, 1, 1, 2]


def test_no_frames_are_no_text() -> None:
    assert transduced([])[0] == []
