"""Results, one row each, and what is aimed at on an H200."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table

Unit = Literal["ms", "MB", "streams", "times", "steps/s", "stalls", "clauses"]


@dataclass(frozen=True, slots=True)
class Row:
    section: str
    what: str
    value: float
    unit: Unit
    most: float | None = None
    """What is aimed at, where there is an aim: no more than this,"""
    least: float | None = None
    """or no less than this."""

    @property
    def reached(self) -> bool | None:
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)


class Results:
    """Shown and written as they come: a run that breaks leaves what it has."""

    def __init__(self, folder: Path, about: dict[str, object]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._about = about
        self._aims = not about.get("dry_run")
        self.rows: list[Row] = []

    def add(self, rows: Iterator[Row]) -> None:
        console = Console()
        for row in rows:
            console.print(f"{row.section}: {row.what}: {row.value:.4g} {row.unit}")
            self.rows.append(row)
            self._write()

    def _write(self) -> None:
        found = {"about": self._about, "results": [asdict(row) | {"reached": self._reached(row)} for row in self.rows]}
        (self._folder / "gpu.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        with (self._folder / "gpu.txt").open("w", encoding="utf-8") as file:
            Console(file=file, width=110).print(self.table())

    def table(self) -> Table:
        about = ", ".join(f"{key} {value}" for key, value in self._about.items())
        table = Table(title=f"Random weights at these sizes. {about}", box=box.SIMPLE_HEAD, pad_edge=False)
        for name in ("", "", "value", "", "aim on an H200", ""):
            table.add_column(name, justify="right" if name == "value" else "left", no_wrap=True)
        section = ""
        for row in self.rows:
            aim = f"<= {row.most:g}" if row.most is not None else f">= {row.least:g}" if row.least is not None else ""
            mark = {None: "", True: "reached", False: "missed"}[self._reached(row)]
            name = "" if row.section == section else row.section
            table.add_row(name, row.what, f"{row.value:.4g}", row.unit, aim if self._aims else "", mark)
            section = row.section
        return table

    def _reached(self, row: Row) -> bool | None:
        return row.reached if self._aims else None
