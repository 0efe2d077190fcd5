"""The carrier's REST API of the demo, asked by the server's own client. A whole transfer is one of tests/scenarios."""

import pytest

from app.demo.caller import Caller, Number
from app.demo.exchange import ACCOUNT, exchange
from app.demo.playout import Playout
from telephony.errors import CarrierError
from telephony.twilio.rest import TwilioRest


class Silent:
    def step(self, now: float, ear: Playout) -> None:
        return None


async def test_what_it_cannot_do_is_refused_as_twilio_does() -> None:
    caller = Caller(Number("http://127.0.0.1:1/voice"), Silent())
    async with exchange() as there:
        rest = TwilioRest(ACCOUNT, "secret", api_url=there.url)
        with pytest.raises(CarrierError) as unknown:
            await rest.transfer(caller.call_id, "<Response><Dial>+918000000000</Dial></Response>")
        there.connect(caller)
        with pytest.raises(CarrierError, match="12100"):
            await rest.transfer(caller.call_id, "no document")
        await rest.aclose()
    assert unknown.value.code == 20404
