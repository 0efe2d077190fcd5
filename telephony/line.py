"""One live call as the rest of the program sees it, whatever the carrier."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from telephony.events import Command, Event, Started


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What differs between carriers' media streams. A codec declares one; the core and the writer go by it."""

    marks: bool
    """Marks come back when the audio before them has been played; without them playout is estimated from the clock."""
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
