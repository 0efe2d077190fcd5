"""Synthetic callers of the electricity desk with known ends, heard by the embedded recogniser.

Sentences and voices are those that its training held out. A caller pauses within most sentences, between any two words.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.config import Settings
from app.engines import whisper
from app.engines.base import SpeechToText
from app.kannada.asked import Asked
from app.models.training import line, voices
from app.models.training.corpus import caller_says
from app.models.training.slots import spoken
from app.models.training.voices import HELD_OUT_VOICES
from telephony.events import FRAME_SAMPLES, RATE_HZ
from tests.benchmarks.endpointing import Utterance

SEED = 47
LEAD_S, TAIL_S = 0.5, 3.0
PAUSE_S = (0.2, 0.8)
"""Within sentences: as long as in read prose."""
PART_PAUSES = 0.7
"""Of the sentences of three words and more have a pause."""

Judge = Callable[[bytes], tuple[bool, ...]]
Samples = NDArray[np.float32]
ANSWERS: tuple[tuple[str, Asked], ...] = (("yes", Asked("yes_no")), ("no", Asked("yes_no")), ("dist", Asked("value")),
           ("name", Asked("value")), ("cust", Asked("digits", 4)))  # fmt: skip


class Recogniser:
    """The embedded pack, outside an event loop. A text that was asked for is remembered."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._stt: SpeechToText = self._runner.run(self._load())

    @staticmethod
    async def _load() -> SpeechToText:
        return whisper.load(Settings())

    def text(self, pcm: bytes) -> str:
        return self._runner.run(self._text(pcm))

    async def _text(self, pcm: bytes) -> str:
        ear = self._stt.listen()
        for at in range(0, len(pcm), 2 * FRAME_SAMPLES):
            ear.feed(pcm[at : at + 2 * FRAME_SAMPLES])
        text = await ear.finish()
        ear.close()
        return text

    def close(self) -> None:
        self._runner.run(self._stt.aclose())
        self._runner.close()


def sentences(count: int, judge: Judge, recogniser: Recogniser) -> Iterator[Utterance]:
    """Held-out sentences of the desk, one in a turn, by held-out voices."""
    rng = random.Random(f"{SEED} sentences")
    voices.start_afresh()
    for number in range(count):
        while "+" in (pair := caller_says(rng, "sentences")).frame:
            pass
        words = pair.kannada.split()
        parts = [pair.kannada]
        if len(words) > 2 and rng.random() < PART_PAUSES:
            at = rng.randrange(1, len(words))
            parts = [" ".join(words[:at]), " ".join(words[at:])]
        yield _utterance(f"{number} {' | '.join(parts)}", parts, rng, judge, recogniser, Asked("open"))


def answers(count: int, judge: Judge, recogniser: Recogniser) -> Iterator[Utterance]:
    """Short answers to what was asked for: yes, no, a district, a name, four digits."""
    rng = random.Random(f"{SEED} answers")
    voices.start_afresh()
    for number in range(count):
        kind, asked = ANSWERS[number % len(ANSWERS)]
        if kind in ("yes", "no"):
            text = rng.choice(("ಹೌದು", "ಹಾಂ", "ಹೌದು ಸರಿ") if kind == "yes" else ("ಇಲ್ಲ", "ಅಲ್ಲ", "ಬೇಡ"))
        else:
            text = spoken(kind, "", rng).kannada
        yield _utterance(f"{kind} {text}", [text], rng, judge, recogniser, asked)


def _utterance(
    name: str, parts: list[str], rng: random.Random, judge: Judge, recogniser: Recogniser, asked: Asked
) -> Utterance:
    speaker = voices.draw(rng, HELD_OUT_VOICES)
    said: list[Samples] = [_silence(LEAD_S)]
    for part in parts:
        said += [voices.speak(part, speaker).samples, _silence(rng.uniform(*PAUSE_S))]
    said[-1] = _silence(TAIL_S)
    end_s = (sum(map(len, said)) - len(said[-1])) / RATE_HZ
    telephone = replace(line.draw(rng), snr_db=rng.uniform(12, 45), noise="white", hum_db=None, loss=0.0, law="mulaw")
    telephone = replace(telephone, level_dbfs=rng.uniform(-32, -16))
    pcm = line.pass_on(telephone, np.concatenate(said), np.random.default_rng(rng.randrange(2**32))).tobytes()

    @cache
    def heard(first: int, last: int) -> str:
        return recogniser.text(pcm[2 * first : 2 * last])

    def hear(since_s: float, until_s: float) -> str:
        first, last = round(since_s * RATE_HZ), round(until_s * RATE_HZ)
        return heard(first, last) if last > first else ""

    return Utterance(name, judge(pcm), end_s, hear, asked, partials=False)


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)
