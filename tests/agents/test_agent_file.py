"""The language model's file: the example works, and what is wrong is named by its key."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.agents import agent_file, openai
from app.agents.declared import toolbox
from app.agents.tools import Toolbox
from app.call.events import Finished
from app.config import AgentSettings, ConfigError, Settings, TranslationSettings, TwilioSettings, load_settings
from app.engines.base import Filler, Question
from tests.agents.talk import at_once
from tests.telephony.serving import served, soon

EXAMPLE = Path(agent_file.__file__).with_name("electricity_agent.toml")
SECRETS = {"billing": SecretStr("b"), "complaints": SecretStr("c"), "tavily": SecretStr("tvly-1")}
QUESTION = Question("call-1", "+919900000000", "hello", (), at_once)

WEBHOOK = '[[tools]]\nkind = "webhook"\nname = "w"\ndescription = "d"\n'
URL = WEBHOOK + 'url = "https://a.example.in/"\n'
SMS = '[[tools]]\nkind = "sms"\nname = "s"\ndescription = "d"\ntext = "hello"\n'


def settings(**changes: Any) -> Settings:
    twilio = TwilioSettings(account_sid="AC" + "0" * 32, auth_token=SecretStr("t"), phone_number="+918040000000")
    agent = AgentSettings(model="small", base_url="http://127.0.0.1:9/v1", secrets=SECRETS, file=EXAMPLE)
    return Settings(**{"twilio": twilio, "agent": agent} | changes)


def tools_of(path: Path, given: Settings) -> Toolbox:
    return toolbox(agent_file.read(path), path, given)


def written(folder: Path, text: str) -> Path:
    path = folder / "agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def test_the_example_has_every_kind_of_tool() -> None:
    file = agent_file.read(EXAMPLE)
    assert {tool.kind for tool in file.tools} == {"webhook", "sms", "knowledge", "transfer", "hang_up"}
    tools = tools_of(EXAMPLE, settings())
    declared = [tool["function"]["name"] for tool in tools.declarations]
    assert declared == [
        "look_up",
        "bill",
        "complain",
        "web_search",
        "text_payment_link",
        "transfer",
        "hang_up",
    ]
    bill = tools.get("bill")
    assert bill is not None
    assert bill.filler == Filler("one moment, i am looking at your bill.", "ಒಂದು ಕ್ಷಣ, ನಿಮ್ಮ ಬಿಲ್ ನೋಡುತ್ತಿದ್ದೇನೆ.")
    told = await tools.run("look_up", '{"query": "fallen wire"}', QUESTION)
    assert str(told).startswith("Power cuts and safety, Danger:")
    await tools.aclose()


async def test_web_search_as_the_example_has_it(tmp_path: Path) -> None:
    """Against a server that answers as Tavily does (https://docs.tavily.com/documentation/api-reference)."""
    asked: list[tuple[str, dict[str, Any]]] = []

    async def search(request: Request) -> JSONResponse:
        asked.append((request.headers["authorization"], await request.json()))
        results = [{"title": "t", "url": "https://a.in", "content": "c", "score": 0.9}]
        return JSONResponse({"query": "q", "answer": "It rains in Mysuru.", "results": results})

    async with served(Starlette(routes=[Route("/search", search, methods=["POST"])])) as address:
        text = EXAMPLE.read_text("utf-8").replace(
            'https://api.tavily.com/search"', f'http://{address}/search"\nprivate = true'
        )
        text = text.replace('folder = "', f'folder = "{EXAMPLE.parent}/')
        tools = tools_of(written(tmp_path, text), settings())
        told = await soon(tools.run("web_search", '{"query": "weather in Mysuru"}', QUESTION))
        await tools.aclose()
    assert told == "It rains in Mysuru."
    ((key, body),) = asked
    assert key == "Bearer tvly-1"
    assert body == {
        "query": "weather in Mysuru",
        "search_depth": "basic",
        "include_answer": True,
        "max_results": 3,
        "country": "india",
    }


async def test_the_files_prompt_is_used() -> None:
    agent = openai.load(settings())
    assert agent.system_prompt.strip().startswith("You answer the phone at the electricity help line")
    await agent.aclose()


async def test_without_a_prompt_the_model_is_told_which_language_to_write() -> None:
    asked = AgentSettings(model="any", base_url="http://127.0.0.1:1/v1")
    english = openai.load(Settings(agent=asked))
    kannada = openai.load(Settings(agent=asked, translation=TranslationSettings(engine="none")))
    assert "translated to Kannada" in english.system_prompt
    assert "in Kannada script" in kannada.system_prompt
    await english.aclose()
    await kannada.aclose()


async def test_transfers_and_hanging_up(tmp_path: Path) -> None:
    tools = tools_of(EXAMPLE, settings())
    assert await tools.run("transfer", '{"person": "emergency"}', QUESTION) == Finished("transfer", "emergency")
    wrong = await tools.run("transfer", '{"person": "+919999999999"}', QUESTION)
    assert str(wrong).startswith("error: person: must be one of office, emergency")
    assert await tools.run("hang_up", "{}", QUESTION) == Finished("hang_up")
    await tools.aclose()
    plain = tools_of(written(tmp_path, '[[tools]]\nkind = "transfer"\nname = "person"\n'), settings())
    assert await plain.run("person", "{}", QUESTION) == Finished("transfer")
    assert plain.get("transfer_to_person") is None
    assert await plain.run("hang_up", "", QUESTION) == Finished("hang_up"), "the built-in one is still there"


async def test_a_model_that_speaks_kannada_remembers_fillers_in_kannada(tmp_path: Path) -> None:
    kannada = settings(translation=TranslationSettings(engine="none"))
    path = written(tmp_path, URL + 'filler = "one moment."\nfiller_kannada = "ಒಂದು ಕ್ಷಣ."\n')
    tool = tools_of(path, kannada).get("w")
    assert tool is not None
    assert tool.filler == Filler("ಒಂದು ಕ್ಷಣ.", "ಒಂದು ಕ್ಷಣ.")
    with pytest.raises(ConfigError, match=r"tools\.0\.filler_kannada: is missing"):
        tools_of(written(tmp_path, URL + 'filler = "one moment."\n'), kannada)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tools = [", "not valid TOML"),
        ("colour = 1", "colour: there is no key 'colour'; known are desk"),
        ('[[tools]]\nkind = "magic"\nname = "m"', "tools.0.kind: .*'webhook'"),
        ('[[tools]]\nname = "m"', "tools.0.kind: is missing"),
        (WEBHOOK, "tools.0.url: is missing"),
        (URL + "timeout_s = 60", "tools.0.timeout_s: .*less than or equal to 30"),
        (URL + 'nmae = "x"', "tools.0.nmae: there is no key 'nmae'; did you mean 'name'?"),
        (WEBHOOK + 'url = "ftp://a.example.in/"', "tools.0.url: must begin with https://"),
        (WEBHOOK + 'url = "https://{host}/"', "url: must name the host without placeholders"),
        (WEBHOOK + 'url = "https://a.{host}.in/"', "url: must name the host without placeholders"),
        (WEBHOOK + 'url = "https://me:word@a.example.in/"', "url: must name the host without placeholders, user"),
        (WEBHOOK + 'url = "https://a.example.in/a b"', "url: must be percent-encoded"),
        (WEBHOOK + 'url = "http://a.example.in/"', "must be https and a public host"),
        (WEBHOOK + 'url = "https://169.254.169.254/"', "must be https and a public host"),
        (WEBHOOK + 'url = "https://[::1]/"', "must be https and a public host"),
        (
            WEBHOOK + 'url = "https://a.example.in/{what}"',
            "url: there is no parameter 'what'; known are call_id, caller",
        ),
        (URL + 'body = { a = ["{what}"] }\nmethod = "POST"', "body: there is no parameter 'what'"),
        (WEBHOOK + 'url = "https://a.example.in/?key={secret:key}"', "url: secrets stand in headers only"),
        (URL + 'body = { a = ["{secret:key}"] }\nmethod = "POST"', "body: secrets stand in headers only"),
        (URL + 'body = { a = "1" }', "body: a GET has none"),
        (URL + 'headers = { Host = "b" }', "headers: 'Host' is not a header that can be set"),
        (URL + 'headers = { A = "{caller}" }', "headers: A must be plain ASCII; of placeholders only {secret:NAME}"),
        (URL + 'headers = { A = "a\\nB: c" }', "headers: A must be plain ASCII"),
        (URL + 'headers = { A = "{secret:nobody}" }', "tools.0.headers.A: agent.secrets.nobody is not set"),
        (URL + 'filler_kannada = "ಕ್ಷಣ"', "filler_kannada needs filler"),
        (URL + "[tools.parameters.a]\npattern = '('", "tools.0.parameters.a.pattern: not a regular"),
        (URL + '[tools.parameters.a]\ntype = "integer"\nenum = ["1"]', "parameters.a: enum is for strings"),
        (URL + URL, "tools.1.name: there are two tools 'w'"),
        (URL.replace('"w"', '"hang_up"'), "tools.0.name: hang_up is a built-in tool"),
        (SMS + 'to = "9900000000"', "tools.0.to: "),
        (
            '[people.office]\nnumber = "+918000000001"\n[[tools]]\nkind = "transfer"\npeople = ["offise"]',
            "5: tools.0.people: there is no person 'offise'; did you mean 'office'?",
        ),
        (
            '[[tools]]\nkind = "knowledge"\nname = "k"\ndescription = "d"\nfolder = "no"',
            "tools.0.folder: .*no such folder",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        tools_of(path, settings())
    message = str(raised.value)
    assert re.match(rf"{re.escape(str(path))}:\d+: ", message), message
    position = 0
    for part in told.split(".*"):
        assert part in message[position:], message
        position = message.index(part, position)


def test_texting_needs_twilio(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"needs twilio\.account_sid"):
        tools_of(written(tmp_path, SMS), settings(twilio=TwilioSettings()))


def test_a_secret_that_would_break_a_header_is_not_shown(tmp_path: Path) -> None:
    agent = AgentSettings(secrets={"Key": SecretStr("to\nken")})
    with pytest.raises(ConfigError, match=r"agent\.secrets\.key: must be plain ASCII in one line") as raised:
        tools_of(written(tmp_path, URL + 'headers = { A = "{secret:KEY}" }\n'), settings(agent=agent))
    assert "ken" not in str(raised.value)


def test_secrets_and_the_second_endpoint_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVA_AGENT__SECRETS__TAVILY", "tvly-2")
    monkeypatch.setenv("KVA_AGENT__FALLBACK__API_KEY", "sk-2")
    file = tmp_path / "kva.toml"
    file.write_text(
        '[agent]\nsecrets = { Billing = "b" }\nfallback = { base_url = "http://127.0.0.1:9/v1", model = "m" }'
    )
    given = load_settings(file)
    assert {name: secret.get_secret_value() for name, secret in given.agent.secrets.items()} == {
        "tavily": "tvly-2",
        "billing": "b",
    }
    assert given.agent.fallback is not None
    assert given.agent.fallback.api_key.get_secret_value() == "sk-2"
    assert "tvly-2" not in repr(given)
