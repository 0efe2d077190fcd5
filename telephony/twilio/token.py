"""One-time tokens that tie a media stream to the webhook that asked for it.

A token travels in the TwiML as a stream parameter and comes back in `start`. It needs no shared store: any process that
has the secret can check it, and it is short-lived. Each process remembers for itself what it has accepted once.

    token = <expiry, Unix seconds>.<nonce>.<HMAC-SHA256(key, "<expiry>.<nonce>.<call id>")>
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from typing import Final

from telephony.errors import REFUSED, WireError

PARAMETER: Final = "token"
"""Name of the stream parameter."""
TTL_S: Final = 60
USED_MOST: Final = 100_000
"""Tokens remembered as used. Only genuine ones get here, so this many would mean 1,600 calls a second."""


class Tokens:
    """`now` is Unix time in seconds, so that several processes mean the same."""

    def __init__(self, secret: bytes, *, ttl_s: int = TTL_S) -> None:
        if not secret:
            raise ValueError("tokens need a secret")
        self._key = hmac.digest(secret, b"media stream token", hashlib.sha256)  # the secret itself serves elsewhere
        self._ttl_s = ttl_s
        self._used: OrderedDict[str, int] = OrderedDict()

    def issue(self, call_id: str, now: float) -> str:
        claim = f"{int(now) + self._ttl_s}.{secrets.token_urlsafe(12)}"
        return f"{claim}.{self._sign(claim, call_id)}"

    def accept(self, token: str, call_id: str, now: float) -> None:
        """Raises WireError when `token` was not issued for this call, is too old, or was accepted before."""
        claim, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(claim, call_id).encode()):
            raise WireError(REFUSED, "the stream token is missing, forged or of another call")
        expiry_text, _, nonce = claim.partition(".")
        expiry = int(expiry_text)
        if now > expiry:
            raise WireError(REFUSED, f"the stream token expired {now - expiry:.0f} s ago")
        self._forget(now)
        if nonce in self._used:
            raise WireError(REFUSED, "the stream token was used before")
        if len(self._used) >= USED_MOST:
            raise WireError(REFUSED, "too many streams started within the life of a token")
        self._used[nonce] = expiry

    def _sign(self, claim: str, call_id: str) -> str:
        return hmac.new(self._key, f"{claim}.{call_id}".encode(), hashlib.sha256).hexdigest()

    def _forget(self, now: float) -> None:
        """Drop used tokens that have expired: nearly in the order of their use, so one may stay a little longer."""
        while self._used and next(iter(self._used.values())) < now:
            self._used.popitem(last=False)
