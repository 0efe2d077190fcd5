"""Digits, amounts and dates are read back to the caller and confirmed before a tool uses them.

A model may misunderstand, or forget its manners, so this does not ask the model. It looks at what the caller really
heard: a value is confirmed when it stood in a line of the agent's, and the caller answered the last such line with
anything but no. Values that were keyed are no exception: the history does not tell a keyed line from a spoken one.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from app.agents.parameters import Arguments, Parameters
from app.agents.phrases import plain
from app.agents.same_value import tells
from app.agents.templates import shown
from app.call.events import Line
from app.engines.base import Question

_YES = re.compile(r"(?:yes|yeah|ಹೌದು)(?! but| ಆದರೆ| ಆದ್ರೆ)(?!\S)")
_NO = re.compile(
    r"(?<!\S)(?:no(?! problem)|nope|not|don't|wrong|incorrect|isn't)(?!\S)"
    r"|(?<!\S)(?:ಅಲ್ಲ|ಅಲ್ಲಾ|ಅದಲ್ಲ|ತಪ್ಪು|ಬೇಡ|ಉಹೂಂ|ಸರಿಯಲ್ಲ|ಸರಿಯಿಲ್ಲ|ಸರಿಯಾಗಿಲ್ಲ|ಸರಿ ಇಲ್ಲ)(?!\S)|^ಇಲ್ಲ(?!\S)"
)


def unconfirmed(parameters: Parameters, arguments: Arguments, question: Question) -> list[str]:
    """The parameters that must be read back and were not, or were denied."""
    wanted = {name: shown(value) for name, value in arguments.items() if parameters[name].read_back}
    if not wanted:
        return []
    exchanges = [exchange for exchange in _exchanges(question) if exchange[1]]
    return [name for name, value in wanted.items() if not _confirmed(value, exchanges)]


def _confirmed(value: str, exchanges: list[tuple[str, str]]) -> bool:
    """The newest read-back decides: the caller may deny what once was right."""
    return next((not _denies(answer) for said, answer in reversed(exchanges) if tells(said, value)), False)


def _exchanges(question: Question) -> Iterator[tuple[str, str]]:
    """What the agent was heard to say, and what the caller answered; empty when it was not understood."""
    lines = (*question.history, Line("caller", "", question.text))
    said = ""
    for role, group in groupby(lines, key=lambda line: line.role):
        text = " ".join(line.english for line in group).strip()
        if role == "agent":
            said = text
        elif said:
            yield said, text


def _denies(answer: str) -> bool:
    """A yes at the beginning counts for more than a no that follows: "yes, and there is no power". An okay does not:
    "okay no, the last digit is wrong"."""
    answer = plain(answer.replace(",", " ")).lower()
    return not _YES.match(answer) and bool(_NO.search(answer))
