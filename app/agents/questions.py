"""What an agent asks, and the answer it expects: told to the model, and to what decides when a turn has ended."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator
from rapidfuzz import fuzz

from app.agents.desk_types import English, Kannada, Name
from app.agents.flow_tables import FlowFile
from app.agents.phrases import plain
from app.agents.toml_file import Table
from app.kannada.asked import Asked, asked

Expects = Literal["yes_no", "digits", "date", "amount", "value"]
Asks = Callable[[str, str], Asked]
"""What a clause of the agent, in Kannada and in English, wants to hear."""

_ALIKE = 85
"""Of 100: a clause that is so much like a question is that question, in the model's own words."""
_FEWEST_WORDS = 3
"""A long question comes in several clauses; its last words are it, when there are so many."""
_AWAITS: dict[Expects, Literal["yes_no", "digits", "value"]] = {
    "yes_no": "yes_no",
    "digits": "digits",
    "date": "value",
    "amount": "value",
    "value": "value",
}
_EXPLAINED: dict[Expects, str] = {
    "yes_no": "expects yes or no",
    "digits": "expects digits",
    "date": "expects a date",
    "amount": "expects an amount in rupees",
    "value": "expects a few words",
}


class Question(Table):
    """Something that a model shall ask in these words."""

    name: Name
    kannada: Kannada = ""
    english: English = ""
    expects: Expects
    digits: int = Field(0, ge=0, le=32)
    """How many; 0: that is not known."""
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> "Question":
        if not self.kannada and not self.english:
            raise ValueError("needs english, or kannada for a model that speaks it itself")
        if self.digits and self.expects != "digits":
            raise ValueError('digits: needs expects = "digits"')
        if self.choices and self.expects != "value":
            raise ValueError('choices: needs expects = "value"')
        return self

    @property
    def awaited(self) -> Asked:
        return Asked(_AWAITS[self.expects], self.digits)

    def told(self, *, in_kannada: bool) -> str:
        """A line of the system prompt."""
        words = (self.kannada or self.english) if in_kannada else (self.english or self.kannada)
        expects = _EXPLAINED[self.expects]
        if self.digits:
            expects = f"expects {self.digits} digits"
        if self.choices:
            expects = f"expects one of: {', '.join(self.choices)}"
        return f"- {self.name}: {words} ({expects})"


def instructions(questions: Iterable[Question], *, in_kannada: bool) -> str:
    """For the system prompt; empty without questions."""
    lines = [question.told(in_kannada=in_kannada) for question in questions]
    return "\n".join(["When you need to know one of these, ask in these words:", *lines]) if lines else ""


@dataclass(frozen=True, slots=True)
class Known:
    """A question of the file, as it is compared."""

    text: str
    awaited: Asked

    def asks(self, clause: str) -> bool:
        if len(clause.split()) >= _FEWEST_WORDS and f" {self.text}".endswith(f" {clause}"):
            return True
        return fuzz.ratio(clause, self.text) >= _ALIKE


def of_questions(questions: Iterable[Question]) -> Asks:
    """For a model: the kind of answer that the file gives to the question, else what the Kannada sounds like."""
    return _asks(
        Known(_bare(text), question.awaited)
        for question in questions
        for text in (question.kannada, question.english)
        if text
    )


def of_slots(file: FlowFile) -> Asks:
    """For the flow agent: how many digits a slot has, else what the Kannada sounds like."""
    return _asks(
        Known(_bare(slot.ask.sentences[-1].text), Asked("digits", slot.digits))
        for slot in file.slots.values()
        if slot.ask and slot.digits
    )


def _asks(questions: Iterator[Known]) -> Asks:
    known = tuple(questions)

    def asks(kannada: str, english: str) -> Asked:
        for clause in (_bare(english), _bare(kannada)):
            for question in known:
                if clause and question.asks(clause):
                    return question.awaited
        return asked(kannada)

    return asks


def _bare(text: str) -> str:
    return plain(text).lower()
