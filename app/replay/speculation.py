"""Work that was begun before the caller had finished: what of it was thrown away."""

from dataclasses import dataclass
from typing import Any

from app.replay.steps import Step
from app.trace import Row

_NOT_THE_CALLER = {"Failed", "Tick"}
"""A reply that these stop was not thrown away: it failed, or the call's time was up."""


@dataclass(slots=True)
class _Work:
    """One revision of one turn."""

    revision: int
    began_s: float
    ended_s: float | None = None
    """There was nothing left to do."""
    question: bool = False
    """The agent was asked."""


class Speculation:
    """Fed with every step of a call; `found` has the fields of each turn."""

    def __init__(self) -> None:
        self._work: dict[int, _Work] = {}
        self._revisions: dict[int, set[int]] = {}
        self._wasted: dict[int, dict[str, Any]] = {}

    def see(self, step: Step, audible: set[int]) -> None:
        """`audible`: turns whose reply the caller hears; it may be interrupted, and is no longer a guess."""
        cause = step.cause
        work = self._work.get(cause.get("turn", -1))
        if work is not None and work.revision == cause.get("revision"):
            self._input(work, step)
        for row in step.of("Finish", "Reply", "StopReply"):
            if row["out"] == "StopReply":
                if row["turn"] not in audible and cause["in"] not in _NOT_THE_CALLER:
                    self._drop(row["turn"], step.now)
                self._work.pop(row["turn"], None)
            else:
                self._begin(row, step.now)

    def found(self, turn: int) -> dict[str, Any]:
        return {"revisions": len(self._revisions.get(turn, ())), **self._wasted.get(turn, {})}

    def _input(self, work: _Work, step: Step) -> None:
        match step.cause["in"]:
            case "Heard" if not step.of("Reply"):
                work.ended_s = step.now
            case "Understood":
                work.question = True
            case "Replied" | "Failed":
                work.ended_s = step.now

    def _begin(self, row: Row, now: float) -> None:
        turn, revision = row["turn"], row["revision"]
        self._revisions.setdefault(turn, set()).add(revision)
        before = self._work.get(turn)
        if before is None or before.revision != revision:
            self._drop(turn, now)
            self._work[turn] = _Work(revision, now)

    def _drop(self, turn: int, now: float) -> None:
        if work := self._work.pop(turn, None):
            wasted = self._wasted.setdefault(turn, {"wasted_s": 0.0, "wasted_questions": 0})
            ended_s = now if work.ended_s is None else work.ended_s
            wasted["wasted_s"] = round(wasted["wasted_s"] + ended_s - work.began_s, 3)
            wasted["wasted_questions"] += work.question


def saved_s(
    soft_end_s: float | None,
    stt_final_s: float | None,
    reply_s: float | None,
    first_tts_byte_s: float | None,
    confirmed_end_s: float | None,
) -> float | None:
    """How much later the answer would have been, had its work begun at the confirmed end. None without an answer.

    The work is two stretches: the final transcript, from the soft end to `Heard`, and the reply, from `Reply`, usually
    the same moment, to the first byte of speech. With speculation the answer is heard at max(first byte, confirmed
    end); without, at the confirmed end and both stretches. The difference is what was done of both when the end was
    confirmed; where the reply begins at `Heard` that is min(first byte, confirmed end) - soft end.

    Two things it leaves out. Knowing the words early also brings the end itself nearer, which is not counted. And work
    that waits for the end, a tool that may run only then, stands still meanwhile: there the figure is an upper bound.
    """
    if soft_end_s is None or stt_final_s is None or reply_s is None:
        return None
    if first_tts_byte_s is None or confirmed_end_s is None:
        return None
    heard_s = max(0.0, min(stt_final_s, confirmed_end_s) - soft_end_s)
    return round(heard_s + max(0.0, min(first_tts_byte_s, confirmed_end_s) - reply_s), 3)
