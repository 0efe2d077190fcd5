"""What parent and child tell each other, as frames: 4 bytes of length, 1 of type, the body. Big-endian. No I/O here.

    Load   Speak Cancel ... Speak     parent to child
    Ready or Refused    Chunk Chunk Alive Chunk Ended     child to parent

Every length is checked before anything is kept: either side may have gone mad.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.engines.base import EngineError, EngineFailed, EngineOverloaded, EngineUnavailable

LARGEST_BODY = 1 << 17
LARGEST_PCM = 1 << 15
"""Bytes of audio in one chunk that a child sends; a longer one goes in pieces."""
_LONGEST_MESSAGE = 1000

Kind = Literal["failed", "overloaded", "unavailable"]

_ERRORS: Mapping[Kind, type[EngineError]] = {
    "failed": EngineFailed,
    "overloaded": EngineOverloaded,
    "unavailable": EngineUnavailable,
}
_KINDS: tuple[Kind, ...] = tuple(_ERRORS)
_NO_ERROR = 255


class ProtocolError(Exception):
    """What came is no frame of ours."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An EngineError on its way to the other process."""

    kind: Kind
    message: str

    @classmethod
    def of(cls, error: EngineError) -> "Fault":
        kinds: list[Kind] = [kind for kind, known in _ERRORS.items() if isinstance(error, known)]
        return cls(kinds[0] if kinds else "failed", str(error)[:_LONGEST_MESSAGE])

    def error(self) -> EngineError:
        return _ERRORS[self.kind](self.message)


@dataclass(frozen=True, slots=True)
class Load:
    """Make the engine and warm it up."""

    factory: str
    """package.module:function, which takes the Settings."""
    settings: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class Speak:
    id: int
    text: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody listens any more. Nothing more need be sent about this id."""

    id: int


@dataclass(frozen=True, slots=True)
class Ready:
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine cannot be loaded or warmed up."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole samples, at least one."""

    id: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    id: int
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Alive:
    """The model works, though no audio came of it yet."""


Message = Load | Speak | Cancel | Ready | Refused | Chunk | Ended | Alive

_HEAD = struct.Struct(">IB")
_ID = struct.Struct(">Q")
_SPEAK = struct.Struct(">QB")
_RATE = struct.Struct(">I")
_TYPES: tuple[type[Message], ...] = (Load, Speak, Cancel, Ready, Refused, Chunk, Ended, Alive)


def encode(message: Message) -> bytes:
    """Raises ValueError for a message that is larger than a frame may be."""
    body = _body(message)
    if len(body) > LARGEST_BODY:
        raise ValueError(f"{type(message).__name__} of {len(body)} bytes does not fit a frame")
    return _HEAD.pack(len(body), _TYPES.index(type(message))) + body


def _body(message: Message) -> bytes:
    match message:
        case Load(factory, settings):
            return f"{factory}\n{settings}".encode()
        case Speak(id, text, urgent):
            return _SPEAK.pack(id, urgent) + text.encode()
        case Cancel(id):
            return _ID.pack(id)
        case Ready(rate_hz):
            return _RATE.pack(rate_hz)
        case Refused(fault):
            return _fault(fault)
        case Chunk(id, pcm):
            return _ID.pack(id) + pcm
        case Ended(id, fault):
            return _ID.pack(id) + _fault(fault)
        case Alive():
            return b""


def _fault(fault: Fault | None) -> bytes:
    if fault is None:
        return bytes([_NO_ERROR])
    return bytes([_KINDS.index(fault.kind)]) + fault.message.encode()


class Decoder:
    """Bytes in, messages out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def push(self, data: bytes) -> list[Message]:
        """The messages that `data` completes. After a ProtocolError the connection is of no more use."""
        self._buffer += data
        messages: list[Message] = []
        at = 0
        while len(self._buffer) - at >= _HEAD.size:
            length, code = _HEAD.unpack_from(self._buffer, at)
            if length > LARGEST_BODY or code >= len(_TYPES):
                raise ProtocolError(f"a frame of type {code} and {length} bytes")
            end = at + _HEAD.size + length
            if len(self._buffer) < end:
                break
            messages.append(_read(_TYPES[code], bytes(self._buffer[at + _HEAD.size : end])))
            at = end
        del self._buffer[:at]
        return messages


def _read(kind: type[Message], body: bytes) -> Message:
    try:
        return _message(kind, body)
    except (struct.error, ValueError, IndexError) as error:  # UnicodeDecodeError is a ValueError
        raise ProtocolError(f"not a {kind.__name__}: {type(error).__name__}") from None


def _message(kind: type[Message], body: bytes) -> Message:
    if kind is Load:
        factory, settings = body.decode().split("\n", 1)
        return Load(factory, settings)
    if kind is Speak:
        id, urgent = _SPEAK.unpack_from(body)
        return Speak(id, body[_SPEAK.size :].decode(), bool(urgent))
    if kind is Cancel:
        return Cancel(*_ID.unpack(body))
    if kind is Ready:
        return Ready(*_RATE.unpack(body))
    if kind is Refused:
        if (fault := _read_fault(body)) is None:
            raise ValueError("without a fault")
        return Refused(fault)
    if kind is Alive:
        if body:
            raise ValueError("with a body")
        return Alive()
    (id,) = _ID.unpack_from(body)
    rest = body[_ID.size :]
    if kind is Ended:
        return Ended(id, _read_fault(rest))
    if not rest or len(rest) % 2:
        raise ValueError("half a sample")
    return Chunk(id, rest)


def _read_fault(body: bytes) -> Fault | None:
    code = body[0]
    return None if code == _NO_ERROR else Fault(_KINDS[code], body[1:].decode())
