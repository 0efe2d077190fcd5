"""Twilio's side of a running server by hand, for tests that break the rules the demo's caller keeps."""

import asyncio
import base64
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from xml.etree import ElementTree

import aiohttp
import orjson
import websockets
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from tests.live import Desk


async def answer_after_call(http: aiohttp.ClientSession) -> str:
    """What Twilio is told to do when the audio is over."""
    async with http.post("/twilio/ended", data={"CallSid": "CA1"}) as answer:
        (verb,) = ElementTree.fromstring(await answer.text())  # noqa: S314 - our own
        return verb.tag


def media_url(at: Desk) -> str:
    return f"ws://127.0.0.1:{at.server.port}/twilio/media"


def media_message(payload: str, stream_id: str = "MZ1") -> str:
    inner = {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": payload}
    return orjson.dumps({"event": "media", "sequenceNumber": "2", "streamSid": stream_id, "media": inner}).decode()


def media() -> str:
    return media_message(base64.b64encode(b"\xff" * 160).decode())


def key(digit: str) -> str:
    return orjson.dumps({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"digit": digit}}).decode()


async def webhook(at: Desk, change: dict[str, object] | None = None) -> tuple[str, str]:
    """Asks the webhook for a stream; its token, and the start message, with `change` in it."""
    async with aiohttp.ClientSession() as http, http.post(at.number.webhook, data={"CallSid": "CA1"}) as answer:
        text = await answer.text()
    token = text.split('name="token" value="')[1].split('"')[0]
    start = {
        "accountSid": "AC1",
        "streamSid": "MZ1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": token},
    }
    return token, orjson.dumps({"event": "start", "streamSid": "MZ1", "start": start | (change or {})}).decode()


@asynccontextmanager
async def dialled(
    at: Desk, change: dict[str, object] | None = None
) -> AsyncIterator[tuple[websockets.ClientConnection, str]]:
    """A stream that the webhook asked for and that has started; `change` alters what its start says."""
    _, start = await webhook(at, change)
    async with websockets.connect(media_url(at)) as socket:
        await socket.send(start)
        yield socket, start


async def stay_deaf(at: Desk) -> None:
    """A carrier that sends its caller's silence and two keys but never reads. Returns when the connection is reset."""
    _, start = await webhook(at)
    loop = asyncio.get_running_loop()
    handshake = ClientProtocol(parse_uri(media_url(at)))
    handshake.send_request(handshake.connect())
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", at.server.port))
        await loop.sock_sendall(deaf, b"".join(handshake.data_to_send()))
        handshake.receive_data(await loop.sock_recv(deaf, 1024))
        with suppress(ConnectionResetError):
            for message in itertools.chain([start, key("4"), key("#")], itertools.repeat(media())):
                handshake.send_text(message.encode())
                await loop.sock_sendall(deaf, b"".join(handshake.data_to_send()))
                await asyncio.sleep(0.02)


async def closing(socket: websockets.ClientConnection) -> int | None:
    """Waits until the server closes, and returns its code."""
    async with asyncio.timeout(10):
        try:
            while True:
                await socket.recv()
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


async def idle(url: str) -> int | None:
    try:
        async with websockets.connect(url) as socket:
            return await closing(socket)
    except websockets.InvalidStatus as refused:
        return refused.response.status_code


async def until(holds: Callable[[], bool], most_s: float = 10) -> None:
    async with asyncio.timeout(most_s):
        while not holds():
            await asyncio.sleep(0.01)


async def ready_port(process: asyncio.subprocess.Process) -> int:
    """Reads the log until the server is ready; raises with the log when it is not."""
    assert process.stderr is not None
    port, log = 0, ""
    async with asyncio.timeout(30):
        while line := (await process.stderr.readline()).decode():
            log += line
            if "listening on" in line:
                port = int(line.rsplit(":", 1)[1])
            if "ready for calls" in line:
                return port
    raise AssertionError(log)
