"""Text messages: to whom, how often, and what the model is told when one fails."""

import logging
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.agents.agent_file import SmsTool
from app.agents.parameters import Parameter
from app.agents.sms import Sms
from app.agents.tools import ToolError
from app.engines.base import Question
from telephony.errors import CarrierError
from tests.agents.talk import at_once

FROM = "+918040000000"


def question(call_id: str = "call-1", caller: str = "+919900000000") -> Question:
    return Question(call_id, caller, "hello", (), at_once)


@dataclass
class Carrier:
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    error: CarrierError | None = None

    async def __call__(self, to: str, *, from_number: str, text: str) -> str:
        if self.error is not None:
            raise self.error
        self.sent.append((to, from_number, text))
        return "SM1"


def sms(carrier: Carrier, **changes: Any) -> Sms:
    values = {"kind": "sms", "name": "text", "description": "Texts.", "text": "Pay {what} of {caller}."}
    return Sms(SmsTool.model_validate(values | {"parameters": {"what": Parameter()}} | changes), carrier, FROM)


async def test_it_goes_to_the_caller() -> None:
    carrier = Carrier()
    assert await sms(carrier).run({"what": "bill {caller}"}, question()) == "the message was sent"
    assert carrier.sent == [("+919900000000", FROM, "Pay bill {caller} of +919900000000.")]


async def test_it_goes_to_the_number_in_the_file() -> None:
    carrier = Carrier()
    await sms(carrier, to="+911234567890").run({"what": "x"}, question(caller=""))
    assert carrier.sent[0][0] == "+911234567890"


async def test_the_same_message_is_sent_once_in_a_call() -> None:
    carrier = Carrier()
    tool = sms(carrier)
    for call_id in ("call-1", "call-1", "call-2"):
        assert await tool.run({"what": "x"}, question(call_id)) == "the message was sent"
    assert len(carrier.sent) == 2


async def test_five_messages_in_a_call_at_most() -> None:
    carrier = Carrier()
    tool = sms(carrier)
    for number in range(5):
        await tool.run({"what": str(number)}, question())
    with pytest.raises(ToolError, match="5 messages were sent"):
        await tool.run({"what": "6"}, question())
    await tool.run({"what": "6"}, question("call-2"))
    assert len(carrier.sent) == 6


async def test_old_calls_are_forgotten() -> None:
    carrier = Carrier()
    tool = sms(carrier)
    for number in range(1002):
        await tool.run({"what": "x"}, question(f"call-{number}"))
    await tool.run({"what": "x"}, question("call-0"))
    await tool.run({"what": "x"}, question("call-1001"))
    assert len(carrier.sent) == 1003


@pytest.mark.parametrize(
    ("what", "caller", "told"),
    [("x", "", "withheld"), ("x", "sip:a@b", "withheld"), ("x" * 481, "+919900000000", "1 to 480 characters")],
)
async def test_what_is_not_sent(what: str, caller: str, told: str) -> None:
    carrier = Carrier()
    with pytest.raises(ToolError, match=told):
        await sms(carrier).run({"what": what}, question(caller=caller))
    assert carrier.sent == []


async def test_a_refusal_is_told_and_may_be_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    carrier = Carrier(error=CarrierError("text: Twilio answered 21614: +91…00 is no mobile", code=21614, status=400))
    tool = sms(carrier)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ToolError, match=r"not sent \(Twilio error 21614\)"):
        await tool.run({"what": "a secret"}, question())
    assert "Twilio answered 21614" in caplog.text
    assert "a secret" not in caplog.text
    carrier.error = None
    await tool.run({"what": "a secret"}, question())
    assert len(carrier.sent) == 1
