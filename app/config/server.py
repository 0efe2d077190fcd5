"""Settings of the process, its carrier, its calls and their records."""

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from app.call.policy import Patience, Person, Policy, TurnPolicy
from app.config.section import Section
from app.config.types import PatienceTable, PhoneNumber, PublicUrl, TurnTable, UserPath


class ServerSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: PublicUrl | None = None
    """How the carrier reaches this server, e.g. https://voice.example.in: signatures are over it, never over Host."""
    max_calls: int = Field(100, ge=1)
    start_timeout_s: float = Field(5.0, gt=0, allow_inf_nan=False)
    max_waiting: int = Field(64, ge=1)
    """Sockets that may wait for their `start` at once; more are refused."""
    drain_s: float = Field(60.0, ge=0, allow_inf_nan=False)
    """After SIGTERM live calls may go on for so long; then they hear a farewell."""


class TwilioSettings(Section):
    account_sid: str = Field("", pattern=r"^(AC[0-9a-fA-F]{32})?$")
    auth_token: SecretStr = Field(SecretStr(""), validate_default=True)
    phone_number: PhoneNumber = ""
    """The number that `kva dial` calls from, and text messages come from."""

    @field_validator("auth_token")
    @classmethod
    def _both_or_none(cls, token: SecretStr, info: ValidationInfo) -> SecretStr:
        account_sid = info.data.get("account_sid")
        if account_sid is not None and bool(account_sid) != bool(token.get_secret_value()):
            raise ValueError("is missing" if account_sid else "is set, but twilio.account_sid is missing")
        return token

    @property
    def configured(self) -> bool:
        return bool(self.account_sid and self.auth_token.get_secret_value())


class CallSettings(Section):
    turn: TurnTable = TurnPolicy()
    patience: PatienceTable = Patience()
    transfer_to: str = Field("", pattern=r"^(\+[1-9]\d{6,14}|sips?:\S+)?$")
    """Where a caller goes whom the agent keeps failing; empty: nowhere. For a desk whose file names no people."""
    message_s: int = Field(120, ge=0, le=3600)
    """The longest message of a caller whom nobody answered there; 0: none is taken."""

    @property
    def policy(self) -> Policy:
        people = (Person("person", self.transfer_to),) if self.transfer_to else ()
        return Policy(self.turn, self.patience, people)


class TraceSettings(Section):
    directory: UserPath | None = None
    """Where calls are recorded; none: nowhere."""
    audio: bool = False
    """Both sides' audio as well. The law may ask for the caller's consent."""
    keep_words: bool = False
    """Keep what was said. Otherwise personal fields hold only their length."""
