"""`kva dial` and `kva hang-up`: asks Twilio to call somebody for the running server, or to end a call."""

import asyncio

from app.config import ConfigError, Settings
from app.desk import Desk, open_desk
from telephony.twilio.rest import API_URL, TwilioRest


def place_call(settings: Settings, number: str, *, detect_voicemail: bool = True, api_url: str = API_URL) -> str:
    """Call `number` (E.164); returns Twilio's id of the call, which rings from now on.

    `detect_voicemail`: have Twilio tell the server when a machine has taken the call, for a fee.
    Raises ConfigError when a setting is missing, CarrierError when Twilio refuses or cannot be reached.
    """
    check_dialling(settings)
    return asyncio.run(_place_call(open_desk(settings), number, detect_voicemail, api_url))


def check_dialling(settings: Settings) -> None:
    """Raises ConfigError that names every key that dialling out needs and does not have."""
    needed = {
        "twilio.account_sid": settings.twilio.account_sid,
        "twilio.auth_token": settings.twilio.auth_token.get_secret_value(),
        "twilio.phone_number": settings.twilio.phone_number,
        "server.public_url": settings.server.public_url,
    }
    if missing := [key for key, value in needed.items() if not value]:
        variables = ["KVA_" + key.upper().replace(".", "__") for key in missing]
        raise ConfigError(f"{', '.join(missing)}: needed to dial out (set it in kva.toml or as {', '.join(variables)})")


def end_call(settings: Settings, call_id: str, *, api_url: str = API_URL) -> None:
    """End a call, whatever it is doing; one that is over already is fine. Raises ConfigError, CarrierError."""
    if not settings.twilio.configured:
        raise ConfigError(
            "twilio.account_sid, twilio.auth_token: needed to end a call "
            "(set them as KVA_TWILIO__ACCOUNT_SID, KVA_TWILIO__AUTH_TOKEN)"
        )
    asyncio.run(_end_call(settings, call_id, api_url))


async def _end_call(settings: Settings, call_id: str, api_url: str) -> None:
    twilio = TwilioRest(settings.twilio.account_sid, settings.twilio.auth_token.get_secret_value(), api_url=api_url)
    try:
        await twilio.hang_up(call_id)
    finally:
        await twilio.aclose()


async def _place_call(desk: Desk, number: str, detect_voicemail: bool, api_url: str) -> str:
    settings, policy = desk.settings, desk.policy
    base = str(settings.server.public_url).rstrip("/")
    twilio = TwilioRest(settings.twilio.account_sid, settings.twilio.auth_token.get_secret_value(), api_url=api_url)
    try:
        return await twilio.dial(
            number,
            from_number=settings.twilio.phone_number,
            voice_url=f"{base}/twilio/voice",
            status_url=f"{base}/twilio/status",
            answered_url=f"{base}/twilio/answered" if detect_voicemail else None,
            # Twilio's limit lasts on when the caller was handed over: it would cut a conversation between people.
            longest_call_s=None if policy.people else int(policy.patience.longest_call_s) or None,
        )
    finally:
        await twilio.aclose()
