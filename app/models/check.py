"""`kva models check`: load a model as `kva serve` would, run it, and compare what it takes with its engine's budget."""

import asyncio
import contextlib
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.config import Settings
from app.engines.table import load_engine
from app.models.catalogue import ModelError
from app.models.presence import Kind
from app.models.store import damage, origin_of

_RATE_HZ = 8000
_TURN_S = 2
_TIMES = 3
_SENTENCES: Mapping[str, str] = {
    "to_english": "ನಮಸ್ಕಾರ, ನನ್ನ ಬಿಲ್ ಎಷ್ಟು?",
    "to_kannada": "your bill is three hundred rupees.",
    "tts": "ನಮಸ್ಕಾರ, ನಿಮ್ಮ ಬಿಲ್ ಮುನ್ನೂರು ರೂಪಾಯಿ.",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine took. Memory is of the device it runs on, libraries included; in megabytes of a million bytes."""

    load_s: float
    warm_up_s: float
    first_result_ms: float
    memory_mb: float
    budget_memory_mb: float
    budget_first_result_ms: float

    @property
    def over(self) -> list[str]:
        """What is more than the budget allows."""
        wrong = []
        if self.memory_mb > self.budget_memory_mb:
            wrong.append(f"memory: {self.memory_mb:.0f} MB, {self.budget_memory_mb:.0f} MB allowed")
        if self.first_result_ms > self.budget_first_result_ms:
            wrong.append(f"first result: {self.first_result_ms:.0f} ms, {self.budget_first_result_ms:.0f} ms allowed")
        return wrong


def check_files(folder: Path) -> None:
    """Raises ModelError when files of a model with a manifest are missing or have changed. Reads them all."""
    if origin_of(folder) is not None and (damaged := damage(folder)):
        raise ModelError(
            f"{folder} is damaged: {', '.join(damaged[:5])}; make it anew with kva models pull --again, "
            "or kva models convert if it was converted"
        )


def check(kind: Kind, settings: Settings) -> Measured:
    """Load, warm and run the engine that `settings` name for `kind`. Raises EngineError, ConfigError or ModelError."""
    return asyncio.run(_check(kind, settings))


async def _check(kind: Kind, settings: Settings) -> Measured:
    devices = {"stt": settings.stt.device, "tts": settings.tts.device}
    on_gpu = devices.get(kind, settings.translation.device) == "cuda"
    used_mb = gpu_used_mb if on_gpu else tree_mb
    before_mb, begin = used_mb(), time.perf_counter()
    engine = load_engine(kind, settings)
    loaded = time.perf_counter()
    try:
        await engine.warm_up()
        warm = time.perf_counter()
        first_ms = [await _timed_ms(engine, _FIRST_RESULT[kind]) for _ in range(_TIMES)]
        memory_mb = max(0.0, used_mb() - before_mb)
    finally:
        await engine.aclose()
    budget = getattr(settings.models.budget, kind)
    return Measured(
        load_s=loaded - begin,
        warm_up_s=warm - loaded,
        first_result_ms=statistics.median(first_ms),
        memory_mb=memory_mb,
        budget_memory_mb=budget.memory_mb,
        budget_first_result_ms=budget.first_result_ms,
    )


async def _timed_ms(engine: Any, first_result: Callable[[Any], Awaitable[object]]) -> float:
    begin = time.perf_counter()
    await first_result(engine)
    return (time.perf_counter() - begin) * 1000


async def _hear(engine: Any) -> object:
    """A turn of noise: how long a model takes hardly depends on what is said in it."""
    noise = np.random.default_rng(0).integers(-3000, 3000, _TURN_S * _RATE_HZ, dtype=np.int16)
    ear = engine.listen()
    ear.feed(noise.tobytes())
    return await ear.finish()


async def _to_english(engine: Any) -> object:
    return await engine.translate(_SENTENCES["to_english"])


async def _to_kannada(engine: Any) -> object:
    return await engine.translate(_SENTENCES["to_kannada"])


async def _speak(engine: Any) -> object:
    async with contextlib.aclosing(engine.speak(_SENTENCES["tts"])) as chunks:
        async for chunk in chunks:
            return chunk
    raise ModelError("the voice said nothing: an empty clause came back")


_FIRST_RESULT: Mapping[Kind, Callable[[Any], Awaitable[object]]] = {
    "stt": _hear,
    "to_english": _to_english,
    "to_kannada": _to_kannada,
    "tts": _speak,
}


def tree_mb() -> float:
    """Resident memory of this process and of those it started. Linux; 0 elsewhere."""
    parents, pages = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            pages[int(stat.parent.name)] = int(fields[21])
    mine = {os.getpid()}
    while more := {process for process, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(pages.get(process, 0) for process in mine) * resource.getpagesize() / 1e6


def gpu_used_mb() -> float:
    """Memory in use on the first GPU, by everybody. Raises ModelError when nvidia-smi cannot tell."""
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603
        return float(told) * (1 << 20) / 1e6
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ModelError("nvidia-smi cannot be asked about the GPU's memory; install the NVIDIA driver") from error
