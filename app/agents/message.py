"""One message of a language model, put together from the fragments that a stream brings."""

from dataclasses import dataclass

from openai.types.chat import ChatCompletionAssistantMessageParam
from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall

from app.engines.base import EngineFailed

_MOST_CALLS = 8
_MOST_CHARACTERS = 16_000
"""Of text, names and arguments, in one message of the model."""


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
        if len(self.text) + sum(len(call.name) + len(call.arguments) for call in self.calls) > _MOST_CHARACTERS:
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
