"""What goes wrong in production: engines that raise or hang, callers who vanish, sockets that lie, a server going down.

In every case nothing is left behind, other calls go on, and the caller hears an apology where there is one to hear.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import aiohttp
import pytest
import websockets

from app import server as server_module
from app.call.events import Finished
from app.config import ServerSettings
from app.demo.caller import Ended
from app.engines.base import EngineFailed, Question
from app.engines.scripted import ScriptedAgent, ScriptedTts, sine
from app.replay.trace import read
from app.replay.waterfall import rows
from app.server import Running, wind_down
from telephony.websocket import open_line
from tests.carrier import (
    answer_after_call,
    closing,
    dialled,
    idle,
    media,
    media_message,
    media_url,
    ready_port,
    stay_deaf,
    until,
)
from tests.live import QUICK, BriefTts, Desk, Staff, agent_says, ask, desk


@asynccontextmanager
async def nothing_left(at: Desk) -> AsyncIterator[None]:
    """Every task, call and connection that begins inside has ended when it is left, while the server goes on."""
    before = asyncio.all_tasks()
    yield

    def left() -> list[object]:
        connections = at.server.uvicorn.server_state.connections
        return [*(asyncio.all_tasks() - before), *connections, *["a call"] * at.server.switchboard.live]

    with suppress(TimeoutError):
        await until(lambda: not left(), most_s=5)
    assert left() == []


def heard(traces: Path) -> list[str]:
    """What the caller of the only call heard, in English."""
    (path,) = traces.glob("*.jsonl")
    return [row.agent_english for row in rows(read(path))]


BREAK: dict[str, Callable[[Staff], object]] = {
    "stt": lambda staff: staff.stt,
    "translation": lambda staff: staff.to_english,
    "agent": lambda staff: staff.agent,
    "translation back": lambda staff: staff.to_kannada,
    "tts": lambda staff: staff.tts,
}


@pytest.mark.parametrize("stage", BREAK)
@pytest.mark.parametrize("how", ["raises", "hangs"])
async def test_an_engine_that_fails_is_heard_as_an_apology(stage: str, how: str, tmp_path: Path) -> None:
    impatient = QUICK.model_copy(update={"patience": replace(QUICK.patience, no_reply_s=0.4)})
    async with desk(traces=tmp_path, call=impatient) as at, nothing_left(at):
        engine = BREAK[stage](at.staff)
        engine.error = EngineFailed("scripted") if how == "raises" else None  # type: ignore[attr-defined]
        engine.hangs = how == "hangs"  # type: ignore[attr-defined]
        await at.call(ask(), patience_s=1.2)
    assert "small problem" in heard(tmp_path)[-1]


async def test_an_engine_that_raises_something_unforeseen_is_an_apology_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Surprise(Exception):
        """Whose text quotes the caller."""

    async with desk(traces=tmp_path) as at, nothing_left(at):
        at.staff.to_english.error = Surprise("ನನ್ನ ಸಂಖ್ಯೆ 4521")  # type: ignore[assignment]
        with caplog.at_level(logging.INFO):
            await at.call(ask(), patience_s=1.0)
    assert "small problem" in heard(tmp_path)[-1]
    assert "4521" not in caplog.text
    assert "Surprise" in caplog.text


class EndlessTts(ScriptedTts):
    """Never finishes a sentence after the greeting and the other prompts."""

    stopped = False

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        if text != "all is well.":
            yield bytes(1600)
            return
        try:
            while True:
                yield bytes(3200)
                await asyncio.sleep(0.05)
        finally:
            self.stopped = True


async def test_a_caller_who_hangs_up_in_the_middle_of_a_reply_leaves_nothing_behind() -> None:
    endless = EndlessTts()
    async with desk(Staff(tts=endless)) as at, nothing_left(at):
        caller = at.caller(ask())
        call = asyncio.create_task(caller.run())
        await until(lambda: len(caller.ear.bursts) == 2)
        call.cancel()
        await asyncio.wait([call])
        await until(lambda: not at.server.switchboard.live)
        assert endless.stopped, "the model was told to stop"


async def test_a_line_without_audio_is_hung_up() -> None:
    async with desk() as at, nothing_left(at), dialled(at) as (socket, _):
        assert await closing(socket) == 1000
        await until(lambda: not at.server.switchboard.live)


class Echo(ScriptedAgent):
    async def answer(self, question: Question) -> AsyncGenerator[str | Finished, None]:
        yield f"{question.text}."


class TalkativeTts(BriefTts):
    """Says "4.", as words, for half a minute."""

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        if text == "ನಾಲ್ಕು.":
            yield sine(30.0, self.rate_hz)
            return
        async with aclosing(super().speak(text, urgent=urgent)) as chunks:
            async for chunk in chunks:
                yield chunk


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux drops peers that do not read")
async def test_a_carrier_that_does_not_read_is_dropped_and_harms_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every buffer between the call and its carrier is really full, so nothing that is sent to it can be flushed."""
    listen = server_module._listen

    def listen_with_small_buffers(host: str, port: int) -> socket.socket:
        listener = listen(host, port)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return listener

    monkeypatch.setattr(server_module, "_listen", listen_with_small_buffers)
    monkeypatch.setattr(server_module, "_DEAF_MS", 8_000)
    monkeypatch.setattr("app.web.open_line", partial(open_line, send_timeout_s=1.0))
    async with desk(Staff(agent=Echo(), tts=TalkativeTts(seconds=0.4))) as at, nothing_left(at):
        deaf = asyncio.create_task(stay_deaf(at))
        await until(lambda: at.server.switchboard.live == 1)
        caller = at.caller(*[ask()] * 5, patience_s=0.6)
        call = asyncio.create_task(caller.run())
        await until(lambda: "the carrier has read nothing for 1 s (close code 1011)" in caplog.text, most_s=15)
        assert not call.done()
        assert (await call).by == "caller"
        async with asyncio.timeout(15):
            await deaf
    assert len(caller.ear.bursts) >= 6, "the greeting and five answers; on a busy machine a filler too"
    assert sum(burst.starved for burst in caller.ear.bursts) == 0


UNLIKE_TWILIO = "not a message in Twilio's form, or its payload is not base64"
BAD: dict[str, tuple[str | bytes, int, str]] = {
    "not JSON": ("{", 1007, UNLIKE_TWILIO),
    "not an object": ("[1]", 1007, UNLIKE_TWILIO),
    "wrong base64": (media_message("!!!"), 1007, UNLIKE_TWILIO),
    "a field missing": ('{"event": "media", "streamSid": "MZ1"}', 1007, "the field 'media' is missing"),
    "another stream": (media_message("", "MZ2"), 1008, "media for another stream than the one started"),
    "a second start": ("START", 1008, "a second start on one connection"),
    "binary": (b"\x00\x01", 1003, "a binary message; Twilio sends text"),
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_input_ends_its_call_with_the_right_code(name: str, caplog: pytest.LogCaptureFixture) -> None:
    message, code, why = BAD[name]
    async with desk() as at, nothing_left(at), dialled(at) as (socket, start):
        await socket.send(start if message == "START" else message)
        assert await closing(socket) == code
    (line,) = caplog.messages
    assert line.startswith(f"call CA1: closed: {why}")
    assert line.endswith(f"(close code {code})")


async def test_a_huge_message_ends_its_call(caplog: pytest.LogCaptureFixture) -> None:
    async with desk() as at, nothing_left(at), dialled(at) as (socket, _):
        await until(lambda: at.server.switchboard.live == 1)
        await socket.send("x" * 100_000)
        assert await closing(socket) == 1009
    assert "call CA1: closed: the connection was closed (close code 1009)" in caplog.text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"customParameters": {}}, "token is missing"),
        ({"customParameters": {"token": "1.2.3"}}, "token is missing, forged"),
        ({"callSid": "CAanother"}, "token is missing, forged or of another call"),
    ],
)
async def test_a_stream_we_did_not_ask_for_is_refused(
    change: dict[str, object], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk() as at, nothing_left(at), dialled(at, change=change) as (socket, _):
        assert await closing(socket) == 1008
    assert why in caplog.text


async def test_a_token_opens_one_stream_only(caplog: pytest.LogCaptureFixture) -> None:
    async with desk() as at, nothing_left(at), dialled(at) as (_, start), websockets.connect(media_url(at)) as second:
        await until(lambda: at.server.switchboard.live == 1)
        await second.send(start)
        assert await closing(second) == 1008
    assert "the stream token was used before (close code 1008)" in caplog.text


async def test_media_before_start_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    async with desk() as at, nothing_left(at), websockets.connect(media_url(at)) as socket:
        await socket.send(media())
        assert await closing(socket) == 1008
    assert "refused: media before start (close code 1008)" in caplog.text


async def test_sockets_that_never_start_are_closed_and_harm_no_call() -> None:
    """300 of them, while a call goes on. They come a few at a time: a burst of handshakes is slow at the test's own end
    of them, which a patient caller outlasts and an impatient one does not."""
    server = ServerSettings(port=0, start_timeout_s=1.0, max_waiting=64)
    async with desk(agent_says("all is well."), server=server) as at, nothing_left(at):
        call = asyncio.create_task(at.caller(ask(), ask(), patience_s=1.5).run())
        await until(lambda: at.server.switchboard.live == 1)
        a_few = asyncio.Semaphore(64 + 8)

        async def come() -> int | None:
            async with a_few:
                return await idle(media_url(at))

        outcomes = await asyncio.gather(*(come() for _ in range(300)))
        ended: Ended = await call
        assert ended.by == "caller"
        assert set(outcomes) == {403, 1008}
        assert outcomes.count(1008) >= 64
        await until(lambda: at.server.switchboard.waiting == 0)
    assert len(at.staff.agent.questions) == 2


async def test_draining_lets_a_call_end_by_itself() -> None:
    async with desk(agent_says("all is well.")) as at, nothing_left(at):
        call = asyncio.create_task(at.caller(ask(), patience_s=0.6).run())
        await until(lambda: at.server.switchboard.live == 1)
        await at.server.switchboard.drain()
        assert (await call).by == "caller"


async def test_carriers_are_answered_a_little_longer_than_calls_last() -> None:
    async with desk() as at, nothing_left(at), aiohttp.ClientSession(f"http://127.0.0.1:{at.server.port}") as http:
        call = asyncio.create_task(at.caller(patience_s=0.6).run())
        await until(lambda: at.server.switchboard.live == 1)
        hurry = asyncio.Event()
        down = asyncio.create_task(wind_down(at.server.switchboard, hurry, linger_s=0.5))
        assert (await call).by == "caller"
        await until(lambda: at.server.switchboard.live == 0)
        assert await answer_after_call(http) == "Hangup"
        done, _ = await asyncio.wait([down], timeout=0.3)
        assert not done
        await asyncio.wait_for(down, 5)
        impatient = asyncio.create_task(wind_down(at.server.switchboard, hurry, linger_s=60))
        hurry.set()
        await asyncio.wait_for(impatient, 5)


async def test_sigterm_drains_live_calls_with_a_farewell(tmp_path: Path) -> None:
    """The real process, its real models, real signals."""
    pytest.importorskip("faster_whisper", reason="needs the demo extra")
    pytest.importorskip("espeakng_loader", reason="needs the demo extra")
    environment = os.environ | {
        "KVA_SERVER__PORT": "0",
        "KVA_SERVER__DRAIN_S": "0.5",
        "KVA_TRACE__DIRECTORY": str(tmp_path),
        "KVA_TRACE__KEEP_WORDS": "true",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "serve", "--allow-demo-models",
        env=environment, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        port = await ready_port(process)
        at = Desk(Running(port, None, None), Staff())  # type: ignore[arg-type]
        caller = at.caller(patience_s=30.0)
        call = asyncio.create_task(caller.run())
        await until(lambda: bool(caller.ear.bursts))
        process.send_signal(signal.SIGTERM)
        assert (await call).by == "server"
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            assert await answer_after_call(http) == "Hangup"
            async with http.get("/readyz") as answer:
                assert (await answer.json())["state"] == "draining"
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert "thank you for calling" in heard(tmp_path)[-1]
