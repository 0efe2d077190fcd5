"""What is to be whispered to a person who is being dialled, until Twilio asks for it.

The words are the caller's, so they travel in no URL: the URL has an unguessable token, and the words wait here, in this
process, for a short while. A request that comes late, again, or to another process finds nothing; the two are connected
without a whisper then. Twilio repeats by itself only requests that could not be delivered.
"""

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from telephony.events import Words

TTL_S: Final = 90.0
"""Longer than Twilio takes to dial and it may ring."""
MOST: Final = 1000
"""Whispers that wait at once; of more the oldest are dropped."""


class Whispers:
    """`now` is a clock of seconds that never goes back."""

    def __init__(self, *, ttl_s: float = TTL_S) -> None:
        self._ttl_s = ttl_s
        self._waiting: OrderedDict[str, tuple[float, tuple[Words, ...]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def keep(self, words: Sequence[Words], now: float) -> str:
        """The token by which `words` can be taken, once."""
        self._forget(now)
        if len(self._waiting) >= MOST:
            self._waiting.popitem(last=False)
        token = secrets.token_urlsafe(24)
        self._waiting[token] = (now + self._ttl_s, tuple(words))
        return token

    def take(self, token: str, now: float) -> tuple[Words, ...]:
        """The words kept under `token`; none when there are none any more."""
        self._forget(now)
        return self._waiting.pop(token, (0.0, ()))[1]

    def _forget(self, now: float) -> None:
        """All are kept equally long, so the first are the oldest."""
        while self._waiting and next(iter(self._waiting.values()))[0] < now:
            self._waiting.popitem(last=False)
