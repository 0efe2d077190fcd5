"""Endless material for the recogniser: item i of a seed is what a telephone may bring, and the words in it."""

import functools
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from app.engines.need import need_module
from app.models.training import corpus, line, voices
from app.models.training.voices import Speaker, Speech
from telephony.events import RATE_HZ

Kind = Literal["one", "two", "cut", "nobody"]
_MIXTURE: Mapping[Kind, float] = {"one": 0.72, "two": 0.10, "cut": 0.12, "nobody": 0.06}
"""One utterance, two of one caller, one that is cut off within a word, and no voice at all."""

MOST_S = 8.0
"""The recogniser's window."""
FRAMES_PER_S = 100
LABELS_PER_S = 50
"""The encoder gives one state in 20 ms."""
_HEARD_HZ = 16_000

_NAMES = "a a: aI aU e e: i i: o o: u u: k k# g c J t. d. t t# d d# p p# b b# N n^ n. n m j r l l. v s. S s h other"
PHONEMES = tuple(_NAMES.split())
"""espeak's names of the sounds of Kannada; label 0 is a pause, so the first of these has label 1."""
_LABELS = {name: label for label, name in enumerate(PHONEMES, 1)}


@dataclass(frozen=True, slots=True)
class Heard:
    """What comes over the line, and what a recogniser should make of it."""

    pcm: NDArray[np.int16]
    """8 kHz, at most MOST_S."""
    text: str
    """The words that were completed; empty when there were none."""
    somebody: bool
    """Somebody speaks, if only the beginning of a word."""
    sounds: tuple[tuple[float, str], ...] = ()
    """The second at which each phoneme or pause starts, and its espeak name."""


def item(seed: int, index: int) -> Heard:
    """The same for the same `seed` and `index`, but for espeak's tremble: see voices.start_afresh."""
    rng = random.Random(f"{seed}/{index}")
    noise = np.random.default_rng([seed, index])
    kind = rng.choices(tuple(_MIXTURE), tuple(_MIXTURE.values()))[0]
    if kind == "nobody":
        return nobody(rng, noise)
    while True:
        texts = [corpus.spoken(rng) for _ in range(2 if kind == "two" else 1)]
        take = Take.of(texts, voices.draw(rng), rng)
        if take.seconds <= MOST_S:
            break
    pcm = line.pass_on(line.draw(rng), take.samples, noise)
    if kind != "cut":
        return Heard(pcm, " ".join(texts), True, take.sounds)
    return cut_off(take, pcm, " ".join(texts).split(), rng)


def one(text: str, speaker: Speaker, telephone: line.Line, rng: random.Random) -> Heard:
    """One utterance, with as much silence before and after as a turn has when it is recognised."""
    spoken = voices.speak(text, speaker)
    take = Take.join([(0.0, spoken)], rng.uniform(0.1, 0.5), rng.uniform(0.3, 0.6))
    pcm = line.pass_on(telephone, take.samples, np.random.default_rng(rng.randrange(2**32)))
    return Heard(pcm, text, True, take.sounds)


@dataclass(frozen=True, slots=True)
class Take:
    """What a caller says into the telephone, with the silences around it."""

    samples: NDArray[np.float32]
    words: tuple[tuple[float, float], ...]
    """Start and end of each, in seconds."""
    sounds: tuple[tuple[float, str], ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE_HZ

    @staticmethod
    def of(texts: Sequence[str], speaker: Speaker, rng: random.Random) -> "Take":
        """`texts` one after another, with pauses between them and sometimes within."""
        parts: list[tuple[float, Speech]] = []
        for text in texts:
            pause_s = rng.uniform(0.3, 1.5) if parts else 0.0
            for part in _groups(text.split(), rng):
                parts.append((pause_s, voices.speak(part, speaker)))
                pause_s = rng.uniform(0.2, 1.2)
        lead_s = rng.uniform(0, 0.35) if rng.random() < 0.75 else rng.uniform(0.35, 0.8)
        tail_s = rng.uniform(0.2, 0.6) if rng.random() < 0.7 else rng.uniform(0, 1.5)
        return Take.join(parts, lead_s, tail_s)

    @staticmethod
    def join(parts: Sequence[tuple[float, Speech]], lead_s: float, tail_s: float) -> "Take":
        """`parts` have the pause before each, in seconds."""
        pieces = [np.zeros(round(lead_s * RATE_HZ), np.float32)]
        words: list[tuple[float, float]] = []
        sounds: list[tuple[float, str]] = []
        for pause_s, speech in parts:
            pieces.append(np.zeros(round(pause_s * RATE_HZ), np.float32))
            start = sum(map(len, pieces)) / RATE_HZ
            ends = (*speech.words[1:], speech.seconds)
            words += [(start + begin, start + end) for begin, end in zip(speech.words, ends, strict=True)]
            sounds += [(start + second, name) for second, name in speech.phonemes]
            sounds.append((start + speech.seconds, "_"))
            pieces.append(speech.samples)
        pieces.append(np.zeros(round(tail_s * RATE_HZ), np.float32))
        return Take(np.concatenate(pieces), tuple(words), tuple(sounds))


def _groups(words: list[str], rng: random.Random) -> list[str]:
    """One in five callers stops to think within a sentence, once or twice."""
    if len(words) < 2 or rng.random() > 0.2:
        return [" ".join(words)]
    stops = sorted(rng.sample(range(1, len(words)), min(len(words) - 1, rng.choice((1, 1, 2)))))
    return [" ".join(words[a:b]) for a, b in zip([0, *stops], [*stops, len(words)], strict=True)]


def cut_off(take: Take, pcm: NDArray[np.int16], words: list[str], rng: random.Random) -> Heard:
    """`take` as far as some moment within a word. So a caller's unfinished turn reads as the words before it."""
    number = rng.randrange(len(words))
    start, end = take.words[number]
    cut_s = max(start + rng.uniform(0.1, 0.8) * (end - start), 0.2)
    sounds = tuple((second, name) for second, name in take.sounds if second < cut_s)
    return Heard(pcm[: round(cut_s * RATE_HZ)], " ".join(words[:number]), True, sounds)


def nobody(rng: random.Random, noise: np.random.Generator) -> Heard:
    """0.3 to 8 s without a voice: digital silence, noise of any level, hum, clicks, beeps."""
    count = round(rng.uniform(0.3, MOST_S) * RATE_HZ)
    what = rng.choices(("zero", "noise", "swell", "clicks", "beeps"), (1, 4, 2, 2, 1))[0]
    if what == "zero":
        return Heard(np.zeros(count, np.int16), "", False)
    telephone = replace(
        line.draw(rng),
        noise=rng.choice(("white", "pink")),
        level_dbfs=rng.uniform(-70, -15),
        snr_db=0.0 if what == "noise" else rng.uniform(5, 40),
        hum_db=rng.choice((None, None, rng.uniform(-15, 15))),
    )
    return Heard(line.pass_on(telephone, _sound(what, count, noise), noise), "", False)


def _sound(what: str, count: int, noise: np.random.Generator) -> NDArray[np.float32]:
    samples = np.zeros(count, np.float32)
    if what == "swell":  # wind, traffic
        corners = np.arange(0, count + RATE_HZ // 2, RATE_HZ // 2)
        strength = np.interp(np.arange(count), corners, noise.random(len(corners))).astype(np.float32)
        samples = noise.standard_normal(count, np.float32) * strength**2
    for at in noise.integers(0, count, int(noise.integers(1, 1 + max(2, count // 2000)))):
        if what == "clicks":
            length = min(int(noise.integers(4, 200)), count - int(at))
            shape = np.exp(-4 * np.arange(length) / length) * noise.standard_normal(length)
            samples[at : at + length] += shape.astype(np.float32) * noise.uniform(0.2, 1)
        elif what == "beeps":
            length = min(int(noise.integers(400, 4000)), count - int(at))
            turns = np.arange(length) * (2 * np.pi * noise.uniform(300, 1800) / RATE_HZ)
            samples[at : at + length] = np.sin(turns)
    return samples


def log_mel(pcm: NDArray[np.int16]) -> NDArray[np.float32]:
    """80 rows, a column for 10 ms: exactly what app/engines/whisper/engine.py gives the encoder."""
    audio = soxr.resample(pcm.astype(np.float32) / 32768, RATE_HZ, _HEARD_HZ)
    features: NDArray[np.float32] = _extractor()(audio)[:, :-1]  # the last frame is faster-whisper's padding
    return features


@functools.cache
def _extractor() -> Any:
    return need_module("faster_whisper.feature_extractor", extra="training").FeatureExtractor()


def labels(sounds: Sequence[tuple[float, str]], count: int) -> NDArray[np.int64]:
    """The sound in each of `count` steps of 20 ms: 0 for a pause, otherwise from 1 in the order of PHONEMES."""
    found = np.zeros(count, np.int64)
    for (second, name), (end, _) in itertools.pairwise([*sounds, (count / LABELS_PER_S, "_")]):
        first, last = (max(0, min(count, round(at * LABELS_PER_S - 0.5))) for at in (second, end))
        if not name.startswith("_"):
            found[first:last] = _LABELS.get(name, len(PHONEMES))
    return found
