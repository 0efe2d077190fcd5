"""`kva agent check`: all that can be said of a desk's file without a call."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from app.agents import agent_file, declared, desk_file, flow_file, toml_file
from app.agents.agent_file import AgentFile, SmsTool, WebhookTool
from app.agents.desk_file import DeskFile, HoursTable
from app.agents.flow_tables import Flow, FlowFile
from app.agents.templates import secrets
from app.agents.toml_file import Problem, wrong
from app.agents.understanding import Understanding
from app.config import ConfigError, Settings, TwilioSettings
from app.desk import open_desk
from app.kannada.hear.vocabulary import read as read_word

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NUMBER = "+10000000000"


@dataclass(frozen=True, slots=True)
class Checked:
    path: Path
    errors: list[str] = field(default_factory=list)
    """What keeps a server from using the file, a line each."""
    doubts: list[str] = field(default_factory=list)
    """What will not do what it seems to, or needs a setting."""
    summary: dict[str, str] = field(default_factory=dict)


def check(path: Path, settings: Settings) -> Checked:
    """Reads all that the file names: statements run against the records, documents are read."""
    try:
        desk = open_desk(settings.model_copy(update={"agent": settings.agent.model_copy(update={"file": path})}))
        file: DeskFile
        if desk_file.agent_of(toml_file.parse(path)) == "flow":
            flow = flow_file.read(path)
            file, doubts = flow.file, [*_ambiguous(flow), *_unread(flow.file)]
        else:
            file = agent_file.read(path)
            asyncio.run(declared.toolbox(file, path, _complete(desk.settings, file)).aclose())
            doubts = list(_unread(file))
    except ConfigError as error:
        return Checked(path, str(error).splitlines())
    told = str(wrong(path, doubts)).splitlines() if doubts else []
    needs = list(_needs(file, settings)) if isinstance(file, AgentFile) else []
    return Checked(path, [], told + [f"{path}: {need}" for need in needs], _summary(file))


def _ambiguous(flow: Flow) -> Iterator[Problem]:
    """Examples that are equally like two tasks: the one that stands first in the file is taken."""
    understanding = Understanding(flow)
    for name, task in flow.file.tasks.items():
        for example in task.examples:
            if rivals := [rival for rival in understanding.rivals(example) if rival != name]:
                what = f"{example!r} is an example of tasks.{rivals[0]} as well; the first of them in the file wins"
                yield Problem(("tasks", name, "examples"), what)


def _unread(file: DeskFile) -> Iterator[Problem]:
    """Keys of the menu that the prompt does not name."""
    if not file.menu:
        return
    said = file.prompts["keys"]
    in_kannada = {_key_of(word.strip(".,?!")) for word in said.kannada.split()}
    in_english = set(re.findall(r"\w+|\*", said.english.lower()))
    for key in file.menu:
        if key != "*" and key not in in_kannada:
            yield Problem(("prompts", "keys", "kannada"), f"does not name the key {key} of [menu]")
        if key != "*" and not in_english & {key, _DIGITS[int(key)]}:
            yield Problem(("prompts", "keys", "english"), f"does not name the key {key} of [menu]")


def _key_of(word: str) -> str:
    """The key that a Kannada word or a digit names; empty for other words."""
    if digits := re.match(r"\d+", word):  # 1, and 1ನ್ನು
        return str(int(digits[0]))
    reading = read_word(word)
    return str(reading.value) if reading is not None and reading.kind == "small" else ""


def _complete(settings: Settings, file: AgentFile) -> Settings:
    """With all that the tools may need from the settings, so that only the file is judged."""
    known = {name: SecretStr("-") for name in _secrets(file)}
    twilio = TwilioSettings(account_sid=f"AC{'0' * 32}", auth_token=SecretStr("-"), phone_number=_NUMBER)
    agent = settings.agent.model_copy(update={"secrets": known})
    return settings.model_copy(update={"agent": agent, "twilio": twilio})


def _needs(file: AgentFile, settings: Settings) -> Iterator[str]:
    for name in sorted(_secrets(file) - settings.agent.secrets.keys()):
        yield f"needs agent.secrets.{name}, which is not set here: KVA_AGENT__SECRETS__{name.upper()}"
    texts = any(isinstance(tool, SmsTool) for tool in file.tools)
    if texts and not (settings.twilio.configured and settings.twilio.phone_number):
        yield "needs twilio.account_sid, twilio.auth_token and twilio.phone_number, which are not set here"


def _secrets(file: AgentFile) -> set[str]:
    webhooks = [tool for tool in file.tools if isinstance(tool, WebhookTool)]
    return {name for tool in webhooks for template in tool.headers.values() for name in secrets(template)}


def _summary(file: DeskFile) -> dict[str, str]:
    """What the file has, for a glance. Telephone numbers are left out."""
    told = {"desk": file.desk.name, "agent": _agent(file), "languages": ", ".join(file.desk.languages)}
    told["prompts"] = ", ".join(file.prompts)
    told["people"] = ", ".join(f"{name} ({person.hours or 'always'})" for name, person in file.people.items())
    for name, stretches in file.hours.items():
        told[f"hours.{name}"] = "; ".join(map(_stretch, stretches))
    menu = (f"{key} {choice.person or repr(choice.says)}" for key, choice in file.menu.items())
    told["menu"] = ", ".join(menu)
    told["limits"] = ", ".join(f"{name} {value:g}" for name, value in file.limits.model_dump(exclude_none=True).items())
    told["lexicon"] = str(file.lexicon) if isinstance(file.lexicon, Path) else ", ".join(file.lexicon.values())
    return {name: text for name, text in told.items() if text}


def _agent(file: DeskFile) -> str:
    match file:
        case FlowFile():
            examples = sum(len(task.examples) for task in file.tasks.values())
            return f"flow: {len(file.tasks)} tasks with {examples} examples, {len(file.slots)} slots"
        case AgentFile():
            names = ", ".join(tool.name for tool in file.tools)
            return f"openai: {len(file.questions)} questions, tools {names or 'built-in only'}"
    return ""


def _stretch(table: HoursTable) -> str:
    closed = f", closed on {len(table.closed)} days" if table.closed else ""
    return f"{' '.join(table.days)} {table.opens:%H:%M} to {table.closes:%H:%M} {table.zone}{closed}"
