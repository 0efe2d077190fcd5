"""What trainings keep in the work folder: written whole, by one training at a time, and read by the same plan only."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class TrainingRefused(ValueError):
    """A training cannot be done as it was asked for. The message says what to do."""


def write_whole(path: Path, content: bytes) -> None:
    """All or nothing: a training that is cut short leaves no half file."""
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    os.replace(new, path)


def refuse_another(begun: Mapping[str, object], asked: Mapping[str, object], checkpoint: Path) -> None:
    """Raises TrainingRefused when a training was begun with other values; what `begun` does not say may be anything."""
    if other := [name for name, value in asked.items() if begun.get(name, value) != value]:
        values = " and ".join(f"{name} {begun[name]}" for name in other)
        those = "that" if len(other) == 1 else "those"
        raise TrainingRefused(f"{checkpoint} was begun with {values}: use {those}, or another --out")


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Raises TrainingRefused while another process is within it with the same file `lock`."""
    with lock.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainingRefused(f"{lock}: another training has it; wait for that one, or use another --out") from None
        yield
