"""The translators' model: a small Transformer of the Marian (OPUS-MT) layout, which CTranslate2 can convert.

<pad> has the last id, where CTranslate2 looks for it, and no part in the training: the logit is cut off, so its
embedding stays zero. It must: CTranslate2 starts every sentence from a zero vector, transformers from this embedding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional
from transformers import MarianConfig, MarianMTModel

from app.models.training.translation_data import END, Ids, PairBatch

_POSITIONS = 128
_MOST_NEW_PIECES = 110
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is chosen about a training but its length."""

    pieces: int = 1500
    width: int = 160
    layers: int = 3
    """Of the encoder and of the decoder."""
    heads: int = 4
    dropout: float = 0.05
    label_smoothing: float = 0.1
    peak_rate: float = 2e-3
    warm_up_steps: int = 300
    flat_until: float = 0.3
    """The part of all steps after which the rate falls, in a straight line to zero."""
    batch_pieces: int = 1000
    """Source and target with their padding: about 48 pairs. Twice as many did clearly worse for the same time."""
    chunk_pairs: int = 20_000
    probe_every_steps: int = 1000
    probe_pairs: int = 100

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of step 0 to `steps` - 1."""
        left = (steps - step) / steps
        return self.peak_rate * min(1.0, (step + 1) / self.warm_up_steps, left / (1 - self.flat_until))


def new_model(recipe: Recipe) -> Any:
    """Untrained."""
    pad = recipe.pieces
    return MarianMTModel(
        MarianConfig(
            vocab_size=recipe.pieces + 1,
            decoder_vocab_size=recipe.pieces + 1,
            d_model=recipe.width,
            encoder_layers=recipe.layers,
            decoder_layers=recipe.layers,
            encoder_attention_heads=recipe.heads,
            decoder_attention_heads=recipe.heads,
            encoder_ffn_dim=4 * recipe.width,
            decoder_ffn_dim=4 * recipe.width,
            max_position_embeddings=_POSITIONS,
            dropout=recipe.dropout,
            activation_function="relu",
            scale_embedding=True,
            share_encoder_decoder_embeddings=True,
            pad_token_id=pad,
            decoder_start_token_id=pad,
            eos_token_id=END,
            forced_eos_token_id=END,
            attn_implementation="eager",  # twice as fast as torch's fused attention at this size on a CPU, in bf16
        )
    )


def loss_of(model: Any, batch: PairBatch, recipe: Recipe, device: str) -> Any:
    """The mean cross-entropy in nats a target piece, with label smoothing. bf16 where it matters for speed."""
    sources = _padded([source for source, _ in batch], recipe.pieces).to(device)
    targets = _padded([target for _, target in batch], _IGNORED)
    shifted = targets.roll(1, dims=1).masked_fill(targets.roll(1, dims=1) == _IGNORED, recipe.pieces)
    shifted[:, 0] = recipe.pieces
    with torch.autocast(device, torch.bfloat16):
        logits = model(
            input_ids=sources,
            attention_mask=(sources != recipe.pieces).long(),
            decoder_input_ids=shifted.to(device),
            use_cache=False,
        ).logits[..., : recipe.pieces]
    return functional.cross_entropy(
        logits.float().flatten(0, 1),
        targets.to(device).flatten(),
        ignore_index=_IGNORED,
        label_smoothing=recipe.label_smoothing,
    )


def translate(model: Any, pieces: Any, texts: Sequence[str], device: str) -> list[str]:
    """Greedy translations, for probes while training; the engine does it with CTranslate2."""
    pad = int(model.config.pad_token_id)
    sources = _padded([[*ids, END] for ids in pieces.encode(list(texts), num_threads=1)], pad).to(device)
    model.eval()
    answers = model.generate(
        input_ids=sources,
        attention_mask=(sources != pad).long(),
        max_new_tokens=_MOST_NEW_PIECES,
        bad_words_ids=[[pad]],
        num_beams=1,
    )
    model.train()
    return [pieces.decode([piece for piece in answer if piece not in (END, pad)]) for answer in answers.tolist()]


def _padded(rows: Sequence[Ids], fill: int) -> Any:
    width = max(map(len, rows))
    return torch.tensor([[*row, *[fill] * (width - len(row))] for row in rows])
