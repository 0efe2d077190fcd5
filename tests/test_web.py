"""The HTTP routes as anybody can reach them: what a form may be, whose it is, and what of it gets into the log."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from app import form as forms
from app.config import ServerSettings, Settings, TwilioSettings
from app.demo.caller import Number
from app.form import FORM_BYTES, FORM_FIELDS
from app.switchboard import Switchboard
from app.web import build
from tests.live import desk

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
        for path in ("/twilio/voice", "/twilio/ended", "/twilio/status"):
            for number, form, genuine in ((twilio, ours, True), (other, ours, False), (twilio, theirs, False)):
                headers = number.signed(public + path, form)
                answer = await http.post(path, data=form, headers=headers)
                assert answer.status_code in ((200, 204) if genuine else (403,))
            assert (await http.post(path, data=ours)).status_code == 403
