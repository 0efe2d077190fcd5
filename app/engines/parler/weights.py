"""The decoder's weights by their published names, with the matrices that read the same input joined into one."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from app.engines.parler.checkpoint import Checkpoint

_STEM = "decoder.model.decoder."


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Matrices are [out, in], as torch's linear wants them."""

    self_norm: Norm
    qkv: Tensor
    self_out: Tensor
    cross_norm: Norm
    cross_q: Tensor
    cross_k: Tensor
    cross_v: Tensor
    cross_out: Tensor
    feed_norm: Norm
    up: Tensor
    down: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    prompt: Tensor
    """[ids of the text, h]"""
    codes: Tensor
    """[K * (V + 1), h]: the codebooks' embeddings, one below the other."""
    positions: Tensor
    """[positions, h]"""
    layers: tuple[Layer, ...]
    norm: Norm
    heads: Tensor
    """[K * V, h]"""


def load_weights(checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype) -> Weights:
    """Raises EngineUnavailable for a tensor that is missing or of another shape."""
    shape = checkpoint.shape
    width = shape.width

    def get(name: str, *size: int) -> Any:
        return checkpoint.tensor(name, size or None).to(device, dtype)

    def norm(name: str) -> Norm:
        return Norm(get(f"{name}.weight", width), get(f"{name}.bias", width))

    def layer(n: int) -> Layer:
        stem = f"{_STEM}layers.{n}."
        ffn = int(checkpoint.config["decoder"]["ffn_dim"])
        own, cross = (
            {part: get(f"{stem}{block}.{part}_proj.weight", width, width) for part in ("q", "k", "v", "out")}
            for block in ("self_attn", "encoder_attn")
        )
        return Layer(
            self_norm=norm(stem + "self_attn_layer_norm"),
            qkv=torch.cat([own["q"], own["k"], own["v"]]),
            self_out=own["out"],
            cross_norm=norm(stem + "encoder_attn_layer_norm"),
            cross_q=cross["q"],
            cross_k=cross["k"],
            cross_v=cross["v"],
            cross_out=cross["out"],
            feed_norm=norm(stem + "final_layer_norm"),
            up=get(stem + "fc1.weight", ffn, width),
            down=get(stem + "fc2.weight", width, ffn),
        )

    books = range(shape.codebooks)
    if "decoder.lm_heads.weight" in checkpoint:  # newer checkpoints store them joined
        heads = get("decoder.lm_heads.weight", shape.codebooks * shape.ids, width)
    else:
        heads = torch.cat([get(f"decoder.lm_heads.{k}.weight", shape.ids, width) for k in books])
    return Weights(
        prompt=get("embed_prompts.weight"),
        codes=torch.cat([get(f"{_STEM}embed_tokens.{k}.weight", shape.ids + 1, width) for k in books]),
        positions=get(_STEM + "embed_positions.weights"),
        layers=tuple(layer(n) for n in range(shape.layers)),
        norm=norm(_STEM + "layer_norm"),
        heads=heads,
    )
