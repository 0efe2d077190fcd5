"""What a pack is measured on: speech and sentences that training never had, made anew from a seed each time.

All speech sets of one split have the same sentences, one after another, and as far as they share a condition also the
same speakers and telephones: their figures differ by what their names say. Clips of more than LONGEST_S are left out,
so the slow ones lack the longest sentences.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.models.training import line, voices
from app.models.training.corpus import Split, caller_says, far_frames
from app.models.training.grammar import Pair
from app.models.training.slot_exact import Direction
from app.models.training.voices import HELD_OUT_RATES, HELD_OUT_VOICES, TRAINING_RATES, TRAINING_VOICES
from telephony.events import RATE_HZ, Encoding

LONGEST_S = 7.8
"""Of a clip, with the silence around the words: the recogniser's window is 8 s, and longer turns are cut before it."""

STRANGERS = tuple(voice for voice in HELD_OUT_VOICES if voice not in ("kn+klatt3", "kn+iven4", "kn+steph3"))
"""The others differ from voices of the training (klatt2, iven3, steph) in one or two parameters."""

_MOST_KNOWN = 200
"""So many sentences in a row that were said before: there are hardly any new ones."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What one caller says in one breath."""

    pair: Pair
    pcm: bytes
    """8 kHz int16 from a telephone line."""

    @property
    def seconds(self) -> float:
        """With the silence around the words."""
        return len(self.pcm) / 2 / RATE_HZ


@dataclass(frozen=True, slots=True)
class SpeechSet:
    """Sentences, voices and telephones, and how well they must be heard."""

    name: str
    what: str
    split: Split = "sentences"
    voices: Sequence[str] = HELD_OUT_VOICES
    rates: tuple[int, int] = TRAINING_RATES
    """Words per minute, both included."""
    snr_db: tuple[float, float] = (12.0, 45.0)
    law: Encoding | None = "mulaw"
    """None: either, from clip to clip."""
    rough: bool = False
    """With all that a bad line has: hum, lost packets, clipping, a babble of voices."""
    far: bool = False
    """Only frames that are far from everything in training."""
    n: int = 300
    most_cer: float | None = None
    """Per cent."""


_SLOW, _FAST = HELD_OUT_RATES
_SENTENCES, _ALL = "unseen sentences, unseen voices, plain lines", "12-45 dB"
UNSEEN = SpeechSet("unseen", f"{_SENTENCES}, {_ALL}, mu-law", most_cer=2.5)
A_LAW = SpeechSet("alaw", f"{_SENTENCES}, {_ALL}, A-law", law="alaw", most_cer=2.5)
FRAMES = SpeechSet(
    "frames", f"unseen sentence frames, unseen voices, plain lines, {_ALL}", split="frames", law=None, most_cer=8.0
)
FAR_FRAMES = SpeechSet(
    "far",
    f"unseen frames far from trained ones, unseen voices, plain lines, {_ALL}",
    split="frames",
    law=None,
    far=True,
    n=150,
)
SPEECH_SETS = (
    UNSEEN,
    A_LAW,
    FRAMES,
    FAR_FRAMES,
    SpeechSet("rough", f"unseen sentences, unseen voices, rough lines, {_ALL}", law=None, rough=True),
    SpeechSet("at_20_db", f"{_SENTENCES}, 20 dB", snr_db=(20, 20), n=150),
    SpeechSet("at_10_db", f"{_SENTENCES}, 10 dB", snr_db=(10, 10), law=None, most_cer=6.0),
    SpeechSet("at_5_db", f"{_SENTENCES}, 5 dB", snr_db=(5, 5), n=150),
    SpeechSet("known_voices", f"unseen sentences, training voices, plain lines, {_ALL}", voices=TRAINING_VOICES, n=150),
    SpeechSet("strangers", f"{_SENTENCES}, {_ALL}, no sibling voices", voices=STRANGERS, n=150),
    SpeechSet("slow", f"{_SENTENCES}, {_SLOW} words a minute", rates=(_SLOW, _SLOW), n=150),
    SpeechSet("fast", f"{_SENTENCES}, {_FAST} words a minute", rates=(_FAST, _FAST), n=150),
)


@dataclass(frozen=True, slots=True)
class TextSet:
    """Sentences to translate, and of how many the values must be right."""

    name: str
    direction: Direction
    what: str
    split: Split
    n: int
    least: float | None = None
    """Per cent."""
    far: bool = False
    """Only frames that are far from everything in training."""


_INTO_ENGLISH, _INTO_KANNADA = "Kannada to English", "English to Kannada"
TEXT_SETS = (
    TextSet("sentences", "kn_en", f"{_INTO_ENGLISH}, unseen sentences", "sentences", 400, least=98),
    TextSet("frames", "kn_en", f"{_INTO_ENGLISH}, unseen sentence frames", "frames", 300, least=85),
    TextSet("far", "kn_en", f"{_INTO_ENGLISH}, unseen frames far from trained ones", "frames", 150, far=True),
    TextSet("sentences", "en_kn", f"{_INTO_KANNADA}, unseen sentences", "sentences", 400, least=98),
    TextSet("frames", "en_kn", f"{_INTO_KANNADA}, unseen sentence frames", "frames", 300, least=85),
)

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
    far = far_frames("caller")
    said: set[str] = set()
    known = 0
    while True:
        own = random.Random(rng.randrange(2**64))  # what one clip draws does not move the next
        pair = caller_says(own, of.split)
        if not wanted(pair) or (of.far and pair.frame not in far):
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
    drawn = line.draw(rng)
    drawn = replace(drawn, snr_db=rng.uniform(*of.snr_db), law=of.law or drawn.law)
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
