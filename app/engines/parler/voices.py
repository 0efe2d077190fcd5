"""Voices: what the decoder's cross-attention reads of a description, computed once.

All voices lie in one table of keys and values, a stretch of `tokens` each, and a bias picks each row's stretch. So a
step's queries share one attention over the table, and no slot has a copy.
"""

from collections import OrderedDict
from collections.abc import Container, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.modules import text_encoder
from app.engines.parler.weights import Layer


class Voices:
    """The encoder is loaded with the table, and stays: it is a mapped file that the system may drop from memory."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        layers: Sequence[Layer],
        voices: int,
        tokens: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        shape = checkpoint.shape
        self._layers = layers
        self._heads, self._head = shape.heads, shape.width // shape.heads
        self._voices, self._tokens = voices, tokens
        self._encoder: Any = text_encoder(checkpoint)
        self._ids = int(self._encoder.config.vocab_size)
        self._projection: tuple[Tensor, Tensor] | None = None
        if self._encoder.config.d_model != shape.width:
            weight = checkpoint.tensor("enc_to_dec_proj.weight", (shape.width, self._encoder.config.d_model))
            self._projection = weight.float(), checkpoint.tensor("enc_to_dec_proj.bias", (shape.width,)).float()
        size = (2, 1, shape.heads, voices * tokens, self._head)
        self.keys_values = [torch.zeros(size, device=device, dtype=dtype) for _ in layers]
        """A layer: [2, 1, H, voices * tokens, d]."""
        self.bias = torch.full((voices, voices * tokens), -torch.inf, device=device, dtype=dtype)
        """[voices, voices * tokens]: 0 in a voice's own stretch, -inf elsewhere."""
        for voice in range(voices):
            self.bias[voice, voice * tokens] = 0.0  # a softmax over nothing but -inf would be NaN, in free slots too
        self._known: OrderedDict[tuple[int, ...], int] = OrderedDict()  # the one longest unused first

    def fits(self, description: Sequence[int]) -> bool:
        return 0 < len(description) <= self._tokens and all(0 <= token < self._ids for token in description)

    def place(self, description: tuple[int, ...], in_use: Container[int]) -> int | None:
        """The voice of this description, which must fit; encoded now unless it is in the table already.

        When the table is full it replaces the one longest unused that is not `in_use`; None when all are.
        """
        if description in self._known:
            self._known.move_to_end(description)
            return self._known[description]
        if len(self._known) == self._voices:
            old = next((known for known, index in self._known.items() if index not in in_use), None)
            if old is None:
                return None
            del self._known[old]
        voice = min(set(range(self._voices)) - set(self._known.values()))
        self._encode(description, voice)
        self._known[description] = voice
        return voice

    def _encode(self, description: tuple[int, ...], voice: int) -> None:
        hidden = self._encoder(input_ids=torch.tensor([description])).last_hidden_state[0]  # [tokens, T5's width]
        if self._projection is not None:
            hidden = functional.linear(hidden, *self._projection)
        hidden = hidden.to(self.bias.device, self.bias.dtype)
        stretch = slice(voice * self._tokens, voice * self._tokens + len(description))
        for layer, table in zip(self._layers, self.keys_values, strict=True):
            for n, weight in enumerate((layer.cross_k, layer.cross_v)):
                rows = functional.linear(hidden, weight).view(len(description), self._heads, self._head)
                table[n, 0, :, stretch] = rows.transpose(0, 1)
        self.bias[voice] = -torch.inf
        self.bias[voice, stretch] = 0.0
