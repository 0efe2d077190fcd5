"""The recogniser's model: Whisper's architecture from transformers, and its two halves as functions."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from transformers import WhisperConfig, WhisperForConditionalGeneration


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of the model."""

    width: int = 192
    encoder_layers: int = 4
    decoder_layers: int = 2
    mels: int = 80
    positions: int = 1500
    """Encoder states of 20 ms: faster-whisper's 30 s."""
    most_tokens: int = 448


SHAPE = Shape()


def new_model(vocabulary: int, shape: Shape, end: int, start: int) -> Any:
    """Untrained, for `vocabulary` tokens; `end` and `start` are the ids of those that end and start a text."""
    heads = shape.width // 64
    config = WhisperConfig(
        vocab_size=vocabulary,
        num_mel_bins=shape.mels,
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * shape.width,
        decoder_ffn_dim=4 * shape.width,
        max_source_positions=shape.positions,
        max_target_positions=shape.most_tokens,
        dropout=0.0,
        attn_implementation="eager",
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=start,
    )
    return WhisperForConditionalGeneration(config)


def encode(model: Any, features: Any) -> Any:
    """Encoder states (rows x frames/2 x width) of rows x 80 x frames; transformers' own takes 30 s and nothing else."""
    encoder = model.model.encoder
    states = F.gelu(encoder.conv2(F.gelu(encoder.conv1(features)))).transpose(1, 2)
    states = states + encoder.embed_positions.weight[: states.shape[1]]
    for layer in encoder.layers:
        states = layer(states, None)
    return encoder.layer_norm(states)


def decode(model: Any, states: Any, ids: Any) -> Any:
    """Logits, rows x tokens x vocabulary."""
    decoded = model.model.decoder(input_ids=ids, encoder_hidden_states=states, use_cache=False)
    return model.proj_out(decoded.last_hidden_state)


def reserve_dimension(model: Any) -> None:
    """Keep the last dimension of the decoder's output at 1, and the tokens' rows of it at 0.

    So the export can give tokens that were never trained a logit of its choice, whatever is heard (stt_export.py).
    """
    decoder = model.model.decoder
    with torch.no_grad():
        decoder.layer_norm.weight[-1] = 0.0
        decoder.layer_norm.bias[-1] = 1.0
        decoder.embed_tokens.weight[:, -1] = 0.0
