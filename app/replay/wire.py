"""When the agent's audio left for the caller, and when the carrier reported it as played."""

from typing import Any

from app.replay.sent import Sent
from app.replay.steps import Step
from telephony.events import FRAME_SAMPLES, RATE_HZ

_LEFT = {"answer": "first_on_wire_s", "filler": "filler_on_wire_s", "prompt": "prompt_on_wire_s"}


class Wire:
    """Fed with every step of a call and what was sent in it; `found` has the fields of each turn."""

    def __init__(self) -> None:
        self.fillers: dict[int, int] = {}
        """How many were said while this turn waited, over all its revisions."""
        self._found: dict[int, dict[str, Any]] = {}
        self._line = _Line()
        self._newest: Sent | None = None
        self._unsent: Sent | None = None
        """It broke a silence, and is not on the wire yet."""
        self._marks: dict[str, Sent] = {}

    def found(self, turn: int) -> dict[str, Any]:
        return {**self._found.get(turn, {}), "fillers": self.fillers.get(turn, 0)}

    def see(self, step: Step, sent: list[Sent]) -> None:
        self._input(step)
        plays = iter(sent)
        for row in step.commands:
            match row["out"]:
                case "Finish":  # what an earlier revision reached was before the caller went on
                    self._found.pop(row["turn"], None)
                case "Play":
                    self._play(next(plays), step.now)
                case "Mark" if self._newest is not None:
                    self._line.mark()
                    self._marks[row["name"]] = self._newest
                case "Clear":
                    self._clear(step.now)

    def _input(self, step: Step) -> None:
        row, now = step.cause, step.now
        match row["in"]:
            case "Reached" if row["milestone"] == "on_wire":
                self._on_wire(now)
            case "Played" if sent := self._marks.pop(row["mark"], None):
                self._on_wire(self._line.began_s)  # where nobody told: when it was given to the line
                if sent.what == "answer":
                    self._note_first(sent, "first_mark_heard_s", now)
                    self._note(sent, "end_of_reply_s", now)

    def _play(self, sent: Sent, now: float) -> None:
        newest, self._newest = self._newest, sent
        another = newest is None or (newest.turn, newest.what) != (sent.turn, sent.what)
        if self._line.silent(now):
            self._unsent = sent
        elif another:
            self._left(sent, self._line.ends_s)  # it waits behind other audio: no silence, no event
        if sent.what == "filler" and another:
            self.fillers[sent.turn] = self.fillers.get(sent.turn, 0) + 1
        self._line.play(sent.samples, now)

    def _on_wire(self, now: float) -> None:
        """The milestone carries the turn that the agent was asked about last, which need not be whose audio it is."""
        if self._unsent is not None:
            self._left(self._unsent, now)
            self._line.on_wire(now)
            self._unsent = None

    def _clear(self, now: float) -> None:
        if self._newest is not None and self._newest.what == "answer" and not self._line.silent(now):
            self._note(self._newest, "end_of_reply_s", now)
        self._line.clear(now)
        self._marks.clear()
        self._unsent = None

    def _left(self, sent: Sent, now: float) -> None:
        if sent.turn or sent.what == "answer":
            self._note_first(sent, _LEFT[sent.what], now)

    def _note_first(self, sent: Sent, name: str, now: float) -> None:
        self._found.setdefault(sent.turn, {}).setdefault(name, now)

    def _note(self, sent: Sent, name: str, now: float) -> None:
        self._found.setdefault(sent.turn, {})[name] = now


class _Line:
    """How far the audio sent so far reaches, reckoned as the line does, in whole frames (telephony/outbound.py)."""

    def __init__(self) -> None:
        self.began_s = self.ends_s = 0.0
        self._samples = 0

    def silent(self, now: float) -> bool:
        return now >= self.ends_s

    def play(self, samples: int, now: float) -> None:
        if self.silent(now):
            self.began_s, self._samples = now, 0
        self._samples += samples
        self._reckon()

    def mark(self) -> None:
        """The last frame before a mark is padded."""
        self._samples = -(-self._samples // FRAME_SAMPLES) * FRAME_SAMPLES
        self._reckon()

    def on_wire(self, now: float) -> None:
        self.began_s = now
        self._reckon()

    def clear(self, now: float) -> None:
        self.began_s = self.ends_s = now
        self._samples = 0

    def _reckon(self) -> None:
        self.ends_s = self.began_s + self._samples / RATE_HZ
