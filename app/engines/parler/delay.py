"""When each codebook begins and ends: the delay pattern, and Parler-TTS's rule of ending.

A codebook may end only once all before it have ended. A slot is over K - 1 columns after its first codebook ended:
later columns belong to no frame before that one.
"""

import torch
from torch import Tensor

from app.engines.parler.checkpoint import Shape


class Delay:
    """Pure functions of tensors, for all slots at once."""

    def __init__(self, shape: Shape, device: torch.device) -> None:
        self._begin, self._end, self._last = shape.begin, shape.end, shape.codebooks - 1
        self._codebook = torch.arange(shape.codebooks, device=device)
        ids = torch.arange(shape.ids, device=device)
        self._meaningless, self._ends = ids > shape.end, ids == shape.end

    def opened(self, opened: Tensor, ended: Tensor) -> Tensor:
        """[S]: the last codebook that may end now: one more than before, when that one has. `ended` is [S, K]."""
        return (opened + ended.gather(1, opened[:, None])[:, 0]).clamp(max=self._last)

    def allow(self, logits: Tensor, opened: Tensor, too_soon: Tensor) -> Tensor:
        """`logits` [S, K, V] with -inf for ids that mean nothing, and for the end where it may not stand.

        `too_soon` [S]: the clause has not its least number of frames yet.
        """
        not_yet = (self._codebook > opened[:, None]) | too_soon[:, None]
        return logits.masked_fill(self._meaningless | (self._ends & not_yet[..., None]), -torch.inf)

    def fill(self, chosen: Tensor, column: Tensor, limit: Tensor) -> Tensor:
        """What stands in `column` [S] where `chosen` [S, K] was chosen.

        That is the begin mark before a codebook's first frame, and the end mark after frame `limit` [S].
        """
        frame = column[:, None] - self._codebook  # counted from 1
        return chosen.masked_fill(frame > limit[:, None], self._end).masked_fill(frame <= 0, self._begin)

    def over(self, column: Tensor, frames: Tensor) -> Tensor:
        """[S] bool: no column after this one is needed for `frames` [S] frames."""
        return (column >= frames + self._last) | (frames == 0)
