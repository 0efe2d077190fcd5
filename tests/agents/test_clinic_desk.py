"""The clinic's appointment desk, from the caller's side: whole conversations, and what they leave in the records.

Its clock stands at eight in the morning of Thursday, November 26, 2026. Doctor Shobha, who comes from Monday to Friday
in the morning, is full on Friday; Lakshmi has an appointment with doctor Anand on Saturday.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from app.agents import flow_file
from app.agents.flow import FlowAgent
from app.config import ConfigError
from app.engines.base import Question
from tests.agents.talk import Conversation, ask, heard

DESK = Path(flow_file.__file__).with_name("clinic_desk.toml")
CLOCK = {
    "date('now', '+330 minutes')": "'2026-11-26'",
    "strftime('%H', 'now', '+330 minutes')": "8",
    "strftime('%M', 'now', '+330 minutes')": "0",
}

MORE = "can i help you with anything else?"
UNCLEAR = "sorry i did not understand. please say that again."
WHICH = "which doctor or which department would you like to see?"
DAY = "which day would you like to come?"
PART = "would you like to come in the morning or in the evening?"
NAME = "please tell me the name of the patient."
PHONE = "please tell me your phone number."
NONE = "there is no appointment for that phone number. please tell me the phone number that it was made with."
EARLY = "please come 10 minutes early."
BYE = "thank you for calling. stay well. [hang_up]"


def right(phone: str) -> str:
    return f"your phone number is {phone}. is that right?"


ANAND = "doctor Anand can see Ramesh on Friday November 27 at 10 in the morning. shall i book it?"
SHOBHA = (
    "doctor Shobha can see Ravi on Monday November 30 at 10 in the morning. "
    "nothing is free on Friday November 27 in the morning. shall i book it?"
)
LAKSHMI = "the appointment of Lakshmi with doctor Anand is on Saturday November 28 at 10 in the morning."

Row = tuple[str, str, int, str, str]
"""Doctor, date, minute of the day, name, phone."""

KEPT: Row = ("doctor Anand", "2026-11-28", 600, "Lakshmi", "9845012345")

CONVERSATIONS: dict[str, tuple[list[tuple[str, str]], list[Row]]] = {
    "everything is asked for": (
        [
            ("hello", "how can i help you?"),
            ("i want to book an appointment", WHICH),
            ("i want to see doctor Anand", DAY),
            ("tomorrow", PART),
            ("in the morning", NAME),
            ("Ramesh", PHONE),
            ("9845011111", right("9845011111")),
            ("yes", ANAND),
            ("yes", "your appointment with doctor Anand is on Friday November 27 at 10 in the morning. "
                    f"{EARLY} {MORE}"),
            ("no thank you", BYE),
        ],
        [KEPT, ("doctor Anand", "2026-11-27", 600, "Ramesh", "9845011111")],
    ),
    "said in one breath, by department, at a time": (
        [
            ("i want to see a skin doctor on Friday evening at 6", NAME),
            ("my name is Suma Rao", PHONE),
            ("my phone number is 98450 22222", right("9845022222")),
            ("yes", "doctor Kavitha can see Suma Rao on Friday November 27 at 6 in the evening. shall i book it?"),
            ("yes that is right", "your appointment with doctor Kavitha is on Friday November 27 at 6 in the evening. "
                                  f"{EARLY} {MORE}"),
        ],
        [KEPT, ("doctor Kavitha", "2026-11-27", 1080, "Suma Rao", "9845022222")],
    ),
    "a full day, another one is offered": (
        [
            ("i want to see doctor Shobha tomorrow morning", NAME),
            ("Ravi", PHONE),
            ("9845033333", right("9845033333")),
            ("yes", SHOBHA),
            ("yes", "your appointment with doctor Shobha is on Monday November 30 at 10 in the morning. "
                    f"{EARLY} {MORE}"),
        ],
        [KEPT, ("doctor Shobha", "2026-11-30", 600, "Ravi", "9845033333")],
    ),
    "a full day, and the caller wants yet another": (
        [
            ("i want to see doctor Shobha tomorrow morning", NAME),
            ("Ravi", PHONE),
            ("9845033333", right("9845033333")),
            ("yes", SHOBHA),
            ("no", DAY),
            ("on the 1st of December", "doctor Shobha can see Ravi on Tuesday December 1 at 10 in the morning. "
                                       "shall i book it?"),
            ("okay", "your appointment with doctor Shobha is on Tuesday December 1 at 10 in the morning. "
                     f"{EARLY} {MORE}"),
        ],
        [KEPT, ("doctor Shobha", "2026-12-01", 600, "Ravi", "9845033333")],
    ),
    "a closed day": (
        [
            ("i want to see doctor Anand on Sunday morning", NAME),
            ("Ramesh", PHONE),
            ("9845011111", right("9845011111")),
            ("yes", "doctor Anand can see Ramesh on Monday November 30 at 10 in the morning. "
                    "nothing is free on Sunday November 29 in the morning. shall i book it?"),
            ("no", DAY),
            ("December 30", f"i can only book for the next three weeks. {DAY}"),
            ("no", MORE),
        ],
        [KEPT],
    ),
    "an unknown doctor": (
        [
            ("i want an appointment with doctor Zubin", "there is no doctor Zubin at this clinic. "
                                                        "please tell me the doctor or the department."),
            ("children", DAY),
        ],
        [KEPT],
    ),
    "a doctor that nobody knows, again and again": (
        [
            ("i want an appointment with doctor Zubin", "there is no doctor Zubin at this clinic. "
                                                        "please tell me the doctor or the department."),
            ("doctor Zubin", "there is no doctor Zubin at this clinic. please tell me the doctor or the department."),
            ("doctor Zubin", "[transfer]"),
        ],
        [KEPT],
    ),
    "the day is corrected, then the name": (
        [
            ("book an appointment with doctor Anand on Saturday evening", NAME),
            ("Ramesh", PHONE),
            ("9845011112", right("9845011112")),
            ("no 9845011111", right("9845011111")),
            ("yes", "doctor Anand can see Ramesh on Saturday November 28 at 5 in the evening. shall i book it?"),
            ("no on Monday", "doctor Anand can see Ramesh on Monday November 30 at 5 in the evening. shall i book it?"),
            ("no the name is Ramya",
             "doctor Anand can see Ramya on Monday November 30 at 5 in the evening. shall i book it?"),
            ("yes", "your appointment with doctor Anand is on Monday November 30 at 5 in the evening. "
                    f"{EARLY} {MORE}"),
        ],
        [KEPT, ("doctor Anand", "2026-11-30", 1020, "Ramya", "9845011111")],
    ),
    "moved, asked for, cancelled": (
        [
            ("i cannot come on Saturday give me another day", PHONE),
            ("9845012345", right("9845012345")),
            ("yes", PART),
            ("evening", "doctor Anand can see Lakshmi on Saturday November 28 at 5 in the evening. "
                        "shall i move the appointment?"),
            ("no", DAY),
            ("Monday", "doctor Anand can see Lakshmi on Monday November 30 at 5 in the evening. "
                       "shall i move the appointment?"),
            ("yes", "the appointment is now on Monday November 30 at 5 in the evening with doctor Anand. " + MORE),
            ("when is my appointment", "the appointment of Lakshmi with doctor Anand is on Monday November 30 "
                                       f"at 5 in the evening. {MORE}"),
            ("cancel my appointment", "the appointment of Lakshmi with doctor Anand is on Monday November 30 "
                                      "at 5 in the evening. shall i cancel it?"),
            ("yes", f"your appointment is cancelled. {MORE}"),
            ("when is my appointment", NONE),
        ],
        [],
    ),
    "not cancelled after all": (
        [
            ("cancel my appointment", PHONE),
            ("9845012345", right("9845012345")),
            ("yes", f"{LAKSHMI} shall i cancel it?"),
            ("no", MORE),
            ("no", BYE),
        ],
        [KEPT],
    ),
    "cancel without an appointment": (
        [
            ("cancel my appointment", PHONE),
            ("9845044444", right("9845044444")),
            ("yes", NONE),
            ("9845012345", right("9845012345")),
            ("yes", f"{LAKSHMI} shall i cancel it?"),
            ("no", MORE),
            ("no", BYE),
        ],
        [KEPT],
    ),
    "someone else's appointment": (
        [
            ("cancel appointment number 5001", PHONE),
            ("9845044444", right("9845044444")),
            ("yes", "that appointment is not in my records. please tell me the phone number that it was made with."),
        ],
        [KEPT],
    ),
    "questions": (
        [
            ("where is the clinic", "the clinic is on Temple Road opposite the bus stand."),
            ("are you open on Sunday", "the clinic is closed on Sunday November 29."),
            ("when is the clinic open",
             "the clinic is open from Monday to Saturday from 9 in the morning to 8 in the evening."),
            ("what is the consultation fee", "the fee is 300 to 500 rupees. it depends on the doctor."),
            ("how much does the skin doctor charge", "the fee of doctor Kavitha is 450 rupees."),
            ("when is dr prakash there", "doctor Prakash is here Tuesday, Thursday and Saturday in the evening."),
            ("is doctor Prakash there tomorrow",
             "doctor Prakash is here Tuesday, Thursday and Saturday in the evening. "
             "doctor Prakash is not here on Friday November 27."),
            ("is doctor Anand there tomorrow", "doctor Anand is here on Friday November 27 "
                                               "from 10 in the morning and from 5 in the evening."),
            ("what are the timings of the doctor", WHICH),
            ("Shobha", "doctor Shobha is here Monday to Friday in the morning."),
        ],
        [KEPT],
    ),
    "a report": (
        [
            ("is my report ready", "please tell me the number of your report."),
            ("70013", "your report number is 70013. is that right?"),
            ("yes", "that report is not in my records. please tell me the number of your report."),
            ("70031", "your report number is 70031. is that right?"),
            ("yes", "the report of your blood test is ready. "
                    f"you can collect it at the clinic until 8 in the evening. {MORE}"),
            ("is the report with number 70033 ready", "your report number is 70033. is that right?"),
            ("yes", f"the report of your x-ray will be ready tomorrow at 5 in the evening. {MORE}"),
        ],
        [KEPT],
    ),
    "the reception": ([("i want to talk to the reception", "[transfer]")], [KEPT]),
    "never understood": ([("i like dosa", UNCLEAR), ("it is raining", UNCLEAR), ("i like dosa", "[transfer]")], [KEPT]),
}  # fmt: skip


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
        "we need an ambulance",
    ],
)
async def test_an_emergency_goes_to_its_own_people_at_once(agent: FlowAgent, words: str) -> None:
    for history in ((), heard("c i want to book an appointment", f"a {WHICH}")):
        said, finished = await ask(agent, words, history)
        assert said == ""
        assert finished is not None
        assert (finished.action, finished.target) == ("transfer", "emergency")


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
