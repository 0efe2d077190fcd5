"""What Twilio is told to do with a call: TwiML documents, as the answer of a webhook or of a REST update."""

# mypy: disable-error-code="no-untyped-call"

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from twilio.twiml.voice_response import Connect, Dial, VoiceResponse

CONTENT_TYPE: Final = "application/xml"
PARAMETER_LIMIT: Final = 500
"""Characters in the name and the value of one stream parameter."""
DIAL_TIMEOUT_S: Final = 30


def connect(
    stream_url: str, *, action_url: str, parameters: Mapping[str, str], stream_status_url: str | None = None
) -> str:
    """Connect the caller's audio, both ways, to the websocket at `stream_url`.

    `parameters` come back as `Started.parameters`: the only way to hand data to the stream, since Twilio drops a query
    string. When the stream ends Twilio asks `action_url` what to do next; without an answer it hangs up. Raises
    ValueError for what Twilio would refuse while the caller waits.
    """
    parts = urlsplit(stream_url)
    if parts.scheme not in ("wss", "ws") or parts.query or parts.fragment:
        raise ValueError(f"a stream URL is wss:// without a query string, not {stream_url!r}")
    if too_long := [name for name, value in parameters.items() if len(name) + len(value) > PARAMETER_LIMIT]:
        raise ValueError(f"stream parameter {too_long[0]!r} is longer than Twilio's {PARAMETER_LIMIT} characters")
    connecting = Connect(action=action_url, method="POST")
    stream = connecting.stream(url=stream_url, status_callback=stream_status_url)
    for name, value in parameters.items():
        stream.parameter(name=name, value=value)
    response = VoiceResponse()
    response.append(connecting)
    response.hangup()
    return str(response)


def dial(target: str, *, caller_id: str | None = None) -> str:
    """Connect the caller to `target`, an E.164 number or a SIP URI, and hang up when that call is over."""
    dialling = Dial(timeout=DIAL_TIMEOUT_S, caller_id=caller_id)
    if target.startswith(("sip:", "sips:")):
        dialling.sip(target)
    else:
        dialling.number(target)
    response = VoiceResponse()
    response.append(dialling)
    response.hangup()
    return str(response)


def hang_up() -> str:
    """End the call without a word."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def busy() -> str:
    """Refuse a call that has not been answered: the caller hears the busy tone and pays nothing."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)
