"""`kva dial` against a REST server on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
from pydantic import HttpUrl, SecretStr

from app.config import CallSettings, ConfigError, ServerSettings, Settings, TwilioSettings
from app.dial import check_dialling, end_call, place_call

TWILIO = TwilioSettings(account_sid="AC" + "a" * 32, auth_token=SecretStr("b" * 32), phone_number="+918012345678")
SERVER = ServerSettings(public_url=HttpUrl("https://voice.example.in/"))


class Calls(BaseHTTPRequestHandler):
    """Twilio's Calls resource: remembers what was posted, answers with a call."""

    posted: ClassVar[list[tuple[str, dict[str, list[str]]]]] = []

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.posted.append((self.path, parse_qs(form)))
        body = json.dumps({"sid": "CA" + "1" * 32, "status": "queued"}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def api_url() -> Iterator[str]:
    Calls.posted.clear()
    with HTTPServer(("127.0.0.1", 0), Calls) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


def test_a_call_is_ended(api_url: str) -> None:
    end_call(Settings(twilio=TWILIO), "CA" + "1" * 32, api_url=api_url)
    [(path, form)] = Calls.posted
    assert path == f"/2010-04-01/Accounts/{TWILIO.account_sid}/Calls/CA{'1' * 32}.json"
    assert form == {"Status": ["completed"]}


def test_ending_a_call_takes_an_account() -> None:
    with pytest.raises(ConfigError, match=r"twilio\.account_sid"):
        end_call(Settings(), "CA1")


def test_the_answered_call_comes_to_our_webhook(api_url: str) -> None:
    call_id = place_call(Settings(twilio=TWILIO, server=SERVER), "+919876543210", api_url=api_url)
    assert call_id == "CA" + "1" * 32
    [(path, form)] = Calls.posted
    assert path == f"/2010-04-01/Accounts/{TWILIO.account_sid}/Calls.json"
    assert (form["To"], form["From"]) == (["+919876543210"], ["+918012345678"])
    assert form["Url"] == ["https://voice.example.in/twilio/voice"]
    assert form["StatusCallback"] == ["https://voice.example.in/twilio/status"]
    assert form["TimeLimit"] == ["900"]
    assert (form["MachineDetection"], form["AsyncAmd"]) == (["DetectMessageEnd"], ["true"])
    assert form["AsyncAmdStatusCallback"] == ["https://voice.example.in/twilio/answered"]


def test_no_limit_cuts_the_conversation_with_a_person(api_url: str) -> None:
    settings = Settings(twilio=TWILIO, server=SERVER, call=CallSettings(transfer_to="+918040000000"))
    place_call(settings, "+919876543210", api_url=api_url)
    [(_, form)] = Calls.posted
    assert "TimeLimit" not in form


def test_twilio_need_not_find_out_who_answers(api_url: str) -> None:
    place_call(Settings(twilio=TWILIO, server=SERVER), "+919876543210", detect_voicemail=False, api_url=api_url)
    [(_, form)] = Calls.posted
    assert not {"MachineDetection", "AsyncAmd", "AsyncAmdStatusCallback"} & set(form)


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        (Settings(), ["twilio.account_sid", "twilio.auth_token", "twilio.phone_number", "server.public_url"]),
        (Settings(twilio=TWILIO), ["server.public_url"]),
        (Settings(twilio=TWILIO.model_copy(update={"phone_number": ""}), server=SERVER), ["twilio.phone_number"]),
    ],
)
def test_every_missing_key_is_named(settings: Settings, keys: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        check_dialling(settings)
    assert str(error.value).split(":")[0].split(", ") == keys
