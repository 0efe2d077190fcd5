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
from app.agents.tools import BUILT_IN, Resource, Tool, Toolbox, hang_up
from app.agents.webhook import Webhook
from app.call.events import Finished
from app.config import ConfigError, Settings
from app.engines.base import Filler, Question
from telephony.twilio.rest import TwilioRest


def toolbox(file: AgentFile, path: Path, settings: Settings) -> Toolbox:
    """Every tool of `file`, which was read from `path`, and the built-in ones of kinds that it has none of.

    Reads the documents to look things up in, which may take a while. Raises ConfigError.
    """
    maker = _Maker(path, settings)
    tools = [maker.tool(number, tool) for number, tool in enumerate(file.tools)]
    kinds = {tool.kind for tool in file.tools}
    for kind, built_in in zip(("hang_up", "transfer"), BUILT_IN, strict=True):
        if kind in kinds:
            continue
        if any(tool.name == built_in.name for tool in tools):
            raise ConfigError(f"{path}: tools: {built_in.name} is a built-in tool: give yours another name")
        tools.append(built_in)
    return Toolbox(tools, maker.resources)


class _Maker:
    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._settings = settings
        self._rest: TwilioRest | None = None
        self.resources: list[Resource] = []

    def tool(self, number: int, declared: DeclaredTool) -> Tool:
        where = f"{self._path}: tools.{number} ({declared.name})"
        match declared:
            case HangUpTool():
                return Tool(declared.name, declared.description, hang_up)
            case TransferTool():
                return _transfer(declared)
            case WebhookTool():
                webhook = Webhook(declared, self._headers(declared, where))
                self.resources.append(webhook)
                return self._slow(declared, declared.parameters, webhook.run, where)
            case SmsTool():
                return self._slow(declared, declared.parameters, self._sms(declared, where).run, where)
            case KnowledgeTool():
                try:
                    knowledge = Knowledge(self._path.parent / declared.folder.expanduser(), declared.top)
                except ConfigError as error:
                    raise ConfigError(f"{where}.folder: {error}") from error
                self.resources.append(knowledge)
                return self._slow(declared, PARAMETERS, knowledge.run, where)

    def _slow(
        self,
        declared: SlowTool,
        parameters: Parameters,
        run: Callable[[Arguments, Question], Awaitable[str]],
        where: str,
    ) -> Tool:
        return Tool(
            declared.name,
            declared.description,
            run,
            parameters,
            declared.timeout_s,
            self._filler(declared, where),
            declared.filler_after_s,
        )

    def _filler(self, declared: SlowTool, where: str) -> Filler | None:
        if not declared.filler:
            return None
        if self._settings.translation.engine != "none":
            return Filler(declared.filler, declared.filler_kannada)
        if not declared.filler_kannada:
            raise ConfigError(f"{where}.filler_kannada: is missing, and translation.engine = none translates nothing")
        return Filler(declared.filler_kannada, declared.filler_kannada)  # the model's memory is in Kannada

    def _headers(self, declared: WebhookTool, where: str) -> dict[str, str]:
        known = {name: secret.get_secret_value() for name, secret in self._settings.agent.secrets.items()}
        filled = {}
        for header, template in declared.headers.items():
            for name in sorted(secrets(template)):
                if not (secret := known.get(name)):
                    raise ConfigError(
                        f"{where}.headers.{header}: agent.secrets.{name} is not set; put it in "
                        f"KVA_AGENT__SECRETS__{name.upper()}"
                    )
                if not secret.isascii() or not secret.isprintable():
                    raise ConfigError(f"agent.secrets.{name}: must be plain ASCII in one line")
            filled[header] = fill_secrets(template, known)
        return filled

    def _sms(self, declared: SmsTool, where: str) -> Sms:
        twilio = self._settings.twilio
        if not twilio.configured or not twilio.phone_number:
            raise ConfigError(
                f"{where}: needs twilio.account_sid, twilio.auth_token and twilio.phone_number to send from"
            )
        if self._rest is None:
            self._rest = TwilioRest(twilio.account_sid, twilio.auth_token.get_secret_value())
            self.resources.append(self._rest)
        return Sms(declared, self._rest.send_sms, twilio.phone_number)


def _transfer(declared: TransferTool) -> Tool:
    destinations = dict(declared.destinations)

    async def transfer(arguments: Arguments, question: Question) -> Finished:
        return Finished("transfer", destinations[str(arguments["destination"])] if destinations else "")

    parameters = {"destination": Parameter(enum=tuple(destinations))} if destinations else {}
    return Tool(declared.name, declared.description, transfer, parameters)
