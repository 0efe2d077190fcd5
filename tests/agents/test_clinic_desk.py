"""The clinic's appointment desk, from the caller's side: whole conversations, and what they leave in the records."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from app.agents import flow_file
from app.agents.flow import FlowAgent
from app.config import ConfigError
from app.engines.base import Question
from tests.agents.clinic_conversations import ANAND, CONVERSATIONS, KEPT, NAME, PART, PHONE, WHICH, Row, right
from tests.agents.talk import Conversation, ask, heard

DESK = Path(flow_file.__file__).with_name("clinic_desk.toml")
CLOCK = {
    "date('now', '+330 minutes')": "'2026-11-26'",
    "strftime('%H', 'now', '+330 minutes')": "8",
    "strftime('%M', 'now', '+330 minutes')": "0",
}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The desk with its clock stopped."""
    script = DESK.with_suffix(".sql").read_text("utf-8")
    for now, stopped in CLOCK.items():
        assert now in script
        script = script.replace(now, stopped)
    (tmp_path / "clinic_desk.sql").write_text(script, "utf-8")
    copy = tmp_path / "clinic_desk.toml"
    copy.write_text(DESK.read_text("utf-8"), "utf-8")
    return copy


@pytest.fixture
async def agent(desk: Path) -> AsyncIterator[FlowAgent]:
    agent = FlowAgent(flow_file.read(desk))
    yield agent
    await agent.aclose()


def appointments(agent: FlowAgent) -> list[Row]:
    """Those that stand, besides the ones that fill doctor Shobha's day."""
    written = """
        SELECT doctor, date, minute, name, phone FROM appointments
        WHERE name != 'Sample' AND id NOT IN (SELECT appointment FROM taken_back) ORDER BY id"""
    return [tuple(row.values()) for row in agent.records.rows(written, {})]  # type: ignore[misc]


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_conversation(agent: FlowAgent, name: str) -> None:
    lines, rows = CONVERSATIONS[name]
    conversation = Conversation(agent)
    assert [(text, await conversation.say(text)) for text, _ in lines] == lines
    assert appointments(agent) == rows


@pytest.mark.parametrize(
    "words",
    [
        "my father has severe chest pain please do something",
        "there was an accident and he is bleeding a lot",
        "wait the child is not breathing",
        "she fainted",
        "my father can't breathe",
        "he has chest pains",
        "there is a lot of pain in his chest",
        "my mother has trouble breathing",
        "he collapsed in the road",
        "delivery pain has started",
        "we need an ambulance",
    ],
)
async def test_an_emergency_goes_to_its_own_people_at_once(agent: FlowAgent, words: str) -> None:
    for history in ((), heard("c i want to book an appointment", f"a {WHICH}")):
        said, finished = await ask(agent, words, history)
        assert said == ""
        assert finished is not None
        assert (finished.action, finished.target) == ("transfer", "emergency")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("i want to meet doctor Anand on Monday", PART),
        ("can i get an appointment for tomorrow", WHICH),
        ("i need an appointment", WHICH),
        ("i want to meet the doctor", WHICH),
        ("is doctor Anand there today", "doctor Anand is here on "),
        ("i want to change the time", PHONE),
    ],
)
async def test_ways_to_ask_for_an_appointment(agent: FlowAgent, words: str, answer: str) -> None:
    said, _ = await ask(agent, words)
    assert said.startswith(answer)


@pytest.mark.parametrize("words", ["what", "that is not correct", "it isn't right", "hello are you there"])
async def test_what_is_no_yes_books_nothing(agent: FlowAgent, words: str) -> None:
    await ask(agent, words, BOOKING + heard(f"a {ANAND}"))
    assert appointments(agent) == [KEPT]


BOOKING = heard(
    "c i want to see doctor Anand tomorrow morning", f"a {NAME}", "c Ramesh", f"a {PHONE}", "c 9845011111",
    f"a {right('9845011111')}", "c yes",
)  # fmt: skip
BOOKED = ("doctor Anand", "2026-11-27", 600, "Ramesh", "9845011111")


async def test_nothing_is_booked_before_the_caller_agrees(agent: FlowAgent) -> None:
    assert await ask(agent, "yes", BOOKING[:-1]) == (ANAND, None)
    assert appointments(agent) == [KEPT]


@pytest.mark.parametrize(
    ("cut", "enough"), [("doctor Anand can see Ramesh on Friday —", False), (f"{ANAND[:-14]}—", True)]
)
async def test_only_what_was_heard_is_agreed_to(agent: FlowAgent, cut: str, enough: bool) -> None:
    said, _ = await ask(agent, "yes", BOOKING + heard(f"a {cut}"))
    assert said.startswith("your appointment with" if enough else ANAND)
    assert appointments(agent) == ([KEPT, BOOKED] if enough else [KEPT])


async def test_the_same_booking_is_one_row(agent: FlowAgent) -> None:
    history = BOOKING + heard(f"a {ANAND}")
    first = await ask(agent, "yes", history)
    assert await ask(agent, "yes", history) == first
    assert await ask(agent, "hello", history + heard("c yes")) == first, "the answer was not heard: it is said again"
    assert appointments(agent) == [KEPT, BOOKED]


async def test_moving_is_one_row_too(agent: FlowAgent) -> None:
    """The time that is given up is not the next best one when the same turn is answered again."""
    history = heard("c move my appointment to Saturday", f"a {PHONE}", "c 9845012345", f"a {right('9845012345')}",
                    "c yes", f"a {PART}")  # fmt: skip
    said, _ = await ask(agent, "morning", history)
    assert said == (
        "doctor Anand can see Lakshmi on Saturday November 28 at 10:30 in the morning. shall i move the appointment?"
    )
    history += heard("c morning", f"a {said}")
    first = await ask(agent, "yes", history)
    assert first[0].startswith("the appointment is now on Saturday November 28 at 10:30 in the morning")
    assert await ask(agent, "yes", history) == first
    assert appointments(agent) == [("doctor Anand", "2026-11-28", 630, "Lakshmi", "9845012345")]


async def test_a_change_of_mind_before_the_answer_was_heard(agent: FlowAgent) -> None:
    history = BOOKING + heard(f"a {ANAND}")
    await ask(agent, "yes", history)
    said, _ = await ask(agent, "on Monday please", history + heard("c yes"))
    assert said == "doctor Anand can see Ramesh on Monday November 30 at 10 in the morning. shall i book it?"
    await ask(agent, "yes", history + heard("c yes", "c on Monday please", f"a {said}"))
    assert appointments(agent) == [KEPT, ("doctor Anand", "2026-11-30", 600, "Ramesh", "9845011111")]


async def test_a_time_that_was_taken_meanwhile_is_offered_to_nobody_else(agent: FlowAgent) -> None:
    history = BOOKING + heard(f"a {ANAND}")
    await ask(agent, "yes", history, call_id="quick")
    said, _ = await ask(agent, "yes", history, call_id="slow")
    assert said == "doctor Anand can see Ramesh on Friday November 27 at 10:30 in the morning. shall i book it?"
    assert appointments(agent) == [KEPT, BOOKED]
    await ask(agent, "yes", history + heard("c yes", f"a {said}"), call_id="slow")
    slow = ("doctor Anand", "2026-11-27", 630, "Ramesh", "9845011111")
    assert appointments(agent) == [KEPT, BOOKED, slow]


async def test_a_time_that_is_taken_while_the_caller_finishes_is_not_exchanged_for_another(agent: FlowAgent) -> None:
    history = BOOKING + heard(f"a {ANAND}")

    async def meanwhile() -> None:
        await ask(agent, "yes", history, call_id="quick")

    pieces = [piece async for piece in agent.answer(Question("slow", "", "yes", history, meanwhile))]
    assert pieces == [
        "doctor Anand can see Ramesh on Friday November 27 at 10:30 in the morning. ",
        "shall i book it? ",
    ]
    assert appointments(agent) == [KEPT, BOOKED]


async def test_a_time_that_was_given_back_is_free(agent: FlowAgent) -> None:
    conversation = Conversation(agent)
    for text in ("cancel my appointment", "9845012345", "yes", "yes"):
        await conversation.say(text)
    said, _ = await ask(agent, "no on Saturday morning", BOOKING + heard(f"a {ANAND}"), call_id="call-2")
    assert said == "doctor Anand can see Ramesh on Saturday November 28 at 10 in the morning. shall i book it?"


async def test_nothing_is_booked_before_the_caller_has_finished(agent: FlowAgent) -> None:
    asked = asyncio.Event()

    async def confirmed() -> None:
        asked.set()
        await asyncio.Event().wait()

    async def answer() -> None:
        question = Question("call-1", "", "yes", BOOKING + heard(f"a {ANAND}"), confirmed)
        async with aclosing(agent.answer(question)) as pieces:
            async for _ in pieces:
                raise AssertionError("nothing is said of it either")

    async with asyncio.TaskGroup() as tasks:
        dropped = tasks.create_task(answer())
        await asked.wait()
        dropped.cancel()
    assert appointments(agent) == [KEPT]


async def test_by_the_real_clock_there_is_a_free_time() -> None:
    agent = FlowAgent(flow_file.read(DESK))
    said, _ = await ask(agent, "yes", BOOKING)
    assert said.startswith("doctor Anand can see Ramesh on ")
    await agent.aclose()


@pytest.mark.parametrize(
    ("changed", "to", "told"),
    [
        ('change = "day"', 'change = "days"', "tasks.book.change: must be one of its needs, doctor, day"),
        ('\nperson = "emergency"', '\nperson = "emergencies"', "there is no person 'emergencies'; .*'emergency'"),
        ('\nperson = "emergency"', "", "tasks.emergency: needs either answers or person"),
        ("{full}", "{fuller}", r"tasks.book.confirm.0.say: \{fuller\} is neither a slot nor a column"),
        ("JOIN slots\n", "JOIN slot\n", "tasks.book.confirm.0.look_up: no such table: slot"),
    ],
)
def test_what_is_wrong_with_a_read_back_is_named(desk: Path, changed: str, to: str, told: str) -> None:
    desk.write_text(desk.read_text("utf-8").replace(changed, to), "utf-8")
    with pytest.raises(ConfigError, match=told):
        flow_file.read(desk)
