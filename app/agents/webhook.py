"""A tool that asks a web service. Its host, and all headers, are the file's; the model fills in path, query and body.

What keeps it there: arguments are percent-encoded whole, redirects are not followed, and unless the file says that the
host is in this network, the connection is refused to any address that is not public, whatever the name resolves to.
"""

import hashlib
import json
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from app.agents.agent_file import WebhookTool
from app.agents.parameters import Arguments
from app.agents.templates import fill_json, fill_url, values
from app.agents.tools import ToolError
from app.engines.base import Question

_MOST_BYTES = 256 * 1024
_MOST_CHARACTERS = 4000
"""Of an answer; a model reads no more than this while a caller waits."""
_CONNECTIONS = 20


class Webhook:
    """`headers` with their secrets filled in. All calls share its connections."""

    def __init__(self, tool: WebhookTool, headers: Mapping[str, str]) -> None:
        self._tool = tool
        self._headers = {"Accept": "application/json, text/plain", **headers, "Accept-Encoding": "identity"}
        self._opened: aiohttp.ClientSession | None = None

    async def run(self, arguments: Arguments, question: Question) -> str:
        """The answer's words. Raises ToolError; time-out and cancellation are the caller's."""
        tool, filled = self._tool, values(arguments, question)
        try:
            url = URL(fill_url(tool.url, filled), encoded=True)
        except ValueError as error:
            raise ToolError(str(error)) from None
        headers = self._headers
        if tool.method != "GET":
            headers = {**headers, "Idempotency-Key": _once(tool.name, arguments, question)}
        body = fill_json(tool.body, filled) if tool.body else None
        try:
            async with self._session().request(
                tool.method, url, headers=headers, json=body, allow_redirects=False
            ) as response:
                return _words(await _read(response), tool.answer)
        except (aiohttp.ClientError, OSError) as error:
            raise ToolError(f"the service cannot be reached ({type(error).__name__})") from None

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        """Made on the event loop, at its first use."""
        if self._opened is None:
            resolver = ThreadedResolver() if self._tool.private else _PublicResolver()
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=resolver, limit=_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),  # callers share it: nothing is remembered
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
            )
        return self._opened


class _PublicResolver(AbstractResolver):
    """Looks at the addresses that are connected to, so that a name cannot change in between."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(ip_address(result["host"].split("%")[0]).is_global for result in found):
            raise OSError("not a public address")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _once(name: str, arguments: Arguments, question: Question) -> str:
    """The same for the same wish: a turn that goes on is answered anew, and its tools run again."""
    wish = [question.call_id, len(question.history), name, dict(arguments)]
    return hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest()[:32]


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Raises ToolError for anything but success, and for an answer without measure."""
    if response.status == 404:
        raise ToolError("the service knows nothing of that (HTTP 404)")
    if not 200 <= response.status < 300:
        raise ToolError(f"the service answered HTTP {response.status}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ToolError("the service compresses its answer, though asked not to")
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise ToolError(f"the service answered more than {_MOST_BYTES // 1024} KiB")
    return bytes(body)


def _words(body: bytes, path: str) -> str:
    """What the model is told: the part of the JSON that `path` names, or all of the answer."""
    text = body.decode("utf-8", errors="replace")
    if path:
        try:
            found = _part(json.loads(text), path.split("."))
        except (ValueError, RecursionError):
            raise ToolError("the service's answer is not JSON") from None
        text = "\n".join(map(_text, found)) or "nothing was found"
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + " …"


def _part(value: Any, path: list[str]) -> list[Any]:
    """A name is a key, a number the place in a list, * every item; what is not there, or null, is left out."""
    if value is None:
        return []
    if not path:
        return [value]
    step, *rest = path
    match value:
        case dict():
            return _part(value.get(step), rest)
        case list() if step == "*":
            return [part for item in value for part in _part(item, rest)]
        case list() if step.isdecimal() and int(step) < len(value):
            return _part(value[int(step)], rest)
        case _:
            return []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
