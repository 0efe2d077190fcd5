"""Twilio Media Streams, bidirectional (`<Connect><Stream>`): JSON text to events, commands to JSON text.

The wire is described in https://www.twilio.com/docs/voice/media-streams/websocket-messages. Numbers that count
(sequenceNumber, chunk, timestamp) come as strings, those of mediaFormat as numbers. Of one call 50 messages a second go
through this file each way, so the media paths are straight lines.
"""

import logging
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from typing import Any

import orjson

from telephony.errors import MALFORMED, REFUSED, TOO_BIG, UNSUPPORTED, WireError
from telephony.events import Audio, Digit, Event, HungUp, Played, Started
from telephony.line import Capabilities

log = logging.getLogger(__name__)

MESSAGE_LIMIT = 64 * 1024
"""Characters in one message. A 20 ms frame takes about 350."""
TIMESTAMP_LIMIT_MS = 10**12
UNKNOWN_LIMIT = 16
"""Unknown event names remembered for the debug log."""
SID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""Twilio's are two letters and 32 hex digits. Nothing else may get into logs and file names."""
DIGITS = frozenset("0123456789*#ABCD")
NO_STREAM = object()
"""Equal to nothing that JSON can say, so a message without a stream never matches."""
CAPABILITIES = Capabilities(marks=True)


class TwilioCodec:
    """One media stream. `audio`, `mark` and `clear` name the stream, so they work only once it has started."""

    __slots__ = ("_audio_head", "_clear", "_mark_head", "_over", "_stream_id", "_unknown")

    _audio_head: str
    _mark_head: str
    _clear: str

    def __init__(self) -> None:
        self._stream_id: object = NO_STREAM
        self._over = False
        self._unknown: set[str] = set()

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def receive(self, message: str | bytes) -> Event | None:
        if type(message) is not str:
            raise WireError(UNSUPPORTED, "a binary message; Twilio sends text")
        if len(message) > MESSAGE_LIMIT:
            raise WireError(TOO_BIG, f"a message of {len(message)} characters; the limit is {MESSAGE_LIMIT}")
        try:
            wire = orjson.loads(message)
            event = wire["event"]
            if event == "media":
                media = wire["media"]
                if wire["streamSid"] != self._stream_id:
                    self._refuse_out_of_order(event, wire["streamSid"])
                    return None
                if media["track"] != "inbound":
                    return None
                timestamp_ms = int(media["timestamp"])
                if not 0 <= timestamp_ms < TIMESTAMP_LIMIT_MS:
                    raise WireError(MALFORMED, "media.timestamp is out of range")
                return Audio(a2b_base64(media["payload"], strict_mode=True), timestamp_ms)
        except KeyError as missing:
            raise WireError(MALFORMED, f"the field {missing} is missing") from None
        except (ValueError, TypeError):
            raise WireError(MALFORMED, "not a message in Twilio's form, or its payload is not base64") from None
        return self._receive_rare(event, wire)

    def audio(self, payload: bytes) -> str:
        return self._audio_head + b2a_base64(payload, newline=False).decode("ascii") + '"}}'

    def mark(self, name: str) -> str:
        return self._mark_head + _quoted(name) + "}}"

    def clear(self) -> str:
        return self._clear

    def _receive_rare(self, event: Any, wire: Mapping[str, Any]) -> Event | None:
        """Everything but media: a handful of messages in a call."""
        if event == "start":
            return self._start(wire)
        if event not in ("dtmf", "mark", "stop"):
            self._note_unknown(event)
            return None
        if wire.get("streamSid") != self._stream_id:
            self._refuse_out_of_order(event, wire.get("streamSid"))
            return None
        if event == "dtmf":
            digit = _text(_object(wire, "dtmf"), "digit")
            if digit not in DIGITS:
                raise WireError(MALFORMED, "dtmf.digit is not a key of a telephone")
            return Digit(digit)
        if event == "mark":
            return Played(_text(_object(wire, "mark"), "name"))
        self._over, self._stream_id = True, NO_STREAM
        return HungUp("the carrier ended the stream")

    def _start(self, wire: Mapping[str, Any]) -> Started:
        if self._stream_id is not NO_STREAM or self._over:
            raise WireError(REFUSED, "a second start on one connection")
        start = _object(wire, "start")
        stream_id = _sid(start, "streamSid")
        if wire.get("streamSid", stream_id) != stream_id:
            raise WireError(REFUSED, "start names two different streams")
        media = _object(start, "mediaFormat")
        if (media.get("encoding"), media.get("sampleRate"), media.get("channels")) != ("audio/x-mulaw", 8000, 1):
            raise WireError(UNSUPPORTED, "mediaFormat is not audio/x-mulaw, 8000 Hz, 1 channel")
        tracks = start.get("tracks", ["inbound"])
        if tracks != ["inbound"]:
            raise WireError(REFUSED, "the stream is not of the inbound track alone: use <Connect><Stream>, not <Start>")
        parameters = _object(start, "customParameters") if "customParameters" in start else {}
        if not all(isinstance(value, str) for value in parameters.values()):
            raise WireError(MALFORMED, "start.customParameters holds something else than text")
        started = Started(_sid(start, "callSid"), stream_id, _sid(start, "accountSid"), "mulaw", parameters)
        stream = _quoted(stream_id)
        self._audio_head = f'{{"event":"media","streamSid":{stream},"media":{{"payload":"'
        self._mark_head = f'{{"event":"mark","streamSid":{stream},"mark":{{"name":'
        self._clear = f'{{"event":"clear","streamSid":{stream}}}'
        self._stream_id = stream_id
        return started

    def _refuse_out_of_order(self, event: str, stream_id: Any) -> None:
        if self._over:
            return  # nothing after stop matters
        if self._stream_id is NO_STREAM:
            raise WireError(REFUSED, f"{event} before start")
        if not isinstance(stream_id, str):
            raise WireError(MALFORMED, "streamSid is not text")
        raise WireError(REFUSED, f"{event} for another stream than the one started")

    def _note_unknown(self, event: Any) -> None:
        if not isinstance(event, str):
            raise WireError(MALFORMED, "event is not text")
        name = event[:40]
        if event != "connected" and name not in self._unknown and len(self._unknown) < UNKNOWN_LIMIT:
            self._unknown.add(name)
            log.debug("Twilio sent an event this program does not know: %r", name)


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def _object(wire: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = wire.get(key)
    if not isinstance(value, dict):
        raise WireError(MALFORMED, f"{key} is missing or not an object")
    return value


def _text(wire: Mapping[str, Any], key: str) -> str:
    value = wire.get(key)
    if not isinstance(value, str) or not value:
        raise WireError(MALFORMED, f"{key} is missing or not text")
    return value


def _sid(wire: Mapping[str, Any], key: str) -> str:
    value = _text(wire, key)
    if SID.fullmatch(value) is None:
        raise WireError(MALFORMED, f"{key} is not an identifier of Twilio's")
    return value
