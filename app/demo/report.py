"""What a call came to: the numbers of its turns, as report.json. The page is built from the same values."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import orjson

from app.replay.waterfall import TurnRow

STEPS = {
    "soft_end_s": "silence noticed",
    "stt_final_s": "speech recognised",
    "translated_s": "in English",
    "first_agent_token_s": "agent's first word",
    "first_clause_s": "first clause in Kannada",
    "first_tts_byte_s": "first sound made",
    "confirmed_end_s": "caller surely finished",
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


@dataclass(frozen=True, slots=True)
class Summary:
    turns: int
    answered: int
    first_audio_p50_ms: float | None
    """From the caller's last voiced frame to the first sound sent."""
    first_audio_p95_ms: float | None
    end_of_reply_p50_ms: float | None
    """From the caller's last voiced frame until the whole reply was heard, over replies that nobody cut."""
    barge_in_p50_ms: float | None
    """From the caller's speech over the agent to `clear`."""


def is_answered(row: TurnRow) -> bool:
    return row.first_on_wire_s is not None


def asked(turns: Sequence[TurnRow]) -> list[TurnRow]:
    """The turns in which the caller spoke: all but the greeting."""
    return [row for row in turns if row.number > 0]


def after_speech_ms(row: TurnRow, field_name: str) -> float | None:
    """Milliseconds from the caller's last voiced frame to a milestone; None where either is missing."""
    return between_ms(row.end_of_speech_s, getattr(row, field_name))


def between_ms(start_s: float | None, end_s: float | None) -> float | None:
    return None if start_s is None or end_s is None else round((end_s - start_s) * 1000, 1)


def steps(row: TurnRow) -> list[tuple[str, float]]:
    """The milestones of a turn with their milliseconds after speech, in the order they were reached."""
    reached = [(name, ms) for name in STEPS if (ms := after_speech_ms(row, name)) is not None and ms >= 0]
    return sorted(reached, key=lambda step: step[1])


def summarise(turns: Sequence[TurnRow]) -> Summary:
    spoken = asked(turns)
    first = [after_speech_ms(row, "first_on_wire_s") for row in spoken]
    last = [after_speech_ms(row, "end_of_reply_s") for row in spoken if row.clear_s is None]
    barge_in = [between_ms(row.barge_in_speech_s, row.clear_s) for row in turns]
    return Summary(
        turns=len(spoken),
        answered=sum(map(is_answered, spoken)),
        first_audio_p50_ms=percentile(first, 50),
        first_audio_p95_ms=percentile(first, 95),
        end_of_reply_p50_ms=percentile(last, 50),
        barge_in_p50_ms=percentile(barge_in, 50),
    )


def percentile(values: Sequence[float | None], percent: float) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.percentile(known, percent)), 1) if known else None


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
