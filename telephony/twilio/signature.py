"""Is it really Twilio? Signatures of HTTP requests and of websocket upgrades, and the account a stream belongs to.

Twilio signs the URL as it knows it: the one in its console or in our TwiML. That is built from the configured public
URL, never from the Host header, which a proxy changes and an attacker chooses.
https://www.twilio.com/docs/usage/security#validating-requests
"""

# mypy: disable-error-code="no-untyped-call"

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

HEADER: Final = "x-twilio-signature"


class Signatures:
    """Checks against one account's auth token and the URL Twilio reaches this server by, such as https://voice.example.in"""

    def __init__(self, auth_token: str, public_url: str) -> None:
        parts = urlsplit(public_url)
        if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"the public URL must be https://host without a query, not {public_url!r}")
        if not auth_token:
            raise ValueError("signatures are checked with the account's auth token, which is empty")
        self._validator = RequestValidator(auth_token)
        self._base = public_url.rstrip("/")

    def url(self, path: str) -> str:
        """Where Twilio finds `path`, which may have a query string."""
        return self._base + path

    def stream_url(self, path: str) -> str:
        """The same for a websocket."""
        return "wss" + self._base.removeprefix("https") + path

    def request_ok(self, path: str, form: Mapping[str, object], signature: str | None) -> bool:
        """True when Twilio posted `form` to `path` (with its query string, as received)."""
        try:
            return signature is not None and bool(self._validator.validate(self.url(path), form, signature))
        except TypeError:  # a file among the fields, which Twilio never sends
            return False

    def upgrade_ok(self, path: str, signature: str | None) -> bool:
        """True when Twilio asked for the websocket at `path`: signed as wss:// and without parameters."""
        if signature is None:
            return False
        url = urlsplit(self.stream_url(path))
        urls = [url.geturl()]
        if url.port is None:  # Twilio may sign with the port named; the library tries that too, but takes 80 for wss
            urls.append(url._replace(netloc=f"{url.netloc}:443").geturl())
        return any(self._validator.validate(url, {}, signature) for url in urls)


def same_account(configured: str, claimed: str) -> bool:
    """Compares account SIDs in constant time."""
    return hmac.compare_digest(configured.encode(), claimed.encode())
