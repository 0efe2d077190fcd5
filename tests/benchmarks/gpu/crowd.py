"""Parler's batch as calls use it: so many clauses at once, from the request to the last sound."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.engines.parler.batch import Batch
from app.engines.parler.requests import Request
from app.engines.parler.sampling import Sampling
from tests.benchmarks.gpu.device import Device
from tests.benchmarks.gpu.report import Row
from tests.benchmarks.gpu.sizes import Plan
from tests.benchmarks.gpu.steps import batch

SECTION = "Parler, a crowd"
FIRST_AUDIO_MS = 100
STREAMS = 30
_PROMPT, _DESCRIPTION = 40, tuple(range(3, 43))


@dataclass(slots=True)
class Clause:
    request: Request
    asked_s: float
    first_s: float | None = None
    heard_s: float = 0.0
    """Seconds of audio so far."""
    stalls: int = 0
    """Chunks that came after all before them would have been played out."""
    done: bool = False


@dataclass(slots=True)
class Stage:
    """Clauses that a batch speaks, and when their audio came."""

    batch: Batch
    clause_s: float
    clauses: dict[Request, Clause] = field(default_factory=dict)
    asked: int = 0

    def ask(self) -> Clause:
        self.asked += 1
        frames = round(self.clause_s * self.batch.shape.frames_per_s)
        prompt = [(self.asked * 7 + n) % 200 + 3 for n in range(_PROMPT)]
        request = Request(prompt, _DESCRIPTION, frames, Sampling(1.0, 50, 1.0, self.asked), frames)
        clause = self.clauses[request] = Clause(request, time.perf_counter())
        self.batch.submit(request, urgent=True)
        return clause

    def tick(self) -> None:
        for chunk in self.batch.tick():
            clause = self.clauses[chunk.request]
            now = time.perf_counter()
            if len(chunk.audio):
                if clause.first_s is None:
                    clause.first_s = now
                elif now > clause.first_s + clause.heard_s:
                    clause.stalls += 1
                clause.heard_s += len(chunk.audio) / self.batch.shape.rate_hz
            clause.done = chunk.last

    def run(self, clauses: list[Clause]) -> None:
        while not all(clause.done for clause in clauses):
            self.tick()


def rows(device: Device, plan: Plan, folder: Path) -> Iterator[Row]:
    for slots in plan.slots:
        stage = Stage(batch(folder, plan, slots), plan.clause_s)
        stage.batch.warm_up()
        stage.run([stage.ask()])  # the voice is encoded by the first clause
        yield from together(stage, slots)
        if slots > 1:
            yield from joining(stage, slots, probes=-(-plan.rounds // 2))
        yield Row(SECTION, f"{slots} at once: memory of the device in use", device.used_mb(), "MB")
        del stage
        device.forget()


def together(stage: Stage, slots: int) -> Iterator[Row]:
    """All begin in the same moment, the worst there is."""
    began_s = time.perf_counter()
    clauses = [stage.ask() for _ in range(slots)]
    stage.run(clauses)
    took_s = time.perf_counter() - began_s
    firsts = [(clause.first_s - clause.asked_s) * 1000 for clause in clauses if clause.first_s is not None]
    streams = sum(clause.heard_s for clause in clauses) / took_s
    full = slots >= STREAMS
    yield Row(SECTION, f"{slots} at once: real-time streams", streams, "streams", least=STREAMS if full else None)
    yield Row(SECTION, f"{slots} at once: real-time factor of each", took_s / stage.clause_s, "times", most=1.0)
    yield Row(SECTION, f"{slots} at once: first audio, median", statistics.median(firsts), "ms", most=FIRST_AUDIO_MS)
    yield Row(SECTION, f"{slots} at once: first audio, last of them", max(firsts), "ms")
    yield Row(SECTION, f"{slots} at once: stalls", sum(clause.stalls for clause in clauses), "stalls", most=0)


def joining(stage: Stage, slots: int, probes: int) -> Iterator[Row]:
    """One clause begins while all other slots speak."""
    firsts = []
    others = [stage.ask() for _ in range(slots - 1)]
    for _ in range(probes):
        while any(clause.first_s is None for clause in others):
            stage.tick()
        probe = stage.ask()
        while probe.first_s is None:
            stage.tick()
        firsts.append((probe.first_s - probe.asked_s) * 1000)
        stage.batch.cancel(probe.request)
        others = [clause if not clause.done else stage.ask() for clause in others]
    for clause in others:
        stage.batch.cancel(clause.request)
    stage.tick()
    median_ms = statistics.median(firsts)
    yield Row(SECTION, f"one joins {slots - 1}: first audio, median", median_ms, "ms", most=FIRST_AUDIO_MS)
    yield Row(SECTION, f"one joins {slots - 1}: first audio, slowest of {probes}", max(firsts), "ms")
