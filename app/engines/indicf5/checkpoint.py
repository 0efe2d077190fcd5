"""Reading IndicF5 as it is published: `model.safetensors` and `checkpoints/vocab.txt`.

The file was saved from two compiled modules, hence its names: `ema_model._orig_mod.transformer.` before the network's
and `vocoder._orig_mod.` before Vocos's. Fine-tuned versions often lack `_orig_mod`. Sizes are read from the shapes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config import Settings
from app.engines.base import EngineUnavailable
from app.engines.need import need_files, need_module
from app.models.store import located

VOCABULARY = "checkpoints/vocab.txt"
_FILES = ("model.safetensors", VOCABULARY)
_MOST_VOCABULARY_BYTES = 1_000_000
_NAME = re.compile(r"(?:ema_model\.(?:_orig_mod\.)?transformer|(vocoder)(?:\._orig_mod)?)\.(.+)")

_NETWORK = (
    "time_embed.time_mlp.0.weight", "time_embed.time_mlp.2.weight", "text_embed.text_embed.weight",
    "input_embed.proj.weight", "input_embed.conv_pos_embed.conv1d.0.weight", "rotary_embed.inv_freq",
    "transformer_blocks.0.attn.to_q.weight", "norm_out.linear.weight", "proj_out.weight",
)  # fmt: skip
_VOCODER = ("backbone.embed.weight", "backbone.convnext.0.gamma", "backbone.final_layer_norm.weight", "head.out.weight")
"""One name of each part, by which a file is known for what it is."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    network: Mapping[str, Any]
    vocoder: Mapping[str, Any]
    vocabulary: Mapping[str, int]
    """Id by character; 0, a space, stands for unknown ones."""


def folder_of(settings: Settings) -> Path:
    """The folder that tts.model means. Raises EngineUnavailable when the files of a checkpoint are not in it."""
    if settings.tts.model is None:
        raise EngineUnavailable("tts.model must name the folder of an IndicF5 checkpoint")
    folder = located(settings, settings.tts.model)
    need_files(folder, _FILES, "an IndicF5 checkpoint", "tts.model")
    return folder


def read(folder: Path) -> Checkpoint:
    """Raises EngineUnavailable when the files are something else."""
    load_file = need_module("safetensors.torch", extra="indicf5").load_file
    try:
        tensors = load_file(folder / "model.safetensors")
    except Exception as error:  # safetensors raises an exception of its own, and OSError
        raise EngineUnavailable(f"{folder}: model.safetensors cannot be read: {error}") from error
    network: dict[str, Any] = {}
    vocoder: dict[str, Any] = {}
    for name, tensor in tensors.items():
        if match := _NAME.fullmatch(name):
            (vocoder if match[1] else network)[match[2]] = tensor
    missing = [name for name in _NETWORK if name not in network] + [name for name in _VOCODER if name not in vocoder]
    if missing:
        raise EngineUnavailable(f"{folder}: model.safetensors is no IndicF5 checkpoint: it lacks {', '.join(missing)}")
    vocabulary = _vocabulary(folder / VOCABULARY)
    if (rows := len(network["text_embed.text_embed.weight"])) != len(vocabulary) + 1:
        raise EngineUnavailable(f"{folder}: {VOCABULARY} has {len(vocabulary)} lines, the model {rows - 1} characters")
    return Checkpoint(network, vocoder, vocabulary)


def _vocabulary(file: Path) -> Mapping[str, int]:
    if file.stat().st_size > _MOST_VOCABULARY_BYTES:
        raise EngineUnavailable(f"{file}: too large for a vocabulary")
    lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return {line: n for n, line in enumerate(lines)}
