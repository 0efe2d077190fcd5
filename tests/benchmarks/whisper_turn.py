"""A turn of fixed length through Whisper: what the engine encodes for it, and a text of fixed length decoded.

The engine itself lets a text end by itself, which random weights never do.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from app.engines.whisper import WhisperStt
from app.engines.whisper.tokens import max_length
from tests.engines.speech import noise, over_the_line


def encoder_input(stt: WhisperStt, seconds: float, turns: int = 1) -> Any:
    """Log-mel features [turns, bands, frames] of turns of that length, padded as the engine pads."""
    turn = np.frombuffer(over_the_line(noise(seconds, 0.2)), np.int16)
    return stt._batch([stt._log_mel(turn)] * turns)


def encoding(stt: WhisperStt, features: Any) -> Callable[[], object]:
    """Until what was encoded is in the CPU's memory, wherever that was done."""
    import ctranslate2

    return lambda: stt._model.model.encode(ctranslate2.StorageView.from_array(features), to_cpu=True)


def transcribing(stt: WhisperStt, features: Any, tokens: int) -> Callable[[], object]:
    """Encode, and decode so many tokens of each turn."""

    def run() -> object:
        return stt._model.model.generate(
            stt._model.encode(features), [stt._prompt] * len(features),
            beam_size=1, max_length=max_length(len(stt._prompt), tokens),
        )  # fmt: skip

    return run
