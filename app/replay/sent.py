"""Whose audio is it that the core sends? `Play` does not say, its step and the marks do.

Audio that completes a clause is followed at once by its mark, which names the turn, 0 for a prompt; other audio is
that of the turn whose reply was let go last. A prompt said while a turn waits for its reply is a filler: nothing else
is said then. One that is said in the step that settles a turn is what the caller gets instead of a reply, or
the reply itself where the agent leaves without a word of its own.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

from app.replay.steps import Step
from app.trace import Row

What = Literal["answer", "filler", "prompt"]
_NOTHING: Row = {"out": ""}


@dataclass(frozen=True, slots=True)
class Sent:
    """The audio of one `Play`."""

    turn: int
    """The turn it belongs to; 0 for the greeting, which counts as an answer, and for prompts that belong to none."""
    what: What
    samples: int
    prompt: bool = False


@dataclass(slots=True)
class _Reply:
    """What was made of the newest revision of a turn and not sent yet: samples, and whether they are a filler."""

    revision: int
    made: deque[tuple[int, bool]] = field(default_factory=deque)


class Sender:
    """Fed with every step of a call."""

    def __init__(self) -> None:
        self.audible: set[int] = set()
        """Turns of whose reply something was sent."""
        self._replies: dict[int, _Reply] = {}
        self._content: set[int] = set()
        """Turns that want to hear nothing but a prompt: "take your time", "I connect you", "goodbye"."""
        self._greeted = False
        self._waiting = self._speaking = 0
        """The turn that waits for its reply, and the one whose reply was let go last."""

    def see(self, step: Step) -> list[Sent]:
        """What was sent in this step, in its order."""
        self._input(step.cause)
        settled = [row["turn"] for row in step.of("Ignore")]
        if self._waiting in settled:
            self._waiting = 0  # its reply begins, or it has none
        sent: list[Sent] = []
        for row, following in zip_longest(step.commands, step.commands[1:], fillvalue=_NOTHING):
            match row["out"]:
                case "Finish" | "Reply":
                    self._prepare(row)
                case "Confirm":
                    self._speaking = row["turn"]
                case "Play":
                    turn = int(following["name"].split(".")[1]) if following["out"] == "Mark" else self._speaking
                    sent.append(self._reply(turn, row["samples"]) if turn else self._prompt(settled, row["samples"]))
        return sent

    def _input(self, row: Row) -> None:
        if row["in"] == "Heard":
            self._content.discard(row["turn"])
            if row.get("says") == "wait":
                self._content.add(row["turn"])
        elif row["in"] == "Replied" and row["action"] != "listen":
            self._content.add(row["turn"])
        elif row["in"] == "Speech" and row["samples"]:
            reply = self._replies.get(row["turn"])
            if reply is not None and reply.revision == row["revision"]:
                reply.made.append((row["samples"], bool(row.get("filler"))))

    def _prepare(self, row: Row) -> None:
        self._waiting = row["turn"]
        reply = self._replies.get(self._waiting)
        if reply is None or reply.revision != row["revision"]:
            self._replies[self._waiting] = _Reply(row["revision"])

    def _prompt(self, settled: list[int], samples: int) -> Sent:
        turn = 0
        what: What = "prompt"
        if not self._greeted:
            self._greeted, what = True, "answer"
        elif settled:
            turn = settled[-1]
            what = "answer" if turn in self._content else "prompt"
        elif self._waiting:
            turn, what = self._waiting, "filler"
        return Sent(turn, what, samples, prompt=True)

    def _reply(self, turn: int, samples: int) -> Sent:
        """Speech is sent in the order in which it was made; what is none of it was sent before, and goes on."""
        self._waiting, self._speaking = 0, turn
        self.audible.add(turn)
        reply = self._replies.get(turn)
        filler = False
        if reply is not None and reply.made and reply.made[0][0] == samples:
            filler = reply.made.popleft()[1]
        return Sent(turn, "filler" if filler else "answer", samples)
