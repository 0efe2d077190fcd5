"""A trace in steps: each input of the core together with the commands that it brought."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.replay.trace import Trace
from app.trace import Row, expand


@dataclass(frozen=True, slots=True)
class Step:
    now: float
    """When the input came; of a run of voice, its last frame."""
    cause: Row
    commands: tuple[Row, ...]

    def of(self, *names: str) -> list[Row]:
        """Its commands of these kinds."""
        return [row for row in self.commands if row["out"] in names]


def steps(trace: Trace) -> Iterator[Step]:
    """All steps in their order. Commands before the first input belong to nothing and are left out."""
    cause: Row | None = None
    commands: list[Row] = []
    for row in trace.rows:
        if "out" in row:
            commands.append(row)
            continue
        if cause is not None:
            yield _step(cause, commands)
        cause, commands = row, []
    if cause is not None:
        yield _step(cause, commands)


def _step(cause: Row, commands: list[Row]) -> Step:
    now = expand(cause)[-1][0] if cause["in"] == "Voice" else cause["t"]
    return Step(now, cause, tuple(commands))
