"""Tools a language model may call, and how they are run.

A tool is a row of a table: what the model is told, and a coroutine that gets the arguments. It returns text for the
model, or `Finished` when the call shall end or be handed over. Whatever goes wrong is told to the model, in words that
it can act on; the call goes on.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from openai.types.chat import ChatCompletionToolParam

from app.agents.parameters import Arguments, ArgumentsError, Parameters, check, schema
from app.agents.read_back import unconfirmed
from app.call.events import Finished
from app.engines.base import Filler, Question

log = logging.getLogger(__name__)

_ASK_FIRST = (
    "not done yet: read {names} back to the caller, numbers in digits and a date by day and month, ask whether that is "
    "right, and call {tool} again after a yes."
)


class ToolError(Exception):
    """A tool could not do its work. The message is for the model and for the log: no words of the caller."""


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    description: str
    run: Callable[[Arguments, Question], Awaitable[str | Finished]]
    """Raises ToolError. It may be cancelled: the caller interrupts, or `timeout_s` is over."""
    parameters: Parameters = field(default_factory=dict)
    timeout_s: float = 5.0
    filler: Filler | None = None
    """Said when it has run for `filler_after_s`."""
    filler_after_s: float = 0.5

    @property
    def declaration(self) -> ChatCompletionToolParam:
        function = {"name": self.name, "description": self.description, "parameters": schema(self.parameters)}
        return {"type": "function", "function": function}  # type: ignore[typeddict-item]


async def hang_up(arguments: Arguments, question: Question) -> Finished:
    return Finished("hang_up")


async def _transfer_to_person(arguments: Arguments, question: Question) -> Finished:
    return Finished("transfer")


BUILT_IN = (
    Tool("hang_up", "End the call. Say goodbye in the same answer, before calling this.", hang_up),
    Tool("transfer_to_person", "Hand the call over to a person, when asked to or unable to help.", _transfer_to_person),
)


class Resource(Protocol):
    async def aclose(self) -> None:
        """Safe to call twice."""
        ...


class Toolbox:
    """All tools of an agent, and what they hold open."""

    def __init__(self, tools: Iterable[Tool] = BUILT_IN, resources: Iterable[Resource] = ()) -> None:
        self._tools: Mapping[str, Tool] = {tool.name: tool for tool in tools}
        self._resources = tuple(resources)
        self.declarations = [tool.declaration for tool in self._tools.values()]

    def get(self, name: str) -> Tool | None:
        return self._tools.get(name)

    async def run(self, name: str, arguments: str, question: Question) -> str | Finished:
        """What the tool returned, or what went wrong."""
        tool = self._tools.get(name)
        if tool is None:
            return f"error: there is no tool {name!r:.80}; there are {', '.join(self._tools)}"
        try:
            checked = check(tool.parameters, json.loads(arguments or "{}"))
        except (ValueError, RecursionError) as error:
            return f"error: the arguments are not JSON: {error}"
        except ArgumentsError as error:
            return f"error: {error}. Correct the arguments, or ask the caller."
        if names := unconfirmed(tool.parameters, checked, question):
            return _ASK_FIRST.format(names=" and ".join(names), tool=name)
        return await _run(tool, checked, question)

    async def aclose(self) -> None:
        for resource in self._resources:
            await resource.aclose()


async def _run(tool: Tool, arguments: Arguments, question: Question) -> str | Finished:
    try:
        async with asyncio.timeout(tool.timeout_s):
            return await tool.run(arguments, question)
    except TimeoutError:
        why = f"no answer within {tool.timeout_s:g} s"
    except ToolError as error:
        why = str(error)
    except Exception as error:  # a tool of one's own may raise anything, and the caller is still there
        log.debug("the failure in full", exc_info=error)
        why = f"it failed ({type(error).__name__})"
    log.warning("call %s: tool %s: %s", question.call_id, tool.name, why)
    return f"error: {why}. Tell the caller that this does not work now, and help in another way."
