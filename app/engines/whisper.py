"""Speech to text by Whisper on CTranslate2, through faster-whisper's tokenizer and log-mel features.

A caller's turn is short, so the encoder gets only the frames there are, not Whisper's 30 s of padding: that is most of
the time saved. Turns that end at the same moment are encoded and decoded as one batch.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from app.config import Settings, SttSettings
from app.engines.base import EngineUnavailable
from app.engines.need import need_files, need_module
from app.engines.worker import Worker
from app.models import demo_pack
from app.models.store import located
from telephony.events import FRAME_SAMPLES, RATE_HZ

Pcm = npt.NDArray[np.int16]

QUIET_RMS = 58
"""A 20 ms frame below this, -55 dBFS, holds no voice: a phone line's own noise is about there."""
_ROUND_FRAMES = 50
_LEAST_FRAMES = 100
"""Encoder input in 10 ms frames: whole half seconds, at least one second. With less, models repeat themselves."""
_TOKENS_PER_S = 40
_MOST_EAR_S = 120
_FILES = ("model.bin", "config.json", "tokenizer.json")


class WhisperStt:
    """A CTranslate2 Whisper model that speaks Kannada. Raises EngineUnavailable when `folder` does not hold one."""

    def __init__(self, folder: Path, settings: SttSettings) -> None:
        need_files(folder, _FILES, "a CTranslate2 Whisper model", "stt.model")
        faster_whisper = need_module("faster_whisper", extra="ctranslate2")
        tokenizer = need_module("faster_whisper.tokenizer", extra="ctranslate2").Tokenizer
        try:
            self._model: Any = faster_whisper.WhisperModel(
                str(folder),
                device=settings.device,
                compute_type=settings.compute_type,
                cpu_threads=settings.threads,
                local_files_only=True,
            )
            self._tokenizer: Any = tokenizer(self._model.hf_tokenizer, True, task="transcribe", language="kn")
        except Exception as error:  # the libraries raise bare exceptions for a file they cannot read
            raise EngineUnavailable(f"{folder}: not a usable CTranslate2 Whisper model: {error}") from error
        if not self._model.model.is_multilingual:
            raise EngineUnavailable(f"{folder}: this Whisper model knows English only; stt.model must know Kannada")
        self._features: Any = self._model.feature_extractor
        self._prompt: list[int] = self._model.get_prompt(self._tokenizer, [], without_timestamps=True)
        self._beam = settings.beam
        self._max_batch = settings.max_batch
        self._worker: Worker[bytes, str] = Worker("stt", self._transcribe, max_batch=settings.max_batch)

    def listen(self) -> "WhisperEar":
        return WhisperEar(self._worker)

    async def warm_up(self) -> None:
        noise = np.random.default_rng(0).integers(-999, 999, self._window_samples, dtype=np.int16)
        await self._worker.submit(noise[:RATE_HZ].tobytes())
        await self._worker.submit(noise.tobytes())

    async def aclose(self) -> None:
        await self._worker.aclose()

    @property
    def _window_samples(self) -> int:
        """The longest the model hears at once, in 8 kHz samples; its preprocessor_config.json says it."""
        return int(self._features.chunk_length * RATE_HZ)

    # Everything below runs on the worker's thread.

    def _transcribe(self, turns: list[bytes]) -> list[str]:
        windows: list[tuple[int, Pcm]] = []
        for turn, pcm in enumerate(turns):
            pieces = cut_at_quiet(np.frombuffer(pcm, np.int16), self._window_samples)
            windows += [(turn, piece) for piece in pieces if not is_quiet(piece)]
        texts: list[list[str]] = [[] for _ in turns]
        for at in range(0, len(windows), self._max_batch):
            batch = windows[at : at + self._max_batch]
            for (turn, _), text in zip(batch, self._decode([pcm for _, pcm in batch]), strict=True):
                texts[turn].append(text)
        return [" ".join(filter(None, parts)) for parts in texts]

    def _decode(self, windows: list[Pcm]) -> list[str]:
        features = [self._log_mel(window) for window in windows]
        frames = max(_LEAST_FRAMES, *(-(-each.shape[1] // _ROUND_FRAMES) * _ROUND_FRAMES for each in features))
        frames = min(frames, self._features.nb_max_frames)
        batch = np.zeros((len(features), features[0].shape[0], frames), np.float32)
        for row, each in zip(batch, features, strict=True):
            row[:, : each.shape[1]] = each[:, :frames]
        results = self._model.model.generate(
            self._model.encode(batch),
            [self._prompt] * len(windows),
            beam_size=self._beam,
            max_length=min(self._model.max_length, len(self._prompt) + 16 + frames * _TOKENS_PER_S // 100),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [self._text(result) for result in results]

    def _log_mel(self, window: Pcm) -> npt.NDArray[np.float32]:
        audio = soxr.resample(window.astype(np.float32) / 32768, RATE_HZ, self._features.sampling_rate)
        features: npt.NDArray[np.float32] = self._features(audio)
        return features[:, :-1]  # the last frame is faster-whisper's padding

    def _text(self, result: Any) -> str:
        if result.no_speech_prob > 0.6 and result.scores[0] < -1:  # Whisper's own rule for "nobody spoke"
            return ""
        tokens = [token for token in result.sequences_ids[0] if token < self._tokenizer.eot]
        return str(self._tokenizer.decode(tokens)).strip()


class WhisperEar:
    """Collects one turn. It keeps the last two minutes, far more than the call core lets a turn last."""

    def __init__(self, worker: Worker[bytes, str]) -> None:
        self._worker = worker
        self._pcm = bytearray()
        self._text = ""
        self._heard = 0
        """Bytes of `_pcm` that `_text` covers."""

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm
        if (excess := len(self._pcm) - _MOST_EAR_S * RATE_HZ * 2) > 0:
            del self._pcm[:excess]
            self._heard = 0

    async def finish(self) -> str:
        pcm = bytes(self._pcm[: len(self._pcm) // 2 * 2])
        if self._heard and is_quiet(np.frombuffer(pcm, np.int16, offset=self._heard)):
            return self._text  # silence was all that came since
        text = await self._worker.submit(pcm, urgent=True) if pcm else ""
        self._text, self._heard = text, len(pcm)
        return text


def is_quiet(pcm: Pcm) -> bool:
    """No 20 ms frame of `pcm` is loud enough to be voice."""
    whole = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float32)
    return not len(whole) or bool(np.max(np.mean(whole * whole, axis=1)) < QUIET_RMS**2)


def cut_at_quiet(pcm: Pcm, most: int) -> Sequence[Pcm]:
    """`pcm` in pieces of at most `most` samples, each cut at the quietest 100 ms of its last two fifths."""
    pieces = []
    while len(pcm) > most:
        first, width = most * 3 // 5, RATE_HZ // 10
        energy = np.cumsum(np.square(pcm[first:most].astype(np.float64)))
        cut = first + int(np.argmin(energy[width:] - energy[:-width])) + width // 2
        pieces.append(pcm[:cut])
        pcm = pcm[cut:]
    return [*pieces, pcm]


def load(settings: Settings) -> WhisperStt:
    folder = located(settings, settings.stt.model) if settings.stt.model else demo_pack() / "stt"
    return WhisperStt(folder, settings.stt)
