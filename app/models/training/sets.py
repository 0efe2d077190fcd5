"""What the recogniser is measured on: speech that training never had, made anew from a seed each time.

All sets of one split have the same sentences, one after another, and as far as they share a condition also the same
speakers and telephones: their figures differ by what their names say.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.models.training import line, voices
from app.models.training.corpus import Split, caller_says
from app.models.training.grammar import Pair
from app.models.training.voices import HELD_OUT_RATES, HELD_OUT_VOICES, TRAINING_RATES, TRAINING_VOICES
from telephony.events import RATE_HZ, Encoding

LONGEST_S = 7.8
"""Of a clip, with the silence around the words: the recogniser's window is 8 s, and longer turns are cut before it."""

_MOST_KNOWN = 200
"""So many sentences in a row that were said before: there are hardly any new ones."""


@dataclass(frozen=True, slots=True)
class Clip:
    pair: Pair
    pcm: bytes
    """8 kHz int16 from a telephone line."""

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / RATE_HZ


@dataclass(frozen=True, slots=True)
class SpeechSet:
    name: str
    what: str
    split: Split = "sentences"
    voices: Sequence[str] = HELD_OUT_VOICES
    rates: tuple[int, int] = TRAINING_RATES
    """Words per minute, both included."""
    snr_db: tuple[float, float] = (12.0, 45.0)
    law: Encoding = "mulaw"
    rough: bool = False
    """With all that a bad line has: hum, lost packets, clipping, a babble of voices."""
    n: int = 300
    most_cer: float | None = None
    """Per cent."""


_SLOW, _FAST = HELD_OUT_RATES
SPEECH_SETS = (
    SpeechSet("unseen", "unseen sentences, unseen voices, 12-45 dB, mu-law", most_cer=2.5),
    SpeechSet("alaw", "the same over A-law", law="alaw", most_cer=2.5),
    SpeechSet("frames", "unseen sentence frames, unseen voices, 12-45 dB", split="frames", most_cer=8.0),
    SpeechSet("rough", "unseen sentences, unseen voices, rough lines, 12-45 dB", rough=True),
    SpeechSet("at_20_db", "unseen sentences, unseen voices, 20 dB", snr_db=(20, 20), n=150),
    SpeechSet("at_10_db", "unseen sentences, unseen voices, 10 dB", snr_db=(10, 10), most_cer=6.0),
    SpeechSet("at_5_db", "unseen sentences, unseen voices, 5 dB", snr_db=(5, 5), n=150),
    SpeechSet("known_voices", "unseen sentences, training voices, 12-45 dB", voices=TRAINING_VOICES, n=150),
    SpeechSet("slow", f"{_SLOW} words a minute, which training never has", rates=(_SLOW, _SLOW), n=150),
    SpeechSet("fast", f"{_FAST} words a minute, which training never has", rates=(_FAST, _FAST), n=150),
)
UNSEEN, FRAMES = SPEECH_SETS[0], SPEECH_SETS[2]

Wanted = Callable[[Pair], bool]


def clips(of: SpeechSet, n: int, seed: int | str, wanted: Wanted = lambda pair: True) -> Iterator[Clip]:
    """`n` clips of different sentences, as long as there are enough of them."""
    rng = random.Random(f"{seed} {of.split}")
    return islice(_clips(of, rng, wanted), n)


def two_in_one(n: int, seed: int | str) -> Iterator[tuple[str, bytes]]:
    """What one caller says with a pause of 0.4 to 1.2 s in it, and that as one clip."""
    rng = random.Random(f"{seed} two")
    voices.start_afresh()
    for _ in range(n):
        while True:
            speaker, telephone = _speaker(UNSEEN, rng), _telephone(UNSEEN, rng)
            texts = [caller_says(rng, UNSEEN.split).kannada for _ in range(2)]
            first, second = (voices.speak(text, speaker).samples for text in texts)
            samples = _around(rng, first, _silence(rng.uniform(0.4, 1.2)), second)
            if len(samples) <= LONGEST_S * RATE_HZ:
                break
        yield " ".join(texts), _over(telephone, samples, rng)


def _clips(of: SpeechSet, rng: random.Random, wanted: Wanted) -> Iterator[Clip]:
    voices.start_afresh()
    said: set[str] = set()
    known = 0
    while True:
        own = random.Random(rng.randrange(2**64))  # what one clip draws does not move the next
        pair = caller_says(own, of.split)
        if not wanted(pair):
            continue
        if pair.kannada in said and known < _MOST_KNOWN:
            known += 1
            continue
        samples = _around(own, voices.speak(pair.kannada, _speaker(of, own)).samples)
        if len(samples) <= LONGEST_S * RATE_HZ:
            said.add(pair.kannada)
            known = 0
            yield Clip(pair, _over(_telephone(of, own), samples, own))


def _speaker(of: SpeechSet, rng: random.Random) -> voices.Speaker:
    return voices.draw(rng, of.voices, of.rates)


def _telephone(of: SpeechSet, rng: random.Random) -> line.Line:
    drawn = replace(line.draw(rng), snr_db=rng.uniform(*of.snr_db), law=of.law)
    noises: tuple[line.Noise, ...] = ("white", "pink")
    noise, level_dbfs = rng.choice(noises), rng.uniform(-32, -14)
    return drawn if of.rough else replace(drawn, noise=noise, level_dbfs=level_dbfs, hum_db=None, loss=0.0)


def _around(rng: random.Random, *speech: NDArray[np.float32]) -> NDArray[np.float32]:
    """With the silence that stands before and after a turn."""
    return np.concatenate([_silence(rng.uniform(0.1, 0.5)), *speech, _silence(rng.uniform(0.1, 0.6))])


def _silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def _over(telephone: line.Line, samples: NDArray[np.float32], rng: random.Random) -> bytes:
    return line.pass_on(telephone, samples, np.random.default_rng(rng.randrange(2**32))).tobytes()
