"""What goes into a batch and what comes out of it, and how much it takes."""

import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from torch import Tensor

from app.engines.base import EngineOverloaded
from app.engines.parler.sampling import Sampling


@dataclass(frozen=True, slots=True)
class Limits:
    slots: int = 16
    frames: int = 1723
    """Of the longest clause."""
    prompt: int = 256
    """Tokens of the longest text."""
    voices: int = 4
    description: int = 64
    """Tokens of the longest description."""
    first_frames: int = 8
    chunk_frames: int = 32
    steps: int = 4
    """Of one tick: how long a cancelled request can go on, and a new one has to wait."""
    waiting: int = 256
    """Requests without a slot; more are refused."""

    def cache(self, codebooks: int) -> int:
        """Entries of a slot, rounded up: the prompt, the frames, and the columns by which codebooks lag."""
        return -(-(self.prompt + self.frames + codebooks) // 64) * 64


@dataclass(slots=True, eq=False)
class Request:
    """One clause. Compared by identity: equal clauses of two calls stay two."""

    prompt: Sequence[int]
    description: tuple[int, ...]
    most_frames: int
    sampling: Sampling = field(default_factory=Sampling)
    least_frames: int = 0
    """No end before so many; for measuring with random weights."""
    cancelled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    request: Request
    audio: Tensor
    """float32 [samples], on the CPU. The last chunk may have none."""
    codes: Tensor
    """[K, frames], on the device: what the audio was made of."""
    last: bool


class Waiting:
    """Requests without a slot: urgent ones first, otherwise in order. For any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._urgent: deque[Request] = deque()
        self._normal: deque[Request] = deque()

    def __len__(self) -> int:
        return len(self._urgent) + len(self._normal)

    def put(self, request: Request, urgent: bool) -> None:
        """Raises EngineOverloaded when too many wait."""
        with self._lock:
            if len(self) >= self._most:
                raise EngineOverloaded(
                    f"tts: {len(self)} clauses are waiting already; raise tts.slots or take fewer calls"
                )
            (self._urgent if urgent else self._normal).append(request)

    def take(self) -> Request | None:
        with self._lock:
            queue = self._urgent or self._normal
            return queue.popleft() if queue else None

    def put_back(self, request: Request) -> None:
        """Before all others: what was taken cannot be seated yet."""
        with self._lock:
            self._urgent.appendleft(request)

    def cancel(self, request: Request) -> None:
        with self._lock:
            request.cancelled = True
            for queue in (self._urgent, self._normal):
                with suppress(ValueError):
                    queue.remove(request)
