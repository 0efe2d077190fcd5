"""Tools that take their time: what the caller hears meanwhile, and what the model is told of those that fail."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.agents.openai import OpenAiAgent
from app.agents.parameters import Arguments
from app.agents.tools import Tool, Toolbox, ToolError
from app.call.events import Finished
from app.config import AgentSettings
from app.engines.base import Filler, Question
from tests.agents.chat_server import KEY, ChatServer, Stream, calls, chat_server, says, text
from tests.agents.talk import ask, at_once
from tests.telephony.serving import soon

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALL = Stream(tuple(calls(0, "slow", "{}")))


@dataclass
class Slow:
    """A tool that waits to be let go."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None

    async def run(self, arguments: Arguments, question: Question) -> str | Finished:
        self.begun.set()
        try:
            await self.go.wait()
        finally:
            self.stopped.set()
        if self.error is not None:
            raise self.error
        return "found"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def listening() -> AsyncIterator[ChatServer]:
    async with chat_server() as server:
        yield server


@pytest.fixture
def server(listening: ChatServer) -> Iterator[ChatServer]:
    listening.begin()
    yield listening
    listening.go_on.set()


@pytest.fixture
def slow() -> Slow:
    return Slow()


def agent_with(server: ChatServer, slow: Slow, **changes: Any) -> OpenAiAgent:
    values: dict[str, Any] = {"filler": Filler("one moment."), "filler_after_s": 0.02, "timeout_s": 5.0}
    settings = AgentSettings(base_url=server.url, api_key=SecretStr(KEY), model="small")
    return OpenAiAgent(settings, Toolbox([Tool("slow", "Takes its time.", slow.run, **values | changes)]))


def question() -> Question:
    return Question("call-1", "", "hello", (), at_once)


async def test_a_filler_while_the_tool_runs(server: ChatServer, slow: Slow) -> None:
    agent = agent_with(server, slow)
    server.script = [CALL, says("here it is.")]
    async with aclosing(agent.answer(question())) as pieces:
        assert await soon(anext(pieces)) == Filler("one moment.")
        assert len(server.requests) == 1
        slow.go.set()
        assert [piece async for piece in pieces] == ["here it is."]
    assert server.requests[1]["messages"][-1]["content"] == "found"
    await agent.aclose()


async def test_no_filler_for_a_quick_tool(server: ChatServer, slow: Slow) -> None:
    agent = agent_with(server, slow, filler_after_s=5.0)
    slow.go.set()
    server.script = [CALL, says("here it is.")]
    assert await ask(agent, "hello") == ("here it is.", None)
    await agent.aclose()


async def test_no_filler_when_the_model_said_something_itself(server: ChatServer, slow: Slow) -> None:
    agent = agent_with(server, slow)
    server.script = [Stream((*text("let me see."), *calls(0, "slow", "{}"))), says("here it is.")]
    asyncio.get_running_loop().call_later(0.2, slow.go.set)
    assert await ask(agent, "hello") == ("let me see.\nhere it is.", None)
    await agent.aclose()


async def test_never_two_fillers_running(server: ChatServer) -> None:
    """Not for a second call in one message, and not in the next round, unless the model spoke in between."""

    async def steady(arguments: Arguments, question: Question) -> str:
        await asyncio.sleep(0.1)
        return "found"

    settings = AgentSettings(base_url=server.url, api_key=SecretStr(KEY), model="small")
    tool = Tool("slow", "Takes its time.", steady, filler=Filler("one moment."), filler_after_s=0.0)
    agent = OpenAiAgent(settings, Toolbox([tool]))
    twice = Stream((*calls(0, "slow", "{}"), *calls(1, "slow", "{}")))
    server.script = [twice, CALL, says("here it is.")]
    assert await ask(agent, "hello") == ("(one moment.)here it is.", None)
    spoke = Stream((*text("still looking."), *calls(0, "slow", "{}")))
    server.script = [CALL, spoke, CALL, says("here it is.")]
    assert await ask(agent, "hello") == ("(one moment.)still looking.\n(one moment.)here it is.", None)
    await agent.aclose()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ToolError("the service answered HTTP 500"), "error: the service answered HTTP 500. Tell the caller"),
        (ValueError("a secret of the caller"), "error: it failed (ValueError). Tell the caller"),
    ],
)
async def test_a_failure_is_told_to_the_model_and_the_call_goes_on(
    server: ChatServer, slow: Slow, error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    agent = agent_with(server, slow, filler=None)
    slow.error = error
    slow.go.set()
    server.script = [CALL, says("sorry.")]
    assert await ask(agent, "hello") == ("sorry.", None)
    assert server.requests[1]["messages"][-1]["content"].startswith(told)
    assert "call call-1: tool slow: " in caplog.text
    assert "secret" not in caplog.text
    await agent.aclose()


async def test_a_tool_that_takes_too_long_is_stopped(server: ChatServer, slow: Slow) -> None:
    agent = agent_with(server, slow, timeout_s=0.1)
    server.script = [CALL, says("sorry.")]
    assert await ask(agent, "hello") == ("(one moment.)sorry.", None)
    assert slow.stopped.is_set()
    assert server.requests[1]["messages"][-1]["content"].startswith("error: no answer within 0.1 s. Tell the caller")
    await agent.aclose()


async def test_closing_the_answer_stops_the_tool(server: ChatServer, slow: Slow) -> None:
    agent = agent_with(server, slow)
    server.script = [CALL]
    before = asyncio.all_tasks()
    async with aclosing(agent.answer(question())) as pieces:
        assert await soon(anext(pieces)) == Filler("one moment.")
    assert slow.stopped.is_set()
    assert not [task for task in asyncio.all_tasks() - before if task.get_name().startswith("tool-")]
    await agent.aclose()


async def test_cancelling_the_answer_stops_the_tool(server: ChatServer, slow: Slow) -> None:
    agent = agent_with(server, slow, filler=None)
    server.script = [CALL]
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(ask(agent, "hello"))
        await soon(slow.begun.wait())
        answering.cancel()
    await soon(slow.stopped.wait())
    await agent.aclose()


async def test_arguments_nested_beyond_measure(server: ChatServer, slow: Slow) -> None:
    agent = agent_with(server, slow)
    server.script = [Stream(tuple(calls(0, "slow", "[" * 15_000))), says("sorry.")]
    assert await ask(agent, "hello") == ("sorry.", None)
    told = server.requests[1]["messages"][-1]["content"]
    assert told.startswith("error: the arguments are not JSON")
    await agent.aclose()
