"""Synthetic callers who say something while the agent speaks: hums of assent, and real interruptions.

Voices are those that the recogniser's training held out; levels are 0 to 15 dB below a good line's, the noise 15 to 30
dB below the voice.
"""

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from app.kannada.small_words import small_word
from app.models.training import line, voices
from app.models.training.corpus import caller_says
from app.models.training.slots import spoken
from app.models.training.voices import HELD_OUT_VOICES
from telephony.events import FRAME_SAMPLES, RATE_HZ
from tests.benchmarks.desk_callers import Recogniser
from tests.benchmarks.endpointing import FRAME_S
from tests.benchmarks.recordings import Recording, over_telephone, recordings

SEED = 53
LEAD_S, TAIL_S = 3.0, 3.0
LEVEL_DBFS, QUIETER_DB, SNR_DB = -16.0, 15.0, (15.0, 30.0)
KNOWN_LAG_S = 0.1
"""A word is known so long after its end, when transcripts are taken as known."""
UNVOICED = "hsSfkctp_"
"""Begin espeak's names of sounds that are breath and noise, and of pauses."""
HUMAN_SNR_DB = 25.0
BACKCHANNELS = ("ಹೂಂ", "ಹಾಂ", "ಹಾ", "ಹ್ಮ್", "ಸರಿ", "ಸರಿ ಸರಿ", "ಹೌದು", "ಹೌದಾ", "ಆಯ್ತು", "ಓಕೆ", "ಅಚ್ಛಾ")
STOPS = ("ಬೇಡ", "ನಿಲ್ಲಿ", "ಒಂದು ನಿಮಿಷ", "ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ")
Hear = Callable[[int, int], str]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a caller says over the agent. Times are seconds from the start of the audio."""

    text: str
    pcm: bytes = field(repr=False)
    sound_s: float
    """The first sound."""
    voice_s: float
    """The first sound that is voiced: an "s" or a breath before it is not."""
    word_ends_s: tuple[float, ...] = field(repr=False)

    def known(self, first: int, last: int) -> str:
        """A recogniser that makes no mistakes: the words between two frames."""
        since_s, until_s = (frame * FRAME_S for frame in (first, last))
        words = zip(self.text.split(), self.word_ends_s, strict=True)
        return " ".join(word for word, end_s in words if since_s < end_s <= until_s - KNOWN_LAG_S)


def backchannels(count: int) -> Iterator[Overlap]:
    rng = random.Random(f"{SEED} backchannels")
    voices.start_afresh()
    for number in range(count):
        yield _said(BACKCHANNELS[number % len(BACKCHANNELS)], rng)


def interruptions(count: int) -> Iterator[Overlap]:
    """In turns a sentence of the desk, a number, and a word or two that stop an agent."""
    rng = random.Random(f"{SEED} interruptions")
    voices.start_afresh()
    for number in range(count):
        match number % 5:
            case 0 | 1:
                yield _said(_sentence(rng), rng)
            case 2:
                yield _said(spoken(rng.choice(("cust", "phone", "amt")), "", rng).kannada, rng)
            case _:
                yield _said(STOPS[(number // 5 * 2 + number % 5) % len(STOPS)], rng)


def _sentence(rng: random.Random) -> str:
    """Three words and more, none of them only polite."""
    while True:
        text = caller_says(rng, "sentences").kannada
        if len(text.split()) >= 3 and not small_word(text):
            return text


def human_interruptions() -> Iterator[Overlap]:
    """The read sentences of recordings.py."""
    for each in map(_later, recordings()):
        voice_s = float(np.flatnonzero(each.voiced)[0]) * FRAME_S
        counts = [len(each.text(frame * FRAME_S).split()) for frame in range(len(each.voiced) + 1)]
        ends_s = [bisect_left(counts, n) * FRAME_S for n in range(1, len(each.words) + 1)]
        yield Overlap(" ".join(each.words), over_telephone(each, HUMAN_SNR_DB), voice_s, voice_s, tuple(ends_s))


def _later(recording: Recording) -> Recording:
    """With `LEAD_S` of silence before it."""
    pcm = np.concatenate([np.zeros(round(LEAD_S * RATE_HZ), np.int16), recording.pcm])
    voiced = np.concatenate([np.zeros(round(LEAD_S / FRAME_S), np.bool_), recording.voiced])
    return replace(recording, pcm=pcm, voiced=voiced)


def _said(text: str, rng: random.Random) -> Overlap:
    speech = voices.speak(text, voices.draw(rng, HELD_OUT_VOICES))
    lead = np.zeros(round((LEAD_S + rng.uniform(0, FRAME_S)) * RATE_HZ), np.float32)
    tail = np.zeros(round(TAIL_S * RATE_HZ), np.float32)
    telephone = replace(
        line.draw(rng), snr_db=rng.uniform(*SNR_DB), hum_db=None, loss=0.0, law="mulaw",
        noise=rng.choice(("white", "pink")), level_dbfs=LEVEL_DBFS - rng.uniform(0, QUIETER_DB),
    )  # fmt: skip
    whole = np.concatenate([lead, speech.samples, tail])
    pcm = line.pass_on(telephone, whole, np.random.default_rng(rng.randrange(2**32))).tobytes()
    sound_s = len(lead) / RATE_HZ
    voiced_s = next((at_s for at_s, name in speech.phonemes if name[0] not in UNVOICED), 0.0)
    ends_s = [sound_s + seconds for seconds in (*speech.words[1:], speech.seconds)]
    return Overlap(text, pcm, sound_s, sound_s + voiced_s, tuple(ends_s))


def heard_by(recogniser: Recogniser, said: Overlap) -> Hear:
    """What the embedded models make of the audio between two frames."""

    @cache
    def hear(first: int, last: int) -> str:
        return recogniser.text(said.pcm[2 * FRAME_SAMPLES * max(0, first) : 2 * FRAME_SAMPLES * last])

    return hear
