"""Where the time of a turn went: one row a turn, all on the call's own clock.

Times are seconds from the start of the call; None where the turn never got so far. Latencies are differences of two
fields: what a caller waits for is `first_on_wire_s - end_of_speech_s`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.call.events import Listen, Reply, Voice
from app.call.ledger import CUT
from app.call.turns import FRAME_S, frames
from app.replay.trace import Trace
from app.trace import Row, expand
from telephony.events import RATE_HZ


@dataclass(frozen=True, slots=True)
class TurnRow:
    """The caller spoke, the agent answered. Turn 0 is the greeting: nobody spoke before it."""

    number: int

    caller_kannada: str = ""
    caller_english: str = ""
    agent_kannada: str = ""
    """The part of the reply that the caller heard, to the word."""
    agent_english: str = ""
    unheard_kannada: str = ""
    """The rest of the reply: written and perhaps spoken, never heard, and not in the agent's memory."""
    unheard_english: str = ""

    start_of_speech_s: float | None = None
    end_of_speech_s: float | None = None
    """The last voiced frame; everything the caller waits for counts from here."""
    soft_end_s: float | None = None
    """Silence long enough to prepare the reply."""
    confirmed_end_s: float | None = None
    """Silence long enough to let the reply be heard."""
    stt_final_s: float | None = None
    translated_s: float | None = None
    """The caller's words in English."""
    first_agent_token_s: float | None = None
    first_clause_s: float | None = None
    """The reply's first clause, complete in Kannada."""
    first_tts_byte_s: float | None = None
    filler_on_wire_s: float | None = None
    """A sentence that bridges the wait for a tool; all other times are the answer's own."""
    first_on_wire_s: float | None = None
    first_mark_heard_s: float | None = None
    """The carrier reported the first clause as played."""
    end_of_reply_s: float | None = None
    """The last audio of the reply was heard, or cleared."""

    barge_in_speech_s: float | None = None
    """The caller began to speak over this reply."""
    clear_s: float | None = None
    """`clear` left for the carrier."""


def rows(trace: Trace) -> list[TurnRow]:
    """The turns of a recorded call, the greeting first."""
    return _Reader(trace).read()


@dataclass(slots=True)
class _Fillers:
    """Of one turn."""

    made_s: float = 0.0
    unheard: int = 0
    """How many have not come back as played."""


class _Reader:
    """Walks a trace once. `_found` holds the fields of each turn as they are met; its newest revision wins."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._policy = trace.policy.turn
        self._found: dict[int, dict[str, Any]] = {0: {}}
        self._clauses: dict[int, dict[int, tuple[str, str]]] = {}
        self._frames: list[tuple[float, bool]] = []
        self._speaking = 0
        """The turn whose reply is on its way to the caller."""
        self._marks: set[str] = set()
        self._fillers: dict[int, _Fillers] = defaultdict(_Fillers)
        self._ends_after = self._policy.end_s, 0.0
        """The silence that ends the turn, and since when that is decided."""

    def read(self) -> list[TurnRow]:
        for row in self._trace.rows:
            if row.get("in") == "Voice":
                self._frames += [(now, row["speech"]) for now, _ in expand(row)]
            elif "in" in row:
                self._input(row["in"], row)
            else:
                self._output(row["out"], row)
        return [TurnRow(number=number, **found) for number, found in self._with_words() if found]

    def _input(self, name: str, row: Row) -> None:
        now, turn = row["t"], row.get("turn", 0)
        match name:
            case "Heard":
                self._note(turn, stt_final_s=now)
            case "Understood":
                self._note(turn, translated_s=now)
            case "Reached":
                self._reached(turn, row["milestone"], now)
            case "Speech":
                self._speech(turn, row, now)
                text = row["pii"]["kannada"], row["pii"]["english"]
                self._clauses.setdefault(turn, {}).setdefault(row["clause"], text)
            case "Played":
                if row["mark"] in self._marks:
                    self._marks.remove(row["mark"])
                    self._heard(_turn_of(row["mark"]), now)

    def _speech(self, turn: int, row: Row, now: float) -> None:
        fillers = self._fillers[turn]
        if row.get("filler"):
            fillers.made_s += row["samples"] / RATE_HZ
            fillers.unheard += row["last"]
            return
        self._note_first(turn, first_tts_byte_s=now)
        began = self._found[turn].get("filler_on_wire_s")
        if began is not None and now < began + fillers.made_s:  # it waits behind the filler: no silence, no event
            self._note_first(turn, first_on_wire_s=began + fillers.made_s)

    def _output(self, name: str, row: Row) -> None:
        now, turn = row["t"], row.get("turn", 0)
        match name:
            case "Listen":
                began = self._frame(1 + round((row["back_s"] - self._policy.pre_roll_s) / FRAME_S), now)
                self._found[turn] = {"start_of_speech_s": began}
                if self._found[self._speaking].get("clear_s") == now:
                    self._note(self._speaking, barge_in_speech_s=began)
            case "Finish":
                self._finish(turn, now)
            case "EndAfter":
                self._ends_after = row["silence_s"], now
            case "Confirm":
                self._speaking = turn
                silence_s, decided = self._ends_after
                self._note(turn, confirmed_end_s=max(self._silence_s(turn, silence_s) or now, decided))
            case "Mark":
                self._marks.add(row["name"])
            case "Clear":
                self._marks.clear()
                self._note(self._speaking, end_of_reply_s=now, clear_s=now)

    def _reached(self, turn: int, milestone: str, now: float) -> None:
        match milestone:
            case "agent_token":
                self._note_first(turn, first_agent_token_s=now)
            case "clause":
                self._note_first(turn, first_clause_s=now)
            case "on_wire" if self._fillers[turn].made_s and "first_tts_byte_s" not in self._found.get(turn, {}):
                self._note_first(turn, filler_on_wire_s=now)
            case "on_wire" if turn == 0 or "first_tts_byte_s" in self._found.get(turn, {}):
                self._note_first(turn, first_on_wire_s=now)  # else it is an apology, not the reply
            case _:
                pass

    def _heard(self, turn: int, now: float) -> None:
        """A mark came back. One of turn 0 is a prompt's, which is the greeting as long as nothing else was said."""
        if turn or not self._speaking:
            if self._fillers[turn].unheard:
                self._fillers[turn].unheard -= 1
            else:
                self._note_first(turn, first_mark_heard_s=now)
            self._note(turn, end_of_reply_s=now)

    def _finish(self, turn: int, now: float) -> None:
        """A new revision: what an earlier one reached was thrown away."""
        self._ends_after = self._policy.end_s, 0.0
        start = self._found.get(turn, {}).get("start_of_speech_s")
        silence = frames(self._policy.soft_end_s)
        paused = sum(speech for _, speech in self._frames[-silence:]) <= silence // 2  # else the turn was too long
        end_of_speech = self._frame(1 + silence, now) if paused else now
        self._found[turn] = {"start_of_speech_s": start, "end_of_speech_s": end_of_speech, "soft_end_s": now}
        self._clauses.pop(turn, None)
        self._fillers.pop(turn, None)

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

    def _note_first(self, turn: int, **times: Any) -> None:
        found = self._found.setdefault(turn, {})
        found.update({field: time for field, time in times.items() if field not in found})

    def _with_words(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """What was said and heard is what the core remembers after the same inputs."""
        call = self._trace.call()
        newest = 0
        prompted: dict[int, int] = {}
        """Prompts have no turn; each is shown with the turn it was heard in."""
        for now, event in self._trace.inputs:
            commands = call.handle(event, now)
            if commands or not isinstance(event, Voice):
                for owner, _ in call.turns:
                    prompted.setdefault(owner, newest)
            newest = max(newest, *(command.turn for command in commands if isinstance(command, Listen | Reply)), 0)
        words: dict[int, TurnRow] = {}
        for owner, line in call.turns:
            number = owner if owner > 0 else prompted[owner]
            row = words.get(number, TurnRow(number))
            if line.role == "caller":
                words[number] = replace(row, caller_kannada=line.kannada, caller_english=line.english)
            else:
                words[number] = replace(
                    row,
                    agent_kannada=f"{row.agent_kannada} {line.kannada}".strip(),
                    agent_english=f"{row.agent_english} {line.english}".strip(),
                )
        for number in sorted(set(self._found) | set(words)):
            row = words.get(number, TurnRow(number))
            unheard = self._unheard(number, row)
            said = {
                "caller_kannada": row.caller_kannada,
                "caller_english": row.caller_english,
                "agent_kannada": row.agent_kannada,
                "agent_english": row.agent_english,
                "unheard_kannada": unheard[0],
                "unheard_english": unheard[1],
            }
            yield number, self._found.get(number, {}) | said

    def _unheard(self, number: int, row: TurnRow) -> tuple[str, str]:
        clauses = [clause for _, clause in sorted(self._clauses.get(number, {}).items())]
        heard = (row.agent_kannada.split(CUT)[0], row.agent_english.split(CUT)[0])
        written = tuple(" ".join(clause[side] for clause in clauses) for side in (0, 1))
        return _after(written[0], heard[0]), _after(written[1], heard[1])


def _turn_of(mark: str) -> int:
    return int(mark.split(".")[1])


def _after(text: str, beginning: str) -> str:
    return text.removeprefix(beginning).strip() if text.startswith(beginning) else ""
