"""The HTTP and WebSocket routes.

POST /twilio/voice    a call comes in: TwiML that connects its audio, or "busy"
WS   /twilio/media    that audio, both ways
POST /twilio/ended    the audio is over: TwiML that hangs up
POST /twilio/status   what became of a call or a stream: logged
POST /twilio/answered who took a call that was made: a machine is left a message
GET  /healthz         the process is alive
GET  /readyz          it takes calls; 503 and the reason while it does not

When a caller is handed over to a person (app/transfer.py):

POST /twilio/whisper/TOKEN     the person answered: TwiML that reads out what the caller wants
POST /twilio/dialled           the person's call is over, or nobody took it: TwiML that takes a message
POST /twilio/recorded          the message is over: TwiML that says goodbye
GET  /twilio/prompt/NAME.wav   what those documents play
"""

import logging
import secrets
import time
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from app.config import Settings
from app.form import Forms, call_id_of, caller_of, is_outbound, loggable
from app.switchboard import Switchboard
from app.transfer import CALLER_ID, Transfers, caller_id, twiml_response
from telephony.errors import REFUSED, CarrierError, WireError
from telephony.events import Started
from telephony.twilio import twiml
from telephony.twilio.codec import TwilioCodec
from telephony.twilio.rest import TwilioRest
from telephony.twilio.signature import HEADER, same_account
from telephony.twilio.token import PARAMETER, Tokens
from telephony.websocket import open_line, refuse

log = logging.getLogger(__name__)

_CALLER = "caller"
"""Stream parameter that carries the caller's number to the media socket."""


def build(settings: Settings, switchboard: Switchboard, rest: TwilioRest | None = None) -> Starlette:
    """The application. `rest` is needed to transfer calls."""
    forms = Forms(settings)
    transfers = Transfers(settings, switchboard, forms)
    routes = Routes(settings, switchboard, forms, transfers, rest)
    return Starlette(
        routes=[
            Route("/twilio/voice", routes.voice, methods=["POST"]),
            WebSocketRoute("/twilio/media", routes.media),
            Route("/twilio/ended", routes.ended, methods=["POST"]),
            Route("/twilio/status", routes.status, methods=["POST"]),
            Route("/twilio/answered", routes.answered, methods=["POST"]),
            Route("/healthz", routes.alive),
            Route("/readyz", routes.ready),
            *transfers.routes,
        ],
        exception_handlers={HTTPException: _refuse},
    )


class Routes:
    def __init__(
        self, settings: Settings, switchboard: Switchboard, forms: Forms, transfers: Transfers, rest: TwilioRest | None
    ) -> None:
        self._settings = settings
        self._switchboard = switchboard
        self._forms = forms
        self._transfers = transfers
        self._rest = rest
        token = settings.twilio.auth_token.get_secret_value()
        # Every process of a deployment has the same auth token, so any of them can check what another one issued.
        self._tokens = Tokens(token.encode() if token else secrets.token_bytes(32))

    async def voice(self, request: Request) -> Response:
        form = await self._forms.read(request)
        call_id, outbound = call_id_of(form), is_outbound(form)
        if not self._switchboard.admits:
            log.warning("call %s refused: %s, %d live", call_id, self._switchboard.state, self._switchboard.live)
            return twiml_response(twiml.hang_up() if outbound else twiml.busy())
        log.info("call %s %s", call_id, "was taken" if outbound else "is coming in")
        parameters = {PARAMETER: self._tokens.issue(call_id, time.time()), _CALLER: caller_of(form)}
        if shown := caller_id(form, self._settings.twilio.phone_number):
            parameters[CALLER_ID] = shown
        signatures = self._forms.signatures
        stream_url, action_url, status_url = (
            (
                signatures.stream_url("/twilio/media"),
                signatures.url("/twilio/ended"),
                signatures.url("/twilio/status"),
            )
            if signatures
            else (f"ws://{request.url.netloc}/twilio/media", f"http://{request.url.netloc}/twilio/ended", None)
        )
        return twiml_response(
            twiml.connect(stream_url, action_url=action_url, parameters=parameters, stream_status_url=status_url)
        )

    async def media(self, websocket: WebSocket) -> None:
        board = self._switchboard
        signatures, signature = self._forms.signatures, websocket.headers.get(HEADER)
        if signatures and not signatures.upgrade_ok(websocket.url.path, signature):
            await refuse(websocket, "the signature of the upgrade is missing or wrong")
            return
        if board.waiting >= self._settings.server.max_waiting or not board.admits:
            await refuse(websocket, f"{board.state}: {board.live} live, {board.waiting} waiting")
            return
        board.waiting += 1
        try:
            line = await open_line(
                websocket,
                TwilioCodec(),
                start_timeout_s=self._settings.server.start_timeout_s,
                admit=self._admit,
                transfer=partial(self._transfers.transfer, self._rest) if self._rest else None,
            )
        finally:
            board.waiting -= 1
        if line is not None:
            try:
                await board.run(line, line.started.parameters.get(_CALLER, ""))
            finally:
                await line.aclose()

    async def ended(self, request: Request) -> Response:
        """The audio is over and nothing else was arranged: without this answer the line would stay open, silent."""
        await self._forms.read(request)
        return twiml_response(twiml.hang_up())

    async def status(self, request: Request) -> Response:
        form = await self._forms.read(request)
        told = (f"{key} {loggable(str(form[key]))}" for key in _STATUS_FIELDS if key in form)
        log.info("call %s: %s", call_id_of(form), ", ".join(told))
        return Response(status_code=204)

    async def answered(self, request: Request) -> Response:
        """Twilio listened to who took the call, while the agent already talks to them.

        A machine is reported when its announcement is over: https://www.twilio.com/docs/voice/answering-machine-detection
        """
        form = await self._forms.read(request)
        call_id, who = call_id_of(form), str(form.get("AnsweredBy", ""))
        session = self._switchboard.session_of(call_id)
        log.info("call %s was taken by %s%s", call_id, loggable(who), "" if session else ", and is not live here")
        if who in _MACHINES and session is not None:
            session.voicemail()
        elif who == "fax" and self._rest is not None:
            try:
                await self._rest.hang_up(call_id)
            except CarrierError as error:
                log.error("call %s: %s", call_id, error)
        return Response(status_code=204)

    async def alive(self, request: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(self, request: Request) -> Response:
        board = self._switchboard
        state = board.state if board.state != "ready" or board.admits else "full"
        return JSONResponse(
            {"state": state, "live_calls": board.live, "most_calls": self._settings.server.max_calls},
            200 if state == "ready" else 503,
        )

    def _admit(self, started: Started) -> None:
        """Raises WireError when the stream was not asked for by our own webhook, or belongs to another account."""
        configured = self._settings.twilio.account_sid
        if configured and not same_account(configured, started.account_id):
            raise WireError(REFUSED, "the stream belongs to another account")
        self._tokens.accept(started.parameters.get(PARAMETER, ""), started.call_id, time.time())
        if not self._switchboard.admits:
            raise WireError(REFUSED, f"no room: {self._switchboard.live} live calls")


_STATUS_FIELDS = ("CallStatus", "CallDuration", "StreamEvent", "StreamError", "AnsweredBy", "ErrorCode")
_MACHINES = ("machine_end_beep", "machine_end_silence", "machine_end_other")


async def _refuse(request: Request, error: Exception) -> Response:
    """Requests for what there is are logged; scanners ask for what there is not."""
    if not isinstance(error, HTTPException):
        raise error
    if "endpoint" in request.scope:
        log.warning("%s %s refused: %s", request.method, loggable(request.url.path), error.detail)
    return PlainTextResponse(error.detail, error.status_code, error.headers)
