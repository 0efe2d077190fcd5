"""Synthetic callers: espeak-ng in process, with the moment of every word and every phoneme.

Functions, constants and the event structure are those of speak_lib.h and espeak_ng.h, version 1.52.
"""

import _ctypes
import ctypes
import functools
import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from app.engines.need import need_module
from telephony.events import RATE_HZ

ESPEAK_HZ = 22050

_VARIANTS = (
    "m1 m2 m3 m4 m6 m7 m8 f1 f2 f4 f5 Alex Alicia Annie Andy Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario "
    "Michael Mike Storm adam anika antonio aunty benjamin boris ed edward edward2 gustave ian iven2 iven3 john klatt "
    "klatt2 klatt4 klatt5 klatt6 marcelo max michel mike2 norbert pablo pedro quincy rob robert sandro shelby steph "
    "steph2 travis victor zac belinda david"
)
_HELD_OUT_VARIANTS = "f3 m5 Andrea Denis paul linda klatt3 iven4 miguel steph3"

TRAINING_VOICES = ("kn", *(f"kn+{variant}" for variant in _VARIANTS.split()))
"""Of espeak-ng's other variants some whisper, croak or speak as robots; "caleb" and "Reed" never speak twice alike."""
HELD_OUT_VOICES = tuple(f"kn+{variant}" for variant in _HELD_OUT_VARIANTS.split())
"""Training never hears them."""

TRAINING_RATES = (105, 235)
"""Words per minute, both included."""
HELD_OUT_RATES = (95, 245)
"""The slow and the fast rate that training never hears."""

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_PHONEME_EVENTS = 0x0001
_INITIALIZE_DONT_EXIT = 0x8000
_POS_CHARACTER = 1
_CHARS_UTF8 = 1
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7
_EVENT_LIST_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7
_STRESS_AND_LIAISON_MARKS = "',%=;|"
_SILENT = 30.0 / 32768
"""Less than this before and after an utterance is not speech."""


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice and its manner. `pitch` and `pitch_range` are espeak's 0-99; `word_gap` is in units of 10 ms."""

    voice: str
    words_per_minute: int
    pitch: int
    pitch_range: int
    word_gap: int
    tremble: int
    """Seed of the voice's own random trembling."""


@dataclass(frozen=True, slots=True)
class Speech:
    samples: NDArray[np.float32]
    """8 kHz, within -1 and 1, without the silence before and after."""
    words: tuple[float, ...]
    """The second at which each word of the text starts; never falling."""
    phonemes: tuple[tuple[float, str], ...]
    """The second at which each phoneme starts, and espeak's name of it without the stress; "_" is a pause."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE_HZ


def draw(
    rng: random.Random, voices: Sequence[str] = TRAINING_VOICES, rates: tuple[int, int] = TRAINING_RATES
) -> Speaker:
    """Any of `voices`, at any of `rates`, in any manner that can be understood."""
    return Speaker(
        voice=rng.choice(voices),
        words_per_minute=rng.randint(*rates),
        pitch=rng.randint(15, 88),
        pitch_range=rng.randint(15, 85),
        word_gap=rng.choice((0, 0, 0, 0, 1, 2, 4)),
        tremble=rng.randrange(2**31),
    )


def start_afresh() -> None:
    """What is spoken after this is the same every time, if the same is spoken in the same order.

    espeak-ng keeps its place in a table of tremble from one utterance to the next, and no function sets it back. So a
    new library takes the place of the old one, which costs some milliseconds.
    """
    if _library.cache_info().currsize:
        _library().close()
        _library.cache_clear()


def speak(text: str, speaker: Speaker) -> Speech:
    """What `speaker` makes of `text`, words between single spaces. See `start_afresh`."""
    samples, events = _library().synthesise(text, speaker)
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    if not len(loud):
        return Speech(np.zeros(0, np.float32), tuple(0.0 for _ in text.split()), ())
    first, end = int(loud[0]), int(loud[-1]) + 1

    def second(sample: int) -> float:
        return (min(max(sample, first), end) - first) / ESPEAK_HZ

    phonemes = tuple((second(sample), name) for sample, position, name in events if position < 0)
    words = _word_starts(text, [(position, second(sample)) for sample, position, _ in events if position >= 0])
    return Speech(soxr.resample(samples[first:end], ESPEAK_HZ, RATE_HZ), words, phonemes)


def _word_starts(text: str, events: Sequence[tuple[int, float]]) -> tuple[float, ...]:
    """`events` are a character of `text` and its second. A word without an event of its own starts with the last."""
    starts: list[float] = []
    end = 0
    for word in text.split():
        begin, end = end, end + len(word) + 1
        mine = [second for position, second in events if begin <= position < end]
        starts.append(max(min(mine, default=0.0), starts[-1] if starts else 0.0))
    return tuple(starts)


def _loader() -> Any:
    return need_module("espeakng_loader", extra="training")


class _Library:
    """libespeak-ng, initialised.

    It keeps its state in global variables. A copy of its file gives a second set of them, so that the engine that
    speaks for the agent (app/engines/espeak.py) may live in the same process.
    """

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:  # a file that is loaded may go: nothing is left to clean up
            self._lib: Any = ctypes.CDLL(shutil.copy(_loader().get_library_path(), folder))
        data = str(_loader().get_data_path()).encode()
        options = _INITIALIZE_PHONEME_EVENTS | _INITIALIZE_DONT_EXIT
        if (rate_hz := self._lib.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 200, data, options)) != ESPEAK_HZ:
            raise RuntimeError(f"espeak-ng cannot start (espeak_Initialize returned {rate_hz})")
        self._lib.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self._callback = _Callback(self._collect)  # kept: the library holds only its address
        self._lib.espeak_SetSynthCallback(self._callback)
        self._pcm = bytearray()
        self._events: list[tuple[int, int, str]] = []

    def close(self) -> None:
        self._lib.espeak_Terminate()
        _ctypes.dlclose(self._lib._handle)

    def synthesise(self, text: str, speaker: Speaker) -> tuple[NDArray[np.float32], list[tuple[int, int, str]]]:
        """Samples at ESPEAK_HZ and events: sample, and the character of a word or else -1 and a phoneme's name."""
        self._pcm, self._events = bytearray(), []
        lib = self._lib
        if lib.espeak_SetVoiceByName(speaker.voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {speaker.voice!r}")
        for parameter, value in (
            (_RATE, speaker.words_per_minute),
            (_PITCH, speaker.pitch),
            (_RANGE, speaker.pitch_range),
            (_WORD_GAP, speaker.word_gap),
        ):
            lib.espeak_SetParameter(parameter, value, 0)
        lib.espeak_ng_SetRandSeed(ctypes.c_long(speaker.tremble))
        encoded = text.encode()
        if (code := lib.espeak_Synth(encoded, len(encoded) + 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)) != 0:
            raise RuntimeError(f"espeak_Synth returned {code}")
        samples: NDArray[np.float32] = np.frombuffer(bytes(self._pcm), "<i2").astype(np.float32) / np.float32(32768)
        return samples, self._events

    def _collect(self, samples: int | None, count: int, events: Any) -> int:
        at = 0
        while (event := events[at]).type != _EVENT_LIST_END:
            if event.type == _EVENT_WORD:
                self._events.append((event.sample, event.text_position - 1, ""))
            elif event.type == _EVENT_PHONEME:
                name = event.id.string.decode("utf-8", "ignore").strip(_STRESS_AND_LIAISON_MARKS)
                self._events.append((event.sample, -1, name or "_"))
            at += 1
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, count * 2)
        return 0


_library = functools.cache(_Library)
