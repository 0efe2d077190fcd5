"""Why F5-TTS, and so IndicF5, is slow as published, and what the fast settings save. At real size, on this processor.

Published: 32 steps of two passes each, over a reference of 8 s and the clause, in float32. Here: 7 or 16 steps over a
reference of 3 s, both passes as one batch. Two steps of each are run, and the rest is multiplied out. Random weights.
"""

from typing import Any

import pytest

pytest.importorskip("torch", reason="make test-engines installs it")

import torch
from torch.utils.flop_counter import FlopCounterMode

from app.engines.indicf5.network import Network
from app.engines.indicf5.speaker import schedule
from app.engines.indicf5.vocoder import HOP, RATE_HZ
from tests.benchmarks.rounds import medians_s, show
from tests.checkpoints.indicf5 import REAL, network, turns

CLAUSE_S, LONG_S, SHORT_S = 6.0, 8.0, 3.0
pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]


def frames(seconds: float) -> int:
    return round(seconds * RATE_HZ / HOP)


def step(net: Network, reference_s: float) -> Any:
    """One step for a clause of 6 s behind a reference."""
    whole = frames(reference_s + CLAUSE_S)
    text = torch.arange(round(15 * (reference_s + CLAUSE_S))) % REAL.vocabulary
    given = net.given(torch.randn(frames(reference_s), 100), text, whole)
    mel = torch.randn(whole, 100)

    def run() -> None:
        with torch.inference_mode():
            net.flow(mel, 0, given, lambda: False)

    return run


def teraflops(run: Any) -> float:
    with FlopCounterMode(display=False) as counter:
        run()
    return float(counter.get_total_flops()) / 1e12


def test_what_the_fast_settings_of_indicf5_save() -> None:
    torch.set_num_threads(1)
    shapes = {**dict(network(REAL)), "rotary_embed.inv_freq": turns(REAL).shape}
    weights = {name: torch.randn(shape) * 0.02 for name, shape in shapes.items()}
    weights["rotary_embed.inv_freq"] = turns(REAL)
    net = Network(weights, schedule(7)[:-1], "cpu", torch.float32)
    del weights
    steps = {seconds: step(net, seconds) for seconds in (LONG_S, SHORT_S)}
    work = {seconds: teraflops(run) for seconds, run in steps.items()}
    took_s = medians_s({str(seconds): run for seconds, run in steps.items()}, rounds=1)
    rows, totals = [], []
    for name, seconds, number in (
        ("as published", LONG_S, 32),
        ("short reference", SHORT_S, 32),
        ("and 16 steps", SHORT_S, 16),
        ("and 7 steps", SHORT_S, 7),
    ):
        total_s = number * took_s[str(seconds)]
        totals.append(total_s)
        cells = [f"{seconds:.0f}", f"{number}", f"{number * work[seconds]:.1f}", f"{took_s[str(seconds)]:.1f}"]
        rows.append([name, *cells, f"{total_s:.0f}", f"{totals[0] / total_s:.1f}"])
    share = 1 - CLAUSE_S / (LONG_S + CLAUSE_S)
    show(
        f"IndicF5 at real size, random weights, float32, 1 thread: a clause of {CLAUSE_S:.0f} s",
        ["", "reference s", "steps", "TFLOP", "s a step", "s in all", "times faster"], rows,
        f"of the frames, the reference is {share:.0%} at {LONG_S:.0f} s; measured: one step each; the rest follows",
    )  # fmt: skip
    assert totals[0] > 5 * totals[-1]
    assert work[LONG_S] > 1.4 * work[SHORT_S]
