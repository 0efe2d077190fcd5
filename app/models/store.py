"""The store: the folder in which `kva models` keeps models, each in a folder of its name.

    <models.folder>/<name>              ready for an engine
    <models.folder>/downloads/<name>    as the hub has it, for those that must be converted first
    .../<name>.part                     unfinished; it gets its name when it is complete

A complete folder holds a manifest, written last: where the model came from, and the SHA-256 of every file.
"""

import contextlib
import errno
import fcntl
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from app.config import Settings
from app.models.catalogue import ModelError

MANIFEST = "kva-model.json"
LOCK = ".lock"


class Origin(BaseModel):
    """The manifest of one folder."""

    model_config = ConfigDict(frozen=True)

    repository: str = ""
    revision: str = ""
    """The commit that was downloaded."""
    licence: str = ""
    quantization: str = ""
    """What it was converted with; empty: as published."""
    files: Mapping[str, str]
    """SHA-256 by path within the folder."""


def located(settings: Settings, model: Path) -> Path:
    """The folder that a model setting means: a path as it is, a bare name in the store, `models.folder`."""
    if len(model.parts) == 1 and not model.exists():
        return settings.models.folder / model
    return model


def downloaded(store: Path, name: str) -> Path:
    """Where the published files of a model that must be converted go."""
    return store / "downloads" / name


def part_of(folder: Path) -> Path:
    """The unfinished twin of `folder`."""
    return folder.with_name(f"{folder.name}.part")


def origin_of(folder: Path) -> Origin | None:
    """The manifest of `folder`; None when it has none that can be read."""
    try:
        return Origin.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        return None


def damage(folder: Path) -> list[str]:
    """Files of `folder` that are missing or are not what its manifest says. Reads them all."""
    origin = origin_of(folder)
    if origin is None:
        return [MANIFEST]
    return [name for name, digest in origin.files.items() if not _is(folder / name, digest)]


def size_mb(folder: Path) -> int:
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6)


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextlib.contextmanager
def told_plainly(folder: Path, setting: str = "models.folder") -> Iterator[None]:
    """Errors of the disk, as a ModelError with what the user can do about them; `setting` says where `folder` is."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise ModelError(
                f"the disk of {folder} is full; free some, or set {setting} to another disk. "
                "What has been downloaded is kept"
            ) from None
        raise ModelError(f"{folder} cannot be written: {error.strerror or error}; check {setting}") from None


def is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """The unfinished twin of `folder`, made if need be and kept from other processes: for them it is a ModelError.

    So it is when `folder` is there and has no manifest: it would be replaced, and it is not ours.
    """
    if folder.exists() and origin_of(folder) is None:
        raise ModelError(f"{folder} was not put there by kva models, so it is not replaced; move it away")
    part = part_of(folder)
    part.mkdir(parents=True, exist_ok=True)
    with (part / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ModelError(f"{part} is being written by another kva models command; wait for it") from None
        yield part


def finish(folder: Path, origin: Origin) -> None:
    """Give the unfinished twin of `folder` its manifest and its name. What had the name before is removed."""
    part, old = part_of(folder), folder.with_name(f"{folder.name}.old")
    (part / LOCK).unlink(missing_ok=True)
    (part / MANIFEST).write_text(origin.model_dump_json(indent=1), encoding="utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def manifest_files(folder: Path) -> dict[str, str]:
    """SHA-256 of everything in `folder`, by path within it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    names = ((file.relative_to(folder).as_posix(), file) for file in files)
    return {name: sha256(file) for name, file in names if name not in (MANIFEST, LOCK)}


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and sha256(file) == digest
