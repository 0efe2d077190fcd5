"""The text of a clause, as every voice takes it, and the worker of voices that speak one clause at a time."""

import unicodedata
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from app.engines.base import EngineFailed
from app.engines.stream import ChunkStream
from app.engines.worker import Worker


@dataclass(frozen=True, slots=True)
class Clause:
    text: str
    stream: ChunkStream


class ClauseWorker:
    """`speak(clause)` puts the audio of one clause into its stream, on the worker's thread, and ends early when that
    is stopped. Urgent clauses go first.
    """

    def __init__(self, speak: Callable[[Clause], None], most_characters: int) -> None:
        self._speak = speak
        self._most_characters = most_characters
        self._worker: Worker[Clause, None] = Worker("tts", self._run)

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        """As the Protocol has it."""
        plain = spoken_text(text, self._most_characters)
        if not plain:
            return
        stream = ChunkStream()
        job = self._worker.start(Clause(plain, stream), urgent=urgent)
        job.add_done_callback(stream.follow)
        try:
            async with aclosing(stream.read()) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            job.cancel()

    async def aclose(self) -> None:
        await self._worker.aclose()

    def _run(self, clauses: list[Clause]) -> list[None]:
        for clause in clauses:
            if not clause.stream.stopped:
                self._speak(clause)
        return [None] * len(clauses)


def spoken_text(text: str, most_characters: int) -> str:
    """`text` without control characters, which are commands to some voices, and without halves of letters, which no
    tokenizer takes; empty when there is nothing to say. Raises EngineFailed for more than a clause.
    """
    plain = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text).strip()
    if len(plain) > most_characters:
        raise EngineFailed(f"a text of {len(plain)} characters is no clause of a phone call")
    return plain
