"""The network of IndicF5: F5-TTS's diffusion transformer (arXiv 2410.06885), as functions over its weights.

It predicts where a noisy mel spectrogram should flow, given the reference's spectrogram and all the text. IndicF5 was
trained with the package's first version: only the first attention head is turned by the position, and the filler after
the text is not masked. Needs torch: import this module lazily.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

Tensor = Any
Weights = Mapping[str, Tensor]

MEL_BANDS = 100
GUIDANCE = 2.0
"""How far to go beyond what text and reference change in the prediction (classifier-free guidance)."""
_TIME_WIDTH, _TIME_SCALE, _BASE = 256, 1000.0, 10000.0
_GROUPS = 16
_BLOCK = "transformer_blocks"


class Stopped(Exception):
    """Nobody wants the clause any more."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a clause is made from, computed once for all its steps. Row 0 knows it; row 1 knows nothing."""

    base: Tensor
    """The input layer's share of reference and text: [2, frames, width]."""
    cosines: Tensor
    sines: Tensor
    """Of the positions: [frames, head width]."""


@dataclass(frozen=True, slots=True)
class _Block:
    query_key_value: tuple[Tensor, Tensor]
    out: tuple[Tensor, Tensor]
    up: tuple[Tensor, Tensor]
    down: tuple[Tensor, Tensor]


class Network:
    """The transformer, for a schedule of `times` that is fixed: what depends on time alone is computed here, once.

    Those layers are two fifths of the parameters, and their weights are not kept.
    """

    def __init__(self, weights: Weights, times: Sequence[float], device: str, dtype: Any) -> None:
        self._dtype = dtype
        self._device = device
        put = {name: tensor.to(device, dtype) for name, tensor in weights.items() if not _timed(name)}
        self._weights: Weights = put
        self._turn = weights["rotary_embed.inv_freq"].to(device, torch.float32)
        self._modulations, self._last = _modulations(weights, times, device, dtype)
        self._blocks = [_block(put, f"{_BLOCK}.{n}") for n in range(self._modulations.shape[1])]

    def given(self, reference: Tensor, text: Tensor, frames: int) -> Given:
        """`reference`: mel [frames of it, 100]; `text`: ids [characters], cut to `frames`, the length of the whole."""
        w = self._weights
        cond = torch.zeros(2, frames, MEL_BANDS, device=self._device, dtype=self._dtype)
        cond[0, : len(reference)] = reference.to(self._dtype)
        ids = torch.zeros(2, frames, dtype=torch.long, device=self._device)
        ids[0, : len(text)] = text[:frames] + 1  # 0 is the filler
        words = F.embedding(ids, w["text_embed.text_embed.weight"])
        words = words + _positions(frames, words.shape[-1], self._device).to(self._dtype)
        for n in range(_count(w, "text_embed.text_blocks")):
            words = _convnext(w, f"text_embed.text_blocks.{n}", words)
        projection = w["input_embed.proj.weight"][:, MEL_BANDS:]
        base = F.linear(torch.cat((cond, words), -1), projection, w["input_embed.proj.bias"])
        angles = torch.arange(frames, device=self._device)[:, None] * self._turn.repeat_interleave(2)
        return Given(base, angles.cos().to(self._dtype), angles.sin().to(self._dtype))

    def flow(self, mel: Tensor, step: int, given: Given, stopped: Callable[[], bool]) -> Tensor:
        """Where `mel` [frames, 100] flows at the step of that number, with guidance; float32.

        Both rows of the guidance go through the network as one batch. Raises Stopped soon after `stopped` says so.
        """
        w = self._weights
        x = given.base + F.linear(mel.to(self._dtype), w["input_embed.proj.weight"][:, :MEL_BANDS])
        x = x + _convolved(w, "input_embed.conv_pos_embed.conv1d", x)
        for block, modulation in zip(self._blocks, self._modulations[step], strict=True):
            if stopped():
                raise Stopped
            x = self._through(block, modulation, x, given)
        scale, shift = self._last[step]
        x = _normed(x) * (1 + scale) + shift
        told, untold = F.linear(x, w["proj_out.weight"], w["proj_out.bias"]).float()
        return told + (told - untold) * GUIDANCE

    def _through(self, block: _Block, modulation: Tensor, x: Tensor, given: Given) -> Tensor:
        shift, scale, gate, shift_up, scale_up, gate_up = modulation
        inner = F.linear(_normed(x) * (1 + scale) + shift, *block.query_key_value)
        width = 2 * len(self._turn)
        query, key, value = inner.unflatten(-1, (3, -1, width)).permute(2, 0, 3, 1, 4)
        query, key = _turned(query, given), _turned(key, given)
        heard = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        x = x + gate * F.linear(heard, *block.out)
        inner = F.gelu(F.linear(_normed(x) * (1 + scale_up) + shift_up, *block.up), approximate="tanh")
        return x + gate_up * F.linear(inner, *block.down)


def _timed(name: str) -> bool:
    return name.startswith("time_embed.") or ".attn_norm." in name or name.startswith("norm_out.")


def _count(weights: Weights, prefix: str) -> int:
    """How many layers are named `prefix.0`, `prefix.1`, ..."""
    start = len(prefix) + 1
    return 1 + max((int(name[start:].split(".")[0]) for name in weights if name.startswith(prefix)), default=-1)


def _pair(weights: Weights, name: str) -> tuple[Tensor, Tensor]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _block(weights: Weights, name: str) -> _Block:
    three = [_pair(weights, f"{name}.attn.to_{which}") for which in "qkv"]
    fused = torch.cat([weight for weight, _ in three]), torch.cat([bias for _, bias in three])
    rest = (_pair(weights, f"{name}.{layer}") for layer in ("attn.to_out.0", "ff.ff.0.0", "ff.ff.2"))
    return _Block(fused, *rest)


def _modulations(weights: Weights, times: Sequence[float], device: str, dtype: Any) -> tuple[Tensor, Tensor]:
    """Shifts, scales and gates: [steps, blocks, 6, width] within the blocks, [steps, 2, width] after the last."""
    w = {name: tensor.to(device, torch.float32) for name, tensor in weights.items() if _timed(name)}
    half = _TIME_WIDTH // 2
    rates = torch.exp(torch.arange(half, device=device) * (-math.log(_BASE) / (half - 1)))
    angles = torch.tensor(times, device=device, dtype=torch.float32)[:, None] * _TIME_SCALE * rates
    at = F.linear(torch.cat((angles.sin(), angles.cos()), -1), *_pair(w, "time_embed.time_mlp.0"))
    at = F.silu(F.linear(F.silu(at), *_pair(w, "time_embed.time_mlp.2")))
    inner = [F.linear(at, *_pair(w, f"{_BLOCK}.{n}.attn_norm.linear")) for n in range(_count(weights, _BLOCK))]
    last = F.linear(at, *_pair(w, "norm_out.linear"))
    width = at.shape[-1]
    return torch.stack(inner, 1).unflatten(-1, (6, width)).to(dtype), last.unflatten(-1, (2, width)).to(dtype)


def _positions(frames: int, width: int, device: str) -> Tensor:
    rates = _BASE ** (-torch.arange(0, width, 2, device=device) / width)
    angles = torch.arange(frames, device=device)[:, None] * rates
    return torch.cat((angles.cos(), angles.sin()), -1)


def _convnext(w: Weights, name: str, x: Tensor) -> Tensor:
    """A ConvNeXt-V2 block (arXiv 2301.00808); its response normalisation is over time."""
    inner = F.conv1d(x.transpose(1, 2), *_pair(w, f"{name}.dwconv"), padding=3, groups=x.shape[-1]).transpose(1, 2)
    inner = F.layer_norm(inner, inner.shape[-1:], *_pair(w, f"{name}.norm"), eps=1e-6)
    inner = F.gelu(F.linear(inner, *_pair(w, f"{name}.pwconv1")))
    size = torch.linalg.vector_norm(inner, dim=1, keepdim=True, dtype=torch.float32)
    relative = (size / (size.mean(-1, keepdim=True) + 1e-6)).to(inner.dtype)
    inner = w[f"{name}.grn.gamma"] * (inner * relative) + w[f"{name}.grn.beta"] + inner
    return x + F.linear(inner, *_pair(w, f"{name}.pwconv2"))


def _convolved(w: Weights, name: str, x: Tensor) -> Tensor:
    """Two wide convolutions along time, through which a frame learns where it is."""
    x = x.transpose(1, 2)
    for n in (0, 2):
        weight, bias = _pair(w, f"{name}.{n}")
        x = F.mish(F.conv1d(x, weight, bias, padding=weight.shape[-1] // 2, groups=_GROUPS))
    return x.transpose(1, 2)


def _normed(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], eps=1e-6)


def _turned(x: Tensor, given: Given) -> Tensor:
    """Rotary positions on the first head of `x` [2, heads, frames, width]; neighbouring values are a pair."""
    first = x[:, :1]
    even, odd = first.unflatten(-1, (-1, 2)).unbind(-1)
    crossed = torch.stack((-odd, even), -1).flatten(-2)
    return torch.cat((first * given.cosines + crossed * given.sines, x[:, 1:]), 1)
