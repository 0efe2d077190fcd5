"""The language model's file: its persona, questions and tools. `electricity_agent.toml` explains the format.

Tools are of a closed set of kinds. What a tool may reach stands in the file; the model only fills in arguments.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from app.agents import desk_file, toml_file
from app.agents.desk_file import DeskFile
from app.agents.desk_types import Name
from app.agents.parameters import Parameter
from app.agents.questions import Question
from app.agents.templates import ALWAYS, placeholders
from app.agents.toml_file import Problem, Table, unknown, wrong

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
_TEXT = re.compile(r"[\t\x20-\x7e]*")


def _template(url: str) -> str:
    """The host is the file's alone: placeholders stand after it."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must begin with https:// and a host")
    if "{" in parts.netloc or "@" in parts.netloc:
        raise ValueError("must name the host without placeholders, user name or password")
    if parts.fragment or not re.fullmatch(r"[!-~]+", url):
        raise ValueError("must be percent-encoded and without a #fragment")
    return url


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OURS:
            raise ValueError(f"{name!r} is not a header that can be set")
        if not _TEXT.fullmatch(value) or placeholders(value):
            raise ValueError(f"{name} must be plain ASCII; of placeholders only {{secret:NAME}} is known")
    return headers


class _Tool(Table):
    name: Name
    description: str = Field(min_length=1)
    """For the model: what it does, and when to use it."""


class SlowTool(_Tool):
    """A tool that callers may have to wait for."""

    timeout_s: float = Field(5.0, gt=0, le=30)
    filler: str = ""
    """Said when the tool runs longer than `filler_after_s` and the model has said nothing itself; English."""
    filler_kannada: str = ""
    """The same in Kannada; empty: the English is translated."""
    filler_after_s: float = Field(0.5, ge=0, le=30)

    @model_validator(mode="after")
    def _both_languages(self) -> "SlowTool":
        if self.filler_kannada and not self.filler:
            raise ValueError("filler_kannada needs filler, the same in English, for the agent's memory")
        return self


class _WithArguments(SlowTool):
    parameters: dict[Name, Parameter] = Field(default_factory=dict)

    def _know(self, **templates: Any) -> None:
        known = ALWAYS | set(self.parameters)
        for key, template in templates.items():
            if "{secret:" in str(template):
                raise ValueError(f"{key}: secrets stand in headers only")
            if unknown := sorted(placeholders(template) - known):
                raise ValueError(f"{key}: there is no parameter {unknown[0]!r}; known are {', '.join(sorted(known))}")


class WebhookTool(_WithArguments):
    kind: Literal["webhook"]
    url: Annotated[str, AfterValidator(_template)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: Annotated[dict[str, str], AfterValidator(_headers)] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    """Sent as JSON."""
    answer: str = Field("", pattern=r"^([^.]+(\.[^.]+)*)?$")
    """Where in the JSON answer the words for the model are, such as results.*.content; empty: all of it."""
    private: bool = False
    """The host is in this network; without, addresses that are not public are refused, and so is plain http."""

    @model_validator(mode="after")
    def _makes_sense(self) -> "WebhookTool":
        self._know(url=self.url, body=self.body)
        if self.body and self.method == "GET":
            raise ValueError("body: a GET has none; set method")
        url = urlsplit(self.url)
        if not self.private and (url.scheme != "https" or not _public(url.hostname or "")):
            raise ValueError("url: must be https and a public host; one in this network needs private = true")
        return self


class SmsTool(_WithArguments):
    kind: Literal["sms"]
    text: str = Field(min_length=1)
    to: str = Field("", pattern=r"^(\+[1-9]\d{6,14})?$")
    """Empty: to the caller."""

    @model_validator(mode="after")
    def _makes_sense(self) -> "SmsTool":
        self._know(text=self.text)
        return self


class KnowledgeTool(SlowTool):
    kind: Literal["knowledge"]
    folder: Path
    """Of .md and .txt files, from the agent file's own folder."""
    top: int = Field(3, ge=1, le=10)
    """Passages given to the model."""


class TransferTool(_Tool):
    kind: Literal["transfer"]
    name: Name = "transfer_to_person"
    description: str = Field("Hand the call over to a person, when asked to or unable to help.", min_length=1)
    people: tuple[str, ...] = ()
    """Of the file's [people], for the model to choose from; none: all of them."""


class HangUpTool(_Tool):
    kind: Literal["hang_up"]
    name: Name = "hang_up"
    description: str = Field("End the call. Say goodbye in the same answer, before calling this.", min_length=1)


DeclaredTool = Annotated[WebhookTool | SmsTool | KnowledgeTool | TransferTool | HangUpTool, Field(discriminator="kind")]


class AgentFile(DeskFile):
    persona: str = ""
    """The system prompt. Empty: agent.system_prompt."""
    questions: tuple[Question, ...] = ()
    tools: tuple[DeclaredTool, ...] = ()


def read(path: Path) -> AgentFile:
    """Raises ConfigError."""
    file = toml_file.read(path, AgentFile)
    if problems := [*desk_file.mistakes(file, path), *_mistakes(file)]:
        raise wrong(path, problems)
    return file


def _mistakes(file: AgentFile) -> Iterator[Problem]:
    for kind, names in (
        ("tools", [tool.name for tool in file.tools]),
        ("questions", [question.name for question in file.questions]),
    ):
        for place, name in enumerate(names):
            if name in names[:place]:
                yield Problem((kind, place, "name"), f"there are two {kind} {name!r}")
    for place, tool in enumerate(file.tools):
        for person in tool.people if isinstance(tool, TransferTool) else ():
            if person not in file.people:
                yield Problem(("tools", place, "people"), unknown("person", person, file.people))


def _public(host: str) -> bool:
    """Names are judged by their addresses, when the tool runs."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return True
