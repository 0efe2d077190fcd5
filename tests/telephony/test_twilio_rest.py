"""The REST client against a server on loopback that answers as Twilio does."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from telephony.errors import CarrierError
from telephony.twilio.rest import THREADS, TwilioRest
from tests.telephony.serving import served, soon

ACCOUNT, AUTH = "AC0123456789abcdef0123456789abcdef", "a-secret-token"
CALL = "CA1b161f183b2a33e8f0e1e9dd6f0e2c01"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
OK = JSONResponse({"sid": CALL, "account_sid": ACCOUNT, "status": "queued"}, 201)


@dataclass
class Twilio:
    """Answers every request with `answer`, and remembers it."""

    answer: Response = field(default_factory=lambda: OK)
    requests: list[tuple[str, str, dict[str, list[str]]]] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        form = await request.form()
        fields = {key: [str(value) for value in form.getlist(key)] for key in form}
        self.requests.append((request.method, request.url.path, fields))
        self.authorizations.add(request.headers["authorization"])
        await self.answering.wait()
        await self.answer(scope, receive, send)


@asynccontextmanager
async def client(twilio: Twilio, **options: Any) -> AsyncIterator[TwilioRest]:
    async with served(twilio) as address:
        rest = TwilioRest(ACCOUNT, AUTH, api_url=f"http://{address}", **options)
        twilio.answering.set()
        try:
            yield rest
        finally:
            await rest.aclose()


def refusal(code: int | None, status: int, message: str = "no") -> JSONResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)


async def test_hanging_up_completes_the_call() -> None:
    twilio = Twilio()
    async with client(twilio) as rest:
        await soon(rest.hang_up(CALL))
    assert twilio.requests == [("POST", f"{CALLS}/{CALL}.json", {"Status": ["completed"]})]
    assert twilio.authorizations == {"Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjphLXNlY3JldC10b2tlbg=="}


@pytest.mark.parametrize("over", [refusal(20404, 404), refusal(None, 404), refusal(21220, 400)], ids=str)
async def test_a_call_that_is_over_is_hung_up(over: Response) -> None:
    twilio = Twilio(over)
    async with client(twilio) as rest:
        await soon(rest.hang_up(CALL))
    assert len(twilio.requests) == 1


async def test_a_transfer_gives_the_call_a_new_document() -> None:
    twilio = Twilio()
    async with client(twilio) as rest:
        await soon(rest.transfer(CALL, "<Response><Dial>+918040000000</Dial></Response>"))
    document = "<Response><Dial>+918040000000</Dial></Response>"
    assert twilio.requests == [("POST", f"{CALLS}/{CALL}.json", {"Twiml": [document]})]


async def test_dialling_asks_the_webhook_when_answered() -> None:
    twilio = Twilio()
    async with client(twilio) as rest:
        call_id = await soon(
            rest.dial("+919812345678", from_number="+918040000000", voice_url="https://v.example.in/twilio/voice")
        )
    assert call_id == CALL
    assert twilio.requests == [
        (
            "POST",
            f"{CALLS}.json",
            {
                "To": ["+919812345678"],
                "From": ["+918040000000"],
                "Url": ["https://v.example.in/twilio/voice"],
                "Timeout": ["45"],
            },
        )
    ]


async def test_dialling_with_all_it_can_do() -> None:
    twilio = Twilio()
    async with client(twilio) as rest:
        await soon(
            rest.dial(
                "+919812345678",
                from_number="+918040000000",
                voice_url="https://v.example.in/twilio/voice",
                status_url="https://v.example.in/twilio/status",
                answered_url="https://v.example.in/twilio/answered",
                ring_s=20,
                longest_call_s=900,
            )
        )
    ((_, _, form),) = twilio.requests
    assert form["StatusCallback"] == ["https://v.example.in/twilio/status"]
    assert form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert (form["Timeout"], form["TimeLimit"]) == (["20"], ["900"])
    assert (form["MachineDetection"], form["AsyncAmd"]) == (["DetectMessageEnd"], ["true"])
    assert form["AsyncAmdStatusCallback"] == ["https://v.example.in/twilio/answered"]


@pytest.mark.parametrize(
    ("answer", "said", "advised"),
    [
        (refusal(20003, 401, "Authenticate"), "Twilio answered 20003: ", "check twilio.account_sid and"),
        (refusal(21211, 400, "The number +919812345678 is not valid."), "number +91…78 is not valid", "ten digits"),
        (refusal(21215, 400, "Account not authorized"), "21215", "Geo permission"),
        (refusal(20429, 429, "Too Many Requests"), "20429", "more slowly"),
        (refusal(99999, 400, "news"), "Twilio answered 99999: ", "https://www.twilio.com/docs/api/errors/99999"),
        (PlainTextResponse("gone fishing", 503), "Twilio answered 503", ""),
        (JSONResponse([], 500), "Twilio answered 500", ""),
        (PlainTextResponse("<html>hello</html>", 200), "the answer was not Twilio's", "proxy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_error_says_what_happened_and_what_to_do(
    answer: Response, said: str, advised: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with client(Twilio(answer)) as rest:
        with pytest.raises(CarrierError) as failed:
            await soon(rest.dial("+919812345678", from_number="+918040000000", voice_url="https://v.example.in/v"))
    message = str(failed.value)
    assert message.startswith("dial: ")
    assert said in message
    assert advised in message
    for secret in (AUTH, "9812345678"):
        assert secret not in message
        assert not any(secret in record.getMessage() for record in caplog.records if record.name != "asyncio")


async def test_an_error_carries_twilios_code_and_the_status() -> None:
    async with client(Twilio(refusal(21220, 400))) as rest:
        with pytest.raises(CarrierError) as failed:
            await soon(rest.transfer(CALL, "<Response />"))
    assert (failed.value.code, failed.value.status) == (21220, 400)


async def test_a_server_that_does_not_answer() -> None:
    twilio = Twilio()
    async with client(twilio, answer_s=0.05) as rest:
        twilio.answering.clear()
        with pytest.raises(CarrierError, match="hang up: Twilio did not answer in time"):
            await soon(rest.hang_up(CALL))
        twilio.answering.set()


async def test_a_server_that_is_not_there() -> None:
    rest = TwilioRest(ACCOUNT, AUTH, api_url="http://127.0.0.1:9")
    with pytest.raises(CarrierError, match=r"hang up: Twilio could not be reached \(ConnectionError\)"):
        await soon(rest.hang_up(CALL))
    await rest.aclose()


async def test_a_request_under_way_outlives_the_task_that_asked() -> None:
    twilio = Twilio()
    async with client(twilio) as rest:
        twilio.answering.clear()
        asking = asyncio.ensure_future(rest.hang_up(CALL))
        while not twilio.requests:
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        twilio.answering.set()
    assert [form for _, _, form in twilio.requests] == [{"Status": ["completed"]}]


async def test_cancelling_keeps_requests_that_wait_for_a_thread(caplog: pytest.LogCaptureFixture) -> None:
    """What becomes of them is nobody's then, and in no log."""
    twilio = Twilio(refusal(20003, 401, "a secret"))
    async with client(twilio) as rest:
        twilio.answering.clear()
        asking = [asyncio.ensure_future(rest.hang_up(f"CA{number:032}")) for number in range(THREADS + 2)]
        while len(twilio.requests) < THREADS:
            await asyncio.sleep(0)
        for each in asking:
            each.cancel()
        assert {type(outcome) for outcome in await asyncio.gather(*asking, return_exceptions=True)} == {
            asyncio.CancelledError
        }
        twilio.answering.set()
    asking.clear()
    gc.collect()
    assert len({path for _, path, _ in twilio.requests}) == THREADS + 2
    assert "a secret" not in caplog.text


async def test_many_requests_share_a_few_threads_and_none_is_lost() -> None:
    twilio = Twilio()
    async with client(twilio) as rest:
        await soon(asyncio.gather(*(rest.hang_up(f"CA{number:032}") for number in range(30))))
    assert len({path for _, path, _ in twilio.requests}) == 30


async def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "xx9")
    monkeypatch.setenv("TWILIO_EDGE", "nowhere")
    twilio = Twilio()
    async with client(twilio) as rest:
        await soon(rest.hang_up(CALL))
    assert len(twilio.requests) == 1


MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"


async def test_a_text_message() -> None:
    twilio = Twilio(JSONResponse({"sid": "SM1", "account_sid": ACCOUNT, "status": "queued"}, 201))
    async with client(twilio) as rest:
        sent = await soon(rest.send_sms("+919812345678", from_number="+918040000000", text="ಬಿಲ್ 845 & more"))
    assert sent == "SM1"
    form = {"To": ["+919812345678"], "From": ["+918040000000"], "Body": ["ಬಿಲ್ 845 & more"]}
    assert twilio.requests == [("POST", f"{MESSAGES}.json", form)]


@pytest.mark.parametrize(
    ("code", "advised"),
    [(21408, "Messaging, Geo permissions"), (21606, "twilio.phone_number"), (21610, "STOP"), (21614, "no mobile")],
)
async def test_a_text_message_that_is_refused(code: int, advised: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with client(Twilio(refusal(code, 400, "Cannot send to +919812345678"))) as rest:
        with pytest.raises(CarrierError) as failed:
            await soon(rest.send_sms("+919812345678", from_number="+918040000000", text="the caller's words"))
    message = str(failed.value)
    assert message.startswith(f"text: Twilio answered {code}: Cannot send to +91…78; ")
    assert advised in message
    assert failed.value.code == code
    for secret in (AUTH, "9812345678", "the caller's words"):
        assert secret not in message
        assert not any(secret in record.getMessage() for record in caplog.records if record.name != "asyncio")
