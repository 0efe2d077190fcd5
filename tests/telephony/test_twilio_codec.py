"""The Twilio codec against golden transcripts in wire form, and against anything at all."""

import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from telephony import events
from telephony.errors import MALFORMED, REFUSED, TOO_BIG, UNSUPPORTED, WireError
from telephony.events import Audio, Clear, HungUp, Mark, Play, Started
from telephony.twilio.codec import MESSAGE_LIMIT, UNKNOWN_LIMIT, TwilioCodec

WIRE = Path(__file__).parent.parent / "wire"


def transcript(name: str) -> list[dict[str, Any]]:
    with (WIRE / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


CALL, REFUSED_CALLS = transcript("twilio_call.jsonl"), transcript("twilio_refused.jsonl")
START = next(json.dumps(line["in"]) for line in CALL if line.get("in", {}).get("event") == "start")
MEDIA = next(line["in"] for line in CALL if line.get("in", {}).get("event") == "media")


def thing(wire: dict[str, Any] | None) -> Any:
    """An event or command as the transcripts write it."""
    if wire is None:
        return None
    fields = {key: base64.b64decode(value) if key in ("payload", "audio") else value for key, value in wire.items()}
    del fields["type"]
    return getattr(events, wire["type"])(**fields)


def text(message: str | dict[str, Any]) -> str:
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)


def started() -> TwilioCodec:
    codec = TwilioCodec()
    assert isinstance(codec.receive(START), Started)
    return codec


def sent(codec: TwilioCodec, command: events.Command) -> str:
    match command:
        case Play(audio):
            return codec.audio(audio)
        case Mark(name):
            return codec.mark(name)
        case Clear():
            return codec.clear()
    raise AssertionError(f"{command} is no message")


def test_a_whole_call_both_ways() -> None:
    codec = TwilioCodec()
    for line in CALL:
        if "in" in line:
            assert codec.receive(text(line["in"])) == thing(line["event"]), line
        else:
            assert sent(codec, thing(line["command"])) == line["out"]
            json.loads(line["out"])


@pytest.mark.parametrize("case", REFUSED_CALLS, ids=lambda case: case["name"])
def test_what_is_refused_and_with_which_close_code(case: dict[str, Any]) -> None:
    codec = TwilioCodec()
    *before, last = map(text, case["messages"])
    for message in before:
        codec.receive(message)
    with pytest.raises(WireError) as refused:
        codec.receive(last)
    assert refused.value.close_code == case["close_code"]
    assert len(refused.value.reason.encode()) <= 123  # fits into a close frame


def test_the_reason_names_what_is_wrong() -> None:
    with pytest.raises(WireError, match="media before start"):
        TwilioCodec().receive(text(MEDIA))
    with pytest.raises(WireError, match="use <Connect><Stream>"):
        TwilioCodec().receive(START.replace('["inbound"]', '["inbound", "outbound"]'))


def test_binary_messages_are_not_twilios() -> None:
    with pytest.raises(WireError) as refused:
        TwilioCodec().receive(b"{}")
    assert refused.value.close_code == UNSUPPORTED


def test_a_huge_message_is_refused_unread() -> None:
    with pytest.raises(WireError) as refused:
        TwilioCodec().receive("[" * (MESSAGE_LIMIT + 1))
    assert refused.value.close_code == TOO_BIG


def test_deep_nesting_is_malformed() -> None:
    with pytest.raises(WireError) as refused:
        TwilioCodec().receive("[" * MESSAGE_LIMIT)
    assert refused.value.close_code == MALFORMED


def test_the_largest_message_that_fits_is_taken() -> None:
    room = MESSAGE_LIMIT - len(text({**MEDIA, "media": {**MEDIA["media"], "payload": ""}}))
    payload = "/" * (room - room % 4)
    event = started().receive(text({**MEDIA, "media": {**MEDIA["media"], "payload": payload}}))
    assert event == Audio(b"\xff" * (len(payload) // 4 * 3), 5)


def test_unknown_events_are_logged_once_a_name_and_not_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    codec = TwilioCodec()
    for _ in range(3):
        assert codec.receive('{"event":"new\\nthing"}') is None
    assert [record.getMessage() for record in caplog.records] == [
        "Twilio sent an event this program does not know: 'new\\nthing'"
    ]
    for number in range(1000):
        codec.receive(f'{{"event":"{number}"}}')
    assert len(caplog.records) == UNKNOWN_LIMIT


def test_two_streams_do_not_mix() -> None:
    one, other = started(), TwilioCodec()
    other.receive(START.replace(MEDIA["streamSid"], "MZother"))
    assert (MEDIA["streamSid"] in one.clear(), "MZother" in other.clear()) == (True, True)
    with pytest.raises(WireError) as refused:
        other.receive(text(MEDIA))
    assert refused.value.close_code == REFUSED


def test_nothing_follows_a_stop() -> None:
    codec = started()
    assert isinstance(codec.receive(text({"event": "stop", "streamSid": MEDIA["streamSid"]})), HungUp)
    for event in ("media", "mark", "dtmf", "stop"):
        assert codec.receive(text({**MEDIA, "event": event})) is None


# Anything at all.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "clear"])
KEYS = ["accountSid", "callSid", "streamSid", "tracks", "mediaFormat", "customParameters", "payload", "track", "digit"]
PARTS = st.dictionaries(st.sampled_from([*KEYS, "timestamp", "name"]), JSON | st.just("inbound"), max_size=8)
STREAMS = JSON | st.just(MEDIA["streamSid"])
MESSAGES = st.fixed_dictionaries(
    {"event": NAMES, "streamSid": STREAMS},
    optional={"start": PARTS | JSON, "media": PARTS | JSON, "mark": PARTS | JSON, "dtmf": PARTS | JSON},
)


def codecs() -> Iterator[TwilioCodec]:
    yield TwilioCodec()
    yield started()


@given(st.text() | st.binary() | JSON.map(json.dumps) | MESSAGES.map(json.dumps))
def test_nothing_but_a_wire_error_comes_of_any_message(message: str | bytes) -> None:
    for codec in codecs():
        outcome: object
        try:
            outcome = codec.receive(message)
        except WireError as refused:
            outcome = refused.close_code
        assert outcome in (None, MALFORMED, REFUSED, TOO_BIG, UNSUPPORTED) or isinstance(outcome, events.Event)


@given(st.binary(max_size=2000), st.integers(0, 10**11))
def test_audio_survives_the_wire(payload: bytes, timestamp_ms: int) -> None:
    codec = started()
    wire = json.loads(codec.audio(payload))
    assert (wire["event"], wire["streamSid"]) == ("media", MEDIA["streamSid"])
    echo = {**wire, "media": {**wire["media"], "track": "inbound", "timestamp": str(timestamp_ms)}}
    assert codec.receive(json.dumps(echo)) == Audio(payload, timestamp_ms)


@given(st.text(min_size=1))
def test_mark_names_survive_the_wire(name: str) -> None:
    codec = started()
    assert codec.receive(codec.mark(name)) == events.Played(name)
