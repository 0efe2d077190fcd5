"""Clauses of random ids to speak, and ways to have them spoken."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from app.engines.parler.batch import Batch
from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.requests import Chunk, Limits, Request
from app.engines.parler.sampling import Sampling
from tests.engines.parler.reference import Reference, Spoken

GREEDY = Sampling(temperature=0)
LIMITS = Limits(slots=4, frames=100, prompt=64, voices=3, description=48)
_FRAMES = (90, 30, 60, 100, 9, 50, 20, 100)


@dataclass(frozen=True, slots=True)
class Job:
    prompt: tuple[int, ...]
    description: tuple[int, ...]
    frames: int

    def request(self, sampling: Sampling = GREEDY, **changes: Any) -> Request:
        return Request(self.prompt, self.description, self.frames, sampling, **changes)


def ids(seed: int, count: int, most: int) -> tuple[int, ...]:
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randint(3, most, (count,), generator=generator).tolist())


def voice(n: int) -> tuple[int, ...]:
    return ids(100 + n, (12, 27, 40)[n % 3], 113)


def job(n: int) -> Job:
    return Job(ids(n, 5 + 11 * n % 60, 512), voice(n % 3), _FRAMES[n % len(_FRAMES)])


class Gold:
    """Jobs of one checkpoint, and the package's greedy generation of each."""

    def __init__(self, folder: Path, numbers: Sequence[int]) -> None:
        self.folder = folder
        self.jobs = [job(n) for n in numbers]
        reference = Reference(folder)
        self.spoken = [reference.speak(list(job.prompt), list(job.description), job.frames) for job in self.jobs]


def make_batch(folder: Path, limits: Limits = LIMITS, **options: Any) -> Batch:
    return Batch(Checkpoint(folder), limits, torch.device("cpu"), torch.float32, **options)


def play(
    batch: Batch,
    requests: Sequence[Request],
    arrivals: Sequence[int] | None = None,
    cancels: Mapping[int, int] | None = None,
) -> dict[Request, list[Chunk]]:
    """Tick until nobody speaks. Request n is submitted before tick `arrivals[n]`, and cancelled before `cancels[n]`."""
    heard: defaultdict[Request, list[Chunk]] = defaultdict(list)
    arrivals = arrivals or [0] * len(requests)
    tick = 0
    while tick <= max(arrivals, default=0) or not batch.idle:
        for n, request in enumerate(requests):
            if arrivals[n] == tick:
                batch.submit(request)
            if (cancels or {}).get(n) == tick:
                batch.cancel(request)
        for chunk in batch.tick():
            heard[chunk.request].append(chunk)
        tick += 1
        assert tick < 2000, "the batch does not come to an end"
    return heard


def joined(chunks: Sequence[Chunk]) -> Spoken:
    return Spoken(codes_of(chunks), torch.cat([chunk.audio for chunk in chunks]))


def codes_of(chunks: Sequence[Chunk]) -> Tensor:
    return torch.cat([chunk.codes for chunk in chunks], dim=1)
