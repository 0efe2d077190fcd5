"""Make the embedded demo call: `python -m app.demo.record` writes kn_desk_synthesised.wav and .toml beside this file.

Nobody recorded this call: espeak-ng speaks the caller's part, through the band, the level and the noise of a telephone
line. The sentences were chosen from those the demo models understand, and they are checked against the recogniser at
the end. So the call shows that everything works together, and nothing about how well people are understood.
"""

import asyncio
import audioop
import ctypes
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from app.config import Settings
from app.demo.audio import mulaw_wav
from app.demo.script import load_script
from app.engines import whisper
from app.engines.espeak import RATE_HZ as ESPEAK_HZ, library
from app.engines.need import need_module
from telephony.events import RATE_HZ

VOICE = "kn+f3"
WORDS_PER_MINUTE = 165
LEVEL_DBFS = -22.0
NOISE_DB = 24.0
"""The line's noise lies so far under the voice."""
BAND_HZ = (300, 3400)
SEED = 1956
BACKGROUND_S = 1.0
PAUSE_S = 0.6

HERE = Path(__file__).parent
NAME = "kn_desk_synthesised"
TITLE = "A call to the electricity desk"
NOTE = (
    "The caller is synthesised: espeak-ng speaks sentences that were chosen because the demo models understand them. "
    "This shows that the pipeline works, not how well it understands people."
)


@dataclass(frozen=True, slots=True)
class Line:
    kannada: str
    english: str
    when: str = "after_agent_s = 0.6"


CALL = (
    Line("ನಮಸ್ಕಾರ ನನ್ನ ಬಿಲ್ ಎಷ್ಟು", "hello how much is my bill"),
    Line("ನನ್ನ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು", "my customer number is 4521"),
    Line("ಹೌದು ಸರಿ", "yes that is right"),
    Line("ಬಿಲ್ ಕಟ್ಟಲು ಕೊನೆಯ ದಿನ ಯಾವುದು", "what is the last day to pay the bill"),
    Line("ನಮ್ಮ ಮನೆಗೆ ಬೆಳಿಗ್ಗೆಯಿಂದ ಕರೆಂಟ್ ಇಲ್ಲ", "our house has had no power since morning"),
    Line("ಕರೆಂಟ್ ಯಾವಾಗ ಬರುತ್ತದೆ", "when will the power come back", "barge_in_s = 1.2"),
    Line("ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ", "say that again"),
    Line("ಸರಿ ಧನ್ಯವಾದ", "okay thank you"),
    Line("ಬೇಡ", "not needed"),
)


def speak(text: str) -> NDArray[np.float64]:
    """`text` as a caller's telephone passes it on: 8 kHz, limited to the band, at one loudness, without the noise."""
    pcm = bytearray()

    def put(chunk: bytes) -> bool:
        pcm.extend(chunk)
        return True

    speaker = library()
    # The voice trembles at random. dlopen gives the library that is loaded already.
    loader = need_module("espeakng_loader", extra="espeak")
    ctypes.CDLL(str(loader.get_library_path())).espeak_ng_SetRandSeed(ctypes.c_long(SEED))
    speaker.speak(text, VOICE, WORDS_PER_MINUTE, put)
    voice = in_band(soxr.resample(np.frombuffer(bytes(pcm), np.int16).astype(np.float64), ESPEAK_HZ, RATE_HZ))
    loud = np.flatnonzero(np.abs(voice) > np.abs(voice).max() / 100)
    voice = voice[loud[0] : loud[-1] + 1]
    return voice / rms(voice)


def in_band(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Butterworth slopes at both ends of the telephone band, applied without phase shift."""
    hz = np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE_HZ), 1.0)
    low, high = BAND_HZ
    gain = 1 / np.sqrt((1 + (low / hz) ** 8) * (1 + (hz / high) ** 16))
    return np.fft.irfft(np.fft.rfft(samples) * gain, len(samples))


def rms(samples: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def record() -> tuple[bytes, str]:
    """The recording, mu-law, and its cue sheet."""
    parts = [np.zeros(round(BACKGROUND_S * RATE_HZ))]
    cues = [f'audio = "{NAME}.wav"', f'title = "{TITLE}"', f'note = "{NOTE}"', f"background_s = {BACKGROUND_S}"]
    for line in CALL:
        start = sum(map(len, parts))
        parts += [speak(line.kannada), np.zeros(round(PAUSE_S * RATE_HZ))]
        end = start + len(parts[-2])
        cues.append(
            f"\n[[say]]\nstart_s = {start / RATE_HZ:.4f}\nend_s = {end / RATE_HZ:.4f}\n{line.when}\n"
            f'kannada = "{line.kannada}"\nenglish = "{line.english}"'
        )
    voice = np.concatenate(parts)
    noise = in_band(np.random.default_rng(SEED).standard_normal(len(voice)))
    mixed = (voice + noise / rms(noise) * 10 ** (-NOISE_DB / 20)) * 10 ** (LEVEL_DBFS / 20)
    pcm = (np.clip(mixed, -1, 1) * 32767).astype("<i2").tobytes()
    head = "# Written by `python -m app.demo.record`, which explains it.\n"
    return audioop.lin2ulaw(pcm, 2), head + "\n".join(cues) + "\n"


async def misheard(path: Path) -> list[str]:
    """What the demo recogniser makes of each utterance, where that is not what was said."""
    script = load_script(path)
    stt = whisper.load(Settings())
    wrong = []
    for cue in script.cues:
        ear = stt.listen()
        noise = audioop.ulaw2lin(script.background, 2)
        ear.feed(noise[: RATE_HZ * 3 // 5] + audioop.ulaw2lin(script.utterance(cue), 2) + noise[: RATE_HZ * 2 // 5])
        if (heard := await ear.finish()) != cue.kannada:
            wrong.append(f"{cue.kannada} was heard as {heard}")
    await stt.aclose()
    return wrong


def main() -> int:
    mulaw, cues = record()
    (HERE / f"{NAME}.wav").write_bytes(mulaw_wav(mulaw))
    (HERE / f"{NAME}.toml").write_text(cues, encoding="utf-8")
    wrong = asyncio.run(misheard(HERE / f"{NAME}.toml"))
    print("\n".join(wrong) or f"{len(CALL)} utterances, {len(mulaw) / RATE_HZ:.1f} s, all recognised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
