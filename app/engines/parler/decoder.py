"""The transformer: `step` computes one column for all slots, `prefill` the keys and values of one slot's prompt.

Both read and write nothing but `State` and `Voices`, and have no control flow that depends on data: the number they
take is a shape. So each can be compiled as one graph, and captured in one CUDA graph a shape. Hence also additive
biases in place of boolean masks, which attention would convert once a layer, and masked_fill in place of
torch.where(…, number), which copies the number to the device and waits.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from app.engines.parler.checkpoint import Shape
from app.engines.parler.delay import Delay
from app.engines.parler.sampling import Sampler
from app.engines.parler.state import Row, State
from app.engines.parler.voices import Voices
from app.engines.parler.weights import Layer, Norm, Weights

Attend = Callable[[int, Tensor, Tensor], Tensor]
"""Self-attention of layer n: takes queries [N, H, d] and keys and values [N, 2, H, d], returns [N, h]."""


class Decoder:
    def __init__(self, shape: Shape, weights: Weights, state: State, voices: Voices) -> None:
        device, cache = state.device, state.keys_values[0].shape[3]
        self._weights, self._state, self._voices = weights, state, voices
        self._width, self._heads, self._head = shape.width, shape.heads, shape.width // shape.heads
        self._codebooks, self._ids, self._end = shape.codebooks, shape.ids, shape.end
        self._delay = Delay(shape, device)
        self._sampler = Sampler(shape.codebooks, shape.ids, device)
        self._slot = torch.arange(state.slots, device=device)
        self._entry = torch.arange(cache, device=device)
        self._zeros = torch.zeros(state.slots, cache, device=device, dtype=weights.heads.dtype)
        self._offset = torch.arange(shape.codebooks, device=device) * (shape.ids + 1)

    def step(self, context: int) -> None:
        """One column for all slots, which attend to the first `context` entries of their caches."""
        state, weights = self._state, self._weights
        position, voice = state.ints[Row.POSITION], state.ints[Row.VOICE]
        bias = self._zeros[:, :context].masked_fill(self._entry[:context] > position[:, None], -torch.inf)

        def attend(n: int, queries: Tensor, keys_values: Tensor) -> Tensor:
            cache = state.keys_values[n]
            cache[:, self._slot, :, position] = keys_values  # [S, 2, H, d]: the indexed axes come first
            keys, values = cache[:, :, :, :context]
            attended = functional.scaled_dot_product_attention(
                queries[:, :, None], keys, values, attn_mask=bias[:, None, None]
            )
            return attended.reshape(state.slots, self._width)

        hidden = weights.codes[state.fed + self._offset].sum(1) + weights.positions[position]
        self._layers(hidden, attend, self._voices.bias[voice])
        logits = functional.linear(_normed(hidden, weights.norm), weights.heads)
        self._settle(logits.view(state.slots, self._codebooks, self._ids).float())

    def prefill(self, length: int) -> None:
        """Keys and values of the first `length` tokens of `State.prompt`, into the slot and with the voice of `place`.

        Padding on the right is harmless: causal attention does not see it, and steps overwrite it. What the slot held
        is cleared, because a value that is not finite would count even where its weight is 0.
        """
        slot, voice = self._state.place[:1], self._state.place[1:]

        def attend(n: int, queries: Tensor, keys_values: Tensor) -> Tensor:
            cache = self._state.keys_values[n]
            keys, values = keys_values.permute(1, 2, 0, 3)  # each [H, length, d]
            cache.index_fill_(1, slot, 0.0)
            cache[:, slot, :, :length] = torch.stack((keys, values))[:, None]
            attended = functional.scaled_dot_product_attention(
                queries.transpose(0, 1)[None], keys[None], values[None], is_causal=True
            )
            return attended[0].transpose(0, 1).reshape(length, self._width)

        hidden = self._weights.prompt[self._state.prompt[:length]] + self._weights.positions[:length]
        self._layers(hidden, attend, self._voices.bias[voice])

    def _layers(self, hidden: Tensor, attend: Attend, voice_bias: Tensor) -> None:
        """Run `hidden` [N, h] through all layers, in place. `voice_bias`: [N or 1, voices * tokens]."""
        for n, layer in enumerate(self._weights.layers):
            joined = functional.linear(_normed(hidden, layer.self_norm), layer.qkv)
            joined = joined.view(len(hidden), 3, self._heads, self._head)
            hidden.addmm_(attend(n, joined[:, 0], joined[:, 1:]), layer.self_out.t())
            hidden.addmm_(self._listen(n, layer, _normed(hidden, layer.cross_norm), voice_bias), layer.cross_out.t())
            inner = functional.gelu(functional.linear(_normed(hidden, layer.feed_norm), layer.up))
            hidden.addmm_(inner, layer.down.t())

    def _listen(self, n: int, layer: Layer, hidden: Tensor, voice_bias: Tensor) -> Tensor:
        """Cross-attention of [N, h] to the voices, as N queries of one sequence."""
        queries = functional.linear(hidden, layer.cross_q).view(len(hidden), self._heads, self._head)
        keys, values = self._voices.keys_values[n]
        attended = functional.scaled_dot_product_attention(
            queries.transpose(0, 1)[None], keys, values, attn_mask=voice_bias[None, None]
        )
        return attended[0].transpose(0, 1).reshape(len(hidden), self._width)

    def _settle(self, logits: Tensor) -> None:
        """Choose the column that `logits` [S, K, V] are for, write it down, and see who is over."""
        state, delay = self._state, self._delay
        position, column, frames, limit, least, voice, top_k, key, opened, active = state.ints.unbind(0)
        column, live = column + 1, active.bool()
        opened = delay.opened(opened, state.ended)
        logits = delay.allow(logits, opened, column <= least)
        chosen = self._sampler.choose(logits, key, column, state.temperature, top_k, state.top_p)
        chosen = chosen.masked_fill(state.ended, self._end)
        ended = state.ended | (chosen == self._end)
        first_ended = (chosen[:, 0] == self._end) & live
        frames = torch.where(first_ended, torch.minimum(frames, column - 1), frames)
        fed = delay.fill(chosen, column, limit)
        state.codes[self._slot, column * active] = fed
        state.fed.copy_(torch.where(live[:, None], fed, state.fed))
        state.ended.copy_(torch.where(live[:, None], ended, state.ended))
        still = active * (~delay.over(column, frames)).long()
        # In the order of Row.
        rows = (position + active, column - 1 + active, frames, limit, least, voice, top_k, key, opened, still)
        state.ints.copy_(torch.stack(rows))


def _normed(hidden: Tensor, norm: Norm) -> Tensor:
    return functional.layer_norm(hidden, norm.weight.shape, norm.weight, norm.bias)
