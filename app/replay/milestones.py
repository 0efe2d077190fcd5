"""When each stage of a turn was reached, from the caller's first voiced frame to the first byte of speech."""

from bisect import bisect_left
from typing import Any

from app.call.turns import FRAME_S, frames
from app.replay.speculation import saved_s
from app.replay.steps import Step
from app.replay.trace import Trace
from app.trace import Row, expand

_WORK = ("soft_end_s", "stt_final_s", "first_tts_byte_s", "confirmed_end_s")
_FIRST = {"agent_token": "first_agent_token_s", "clause": "first_clause_s"}


class Milestones:
    """Fed with every step of a call; `found` has the fields of each turn. Its newest revision wins."""

    def __init__(self, trace: Trace) -> None:
        self._reply_s: dict[int, float] = {}
        self._policy = trace.policy.turn
        self._found: dict[int, dict[str, Any]] = {}
        self._revisions: dict[int, int] = {}
        self._frames: list[tuple[float, bool]] = []
        self._ends_after = self._policy.end_s, 0.0
        """The silence that ends the turn, and since when that is decided."""

    @property
    def turns(self) -> list[int]:
        return list(self._found)

    def found(self, turn: int) -> dict[str, Any]:
        found = self._found.get(turn, {})
        soft_end_s, stt_final_s, first_tts_byte_s, confirmed_end_s = map(found.get, _WORK)
        saved = saved_s(soft_end_s, stt_final_s, self._reply_s.get(turn), first_tts_byte_s, confirmed_end_s)
        return found | {"saved_s": saved}

    def see(self, step: Step) -> None:
        if step.cause["in"] == "Voice":
            voice = step.cause["speech"] and not step.cause.get("echo", False)
            self._frames += [(now, voice) for now, _ in expand(step.cause)]
        elif "revision" in step.cause:
            self._result(step.cause, step.now)
        for row in step.of("Listen", "Finish", "EndAfter", "Reply", "Confirm"):
            self._command(row, step.now)

    def _result(self, row: Row, now: float) -> None:
        turn = row["turn"]
        if row["revision"] != self._revisions.get(turn, 0):
            return  # late: the core has dropped it
        match row["in"]:
            case "Heard":
                self._note(turn, stt_final_s=now)
            case "Understood":
                self._note(turn, translated_s=now)
            case "Reached" if row["milestone"] in _FIRST:
                self._note_first(turn, _FIRST[row["milestone"]], now)
            case "Speech" if not row.get("filler"):
                self._note_first(turn, "first_tts_byte_s", now)

    def _command(self, row: Row, now: float) -> None:
        turn = row["turn"]
        match row["out"]:
            case "Listen":
                began = self._frame(1 + round((row["back_s"] - self._policy.pre_roll_s) / FRAME_S), now)
                self._found[turn] = {"start_of_speech_s": began}
            case "Finish":
                self._finish(turn, row["revision"], now)
            case "EndAfter":
                self._ends_after = row["silence_s"], now
            case "Reply":
                self._reply_s[turn] = now
            case "Confirm":
                silence_s, decided = self._ends_after
                self._note(turn, confirmed_end_s=max(self._silence_s(turn, silence_s) or now, decided))

    def _finish(self, turn: int, revision: int, now: float) -> None:
        """A new revision: what an earlier one reached was thrown away."""
        self._ends_after = self._policy.end_s, 0.0
        self._revisions[turn] = revision
        start = self._found.get(turn, {}).get("start_of_speech_s")
        silence = frames(self._policy.soft_end_s)
        paused = sum(speech for _, speech in self._frames[-silence:]) <= silence // 2  # else the turn was too long
        end_of_speech = self._frame(1 + silence, now) if paused else now
        self._found[turn] = {"start_of_speech_s": start, "end_of_speech_s": end_of_speech, "soft_end_s": now}

    def _frame(self, back: int, now: float) -> float:
        """When the frame `back` frames before the next one came."""
        return self._frames[-back][0] if 0 < back <= len(self._frames) else now

    def _silence_s(self, turn: int, seconds: float) -> float | None:
        """When the caller had been silent for so long after the end of speech, on the sample clock."""
        end = self._found.get(turn, {}).get("end_of_speech_s")
        if end is None:
            return None
        times = [now for now, _ in self._frames]
        index = bisect_left(times, end) + frames(seconds)
        return times[index] if index < len(times) else None

    def _note(self, turn: int, **times: Any) -> None:
        self._found.setdefault(turn, {}).update(times)

    def _note_first(self, turn: int, name: str, now: float) -> None:
        self._found.setdefault(turn, {}).setdefault(name, now)
