"""LocalAgreement-2: which words of a growing turn will stay as they are.

A turn is transcribed again and again while it grows. Words at its beginning that two passes in a row agree on are
taken for settled (Liu et al., "Low-Latency Sequence-to-Sequence Speech Recognition and Translation by Partial
Hypothesis Selection", Interspeech 2020). The last word is not, even when they agree: Kannada grows its words at the
end, and the caller may be in the middle of one.
"""

from collections.abc import Sequence

from app.engines.base import Partial


class LocalAgreement:
    """The passes of one turn."""

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._last: Sequence[str] = ()

    def hear(self, text: str) -> Partial:
        """The turn after one more pass, which heard `text`. What was stable stays, even when a pass contradicts it."""
        words = text.split()
        agreed = _common(self._last, words[:-1])
        settled = len(self._stable)
        if agreed > settled and words[:settled] == self._stable:
            self._stable = words[:agreed]
        self._last = words
        stable = " ".join(self._stable)
        return Partial(stable, " ".join([*self._stable, *words[len(self._stable) :]]))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the beginning of both are the same."""
    for count, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return count
    return min(len(one), len(other))
