"""What callers say, as the demo translator renders it, and what is made of it."""

import pytest
from hypothesis import given, strategies as st

from app.agents.flow import ELECTRICITY_DESK
from app.agents.flow_file import read
from app.agents.understanding import Meaning, Understanding

understanding = Understanding(read(ELECTRICITY_DESK))


@pytest.mark.parametrize(
    "text",
    [
        "fire is coming from the electric pole",
        "the wire has fallen",
        "i got a shock from the meter",
        "please come quickly smoke is coming from our meter box",
        "there is no power in our street and a wire is hanging there",
        "how much is my bill no wait the transformer is on fire",
        "there was a blast in the transformer",
    ],
)
def test_danger_is_danger_whatever_else_is_said(text: str) -> None:
    assert understanding.of(text).task == "danger"


def test_a_turn_is_looked_at_once_however_often_the_call_is_folded() -> None:
    meaning = understanding.of("no power since yesterday")
    assert understanding.of("no power since yesterday") is meaning
    assert understanding.of("4521", "customer") != understanding.of("4521", "reading")


WORDS = {
    "greeting": ["hello", "sir hello", "hello are you there", "speak in kannada"],
    "yes": ["yes", "yes that is right", "okay", "Yes.", "ok", "that is correct"],
    "no": [
        "no",
        "no that is wrong",
        "not needed",
        "sir no",
        "that is not correct",
        "it isn't right",
        "that’s not right",
    ],
    "repeat": ["say that again", "i did not understand", "please speak a little slowly", "please say that again"],
    "thanks": ["thank you", "okay thank you", "Thank you!"],
    "goodbye": ["bye", "that is all"],
    "person": [
        "i want to talk to an officer",
        "call me at 5 in the evening",
        "i need a new connection",
        "which documents are needed for a name change",
        "our shop needs a new meter",
    ],
}
TASKS: dict[str, list[tuple[str, dict[str, str]]]] = {
    "balance": [
        ("how much is my bill", {}),
        ("how much is the bill for this month", {}),
        ("how much is the bill for may", {"month": "May"}),
        ("the bill for June came to 512 rupees", {"month": "June", "amount": "512"}),
        ("9120 rupees is too much", {"amount": "9120"}),
        ("the bill is too high", {}),
        ("this month it is 204 units", {"units": "204"}),
        ("last month it was 204 units", {"units": "204"}),
        ("last month the bill was 77 rupees", {"amount": "77"}),
        ("how much is my bill my customer number is 73961", {"customer": "73961"}),
    ],
    "pending": [
        ("how much of my electricity bill is pending", {}),
        ("is the balance 640 rupees", {"amount": "640"}),
    ],
    "due": [("what is the last day to pay the bill", {})],
    "pay": [
        ("i want to pay the bill", {}),
        ("i will pay 300 rupees the day after tomorrow", {"amount": "300", "when": "the day after tomorrow"}),
        ("can i pay in instalments", {}),
        ("give me 7 days of time", {"days": "7"}),
    ],
    "paid": [
        ("i have paid 712 rupees", {"amount": "712"}),
        ("i paid 712 rupees on March 9", {"amount": "712", "date": "March 9", "month": "March"}),
        ("i paid 712 rupees by PhonePe", {"amount": "712", "way": "PhonePe"}),
        ("the money was deducted but the receipt has not come", {}),
        ("send the receipt", {}),
    ],
    "outage": [
        ("there is no power in Uttara Kannada since morning", {"district": "Uttara Kannada", "since": "since morning"}),
        ("our shop has had no power for two hours", {"since": "for two hours", "place": "shop"}),
        ("no power since yesterday", {"since": "since yesterday", "when": "yesterday"}),
        ("there is no current in our house", {"place": "house"}),
        ("there is no current since morning", {"since": "since morning"}),
        ("register a complaint", {}),
    ],
    "broken": [
        ("the street light in our street is broken", {"device": "street light"}),
        ("the meter in Bengaluru Rural district is broken", {"device": "meter", "district": "Bengaluru Rural"}),
    ],
    "restore": [("when will the power come back", {}), ("when will the current come", {})],
    "complaint": [
        ("what happened to my complaint", {}),
        ("my complaint number is 70011", {"complaint": "70011"}),
        ("when will the lineman come", {}),
        ("come on Friday at 9 in the morning", {"weekday": "Friday", "time": "at 9 in the morning"}),
    ],
    "reading": [("the meter reading is 355", {"reading": "355"})],
    "office": [
        ("where is the Gadag office", {"district": "Gadag"}),
        ("what time does the bengaluru rural office open", {"district": "Bengaluru Rural"}),
    ],
    "price": [("how much does a new meter cost", {"service": "a new meter"})],
}
VALUES = {
    "my customer number is 4521": {"customer": "4521"},
    "my account number is 520814": {"customer": "520814"},
    "hello number 4521": {"customer": "4521"},
    "4521": {"customer": "4521"},
    "4 5 2 1": {"customer": "4521"},
    "my customer number is 45-21.": {"customer": "4521"},
    "my phone number is 9876": {"phone": "9876"},
    "Mandya district": {"district": "Mandya"},
    "my town is Kolar": {"district": "Kolar"},
    "i am calling from Dakshina Kannada district": {"district": "Dakshina Kannada"},
    "my name is Ramesh": {"name": "Ramesh"},
}


@pytest.mark.parametrize(("word", "text"), [(word, text) for word, texts in WORDS.items() for text in texts])
def test_words(word: str, text: str) -> None:
    meaning = understanding.of(text)
    assert (meaning.task, meaning.word) == (None, word)


@pytest.mark.parametrize(("task", "text", "slots"), [(task, *row) for task, rows in TASKS.items() for row in rows])
def test_tasks(task: str, text: str, slots: dict[str, str]) -> None:
    assert understanding.of(text) == Meaning(task, None, slots)


@pytest.mark.parametrize("text", VALUES)
def test_values_alone_want_nothing(text: str) -> None:
    assert understanding.of(text) == Meaning(None, None, VALUES[text])


@pytest.mark.parametrize(
    "text",
    ["", "?", "ನಮಸ್ಕಾರ", "i like dosa", "book a cab", "my son is at school", "123", "1234567", "my customer number is"],
)
def test_what_is_no_business_of_the_desk(text: str) -> None:
    assert understanding.of(text).nothing


def test_a_corrected_number_is_the_one_after_but() -> None:
    assert understanding.of("not 4522 but 4521", "customer").slots == {"customer": "4521"}
    assert understanding.of("not 4 5 2 2 but 4 5 2 1", "customer").slots == {"customer": "4521"}
    assert understanding.of("no no 4521").slots == {"customer": "4521"}
    assert understanding.of("the receipt has not come but the money was deducted").task == "paid"


def test_a_meters_number_is_no_customers() -> None:
    assert understanding.of("my meter number is 4521").slots == {"meter": "4521"}


def test_a_bare_number_is_what_was_asked_for() -> None:
    assert understanding.of("it is 345", asked="reading").slots == {"reading": "345"}
    assert understanding.of("it is 4521", asked="customer").slots == {"customer": "4521"}
    assert understanding.of("my bill was 4500 rupees", asked="customer").slots == {"amount": "4500"}


@given(st.text(max_size=2000), st.sampled_from([None, "customer", "reading"]))
def test_any_text_has_one_meaning(text: str, asked: str | None) -> None:
    assert understanding.of(text, asked) == understanding.of(text, asked)
