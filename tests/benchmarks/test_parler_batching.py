"""What it saves that Parler-TTS speaks clauses in lockstep: our batch on one thread against the parler-tts package.

The package speaks one clause after the other; so does our batch with one slot. On a processor as small as this no size
is faster than real time; it is the gain that is looked at. Random weights, greedy, clauses of fixed length.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="make test-engines installs what this compares with")
if find_spec("parler_tts") is None:
    pytest.skip("make test-engines installs parler_tts", allow_module_level=True)

import torch

from app.engines.parler.batch import Batch
from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.requests import Limits, Request
from app.engines.parler.sampling import Sampling
from tests.benchmarks.rounds import medians_s, show
from tests.checkpoints import parler
from tests.engines.parler.reference import Reference

CLAUSES, FRAMES = 16, 24
DESCRIPTION = tuple(range(3, 43))
SIZES = {
    "2 layers of 32": replace(parler.TINY, end_gain=-1.0),
    "8 layers of 512": replace(parler.MEDIUM, width=512, layers=8, heads=8, ffn=2048, end_gain=-1.0),
}
pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]


def prompt(n: int) -> list[int]:
    return [(7 * n + at) % 200 + 3 for at in range(30)]


def in_slots(folder: Path, slots: int) -> Callable[[], None]:
    batch = Batch(Checkpoint(folder), Limits(slots=slots, frames=64, prompt=32), torch.device("cpu"), torch.float32)

    def run() -> None:
        for n in range(CLAUSES):
            batch.submit(Request(prompt(n), DESCRIPTION, FRAMES, Sampling(temperature=0.0), FRAMES))
        ended = 0
        while not batch.idle:
            ended += sum(chunk.last for chunk in batch.tick())
        assert ended == CLAUSES

    return run


def by_the_package(folder: Path) -> Callable[[], None]:
    reference = Reference(folder)

    def run() -> None:
        for n in range(CLAUSES):
            spoken = reference.speak(prompt(n), list(DESCRIPTION), FRAMES)
            assert spoken.codes.shape[-1] == FRAMES

    return run


@pytest.mark.parametrize("size", SIZES)
def test_clauses_in_lockstep_cost_less(size: str, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    folder = parler.write(tmp_path / "parler", SIZES[size])
    ways = {"the package": by_the_package(folder)}
    ways |= {f"{slots} slots": in_slots(folder, slots) for slots in (1, 4, 16)}
    took_s = medians_s(ways, rounds=1)
    steps = FRAMES + parler.CODEBOOKS - 1
    rows = [
        [name, f"{each * 1000 / CLAUSES:.0f}", f"{CLAUSES * steps / each:.0f}", f"{took_s['the package'] / each:.1f}"]
        for name, each in took_s.items()
    ]
    show(
        f"Parler, {size}, random weights, 1 thread: {CLAUSES} clauses of {FRAMES} frames",
        ["", "ms a clause", "its steps a second", "times faster"], rows, "processor time, codec included",
    )  # fmt: skip
    assert took_s["16 slots"] < 0.7 * took_s["the package"]
    assert took_s["16 slots"] < took_s["1 slots"]
