"""The flow agent's records: an SQLite database in memory, filled from a script.

A statement takes microseconds, so it runs on the event loop. What calls write lasts as long as the process.
"""

import sqlite3
from collections.abc import Mapping

from app.agents.flow_file import Flow, FlowFile
from app.config import ConfigError
from app.engines.base import EngineFailed

Row = Mapping[str, object]


class Desk:
    """Raises ConfigError when the script or a statement does not work at all, EngineFailed when one breaks later."""

    def __init__(self, flow: Flow) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        try:
            self._database.executescript(flow.script)
        except sqlite3.Error as error:
            self.close()
            raise ConfigError(f"{flow.path.parent / flow.file.database}: {error}") from error
        problems = [f"{flow.path}: {problem}" for problem in self._try_out(flow.file)]
        if problems:
            self.close()
            raise ConfigError("\n".join(problems))

    def find(self, look_up: str, values: Row) -> dict[str, object] | None:
        """The first row, by column."""
        try:
            row = self._database.execute(look_up, dict(values)).fetchone()
        except sqlite3.Error as error:
            raise EngineFailed(f"the desk's look-up failed ({type(error).__name__})") from error
        return dict(row) if row is not None else None

    def write(self, effect: str, values: Row) -> None:
        """One wish is one row: the statement's ON CONFLICT (call_id, position) sees to it, however often it runs."""
        try:
            with self._database:
                self._database.execute(effect, dict(values))
        except sqlite3.Error as error:
            raise EngineFailed(f"the desk could not write ({type(error).__name__})") from error

    def close(self) -> None:
        self._database.close()

    def _try_out(self, file: FlowFile) -> list[str]:
        """Every statement compiles, look-ups only read, and answers use columns or slots that exist."""
        problems = []
        values = {name: None for name in (*file.slots, "call_id", "position", "caller")}
        for name, slot in file.slots.items():
            for key, look_up in (("check", slot.check), ("default", slot.default)):
                problems += [f"slots.{name}.{key}: {why}" for why in self._look_up(look_up, values)[1]]
        for name, task in file.tasks.items():
            if task.effect:
                problems += [f"tasks.{name}.effect: {why}" for why in self._compile(task.effect, values)]
            for i, answer in enumerate(task.answers):
                columns, why_not = self._look_up(answer.look_up, values)
                problems += [f"tasks.{name}.answers.{i}.look_up: {why}" for why in why_not]
                missing = sorted(answer.say.placeholders - columns - file.slots.keys())
                if missing and not why_not:
                    problems.append(
                        f"tasks.{name}.answers.{i}.say: {{{missing[0]}}} is neither a slot nor a column of the look-up"
                    )
        return problems

    def _look_up(self, look_up: str, values: Row) -> tuple[set[str], list[str]]:
        """Its columns, and what is wrong with it."""
        if not look_up:
            return set(), []
        if problems := self._compile(look_up, values):
            return set(), problems
        if look_up.split(maxsplit=1)[0].upper() != "SELECT":
            return set(), ["must be a SELECT; what is written belongs in a task's effect"]
        columns = self._database.execute(look_up, dict(values)).description
        return {column[0] for column in columns}, []

    def _compile(self, statement: str, values: Row) -> list[str]:
        try:
            self._database.execute(f"EXPLAIN {statement}", dict(values))
        except (sqlite3.Error, sqlite3.Warning) as error:
            return [str(error)]
        return []
