"""The caller against a small server that speaks Twilio's protocol by script, over real sockets."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from app.demo.caller import Action, Caller, CallError, HangUp, Number, Press, Say
from app.demo.playout import Playout

Socket = web.WebSocketResponse
Script = Callable[[Socket, "Server"], Coroutine[Any, Any, None]]


@dataclass
class Server:
    script: Script
    url: str = ""
    twiml: str = (
        '<Response><Connect action="/next"><Stream url="{url}/media">'
        '<Parameter name="token" value="t&amp;1"/></Stream></Connect><Hangup/></Response>'
    )
    status: int = 200
    forms: list[dict[str, str]] = field(default_factory=list)
    signatures: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def voice(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.forms.append(form)
        self._note(request, form)
        return web.Response(text=self.twiml.format(url=self.url), status=self.status, content_type="text/xml")

    async def next(self, request: web.Request) -> web.Response:
        self.forms.append({key: str(value) for key, value in (await request.post()).items()})
        return web.Response(text="<Response><Dial>+918000000000</Dial></Response>", content_type="text/xml")

    async def media(self, request: web.Request) -> Socket:
        self._note(request, {})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.script(socket, self))
            async for message in socket:
                async with self.came:
                    self.received.append(json.loads(message.data))
                    self.came.notify_all()
        return socket

    def _note(self, request: web.Request, form: dict[str, str]) -> None:
        self.signatures.append((self.url + request.path, form, request.headers.get("X-Twilio-Signature", "")))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.received if message["event"] == event]

    async def until(self, event: str, number: int = 1) -> None:
        async with self.came:
            await self.came.wait_for(lambda: len(self.of(event)) >= number)

    @property
    def stream(self) -> str:
        return str(self.of("start")[0]["streamSid"])


@asynccontextmanager
async def serving(script: Script, **settings: Any) -> AsyncIterator[Server]:
    server = Server(script, **settings)
    app = web.Application()
    app.add_routes([web.post("/voice", server.voice), web.post("/next", server.next), web.get("/media", server.media)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@dataclass
class Timed:
    """Does each thing at its time."""

    plan: list[tuple[float, Action]] = field(default_factory=list)

    def step(self, now: float, ear: Playout) -> Action | None:
        return self.plan.pop(0)[1] if self.plan and now >= self.plan[0][0] else None


async def listen_only(socket: Socket, server: Server) -> None:
    await server.until("start")


def media(stream: str, audio: bytes) -> str:
    return json.dumps({"event": "media", "streamSid": stream, "media": {"payload": b64encode(audio).decode()}})


def mark(stream: str, name: str) -> str:
    return json.dumps({"event": "mark", "streamSid": stream, "mark": {"name": name}})


async def test_it_speaks_twilio_and_stops_the_stream_when_the_caller_hangs_up() -> None:
    said = bytes(range(200)) * 2
    plan: list[tuple[float, Action]] = [(0.04, Say(said)), (0.1, Press("4#")), (0.2, HangUp())]
    async with serving(listen_only) as server:
        caller = Caller(Number(server.url + "/voice"), Timed(plan))
        ended = await asyncio.wait_for(caller.run(), 5)
    assert (ended.by, ended.verbs) == ("caller", ("Hangup",))
    assert server.forms[0]["CallSid"] == caller.call_id
    assert [message["event"] for message in server.received[:2]] == ["connected", "start"]
    start = server.of("start")[0]["start"]
    assert start["customParameters"] == {"token": "t&1"}
    assert start["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    frames = [message["media"] for message in server.of("media")]
    assert [frame["chunk"] for frame in frames] == [str(n + 1) for n in range(len(frames))]
    assert {int(frame["timestamp"]) - 20 * int(frame["chunk"]) for frame in frames} == {0}
    sequence = [message["sequenceNumber"] for message in server.received[1:]]
    assert sequence == [str(n + 1) for n in range(len(sequence))]
    sent = b"".join(b64decode(frame["payload"]) for frame in frames)
    assert said in sent
    assert set(sent.replace(said, b"")) == {0xFF}
    assert caller.spoke().startswith(sent[: len(caller.spoke())])
    assert [message["dtmf"]["digit"] for message in server.of("dtmf")] == ["4", "#"]
    assert server.received[-1]["event"] == "stop"


async def test_marks_come_back_when_played_and_all_at_once_on_clear() -> None:
    returned: list[tuple[str, float]] = []

    async def script(socket: Socket, server: Server) -> None:
        loop = asyncio.get_running_loop()
        await server.until("start")
        began = loop.time()
        await socket.send_str(mark(server.stream, "empty"))
        await socket.send_str(media(server.stream, b"\x10" * 1600))
        await socket.send_str(mark(server.stream, "after 0.2 s"))
        await server.until("mark", 2)
        returned.append(("played", loop.time() - began))
        await socket.send_str(media(server.stream, b"\x20" * 80_000))
        await socket.send_str(mark(server.stream, "a"))
        await socket.send_str(mark(server.stream, "b"))
        await socket.send_str(json.dumps({"event": "clear", "streamSid": server.stream}))
        await server.until("mark", 4)
        returned.append(("cleared", loop.time() - began))
        await socket.close(code=4000)

    async with serving(script) as server:
        caller = Caller(Number(server.url + "/voice"), Timed())
        ended = await asyncio.wait_for(caller.run(), 5)
    assert [message["mark"]["name"] for message in server.of("mark")] == ["empty", "after 0.2 s", "a", "b"]
    times = dict(returned)
    assert 0.199 <= times["played"] < 0.5
    assert times["cleared"] < times["played"] + 0.5
    assert (ended.by, ended.close_code, ended.verbs) == ("server", 4000, ("Dial",))
    assert server.forms[-1]["StreamSid"] == server.stream
    heard = caller.heard()
    assert heard.count(b"\x10") == 1600
    assert heard.count(b"\x20") < 4000
    assert len(heard) == len(caller.spoke())


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("{", "cannot read"),
        ('{"event":"media","streamSid":"MZ0","media":{"payload":""}}', "names the stream"),
        ('{"event":"media","streamSid":"%s","media":{"payload":"*"}}', "cannot read"),
        ('{"event":"dance","streamSid":"%s"}', "unknown event 'dance'"),
    ],
)
async def test_what_twilio_would_refuse_ends_the_call_with_an_error(message: str, problem: str) -> None:
    async def script(socket: Socket, server: Server) -> None:
        await server.until("start")
        await socket.send_str(message.replace("%s", server.stream))

    async with serving(script) as server:
        with pytest.raises(CallError, match=problem):
            await asyncio.wait_for(Caller(Number(server.url + "/voice"), Timed()).run(), 5)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"status": 403}, "answered 403"),
        ({"twiml": "<Response><Reject/></Response>"}, "did not connect the call but answered Reject"),
        ({"twiml": "<Response>"}, "not XML"),
        ({"twiml": '<Response><Connect><Stream url="{url}/media?t=1"/></Connect></Response>'}, "Twilio strips"),
        ({"twiml": '<Response><Connect><Stream url="{url}/nowhere"/></Connect></Response>'}, "refused"),
    ],
)
async def test_a_call_that_cannot_be_set_up_says_why(settings: dict[str, Any], problem: str) -> None:
    async with serving(listen_only, **settings) as server:
        with pytest.raises(CallError, match=problem):
            await asyncio.wait_for(Caller(Number(server.url + "/voice"), Timed()).run(), 5)


async def test_with_a_token_the_webhook_and_the_upgrade_are_signed() -> None:
    async with serving(listen_only) as server:
        number = Number(server.url + "/voice", auth_token="secret")
        await asyncio.wait_for(Caller(number, Timed([(0.02, HangUp())])).run(), 5)
    validator = RequestValidator("secret")  # type: ignore[no-untyped-call]
    assert len(server.signatures) == 2
    for url, form, signature in server.signatures:
        assert validator.validate(url, form, signature)  # type: ignore[no-untyped-call]


async def test_nobody_there() -> None:
    with pytest.raises(CallError, match="does not answer"):
        await Caller(Number("http://127.0.0.1:9/voice"), Timed()).run()
