"""Twilio's REST API, as far as a call needs it: hang up, transfer, dial, text.

The twilio library's own client runs on a few threads: its asynchronous client ignores its time-out and proxy settings.
A request is made even when the task that asked for it is cancelled or told that it took too long, so that a hang-up is
not lost, also not one that still waits for a thread.
"""

# mypy: disable-error-code="no-untyped-call"

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from telephony.errors import CarrierError, masked

Result = TypeVar("Result")

API_URL: Final = "https://api.twilio.com"
THREADS: Final = 4
ANSWER_S: Final = 5.0
"""Time-out of one step of a request: connecting, or waiting for bytes."""
TOTAL_S: Final = 15.0
"""Time-out of a request as its caller sees it, waiting for a free thread included."""
RING_S: Final = 45
NOT_FOUND: Final = 404
OVER_CODES: Final = frozenset({20404, 21220})
"""No such call any more; the call is not in progress."""

_ADVICE: Final = {
    20003: "check twilio.account_sid and twilio.auth_token",
    20404: "the call is over, or belongs to another account",
    20429: "too many requests at once: dial more slowly, or ask Twilio for a higher limit",
    21205: "the webhook URL is not valid: check server.public_url",
    21210: "the calling number is not verified: use a number of this Twilio account in twilio.phone_number",
    21211: "the number to call is not valid: write it as +91 and ten digits",
    21212: "the calling number is not valid: check twilio.phone_number",
    21214: "the number to call cannot be reached from this account",
    21215: "allow calls to this country in the Twilio console, under Voice, Geo permissions",
    21219: "a trial account may call verified numbers only: verify the number or upgrade the account",
    21220: "the call is not in progress any more",
    21408: "allow messages to this country in the Twilio console, under Messaging, Geo permissions",
    21606: "the number in twilio.phone_number cannot send messages there: use one that can",
    21608: "a trial account may text verified numbers only: verify the number or upgrade the account",
    21610: "who has this number asked for no more messages (STOP)",
    21614: "the number is no mobile telephone: it cannot receive messages",
    21617: "the message is too long: shorten its text in the agent's file",
}


class TwilioRest:
    """One for the program, shared by all calls. `aclose` waits for requests that are under way."""

    def __init__(
        self, account_sid: str, auth_token: str, *, api_url: str = API_URL, answer_s: float = ANSWER_S
    ) -> None:
        quiet = logging.getLogger(f"{__name__}.requests")
        quiet.disabled = True  # the library logs URLs and headers
        self._client = Client(
            account_sid,
            auth_token,
            http_client=TwilioHttpClient(timeout=answer_s, max_retries=1, logger=quiet),  # only connecting is retried
            environment={"TWILIO_REGION": ""},  # not empty, or the library reads the process's environment
        )
        self._client.api.base_url = api_url
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="twilio-rest")

    async def hang_up(self, call_id: str) -> None:
        """End the call. One that is over already is fine. Raises CarrierError."""
        try:
            await self._run("hang up", lambda: self._client.calls(call_id).update(status="completed"))
        except CarrierError as error:
            if error.status != NOT_FOUND and error.code not in OVER_CODES:
                raise

    async def transfer(self, call_id: str, document: str) -> None:
        """Give the call another document (TwiML) to go on with; Twilio ends the media stream. Raises CarrierError."""
        await self._run("transfer", lambda: self._client.calls(call_id).update(twiml=document))

    async def dial(
        self,
        to: str,
        *,
        from_number: str,
        voice_url: str,
        status_url: str | None = None,
        answered_url: str | None = None,
        ring_s: int = RING_S,
        longest_call_s: int | None = None,
    ) -> str:
        """Call `to` (E.164); once answered, Twilio asks `voice_url` what to do. The call's id. Raises CarrierError.

        `status_url` is posted what becomes of the call. `answered_url` is posted who answered, a person at once and a
        machine when its announcement is over, while the call goes on; Twilio charges for finding out.
        https://www.twilio.com/docs/voice/answering-machine-detection
        """
        call = await self._run(
            "dial",
            lambda: self._client.calls.create(
                to=to,
                from_=from_number,
                url=voice_url,
                timeout=ring_s,
                **({"time_limit": longest_call_s} if longest_call_s else {}),
                **({"status_callback": status_url, "status_callback_event": _PROGRESS} if status_url else {}),
                **(_DETECTION | {"async_amd_status_callback": answered_url} if answered_url else {}),
            ),
        )
        return str(call.sid)

    async def send_sms(self, to: str, *, from_number: str, text: str) -> str:
        """Text `to` (E.164). The message's id; its delivery is Twilio's. Raises CarrierError."""
        message = await self._run("text", lambda: self._client.messages.create(to=to, from_=from_number, body=text))
        return str(message.sid)

    async def aclose(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)

    async def _run(self, what: str, request: Callable[[], Result]) -> Result:
        making = asyncio.get_running_loop().run_in_executor(self._threads, request)
        making.add_done_callback(_notice)
        try:
            if not (await asyncio.wait([making], timeout=TOTAL_S))[0]:
                raise TimeoutError
            return making.result()
        except TwilioException as error:
            raise _carrier_error(what, error) from None  # its own text holds the number
        except (TimeoutError, requests.Timeout):
            raise CarrierError(f"{what}: Twilio did not answer in time; is the network up?") from None
        except requests.RequestException as error:
            raise CarrierError(f"{what}: Twilio could not be reached ({type(error).__name__})") from None
        except ValueError:
            raise CarrierError(f"{what}: the answer was not Twilio's; is a proxy in between?") from None


def _notice(made: asyncio.Future[Result]) -> None:
    """Nobody may be left to hear of its failure; asyncio would log it, with the number in it."""
    if not made.cancelled():
        made.exception()


_PROGRESS: Final = ["initiated", "ringing", "answered", "completed"]
_DETECTION: Final = {"machine_detection": "DetectMessageEnd", "async_amd": "true"}


def _carrier_error(what: str, error: TwilioException) -> CarrierError:
    code: int | None = getattr(error, "code", None)
    status: int | None = getattr(error, "status", None)
    said = getattr(error, "msg", None) or getattr(error, "title", None) or type(error).__name__
    said = masked(str(said).removeprefix("Unable to update record: ").removeprefix("Unable to create record: "))
    advice = _ADVICE.get(code or 0, f"see https://www.twilio.com/docs/api/errors/{code}" if code else "try again")
    message = f"{what}: Twilio answered {code or status or 'with an error'}: {said}; {advice}"
    return CarrierError(message, code=code, status=status)
