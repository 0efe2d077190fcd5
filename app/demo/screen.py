"""What the terminal shows of a demo call: progress while it lasts, then the transcript and the waterfall as tables."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from app.demo.report import CallReport, at_the_ear, went_on
from app.replay.summary import Summary, after_speech_ms, asked, between_ms, conduct, summarise
from app.replay.waterfall import TurnRow

STYLES = {"caller": "bold blue", "agent": "bold yellow"}
COLUMNS = {
    "soft_end_s": "soft end",
    "stt_final_s": "STT",
    "translated_s": "EN",
    "first_agent_token_s": "agent",
    "first_clause_s": "clause",
    "first_tts_byte_s": "TTS",
    "confirmed_end_s": "sure end",
    "filler_on_wire_s": "filler",
    "first_on_wire_s": "on wire",
    "end_of_reply_s": "heard",
}
_NOT_ALWAYS = {"filler", "wasted", "clear after"}
"""Columns that are left out of a call that has nothing in them."""
_SHOWN = 12
"""Lines of the conversation kept on the screen while the call lasts."""


@dataclass(frozen=True, slots=True)
class Said:
    role: str
    kannada: str
    english: str


class Progress:
    """Phase, seconds and the last lines, redrawn in place; without a terminal each line is printed once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._spinner = Spinner("dots")
        self._phase = ""
        self._began = time.monotonic()
        self._lines: list[Said] = []
        self._live = Live(console=console, get_renderable=self._render, transient=True, refresh_per_second=5)

    def __enter__(self) -> "Progress":
        if self._console.is_terminal:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.__exit__(kind, error, traceback)

    def phase(self, text: str) -> None:
        self._phase = text
        self._began = time.monotonic()
        if not self._console.is_terminal:
            self._console.print(text, style="dim")

    def say(self, line: Said) -> None:
        self._lines.append(line)
        if not self._console.is_terminal:
            self._console.print(_conversation([line]))

    def _render(self) -> RenderableType:
        self._spinner.update(text=Text(f" {self._phase}  {time.monotonic() - self._began:.0f} s", style="bold"))
        return Group(self._spinner, _conversation(self._lines[-_SHOWN:]))


def _conversation(lines: Sequence[Said]) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=6)
    table.add_column(ratio=1, style="dim")
    table.add_column(ratio=1)
    for line in lines:
        table.add_row(Text(line.role, STYLES[line.role]), Text(line.english), Text(line.kannada))
    return table


def show(console: Console, report: CallReport) -> None:
    """The transcript, the waterfall and the summary of a finished call."""
    console.print(transcript(report.turns))
    console.print(waterfall(report.turns))
    console.print(summary(summarise(report.turns), report))


def transcript(turns: Sequence[TurnRow]) -> Table:
    """Kannada stands last: terminals disagree about its width, and nothing to the right of it can be pushed aside."""
    table = Table(title="What was said", caption="struck through: never heard, so not remembered", box=box.SIMPLE_HEAD)
    table.add_column("turn", justify="right")
    table.add_column("")
    table.add_column("English", ratio=1)
    table.add_column("Kannada", ratio=1)
    for row in turns:
        if row.ignored:
            continue
        number = str(row.number)
        if row.number:
            table.add_row(number, Text("caller", STYLES["caller"]), Text(row.caller_english), Text(row.caller_kannada))
            number = ""
        english = _heard(row.agent_english, row.unheard_english)
        kannada = _heard(row.agent_kannada, row.unheard_kannada)
        table.add_row(number, Text("agent", STYLES["agent"]), english, kannada)
        for false in row.false_interruptions:
            table.add_row("", "", Text(went_on(false), "dim italic"), "")
    return table


def _heard(heard: str, unheard: str) -> Text:
    space = " " if heard and unheard else ""
    return Text.assemble(heard + space, (unheard, "dim strike"))


def waterfall(turns: Sequence[TurnRow]) -> Table:
    """`clear after` counts from the caller's speech over the agent; saved and wasted are work: speculation.py."""
    columns: dict[str, list[float | None]] = {
        title: [after_speech_ms(row, name) for row in asked(turns)] for name, title in COLUMNS.items()
    }
    columns["saved"] = [between_ms(0.0, row.saved_s) for row in asked(turns)]
    columns["wasted"] = [between_ms(0.0, row.wasted_s or None) for row in asked(turns)]
    columns["clear after"] = [between_ms(row.barge_in_speech_s, row.clear_s) for row in asked(turns)]
    shown = {title: cells for title, cells in columns.items() if title not in _NOT_ALWAYS or any(cells)}
    title = "Milliseconds after the caller's last voiced frame"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=0, show_edge=False)  # all columns fit into 80 characters
    for name in ("turn", *shown):
        table.add_column(name, justify="right", min_width=max(map(len, name.split())))
    for row, *cells in zip(asked(turns), *shown.values(), strict=True):
        table.add_row(str(row.number), *("" if value is None else f"{value:.0f}" for value in cells))
    return table


def summary(summary: Summary, report: CallReport) -> Text:
    parts = [
        f"{summary.answered} of {summary.turns} turns answered",
        f"first sound after {_ms(summary.first_audio_p50_ms)} (p50), {_ms(summary.first_audio_p95_ms)} (p95)",
        f"{report.gaps} gaps in the agent's speech",
    ]
    if summary.barge_in_p50_ms is not None:
        parts.insert(2, f"barge-in to clear {_ms(summary.barge_in_p50_ms)}")
    text = Text("\n" + " · ".join(parts) + "\n", "bold").append(conduct(summary) + "\n", "not bold")
    return text.append(at_the_ear(report) + "\n", "dim")


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} ms"
