"""What the flow agent's file is made of. `electricity_desk.toml` beside this module explains the format."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from app.agents.desk_file import DeskFile
from app.agents.phrases import Phrase, parse
from app.agents.toml_file import Table

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
    digits: int = Field(0, ge=0, le=32)
    """How many a number has; 0: that is not known, or it is no number."""

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
    whenever: tuple[Example, ...] = ()
    """Words that make it this task wherever they are heard."""
    needs: tuple[str, ...] = ()
    confirm: tuple[Answer, ...] = ()
    """Read back before the effect, until the caller has said yes to just that."""
    change: str = ""
    """The slot that is asked for anew when the caller says no to it; empty: the wish is dropped."""
    effect: str = ""
    answers: tuple[Answer, ...] = ()
    person: str = ""
    """Who gets the call instead of an answer, one of [people]."""
    more: bool = False

    @model_validator(mode="after")
    def _ends(self) -> "Task":
        if bool(self.answers) == bool(self.person):
            raise ValueError("needs either answers or person")
        return self


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


class FlowFile(DeskFile):
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
            yield from (answer.say for answer in (*task.confirm, *task.answers))
