"""The frames between parent and child: every message survives them, and nothing else does."""

import pytest
from hypothesis import given, strategies as st

from app.engines.base import EngineError, EngineFailed, EngineOverloaded, EngineUnavailable
from app.engines.process.messages import (
    LARGEST_BODY,
    Alive,
    Cancel,
    Chunk,
    Decoder,
    Ended,
    Fault,
    Load,
    Message,
    ProtocolError,
    Ready,
    Refused,
    Speak,
    encode,
)

IDS = st.integers(0, 2**64 - 1)
TEXTS = st.text(max_size=200)
FAULTS = st.builds(Fault, st.sampled_from(["failed", "overloaded", "unavailable"]), TEXTS)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(Load, st.from_regex(r"[a-z.]+:[a-z]+", fullmatch=True), TEXTS),
    st.builds(Speak, IDS, TEXTS, st.booleans()),
    st.builds(Cancel, IDS),
    st.builds(Ready, st.integers(0, 2**32 - 1)),
    st.builds(Refused, FAULTS),
    st.builds(Chunk, IDS, st.binary(min_size=1, max_size=64).map(lambda half: half + half)),
    st.builds(Ended, IDS, st.none() | FAULTS),
    st.just(Alive()),
)


@given(st.lists(MESSAGES), st.data())
def test_messages_survive_any_cutting_of_the_stream(messages: list[Message], data: st.DataObject) -> None:
    wire = b"".join(map(encode, messages))
    decoder = Decoder()
    read: list[Message] = []
    while wire:
        size = data.draw(st.integers(1, len(wire)))
        read += decoder.push(wire[:size])
        wire = wire[size:]
    assert read == messages


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_anything_else_is_refused_or_waited_for(pieces: list[bytes]) -> None:
    decoder = Decoder()
    pushed = b""
    read: list[Message] = []
    try:
        for piece in pieces:
            pushed += piece
            read += decoder.push(piece)
    except ProtocolError:
        return
    assert pushed.startswith(b"".join(map(encode, read)))


@given(MESSAGES, st.data())
def test_a_damaged_message_is_refused_or_another_message(message: Message, data: st.DataObject) -> None:
    wire = bytearray(encode(message))
    wire[4:] = data.draw(st.binary(min_size=len(wire) - 4, max_size=len(wire) - 4))
    try:
        (read,) = Decoder().push(bytes(wire))
    except ProtocolError:
        return
    assert type(read) in Message.__args__


def test_a_frame_that_is_too_large_is_refused_before_it_is_kept() -> None:
    with pytest.raises(ProtocolError, match=f"type 5 and {LARGEST_BODY + 1} bytes"):
        Decoder().push((LARGEST_BODY + 1).to_bytes(4, "big") + b"\x05")
    with pytest.raises(ValueError, match="does not fit a frame"):
        encode(Chunk(1, bytes(LARGEST_BODY)))


@pytest.mark.parametrize(
    "wire",
    [
        b"\0\0\0\0\x08",  # no such type
        b"\0\0\0\x01\x07?",  # Alive with a body
        b"\0\0\0\x09\x05" + bytes(9),  # half a sample
        b"\0\0\0\x08\x05" + bytes(8),  # no sample
        b"\0\0\0\x01\x04\xff",  # refused for no reason
        b"\0\0\0\x0a\x01" + bytes(9) + b"\xff",  # not UTF-8
        b"\0\0\0\x03\x00abc",  # no settings
    ],
)
def test_a_body_that_does_not_fit_its_type_is_refused(wire: bytes) -> None:
    with pytest.raises(ProtocolError):
        Decoder().push(wire)


@pytest.mark.parametrize("kind", [EngineFailed, EngineOverloaded, EngineUnavailable])
def test_an_error_arrives_as_the_same_kind(kind: type[EngineError]) -> None:
    arrived = Fault.of(kind("why")).error()
    assert type(arrived) is kind
    assert str(arrived) == "why"
    assert len(Fault.of(kind("w" * 9999)).message) == 1000
