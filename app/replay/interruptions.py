"""Who interrupted the agent, and who only seemed to.

Voice over the agent withdraws its audio at once and begins a turn. Either that turn gets a reply, or it is ignored in
the step in which the audio goes on: a noise, a "hm". A turn that is ignored without anything being said to it was none.
"""

from dataclasses import dataclass, replace
from typing import Any

from app.replay.sent import Sent
from app.replay.steps import Step
from app.replay.trace import Trace

_NOTHING = {"backchannel", "hello", "echo"}


@dataclass(frozen=True, slots=True)
class FalseInterruption:
    """The agent fell silent for a voice, and went on."""

    clear_s: float
    gap_s: float
    """From `clear` until the agent's audio was sent again."""
    kannada: str
    """What speech to text made of the voice; empty when that was nothing."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """Audio that was withdrawn for the turn `by`. It may yet go on."""

    row: int
    sent: Sent
    now: float
    by: int


class Interruptions:
    """Fed with every step of a call and what was sent in it; `found` has the fields of each turn."""

    def __init__(self, trace: Trace) -> None:
        self.ignored: set[int] = set()
        self.interrupted_by: dict[int, int] = {}
        """Whose audio was withdrawn, and for which turn."""
        self.prompts: list[int] = []
        """Each prompt that was begun, in their order: the turn it was said in, the newest that was not ignored."""
        self._lengths = {prompt["samples"] for prompt in trace.header["prompts"].values()}
        self._turns = [0]
        """All but the ignored ones."""
        self._replied: set[int] = set()
        self._words: dict[int, str] = {}
        self._clears: dict[int, float] = {}
        self._false: dict[int, tuple[FalseInterruption, ...]] = {}
        self._last: Sent | None = None
        self._cut: _Cut | None = None

    def found(self, turn: int) -> dict[str, Any]:
        clear = {"clear_s": self._clears[turn]} if turn in self._clears else {}
        return {**clear, "false_interruptions": self._false.get(turn, ()), "ignored": turn in self.ignored}

    def see(self, step: Step, sent: list[Sent]) -> list[Sent]:
        """What was sent, now that it is known which of it is a prompt that goes on."""
        if step.cause["in"] in {"Hearing", "Heard"}:
            self._words[step.cause["turn"]] = step.cause["pii"]["text"]
        if step.of("Clear"):
            self._clear(step)
        for row in step.of("Listen", "Reply", "Confirm", "StopReply"):
            self._command(row["out"], row["turn"])
        resumed = self._resumed(step, sent)
        new = sent if resumed is None else []
        for row in step.of("Ignore"):
            self._settled(row["turn"], new)
        self.prompts += [each.turn or self._turns[-1] for each in new if each.prompt]
        if resumed is not None:
            self._last = resumed
            return [replace(sent[0], turn=resumed.turn, what=resumed.what), *sent[1:]]
        self._last = sent[-1] if sent else self._last
        return sent

    def _clear(self, step: Step) -> None:
        """A filler that is withdrawn while its turn goes on was no answer, and its turn is no interruption."""
        listens = step.of("Listen")
        if self._last is None or (self._last.what == "filler" and not listens):
            return
        row = self._last.turn or self._turns[-1]
        self._clears[row] = step.now
        self.interrupted_by.pop(row, None)
        if listens:
            self._cut = _Cut(row, self._last, step.now, listens[0]["turn"])
            self.interrupted_by[row] = self._cut.by

    def _command(self, name: str, turn: int) -> None:
        if name == "StopReply" and self._cut is not None and turn == self._cut.row:
            self._cut = None
        elif name == "Reply":
            self._replied.add(turn)
        if name != "StopReply" and turn not in self._turns:
            self._turns.append(turn)

    def _resumed(self, step: Step, sent: list[Sent]) -> Sent | None:
        """What was withdrawn and goes on. A prompt does so from its middle or anew; another one has another length."""
        cut = self._cut
        if cut is None or not any(row["turn"] == cut.by for row in step.of("Ignore")):
            return None
        self._cut = None
        if not _may_be_nothing(step) or cut.by in self._replied or not sent or not self._goes_on(cut.sent, sent[0]):
            return None
        del self._clears[cut.row], self.interrupted_by[cut.row]
        false = FalseInterruption(cut.now, round(step.now - cut.now, 3), self._words.get(cut.by, ""))
        self._false[cut.row] = (*self._false.get(cut.row, ()), false)
        return cut.sent

    def _goes_on(self, cut: Sent, sent: Sent) -> bool:
        if cut.prompt:
            return sent.prompt and (sent.samples == cut.samples or sent.samples not in self._lengths)
        return not sent.prompt and sent.turn == cut.turn

    def _settled(self, turn: int, sent: list[Sent]) -> None:
        """`sent` is what was said then, but for what went on."""
        said = any(each.turn in {0, turn} for each in sent)
        if turn in self._turns and turn not in self._replied and not said:
            self._turns.remove(turn)
            self.ignored.add(turn)


def _may_be_nothing(step: Step) -> bool:
    """The agent goes on when a transcript asks for nothing, or fails to come."""
    heard = step.cause
    if heard["in"] != "Heard":
        return heard["in"] in {"Failed", "Tick"}
    return not heard["pii"]["text"] or heard.get("says") in _NOTHING
