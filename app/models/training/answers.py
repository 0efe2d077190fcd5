"""All that the flow agent of the demo's desk can say, with what each sentence should be in Kannada."""

import functools
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product, takewhile

from app.agents.flow import ELECTRICITY_DESK
from app.agents.flow_file import read
from app.agents.flow_tables import Flow
from app.agents.phrases import Sentence, plain
from app.agents.records import Records
from app.kannada.numbers import cardinal, digit_by_digit
from app.models.training import names, slots
from app.models.training.corpus import frames
from app.models.training.grammar import SLOT, Frame, Pair, Slot, skeletons

_KINDS: Mapping[str, tuple[str, ...]] = {
    "customer": ("cust",), "complaint": ("comp",), "reading": ("read",), "amount": ("amt",), "price": ("amt",),
    "units": ("unit",), "date": ("date",), "due": ("date",), "month": ("mon",), "name": ("name",),
    "district": ("dist",), "device": ("dev",), "service": ("svc",), "back": ("time",), "visit": ("rel", "time"),
}  # fmt: skip
"""Kinds of slots that a placeholder of the desk is made of."""


def with_the_desks_data() -> list[str]:
    """Every sentence with every value that the sample records of the desk give it."""
    flow = read(ELECTRICITY_DESK)
    return list(dict.fromkeys(text for sentence, rows in _sentences(flow) for text in _filled(sentence, rows)))


def with_random_values(n: int, seed: int | str) -> list[str]:
    """`n` sentences with placeholders, in turn, each with values that the records may have one day."""
    rng = random.Random(f"{seed} answers")
    open_ones = [sentence for sentence, _ in _sentences(read(ELECTRICITY_DESK)) if sentence.placeholders]
    texts = list(dict.fromkeys(sentence.text for sentence in open_ones))
    return [re.sub(r"\{(\w+)\}", lambda hole: _random(hole[1], rng), texts[i % len(texts)]) for i in range(n)]


def reference(sentence: str) -> Pair | None:
    """The agent's sentence and its Kannada, values in place. None when the grammar does not make it."""
    words = plain(sentence)
    for pattern, frame, kinds in _patterns():
        if match := pattern.fullmatch(words):
            values = dict(zip(kinds, match.groups(), strict=True))
            found: list[Slot] = []

            def put(hole: re.Match[str], values: Mapping[str, str] = values, found: list[Slot] = found) -> str:
                kind, english = hole[1], values[hole[1] + hole[2]]
                kannada = slots.FORMS[(hole[3] or "~")[1:]](_VALUES[kind].kannada(english))[0]
                found.append(Slot(kind, kannada, english))
                return kannada

            return Pair(SLOT.sub(put, frame.target), words, frame.name, tuple(found))
    return None


def _sentences(flow: Flow) -> Iterator[tuple[Sentence, list[Mapping[str, object]]]]:
    """What the desk can say, sentence by sentence, each with all that it can say it about."""
    records = Records(flow.script)
    file = flow.file
    samples = _samples(records, flow)
    try:
        for phrase in (file.say.help, file.say.more, file.say.unclear, file.say.goodbye):
            yield from ((sentence, []) for sentence in phrase.sentences)
        for name, slot in file.slots.items():
            told: list[Mapping[str, object]] = [{name: value} for value in samples[name]]
            for phrase in filter(None, (slot.ask, slot.confirm, slot.unknown)):
                yield from ((sentence, told) for sentence in phrase.sentences)
        for task in file.tasks.values():
            for answer in task.answers:
                rows = list(_rows(records, answer.look_up, samples))
                yield from ((sentence, rows) for sentence in answer.say.sentences)
    finally:
        records.close()


def _filled(sentence: Sentence, rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    if not sentence.placeholders:
        yield sentence.text
    for row in rows:
        if all(row.get(name) is not None for name in sentence.placeholders):
            yield sentence.text.format_map(row)


def _rows(records: Records, look_up: str, samples: Mapping[str, Sequence[object]]) -> Iterator[Mapping[str, object]]:
    """What the look-up finds for each combination of what callers may say."""
    said = [name for name in samples if f":{name}" in look_up or not look_up]
    if not look_up:
        yield from ({name: value} for name in said for value in samples[name])
        return
    for values in product(*(samples[name] for name in said)):
        row = dict.fromkeys(samples) | dict(zip(said, values, strict=True))
        if (found := records.find(look_up, row)) is not None:
            yield row | found


def _samples(records: Records, flow: Flow) -> Mapping[str, Sequence[object]]:
    """Values of what look-ups ask for; None is what the caller did not say."""
    one: dict[str, Sequence[object]] = {name: [None, *slot.choices] for name, slot in flow.file.slots.items()}
    last_readings = _column(records, "last_reading", "customers")
    return one | {
        "customer": _column(records, "number", "customers"),
        "amount": [None, *_column(records, "amount", "payments")],
        "reading": [str(int(last) + used) for last in last_readings for used in (-7, 45, 128)],
        "device": [choice for _, choice in names.DEVICES],
        "call_id": ["sample"],
        "position": [1],
    }


def _column(records: Records, column: str, table: str) -> list[str]:
    look_up = f"SELECT {column} AS value FROM {table} LIMIT 1 OFFSET :at"  # noqa: S608, names from above
    found = (records.find(look_up, {"at": at}) for at in count())
    return [str(row["value"]) for row in takewhile(lambda row: row is not None, found) if row]


def _random(placeholder: str, rng: random.Random) -> str:
    return " ".join(slots.written(kind, "", rng).english for kind in _KINDS[placeholder])


# Values in English read back, to say them in Kannada.


@dataclass(frozen=True, slots=True)
class _Value:
    pattern: str
    kannada: Callable[[str], str]


def _number() -> _Value:
    return _Value(r"\d{1,7}", lambda english: cardinal(int(english)))


def _digits() -> _Value:
    return _Value(r"\d{1,10}", digit_by_digit)


def _name(table: names.Names) -> _Value:
    kannada = {english: kannada for kannada, english in table}
    longest_first = sorted(kannada, key=len, reverse=True)
    return _Value("|".join(map(re.escape, longest_first)), kannada.__getitem__)


def _date(english: str) -> str:
    month, day = english.split()
    return f"{_MONTH.kannada(month)} {cardinal(int(day))}"


def _time(english: str) -> str:
    _, hour, part = english.split(maxsplit=2)
    return f"{_PART_OF_DAY.kannada(part)} {cardinal(int(hour))} ಗಂಟೆಗೆ"


_MONTH, _PART_OF_DAY = _name(names.MONTHS), _name(names.PARTS_OF_DAY)
_VALUES: Mapping[str, _Value] = {
    "amt": _number(), "unit": _number(), "days": _number(),
    "cust": _digits(), "comp": _digits(), "phone": _digits(), "read": _digits(),
    "date": _Value(rf"(?:{_MONTH.pattern}) \d{{1,2}}", _date),
    "time": _Value(rf"at \d{{1,2}} (?:{_PART_OF_DAY.pattern})", _time),
    "mon": _MONTH, "wday": _name(names.WEEKDAYS), "name": _name(names.PEOPLE), "dist": _name(names.PLACES),
    "rel": _name(names.DAYS), "dur": _name(names.SINCE), "place": _name(names.HOMES), "svc": _name(names.SERVICES),
    "dev": _name(names.DEVICES), "way": _name(names.WAYS),
}  # fmt: skip


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], Frame, tuple[str, ...]], ...]:
    """For each English wording of a frame: what finds it, and the slots in the order of the groups."""
    patterns = []
    for frame in frames("agent"):
        if frame.held_out:
            continue  # the desk must say nothing that training never had
        for skeleton in skeletons(frame):
            kinds = tuple(hole[1] + hole[2] for hole in SLOT.finditer(skeleton))
            pattern = SLOT.sub(lambda hole: f"({_VALUES[hole[1]].pattern})", skeleton)
            patterns.append((re.compile(pattern), frame, kinds))
    return tuple(patterns)
