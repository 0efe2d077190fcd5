"""The engine: one thread speaks all clauses in lockstep, and each clause has a stream of audio."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np

from app.config import TtsSettings
from app.engines.base import EngineError, EngineFailed, EngineUnavailable
from app.engines.clause import spoken_text
from app.engines.parler.batch import Batch
from app.engines.parler.requests import Chunk, Request
from app.engines.parler.sampling import Sampling
from app.engines.parler.tokens import Tokens
from app.engines.stream import ChunkStream

log = logging.getLogger(__name__)

_MOST_CHARACTERS = 1000
_WARM_UP_TEXT = "ನಮಸ್ಕಾರ"


class ParlerTts:
    """`speak` and the rest run on the event loop; the model runs on a thread that starts with the first of them."""

    def __init__(self, batch: Batch, tokens: Tokens, settings: TtsSettings) -> None:
        self._batch = batch
        self._tokens = tokens
        self._settings = settings
        self._sampling = Sampling(settings.temperature, settings.top_k, settings.top_p, settings.seed)
        self._frames = batch.limits.frames
        self._streams: dict[Request, ChunkStream] = {}
        self._thread = threading.Thread(target=self._serve, name="parler", daemon=True)
        self._changed = threading.Condition()  # guards everything below
        self._started = self._closed = False
        self._broken: EngineError | None = None

    @property
    def rate_hz(self) -> int:
        return self._batch.shape.rate_hz

    @property
    def steps(self) -> int:
        """Goes up as long as the model works: what whoever watches the process looks at."""
        return self._batch.ticks

    async def speak(
        self, text: str, *, urgent: bool = False, speaker: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """As in the Protocol. `speaker`: another voice of the checkpoint than `tts.speaker`."""
        plain = spoken_text(text, _MOST_CHARACTERS)
        if not plain:
            return
        async with aclosing(self._spoken(plain, self._frames, urgent, speaker)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def warm_up(self) -> None:
        """Start the thread, which runs every shape of the model before anything else, and speak a word's beginning."""
        frames = min(2 * self._batch.limits.chunk_frames, self._frames)
        async with aclosing(self._spoken(_WARM_UP_TEXT, frames, False, None)) as chunks:
            async for _ in chunks:
                pass

    async def aclose(self) -> None:
        with self._changed:
            self._closed = True
            started = self._started
            self._changed.notify()
        if started:
            await asyncio.to_thread(self._thread.join, 5.0)
        self._end(list(self._streams), EngineFailed("tts was closed"))

    async def _spoken(self, text: str, frames: int, urgent: bool, speaker: str | None) -> AsyncGenerator[bytes, None]:
        request = self._request(text, frames, speaker or self._settings.speaker)
        stream = self._streams[request] = ChunkStream()
        try:
            self._submit(request, urgent)
            async with aclosing(stream.read()) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self._batch.cancel(request)
            del self._streams[request]

    def _request(self, text: str, frames: int, speaker: str) -> Request:
        description = self._settings.description.replace("{speaker}", speaker)
        return Request(self._tokens.prompt(text), self._tokens.description(description), frames, self._sampling)

    def _submit(self, request: Request, urgent: bool) -> None:
        with self._changed:
            if self._closed:
                raise EngineFailed("tts is closed")
            if self._broken is not None:
                raise self._broken
            self._batch.submit(request, urgent=urgent)
            if not self._started:
                self._started = True
                self._thread.start()
            self._changed.notify()

    # Everything below runs on the thread.

    def _serve(self) -> None:
        try:
            self._batch.warm_up()
            while self._busy():
                self._tick()
        except Exception as error:  # the model never ran, or its device is lost
            log.exception("tts: the model cannot work any more")
            broken = EngineUnavailable(
                f"tts: the model cannot work ({type(error).__name__}); start the process again, with fewer tts.slots "
                f"when its memory is too small"
            )
            broken.__cause__ = error
            with self._changed:
                self._broken = broken
            self._end(list(self._streams), broken)

    def _tick(self) -> None:
        try:
            chunks = self._batch.tick()
        except Exception as error:  # whatever torch raises must reach the callers it concerns, and only them
            log.warning("tts: a tick failed", exc_info=error)  # it knows no text, only tensors
            failure = EngineFailed(f"tts failed: {type(error).__name__}")
            failure.__cause__ = error
            self._end(self._batch.abandon(), failure)
            return
        for chunk in chunks:
            self._hand_over(chunk)

    def _busy(self) -> bool:
        """Wait for work. False: the engine is closed."""
        with self._changed:
            while not self._closed and self._batch.idle:
                self._changed.wait()
            return not self._closed

    def _hand_over(self, chunk: Chunk) -> None:
        stream = self._streams.get(chunk.request)
        if stream is None:
            return
        if len(chunk.audio) and not stream.put(_pcm(chunk)):
            self._batch.cancel(chunk.request)
        if chunk.last:
            stream.end()

    def _end(self, requests: list[Request], error: EngineError) -> None:
        for request in requests:
            stream = self._streams.get(request)
            if stream is not None:
                stream.end(error)


def _pcm(chunk: Chunk) -> bytes:
    samples = np.clip(chunk.audio.numpy(), -1.0, 1.0) * 32767
    pcm: bytes = samples.round().astype("<i2").tobytes()
    return pcm
