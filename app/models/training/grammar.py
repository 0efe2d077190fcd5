"""A grammar of sentence frames: one line is a sentence in two languages with holes, choices and movable parts.

    [balance]                                                  a section; frames are named by it: balance.1, balance.2
    <{mon} ತಿಂಗಳ> <ಬಿಲ್> (ಎಷ್ಟು|ಎಷ್ಟಾಯ್ತು) = how much is the bill for {mon}
    ! {name} ಮಾತಾಡ್ತಿದ್ದೀನಿ = this is {name} speaking          held out: no training sentence has this frame
    !! {svc} ಗೆ ಅಧಿಕಾರಿ ಬೇಕು = i need an officer for {svc}      and none is nearly this

`{mon}` is a slot: a value in both languages (slots.py). `{amt2}` is another value of the kind `amt`, and `{dist~in}` a
form of the value. `(a|b|)` is a choice, which may be empty or nested; `<...>` are chunks that may change places.
Choices and chunks belong to the side that is translated from. `#` begins a comment.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Literal

Language = Literal["kannada", "english"]
SLOT = re.compile(r"\{([a-z]+)(\d?)(~[a-z]+)?\}")
_CHOICE = re.compile(r"\(([^()]*)\)")
_CHUNK = re.compile(r"<([^<>]*)>")
_CHANCE_TO_MOVE = 0.35


@dataclass(frozen=True, slots=True)
class Slot:
    """A value in both languages, as it stands in the two sentences."""

    kind: str
    kannada: str
    english: str


@dataclass(frozen=True, slots=True)
class Pair:
    kannada: str
    """Words only, numbers spelled: as spoken, and as the recogniser writes."""
    english: str
    """Lower case without marks, names with capitals, numbers in digits."""
    frame: str
    """Its frame's name; "+" joins those of a compound."""
    slots: tuple[Slot, ...] = ()
    skeleton: str = ""
    """The side that is translated from, with its slots as holes."""


@dataclass(frozen=True, slots=True)
class Frame:
    name: str
    source: str
    """The side with choices and chunks."""
    target: str
    held_out: bool
    far: bool = False
    """Held out, and no composed clause comes near it."""

    @property
    def weight(self) -> int:
        """Frames with slots have more to say."""
        return 3 if SLOT.search(self.source) else 1


Fill = Callable[[str, str, random.Random], Slot]
"""Takes a slot's kind, its form ("in", or "" for none) and the dice."""


def parse(text: str, source: Language) -> list[Frame]:
    """The frames of a file; `source` is the language that is translated from.

    Raises ValueError, with the line, for what cannot be read.
    """
    frames: list[Frame] = []
    section, count = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            section, count = line.strip("[]"), 0
            continue
        if not line:
            continue
        held_out = line.startswith("!")
        kannada, equals, english = (part.strip() for part in line.lstrip("! ").partition("="))
        sides = (kannada, english) if source == "kannada" else (english, kannada)
        if not equals or not section or _holes(sides[0]) != _holes(sides[1]) or _CHOICE.search(sides[1]):
            raise ValueError(f"line {number}: a frame is `kannada = english` in a section, with the same slots")
        count += 1
        frames.append(Frame(f"{section}.{count}", *sides, held_out, line.startswith("!!")))
    return frames


def say(frame: Frame, rng: random.Random, fill: Fill, source: Language) -> Pair:
    """One sentence of the frame."""
    skeleton = _choose(frame.source, rng)
    values: dict[str, Slot] = {}
    for hole in SLOT.finditer(skeleton if source == "kannada" else frame.target):  # Kannada has the forms
        kind, number, form = hole[1], hole[2], (hole[3] or "").lstrip("~")
        slot = fill(kind, form, rng)
        while any(slot.english == other.english for other in values.values()):  # two of a kind differ
            slot = fill(kind, form, rng)
        values[hole[1] + number] = slot

    def put(text: str, side: Language) -> str:
        return SLOT.sub(lambda hole: str(getattr(values[hole[1] + hole[2]], side)), text)

    sides = (skeleton, frame.target) if source == "kannada" else (frame.target, skeleton)
    pair = Pair(put(sides[0], "kannada"), put(sides[1], "english"), frame.name, tuple(values.values()))
    return Pair(pair.kannada, pair.english, pair.frame, pair.slots, _bare(skeleton))


def skeletons(frame: Frame) -> Iterator[str]:
    """Every skeleton that the frame can take."""
    for chosen in _all_choices(frame.source):
        chunks = _CHUNK.findall(chosen)
        for order in permutations(chunks):
            moved = iter(order)
            yield _bare(" ".join(_CHUNK.sub(lambda _: next(moved), chosen).split()))  # noqa: B023


def _choose(text: str, rng: random.Random) -> str:
    while "(" in text:
        text = _CHOICE.sub(lambda choice: rng.choice(choice[1].split("|")), text)
    chunks: Sequence[str] = _CHUNK.findall(text)
    if len(chunks) > 1 and rng.random() < _CHANCE_TO_MOVE:
        chunks = rng.sample(chunks, len(chunks))
    moved = iter(chunks)
    return " ".join(_CHUNK.sub(lambda _: next(moved), text).split())


def _all_choices(text: str) -> Iterator[str]:
    choices = list(_CHOICE.finditer(text))
    if not choices:
        yield text
        return
    for picks in product(*(choice[1].split("|") for choice in choices)):
        pick = iter(picks)
        yield from _all_choices(_CHOICE.sub(lambda _: next(pick), text))  # noqa: B023


def _holes(text: str) -> set[str]:
    return {hole[1] + hole[2] for hole in SLOT.finditer(text)}


def _bare(skeleton: str) -> str:
    """Slots by kind alone, so that the same sentence has the same skeleton wherever it came from."""
    return SLOT.sub(lambda hole: "{" + hole[1] + "}", skeleton)
