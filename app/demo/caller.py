"""A caller at the far end of Twilio: dials the server's webhook, opens the media stream, speaks and listens.

What the caller does is decided by a `Behaviour`, asked once every 20 ms; what happens to received audio by `Playout`;
what the messages look like by `app.demo.twilio`. This file only moves them, in real time, on absolute deadlines.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import NoReturn, Protocol
from urllib.parse import urljoin
from uuid import uuid4

import aiohttp
from twilio.request_validator import RequestValidator

from app.demo.playout import SILENCE, Playout, Segment, on_clock, sample
from app.demo.twilio import Clear, Mark, Media, Stream, Twiml, WireError, read_twiml
from telephony.events import FRAME_MS, FRAME_SAMPLES

FRAME_S = FRAME_MS / 1000
LARGEST_MESSAGE = 1 << 20


class CallError(Exception):
    """The call could not be made, or the server broke the protocol; the message says how.

    CallError
    └── ScriptError   what the caller should say cannot be used (app/demo/sheet.py)
    """


@dataclass(frozen=True, slots=True)
class Say:
    """Begin to say mu-law `audio`, instead of anything still being said."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys, one after the other."""

    digits: str


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


Action = Say | Press | HangUp


class Behaviour(Protocol):
    def step(self, now: float, ear: Playout) -> Action | None:
        """What to do at `now`, seconds on the call's clock, given what comes out of the earpiece. Asked every 20 ms."""
        ...


@dataclass(frozen=True, slots=True)
class Number:
    """Whom to call, and as whom."""

    webhook: str
    caller: str = "+919845012345"
    called: str = "+918022001912"
    account_id: str = "AC" + "0" * 32
    auth_token: str = ""
    """Signs the webhook and the media stream as Twilio does; without it nothing is signed."""

    def signed(self, url: str, form: Mapping[str, str]) -> dict[str, str]:
        if not self.auth_token:
            return {}
        validator = RequestValidator(self.auth_token)  # type: ignore[no-untyped-call]
        return {"X-Twilio-Signature": validator.compute_signature(url, form)}  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Ended:
    by: str
    """Who ended the stream: "caller" or "server"."""
    close_code: int | None
    verbs: tuple[str, ...]
    """What the server's TwiML says to do next, e.g. ("Hangup",) or ("Dial",)."""


class Caller:
    """One call. `run` makes it; afterwards `spoke` and `heard` give both sides on the call's clock."""

    def __init__(self, number: Number, behaviour: Behaviour, *, background: bytes = SILENCE, keep: bool = True) -> None:
        """`background` is mu-law, repeated while nothing is said. `keep=False` keeps no audio: for load tests."""
        self.call_id = "CA" + uuid4().hex
        self.ear = Playout(keep=keep)
        self.duration_s = 0.0
        self._number = number
        self._behaviour = behaviour
        self._keep = keep
        self._stream = Stream("MZ" + uuid4().hex, self.call_id, number.account_id)
        self._said: list[Segment] = []
        self._background = background * (FRAME_SAMPLES // len(background) + 2)
        self._repeats = len(background)
        self._saying: Segment | None = None
        self._marked = asyncio.Event()
        self._by = "server"
        self._redirected: tuple[str, ...] | None = None
        self._epoch = 0.0

    @property
    def now(self) -> float:
        """Seconds since the stream started."""
        return time.monotonic() - self._epoch

    async def run(self) -> Ended:
        """Make the call and stay on it until one side hangs up. Raises CallError."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as http:
            twiml = await self._ask(http, self._number.webhook, {})
            if not isinstance(twiml, Twiml):
                raise CallError(f"the server did not connect the call but answered {', '.join(twiml) or 'nothing'}")
            close_code = await self._connect(http, twiml)
            after: Twiml | tuple[str, ...] = self._redirected or twiml.after
            if twiml.action and self._by == "server" and not self._redirected:
                action = urljoin(self._number.webhook, twiml.action)
                after = await self._ask(http, action, {"StreamSid": self._stream.stream_id})
        return Ended(self._by, close_code, ("Connect",) if isinstance(after, Twiml) else after)

    def redirect(self, document: str) -> None:
        """The server told the carrier, past the stream, what to do with the call: the stream ends. Raises WireError."""
        after = read_twiml(document)
        self._redirected = ("Connect",) if isinstance(after, Twiml) else after

    def spoke(self) -> bytes:
        """What the caller said over the whole call: mu-law."""
        length = sample(self.duration_s)
        ground = self._background * (length // len(self._background) + 1)
        return on_clock(self._said, ground[:length])

    def heard(self) -> bytes:
        """What the caller heard over the whole call: mu-law, as long as `spoke`."""
        return self.ear.heard(self.duration_s)

    async def _ask(self, http: aiohttp.ClientSession, url: str, more: Mapping[str, str]) -> Twiml | tuple[str, ...]:
        number = self._number
        form = {
            "CallSid": self.call_id,
            "AccountSid": number.account_id,
            "From": number.caller,
            "To": number.called,
            "Direction": "inbound",
            **more,
        }
        try:
            async with http.post(url, data=form, headers=number.signed(url, form)) as response:
                text = await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CallError(f"{url} does not answer: {error or 'no answer in time'}") from error
        if response.status != 200:
            raise CallError(f"{url} answered {response.status}: {text[:200]}")
        try:
            return read_twiml(text)
        except WireError as error:
            raise CallError(str(error)) from error

    async def _connect(self, http: aiohttp.ClientSession, twiml: Twiml) -> int | None:
        try:
            socket = await http.ws_connect(
                twiml.stream_url,
                headers=self._number.signed(twiml.stream_url, {}),
                max_msg_size=LARGEST_MESSAGE,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CallError(f"{twiml.stream_url} refused the media stream: {error}") from error
        async with socket:
            await socket.send_str(self._stream.connected())
            await socket.send_str(self._stream.start(twiml.parameters))
            self._epoch = time.monotonic()
            try:
                async with asyncio.TaskGroup() as tasks:
                    speaker = tasks.create_task(self._speak(socket), name="caller speaks")
                    marker = tasks.create_task(self._report_marks(socket), name="caller reports marks")
                    tasks.create_task(self._listen(socket, speaker, marker), name="caller listens")
            except* WireError as group:
                _raise_first(group)
            self.duration_s = self.now
        return socket.close_code

    async def _speak(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """A frame is sent when its last sample has been spoken, as a telephone would."""
        frame = self._spoken_at(0)
        with suppress(ConnectionResetError):  # the server closed; the listener reports it
            for n in count(1):
                late = self.now - n * FRAME_S
                if late < 0:
                    await asyncio.sleep(-late)
                await socket.send_str(self._stream.media(frame))
                if self._redirected:
                    await self._stop(socket)
                    return
                match self._behaviour.step(self.now, self.ear):
                    case Say(audio):
                        self._begin(Segment(n * FRAME_SAMPLES, audio))
                    case Press(digits):
                        for digit in digits:
                            await socket.send_str(self._stream.digit(digit))
                    case HangUp():
                        self._by = "caller"
                        await self._stop(socket)
                        return
                frame = self._spoken_at(n * FRAME_SAMPLES)

    async def _stop(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_str(self._stream.stop())
        await socket.close()

    def _begin(self, utterance: Segment) -> None:
        if self._keep:
            if self._said and self._said[-1].end > utterance.start:
                last = self._said.pop()
                self._said.append(Segment(last.start, last.audio[: utterance.start - last.start]))
            self._said.append(utterance)
        self._saying = utterance

    def _spoken_at(self, start: int) -> bytes:
        quiet = start % self._repeats
        frame = self._background[quiet : quiet + FRAME_SAMPLES]
        if self._saying is None:
            return frame
        place = start - self._saying.start
        voice = self._saying.audio[place : place + FRAME_SAMPLES]
        if len(voice) < FRAME_SAMPLES:
            self._saying = None
        return voice + frame[len(voice) :]

    async def _listen(
        self, socket: aiohttp.ClientWebSocketResponse, speaker: asyncio.Task[None], marker: asyncio.Task[NoReturn]
    ) -> None:
        """Ends when either side has closed the socket, and then ends the others."""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise WireError(f"the server sent a {message.type.name} message, not text")
            match self._stream.read(message.data):
                case Media(audio):
                    self.ear.play(audio, self.now)
                case Mark(name):
                    self.ear.mark(name, self.now)
                    self._marked.set()
                case Clear():
                    for name in self.ear.clear(self.now):
                        await self._send(socket, self._stream.mark(name))
        marker.cancel()
        if self._by == "server":
            speaker.cancel()

    async def _report_marks(self, socket: aiohttp.ClientWebSocketResponse) -> NoReturn:
        """Send each mark back at the very moment the audio before it has been played."""
        while True:
            self._marked.clear()
            for name in self.ear.due(self.now):
                await self._send(socket, self._stream.mark(name))
            deadline = self.ear.deadline
            with suppress(TimeoutError):
                async with asyncio.timeout(None if deadline is None else max(0.0, deadline - self.now)):
                    await self._marked.wait()

    async def _send(self, socket: aiohttp.ClientWebSocketResponse, text: str) -> None:
        with suppress(ConnectionResetError):
            await socket.send_str(text)


def _raise_first(group: BaseExceptionGroup[WireError]) -> NoReturn:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    raise CallError(str(error)) from error
