"""The HTTP routes as anybody can reach them: what a form may be, whose it is, and what of it gets into the log."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from app import form as forms
from app.config import PromptSettings, ServerSettings, Settings, TwilioSettings
from app.demo.caller import Number
from app.demo.twilio import Twiml, read_twiml
from app.engines.scripted import sine
from app.form import FORM_BYTES, FORM_FIELDS
from app.switchboard import Switchboard
from app.web import build
from telephony.events import RATE_HZ, Command, Event, Hangup, HungUp, Play, Played
from telephony.twilio.rest import TwilioRest
from tests.carrier import until
from tests.live import QUICK, BriefTts, Staff, desk
from tests.telephony.test_twilio_rest import Twilio, client, refusal
from tests.test_switchboard import ScriptedLine

URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


@asynccontextmanager
async def server() -> AsyncIterator[httpx.AsyncClient]:
    async with desk() as at, httpx.AsyncClient(base_url=f"http://127.0.0.1:{at.server.port}") as http:
        yield http


BAD_FORMS: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "too large": (b"CallSid=CA1&x=" + b"x" * FORM_BYTES, URLENCODED, 413, "larger than 32768 bytes"),
    "too many fields": (b"a=&" * FORM_FIELDS + b"b=", URLENCODED, 400, "more than 100 fields"),
    "not UTF-8": (b"CallSid=CA1&x=\xff", URLENCODED, 400, "not UTF-8"),
    "JSON": (b'{"CallSid": "CA1"}', {"Content-Type": "application/json"}, 415, "must be application/x-www-form"),
    "multipart": (b"--x", {"Content-Type": "multipart/form-data; boundary=x"}, 415, "must be application/x-www-form"),
    "no type": (b"CallSid=CA1", {}, 415, "must be application/x-www-form"),
    "no call": (b"From=%2B91", URLENCODED, 400, "CallSid is missing"),
    "a line break in the call": (b"CallSid=CA1%0Acall CA2 ended", URLENCODED, 400, "CallSid is missing or not"),
}


@pytest.mark.parametrize("name", BAD_FORMS)
@pytest.mark.parametrize("path", ["/twilio/voice", "/twilio/status"])
async def test_a_bad_form_is_refused_and_logged(name: str, path: str, caplog: pytest.LogCaptureFixture) -> None:
    body, headers, status, why = BAD_FORMS[name]
    async with server() as http:
        answer = await http.post(path, content=body, headers=headers)
        assert answer.status_code == status
        good = await http.post(path, content=b"CallSid=CA1", headers=URLENCODED)
        assert good.status_code in (200, 204)
    (line,) = caplog.messages
    assert line.startswith(f"POST {path} refused: ")
    assert why in line
    assert "\n" not in line


async def test_a_form_of_the_largest_size_is_taken() -> None:
    async with server() as http:
        body = b"CallSid=CA1&x="
        answer = await http.post("/twilio/voice", content=body.ljust(FORM_BYTES, b"x"), headers=URLENCODED)
    assert answer.status_code == 200


async def post(app: Starlette, chunks: list[bytes], headers: dict[str, str]) -> tuple[int, int]:
    """The status, and how many chunks of the body were read for it. After the last chunk nothing comes."""
    read, status = 0, 0

    async def receive() -> Message:
        nonlocal read
        if read == len(chunks):
            await asyncio.Event().wait()
        read += 1
        return {"type": "http.request", "body": chunks[read - 1], "more_body": True}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/twilio/voice",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    return status, read


async def test_no_more_of_a_large_body_is_read_than_the_limit() -> None:
    app = build(Settings(), Switchboard(Settings()))
    chunks = [b"a=" + b"x" * 4094] * 1000
    assert await post(app, chunks, URLENCODED) == (413, FORM_BYTES // 4096 + 1)
    assert await post(app, chunks, URLENCODED | {"Content-Length": "4096000"}) == (413, 0)


async def test_a_form_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORM_S", 0.05)
    app = build(Settings(), Switchboard(Settings()))
    assert await post(app, [b"CallSid="], URLENCODED) == (408, 1)


async def test_what_twilio_tells_is_logged_without_line_breaks(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.web")
    error = "\x1b[2J" + "ಕ" * 200
    form = {"CallSid": "CA1", "CallStatus": "completed\ncall CA2 ended", "StreamError": error, "To": "+91"}
    async with server() as http:
        assert (await http.post("/twilio/status", data=form)).status_code == 204
    assert caplog.messages == [
        "call CA1: CallStatus completed?call CA2 ended, StreamError ?[2J" + "?" * 76,
    ]


async def test_only_twilio_may_post_for_our_account() -> None:
    account, token, public = "AC" + "0" * 32, "a" * 32, "https://voice.example.in"
    settings = Settings(
        twilio=TwilioSettings(account_sid=account, auth_token=token),
        server=ServerSettings(public_url=public),
    )
    app = build(settings, Switchboard(settings))
    twilio, other = Number("", auth_token=token), Number("", auth_token="b" * 32)
    ours = {"CallSid": "CA1", "AccountSid": account, "Called": "ಕರೆ", "Empty": ""}
    theirs = ours | {"AccountSid": "AC" + "1" * 32}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as http:
        for path in ("/twilio/voice", "/twilio/ended", "/twilio/status", "/twilio/answered"):
            for number, form, genuine in ((twilio, ours, True), (other, ours, False), (twilio, theirs, False)):
                headers = number.signed(public + path, form)
                answer = await http.post(path, data=form, headers=headers)
                assert answer.status_code in ((200, 204) if genuine else (403,))
            assert (await http.post(path, data=ours)).status_code == 403


async def test_a_refused_path_is_logged_without_commands_to_a_terminal(caplog: pytest.LogCaptureFixture) -> None:
    async with server() as http:
        assert (await http.post("/twilio/whisper/%1b[2J%0acall", data={"CallSid": ""})).status_code == 400
    (line,) = caplog.messages
    assert line.startswith("POST /twilio/whisper/?[2J")
    assert "\n" not in line


# Calls that were made by `kva dial`.

OUTBOUND = {"CallSid": "CA1", "From": "+918012345678", "To": "+919845012345", "Direction": "outbound-api"}


@pytest.mark.parametrize(
    ("form", "caller"),
    [
        (OUTBOUND, "+919845012345"),
        (OUTBOUND | {"From": "+919845012345", "To": "+918012345678", "Direction": "inbound"}, "+919845012345"),
        ({"CallSid": "CA1", "From": "+919845012345"}, "+919845012345"),
        ({"CallSid": "CA1", "From": "+7378742833"}, "anonymous"),  # "restricted" on a keypad
    ],
)
async def test_the_caller_is_who_the_agent_talks_to(form: dict[str, str], caller: str) -> None:
    async with server() as http:
        twiml = read_twiml((await http.post("/twilio/voice", data=form)).text)
    assert isinstance(twiml, Twiml)
    assert twiml.parameters["caller"] == caller


async def test_a_call_that_was_made_is_hung_up_where_one_that_came_in_is_told_to_be_busy() -> None:
    app = build(Settings(), Switchboard(Settings()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as http:
        assert read_twiml((await http.post("/twilio/voice", data=OUTBOUND)).text) == ("Hangup",)
        assert read_twiml((await http.post("/twilio/voice", data={"CallSid": "CA1"})).text) == ("Reject",)


class OpenLine(ScriptedLine):
    """Stays open until it is told to hang up."""

    def __init__(self) -> None:
        super().__init__([])
        self.over = asyncio.Event()

    def perform(self, command: Command) -> None:
        super().perform(command)
        if isinstance(command, Hangup):
            self.over.set()

    async def receive(self) -> Event:
        marking, ending = asyncio.ensure_future(self._marks.get()), asyncio.ensure_future(self.over.wait())
        _, waiting = await asyncio.wait((marking, ending), return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
        return HungUp("over") if self.over.is_set() else Played(marking.result())


VOICEMAIL_S = 0.3


class MessageTts(BriefTts):
    """The message for a machine is longer than the other prompts."""

    async def speak(self, text: str, *, urgent: bool = False) -> AsyncGenerator[bytes, None]:
        if text == PromptSettings().voicemail.kannada:
            yield sine(VOICEMAIL_S, self.rate_hz)
            return
        async with aclosing(super().speak(text, urgent=urgent)) as chunks:
            async for chunk in chunks:
                yield chunk


@asynccontextmanager
async def taken_call(rest: TwilioRest | None = None) -> AsyncIterator[tuple[httpx.AsyncClient, OpenLine]]:
    """The call CA1, live, and a way to tell its server who took it."""
    settings = Settings(call=QUICK)
    board, line = Switchboard(settings), OpenLine()
    await board.open(Staff(tts=MessageTts()).engines)
    transport = httpx.ASGITransport(build(settings, board, rest))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        call = asyncio.create_task(board.run(line, "+919845012345"))
        await until(lambda: board.session_of("CA1") is not None)
        yield http, line
        line.over.set()
        await call
    assert board.session_of("CA1") is None


async def took(http: httpx.AsyncClient, who: str, call_id: str = "CA1") -> None:
    form = {"CallSid": call_id, "AnsweredBy": who, "MachineDetectionDuration": "4000"}
    assert (await http.post("/twilio/answered", data=form)).status_code == 204


@pytest.mark.parametrize("who", ["machine_end_beep", "machine_end_silence", "machine_end_other"])
async def test_a_machine_is_left_a_message(who: str) -> None:
    async with taken_call() as (http, line):
        await took(http, who)
        await took(http, who)  # a repeated request
        await asyncio.wait_for(line.over.wait(), 5)
    played = [len(command.audio) / RATE_HZ for command in line.performed if isinstance(command, Play)]
    assert played == [0.2, VOICEMAIL_S]  # the greeting, and the message once
    assert [type(command) for command in line.performed].count(Hangup) == 1


@pytest.mark.parametrize("who", ["human", "unknown", "machine_start", "fax", "", "\nfoo"])
async def test_with_anybody_else_the_call_goes_on(who: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.web")
    async with taken_call() as (http, line):
        before = list(line.performed)
        await took(http, who)
        assert line.performed == before
    told = [record.getMessage() for record in caplog.records if record.name == "app.web"]
    assert told == [f"call CA1 was taken by {who.replace(chr(10), '?')}"]


async def test_a_machine_that_took_a_call_of_another_process_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.web")
    async with taken_call() as (http, line):
        before = list(line.performed)
        await took(http, "machine_end_beep", "CA2")
        assert line.performed == before
    told = [record.getMessage() for record in caplog.records if record.name == "app.web"]
    assert told == ["call CA2 was taken by machine_end_beep, and is not live here"]


async def test_a_fax_is_hung_up(caplog: pytest.LogCaptureFixture) -> None:
    twilio = Twilio()
    async with client(twilio) as rest, taken_call(rest) as (http, _):
        await took(http, "fax")
        assert [(path.rpartition("/")[2], form) for _, path, form in twilio.requests] == [
            ("CA1.json", {"Status": ["completed"]})
        ]
        twilio.answer = refusal(20003, 401)
        await took(http, "fax")
    assert "call CA1: hang up: Twilio answered 20003" in caplog.text
