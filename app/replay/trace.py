"""Replay a recorded call through the core: the same inputs at the same times must give the same commands.

A trace is what the live server wrote (app/trace.py). Replaying one takes milliseconds, so recorded calls are tests.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from app.call.core import Call
from app.call.events import Command, Event, Prompt
from app.call.policy import Choice, Patience, Person, Policy, TurnPolicy
from app.trace import VERSION, Row, encode_row, expand

_LOST = "{} blocks of this trace were lost when it was recorded, so it cannot be replayed"


class TraceError(Exception):
    """The file is not a trace that this version can read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Trace:
    header: Row
    rows: tuple[Row, ...]
    lost: int = 0
    """Blocks of rows that the recorder had to drop: the disk was too slow."""

    @property
    def policy(self) -> Policy:
        policy = self.header["policy"]
        people = tuple(Person(**person) for person in policy["people"])
        menu = tuple(Choice(**choice) for choice in policy["menu"])
        return Policy(TurnPolicy(**policy["turn"]), Patience(**policy["patience"]), people, menu)

    @property
    def inputs(self) -> Iterator[tuple[float, Event]]:
        """Every input of the core with its time, frame by frame."""
        return (timed for row in self.rows if "in" in row for timed in expand(row))

    @property
    def outputs(self) -> list[Row]:
        """Every command, as rows."""
        return [row for row in self.rows if "out" in row]

    def call(self) -> Call:
        """A core just as the recorded call had it, before its first event."""
        prompts = {
            name: Prompt(prompt["kannada"], prompt["english"], bytes(prompt["samples"]))
            for name, prompt in self.header["prompts"].items()
        }
        return Call(self.policy, prompts, marks=self.header["marks"])


@dataclass(frozen=True, slots=True)
class Replayed:
    events: int
    commands: int
    call_s: float
    """How long the recorded call took."""
    took_s: float
    """How long its replay took."""
    difference: str
    """The first command that differs; empty when all are identical."""

    @property
    def identical(self) -> bool:
        return not self.difference


def read(path: Path) -> Trace:
    """Read a trace file. Raises TraceError."""
    rows: list[Row] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise TraceError(f"{path}: cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            if number == len(lines):
                break  # the server was killed while it wrote
            raise TraceError(f"{path}:{number}: not JSON") from None
        if not isinstance(row, dict):
            raise TraceError(f"{path}:{number}: not a JSON object: is this a trace?")
        rows.append(row)
    if not rows or "header" not in rows[0]:
        raise TraceError(f"{path}: no header in the first line: is this a trace?")
    if (version := rows[0]["header"].get("version")) != VERSION:
        raise TraceError(f"{path}: trace version {version}, this program reads {VERSION}")
    if any("header" in row for row in rows[1:]):
        raise TraceError(f"{path}: more than one call in this file")
    lost = sum(row.get("lost", 0) for row in rows)
    return Trace(rows[0]["header"], tuple(row for row in rows[1:] if "lost" not in row), lost)


def replay(trace: Trace) -> Replayed:
    """Feed the recorded inputs to a fresh core and compare what it asks for. Raises TraceError."""
    try:
        inputs = list(trace.inputs)
        call = trace.call()
        keep_words = trace.header["keep_words"]
    except (KeyError, TypeError, AttributeError) as error:
        raise TraceError(f"a row of the trace is incomplete: {error!r}") from error
    begin = time.perf_counter()
    given: list[tuple[float, Command]] = []
    for now, event in inputs:
        given += [(now, command) for command in call.handle(event, now)]
    took_s = time.perf_counter() - begin
    rows = [_comparable(encode_row("out", now, command, keep_words=keep_words)) for now, command in given]
    return Replayed(
        events=len(inputs),
        commands=len(given),
        call_s=inputs[-1][0] if inputs else 0.0,
        took_s=took_s,
        difference=_LOST.format(trace.lost)
        if trace.lost
        else _difference([_comparable(row) for row in trace.outputs], rows),
    )


def _comparable(row: Row) -> Any:
    """As the file has it: tuples are lists there."""
    return orjson.loads(orjson.dumps(row))


def _difference(recorded: list[Row], replayed: list[Row]) -> str:
    for index, (before, after) in enumerate(zip(recorded, replayed, strict=False)):
        if before != after:
            return f"command {index + 1}: recorded {_shown(before)}, replayed {_shown(after)}"
    if len(recorded) != len(replayed):
        return f"recorded {len(recorded)} commands, replayed {len(replayed)}"
    return ""


def _shown(row: Row) -> str:
    """A row without its personal part."""
    return str({key: value for key, value in row.items() if key != "pii"})
