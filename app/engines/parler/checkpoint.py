"""A Parler-TTS checkpoint: sizes from config.json, tensors by name from safetensors files, in one or in shards.

Everything about it that this engine cannot use raises EngineUnavailable, which names the folder: a wrong name or an
overlooked feature would be heard as noise.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from app.engines.base import EngineUnavailable
from app.engines.need import need_files

_WHAT = "a Parler-TTS checkpoint (config.json, model.safetensors)"
_MOST_JSON_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of config.json that shape the decoder and the audio."""

    codebooks: int
    ids: int
    """Of one codebook, special ones included."""
    sounds: int
    """Ids below this one have a sound."""
    end: int
    """Ends a codebook, and pads it from there on."""
    begin: int
    width: int
    heads: int
    layers: int
    rate_hz: int
    hop: int
    """Samples of one frame."""

    @property
    def frames_per_s(self) -> float:
        return self.rate_hz / self.hop


class Checkpoint:
    """Tensors are read when they are asked for; `finish` complains of those nobody asked for."""

    def __init__(self, folder: Path) -> None:
        need_files(folder, ("config.json",), _WHAT, "tts.model")
        self.folder = folder
        self.config = self._json("config.json")
        try:
            self.shape = _shape(self.config)
            unsupported = [feature for feature, used in _unsupported(self.config) if used]
        except (KeyError, TypeError, ValueError) as error:
            raise self.refused(f"its config.json is not Parler-TTS's ({type(error).__name__}: {error})") from error
        if unsupported:
            raise self.refused(f"it uses what this engine does not implement: {', '.join(unsupported)}")
        self._files = self._open()
        self._unread = set(self._files)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def tensor(self, name: str, shape: tuple[int, ...] | None = None) -> Tensor:
        """One tensor, on the CPU, as it is stored; of `shape`, when that is given."""
        if name not in self._files:
            raise self.refused(f"the tensor {name} is missing")
        self._unread.discard(name)
        found = self._files[name].get_tensor(name)
        if shape is not None and tuple(found.shape) != shape:
            raise self.refused(f"the tensor {name} is {list(found.shape)}, and should be {list(shape)}")
        return found

    def tensors(self, prefix: str) -> dict[str, Tensor]:
        """All tensors below `prefix`, by the rest of their names."""
        names = [name for name in self._files if name.startswith(prefix)]
        return {name.removeprefix(prefix): self.tensor(name) for name in names}

    def finish(self) -> None:
        """Refuse tensors that nobody read: they belong to something that this engine would leave out."""
        if self._unread:
            some = ", ".join(sorted(self._unread)[:3])
            raise self.refused(f"{len(self._unread)} of its tensors are unknown, such as {some}")

    def refused(self, why: str) -> EngineUnavailable:
        return EngineUnavailable(f"{self.folder}: {why}; tts.model must name {_WHAT}")

    def _open(self) -> dict[str, Any]:
        """The opened file of each tensor."""
        files = ["model.safetensors"]
        if (self.folder / "model.safetensors.index.json").is_file():
            placed = self._json("model.safetensors.index.json").get("weight_map")
            if not isinstance(placed, dict) or not placed:
                raise self.refused("its model.safetensors.index.json lists no tensors")
            files = sorted({str(file) for file in placed.values()})
            if any(Path(file).name != file for file in files):
                raise self.refused("its model.safetensors.index.json names files outside the folder")
        need_files(self.folder, tuple(files), _WHAT, "tts.model")
        try:
            opened: list[Any] = [safe_open(self.folder / file, "pt") for file in files]
        except (SafetensorError, OSError) as error:
            raise self.refused(f"a safetensors file cannot be read ({error})") from error
        return {name: file for file in opened for name in file.keys()}  # noqa: SIM118 - it is no dict

    def _json(self, name: str) -> dict[str, Any]:
        file = self.folder / name
        if file.stat().st_size > _MOST_JSON_BYTES:
            raise self.refused(f"its {name} is larger than {_MOST_JSON_BYTES} bytes")
        try:
            content = json.loads(file.read_bytes())
        except ValueError as error:
            raise self.refused(f"its {name} is no JSON ({error})") from error
        if not isinstance(content, dict):
            raise self.refused(f"its {name} is no table")
        return content


def _shape(config: dict[str, Any]) -> Shape:
    decoder, codec = config["decoder"], config["audio_encoder"]
    shape = Shape(
        codebooks=int(decoder["num_codebooks"]),
        ids=int(decoder["vocab_size"]),
        sounds=int(codec["codebook_size"]),
        end=int(decoder["eos_token_id"]),
        begin=int(decoder["bos_token_id"]),
        width=int(decoder["hidden_size"]),
        heads=int(decoder["num_attention_heads"]),
        layers=int(decoder["num_hidden_layers"]),
        rate_hz=int(codec["sampling_rate"]),
        hop=math.prod(codec["downsampling_ratios"]),
    )
    if not (0 < shape.sounds <= shape.end < shape.begin < shape.ids) or shape.width % shape.heads:
        raise ValueError("its numbers do not fit together")
    return shape


def _unsupported(config: dict[str, Any]) -> list[tuple[str, bool]]:
    """What published checkpoints may use and this engine does not implement; whether this one does."""
    decoder, codec = config["decoder"], config["audio_encoder"]
    heads = decoder["num_attention_heads"]
    grouped: Callable[[str], bool] = lambda name: decoder.get(name) not in (None, heads)  # noqa: E731
    return [
        ("rope_embeddings", bool(decoder.get("rope_embeddings"))),
        ("scale_embedding", bool(decoder.get("scale_embedding"))),
        ("prompt_cross_attention", bool(config.get("prompt_cross_attention"))),
        ("another activation than gelu", decoder.get("activation_function", "gelu") != "gelu"),
        ("grouped keys", grouped("num_key_value_heads") or grouped("num_cross_attention_key_value_heads")),
        ("padding that is not the end token", decoder["pad_token_id"] != decoder["eos_token_id"]),
        ("another codec than transformers' DAC", codec["model_type"] != "dac"),
        ("another text encoder than T5", config["text_encoder"]["model_type"] != "t5"),
    ]
