"""The HTTP and WebSocket routes.

POST /twilio/voice    a call comes in: TwiML that connects its audio, or "busy"
WS   /twilio/media    that audio, both ways
POST /twilio/ended    the audio is over: TwiML that hangs up
POST /twilio/status   what became of a call or a stream: logged
GET  /healthz         the process is alive
GET  /readyz          it takes calls; 503 and the reason while it does not
"""

import logging
import secrets
import time

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from app.config import Settings
from app.form import call_id_of, loggable, read_form
from app.switchboard import Switchboard
from telephony.errors import REFUSED, WireError
from telephony.events import Started
from telephony.twilio import twiml
from telephony.twilio.codec import TwilioCodec
from telephony.twilio.rest import TwilioRest
from telephony.twilio.signature import HEADER, Signatures, same_account
from telephony.twilio.token import PARAMETER, Tokens
from telephony.websocket import open_line, refuse

log = logging.getLogger(__name__)

_CALLER = "caller"
"""Stream parameter that carries the caller's number to the media socket."""


def build(settings: Settings, switchboard: Switchboard, rest: TwilioRest | None = None) -> Starlette:
    """The application. `rest` is needed to transfer calls."""
    routes = Routes(settings, switchboard, rest)
    return Starlette(
        routes=[
            Route("/twilio/voice", routes.voice, methods=["POST"]),
            WebSocketRoute("/twilio/media", routes.media),
            Route("/twilio/ended", routes.ended, methods=["POST"]),
            Route("/twilio/status", routes.status, methods=["POST"]),
            Route("/healthz", routes.alive),
            Route("/readyz", routes.ready),
        ],
        exception_handlers={HTTPException: _refuse},
    )


class Routes:
    def __init__(self, settings: Settings, switchboard: Switchboard, rest: TwilioRest | None) -> None:
        self._settings = settings
        self._switchboard = switchboard
        self._rest = rest
        token = settings.twilio.auth_token.get_secret_value()
        # Every process of a deployment has the same auth token, so any of them can check what another one issued.
        self._tokens = Tokens(token.encode() if token else secrets.token_bytes(32))
        self._signatures: Signatures | None = None
        if settings.twilio.configured and settings.server.public_url is not None:
            self._signatures = Signatures(token, str(settings.server.public_url))

    async def voice(self, request: Request) -> Response:
        form = await self._signed_form(request)
        call_id = call_id_of(form)
        if not self._switchboard.admits:
            log.warning("call %s refused: %s, %d live", call_id, self._switchboard.state, self._switchboard.live)
            return _twiml(twiml.busy())
        log.info("call %s is coming in", call_id)
        parameters = {PARAMETER: self._tokens.issue(call_id, time.time()), _CALLER: str(form.get("From", ""))[:64]}
        stream_url, action_url, status_url = (
            (
                self._signatures.stream_url("/twilio/media"),
                self._signatures.url("/twilio/ended"),
                self._signatures.url("/twilio/status"),
            )
            if self._signatures
            else (f"ws://{request.url.netloc}/twilio/media", f"http://{request.url.netloc}/twilio/ended", None)
        )
        return _twiml(
            twiml.connect(stream_url, action_url=action_url, parameters=parameters, stream_status_url=status_url)
        )

    async def media(self, websocket: WebSocket) -> None:
        board = self._switchboard
        signature = websocket.headers.get(HEADER)
        if self._signatures and not self._signatures.upgrade_ok(websocket.url.path, signature):
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
                transfer=self._rest.transfer if self._rest else None,
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
        await self._signed_form(request)
        return _twiml(twiml.hang_up())

    async def status(self, request: Request) -> Response:
        form = await self._signed_form(request)
        told = (f"{key} {loggable(str(form[key]))}" for key in _STATUS_FIELDS if key in form)
        log.info("call %s: %s", call_id_of(form), ", ".join(told))
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

    async def _signed_form(self, request: Request) -> FormData:
        """The form Twilio posted. Raises HTTPException when it is none, not Twilio's, or not about our account."""
        form = await read_form(request)
        if self._signatures is None:
            return form
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        genuine = self._signatures.request_ok(path, form, request.headers.get(HEADER))
        if not genuine or not same_account(self._settings.twilio.account_sid, str(form.get("AccountSid", ""))):
            raise HTTPException(403, "not signed by Twilio for this account and server.public_url")
        return form

    def _admit(self, started: Started) -> None:
        """Raises WireError when the stream was not asked for by our own webhook, or belongs to another account."""
        configured = self._settings.twilio.account_sid
        if configured and not same_account(configured, started.account_id):
            raise WireError(REFUSED, "the stream belongs to another account")
        self._tokens.accept(started.parameters.get(PARAMETER, ""), started.call_id, time.time())
        if not self._switchboard.admits:
            raise WireError(REFUSED, f"no room: {self._switchboard.live} live calls")


_STATUS_FIELDS = ("CallStatus", "CallDuration", "StreamEvent", "StreamError", "AnsweredBy", "ErrorCode")


async def _refuse(request: Request, error: Exception) -> Response:
    """Requests for what there is are logged; scanners ask for what there is not."""
    if not isinstance(error, HTTPException):
        raise error
    if "endpoint" in request.scope:
        log.warning("%s %s refused: %s", request.method, request.url.path, error.detail)
    return PlainTextResponse(error.detail, error.status_code, error.headers)


def _twiml(document: str) -> Response:
    return Response(document, media_type=twiml.CONTENT_TYPE)
