"""The server under load, as a process of its own on a core of its own: `python worker.py bot|floor CORE`.

It prints one JSON line with its port, and one with a reading for every line it gets; it ends when its input does.
`bot` is the real server with stand-in engines that only wait; `floor` sends every frame back and does nothing else.
"""

import asyncio
import itertools
import json
import logging
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.call.policy import TurnPolicy
from app.config import CallSettings, ServerSettings, Settings
from app.engines.scripted import ScriptedAgent, ScriptedStt, ScriptedTranslator, ScriptedTts
from app.engines.table import Engines
from app.engines.webrtc import WebrtcVad
from app.server import new_loop, running

STT_S, TRANSLATE_S, TOKENS, TOKEN_S, TTS_S = 0.05, 0.02, 20, 0.005, 2.0
LAG_STEP_S = 0.02
SETTINGS = Settings(
    server=ServerSettings(port=0, max_calls=1000),
    call=CallSettings(turn=TurnPolicy(words=False)),  # what is measured should not depend on what is said
)


@asynccontextmanager
async def bot() -> AsyncIterator[int]:
    engines = Engines(
        stt=ScriptedStt(texts=itertools.repeat("ನನ್ನ ಬಿಲ್ ಎಷ್ಟು"), delay_s=STT_S),
        to_english=ScriptedTranslator(delay_s=TRANSLATE_S),
        to_kannada=ScriptedTranslator(delay_s=TRANSLATE_S),
        tts=ScriptedTts(seconds=TTS_S),
        vad=WebrtcVad(2),
        agent=ScriptedAgent(tokens=("so ",) * (TOKENS - 1) + ("so.",), token_s=TOKEN_S),
    )
    async with running(SETTINGS, engines) as server:
        yield server.port


@asynccontextmanager
async def floor() -> AsyncIterator[int]:
    """The least a server of this kind can do, under the same uvicorn with the same options."""
    sock = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port = sock.getsockname()[1]

    async def voice(request: Request) -> Response:
        return Response(f'<Response><Connect><Stream url="ws://127.0.0.1:{port}/media"/></Connect></Response>')

    routes = [Route("/twilio/voice", voice, methods=["POST"]), WebSocketRoute("/media", echo)]
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=routes),
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
        )
    )
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve([sock]))
        yield port
        server.should_exit = True
        await serving


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    stream = ""
    with suppress(WebSocketDisconnect):
        while (message := await socket.receive())["type"] == "websocket.receive":
            event = orjson.loads(message["text"])
            if event["event"] == "media":
                payload = event["media"]["payload"]
                text = f'{{"event":"media","streamSid":"{stream}","media":{{"payload":"{payload}"}}}}'
                await socket.send({"type": "websocket.send", "text": text})
            elif event["event"] == "start":
                stream = event["streamSid"]


async def main(kind: str) -> None:
    late_s = 0.0

    async def watch() -> None:
        """How late the loop gets to something that was due."""
        nonlocal late_s
        due = time.monotonic()
        while True:
            due = max(due + LAG_STEP_S, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            late_s = max(late_s, time.monotonic() - due)

    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with {"bot": bot, "floor": floor}[kind]() as port, asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch())
        print(json.dumps({"port": port}), flush=True)
        while await reader.readline():
            reading = {"cpu_s": time.process_time(), "loop_s": time.thread_time(), "late_ms": late_s * 1000}
            print(json.dumps(reading), flush=True)
            late_s = 0.0
        watching.cancel()


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # hundreds of callers hang up in the middle of a sentence
    os.sched_setaffinity(0, {int(sys.argv[2])})
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main(sys.argv[1]))
