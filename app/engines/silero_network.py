"""The Silero network: windows of many calls in, one run, a probability of voice for each out. Blocks; knows no call."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engines.base import EngineUnavailable
from app.engines.need import need_module

MOST_CALLS = 64
"""Windows in one run: more would make the first wait for the last."""

# The model wants 16 kHz: 512 new samples after the 64 before them. We cut windows at 8 kHz and double the rate in the
# batch, by a half-band filter of 16 taps that needs 7 samples before the window and 8 after it.
NEW, _CONTEXT, _TAPS = 256, 32, 16
SPAN = _TAPS // 2 - 1 + _CONTEXT + NEW + _TAPS // 2
"""8 kHz samples a window is judged from; the next one begins `NEW` later."""

Floats = npt.NDArray[np.float32]


def no_state() -> Floats:
    """What the network knows before it has heard anything: the LSTM's hidden and cell values, (2, 128)."""
    return np.zeros((2, 128), np.float32)


class SileroNetwork:
    """The ONNX file that faster-whisper ships. It holds no state of a call, and is run by one thread."""

    def __init__(self) -> None:
        onnxruntime = need_module("onnxruntime", extra="silero")
        assets = Path(need_module("faster_whisper.utils", extra="silero").get_assets_path())
        file = assets / "silero_vad_v6.onnx"
        try:
            graph, self._most = _over_calls(file.read_bytes())
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3  # it warns at each run that outputs are larger than the file declares
            self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own kinds, which it does not export
            raise EngineUnavailable(f"{file}: Silero cannot be loaded: {error}") from error
        phase = np.arange(_TAPS) - (_TAPS - 1) / 2
        taps = np.sinc(phase) * np.kaiser(_TAPS, 5)
        self._taps: Floats = (taps / taps.sum()).astype(np.float32)

    def run(self, spans: list[bytes], states: list[Floats]) -> tuple[Floats, list[Floats]]:
        """Probability of voice and new state, (2, 128), of each window with its state."""
        voice: list[Floats] = []
        new: list[Floats] = []  # a state a window
        for at in range(0, len(spans), self._most):
            pcm = np.frombuffer(b"".join(spans[at : at + self._most]), np.int16).reshape(-1, SPAN)
            h, c = np.stack(states[at : at + self._most], axis=1)[:, np.newaxis]
            probability, h, c = self._session.run(None, {"input": self._doubled(pcm), "h": h, "c": c})
            voice.append(probability)
            new += list(np.stack((h[0], c[0]), axis=1))
        return np.concatenate(voice), new

    def _doubled(self, pcm: npt.NDArray[np.int16]) -> Floats:
        at_8k = pcm.astype(np.float32) / 32768
        at_16k = np.empty((len(pcm), 2 * (_CONTEXT + NEW)), np.float32)
        at_16k[:, 0::2] = at_8k[:, _TAPS // 2 - 1 : -_TAPS // 2]
        at_16k[:, 1::2] = np.lib.stride_tricks.sliding_window_view(at_8k, _TAPS, axis=1) @ self._taps
        return at_16k


def _over_calls(graph: bytes) -> tuple[bytes, int]:
    """The graph changed to take a batch of calls, and how many windows it takes in a run.

    As shipped, its first axis is time: one call's windows, one after the other, through the LSTM. Letting the Transpose
    before the LSTM put that axis in the place of the batch, and the states have as many rows, makes it a batch of
    calls, one window each, with the same weights. Both edits keep the length of the file. A file where they do not fit
    is used as it is, one window a run: the same results, slower.
    """
    transpose, swapped = b"\x0a\x04perm@\x00@\x02@\x01", b"\x0a\x04perm@\x02@\x00@\x01"
    row = b"\x0a\x02\x08\x01\x0a%s\x0a\x03\x08\x80\x01"  # the shape (1, ..., 128) of h and c
    one, any_number = row % b"\x02\x08\x01", row % b"\x02\x12\x00"
    if graph.count(transpose) == 1 and graph.count(one) >= 2:
        return graph.replace(transpose, swapped).replace(one, any_number), MOST_CALLS
    return graph, 1
