"""Settings of speech to text and of voice detection."""

from typing import Literal

from pydantic import Field

from app.config.section import Section
from app.config.types import ComputeType, UserPath


class SttSettings(Section):
    engine: str = "whisper"
    model: UserPath | None = None
    """A folder, or a name in `models.folder`; none: the embedded demo model, which only `whisper` can use and which
    `kva serve` refuses unless told otherwise."""
    device: Literal["cpu", "cuda"] = "cpu"
    compute_type: ComputeType = "int8"
    threads: int = Field(1, ge=1)
    beam: int = Field(1, ge=1, le=10)
    max_batch: int = Field(8, ge=1)
    short_window: bool = True
    """Whisper: encode a turn at its real length. Off: padded to 30 s, as in its training, at many times the cost."""
    partials_s: float = Field(0.4, ge=0, allow_inf_nan=False)
    """While the caller speaks, what was said so far is transcribed every so many seconds; 0: only at the end. An engine
    that takes longer than this for it does without."""
    head: Literal["ctc", "rnnt"] = "ctc"
    """IndicConformer: which of its two decoders."""


class VadSettings(Section):
    engine: str = "webrtc"
    aggressiveness: int = Field(2, ge=0, le=3)
    """webrtcvad: 0 hears voice everywhere, 3 almost nowhere."""
    threshold: float = Field(0.5, gt=0, lt=1)
    """Silero: probability from which a window is voice."""
