"""Continuous batching: clauses join and leave the slots between steps, and none waits for another to end.

`tick` is called by one thread; `submit` and `cancel` by any. A tick frees the slots of cancelled requests, seats those
that wait, computes a few steps for all slots, and hands out the audio that is ready.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from app.engines.base import EngineFailed, EngineUnavailable
from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.codec import Codec, Decoding
from app.engines.parler.decoder import Decoder
from app.engines.parler.graphs import Call, Captured, compiled, sizes_up_to, warmed
from app.engines.parler.requests import Chunk, Limits, Request, Waiting
from app.engines.parler.sampling import CANDIDATES
from app.engines.parler.state import Row, State
from app.engines.parler.voices import Voices
from app.engines.parler.weights import load_weights
from app.engines.parler.windows import Window, plan

_MOST_DECODINGS = 4
"""Batches of windows under way, before steps wait for the codec."""


@dataclass(slots=True, eq=False)
class _Seat:
    """A request in a slot."""

    request: Request
    slot: int
    voice: int = -1
    steps: int = 0
    """Computed since it joined. The slot may have been over for some of them."""
    emitted: int = 0
    """Frames whose audio was handed out or is being decoded."""


@dataclass(frozen=True, slots=True, eq=False)
class _Flight:
    """Audio being decoded, and whom it belongs to: of each request its windows, and whether they are its last."""

    decoding: Decoding
    parts: list[tuple[Request, int, bool]]


class Batch:
    """The model on one device. Raises EngineUnavailable for a checkpoint, or limits, that cannot work.

    `compile_with`: the backend of torch.compile for the step, None to run it as it is.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        limits: Limits,
        device: torch.device,
        dtype: torch.dtype,
        *,
        compile_with: str | None = None,
    ) -> None:
        shape = checkpoint.shape
        self.shape, self.limits = shape, limits
        self._cache = limits.cache(shape.codebooks)
        weights = load_weights(checkpoint, device, dtype)
        if self._cache > len(weights.positions):
            raise EngineUnavailable(
                f"{checkpoint.folder}: it has {len(weights.positions)} positions, and {self._cache} are needed; "
                f"lower tts.most_seconds"
            )
        self._text_ids = len(weights.prompt)
        self._state = State(shape, limits.slots, self._cache, limits.prompt, device, dtype)
        self._voices = Voices(checkpoint, weights.layers, limits.voices, limits.description, device, dtype)
        self._codec = Codec(checkpoint, limits.slots, limits.first_frames, limits.chunk_frames, device)
        checkpoint.finish()
        self.decoder = Decoder(shape, weights, self._state, self._voices)
        self.contexts = sizes_up_to(self._cache, 128)
        self._lengths = sizes_up_to(limits.prompt, 32)
        self._step: Call = compiled(self.decoder.step, compile_with) if compile_with else self.decoder.step
        self._prefill: Call = self.decoder.prefill
        # Where the GPU has to choose, steps go before the codec's windows.
        self._stream = torch.cuda.Stream(device, priority=-1) if device.type == "cuda" else None
        if self._stream is not None:
            torch.cuda.synchronize(device)  # what was made above is on another stream
        self._waiting = Waiting(limits.waiting)
        self._seats: dict[int, _Seat] = {}
        self._flights: deque[_Flight] = deque()
        self.ticks = 0

    @property
    def idle(self) -> bool:
        """A tick would do nothing."""
        return not (self._seats or self._flights or len(self._waiting))

    @property
    def seated(self) -> dict[int, Request]:
        """Who speaks in which slot."""
        return {slot: seat.request for slot, seat in self._seats.items()}

    def submit(self, request: Request, *, urgent: bool = False) -> None:
        """Let a request wait for a slot. Raises EngineFailed when it does not fit, EngineOverloaded when too many wait.

        Ids are checked here: on a GPU one that is out of range would end the process, and every call with it.
        """
        tokens, sampling = len(request.prompt), request.sampling
        if not 0 < tokens <= self.limits.prompt:
            raise EngineFailed(f"a text of {tokens} tokens is no clause of a phone call: {self.limits.prompt} at most")
        if not 0 < request.most_frames <= self.limits.frames:
            raise EngineFailed(f"{request.most_frames} frames do not fit: {self.limits.frames} at most")
        if not all(0 <= token < self._text_ids for token in request.prompt):
            raise EngineFailed("the tokenizer makes ids that the model does not have; they are of two checkpoints")
        if not self._voices.fits(request.description):
            raise EngineFailed(
                f"a description of {len(request.description)} tokens does not fit the model: shorten tts.description"
            )
        if not (0 <= sampling.temperature < 100 and 1 <= sampling.top_k <= CANDIDATES and 0 < sampling.top_p <= 1):
            raise EngineFailed("temperature, top_k or top_p is out of range")
        self._waiting.put(request, urgent)

    def cancel(self, request: Request) -> None:
        """Stop a request wherever it is: it has no slot after the next tick, and no chunk of it follows."""
        self._waiting.cancel(request)

    def warm_up(self) -> None:
        """Run every shape once; on a GPU, capture them. Call it before the first tick, on the same thread."""
        with self._computing():
            warmed(self._prefill, self._lengths)
            warmed(self._step, self.contexts)
            self._codec.warm_up()
            if self._stream is not None:
                pool = torch.cuda.graph_pool_handle()
                self._prefill = Captured(self._prefill, self._lengths, pool)
                self._step = Captured(self._step, self.contexts, pool)

    def tick(self) -> list[Chunk]:
        """Some steps for everybody. Chunks of one request come in order; those of a cancelled one do not come."""
        with self._computing():
            for slot in [slot for slot, seat in self._seats.items() if seat.request.cancelled]:
                self._state.free(slot)
                del self._seats[slot]
            self._seat_waiting()
            if self._seats:
                self._run_steps()
                self._start_decoding()
        chunks = [chunk for chunk in self._landed() if not chunk.request.cancelled]
        self.ticks += 1
        return chunks

    def abandon(self) -> list[Request]:
        """After a tick that raised: free every slot, and return the requests that lost their audio.

        Raises what torch raises when the device does not work any more.
        """
        lost = [seat.request for seat in self._seats.values()]
        lost += [request for flight in self._flights for request, _, last in flight.parts if last]
        self._seats.clear()
        self._flights.clear()
        with self._computing():
            for slot in range(self.limits.slots):
                self._state.free(slot)
            self._state.read()
        return lost

    def _seat_waiting(self) -> None:
        for slot in range(self.limits.slots):
            if slot in self._seats:
                continue
            request = self._waiting.take()
            if request is None:
                return
            in_use = {seat.voice for seat in self._seats.values()}
            seat = self._seats[slot] = _Seat(request, slot)  # before the work: a tick that fails returns it too
            voice = self._voices.place(request.description, in_use)
            if voice is None:
                del self._seats[slot]
                self._waiting.put_back(request)
                return
            seat.voice = voice
            tokens = len(request.prompt)
            self._state.put_prompt(slot, voice, request.prompt)
            self._prefill(next(length for length in self._lengths if length >= tokens))
            self._state.seat(slot, voice, tokens, request.most_frames, request.least_frames, request.sampling)

    def _run_steps(self) -> None:
        """How far a slot can have come is known here, so that the device is not asked for the context of each step."""
        for _ in range(self.limits.steps):
            context = 1 + max(
                len(seat.request.prompt) + min(seat.steps, seat.request.most_frames + self.shape.codebooks - 1)
                for seat in self._seats.values()
            )
            self._step(next(size for size in self.contexts if size >= context))
            for seat in self._seats.values():
                seat.steps += 1

    def _start_decoding(self) -> None:
        """See how far the slots are, and start to decode what is complete. Slots that are over become free."""
        state = self._state.read()
        windows: list[tuple[int, Window]] = []
        parts: list[tuple[Request, int, bool]] = []
        over: list[int] = []
        for seat in self._seats.values():
            frames, column, active = (state[row][seat.slot] for row in (Row.FRAMES, Row.COLUMN, Row.ACTIVE))
            have = min(frames, max(0, column - self.shape.codebooks + 1)) if active else frames
            new = plan(seat.emitted, have, not active, self.limits.first_frames, self.limits.chunk_frames)
            windows += [(seat.slot, window) for window in new]
            if new:
                seat.emitted = new[-1].end
            if new or not active:
                parts.append((seat.request, len(new), not active))
            if not active:
                over.append(seat.slot)
        if parts:
            self._flights.append(_Flight(self._codec.decode(windows, self._state.codes), parts))
        for slot in over:
            del self._seats[slot]

    def _landed(self) -> Iterator[Chunk]:
        """Chunks that are decoded, waiting for one where there is nothing else to do or too much under way."""
        while self._flights:
            flight = self._flights[0]
            if not flight.decoding.ready:
                if self._seats and len(self._flights) <= _MOST_DECODINGS:
                    return
                flight.decoding.wait()
            pieces = iter(self._flights.popleft().decoding.pieces)
            for request, count, last in flight.parts:
                for n in range(count):
                    piece = next(pieces)
                    yield Chunk(request, piece.audio, piece.codes, last and n == count - 1)
                if last and not count:
                    yield Chunk(request, torch.zeros(0), self._state.codes.new_zeros(self.shape.codebooks, 0), True)

    @contextmanager
    def _computing(self) -> Iterator[None]:
        # Not torch.cuda.stream(None): that takes memory of a GPU even where the model is on the CPU.
        stream: Any = nullcontext() if self._stream is None else torch.cuda.stream(self._stream)
        with torch.no_grad(), stream:
            yield
