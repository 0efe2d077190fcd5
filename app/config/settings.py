"""Settings: defaults here, then a profile, then `kva.toml`, then the environment (`KVA_TWILIO__AUTH_TOKEN`).

Later ones win, and of what both name the desk's file, agent.file, wins over them all (app/desk.py). A profile is a set
of defaults for a kind of machine, a file in app/config/profiles/. Nothing else in the program reads the environment. A
wrong value is a `ConfigError` that names the key and what it should be, and never shows the value: it may be a secret.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from app.config.agent import AgentSettings
from app.config.models import ModelsSettings
from app.config.prompts import PromptSettings
from app.config.server import CallSettings, ServerSettings, TraceSettings, TwilioSettings
from app.config.stt import SttSettings, VadSettings
from app.config.translation import TranslationSettings
from app.config.tts import TtsSettings

ENV_PREFIX = "KVA_"
_PROFILES = Path(__file__).parent / "profiles"


class ConfigError(Exception):
    """The settings cannot be used; the message has one line a problem."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    profile: str = ""
    """Which set of defaults lies beneath these settings; empty: none."""
    server: ServerSettings = ServerSettings()
    twilio: TwilioSettings = TwilioSettings()
    call: CallSettings = CallSettings()
    prompts: PromptSettings = PromptSettings()
    models: ModelsSettings = ModelsSettings()
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


def load_settings(path: Path | None = None, profile: str | None = None) -> Settings:
    """Read settings from `path` (default: kva.toml in this folder, if there is one) and the environment.

    `profile` wins over the profile that either of them names. Raises ConfigError, with a line for each problem.
    """
    file = path or Path("kva.toml")
    values = _read_toml(file) if path is not None or file.exists() else {}
    name = profile or os.environ.get(f"{ENV_PREFIX}PROFILE") or values.get("profile") or ""
    values = merged(_profile(name), values)
    if misspelt := _unknown_variables():
        raise ConfigError("\n".join(f"{name}: there is no such setting" for name in misspelt))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        lines = [_explain(problem["loc"], problem["type"], problem["msg"]) for problem in problems]
        raise ConfigError("\n".join(lines)) from None
    except SettingsError:
        raise ConfigError(f"{ENV_PREFIX}...: a variable that holds a whole section must be JSON") from None
    return settings.model_copy(update={"profile": name})


def profiles() -> list[str]:
    return sorted(path.stem for path in _PROFILES.glob("*.toml"))


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Both together; `over` wins, table by table."""
    return {**under, **over} | {
        key: merged(under[key], over[key])
        for key in under.keys() & over.keys()
        if isinstance(under[key], dict) and isinstance(over[key], dict)
    }


def _profile(name: object) -> dict[str, Any]:
    if not name:
        return {}
    if name not in profiles():
        raise ConfigError(f"profile: there is no such profile; known are {', '.join(profiles())}")
    return _read_toml(_PROFILES / f"{name}.toml")


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
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
