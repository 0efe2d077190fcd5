"""What must have come of a call: the `[expect]` of a cue sheet, held against the call's trace and the desk's records.

[expect]
ends = "hang_up"                     # by the agent; "transfer": to a person; "caller": the caller hung up
heard = ["is that right?", "845"]    # of what the agent said in English; in this order, all of it heard
not_heard = ["sorry"]

[[expect.facts]]                     # :call_id is this call's
look_up = "SELECT district, about FROM complaints WHERE call_id = :call_id"
rows = [{ district = "Mandya", about = "power" }]
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import StringConstraints, field_validator

from app.agents.toml_file import Table
from app.replay.trace import Trace
from app.replay.waterfall import TurnRow

Ending = Literal["hang_up", "transfer", "caller"]
Records = list[dict[str, object]]
"""Rows by column."""

_Fragment = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Fact(Table):
    look_up: str
    rows: list[dict[str, str | int | float]]
    """All that it must find, in this order; a column that is NULL is left out."""

    @field_validator("look_up")
    @classmethod
    def _only_looks(cls, statement: str) -> str:
        if statement.split(maxsplit=1)[:1] not in (["SELECT"], ["select"]):
            raise ValueError("must be a SELECT")
        return statement


class Expectation(Table):
    ends: Ending | None = None
    heard: tuple[_Fragment, ...] = ()
    not_heard: tuple[_Fragment, ...] = ()
    facts: tuple[Fact, ...] = ()


def unmet(
    expect: Expectation, trace: Trace, turns: Sequence[TurnRow], found: Sequence[Records] | None = None
) -> list[str]:
    """What did not come as expected, a sentence each. `found`: what each fact looked up; without it none is checked."""
    problems = []
    if expect.ends and (ended := how_it_ended(trace)) != expect.ends:
        problems.append(f"expect.ends: {ENDS[ended]}, not: {ENDS[expect.ends]}")
    problems += _unheard(expect, " / ".join(row.agent_english for row in turns if row.agent_english))
    for number, (fact, records) in enumerate(zip(expect.facts, found or (), strict=False)):
        if (known := [_known(row) for row in records]) != fact.rows:
            problems.append(
                f"expect.facts.{number}: the records hold {known or 'nothing'}, not {fact.rows or 'nothing'}"
            )
    return problems


ENDS: Mapping[Ending, str] = {
    "hang_up": "the agent hung up",
    "transfer": "the agent handed the caller over",
    "caller": "the caller hung up",
}


def how_it_ended(trace: Trace) -> Ending:
    """Who ended the recorded call."""
    ending: Ending = "caller"
    for row in trace.rows:
        match row.get("out") or row["in"]:
            case "Transfer":
                ending = "transfer"
            case "TransferFailed":
                ending = "caller"
            case "Hangup":
                ending = "hang_up"
    return ending


def _unheard(expect: Expectation, said: str) -> list[str]:
    plain = _plain(said)
    place, before, problems = 0, "", []
    for number, fragment in enumerate(expect.heard):
        at = plain.find(_plain(fragment), place)
        if at < 0:
            after = f" after {before!r}" if before else ""
            return [f"expect.heard.{number}: {fragment!r} was not heard{after}; the agent said: {said}"]
        place, before = at + len(_plain(fragment)), fragment
    for number, fragment in enumerate(expect.not_heard):
        if _plain(fragment) in plain:
            problems.append(f"expect.not_heard.{number}: {fragment!r} was heard; the agent said: {said}")
    return problems


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _known(row: Mapping[str, object]) -> dict[str, object]:
    return {column: value for column, value in row.items() if value is not None}
