"""Tools a language model may call, and the calls put together from the fragments that a stream brings.

A tool is a row of a table: what the model is told, and a coroutine that gets the arguments. It returns text for the
model, or `Finished` when the call shall end or be handed over.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openai.types.chat import ChatCompletionAssistantMessageParam, ChatCompletionToolParam
from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall

from app.call.events import Finished
from app.engines.base import EngineFailed, Question

_MOST_CALLS = 8
_MOST_CHARACTERS = 16_000
"""Of text, or of arguments, in one message of the model."""

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    description: str
    run: Callable[[Arguments, Question], Awaitable[str | Finished]]
    parameters: Arguments = field(default_factory=lambda: {"type": "object", "properties": {}})
    """JSON schema of the arguments."""

    @property
    def declaration(self) -> ChatCompletionToolParam:
        function = {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}
        return {"type": "function", "function": function}  # type: ignore[typeddict-item]


async def _hang_up(arguments: Arguments, question: Question) -> Finished:
    return Finished("hang_up")


async def _transfer_to_person(arguments: Arguments, question: Question) -> Finished:
    return Finished("transfer")


BUILT_IN = (
    Tool("hang_up", "End the call. Say goodbye in the same answer, before calling this.", _hang_up),
    Tool("transfer_to_person", "Hand the call over to a person, when asked to or unable to help.", _transfer_to_person),
)


async def run(tools: Mapping[str, Tool], name: str, arguments: str, question: Question) -> str | Finished:
    """What the tool returned, or what the model did wrong, in words that it can act on."""
    tool = tools.get(name)
    if tool is None:
        return f"error: there is no tool {name!r}; there are {', '.join(tools)}"
    try:
        parsed = json.loads(arguments or "{}")
    except ValueError as error:
        return f"error: the arguments are not JSON: {error}"
    if not isinstance(parsed, dict):
        return "error: the arguments must be a JSON object"
    return await tool.run(parsed, question)


@dataclass(slots=True)
class Call:
    id: str
    name: str = ""
    arguments: str = ""


class Message:
    """One message of the model, as its fragments come in."""

    def __init__(self) -> None:
        self.text = ""
        self.calls: list[Call] = []
        self._at: dict[int, Call] = {}

    def add(self, delta: ChoiceDelta) -> str:
        """Returns the new text. Raises EngineFailed when the message grows beyond all measure."""
        text = delta.content or ""
        self.text += text
        for fragment in delta.tool_calls or ():
            call = self._call(fragment)
            if fragment.function:
                call.name += fragment.function.name or ""
                call.arguments += fragment.function.arguments or ""
        if len(self.text) + sum(len(call.arguments) for call in self.calls) > _MOST_CHARACTERS:
            raise EngineFailed(f"the model wrote more than {_MOST_CHARACTERS} characters in one message")
        return text

    def _call(self, fragment: ChoiceDeltaToolCall) -> Call:
        """Fragments of a call share an index; some servers always send 0 or none, and start each call with a new id."""
        index = fragment.index or 0
        call = self._at.get(index)
        if call is None or (fragment.id and call.id and fragment.id != call.id):
            if len(self.calls) >= _MOST_CALLS:
                raise EngineFailed(f"the model called more than {_MOST_CALLS} tools at once")
            call = self._at[index] = Call(fragment.id or f"call_{len(self.calls)}")
            self.calls.append(call)
        return call

    @property
    def param(self) -> ChatCompletionAssistantMessageParam:
        return {
            "role": "assistant",
            "content": self.text,
            "tool_calls": [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.calls
            ],
        }


def table(tools: Iterable[Tool]) -> dict[str, Tool]:
    return {tool.name: tool for tool in tools}
