"""Why F5-TTS, and so IndicF5, is slow as published, and what the fast settings save. At real size, on this processor.

Published: 32 steps of two passes each, over a reference of 8 s and the clause, in float32. Here: 7 or 16 steps over a
reference of 3 s, both passes as one batch. One step of each is timed, and the rest multiplied out. Random weights.
"""

import pytest

pytest.importorskip("torch", reason="make test-engines installs it")

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from app.engines.indicf5.network import Network
from tests.benchmarks.indicf5_step import random_network, step
from tests.benchmarks.rounds import medians_s, show
from tests.checkpoints.indicf5 import REAL

CLAUSE_S, LONG_S, SHORT_S = 6.0, 8.0, 3.0
pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]


def teraflops(net: Network, reference_s: float) -> float:
    """Of one step. The network is on the meta device, which computes shapes only; attention counts as two products."""
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        step(net, reference_s, CLAUSE_S, "meta")()
    return float(counter.get_total_flops()) / 1e12


def test_what_the_fast_settings_of_indicf5_save() -> None:
    torch.set_num_threads(1)
    net = random_network(REAL, steps=7)
    steps = {seconds: step(net, seconds, CLAUSE_S) for seconds in (LONG_S, SHORT_S)}
    shapes = random_network(REAL, 7, "meta")
    work = {seconds: teraflops(shapes, seconds) for seconds in steps}
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
