"""The OpenAI agent against a server that speaks the protocol over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.agents import openai
from app.agents.openai import OpenAiAgent
from app.agents.parameters import Arguments, Parameter
from app.agents.tools import BUILT_IN, Tool, Toolbox
from app.call.events import Finished, Reached, Reply, Understood
from app.config import AgentSettings, Settings
from app.engines.base import EngineError, EngineFailed, EngineOverloaded, EngineUnavailable, Question
from app.engines.scripted import ScriptedTranslator, ScriptedTts
from app.reply import Pipeline, Result, Task, reply
from tests.agents.chat_server import KEY, ChatServer, Junk, Refuse, Step, Stream, calls, chat_server, says, text
from tests.agents.talk import ask, at_once, heard
from tests.telephony.serving import soon

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def listening() -> AsyncIterator[ChatServer]:
    async with chat_server() as server:
        yield server


@pytest.fixture
def server(listening: ChatServer) -> Iterator[ChatServer]:
    listening.begin()
    yield listening
    listening.go_on.set()


async def _bill(arguments: Arguments, question: Question) -> str:
    return f"{arguments['customer']} owes 845 rupees"


BILL = Tool("bill", "What a customer owes.", _bill, {"customer": Parameter()})


def settings(url: str, **changes: Any) -> AgentSettings:
    values: dict[str, Any] = {"base_url": url, "api_key": SecretStr(KEY), "model": "small"}
    return AgentSettings(**values | {"system_prompt": "Be brief."} | changes)


@pytest_asyncio.fixture(loop_scope="module")
async def agent(server: ChatServer) -> AsyncIterator[OpenAiAgent]:
    agent = OpenAiAgent(settings(server.url), Toolbox((*BUILT_IN, BILL)))
    yield agent
    await agent.aclose()


def question(confirmed: Any = at_once) -> Question:
    return Question("call-1", "", "hello", (), confirmed)


async def test_text_is_passed_on_as_it_comes(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [says("hello ", "there.", wait=2)]
    async with aclosing(agent.answer(question())) as pieces:
        assert await soon(anext(pieces)) == "hello "
        await soon(server.waiting.wait())
        server.go_on.set()
        assert await soon(anext(pieces)) == "there."
        assert [piece async for piece in pieces] == []


async def test_what_is_asked(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [says("fine.")]
    assert await ask(agent, "thank you", heard("a hello", "c how are you", "a i am —")) == ("fine.", None)
    request = server.requests[0]
    declared = [tool["function"]["name"] for tool in request.pop("tools")]
    assert declared == ["hang_up", "transfer_to_person", "bill"]
    system, *turns = request.pop("messages")
    assert system["content"].startswith("Be brief.")
    assert [(turn["role"], turn["content"]) for turn in turns] == [
        ("user", "how are you"),
        ("assistant", "i am —"),
        ("user", "thank you"),
    ]
    assert request == {"model": "small", "max_tokens": 300, "temperature": 0.3, "stream": True, "tool_choice": "auto"}


async def test_tools_in_fragments_several_in_one_turn(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [
        Stream((
            *text("let me look."),
            *calls(0, "bill", '{"cust', 'omer": "4', '521"}'),
            *calls(1, "bill", '{"customer": "7308"}'),
        )),
        says("845 rupees each."),
    ]  # fmt: skip
    assert await ask(agent, "how much") == ("let me look.\n845 rupees each.", None)
    called, *results = server.requests[1]["messages"][-3:]
    assert called["content"] == "let me look."
    arguments = [call["function"]["arguments"] for call in called["tool_calls"]]
    assert arguments == ['{"customer": "4521"}', '{"customer": "7308"}']
    assert results == [
        {"role": "tool", "tool_call_id": "call-0", "content": "4521 owes 845 rupees"},
        {"role": "tool", "tool_call_id": "call-1", "content": "7308 owes 845 rupees"},
    ]


async def test_calls_that_share_an_index(server: ChatServer, agent: OpenAiAgent) -> None:
    """Some servers number every call 0 and send each whole, with an id of its own."""
    one, two = calls(0, "bill", '{"customer": "1"}', id="a"), calls(0, "bill", '{"customer": "2"}', id="b")
    server.script = [Stream((*one, *two)), says("both.")]
    assert await ask(agent, "how much") == ("both.", None)
    assert [message["content"] for message in server.requests[1]["messages"][-2:]] == [
        "1 owes 845 rupees",
        "2 owes 845 rupees",
    ]


@pytest.mark.parametrize(("tool", "action"), [("hang_up", "hang_up"), ("transfer_to_person", "transfer")])
async def test_a_tool_ends_the_call(server: ChatServer, agent: OpenAiAgent, tool: str, action: Any) -> None:
    server.script = [Stream((*text("goodbye."), *calls(0, tool, "{}")))]
    assert await ask(agent, "bye") == ("goodbye.", Finished(action))
    assert server.script == []


async def test_tools_wait_for_the_caller_to_finish(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [Stream((*text("bye."), *calls(0, "hang_up", "{}")))]
    asked, finished = asyncio.Event(), asyncio.Event()

    async def confirmed() -> None:
        asked.set()
        await finished.wait()

    async with aclosing(agent.answer(question(confirmed))) as pieces:
        assert await soon(anext(pieces)) == "bye."
        assert await soon(anext(pieces)) == "\n", "what was said is spoken meanwhile"
        async with asyncio.TaskGroup() as tasks:
            last = tasks.create_task(anext(pieces))
            await soon(asked.wait())
            assert not last.done()
            finished.set()
        assert last.result() == Finished("hang_up")


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("fly", "{}", "error: there is no tool 'fly'; there are hang_up, transfer_to_person, bill"),
        ("bill", "{", "error: the arguments are not JSON"),
        ("bill", "[]", "error: the arguments must be a JSON object"),
    ],
)
async def test_a_wrong_call_is_told_to_the_model(
    server: ChatServer, agent: OpenAiAgent, name: str, arguments: str, told: str
) -> None:
    server.script = [Stream(tuple(calls(0, name, arguments))), says("sorry.")]
    assert await ask(agent, "how much") == ("sorry.", None)
    assert server.requests[1]["messages"][-1]["content"].startswith(told)


async def test_three_rounds_of_tools_at_most(server: ChatServer, agent: OpenAiAgent) -> None:
    again = Stream(tuple(calls(0, "bill", '{"customer": "4521"}')))
    server.script = [again, again, again, says("845 rupees.")]
    assert await ask(agent, "how much") == ("845 rupees.", None)
    assert [request["tool_choice"] for request in server.requests] == ["auto", "auto", "auto", "none"]
    server.script = [again] * 4
    with pytest.raises(EngineFailed, match="keeps calling tools"):
        await ask(agent, "how much")


@pytest.mark.parametrize("first", [Refuse(500), Refuse(503), Refuse(429), says(cut=True)])
async def test_one_more_try_before_the_first_token(server: ChatServer, agent: OpenAiAgent, first: Step) -> None:
    server.script = [first, says("here i am.")]
    assert await ask(agent, "hello") == ("here i am.", None)


@pytest.mark.parametrize(
    ("status", "error", "told", "requests"),
    [
        (500, EngineFailed, "answered HTTP 500", 2),
        (429, EngineOverloaded, "takes no more requests now", 2),
        (400, EngineFailed, "answered HTTP 400", 1),
        (401, EngineUnavailable, "set the right one in KVA_AGENT__API_KEY", 1),
        (403, EngineUnavailable, "set the right one in KVA_AGENT__API_KEY", 1),
        (404, EngineUnavailable, "no model 'small'.* check agent.model and agent.base_url", 1),
    ],
)
async def test_refusals(
    server: ChatServer, agent: OpenAiAgent, status: int, error: type[EngineError], told: str, requests: int
) -> None:
    server.script = [Refuse(status)] * 2
    with pytest.raises(error, match=told) as raised:
        await ask(agent, "a secret of the caller")
    assert KEY not in str(raised.value)
    assert "secret" not in str(raised.value)
    assert raised.value.__suppress_context__
    assert len(server.requests) == requests


async def test_nothing_is_tried_again_after_the_first_token(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [says("your bill ", "is ", cut=True), says("never asked for")]
    async with aclosing(agent.answer(question())) as pieces:
        assert [await soon(anext(pieces)), await soon(anext(pieces))] == ["your bill ", "is "]
        with pytest.raises(EngineFailed, match=r"the connection to 127\.0\.0\.1 failed"):
            await soon(anext(pieces))
    assert len(server.requests) == 1


async def test_nobody_answers_there() -> None:
    agent = OpenAiAgent(settings("http://127.0.0.1:9/v1"))
    with pytest.raises(EngineFailed, match=r"the connection to 127\.0\.0\.1 failed"):
        await ask(agent, "hello")
    await agent.aclose()


@pytest.mark.parametrize("wait", [0, 1])
async def test_a_first_token_that_never_comes(server: ChatServer, wait: int) -> None:
    """An empty delta with the role, after which nothing comes, is no token."""
    agent = OpenAiAgent(settings(server.url, first_token_timeout_s=0.3))
    server.script = [says("too late", wait=wait), says("too late", wait=wait)]
    with pytest.raises(EngineFailed, match=r"silent for 0.3 s \(agent.first_token_timeout_s\)"):
        await ask(agent, "hello")
    await soon(server.gone.wait())
    await agent.aclose()


async def test_an_endpoint_that_falls_silent_within_its_answer(server: ChatServer) -> None:
    agent = OpenAiAgent(settings(server.url, first_token_timeout_s=0.3))
    server.script = [says("your bill ", "is", wait=2)]
    async with aclosing(agent.answer(question())) as pieces:
        assert await soon(anext(pieces)) == "your bill "
        with pytest.raises(EngineFailed, match=r"127\.0\.0\.1 fell silent"):
            await soon(anext(pieces))
    await agent.aclose()


async def test_the_first_token_is_measured_at_the_first_content(server: ChatServer, agent: OpenAiAgent) -> None:
    """The empty chunk with the role comes at once, and says nothing about the model."""
    server.script = [says("", "hello there.", wait=2)]
    results: list[Result] = []
    pipeline = Pipeline(ScriptedTranslator(), agent, ScriptedTranslator(), ScriptedTts(seconds=0.1), "mulaw")
    task = Task(Reply(1, 0, "hello", ()), "call-1", "", results.append, at_once, at_once)
    async with asyncio.TaskGroup() as tasks:
        replying = tasks.create_task(reply(pipeline, task))
        await soon(server.waiting.wait())
        await asyncio.sleep(0.1)  # what the server has sent is here by now
        assert [type(result) for result in results] == [Understood]
        server.go_on.set()
        await soon(replying)
    assert [result.milestone for result in results if isinstance(result, Reached)] == ["agent_token", "clause"]


async def test_a_model_that_speaks_kannada(server: ChatServer, agent: OpenAiAgent) -> None:
    """Without translation, what stands for English in the history is Kannada."""
    server.script = [says("ನಿಮ್ಮ ಬಿಲ್ ", "೮೪೫ ರೂಪಾಯಿ.")]
    history = heard("a ನಮಸ್ಕಾರ", "c ಬಿಲ್ ಎಷ್ಟು", "a ನಿಮ್ಮ —", "c ಹಲೋ")
    assert await ask(agent, "ಹಲೋ ಬಿಲ್ ಎಷ್ಟು", history) == ("ನಿಮ್ಮ ಬಿಲ್ ೮೪೫ ರೂಪಾಯಿ.", None)
    _, *turns = server.requests[0]["messages"]
    assert [turn["content"] for turn in turns] == ["ಬಿಲ್ ಎಷ್ಟು", "ನಿಮ್ಮ —", "ಹಲೋ ಬಿಲ್ ಎಷ್ಟು"]


async def test_an_answer_without_words(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [says()]
    with pytest.raises(EngineFailed, match="answered nothing"):
        await ask(agent, "hello")


@pytest.mark.parametrize(
    "endless",
    [
        says(*["x" * 1000] * 20),
        Stream(tuple(calls(0, "bill", *["x" * 1000] * 20))),
        Stream(tuple(calls(0, "bill" * 250) * 20)),
    ],
    ids=["text", "arguments", "name"],
)
async def test_an_endless_answer(server: ChatServer, agent: OpenAiAgent, endless: Stream) -> None:
    server.script = [endless]
    with pytest.raises(EngineFailed, match="more than 16000 characters"):
        await ask(agent, "hello")


async def test_closing_the_answer_closes_the_connection(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [says("one ", "two ", wait=2)]
    async with aclosing(agent.answer(question())) as pieces:
        assert await soon(anext(pieces)) == "one "
    await soon(server.gone.wait())


async def test_cancelling_the_answer_closes_the_connection(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [says("one ", wait=0)]
    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(ask(agent, "hello"))
        await soon(server.waiting.wait())
        answering.cancel()
    await soon(server.gone.wait())


@pytest.mark.parametrize("junk", ["data: {oops\n\n", 'data: {"choices": [{}]}\n\n', "data: [1]\n\n"])
async def test_what_is_no_chat_completion_is_an_engines_failure(
    server: ChatServer, agent: OpenAiAgent, junk: str
) -> None:
    server.script = [Junk(junk)]
    with pytest.raises(EngineFailed):
        await ask(agent, "hello")


async def test_a_model_that_only_thinks_at_first_is_warm(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [says()]
    await agent.warm_up()
    assert len(server.requests) == 1


async def test_warm_up(server: ChatServer, agent: OpenAiAgent) -> None:
    server.script = [says("hello"), Refuse(401)]
    await agent.warm_up()
    assert server.requests[0]["max_tokens"] == 16
    with pytest.raises(EngineUnavailable, match="KVA_AGENT__API_KEY"):
        await agent.warm_up()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": ""}, "agent.model is not set"),
        ({"base_url": "https://api.openai.com/v1", "api_key": SecretStr("")}, "agent.api_key is not set"),
        ({"base_url": "llm.example.in/v1"}, "agent.base_url must be an http"),
    ],
)
async def test_settings_that_are_missing(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(EngineUnavailable, match=told):
        openai.load(Settings(agent=settings("http://127.0.0.1:1/v1", **changes)))


async def test_a_server_of_ones_own_needs_no_key() -> None:
    agent = openai.load(Settings(agent=settings("http://127.0.0.1:1/v1", api_key=SecretStr(""))))
    await agent.aclose()
    await agent.aclose()
