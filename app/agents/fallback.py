"""The endpoints of an agent: the first one, and a second for when it fails or is silent before its first token.

An endpoint that failed rests for a while and is asked only when the other fails too; then one request tries it again,
and the others wait for what comes of that. Once the caller has heard a beginning, nothing is asked anew.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence

import openai
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from app.agents.endpoint import Begun, Endpoint, NothingSaid, Request, RequestRefused, next_delta
from app.engines.base import EngineError, EngineFailed

log = logging.getLogger(__name__)


class Endpoints:
    """`patience_s`: for the first token, over all endpoints; each has an equal share of what is left."""

    def __init__(self, endpoints: Sequence[Endpoint], patience_s: float, *, rest_s: float = 10.0) -> None:
        self._endpoints = tuple(endpoints)
        self._patience_s = patience_s
        self._rest_s = rest_s
        self._rests_until = dict.fromkeys(self._endpoints, 0.0)
        """Zero: its last answer began."""

    async def stream(self, request: Request) -> AsyncGenerator[ChoiceDelta, None]:
        """The deltas that say something. Closing it closes the HTTP response. Raises EngineError."""
        endpoint, begun = await self._begin(request)
        try:
            yield begun.first
            while (delta := await next_delta(begun.stream)) is not None:
                yield delta
        except openai.OpenAIError as error:
            raise endpoint.explained(error) from None
        finally:
            await begun.stream.close()

    async def warm_up(self, request: Request) -> None:
        """Asks each: that opens connections and shows that keys and models are right. Raises if none answers."""
        failures = []
        for endpoint in self._endpoints:
            try:
                begun = await endpoint.begin(request, self._patience_s)
                await begun.stream.close()
            except NothingSaid:
                pass  # a model that thinks first may spend its tokens in silence
            except EngineError as error:
                failures.append(error)
                log.warning("agent: %s", error)
        if len(failures) == len(self._endpoints):
            raise failures[0]

    async def aclose(self) -> None:
        for endpoint in self._endpoints:
            await endpoint.aclose()

    async def _begin(self, request: Request) -> tuple[Endpoint, Begun]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience_s
        order = sorted(self._endpoints, key=lambda endpoint: self._rests_until[endpoint] > loop.time())
        failure: EngineError = EngineFailed("no endpoint is set")
        for position, endpoint in enumerate(order):
            share_s = max(0.0, deadline - loop.time()) / (len(order) - position)
            if self._rests_until[endpoint]:
                self._rests_until[endpoint] = loop.time() + self._rest_s  # this request tries it, others do not
            try:
                begun = await endpoint.begin(request, share_s)
            except EngineError as error:
                failure = error
                if not isinstance(error, NothingSaid | RequestRefused):
                    self._rests_until[endpoint] = loop.time() + self._rest_s
                if position + 1 < len(order):
                    log.warning("agent: %s; asking the other endpoint", error)
            else:
                self._rests_until[endpoint] = 0.0
                return endpoint, begun
        raise failure
