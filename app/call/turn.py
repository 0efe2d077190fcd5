"""One turn of the caller, from the first voice or key to the end of the reply."""

from dataclasses import dataclass, field

from app.call.endpoint import Verdict
from app.call.events import Failed, Hearing, Replied, Speech
from app.kannada.finished import UNKNOWN, Ending
from app.kannada.small_words import SmallWord


@dataclass(slots=True)
class Turn:
    """What the call knows of the turn it is in."""

    number: int
    revision: int = 0
    open: bool = True
    """It is not settled."""
    gone_on: int = 0
    """Times the caller had finished and yet went on."""
    begun: int = 0
    """Replies that were begun for it before the caller had finished."""
    keyed: bool = False
    """It was entered by keys, not spoken."""
    interrupts: bool = False
    """The agent gave way to it for good."""
    hearing: Hearing | None = None
    """What was heard of it so far, over all revisions: the newest partial transcript."""
    finishing: bool = False
    """The transcript of this revision was asked for."""
    late: bool = False
    """It went on for so long after the agent fell silent that it is no echo."""
    text: str | None = None
    """The transcript of this revision, once there is one; empty when nothing was understood."""
    ends: Ending = UNKNOWN
    says: SmallWord = ""
    verdict: Verdict | None = None
    """The silence that ends it, by its words."""
    english: str = ""
    ended_s: float | None = None
    """When the caller had really finished."""
    replying: bool = False
    """A reply was started and is not complete."""
    answering_s: float = 0.0
    """When the agent was last known to be writing the answer."""
    filled: bool = False
    """The caller heard that the answer takes a moment."""
    filled_before: bool = False
    """So in the turn before."""
    audible: bool = False
    """Some of the reply was sent to the caller, so the turn can't go on: what comes now is the next one."""
    remembered: bool = False
    """The caller's words are in the memory."""
    held: list[Speech | Replied | Failed] = field(default_factory=list)
    """What came back while it could not be heard."""

    @property
    def id(self) -> tuple[int, int]:
        return self.number, self.revision

    @property
    def has_words(self) -> bool:
        """Something was understood, if only in part."""
        return bool(self.text or (self.text is None and self.hearing and self.hearing.text.strip()))

    def anew(self) -> "Turn":
        """The caller speaks again before anything was heard: the same turn, its next revision."""
        return Turn(
            self.number,
            self.revision + 1,
            gone_on=self.gone_on + (self.ended_s is not None),
            begun=self.begun,
            filled=self.filled,
            filled_before=self.filled_before,
            interrupts=self.interrupts,
            hearing=self.hearing,
        )
