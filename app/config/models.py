"""Settings of the store where `kva models` keeps what it downloads and converts, and of what each engine may take."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from app.config.section import Section
from app.config.types import UserPath, is_loopback


def _safe_with_a_token(url: str) -> str:
    parts = urlsplit(url)
    if not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
        raise ValueError("must begin with https://, since the token is sent there")
    return url.rstrip("/")


class Budget(Section):
    """What one engine may take. `kva models check` measures it, and `kva doctor` adds the budgets up."""

    memory_mb: int = Field(2000, ge=1)
    """On the device the engine runs on: main memory, or the GPU's."""
    first_result_ms: float = Field(1000.0, gt=0, allow_inf_nan=False)
    """From the end of a short turn to its text; a short sentence translated; from a clause to its first sound."""


class Budgets(Section):
    stt: Budget = Budget()
    to_english: Budget = Budget()
    to_kannada: Budget = Budget()
    tts: Budget = Budget()


class ModelsSettings(Section):
    folder: UserPath = Path("~/.local/share/kannada-voice-agent/models").expanduser()
    """A model setting without a slash, such as stt.model = "whisper-small-vaani", names a folder in here."""
    token: SecretStr = SecretStr("")
    """Of a Hugging Face account that was granted access to the gated models; `kva models list` shows which are."""
    endpoint: Annotated[str, AfterValidator(_safe_with_a_token)] = "https://huggingface.co"
    """The model hub, or a mirror of it."""
    gpu_memory_mb: int = Field(0, ge=0)
    """How much of the GPU all engines may take together; 0: whatever is free on it."""
    budget: Budgets = Budgets()
