"""One step of IndicF5's network with random weights: a clause behind a reference."""

from collections.abc import Callable

import torch

from app.engines.indicf5.network import Network
from app.engines.indicf5.speaker import schedule
from app.engines.indicf5.vocoder import HOP, RATE_HZ
from tests.checkpoints.indicf5 import Shape, network, turns

_LETTERS_PER_S = 15


def random_network(shape: Shape, steps: int, device: str = "cpu", dtype: str = "float32") -> Network:
    weights = {name: torch.randn(size) * 0.02 for name, size in network(shape)}
    weights["rotary_embed.inv_freq"] = turns(shape)
    return Network(weights, schedule(steps)[:-1], device, getattr(torch, dtype))


def step(net: Network, reference_s: float, clause_s: float, device: str = "cpu") -> Callable[[], None]:
    whole = frames(reference_s + clause_s)
    text = torch.arange(round(_LETTERS_PER_S * (reference_s + clause_s)), device=device) % 60
    given = net.given(torch.randn(frames(reference_s), 100, device=device), text, whole)
    mel = torch.randn(whole, 100, device=device)

    def run() -> None:
        with torch.inference_mode():
            net.flow(mel, 0, given, lambda: False)

    return run


def frames(seconds: float) -> int:
    return round(seconds * RATE_HZ / HOP)
