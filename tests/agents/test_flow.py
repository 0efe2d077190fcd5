"""The electricity desk, from the caller's side: whole conversations, and what they leave in the records."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from hypothesis import given, settings, strategies as st

from app.agents import flow
from app.agents.flow import FlowAgent
from app.call.events import Finished, Line
from app.config import Settings
from app.engines.base import Question
from tests.agents.talk import Conversation, ask, heard

HELP = "hello how can i help you?"
MORE = "do you need anything else?"
UNCLEAR = "sorry i did not understand please say that again."
ASK = "please tell me your customer number."
UNKNOWN = f"that number is not in my records. {ASK}"
BYE = "thank you for calling. [hang_up]"

CONVERSATIONS = {
    "a whole call": [
        ("hello", HELP),
        ("how much is my bill", ASK),
        ("my customer number is 4521", "your customer number is 4521 is that right?"),
        ("yes", "Ramesh your bill for October is 845 rupees."),
        ("say that again", "Ramesh your bill for October is 845 rupees."),
        ("what is the last day to pay the bill", "the last day to pay is November 15."),
        ("no power since yesterday", f"your complaint has been registered the number is 70013. {MORE}"),
        ("the meter reading is 355", "your meter reading is 355. is that right?"),
        ("yes that is right", f"you used 45 units this month. {MORE}"),
        ("okay thank you", BYE),
    ],
    "a number that was misheard": [
        ("how much of my electricity bill is pending", ASK),
        ("4522", "your customer number is 4522 is that right?"),
        ("no that is wrong", ASK),
        ("4521", "your customer number is 4521 is that right?"),
        ("yes", "your pending amount is 845 rupees."),
    ],
    "a number corrected in one breath": [
        ("my account number is 4512", "your customer number is 4512 is that right?"),
        ("no 4521", "your customer number is 4521 is that right?"),
        ("4521", HELP),
        ("how much is the bill for September", "Ramesh your bill for September is 712 rupees."),
        ("how much is my bill", "Ramesh your bill for October is 845 rupees."),
        ("how much is the bill for March", "your bill for October is 845 rupees."),
    ],
    "digits spelled out": [
        ("my customer number is 4 5 2 1", "your customer number is 4521 is that right?"),
        ("yes", HELP),
    ],
    "a number that nobody has": [
        ("how much is my bill", ASK),
        ("9999", "your customer number is 9999 is that right?"),
        ("yes", UNKNOWN),
        ("9998", "your customer number is 9998 is that right?"),
        ("yes", UNKNOWN),
        ("9997", "your customer number is 9997 is that right?"),
        ("yes", "[transfer]"),
    ],
    "all is paid": [
        ("customer number 9150", "your customer number is 9150 is that right?"),
        ("yes", HELP),
        ("how much of my electricity bill is pending", "we have received 240 rupees on November 4."),
        ("i paid 215 rupees on October 16", "we have received 215 rupees on October 16."),
        ("the receipt has not come", "we have received 240 rupees on November 4."),
    ],
    "a payment that never came": [
        ("i have paid 500 rupees", ASK),
        ("4521", "your customer number is 4521 is that right?"),
        ("yes", "your pending amount is 845 rupees."),
        ("i want to pay the bill", "please pay 845 rupees before November 15. you can pay by bank."),
    ],
    "an outage": [
        ("our house has had no power since yesterday", "please tell me your district."),
        ("Mandya district", f"your complaint has been registered the number is 70013. {MORE}"),
        ("no", BYE),
    ],
    "an outage with its district": [
        ("there is no power in Mysuru for two days", f"your complaint has been registered the number is 70013. {MORE}"),
        ("when will the power come back", "the power in Mysuru will come back at 6 in the evening."),
    ],
    "a reading that was misheard": [
        ("the meter reading is 255", ASK),
        ("4521", "your customer number is 4521 is that right?"),
        ("yes", "your meter reading is 255. is that right?"),
        ("no the meter reading is 355", "your meter reading is 355. is that right?"),
        ("yes", f"you used 45 units this month. {MORE}"),
    ],
    "a reading that was not said at first": [
        ("my customer number is 4521", "your customer number is 4521 is that right?"),
        ("yes", HELP),
        ("i want to give the meter reading", "please tell me the meter reading."),
        ("355", "your meter reading is 355. is that right?"),
        ("yes", f"you used 45 units this month. {MORE}"),
    ],
    "a number corrected as it is said": [
        ("how much is my bill", ASK),
        ("not 4522 but 4521", "your customer number is 4521 is that right?"),
        ("no 2694", "your customer number is 2694 is that right?"),
        ("yes", "Suresh your bill for October is 1372 rupees."),
        ("i have paid 500 rupees", "your pending amount is 2622 rupees."),
    ],
    "a meter's number is no customer's": [
        ("how much is my bill", ASK),
        ("my meter number is 4521", ASK),
        ("4521", "your customer number is 4521 is that right?"),
    ],
    "a complaint that nobody made": [
        ("what happened to my complaint", ASK),
        ("4521", "your customer number is 4521 is that right?"),
        ("yes", "that is not in my records."),
    ],
    "a town": [
        ("there is no power in our street", "please tell me your district."),
        ("Hubballi", f"your complaint has been registered the number is 70013. {MORE}"),
        ("when will the power come back", "the power will come back in 2 hours."),
    ],
    "what happened to a complaint": [
        ("what happened to my complaint", ASK),
        ("2694", "your customer number is 2694 is that right?"),
        ("yes", "your complaint number is 70011. the lineman will come tomorrow at 10 in the morning."),
    ],
    "something broken": [
        ("the transformer in our street is broken", "please tell me your district."),
        (
            "Udupi",
            "your complaint has been registered the number is 70013. the transformer will be repaired tomorrow.",
        ),
    ],
    "office and price": [
        ("what time does the Kolar office open", "the Kolar office opens at 10 in the morning."),
        ("how much does a new meter cost", "a new meter costs 1150 rupees."),
    ],
    "a person": [("i want to talk to an officer", "[transfer]")],
    "never understood": [("i like dosa", UNCLEAR), ("it is raining", UNCLEAR), ("i like dosa", "[transfer]")],
    "understood in between": [
        ("i like dosa", UNCLEAR),
        ("hello", HELP),
        ("i like dosa", UNCLEAR),
        ("i like dosa", UNCLEAR),
    ],
    "changes the mind": [
        ("how much is my bill", ASK),
        ("no", MORE),
        ("yes", HELP),
        ("what is the last day to pay the bill", ASK),
        ("how much is my bill", ASK),
        ("4521", "your customer number is 4521 is that right?"),
        ("yes", "Ramesh your bill for October is 845 rupees."),
        ("thank you", MORE),
        ("not needed", BYE),
    ],
    "bare courtesy": [("thank you", MORE), ("thank you", BYE)],
    "nothing to agree to": [("okay", MORE), ("no", BYE)],
    "nothing to deny": [("no", UNCLEAR)],
}


@pytest.fixture
async def agent() -> AsyncIterator[FlowAgent]:
    agent = flow.load(Settings())
    await agent.warm_up()
    yield agent
    await agent.aclose()


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_conversation(agent: FlowAgent, name: str) -> None:
    conversation = Conversation(agent)
    answers = [(text, await conversation.say(text)) for text, _ in CONVERSATIONS[name]]
    assert answers == CONVERSATIONS[name]


def complaints(agent: FlowAgent) -> object:
    """What calls have registered."""
    written = "SELECT count(*) AS n, max(district) AS district FROM complaints WHERE call_id != 'sample'"
    return agent.records.find(written, {})


async def test_a_confirmed_reading_is_stored(agent: FlowAgent) -> None:
    conversation = Conversation(agent)
    for text in ("my customer number is 4521", "yes", "the meter reading is 345", "no", "the meter reading is 355"):
        await conversation.say(text)
    assert agent.records.find("SELECT count(*) AS n FROM readings", {}) == {"n": 0}
    await conversation.say("yes")
    assert agent.records.find("SELECT number, reading FROM readings", {}) == {"number": "4521", "reading": 355}


@pytest.mark.parametrize("history", [(), heard("c how much is my bill", f"a {ASK}")])
async def test_danger_goes_to_those_who_are_always_there(agent: FlowAgent, history: tuple[Line, ...]) -> None:
    """Not to the first of the people, whose office is closed at night."""
    said, finished = await ask(agent, "fire is coming from the transformer", history)
    assert (said, finished) == ("", Finished("transfer", "emergency"))


async def test_the_same_wish_is_written_once(agent: FlowAgent) -> None:
    first = await ask(agent, "there is no power in Mysuru since morning")
    again = await ask(agent, "there is no power in Mysuru since morning")
    assert first == again
    assert complaints(agent) == {"n": 1, "district": "Mysuru"}


async def test_an_unheard_answer_is_given_again_and_not_written_again(agent: FlowAgent) -> None:
    said = "there is no power in Mysuru since morning"
    answer = await ask(agent, said)
    assert await ask(agent, "hello", heard(f"c {said}")) == answer
    assert await ask(agent, "say that again", heard(f"c {said}", "a your complaint has been —")) == answer
    assert complaints(agent) == {"n": 1, "district": "Mysuru"}


async def test_a_wish_that_is_said_anew_before_the_answer_was_heard_is_corrected(agent: FlowAgent) -> None:
    await ask(agent, "there is no power in Mysuru")
    await ask(agent, "there is no power in Mandya since morning", heard("c there is no power in Mysuru"))
    assert complaints(agent) == {"n": 1, "district": "Mandya"}


async def test_an_unconfirmed_number_is_not_written(agent: FlowAgent) -> None:
    await ask(agent, "there is no power in Mandya", heard("c my customer number is 4521"))
    written = agent.records.find("SELECT number, district FROM complaints WHERE call_id = 'call-1'", {})
    assert written == {"number": None, "district": "Mandya"}
    said, _ = await ask(agent, "our house has had no power since morning", heard("c my customer number is 4521"))
    assert said == "please tell me your district."


async def test_statements_keep_no_other_calls_audio_waiting(agent: FlowAgent) -> None:
    threads = []
    agent.records.watch(lambda statement: threads.append(threading.current_thread()))
    conversation = Conversation(agent)
    for line in ("no power since yesterday in Mysuru", "how much is my bill", "4521", "yes"):
        await conversation.say(line)
    assert len(threads) >= 4
    assert threading.current_thread() not in threads


async def test_two_calls_write_twice(agent: FlowAgent) -> None:
    first = await ask(agent, "there is no power in Mysuru since morning", call_id="one")
    second = await ask(agent, "there is no power in Mysuru since morning", call_id="two")
    assert first != second
    assert complaints(agent) == {"n": 2, "district": "Mysuru"}


async def test_nothing_is_written_before_the_caller_has_finished(agent: FlowAgent) -> None:
    asked, finished = asyncio.Event(), asyncio.Event()

    async def confirmed() -> None:
        asked.set()
        await finished.wait()

    async def answer() -> list[object]:
        question = Question("call-1", "", "there is no power in Mysuru since morning", (), confirmed)
        async with aclosing(agent.answer(question)) as pieces:
            return [piece async for piece in pieces]

    async with asyncio.TaskGroup() as tasks:
        dropped = tasks.create_task(answer())
        await asked.wait()
        dropped.cancel()
    assert complaints(agent) == {"n": 0, "district": None}

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(answer())
        finished.set()
    assert complaints(agent) == {"n": 1, "district": "Mysuru"}


async def test_look_ups_do_not_wait_for_the_caller_to_finish(agent: FlowAgent) -> None:
    async def never() -> None:
        raise AssertionError("a look-up changes nothing")

    history = heard("c my customer number is 4521", "a your customer number is 4521 is that right?", "c yes")
    question = Question("call-1", "", "how much is my bill", history, never)
    pieces = [piece async for piece in agent.answer(question)]
    assert pieces == ["Ramesh your bill for October is 845 rupees. "]


WORDS = [
    *("hello", "yes", "no", "okay", "thank you", "bill", "power", "meter", "reading", "customer number", "4521"),
    *("9999", "Mysuru", "is", "my", "rupees", "i want", ".", "?", "—", "how much is my bill", "say that again"),
    *("the meter reading is 355", "no power since yesterday"),
]
READ_BACK = ["your customer number is 4521 is that right?", "your customer number is —"]
said = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join))
heard_back = st.one_of(
    said,
    st.sampled_from([HELP, MORE, UNCLEAR, ASK, *READ_BACK]),
)
lines = st.lists(st.one_of(said.map("c {}".format), heard_back.map("a {}".format)), max_size=8)


@settings(max_examples=60, deadline=None)
@given(history=lines, text=said)
def test_any_conversation_has_one_answer(history: list[str], text: str) -> None:
    async def answer() -> tuple[str, object]:
        agent = flow.load(Settings())
        try:
            first = await ask(agent, text, heard(*history))
            assert await ask(agent, text, heard(*history)) == first
        finally:
            await agent.aclose()
        return first

    said, finished = asyncio.run(answer())
    assert said or finished
