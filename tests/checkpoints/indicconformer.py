"""IndicConformer's assets in miniature: the published files, names and shapes, and a language of loudness.

Needs torch and onnx: test modules that import this begin with `pytest.importorskip`. The preprocessor measures loudness
in steps, the encoder makes one of eight frames, and both decoders write the piece of that number. So `tone` speaks what
these networks understand, and a decoder that is fed wrongly writes something else:

- The tokens of another language score higher everywhere in the CTC decoder: without the mask nothing is right.
- The RNNT decoder says a piece once, since its prediction takes the last piece away, and counts in its second state: it
  falls silent after `MOST_PIECES`. Begun with another token than the blank of all languages, it says nothing.
"""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from telephony.events import RATE_HZ

PIECES = ("▁ನನ್ನ", "▁ಬಿಲ್", "▁ಎ", "ಷ್ಟು", "▁ಹೌ", "ದು")
MOST_PIECES = 5
_OTHERS = 4
"""Tokens of another language, before Kannada's."""
_ALL = _OTHERS + len(PIECES) + 1
_LEVEL = 0.06
"""Mean absolute amplitude of a step of loudness."""
_STEP_S = 0.08
_FLOAT, _INT32, _INT64 = TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64


def tone(pieces: Sequence[int], steps: int = 3) -> bytes:
    """8 kHz int16 that says `pieces`, each for so many encoder steps, with a step of silence after it."""
    times = np.arange(round(steps * _STEP_S * RATE_HZ)) / RATE_HZ
    silence = np.zeros(round(_STEP_S * RATE_HZ))
    wave = np.sin(2 * np.pi * 400 * times) * np.pi / 2 * _LEVEL  # its mean absolute value is a step
    said = [part for piece in pieces for part in (wave * (piece + 1), silence)]
    return (np.concatenate([silence, *said]) * 32767).astype(np.int16).tobytes()


class _Loudness(torch.nn.Module):  # type: ignore[misc]  # torch is not there for checking
    """`input_signal` [B, samples] at 16 kHz to [B, 80, frames of 10 ms], all bands alike."""

    def forward(self, input_signal: torch.Tensor, length: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        frames = input_signal.shape[1] // 160
        level = input_signal[:, : frames * 160].reshape(-1, frames, 160).abs().mean(2) / 0.06
        return level.unsqueeze(1).repeat(1, 80, 1), torch.div(length, 160, rounding_mode="floor")


def write(folder: Path) -> Path:
    """The assets under `folder`/assets, as the hub has them."""
    assets = folder / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*torch.jit.* is deprecated", DeprecationWarning)
        torch.jit.script(_Loudness()).save(str(assets / "preprocessor.ts"))
    for name, model in _networks().items():
        onnx.checker.check_model(model)
        onnx.save(model, str(assets / f"{name}.onnx"))
    mask = [False] * _OTHERS + [True] * (len(PIECES) + 1)
    others = [not each for each in mask[:-1]] + [True]
    (assets / "vocab.json").write_text(json.dumps({"hi": ["▁क"] * _OTHERS, "kn": list(PIECES)}), encoding="utf-8")
    (assets / "language_masks.json").write_text(json.dumps({"hi": others, "kn": mask}), encoding="utf-8")
    return folder


def _networks() -> dict[str, Any]:
    count = len(PIECES)
    return {
        "encoder": _encoder(count + 1),
        "ctc_decoder": _ctc(count),
        "joint_enc": _linear(np.eye(count + 1, count, -1), ["B", "T", count + 1]),
        "rnnt_decoder": _prediction(count),
        "joint_pred": _linear(np.eye(count), [1, 1, count]),
        "joint_pre_net": _model([helper.make_node("Identity", ["input"], ["output"])], [_value("input", [1, 1, count])],
                                [_value("output", [1, 1, count])]),
        "joint_post_net_kn": _linear(np.eye(count, count + 1), [1, 1, count], bias=[0.0] * count + [0.5]),
    }  # fmt: skip


def _encoder(levels: int) -> Any:
    """[B, 80, T] to [B, levels, T/8]: how near the loudness is to each level, silence being the first."""
    nodes = [
        helper.make_node("ReduceMean", ["audio_signal"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("AveragePool", ["mean"], ["level"], kernel_shape=[8], strides=[8]),
        helper.make_node("Sub", ["level", "levels"], ["off"]),
        helper.make_node("Abs", ["off"], ["far"]),
        helper.make_node("Sub", ["one", "far"], ["near"]),
        helper.make_node("Relu", ["near"], ["outputs"]),
        helper.make_node("Div", ["length", "eight"], ["encoded_lengths"]),
    ]
    constants = {
        "levels": np.arange(levels, dtype=np.float32).reshape(1, levels, 1),
        "one": np.float32(1),
        "eight": np.int64(8),
    }
    inputs = [_value("audio_signal", ["B", 80, "T"]), _value("length", ["B"], _INT64)]
    outputs = [_value("outputs", ["B", levels, "S"]), _value("encoded_lengths", ["B"], _INT64)]
    return _model(nodes, inputs, outputs, constants)


def _ctc(count: int) -> Any:
    weights = np.zeros((count + 1, _ALL), np.float32)
    weights[0, -1] = 1  # silence is the blank
    weights[1:, _OTHERS:-1] = np.eye(count)
    bias = np.zeros(_ALL, np.float32)
    bias[:_OTHERS] = 9
    nodes = [
        helper.make_node("Transpose", ["encoder_output"], ["states"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["states", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "bias"], ["biased"]),
        helper.make_node("LogSoftmax", ["biased"], ["logprobs"], axis=-1),
    ]
    inputs, outputs = [_value("encoder_output", ["B", count + 1, "S"])], [_value("logprobs", ["B", "S", _ALL])]
    return _model(nodes, inputs, outputs, {"weights": weights, "bias": bias})


def _prediction(count: int) -> Any:
    """A piece as minus one in its place. The second state counts predictions; past the most, all places sink."""
    table = np.zeros((_ALL, count), np.float32)
    table[:count] = -np.eye(count)
    table[count:-1] = -9  # no piece, and not what a text begins with
    nodes = [
        helper.make_node("Gather", ["table", "targets"], ["piece"]),
        helper.make_node("Add", ["states.1", "piece"], ["states"]),
        helper.make_node("Add", ["onnx::Slice_3", "one"], ["162"]),
        helper.make_node("ReduceMax", ["onnx::Slice_3"], ["count"], axes=[0], keepdims=0),
        helper.make_node("Sub", ["count", "most"], ["over"]),
        helper.make_node("Relu", ["over"], ["sink"]),
        helper.make_node("Sub", ["piece", "sink"], ["hidden"]),
        helper.make_node("Transpose", ["hidden"], ["outputs"], perm=[0, 2, 1]),
        helper.make_node("Identity", ["target_length"], ["prednet_lengths"]),
    ]
    states = [2, "B", count], [2, 1, count]
    inputs = [
        _value("targets", ["B", "U"], _INT32),
        _value("target_length", ["B"], _INT32),
        _value("states.1", states[0]),
        _value("onnx::Slice_3", states[1]),
    ]
    outputs = [
        _value("outputs", ["B", count, "U"]),
        _value("prednet_lengths", ["B"], _INT32),
        _value("states", states[0]),
        _value("162", states[1]),
    ]
    constants = {"table": table, "one": np.float32(1), "most": np.float32(MOST_PIECES - 1)}
    return _model(nodes, inputs, outputs, constants)


def _linear(weights: Any, shape: list[Any], bias: Sequence[float] = ()) -> Any:
    """`input` times `weights`, with a bias."""
    added = np.array(bias, np.float32) if bias else np.zeros(weights.shape[1], np.float32)
    nodes = [
        helper.make_node("MatMul", ["input", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "bias"], ["output"]),
    ]
    outputs = [_value("output", [*shape[:-1], weights.shape[1]])]
    return _model(nodes, [_value("input", shape)], outputs, {"weights": weights.astype(np.float32), "bias": added})


def _value(name: str, shape: Sequence[Any], kind: int = _FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, list(shape))


def _model(nodes: list[Any], inputs: list[Any], outputs: list[Any], constants: Any = ()) -> Any:
    initial = [numpy_helper.from_array(np.asarray(value), name) for name, value in dict(constants).items()]
    graph = helper.make_graph(nodes, "miniature", inputs, outputs, initial)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
