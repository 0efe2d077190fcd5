"""What must be read back is used only once the caller has heard it and not denied it."""

import pytest
from pydantic import ValidationError

from app.agents.parameters import Arguments, Parameter, schema
from app.agents.read_back import unconfirmed
from app.agents.same_value import tells
from app.agents.tools import Tool, Toolbox
from app.engines.base import Question
from tests.agents.talk import at_once, heard

PARAMETERS = {
    "customer": Parameter(pattern=r"^\d{4,6}$", read_back=True),
    "amount": Parameter(type="number", read_back=True, optional=True),
    "place": Parameter(optional=True),
}
READ = "a your customer number is 4 5 2 1 is that right?"


def question(*lines: str) -> Question:
    """The last line is what the caller says now."""
    return Question("call-1", "", lines[-1][2:], heard(*lines[:-1]), at_once)


def missing(arguments: Arguments, *lines: str) -> list[str]:
    return unconfirmed(PARAMETERS, arguments, question(*lines))


@pytest.mark.parametrize(
    "answer",
    [
        "yes",
        "hm",
        "that is right",
        "yes no problem",
        "okay, no problem",
        "Yes, and there is no power since morning.",
        "how much is it",
        "ಹೌದು",
        "ಸರಿ",
        "ಹೂಂ ಸರಿ",
    ],
)
def test_heard_and_not_denied(answer: str) -> None:
    assert missing({"customer": "4521"}, "c 4521", READ, f"c {answer}") == []


@pytest.mark.parametrize(
    "answer",
    [
        "no",
        "No, 4512.",
        "no no",
        "that is wrong",
        "it is not 4521",
        "okay, no, that is wrong",
        "yes but the 5 is wrong",
        "ಇಲ್ಲ",
        "ಅಲ್ಲ, 4512",
        "ಅದು ತಪ್ಪು",
        "ಸರಿ ಅಲ್ಲ",
        "ಸರಿಯಲ್ಲ",
        "ಸರಿ ಇಲ್ಲ",
        "ಹಾಂ, ಅಲ್ಲ",
    ],
)
def test_denied(answer: str) -> None:
    assert missing({"customer": "4521"}, "c 4521", READ, f"c {answer}") == ["customer"]


@pytest.mark.parametrize(
    "lines",
    [
        ("c my number is 4521",),
        ("c 4521", "a please tell me your customer number.", "c 4521"),
        ("c 4521", "a your customer number is 4 5 —", "c yes"),
        ("c 4521", "a your customer number is —", "c yes"),
        ("c 4521", "a your customer number is 4512 is that right?", "c yes"),
        ("c 4521", READ),
        ("c 4521", READ, "c "),
    ],
    ids=["only said", "asked for", "cut within", "cut before", "another", "not answered", "not understood"],
)
def test_not_heard_or_not_answered(lines: tuple[str, ...]) -> None:
    assert missing({"customer": "4521"}, *lines, *([] if lines[-1][0] == "c" else ["c "])) == ["customer"]


def test_the_value_is_enough_when_the_rest_was_cut() -> None:
    assert missing({"customer": "4521"}, "c 4521", "a your customer number is 4521 is —", "c yes yes") == []


def test_the_newest_read_back_decides() -> None:
    assert missing({"customer": "4521"}, READ, "c no", READ, "c oh yes") == []
    assert missing({"customer": "4521"}, READ, "c yes", READ, "c no") == ["customer"]


def test_a_later_no_to_something_else_changes_nothing() -> None:
    assert missing({"customer": "4521"}, READ, "c yes", "a shall i text you the link?", "c no when is it due") == []


def test_a_prompt_between_read_back_and_answer() -> None:
    assert missing({"customer": "4521"}, READ, "a hello, are you there?", "c yes") == []


def test_each_value_by_itself() -> None:
    told = ("a customer 4521, Rs. 1,250 is that right?", "c yes")
    assert missing({"customer": "4521", "amount": 1250.0, "place": "Mysuru"}, *told) == []
    assert missing({"customer": "4521", "amount": 1205.0}, *told) == ["amount"]


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("your customer number is 4 5 2 1 is that right?", "4521"),
        ("4, 5, 2, 1", "4521"),
        ("4521, 3 units", "4521"),
        ("number 4521 on 15 November", "4521"),
        ("four five two one, yes?", "4521"),
        ("nine eight double four triple one", "9844111"),
        ("your phone number is 98450 12345", "+919845012345"),
        ("is it +91 98450-12345?", "9845012345"),
        ("Rs. 1,250 is that right", "1250"),
        ("₹1,250.00", "1250"),
        ("1,250.50 rupees", "1250.5"),
        ("Sunday, 15th November, at 4:30 in the evening", "2026-11-15"),
        ("Sunday, November 15, 2026", "15-11-2026"),
        ("Sunday, 15th November, at 4:30 in the evening", "16:30"),
        ("at 9 in the morning", "09:00"),
        ("10 o'clock", "10:00"),
        ("12 noon", "12:00"),
        ("15 November at 10.30 am", "2026-11-15T10:30"),
        ("the vehicle is KA 05 MH 1234", "ka05mh1234"),
        ("your name is Ravi Kumar, right?", "ravi kumar"),
        ("tomorrow at 10 in the morning", "tomorrow"),
        ("ನಾಲ್ಕು ಐದು ಎರಡು ಒಂದು, ಸರಿಯೇ?", "4521"),
        ("ನಿಮ್ಮ ಸಂಖ್ಯೆ ೪೫೨೧ಕ್ಕೆ", "4521"),
        ("ನವೆಂಬರ್ ಹದಿನೈದು ಬೆಳಿಗ್ಗೆ ಹತ್ತೂವರೆಗೆ", "2026-11-15"),
        ("ನವೆಂಬರ್ ಹದಿನೈದು ಬೆಳಿಗ್ಗೆ ಹತ್ತೂವರೆಗೆ", "10:30"),
    ],
)
def test_the_same_value(sentence: str, value: str) -> None:
    assert tells(sentence, value)


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("14521", "4521"),
        ("1 4 5 2 1", "4521"),
        ("4 5 2", "4521"),
        ("1,250.50", "1250"),
        ("11,250", "1250"),
        ("16 November", "2026-11-15"),
        ("15 December", "2026-11-15"),
        ("15 November 2027", "2026-11-15"),
        ("at 4:30 in the morning", "16:30"),
        ("at 9 at night", "09:00"),
        ("Ravindra", "Ravi"),
    ],
)
def test_another_value(sentence: str, value: str) -> None:
    assert not tells(sentence, value)


async def test_a_tool_runs_after_the_yes() -> None:
    ran = []

    async def bill(arguments: Arguments, question: Question) -> str:
        ran.append(arguments["customer"])
        return "845 rupees"

    tools = Toolbox([Tool("bill", "What a customer owes.", bill, PARAMETERS)])
    told = await tools.run("bill", '{"customer": "4521"}', question("c 4521"))
    assert str(told).startswith("not done yet: read customer back to the caller")
    assert "4521" not in str(told)
    assert ran == []
    assert await tools.run("bill", '{"customer": "4521"}', question("c 4521", READ, "c yes")) == "845 rupees"
    assert ran == ["4521"]


def test_the_model_is_told() -> None:
    described = schema({"n": Parameter(description="The number.", read_back=True)})["properties"]["n"]["description"]
    assert (
        described == "The number. Read it back to the caller, numbers in digits, and wait for a yes before you use it."
    )


def test_a_yes_or_no_cannot_be_read_back() -> None:
    with pytest.raises(ValidationError, match="read_back is for what can be said"):
        Parameter(type="boolean", read_back=True)
