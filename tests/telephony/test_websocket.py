"""Calls over real sockets: uvicorn on uvloop on one side, the websockets client on the other."""

import asyncio
import base64
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from telephony.errors import REFUSED, CarrierError, WireError
from telephony.events import Audio, Clear, Hangup, HungUp, Mark, Play, Played, Started, Transfer, TransferFailed, Words
from telephony.line import Capabilities
from telephony.twilio.codec import MESSAGE_LIMIT, TwilioCodec
from telephony.websocket import WebSocketLine, open_line
from tests.telephony.serving import on_uvloop, served, soon
from tests.telephony.test_twilio_codec import CALL, MEDIA, REFUSED_CALLS, START, text

STREAM = MEDIA["streamSid"]
STOP = json.dumps({"event": "stop", "streamSid": STREAM, "stop": {}})


@dataclass
class Switch:
    """The application under test: opens a line for every connection and hands it to the test."""

    options: dict[str, Any] = field(default_factory=dict)
    codec: type[TwilioCodec] = TwilioCodec
    lines: asyncio.Queue[WebSocketLine | None] = field(default_factory=asyncio.Queue)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[str] = field(default_factory=list)
    """What was given to the server, in the moment it was."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            await send(message)
            self.sent.append(message.get("text", message["type"]))

        websocket = WebSocket(scope, receive, noting)
        line = await open_line(websocket, self.codec(), **{"start_timeout_s": 5.0, **self.options})
        await self.lines.put(line)
        if line is not None:
            await self.released.wait()
            await line.aclose()


@asynccontextmanager
async def a_call(switch: Switch, **served_options: Any) -> AsyncIterator[tuple[WebSocketLine, ClientConnection]]:
    """A line, and the carrier at the other end of it. Afterwards nothing may be left behind."""
    async with served(switch, **served_options) as address, connect(f"ws://{address}/", compression=None) as carrier:
        await carrier.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        await carrier.send(START)
        line = await soon(switch.lines.get())
        assert isinstance(line, WebSocketLine)
        try:
            yield line, carrier
        finally:
            switch.released.set()
            await carrier.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def close_code(carrier: ClientConnection) -> int | None:
    with suppress(ConnectionClosed):
        while True:
            await soon(carrier.recv())
    return carrier.close_code


@on_uvloop
async def test_a_whole_call_over_a_socket() -> None:
    async with a_call(Switch()) as (line, carrier):
        assert line.started.stream_id == STREAM
        assert line.capabilities == Capabilities(marks=True)
        told: list[float] = []
        line.on_sent_first = told.append
        await carrier.send(text(MEDIA))
        audio = await soon(line.receive())
        assert audio == Audio(base64.b64decode(MEDIA["media"]["payload"]), 5)
        line.perform(Play(audio.payload))
        line.perform(Mark("heard"))
        assert json.loads(await soon(carrier.recv()))["media"]["payload"] == MEDIA["media"]["payload"]
        assert json.loads(await soon(carrier.recv())) == {
            "event": "mark",
            "streamSid": STREAM,
            "mark": {"name": "heard"},
        }
        await carrier.send(json.dumps({"event": "mark", "streamSid": STREAM, "mark": {"name": "heard"}}))
        assert await soon(line.receive()) == Played("heard")
        assert len(told) == 1
        await carrier.send(STOP)
        assert await soon(line.receive()) == HungUp("the carrier ended the stream")
        assert await soon(line.receive()) == HungUp("the carrier ended the stream")
        assert await close_code(carrier) == 1000


@on_uvloop
async def test_the_golden_call_over_a_socket() -> None:
    async with a_call(Switch()) as (line, carrier):
        wanted = [entry["event"] for entry in CALL if entry.get("event")][1:]
        for entry in CALL:
            if entry.get("in", {}).get("event") not in (None, "connected", "start"):
                await carrier.send(text(entry["in"]))
        received = [type(await soon(line.receive())).__name__ for _ in wanted]
        assert received == [event["type"] for event in wanted]


@on_uvloop
async def test_clear_is_on_the_socket_in_the_step_of_the_decision() -> None:
    switch = Switch()
    async with a_call(switch) as (line, carrier):
        line.perform(Play(b"\xfe" * 160 * 500))
        line.perform(Mark("unheard"))
        line.perform(Clear())
        assert switch.sent[-1] == json.dumps({"event": "clear", "streamSid": STREAM}, separators=(",", ":"))
        assert len(switch.sent) == 12  # accept, the lead of ten frames, clear
        line.perform(Hangup("done"))
        assert await soon(line.receive()) == HungUp("done")
        events = [json.loads(message)["event"] async for message in carrier]
        assert events == ["media"] * 10 + ["clear"]


@on_uvloop
async def test_audio_arrives_at_the_pace_of_speech() -> None:
    async with a_call(Switch()) as (line, carrier):
        loop = asyncio.get_running_loop()
        began = loop.time()
        line.perform(Play(b"\xfe" * 160 * 30))
        arrived = []
        for _ in range(30):
            await soon(carrier.recv())
            arrived.append(loop.time() - began)
        for number, at in enumerate(arrived):
            assert at >= number * 0.02 - 0.2 + 0.02 - 0.005, f"frame {number} came {at:.3f} s after the start"
        assert arrived[29] < 0.6, "the carrier ran dry"


@on_uvloop
async def test_hanging_up_wakes_the_reader() -> None:
    async with a_call(Switch()) as (line, carrier):
        reading = asyncio.ensure_future(line.receive())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(line.perform, Hangup("good bye"))
        assert await soon(reading) == HungUp("good bye")
        assert await close_code(carrier) == 1000
        line.perform(Play(b"late"))
        line.perform(Transfer("+911234567890"))
        assert line.queued_s == 0.0


@on_uvloop
async def test_a_reader_that_is_cancelled_from_outside_is_cancelled() -> None:
    async with a_call(Switch()) as (line, _):
        reading = asyncio.ensure_future(line.receive())
        await asyncio.sleep(0)
        reading.cancel()
        line.perform(Hangup("good bye"))
        with pytest.raises(asyncio.CancelledError):
            await soon(reading)
        assert await soon(line.receive()) == HungUp("good bye")


@on_uvloop
async def test_a_carrier_that_vanishes_has_hung_up() -> None:
    async with a_call(Switch()) as (line, carrier):
        carrier.transport.abort()
        hung_up = await soon(line.receive())
        assert isinstance(hung_up, HungUp)
        assert "connection was closed" in hung_up.reason
        line.perform(Play(b"\xfe" * 1600))


@on_uvloop
async def test_a_line_dropped_in_the_middle_closes_the_socket() -> None:
    async with a_call(Switch()) as (line, carrier):
        line.perform(Play(b"\xfe" * 160 * 100))
        await line.aclose()
        await line.aclose()
        assert await close_code(carrier) == 1011


class Eager(TwilioCodec):
    """Sends half a minute ahead, to fill a socket soon."""

    __slots__ = ()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(marks=True, lead_ms=30_000)


@on_uvloop
async def test_a_carrier_that_stops_reading_is_given_up() -> None:
    switch = Switch({"send_timeout_s": 0.1}, codec=Eager)
    async with a_call(switch, send_buffer_bytes=4096) as (line, carrier):
        carrier.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        carrier.transport.pause_reading()
        while line.queued_s < 5:
            line.perform(Play(b"\xfe" * 160 * 1000))
        assert await soon(line.receive()) == HungUp("the carrier has read nothing for 0.1 s")
        carrier.transport.abort()


@on_uvloop
async def test_a_slow_carrier_gets_everything_in_order() -> None:
    async with a_call(Switch(codec=Eager), send_buffer_bytes=65536) as (line, carrier):
        carrier.transport.pause_reading()
        for number in range(1500):
            line.perform(Play(number.to_bytes(2) * 80))
        assert line.queued_s > 0, "the socket took everything: this proves nothing"
        line.perform(Mark("last"))
        carrier.transport.resume_reading()
        for number in range(1500):
            payload = json.loads(await soon(carrier.recv()))["media"]["payload"]
            assert base64.b64decode(payload) == number.to_bytes(2) * 80
        assert json.loads(await soon(carrier.recv()))["mark"]["name"] == "last"


# Connections that are turned away.


async def refused(switch: Switch, *messages: str | bytes) -> int | None:
    """The close code a carrier gets that sends `messages`."""
    async with served(switch) as address:
        return await refused_at(address, switch, *messages)


async def refused_at(address: str, switch: Switch, *messages: str | bytes) -> int | None:
    async with connect(f"ws://{address}/", compression=None) as carrier:
        for message in messages:
            await carrier.send(message)
        line = await soon(switch.lines.get())
        if line is not None:
            hung_up = await soon(line.receive())
            assert isinstance(hung_up, HungUp)
        return await close_code(carrier)


@on_uvloop
async def test_every_refused_transcript_closes_with_its_code() -> None:
    switch = Switch()
    async with served(switch) as address:
        for case in REFUSED_CALLS:
            async with connect(f"ws://{address}/", compression=None) as carrier:
                for message in case["messages"]:
                    await carrier.send(text(message))
                line = await soon(switch.lines.get())
                if line is not None:
                    while not isinstance(await soon(line.receive()), HungUp):
                        pass
                read_on = case["name"] != "a start after stop"  # a call is over at its stop: nobody reads what follows
                assert await close_code(carrier) == (case["close_code"] if read_on else 1000), case["name"]
        switch.released.set()


@on_uvloop
async def test_no_start_in_time(caplog: pytest.LogCaptureFixture) -> None:
    assert await refused(Switch({"start_timeout_s": 0.05}), '{"event":"connected"}') == 1008
    (line,) = [record.getMessage() for record in caplog.records if record.name == "telephony.websocket"]
    assert line.startswith("media connection from 127.0.0.1:")
    assert line.endswith("refused: no start within 0.05 s (close code 1008)")


@on_uvloop
async def test_many_that_never_start_harm_nobody() -> None:
    switch = Switch({"start_timeout_s": 0.3})
    async with served(switch) as address:
        silent = [await connect(f"ws://{address}/", compression=None) for _ in range(50)]
        switch.options["start_timeout_s"] = 5.0  # of the one that starts: no load makes it late
        async with connect(f"ws://{address}/", compression=None) as carrier:
            await carrier.send(START)
            while (line := await soon(switch.lines.get())) is None:
                pass  # a silent one, closed by now
            line.perform(Play(b"\xfe" * 160))
            assert json.loads(await soon(carrier.recv()))["event"] == "media"
            assert {await close_code(one) for one in silent} == {1008}
            switch.released.set()
            assert await close_code(carrier) == 1011
    assert asyncio.all_tasks() == {asyncio.current_task()}


@on_uvloop
async def test_who_is_not_admitted(caplog: pytest.LogCaptureFixture) -> None:
    def admit(started: Started) -> None:
        raise WireError(REFUSED, f"{started.account_id[:4]} is not ours")

    assert await refused(Switch({"admit": admit}), START) == 1008
    assert "AC01 is not ours" in caplog.text


@on_uvloop
async def test_binary_and_huge_messages() -> None:
    assert await refused(Switch(), b"\x00\x01") == 1003
    assert await refused(Switch(), " " * (MESSAGE_LIMIT + 1)) == 1009


@on_uvloop
async def test_one_that_leaves_before_its_start(caplog: pytest.LogCaptureFixture) -> None:
    switch = Switch()
    async with served(switch) as address:
        carrier = await connect(f"ws://{address}/", compression=None)
        await carrier.close()
        assert await soon(switch.lines.get()) is None
    assert "ended before a call started" in caplog.text


@on_uvloop
async def test_bad_input_in_one_call_leaves_another_alone() -> None:
    switch = Switch()
    async with served(switch) as address, connect(f"ws://{address}/", compression=None) as good:
        await good.send(START)
        line = await soon(switch.lines.get())
        for message in ("garbage", text({**MEDIA, "streamSid": "MZother"}), b"\xff"):
            assert await refused_at(address, Switch(lines=switch.lines), START, message) in (1003, 1007, 1008)
        await good.send(text(MEDIA))
        assert isinstance(await soon(line.receive()), Audio)
        switch.released.set()
        await good.close()


# Transfers.


@on_uvloop
async def test_a_transfer_goes_through_the_carrier_which_ends_the_stream() -> None:
    asked: asyncio.Queue[tuple[str, Transfer]] = asyncio.Queue()
    command = Transfer("+918040000000", (Words("en-IN", "wants the bill"),))

    async def transfer(started: Started, asking: Transfer) -> None:
        await asked.put((started.call_id, asking))

    async with a_call(Switch({"transfer": transfer})) as (line, carrier):
        line.perform(command)
        line.perform(command)
        assert await soon(asked.get()) == (line.started.call_id, command)
        await carrier.send(STOP)
        assert await soon(line.receive()) == HungUp("the carrier ended the stream")
    assert asked.empty()


@on_uvloop
async def test_a_transfer_under_way_is_not_killed_by_the_end_of_the_stream() -> None:
    may_finish, finished = asyncio.Event(), asyncio.Event()

    async def transfer(started: Started, asking: Transfer) -> None:
        await may_finish.wait()
        finished.set()

    async with a_call(Switch({"transfer": transfer})) as (line, carrier):
        line.perform(Transfer("+918040000000"))
        await carrier.send(STOP)
        assert isinstance(await soon(line.receive()), HungUp)
        closing = asyncio.ensure_future(line.aclose())
        await asyncio.sleep(0)
        may_finish.set()
        await soon(closing)
        assert finished.is_set()


@on_uvloop
async def test_a_transfer_that_fails_leaves_the_caller_on_the_line(caplog: pytest.LogCaptureFixture) -> None:
    async def transfer(started: Started, asking: Transfer) -> None:
        raise CarrierError("transfer: Twilio answered 21220")

    async with a_call(Switch({"transfer": transfer})) as (line, carrier):
        line.perform(Transfer("+918040000000"))
        assert await soon(line.receive()) == TransferFailed("the carrier refused")
        line.perform(Hangup("done"))
        assert await soon(line.receive()) == HungUp("done")
        assert await close_code(carrier) == 1000
    assert "transfer to +91…00 failed: transfer: Twilio answered 21220" in caplog.text
    assert "8040000000" not in caplog.text


@on_uvloop
async def test_without_an_account_a_transfer_fails_while_the_call_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    async with a_call(Switch()) as (line, _):
        line.perform(Transfer("+918040000000"))
        assert await soon(line.receive()) == TransferFailed("no account to transfer the call with")
        line.perform(Hangup("done"))
        assert await soon(line.receive()) == HungUp("done")
    assert "cannot transfer" in caplog.text
