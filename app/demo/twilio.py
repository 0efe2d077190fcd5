"""The carrier's side of Twilio Media Streams, as text: what Twilio sends us, and what it understands of what we send.

Written from Twilio's documentation, apart from the server's codec, so that the two check each other. It is strict:
what Twilio would ignore or refuse is a `WireError` here. https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import orjson

from telephony.events import FRAME_MS


class WireError(Exception):
    """The server said something that Twilio would not accept."""


@dataclass(frozen=True, slots=True)
class Media:
    audio: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    pass


class Stream:
    """The messages of one stream. Sequence numbers, chunks and timestamps are strings, as Twilio's are."""

    def __init__(self, stream_id: str, call_id: str, account_id: str) -> None:
        self.stream_id = stream_id
        self._call_id = call_id
        self._account_id = account_id
        self._sequence = 0
        self._chunk = 0

    def connected(self) -> str:
        return '{"event":"connected","protocol":"Call","version":"1.0.0"}'

    def start(self, parameters: Mapping[str, str]) -> str:
        detail = {
            "accountSid": self._account_id,
            "streamSid": self.stream_id,
            "callSid": self._call_id,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": dict(parameters),
        }
        return self._message("start", "start", detail)

    def media(self, frame: bytes) -> str:
        """One 20 ms frame of mu-law. Built by hand: it is sent fifty times a second on every call."""
        self._sequence += 1
        self._chunk += 1
        return (
            f'{{"event":"media","sequenceNumber":"{self._sequence}","media":{{"track":"inbound","chunk":"{self._chunk}",'
            f'"timestamp":"{self._chunk * FRAME_MS}","payload":"{b64encode(frame).decode()}"}},'
            f'"streamSid":"{self.stream_id}"}}'
        )

    def mark(self, name: str) -> str:
        return self._message("mark", "mark", {"name": name})

    def digit(self, digit: str) -> str:
        return self._message("dtmf", "dtmf", {"track": "inbound_track", "digit": digit})

    def stop(self) -> str:
        return self._message("stop", "stop", {"accountSid": self._account_id, "callSid": self._call_id})

    def _message(self, event: str, key: str, detail: Mapping[str, Any]) -> str:
        self._sequence += 1
        message = {"event": event, "sequenceNumber": str(self._sequence), key: detail, "streamSid": self.stream_id}
        return orjson.dumps(message).decode()

    def read(self, text: str | bytes) -> Media | Mark | Clear:
        """What the server asks for. Raises WireError."""
        try:
            message = orjson.loads(text)
            if message["streamSid"] != self.stream_id:
                raise WireError(f"the server names the stream {message['streamSid']!r}")
            match message["event"]:
                case "media":
                    return Media(b64decode(message["media"]["payload"], validate=True))
                case "mark":
                    return Mark(str(message["mark"]["name"]))
                case "clear":
                    return Clear()
                case event:
                    raise WireError(f"the server sent the unknown event {event!r}")
        except (ValueError, KeyError, TypeError) as error:
            raise WireError(f"the server sent a message Twilio cannot read: {str(text)[:80]}") from error


@dataclass(frozen=True, slots=True)
class Twiml:
    """The server's answer to an incoming call, as far as a media stream needs it."""

    stream_url: str
    parameters: Mapping[str, str]
    action: str
    """Asked for what to do next when the stream is over; empty: go on with `after`."""
    after: tuple[str, ...]
    """The verbs that follow, e.g. ("Hangup",)."""


def read_twiml(text: str) -> Twiml | tuple[str, ...]:
    """The stream a TwiML document connects to, or just its verbs when it connects to none. Raises WireError."""
    try:
        response = ElementTree.fromstring(text)  # noqa: S314 our own server wrote it; expat itself bounds entity expansion
    except ElementTree.ParseError as error:
        raise WireError(f"the server's TwiML is not XML: {error}") from error
    if response.tag != "Response":
        raise WireError(f"TwiML begins with <{response.tag}>, not <Response>")
    verbs = list(response)
    for place, verb in enumerate(verbs):
        stream = verb.find("Stream") if verb.tag == "Connect" else None
        if stream is not None:
            url = stream.get("url", "")
            if "?" in url:
                raise WireError("the stream's URL has a query, which Twilio strips")
            parameters = {item.get("name", ""): item.get("value", "") for item in stream.iter("Parameter")}
            return Twiml(url, parameters, verb.get("action", ""), tuple(later.tag for later in verbs[place + 1 :]))
    return tuple(verb.tag for verb in verbs)
