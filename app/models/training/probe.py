"""A small examination during the training, of voices and sentences that it never has."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.models.training import corpus, feed, hearing, line, voices
from app.models.training.corpus import Split
from app.models.training.hearing import Heard
from app.models.training.scoring import Transcript, character_error_rate
from app.models.training.tokens import Tokens
from telephony.events import RATE_HZ

_SEED = 90210
_EACH = 60
_ROWS = 20
_SPLITS: tuple[Split, ...] = ("sentences", "frames")

Recogniser = Callable[[Any], list[str]]
"""From features, rows x 80 x frames, to texts."""


class Probe:
    """Made once, examined often."""

    def __init__(self, tokens: Tokens) -> None:
        voices.start_afresh()
        self._tokens = tokens
        self._said = {split: [_caller(split, i) for i in range(_EACH)] for split in _SPLITS}
        noises = ((random.Random(f"{_SEED}/{i}"), np.random.default_rng([_SEED, i])) for i in range(_EACH))
        self._noise = [hearing.nobody(*each) for each in noises]

    def run(self, recognise: Recogniser) -> dict[str, float]:
        """Character error rates by split, and the part of the noises in which no word was heard."""
        figures: dict[str, float] = {}
        for split, said in self._said.items():
            heard = self._recognise(said, recognise)
            figures[split] = character_error_rate([Transcript(a.text, b) for a, b in zip(said, heard, strict=True)])
        silent = [not text for text in self._recognise(self._noise, recognise)]
        return {**figures, "noise_empty": sum(silent) / len(silent)}

    def _recognise(self, said: Sequence[Heard], recognise: Recogniser) -> list[str]:
        texts: list[str] = []
        for at in range(0, len(said), _ROWS):
            texts += recognise(feed.collate(self._tokens, said[at : at + _ROWS], None).features)
        return texts


def _caller(split: Split, number: int) -> Heard:
    rng = random.Random(f"{_SEED}/{split}/{number}")
    while True:
        telephone = replace(line.draw(rng), snr_db=rng.uniform(12, 45))
        speaker = voices.draw(rng, voices.HELD_OUT_VOICES)
        said = hearing.one(corpus.caller_says(rng, split).kannada, speaker, telephone, rng)
        if len(said.pcm) <= hearing.MOST_S * RATE_HZ:
            return said
