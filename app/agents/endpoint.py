"""One OpenAI-compatible endpoint: OpenAI itself, vLLM, llama.cpp, Ollama, ...

A request that fails before its first token is tried once more, a random moment later. What counts as the first token is
text or a tool call: many servers send an empty chunk with the role at once, which says nothing about the model.
"""

import asyncio
import random
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

import openai
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam, ChatCompletionToolParam
from openai.types.chat.chat_completion_chunk import ChoiceDelta
from pydantic import SecretStr

from app.engines.base import EngineError, EngineFailed, EngineOverloaded, EngineUnavailable

_RETRY_AFTER_S = (0.1, 0.4)
_OPENAI = "api.openai.com"
_NOT_THE_SERVERS_FAULT = {400, 413, 422}


class NothingSaid(EngineFailed):
    """The endpoint works, and the model had nothing to say."""


class RequestRefused(EngineFailed):
    """The endpoint works, and does not like this request."""


class Server(Protocol):
    """The settings of an endpoint."""

    @property
    def base_url(self) -> str: ...
    @property
    def api_key(self) -> SecretStr: ...
    @property
    def model(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Request:
    messages: list[ChatCompletionMessageParam]
    tools: list[ChatCompletionToolParam]
    may_call: Literal["auto", "none"]
    temperature: float
    most_tokens: int


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer that has begun to say something."""

    stream: AsyncStream[ChatCompletionChunk]
    first: ChoiceDelta


class Endpoint:
    """`setting` is where its settings stand, for messages; `silence_s` the longest pause within an answer."""

    def __init__(self, server: Server, setting: str, silence_s: float) -> None:
        url = urlsplit(server.base_url)
        self._host = url.hostname or ""
        self._setting = setting
        self._variable = f"KVA_{setting.upper().replace('.', '__')}"
        self._model = server.model
        key = server.api_key.get_secret_value()
        if url.scheme not in {"http", "https"} or not self._host:
            raise EngineUnavailable(f"{setting}.base_url must be an http(s) URL, e.g. http://127.0.0.1:8000/v1")
        if not self._model:
            raise EngineUnavailable(f"{setting}.model is not set: name the model to ask ({self._variable}__MODEL)")
        if not key and self._host == _OPENAI:
            raise EngineUnavailable(f"{setting}.api_key is not set: put your OpenAI key in {self._variable}__API_KEY")
        self._client = AsyncOpenAI(api_key=key or "none", base_url=server.base_url, max_retries=0, timeout=silence_s)

    async def begin(self, request: Request, patience_s: float) -> Begun:
        """Its stream is the caller's to close. Raises EngineError, also when no token comes within `patience_s`."""
        try:
            async with asyncio.timeout(patience_s):
                try:
                    return await self._try(request)
                except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError):
                    await asyncio.sleep(random.uniform(*_RETRY_AFTER_S))
                return await self._try(request)
        except TimeoutError:
            raise EngineFailed(
                f"{self._host} was silent for {patience_s:.2g} s (agent.first_token_timeout_s)"
            ) from None
        except openai.OpenAIError as error:
            raise self.explained(error) from None

    async def _try(self, request: Request) -> Begun:
        official = self._host == _OPENAI  # its newer models refuse max_tokens, others know nothing else
        stream = await self._client.chat.completions.create(
            model=self._model,
            messages=request.messages,
            stream=True,
            temperature=request.temperature,
            max_completion_tokens=request.most_tokens if official else openai.omit,
            max_tokens=openai.omit if official else request.most_tokens,
            tools=request.tools or openai.omit,
            tool_choice=request.may_call if request.tools else openai.omit,
        )
        try:
            first = await next_delta(stream)
        except BaseException:
            await stream.close()
            raise
        if first is None:
            await stream.close()
            raise NothingSaid(f"{self._model} at {self._host} answered nothing")
        return Begun(stream, first)

    def explained(self, error: openai.OpenAIError) -> EngineError:
        """Without the server's own words: they may repeat the key, or what the caller said."""
        if isinstance(error, openai.APITimeoutError):
            return EngineFailed(f"{self._host} fell silent")
        if not isinstance(error, openai.APIStatusError):
            return EngineFailed(f"the connection to {self._host} failed ({type(error).__name__})")
        status = error.status_code
        if status in {401, 403}:
            return EngineUnavailable(
                f"{self._host} refuses {self._setting}.api_key (HTTP {status}): "
                f"set the right one in {self._variable}__API_KEY"
            )
        if status == 404:
            return EngineUnavailable(
                f"{self._host} has no model {self._model!r} (HTTP 404): "
                f"check {self._setting}.model and {self._setting}.base_url"
            )
        if status == 429:
            return EngineOverloaded(f"{self._host} takes no more requests now (HTTP 429)")
        if status in _NOT_THE_SERVERS_FAULT:
            return RequestRefused(f"{self._host} answered HTTP {status}")
        return EngineFailed(f"{self._host} answered HTTP {status}")

    async def aclose(self) -> None:
        await self._client.close()


async def next_delta(stream: AsyncStream[ChatCompletionChunk]) -> ChoiceDelta | None:
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
