"""Random IndicF5 checkpoints in the published layout: 364 tensors of the network and 83 of the vocoder at real size.

Needs torch and safetensors.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
import torch
from safetensors.torch import save_file

LETTERS = [" ", *map(chr, range(0x21, 0x7F)), *map(chr, range(0x0C80, 0x0CF4))]
MELS, BINS = 100, 513


@dataclass(frozen=True, slots=True)
class Shape:
    width: int
    depth: int
    heads: int
    head_width: int
    text_width: int
    text_layers: int
    vocabulary: int
    vocoder_width: int
    vocoder_layers: int


REAL = Shape(1024, 22, 16, 64, 512, 4, 2545, 512, 8)
MICRO = Shape(64, 2, 2, 32, 32, 2, len(LETTERS), 48, 2)


def network(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of the transformer's tensors."""
    width, text, inner = shape.width, shape.text_width, shape.heads * shape.head_width
    yield from _linear("time_embed.time_mlp.0", width, 256)
    yield from _linear("time_embed.time_mlp.2", width, width)
    yield "text_embed.text_embed.weight", (shape.vocabulary + 1, text)
    for n in range(shape.text_layers):
        name = f"text_embed.text_blocks.{n}"
        yield from _convnext(name, text, 2 * text)
        yield f"{name}.grn.gamma", (1, 1, 2 * text)
        yield f"{name}.grn.beta", (1, 1, 2 * text)
    yield from _linear("input_embed.proj", width, 2 * MELS + text)
    for n in (0, 2):
        yield from _linear(f"input_embed.conv_pos_embed.conv1d.{n}", width, width // 16, 31)
    for n in range(shape.depth):
        name = f"transformer_blocks.{n}"
        yield from _linear(f"{name}.attn_norm.linear", 6 * width, width)
        for which in "qkv":
            yield from _linear(f"{name}.attn.to_{which}", inner, width)
        yield from _linear(f"{name}.attn.to_out.0", width, inner)
        yield from _linear(f"{name}.ff.ff.0.0", 2 * width, width)
        yield from _linear(f"{name}.ff.ff.2", width, 2 * width)
    yield from _linear("norm_out.linear", 2 * width, width)
    yield from _linear("proj_out", MELS, width)


def vocoder(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of Vocos's tensors."""
    width = shape.vocoder_width
    yield from _linear("backbone.embed", width, MELS, 7)
    yield from _linear("backbone.norm", width)
    for n in range(shape.vocoder_layers):
        yield from _convnext(f"backbone.convnext.{n}", width, 3 * width)
        yield f"backbone.convnext.{n}.gamma", (width,)
    yield from _linear("backbone.final_layer_norm", width)
    yield from _linear("head.out", 2 * BINS, width)


def _linear(name: str, *shape: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def _convnext(name: str, width: int, inner: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _linear(f"{name}.dwconv", width, 1, 7)
    yield from _linear(f"{name}.norm", width)
    yield from _linear(f"{name}.pwconv1", inner, width)
    yield from _linear(f"{name}.pwconv2", width, inner)


def weights(shapes: Iterator[tuple[str, tuple[int, ...]]]) -> Mapping[str, torch.Tensor]:
    """The same numbers everywhere: sines, scaled so that values neither vanish nor explode."""
    return {name: _sines(name, shape) for name, shape in shapes}


def _sines(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    start = sum(name.encode())
    wave = np.sin(start + np.arange(np.prod(shape)) * 1.618).reshape(shape)
    many = int(np.prod(shape[1:])) if len(shape) > 1 else 0
    norm = "norm" in name and "attn_norm" not in name and "norm_out" not in name
    if not many:
        wave = 1 + 0.1 * wave if norm and name.endswith("weight") else 0.1 * wave
    elif name.endswith(("embed.text_embed.weight", "grn.gamma", "grn.beta")):
        wave = 0.5 * wave
    else:
        wave = wave * np.sqrt(2 / many)
    return torch.from_numpy(wave.astype(np.float32))


def build(folder: Path, shape: Shape = MICRO, *, compiled: bool = True) -> Path:
    """Write a checkpoint; `compiled`: with the names that IndicF5 has, not those of a fine-tuned version."""
    (folder / "checkpoints").mkdir(parents=True)
    letters = LETTERS + [chr(0x4E00 + n) for n in range(shape.vocabulary - len(LETTERS))]
    (folder / "checkpoints" / "vocab.txt").write_text("".join(f"{letter}\n" for letter in letters), encoding="utf-8")
    mark = "_orig_mod." if compiled else ""
    tensors = {f"ema_model.{mark}transformer.{name}": each for name, each in weights(network(shape)).items()}
    tensors |= {f"vocoder.{mark}{name}": each for name, each in weights(vocoder(shape)).items()}
    tensors[f"ema_model.{mark}transformer.rotary_embed.inv_freq"] = turns(shape)
    tensors[f"vocoder.{mark}feature_extractor.mel_spec.spectrogram.window"] = torch.hann_window(1024)
    tensors[f"vocoder.{mark}feature_extractor.mel_spec.mel_scale.fb"] = torch.zeros(BINS, MELS)
    tensors[f"vocoder.{mark}head.istft.window"] = torch.hann_window(1024)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def turns(shape: Shape) -> torch.Tensor:
    """The rotary embedding's frequencies."""
    return 10000.0 ** (-torch.arange(0, shape.head_width, 2) / shape.head_width)


def recording(seconds: float = 3.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A reference of a hum that rises, float32 at 24 kHz."""
    time = np.arange(int(seconds * 8000)) / 8000
    hum = 0.2 * np.sin(2 * np.pi * (120 + 30 * time) * time) * (1 + np.sin(2 * np.pi * 4 * time)) / 2
    return np.asarray(soxr.resample(hum, 8000, 24000), np.float32)
