"""On a GPU: CUDA graphs and the codec's own stream change nothing. Skipped where there is none."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("safetensors")

import torch

from app.engines.parler.batch import Batch
from app.engines.parler.checkpoint import Checkpoint
from app.engines.parler.graphs import Captured
from app.engines.parler.sampling import Sampling
from tests.engines.parler.jobs import LIMITS, job, joined, play

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU")


def test_graphs_speak_as_single_kernels_do(medium: Path) -> None:
    heard = []
    for captured in (False, True):
        batch = Batch(Checkpoint(medium), replace(LIMITS, slots=6), torch.device("cuda"), torch.float32)
        if captured:
            batch.warm_up()
        requests = [job(n).request(Sampling(temperature=n % 2, seed=n)) for n in range(12)]
        chunks = play(batch, requests, arrivals=[2 * n for n in range(12)], cancels={4: 12, 9: 30})
        heard.append([joined(chunks[request]) for n, request in enumerate(requests) if n not in (4, 9)])
    for plain, replayed in zip(*heard, strict=True):
        assert torch.equal(plain.codes, replayed.codes)
        # Convolutions may round to TF32, and differently in batches of another size.
        assert torch.allclose(plain.audio, replayed.audio, rtol=0, atol=1e-2)


def test_a_graph_is_captured_on_the_stream_that_replays_it() -> None:
    """Its kernels keep the priority of the stream they were captured on, whichever they are launched into."""
    numbers, seen = torch.zeros(4, device="cuda"), []

    def call(size: int) -> None:
        seen.append(torch.cuda.current_stream())
        numbers[:size] += 1

    urgent = torch.cuda.Stream(priority=-1)
    urgent.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(urgent):
        captured = Captured(call, [2, 4], torch.cuda.graph_pool_handle())
        captured(2)
    urgent.synchronize()
    assert seen == [urgent, urgent]
    assert numbers.tolist() == [1, 1, 0, 0]
