"""The flow agent's file, read and checked: all that it names is there, and its statements run against its records."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from app.agents import desk_file, toml_file
from app.agents.flow_tables import Answer, Flow, FlowFile, Slot
from app.agents.phrases import placeholders
from app.agents.records import Records, Row
from app.agents.toml_file import Problem, near, unknown, wrong
from app.agents.toml_lines import Key
from app.agents.understanding import Understanding
from app.config import ConfigError


def read(path: Path) -> Flow:
    """Raises ConfigError."""
    file = toml_file.read(path, FlowFile)
    script = path.parent / file.database
    flow = Flow(path, file, toml_file.text(script))
    try:
        records = Records(flow.script)
    except sqlite3.Error as error:
        raise ConfigError(f"{script}: {error}") from error
    try:
        problems = [*desk_file.mistakes(file, path), *_mistakes(file), *_statements(file, records)]
    finally:
        records.close()
    if not problems:
        problems = list(_menu(flow))
    if problems:
        raise wrong(path, problems)
    return flow


def _mistakes(file: FlowFile) -> Iterator[Problem]:
    """Names that lead nowhere, and sentences without their value."""
    for name, task in file.tasks.items():
        for need in task.needs:
            if need not in file.slots:
                yield Problem(("tasks", name, "needs"), unknown("slot", need, file.slots))
            elif file.slots[need].ask is None:
                yield Problem(("slots", need, "ask"), f"is missing, and tasks.{name} needs it")
        if task.change and task.change not in task.needs:
            yield Problem(("tasks", name, "change"), f"must be one of its needs, {', '.join(task.needs) or 'none'}")
        if task.person and task.person not in file.people:
            yield Problem(("tasks", name, "person"), unknown("person", task.person, file.people))
        for slot in sorted(placeholders(task.examples) - file.slots.keys()):
            yield Problem(("tasks", name, "examples"), unknown("slot", slot, file.slots))
        if task.effect and not all(part in task.effect for part in (":call_id", ":position", "ON CONFLICT")):
            what = "one wish must be one row: write :call_id and :position, ON CONFLICT update"
            yield Problem(("tasks", name, "effect"), what)
    for name, found in file.slots.items():
        yield from _slot(name, found)


def _slot(name: str, slot: Slot) -> Iterator[Problem]:
    for key, phrase in (("ask", slot.ask), ("confirm", slot.confirm), ("unknown", slot.unknown)):
        if others := sorted(phrase.placeholders - {name}) if phrase else []:
            yield Problem(("slots", name, key), f"may hold {{{name}}} only, not {{{others[0]}}}")
    if slot.confirm and name not in slot.confirm.placeholders:
        yield Problem(("slots", name, "confirm"), f"must read {{{name}}} back")
    if slot.digits and slot.ask is None:
        yield Problem(("slots", name, "digits"), "is for a number that is asked for, and ask is missing")


def _statements(file: FlowFile, records: Records) -> Iterator[Problem]:
    """Every statement compiles, look-ups only read, and answers use columns or slots that exist."""
    values = {name: None for name in (*file.slots, "call_id", "position", "caller")}
    for name, slot in file.slots.items():
        for key, look_up in (("check", slot.check), ("default", slot.default)):
            yield from _look_up(("slots", name, key), look_up, values, records)[1]
    for name, task in file.tasks.items():
        if task.effect:
            try:
                records.compile(task.effect, values)
            except ValueError as error:
                yield Problem(("tasks", name, "effect"), str(error))
        for part, answers in (("confirm", task.confirm), ("answers", task.answers)):
            for i, answer in enumerate(answers):
                yield from _answer(("tasks", name, part, i), answer, values, file, records)


def _answer(key: Key, answer: Answer, values: Row, file: FlowFile, records: Records) -> Iterator[Problem]:
    columns, why_not = _look_up((*key, "look_up"), answer.look_up, values, records)
    yield from why_not
    missing = sorted(answer.say.placeholders - columns - file.slots.keys())
    if missing and not why_not:
        what = f"{{{missing[0]}}} is neither a slot nor a column of the look-up"
        yield Problem((*key, "say"), what + near(missing[0], [*columns, *file.slots]))


def _look_up(key: Key, look_up: str, values: Row, records: Records) -> tuple[set[str], list[Problem]]:
    """Its columns, and what is wrong with it."""
    if not look_up:
        return set(), []
    try:
        return records.columns(look_up, values), []
    except ValueError as error:
        return set(), [Problem(key, str(error))]


def _menu(flow: Flow) -> Iterator[Problem]:
    """What a key says must mean something, as the same words of a caller would."""
    understanding = Understanding(flow)
    for key, choice in flow.file.menu.items():
        if choice.says and understanding.of(choice.says).nothing:
            what = f"{choice.says!r} is like no example of this file: write one of a task's examples"
            yield Problem(("menu", key, "says"), what)
