"""The flow agent's records: an SQLite database in memory, filled from a script.

Statements over views that reckon take milliseconds, so the agent runs them on a thread, one after the other. What calls
write lasts as long as the process.
"""

import sqlite3
from collections.abc import Callable, Mapping

from app.engines.base import EngineFailed

Row = Mapping[str, object]


class Records:
    """Filled from `script`. Raises sqlite3.Error when that fails, EngineFailed when a statement breaks later."""

    def __init__(self, script: str) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        try:
            self._database.executescript(script)
        except sqlite3.Error:
            self.close()
            raise

    def find(self, look_up: str, values: Row) -> dict[str, object] | None:
        """The first row, by column."""
        try:
            row = self._database.execute(look_up, dict(values)).fetchone()
        except sqlite3.Error as error:
            raise EngineFailed(f"the desk's look-up failed ({type(error).__name__})") from error
        return dict(row) if row is not None else None

    def rows(self, look_up: str, values: Row) -> list[dict[str, object]]:
        """All rows, by column, for whoever checks what a call has written; what SQLite says is wrong is told."""
        try:
            return [dict(row) for row in self._database.execute(look_up, dict(values))]
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise EngineFailed(str(error)) from error

    def write(self, effect: str, values: Row) -> None:
        """One wish is one row: the statement's ON CONFLICT (call_id, position) sees to it, however often it runs."""
        try:
            with self._database:
                self._database.execute(effect, dict(values))
        except sqlite3.Error as error:
            raise EngineFailed(f"the desk could not write ({type(error).__name__})") from error

    def watch(self, told: Callable[[str], None]) -> None:
        """`told` gets every statement that runs from now on, with its values."""
        self._database.set_trace_callback(told)

    def close(self) -> None:
        self._database.close()

    def columns(self, look_up: str, values: Row) -> set[str]:
        """Of what it would find. Raises ValueError for what is no look-up, or fails."""
        self.compile(look_up, values)
        if look_up.split(maxsplit=1)[0].upper() != "SELECT":
            raise ValueError("must be a SELECT; what is written belongs in a task's effect")
        try:
            return {column[0] for column in self._database.execute(look_up, dict(values)).description}
        except sqlite3.Error as error:
            raise ValueError(str(error)) from None

    def compile(self, statement: str, values: Row) -> None:
        """Raises ValueError when it could not run."""
        try:
            self._database.execute(f"EXPLAIN {statement}", dict(values))
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise ValueError(str(error)) from None
