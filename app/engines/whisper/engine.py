"""Whisper on CTranslate2, through faster-whisper's tokenizer and log-mel features.

A caller's turn is short, so the encoder gets only the frames there are, not Whisper's 30 s of padding: that is most of
the time saved, and `stt.short_window` puts the padding back for a model that loses its way without it. Turns that end
at the same moment are encoded and decoded as one batch.

The language is always Kannada. A text with letters of another script is decoded once more without that script's tokens,
and counts as not heard when that does not help: nobody's next engine could make anything of it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from app.config import Settings, SttSettings
from app.engines.base import EngineUnavailable, Partial
from app.engines.ear import TurnEar
from app.engines.need import need_files, need_module
from app.engines.quiet import Pcm
from app.engines.scribe import Scribe
from app.engines.whisper.guards import believable, cut_loops, is_foreign, nobody_spoke
from app.engines.whisper.tokens import foreign_tokens, max_length, prompt_of, tokenizer_of
from app.models import demo_pack
from app.models.store import located
from telephony.events import RATE_HZ

_ROUND_FRAMES = 50
_LEAST_FRAMES = 100
"""Encoder input in 10 ms frames: whole half seconds, at least one second. With less, models repeat themselves."""
_TOKENS_PER_S = 50
"""Fast Kannada: 20 characters a second, of two tokens or a little more in the published vocabulary."""
_TOKENS_AT_LEAST = 16
_MODELS_OWN = -1
"""Stands for the tokens that the model's config.json suppresses."""
_FILES = ("model.bin", "config.json", "tokenizer.json")


class WhisperStt:
    """A CTranslate2 Whisper model that speaks Kannada. Raises EngineUnavailable when `folder` does not hold one."""

    def __init__(self, folder: Path, settings: SttSettings, hotwords: Sequence[str] = ()) -> None:
        need_files(folder, _FILES, "a CTranslate2 Whisper model", "stt.model")
        faster_whisper = need_module("faster_whisper", extra="ctranslate2")
        try:
            self._model: Any = faster_whisper.WhisperModel(
                str(folder),
                device=settings.device,
                compute_type=settings.compute_type,
                cpu_threads=settings.threads,
                local_files_only=True,
            )
            self._tokenizer: Any = tokenizer_of(self._model.hf_tokenizer)
            self._prompt = prompt_of(self._tokenizer, hotwords)
        except Exception as error:  # the libraries raise bare exceptions for a file they cannot read
            raise EngineUnavailable(f"{folder}: not a usable CTranslate2 Whisper model: {error}") from error
        if not self._model.model.is_multilingual:
            raise EngineUnavailable(f"{folder}: this Whisper model knows English only; stt.model must know Kannada")
        self._features: Any = self._model.feature_extractor
        if len(self._features.mel_filters) != self._model.model.n_mels:
            raise EngineUnavailable(
                f"{folder}: preprocessor_config.json is missing or another model's: this one hears "
                f"{self._model.model.n_mels} mel bands"
            )
        self._foreign = foreign_tokens(self._tokenizer)
        self._beam = settings.beam
        self._short_window = settings.short_window
        self._scribe = Scribe(
            self._in_kannada,
            max_batch=settings.max_batch,
            window_samples=self._window_samples,
            partials_s=settings.partials_s,
        )

    def listen(self, partial: Callable[[Partial], None] | None = None) -> TurnEar:
        return TurnEar(self._scribe, partial)

    async def warm_up(self) -> None:
        await self._scribe.warm_up(self._window_samples / RATE_HZ)

    async def aclose(self) -> None:
        await self._scribe.aclose()

    @property
    def _window_samples(self) -> int:
        """The longest that is heard at once, in 8 kHz samples: what the model's preprocessor_config.json says, and no
        more than there are positions for in the decoder."""
        room = self._model.max_length - len(self._prompt) - _TOKENS_AT_LEAST
        return int(min(self._features.chunk_length, room / _TOKENS_PER_S) * RATE_HZ)

    # Everything below runs on the worker's thread.

    def _in_kannada(self, windows: list[Pcm]) -> list[str]:
        texts = self._decode(windows, suppress=[_MODELS_OWN])
        if foreign := [number for number, text in enumerate(texts) if is_foreign(text)]:
            again = self._decode([windows[number] for number in foreign], suppress=[_MODELS_OWN, *self._foreign])
            for number, text in zip(foreign, again, strict=True):
                texts[number] = "" if is_foreign(text) else text
        return texts

    def _decode(self, windows: list[Pcm], suppress: list[int]) -> list[str]:
        longest_s = max(map(len, windows)) / RATE_HZ
        room = self._model.max_length - len(self._prompt)
        tokens = min(room, _TOKENS_AT_LEAST + round(longest_s * _TOKENS_PER_S))
        results = self._model.model.generate(
            self._model.encode(self._batch([self._log_mel(window) for window in windows])),
            [self._prompt] * len(windows),
            beam_size=self._beam,
            max_length=max_length(len(self._prompt), tokens),
            suppress_tokens=suppress,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [self._text(result, len(pcm) / RATE_HZ) for result, pcm in zip(results, windows, strict=True)]

    def _log_mel(self, window: Pcm) -> npt.NDArray[np.float32]:
        audio = soxr.resample(window.astype(np.float32) / 32768, RATE_HZ, self._features.sampling_rate)
        features: npt.NDArray[np.float32] = self._features(audio)
        return features[:, :-1]  # the last frame is faster-whisper's padding

    def _batch(self, features: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        frames = self._features.nb_max_frames
        if self._short_window:
            longest = max(each.shape[1] for each in features)
            frames = min(frames, max(_LEAST_FRAMES, -(-longest // _ROUND_FRAMES) * _ROUND_FRAMES))
        batch = np.zeros((len(features), features[0].shape[0], frames), np.float32)
        for row, each in zip(batch, features, strict=True):
            row[:, : each.shape[1]] = each[:, :frames]
        return batch

    def _text(self, result: Any, seconds: float) -> str:
        if nobody_spoke(result.no_speech_prob, result.scores[0]):
            return ""
        tokens = [token for token in result.sequences_ids[0] if token < self._tokenizer.eot]
        text = cut_loops(str(self._tokenizer.decode(tokens)).replace("\ufffd", "").strip())  # bytes of half a letter
        return text if believable(text, seconds) else ""


def load(settings: Settings) -> WhisperStt:
    folder = located(settings, settings.stt.model) if settings.stt.model else demo_pack() / "stt"
    return WhisperStt(folder, settings.stt, settings.agent.hotwords)
