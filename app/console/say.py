"""`kva agent say`: hear the configured voice."""

import asyncio
import shutil
import subprocess
import sys
import time
import wave
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from app.clauses import ClauseCutter
from app.config import ConfigError, Settings
from app.console.translators import translators_know
from app.desk import open_desk
from app.engines.base import TextToSpeech
from app.engines.table import load_engine
from app.kannada.lexicon import has_kannada
from app.kannada.spoken import for_voice
from telephony.audio import Resampler, decode, encode
from telephony.events import RATE_HZ

_PLAYERS = (("aplay", "-q"), ("afplay",), ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"))


@dataclass(frozen=True, slots=True)
class Sound:
    """int16 mono."""

    rate_hz: int
    pcm: bytes
    first_s: float
    """From the Kannada words to their first sound."""

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.rate_hz


def say(text: str, settings: Settings, out: Console, *, to: Path, wide: bool) -> None:
    """Speak, write `to`, and play it where somebody listens. Raises ConfigError and EngineError."""
    if not has_kannada(text):
        settings = _translating(settings)
    kannada, sound = asyncio.run(_spoken(text, settings, wide=wide))
    _write(to, sound)
    if kannada != text:
        out.print(kannada, markup=False, highlight=False, soft_wrap=True)
    out.print(
        f"first sound after {sound.first_s * 1000:.0f} ms, {sound.seconds:.2f} s long, {sound.rate_hz} Hz: {to}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    player = next((player for player in _PLAYERS if shutil.which(player[0])), None)
    if player and sys.stdout.isatty():
        subprocess.run([*player, str(to)], check=False)  # noqa: S603


def _translating(settings: Settings) -> Settings:
    """Those of the desk, whose names are shielded. Raises ConfigError when its translators are of no use."""
    desk = open_desk(settings)
    if desk.settings.translation.engine == "none":
        raise ConfigError('translation.engine = "none": nothing is translated; give the words in Kannada')
    if not translators_know(desk):
        raise ConfigError("the demo translators do not know this desk's English; give the words in Kannada")
    return desk.settings


async def _spoken(text: str, settings: Settings, *, wide: bool) -> tuple[str, Sound]:
    """The words in Kannada and their sound."""
    kannada = text if has_kannada(text) else await _translated(text, settings)
    tts: TextToSpeech = load_engine("tts", settings)
    try:
        await tts.warm_up()
        pcm, first_s = await _sound(kannada, tts)
    finally:
        await tts.aclose()
    return kannada, Sound(tts.rate_hz, pcm, first_s) if wide else Sound(RATE_HZ, _narrow(pcm, tts.rate_hz), first_s)


async def _translated(text: str, settings: Settings) -> str:
    translator = load_engine("to_kannada", settings)
    try:
        return " ".join([await translator.translate(clause) for clause in _clauses(text)])
    finally:
        await translator.aclose()


async def _sound(kannada: str, tts: TextToSpeech) -> tuple[bytes, float]:
    pcm, first_s, began = b"", 0.0, time.perf_counter()
    for clause in _clauses(kannada):
        async with aclosing(tts.speak(for_voice(clause), urgent=True)) as chunks:
            async for chunk in chunks:
                first_s = first_s or time.perf_counter() - began
                pcm += chunk
    return pcm, first_s


def _clauses(text: str) -> list[str]:
    """As a reply is cut for translation and voice."""
    cutter = ClauseCutter()
    return [*cutter.push(text), *cutter.flush()]


def _narrow(pcm: bytes, rate_hz: int) -> bytes:
    """As the caller hears it: 8 kHz mu-law."""
    resampler = Resampler(rate_hz, RATE_HZ)
    return decode("mulaw", encode("mulaw", resampler.push(pcm) + resampler.flush()))


def _write(to: Path, sound: Sound) -> None:
    try:
        with to.open("wb") as opened, wave.open(opened, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(sound.rate_hz)
            file.writeframes(sound.pcm)
    except OSError as error:
        raise ConfigError(f"--out {to}: cannot be written: {error.strerror}") from error
