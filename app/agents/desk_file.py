"""What every desk's file has, whichever agent answers: its name, prompts, people, hours, menu, limits, lexicon.

`flow_tables` adds what the flow agent answers from, `agent_file` what a language model is told. The examples beside
this module, electricity_desk.toml and electricity_agent.toml, explain the format.
"""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from app.agents.desk_types import (
    DAYS,
    Clock,
    Day,
    Destination,
    English,
    Kannada,
    Lexicon,
    MenuKey,
    Name,
    Seconds,
    Zone,
)
from app.agents.toml_file import Problem, Table, unknown
from app.call.events import PromptName
from app.kannada.lexicon import LexiconError, load_lexicon, name_problem

AgentName = Literal["flow", "openai"]
FLOW_KEYS = frozenset({"database", "say", "words", "slots", "tasks"})
MODEL_KEYS = frozenset({"persona", "questions", "tools"})


class About(Table):
    name: str = ""
    """For `kva agent check` and `kva agent chat`."""
    agent: AgentName | None = None
    """Which agent answers; none: it follows from the rest of the file."""
    languages: tuple[Literal["kannada", "english"], ...] = ("kannada",)
    """What callers speak; a model is told of it. They are answered in Kannada."""

    @model_validator(mode="after")
    def _has_kannada(self) -> "About":
        if "kannada" not in self.languages:
            raise ValueError('languages: must have "kannada": callers are answered in it')
        return self


class SaidAlone(Table):
    kannada: Kannada
    english: English

    @model_validator(mode="after")
    def _both(self) -> "SaidAlone":
        if bool(self.kannada) != bool(self.english):
            raise ValueError("kannada and english belong together; both empty: it is never said")
        return self


class PersonTable(Table):
    number: Destination
    hours: str = ""
    """One of [hours]; none: always there."""


class HoursTable(Table):
    days: tuple[Day, ...] = Field(min_length=1)
    opens: Clock = Field(alias="from")
    closes: Clock = Field(alias="to")
    zone: Zone = "Asia/Kolkata"
    closed: tuple[datetime.date, ...] = ()

    @property
    def weekdays(self) -> frozenset[int]:
        """Monday is 0; "sat-mon" goes over the end of the week."""
        found: set[int] = set()
        for written in self.days:
            first, _, last = written.partition("-")
            start = DAYS.index(first)
            found |= {(start + n) % 7 for n in range((DAYS.index(last or first) - start) % 7 + 1)}
        return frozenset(found)


class ChoiceTable(Table):
    says: English = ""
    person: str = ""

    @model_validator(mode="after")
    def _one(self) -> "ChoiceTable":
        if bool(self.says) == bool(self.person):
            raise ValueError("needs either says or person")
        return self


class Limits(Table):
    """As in call.patience, where they are explained."""

    longest_call_s: Seconds | None = None
    time_is_up_s: Seconds | None = None
    no_input_s: Seconds | None = None
    no_input_most: Annotated[int, Field(ge=1)] | None = None
    wait_s: Seconds | None = None
    filler_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    no_reply_s: Seconds | None = None
    digit_s: Seconds | None = None


def _stretches(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else value


class DeskFile(Table):
    desk: About = About()
    prompts: dict[PromptName, SaidAlone] = Field(default_factory=dict)
    people: dict[Name, PersonTable] = Field(default_factory=dict)
    """The first is who callers get that ask for nobody in particular."""
    hours: dict[Name, Annotated[tuple[HoursTable, ...], BeforeValidator(_stretches)]] = Field(default_factory=dict)
    menu: dict[MenuKey, ChoiceTable] = Field(default_factory=dict)
    limits: Limits = Limits()
    lexicon: Lexicon = Field(default_factory=dict)
    """A file as app/kannada/lexicon.py describes it, or its names: Kannada to English."""


def agent_of(values: dict[str, Any]) -> AgentName | None:
    """Which agent a file is for, from what stands in it; None when it does not tell."""
    about = values.get("desk")
    match about.get("agent") if isinstance(about, dict) else None:
        case "flow":
            return "flow"
        case "openai":
            return "openai"
    if values.keys() & FLOW_KEYS:
        return "flow"
    return "openai" if values.keys() & MODEL_KEYS else None


def mistakes(file: DeskFile, path: Path) -> Iterator[Problem]:
    """What single keys cannot show: names that lead nowhere, and what lacks its other half."""
    for name, person in file.people.items():
        if person.hours and person.hours not in file.hours:
            yield Problem(("people", name, "hours"), unknown("hours", person.hours, file.hours))
    for key, choice in file.menu.items():
        if choice.person and choice.person not in file.people:
            yield Problem(("menu", key, "person"), unknown("person", choice.person, file.people))
    told = "keys" in file.prompts and bool(file.prompts["keys"].kannada)
    if file.menu and not told:
        yield Problem(("menu",), "needs [prompts.keys], which reads it out to the caller")
    if told and not file.menu:
        yield Problem(("prompts", "keys"), "needs [menu], the keys that it reads out")
    yield from _wrong_names(file.lexicon, path)


def _wrong_names(lexicon: Path | dict[str, str], path: Path) -> Iterator[Problem]:
    if isinstance(lexicon, Path):
        try:
            load_lexicon(lexicon_path(lexicon, path))
        except LexiconError as error:
            yield Problem(("lexicon",), str(error))
        return
    seen: dict[str, str] = {}
    for kannada, english in lexicon.items():
        if why := name_problem([kannada, english], seen):
            yield Problem(("lexicon", kannada), why)
        seen[kannada] = english


def lexicon_path(lexicon: Path, path: Path) -> Path:
    """Given from the desk's file on."""
    return path.parent / lexicon.expanduser()
