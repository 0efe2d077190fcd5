"""Settings of text to speech."""

from typing import Literal

from pydantic import Field

from app.config.section import Section
from app.config.types import UserPath


class TtsSettings(Section):
    engine: str = "espeak"
    """espeak, parler, parler-reference or indicf5."""
    voice: str = "kn+f2"
    """espeak's voice."""
    words_per_minute: int = Field(150, ge=80, le=300)
    """espeak's pace."""
    model: UserPath | None = None
    """The checkpoint's folder, for every engine but espeak."""
    hang_s: float = Field(5.0, ge=1, allow_inf_nan=False)
    """Engines in a process of their own: one that shows no work for so long while a caller waits is started again."""
    device: Literal["cpu", "cuda"] = "cpu"
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    speaker: str = "Suresh"
    """Parler: who speaks. Its Kannada voices are Suresh, Anu, Chetan and Vidya."""
    description: str = "{speaker} speaks at a moderate pace in a clear, close recording without background noise."
    """Parler: how; {speaker} is put in."""
    voices: int = Field(2, ge=1, le=16)
    """Parler: speakers held ready at once."""
    slots: int = Field(16, ge=1, le=128)
    """Parler: clauses spoken at once, over all calls; more wait."""
    temperature: float = Field(1.0, ge=0, le=2)
    """0: always the likeliest sound."""
    top_k: int = Field(50, ge=1, le=64)
    """Parler: chosen among so many of the likeliest sounds."""
    top_p: float = Field(1.0, gt=0, le=1)
    """Parler: chosen among the fewest whose shares reach this together."""
    seed: int = Field(0, ge=0, lt=2**32)
    """Parler: with the same seed, the same text sounds the same."""
    most_seconds: float = Field(20.0, gt=0, le=29)
    """The longest clause; a voice that does not end is cut there."""
    first_frames: int = Field(8, ge=4, le=16)
    """Parler: length of a clause's first chunk of audio, in frames of 11.6 ms. Shorter is heard sooner."""
    chunk_frames: int = Field(32, ge=16, le=64)
    """Parler: length that later chunks grow to. Longer is less work: 16 takes 1.7 times that of 64."""
    compile: bool = False
    """Parler: torch.compile the step, which takes minutes at start and a C++ compiler."""
    reference_audio: UserPath | None = None
    """IndicF5: 3 to 5 seconds of the voice to speak with, as a WAV file."""
    reference_text: str = ""
    """IndicF5: what is said in it."""
    steps: int = Field(16, ge=4, le=64)
    """IndicF5: passes over a clause. Fewer are faster and rougher."""
