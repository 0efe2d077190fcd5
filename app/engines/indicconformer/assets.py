"""The published assets of IndicConformer 600M multilingual: a TorchScript preprocessor, ONNX networks, two JSON files.

| asset | inputs | outputs |
| --- | --- | --- |
| preprocessor.ts | input_signal [B, samples] 16 kHz, length [B] | features [B, 80, frames], lengths [B] |
| encoder.onnx | audio_signal [B, 80, frames], length [B] int64 | outputs [B, width, steps], encoded_lengths [B] |
| ctc_decoder.onnx | encoder_output [B, width, steps] | logprobs [B, steps, all languages' tokens and a blank] |
| joint_enc.onnx | input [B, steps, width] | output [B, steps, joint] |
| rnnt_decoder.onnx | targets [1, 1] int32, target_length [1] int32, states.1, onnx::Slice_3 | outputs [1, hidden, 1], \
states, 162: the LSTM's two states [layers, 1, hidden] |
| joint_pred.onnx | input [1, 1, hidden] | output [1, 1, joint] |
| joint_pre_net.onnx | input [1, 1, joint], the sum of both | output [1, 1, joint] |
| joint_post_net_kn.onnx | input [1, 1, joint] | output [1, 1, Kannada's tokens and a blank] |

`vocab.json` has the pieces of each language, `language_masks.json` which of all tokens are a language's. The blank
comes last, in all tokens and in a language's. The prediction network begins with the former.
"""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from app.config import SttSettings
from app.engines.base import EngineUnavailable
from app.engines.need import need_files, need_module

Head = Literal["ctc", "rnnt"]
LANGUAGE = "kn"
_EXTRA = "indicconformer"
_WHAT = "IndicConformer's assets (encoder.onnx and the files beside it)"
_COMMON = ("preprocessor.ts", "encoder.onnx", "vocab.json", "language_masks.json")
_PREDICTION_INPUTS = ("targets", "target_length", "states.1", "onnx::Slice_3")
_INPUTS: dict[str, tuple[str, ...]] = {
    "encoder": ("audio_signal", "length"),
    "ctc_decoder": ("encoder_output",),
    "joint_enc": ("input",),
    "rnnt_decoder": _PREDICTION_INPUTS,
    "joint_pred": ("input",),
    "joint_pre_net": ("input",),
    f"joint_post_net_{LANGUAGE}": ("input",),
}
_HEADS: dict[Head, tuple[str, ...]] = {
    "ctc": ("ctc_decoder",),
    "rnnt": ("joint_enc", "rnnt_decoder", "joint_pred", "joint_pre_net", f"joint_post_net_{LANGUAGE}"),
}
_HEAVY = ("encoder", "ctc_decoder", "joint_enc")
"""On the GPU, if there is one. The rest runs once a token: going there and back would cost more than the work."""


@dataclass(frozen=True, slots=True)
class Assets:
    """Loaded, with the networks of one head."""

    preprocessor: Any
    networks: dict[str, Any]
    pieces: Sequence[str]
    """Kannada's, in the order of its own token numbers."""
    mask: npt.NDArray[np.bool_]
    """Which of all tokens are Kannada's."""

    @property
    def blank(self) -> int:
        """Among Kannada's tokens."""
        return int(self.mask.sum()) - 1

    @property
    def first_token(self) -> int:
        """What the prediction network begins with: the blank among all tokens."""
        return len(self.mask) - 1

    def run(self, network: str, **inputs: Any) -> list[Any]:
        """All outputs of a network with one input or of named ones."""
        result: list[Any] = self.networks[network].run(None, inputs)
        return result


def load_assets(folder: Path, settings: SttSettings) -> Assets:
    """The assets in `folder`, or in `assets` within it as the hub has them. Raises EngineUnavailable."""
    folder = folder / "assets" if (folder / "assets").is_dir() else folder
    names = ("encoder", *_HEADS[settings.head])
    need_files(folder, (*_COMMON, *(f"{name}.onnx" for name in names[1:])), _WHAT, "stt.model")
    torch = need_module("torch", extra=_EXTRA)
    runtime = need_module("onnxruntime", extra=_EXTRA)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*torch.jit", DeprecationWarning)  # it is how the file was published
            preprocessor = torch.jit.load(folder / "preprocessor.ts", map_location="cpu").eval()
        networks = {name: _session(runtime, folder / f"{name}.onnx", settings) for name in names}
        pieces = json.loads((folder / "vocab.json").read_bytes())[LANGUAGE]
        mask = np.array(json.loads((folder / "language_masks.json").read_bytes())[LANGUAGE])
    except EngineUnavailable:
        raise
    except Exception as error:  # the libraries raise bare exceptions for a file they cannot read
        raise EngineUnavailable(f"{folder}: not usable as {_WHAT}: {error}") from error
    for name, session in networks.items():
        if missing := set(_INPUTS[name]) - {each.name for each in session.get_inputs()}:
            raise EngineUnavailable(f"{folder}/{name}.onnx: it has no input {', '.join(sorted(missing))}")
    if mask.dtype != np.bool_ or mask.ndim != 1 or not len(mask) or not mask[-1] or len(pieces) < mask.sum() - 1:
        raise EngineUnavailable(f"{folder}: vocab.json and language_masks.json do not fit each other for {LANGUAGE}")
    return Assets(preprocessor, networks, pieces, mask)


def _session(runtime: Any, file: Path, settings: SttSettings) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = settings.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    providers: list[Any] = ["CPUExecutionProvider"]
    if settings.device == "cuda" and file.stem in _HEAVY:
        if "CUDAExecutionProvider" not in runtime.get_available_providers():
            raise EngineUnavailable("this onnxruntime has no CUDA: install onnxruntime-gpu in its place")
        # By default cuDNN tries every algorithm anew for each length of input, which takes far longer than the work.
        tuned = {"cudnn_conv_algo_search": "DEFAULT", "cudnn_conv1d_pad_to_nc1d": "1"}
        providers.insert(0, ("CUDAExecutionProvider", tuned))
    return runtime.InferenceSession(str(file), sess_options=options, providers=providers)
