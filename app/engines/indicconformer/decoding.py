"""From what the networks score to pieces of text: greedy decoding by CTC and by RNNT."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
State = Any
"""What a prediction network remembers."""


def collapse(ids: Iterable[int], blank: int) -> list[int]:
    """The text of CTC's path, a token a frame: repetitions count once, blanks not at all (Graves et al., 2006)."""
    return [token for token, _ in groupby(ids) if token != blank]


def greedy_rnnt(
    frames: Sequence[Array],
    predict: Callable[[int, State], tuple[Array, State]],
    join: Callable[[Array, Array], Array],
    *,
    first: int,
    state: State,
    blank: int,
    most_symbols: int = 10,
) -> list[int]:
    """The text of a transducer, the best token at each step (Graves, "Sequence Transduction with RNNs", 2012).

    `predict(token, state)` gives the prediction after one more token, and the network's next state; `first` and `state`
    are what it begins with. `join(frame, prediction)` scores the tokens. A frame ends with a blank or after
    `most_symbols`: a network that never says blank would never end.
    """
    text: list[int] = []
    prediction, state = predict(first, state)
    for frame in frames:
        for _ in range(most_symbols):
            token = int(np.argmax(join(frame, prediction)))
            if token == blank:
                break
            text.append(token)
            prediction, state = predict(token, state)
    return text


def spell(tokens: Iterable[int], pieces: Sequence[str]) -> str:
    """Sentencepiece's pieces as a text: "▁" begins a word."""
    return " ".join("".join(pieces[token] for token in tokens).replace("▁", " ").split())
