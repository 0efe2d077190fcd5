"""The clinic's desk for a language model: what it declares, and a booking with a scripted model and a web service."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.agents import agent_file, openai
from app.agents.agent_file import KnowledgeTool, WebhookTool
from app.agents.openai import OpenAiAgent
from app.config import AgentSettings, Settings
from tests.agents.chat_server import KEY, ChatServer, Stream, calls, chat_server, says
from tests.agents.talk import Conversation
from tests.telephony.serving import served

EXAMPLE = Path(agent_file.__file__).with_name("clinic_agent.toml")
SERVICE = "http://booking.clinic.internal:8080/"


@dataclass(slots=True)
class Booking:
    """The clinic's booking service: it books whatever it is asked for."""

    address: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    booked: list[dict[str, Any]] = field(default_factory=list)

    async def free(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer clinic-secret"
        self.asked.append(await request.json())
        times = ["2026-11-30 10:00", "2026-11-30 10:30"]
        return JSONResponse({"today": "2026-11-26", "full": "2026-11-27", "doctor": "Shobha", "free": times})

    async def book(self, request: Request) -> Response:
        self.booked.append(await request.json())
        return JSONResponse({"number": 5002})


@pytest.fixture
async def booking() -> AsyncIterator[Booking]:
    service = Booking()
    routes = [
        Route("/free", service.free, methods=["POST"]),
        Route("/appointments", service.book, methods=["POST"]),
    ]
    async with served(Starlette(routes=routes)) as address:
        service.address = address
        yield service


@pytest.fixture
async def model() -> AsyncIterator[ChatServer]:
    async with chat_server() as server:
        yield server


@pytest.fixture
async def agent(booking: Booking, model: ChatServer, tmp_path: Path) -> AsyncIterator[OpenAiAgent]:
    """The example, with the service that runs here."""
    text = EXAMPLE.read_text("utf-8").replace(SERVICE, f"http://{booking.address}/")
    text = text.replace('folder = "', f'folder = "{EXAMPLE.parent}/')
    (tmp_path / "desk.toml").write_text(text, "utf-8")
    settings = AgentSettings(
        engine="openai",
        file=tmp_path / "desk.toml",
        base_url=model.url,
        api_key=SecretStr(KEY),
        model="small",
        secrets={"booking": SecretStr("clinic-secret")},
    )
    agent = openai.load(Settings(agent=settings))
    yield agent
    await agent.aclose()


def test_what_is_declared() -> None:
    file = agent_file.read(EXAMPLE)
    assert {tool.kind for tool in file.tools} == {"webhook", "knowledge", "transfer", "hang_up"}
    assert list(file.people) == ["reception", "emergency"]
    assert not file.people["emergency"].hours, "there at any hour"
    read_back = {
        tool.name: {name for name, parameter in tool.parameters.items() if parameter.read_back}
        for tool in file.tools
        if isinstance(tool, WebhookTool)
    }
    assert read_back == {
        "free_times": set(),
        "book": {"date", "time", "phone"},
        "find": {"phone"},
        "move": {"date", "time"},
        "cancel": {"date"},
        "report": {"report"},
    }
    documents = {EXAMPLE.parent / tool.folder for tool in file.tools if isinstance(tool, KnowledgeTool)}
    assert all(folder.is_dir() for folder in documents)


async def test_a_booking_is_read_back_first(agent: OpenAiAgent, model: ChatServer, booking: Booking) -> None:
    wish = '{"doctor": "Shobha", "date": "2026-11-30", "time": "10:30", "name": "Ravi", "phone": "9845033333"}'
    full = "doctor Shobha is full on Friday. would you like to come on Monday, November 30 at 10:30 in the morning?"
    read_back = "your phone number is 98450 33333. is that right?"
    model.script = [
        Stream(tuple(calls(0, "free_times", '{"doctor": "children", "day": "tomorrow", "part": "morning"}'))),
        says(full),
        says("please tell me the name of the patient, and your phone number."),
        Stream(tuple(calls(0, "book", wish))),
        says(read_back),
        Stream(tuple(calls(0, "book", wish))),
        says("it is booked for Monday, November 30 at 10:30 in the morning. the number is 5002."),
    ]
    talk = Conversation(agent)
    assert await talk.say("i want to see the children's doctor tomorrow morning") == full
    assert booking.asked == [{"doctor": "children", "day": "tomorrow", "part": "morning"}]
    assert await talk.say("yes that is good") == "please tell me the name of the patient, and your phone number."

    assert await talk.say("Ravi 9845033333") == read_back
    told = model.requests[4]["messages"][-1]
    assert told["content"].startswith("not done yet: read phone back to the caller"), "date and time were agreed to"
    assert booking.booked == []

    assert (await talk.say("yes")).endswith("the number is 5002.")
    (booked,) = booking.booked
    assert booked == {
        "doctor": "Shobha",
        "date": "2026-11-30",
        "time": "10:30",
        "name": "Ravi",
        "phone": "9845033333",
        "call": "call-1",
    }


async def test_what_was_denied_is_not_booked(agent: OpenAiAgent, model: ChatServer, booking: Booking) -> None:
    wish = '{"doctor": "Anand", "date": "2026-11-27", "time": "10:00", "name": "Ravi", "phone": "9845033333"}'
    read_back = "Ravi, on November 27 at 10 in the morning, phone number 98450 33333. shall i book it?"
    model.script = [says(read_back), Stream(tuple(calls(0, "book", wish))), says("which day would you like to come?")]
    talk = Conversation(agent)
    assert await talk.say("for Ravi tomorrow at 10, 9845033333") == read_back
    assert await talk.say("no, not that day") == "which day would you like to come?"
    told = model.requests[2]["messages"][-1]["content"]
    assert told.startswith("not done yet: read date and time and phone back")
    assert booking.booked == []


async def test_documents_and_people(agent: OpenAiAgent, model: ChatServer) -> None:
    model.script = [
        Stream(tuple(calls(0, "look_up", '{"query": "skin doctor fee"}'))),
        says("the fee is 450 rupees."),
        Stream(tuple(calls(0, "transfer", '{"person": "emergency"}'))),
    ]
    talk = Conversation(agent)
    assert await talk.say("what does the skin doctor charge") == "the fee is 450 rupees."
    assert "450 rupees" in model.requests[1]["messages"][-1]["content"]
    assert await talk.say("my father has chest pain") == "[transfer]"


async def test_the_model_is_told_the_questions(agent: OpenAiAgent) -> None:
    assert "- phone: please tell me your phone number. (expects 10 digits)" in agent.system_prompt
    assert "Sanjeevini clinic" in agent.system_prompt
