"""The flow agent's file, read and checked. `electricity_desk.toml` beside this module explains the format.

Anything wrong is a ConfigError with a line a problem, naming the table, the key and what it should be.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from app.agents import toml_file
from app.agents.phrases import Phrase, parse, placeholders
from app.agents.toml_file import Table
from app.config import ConfigError

Example = Annotated[str, Field(min_length=1)]
Said = Annotated[Phrase, BeforeValidator(lambda text: parse(text) if isinstance(text, str) else text)]


def _compile(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if pattern and groups != 1:
        raise ValueError("must have exactly one group in (), around the value")
    return pattern


Pattern = Annotated[str, AfterValidator(_compile)]


class Slot(Table):
    """Something a caller's sentence may carry."""

    pattern: Pattern = ""
    choices: tuple[str, ...] = ()
    alone: Pattern = ""
    ask: Said | None = None
    confirm: Said | None = None
    check: str = ""
    unknown: Said | None = None
    default: str = ""
    remember: bool = False

    @model_validator(mode="after")
    def _complete(self) -> "Slot":
        if bool(self.pattern) == bool(self.choices):
            raise ValueError("needs either pattern or choices")
        if bool(self.check) != bool(self.unknown):
            raise ValueError("check and unknown belong together")
        return self


class Answer(Table):
    look_up: str = ""
    say: Said


class Task(Table):
    """Something callers want."""

    examples: tuple[Example, ...] = Field(min_length=1)
    needs: tuple[str, ...] = ()
    effect: str = ""
    answers: tuple[Answer, ...] = Field(min_length=1)
    more: bool = False


class Words(Table):
    """Example phrases of what means the same at every desk."""

    greeting: tuple[Example, ...]
    yes: tuple[Example, ...]
    no: tuple[Example, ...]
    repeat: tuple[Example, ...]
    thanks: tuple[Example, ...]
    goodbye: tuple[Example, ...]
    person: tuple[Example, ...]
    detail: tuple[Example, ...] = ()


class Say(Table):
    help: Said
    more: Said
    unclear: Said
    goodbye: Said


class FlowFile(Table):
    database: str
    threshold: float = Field(73, gt=0, le=100)
    patience: int = Field(2, ge=1)
    filler: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    say: Say
    words: Words
    slots: dict[str, Slot]
    tasks: dict[str, Task]


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole file that makes sense, and the script of its database."""

    path: Path
    file: FlowFile
    script: str

    @property
    def phrases(self) -> Iterator[Phrase]:
        """Everything the agent can say."""
        say = self.file.say
        yield from (say.help, say.more, say.unclear, say.goodbye)
        for slot in self.file.slots.values():
            yield from (phrase for phrase in (slot.ask, slot.confirm, slot.unknown) if phrase)
        for task in self.file.tasks.values():
            yield from (answer.say for answer in task.answers)


def read(path: Path) -> Flow:
    """Raises ConfigError."""
    file = toml_file.read(path, FlowFile)
    if mistakes := list(_mistakes(file)):
        raise ConfigError("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    return Flow(path, file, toml_file.text(path.parent / file.database))


def _mistakes(file: FlowFile) -> Iterator[str]:
    """What single keys cannot show: names that lead nowhere."""
    known = ", ".join(file.slots) or "none"
    for name, task in file.tasks.items():
        for need in task.needs:
            if need not in file.slots:
                yield f"tasks.{name}.needs: there is no slot {need!r}; known are {known}"
            elif file.slots[need].ask is None:
                yield f"slots.{need}.ask: is missing, and tasks.{name} needs it"
        for unknown in sorted(placeholders(task.examples) - file.slots.keys()):
            yield f"tasks.{name}.examples: there is no slot {unknown!r}; known are {known}"
        if task.effect and not all(part in task.effect for part in (":call_id", ":position", "ON CONFLICT")):
            yield f"tasks.{name}.effect: one wish must be one row: write :call_id and :position, ON CONFLICT update"
    for name, slot in file.slots.items():
        for key, phrase in (("ask", slot.ask), ("confirm", slot.confirm), ("unknown", slot.unknown)):
            wrong = sorted(phrase.placeholders - {name}) if phrase else []
            if wrong:
                yield f"slots.{name}.{key}: may hold {{{name}}} only, not {{{wrong[0]}}}"
        if slot.confirm and name not in slot.confirm.placeholders:
            yield f"slots.{name}.confirm: must read {{{name}}} back"
