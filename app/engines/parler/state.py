"""All that a step reads and writes. The tensors are made once and never replaced: CUDA graphs hold their addresses."""

from collections.abc import Sequence
from enum import IntEnum, auto

import torch

from app.engines.parler.checkpoint import Shape
from app.engines.parler.sampling import Sampling


class Row(IntEnum):
    """Rows of `State.ints`, one number a slot."""

    POSITION = 0
    """Of the column that the next step computes, in the model: length of the prompt + column."""
    COLUMN = auto()
    FRAMES = auto()
    """How many frames the clause has: `LIMIT`, until the first codebook ends before."""
    LIMIT = auto()
    LEAST = auto()
    """Frames before which no codebook ends."""
    VOICE = auto()
    TOP_K = auto()
    KEY = auto()
    """Of the randomness."""
    OPENED = auto()
    """The last codebook that may end."""
    ACTIVE = auto()
    """1, until the slot is over. A slot that is not takes part in every step and changes nothing of its own."""


class State:
    def __init__(self, shape: Shape, slots: int, cache: int, prompt: int, device: torch.device, dtype: torch.dtype):
        """`cache`: entries of a slot; `prompt`: tokens of the longest prompt."""
        head = shape.width // shape.heads
        size = (2, slots, shape.heads, cache, head)
        self.slots = slots
        self.device = device
        self.keys_values = [torch.zeros(size, device=device, dtype=dtype) for _ in range(shape.layers)]
        """A layer: [2, S, H, M, d]."""
        self.ints = torch.zeros(len(Row), slots, dtype=torch.long, device=device)
        self.temperature = torch.ones(slots, device=device)
        self.top_p = torch.ones(slots, device=device)
        self.fed = torch.full((slots, shape.codebooks), shape.begin, device=device)
        """[S, K]: the column that the next step gets."""
        self.ended = torch.zeros(slots, shape.codebooks, dtype=torch.bool, device=device)
        self.codes = torch.zeros(slots, cache + 1, shape.codebooks, dtype=torch.long, device=device)
        """[S, M + 1, K]: the columns so far. Column 0 is where slots that are not active write."""
        self.prompt = torch.zeros(prompt, dtype=torch.long, device=device)
        """Of the slot that is being prefilled, padded."""
        self.place = torch.zeros(2, dtype=torch.long, device=device)
        """That slot, and its voice."""
        self._begin = shape.begin

    def put_prompt(self, slot: int, voice: int, prompt: Sequence[int]) -> None:
        """What the next prefill computes."""
        padded = [*prompt, *[0] * (len(self.prompt) - len(prompt))]
        self.prompt.copy_(torch.tensor(padded))
        self.place.copy_(torch.tensor([slot, voice]))

    def seat(self, slot: int, voice: int, prompt: int, frames: int, least: int, sampling: Sampling) -> None:
        """Let a prefilled slot speak from the next step on. `prompt`: its tokens."""
        row = [prompt, 0, frames, frames, least, voice, sampling.top_k, sampling.key, 0, 1]
        self.fed[slot] = self._begin
        self.ended[slot] = False
        self.temperature[slot] = sampling.temperature
        self.top_p[slot] = sampling.top_p if sampling.top_p < 1 else 2.0  # shares may add up to a bit more than 1
        self.ints[:, slot] = torch.tensor(row).to(self.device)

    def free(self, slot: int) -> None:
        self.ints[Row.ACTIVE, slot] = 0

    def read(self) -> list[list[int]]:
        """`ints`, by row. Waits for the steps so far."""
        rows: list[list[int]] = self.ints.tolist()
        return rows
