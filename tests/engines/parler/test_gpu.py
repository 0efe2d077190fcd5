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
