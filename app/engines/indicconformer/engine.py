"""IndicConformer 600M multilingual (AI4Bharat): one pass over a turn, by its CTC or its RNNT decoder.

It writes the language it is told to and nothing else, and has no 30 s window and no language model to run away with it.
Turns that wait are encoded as one batch. Their features are computed one by one, since the preprocessor normalises over
everything it is given; the encoder is told each length and passes the padding over.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from app.config import Settings, SttSettings
from app.engines.base import EngineUnavailable, Partial
from app.engines.ear import TurnEar
from app.engines.indicconformer.assets import LANGUAGE, load_assets
from app.engines.indicconformer.decoding import Array, State, collapse, greedy_rnnt, spell
from app.engines.need import need_module
from app.engines.quiet import Pcm
from app.engines.scribe import Scribe
from app.models.store import located
from telephony.events import RATE_HZ

_HEARD_HZ = 16_000
_WINDOW_S = 15
"""Words get lost in much longer ones."""
_WARM_S = 4
_LEAST_SAMPLES = _HEARD_HZ // 5
"""The preprocessor mirrors the signal at its ends, and fails on less than a window of it."""


class IndicConformerStt:
    """Raises EngineUnavailable when `folder` does not hold the assets, or an extra is missing."""

    def __init__(self, folder: Path, settings: SttSettings) -> None:
        self._assets = load_assets(folder, settings)
        self._torch = need_module("torch", extra="indicconformer")
        self._decode = {"ctc": self._ctc, "rnnt": self._rnnt}[settings.head]
        self._scribe = Scribe(
            self._hear,
            max_batch=settings.max_batch,
            window_samples=_WINDOW_S * RATE_HZ,
            partials_s=settings.partials_s,
        )

    def listen(self, partial: Callable[[Partial], None] | None = None) -> TurnEar:
        return TurnEar(self._scribe, partial)

    async def warm_up(self) -> None:
        await self._scribe.warm_up(_WARM_S)

    async def aclose(self) -> None:
        await self._scribe.aclose()

    # Everything below runs on the worker's thread.

    def _hear(self, windows: list[Pcm]) -> list[str]:
        return self._decode(*self._encode(windows))

    def _encode(self, windows: list[Pcm]) -> tuple[Array, Sequence[int]]:
        """Encoder states, windows x width x steps, and how many steps each window has."""
        features = [self._features(window) for window in windows]
        frames = np.array([each.shape[1] for each in features], np.int64)
        batch = np.zeros((len(features), features[0].shape[0], frames.max()), np.float32)
        for row, each in zip(batch, features, strict=True):
            row[:, : each.shape[1]] = each
        encoded, steps = self._assets.run("encoder", audio_signal=batch, length=frames)
        return encoded, [int(count) for count in steps]

    def _features(self, window: Pcm) -> Array:
        audio = soxr.resample(window.astype(np.float32) / 32768, RATE_HZ, _HEARD_HZ)
        audio = np.pad(audio, (0, max(0, _LEAST_SAMPLES - len(audio))))
        torch = self._torch
        with torch.inference_mode():
            features, length = self._assets.preprocessor(
                input_signal=torch.from_numpy(audio)[None], length=torch.tensor([len(audio)])
            )
        wanted: Array = features[0, :, : int(length[0])].numpy()
        return wanted

    def _ctc(self, encoded: Array, lengths: Sequence[int]) -> list[str]:
        (scores,) = self._assets.run("ctc_decoder", encoder_output=encoded)
        paths = np.argmax(scores[:, :, self._assets.mask], axis=-1)
        return [
            spell(collapse(path[:length].tolist(), self._assets.blank), self._assets.pieces)
            for path, length in zip(paths, lengths, strict=True)
        ]

    def _rnnt(self, encoded: Array, lengths: Sequence[int]) -> list[str]:
        """The prediction network takes one text at a time."""
        (frames,) = self._assets.run("joint_enc", input=np.ascontiguousarray(encoded.transpose(0, 2, 1)))
        return [
            spell(self._one_rnnt(each[:length]), self._assets.pieces)
            for each, length in zip(frames, lengths, strict=True)
        ]

    def _one_rnnt(self, frames: Array) -> list[int]:
        return greedy_rnnt(
            [frame[None, None] for frame in frames],
            self._predict,
            self._join,
            first=self._assets.first_token,
            state=self._start_state(),
            blank=self._assets.blank,
        )

    def _start_state(self) -> State:
        """Zeros; a batch dimension of the published network is free or 1."""
        shapes = {each.name: each.shape for each in self._assets.networks["rnnt_decoder"].get_inputs()}
        return tuple(
            np.zeros([size if isinstance(size, int) else 1 for size in shapes[name]], np.float32)
            for name in ("states.1", "onnx::Slice_3")
        )

    def _predict(self, token: int, state: State) -> tuple[Array, State]:
        inputs: dict[str, Any] = {
            "targets": np.array([[token]], np.int32),
            "target_length": np.array([1], np.int32),
            "states.1": state[0],
            "onnx::Slice_3": state[1],
        }
        hidden, _, *after = self._assets.run("rnnt_decoder", **inputs)
        (prediction,) = self._assets.run("joint_pred", input=np.ascontiguousarray(hidden.transpose(0, 2, 1)))
        return prediction, tuple(after)

    def _join(self, frame: Array, prediction: Array) -> Array:
        (mixed,) = self._assets.run("joint_pre_net", input=frame + prediction)
        (scores,) = self._assets.run(f"joint_post_net_{LANGUAGE}", input=mixed)
        result: Array = scores
        return result


def load(settings: Settings) -> IndicConformerStt:
    if settings.stt.model is None:
        raise EngineUnavailable("stt.model must name the folder of IndicConformer's assets")
    return IndicConformerStt(located(settings, settings.stt.model), settings.stt)
