"""What a call came to: the numbers of its turns, as report.json. The page is built from the same values."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from app.replay.interruptions import FalseInterruption
from app.replay.summary import after_speech_ms, summarise
from app.replay.waterfall import TurnRow

STEPS = {
    "soft_end_s": "silence noticed",
    "stt_final_s": "speech recognised",
    "translated_s": "in English",
    "first_agent_token_s": "agent's first word",
    "first_clause_s": "first clause in Kannada",
    "first_tts_byte_s": "first sound made",
    "confirmed_end_s": "caller surely finished",
    "filler_on_wire_s": '"one moment" sent',
    "first_on_wire_s": "first sound sent",
}
"""The milestones between the caller's last word and the first sound of the answer, in their usual order."""


@dataclass(frozen=True, slots=True)
class CallReport:
    title: str
    note: str
    """What the reader must know before believing any number."""
    started_at: str
    turns: tuple[TurnRow, ...]
    caller: bytes = field(repr=False)
    """What the caller said, mu-law on the call's clock."""
    agent: bytes = field(repr=False)
    """What the caller heard, as long as `caller`."""
    waits_s: tuple[float, ...] = ()
    """From the end of each answered utterance until the caller heard something, measured at the caller's end."""
    silenced_s: tuple[float, ...] = ()
    """From the start of each barge-in until the caller heard the agent fall silent, measured at the caller's end."""
    gaps: int = 0
    """Stutters in the agent's speech, as heard by the caller."""
    starved_s: float = 0.0
    ended: str = ""


def shown_steps(turns: Sequence[TurnRow]) -> dict[str, str]:
    """The milestones worth a column: all, but for the filler where none was said."""
    filled = any(row.filler_on_wire_s is not None for row in turns)
    return {name: title for name, title in STEPS.items() if filled or name != "filler_on_wire_s"}


def went_on(false: FalseInterruption) -> str:
    """A false interruption in words."""
    what = f'"{false.kannada}"' if false.kannada else "a noise"
    return f"{what}: went on after {false.gap_s:.1f} s"


def wasted(row: TurnRow) -> str:
    """What of a turn's work was thrown away, in words; empty when nothing was."""
    if not row.wasted_s:
        return ""
    asked_for = {0: "", 1: ", a question to the agent with it"}
    questions = asked_for.get(row.wasted_questions, f", {row.wasted_questions} questions to the agent with it")
    return f"{row.wasted_s * 1000:.0f} ms of work thrown away{questions}"


def steps(row: TurnRow) -> list[tuple[str, float]]:
    """The milestones of a turn with their milliseconds after speech, in the order they were reached."""
    reached = [(name, ms) for name in STEPS if (ms := after_speech_ms(row, name)) is not None and ms >= 0]
    return sorted(reached, key=lambda step: step[1])


def at_the_ear(report: CallReport) -> str:
    """What the caller's own clock says, as a sentence; the server's view of the same is in the turns."""
    said = []
    if report.waits_s:
        said.append(f"the answers began {_listed_ms(report.waits_s)} ms after the utterances")
    if report.silenced_s:
        said.append(f"the agent fell silent {_listed_ms(report.silenced_s)} ms after the caller spoke over it")
    return f"Measured at the caller's ear: {'; '.join(said)}." if said else ""


def _listed_ms(seconds: Sequence[float]) -> str:
    return ", ".join(f"{each * 1000:.0f}" for each in seconds)


def report_json(report: CallReport) -> bytes:
    values: dict[str, Any] = asdict(report)
    del values["caller"], values["agent"]
    values["duration_s"] = len(report.caller) / 8000
    values["summary"] = asdict(summarise(report.turns))
    return orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
