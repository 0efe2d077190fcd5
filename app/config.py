"""Settings: defaults here, then `kva.toml`, then the environment (`KVA_TWILIO__AUTH_TOKEN`), later ones first in rank.

Nothing else in the program reads the environment. A wrong value is a `ConfigError` that names the key and what it
should be, and never shows the value: it may be a secret.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from app.call.policy import Patience, Policy, TurnPolicy
from app.config_types import PatienceTable, PhoneNumber, PublicUrl, TurnTable, UserPath

ENV_PREFIX = "KVA_"


class ConfigError(Exception):
    """The settings cannot be used; the message has one line a problem."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
    """The number that `kva dial` calls from."""

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


class SttSettings(Section):
    engine: str = "whisper"
    model: UserPath | None = None
    """A CTranslate2 Whisper folder; none: the embedded demo model, which `kva serve` refuses unless told otherwise."""
    device: Literal["cpu", "cuda"] = "cpu"
    compute_type: str = "int8"
    threads: int = Field(1, ge=1)
    beam: int = Field(1, ge=1, le=10)
    max_batch: int = Field(8, ge=1)


class TranslationSettings(Section):
    engine: str = "ctranslate2"
    to_english: UserPath | None = None
    to_kannada: UserPath | None = None
    device: Literal["cpu", "cuda"] = "cpu"
    compute_type: str = "int8"
    threads: int = Field(1, ge=1)
    beam: int = Field(2, ge=1, le=10)
    max_batch: int = Field(16, ge=1)


class TtsSettings(Section):
    engine: str = "espeak"
    voice: str = "kn+f2"
    words_per_minute: int = Field(150, ge=80, le=300)


class VadSettings(Section):
    engine: str = "webrtc"
    aggressiveness: int = Field(2, ge=0, le=3)
    """webrtcvad: 0 hears voice everywhere, 3 almost nowhere."""
    threshold: float = Field(0.5, gt=0, lt=1)
    """Silero: probability from which a window is voice."""


class AgentSettings(Section):
    engine: str = "flow"
    flow: UserPath | None = None
    """The flow agent's file; none: the embedded electricity desk."""
    base_url: str = "https://api.openai.com/v1"
    api_key: SecretStr = SecretStr("")
    model: str = ""
    system_prompt: str = (
        "You answer the phone. Your words are translated to Kannada and spoken. Use short plain sentences, "
        "the fact first, one question at a time. Write no lists, symbols or markup."
    )
    temperature: float = Field(0.3, ge=0, le=2)
    max_tokens: int = Field(300, ge=1)
    first_token_timeout_s: float = Field(5.0, gt=0, allow_inf_nan=False)


class Phrase(Section):
    kannada: str
    english: str


class PromptSettings(Section):
    """What the agent says by itself. Rendered once, before the first call."""

    greeting: Phrase = Phrase(
        kannada="ನಮಸ್ಕಾರ, ವಿದ್ಯುತ್ ಸಹಾಯವಾಣಿಗೆ ಸ್ವಾಗತ. ನಾನು ನಿಮಗೆ ಹೇಗೆ ಸಹಾಯ ಮಾಡಲಿ?",
        english="hello welcome to the electricity help line. how can i help you?",
    )
    no_input: Phrase = Phrase(kannada="ಹಲೋ, ನೀವು ಲೈನ್‌ನಲ್ಲಿ ಇದ್ದೀರಾ?", english="hello, are you there?")
    repeat: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಕೇಳಿಸಲಿಲ್ಲ. ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ.", english="sorry, i did not hear that. please say it again."
    )
    apology: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಸ್ವಲ್ಪ ತೊಂದರೆ ಆಗಿದೆ. ದಯವಿಟ್ಟು ಇನ್ನೊಮ್ಮೆ ಹೇಳಿ.",
        english="sorry, there is a small problem. please say it again.",
    )
    farewell: Phrase = Phrase(kannada="ಕರೆ ಮಾಡಿದ್ದಕ್ಕೆ ಧನ್ಯವಾದ. ನಮಸ್ಕಾರ.", english="thank you for calling. goodbye.")
    nobody: Phrase = Phrase(
        kannada="ಕ್ಷಮಿಸಿ, ಈಗ ಅಧಿಕಾರಿ ಲಭ್ಯವಿಲ್ಲ. ನಾನು ನಿಮಗೆ ಬೇರೆ ಏನಾದರೂ ಸಹಾಯ ಮಾಡಲೇ?",
        english="sorry, no officer is free now. can i help you with anything else?",
    )
    transfer: Phrase = Phrase(
        kannada="ದಯವಿಟ್ಟು ನಿರೀಕ್ಷಿಸಿ, ಅಧಿಕಾರಿಗೆ ಸಂಪರ್ಕಿಸುತ್ತಿದ್ದೇನೆ.", english="please wait, i am connecting you to an officer."
    )


class TraceSettings(Section):
    directory: UserPath | None = None
    """Where calls are recorded; none: nowhere."""
    audio: bool = False
    """Both sides' audio as well. The law may ask for the caller's consent."""
    keep_words: bool = False
    """Keep what was said. Otherwise personal fields hold only their length."""


class CallSettings(Section):
    turn: TurnTable = TurnPolicy()
    patience: PatienceTable = Patience()
    transfer_to: str = Field("", pattern=r"^(\+[1-9]\d{6,14}|sips?:\S+)?$")
    """Where a caller goes whom the agent keeps failing; empty: nowhere."""

    @property
    def policy(self) -> Policy:
        return Policy(self.turn, self.patience, self.transfer_to)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    server: ServerSettings = ServerSettings()
    twilio: TwilioSettings = TwilioSettings()
    call: CallSettings = CallSettings()
    prompts: PromptSettings = PromptSettings()
    stt: SttSettings = SttSettings()
    translation: TranslationSettings = TranslationSettings()
    tts: TtsSettings = TtsSettings()
    vad: VadSettings = VadSettings()
    agent: AgentSettings = AgentSettings()
    trace: TraceSettings = TraceSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which arrives as init arguments."""
        return env_settings, init_settings


def load_settings(path: Path | None = None) -> Settings:
    """Read settings from `path` (default: kva.toml in this folder, if there is one) and the environment.

    Raises ConfigError, with a line for each problem.
    """
    file = path or Path("kva.toml")
    values = _read_toml(file) if path is not None or file.exists() else {}
    if misspelt := _unknown_variables():
        raise ConfigError("\n".join(f"{name}: there is no such setting" for name in misspelt))
    try:
        return Settings(**values)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        lines = [_explain(problem["loc"], problem["type"], problem["msg"]) for problem in problems]
        raise ConfigError("\n".join(lines)) from None
    except SettingsError:
        raise ConfigError(f"{ENV_PREFIX}...: a variable that holds a whole section must be JSON") from None


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from None


def _unknown_variables() -> list[str]:
    """Variables with our prefix that name no section; pydantic-settings overlooks them."""
    sections = {name.upper() for name in Settings.model_fields}
    ours = (name for name in os.environ if name.upper().startswith(ENV_PREFIX))
    return sorted(name for name in ours if name[len(ENV_PREFIX) :].upper().split("__")[0] not in sections)


def _explain(location: tuple[int | str, ...], kind: str, message: str) -> str:
    key = ".".join(str(part) for part in location)
    if kind == "extra_forbidden":
        return f"{key}: there is no such setting"
    variable = ENV_PREFIX + key.upper().replace(".", "__")
    return f"{key}: {message.removeprefix('Value error, ')} (set it in kva.toml or as {variable})"
