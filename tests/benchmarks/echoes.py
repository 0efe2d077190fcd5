"""Calls with an echo, with a caller, and with both: Kannada speech by several voices over lines drawn at random.

The agent speaks all the time. Its echo is 60 to 700 ms late and 6 to 35 dB weaker, in half of the calls through a
small room and in most through a narrow band; white noise lies on the line at -72 to -52 dBFS; both ways are mu-law.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from app.config.prompts import PromptSettings
from app.demo.audio import read_recording
from app.demo.record import CALL
from app.engines.espeak import RATE_HZ as ESPEAK_HZ, library
from app.models.training.line import active_rms
from telephony.events import RATE_HZ
from tests.benchmarks.endpointing import webrtc
from tests.benchmarks.recordings import FOLDER
from tests.echo_line import Samples, delayed, frame_levels, level, passed

Kind = Literal["echo", "double talk", "no echo"]
Source = Literal["espeak", "recordings"]

CALL_S = 20.0
AGENT_VOICES = ("kn", "kn+f2", "kn+f4", "kn+m2", "kn+m5")
CALLER_VOICES = ("kn+f1", "kn+f3", "kn+m1", "kn+m3", "kn+m7")
_PROMPTS = tuple(phrase["kannada"] for phrase in PromptSettings().model_dump().values() if phrase["kannada"])
_REQUESTS = tuple(line.kannada for line in CALL)
_PAUSE_DB = 22.0
"""Frames so far below the caller's loud ones belong to the pauses."""
_COUNT = round(CALL_S * RATE_HZ)


@dataclass(frozen=True, slots=True)
class EchoCall:
    agent: Samples
    """What is played."""
    line: Samples
    """What comes back: echo, caller, noise."""
    voiced: NDArray[np.bool_]
    """The detector's judgement of each frame of `line`."""
    calling: NDArray[np.bool_]
    """Frames in which the detector hears the caller alone, pauses left out."""
    caller_over_echo_db: float


def calls(kind: Kind, source: Source, count: int, seed: int) -> Iterator[EchoCall]:
    """The agent is espeak-ng; the caller, and half of the agents, are the recordings where `source` says so."""
    for number in range(count):
        yield _call(kind, source, random.Random(seed * 1000 + number))


def _call(kind: Kind, source: Source, rng: random.Random) -> EchoCall:
    human = source == "recordings"
    agent = passed(_agent(rng, human and rng.random() < 0.5) * level(rng.uniform(-26, -16)))
    echo = _echo(agent, rng) if kind != "no echo" else np.zeros(_COUNT)
    caller = _caller(rng, human) * level(rng.uniform(-32, -16)) if kind != "echo" else np.zeros(_COUNT)
    noise = _random(rng).standard_normal(_COUNT) * level(rng.uniform(-72, -52))
    line = passed(echo + caller + noise)
    calling = _voiced(caller) & (frame_levels(caller) > _loud(caller) - _PAUSE_DB)
    return EchoCall(agent, line, _voiced(line), calling, _loud(caller) - _loud(echo))


def _agent(rng: random.Random, human: bool) -> Samples:
    if human:
        return _one_after_another([_recording(rng.randrange(_recordings())) for _ in range(4)], [0.2] * 4)
    voice, speed = rng.choice(AGENT_VOICES), rng.randint(130, 180)
    said = [_spoken(rng.choice(_PROMPTS), voice, speed) for _ in range(20)]
    return _one_after_another(said, [rng.choice((0.02, 0.1, 0.3)) for _ in said])


def _caller(rng: random.Random, human: bool) -> Samples:
    """Begins after some seconds, so that an echo is known by then, and pauses between the sentences."""
    pauses = [rng.uniform(4, 6), *(rng.uniform(0.8, 2.5) for _ in range(9))]
    if human:
        said = [_recording(rng.randrange(_recordings()))[: round(rng.uniform(1, 4) * RATE_HZ)] for _ in pauses]
    else:
        voice, speed = rng.choice(CALLER_VOICES), rng.randint(140, 190)
        said = [_spoken(rng.choice(_REQUESTS), voice, speed) for _ in pauses]
    return _in_band(_one_after_another(said, pauses), 250, 3500)


def _echo(agent: Samples, rng: random.Random) -> Samples:
    echo = delayed(agent, rng.uniform(0.06, 0.7))
    if rng.random() < 0.5:
        count = round(rng.uniform(0.05, 0.2) * RATE_HZ)
        room = _random(rng).standard_normal(count) * np.exp(-5 * np.arange(count) / count) * rng.uniform(0.03, 0.12)
        room[0] = 1.0
        size = 2 * _COUNT
        echo = np.fft.irfft(np.fft.rfft(echo, size) * np.fft.rfft(room, size), size)[:_COUNT]
    if rng.random() < 0.7:
        echo = _in_band(echo, rng.uniform(250, 500), rng.uniform(2500, 3500))
    return echo * (active_rms(agent) / active_rms(echo) * 10 ** (rng.uniform(-35, -6) / 20))


def _random(rng: random.Random) -> np.random.Generator:
    return np.random.default_rng(rng.getrandbits(32))


def _one_after_another(said: list[Samples], pauses: list[float]) -> Samples:
    parts = [
        part for pause, speech in zip(pauses, said, strict=True) for part in (np.zeros(round(pause * RATE_HZ)), speech)
    ]
    return np.concatenate([*parts, np.zeros(_COUNT)])[:_COUNT]


def _in_band(samples: Samples, low_hz: float, high_hz: float) -> Samples:
    hz = np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE_HZ), 1.0)
    gain = 1 / np.sqrt((1 + (low_hz / hz) ** 8) * (1 + (hz / high_hz) ** 16))
    return np.fft.irfft(np.fft.rfft(samples) * gain, len(samples))


def _voiced(samples: Samples) -> NDArray[np.bool_]:
    return np.array(webrtc(np.clip(samples, -32768, 32767).astype("<i2").tobytes()))


def _loud(samples: Samples) -> float:
    """The level that a tenth of the frames with sound reach, in dBFS."""
    levels = frame_levels(samples)
    return float(np.percentile(levels[levels >= levels.max() - 30], 90))


@cache
def _spoken(text: str, voice: str, words_per_minute: int) -> Samples:
    """At 8 kHz, with an active level of 1."""
    pcm = bytearray()

    def put(chunk: bytes) -> bool:
        pcm.extend(chunk)
        return True

    library().speak(text, voice, words_per_minute, put)
    return _levelled(soxr.resample(np.frombuffer(bytes(pcm), np.int16).astype(np.float64), ESPEAK_HZ, RATE_HZ))


@cache
def _recording(number: int) -> Samples:
    file = sorted(FOLDER.glob("kn_sentence_*.wav"))[number]
    return _levelled(np.frombuffer(read_recording(file, RATE_HZ), np.int16).astype(np.float64))


@cache
def _recordings() -> int:
    return len(list(FOLDER.glob("kn_sentence_*.wav")))


def _levelled(speech: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(speech) > np.abs(speech).max() / 100)
    speech = speech[loud[0] : loud[-1] + 1]
    return speech / active_rms(speech)
