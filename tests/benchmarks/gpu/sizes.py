"""How large everything is: as published, or so small that a CPU is through with it in a minute."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.checkpoints import indicf5, indictrans2, parler


@dataclass(frozen=True, slots=True)
class Plan:
    device: Literal["cuda", "cpu"]
    dtype: Literal["bfloat16", "float32"]
    """Of Parler."""
    compute_type: str
    """Of CTranslate2's models."""
    whisper: tuple[str, ...]
    """Sizes of tests/checkpoints/whisper.py. Conversations use the last."""
    translators: Mapping[str, indictrans2.Sizes]
    """Conversations use the first two: to English, to Kannada."""
    parler: parler.Size
    indicf5: indicf5.Shape
    slots: tuple[int, ...]
    calls: tuple[int, ...]
    clause_s: float
    """Length of each clause that Parler speaks."""
    turn_s: float
    """Length of what a caller says."""
    turns: int
    """Of each call."""
    rounds: int = 20
    codec_batches: tuple[int, ...] = field(default=(1, 4, 16, 32))


REAL = Plan(
    device="cuda",
    dtype="bfloat16",
    compute_type="int8_float16",
    whisper=("medium", "large-v3-turbo"),
    translators={
        "kn-en 200M": indictrans2.TO_ENGLISH_200M,
        "en-kn 200M": indictrans2.TO_KANNADA_200M,
        "kn-en 1B": indictrans2.TO_ENGLISH_1B,
        "en-kn 1B": indictrans2.TO_KANNADA_1B,
    },
    parler=parler.REAL,
    indicf5=indicf5.REAL,
    slots=(1, 4, 16, 32),
    calls=(1, 8, 32),
    clause_s=6.0,
    turn_s=3.0,
    turns=4,
)
DRY = Plan(
    device="cpu",
    dtype="float32",
    compute_type="int8",
    whisper=("micro", "micro-v3"),
    translators={"kn-en tiny": indictrans2.TINY, "en-kn tiny": indictrans2.TINY_TO_KANNADA},
    parler=replace(parler.TINY, end_gain=-1.0),
    indicf5=indicf5.MICRO,
    slots=(1, 2),
    calls=(1, 2),
    clause_s=0.6,
    turn_s=1.0,
    turns=1,
    rounds=1,
    codec_batches=(1, 2),
)
SOURCE_TOKENS, TARGET_TOKENS, HEARD_TOKENS = 24, 32, 24
"""Of a sentence, of its translation, and of what Whisper makes of a turn: random models never end by themselves."""
