"""Link: the parent's end of one child process, from its start to its end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import NoReturn

from app.config import Settings
from app.engines.base import EngineError, EngineFailed, EngineOverloaded
from app.engines.process.messages import (
    Alive,
    Cancel,
    Chunk,
    Decoder,
    Ended,
    Fault,
    Load,
    Message,
    ProtocolError,
    Ready,
    Refused,
    Speak,
    encode,
)
from app.engines.process.spawn import Spawned, spawned
from app.engines.process.stall import Stall
from app.engines.stream import ChunkStream

_READ_BYTES = 1 << 16
_MOST_IN_FLIGHT = 256
"""Clauses that one child is asked for at once."""
_MOST_FAILURES = 5
_LOOK_S = 0.05
"""Between two looks at whether the child has hung, at least."""


@asynccontextmanager
async def started(factory: str, settings: Settings) -> AsyncIterator["Link"]:
    """A child that was told to load `factory`; it has ended when the context is left. Raises OSError."""
    async with spawned("app.engines.process.child") as child:
        # Over the line, for settings may hold secrets, and others can read a process's arguments and environment.
        child.writer.write(encode(Load(factory, settings.model_dump_json(include={"tts", "models"}))))
        yield Link(factory, child, Stall(settings.tts.hang_s))


class Link:
    """Made by `started`. `hello`, then `serve`, then any number of `speak`."""

    def __init__(self, factory: str, child: Spawned, stall: Stall) -> None:
        self._factory = factory
        self._child = child
        self._stall = stall
        self._decoder = Decoder()
        self._loop = asyncio.get_running_loop()
        self._streams: dict[int, ChunkStream] = {}
        self._last_id = 0
        self._failures = 0
        """In a row, without a chunk between."""

    async def hello(self) -> int:
        """Wait until the engine is warm; its rate in Hz. Raises EngineError."""
        while True:
            for message in await self._receive():
                if isinstance(message, Ready):
                    return message.rate_hz
                if isinstance(message, Refused):
                    raise message.fault.error()

    async def serve(self) -> NoReturn:
        """Until the child ends or has to be ended: then every clause fails, and it raises EngineError that says why."""
        watching = asyncio.create_task(self._watch(), name=f"watch-{self._child.pid}")
        try:
            while True:
                for message in await self._receive():
                    self._take(message)
        except EngineError as error:
            gone = EngineFailed(f"{self._factory} hung and was stopped") if watching.done() else error
            self._fail_all(gone)
            raise gone from None
        finally:
            watching.cancel()
            self._fail_all(EngineFailed(f"{self._factory} was closed"))

    async def speak(self, text: str, *, urgent: bool) -> AsyncGenerator[bytes, None]:
        if len(self._streams) >= _MOST_IN_FLIGHT:
            raise EngineOverloaded(f"{self._factory}: {len(self._streams)} clauses are being spoken already")
        self._last_id += 1
        id, stream = self._last_id, ChunkStream()
        self._streams[id] = stream
        self._stall.wait(self._loop.time())
        # Not drained: what can wait here is bounded by the clauses in flight, and a child that reads nothing is ended.
        self._send(Speak(id, text, urgent))
        try:
            async with aclosing(stream.read()) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            if id in self._streams:
                self._forget(id)
                self._send(Cancel(id))

    def _take(self, message: Message) -> None:
        match message:
            case Chunk(id, pcm):
                self._judge(None)
                if (stream := self._streams.get(id)) and not stream.put(pcm):
                    self._forget(id)
                    self._send(Cancel(id))
            case Ended(id, fault):
                if stream := self._streams.get(id):
                    self._forget(id)
                    stream.end(fault.error() if fault else None)
                self._judge(fault)
            case Alive():
                self._stall.worked(self._loop.time())
            case _:
                pass

    def _judge(self, fault: Fault | None) -> None:
        """Raises EngineFailed when the engine will not recover: its GPU, say, is lost to its process."""
        if fault is None:
            self._stall.worked(self._loop.time())
            self._failures = 0
        elif fault.kind != "overloaded":
            self._failures += 1
            if fault.kind == "unavailable" or self._failures >= _MOST_FAILURES:
                raise EngineFailed(f"{self._factory} works no more: {fault.message}")

    def _forget(self, id: int) -> None:
        del self._streams[id]
        if not self._streams:
            self._stall.rest(self._loop.time())

    def _fail_all(self, error: EngineError) -> None:
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.end(error)

    async def _watch(self) -> None:
        """Returns when the child has hung; it is dead then."""
        while (left_s := self._stall.left_s(self._loop.time())) > 0:
            await asyncio.sleep(max(left_s, _LOOK_S))  # the rest of patience that a caller left may be next to none
            # This process may itself have stood still: what came meanwhile is read first.
            if self._stall.left_s(self._loop.time()) <= 0:
                await asyncio.sleep(_LOOK_S)
        self._child.kill()

    async def _receive(self) -> list[Message]:
        """Raises EngineFailed when the child has ended or sends what is no message."""
        try:
            if data := await self._child.reader.read(_READ_BYTES):
                return self._decoder.push(data)
        except ConnectionError:
            pass
        except ProtocolError as error:
            raise EngineFailed(f"{self._factory} sent {error}") from error
        raise EngineFailed(f"{self._factory} ended by itself (exit status {await self._child.status()})")

    def _send(self, message: Message) -> None:
        if not self._child.writer.is_closing():
            self._child.writer.write(encode(message))
