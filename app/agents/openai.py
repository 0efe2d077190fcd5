"""An agent behind any OpenAI-compatible endpoint: OpenAI itself, vLLM, llama.cpp, Ollama, ...

Text is passed on as it streams in. Tools run only after the caller has really finished. A request that fails before its
first token is tried once more; after that nothing is, because the caller has heard the beginning.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from typing import Literal
from urllib.parse import urlsplit

import openai
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from app.agents.chat import messages
from app.agents.tools import BUILT_IN, Message, Tool, run, table
from app.call.events import Finished
from app.config import AgentSettings, Settings
from app.engines.base import EngineError, EngineFailed, EngineOverloaded, EngineUnavailable, Question

_MOST_ROUNDS = 3
"""Rounds of tool calls in one reply; then the model must answer with what it knows."""
_RETRY_AFTER_S = (0.1, 0.4)
_OPENAI = "api.openai.com"

ToolChoice = Literal["auto", "none"]


def load(settings: Settings) -> "OpenAiAgent":
    """Raises EngineUnavailable when a setting is missing."""
    return OpenAiAgent(settings.agent)


class _NothingSaid(EngineFailed): ...


class OpenAiAgent:
    """Implements app.engines.base.Agent."""

    def __init__(self, settings: AgentSettings, tools: Iterable[Tool] = BUILT_IN) -> None:
        url = urlsplit(settings.base_url)
        self._host = url.hostname or ""
        key = settings.api_key.get_secret_value()
        if url.scheme not in {"http", "https"} or not self._host:
            raise EngineUnavailable("agent.base_url must be an http(s) URL, e.g. http://127.0.0.1:8000/v1")
        if not settings.model:
            raise EngineUnavailable("agent.model is not set: name the model to ask (KVA_AGENT__MODEL)")
        if not key and self._host == _OPENAI:
            raise EngineUnavailable("agent.api_key is not set: put your OpenAI key in KVA_AGENT__API_KEY")
        self._settings = settings
        self._tools = table(tools)
        self._client = AsyncOpenAI(
            api_key=key or "none",
            base_url=settings.base_url,
            max_retries=0,
            timeout=settings.first_token_timeout_s,  # for each chunk; the first token has a total of its own
        )

    async def warm_up(self) -> None:
        """Asks for a few tokens: that opens the connection and shows that key and model are right."""
        with suppress(_NothingSaid):  # a model that thinks first may spend them all in silence
            async with aclosing(self._stream([{"role": "user", "content": "hello"}], "none", most_tokens=16)) as deltas:
                async for _ in deltas:
                    break

    async def aclose(self) -> None:
        await self._client.close()

    async def answer(self, question: Question) -> AsyncGenerator[str | Finished, None]:
        asked = messages(self._settings.system_prompt, question)
        for round_number in range(_MOST_ROUNDS + 1):
            message = Message()
            may_call: ToolChoice = "auto" if round_number < _MOST_ROUNDS else "none"
            async with aclosing(self._stream(asked, may_call)) as deltas:
                async for delta in deltas:
                    if text := message.add(delta):
                        yield text
            if not message.calls:
                return
            await question.confirmed()
            asked.append(message.param)
            finished = await self._use_tools(message, question, asked)
            if finished:
                yield finished
                return
            if message.text:
                yield " "  # what comes next is another sentence
        raise EngineFailed(f"{self._settings.model} keeps calling tools and does not answer")

    async def _use_tools(
        self, message: Message, question: Question, asked: list[ChatCompletionMessageParam]
    ) -> Finished | None:
        """Runs the calls in their order and adds their results to `asked`."""
        finished = None
        for call in message.calls:
            result = await run(self._tools, call.name, call.arguments, question)
            if isinstance(result, Finished):
                finished, result = finished or result, "done"
            asked.append({"role": "tool", "tool_call_id": call.id, "content": result})
        return finished

    async def _stream(
        self, asked: list[ChatCompletionMessageParam], may_call: ToolChoice, most_tokens: int | None = None
    ) -> AsyncGenerator[ChoiceDelta, None]:
        """The deltas that say something. Closing it closes the HTTP response. Raises EngineError."""
        stream, first = await self._open(asked, may_call, most_tokens or self._settings.max_tokens)
        try:
            yield first
            while (delta := await _next(stream)) is not None:
                yield delta
        except openai.OpenAIError as error:
            raise self._explained(error) from None
        finally:
            await stream.close()

    async def _open(
        self, asked: list[ChatCompletionMessageParam], may_call: ToolChoice, most_tokens: int
    ) -> tuple[AsyncStream[ChatCompletionChunk], ChoiceDelta]:
        """A stream that has begun to say something."""
        patience_s = self._settings.first_token_timeout_s
        try:
            async with asyncio.timeout(patience_s):
                try:
                    return await self._begin(asked, may_call, most_tokens)
                except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError):
                    await asyncio.sleep(random.uniform(*_RETRY_AFTER_S))
                return await self._begin(asked, may_call, most_tokens)
        except TimeoutError:
            raise EngineFailed(f"{self._host} was silent for {patience_s:g} s (agent.first_token_timeout_s)") from None
        except openai.OpenAIError as error:
            raise self._explained(error) from None

    async def _begin(
        self, asked: list[ChatCompletionMessageParam], may_call: ToolChoice, most_tokens: int
    ) -> tuple[AsyncStream[ChatCompletionChunk], ChoiceDelta]:
        official = self._host == _OPENAI  # its newer models refuse max_tokens, others know nothing else
        stream = await self._client.chat.completions.create(
            model=self._settings.model,
            messages=asked,
            stream=True,
            temperature=self._settings.temperature,
            max_completion_tokens=most_tokens if official else openai.omit,
            max_tokens=openai.omit if official else most_tokens,
            tools=[tool.declaration for tool in self._tools.values()] if self._tools else openai.omit,
            tool_choice=may_call if self._tools else openai.omit,
        )
        try:
            first = await _next(stream)
        except BaseException:
            await stream.close()
            raise
        if first is None:
            await stream.close()
            raise _NothingSaid(f"{self._settings.model} at {self._host} answered nothing")
        return stream, first

    def _explained(self, error: openai.OpenAIError) -> EngineError:
        """Without the server's own words: they may repeat the key, or what the caller said."""
        if not isinstance(error, openai.APIStatusError):
            return EngineFailed(f"the connection to {self._host} failed ({type(error).__name__})")
        status = error.status_code
        if status in {401, 403}:
            return EngineUnavailable(
                f"{self._host} refuses agent.api_key (HTTP {status}): set the right one in KVA_AGENT__API_KEY"
            )
        if status == 404:
            return EngineUnavailable(
                f"{self._host} has no model {self._settings.model!r} (HTTP 404): check agent.model and agent.base_url"
            )
        if status == 429:
            return EngineOverloaded(f"{self._host} takes no more requests now (HTTP 429)")
        return EngineFailed(f"{self._host} answered HTTP {status}")


async def _next(stream: AsyncStream[ChatCompletionChunk]) -> ChoiceDelta | None:
    """The next delta with text or a tool call; role, usage and empty chunks say nothing. None at the end.

    Raises EngineFailed for what is no such stream.
    """
    try:
        while (chunk := await anext(stream, None)) is not None:
            if chunk.choices and (chunk.choices[0].delta.content or chunk.choices[0].delta.tool_calls):
                return chunk.choices[0].delta
    except (ValueError, AttributeError, TypeError) as error:
        raise EngineFailed(f"the agent's endpoint sent no chat completion ({type(error).__name__})") from error
    return None
