"""Sampling against plain definitions of temperature, top-k and top-p."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.engines.parler.sampling import Sampler, Sampling

IDS = 200
DRAWS = 8000
ROW = torch.randn(IDS, generator=torch.Generator().manual_seed(3)) * 2


Shares = NDArray[np.float64]


def shares(row: Tensor, temperature: float, top_k: int, top_p: float) -> Shares:
    """The distribution by its definition: temperature, the likeliest `top_k`, the fewest of them up to `top_p`."""
    logits = row.double().numpy() / temperature
    order = np.argsort(-logits)[:top_k]
    kept = np.exp(logits[order] - logits[order[0]])
    kept /= kept.sum()
    fewest = int(np.searchsorted(np.cumsum(kept), min(top_p, 1 - 1e-12))) + 1
    found = np.zeros(len(logits))
    found[order[:fewest]] = kept[:fewest] / kept[:fewest].sum()
    return found


def drawn(temperature: float, top_k: int, top_p: float, seed: int = 0) -> Tensor:
    """One id for each of DRAWS columns of one clause."""
    full = torch.full((DRAWS,), 1.0)
    sampler = Sampler(1, IDS, torch.device("cpu"))
    key = torch.full((DRAWS,), Sampling(seed=seed).key)
    ids = sampler.choose(
        ROW.expand(DRAWS, 1, IDS), key, torch.arange(DRAWS), full * temperature, full.long() * top_k, full * top_p
    )
    return ids[:, 0]


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(1.0, 50, 2.0), (0.7, 20, 2.0), (1.3, 64, 0.9), (1.0, 50, 0.6), (2.0, 5, 0.95), (1.0, 64, 0.05), (1.5, 64, 0.3)],
)
def test_ids_are_drawn_as_defined(temperature: float, top_k: int, top_p: float) -> None:
    wanted = shares(ROW, temperature, top_k, top_p)
    counts = torch.bincount(drawn(temperature, top_k, top_p), minlength=IDS).numpy()
    assert counts[wanted == 0].sum() == 0
    assert counts[wanted * DRAWS >= 20].min() > 0
    common = wanted * DRAWS >= 5
    chi_squared = (((counts - wanted * DRAWS) ** 2)[common] / (wanted * DRAWS)[common]).sum()
    freedom = common.sum() - 1
    assert chi_squared <= freedom + 4 * np.sqrt(2 * freedom) + 1


def test_greedy_is_the_likeliest() -> None:
    assert set(drawn(0.0, 50, 2.0).tolist()) == {int(ROW.argmax())}
    assert set(drawn(1.0, 1, 2.0).tolist()) == {int(ROW.argmax())}


def test_neighbouring_seeds_and_codebooks_share_nothing() -> None:
    one, other = drawn(5.0, 50, 2.0, seed=7), drawn(5.0, 50, 2.0, seed=8)
    by_chance = float((one == other).float().mean())
    shifted = float((one[1:] == other[:-1]).float().mean())
    assert by_chance < 0.06
    assert shifted < 0.06
    both = Sampler(2, IDS, torch.device("cpu")).choose(
        ROW.expand(DRAWS, 2, IDS), torch.zeros(DRAWS).long(), torch.arange(DRAWS), *[torch.full((DRAWS,), 50.0)] * 3
    )
    assert float((both[:, 0] == both[:, 1]).float().mean()) < 0.06


def test_a_slot_does_not_matter() -> None:
    sampler = Sampler(3, IDS, torch.device("cpu"))
    logits = torch.randn(8, 3, IDS, generator=torch.Generator().manual_seed(4))
    numbers = (torch.arange(8) * 999, torch.arange(8), torch.ones(8), torch.full((8,), 50), torch.full((8,), 0.8))
    together = sampler.choose(logits, *numbers)
    alone = [sampler.choose(logits[n : n + 1], *(number[n : n + 1] for number in numbers))[0] for n in range(8)]
    assert torch.equal(together, torch.stack(alone))
