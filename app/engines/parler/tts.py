"""Text to speech by Indic Parler-TTS. Only `load` imports torch, which the extra `parler` installs.

Python's part of a step would get in the way of an event loop that carries calls, so this engine belongs in a process of
its own, where `hosted` has it. It works in this one too.
"""

from typing import TYPE_CHECKING

from app.config import Settings
from app.engines.base import EngineUnavailable
from app.engines.need import need_module, need_torch
from app.models.store import located

if TYPE_CHECKING:
    from app.engines.parler.engine import ParlerTts


def load(settings: Settings) -> "ParlerTts":
    """Raises EngineUnavailable with what to install, to download or to set."""
    tts = settings.tts
    torch = need_torch(tts.device, extra="parler")
    for package in ("transformers", "safetensors", "tokenizers"):
        need_module(package, extra="parler")
    from app.engines.parler.batch import Batch
    from app.engines.parler.checkpoint import Checkpoint
    from app.engines.parler.engine import ParlerTts
    from app.engines.parler.requests import Limits
    from app.engines.parler.tokens import Tokens

    if tts.model is None:
        raise EngineUnavailable("tts.model must name the folder of a Parler-TTS checkpoint")
    folder = located(settings, tts.model)
    checkpoint = Checkpoint(folder)
    tokens = Tokens(folder)
    limits = Limits(
        slots=tts.slots,
        frames=max(1, round(tts.most_seconds * checkpoint.shape.frames_per_s)),
        voices=tts.voices,
        first_frames=tts.first_frames,
        chunk_frames=tts.chunk_frames,
    )
    device, dtype = torch.device(tts.device), getattr(torch, tts.dtype)
    try:
        batch = Batch(checkpoint, limits, device, dtype, compile_with="inductor" if tts.compile else None)
    except torch.OutOfMemoryError as error:
        raise EngineUnavailable(
            f"{folder}: the GPU's memory is too small; lower tts.slots or tts.most_seconds, or set tts.dtype"
        ) from error
    return ParlerTts(batch, tokens, tts)
