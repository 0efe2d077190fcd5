"""What a caller's English sentence means: the task or word it is most like, and the values it carries.

Values are found first and replaced by their slots, so "how much is the bill for March" is compared with "how much is
the bill for {month}". The likest example wins; of equals the one that stands first in the file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from app.agents.flow_tables import Flow, Slot
from app.agents.phrases import plain

Word = Literal["greeting", "yes", "no", "repeat", "thanks", "goodbye", "person"]
_Meant = tuple[str | None, Word | None]
_LONGEST = 1000
"""Characters of a turn that are looked at."""
_REMEMBERED = 4096
"""Turns whose meaning is kept: every reply looks at the call's earlier turns anew."""
_GROUPED = re.compile(
    r"\b\d{1,2}(?:[ -]\d{1,2})+\b|\b\d{1,3}(?:,\d{2,3})+\b|\b(?=(?:\d[ -]?){9}\d\b)\d{3,5}(?:[ -]\d{3,5}){1,2}\b"
)
"""4 5 2 1, 45-21, 1,250 and 98450 12345 are one number each."""
_CORRECTED = re.compile(r"\bnot (?:\d[\d,]* ){1,10}but (?=\d)")
"""Not this number but that: this one is not meant."""
_NOT = re.compile(r"\b(?:not|wrong|incorrect)\b|n['’]t\b", re.IGNORECASE)
_DENIED = re.compile(r"(?:no )+")


@dataclass(frozen=True, slots=True)
class Meaning:
    task: str | None
    word: Word | None
    slots: Mapping[str, str]

    @property
    def nothing(self) -> bool:
        return self.task is None and self.word is None and not self.slots


class Understanding:
    def __init__(self, flow: Flow) -> None:
        self._threshold = flow.file.threshold
        self._filler = frozenset(flow.file.filler)
        self._small = frozenset(flow.file.small)
        self._finders = {name: _finder(slot) for name, slot in flow.file.slots.items()}
        slots = flow.file.slots.items()
        self._alone = {name: re.compile(slot.alone, re.IGNORECASE) for name, slot in slots if slot.alone}
        self._remembered = [name for name in self._alone if flow.file.slots[name].remember]
        self._canonical = {name: {choice.lower(): choice for choice in slot.choices} for name, slot in slots}
        self._whenever = [(_any_of(task.whenever), name) for name, task in flow.file.tasks.items() if task.whenever]
        examples = list(_examples(flow))
        self._examples = [self._telling(text.lower()) for text, _ in examples]
        self._meanings = [meant for _, meant in examples]
        details = {self._telling(text.lower()) for text in flow.file.words.detail if not text.startswith("{")}
        self._details = sorted(details, key=lambda detail: (-len(detail), detail))
        self._known = lru_cache(_REMEMBERED)(self._meaning)

    def of(self, text: str, asked: str | None = None) -> Meaning:
        """`asked`: the slot that the caller was asked for, if any."""
        return self._known(text[:_LONGEST], asked)

    def _meaning(self, text: str, asked: str | None) -> Meaning:
        text = _CORRECTED.sub("", plain(text))
        text = _GROUPED.sub(lambda number: re.sub("[ ,-]", "", number[0]), text)
        for words, name in self._whenever:
            if words.search(text):
                return Meaning(name, None, {})
        values = self._values(text, asked)
        task, word = self._likest(self._wish(self._mask(text, values)))
        if word == "yes" and _NOT.search(text):
            word = "no"  # "that is not correct" is most like "that is correct"
        canonical = {name: self._canonical[name].get(value.lower(), value) for name, value in values.items()}
        return Meaning(task, word, canonical)

    def _values(self, text: str, asked: str | None) -> dict[str, str]:
        found = {name: match[1] for name, finder in self._finders.items() if (match := finder.search(text))}
        if asked in self._alone and asked not in found:
            match = self._alone[asked].search(text)
            if match and match[1] not in found.values():
                found[asked] = match[1]
        if not found:
            text = self._wanted(text)
            if denied := _DENIED.match(text):
                text = text[denied.end() :]
            for name in self._remembered:
                if match := self._alone[name].fullmatch(text):
                    return {name: match[1]}
        return found

    def _wanted(self, text: str) -> str:
        """Without the filler in front of it."""
        words = text.split()
        while len(words) > 1 and words[0].lower() in self._filler:
            words.pop(0)
        return " ".join(words)

    def _mask(self, text: str, values: Mapping[str, str]) -> str:
        for name, value in sorted(values.items(), key=lambda item: -len(item[1])):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"{{{name}}}", text)
        return self._telling(self._wanted(text).lower())

    def _wish(self, text: str) -> str:
        """Without the details that are told in passing: "how much bill [customer number {customer}]"."""
        for detail in self._details:
            rest = f" {text} ".replace(f" {detail} ", " ", 1).strip()
            text = rest or text
        return text

    def _telling(self, text: str) -> str:
        words = text.split()
        return " ".join([word for word in words if word not in self._small] or words)

    def rivals(self, example: str) -> list[str]:
        """The tasks that an example, with its placeholders, is equally like; of two only their order decides."""
        likeness = self._likeness(self._wish(self._mask(plain(example), {})))
        likest = [self._meanings[i][0] for i in (likeness == likeness.max()).nonzero()[0]]
        return [task for task in dict.fromkeys(likest) if task]

    def _likeness(self, text: str) -> NDArray[np.float32]:
        """To each example. Half of it forgives extra words, half does not; 0 to 100."""
        forgiving = process.cdist([text], self._examples, scorer=fuzz.token_set_ratio)[0]
        strict = process.cdist([text], self._examples, scorer=fuzz.token_sort_ratio)[0]
        likeness: NDArray[np.float32] = (forgiving + strict) / 2
        return likeness

    def _likest(self, text: str) -> _Meant:
        likeness = self._likeness(text)
        best = int(likeness.argmax())  # of equals the first
        return self._meanings[best] if likeness[best] >= self._threshold else (None, None)


def _finder(slot: Slot) -> re.Pattern[str]:
    if slot.pattern:
        return re.compile(slot.pattern, re.IGNORECASE)
    return _any_of(slot.choices)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


def _examples(flow: Flow) -> Iterator[tuple[str, _Meant]]:
    for word in get_args(Word):
        for example in getattr(flow.file.words, word):
            yield example, (None, word)
    for name, task in flow.file.tasks.items():
        for example in task.examples:
            yield example, (name, None)
    for example in flow.file.words.detail:
        yield example, (None, None)
