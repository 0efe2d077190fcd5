"""A caller is handed over to a person: what Twilio is told, and what it asks when somebody or nobody answers."""

import asyncio
import io
import logging
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import orjson
import pytest
import websockets
from pydantic import HttpUrl, SecretStr
from starlette.applications import Starlette
from starlette.datastructures import FormData

from app.call.events import Finished
from app.config import CallSettings, Phrase, PromptSettings, ServerSettings, Settings, TwilioSettings
from app.demo.caller import Number
from app.demo.twilio import Stream, Twiml, read_twiml
from app.engines.scripted import ScriptedAgent
from app.form import Forms
from app.server import wind_down
from app.switchboard import Switchboard
from app.transfer import CALLER_ID, Transfers, caller_id
from app.web import build
from telephony.errors import CarrierError
from telephony.events import Started, Transfer, Words
from telephony.twilio.rest import TwilioRest
from tests.carrier import key, media, until
from tests.live import QUICK, BriefTts, Staff
from tests.telephony.serving import served
from tests.telephony.test_twilio_rest import Twilio, refusal

ACCOUNT, TOKEN, PUBLIC, OURS = "AC" + "0" * 32, "a" * 32, "https://voice.example.in", "+918012345678"
PERSON, CALLER = "+918040000000", "+919845012345"
SAID = (Words("en-IN", "The caller said: my bill is 845"), Words("kn-IN", "ನನ್ನ ಬಿಲ್ 845"))


@dataclass
class Site:
    """The routes of one process, and Twilio at both of their ends."""

    board: Switchboard
    transfers: Transfers
    http: httpx.AsyncClient
    rest: TwilioRest
    twilio: Twilio

    async def post(self, path: str, token: str = TOKEN, account: str = ACCOUNT, **fields: str) -> httpx.Response:
        """As Twilio posts about the caller's call, or whoever else has `token` or `account`."""
        form = {"CallSid": "CA1", "AccountSid": account, "CallStatus": "in-progress"} | fields
        headers = Number("", auth_token=token).signed(PUBLIC + path, form)
        return await self.http.post(path, data=form, headers=headers)

    async def verbs(self, path: str, **fields: str) -> list[ElementTree.Element]:
        answer = await self.post(path, **fields)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
        return list(ElementTree.fromstring(answer.text))  # noqa: S314 - our own

    async def hand_over(self, asked: Transfer, parameters: dict[str, str] | None = None) -> ElementTree.Element:
        """The <Dial> that Twilio was given."""
        self.twilio.requests.clear()
        await self.transfers.transfer(self.rest, Started("CA1", "MZ1", ACCOUNT, parameters=parameters or {}), asked)
        ((_, path, form),) = self.twilio.requests
        assert path.endswith("/Calls/CA1.json")
        (dial,) = ElementTree.fromstring(form["Twiml"][0])  # noqa: S314 - our own
        return dial


@asynccontextmanager
async def site(message_s: int = 120, prompts: PromptSettings | None = None, opened: bool = True) -> AsyncIterator[Site]:
    settings = Settings(
        twilio=TwilioSettings(account_sid=ACCOUNT, auth_token=SecretStr(TOKEN), phone_number=OURS),
        server=ServerSettings(public_url=HttpUrl(PUBLIC)),
        call=CallSettings(message_s=message_s),
        prompts=prompts or PromptSettings(),
    )
    board, twilio = Switchboard(settings), Twilio()
    if opened:
        await board.open(Staff().engines)
    transfers = Transfers(settings, board, Forms(settings))
    over = httpx.ASGITransport(Starlette(routes=transfers.routes))
    twilio.answering.set()
    async with served(twilio) as address, httpx.AsyncClient(transport=over, base_url=PUBLIC) as http:
        rest = TwilioRest(ACCOUNT, TOKEN, api_url=f"http://{address}")
        try:
            yield Site(board, transfers, http, rest, twilio)
        finally:
            await rest.aclose()


# The whole way.


async def carrier(socket: websockets.ClientConnection) -> None:
    """Plays at once whatever it is sent, and sends a silent caller's audio."""

    async def silence() -> None:
        while True:
            await socket.send(media())
            await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as tasks:
        caller = tasks.create_task(silence())
        with suppress(websockets.ConnectionClosed):
            async for text in socket:
                if orjson.loads(text)["event"] == "mark":
                    await socket.send(text)
        caller.cancel()


async def test_from_the_caller_s_keys_to_the_person_s_ear() -> None:
    """Everything signed as Twilio does, the socket too; the caller keys 4521 and is handed over."""
    settings = Settings(
        twilio=TwilioSettings(account_sid=ACCOUNT, auth_token=SecretStr(TOKEN), phone_number=OURS),
        server=ServerSettings(public_url=HttpUrl(PUBLIC)),
        call=QUICK.model_copy(update={"transfer_to": PERSON}),
    )
    board, twilio, number = Switchboard(settings), Twilio(), Number("", auth_token=TOKEN)
    await board.open(Staff(agent=ScriptedAgent(("wait.",), finished=Finished("transfer")), tts=BriefTts(0.1)).engines)
    twilio.answering.set()
    async with AsyncExitStack() as stack:
        rest = TwilioRest(ACCOUNT, TOKEN, api_url=f"http://{await stack.enter_async_context(served(twilio))}")
        stack.push_async_callback(rest.aclose)
        address = await stack.enter_async_context(served(build(settings, board, rest)))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://{address}"))

        async def ask(path: str, **fields: str) -> ElementTree.Element:
            form = {"CallSid": "CA1", "AccountSid": ACCOUNT} | fields
            answer = await http.post(path, data=form, headers=number.signed(PUBLIC + path, form))
            return ElementTree.fromstring(answer.text)  # noqa: S314 - our own

        twiml = read_twiml(ElementTree.tostring(await ask("/twilio/voice", From="anonymous"), encoding="unicode"))
        assert isinstance(twiml, Twiml)
        async with websockets.connect(
            f"ws://{address}{urlsplit(twiml.stream_url).path}",
            additional_headers=number.signed(twiml.stream_url, {}),
        ) as socket:
            await socket.send(Stream("MZ1", "CA1", ACCOUNT).start(twiml.parameters))
            sending = asyncio.create_task(carrier(socket))
            for digit in "4521#":
                await socket.send(key(digit))
            await until(lambda: bool(twilio.requests))
            await socket.send(Stream("MZ1", "CA1", ACCOUNT).stop())
            await sending
        (dial,) = ElementTree.fromstring(twilio.requests[0][2]["Twiml"][0])  # noqa: S314 - our own
        assert (dial[0].text, dial.get("callerId")) == (PERSON, OURS)
        kannada, english = await ask(urlsplit(dial[0].attrib["url"]).path, CallSid="CA2", ParentCallSid="CA1")
        assert (kannada.get("language"), english.get("language")) == ("kn-IN", "en-IN")
        assert all("4521" in str(say.text) for say in (kannada, english))
        assert [verb.tag for verb in await ask("/twilio/dialled", DialCallStatus="no-answer")] == [
            "Play",
            "Record",
            "Hangup",
        ]


# The person answers.


async def test_a_person_hears_the_whisper_once_and_the_two_are_connected(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with site() as at:
        (called,) = dial = await at.hand_over(Transfer(PERSON, SAID))
        assert (called.tag, called.text, dial.get("action")) == ("Number", PERSON, f"{PUBLIC}/twilio/dialled")
        path = urlsplit(called.attrib["url"]).path
        said = await at.verbs(path, CallSid="CA2", ParentCallSid="CA1")
        assert [(say.tag, say.get("language"), say.text) for say in said] == [
            ("Say", words.language, words.text) for words in SAID
        ]
        assert await at.verbs(path, CallSid="CA2") == []  # a repeated request
        assert [verb.tag for verb in await at.verbs("/twilio/dialled", DialCallStatus="completed")] == ["Hangup"]
        assert "845" not in called.attrib["url"]
    assert "call CA1: a person answered" in caplog.text, "the caller's call, not the person's"
    assert not any("845" in record.getMessage() or PERSON in record.getMessage() for record in caplog.records)


async def test_a_whisper_of_another_process_is_left_out() -> None:
    async with site() as one, site() as another:
        (called,) = await one.hand_over(Transfer("sip:desk@pbx.example.in", SAID))
        assert called.tag == "Sip"
        assert await another.verbs(urlsplit(called.attrib["url"]).path) == []


async def test_only_twilio_hears_a_whisper() -> None:
    async with site() as at:
        (called,) = await at.hand_over(Transfer(PERSON, SAID))
        path = urlsplit(called.attrib["url"]).path
        for answer in (
            await at.post(path, token="b" * 32),
            await at.post(path, account="AC" + "1" * 32),
            await at.http.post(path, data={"CallSid": "CA1", "AccountSid": ACCOUNT}),
        ):
            assert (answer.status_code, "845" in answer.text) == (403, False)
        assert (await at.http.get(path)).status_code == 405
        assert len(await at.verbs(path)) == 2


async def test_without_a_whisper_nothing_is_fetched_for_it() -> None:
    async with site() as at:
        (called,) = await at.hand_over(Transfer(PERSON))
        assert called.attrib == {}


# Nobody takes the call.

NOBODY = [
    {"DialCallStatus": "busy"},
    {"DialCallStatus": "no-answer"},
    {"DialCallStatus": "failed"},
    {"DialCallStatus": "canceled"},
    {"DialCallStatus": "completed", "DialBridged": "false"},  # hung up during the whisper
    {},
]


@pytest.mark.parametrize("became", NOBODY, ids=str)
async def test_the_caller_may_leave_a_message(became: dict[str, str]) -> None:
    async with site(message_s=90) as at:
        for _ in range(2):  # Twilio may ask again
            play, record, hangup = await at.verbs("/twilio/dialled", **became)
            assert (play.tag, play.text) == ("Play", f"{PUBLIC}/twilio/prompt/message.wav")
            assert (record.tag, record.get("maxLength")) == ("Record", "90")
            assert record.get("action") == f"{PUBLIC}/twilio/recorded"
            assert hangup.tag == "Hangup"


async def test_no_message_is_taken_where_none_is_wanted() -> None:
    async with site(message_s=0) as at:
        play, hangup = await at.verbs("/twilio/dialled", DialCallStatus="no-answer")
        assert (play.text, hangup.tag) == (f"{PUBLIC}/twilio/prompt/call_later.wav", "Hangup")


@pytest.mark.parametrize(
    "became",
    [
        {"DialCallStatus": "completed"},
        {"DialCallStatus": "completed", "DialBridged": "true"},
        {"DialCallStatus": "answered"},
        {"DialCallStatus": "no-answer", "CallStatus": "completed"},  # the caller has hung up
    ],
    ids=str,
)
async def test_who_was_connected_or_has_hung_up_is_asked_for_no_message(became: dict[str, str]) -> None:
    async with site() as at:
        assert [verb.tag for verb in await at.verbs("/twilio/dialled", **became)] == ["Hangup"]


@pytest.mark.parametrize(
    "fields",
    [
        {"RecordingSid": "RE1", "RecordingUrl": "https://api.twilio.com/secret/RE1", "Digits": "hangup"},
        {"RecordingUrl": "https://api.twilio.com/secret/Recordings/RE1", "RecordingDuration": "12"},
    ],
    ids=str,
)
async def test_a_message_is_thanked_for_and_its_id_alone_is_logged(
    fields: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "app.transfer")
    async with site() as at:
        play, hangup = await at.verbs("/twilio/recorded", From=CALLER, **fields)
    assert (play.text, hangup.tag) == (f"{PUBLIC}/twilio/prompt/farewell.wav", "Hangup")
    assert [record.getMessage() for record in caplog.records if record.name == "app.transfer"] == [
        "call CA1: a message was left: recording RE1"
    ]


@pytest.mark.parametrize("path", ["/twilio/dialled", "/twilio/recorded"])
async def test_only_twilio_tells_what_became_of_a_call(path: str) -> None:
    async with site() as at:
        assert (await at.post(path, token="b" * 32)).status_code == 403
        assert (await at.post(path, account="AC" + "1" * 32)).status_code == 403
        assert (await at.post(path, CallSid="")).status_code == 400


# A server that goes down.


async def test_a_server_that_goes_down_answers_until_nobody_is_dialled_any_more() -> None:
    async with site(message_s=0) as at:
        await at.hand_over(Transfer(PERSON, SAID))
        down = asyncio.create_task(wind_down(at.board, asyncio.Event()))
        await asyncio.sleep(0.3)
        assert not down.done(), "no call is live, but a person is dialled"
        await at.verbs("/twilio/dialled", DialCallStatus="completed")
        await asyncio.wait_for(down, 2)
        await at.hand_over(Transfer(PERSON))
        await asyncio.wait_for(wind_down(at.board, asyncio.Event(), linger_most_s=0.2), 2)
        assert at.board.questions_to_come, "it was not waited for for ever"


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/twilio/dialled", {"DialCallStatus": "busy"}), ("/twilio/recorded", {"RecordingSid": "RE1"})],
)
async def test_what_a_document_plays_and_asks_is_expected(path: str, fields: dict[str, str]) -> None:
    async with site() as at:
        await at.verbs(path, **fields)
        assert at.board.questions_to_come


async def test_of_a_transfer_that_failed_nothing_more_is_asked() -> None:
    async with site() as at:
        at.twilio.answer = refusal(21220, 400)
        with pytest.raises(CarrierError):
            await at.transfers.transfer(at.rest, Started("CA1", "MZ1", ACCOUNT), Transfer(PERSON))
        assert not at.board.questions_to_come


# What Twilio plays.


async def test_a_prompt_is_fetched_as_a_wav_of_telephone_quality() -> None:
    async with site() as at:
        for name in ("message", "call_later", "farewell"):
            answer = await at.http.get(f"/twilio/prompt/{name}.wav")
            assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("audio/wav", "no-cache")
            with wave.open(io.BytesIO(answer.content)) as file:
                assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
                assert file.getnframes() == 1600  # a fifth of a second


@pytest.mark.parametrize("name", ["greeting", "nothing", "..%2fkva", "message.wav"])
async def test_no_other_file_is_served(name: str) -> None:
    async with site() as at:
        assert (await at.http.get(f"/twilio/prompt/{name}.wav")).status_code == 404


async def test_a_prompt_that_is_not_there_is_left_out() -> None:
    silent = PromptSettings(message=Phrase(kannada="", english=""))
    async with site(prompts=silent) as at, site(opened=False) as starting:
        for one in (at, starting):
            tags = [verb.tag for verb in await one.verbs("/twilio/dialled", DialCallStatus="busy")]
            assert tags == ["Record", "Hangup"]
            assert (await one.http.get("/twilio/prompt/message.wav")).status_code == 404


# Whose number the person sees.


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({"From": CALLER, "Direction": "inbound"}, ""),
        ({"From": CALLER}, ""),
        ({"From": "anonymous", "Direction": "inbound"}, OURS),
        ({"From": "+266696687", "Direction": "inbound"}, OURS),  # the same, on a keypad
        ({"From": "sip:me@pbx"}, OURS),
        ({"From": OURS, "To": CALLER, "Direction": "outbound-api"}, OURS),
    ],
    ids=str,
)
async def test_the_person_sees_the_caller_or_else_us(form: dict[str, str], shown: str) -> None:
    number = caller_id(FormData(form), OURS)
    assert number == shown
    async with site() as at:
        dial = await at.hand_over(Transfer(PERSON), {CALLER_ID: number} if number else {})
        assert dial.get("callerId") == (shown or None)
