"""Which models the settings name, whether they are there, and the commands that bring those that are not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.config import Settings
from app.models.catalogue import Entry, catalogue
from app.models.store import downloaded, located, origin_of, part_of

Kind = Literal["stt", "to_english", "to_kannada", "tts"]

WITHOUT_A_MODEL: Mapping[Kind, tuple[str, ...]] = {
    "stt": (),
    "to_english": ("none",),
    "to_kannada": ("none",),
    "tts": ("espeak",),
}
"""Engines for which the model setting means nothing."""


@dataclass(frozen=True, slots=True)
class Named:
    """A model that the settings name for an engine."""

    kind: Kind
    setting: str
    """The key, such as stt.model."""
    folder: Path
    name: str
    """Its name in the store; empty when the setting is a path."""

    @property
    def present(self) -> bool:
        return self.folder.is_dir()


def named_models(settings: Settings) -> Iterator[Named]:
    """The models of the configured engines. What is left out, such as the embedded demo models, is not among them."""
    stt, translation, tts = settings.stt, settings.translation, settings.tts
    rows: tuple[tuple[Kind, str, str, Path | None], ...] = (
        ("stt", "stt.model", stt.engine, stt.model),
        ("to_english", "translation.to_english", translation.engine, translation.to_english),
        ("to_kannada", "translation.to_kannada", translation.engine, translation.to_kannada),
        ("tts", "tts.model", tts.engine, tts.model),
    )
    for kind, setting, engine, model in rows:
        if model is not None and engine not in WITHOUT_A_MODEL[kind]:
            folder = located(settings, model)
            yield Named(kind, setting, folder, str(model) if folder.parent == settings.models.folder else "")


def how_to_get(named: Named, settings: Settings) -> str:
    """The commands that put the missing model there, for a user to type; for a path of theirs, what to correct."""
    entry = catalogue().get(named.name)
    if entry is None:
        return f"correct {named.setting}, or put the model there (kva models list shows what can be downloaded)"
    pull, convert = f"kva models pull {named.name}", f"kva models convert {named.name}"
    if not entry.converts:
        return pull
    published = downloaded(settings.models.folder, named.name)
    if origin_of(published) is not None:
        return convert
    return f"{pull} && {convert}"


def missing(settings: Settings) -> list[tuple[Named, str, str]]:
    """The models that are named and not there: what is wrong with each, and what to do."""
    return [
        (named, _state(named, settings), how_to_get(named, settings))
        for named in named_models(settings)
        if not named.present
    ]


def _state(named: Named, settings: Settings) -> str:
    if not named.name:
        return f"{named.folder} is not there"
    places = named.folder, downloaded(settings.models.folder, named.name)
    half = any(part_of(place).is_dir() for place in places)
    return f"{named.name} is {'only half' if half else 'not'} in {settings.models.folder}"


def kinds_of(entry: Entry) -> tuple[Kind, ...]:
    """What engines a model of the catalogue is for."""
    return ("to_english", "to_kannada") if entry.kind == "translation" else (entry.kind,)


def settings_for(folder: Path, kind: Kind, engine: str, settings: Settings) -> Settings:
    """`settings`, with `folder` as the model of engine `kind`, named `engine`."""
    section, key = {"stt": ("stt", "model"), "tts": ("tts", "model")}.get(kind, ("translation", kind))
    changes: dict[str, object] = {key: folder, "engine": engine}
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=changes)})


def used_for(folder: Path, settings: Settings) -> tuple[Kind, ...]:
    """What the settings use the model in `folder` for; empty when they do not."""
    return tuple(named.kind for named in named_models(settings) if named.folder == folder)
