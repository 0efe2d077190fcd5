"""What Twilio is told to do with a call: TwiML documents, as the answer of a webhook or of a REST update."""

# mypy: disable-error-code="no-untyped-call"

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from twilio.twiml.voice_response import Connect, Dial, VoiceResponse

from telephony.events import Words

CONTENT_TYPE: Final = "application/xml"
PARAMETER_LIMIT: Final = 500
"""Characters in the name and the value of one stream parameter."""
RING_S: Final = 25
"""Whoever a caller is handed over to; Twilio lets it ring up to 5 s longer."""
SAY_BYTES: Final = 1500
"""Of one text that is read out. Twilio takes 4,500 characters of it URL-encoded, where each byte of Kannada has three:
https://www.twilio.com/docs/api/errors/13521"""
VOICES: Final[Mapping[str, str]] = {"kn-IN": "Google.kn-IN-Standard-C", "en-IN": "Google.en-IN-Standard-A"}
"""The voice of each language that is read out. Twilio's own voices know no Kannada, Google's do:
https://www.twilio.com/docs/voice/twiml/say/text-speech#available-voices-and-languages"""
MESSAGE_PAUSE_S: Final = 5
"""Silence of so long ends a message."""


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


def dial(target: str, *, action_url: str, whisper_url: str | None = None, caller_id: str | None = None) -> str:
    """Connect the caller to `target`, an E.164 number or a SIP URI. What comes next Twilio asks at `action_url`.

    Whoever answers hears the document at `whisper_url` first, while the caller hears it ring. `caller_id` is the number
    they see, one of this account's; without it, the caller's own. https://www.twilio.com/docs/voice/twiml/dial
    """
    dialling = Dial(action=action_url, method="POST", timeout=RING_S, answer_on_bridge=True, caller_id=caller_id)
    add = dialling.sip if target.startswith(("sip:", "sips:")) else dialling.number
    add(target, **({"url": whisper_url, "method": "POST"} if whisper_url else {}))
    response = VoiceResponse()
    response.append(dialling)
    return str(response)


def say(words: Sequence[Words]) -> str:
    """Read `words` out, one after the other; without any, do nothing: a document for whoever is dialled."""
    response = VoiceResponse()
    for each in words:
        text = each.text.encode()[:SAY_BYTES].decode(errors="ignore")
        response.say(text, language=each.language, voice=VOICES.get(each.language))
    return str(response)


def take_message(invitation_url: str | None, *, action_url: str, longest_s: int) -> str:
    """Play the invitation, then record the caller after a beep, until '#', a pause or `longest_s` seconds.

    Twilio asks `action_url` what comes next, but hangs up when nothing was said:
    https://www.twilio.com/docs/voice/twiml/record
    """
    response = VoiceResponse()
    if invitation_url:
        response.play(invitation_url)
    response.record(
        action=action_url,
        method="POST",
        timeout=MESSAGE_PAUSE_S,
        finish_on_key="#",
        max_length=max(2, longest_s),  # 1 is an error
        play_beep=True,
    )
    response.hangup()
    return str(response)


def hang_up(farewell_url: str | None = None) -> str:
    """End the call, after playing what is at `farewell_url`; without it, not a word."""
    response = VoiceResponse()
    if farewell_url:
        response.play(farewell_url)
    response.hangup()
    return str(response)


def busy() -> str:
    """Refuse a call that has not been answered: the caller hears the busy tone and pays nothing."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)
