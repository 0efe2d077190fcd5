"""A published IndicTrans2 checkpoint to CTranslate2, from its files alone: without its code, and without torch.

The network is fairseq's Transformer: token embeddings scaled by the square root of their width, sinusoidal positions
that begin at row `pad_token_id + 1` and are not stored, a layer norm over both, pre-norm layers and a last layer norm.
Source and target have a vocabulary each. Imported only by what converts: it needs ctranslate2 and safetensors.
"""

import json
import math
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engines.base import EngineUnavailable
from app.engines.need import need_files, need_module

Array = npt.NDArray[np.float32]

CHECKPOINT_FILES = ("config.json", "model.safetensors", "dict.SRC.json", "dict.TGT.json", "model.SRC", "model.TGT")
QUANTIZATIONS = ("int8", "int8_float16", "float16")
_ACTIVATIONS = {"relu": "RELU", "gelu": "GELU", "swish": "SWISH"}
_SAME_ON_BOTH_SIDES = ("embed_dim", "attention_heads", "normalize_before")
_NOT_WEIGHTS = ("embed_positions", "version")
"""Parts of tensor names that some exports store and the network does not need."""


def convert(source: Path, target: Path, quantization: str | None) -> None:
    """Write the checkpoint in folder `source` as a CTranslate2 model, the new folder `target`.

    `target` appears when it is complete: model.bin, config.json, the vocabularies, and sentencepiece's files in vocab/.
    `quantization` is one of QUANTIZATIONS, or None for float32. Raises EngineUnavailable for a checkpoint that is no
    IndicTrans2 model or a `target` that exists, OSError when the disk cannot take it.
    """
    if quantization is not None and quantization not in QUANTIZATIONS:
        raise EngineUnavailable(f"no quantization {quantization!r}; there are {', '.join(QUANTIZATIONS)}")
    need_files(source, CHECKPOINT_FILES, "an IndicTrans2 checkpoint with safetensors", "the source")
    if target.exists():
        raise EngineUnavailable(f"{target} exists already; remove it, or choose another name")
    need_module("ctranslate2", extra="ctranslate2")
    specification = _specification(_Checkpoint.open(source))
    try:
        specification.validate()
    except Exception as error:  # the library raises bare exceptions
        raise EngineUnavailable(f"{source}: its files do not fit together: {error}") from error
    specification.optimize(quantization=quantization)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:
        unfinished = Path(folder) / "model"
        (unfinished / "vocab").mkdir(parents=True)
        specification.save(str(unfinished))
        for name in ("model.SRC", "model.TGT"):
            shutil.copyfile(source / name, unfinished / "vocab" / name)
        unfinished.rename(target)


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """The files of a checkpoint, read; it remembers which tensors were asked for."""

    folder: Path
    config: Mapping[str, Any]
    tensors: Any
    names: frozenset[str]
    used: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, folder: Path) -> "_Checkpoint":
        config = _read_json(folder / "config.json")
        if (kind := config.get("model_type")) != "IndicTrans":
            raise EngineUnavailable(f"{folder}: config.json says model_type {kind!r}, not IndicTrans")
        try:
            tensors = need_module("safetensors", extra="ctranslate2").safe_open(folder / "model.safetensors", "numpy")
            return cls(folder, config, tensors, frozenset(tensors.keys()))
        except Exception as error:  # the library's own exceptions, for a file that ends early and the like
            if isinstance(error, EngineUnavailable):
                raise
            raise EngineUnavailable(f"{folder}: model.safetensors cannot be read: {error}") from error

    def setting(self, key: str) -> Any:
        if key not in self.config:
            raise EngineUnavailable(f"{self.folder}: config.json lacks {key}")
        return self.config[key]

    def tensor(self, name: str, *shape: int) -> Array:
        """Tensor `name` as float32. Where `shape` is given, another one is an error."""
        if name not in self.names:
            raise EngineUnavailable(f"{self.folder}: model.safetensors lacks {name}")
        self.used.add(name)
        try:
            tensor: Array = self.tensors.get_tensor(name).astype(np.float32)
        except TypeError as error:  # numpy has no bfloat16
            raise EngineUnavailable(f"{self.folder}: {name} is neither float32 nor float16: {error}") from error
        if shape and tensor.shape != shape:
            raise EngineUnavailable(f"{self.folder}: {name} has the shape {tensor.shape}, not {shape}")
        return tensor

    def vocabulary(self, name: str, size: int) -> list[str]:
        """The tokens of dict file `name` by number; numbers it leaves out get names that no text contains."""
        numbers = _read_json(self.folder / name)
        tokens: list[str | None] = [None] * size
        for token, number in numbers.items():
            if not isinstance(number, int) or not 0 <= number < size or tokens[number] is not None:
                raise EngineUnavailable(f"{self.folder}: {name} is not a list of {size} tokens: see number {number}")
            tokens[number] = token
        return [f"madeupword{number:04d}" if token is None else token for number, token in enumerate(tokens)]

    def finish(self) -> None:
        """A tensor nobody asked for means a network that is not the one above."""
        left = [name for name in self.names - self.used if not any(part in name for part in _NOT_WEIGHTS)]
        if left:
            raise EngineUnavailable(f"{self.folder}: model.safetensors has {len(left)} unknown tensors, as {min(left)}")


def _specification(checkpoint: _Checkpoint) -> Any:
    """CTranslate2's description of the network, with its weights."""
    specs = need_module("ctranslate2.specs.transformer_spec", extra="ctranslate2")
    common = need_module("ctranslate2.specs.common_spec", extra="ctranslate2")
    for name in _SAME_ON_BOTH_SIDES:
        if checkpoint.setting(f"encoder_{name}") != checkpoint.setting(f"decoder_{name}"):
            raise EngineUnavailable(f"{checkpoint.folder}: encoder and decoder differ in {name}; CTranslate2 cannot")
    activation = checkpoint.setting("activation_function")
    if activation not in _ACTIVATIONS:
        raise EngineUnavailable(f"{checkpoint.folder}: the activation {activation!r} is not known here")
    specification = specs.TransformerSpec.from_config(
        (checkpoint.setting("encoder_layers"), checkpoint.setting("decoder_layers")),
        checkpoint.setting("encoder_attention_heads"),
        pre_norm=checkpoint.setting("encoder_normalize_before"),
        activation=common.Activation[_ACTIVATIONS[activation]],
        layernorm_embedding=checkpoint.setting("layernorm_embedding"),
    )
    source_size, target_size = checkpoint.setting("encoder_vocab_size"), checkpoint.setting("decoder_vocab_size")
    width = checkpoint.setting("encoder_embed_dim")
    source = checkpoint.tensor("model.encoder.embed_tokens.weight", source_size, width)
    target, head = _target_embedding_and_head(checkpoint, (target_size, width))
    specification.encoder.embeddings[0].weight = source
    specification.decoder.embeddings.weight = target
    specification.decoder.projection.weight = head
    _fill_side(checkpoint, specification.encoder, "encoder")
    _fill_side(checkpoint, specification.decoder, "decoder")
    checkpoint.finish()
    specification.register_source_vocabulary(checkpoint.vocabulary("dict.SRC.json", source_size))
    specification.register_target_vocabulary(checkpoint.vocabulary("dict.TGT.json", target_size))
    config = specification.config
    config.bos_token, config.eos_token, config.unk_token = "<s>", "</s>", "<unk>"
    config.decoder_start_token, config.add_source_bos, config.add_source_eos = "</s>", False, True
    return specification


def _target_embedding_and_head(checkpoint: _Checkpoint, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Tied ones may be stored once, under either name, or twice."""
    names = ("model.decoder.embed_tokens.weight", "lm_head.weight")
    if checkpoint.config.get("share_decoder_input_output_embed") and not checkpoint.names.issuperset(names):
        stored = names[0] if names[0] in checkpoint.names else names[1]
        tied = checkpoint.tensor(stored, *shape)
        return tied, tied
    return checkpoint.tensor(names[0], *shape), checkpoint.tensor(names[1], *shape)


def _fill_side(checkpoint: _Checkpoint, spec: Any, side: str) -> None:
    width = checkpoint.setting("encoder_embed_dim")
    positions = max(checkpoint.setting("max_source_positions"), checkpoint.setting("max_target_positions"))
    spec.scale_embeddings = math.sqrt(width) if checkpoint.setting("scale_embedding") else 1.0
    spec.position_encodings.encodings = sinusoids(positions, width, checkpoint.config.get("pad_token_id", 1))
    if checkpoint.setting("layernorm_embedding"):
        _norm(checkpoint, spec.layernorm_embedding, f"model.{side}.layernorm_embedding")
    if checkpoint.setting("encoder_normalize_before"):
        _norm(checkpoint, spec.layer_norm, f"model.{side}.layer_norm")
    for number, layer in enumerate(spec.layer):
        name = f"model.{side}.layers.{number}"
        _attention(checkpoint, layer.self_attention, f"{name}.self_attn", fused=((0, "qkv"),))
        _norm(checkpoint, layer.self_attention.layer_norm, f"{name}.self_attn_layer_norm")
        if side == "decoder":
            _attention(checkpoint, layer.attention, f"{name}.encoder_attn", fused=((0, "q"), (1, "kv")))
            _norm(checkpoint, layer.attention.layer_norm, f"{name}.encoder_attn_layer_norm")
        _linear(checkpoint, layer.ffn.linear_0, [f"{name}.fc1"])
        _linear(checkpoint, layer.ffn.linear_1, [f"{name}.fc2"])
        _norm(checkpoint, layer.ffn.layer_norm, f"{name}.final_layer_norm")


def _attention(checkpoint: _Checkpoint, spec: Any, name: str, fused: tuple[tuple[int, str], ...]) -> None:
    """CTranslate2 wants projections of the same input as one matrix: `fused` says which letters make which."""
    for number, letters in fused:
        _linear(checkpoint, spec.linear[number], [f"{name}.{letter}_proj" for letter in letters])
    _linear(checkpoint, spec.linear[-1], [f"{name}.out_proj"])


def _linear(checkpoint: _Checkpoint, spec: Any, names: list[str]) -> None:
    spec.weight = np.concatenate([checkpoint.tensor(f"{name}.weight") for name in names])
    spec.bias = np.concatenate([checkpoint.tensor(f"{name}.bias") for name in names])


def _norm(checkpoint: _Checkpoint, spec: Any, name: str) -> None:
    spec.gamma = checkpoint.tensor(f"{name}.weight")
    spec.beta = checkpoint.tensor(f"{name}.bias")


def sinusoids(positions: int, width: int, padding: int) -> Array:
    """fairseq's sinusoidal embeddings of `positions`, shape (positions, width): sines, then cosines.

    Position 0 has the angle of row `padding + 1`: fairseq counts from there, padding having a row of its own.
    """
    half = width // 2
    frequencies = np.exp(np.arange(half, dtype=np.float32) * np.float32(-math.log(10000) / (half - 1)))
    angles = np.arange(padding + 1, padding + 1 + positions, dtype=np.float32)[:, None] * frequencies[None]
    table: Array = np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)
    return np.pad(table, ((0, 0), (0, width - 2 * half)))


def _read_json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_bytes())
    except ValueError as error:
        raise EngineUnavailable(f"{file}: not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise EngineUnavailable(f"{file}: not a JSON object")
    return value
