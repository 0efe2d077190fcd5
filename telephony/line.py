"""One live call as the rest of the program sees it, whatever the carrier."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from telephony.events import Command, Event, Started


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier's media stream can do. A codec declares one; the call core reads it."""

    marks: bool
    """Marks come back when the audio before them has been played; without them playout is estimated from the clock."""
    clear: bool
    """Queued audio can be withdrawn. Without it we must not send far ahead."""
    digits: bool
    frame_bytes: int = 160
    """Outbound chunks are a multiple of this many bytes."""
    lead_ms: int = 200
    """How far ahead of the playout clock audio is sent."""


class Line(Protocol):
    """A started call. `receive` waits for the carrier; `perform` never waits and never fails."""

    on_sent_first: Callable[[float], None] | None
    """Called by the loop, with its time, when audio has gone out to a silent line: first byte on the wire."""

    @property
    def started(self) -> Started: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def receive(self) -> Event:
        """The next event, `HungUp` last. A broken peer is a `HungUp` with its reason, not an exception."""
        ...

    def perform(self, command: Command) -> None:
        """Carry out `command` within this loop step, or queue it in the bounded outbox."""
        ...
