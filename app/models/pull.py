"""`kva models pull`: a model of the catalogue from the hub into the store, whole or not at all."""

import fnmatch
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.config import ModelsSettings
from app.models.catalogue import Borrowed, Entry, ModelError, entry_of
from app.models.hub import Hub, Progress, RemoteFile, Repository
from app.models.store import LOCK, Origin, downloaded, finish, locked, manifest_files, origin_of, told_plainly

_SPARE_BYTES = 200 << 20
"""Left free on the disk."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    repository: Repository
    remote: RemoteFile
    path: str
    """Where it goes, within the model's folder."""


@dataclass(frozen=True, slots=True)
class Pulled:
    folder: Path
    fresh: bool
    """False: it was there already, at the hub's commit."""


def home_of(store: Path, name: str) -> Path:
    """Where a model of the catalogue is pulled to."""
    return downloaded(store, name) if entry_of(name).converts else store / name


def pull(
    name: str,
    settings: ModelsSettings,
    progress: Progress = lambda path, done, size: None,
    *,
    again: bool = False,
) -> Pulled:
    """Fetch what is missing of model `name`, check it against the hub's checksums and put it in its place.

    `again` fetches a model anew that is there. Raises ModelError; what has arrived by then is kept for the next time.
    """
    entry, folder = entry_of(name), home_of(settings.folder, name)
    origin = None if again else origin_of(folder)
    if origin is not None and origin.revision == entry.revision:
        return Pulled(folder, fresh=False)
    token = settings.token.get_secret_value().strip()
    if not (token.isascii() and token.isprintable()):  # no header can carry it
        raise ModelError("models.token: must be plain ASCII in one line; copy it again")
    with Hub(settings.endpoint, token) as hub, told_plainly(settings.folder):
        repository = hub.repository(entry.repository, entry.revision)
        if origin is not None and origin.revision == repository.commit:
            return Pulled(folder, fresh=False)
        wanted = [*_own(entry, repository), *_borrowed(hub, entry, repository)]
        with locked(folder) as part:
            missing = [each for each in wanted if not _is_there(part / each.path, each.remote)]
            _check_room(part, missing)
            for each in missing:
                hub.download(each.repository, each.remote, part / each.path, progress)
            _drop_others(part, {each.path for each in wanted})
            finish(
                folder,
                Origin(
                    repository=entry.repository,
                    revision=repository.commit,
                    licence=entry.licence,
                    files=manifest_files(part),
                ),
            )
    return Pulled(folder, fresh=True)


def _own(entry: Entry, repository: Repository) -> Iterator[_Wanted]:
    """The files of the model's own repository. Raises ModelError when it does not have what the catalogue expects."""
    weights = next((name for name in entry.weights if any(f.path == name for f in repository.files)), None)
    if entry.weights and weights is None:
        raise ModelError(
            f"{repository.name} has changed: it holds no {' or '.join(entry.weights)}; "
            "a newer version of this program may know more"
        )
    for remote in repository.files:
        if remote.path == weights or (
            _matches(remote.path, entry.files)
            and not _matches(remote.path, entry.skip)
            and remote.path not in entry.weights
        ):
            yield _Wanted(repository, remote, remote.path)


def _borrowed(hub: Hub, entry: Entry, repository: Repository) -> Iterator[_Wanted]:
    """Files that the model lacks, from other repositories."""
    own = {remote.path for remote in repository.files}
    for borrowed in entry.borrow:
        targets = {name: f"{borrowed.into}/{name}" if borrowed.into else name for name in borrowed.files}
        if own.issuperset(targets.values()):
            continue
        lender = hub.repository(borrowed.repository, "main")
        for remote in lender.files:
            if (target := targets.get(remote.path)) and target not in own:
                yield _Wanted(lender, remote, target)
        _check_lent(borrowed, lender)


def _check_lent(borrowed: Borrowed, lender: Repository) -> None:
    """The first file is the one it is all about; lists of the others vary."""
    if borrowed.files[0] not in {remote.path for remote in lender.files}:
        raise ModelError(f"{lender.name} has no {borrowed.files[0]} any more; a newer version of this program may know")


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    """A pattern without a slash means files at the top."""
    return any(fnmatch.fnmatchcase(path, pattern) and ("/" in pattern or "/" not in path) for pattern in patterns)


def _is_there(file: Path, remote: RemoteFile) -> bool:
    return file.is_file() and remote.matches(file)


def _check_room(part: Path, missing: Sequence[_Wanted]) -> None:
    here = sum(file.stat().st_size for file in part.rglob("*.part") if file.is_file())
    needed = sum(each.remote.size for each in missing) - here + _SPARE_BYTES
    free = shutil.disk_usage(part).free
    if missing and needed > free:
        raise ModelError(
            f"the disk of {part.parent} has {free / 1e6:.0f} MB free and {needed / 1e6:.0f} MB are needed; "
            "free some, or set models.folder to another disk"
        )


def _drop_others(part: Path, wanted: set[str]) -> None:
    """Remove what an earlier, unfinished download of another revision left."""
    for file in [file for file in part.rglob("*") if file.is_file()]:
        if file.relative_to(part).as_posix() not in wanted and file.name != LOCK:
            file.unlink()
