"""The agent's side of the call: what is said, what is withdrawn, what was heard and so is remembered."""

from app.call.events import Command, PromptName, Prompts, Speech
from app.call.ledger import Ledger, Said
from app.call.memory import Memory
from app.kannada.asked import NOTHING, asked
from telephony.events import Clear, Mark, Play

_ASKS_AGAIN: frozenset[PromptName] = frozenset(["no_input", "repeat", "apology"])
"""After these the question before them still stands."""


class Mouth:
    """Sends audio with its marks, and keeps the ledger and the memory of it.

    `mark_patience_s` is how long after its expected end a mark may come back; 0 where the carrier has no marks.
    """

    def __init__(self, prompts: Prompts, mark_patience_s: float) -> None:
        self._prompts = prompts
        self._mark_patience_s = mark_patience_s
        self._ledger = Ledger()
        self._prompts_said = 0
        self.memory = Memory()
        self.asked = NOTHING
        """What the caller was asked last, as far as they heard it."""
        self._asker = 0

    @property
    def busy(self) -> bool:
        """The caller hears the agent."""
        return self._ledger.busy

    @property
    def unfinished(self) -> bool:
        """The newest clause lacks a part of its audio."""
        return self._ledger.unfinished

    @property
    def ends_s(self) -> float:
        """When the caller will have heard all that was sent."""
        return self._ledger.ends_s

    @property
    def deadline(self) -> float | None:
        """When to call `believe`."""
        return self._ledger.overdue_s(self._mark_patience_s)

    def say(self, name: PromptName, now: float) -> list[Command]:
        """A rendered prompt. In the memory it belongs to no turn and has a number of its own below zero."""
        prompt = self._prompts[name]
        self._prompts_said += 1
        asks = self.asked if name in _ASKS_AGAIN else asked(prompt.kannada)
        self._ledger.play(-self._prompts_said, 0, prompt.kannada, prompt.english, len(prompt.audio), now, asks)
        return [Play(prompt.audio), *self.complete()]

    def play(self, speech: Speech, now: float) -> list[Command]:
        """A chunk of a reply. A clause that never sounds leaves no trace."""
        commands: list[Command] = []
        if speech.audio:
            texts = speech.kannada, speech.english
            self._ledger.play(speech.turn, speech.clause, *texts, len(speech.audio), now, speech.asks)
            commands.append(Play(speech.audio))
        if speech.last and self._ledger.expects(speech.turn, speech.clause):
            commands += self.complete()
        return commands

    def complete(self) -> list[Command]:
        """No more audio comes for the newest clause."""
        return [Mark(self._ledger.complete())] if self._ledger.unfinished else []

    def stop(self, now: float) -> list[Command]:
        """Withdraw what was not heard yet, and remember what was."""
        commands: list[Command] = [Clear()] if self._ledger.busy else []
        self._heard(self._ledger.cut(now))
        return commands

    def played(self, mark: str, now: float) -> None:
        """A mark came back."""
        self._heard(self._ledger.played(mark, now))

    def believe(self, now: float) -> None:
        """What should long have been heard was heard: its mark is lost, or the carrier sends none."""
        self._heard(self._ledger.believe(now, self._mark_patience_s))

    def _heard(self, said: list[Said]) -> None:
        """A question stands until the agent's next line; what is said behind it in the same line leaves it standing."""
        self.memory.heard(said)
        for clause in said:
            if clause.asks.kind or clause.owner != self._asker:
                self.asked, self._asker = clause.asks, clause.owner
