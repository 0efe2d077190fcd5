"""Text to speech by espeak-ng, in process, through ctypes and the library that `espeakng-loader` brings.

espeak-ng keeps one state a process, so there is one library object and a lock around it. It makes a second of speech in
about a millisecond, so one thread serves every call. It is GPL-3.0-or-later: see the extra in pyproject.toml.
Functions and constants are those of speak_lib.h, version 1.52.
"""

import ctypes
import functools
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from app.config import Settings
from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.clause import Clause, ClauseWorker
from app.engines.need import need_module

RATE_HZ = 22050
CHUNK_MS = 50
_MOST_CHARACTERS = 4000

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_POS_CHARACTER = 1
_CHARS_UTF8 = 1
_PARAMETER_RATE = 1
_CONTINUE, _ABORT = 0, 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Library:
    """libespeak-ng, initialised. Its methods may be called from any thread."""

    def __init__(self) -> None:
        loader = need_module("espeakng_loader", extra="espeak")
        try:
            self._lib = ctypes.CDLL(str(loader.get_library_path()))
        except OSError as error:
            raise EngineUnavailable(f"libespeak-ng cannot be loaded: {error}") from error
        self._lib.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        data = str(loader.get_data_path()).encode()
        rate_hz = self._lib.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, CHUNK_MS, data, _INITIALIZE_DONT_EXIT)
        if rate_hz != RATE_HZ:
            raise EngineUnavailable(f"espeak-ng cannot start (espeak_Initialize returned {rate_hz})")
        self._variants = {path.name for path in (Path(loader.get_data_path()) / "voices" / "!v").iterdir()}
        self._callback = _Callback(self._hand_over)  # kept: the library holds only its address
        self._lib.espeak_SetSynthCallback(self._callback)
        self._lock = threading.Lock()
        self._put: Callable[[bytes], bool] = lambda chunk: False

    def choose_voice(self, voice: str, words_per_minute: int) -> None:
        """Raises EngineUnavailable when there is no such voice."""
        with self._lock:
            self._choose(voice, words_per_minute)

    def speak(self, text: str, voice: str, words_per_minute: int, put: Callable[[bytes], bool]) -> None:
        """Call `put` with each chunk of `text` spoken, until it returns False. Blocks meanwhile."""
        encoded = text.encode()
        with self._lock:
            self._choose(voice, words_per_minute)
            self._put = put
            code = self._lib.espeak_Synth(encoded, len(encoded) + 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        if code != 0:
            raise EngineFailed(f"espeak_Synth returned {code}")

    def _choose(self, voice: str, words_per_minute: int) -> None:
        _, plus, variant = voice.partition("+")
        known = not plus or variant in self._variants  # espeak itself takes any variant for none
        if not known or self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise EngineUnavailable(f"espeak-ng has no voice {voice!r}; tts.voice may be kn, kn+f2, kn+m3, ...")
        self._lib.espeak_SetParameter(_PARAMETER_RATE, words_per_minute, 0)

    def _hand_over(self, samples: int | None, count: int, events: int | None) -> int:
        if not samples or count <= 0:
            return _CONTINUE
        return _CONTINUE if self._put(ctypes.string_at(samples, count * 2)) else _ABORT


library = functools.cache(Library)


class EspeakTts:
    """Digits and symbols should be spelled before: espeak's Kannada reads some of them badly, and skips others."""

    def __init__(self, voice: str, words_per_minute: int) -> None:
        self._library = library()
        self._library.choose_voice(voice, words_per_minute)
        self._voice = voice
        self._words_per_minute = words_per_minute
        self._clauses = ClauseWorker(self._speak, _MOST_CHARACTERS)

    @property
    def rate_hz(self) -> int:
        return RATE_HZ

    def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        return self._clauses.speak(text, urgent=urgent)

    async def warm_up(self) -> None:
        async with aclosing(self.speak("ನಮಸ್ಕಾರ")) as chunks:
            async for _ in chunks:
                pass

    async def aclose(self) -> None:
        await self._clauses.aclose()

    def _speak(self, clause: Clause) -> None:
        self._library.speak(clause.text, self._voice, self._words_per_minute, clause.stream.put)


def load(settings: Settings) -> EspeakTts:
    return EspeakTts(settings.tts.voice, settings.tts.words_per_minute)
