"""Two endpoints, each a server over real HTTP: when the second is asked, and when the first again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.agents.endpoint import Endpoint, Request
from app.agents.fallback import Endpoints
from app.agents.openai import OpenAiAgent
from app.config import AgentSettings
from app.config.agent import FallbackSettings
from app.engines.base import EngineFailed, EngineUnavailable
from tests.agents.chat_server import KEY, ChatServer, Refuse, Step, chat_server, says
from tests.agents.talk import ask
from tests.telephony.serving import soon

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 1.0
REQUEST = Request([{"role": "user", "content": "hello"}], [], "auto", 0.0, 10)

Servers = tuple[ChatServer, ChatServer]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def listening() -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        yield (await stack.enter_async_context(chat_server()), await stack.enter_async_context(chat_server()))


@pytest_asyncio.fixture(loop_scope="module")
async def servers(listening: Servers) -> AsyncIterator[Servers]:
    for server in listening:
        server.begin()
    yield listening
    for server in listening:
        server.go_on.set()


def settings(first: str, second: str, **changes: Any) -> AgentSettings:
    fallback = FallbackSettings(base_url=second, api_key=SecretStr(KEY), model="other")
    values = {"base_url": first, "api_key": SecretStr(KEY), "model": "small", "fallback": fallback}
    return AgentSettings.model_validate(values | {"first_token_timeout_s": PATIENCE_S} | changes)


@pytest_asyncio.fixture(loop_scope="module")
async def agent(servers: Servers) -> AsyncIterator[OpenAiAgent]:
    agent = OpenAiAgent(settings(servers[0].url, servers[1].url))
    yield agent
    await agent.aclose()


async def test_the_first_answers_as_long_as_it_can(servers: Servers) -> None:
    servers[0].script = [says("one."), Refuse(500), says("two.")]
    patient = OpenAiAgent(settings(servers[0].url, servers[1].url, first_token_timeout_s=20.0))
    assert [await ask(patient, "hello"), await ask(patient, "hello")] == [("one.", None), ("two.", None)]
    await patient.aclose()
    assert servers[1].requests == []


@pytest.mark.parametrize(
    ("step", "asked"), [(Refuse(500), 2), (Refuse(429), 2), (Refuse(401), 1), (Refuse(404), 1), (Refuse(400), 1)]
)
async def test_the_second_answers_when_the_first_fails(
    servers: Servers, agent: OpenAiAgent, step: Step, asked: int, caplog: pytest.LogCaptureFixture
) -> None:
    servers[0].script = [step] * 2
    servers[1].script = [says("here.")]
    caplog.set_level(logging.WARNING)
    assert await ask(agent, "a secret of the caller") == ("here.", None)
    assert len(servers[0].requests) == asked
    assert servers[1].requests[0]["model"] == "other"
    assert "asking the other endpoint" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("wait", [0, 1])
async def test_a_silent_first_has_half_of_the_patience(servers: Servers, agent: OpenAiAgent, wait: int) -> None:
    servers[0].script = [says("too late", wait=wait)]
    servers[1].script = [says("here.")]
    began = asyncio.get_running_loop().time()
    assert await ask(agent, "hello") == ("here.", None)
    assert asyncio.get_running_loop().time() - began >= PATIENCE_S / 2
    await soon(servers[0].gone.wait())


async def test_nothing_is_asked_anew_once_something_was_said(servers: Servers, agent: OpenAiAgent) -> None:
    servers[0].script = [says("your bill ", cut=True)]
    with pytest.raises(EngineFailed, match="the connection to"):
        await ask(agent, "hello")
    assert servers[1].requests == []


async def test_a_dead_first_is_not_asked_at_every_turn(servers: Servers, agent: OpenAiAgent) -> None:
    servers[0].script = [Refuse(500)] * 2
    servers[1].script = [says("one."), says("two."), says("three.")]
    for text in ("one.", "two.", "three."):
        assert await ask(agent, "hello") == (text, None)
    assert len(servers[0].requests) == 2


async def test_a_refused_request_is_no_dead_endpoint(servers: Servers, agent: OpenAiAgent) -> None:
    servers[0].script = [Refuse(400), says("two.")]
    servers[1].script = [says("one.")]
    assert [await ask(agent, "hello"), await ask(agent, "hello")] == [("one.", None), ("two.", None)]


async def test_one_that_rests_is_asked_when_the_other_fails(servers: Servers, agent: OpenAiAgent) -> None:
    servers[0].script = [Refuse(401), says("better now.")]
    servers[1].script = [says("one."), Refuse(401)]
    assert [await ask(agent, "hello"), await ask(agent, "hello")] == [("one.", None), ("better now.", None)]


async def test_when_both_fail_the_last_says_why(servers: Servers, agent: OpenAiAgent) -> None:
    servers[0].script = [Refuse(401)]
    servers[1].script = [Refuse(401)]
    with pytest.raises(EngineUnavailable, match=r"refuses agent\.fallback\.api_key.*KVA_AGENT__FALLBACK__API_KEY"):
        await ask(agent, "hello")


async def _first(endpoints: Endpoints) -> str | None:
    async with aclosing(endpoints.stream(REQUEST)) as deltas:
        return (await anext(deltas)).content


async def test_after_its_rest_one_request_tries_the_first(servers: Servers) -> None:
    given = settings(servers[0].url, servers[1].url)
    assert given.fallback is not None
    pair = [Endpoint(given, "agent", 5.0), Endpoint(given.fallback, "agent.fallback", 5.0)]
    endpoints = Endpoints(pair, 5.0, rest_s=1.0)
    servers[0].script = [Refuse(401), says("better now.", wait=1), says("good.")]
    servers[1].script = [says("one."), says("two.")]
    assert await _first(endpoints) == "one."
    await asyncio.sleep(1.05)
    async with asyncio.TaskGroup() as tasks:
        trying = tasks.create_task(_first(endpoints))
        await soon(servers[0].waiting.wait())
        assert await _first(endpoints) == "two.", "the others do not wait for the trial"
        servers[0].go_on.set()
        assert await soon(trying) == "better now."
    assert await _first(endpoints) == "good."
    await endpoints.aclose()


async def test_warm_up_needs_one_that_answers(
    servers: Servers, agent: OpenAiAgent, caplog: pytest.LogCaptureFixture
) -> None:
    servers[0].script = [says("hello"), says("hello")]
    servers[1].script = [says(), Refuse(401)]
    await agent.warm_up()
    assert caplog.text == ""
    await agent.warm_up()
    assert "KVA_AGENT__FALLBACK__API_KEY" in caplog.text
    servers[0].script = [Refuse(404)]
    servers[1].script = [Refuse(401)]
    with pytest.raises(EngineUnavailable, match="no model 'small'"):
        await agent.warm_up()


async def test_a_second_endpoint_needs_what_the_first_needs() -> None:
    with pytest.raises(EngineUnavailable, match=r"agent\.fallback\.api_key is not set.*KVA_AGENT__FALLBACK__API_KEY"):
        OpenAiAgent(
            settings("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1").model_copy(
                update={"fallback": FallbackSettings(base_url="https://api.openai.com/v1", model="m")}
            )
        )
    with pytest.raises(EngineUnavailable, match=r"agent\.fallback\.base_url must be"):
        OpenAiAgent(settings("http://127.0.0.1:9/v1", "nowhere"))
