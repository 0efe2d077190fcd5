"""Model packs: folders of models with a `manifest.json` that says what they are, need and are worth.

One pack is package data, `kn_desk_demo`: real models for the real engines, which know one synthetic desk and no human
voice. Its CARD.md tells the rest.
"""

import hashlib
import importlib.resources
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

DEMO_SCOPE = "synthetic-demo"


class Component(BaseModel):
    """One model of a pack, in the folder of its name."""

    model_config = ConfigDict(frozen=True)

    files: Mapping[str, str]
    """SHA-256 by file name."""
    normalise: str = "none"
    """How text must be prepared; a name in app/engines/sentences.py."""
    names: tuple[str, ...] = ()
    """Words the model knows with capital letters."""


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    scope: str
    licence: str
    components: Mapping[str, Component]


def demo_pack() -> Path:
    """The folder of the embedded demo pack. Model libraries want real files, so zipped installations cannot have it."""
    return Path(str(importlib.resources.files(__name__))) / "kn_desk_demo"


def manifest_of(pack: Path) -> Manifest | None:
    """What the pack in this folder says of itself; None when there is no readable manifest."""
    try:
        return Manifest.model_validate_json((pack / "manifest.json").read_bytes())
    except (OSError, ValidationError):
        return None


def component_of(model: Path) -> Component:
    """What a pack says about the model in the folder `model`; for a model outside any pack, what is usual."""
    manifest = manifest_of(model.parent)
    return (manifest.components.get(model.name) if manifest else None) or Component(files={})


def is_demo(model: Path) -> bool:
    """The model belongs to a pack that must not meet real callers."""
    manifest = manifest_of(model.parent)
    return manifest is not None and model.name in manifest.components and manifest.scope == DEMO_SCOPE


def damaged_files(pack: Path) -> list[str]:
    """Files of a pack that are missing or are not what its manifest says. Reads them all."""
    manifest = manifest_of(pack)
    if manifest is None:
        return ["manifest.json"]
    return [
        f"{folder}/{name}"
        for folder, component in manifest.components.items()
        for name, digest in component.files.items()
        if not (path := pack / folder / name).is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest
    ]
