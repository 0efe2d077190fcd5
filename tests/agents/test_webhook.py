"""Webhooks against a web service on loopback, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.agents.agent_file import WebhookTool
from app.agents.parameters import Arguments, Parameter
from app.agents.tools import ToolError
from app.agents.webhook import Webhook
from app.engines.base import Question
from tests.agents.talk import at_once, heard
from tests.telephony.serving import served, soon

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = Question("call-1", "+919900000000", "a secret of the caller", heard("a hello"), at_once)


@dataclass
class Service:
    """Answers every request with `answer`, and remembers it."""

    address: str = ""
    answer: Response = field(default_factory=lambda: JSONResponse({"answer": "845 rupees"}))
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        target = scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
        self.requests.append((request.method, target, json.loads(body) if body else None))
        self.headers.append(dict(request.headers))
        await self.answering.wait()
        await self.answer(scope, receive, send)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def listening() -> AsyncIterator[Service]:
    service = Service()
    async with served(service) as address:
        service.address = address
        yield service


@pytest.fixture
def service(listening: Service) -> Iterator[Service]:
    listening.requests.clear()
    listening.headers.clear()
    listening.answer = JSONResponse({"answer": "845 rupees"})
    listening.answering.set()
    yield listening
    listening.answering.set()


def tool(service: Service, path: str = "/bill", **changes: Any) -> WebhookTool:
    values: dict[str, Any] = {
        "kind": "webhook",
        "name": "bill",
        "description": "A bill.",
        "url": f"http://{service.address}{path}",
        "private": True,
        "parameters": {"a": Parameter(), "b": Parameter(type="integer", optional=True)},
    }
    return WebhookTool.model_validate(values | changes)


async def ask(declared: WebhookTool, arguments: Arguments, question: Question = QUESTION, **headers: str) -> str:
    webhook = Webhook(declared, headers)
    try:
        told: str = await soon(webhook.run(arguments, question))
        return told
    finally:
        await webhook.aclose()
        await webhook.aclose()


async def test_arguments_fill_path_and_query(service: Service) -> None:
    declared = tool(service, "/customers/{a}/bill?units={b}&from={caller}&again={a}")
    assert await ask(declared, {"a": "45 21", "b": 7}, Authorization="Bearer s3cret") == '{"answer":"845 rupees"}'
    assert service.requests == [("GET", "/customers/45%2021/bill?units=7&from=%2B919900000000&again=45%2021", None)]
    assert service.headers[0]["authorization"] == "Bearer s3cret"
    assert "idempotency-key" not in service.headers[0]


@pytest.mark.parametrize(
    "value", ["../admin", "a/b", "x?admin=1", "x&admin=1", "x#y", "%2e%2e", "\\..\\", "a\r\nHost: b", "{caller}", "ಬಿಲ್"]
)
async def test_an_argument_stays_where_it_belongs(service: Service, value: str) -> None:
    await ask(tool(service, "/customers/{a}/bill?q={a}"), {"a": value})
    ((_, target, _),) = service.requests
    path, _, query = target.partition("?")
    customers, between, bill = path[1:].split("/")
    assert (customers, bill) == ("customers", "bill")
    assert query == f"q={between}"
    assert not set(between) & set("/?&#{}\\ \r\n")
    assert "host: b" not in str(service.headers[0])


@pytest.mark.parametrize("value", ["", ".", ".."])
async def test_no_argument_walks_up_the_path(service: Service, value: str) -> None:
    with pytest.raises(ToolError, match="empty or only dots"):
        await ask(tool(service, "/customers/{a}/bill"), {"a": value})
    assert service.requests == []


async def test_a_json_body_keeps_types_and_leaves_out_what_is_missing(service: Service) -> None:
    body = {"text": "{a}: {b} hours", "hours": "{b}", "who": {"phone": "{caller}", "x": ["{a}", 1, True]}, "c": "{b}"}
    declared = tool(service, method="POST", body=body)
    await ask(declared, {"a": 'wire "down" {caller}', "b": 3})
    await ask(declared, {"a": "cut"})
    assert [sent for _, _, sent in service.requests] == [
        {
            "text": 'wire "down" {caller}: 3 hours',
            "hours": 3,
            "who": {"phone": "+919900000000", "x": ['wire "down" {caller}', 1, True]},
            "c": 3,
        },
        {"text": "cut:  hours", "who": {"phone": "+919900000000", "x": ["cut", 1, True]}},
    ]


async def test_the_same_wish_has_the_same_key(service: Service) -> None:
    """A turn that goes on is answered anew; the service must not write twice."""
    declared = tool(service, method="POST", body={"a": "{a}"})
    later = Question("call-1", "", "and?", heard("a hello", "c one", "a two"), at_once)
    for question, value in ((QUESTION, "x"), (QUESTION, "x"), (QUESTION, "y"), (later, "x")):
        await ask(declared, {"a": value}, question)
    keys = [headers["idempotency-key"] for headers in service.headers]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("answer", "yes"),
        ("results.0.content", "one"),
        ("results.*.content", "one\ntwo ಎರಡು"),
        ("results.1", '{"content": "two ಎರಡು", "score": 0.5}'),
        ("results.*.score", "0.5"),
        ("results.9.content", "nothing was found"),
        ("results.content", "nothing was found"),
        ("answer.0", "nothing was found"),
        ("null", "nothing was found"),
    ],
)
async def test_the_words_are_taken_from_the_answer(service: Service, path: str, told: str) -> None:
    found = [{"content": "one", "score": None}, {"content": "two ಎರಡು", "score": 0.5}]
    service.answer = JSONResponse({"answer": "yes", "results": found, "null": None})
    assert await ask(tool(service, answer=path), {"a": "x"}) == told


async def test_a_long_answer_is_cut(service: Service) -> None:
    service.answer = PlainTextResponse("x" * 5000)
    assert await ask(tool(service), {"a": "x"}) == "x" * 4000 + " …"


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b"x" * 65536
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (PlainTextResponse("a secret of the caller", 404), r"knows nothing of that \(HTTP 404\)"),
        (PlainTextResponse("a secret of the caller", 500), "answered HTTP 500"),
        (RedirectResponse("http://127.0.0.1:9/elsewhere"), "answered HTTP 307"),
        (StreamingResponse(_endless()), "more than 256 KiB"),
        (PlainTextResponse("<html>"), "not JSON"),
        (PlainTextResponse("[" * 200_000), "not JSON"),
        (PlainTextResponse("x", headers={"content-encoding": "gzip"}), "compresses its answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_answer_that_is_of_no_use(service: Service, answer: Response, told: str) -> None:
    service.answer = answer
    with pytest.raises(ToolError, match=told) as raised:
        await ask(tool(service, answer="answer"), {"a": "x"})
    assert "secret" not in str(raised.value)
    assert len(service.requests) == 1


async def test_nobody_there(service: Service) -> None:
    with pytest.raises(ToolError, match="cannot be reached"):
        await ask(tool(service, url="http://127.0.0.1:9/", private=True), {"a": "x"})


async def test_a_name_that_leads_into_this_network_is_not_even_connected_to(service: Service) -> None:
    connected: list[asyncio.StreamReader] = []

    def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(reader)
        writer.close()

    listening = await asyncio.start_server(connect, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    for private in (True, False):
        connected.clear()
        with pytest.raises(ToolError, match="cannot be reached"):
            await ask(tool(service, url=f"https://localhost:{port}/", private=private), {"a": "x"})
        assert bool(connected) is private
    listening.close()
    await listening.wait_closed()


async def test_cancelling_closes_the_connection() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        gone.set()
        writer.close()

    listening = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    webhook = Webhook(tool(Service(address=f"{host}:{port}")), {})
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(webhook.run({"a": "x"}, QUESTION))
        await soon(asked.wait())
        asking.cancel()
        await soon(gone.wait())
    assert asking.cancelled()
    await webhook.aclose()
    listening.close()
    await listening.wait_closed()
