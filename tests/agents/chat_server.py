"""An OpenAI-compatible chat server on loopback that answers by script, one step a request."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.telephony.serving import served

KEY = "sk-test-not-to-be-shown"


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an HTTP error, in whose text the server repeats the key and what it was asked."""

    status: int


@dataclass(frozen=True, slots=True)
class Stream:
    """Answer with these deltas; `wait` before the one of that number, `cut` the connection after the last."""

    deltas: tuple[dict[str, Any], ...]
    wait: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Junk:
    """Answer with these bytes as an event stream."""

    body: str


Step = Refuse | Stream | Junk


def text(*pieces: str) -> Iterator[dict[str, Any]]:
    return ({"content": piece} for piece in pieces)


def says(*pieces: str, wait: int | None = None, cut: bool = False) -> Stream:
    """As servers do, an empty delta with the role comes first."""
    return Stream(({"role": "assistant", "content": ""}, *text(*pieces)), wait, cut)


def calls(index: int, name: str, *arguments: str, id: str | None = None) -> list[dict[str, Any]]:
    """The deltas of one tool call, its arguments in fragments."""
    function = {"name": name, "arguments": ""}
    head = {"index": index, "id": id or f"call-{index}", "type": "function", "function": function}
    tail = ({"index": index, "function": {"arguments": fragment}} for fragment in arguments)
    return [{"tool_calls": [fragment]} for fragment in (head, *tail)]


class ChatServer:
    def __init__(self) -> None:
        self.url = ""
        self.begin()

    def begin(self) -> None:
        """A new test."""
        self.script: list[Step] = []
        self.requests: list[dict[str, Any]] = []
        self.go_on = asyncio.Event()
        """Set to end a `wait`."""
        self.waiting = asyncio.Event()
        self.gone = asyncio.Event()
        """Set when a client left before its answer was complete."""

    async def answer(self, request: Request) -> Response:
        self.requests.append(await request.json())
        assert request.headers["authorization"] == f"Bearer {KEY}"
        match self.script.pop(0):
            case Refuse(status):
                message = f"wrong key {KEY} in {self.requests[-1]}"
                return JSONResponse({"error": {"message": message, "type": "refused"}}, status)
            case Junk(body):
                return Response(body, media_type="text/event-stream")
            case Stream() as step:
                return StreamingResponse(self._events(step), media_type="text/event-stream")

    async def _events(self, step: Stream) -> AsyncIterator[str]:
        complete = False
        try:
            for number, delta in enumerate(step.deltas):
                if number == step.wait:
                    self.waiting.set()
                    await self.go_on.wait()
                yield _event({"index": 0, "delta": delta, "finish_reason": None})
            if step.cut:
                complete = True
                raise ConnectionAbortedError("as the script says")
            yield _event({"index": 0, "delta": {}, "finish_reason": "stop"})
            yield "data: [DONE]\n\n"
            complete = True
        finally:
            if not complete:
                self.gone.set()


def _event(choice: dict[str, Any]) -> str:
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


@asynccontextmanager
async def chat_server() -> AsyncIterator[ChatServer]:
    server = ChatServer()
    async with served(Starlette(routes=[Route("/v1/chat/completions", server.answer, methods=["POST"])])) as address:
        server.url = f"http://{address}/v1"
        try:
            yield server
        finally:
            server.go_on.set()
