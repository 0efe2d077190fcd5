"""Sound to mel spectrogram, and mel spectrogram to sound by Vocos (arXiv 2306.00814), whose weights IndicF5 includes.

Needs torch: import this module lazily.
"""

import functools
import math
from typing import Any

import torch
import torch.nn.functional as F

from app.engines.indicf5.network import MEL_BANDS, Tensor, Weights

RATE_HZ = 24000
HOP = 256
"""Samples a frame."""
_WINDOW = 1024
_LEAST, _LOUDEST = 1e-5, 100.0


def mel_of(wave: Tensor) -> Tensor:
    """The log-mel spectrogram [frames, 100] of `wave`, float32 at 24 kHz: magnitudes on the HTK scale up to 12 kHz."""
    window = torch.hann_window(_WINDOW, device=wave.device)
    spectrum = torch.stft(wave, _WINDOW, HOP, window=window, center=True, return_complex=True)
    return (_filters().to(wave.device) @ spectrum.abs()).clamp(min=_LEAST).log().T


@functools.cache
def _filters() -> Tensor:
    """Triangles [100, 513], each reaching from its neighbour's top to its other neighbour's."""
    top = 2595 * math.log10(1 + RATE_HZ / 2 / 700)
    points = 700 * (10 ** (torch.linspace(0, top, MEL_BANDS + 2) / 2595) - 1)
    bins = torch.linspace(0, RATE_HZ / 2, _WINDOW // 2 + 1)
    rising = (bins - points[:-2, None]) / (points[1:-1] - points[:-2])[:, None]
    falling = (points[2:, None] - bins) / (points[2:] - points[1:-1])[:, None]
    return torch.minimum(rising, falling).clamp(min=0)


class Vocoder:
    """Vocos with an inverse Fourier transform at its end. Always float32: it is a hundredth of the work."""

    def __init__(self, weights: Weights, device: str) -> None:
        self._weights = {name: tensor.to(device, torch.float32) for name, tensor in weights.items()}
        self._layers = sum(name.endswith(".gamma") for name in weights)
        self._window: Any = torch.hann_window(_WINDOW, device=device)

    def wave(self, mel: Tensor) -> Tensor:
        """`mel` [frames, 100] to (frames - 1) * 256 samples, float32."""
        w = self._weights
        x = F.conv1d(mel.T[None].float(), w["backbone.embed.weight"], w["backbone.embed.bias"], padding=3)
        x = self._normed("backbone.norm", x.transpose(1, 2))
        for n in range(self._layers):
            x = x + self._convnext(f"backbone.convnext.{n}", x)
        x = self._normed("backbone.final_layer_norm", x)
        loudness, phase = F.linear(x, w["head.out.weight"], w["head.out.bias"]).transpose(1, 2).chunk(2, 1)
        spectrum = torch.polar(loudness.exp().clamp(max=_LOUDEST), phase)
        return torch.istft(spectrum, _WINDOW, HOP, window=self._window, center=True)[0]

    def _convnext(self, name: str, x: Tensor) -> Tensor:
        w = self._weights
        inner = x.transpose(1, 2)
        inner = F.conv1d(inner, w[f"{name}.dwconv.weight"], w[f"{name}.dwconv.bias"], padding=3, groups=x.shape[-1])
        inner = self._normed(f"{name}.norm", inner.transpose(1, 2))
        inner = F.gelu(F.linear(inner, w[f"{name}.pwconv1.weight"], w[f"{name}.pwconv1.bias"]))
        return w[f"{name}.gamma"] * F.linear(inner, w[f"{name}.pwconv2.weight"], w[f"{name}.pwconv2.bias"])

    def _normed(self, name: str, x: Tensor) -> Tensor:
        w = self._weights
        return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], eps=1e-6)
