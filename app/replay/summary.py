"""What a call came to: the waits and the counts of all its turns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.replay.waterfall import TurnRow


@dataclass(frozen=True, slots=True)
class Summary:
    turns: int
    answered: int
    first_audio_p50_ms: float | None
    """Voice to voice: from the caller's last voiced frame to the first sound of the answer sent."""
    first_audio_p95_ms: float | None
    end_of_reply_p50_ms: float | None
    """From the caller's last voiced frame until the whole reply was heard, over replies that nobody cut."""
    barge_in_p50_ms: float | None
    """From the caller's speech over the agent to `clear`, where the agent was really interrupted."""
    fillers: int
    interruptions: int
    """The caller spoke over the agent, which stopped."""
    false_interruptions: int
    """The agent fell silent, and went on."""
    ignored: int
    """Voice that came to nothing: those that only seemed to interrupt, and noises in silence."""
    saved_s: float
    """What speculation saved in all: app/replay/speculation.py."""
    wasted_s: float
    wasted_questions: int


def asked(turns: Sequence[TurnRow]) -> list[TurnRow]:
    """The turns in which the caller spoke: neither the greeting, nor what was no turn after all."""
    return [row for row in turns if row.number > 0 and not row.ignored]


def is_answered(row: TurnRow) -> bool:
    return row.first_on_wire_s is not None


def after_speech_ms(row: TurnRow, field_name: str) -> float | None:
    """Milliseconds from the caller's last voiced frame to a milestone; None where either is missing."""
    return between_ms(row.end_of_speech_s, getattr(row, field_name))


def between_ms(start_s: float | None, end_s: float | None) -> float | None:
    return None if start_s is None or end_s is None else round((end_s - start_s) * 1000, 1)


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
        fillers=sum(row.fillers for row in turns),
        interruptions=sum(ms is not None for ms in barge_in),
        false_interruptions=sum(len(row.false_interruptions) for row in turns),
        ignored=sum(row.ignored for row in turns),
        saved_s=round(sum(row.saved_s or 0.0 for row in turns), 3),
        wasted_s=round(sum(row.wasted_s for row in turns), 3),
        wasted_questions=sum(row.wasted_questions for row in turns),
    )


def percentile(values: Sequence[float | None], percent: float) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.percentile(known, percent)), 1) if known else None


def in_a_line(summary: Summary) -> str:
    """All of a call in one line."""
    wait = "–" if summary.first_audio_p50_ms is None else f"{summary.first_audio_p50_ms:.0f} ms"
    return f"voice to voice {wait} (p50) · {conduct(summary)}"


def conduct(summary: Summary) -> str:
    """What the agent did by itself: said that it takes a moment, gave way, worked ahead."""
    fillers = "1 filler" if summary.fillers == 1 else f"{summary.fillers} fillers"
    return (
        f"{fillers} · interruptions: {summary.interruptions} real, {summary.false_interruptions} false · "
        f"speculation saved {summary.saved_s:.1f} s, wasted {summary.wasted_s:.1f} s"
    )
