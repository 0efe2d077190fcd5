"""The catalogue of models, app/models/catalogue.toml: what each is, where it comes from and what it needs."""

import difflib
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

Use = Literal["stt", "to_english", "to_kannada", "translation", "tts"]
"""`translation`: one model for both directions."""
ComputeType = Literal["float32", "bfloat16", "float16", "int8_float16", "int8"]

_BYTES: Mapping[ComputeType, int] = {"float32": 4, "bfloat16": 2, "float16": 2, "int8_float16": 1, "int8": 1}


class ModelError(Exception):
    """A model cannot be fetched, converted or used; the message says what to do."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Borrowed(_Entry):
    """Files of another repository that the model lacks. What the model has itself is not taken."""

    repository: str
    files: tuple[str, ...]
    into: str = ""
    """The folder, inside the model's, that they go to."""


class Entry(_Entry):
    """One model."""

    kind: Use
    engine: str
    """Its name in the settings: stt.engine, translation.engine or tts.engine."""
    repository: str
    """On the hub, owner/name."""
    revision: str = "main"
    """A commit where it is pinned."""
    licence: str
    gated: bool = False
    """Its owners must grant access, to an account whose token is needed."""
    parameters_m: float | None = None
    """Millions."""
    download_mb: int | None = None
    files: tuple[str, ...]
    """Patterns of the files that are fetched besides the weights."""
    skip: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    """File names of the weights; the first that the repository has is fetched."""
    runs_in: tuple[ComputeType, ...] = ("int8", "float16")
    """What its engine can hold the weights in."""
    converts: bool = False
    """It must be converted before an engine can use it."""
    borrow: tuple[Borrowed, ...] = ()
    about: str = ""

    def weights_mb(self, compute_type: ComputeType) -> int | None:
        """Memory of the weights alone: parameters times the bytes of each. What computing needs comes on top."""
        return None if self.parameters_m is None else round(self.parameters_m * _BYTES[compute_type])


@functools.cache
def catalogue() -> Mapping[str, Entry]:
    text = (Path(__file__).parent / "catalogue.toml").read_text(encoding="utf-8")
    return {name: Entry.model_validate(entry) for name, entry in tomllib.loads(text).items()}


def entry_of(name: str) -> Entry:
    """Raises ModelError for a name that is not in the catalogue, with names like it."""
    if found := catalogue().get(name):
        return found
    near = difflib.get_close_matches(name, catalogue(), n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else "kva models list shows the names"
    raise ModelError(f"there is no model {name!r} in the catalogue; {hint}")
