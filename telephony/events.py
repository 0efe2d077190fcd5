"""What can happen on a telephone line, and what a line can be asked to do.

Both unions are closed: a reader matches them exhaustively, and a carrier codec translates its wire into them and back.
Audio is always 8 kHz mono G.711 in the encoding that `Started` announced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Encoding = Literal["mulaw", "alaw"]

RATE_HZ = 8000
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
"""Samples in one frame, and bytes too: a G.711 sample is one byte."""


@dataclass(frozen=True, slots=True)
class Started:
    """The carrier opened the media stream of one call."""

    call_id: str
    stream_id: str
    account_id: str
    encoding: Encoding = "mulaw"
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What our own webhook attached to the stream (Twilio: customParameters)."""


@dataclass(frozen=True, slots=True)
class Audio:
    """The caller's voice: any number of G.711 samples, usually one 20 ms frame."""

    payload: bytes
    timestamp_ms: int | None = None
    """The carrier's media clock, milliseconds from the start of the stream; None where the carrier has none."""


@dataclass(frozen=True, slots=True)
class Digit:
    """The caller pressed a key: one of 0-9 * # A-D."""

    digit: str


@dataclass(frozen=True, slots=True)
class Played:
    """A mark came back. After `Clear` a carrier may return every pending mark, so this alone proves no hearing."""

    mark: str


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """The caller could not be handed over, and is still here."""

    reason: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """The stream is over; nothing follows."""

    reason: str


@dataclass(frozen=True, slots=True)
class Voicemail:
    """An answering machine took the call that was made; its own announcement is over, and it records."""


Event = Started | Audio | Digit | Played | TransferFailed | HungUp | Voicemail


@dataclass(frozen=True, slots=True)
class Play:
    """Play G.711 audio after what is already queued."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """Report `Played(name)` when all audio queued before this has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget all audio not played yet, ours and the carrier's."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""

    reason: str


@dataclass(frozen=True, slots=True)
class Words:
    """Something to be read out by a voice of the carrier."""

    language: str
    """BCP 47, such as kn-IN."""
    text: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Connect the caller to `target`, an E.164 number or SIP URI, and leave the call.

    Followed by `HungUp` when the carrier has taken the call over, or by `TransferFailed`.
    """

    target: str
    whisper: tuple[Words, ...] = ()
    """Read to the person at `target` before the two are connected; a carrier that cannot leaves it out."""


Command = Play | Mark | Clear | Hangup | Transfer
