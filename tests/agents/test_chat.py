"""The history as a language model sees it, in full."""

from app.agents.chat import messages
from app.engines.base import Question
from tests.agents.talk import at_once, heard

PROMPT = "You answer the phone."
EXPLAINED = "A line of yours that ends in — was interrupted by the caller, who heard no more of it."


def asked(text: str, *history: str) -> list[tuple[object, object]]:
    question = Question("call-1", "", text, heard(*history), at_once)
    return [(message["role"], message.get("content")) for message in messages(PROMPT, question)]


def test_a_conversation() -> None:
    assert asked(
        "no in Mandya",
        "a hello welcome. how can i help you?",
        "c there is no power",
        "a i am sorry. the power in Mysuru will —",
        "a hello, are you there?",
        "c wait",
        "c no that is wrong",
        "a where do you live?",
    ) == [
        ("system", f"{PROMPT}\n{EXPLAINED}\nYou opened the call with: hello welcome. how can i help you?"),
        ("user", "there is no power"),
        ("assistant", "i am sorry. the power in Mysuru will — hello, are you there?"),
        ("user", "wait no that is wrong"),
        ("assistant", "where do you live?"),
        ("user", "no in Mandya"),
    ]


def test_the_first_words_of_a_call() -> None:
    assert asked("hello") == [("system", f"{PROMPT}\n{EXPLAINED}"), ("user", "hello")]


def test_a_turn_that_went_on_is_not_said_twice() -> None:
    assert asked("there is no power in Mysuru", "c there is no power")[1:] == [("user", "there is no power in Mysuru")]


def test_words_that_were_lost() -> None:
    assert asked("", "c", "a what can i do?")[1:] == [("user", "(unintelligible)")]
