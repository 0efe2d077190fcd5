"""`kva agent chat` by script: both languages, keys, taking back, tools, and how a call would end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.agents import flow
from app.call.events import Finished
from app.call.policy import Choice
from app.config import Settings
from app.console.talk import Talk
from app.desk import Desk
from app.engines.base import EngineFailed
from app.engines.scripted import ScriptedAgent, ScriptedTranslator
from app.kannada.asked import Asked
from app.reply import StageError
from tests.agents.chat_server import KEY, ChatServer, Stream, calls, chat_server, says
from tests.console.conftest import Invoke

AGENTS = Path(flow.__file__).parent
MODEL = """persona = "Be brief."
[people.office]
number = "+918000000001"
[people.doctor]
number = "+918000000002"
"""


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with chat_server() as running:
        yield running


def test_a_conversation_in_both_languages(kva_agent: Invoke) -> None:
    result = kva_agent("chat", typed="ನನ್ನ ಬಿಲ್ ಎಷ್ಟು\n/keys 4521\nyes\ngoodbye\n")
    assert result.exit_code == 0, result.output
    lines = [line.strip() for line in result.output.splitlines()]
    assert [line for line in lines if not line.startswith("after ")][1:] == [
        "agent   ನಮಸ್ಕಾರ, ವಿದ್ಯುತ್ ಸಹಾಯವಾಣಿಗೆ ಸ್ವಾಗತ. ನಾನು ನಿಮಗೆ ಹೇಗೆ ಸಹಾಯ ಮಾಡಲಿ?",
        "hello welcome to the electricity help line. how can i help you?",
        "caller  ನನ್ನ ಬಿಲ್ ಎಷ್ಟು",
        "how much is my bill",
        "agent   ದಯವಿಟ್ಟು ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ಹೇಳಿ.",
        "please tell me your customer number.",
        "expects: digits",
        "caller  4521",
        "agent   ನಿಮ್ಮ ಗ್ರಾಹಕ ಸಂಖ್ಯೆ ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು ಸರಿಯೇ?",
        "your customer number is 4521 is that right?",
        "expects: yes or no",
        "caller  yes",
        "records: SELECT 1 FROM customers WHERE number = '4521'",
        "records: SELECT name, month, amount FROM bills JOIN customers USING (number) WHERE number = '4521' AND "
        "(NULL IS NULL OR month = NULL) ORDER BY id DESC LIMIT 1",
        "agent   ರಮೇಶ್ ನಿಮ್ಮ ಅಕ್ಟೋಬರ್ ತಿಂಗಳ ಬಿಲ್ ಎಂಟುನೂರ ನಲವತ್ತೈದು ರೂಪಾಯಿ.",
        "Ramesh your bill for October is 845 rupees.",
        "caller  goodbye",
        "agent   ಕರೆ ಮಾಡಿದ್ದಕ್ಕೆ ಧನ್ಯವಾದ.",
        "thank you for calling.",
        "The agent hangs up here. /back takes it back.",
    ]
    timings = [line for line in lines if line.startswith("after ")]
    assert len(timings) == 4
    assert all("translated " in line and "first clause " in line and "all " in line for line in timings)


def test_taking_back_and_what_is_no_command(kva_agent: Invoke) -> None:
    typed = "/back\nhow much is my bill\n4521\n/back\n9150\n/bacK\n/keys 1a\n/quit\nyes\n"
    output = kva_agent("chat", typed=typed).output
    assert "caller  4521" in kva_agent("chat", typed="/keys 4521#\n").output, "# ends them, as in a call"
    assert "There is nothing to take back." in output
    assert "The last turn is taken back." in output
    assert "your customer number is 9150 is that right?" in output, "4521 was never said"
    assert output.count("There is no such command.") == 2
    assert "caller  yes" not in output, "nothing follows /quit"


def test_a_desk_that_the_demo_translators_do_not_know(kva_agent: Invoke, tmp_path: Path) -> None:
    for name in ("electricity_desk.toml", "electricity_desk.sql"):
        text = (AGENTS / name).read_text("utf-8").replace("please tell me what is broken.", "what is broken?")
        (tmp_path / name).write_text(text, encoding="utf-8")
    output = kva_agent("chat", "electricity_desk.toml", typed="ಬಿಲ್ ಎಷ್ಟು\nit is not working\n/keys 0\n").output
    assert "The embedded demo translators know the sentences of the electricity desk only." in output
    assert "The demo translators do not know this desk: type English." in output
    assert "agent   what is broken?" in output, "in English alone"
    assert "The call goes to: office." in output, "a key of the menu"


def test_the_same_desk_under_another_name_is_known(kva_agent: Invoke, tmp_path: Path) -> None:
    for name in ("electricity_desk.toml", "electricity_desk.sql"):
        (tmp_path / name).write_text((AGENTS / name).read_text("utf-8"), encoding="utf-8")
    output = kva_agent("chat", "electricity_desk.toml", typed="i want to talk to an officer\n/keys 1\n").output
    assert "demo translators" not in output
    assert "The call goes to: office. /back takes it back." in output
    assert "caller  how much is my bill" in output, "what the key 1 says"


async def test_a_language_model_and_its_tools(kva_agent: Invoke, tmp_path: Path, server: ChatServer) -> None:
    (tmp_path / "desk.toml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "kva.toml").write_text(
        f'[agent]\nbase_url = "{server.url}"\nmodel = "small"\napi_key = "{KEY}"\n', encoding="utf-8"
    )
    transfer = Stream(tuple(calls(0, "transfer_to_person", '{"person": "doctor"}')))
    wrong = Stream(tuple(calls(0, "fly", "{}")))
    server.script = [says("hi"), says("How are you?"), wrong, says("I cannot."), transfer]
    typed = "hello\nfly away\ni am ill\n"
    output = (await asyncio.to_thread(kva_agent, "chat", "desk.toml", typed=typed)).output
    assert "agent   How are you?" in output
    assert "tool: fly {}" in output
    assert "  says: error: there is no tool 'fly'; there are hang_up, transfer_to_person" in output
    assert 'tool: transfer_to_person {"person": "doctor"}' in output
    assert "The call goes to: doctor. /back takes it back." in output
    said = [message["content"] for message in server.requests[2]["messages"]]
    assert said[1:] == ["hello", "How are you?", "fly away"], "all was heard"


async def test_a_stage_that_fails_ends_the_turn_and_not_the_talk() -> None:
    agent = ScriptedAgent(tokens=("hello.",))
    talk = Talk(Desk(Settings()), ScriptedTranslator(), agent, ScriptedTranslator())
    before = talk.history
    agent.error = EngineFailed("it broke")
    with pytest.raises(StageError, match="agent"):
        await talk.turn("hi", lambda result: None, understood=True)
    assert talk.history == before
    agent.error = None
    assert (await talk.turn("hi", lambda result: None, understood=True)).finished == Finished()
    assert [line.english for line in talk.history[1:]] == ["hi", "hello."]


async def test_a_key_is_a_choice_unless_digits_were_asked_for() -> None:
    menu = (Choice("1", says="my bill"),)
    desk = Desk(Settings(), menu=menu, asks=lambda kannada, english: Asked("digits" if "number" in english else ""))
    talk = Talk(desk, ScriptedTranslator(), ScriptedAgent(tokens=("your number?",)), ScriptedTranslator())
    assert talk.choice("1") == menu[0]
    assert talk.choice("2") is None
    await talk.turn("hi", lambda result: None, understood=True)
    assert talk.choice("1") is None
