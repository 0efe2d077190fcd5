"""Settings: a section a file, `Settings` for all of them. See app/config/settings.py for where values come from."""

from app.config.agent import AgentSettings
from app.config.models import Budget, ModelsSettings
from app.config.prompts import Phrase, PromptSettings
from app.config.server import CallSettings, ServerSettings, TraceSettings, TwilioSettings
from app.config.settings import ConfigError, Settings, load_settings
from app.config.stt import SttSettings, VadSettings
from app.config.translation import TranslationSettings
from app.config.tts import TtsSettings

__all__ = [
    "AgentSettings",
    "Budget",
    "CallSettings",
    "ConfigError",
    "ModelsSettings",
    "Phrase",
    "PromptSettings",
    "ServerSettings",
    "Settings",
    "SttSettings",
    "TraceSettings",
    "TranslationSettings",
    "TtsSettings",
    "TwilioSettings",
    "VadSettings",
    "load_settings",
]
