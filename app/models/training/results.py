"""What was measured: one row a figure, with the limit it must keep, as a table and as JSON."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table

MEASURES: Mapping[str, str] = {
    "cer": "CER",
    "wer": "words wrong",
    "sentence": "sentences with an error",
    "empty": "nothing heard",
    "all_words": "all words there",
    "contradicted": "contradicted by the final text",
    "slots": "numbers, dates, names right",
    "exact": "word for word",
    "meaning": "intent and values right",
    "cpu": "CPU time, median",
    "size": "size",
}
_WIDE = 140
"""Characters."""


@dataclass(frozen=True, slots=True)
class Result:
    """One figure, with the limits it must keep."""

    name: str
    """What programs call it: "stt.unseen.cer" is the component, the set and the measure."""
    what: str
    """The set, for people."""
    n: int
    value: float
    unit: Literal["%", "ms", "MB"]
    most: float | None = None
    least: float | None = None

    @property
    def ok(self) -> bool:
        """Within its limits. Not a number is not."""
        if math.isnan(self.value):
            return False
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def floor(self) -> str:
        """The limit in words; empty when the figure is for information only."""
        if self.most is not None:
            return f"at most {self.most:g} {self.unit}"
        return f"at least {self.least:g} {self.unit}" if self.least is not None else ""

    @property
    def component(self) -> str:
        """stt, kn_en, en_kn, whole, speed or pack."""
        return self.name.split(".")[0]

    @property
    def of(self) -> str:
        """The set, with its component."""
        return self.name.rpartition(".")[0]

    @property
    def measure(self) -> str:
        """A key of MEASURES."""
        return self.name.rpartition(".")[2]


def share(name: str, what: str, hits: int, n: int, *, most: float | None = None, least: float | None = None) -> Result:
    """`hits` of `n` in per cent."""
    return Result(name, what, n, 100 * hits / n if n else math.nan, "%", most, least)


def show(results: Sequence[Result], title: str) -> None:
    """On standard output; a file or a pipe gets lines wide enough for the whole table."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    console.print(table(results, title))


def table(results: Sequence[Result], title: str) -> Table:
    """A row for each figure, its verdict where it has a floor."""
    shown = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for column in ("of", "what"):
        shown.add_column(column)
    for column in ("n", "value", "floor"):
        shown.add_column(column, justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    for before, result in zip([None, *results], results, strict=False):
        if before and before.component != result.component:
            shown.add_section()
        what = "" if before and before.of == result.of else result.what
        value = f"{result.value:.2f} {result.unit}"
        verdict = ("[green]ok[/]" if result.ok else "[bold red]missed[/]") if result.floor else ""
        shown.add_row(what, MEASURES[result.measure], f"{result.n}", value, result.floor, verdict)
    return shown


def write_json(results: Sequence[Result], about: Mapping[str, Any], file: Path) -> None:
    """`about` says what was measured and how; the rows stand under "results"."""
    rows = [
        {"name": r.name, "what": r.what, "n": r.n, "value": round(r.value, 3), "unit": r.unit}
        | {"most": r.most, "least": r.least, "ok": r.ok}
        for r in results
    ]
    text = json.dumps({**about, "results": rows}, ensure_ascii=False, indent=2)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def read_json(file: Path) -> list[Result]:
    """The rows of `write_json`."""
    rows = json.loads(file.read_text(encoding="utf-8"))["results"]
    return [Result(**{key: value for key, value in row.items() if key != "ok"}) for row in rows]
