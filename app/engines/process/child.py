"""The child: makes one text-to-speech engine, speaks what it is told to, and ends with its parent.

Run by `Link`, with the line to the parent as its standard input. What anything prints goes into the parent's log.
"""

import asyncio
import importlib
import json
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from contextlib import aclosing
from typing import Protocol, runtime_checkable

from app.config import Settings
from app.engines.base import EngineError, EngineUnavailable, TextToSpeech
from app.engines.process.messages import (
    LARGEST_PCM,
    Alive,
    Cancel,
    Chunk,
    Decoder,
    Ended,
    Fault,
    Load,
    Message,
    Ready,
    Refused,
    Speak,
    encode,
)

log = logging.getLogger(__name__)

_READ_BYTES = 1 << 16
_ALIVE_S = 0.5
_GRACE_S = 1.5
"""How long the engine may take to close once the parent has hung up."""


@runtime_checkable
class CountsSteps(Protocol):
    """An engine whose model may work for long without audio tells so, and is not taken for hung meanwhile."""

    @property
    def steps(self) -> int:
        """Goes up with each step of the model."""
        ...


class Child:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._engine: TextToSpeech | None = None
        self._speaking: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until the parent hangs up."""
        decoder = Decoder()
        async with asyncio.TaskGroup() as tasks:
            began: list[asyncio.Task[None]] = []
            while data := await self._reader.read(_READ_BYTES):
                for message in decoder.push(data):
                    match message:
                        case Load():
                            began.append(tasks.create_task(self._load(message), name="load"))
                        case Speak():
                            self._begin(message, tasks)
                        case Cancel():
                            if task := self._speaking.get(message.id):
                                task.cancel()
            for task in (*began, *self._speaking.values()):
                task.cancel()
        if self._engine is not None:
            await self._engine.aclose()

    def _begin(self, speak: Speak, tasks: asyncio.TaskGroup) -> None:
        task = tasks.create_task(self._speak(speak), name=f"speak-{speak.id}")
        self._speaking[speak.id] = task
        task.add_done_callback(lambda _: self._speaking.pop(speak.id))

    async def _load(self, load: Load) -> None:
        try:
            engine = await asyncio.to_thread(_made, load)
            self._engine = engine
            await engine.warm_up()
            self._send(Ready(engine.rate_hz))
        except EngineError as error:
            self._send(Refused(Fault.of(error)))
        except Exception as error:  # whatever a library raises must reach the parent
            log.exception("%s cannot be loaded", load.factory)
            fault = EngineUnavailable(f"{load.factory} cannot be loaded: {type(error).__name__}: {error}")
            self._send(Refused(Fault.of(fault)))
        else:
            if isinstance(engine, CountsSteps):
                await self._tell_steps(engine)

    async def _tell_steps(self, engine: CountsSteps) -> None:
        seen = engine.steps
        while True:
            await asyncio.sleep(_ALIVE_S)
            if engine.steps != seen:
                seen = engine.steps
                self._send(Alive())

    async def _speak(self, speak: Speak) -> None:
        fault = None
        try:
            await self._chunks(speak)
        except EngineError as error:
            fault = Fault.of(error)
        except Exception as error:  # its text may quote the caller's words: it stays here
            fault = Fault("failed", f"the engine failed: {type(error).__name__}")
        self._send(Ended(speak.id, fault))

    async def _chunks(self, speak: Speak) -> None:
        if self._engine is None:
            raise EngineUnavailable("the engine is not loaded yet")
        async with aclosing(self._engine.speak(speak.text, urgent=speak.urgent)) as chunks:
            async for chunk in chunks:
                for at in range(0, len(chunk), LARGEST_PCM):
                    self._send(Chunk(speak.id, chunk[at : at + LARGEST_PCM]))
                await self._writer.drain()

    def _send(self, message: Message) -> None:
        self._writer.write(encode(message))


def _made(load: Load) -> TextToSpeech:
    module, _, function = load.factory.partition(":")
    try:
        factory = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise EngineUnavailable(f"{load.factory} cannot be imported: {error}") from error
    engine: TextToSpeech = factory(Settings(**json.loads(load.settings)))
    return engine


async def _serve(line: socket.socket) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=line)
    try:
        await Child(reader, writer).run()
    except* ConnectionError:
        pass  # the parent is gone
    finally:
        writer.close()


def _end_with_parent(descriptor: int) -> None:
    """A thread, since a model that hangs may hold the event loop up. The kernel tells the other end's death."""
    poll = select.poll()
    poll.register(descriptor, 0)
    poll.poll()
    time.sleep(_GRACE_S)
    os._exit(1)


def main() -> None:
    line = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for name in (signal.SIGINT, signal.SIGTERM):  # a server that drains still needs its voice: the parent ends it
        signal.signal(name, lambda *_: None)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    threading.Thread(target=_end_with_parent, args=(os.dup(line.fileno()),), daemon=True).start()
    asyncio.run(_serve(line))


if __name__ == "__main__":
    main()
