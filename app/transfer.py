"""Handing a caller over to a person: what Twilio is told to do, and what it asks when nobody takes the call.

Any process of a deployment can answer here, except for the whisper, which only the one that had the call knows.
"""

import io
import logging
import re
import time
import wave
from typing import Final, Literal, get_args

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.config import Settings
from app.form import Forms, call_id_of, caller_of, is_outbound, loggable
from app.switchboard import Switchboard
from telephony.errors import CarrierError
from telephony.events import RATE_HZ, Started, Transfer
from telephony.twilio import twiml
from telephony.twilio.rest import TwilioRest
from telephony.twilio.whispers import Whispers

log = logging.getLogger(__name__)

CALLER_ID: Final = "caller_id"
"""Stream parameter: the number that a person sees instead of the caller's."""
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_DIALLING_S = twiml.RING_S + 15.0
"""By then a person has answered, or Twilio has asked what to do for the caller."""
_INVITING_S = 30.0
"""The invitation, the beep and the pause that ends a message take no longer."""
_FETCHING_S = 3.0
"""A document's prompt is fetched so soon."""
_TALKED = ("completed", "answered")
"""The DialCallStatus of those who took the call; the rest is busy, no-answer, failed, canceled."""
Playable = Literal["message", "call_later", "farewell"]
"""The prompts that Twilio fetches and plays."""


def caller_id(form: FormData, ours: str) -> str:
    """`ours`, where the caller's number can't be shown: withheld, no number, or the one that we called. Else nothing.

    Carriers refuse calls from such numbers: https://www.twilio.com/docs/api/errors/13214
    """
    shown = not is_outbound(form) and _NUMBER.fullmatch(caller_of(form))
    return "" if shown else ours


class Transfers:
    def __init__(self, settings: Settings, switchboard: Switchboard, forms: Forms) -> None:
        self._message_s = settings.call.message_s
        self._switchboard = switchboard
        self._forms = forms
        self._whispers = Whispers()
        self.routes = [
            Route("/twilio/whisper/{token}", self.whisper, methods=["POST"]),
            Route("/twilio/dialled", self.dialled, methods=["POST"]),
            Route("/twilio/recorded", self.recorded, methods=["POST"]),
            Route("/twilio/prompt/{name}.wav", self.prompt),
        ]

    async def transfer(self, rest: TwilioRest, started: Started, asked: Transfer) -> None:
        """Have Twilio dial a person for the caller. Raises CarrierError."""
        whisper_url = None
        if asked.whisper:
            token = self._whispers.keep(asked.whisper, time.monotonic())
            whisper_url = self._forms.url(f"/twilio/whisper/{token}")
        document = twiml.dial(
            asked.target,
            action_url=self._forms.url("/twilio/dialled"),
            whisper_url=whisper_url,
            caller_id=started.parameters.get(CALLER_ID),
        )
        self._switchboard.expect_question(started.call_id, _DIALLING_S)
        try:
            await rest.transfer(started.call_id, document)
        except CarrierError:
            self._switchboard.expect_no_question(started.call_id)
            raise

    async def whisper(self, request: Request) -> Response:
        """A person has answered, and is told what the caller wants before the two are connected."""
        form = await self._forms.read(request)
        caller_call = loggable(str(form.get("ParentCallSid") or call_id_of(form)))  # the call itself is the person's
        words = self._whispers.take(request.path_params["token"], time.monotonic())
        log.info("call %s: a person answered%s", caller_call, "" if words else "; no whisper is kept here")
        return twiml_response(twiml.say(words))

    async def dialled(self, request: Request) -> Response:
        """The person's call is over, or never began: then the caller may leave a message."""
        form = await self._forms.read(request)
        call_id, became = call_id_of(form), str(form.get("DialCallStatus", ""))
        log.info("call %s: the person's line: %s", call_id, loggable(became))
        connected = became in _TALKED and form.get("DialBridged") != "false"  # false: hung up during the whisper
        if connected or form.get("CallStatus") == "completed":  # the caller has hung up
            self._switchboard.expect_no_question(call_id)
            return twiml_response(twiml.hang_up())
        if self._message_s == 0:
            return self._goodbye(call_id, "call_later")
        self._switchboard.expect_question(call_id, _INVITING_S + self._message_s)
        return twiml_response(
            twiml.take_message(
                self._prompt_url("message"),
                action_url=self._forms.url("/twilio/recorded"),
                longest_s=self._message_s,
            )
        )

    async def recorded(self, request: Request) -> Response:
        """A message was left. Twilio keeps it; its id is in the log."""
        form = await self._forms.read(request)
        call_id = call_id_of(form)
        recording = form.get("RecordingSid") or str(form.get("RecordingUrl", "")).rpartition("/")[2]
        log.info("call %s: a message was left: recording %s", call_id, loggable(str(recording)))
        return self._goodbye(call_id, "farewell")

    async def prompt(self, request: Request) -> Response:
        """A rendered prompt as a WAV file. It is the same for everybody, so anybody may fetch it."""
        name = request.path_params["name"]
        pcm = self._switchboard.prompt(name) if name in get_args(Playable) else b""
        if not pcm:
            raise HTTPException(404, "there is no such prompt")
        return Response(_wav(pcm), media_type="audio/wav", headers={"Cache-Control": "no-cache"})

    def _goodbye(self, call_id: str, name: Playable) -> Response:
        self._switchboard.expect_question(call_id, _FETCHING_S)
        return twiml_response(twiml.hang_up(self._prompt_url(name)))

    def _prompt_url(self, name: Playable) -> str | None:
        """None for a prompt that is empty, or not rendered yet."""
        return self._forms.url(f"/twilio/prompt/{name}.wav") if self._switchboard.prompt(name) else None


def twiml_response(document: str) -> Response:
    return Response(document, media_type=twiml.CONTENT_TYPE)


def _wav(pcm: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE_HZ)
        writer.writeframes(pcm)
    return file.getvalue()
