"""IndicTrans2's network in plain numpy, float64, straight from its definition: what converted models are compared with.

An encoder and a decoder of pre-norm Transformer layers (Vaswani et al. 2017; Xiong et al. 2020 for the place of the
norms) as fairseq builds them. One sentence at a time, without a cache: slow and easy to check.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

Array = npt.NDArray[np.float64]

PAD, END = 1, 2


class Reference:
    def __init__(self, folder: Path) -> None:
        self._config: dict[str, Any] = json.loads((folder / "config.json").read_bytes())
        self._weights: dict[str, Array] = {
            name: tensor.astype(np.float64) for name, tensor in load_file(folder / "model.safetensors").items()
        }
        self._source: dict[str, int] = json.loads((folder / "dict.SRC.json").read_bytes())
        self._target: dict[str, int] = json.loads((folder / "dict.TGT.json").read_bytes())
        self._tokens = {number: token for token, number in self._target.items()}

    def greedy(self, source: Sequence[str], length: int) -> list[str]:
        """The likeliest token after each other, `length` of them at most."""
        states = self._encode(source)
        numbers = [END]
        while len(numbers) <= length:
            best = int(np.argmax(self._decode(numbers, states)[-1]))
            if best == END:
                break
            numbers.append(best)
        return [self._tokens[number] for number in numbers[1:]]

    def log_probabilities(self, source: Sequence[str], target: Sequence[str]) -> Array:
        """Of each token of `target` and of the end after it."""
        numbers = [END, *(self._target[token] for token in target), END]
        scores = self._decode(numbers[:-1], self._encode(source))
        log_sums = np.log(np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1)) + scores.max(axis=1)
        chosen: Array = scores[np.arange(len(scores)), numbers[1:]] - log_sums
        return chosen

    def _encode(self, source: Sequence[str]) -> Array:
        x = self._embed("encoder", [self._source[token] for token in source] + [END])
        for layer in range(self._config["encoder_layers"]):
            name = f"model.encoder.layers.{layer}"
            normed = self._norm(x, f"{name}.self_attn_layer_norm")
            x = x + self._attend(f"{name}.self_attn", normed, normed)
            x = x + self._feed_forward(name, x)
        return self._norm(x, "model.encoder.layer_norm")

    def _decode(self, numbers: Sequence[int], states: Array) -> Array:
        """Scores of all tokens after each of `numbers`."""
        x = self._embed("decoder", numbers)
        future = np.triu(np.full((len(numbers), len(numbers)), -np.inf), k=1)
        for layer in range(self._config["decoder_layers"]):
            name = f"model.decoder.layers.{layer}"
            normed = self._norm(x, f"{name}.self_attn_layer_norm")
            x = x + self._attend(f"{name}.self_attn", normed, normed, future)
            x = x + self._attend(f"{name}.encoder_attn", self._norm(x, f"{name}.encoder_attn_layer_norm"), states)
            x = x + self._feed_forward(name, x)
        scores: Array = self._norm(x, "model.decoder.layer_norm") @ self._weights["lm_head.weight"].T
        return scores

    def _embed(self, side: str, numbers: Sequence[int]) -> Array:
        """Positions count from PAD + 1: the rows before are not for words."""
        width = self._config["encoder_embed_dim"]
        words = self._weights[f"model.{side}.embed_tokens.weight"][list(numbers)] * math.sqrt(width)
        half = width // 2
        places = np.arange(PAD + 1, PAD + 1 + len(numbers))[:, None]
        angles = places * 10000.0 ** -(np.arange(half) / (half - 1))[None]
        positions = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
        return self._norm(words + positions, f"model.{side}.layernorm_embedding")

    def _feed_forward(self, name: str, x: Array) -> Array:
        hidden = self._linear(self._norm(x, f"{name}.final_layer_norm"), f"{name}.fc1")
        return self._linear(hidden * 0.5 * (1 + _erf(hidden / math.sqrt(2))), f"{name}.fc2")

    def _attend(self, name: str, queries: Array, keys: Array, mask: Array | float = 0.0) -> Array:
        q, k, v = (
            self._heads(self._linear(x, f"{name}.{letter}_proj"))
            for letter, x in (("q", queries), ("k", keys), ("v", keys))
        )
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[2]) + mask
        weights = np.exp(scores - scores.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        mixed: Array = (weights @ v).transpose(1, 0, 2).reshape(len(queries), -1)
        return self._linear(mixed, f"{name}.out_proj")

    def _heads(self, x: Array) -> Array:
        heads: int = self._config["encoder_attention_heads"]
        return x.reshape(len(x), heads, -1).transpose(1, 0, 2)

    def _linear(self, x: Array, name: str) -> Array:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: Array, name: str) -> Array:
        centred = x - x.mean(axis=1, keepdims=True)
        scaled: Array = centred / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + 1e-5)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


_erf = np.vectorize(math.erf, otypes=[np.float64])
