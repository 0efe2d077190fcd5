"""One turn of the caller, from the first voice or key to the end of the reply."""

from dataclasses import dataclass, field

from app.call.endpoint import Verdict
from app.call.events import Failed, Hearing, Replied, Speech


@dataclass(slots=True)
class Turn:
    """What the call knows of the turn it is in."""

    number: int
    revision: int = 0
    interrupted_agent: bool = False
    gone_on: int = 0
    """Times the caller had finished and yet went on."""
    keyed: bool = False
    """It was entered by keys, not spoken."""
    hearing: Hearing | None = None
    """What was heard of it so far, over all revisions: the newest partial transcript."""
    finishing: bool = False
    """The transcript of this revision was asked for."""
    text: str | None = None
    """The transcript of this revision, once there is one; empty when nothing was understood."""
    verdict: Verdict | None = None
    """The silence that ends it, by its words."""
    english: str = ""
    ended_s: float | None = None
    """When the caller had really finished."""
    replying: bool = False
    """A reply was started and is not complete."""
    audible: bool = False
    """Some of the reply was sent to the caller, so the turn can't go on: what comes now is the next one."""
    remembered: bool = False
    """The caller's words are in the memory."""
    held: list[Speech | Replied | Failed] = field(default_factory=list)
    """What came back before the caller had finished."""

    @property
    def id(self) -> tuple[int, int]:
        return self.number, self.revision

    def anew(self) -> "Turn":
        """The caller speaks again before anything was heard: the same turn, its next revision."""
        gone_on = self.gone_on + (self.ended_s is not None)
        return Turn(self.number, self.revision + 1, self.interrupted_agent, gone_on, hearing=self.hearing)
