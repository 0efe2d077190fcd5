"""The two parts of the checkpoint that transformers computes: the encoder of descriptions (T5) and the codec (DAC).

Any version of transformers from 4.46.1 on: only the modules' forward passes are used, and weights are put in by name.
"""

from typing import Any

import torch
from transformers import DacConfig, DacModel, T5Config, T5EncoderModel

from app.engines.parler.checkpoint import Checkpoint

_TIED = ("shared.weight", "encoder.embed_tokens.weight")
"""One table under two names. A checkpoint holds it once, under either."""


def text_encoder(checkpoint: Checkpoint) -> Any:
    """T5's encoder. It stays on the CPU and in float32: it runs once a voice, and float16 overflows in it."""
    return _loaded(checkpoint, "text_encoder", lambda config: T5EncoderModel(T5Config(**config)), _TIED)


def codec(checkpoint: Checkpoint) -> Any:
    """DAC's decoding half, in float32. Its encoder, which would make codes of audio, is let go."""
    module = _loaded(checkpoint, "audio_encoder", lambda config: DacModel(DacConfig(**config)))
    del module.encoder
    return module


def _loaded(checkpoint: Checkpoint, name: str, make: Any, tied: tuple[str, ...] = ()) -> Any:
    """Made without memory, then given the checkpoint's tensors: in float32 they stay mapped files."""
    with torch.device("meta"):
        module = make(checkpoint.config[name])
    tensors = {key: tensor.float() for key, tensor in checkpoint.tensors(f"{name}.").items()}
    if stored := [key for key in tied if key in tensors]:
        tensors |= dict.fromkeys(tied, tensors[stored[0]])
    try:
        missing, unknown = module.load_state_dict(tensors, strict=False, assign=True)
    except RuntimeError as error:  # a tensor of another shape; torch's message lists all of them
        raise checkpoint.refused(f"the tensors of its {name} have other shapes than its config.json says") from error
    if missing or unknown:
        raise checkpoint.refused(f"{name}: missing tensors {missing[:3]}, unknown tensors {unknown[:3]}")
    return module.eval().requires_grad_(False)
