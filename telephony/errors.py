"""What can go wrong on a telephone line.

TelephonyError
├── WireError      the peer broke its protocol, or must not be here: the connection is closed with a code
└── CarrierError   the carrier's REST API refused a request or could not be reached
"""

import re
from typing import Final

# Close codes of RFC 6455, section 7.4.1, as this package uses them on a media stream.
NORMAL: Final = 1000
UNSUPPORTED: Final = 1003
"""Binary where the carrier speaks text, or audio in another format than the one agreed on."""
MALFORMED: Final = 1007
"""Not JSON, a field missing or of the wrong type, base64 that is none."""
REFUSED: Final = 1008
"""Well formed but not allowed: out of order, another stream, a wrong token or account, no start in time."""
TOO_BIG: Final = 1009
"""A message over the size limit."""
BROKEN: Final = 1011
"""Our side cannot go on with this call: the peer does not read, or the program failed."""


class TelephonyError(Exception):
    pass


class WireError(TelephonyError):
    """What the peer sent cannot be accepted. `reason` may be logged and sent back: it quotes no audio and no secret."""

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(f"{reason} (close code {close_code})")
        self.close_code = close_code
        self.reason = reason


class CarrierError(TelephonyError):
    """The carrier did not do what it was asked. The message says what happened and what to do about it."""

    def __init__(self, message: str, *, code: int | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        """The carrier's own error number, where it gave one."""
        self.status = status
        """The HTTP status, where there was an answer."""


_NUMBER = re.compile(r"\+?\d{7,}")


def masked(text: str) -> str:
    """`text` with every telephone number in it cut to its first three and last two characters, fit for logs."""
    return _NUMBER.sub(lambda number: f"{number[0][:3]}…{number[0][-2:]}", text)
