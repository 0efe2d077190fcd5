"""A tool that sends a text message: to the caller, or to a number in the file, never to one that the model chose."""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable
from typing import Protocol

from app.agents.agent_file import SmsTool
from app.agents.parameters import Arguments
from app.agents.templates import fill, values
from app.agents.tools import ToolError
from app.engines.base import Question
from telephony.errors import CarrierError

log = logging.getLogger(__name__)

_MOST_CHARACTERS = 480
"""About seven messages in Kannada, three in English: a carrier charges each."""
_MOST_A_CALL = 5
_CALLS_REMEMBERED = 1000


class Send(Protocol):
    """telephony.twilio.rest.TwilioRest.send_sms."""

    def __call__(self, to: str, *, from_number: str, text: str) -> Awaitable[str]: ...


class Sms:
    def __init__(self, tool: SmsTool, send: Send, from_number: str) -> None:
        self._tool = tool
        self._send = send
        self._from_number = from_number
        self._sent: OrderedDict[str, set[bytes]] = OrderedDict()
        """By call, digests of what was sent: the same message is not sent twice."""

    async def run(self, arguments: Arguments, question: Question) -> str:
        """Raises ToolError."""
        to = self._tool.to or question.caller
        text = fill(self._tool.text, values(arguments, question)).strip()
        if not to.startswith("+"):
            raise ToolError("the caller's number is withheld")
        if not text or len(text) > _MOST_CHARACTERS:
            raise ToolError(f"a message has 1 to {_MOST_CHARACTERS} characters, this one {len(text)}")
        sent = self._of(question.call_id)
        digest = hashlib.sha256(text.encode()).digest()
        if digest in sent:
            return "the message was sent"
        if len(sent) >= _MOST_A_CALL:
            raise ToolError(f"{_MOST_A_CALL} messages were sent in this call, and no more may be")
        sent.add(digest)  # before it is: a request that was begun is finished, even when the caller interrupts
        try:
            await self._send(to, from_number=self._from_number, text=text)
        except CarrierError as error:
            sent.discard(digest)
            log.warning("call %s: %s", question.call_id, error)
            raise ToolError(f"the message was not sent (Twilio error {error.code or 'unknown'})") from None
        return "the message was sent"

    def _of(self, call_id: str) -> set[bytes]:
        sent = self._sent.setdefault(call_id, set())
        while len(self._sent) > _CALLS_REMEMBERED:
            self._sent.popitem(last=False)
        return sent
