"""Which sound is chosen: greedily, or by temperature, top-k and top-p, each slot by its own numbers.

The randomness is a hash of (seed, column, codebook, id) and no generator's state. So a clause sounds the same alone or
in a crowd, in any slot, and all of it can be part of a CUDA graph.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

CANDIDATES = 64
"""The likeliest ids, among which `top_k` and `top_p` choose: `top_k` cannot be larger."""
_MASK32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Sampling:
    temperature: float = 1.0
    """0: always the likeliest."""
    top_k: int = 50
    """Among so many of the likeliest; at most CANDIDATES."""
    top_p: float = 1.0
    """Among the fewest whose shares reach this together."""
    seed: int = 0

    @property
    def key(self) -> int:
        """The seed, mixed so that neighbouring seeds share nothing."""
        return int(mixed((self.seed + 0x9E3779B9) & _MASK32))


class Sampler:
    """`choose` has no control flow that depends on data, so that it can be compiled whole or captured."""

    def __init__(self, codebooks: int, ids: int, device: Any) -> None:
        codebook = torch.arange(codebooks, device=device)[:, None]
        self._salt = mixed(torch.arange(ids, device=device) * codebooks + codebook)  # [K, V]
        self._codebook = codebook
        self._rank = torch.arange(CANDIDATES, device=device)

    def choose(
        self, logits: Tensor, key: Tensor, column: Tensor, temperature: Tensor, top_k: Tensor, top_p: Tensor
    ) -> Tensor:
        """Ids [S, K] from float32 `logits` [S, K, V]; the other tensors are [S]. Logits of -inf are never chosen.

        Taking the largest of logit / temperature + Gumbel noise is drawing from their softmax.
        """
        logits, ids = logits.topk(CANDIDATES)  # [S, K, 64], the likeliest first
        greedy = temperature[:, None, None] <= 0
        scores = logits / temperature[:, None, None].masked_fill(greedy, 1.0)
        scores = scores.masked_fill(self._rank >= top_k[:, None, None], -torch.inf)
        shares = scores.softmax(-1)
        before = shares.cumsum(-1) - shares
        scores = scores.masked_fill(before >= top_p[:, None, None], -torch.inf)
        now = mixed((key + column) & _MASK32)[:, None, None]
        noise = gumbel(now ^ self._salt[self._codebook, ids]).masked_fill(greedy, 0.0)
        best = (scores + noise).argmax(-1, keepdim=True)
        return ids.gather(-1, best)[..., 0]


def gumbel(numbers: Tensor) -> Tensor:
    """Standard Gumbel noise by the hash of int64 numbers in [0, 2**32). float32, finite."""
    uniform = ((mixed(numbers) >> 9).float() + 0.5) * 2.0**-23  # exact, and neither 0 nor 1
    return -torch.log(-torch.log(uniform))


def mixed(numbers: Any) -> Any:
    """A hash of an int or of an int64 tensor, from [0, 2**32) to [0, 2**32).

    The factor is below 2**31, so that nothing overflows int64.
    """
    for _ in range(2):
        numbers = (((numbers >> 16) ^ numbers) * 0x45D9F3B) & _MASK32
    return (numbers >> 16) ^ numbers
