"""What a codec of a carrier's media stream is: messages to events, commands to messages, no I/O and no clock."""

from typing import Protocol

from telephony.events import Event
from telephony.line import Capabilities

Message = str | bytes
"""One websocket message: text or binary."""


class Encoder(Protocol):
    """The outbound half. Usable once `receive` has returned `Started`."""

    def audio(self, payload: bytes) -> Message:
        """Play these G.711 bytes after what is queued."""
        ...

    def mark(self, name: str) -> Message:
        """Report `Played(name)` when everything before has been played."""
        ...

    def clear(self) -> Message:
        """Forget what has not been played."""
        ...


class Codec(Encoder, Protocol):
    """One media stream of one call. Every connection gets its own."""

    @property
    def capabilities(self) -> Capabilities: ...

    def receive(self, message: Message) -> Event | None:
        """What `message` says; None when it is of no interest. Raises WireError, and nothing else, on bad input."""
        ...
