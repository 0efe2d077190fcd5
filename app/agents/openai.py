"""An agent behind any OpenAI-compatible endpoint, with tools.

Text is passed on as it streams in. Tools run only after the caller has really finished. While one runs long and the
model has said nothing, the caller hears the tool's filler.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Literal

from openai.types.chat import ChatCompletionMessageParam

from app.agents import agent_file, declared
from app.agents.chat import messages
from app.agents.endpoint import Endpoint, Request
from app.agents.fallback import Endpoints
from app.agents.message import Call, Message
from app.agents.questions import instructions
from app.agents.tools import Toolbox
from app.call.events import Finished
from app.config import AgentSettings, Settings
from app.engines.base import EngineFailed, Filler, Question

_MOST_ROUNDS = 3
"""Rounds of tool calls in one reply; then the model must answer with what it knows."""
_WARM_UP_TOKENS = 16
_MANNER = "Use short plain sentences, the fact first, one question at a time. Write no lists, symbols or markup."
_PROMPT = f"You answer the phone. Your words are translated to Kannada and spoken. {_MANNER}"
_KANNADA_PROMPT = f"You answer the phone. You write Kannada in Kannada script, politely, and it is spoken. {_MANNER}"

_MIXED = "Callers speak Kannada and English, often both in one sentence."


def load(settings: Settings) -> "OpenAiAgent":
    """Raises ConfigError for what is wrong in the agent's file, EngineUnavailable when a setting is missing."""
    path = settings.agent.file
    file = agent_file.read(path) if path is not None else agent_file.AgentFile()
    prompt = _system_prompt(file, settings)
    tools = declared.toolbox(file, path, settings) if path is not None else None
    return OpenAiAgent(settings.agent.model_copy(update={"system_prompt": prompt}), tools)


def _system_prompt(file: agent_file.AgentFile, settings: Settings) -> str:
    in_kannada = settings.translation.engine == "none"
    persona = file.persona or settings.agent.system_prompt or (_KANNADA_PROMPT if in_kannada else _PROMPT)
    mixed = _MIXED if "english" in file.desk.languages else ""
    parts = (persona.strip(), mixed, instructions(file.questions, in_kannada=in_kannada))
    return "\n".join(part for part in parts if part)


class OpenAiAgent:
    """Implements app.engines.base.Agent. The tools' resources are closed with it."""

    def __init__(self, settings: AgentSettings, tools: Toolbox | None = None) -> None:
        patience_s = settings.first_token_timeout_s
        endpoints = [Endpoint(settings, "agent", patience_s)]
        if settings.fallback is not None:
            endpoints.append(Endpoint(settings.fallback, "agent.fallback", patience_s))
        self._endpoints = Endpoints(endpoints, patience_s)
        self._settings = settings
        self.system_prompt = settings.system_prompt or _PROMPT
        self._tools = tools or Toolbox()
        self.watch: Callable[[str, str, str | Finished], None] = lambda name, arguments, result: None
        """Told of every use of a tool: its name, its arguments as JSON, and what came of it."""

    async def warm_up(self) -> None:
        hello: ChatCompletionMessageParam = {"role": "user", "content": "hello"}
        await self._endpoints.warm_up(self._request([hello], "none", _WARM_UP_TOKENS))

    async def aclose(self) -> None:
        await self._endpoints.aclose()
        await self._tools.aclose()

    async def answer(self, question: Question) -> AsyncGenerator[str | Filler | Finished, None]:
        asked = messages(self.system_prompt, question)
        filled = False
        for round_number in range(_MOST_ROUNDS + 1):
            message = Message()
            request = self._request(asked, "auto" if round_number < _MOST_ROUNDS else "none", self._settings.max_tokens)
            async with aclosing(self._endpoints.stream(request)) as deltas:
                async for delta in deltas:
                    if text := message.add(delta):
                        yield text
            if not message.calls:
                return
            if message.text.strip():
                filled = False
                yield "\n"  # a sentence is complete: it is spoken while the tools run
            await question.confirmed()
            asked.append(message.param)
            finished = None
            may_fill = not filled and not message.text.strip()
            async with aclosing(self._use_tools(message.calls, question, asked, may_fill=may_fill)) as outcomes:
                async for outcome in outcomes:
                    if isinstance(outcome, Finished):
                        finished = finished or outcome
                    else:
                        filled = True
                        yield outcome
            if finished:
                yield finished
                return
        raise EngineFailed(f"{self._settings.model} keeps calling tools and does not answer")

    async def _use_tools(
        self, calls: list[Call], question: Question, asked: list[ChatCompletionMessageParam], *, may_fill: bool
    ) -> AsyncGenerator[Filler | Finished, None]:
        """Runs the calls in their order and adds their results to `asked`. At most one filler."""
        for call in calls:
            running = asyncio.create_task(
                self._tools.run(call.name, call.arguments, question), name=f"tool-{question.call_id}"
            )
            try:
                tool = self._tools.get(call.name)
                if may_fill and tool is not None and tool.filler is not None:
                    await asyncio.wait([running], timeout=tool.filler_after_s)
                    if not running.done():
                        may_fill = False
                        yield tool.filler
                result = await running
                self.watch(call.name, call.arguments, result)
            finally:
                running.cancel()
                await asyncio.wait([running])
            if isinstance(result, Finished):
                yield result
                result = "done"
            asked.append({"role": "tool", "tool_call_id": call.id, "content": result})

    def _request(
        self, asked: list[ChatCompletionMessageParam], may_call: Literal["auto", "none"], most_tokens: int
    ) -> Request:
        return Request(asked, self._tools.declarations, may_call, self._settings.temperature, most_tokens)
