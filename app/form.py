"""The forms that Twilio posts, read with limits: anybody can post one, and who did is known only when it is read."""

import asyncio
import re
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from telephony.twilio.codec import SID

FORM_BYTES: Final = 32 * 1024
"""Twilio's forms take 1 to 2 KiB."""
FORM_FIELDS: Final = 100
FORM_S: Final = 5.0
"""A form is here after so long, or is not waited for."""
_TYPE = "application/x-www-form-urlencoded"


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


def loggable(text: str) -> str:
    """Short, and without line breaks and commands to a terminal."""
    return re.sub(r"[^ -~]", "?", text[:80])
