"""Sentences to train on and sentences to be measured with, from the grammar, as endless draws of the dice.

What is held out is decided by the text alone, so that every part of training and of measuring agrees on it:
- frames marked `!` in the .frames files are not trained on, and neither is a clause that happens to be one;
- of the sentences with values, a tenth by checksum is not trained on. A sentence without a value always is.

Two things that are said one after another can still make a held-out sentence by chance, and words in no order too.
"""

import random
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from app.models.training import slots
from app.models.training.agent_clauses import agent_clause
from app.models.training.caller_clauses import caller_clause
from app.models.training.grammar import Fill, Frame, Language, Pair, parse, say, skeletons

Side = Literal["caller", "agent"]
Split = Literal["train", "sentences", "frames"]

_BEFORE = (
    ("ನಮಸ್ಕಾರ", "hello"), ("ಹಲೋ", "hello"), ("ಸರ್", "sir"), ("ಮೇಡಂ", "madam"), ("ದಯವಿಟ್ಟು", "please"), ("ಸರಿ", "okay"),
    ("ಓಕೆ", "okay"), ("ಹೌದು", "yes"), ("ಇಲ್ಲ", "no"),
)  # fmt: skip
_AFTER = (("ಸರ್", "sir"), ("ಮೇಡಂ", "madam"))
_AGENT_BEFORE = (
    ("ನಮಸ್ಕಾರ", "hello"), ("ಸರಿ", "okay"), ("ಕ್ಷಮಿಸಿ", "sorry"), ("ಧನ್ಯವಾದ", "thank you"), ("ಹೌದು", "yes"), ("ಇಲ್ಲ", "no"),
)  # fmt: skip
_KINDS = ("amt", "unit", "days", "cust", "comp", "phone", "read", "date", "time", "dist", "mon", "wday", "name", "rel",
          "dur", "svc", "dev", "way")  # fmt: skip
_COUNTED = {"amt": (" ರೂಪಾಯಿ", " rupees"), "unit": (" ಯೂನಿಟ್", " units"), "days": (" ದಿನ", " days")}


def caller_says(rng: random.Random, split: Split) -> Pair:
    """One utterance of a caller of the desk; one in eight is two sentences (but never two unseen frames)."""

    def draw() -> Pair:
        pair = _politely(_sentence("caller", rng, split), rng)
        if rng.random() < 0.12 and split != "frames":
            pair = _joined(pair, _sentence("caller", rng, "train"))
        return pair

    return draw() if split == "frames" else _no_held_out_frame("caller", draw)


def agent_says(rng: random.Random, split: Split) -> Pair:
    """One sentence of the agent."""
    return _sentence("agent", rng, split)


def spoken(rng: random.Random) -> str:
    """What the recogniser is trained on: the desk's sentences, clauses of any parts, and words in no order."""
    dice = rng.random()
    if dice < 0.42:
        return caller_says(rng, "train").kannada
    if dice < 0.72:
        return _composed(rng).kannada
    if dice < 0.8:
        return _no_test_sentence("caller", lambda: _values(slots.spoken, rng, 1)).kannada
    return _salad(rng)


def to_english(rng: random.Random) -> Pair:
    """A training pair for Kannada to English."""
    dice = rng.random()
    if dice < 0.4:
        return caller_says(rng, "train")
    if dice < 0.9:
        return _composed(rng)
    return _no_test_sentence("caller", lambda: _values(slots.spoken, rng, rng.choice((1, 1, 2, 3))))


def to_kannada(rng: random.Random) -> Pair:
    """A training pair for English to Kannada."""

    def draw() -> Pair:
        dice = rng.random()
        if dice < 0.08:
            return _no_test_sentence("agent", lambda: _values(slots.written, rng, rng.choice((1, 1, 2, 3))))
        frame = dice < 0.45
        pair = _sentence("agent", rng, "train") if frame else _allowed("agent", agent_clause, slots.written, rng)
        dice = rng.random()
        if dice < 0.15:
            return _led_by(rng.choice(_AGENT_BEFORE), pair)
        if dice < 0.27:
            name = slots.written("name", "", rng)
            return _joined(Pair(name.kannada, name.english, "name", (name,), "{name}"), pair)
        return _joined(pair, _sentence("agent", rng, "train")) if dice < 0.4 else pair

    return _no_held_out_frame("agent", draw)


@cache
def words() -> Sequence[str]:
    """Every Kannada word that a caller may use, as far as 30,000 utterances show."""
    rng = random.Random(7)
    texts = [caller_says(rng, "train").kannada if i % 2 else _composed(rng).kannada for i in range(30_000)]
    return sorted({word for text in texts for word in text.split()})


# One sentence.


@cache
def frames(side: Side) -> Sequence[Frame]:
    """All frames of one side, those that are held out too."""
    text = (files(__package__) / f"{side}.frames").read_text(encoding="utf-8")
    return parse(text, _SOURCE[side])


def far_frames(side: Side) -> frozenset[str]:
    """The names of held-out frames that no composed clause comes near."""
    return frozenset(frame.name for frame in frames(side) if frame.far)


@cache
def _weighted(side: Side, held_out: bool) -> tuple[Sequence[Frame], Sequence[int]]:
    chosen = [frame for frame in frames(side) if frame.held_out == held_out]
    return chosen, [frame.weight for frame in chosen]


_SOURCE: dict[Side, Language] = {"caller": "kannada", "agent": "english"}
_FILL: dict[Side, Fill] = {"caller": slots.spoken, "agent": slots.written}


@cache
def _held_out_skeletons(side: Side) -> frozenset[str]:
    return frozenset(skeleton for frame in frames(side) if frame.held_out for skeleton in skeletons(frame))


def _sentence(side: Side, rng: random.Random, split: Split) -> Pair:
    known, weights = _weighted(side, split == "frames")
    while True:
        pair = say(rng.choices(known, weights)[0], rng, _FILL[side], _SOURCE[side])
        if split == "frames" or (split == "train" and not is_test_sentence(side, pair)):
            return pair
        if split == "sentences" and is_test_sentence(side, pair) and not _may_be_composed(pair):
            return pair


def is_test_sentence(side: Side, pair: Pair) -> bool:
    """Held out of training by its checksum; numbers and longer sentences with a value can be."""
    text = pair.kannada if side == "caller" else pair.english
    telling = bool(pair.slots) and (any(char.isdigit() for char in pair.english) or len(text.split()) >= 4)
    return telling and zlib.crc32(text.encode()) % 10 == 0


def _may_be_composed(pair: Pair) -> bool:
    """Composed clauses name services as words, so the checksum does not keep them out of training."""
    return all(slot.kind == "svc" for slot in pair.slots)


def _allowed(side: Side, clause: Callable[[random.Random, Fill], Pair], fill: Fill, rng: random.Random) -> Pair:
    """A composed clause that is not held out."""
    while True:
        pair = clause(rng, fill)
        if pair.skeleton not in _held_out_skeletons(side) and not is_test_sentence(side, pair):
            return pair


def _no_held_out_frame(side: Side, draw: Callable[[], Pair]) -> Pair:
    """Two sentences side by side can make a held-out one."""
    while (pair := draw()).skeleton in _held_out_skeletons(side):
        pass
    return pair


def _no_test_sentence(side: Side, draw: Callable[[], Pair]) -> Pair:
    while is_test_sentence(side, pair := draw()):
        pass
    return pair


# More than one.


def _composed(rng: random.Random) -> Pair:
    """Clauses, and clauses beside sentences."""

    def draw() -> Pair:
        dice = rng.random()
        pair = _allowed("caller", caller_clause, slots.spoken, rng)
        if dice < 0.55:
            return _politely(pair, rng)
        frame = dice < 0.85
        other = _sentence("caller", rng, "train") if frame else _allowed("caller", caller_clause, slots.spoken, rng)
        return _joined(pair, other) if dice < 0.7 or dice > 0.92 else _joined(other, pair)

    return _no_held_out_frame("caller", draw)


def _politely(pair: Pair, rng: random.Random) -> Pair:
    dice = rng.random()
    if dice < 0.15:
        return _led_by(rng.choice(_BEFORE), pair)
    if dice < 0.22:  # English puts "sir" first
        kannada, english = rng.choice(_AFTER)
        return _with(pair, f"{pair.kannada} {kannada}", f"{english} {pair.english}")
    return pair


def _led_by(words: tuple[str, str], pair: Pair) -> Pair:
    return _with(pair, f"{words[0]} {pair.kannada}", f"{words[1]} {pair.english}")


def _with(pair: Pair, kannada: str, english: str) -> Pair:
    return Pair(kannada, english, pair.frame, pair.slots, pair.skeleton)


def _joined(one: Pair, other: Pair) -> Pair:
    return Pair(
        f"{one.kannada} {other.kannada}",
        f"{one.english} {other.english}",
        f"{one.frame}+{other.frame}",
        one.slots + other.slots,
        f"{one.skeleton} {other.skeleton}",
    )


def _values(fill: Fill, rng: random.Random, count: int) -> Pair:
    """Values and nothing else."""
    kinds = rng.choices(_KINDS, k=count)
    parts = [fill(kind, "", rng) for kind in kinds]
    of = [_COUNTED.get(kind, ("", "")) for kind in kinds]  # a bare number could be digits as well
    kannada = " ".join(part.kannada + unit for part, (unit, _) in zip(parts, of, strict=True))
    english = " ".join(part.english + unit for part, (_, unit) in zip(parts, of, strict=True))
    return Pair(kannada, english, "values", tuple(parts))


def _salad(rng: random.Random) -> str:
    picked = rng.choices(words(), k=rng.randint(1, 6))
    if rng.random() < 0.4:
        picked.insert(rng.randint(0, len(picked)), slots.spoken(rng.choice(("amt", "cust", "date")), "", rng).kannada)
    return " ".join(picked)
