"""A call over a Starlette WebSocket, whatever the carrier: a codec, the socket, and the one outbound writer.

It decides nothing. The reader's task does all the waiting: `receive` reads, and `receive` closes the socket when the
call is over for whatever reason, so nothing is left behind once it has returned `HungUp`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Message as AsgiMessage
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from telephony.audio import SILENCE
from telephony.codec import Codec, Message
from telephony.errors import (
    BROKEN,
    MALFORMED,
    NORMAL,
    REFUSED,
    TOO_BIG,
    UNSUPPORTED,
    CarrierError,
    WireError,
    masked,
)
from telephony.events import Clear, Command, Event, Hangup, HungUp, Mark, Play, Started, Transfer, TransferFailed
from telephony.line import Capabilities
from telephony.outbound import Outbound

log = logging.getLogger(__name__)

CLOSE_S = 1.0
"""Sending the close frame may take so long: only a peer that does not read makes it wait."""
REASON_BYTES = 123
"""What fits beside the code in a close frame (RFC 6455, section 5.5)."""

Admit = Callable[[Started], None]
"""Raises WireError when this call must not be here: a wrong token, another account."""
TransferCall = Callable[[Started, Transfer], Awaitable[None]]
"""Have the carrier hand this call's caller over. Raises CarrierError."""


@dataclass(frozen=True, slots=True)
class _Ending:
    reason: str
    close_code: int


async def open_line(
    websocket: WebSocket,
    codec: Codec,
    *,
    start_timeout_s: float,
    admit: Admit | None = None,
    transfer: TransferCall | None = None,
    send_timeout_s: float = 5.0,
    outbox_s: float = 60.0,
) -> "WebSocketLine | None":
    """Accept the connection and wait for its call to start; who gets a line must `aclose` it.

    None when no call started, or not one for us: the socket is closed then, and one line in the log says why.
    """
    try:
        await websocket.accept()
        async with asyncio.timeout(start_timeout_s):
            started = await _await_start(websocket, codec)
        if admit is not None:
            admit(started)
    except WireError as error:
        await refuse(websocket, error.reason, error.close_code)
    except TimeoutError:
        await refuse(websocket, f"no start within {start_timeout_s:g} s")
    except (OSError, WebSocketDisconnect):
        log.warning("media connection from %s ended before a call started", _peer(websocket))
    else:
        return WebSocketLine(websocket, codec, started, transfer, send_timeout_s=send_timeout_s, outbox_s=outbox_s)
    return None


async def refuse(websocket: WebSocket, reason: str, close_code: int = REFUSED) -> None:
    """Turn a connection away, with one line in the log. One not yet accepted is answered with HTTP 403."""
    log.warning("media connection from %s refused: %s (close code %d)", _peer(websocket), reason, close_code)
    await _close(websocket, close_code, reason)


class WebSocketLine:
    """A started call: `telephony.line.Line`."""

    def __init__(
        self,
        websocket: WebSocket,
        codec: Codec,
        started: Started,
        transfer: TransferCall | None = None,
        *,
        send_timeout_s: float = 5.0,
        outbox_s: float = 60.0,
    ) -> None:
        self.on_sent_first: Callable[[float], None] | None = None
        """Called by the loop, with its time, when audio has gone out to a silent line: first byte on the wire."""
        self._websocket = websocket
        self._codec = codec
        self._started = started
        self._transfer = transfer
        self._transferring: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[object] | None = None
        self._interrupted = False
        """The reader was woken from this side: the call is over, or there is news."""
        self._news: TransferFailed | None = None
        self._ending: _Ending | None = None
        self._outbound = Outbound(
            codec,
            self._send,
            loop=asyncio.get_running_loop(),
            silence=SILENCE[started.encoding],
            on_broken=lambda reason: self._end(reason, BROKEN),
            on_sent_first=self._sent_first,
            frame_bytes=codec.capabilities.frame_bytes,
            lead_ms=codec.capabilities.lead_ms,
            outbox_s=outbox_s,
            send_timeout_s=send_timeout_s,
        )

    @property
    def started(self) -> Started:
        return self._started

    @property
    def capabilities(self) -> Capabilities:
        return self._codec.capabilities

    @property
    def queued_s(self) -> float:
        """Seconds of audio not yet given to the socket."""
        return self._outbound.queued_s

    async def receive(self) -> Event:
        while self._ending is None:
            if self._news is not None:
                news, self._news = self._news, None
                return news
            message = await self._next_message()
            if message is None:
                continue
            if message["type"] == "websocket.disconnect":
                code = message["code"]
                broken = code in (UNSUPPORTED, MALFORMED, TOO_BIG)  # the server itself closed on what it was sent
                self._end(f"the connection was closed (close code {code})", code if broken else NORMAL)
                break
            try:
                event = self._codec.receive(_content(message))
            except WireError as error:
                self._end(error.reason, error.close_code)
                break
            if isinstance(event, HungUp):
                self._end(event.reason, NORMAL)
            elif event is not None:
                return event
        return await self._hung_up()

    def perform(self, command: Command) -> None:
        if self._ending is not None:
            return
        match command:
            case Play(audio):
                self._outbound.play(audio)
            case Mark(name):
                self._outbound.mark(name)
            case Clear():
                self._outbound.clear()
            case Hangup(reason):
                self._end(reason, NORMAL)
            case Transfer():
                self._start_transfer(command)

    async def aclose(self) -> None:
        """End the call if it is not over, and wait for all this line started."""
        self._end("the call was dropped by the server", BROKEN)
        await self._hung_up()
        if self._transferring is not None:
            await self._transferring

    async def _next_message(self) -> AsgiMessage | None:
        """None when it was interrupted from this side while waiting."""
        self._reader = reader = asyncio.current_task()
        try:
            return await self._websocket.receive()
        except asyncio.CancelledError:
            if not self._interrupted or reader is None or reader.uncancel() > 0:
                raise
            return None  # cancelled by _interrupt alone
        finally:
            self._reader = None
            self._interrupted = False

    def _interrupt(self) -> None:
        if self._reader is not None and not self._interrupted:
            self._interrupted = True
            self._reader.cancel()

    def _end(self, reason: str, close_code: int) -> None:
        """Stop sending at once, and have the reader close the socket and return `HungUp`."""
        if self._ending is not None:
            return
        self._ending = _Ending(reason, close_code)
        self._outbound.close()
        if close_code != NORMAL:
            log.warning("call %s: closed: %s (close code %d)", self._started.call_id, reason, close_code)
        self._interrupt()

    async def _hung_up(self) -> HungUp:
        ending = self._ending or _Ending("the call is over", NORMAL)
        await self._outbound.aclose()
        await _close(self._websocket, ending.close_code, ending.reason)
        return HungUp(ending.reason)

    def _start_transfer(self, asked: Transfer) -> None:
        if self._transfer is None:
            log.error("call %s: cannot transfer, no account of the carrier is configured", self._started.call_id)
            self._transfer_failed("no account to transfer the call with")
        elif self._transferring is None:
            self._transferring = asyncio.create_task(self._run_transfer(self._transfer, asked), name="transfer")

    async def _run_transfer(self, transfer: TransferCall, asked: Transfer) -> None:
        """The carrier ends the stream when it takes the call over, so success needs nothing more from us."""
        try:
            await transfer(self._started, asked)
        except CarrierError as error:
            log.error("call %s: transfer to %s failed: %s", self._started.call_id, masked(asked.target), error)
            self._transferring = None
            self._transfer_failed("the carrier refused")

    def _transfer_failed(self, reason: str) -> None:
        self._news = TransferFailed(reason)
        self._interrupt()

    async def _send(self, message: Message) -> None:
        kind = "text" if type(message) is str else "bytes"
        try:
            await self._websocket.send({"type": "websocket.send", kind: message})
        except WebSocketDisconnect as gone:
            raise ConnectionResetError("the carrier has left") from gone
        except RuntimeError as closed:  # the server closed the socket: keep-alive ran out, or a frame that is no UTF-8
            raise ConnectionResetError("the server has closed the socket") from closed

    def _sent_first(self, at: float) -> None:
        if self.on_sent_first is not None:
            self.on_sent_first(at)


async def _await_start(websocket: WebSocket, codec: Codec) -> Started:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        event = codec.receive(_content(message))
        if isinstance(event, Started):
            return event


def _content(message: AsgiMessage) -> Message:
    text: str | None = message.get("text")
    return message["bytes"] if text is None else text


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    over = WebSocketState.DISCONNECTED
    if websocket.client_state is over or websocket.application_state is over:
        return
    fitting = reason.encode()[:REASON_BYTES].decode(errors="ignore")
    with suppress(OSError, WebSocketDisconnect, RuntimeError):  # gone, too slow, or closed by the server: closed anyway
        async with asyncio.timeout(CLOSE_S):
            await websocket.close(code, fitting)


def _peer(websocket: WebSocket) -> str:
    return f"{websocket.client.host}:{websocket.client.port}" if websocket.client else "an unknown address"
