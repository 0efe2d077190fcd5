"""Settings of both directions of translation."""

from typing import Literal

from pydantic import Field

from app.config.section import Section
from app.config.types import ComputeType, UserPath


class TranslationSettings(Section):
    engine: str = "ctranslate2"
    """ctranslate2 (Marian), indictrans2, nllb, or none for a language model that speaks Kannada itself."""
    to_english: UserPath | None = None
    """A folder, or a name in `models.folder`; none: the embedded demo model, which only `ctranslate2` can use."""
    to_kannada: UserPath | None = None
    device: Literal["cpu", "cuda"] = "cpu"
    compute_type: ComputeType = "int8"
    threads: int = Field(1, ge=1)
    beam: int = Field(2, ge=1, le=10)
    """Hypotheses that the search keeps. IndicTrans2's authors measure with 5; 2 keeps a caller waiting less."""
    max_batch: int = Field(16, ge=1)
    lexicon: UserPath | None = None
    """Names and places that must survive translation: a text file, a line each, Kannada, a tab, English."""
    names: dict[str, str] = Field(default_factory=dict)
    """More of them, Kannada to English."""
