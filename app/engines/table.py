"""Which engines there are, and how a call's set of them is made from the settings."""

import asyncio
import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from app.config import ConfigError, Settings
from app.engines.base import Agent, Engine, EngineError, SpeechToText, TextToSpeech, Translator, VoiceDetector
from app.models import demo_pack, is_demo

Kind = Literal["stt", "to_english", "to_kannada", "tts", "vad", "agent"]

TABLE: Mapping[Kind, Mapping[str, str]] = {
    "stt": {"whisper": "app.engines.whisper:load", "indicconformer": "app.engines.indicconformer:load"},
    "to_english": {
        "ctranslate2": "app.engines.translation:load_to_english",
        "indictrans2": "app.engines.indictrans2.engine:load_to_english",
        "nllb": "app.engines.nllb:load_to_english",
        "none": "app.engines.untranslated:load_to_english",
    },
    "to_kannada": {
        "ctranslate2": "app.engines.translation:load_to_kannada",
        "indictrans2": "app.engines.indictrans2.engine:load_to_kannada",
        "nllb": "app.engines.nllb:load_to_kannada",
        "none": "app.engines.untranslated:load_to_kannada",
    },
    "tts": {
        "espeak": "app.engines.espeak:load",
        "parler": "app.engines.parler.hosted:load",
        "parler-reference": "app.engines.parler_reference:load",
        "indicf5": "app.engines.indicf5:load",
    },
    "vad": {"webrtc": "app.engines.webrtc:load", "silero": "app.engines.silero:load"},
    "agent": {"flow": "app.agents.flow:load", "openai": "app.agents.openai:load"},
}
"""Name of an engine to its factory, "module:function", which takes the Settings and returns the engine.

A setting may also name a factory of your own like that; of a translation engine "module:load" means the two functions
`load_to_english` and `load_to_kannada`.
"""

_SETTING: Mapping[Kind, str] = {
    "stt": "stt.engine",
    "to_english": "translation.engine",
    "to_kannada": "translation.engine",
    "tts": "tts.engine",
    "vad": "vad.engine",
    "agent": "agent.engine",
}
"""The key that names the engine."""

_OWN = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Engines:
    """Everything a call is run with. All calls share it."""

    stt: SpeechToText
    to_english: Translator
    to_kannada: Translator
    tts: TextToSpeech
    vad: VoiceDetector
    agent: Agent

    @property
    def all(self) -> tuple[Engine, ...]:
        return self.stt, self.to_english, self.to_kannada, self.tts, self.vad, self.agent

    async def warm_up(self) -> None:
        """Warm all engines up at once. Raises the first EngineError, when every engine has ended its attempt."""
        for outcome in await asyncio.gather(*(engine.warm_up() for engine in self.all), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def aclose(self) -> None:
        """Close all engines, also when one of them fails to; then raise what it raised."""
        for outcome in await asyncio.gather(*(engine.aclose() for engine in self.all), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome


def load_engines(settings: Settings) -> Engines:
    """Load what the settings name. Blocks for as long as the models take: call it in a thread.

    Engines start no thread and open no connection before their first use, so a failure half way leaves nothing behind.
    Raises ConfigError for a name that means nothing, EngineError for an engine that cannot be loaded.
    """
    return Engines(
        stt=load_engine("stt", settings),
        to_english=load_engine("to_english", settings),
        to_kannada=load_engine("to_kannada", settings),
        tts=load_engine("tts", settings),
        vad=load_engine("vad", settings),
        agent=load_engine("agent", settings),
    )


def load_engine(kind: Kind, settings: Settings) -> Any:
    """Load one of them. Raises as `load_engines` does."""
    key = _SETTING[kind]
    name = attrgetter(key)(settings)
    factory = _factory(kind, key, name)
    try:
        return factory(settings)
    except EngineError as error:
        raise type(error)(f"{key} = {name!r}: {error}") from error


def uses_demo_models(settings: Settings) -> bool:
    """The settings name a model that must not meet real callers, wherever it lies."""
    hears = settings.stt.engine == "whisper" and is_demo(settings.stt.model or demo_pack() / "stt")
    return hears or uses_demo_translators(settings)


def uses_demo_translators(settings: Settings) -> bool:
    """They know the sentences of one desk."""
    pack, translation = demo_pack(), settings.translation
    models = (translation.to_english or pack / "kn_en", translation.to_kannada or pack / "en_kn")
    return translation.engine == "ctranslate2" and any(is_demo(model) for model in models)


def _factory(kind: Kind, key: str, name: str) -> Any:
    where = TABLE[kind].get(name)
    if where is None and _OWN.fullmatch(name):
        where = f"{name}_{kind}" if kind in ("to_english", "to_kannada") else name
    if where is None:
        known = ", ".join(TABLE[kind])
        raise ConfigError(f"{key}: no engine {name!r}; there are {known}, or your own as package.module:factory")
    module, _, function = where.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{key}: {where} cannot be imported: {error}") from error
