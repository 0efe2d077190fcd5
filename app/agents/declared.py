"""The tools that an agent's file declares, made ready to run."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from app.agents.agent_file import (
    AgentFile,
    DeclaredTool,
    HangUpTool,
    KnowledgeTool,
    SlowTool,
    SmsTool,
    TransferTool,
    WebhookTool,
)
from app.agents.knowledge import PARAMETERS, Knowledge
from app.agents.parameters import Arguments, Parameter, Parameters
from app.agents.sms import Sms
from app.agents.templates import fill_secrets, secrets
from app.agents.toml_file import Problem, wrong
from app.agents.toml_lines import Key
from app.agents.tools import Resource, Tool, Toolbox, hang_up
from app.agents.webhook import Webhook
from app.call.events import Finished
from app.config import ConfigError, Settings
from app.engines.base import Filler, Question
from telephony.twilio.rest import TwilioRest


def toolbox(file: AgentFile, path: Path, settings: Settings) -> Toolbox:
    """Every tool of `file`, which was read from `path`, and the built-in ones of kinds that it has none of.

    Reads the documents to look things up in, which may take a while. Raises ConfigError.
    """
    maker = _Maker(path, settings, tuple(file.people))
    tools, problems = [], []
    kinds = {tool.kind for tool in file.tools}
    built_in = [tool for tool in (HangUpTool(kind="hang_up"), TransferTool(kind="transfer")) if tool.kind not in kinds]
    taken = {tool.name for tool in built_in}
    for place, declared in enumerate((*file.tools, *built_in)):
        if place < len(file.tools) and declared.name in taken:
            problems.append(Problem(("tools", place, "name"), f"{declared.name} is a built-in tool: use another name"))
        try:
            tools.append(maker.tool(declared))
        except _ToolWrong as error:
            problems.append(Problem(("tools", place, *error.key), str(error)))
    if problems:
        raise wrong(path, problems)
    return Toolbox(tools, maker.resources)


class _ToolWrong(Exception):
    """A tool cannot be made ready; `key` is where in its table the reason stands."""

    def __init__(self, key: Key, what: str) -> None:
        super().__init__(what)
        self.key = key


class _Maker:
    def __init__(self, path: Path, settings: Settings, people: tuple[str, ...]) -> None:
        self._path = path
        self._settings = settings
        self._people = people
        self._rest: TwilioRest | None = None
        self.resources: list[Resource] = []

    def tool(self, declared: DeclaredTool) -> Tool:
        """Raises _ToolWrong."""
        match declared:
            case HangUpTool():
                return Tool(declared.name, declared.description, hang_up)
            case TransferTool():
                return _transfer(declared, declared.people or self._people)
            case WebhookTool():
                webhook = Webhook(declared, self._headers(declared))
                self.resources.append(webhook)
                return self._slow(declared, declared.parameters, webhook.run)
            case SmsTool():
                return self._slow(declared, declared.parameters, self._sms(declared).run)
            case KnowledgeTool():
                try:
                    knowledge = Knowledge(self._path.parent / declared.folder.expanduser(), declared.top)
                except ConfigError as error:
                    raise _ToolWrong(("folder",), str(error)) from error
                self.resources.append(knowledge)
                return self._slow(declared, PARAMETERS, knowledge.run)

    def _slow(
        self,
        declared: SlowTool,
        parameters: Parameters,
        run: Callable[[Arguments, Question], Awaitable[str]],
    ) -> Tool:
        return Tool(
            declared.name,
            declared.description,
            run,
            parameters,
            declared.timeout_s,
            self._filler(declared),
            declared.filler_after_s,
        )

    def _filler(self, declared: SlowTool) -> Filler | None:
        if not declared.filler:
            return None
        if self._settings.translation.engine != "none":
            return Filler(declared.filler, declared.filler_kannada)
        if not declared.filler_kannada:
            raise _ToolWrong(("filler_kannada",), "is missing, and translation.engine = none translates nothing")
        return Filler(declared.filler_kannada, declared.filler_kannada)  # the model's memory is in Kannada

    def _headers(self, declared: WebhookTool) -> dict[str, str]:
        known = {name: secret.get_secret_value() for name, secret in self._settings.agent.secrets.items()}
        filled = {}
        for header, template in declared.headers.items():
            for name in sorted(secrets(template)):
                if not (secret := known.get(name)):
                    what = f"agent.secrets.{name} is not set; put it in KVA_AGENT__SECRETS__{name.upper()}"
                    raise _ToolWrong(("headers", header), what)
                if not secret.isascii() or not secret.isprintable():
                    raise ConfigError(f"agent.secrets.{name}: must be plain ASCII in one line")
            filled[header] = fill_secrets(template, known)
        return filled

    def _sms(self, declared: SmsTool) -> Sms:
        twilio = self._settings.twilio
        if not twilio.configured or not twilio.phone_number:
            raise _ToolWrong((), "needs twilio.account_sid, twilio.auth_token and twilio.phone_number to send from")
        if self._rest is None:
            self._rest = TwilioRest(twilio.account_sid, twilio.auth_token.get_secret_value())
            self.resources.append(self._rest)
        return Sms(declared, self._rest.send_sms, twilio.phone_number)


def _transfer(declared: TransferTool, people: tuple[str, ...]) -> Tool:
    """The model learns names; who stands behind them is the call's affair."""

    async def transfer(arguments: Arguments, question: Question) -> Finished:
        return Finished("transfer", str(arguments.get("person", people[0] if people else "")))

    parameters = {"person": Parameter(enum=people)} if len(people) > 1 else {}
    return Tool(declared.name, declared.description, transfer, parameters)
