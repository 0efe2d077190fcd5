"""The forms that Twilio posts, read with limits: anybody can post one, and who did is known only when it is read."""

import asyncio
import re
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from app.config import Settings
from telephony.twilio.codec import SID
from telephony.twilio.signature import HEADER, Signatures, same_account

FORM_BYTES: Final = 32 * 1024
"""Twilio's forms take 1 to 2 KiB."""
FORM_FIELDS: Final = 100
FORM_S: Final = 5.0
"""A form is here after so long, or is not waited for."""
_TYPE = "application/x-www-form-urlencoded"


class Forms:
    """Reads forms and believes only Twilio's. Without an account nothing is signed, and everybody is believed."""

    def __init__(self, settings: Settings) -> None:
        self._account_sid = settings.twilio.account_sid
        self.signatures: Signatures | None = None
        if settings.twilio.configured and settings.server.public_url is not None:
            token = settings.twilio.auth_token.get_secret_value()
            self.signatures = Signatures(token, str(settings.server.public_url))

    async def read(self, request: Request) -> FormData:
        """The form Twilio posted. Raises HTTPException when it is none, not Twilio's, or not about our account."""
        form = await read_form(request)
        if self.signatures is None:
            return form
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        genuine = self.signatures.request_ok(path, form, request.headers.get(HEADER))
        if not genuine or not same_account(self._account_sid, str(form.get("AccountSid", ""))):
            raise HTTPException(403, "not signed by Twilio for this account and server.public_url")
        return form

    def url(self, path: str) -> str:
        """Where Twilio finds `path`, for a document that it asked for: the path alone will do."""
        return self.signatures.url(path) if self.signatures else path


async def read_form(request: Request) -> FormData:
    """Raises HTTPException for what is no small form; of a body that is too large nothing is kept."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise HTTPException(415, f"the body must be {_TYPE}")
    try:
        async with asyncio.timeout(FORM_S):
            body = await _read(request)
        return FormData([*parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FORM_FIELDS)])
    except TimeoutError:
        raise HTTPException(408, f"the form did not arrive within {FORM_S:g} s") from None
    except ClientDisconnect:
        raise HTTPException(400, "the form ended early") from None
    except ValueError:
        raise HTTPException(400, f"the form is not UTF-8, or has more than {FORM_FIELDS} fields") from None


async def _read(request: Request) -> bytes:
    too_large = HTTPException(413, f"the form is larger than {FORM_BYTES} bytes")
    if int(request.headers.get("content-length", 0)) > FORM_BYTES:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise too_large
    return bytes(body)


def call_id_of(form: FormData) -> str:
    """The call a form is about: it ends in logs and file names. Raises HTTPException when there is none."""
    call_id = str(form.get("CallSid", ""))
    if SID.fullmatch(call_id) is None:
        raise HTTPException(400, "CallSid is missing or not an identifier of Twilio's")
    return call_id


def is_outbound(form: FormData) -> bool:
    """The call was made by `kva dial`: https://www.twilio.com/docs/voice/twiml#request-parameters"""
    return str(form.get("Direction", "")).startswith("outbound")


_WITHHELD: Final = frozenset(("+266696687", "+7378742833", "+86282452253", "+8656696", "+2562533", "+7748283"))
"""ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN, BLOCKED and PRIVATE on a keypad: Twilio may turn the words into digits.
https://twilio.com/changelog/upcoming-changes-to-withheld-caller-ids-behavior-for-dial-calls"""


def caller_of(form: FormData) -> str:
    """The number of the person the agent talks to, whoever called whom; something else when it is withheld."""
    number = str(form.get("To" if is_outbound(form) else "From", ""))[:64]
    return "anonymous" if number in _WITHHELD else number


def loggable(text: str) -> str:
    """Short, and without line breaks and commands to a terminal."""
    return re.sub(r"[^ -~]", "?", text[:80])
