"""IndicF5 as an engine, in the process that runs it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from app.config import Settings
from app.engines.base import EngineUnavailable
from app.engines.clause import Clause, ClauseWorker
from app.engines.indicf5.checkpoint import folder_of, read
from app.engines.indicf5.reference import RATE_HZ, read_reference
from app.engines.need import need_torch

_CHUNK_BYTES = RATE_HZ // 20 * 2
_MOST_CHARACTERS = 4000


class IndicF5Tts:
    """One clause at a time: it fills the processor by itself. There is no sound before the whole clause is made."""

    def __init__(self, settings: Settings) -> None:
        tts, folder = settings.tts, folder_of(settings)
        need_torch(tts.device, extra="indicf5")
        from app.engines.indicf5.network import Stopped
        from app.engines.indicf5.speaker import Speaker

        self._gave_up = Stopped
        reference = read_reference(tts.reference_audio, tts.reference_text)
        model = read(folder)
        try:
            self._speaker = Speaker(model, reference, tts.steps, tts.device, tts.dtype)
        except (KeyError, RuntimeError) as error:  # a tensor is missing or has an odd shape; the GPU has no room
            raise EngineUnavailable(f"{folder}: not a usable IndicF5 checkpoint: {error}") from error
        self._most_s = min(tts.most_seconds, self._speaker.room_s)
        self._clauses = ClauseWorker(self._speak, _MOST_CHARACTERS)
        self._steps = 0

    @property
    def rate_hz(self) -> int:
        return RATE_HZ

    @property
    def steps(self) -> int:
        """Layers that the model went through so far: it works, though nothing is heard yet."""
        return self._steps

    def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        return self._clauses.speak(text, urgent=urgent)

    async def warm_up(self) -> None:
        async with aclosing(self.speak("ನಮಸ್ಕಾರ")) as chunks:
            async for _ in chunks:
                pass

    async def aclose(self) -> None:
        await self._clauses.aclose()

    # Everything below runs on the worker's thread.

    def _speak(self, clause: Clause) -> None:
        def stopped() -> bool:
            self._steps += 1
            return clause.stream.stopped

        with suppress(self._gave_up):
            for text in self._pieces(clause.text):
                pcm = self._speaker.speak(text, stopped).tobytes()
                for at in range(0, len(pcm), _CHUNK_BYTES):
                    clause.stream.put(pcm[at : at + _CHUNK_BYTES])

    def _pieces(self, text: str) -> list[str]:
        """`text`, cut between words where it would take longer than a clause may."""
        pieces = [""]
        for word in text.split():
            longer = f"{pieces[-1]} {word}".lstrip()
            if pieces[-1] and self._speaker.seconds(longer) > self._most_s:
                pieces.append(word)
            else:
                pieces[-1] = longer
        return pieces
